"""Refusals when lists of people are compared (matching/lists.py)."""

from __future__ import annotations

LISTS: dict[str, tuple[str, str]] = {
    "file_unreadable": (
        "This file cannot be read.",
        "Look whether the path is right and whether you may read the file.",
    ),
    "list_id_twice": (
        "Two lines of this list have the same id.",
        "Give every line an id of its own, or leave the column out: then the number of the line is used.",
    ),
    "list_malformed": (
        "This is no list with commas between its columns.",
        "Save it as CSV in UTF-8 with commas, one person on each line.",
    ),
    "list_no_columns": (
        "This list has no column with a name that is known here.",
        "Name the columns given, father, grandfather, family or full, or add a mapping file that says which column is which.",
    ),
    "list_not_utf8": (
        "The letters of this list are not in UTF-8.",
        "Save it again as CSV in UTF-8.",
    ),
    "list_too_long": (
        "This list has more than two million lines.",
        "Cut it into parts and compare them two by two.",
    ),
    "mapping_malformed": (
        "This is no mapping of columns.",
        "A mapping is a JSON object from your headers to the columns that are known here; docs/howto/find-the-same-people.md shows one.",
    ),
}
