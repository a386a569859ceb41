"""The command line. Each command is one function; no secret ever stands in an argument: passphrases are asked for, or read from standard input."""

from __future__ import annotations

import argparse
import getpass
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import panah
from panah import config, explain
from panah.errors import Invalid, PanahError, Refused, Unreachable, Unreadable
from panah.kernel import backup, enrol, receive, sync
from panah.kernel.session import Session
from panah.records import TYPES
from panah.work import export, intake, page, team

Command = Callable[[argparse.Namespace], None]


def main() -> None:
    """Run a command; a refusal is one sentence with its code, and an exit status of its own."""
    args = _parser().parse_args()
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
    return lambda done, of: print(f"\r{what} {done}", end="", file=sys.stderr, flush=True)


def init(args: argparse.Namespace) -> None:
    """found a team: make its first vault, its keys and its recovery shares"""
    roles = tuple(args.role or ["supervisor", "intake", "caseworker", "keyholder"])
    s = enrol.new_vault(Path(args.vault), _passphrase("New passphrase: ", twice=True), TYPES)
    shares = team.found(s, args.team, args.name, roles, relays=args.relay or [])
    print(f"The team is founded. Its fingerprint, to compare aloud: {enrol.founder_words(s)}")
    print(
        "Give each of these recovery shares to another trusted person. Any three of the five restore the team's data; write them on paper:\n"
    )
    for n, share in enumerate(shares, 1):
        print(f"{n}. {share}\n")
    s.lock()


def run(args: argparse.Namespace) -> None:
    """serve the screens to the vaults at these paths, on this machine only"""
    from panah.node import app

    vaults = _vaults(args.path)
    app.serve(vaults, host=args.host, port=args.port, on_ready=lambda address: print(f"Panah is at {address}", flush=True))


def _vaults(paths: list[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in map(Path, paths):
        inside = [path] if (path / "key").exists() else sorted(p.parent for p in path.glob("*/key"))
        found |= {p.name: p for p in inside}
    return found


def relay(args: argparse.Namespace) -> None:
    """serve a relay: mailboxes of sealed deposits and the public page"""
    from panah.relay import app

    data = Path(args.data)
    app.serve(
        data,
        args.host,
        args.port,
        Path(args.public) if args.public else data / "public",
        on_ready=lambda a: print(f"The relay is at {a}", flush=True),
    )


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
        enrol.enter(s, Path(args.welcome).read_bytes())
        print(f"This device is in the team. The team's fingerprint, to compare aloud: {enrol.founder_words(s)}")
    else:
        s = enrol.new_vault(path, _passphrase("New passphrase: ", twice=True), TYPES)
        card = enrol.card(s)
        Path(args.card).write_bytes(card)
        print(f"Carry {args.card} to an administrator and compare these digits aloud: {enrol.words(card)}")
    s.lock()


def invite(args: argparse.Namespace) -> None:
    """enter a device into the team by its card, and write the welcome for it"""
    card = Path(args.card).read_bytes()
    s = _open(args)
    print(f"Compare aloud with the person: {enrol.words(card)}")
    Path(args.out).write_bytes(enrol.invite(s, card, args.name, tuple(args.role)))
    print(f"Carry {args.out} back to them. It opens on their device only.")
    s.lock()


def sync_command(args: argparse.Namespace) -> None:
    """carry changes: through the relays, into a file (--out) or from one (--in)"""
    s, failed = _open(args), None
    if args.out:
        done = sync.to_file(s, Path(args.out), _progress("written"))
    elif args.into:
        done = sync.from_file(s, Path(args.into), _progress("read"))
    else:
        addresses = [args.relay] if args.relay else s.setting("relays", [])
        if not addresses:
            raise Unreachable("no_relay_known")
        done = sync.Carried()
        for address in addresses:  # one that cannot be reached keeps nobody from the next
            try:
                done = sync.with_relay(s, address, _progress("carried"))
                intake.meet(s, address)
            except Unreachable as e:
                failed = e
    print(f"sent {done.sent}, received {done.received}, waiting {done.waiting}, put aside {done.quarantined}, files {done.files}")
    s.lock()
    if failed:
        raise failed


def page_command(args: argparse.Namespace) -> None:
    """build the help page of this team, or verify one"""
    if args.act == "build":
        s = _open(args)
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
        card = Path(args.vault) / "card"
        card.write_bytes(enrol.card(s))
        print(f"Restored as a new device. Its card is {card}; an administrator enters it before what it writes counts.")
    else:
        s = _open(args)
        count = backup.write(s, Path(args.file), team.recovery_recipient(s), _progress("sealed"))
        print(f"{count} segments sealed into {args.file}. Only the recovery shares open it.")
    s.lock()


def export_command(args: argparse.Namespace) -> None:
    """write one case in open formats into an age file, for the person or for yourself"""
    s = _open(args)
    data = export.case(s, args.case)
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


def rebuild(args: argparse.Namespace) -> None:
    """forget every projection and fold the log again"""
    s = _open(args)
    progress = _progress("folded")
    print(f"{s.rebuild(lambda done: progress(done, 0))} records folded")
    s.lock()


def doctor(args: argparse.Namespace) -> None:
    """say what is not well with a vault: clock, disk, integrity, relays, backup age"""
    s = _open(args)
    well = True
    for ok, line in team.doctor(s):
        well &= ok
        print(("well   " if ok else "mend   ") + line)
    s.lock()
    if not well:
        sys.exit(1)


def explain_command(args: argparse.Namespace) -> None:
    """say what a code means and what to do"""
    what, do = explain.explain(args.code, args.language)
    print(f"{args.code}\n{what}\n{do}")


def demo_command(args: argparse.Namespace) -> None:
    """start Panah on invented data, on this machine only"""
    from panah import demo

    demo.serve(Path(args.folder), args.port, fresh=args.fresh)
    threading.Event().wait()


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
    way.add_argument("--welcome", help="the welcome that came back")
    p = add("invite", invite)
    p.add_argument("card")
    p.add_argument("--name", required=True)
    p.add_argument("--role", action="append", required=True, choices=sorted(config.ROLES))
    p.add_argument("--out", required=True, help="write the welcome here")
    p = add("sync", sync_command)
    way = p.add_mutually_exclusive_group()
    way.add_argument("--relay", help="this relay instead of the team's")
    way.add_argument("--out", help="write a file for a stick")
    way.add_argument("--in", dest="into", help="take in such a file")
    p = add("page", page_command, vault=False)
    p.add_argument("act", choices=["build", "verify"])
    p.add_argument("target", help="build: the folder to write into; verify: a file or an address")
    p.add_argument("--vault", help="build: the vault that holds the page's keys")
    p.add_argument("--root", help="verify: the team's root key, from the printed card")
    p = add("backup", backup_command)
    p.add_argument("file")
    p.add_argument("--restore", action="store_true", help="make the vault from the file instead")
    p = add("export", export_command)
    p.add_argument("case", help="the id or the code of the case")
    p.add_argument("--out", required=True)
    add("verify", verify), add("rebuild", rebuild), add("doctor", doctor)
    p = add("explain", explain_command, vault=False)
    p.add_argument("code")
    p.add_argument("--language", default="en")
    p = add("demo", demo_command, vault=False)
    p.add_argument("--folder", default=".demo")
    p.add_argument("--port", type=int, default=8450)
    p.add_argument("--fresh", action="store_true", help="forget what was done in the demo and begin again")
    return parser
