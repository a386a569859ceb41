"""The record types: one file each. A new file in this folder is a new type, with list, form, history, conflicts, search and exports."""

from __future__ import annotations

import importlib
import pkgutil

from panah.records.base import Record
from panah.records.codes import CODES

_NOT_TYPES = {"base", "codes", "scopes", "forms"}


def load(package: str, path: list[str]) -> dict[str, type[Record]]:
    """Every record type declared in the modules of a package."""
    types = {}
    for module in pkgutil.iter_modules(path):
        if module.name not in _NOT_TYPES:
            found = vars(importlib.import_module(f"{package}.{module.name}")).values()
            for cls in found:
                if isinstance(cls, type) and issubclass(cls, Record) and cls is not Record:
                    types[cls.KIND.name] = cls
    return types


TYPES = load(__name__, list(__path__))

__all__ = ["CODES", "TYPES", "Record"]
