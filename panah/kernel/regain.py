"""Get back in with the shares of the recovery key: enter a device where no administrator is left, renew the shares, open a vault whose passphrase is forgotten.

What the shares may do is said in authority.py, and checked by every vault for itself. Nothing here keeps what was joined from shares.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path

from panah import config
from panah.errors import NotFound, PanahError, Refused, Unreadable
from panah.kernel import age, authority, keys, log, share
from panah.kernel.event import Event
from panah.kernel.roster import HOLDER, RECOVERED, Member
from panah.kernel.session import Session
from panah.kernel.vault import Vault
from panah.schema import Value

ESCROW = "key.shares"


def announce(
    s: Session, secret: bytes, n: int, following: bytes, enter: list[Value] | None = None, out: Collection[bytes] = ()
) -> None:
    """Write the authority's statement into the team's log. Call inside a change."""
    at = s.tick()
    fields = authority.say(secret, s.founder.keys, at, n, following, enter, out)
    log.append(s, s.names["team"], [Event(keys.random(16), RECOVERED, at, fields)])
    s.load_roster()


def fits(s: Session, secret: bytes) -> None:
    """Raise unless what the shares gave is the team's recovery key that counts now."""
    known, given = s.roster.authorities, authority.public_of(secret)
    if not known:
        raise Refused("recovery_not_pinned")
    if given in known[:-1]:
        raise Refused("recovery_shares_old")
    if given != known[-1]:
        raise Refused("recovery_shares_of_another_team")


def renew(s: Session, secret: bytes, following: bytes) -> None:
    """Let new shares count from now on, and the old ones no more: one was lost, or who kept it left."""
    fits(s, secret)
    with s.vault.change():
        announce(s, secret, len(s.roster.authorities) + 1, following)
        share.tend(s)
        lay_by(s)


def whose(s: Session) -> Member:
    """Whose vault this is: by its own device, or by the one that its backup was made on; without an id where nobody knows."""
    return s.roster.member_of(s.identity.tag) or s.roster.member_of(bytes(s.setting("restored_from", b""))) or s.me


def administrators(s: Session) -> dict[bytes, Member]:
    """The devices that may change who is in the team, with their members."""
    found = {}
    for tag in s.roster.devices.keys() - s.roster.removed:
        member = s.roster.member_of(tag)
        if member is not None and not member.removed and (tag == s.founder.tag or config.ADMINISTRATOR in member.roles):
            found[tag] = member
    return found


def recover(s: Session, secret: bytes, following: bytes, *, out: Collection[bytes] = (), administrator: bool = True) -> None:
    """Enter this vault's device by the shares, as an administrator's if asked for, and take others out; the shares of `following` count from now on.

    For a vault that was restored (a new device of the same member) and for one of the team where no administrator can be met.
    """
    fits(s, secret)
    me = whose(s)
    if s.identity.tag in s.roster.removed:
        raise Refused("device_taken_out")
    roles = [*me.roles, *([config.ADMINISTRATOR] if administrator and config.ADMINISTRATOR not in me.roles else [])]
    if not me.id or not roles:
        raise NotFound("no_such_member")
    mine = s.identity
    enter: list[Value] = [me.id, me.name, list(roles), mine.tag, mine.verify_key, mine.recipient]
    with s.vault.change():
        announce(s, secret, len(s.roster.authorities) + 1, following, enter, set(out) - {mine.tag})
        for name, tag in sorted(s.names.items()):
            # The cases of the backup are held from now on by this device: so the others know whom to give the next key to.
            if "/" in name and mine.tag not in share.holding(s, tag):
                log.append(s, tag, [share.control(s, HOLDER, keys.random(16), device=mine.tag)])
        share.tend(s)
        lay_by(s)


# A forgotten passphrase: the vault's key lies beside it, sealed to the recovery key.


def lay_by(s: Session) -> None:
    """Seal the vault's key to the recovery key that counts now, beside the vault; nothing where that is done, or no recovery key known."""
    recipient = s.roster.recipient
    mark = hashlib.sha256(keys.LABEL_ESCROW + recipient.encode() + s.vault.key).digest()
    path = s.vault.folder / ESCROW
    if not recipient or (s.vault.meta("escrow") == mark and path.is_file()):
        return
    with s.vault.change():
        s.vault.set_meta("escrow_to", recipient.encode())
        s.vault.set_meta("escrow", mark)
    _write(path, s.vault.key, recipient)


def lay_by_again(vault: Vault, held: bytes) -> None:
    """The same while the vault is sealed anew under another key."""
    recipient = vault.meta("escrow_to")
    if recipient:
        _write(vault.folder / ESCROW, held, recipient.decode())


def _write(path: Path, held: bytes, recipient: str) -> None:
    keys.write_private(path, age.seal(keys.LABEL_ESCROW + held, [recipient]))


def new_passphrase(path: Path, secret: bytes, passphrase: str, slowness: keys.Slowness | None = None) -> None:
    """Set another passphrase with the shares alone. Nothing else about the vault changes."""
    if len(passphrase) < 8:
        raise Refused("passphrase_too_short")
    vault_key = opened(path, secret)
    keys.write_private(
        path / "key", keys.seal_vault_key(vault_key, passphrase, slowness or keys.slowness_of((path / "key").read_bytes()))
    )


def opened(path: Path, secret: bytes) -> bytes:
    """The vault's key, from beside the vault; Refused("recovery_not_beside") where none lies there, Unreadable where these shares open it not."""
    try:
        sealed = (path / ESCROW).read_bytes()
    except OSError:
        raise Refused("recovery_not_beside") from None
    try:
        plain = age.open(sealed, [age.new_identity(secret)])
    except PanahError:
        raise Unreadable("recovery_shares_not_for_this_vault") from None
    held = plain.removeprefix(keys.LABEL_ESCROW)
    if len(held) not in (32, 64) or len(held) == len(plain):
        raise Unreadable("recovery_shares_not_for_this_vault")
    for key in (held[i : i + 32] for i in range(0, len(held), 32)):
        try:
            Vault(path, key).close()
        except Unreadable:
            continue
        return key
    raise Unreadable("vault_damaged")
