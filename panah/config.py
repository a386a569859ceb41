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
