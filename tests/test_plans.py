"""What is asked often is answered from an index: no page, save or meeting looks through a table that grows with the number of cases."""

from __future__ import annotations

from pathlib import Path

from panah.kernel import sync
from panah.records import TYPES
from panah.records.case import Case
from panah.records.person import Person
from panah.records.task import Task
from panah.work import cases, retention, rules, supervising, today
from tests import team
from tests.team import Letter

# What is small whatever a team does: a page's own fifty rows, conflicts nobody has settled, what was put aside, drafts, files.
SMALL = ("p", "CONSTANT", "missing", "quarantine", "drafts", "blobs", "resends")


def looked_through(s, act) -> dict[str, str]:
    """The statements of an act that read a whole table."""
    asked: set[str] = set()
    s.vault.db.exec_trace = lambda cursor, sql, bound: asked.add(sql) or True
    try:
        act()
    finally:
        s.vault.db.exec_trace = None
    found = {}
    for sql in asked:
        if sql.lstrip().split()[0] in ("select", "insert", "update", "delete"):
            plan = [row[3] for row in s.vault.db.execute("explain query plan " + sql, (1,) * sql.count("?"))]
            if any(p.startswith("SCAN") and not _small(p) for p in plan):
                found[sql] = "; ".join(plan)
    return found


def _small(step: str) -> bool:
    return (
        step.split()[1].startswith("(subquery")
        or step.split()[1] in SMALL
        or "VIRTUAL TABLE" in step
        or step.endswith("rows_conflicts")
    )


def test_no_page_looks_through_what_grows(tmp_path: Path):
    s = team.found(tmp_path / "v", types=TYPES)
    case = cases.open_case(s, chosen_name="Shilan", risk_level="high", basis_note="n")
    rules.keep(s, Person(case=case.id, id_mode="alias", names=[{"written": "Shilan"}]))
    rules.keep(s, Task(case=case.id, about=case.id, title="Ask", owner="Omid", task_state="open"))

    def look() -> None:
        s.list(Case)
        s.list(Case, order="created", after=(2**62, 9))
        s.list(Case, order="closed_on", descending=False)
        s.list(Case, where={"risk_level": ("high", "critical"), "stage": "registration"}, after=(2**62, 9))
        s.count(Case)
        s.count(Case, {"risk_level": ("high", "low"), "stage": "registration"})
        s.search("shilan")
        s.search("shil", ["case"])
        s.conflicts()
        s.history(case.id)
        s.status()
        s.holders(cases.compartment(case.id))
        cases.parts(s, case.id)
        today.today(s)
        supervising.needs(s)
        retention.look(s)

    assert looked_through(s, look) == {}
    assert [c.id for c in s.list(Case, where={"risk_level": ("high", "critical")})] == [case.id]
    assert s.list(Case, where={"risk_level": ()}) == []
    s.lock()


def test_no_save_and_no_meeting_looks_through_what_grows(tmp_path: Path):
    omid = team.found(tmp_path / "omid")
    sara = team.join(omid, tmp_path / "sara", "Sara", ("intake",))
    letter = omid.save(Letter(text="hello", state="new"))

    def save() -> None:
        letter.text = "hello again"
        omid.save(letter, Letter(text="another", state="new"))

    assert looked_through(omid, save) == {}
    assert looked_through(omid, lambda: sync.to_file(omid, tmp_path / "stick")) == {}
    assert looked_through(sara, lambda: sync.from_file(sara, tmp_path / "stick")) == {}
    assert sara.get(Letter, letter.id).text == "hello again"
    omid.lock()
    sara.lock()
