"""Found a team with everything it needs from its first minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panah import config, wire
from panah.errors import NotFound, Refused
from panah.kernel import age, enrol, keys
from panah.records.intake_key import IntakeKey
from panah.work.rules import day_after

if TYPE_CHECKING:
    from collections.abc import Sequence

    from panah.kernel.session import Session

CERTIFICATE_DAYS = 400
DAY = 24 * 3600


def found(
    s: Session, team: str, name: str, roles: tuple[str, ...], *, relays: Sequence[str] = (), training: bool = False
) -> list[str]:
    """Found the team: roster, desks, root key, recovery key and the first keys of its help page. Gives the recovery shares, once.

    The root key signs the page and what opens and answers requests. It stays in the founder's vault and is never carried.
    """
    if not any("intake" in config.ROLES.get(role, ()) for role in roles):
        roles = (*roles, "intake")  # the keys of the help page are made here, and open what is written to it: the roster says so
    secret = keys.random(32)
    enrol.found(s, team, name, roles, secret, training=training)
    with s.vault.change():
        s.set_setting("root", keys.random(32))
        s.set_setting("relays", list(relays))
        new_intake_key(s)
    from panah.kernel import recovery  # its tables take a tenth of a second, and a team is founded once

    return recovery.split(secret)


def recovery_recipient(s: Session) -> str:
    """The public half of the team's recovery key, to which backups are sealed."""
    if not s.roster.recipient:
        raise NotFound("no_recovery_key_known")
    return s.roster.recipient


def root_seed(s: Session) -> bytes:
    """The root's signing seed; Refused in any vault but the founder's."""
    seed = s.setting("root")
    if not isinstance(seed, bytes):
        raise Refused("only_the_founder_signs")
    return seed


def new_intake_key(s: Session) -> IntakeKey:
    """New keys for the help page, signed by the root; the earlier ones are retired and still open what was sealed to them."""
    root = root_seed(s)
    today = day_after(s.now(), 0)
    identity, cap, reply = age.new_identity(), keys.random(32), keys.random(32)
    until = int(s.now() // DAY) + CERTIFICATE_DAYS
    public = keys.verify_key_of(reply)
    with s.vault.change():
        for old in s.list(IntakeKey, limit=100):
            if old.retired_on is None:
                old.retired_on = today
                s.save(old)
        return s.save(
            IntakeKey(
                from_day=today,
                identity=identity,
                recipient=age.recipient_of(identity),
                recovery=recovery_recipient(s),
                cap=cap.hex(),
                reply_seed=reply.hex(),
                certificate=(
                    public + until.to_bytes(4, "big") + keys.sign(root, b"", wire.reply_key_to_sign(public, until))
                ).hex(),
                root=keys.verify_key_of(root).hex(),
            )
        )
