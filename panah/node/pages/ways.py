"""The ways between vaults: relays, laptops nearby, a stick, a folder; and how far the carrying is that runs now."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from starlette.responses import FileResponse, Response

from panah.errors import NotFound, Refused, Unreachable, Unreadable
from panah.kernel import age, folder, signs, sync
from panah.kernel.session import Session
from panah.node import codes
from panah.node.ask import Ask
from panah.node.carrying import QUICK_SECONDS, Job
from panah.work import intake, openings


def index(ask: Ask) -> Response:
    """Every way, when it was used last, what waits, what was put aside; and what came of what was asked for last."""
    s, carrying, vault = ask.s, ask.doors.carrying, ask.vault
    job = carrying.job(vault)
    said = job if job is not None and not job.running and not job.said else None
    if said is not None:
        said.said = True
    meeting = carrying.meeting(vault)
    return ask.page(
        "sync.html",
        relays=[(address, s.setting("sync." + address)) for address in s.setting("relays", [])],
        last={way: s.setting("sync." + way) for way in ("nearby", "folder", "stick")},
        folder=s.setting("folder", ""),
        carry=s.status(),
        lacking=sync.lacking(s),
        aside=s.quarantine(),
        signs=signs.signs(s),
        said=said,
        running=job if job is not None and job.running else None,
        written=job if job is not None and job.path is not None and job.path.exists() and not job.running else None,
        meeting=meeting if meeting is not None and meeting.running else None,
    )


def relays(ask: Ask) -> Response:
    """Meet every relay now."""
    return _begin(ask, "relays", partial(_meet_relays, ask.s))


def stick_out(ask: Ask) -> Response:
    """A file for a stick: sealed for the team."""
    s = ask.s

    openings.tell(s)

    def run(job: Job) -> None:
        assert job.path is not None
        sync.to_file(s, job.path, job.progress, done=job.carried)
        sync.note(s, "stick", "", job.carried)

    job = ask.doors.carrying.start(ask.vault, s, "out", run, ask.folder("carried"))
    if job.wait(QUICK_SECONDS) and not job.code:
        return written(ask)
    return ask.go("/sync/job")


def stick_in(ask: Ask) -> Response:
    """Take in a file from a stick, or a sealed request that a courier brought."""
    s, path, data = ask.s, ask.stored.get("file"), ask.files.get("file")
    if path is not None:

        def run(job: Job, path: Path = path) -> None:
            try:
                sync.from_file(s, path, job.progress, done=job.carried)
                sync.note(s, "stick", "", job.carried)
            finally:
                path.unlink(missing_ok=True)

        return _begin(ask, "in", run)
    if data is None:
        # A courier's request may come without a file: as codes, or as the lines of an armored file.
        text = ask.one("code").strip()
        data = text.encode() if text.startswith("-----BEGIN AGE") else codes.taken(ask, "request")
    if data is None:
        raise Refused("no_file_chosen")
    if age.is_armored(data):
        data = age.unarmor(data)
    if data.startswith(b"age-encryption.org/"):
        return ask.go(f"/inbox/{intake.take_file(s, data).id}")
    raise Unreadable("bundle_malformed")


def folder_visit(ask: Ask) -> Response:
    """Give to a folder what it lacks, and take what lies there."""
    s, where = ask.s, ask.one("folder").strip()
    if not where:
        raise Refused("folder_missing")
    path = Path(where).expanduser()
    if not path.is_absolute():
        raise Refused("folder_not_absolute")
    s.set_setting("folder", where)

    def run(job: Job) -> None:
        job.visit = folder.Visit(job.carried)
        folder.visit(s, path, job.progress, job.visit)

    return _begin(ask, "folder", run)


def job(ask: Ask) -> Response:
    """How far the carrying is; the page looks again by itself, by the browser's own means."""
    running = ask.doors.carrying.job(ask.vault)
    if running is None or (not running.running and running.path is None):
        return ask.go("/sync")
    return ask.page("job.html", job=running, refresh=2 if running.running else 0)


def stop(ask: Ask) -> Response:
    """End it between two changes."""
    running = ask.doors.carrying.job(ask.vault)
    if running is not None:
        running.stop()
        running.wait(QUICK_SECONDS)
    return ask.go("/sync/job" if running is not None and running.running else "/sync")


def written(ask: Ask) -> Response:
    """The file that was written, as a stream: it may be larger than memory, and a download that breaks off goes on where it stopped."""
    job = ask.doors.carrying.job(ask.vault)
    if job is None or job.path is None or job.running or not job.path.exists():
        raise NotFound("no_file_written")
    job.said = True
    return FileResponse(job.path, 200, media_type="application/octet-stream", filename="changes.panah")


def _begin(ask: Ask, what: str, run: Job.Run) -> Response:
    job = ask.doors.carrying.start(ask.vault, ask.s, what, run)
    return ask.go("/sync" if job.wait(QUICK_SECONDS) else "/sync/job")


def _meet_relays(s: Session, job: Job) -> None:
    """One that cannot be reached keeps nobody from the next."""
    failed: Unreachable | None = None
    for address in s.setting("relays", []):
        try:
            sync.with_relay(s, address, job.progress, done=job.carried)
            intake.meet(s, address)
        except Unreachable as e:
            failed = e
    if failed is not None:
        raise failed
