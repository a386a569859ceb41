"""P1: the help page on a slow phone."""

from __future__ import annotations

import tempfile
from pathlib import Path

import brotli

from bench.table import Row, row
from panah.kernel import enrol
from panah.records import TYPES
from panah.work import page, team
from tests import team as people

TITLE = "P1 the help page"


def run() -> list[Row]:
    """Compressed bytes of the one request, beside the two peers' measured pages."""
    with tempfile.TemporaryDirectory() as folder:
        s = enrol.new_vault(Path(folder) / "v", people.PASSPHRASE, TYPES, people.QUICK)
        team.found(s, "T", "Omid", ("supervisor", "intake", "keyholder"), relays=["https://relay.example"])
        packed = len(brotli.compress(page.build(s), quality=11)) / 1000
        s.lock()
    return [
        row(
            "compressed page, one request",
            packed,
            "kB",
            133,
            "SecureDrop",
            "six languages; limit 57 kB; at 4 KiB/s it is here in %.0f s" % (packed / 4.096),
        ),
        row("compressed page, one request", packed, "kB", 1167, "GlobaLeaks, 16 requests"),
    ]
