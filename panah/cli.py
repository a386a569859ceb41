"""The command line. Each command is one function; no secret ever stands in an argument: passphrases are asked for, or read from standard input."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import segno

import panah
from panah import config, explain, nodump, qr
from panah.errors import Invalid, NotFound, PanahError, Refused, Unreachable, Unreadable
from panah.i18n import text
from panah.kernel import age, backup, compact, enrol, folder, receive, sync
from panah.kernel.session import Session
from panah.records import TYPES
from panah.work import backups, export, intake, page, regaining, team
from panah.work import doctor as doctors
from panah.work import nearby as near

Command = Callable[[argparse.Namespace], None]


def main() -> None:
    """Run a command; a refusal is one sentence with its code, and an exit status of its own."""
    args = _parser().parse_args()
    nodump.forbid()
    try:
        args.command(args)
    except PanahError as e:
        what, do = explain.explain(e.code, "en")
        print(f"{what} {do} [{e.code}]".replace("  ", " "), file=sys.stderr)
        if isinstance(e, Invalid):
            for field, code in e.problems:
                print(f"  {field}: {explain.explain(code, 'en')[0]} [{code}]", file=sys.stderr)
        sys.exit(e.exit)
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(130)


def _passphrase(prompt: str = "Passphrase: ", *, twice: bool = False) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass(prompt)
    if twice and getpass.getpass("The same again: ") != first:
        raise Refused("passphrases_differ")
    return first


def _open(args: argparse.Namespace) -> Session:
    return panah.open_vault(args.vault, _passphrase())


def _progress(what: str) -> sync.Progress:
    if not sys.stderr.isatty():
        return sync.quiet
    return lambda done, of: print(f"\r{what} {done}{f' of {of}' if of else ''} ", end="", file=sys.stderr, flush=True)


def init(args: argparse.Namespace) -> None:
    """found a team: make its first vault, its keys and its recovery shares"""
    roles = tuple(args.role or ["supervisor", "intake", "caseworker", "keyholder"])
    s = enrol.new_vault(Path(args.vault), _passphrase("New passphrase: ", twice=True), TYPES)
    shares = team.found(s, args.team, args.name, roles, relays=args.relay or [])
    print(f"The team is founded. Its fingerprint, to compare aloud: {enrol.founder_words(s)}")
    _show_shares(shares)
    s.lock()


def _show_shares(shares: list[str]) -> None:
    print(
        "Give each of these recovery shares to another trusted person. Any three of the five restore the team's data; write them on paper:\n"
    )
    for n, share in enumerate(shares, 1):
        print(f"{n}. {share}\n")


def run(args: argparse.Namespace) -> None:
    """serve the screens to the vaults at these paths, on this machine only"""
    from panah import nearby
    from panah.node import app

    vaults = _vaults(args.path)
    first = Path(args.path[0])
    place = first.parent if (first / "key").exists() else first
    app.serve(
        vaults,
        args.host,
        args.port,
        on_ready=lambda address: print(f"Panah is at {address}", flush=True),
        ground=nearby.GROUND,
        place=place,
    )


def _vaults(paths: list[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in map(Path, paths):
        inside = [path] if (path / "key").exists() else sorted(p.parent for p in path.glob("*/key"))
        found |= {p.name: p for p in inside}
    return found


def relay(args: argparse.Namespace) -> None:
    """serve a relay: mailboxes of sealed deposits and the public page"""
    from panah import nodump, plain
    from panah.relay import app, settings

    data = Path(args.data)
    way = settings.read(data).plain
    if way:
        nodump.forbid()  # what passes through the form stands in memory for a moment
    app.serve(
        data, args.host, args.port, Path(args.public) if args.public else data / "public",
        on_ready=lambda a: print(f"The relay is at {a}", flush=True), more=plain.at(way) if way else None,
    )  # fmt: skip


def vouchers(args: argparse.Namespace) -> None:
    """make vouchers for a relay and print their addresses: each lets one message in when strangers find no room"""
    from panah.work import vouchers as printed

    for address in printed.make(args.relay, Path(args.word).read_text("utf-8"), args.count):
        print(address)


def join(args: argparse.Namespace) -> None:
    """join a team: make a vault and its card, or take up the welcome that came back"""
    path = Path(args.vault)
    if args.welcome:
        s = _open(args)
        enrol.enter(s, _file_or_codes(args.welcome, "welcome"))
        print(f"This device is in the team. The team's fingerprint, to compare aloud: {enrol.founder_words(s)}")
    else:
        s = enrol.new_vault(path, _passphrase("New passphrase: ", twice=True), TYPES)
        card = enrol.card(s)
        Path(args.card).write_bytes(card)
        if args.codes:
            _show_codes(card, "card")
        print(f"Carry {args.card} to an administrator and compare these digits aloud: {enrol.words(card)}")
    s.lock()


def _file_or_codes(path: str, kind: str) -> bytes:
    """What a file holds: the thing itself, or the texts of its codes, copied from a phone."""
    data = Path(path).read_bytes()
    found = qr.found_in(data.decode("ascii", "replace")) if data.lstrip()[:3].upper() == b"Q1." else []
    return qr.join(found, kind=kind) if found else data


def _courier(path: Path) -> bytes | None:
    """The sealed request in a file: as it is, as armored text, or as the texts of its codes; None if this is a bundle."""
    if not path.is_file() or path.stat().st_size > qr.MOST_DATA * 4:
        return None
    data = _file_or_codes(str(path), "request")
    if age.is_armored(data):
        data = age.unarmor(data)
    return data if data.startswith(b"age-encryption.org/") else None


def _show_codes(data: bytes, kind: str) -> None:
    for part in qr.split(data, kind=kind):
        segno.make(part, error="m", micro=False).terminal(compact=True)
        print(part + "\n")


def invite(args: argparse.Namespace) -> None:
    """enter a device into the team by its card, and write the welcome for it"""
    card = _file_or_codes(args.card, "card")
    s = _open(args)
    print(f"Compare aloud with the person: {enrol.words(card)}")
    Path(args.out).write_bytes(enrol.invite(s, card, args.name, tuple(args.role)))
    print(f"Carry {args.out} back to them. It opens on their device only.")
    s.lock()


def sync_command(args: argparse.Namespace) -> None:
    """carry changes: through the relays, a folder (--folder), a file (--out, --in) or a laptop nearby (--nearby)"""
    s, done = _open(args), sync.Carried()
    failed: PanahError | None = None
    try:
        if args.out:
            sync.to_file(s, Path(args.out), _progress("written"), done=done)
        elif args.into:
            if sealed := _courier(Path(args.into)):
                print(f"A request that a courier brought is in the inbox: {intake.take_file(s, sealed).code}")
            else:
                sync.from_file(s, Path(args.into), _progress("read"), done=done)
        elif args.folder:
            visit = folder.visit(s, Path(args.folder), _progress("carried"), folder.Visit(done))
            print(
                f"new bundles {len(visit.bundles)}, not whole {len(visit.unfinished)}, left alone {visit.strangers + len(visit.refused)}"
            )
        elif args.nearby:
            where = _agreed(s, args.nearby)
            sync.with_relay(s, where.address, _progress("carried"), pin=where.pin, done=done)
        else:
            _sync_relays(s, args.relay, done)
    except PanahError as e:
        failed = e
    print(f"sent {done.sent}, received {done.received}, waiting {done.waiting}, put aside {done.quarantined}, files {done.files}")
    if failed and not isinstance(failed, Refused):
        changes, files = sync.lacking(s)
        print(f"still missing: {changes} changes that colleagues have seen, {files} files")
    s.lock()
    if failed:
        raise failed


def _sync_relays(s: Session, only: str | None, done: sync.Carried) -> None:
    addresses = [only] if only else s.setting("relays", [])
    if not addresses:
        raise Unreachable("no_relay_known")
    failed = None
    for address in addresses:  # one that cannot be reached keeps nobody from the next
        try:
            sync.with_relay(s, address, _progress("carried"), done=done)
            intake.meet(s, address)
        except Unreachable as e:
            failed = e
    if failed:
        raise failed


def _agreed(s: Session, given: str) -> near.Spot:
    """Where to go: by the text of a code, or by an address and digits that are compared."""
    if found := qr.found_in(given):
        where = near.read_code(qr.join(found, kind="meet"))
        near.remember(s, where)
        return where
    where, words = near.look(s, given)
    if words:
        print(f"Compare aloud with the other screen: {words}", flush=True)
        if input("The same? Type yes: ").strip().lower() != "yes":
            raise Refused("meeting_none_to_agree")
        near.agreed(s)
    return where


def meet(args: argparse.Namespace) -> None:
    """let laptops nearby meet here: serve a relay in this network until the time is over or Ctrl+C"""
    from panah import nearby
    from panah.node.carrying import Carrying

    s, carrying = _open(args), Carrying(nearby.GROUND)
    try:
        host = near.spot(args.address).host
        meeting = carrying.host("here", s, Path(args.vault) / "nearby", host, args.minutes)
        where = near.spot(meeting.address)._replace(pin=meeting.pin)
        print(f"Laptops meet at {where.shown} for {args.minutes} minutes. Digits to compare: {near.own_digits(s)}")
        print(f"The code: {qr.split(near.code(where), kind='meet')[0]}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            while meeting.running:
                time.sleep(0.2)
        print(f"sent {meeting.all.sent}, received {meeting.all.received}, files {meeting.all.files}")
    finally:
        carrying.end("here", wait=10)
        s.lock()


def page_command(args: argparse.Namespace) -> None:
    """build the help page of this team, or verify one"""
    if args.act == "build":
        s = _open(args)
        if args.plain is not None:
            s.set_setting("page_plain", args.plain)
        html = page.build(s)
        out = Path(args.target)
        out.mkdir(parents=True, exist_ok=True)
        page.write(html, out)
        print(f"{out}/help.html  {len(html)} bytes  sha256 {page.digest(html)}")
        s.lock()
        return
    root = bytes.fromhex(args.root) if args.root else None
    print(page.verify(page.fetch(args.target), root))


def backup_command(args: argparse.Namespace) -> None:
    """seal everything in a vault to the team's recovery key, or restore such a file (--restore)"""
    from panah.kernel import recovery

    if args.restore:
        print("Type the recovery shares, one a line; an empty line ends them.", file=sys.stderr)
        shares = list(iter(lambda: sys.stdin.readline().strip(), ""))
        s = backup.restore(
            Path(args.file), recovery.identity_of(shares), Path(args.vault), _passphrase("New passphrase: ", twice=True), TYPES
        )
        made = regaining.enter_restored(s, recovery.join(shares))
        if made:
            print("Restored as a new device of the same member; the old device is out of the team. Meet the team now.")
            _show_shares(made)
        else:
            card = Path(args.vault) / "card"
            card.write_bytes(enrol.card(s))
            print(f"Restored as a new device. Its card is {card}; an administrator enters it before what it writes counts.")
    else:
        s = _open(args)
        count = backups.make(s, Path(args.file).absolute(), _progress("sealed"))
        print(f"{count} segments sealed into {args.file}. Only the recovery shares open it.")
    s.lock()


def export_command(args: argparse.Namespace) -> None:
    """write one case in open formats into an age file, for the person or for yourself"""
    s = _open(args)
    data = export.case(s, args.case, groups=args.groups)
    Path(args.out).write_bytes(export.seal(data, _passphrase("Passphrase for the file: ", twice=True)))
    print(f"{args.out}: an age file. It opens with the public age tool and that passphrase.")
    s.lock()


def verify(args: argparse.Namespace) -> None:
    """check every byte of a vault's log again"""
    s = _open(args)
    wrong = receive.check(s)
    for id, code in wrong:
        print(f"{id}  {code}")
    print(f"{s.vault.last_seq()} segments, {len(wrong)} that do not stand")
    s.lock()
    if wrong:
        sys.exit(Unreadable.exit)


def compact_command(args: argparse.Namespace) -> None:
    """drop what nobody can open or asks for any more, and give its room back; the history stays"""
    s = _open(args)
    freed = compact.compact(s, _progress("looked through"))
    print(f"{freed.files} files and {freed.aside} things put aside were let go, {max(freed.bytes, 0):,} bytes given back")
    s.lock()


def rebuild(args: argparse.Namespace) -> None:
    """forget every projection and fold the log again"""
    s = _open(args)
    progress = _progress("folded")
    print(f"{s.rebuild(lambda done: progress(done, 0))} records folded")
    s.lock()


def form_command(args: argparse.Namespace) -> None:
    """check a form that you wrote in sheets (.xlsx), or write a record type as such a form"""
    from panah.xlsform import notes, own, reading, writing

    if args.act == "export":
        if args.what not in TYPES:
            raise NotFound("no_such_form")
        out = Path(args.out or own.file_name(args.what))
        out.write_bytes(writing.workbook(own.form_of(TYPES[args.what].KIND)))
        print(f"{out}: {TYPES[args.what].KIND.label}")
        return
    read = reading.workbook(Path(args.what).read_bytes())
    for note in sorted(read.notes, key=lambda n: list(notes.LEVELS).index(n.level)):
        where = notes.place(note, args.language)
        told = text(args.language, notes.LEVELS[note.level])
        print(": ".join(part for part in (told, where, notes.sentence(note, args.language)) if part))
    if not read.usable:
        raise Refused("form_has_problems")
    asked = len(read.form.every()) if read.form else 0
    print(f"{asked} questions, languages: {', '.join(read.form.languages) if read.form else ''}. The form can be put in use.")


def doctor(args: argparse.Namespace) -> None:
    """say what is not well with a vault: clock, disk, integrity, relays, backup age"""
    s = _open(args)
    well = True
    for one in doctors.look(s):
        well &= one.well
        print(f"well   {one.what}" if one.well else f"mend   {one.what}\n       {one.mend}")
    s.lock()
    if not well:
        sys.exit(1)


def match(args: argparse.Namespace) -> None:
    """find lines of a list, or of two lists, that may be one person; nothing is merged"""
    from panah.matching import lists

    mapping = lists.read_mapping(args.mapping) if args.mapping else None
    people = lists.read(args.file, mapping)
    other = lists.read(args.other, mapping) if args.other else None
    found = lists.write(args.out, lists.pairs(people, other, _progress("compared")))
    print(f"{len(people)} people{f' and {len(other)} people' if other is not None else ''}, {found} pairs written to {args.out}")


def explain_command(args: argparse.Namespace) -> None:
    """say what a code means and what to do"""
    what, do = explain.explain(args.code, args.language)
    print(f"{args.code}\n{what}\n{do}")


def demo_command(args: argparse.Namespace) -> None:
    """start Panah on invented data, on this machine only"""
    from panah import demo

    demo.serve(Path(args.folder), args.port, fresh=args.fresh)
    threading.Event().wait()


def _page_parser(add: Callable[..., argparse.ArgumentParser]) -> None:
    p = add("page", page_command, vault=False)
    p.add_argument("act", choices=["build", "verify"])
    p.add_argument("target", help="build: the folder to write into; verify: a file or an address")
    p.add_argument("--vault", help="build: the vault that holds the page's keys")
    told = "build: lead browsers without scripts to a form that the relay can read; only where every relay of the team has it on"
    p.add_argument("--plain", action=argparse.BooleanOptionalAction, help=told)
    p.add_argument("--root", help="verify: the team's root key, from the printed card")


def _relay_parser(add: Callable[..., argparse.ArgumentParser]) -> None:
    p = add("relay", relay, vault=False)
    p.add_argument("data", help="the folder that the relay keeps its deposits in")
    p.add_argument("--host", default="127.0.0.1")
    p.add_argument("--port", type=int, default=8449)
    p.add_argument("--public", help="the folder of public files; <data>/public by default")
    p = add("vouchers", vouchers, vault=False)
    p.add_argument("relay", help="address of the relay that serves the help page")
    p.add_argument("--word", required=True, help="the file that holds the publishing word of that relay, in hex")
    p.add_argument("--count", type=int, default=10, help="how many (10)")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="panah", description=(panah.__doc__ or "").splitlines()[0])
    parser.add_argument("--version", action="version", version=panah.__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command, *, vault: bool = True) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=command.__doc__, description=command.__doc__)
        sub.set_defaults(command=command)
        if vault:
            sub.add_argument("vault", help="the folder of the vault")
        return sub

    p = add("init", init)
    p.add_argument("--team", required=True)
    p.add_argument("--name", required=True, help="your name as the team knows it")
    p.add_argument("--role", action="append", choices=sorted(config.ROLES))
    p.add_argument("--relay", action="append", help="address of a relay")
    p = add("run", run, vault=False)
    p.add_argument("path", nargs="+", help="vaults, or folders that hold vaults")
    p.add_argument("--host", default="127.0.0.1")
    p.add_argument("--port", type=int, default=8448)
    _relay_parser(add)
    p = add("join", join)
    way = p.add_mutually_exclusive_group(required=True)
    way.add_argument("--card", help="write the card of a new vault here")
    way.add_argument("--welcome", help="the welcome that came back, or the text of its codes")
    p.add_argument("--codes", action="store_true", help="show the card as QR codes too")
    (p := add("invite", invite)).add_argument("card")
    p.add_argument("--name", required=True)
    p.add_argument("--role", action="append", required=True, choices=sorted(config.ROLES))
    p.add_argument("--out", required=True, help="write the welcome here")
    _ways(add)
    _page_parser(add)
    (p := add("backup", backup_command)).add_argument("file")
    p.add_argument("--restore", action="store_true", help="make the vault from the file instead")
    (p := add("export", export_command)).add_argument("case", help="the id or the code of the case")
    p.add_argument("--out", required=True)
    p.add_argument("--groups", action="store_true", help="with nationality, ethnicity and religion, which are left out otherwise")
    add("verify", verify), add("compact", compact_command), add("rebuild", rebuild), add("doctor", doctor)
    _forms(add)
    p = add("match", match, vault=False)
    p.add_argument("file", type=Path, help="a list of people: CSV in UTF-8 with a line of headers")
    p.add_argument("--other", type=Path, help="a second list: only pairs between the two")
    p.add_argument("--mapping", type=Path, help="JSON: which header of yours is which column")
    p.add_argument("--out", type=Path, required=True, help="the CSV file for the pairs")
    p = add("explain", explain_command, vault=False)
    p.add_argument("code")
    p.add_argument("--language", default="en")
    p = add("demo", demo_command, vault=False)
    p.add_argument("--folder", default=".demo")
    p.add_argument("--port", type=int, default=8450)
    p.add_argument("--fresh", action="store_true", help="forget what was done in the demo and begin again")
    return parser


def _forms(add: Callable[..., argparse.ArgumentParser]) -> None:
    p = add("form", form_command, vault=False)
    p.add_argument("act", choices=["check", "export"])
    p.add_argument("what", help="check: the file; export: the record type, such as person")
    p.add_argument("--out", help="export: write it here")
    p.add_argument("--language", default="en", help="check: speak this language")


def _ways(add: Callable[..., argparse.ArgumentParser]) -> None:
    p = add("sync", sync_command)
    way = p.add_mutually_exclusive_group()
    way.add_argument("--relay", help="this relay instead of the team's")
    way.add_argument("--out", help="write a file for a stick")
    way.add_argument("--in", dest="into", help="take in such a file")
    way.add_argument("--folder", help="a folder on a stick, or one that other software keeps in step")
    way.add_argument("--nearby", help="a laptop nearby: its address, or the text of its code")
    p = add("meet", meet)
    p.add_argument("address", help="the address of this machine in the network to meet in")
    p.add_argument("--minutes", type=int, default=30)
