"""Every refusal in two sentences: what happened, and what to do. Keys are the codes of `errors.py`; the English text is the msgid."""

from __future__ import annotations

from panah.explain.desk import DESK
from panah.explain.health import HEALTH
from panah.explain.lists import LISTS
from panah.explain.outside import OUTSIDE
from panah.explain.questions import QUESTIONS
from panah.explain.regain import REGAIN
from panah.explain.vault import VAULT
from panah.explain.ways import WAYS
from panah.explain.work import WORK
from panah.i18n import text

EXPLAIN: dict[str, tuple[str, str]] = OUTSIDE | VAULT | DESK | LISTS | WAYS | REGAIN | QUESTIONS | WORK | HEALTH

# Shown only where a code was forgotten here; a test looks for such.
_UNKNOWN = (
    "Something was refused, and this version has no words for it.",
    "Note the code below the message and tell whoever looks after Panah in your team.",
)


def explain(code: str, lang: str = "en") -> tuple[str, str]:
    """What happened and what to do, in the reader's language."""
    what, do = EXPLAIN.get(code, _UNKNOWN)
    return text(lang, what), text(lang, do)
