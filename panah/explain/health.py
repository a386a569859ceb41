"""What the tent and the health desk may read when something cannot be done."""

from __future__ import annotations

HEALTH: dict[str, tuple[str, str]] = {
    "health_only": (
        "Only the health desk does this.",
        "Ask somebody of the health desk, or note who waits so that they see them.",
    ),
    "signs_not_looked_at": (
        "It is not said whether there are signs, so there is no category yet.",
        "Tick what you see; if there is none, tick that there is none, in both lists.",
    ),
    "lower_needs_reason": (
        "The last look found something more urgent.",
        "Write why it is less urgent now, or keep the category.",
    ),
    "profession_missing": (
        "It is not said as what you confirm the lists.",
        "Write your profession, such as nurse or doctor.",
    ),
    "wait_end_unknown": (
        "It is not said why they wait no more.",
        "Choose one: written by mistake, gone, or they do not want it.",
    ),
    "arrival_empty": (
        "Nobody is written down yet.",
        "Fill in one line for each person; an age group is enough.",
    ),
    "arrival_too_many": (
        "These are more people than one page takes.",
        "Write down sixty at most, then the others.",
    ),
}
