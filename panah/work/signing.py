"""A second person's name under a record: read, or approved. Never one's own (NN-11, NN-75)."""

from __future__ import annotations

from typing import Any

from panah.errors import Refused
from panah.kernel.session import Session
from panah.records import TYPES
from panah.work import rules

# Which field takes the name, and whether only a supervisor may give it.
SIGNED = {
    "voluntariness_interview": ("second_reader", False),
    "protection_assessment": ("approved_by", True),
    "case_plan": ("approved_by", True),
}


def may_sign(s: Session, record: Any) -> bool:
    """Whether this member may put their name under this record now."""
    field, supervisor = SIGNED.get(record.KIND.name, ("", False))
    if not field or getattr(record, field):
        return False
    return bool(record.meta.created_by != s.me.name) and (not supervisor or "supervisor" in s.me.roles)


def sign(s: Session, kind: str, id: str) -> Any:
    """Put this member's name under a record. Refused: nothing_to_sign, no_self_approval, only_a_supervisor."""
    if kind not in SIGNED:
        raise Refused("nothing_to_sign")
    record = s.get(TYPES[kind], id)
    field, supervisor = SIGNED[kind]
    if getattr(record, field):
        raise Refused("nothing_to_sign")
    if record.meta.created_by == s.me.name:
        raise Refused("no_self_approval")
    if supervisor and "supervisor" not in s.me.roles:
        raise Refused("only_a_supervisor")
    setattr(record, field, s.me.name)
    return rules.keep(s, record)
