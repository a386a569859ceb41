"""The protective order of consent scopes: per purpose and recipient, what two people wrote without seeing each other is narrowed, never widened."""

from __future__ import annotations

from collections.abc import Sequence

from panah.letters import fold
from panah.schema import Value, canonical

_DECISIONS = ("no", "later", "yes")


def narrowest(values: Sequence[Value]) -> Value:
    """no > later > yes; fields_in is what all allow, fields_out what any forbids, valid_until the earliest (domain 3.5)."""
    # Somebody wrote that there is no answer at all, or took it away: until a person decides, nothing is allowed.
    unanswered = any(not isinstance(value, list) for value in values)
    lines: dict[bytes, list[dict[str, Value]]] = {}
    for value in values:
        for line in value if isinstance(value, list) else ():
            if isinstance(line, dict):
                lines.setdefault(canonical([line.get("purpose"), _whom(line)]), []).append(line)
    narrowed = [_narrow(lines[key]) for key in sorted(lines)]
    return [{**line, "decision": "later"} if unanswered and line["decision"] == "yes" else line for line in narrowed]


def _narrow(lines: list[dict[str, Value]]) -> dict[str, Value]:
    narrow = dict(min(lines, key=canonical))
    decisions = [line.get("decision") for line in lines]
    # What is none of the three (declined, unknown, not asked) allows nothing, so it stands before "later" and "yes".
    unsaid = sorted((d for d in decisions if d not in _DECISIONS), key=canonical)
    narrow["decision"] = "no" if "no" in decisions else unsaid[0] if unsaid else "later" if "later" in decisions else "yes"
    if untils := [line["valid_until"] for line in lines if line.get("valid_until")]:
        narrow["valid_until"] = min(untils)
    if allowed := [_words(line["fields_in"]) for line in lines if line.get("fields_in")]:
        narrow["fields_in"] = ", ".join(sorted(set.intersection(*allowed))) or "-"
    if forbidden := set[str]().union(*(_words(line.get("fields_out")) for line in lines)):
        narrow["fields_out"] = ", ".join(sorted(forbidden))
    if any(line.get("once_only") for line in lines):
        narrow["once_only"] = True
    return narrow


def _whom(line: dict[str, Value]) -> Value:
    # Two people write one recipient in two spellings; the "no" of either holds.
    recipient = line.get("recipient") or ""
    return fold(recipient) if isinstance(recipient, str) else recipient


def _words(text: Value) -> set[str]:
    return {word.strip() for word in text.split(",") if word.strip()} if isinstance(text, str) else set()
