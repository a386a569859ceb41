"""Found a team, open a vault, bring a device into the team: a card goes out, words are compared aloud, a welcome comes back."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from panah import config
from panah.errors import Full, NotFound, Refused, Unreadable
from panah.kernel import event, keys, log, receive, rows, seal, share
from panah.kernel.keys import Identity
from panah.kernel.roster import DEVICE, MEMBER, REMOVED, TEAM, Founder, is_tag
from panah.kernel.session import Session
from panah.kernel.vault import Vault

Types = Mapping[str, type[Any]]
Clock = Callable[[], float]


class Card(msgspec.Struct, array_like=True, frozen=True):
    """The public half of a device that wants to join, signed by itself."""

    v: int
    tag: bytes
    verify_key: bytes
    recipient: bytes
    signature: bytes


Grant = tuple[bytes, str, bytes, int, bytes]
GRANT = msgspec.msgpack.Decoder(Grant)
WELCOME = b"PANAHWELCOME"
# Of the desks' logs no more than this goes into a welcome: the rest comes with the first meeting, and a reader unpacks 64 MiB.
MOST_LOG = 24 * 1024 * 1024


class Welcome(msgspec.Struct, array_like=True, frozen=True):
    """What a new device needs: the pinned founder, the keys its roles carry, the team's log, and where the relays are."""

    v: int
    founder: tuple[bytes, bytes]
    grants: list[Grant]
    segments: list[bytes]
    settings: dict[str, list[str]]


def new_vault(
    path: Path, passphrase: str, types: Types, slowness: keys.Slowness | None = None, clock: Clock = time.time
) -> Session:
    """Make an empty vault with a fresh identity; it belongs to no team until `found` or `enter`."""
    if len(passphrase) < 8:
        raise Refused("passphrase_too_short")
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (path / "key").exists() or (path / "vault.db").exists():
        raise Refused("vault_exists")
    vault_key = keys.random(32)
    vault = Vault(path, vault_key, create=True)
    try:
        identity = Identity.new()
        with vault.change():
            vault.set_meta("identity", event.pack([identity.tag, identity.sign_seed, identity.open_seed]))
            vault.set_meta("folded", rows.folded_by(types))
        # The key file comes last: a vault without one was never finished and holds nothing.
        keys.write_private(path / "key", keys.seal_vault_key(vault_key, passphrase, slowness or keys.Slowness()))
    except BaseException:
        vault.close()
        raise
    return Session(vault, identity, types, clock)


def open_vault(path: Path, passphrase: str, types: Types, clock: Clock = time.time) -> Session:
    """Unlock a vault. Locked("passphrase_wrong") after the same slow derivation whatever is wrong; Busy if another process has it."""
    if not (path / "key").is_file() or not (path / "vault.db").is_file():
        raise NotFound("no_vault_here")
    vault = _unlock(path, passphrase)
    tag, sign_seed, open_seed = event.unpack(vault.meta("identity") or b"\x93\xc4\x00\xc4\x00\xc4\x00")
    if not tag:
        vault.close()
        raise Unreadable("vault_damaged")
    session = Session(vault, Identity(tag, sign_seed, open_seed), types, clock)
    session.renew()
    receive.retry(session)
    return session


def _unlock(path: Path, passphrase: str) -> Vault:
    held = keys.open_vault_key((path / "key").read_bytes(), passphrase)
    for key in held[:-1]:
        try:
            return Vault(path, key)
        except Unreadable:
            continue  # the other key is the one, if the change of keys was cut off before it was done
    vault = Vault(path, held[-1])
    if vault.meta("rekey"):
        with suppress(Full):  # where there is no room to seal the file anew, it is tried again with the next unlocking
            _rekey(vault, path, passphrase, held[-1])
    return vault


def _rekey(vault: Vault, path: Path, passphrase: str, old: bytes) -> None:
    """After an erasure: another vault key, so that an older copy of the file opens with nothing that is still kept."""
    new, slowness = keys.random(32), keys.slowness_of((path / "key").read_bytes())
    keys.write_private(path / "key", keys.seal_vault_key(new + old, passphrase, slowness))
    vault.rekey(new)
    keys.write_private(path / "key", keys.seal_vault_key(new, passphrase, slowness))
    with vault.change():
        vault.drop_meta("rekey")


def change_passphrase(path: Path, old: str, new: str, slowness: keys.Slowness | None = None) -> None:
    """Seal the vault key behind another passphrase; nothing else changes."""
    if len(new) < 8:
        raise Refused("passphrase_too_short")
    vault_key = b"".join(keys.open_vault_key((path / "key").read_bytes(), old))
    keys.write_private(path / "key", keys.seal_vault_key(vault_key, new, slowness or keys.Slowness()))


def found(s: Session, team: str, name: str, roles: tuple[str, ...]) -> None:
    """Make this vault's device the founder of a new team and its first member."""
    if s.founder.tag:
        raise Refused("already_in_a_team")
    _check_roles(roles)
    with s.vault.change():
        s.set_founder(Founder(s.identity.tag, s.identity.verify_key))
        tag = share.create(s, "team", ())
        member = keys.random(16)
        log.append(s, tag, [share.control(s, TEAM, keys.random(16), name=team)])
        _add(s, member, name, roles, Card(1, s.identity.tag, s.identity.verify_key, s.identity.recipient, b""))
        for standing in config.STANDING:
            if standing != "team":
                share.create(s, standing, ())
        share.tend(s)


def _check_roles(roles: tuple[str, ...]) -> None:
    for role in roles:
        if role not in config.ROLES:
            raise Refused("no_such_role", role=role)
    if not roles:
        raise Refused("no_role_chosen")


def _add(s: Session, member: bytes, name: str, roles: tuple[str, ...], card: Card) -> None:
    tag = s.names["team"]
    log.append(s, tag, [share.control(s, MEMBER, member, name=name, roles=list(roles))])
    device = share.control(
        s, DEVICE, keys.random(16), member=member.hex(), tag=card.tag, sign=card.verify_key, open=card.recipient
    )
    log.append(s, tag, [device])
    s.load_roster()


# -- joining ----------------------------------------------------------------------------------------------------------


def card(s: Session) -> bytes:
    """The card of this device, to be carried to an administrator by any way: it holds nothing secret."""
    body = s.identity.tag + s.identity.verify_key + s.identity.recipient
    return event.pack(
        Card(1, s.identity.tag, s.identity.verify_key, s.identity.recipient, s.identity.sign(keys.LABEL_CARD, body))
    )


def read_card(data: bytes) -> Card:
    """Decode and check a card."""
    try:
        c = msgspec.msgpack.decode(data, type=Card)
    except (msgspec.MsgspecError, RecursionError) as e:
        raise Unreadable("card_future_version" if event.is_newer(data, 1) else "card_malformed") from e
    if c.v > 1:
        raise Unreadable("card_future_version")
    if c.v != 1 or not is_tag(c.tag) or len(c.recipient) != keys.RECIPIENT or len(c.verify_key) != 32 or event.pack(c) != data:
        raise Unreadable("card_malformed")
    keys.verify(c.verify_key, keys.LABEL_CARD, c.tag + c.verify_key + c.recipient, c.signature)
    try:
        keys.seal_to(c.recipient, b"", b"")
    except Unreadable as e:
        raise Unreadable("card_malformed") from e
    return c


def words(data: bytes) -> str:
    """Six groups of digits (60 bits) that two people compare aloud; the same on both screens or the bytes were changed on the way."""
    n = int.from_bytes(hashlib.sha256(data).digest()[:8], "big") % 10**18
    digits = f"{n:018d}"
    return " ".join(digits[i : i + 3] for i in range(0, 18, 3))


def invite(s: Session, data: bytes, name: str, roles: tuple[str, ...], member: str | None = None) -> bytes:
    """Enter a device into the team (as a new member, or another device of one) and give the sealed welcome for it.

    The desks' keys that this vault does not hold follow by themselves when a member of that desk syncs.
    """
    _check_roles(roles)
    if s.founder.tag != s.identity.tag and config.ADMINISTRATOR not in s.me.roles:
        raise Refused("only_an_administrator")
    c = read_card(data)
    # A tag that names a compartment would mix what is sealed to the device with that compartment's log.
    if c.tag in s.roster.devices or c.tag in s.ring:
        raise Refused("card_already_used")
    with s.vault.change():
        if len(s.roster.devices) == 1:
            s.met(s.now())  # a team of one has met everybody; from now on there is somebody to meet
        _add(s, bytes.fromhex(member) if member else keys.random(16), name, roles, c)
        share.tend(s)
    device = s.roster.devices[c.tag]
    # The team's own log first: it says who is who in the others.
    standing = [
        n for n in sorted(s.names, key="team".__ne__) if "/" not in n and s.roster.may_hold(s.roster.members[device.member], n)
    ]
    tags = {s.names[n]: n for n in standing}
    grants = [(tag, name, epoch, n, key) for tag, name in tags.items() for epoch, n, key in s.vault.keys_of(tag)]
    segments: list[bytes] = []
    left = MOST_LOG
    for tag in tags:
        for header, body in s.vault.segments_of(tag):
            left -= len(header) + len(body)
            if left > 0 or tags[tag] == "team":
                segments.append(event.pack(event.Whole(header, body)))
    welcome = Welcome(1, (s.founder.tag, s.founder.verify_key), grants, segments, {"relays": s.setting("relays", [])})
    return WELCOME + b"1\n" + keys.seal_to(c.recipient, seal.compress(event.pack(welcome)), keys.LABEL_WELCOME + c.tag)


def founder_words(s: Session) -> str:
    """What everyone in the team sees alike: the founder's key as digits."""
    return words(s.founder.tag + s.founder.verify_key)


def enter(s: Session, data: bytes) -> None:
    """Take up a welcome: pin the founder, keep the keys, take in the team's log. The words must be compared before anything is relied on."""
    if s.founder.tag:
        raise Refused("already_in_a_team")
    head = WELCOME + b"1\n"
    if not data.startswith(head):
        raise Unreadable("welcome_malformed")
    plain = seal.decompress(s.identity.open(data[len(head) :], keys.LABEL_WELCOME + s.identity.tag))
    try:
        welcome = msgspec.msgpack.decode(plain, type=Welcome)
    except (msgspec.MsgspecError, RecursionError) as e:
        raise Unreadable("welcome_future_version" if event.is_newer(plain, 1) else "welcome_malformed") from e
    if welcome.v != 1:
        raise Unreadable("welcome_future_version")
    founder = Founder(*welcome.founder)
    # Whoever saw the card could have made this: its shape is checked like any stranger's, its origin by two people who compare digits.
    if not is_tag(founder.tag) or len(founder.verify_key) != 32:
        raise Unreadable("welcome_malformed")
    with s.vault.change():
        s.set_founder(founder)
        keep_grants(s, welcome.grants)
        s.load_roster()
        receive.receive(s, welcome.segments, "welcome")
        if s.roster.member_of(s.identity.tag) is None:
            raise Unreadable("welcome_not_for_this_device")
        s.set_setting("relays", welcome.settings.get("relays", []))


def keep_grants(s: Session, grants: list[Grant]) -> None:
    """Keep the keys of a welcome or a backup, once each of them is one. Call inside a change."""
    for tag, name, epoch, n, key in grants:
        sound = is_tag(tag) and is_tag(epoch) and len(key) == 32 and 0 < len(name) <= share.MOST_NAME and 0 < n < 1 << 32
        if not sound or s.names.get(name, tag) != tag or s.name_of(tag) not in ("", name):
            raise Unreadable("welcome_malformed")
        s.add_key(tag, name, epoch, n, key, s.founder.tag)


def remove_device(s: Session, tag: bytes) -> None:
    """Take one device out of the team, as after a loss: everyone may do that with their own, an administrator with any.

    Nothing it writes later counts, and the keys it held are changed. Refused("cannot_remove_this_device") on that very device.
    """
    device = s.roster.devices.get(tag)
    if device is None or tag in s.roster.removed:
        raise NotFound("no_such_device")
    if tag == s.identity.tag:
        raise Refused("cannot_remove_this_device")
    if device.member != s.me.id and s.founder.tag != s.identity.tag and config.ADMINISTRATOR not in s.me.roles:
        raise Refused("only_an_administrator")
    with s.vault.change():
        log.append(s, s.names["team"], [share.control(s, REMOVED, keys.random(16), device=tag)])
        s.load_roster()
        share.tend(s)


def remove(s: Session, member: str) -> None:
    """Remove a member: nothing they write later counts, and the keys they held are changed. What they have read cannot be unread."""
    if s.founder.tag != s.identity.tag and config.ADMINISTRATOR not in s.me.roles:
        raise Refused("only_an_administrator")
    if member not in s.roster.members or s.roster.members[member].removed:
        raise NotFound("no_such_member")
    if member == s.me.id:
        raise Refused("cannot_remove_oneself")
    with s.vault.change():
        log.append(s, s.names["team"], [share.control(s, REMOVED, keys.random(16), member=member)])
        s.load_roster()
        share.tend(s)
