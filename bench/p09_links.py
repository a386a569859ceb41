"""P9: a record with hundreds of links. What else the row asks for is not built."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench import many
from bench.clock import at, in_turns
from bench.table import Row, row
from panah.records.case import Case
from panah.work import export

TITLE = "P9 importing, exporting, records with many links"
LINKS = 500


def run() -> list[Row]:
    """A case of five hundred people gets another one; beside the same save with one person in it."""
    with tempfile.TemporaryDirectory() as folder:
        s = many.opened(many.copy(many.made(1_000), Path(folder) / "v"))
        many_links, few = s.list(Case, limit=2)[0].id, s.list(Case, limit=2)[1].id
        case = s.get(Case, many_links)
        case.members = [s.new_id() for _ in range(LINKS)]
        s.save(case)

        def another(id: str, keep: int) -> None:
            case = s.get(Case, id)
            case.members = [*(case.members or [])[:keep], s.new_id()]
            s.save(case)

        saved, alone = in_turns([lambda: another(many_links, LINKS - 1), lambda: another(few, 0)], 60)
        whole, _ = in_turns([lambda: export.case(s, few), lambda: None], 30)
        s.lock()
    return [
        row(f"a record with {LINKS} links saved", at(saved, 0.5), "ms", at(alone, 0.5), "the same with one link", f"p50; p95 {at(saved, 0.95):.1f} ms, goal 50 ms; the change carries all {LINKS}"),
        row(f"a record with {LINKS} links saved", at(saved, 0.5), "ms", 22_000, "Uwazi, 500 links; not measured here"),
        row("one case given back in open formats", at(whole, 0.5), "ms", note="JSON and text in a zip, p50; no peer"),
        row("a deployed form of 1,081 rows read", None, "", note="not built: forms from XLSForm; nothing to set beside pyxform's 4.2 s"),
        row("100,000 people from XLSX or CSV, and out again", None, "", note="not built: import and export of tables"),
    ]  # fmt: skip
