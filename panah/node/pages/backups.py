"""Backups: make one, where and when the last ones were made, every day by itself, and whether a file is whole."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import FileResponse, Response

from panah.errors import NotFound, Refused, Unreadable
from panah.node.ask import Ask
from panah.node.carrying import QUICK_SECONDS, Job
from panah.work import backups


def index(ask: Ask) -> Response:
    """The backups of this vault, and what is not well with them."""
    return _page(ask, None)


def _page(ask: Ask, verdict: backups.Verdict | None) -> Response:
    s = ask.s
    job = ask.doors.carrying.job(ask.vault)
    ended = job if job is not None and job.what in ("backup", "backup_to") and not job.running else None
    code = ended.code if ended is not None and not ended.said else ""
    if ended is not None and ended.code:
        ended.said = True
    return ask.page(
        "backups.html",
        made=backups.listing(s),
        nags=backups.wanting(s),
        folder=s.setting("backup_folder", ""),
        can=bool(s.roster.recipient),
        verdict=verdict,
        failed=code,
        written=ended if ended is not None and ended.path is not None and ended.path.exists() else None,
        running=job is not None and job.running,
    )


def make(ask: Ask) -> Response:
    """Make one now: for the browser to keep, or into a folder of this laptop."""
    s, folder = ask.s, ask.one("folder").strip()
    if ask.one("how") == "folder" and not folder:
        raise Refused("folder_missing")

    def run(job: Job) -> None:
        if folder:
            backups.into(s, folder, job.progress)
        else:
            assert job.path is not None
            backups.make(s, job.path, job.progress, shown="")
            job.carried.bytes = job.path.stat().st_size

    what, place = ("backup_to", None) if folder else ("backup", ask.folder("carried"))
    job = ask.doors.carrying.start(ask.vault, s, what, run, place)
    if job.wait(QUICK_SECONDS):
        return written(ask) if not folder and not job.code else ask.go("/team/backups")
    return ask.go("/sync/job" if not folder else "/team/backups")


def written(ask: Ask) -> Response:
    """The file, as a stream."""
    job = ask.doors.carrying.job(ask.vault)
    if job is None or job.what != "backup" or job.path is None or job.running or not job.path.exists():
        raise NotFound("no_file_written")
    return FileResponse(job.path, 200, media_type="application/octet-stream", filename="backup.age")


def folder(ask: Ask) -> Response:
    """Choose where one is written each day."""
    backups.choose_folder(ask.s, ask.one("folder"))
    if ask.one("folder").strip():
        backups.by_themselves(ask.s)
    return ask.go("/team/backups")


def destroyed(ask: Ask) -> Response:
    """One is destroyed, or is to be."""
    backups.destroyed(ask.s, ask.one("digest"))
    return ask.go("/team/backups")


def verify(ask: Ask) -> Response:
    """Look at a file without opening it."""
    brought, typed = ask.stored.get("file"), ask.one("where").strip()
    try:
        if brought is None and ask.files.get("file") is not None:
            raise Unreadable("backup_not_sealed")
        if brought is None and not typed:
            raise Refused("no_file_chosen")
        return _page(ask, backups.verify(ask.s, brought or Path(typed).expanduser()))
    finally:
        if brought is not None:
            brought.unlink(missing_ok=True)
