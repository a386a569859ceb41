"""The page of measurements: what is measured again replaces its own section and no other."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from bench import table


def test_a_section_is_replaced_and_the_others_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "PAGE", tmp_path / "performance.md")
    rows = [table.row("saving", 30, "ms", 60, "the other way", "a | b"), table.row("alone", 1234.5, "/s")]
    table.write({"p02": table.section("p02", "first", rows, 1, 0.5)})
    table.write({"p13": table.section("p13", "second", rows, 1, 0.5)})
    table.write({"p02": table.section("p02", "first again", rows, 1, 0.5)})
    text = (tmp_path / "performance.md").read_text()
    assert "| saving | 30 ms | 60 ms (the other way) | 0.5 | a / b |" in text and "| alone | 1,234 /s |  |  |  |" in text
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## P02: first again", "## P13: second"]
    assert text.startswith(table.HEAD)


@pytest.mark.parametrize("name", sorted(p.stem for p in (Path(table.__file__).parent).glob("p[0-9]*_*.py")))
def test_a_measurement_says_what_it_is(name):
    module = importlib.import_module(f"bench.{name}")
    assert module.TITLE and callable(module.run)
