"""A complaint about the data protection desk itself: the supervisors read it, and that desk does not."""

from __future__ import annotations

from panah.records.base import kind
from panah.records.feedback import Feedback


@kind(
    "feedback_past_dpo",
    "Complaint about data protection",
    "Complaints about data protection",
    "supervisors",
    sensitivity="S3",
    retention="RT-CASE",
    see=("supervisor",),
    minimum=("kind", "received", "text"),
    title="kind",
    posted=True,
)
class FeedbackPastDpo(Feedback):
    """A complaint about the data protection desk itself: the supervisors read it, and that desk does not."""
