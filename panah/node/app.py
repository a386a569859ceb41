"""Every address of the node on one page, and the process that serves them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from panah.config import AUTO_LOCK_SECONDS
from panah.node import background
from panah.node.ask import Handler, endpoint
from panah.node.carrying import Ground
from panah.node.doors import Doors
from panah.node.guard import Guard
from panah.node.pages import (
    access,
    accountability,
    backups,
    cases,
    consents,
    desk,
    door,
    duty,
    files,
    help,
    helppage,
    inbox,
    meet,
    questions,
    records,
    recovery,
    rights,
    shares,
    team,
    triage,
    ways,
    wishes,
)

_STATIC = Path(__file__).parent / "static"

# (address, how, page). Addresses hold ids and words of ours, never a name or a searched text.
PAGES: tuple[tuple[str, str, Handler], ...] = (
    ("/", "GET", desk.home),
    ("/supervise", "GET", desk.supervise),
    ("/search", "POST", desk.search),
    ("/draft", "POST", desk.keep_draft),
    ("/draft/drop", "POST", desk.drop_draft),
    ("/inbox", "GET", inbox.index),
    ("/inbox/{id}", "GET", inbox.one),
    ("/inbox/{id}/reply", "POST", inbox.reply),
    ("/inbox/{id}/answer/{message}/{how}", "GET", inbox.answer),
    ("/inbox/{id}/accept", "POST", inbox.accept),
    ("/inbox/{id}/end", "POST", inbox.end),
    ("/picture/{kind}/{id}/{place}/{size}", "GET", files.picture),
    ("/file/{kind}/{id}/{place}", "GET", files.one),
    ("/file/{kind}/{id}/{place}", "POST", files.original),
    ("/cases", "GET", cases.index),
    ("/cases", "POST", cases.index),
    ("/cases/new", "POST", cases.new),
    ("/case/{id}", "GET", cases.one),
    ("/case/{id}/limits", "POST", cases.limits),
    ("/case/{id}/consents", "GET", consents.index),
    ("/case/{id}/wishes", "GET", wishes.index),
    ("/talk/{id}/read", "GET", wishes.read),
    ("/talk/{id}/second", "POST", wishes.second),
    ("/person/{id}/changed", "POST", wishes.changed),
    ("/person/{id}/consent", "GET", consents.begin),
    ("/person/{id}/consent", "POST", consents.begin),
    ("/consent/{id}/say", "GET", consents.say),
    ("/consent/{id}/said", "POST", consents.said),
    ("/consent/{id}/copy", "GET", consents.copy),
    ("/consent/{id}/back", "POST", consents.back),
    ("/case/{id}/assign", "POST", desk.assign),
    ("/case/{id}/access", "GET", access.one),
    ("/case/{id}/access", "POST", access.change),
    ("/case/{id}/split", "GET", access.split),
    ("/case/{id}/split", "POST", access.split),
    ("/overview", "GET", access.overview),
    ("/duty", "GET", duty.index),
    ("/duty", "POST", duty.give),
    ("/duty/break", "POST", duty.break_),
    ("/case/{id}/reviewed", "POST", duty.reviewed),
    ("/case/{id}/reopen", "POST", cases.reopen),
    ("/case/{case}/new/{kind}", "GET", records.new),
    ("/case/{id}/keep", "POST", cases.keep_longer),
    ("/case/{id}/rights", "GET", rights.index),
    ("/case/{id}/rights", "POST", rights.use),
    ("/wish/{id}/decide", "POST", rights.decide),
    ("/wish/{id}/{how}/{person}", "GET", rights.see),
    ("/wish/{id}/copy/{person}", "POST", rights.copy),
    ("/accountability", "GET", accountability.index),
    ("/complain", "GET", accountability.complain),
    ("/complain", "POST", accountability.hand_in),
    ("/incident/new", "GET", accountability.new),
    ("/incident/new", "POST", accountability.report),
    ("/incident/{id}", "GET", accountability.incident),
    ("/incident/{id}/told", "POST", accountability.told),
    ("/rights/{id}/answered", "POST", rights.answered),
    ("/approve/{kind}/{id}", "POST", cases.approve),
    ("/case/{case}/ask/{form}", "GET", records.ask_own),
    ("/questions", "GET", questions.index),
    ("/questions/check", "POST", questions.check),
    ("/questions/use", "POST", questions.use),
    ("/questions/form/{id}", "GET", questions.one),
    ("/questions/form/{id}/retire", "POST", questions.retire),
    ("/questions/{what}/{id}/sheet", "GET", questions.sheet),
    ("/questions/{what}/{id}/paper/{lang}", "GET", questions.paper),
    ("/arrive", "GET", triage.arrive),
    ("/arrive", "POST", triage.arrive),
    ("/triage", "GET", triage.index),
    ("/triage/new", "POST", triage.somebody),
    ("/triage/lists", "GET", triage.lists),
    ("/triage/lists/own", "POST", triage.own),
    ("/triage/lists/confirm", "POST", triage.confirm),
    ("/triage/{id}", "GET", triage.look),
    ("/triage/{id}", "POST", triage.look),
    ("/triage/{id}/seen", "GET", triage.seen),
    ("/triage/{id}/handed", "POST", triage.handed),
    ("/triage/{id}/end", "POST", triage.end),
    ("/triage/{id}/file", "POST", triage.file),
    ("/who/{id}", "GET", cases.who),
    ("/r/{kind}", "GET", records.index),
    ("/r/{kind}/new", "GET", records.new),
    ("/r/{kind}/save", "POST", records.save),
    ("/r/{kind}/{id}", "GET", records.one),
    ("/r/{kind}/{id}/edit", "GET", records.edit),
    ("/r/{kind}/{id}/history", "GET", records.history),
    ("/r/{kind}/{id}/conflict", "GET", records.conflict),
    ("/r/{kind}/{id}/settle", "POST", records.settle),
    ("/sync", "GET", ways.index),
    ("/sync/now", "POST", ways.relays),
    ("/sync/out", "POST", ways.stick_out),
    ("/sync/in", "POST", ways.stick_in),
    ("/sync/folder", "POST", ways.folder_visit),
    ("/sync/job", "GET", ways.job),
    ("/sync/job/stop", "POST", ways.stop),
    ("/sync/job/file", "GET", ways.written),
    ("/sync/nearby", "GET", meet.index),
    ("/sync/nearby/host", "POST", meet.host),
    ("/sync/nearby/go", "POST", meet.go),
    ("/sync/nearby/agree", "POST", meet.agree),
    ("/sync/nearby/end", "POST", meet.end),
    ("/sync/work-on", "POST", desk.work_on),
    ("/case/{id}/erase", "POST", team.erase),
    ("/team", "GET", team.members),
    ("/team/backups", "GET", backups.index),
    ("/team/backups/make", "POST", backups.make),
    ("/team/backups/file", "GET", backups.written),
    ("/team/backups/folder", "POST", backups.folder),
    ("/team/backups/destroyed", "POST", backups.destroyed),
    ("/team/backups/verify", "POST", backups.verify),
    ("/team/recovery", "GET", recovery.index),
    ("/team/recovery/begin", "POST", recovery.begin),
    ("/team/recovery/keepers", "POST", recovery.keepers),
    ("/team/card", "POST", team.read_card),
    ("/team/invite", "POST", team.invite),
    ("/team/welcome/{how}", "GET", team.welcome),
    ("/team/member/{id}/leave", "GET", team.leave),
    ("/team/member/{id}/leave", "POST", team.leave),
    ("/team/roles", "POST", team.roles),
    ("/team/device", "POST", team.remove_device),
    ("/team/device/{tag}", "GET", team.device),
    ("/team/member/{id}", "GET", team.reach),
    ("/page", "GET", helppage.index),
    ("/page/look", "POST", helppage.look),
    ("/page/evidence/{name}", "GET", helppage.evidence),
    ("/page/card/{lang}", "GET", helppage.card),
    ("/more", "GET", desk.more),
    ("/settings", "GET", desk.settings),
    ("/settings", "POST", desk.keep_settings),
)
OPEN_PAGES: tuple[tuple[str, str, Handler], ...] = (
    ("/unlock", "GET", door.show),
    ("/unlock", "POST", door.unlock),
    ("/found", "GET", shares.founding),
    ("/found", "POST", shares.found),
    ("/recover", "GET", shares.ways),
    ("/recover/passphrase", "POST", shares.passphrase),
    ("/recover/backup", "POST", shares.backup_file),
    ("/recover/done", "POST", shares.finish),
    ("/shares/add", "POST", shares.add),
    ("/shares/stop", "POST", shares.stop),
    ("/lock", "POST", door.lock),
    ("/answer/{token}", "GET", door.answer),
    ("/help", "GET", help.index),
    ("/help/code/{code}", "GET", help.code),
    ("/help/components", "GET", help.components),
    ("/help/{name:path}", "GET", help.document),
)


def application(doors: Doors, *, hosts: tuple[str, ...] = ("127.0.0.1", "localhost"), demo: bool = False) -> Starlette:
    """The node for these vaults."""
    routes: list[Route | Mount] = [Route(path, endpoint(page, doors, demo=demo), methods=[how]) for path, how, page in PAGES]
    routes += [Route(path, endpoint(page, doors, open_to_all=True, demo=demo), methods=[how]) for path, how, page in OPEN_PAGES]
    routes.append(Mount("/static", StaticFiles(directory=_STATIC)))
    return Starlette(routes=routes, middleware=[Middleware(Guard, hosts=hosts)])


class Node:
    """A node running in a thread: for `panah run`, the demo and the tests."""

    def __init__(
        self,
        vaults: Mapping[str, Path],
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        demo: bool = False,
        idle: float | None = None,
        ground: Ground | None = None,
        place: Path | None = None,
    ) -> None:
        self.doors = Doors(vaults, idle=AUTO_LOCK_SECONDS if idle is None else idle, ground=ground, place=place)
        app = application(self.doors, hosts=(host, "127.0.0.1", "localhost"), demo=demo)
        config = uvicorn.Config(
            app, host=host, port=port, log_config=None, access_log=False, server_header=False, proxy_headers=False, lifespan="off",
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        self._socket = config.bind_socket()
        # Without this every page waits 40 ms for the browser to acknowledge its head: asyncio sets it on sockets it made itself only.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        name = self._socket.getsockname()
        self.address = f"http://{name[0]}:{name[1]}"
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=lambda: self._server.run(sockets=[self._socket]), name="node", daemon=True),
            threading.Thread(target=background.run, args=(self.doors, self._ended), name="node-background", daemon=True),
        ]

    def start(self) -> Node:
        """Begin to serve; returns when the first page would be answered."""
        for thread in self._threads:
            thread.start()
        while not self._server.started and self._threads[0].is_alive():
            self._ended.wait(0.01)
        return self

    def stop(self) -> None:
        """Lock every vault and stop."""
        self._ended.set()
        self._server.should_exit = True
        self._threads[0].join(10)
        self.doors.close()

    def wait(self) -> None:
        """Serve until stopped."""
        self._ended.wait()


def serve(
    vaults: Mapping[str, Path],
    host: str,
    port: int,
    on_ready: Callable[[str], None] = lambda address: None,
    ground: Ground | None = None,
    place: Path | None = None,
) -> None:
    """Run a node until the process is told to end; every vault is locked then. New vaults are made in `place`."""
    node = Node(vaults, host, port, ground=ground, place=place).start()
    on_ready(node.address)
    try:
        node.wait()
    except KeyboardInterrupt:
        pass
    finally:
        node.stop()
