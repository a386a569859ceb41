"""The sentences of a talk about consent, to be read aloud in the language of the person: one file a language, all with the same keys."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files


@cache
def sentences() -> dict[str, dict[str, str]]:
    """Language -> key -> sentence, in the order that the files say."""
    found = [
        (entry.name.removesuffix(".json"), json.loads(entry.read_text()))
        for entry in files(__package__).iterdir()
        if entry.name.endswith(".json")
    ]
    return dict(sorted(found, key=lambda one: int(one[1]["order"])))
