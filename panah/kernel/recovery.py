"""The team's recovery key on paper: 32 bytes split into SLIP-39 shares for people who trust one another, and joined again.

Fewer shares than are needed tell nothing about the key. Which key it was is not told by a share either: any tool for SLIP-39
joins them, with an empty passphrase, to the seed of an `age` identity.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.wordlist import WORDLIST

from panah.errors import Unreadable
from panah.kernel import age

NEEDED, SHARES = 3, 5
SEED = 32
SHARE_WORDS = 33
# The library stretches the key 10,000 times two to this power. A share from elsewhere must not make us work for hours.
_MOST_EXPONENT = 4
_BY_START = {word[:4]: word for word in WORDLIST}


def split(seed: bytes, needed: int = NEEDED, shares: int = SHARES) -> list[str]:
    """So many shares of 33 English words each, of which any `needed` give the seed again."""
    if len(seed) != SEED or not 2 <= needed <= shares <= 16:
        raise ValueError("internal error: what cannot be split")
    made: list[list[str]] = generate_mnemonics(1, [(needed, shares)], seed)
    return made[0]


def join(shares: Sequence[str]) -> bytes:
    """The seed again. Case, line breaks and all but the first four letters of a word do not matter; the order neither."""
    read = [_read(text, n) for n, text in enumerate(shares, 1)]
    if not read:
        raise Unreadable("recovery_shares_too_few", given=0)
    if len({share.group_parameters() for share in read}) > 1:
        raise Unreadable("recovery_shares_mixed")
    different = {share.index: share for share in read}
    needed = read[0].member_threshold
    if any(different[share.index] != share for share in read):
        raise Unreadable("recovery_shares_wrong")
    if len(different) < needed:
        code = "recovery_shares_repeated" if len(read) >= needed else "recovery_shares_too_few"
        raise Unreadable(code, given=len(different), needed=needed)
    try:
        seed: bytes = combine_mnemonics([share.mnemonic() for share in different.values()][:needed])
    except MnemonicError:
        raise Unreadable("recovery_shares_wrong") from None
    if len(seed) != SEED:
        raise Unreadable("recovery_shares_mixed")
    return seed


class Look(NamedTuple):
    """What one share says of itself: which of its set it is, how many are needed, and which set."""

    number: int
    needed: int
    of: tuple[int, ...]


def look(text: str, number: int) -> Look:
    """Read one share alone, before the others are there."""
    share = _read(text, number)
    return Look(share.index + 1, share.member_threshold, tuple(int(n) for n in share.group_parameters()))


def identity_of(shares: Sequence[str]) -> str:
    """The age identity that opens what was sealed to the recovery key."""
    return age.new_identity(join(shares))


def _read(text: str, number: int) -> Share:
    words = text.lower().split()
    if len(words) != SHARE_WORDS:
        raise Unreadable("recovery_share_malformed", share=number, words=len(words))
    for at, word in enumerate(words, 1):
        whole = _BY_START.get(word[:4], "")
        if word not in (whole, whole[:4]) or not whole:
            raise Unreadable("recovery_share_malformed", share=number, word=at)
    try:
        share = Share.from_mnemonic(" ".join(_BY_START[word[:4]] for word in words))
    except MnemonicError:  # its text would quote the share
        raise Unreadable("recovery_share_malformed", share=number) from None
    if share.group_count != 1 or share.iteration_exponent > _MOST_EXPONENT:
        raise Unreadable("recovery_shares_mixed", share=number)
    return share
