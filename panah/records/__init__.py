"""The record types: one file each. A new file in this folder is a new type, with list, form, history, conflicts, search and exports."""

from __future__ import annotations

import importlib
import pkgutil

from panah.records.base import Record
from panah.records.codes import CODES

_NOT_TYPES = {"base", "codes", "entered", "forms", "scopes", "shown", "titles", "values"}


def load(package: str, path: list[str]) -> dict[str, type[Record]]:
    """Every record type declared in the modules of a package. A module may bring code lists of its own in `CODES`."""
    types: dict[str, type[Record]] = {}
    for found in pkgutil.iter_modules(path):
        if found.name in _NOT_TYPES:
            continue
        module = importlib.import_module(f"{package}.{found.name}")
        for name, members in vars(module).get("CODES", {}).items():
            # Two meanings under one name would let one type keep the codes of the other.
            if CODES.setdefault(name, tuple(members)) != tuple(members):
                raise ValueError(f"{found.name}.py declares the code list {name} otherwise than it stands")
        for cls in vars(module).values():
            if isinstance(cls, type) and issubclass(cls, Record) and cls.__module__ == module.__name__:
                types[cls.KIND.name] = cls
    return types


TYPES = load(__name__, list(__path__))

__all__ = ["CODES", "TYPES", "Record"]
