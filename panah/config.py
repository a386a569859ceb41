"""What an organisation may decide differently, and the defaults: roles and the desks whose keys they hold, clocks, sizes."""

from __future__ import annotations

# Every standing compartment is a desk's key; `team` is held by everyone and carries who is who, never a case.
STANDING = (
    "team", "intake", "operations", "health", "tracing", "documentation", "advocacy", "accountability", "public", "supervisors",
)  # fmt: skip

# role -> the standing compartments whose keys its members hold, besides `team` (domain: need to know, NN-40, NN-44, NN-46).
ROLES: dict[str, tuple[str, ...]] = {
    "intake": ("intake",),
    "caseworker": (),
    "supervisor": ("intake", "operations", "advocacy", "supervisors"),
    "health": ("health",),
    "placement": ("operations",),
    "movement": ("operations",),
    "tracing": ("tracing",),
    "documentation": ("documentation",),
    "advocacy": ("advocacy",),
    "analyst": (),
    "publisher": ("public",),
    "dpo": ("accountability",),
    "keyholder": (),
    "partner_desk": ("operations",),
}

# The role that adds and removes people. It holds no content key (NN-44).
ADMINISTRATOR = "keyholder"

AUTO_LOCK_SECONDS = 5 * 60
DRAFT_SECONDS = 4
CLOCK_AHEAD_SECONDS = 24 * 3600  # a change dated further ahead is held back until its time comes
AWAY_SECONDS = 30 * 24 * 3600  # a vault that has met nobody for longer opens nothing before it has (NN-64)
ATTACHMENT_BYTES = 4 * 1024 * 1024

# How long what is kept is kept, in days, by class (domain: retention; each organisation confirms them). The clinical part and conversations
# without a case end by themselves too; the classes further below have no end of their own yet and go with their case.
RETENTION_DAYS = {
    "RT-CASE": 365,  # after closure
    "RT-CHILD": 730,  # after closure of a case with somebody under eighteen
    "RT-HEALTH": 90,  # after closure
    "RT-CONTACT": 90,  # after the last message, where no case came of it
    "RT-SHARE": 5 * 365,
    "RT-OPS": 365,
    "RT-AUDIT": 730,
    "hard stop": 5 * 365,  # no reason keeps a closed case longer
}
REVIEW_DAYS = 30  # between the day a review appears and the erasure that happens by itself
