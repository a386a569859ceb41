"""A workbook as plain texts: what stands in its cells, and which of them are hidden, joined or computed.

Runs only in the confined process (confined.py). Nothing is computed and nothing that a workbook points at is fetched: of a formula
comes what the program that wrote it saw last. Macros are refused, whatever the file is called.
"""

from __future__ import annotations

import io
import json
from datetime import date, datetime, time
from typing import Any

from panah.errors import Refused
from panah.files import documents

MOST_SHEETS = 20
MOST_ROWS = 3_000
MOST_COLUMNS = 120
MOST_CELL = 6_000
MOST_LETTERS = 4_000_000
_OLD = b"\xd0\xcf\x11\xe0"


def known_by_head(data: bytes) -> None:
    """Refuse what its first bytes show to be no workbook; that needs no process of its own."""
    if data[:4] == _OLD:
        raise Refused("sheet_old_or_locked")
    if data[:4] != b"PK\x03\x04":
        raise Refused("sheet_not_xlsx")


def sheets(data: bytes) -> bytes:
    """The sheets of a workbook as JSON. Refused with a code of its own for what is none, or too much."""
    known_by_head(data)
    parts = documents.unpack(data)
    if any(name.lower().endswith("vbaproject.bin") or "/activex/" in name.lower() for name in parts):
        raise Refused("sheet_has_macros")
    if "xl/workbook.xml" not in parts:
        raise Refused("sheet_not_xlsx")
    for name, part in parts.items():
        # No workbook needs declarations of its own, and every trick with swelling texts does; NULs hide them in UTF-16.
        if name.lower().endswith((".xml", ".rels")) and b"<!" in (plain := part.replace(b"\0", b"")) and _declares(plain):
            raise Refused("sheet_broken")
    try:
        found = _read(data)
    except (Refused, MemoryError):
        raise
    except Exception as e:  # whatever the library raises on broken parts
        raise Refused("sheet_broken") from e
    if sum(len(cell) for sheet in found for _, cells in sheet["rows"] for cell in cells) > MOST_LETTERS:
        raise Refused("sheet_too_large")
    return json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")


def _declares(part: bytes) -> bool:
    return b"<!DOCTYPE" in part.upper() or b"<!ENTITY" in part.upper()


def _read(data: bytes) -> list[dict[str, Any]]:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data), keep_links=False)
    # A sheet of charts has no cells.
    found = [_sheet(sheet) for sheet in book.worksheets[:MOST_SHEETS]]
    if any(sheet["formulas"] for sheet in found):
        seen = openpyxl.load_workbook(io.BytesIO(data), keep_links=False, data_only=True)
        for sheet in found:
            last = {row[0].row: row for row in seen[sheet["name"]].iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS)}
            for row, column in sheet["formulas"]:
                cells = sheet["rows"][next(n for n, r in enumerate(sheet["rows"]) if r[0] == row)][1]
                cells[column - 1] = _text(last[row][column - 1].value) if row in last and len(last[row]) >= column else ""
    return found


def _sheet(sheet: Any) -> dict[str, Any]:
    rows, formulas = [], []
    width, height = min(sheet.max_column, MOST_COLUMNS), min(sheet.max_row, MOST_ROWS)
    for row in sheet.iter_rows(max_row=height, max_col=width):
        cells = []
        for cell in row:
            if getattr(cell, "data_type", "") == "f":
                formulas.append([cell.row, cell.column])
            cells.append(_text(cell.value))
        if any(cells):
            rows.append([row[0].row, cells])
    columns = [n for n in range(1, width + 1) if _hidden(sheet, n)]
    merged = [[r.min_row, r.min_col, r.max_row, r.max_col] for r in list(sheet.merged_cells.ranges)[:500]]
    return {
        "name": str(sheet.title)[:100], "hidden": sheet.sheet_state != "visible", "rows": rows, "formulas": formulas[:2_000],
        "hidden_columns": columns, "hidden_rows": [n for n in range(1, height + 1) if n in sheet.row_dimensions and sheet.row_dimensions[n].hidden],
        "merged": merged, "cut": sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS,
    }  # fmt: skip


def _hidden(sheet: Any, n: int) -> bool:
    return any(d.hidden and (d.min or 0) <= n <= (d.max or 0) for d in sheet.column_dimensions.values())


def _text(value: Any) -> str:
    """A cell as somebody would have typed it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value).replace("\0", "").replace("_x000D_", "")[:MOST_CELL]


def warm() -> None:
    """Load what reading needs, while files can still be opened: a small workbook of every sort of cell, there and back."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["a", 1, 1.5, True, datetime(2026, 1, 1, 5, 0), date(2026, 1, 1), time(5), "=A1"])
    sheet.merge_cells("A2:B3")
    sheet.column_dimensions["C"].hidden = True
    out = io.BytesIO()
    book.save(out)
    sheets(out.getvalue())
