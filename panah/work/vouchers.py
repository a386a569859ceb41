"""Vouchers for the field: printed on cards, good for one message each where a relay has no room for strangers. Nothing of them stays here."""

from __future__ import annotations

import secrets

from panah import puzzle
from panah.errors import Refused
from panah.kernel.relay import Relay

MOST = 1000


def make(address: str, word: str, count: int) -> list[str]:
    """Draw vouchers, give the relay their hashes, and return the addresses to print. They are shown once."""
    try:
        key = bytes.fromhex(word.strip())
    except ValueError as e:
        raise Refused("voucher_word_malformed") from e
    if len(key) != 32 or not 0 < count <= MOST:
        raise Refused("voucher_word_malformed")
    drawn = [puzzle.voucher(secrets.token_bytes(10)) for _ in range(count)]
    relay = Relay(address)
    try:
        relay.add_vouchers(key, [puzzle.voucher_hash(voucher) for voucher in drawn])
    finally:
        relay.close()
    return [f"{relay.address}/#v={puzzle.printed(voucher)}" for voucher in drawn]
