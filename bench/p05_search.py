"""P4, P5, P8: the list, search as you type and folding everything again, in a vault of many cases."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

from bench.clock import SIZE, at, each
from bench.table import Row, row
from panah.kernel import log
from panah.kernel.event import Event
from panah.records import TYPES
from panah.records.case import Case
from panah.work import codes
from tests import team

TITLE = "P4 lists, P5 search, P8 folding again"
_GIVEN = ("شیلان", "ڕێبوار", "آوین", "نیلوفر", "سلمى", "ياسر", "Berfîn", "Şiyar", "Zelal", "کیان", "هێڤین", "بهرام")
_FAMILY = ("بەفرین", "چنار", "بلوطی", "ابری", "غيمة", "نهرين", "Çiyayî", "Kaniyan", "Avjen", "دریاکنار", "گوڵاڵە", "سنگ‌پا")
_ASKED = ("شیلان", "شيلان", "berfin", "Berfîn Ç", "نیلوفر ا", "هيڤين", "kaniyan", "سلمی غیمه")


def run() -> list[Row]:
    """Page of a list, searches in several scripts, and the fold of the whole log, at `SIZE` cases."""
    rng = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        s = team.found(Path(folder) / "v", types=TYPES, clock=time.time)
        tag = s.names["supervisors"]
        with s.vault.change():
            for first in range(0, SIZE, 200):
                events = []
                for _ in range(min(200, SIZE - first)):
                    id = bytes.fromhex(s.new_id())
                    name = f"{rng.choice(_GIVEN)} {rng.choice(_FAMILY)}"
                    values = {
                        "chosen_name": name,
                        "risk_level": rng.choice(["low", "medium", "high"]),
                        "stage": "assessment",
                        "code": codes.code_of(id),
                    }
                    events.append(Event(id, "case", s.tick(), values))
                log.append(s, tag, events)
        began = time.perf_counter()
        count = s.rebuild()
        folded = time.perf_counter() - began
        listed = each(lambda n: s.list(Case, limit=50), 50)
        filtered = each(lambda n: s.list(Case, where={"risk_level": "high"}, limit=50), 50)
        found = each(lambda n: s.search(_ASKED[n % len(_ASKED)], ["case"], 20), 80)
        pairs = sum(bool(s.search(asked, ["case"], 20)) for asked in _ASKED)
        s.lock()
    return [
        row("fifty cases of a list", at(listed, 0.95), "ms", None, "goal 50 ms for the whole page", f"p95, in the vault, {SIZE:,} cases"),
        row("fifty cases filtered by risk", at(filtered, 0.95), "ms", None, "", f"p95, {SIZE:,} cases"),
        row("search as you type", at(found, 0.95), "ms", 1500, "a peer's rebuilt name search at 200,000", f"p95, {SIZE:,} cases; {pairs} of {len(_ASKED)} spellings found"),
        row("records folded again", count / folded, "per s", 1_000_000 / 45, "goal of 1 M in 45 s", f"{count:,} in {folded:.1f} s"),
    ]  # fmt: skip
