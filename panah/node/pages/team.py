"""Who is in the team, their devices, how someone joins or leaves, and what was erased."""

from __future__ import annotations

from starlette.responses import Response

from panah import config
from panah.errors import NotFound, Refused
from panah.kernel import enrol
from panah.node import codes
from panah.node.ask import Ask
from panah.work import cases, erasing, incidents, leaving, rights


def members(ask: Ask) -> Response:
    """Who is in the team, with which devices, and how someone joins."""
    s = ask.s
    return ask.page(
        "members.html",
        people=s.members(),
        devices={m.id: [d for d in s.roster.devices.values() if d.member == m.id] for m in s.members()},
        gone=s.roster.removed,
        here=s.identity.tag,
        words=enrol.founder_words(s),
        roles=sorted(config.ROLES),
        administers=config.ADMINISTRATOR in s.me.roles or s.founder.tag == s.identity.tag,
        erased=erasing.receipts(s),
    )


def read_card(ask: Ask) -> Response:
    """Show the digits of a card that was brought, to be compared aloud before anything is done."""
    data = ask.files.get("card") or codes.taken(ask, "card")
    if data is None:
        raise Refused("no_file_chosen")
    enrol.read_card(data)
    of = next((m for m in ask.s.members() if m.id == ask.one("member") and not m.removed), None)
    name, roles = (of.name, list(of.roles)) if of else (ask.one("name").strip(), ask.form.get("roles", []))
    if not name:
        raise Refused("name_missing")
    ask.s.keep_draft("card", {"card": data, "name": name, "roles": roles, "member": of.id if of else ""})
    return ask.page("card.html", words=enrol.words(data), name=name, given=roles, of=of)


def invite(ask: Ask) -> Response:
    """The digits agree: enter the device and give the welcome."""
    draft = ask.s.draft("card")
    if draft is None:
        raise Refused("no_file_chosen")
    welcome = enrol.invite(ask.s, draft["card"], draft["name"], tuple(draft["roles"]), draft["member"] or None)
    ask.s.drop_draft("card")
    # It cannot be made a second time for the same card: it is kept until the next one, to be shown as codes or as a file.
    ask.s.keep_draft("welcome", {"welcome": welcome, "name": draft["name"]})
    if ask.one("how") == "codes":
        return ask.go("/team/welcome/codes")
    return ask.file(welcome, "welcome.panah")


def welcome(ask: Ask) -> Response:
    """The welcome that was written last, for the one whose device it opens on."""
    draft = ask.s.draft("welcome")
    if draft is None:
        raise NotFound("no_welcome_here")
    if ask.path("how") == "file":
        return ask.file(draft["welcome"], "welcome.panah")
    return ask.page("welcome.html", codes=codes.show(draft["welcome"], "welcome"), name=draft["name"])


def leave(ask: Ask) -> Response:
    """Somebody leaves: who leads their cases from now on, and the end of their keys."""
    s, id = ask.s, ask.path("id")
    if ask.request.method == "POST":
        of_case = {name.removeprefix("case."): given[-1] for name, given in ask.form.items() if name.startswith("case.")}
        leaving.leave(s, id, ask.one("successor"), of_case)
        return ask.go(f"/team/member/{id}")
    left = leaving.left_by(s, id)
    return ask.page("leave.html", left=left, successors=leaving.successors(s, id), decides=s.of_desk("supervisors"))


def roles(ask: Ask) -> Response:
    """Give a member other roles; the keys of a desk that they leave are changed."""
    enrol.set_roles(ask.s, ask.one("member"), tuple(dict.fromkeys(ask.form.get("roles", []))))
    return ask.go(f"/team/member/{ask.one('member')}")


def remove_device(ask: Ask) -> Response:
    """Take a lost device out of the team, and show whom that concerns."""
    tag = _tag(ask.one("device"))
    return ask.go(f"/incident/{incidents.lost(ask.s, tag).id}")


def device(ask: Ask) -> Response:
    """What a device could open."""
    known = ask.s.roster.devices.get(_tag(ask.path("tag")))
    if known is None:
        raise NotFound("no_such_device")
    return _reach(ask, {known.tag}, known.member, known.tag)


def reach(ask: Ask) -> Response:
    """What a member could have seen, with all of their devices."""
    if ask.path("id") not in ask.s.roster.members:
        raise NotFound("no_such_member")
    return _reach(ask, {d.tag for d in ask.s.roster.devices.values() if d.member == ask.path("id")}, ask.path("id"), b"")


def _reach(ask: Ask, devices: set[bytes], member: str, tag: bytes) -> Response:
    known = ask.s.roster.members.get(member)
    desks, found = cases.reached_by(ask.s, devices)
    return ask.page(
        "reach.html",
        member=known,
        roles_known=sorted(config.ROLES),
        administers=config.ADMINISTRATOR in ask.s.me.roles or ask.s.founder.tag == ask.s.identity.tag,
        who=known.name if known else "",
        tag=tag.hex(),
        out=bool(tag) and tag in ask.s.roster.removed,
        desks=desks,
        cases=[(case, at, cases.safe_contact_rule(ask.s, case)) for case, at in found],
    )


def _tag(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as e:
        raise NotFound("no_such_device") from e


def erase(ask: Ask) -> Response:
    """Ask for the erasure of a case, agree to it, or say no."""
    id = ask.path("id")
    if ask.one("word") == "keep":
        rights.not_erased(ask.s, id)
        return ask.go(f"/case/{id}")
    return ask.go("/team#erased" if erasing.ask(ask.s, id) else f"/case/{id}")
