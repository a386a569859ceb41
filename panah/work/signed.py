"""Whose word stands in a record: what the device signed, not what a field says."""

from __future__ import annotations

from typing import Any

from panah.kernel.session import Session


def author_of(s: Session, record: Any, field: str = "") -> str:
    """The member whose device signed the first write of a record, or what stands in one of its fields; empty if nobody is known."""
    changes = [c for c in s.history(record.id) if not field or (c.field == field and c.stands)]
    if not changes:
        return ""
    known = s.roster.member_of(bytes.fromhex(min(changes, key=lambda c: c.at).device))
    return known.id if known else ""


def stands(s: Session, record: Any) -> bool:
    """Whether an approval is what it says: signed by another member than the author, by the one it names, who supervises.

    A name in the field alone proves nothing: an altered program could write any. Alone in a team, one word is all there is.
    """
    if not isinstance(record.approved_by, str) or not record.approved_by:
        return False
    by, author = author_of(s, record, "approved_by"), author_of(s, record)
    member = s.roster.members.get(by)
    return (
        member is not None
        and member.name == record.approved_by
        and by != author
        and (member.removed or "supervisor" in member.roles)
    )
