"""Panah: sealed intake, offline casework, nothing readable in the middle.

For scripts:

    import panah
    s = panah.open_vault("vaults/office", passphrase)
    for case in s.list(panah.records.TYPES["case"], limit=10):
        print(case.code, case.risk_level)
    s.lock()
"""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from panah.kernel.session import Session

__version__ = "0.1.0"


def open_vault(path: str | PathLike[str], passphrase: str) -> Session:
    """Unlock the vault at `path` with every record type this version knows.

    Raises Locked("passphrase_wrong"), NotFound("no_vault_here"), Busy("vault_in_use") or Unreadable("vault_damaged").
    """
    from panah.kernel import enrol
    from panah.records import TYPES

    return enrol.open_vault(Path(path), passphrase, TYPES)
