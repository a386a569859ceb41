"""What goes on while pages are read: one job of carrying and one meeting nearby for each open vault. Ends with the vault's lock.

Nothing here is on a disk but what was sealed for the way, in a folder beside the vault that is emptied when the work ends.
"""

from __future__ import annotations

import shutil
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from panah.errors import Full, Locked, PanahError, Refused, Unreachable
from panah.kernel import certificate, sync
from panah.kernel.folder import Visit
from panah.kernel.session import Session
from panah.kernel.sync import Carried

QUICK_SECONDS = 0.8  # what is done by then needs no page of its own
MEET_SECONDS = 4
KEEP_SECONDS = 30 * 60  # a file that was written and not fetched


class Place(Protocol):
    """A relay that serves laptops nearby."""

    host: str
    port: int

    def stop(self) -> None:
        """Serve nobody any more, and leave nothing behind."""


@dataclass(frozen=True, slots=True)
class Ground:
    """How a meeting nearby is served, handed in by whoever starts the node: the node knows no relay."""

    serve: Callable[[Path, str, ssl.SSLContext], Place]
    addresses: Callable[[], list[str]]


@contextmanager
def while_open(s: Session) -> Iterator[None]:
    """What runs beside the pages may have its vault locked under its hands: whatever it stumbles over then means that, and nothing else."""
    try:
        yield
    except PanahError:
        raise
    except Exception:
        with suppress(Locked):
            s.setting("relays")
            raise
        raise Locked("vault_locked") from None


class Turn:
    """One piece of carrying as a page shows it: how far, how much, and why it ended."""

    def __init__(self) -> None:
        self.carried = Carried()
        self.done = self.of = 0
        self.code = ""
        self._stop = threading.Event()

    def progress(self, done: int, of: int) -> None:
        """Note how far; where somebody pressed Stop, end here, between two changes."""
        if self._stop.is_set():
            raise Refused("carrying_stopped")
        self.done, self.of = done, of

    def stop(self) -> None:
        """Ask it to end at the next step."""
        self._stop.set()


class Job(Turn):
    """Carrying that a person asked for and may wait for. `path` is the file it wrote, if it writes one."""

    Run = Callable[["Job"], None]

    def __init__(self, s: Session, what: str, run: Run, folder: Path | None = None) -> None:
        super().__init__()
        self.said = False
        self.visit: Visit | None = None
        self.what, self.folder, self.path = what, folder, None if folder is None else folder / "changes"
        self.at = time.monotonic()
        self._s, self._run = s, run
        self._thread = threading.Thread(target=self._work, name="carrying", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def wait(self, seconds: float) -> bool:
        """Whether it has ended by then."""
        self._thread.join(seconds)
        return not self.running

    def _work(self) -> None:
        try:
            with while_open(self._s):
                self._run(self)
        except PanahError as e:
            self.code = e.code
        except OSError:
            self.code = "file_cannot_be_written"
        if self.code:
            self.clear()

    def clear(self) -> None:
        """Take away what it wrote."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


class Meeting:
    """Colleagues nearby, met again and again until the time is over: in a place that this laptop serves, or as a guest in another's."""

    def __init__(self, s: Session, minutes: int, pin: bytes, address: str, place: Place | None = None) -> None:
        self.pin, self.address, self.hosts = pin, address, place is not None
        self.until = time.monotonic() + minutes * 60
        self.all, self.turn, self.times, self.met, self.code = Carried(), Turn(), 0, 0.0, ""
        self._s, self._place = s, place
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="meeting", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive() and not self._ended.is_set()

    @property
    def minutes_left(self) -> int:
        return max(0, -int((time.monotonic() - self.until) // 60))

    def stop(self, wait: float = 0) -> None:
        """End it."""
        self._ended.set()
        self.turn.stop()
        self._thread.join(wait)

    def _run(self) -> None:
        try:
            while not self._ended.is_set() and time.monotonic() < self.until:
                if not self._meet():
                    return
                self._ended.wait(MEET_SECONDS)
        finally:
            self._ended.set()
            if self._place is not None:
                self._place.stop()

    def _meet(self) -> bool:
        """Whether to go on."""
        self.turn = Turn()
        if self._ended.is_set():
            return False
        try:
            with while_open(self._s):
                sync.with_relay(self._s, self.address, self.turn.progress, pin=self.pin, own=self.hosts, done=self.turn.carried)
            self.code, self.met = "", self._s.now()
        except (Unreachable, Full) as e:
            self.code = e.code  # laptops are carried about; it is tried again until the time is over
        except PanahError as e:
            self.code = "" if e.code in ("carrying_stopped", "vault_locked") else e.code
            return False
        finally:
            got = self.turn.carried
            self.times += 1
            for name in ("sent", "received", "files", "bytes", "quarantined"):
                setattr(self.all, name, getattr(self.all, name) + getattr(got, name))
        return True


class Carrying:
    """The jobs and meetings of one node, by vault."""

    def __init__(self, ground: Ground | None = None) -> None:
        self.ground = ground
        self._jobs: dict[str, Job] = {}
        self._meetings: dict[str, Meeting] = {}
        self._lock = threading.Lock()

    def job(self, vault: str) -> Job | None:
        """The last job, running or ended."""
        job = self._jobs.get(vault)
        if job is not None and not job.running and time.monotonic() - job.at > KEEP_SECONDS:
            job.clear()
            del self._jobs[vault]
            return None
        return job

    def start(self, vault: str, s: Session, what: str, run: Job.Run, folder: Path | None = None) -> Job:
        """Begin a job; one at a time."""
        with self._lock:
            before = self._jobs.get(vault)
            if before is not None and before.running:
                raise Refused("carrying_already")
            if before is not None:
                before.clear()
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(mode=0o700)
            self._jobs[vault] = job = Job(s, what, run, folder)
        return job

    def meeting(self, vault: str) -> Meeting | None:
        """The meeting that runs, or the last one."""
        return self._meetings.get(vault)

    def host(self, vault: str, s: Session, folder: Path, host: str, minutes: int) -> Meeting:
        """Serve a meeting at an address of this machine."""
        if self.ground is None:
            raise Refused("meeting_not_offered")
        with self._lock:
            self._none_runs(vault)
            s.require_team()
            place = self.ground.serve(folder, host, certificate.serving(s))
            name = f"[{place.host}]" if ":" in place.host else place.host
            pin = certificate.fingerprint(certificate.of(s))
            self._meetings[vault] = meeting = Meeting(s, minutes, pin, f"https://{name}:{place.port}", place)
        return meeting

    def join(self, vault: str, s: Session, address: str, pin: bytes, minutes: int) -> Meeting:
        """Be a guest at another's meeting."""
        with self._lock:
            self._none_runs(vault)
            self._meetings[vault] = meeting = Meeting(s, minutes, pin, address)
        return meeting

    def _none_runs(self, vault: str) -> None:
        before = self._meetings.get(vault)
        if before is not None and before.running:
            raise Refused("meeting_already")

    def runs(self, vault: str) -> bool:
        """Whether something of this vault is being carried at this moment."""
        job, meeting = self._jobs.get(vault), self._meetings.get(vault)
        return (job is not None and job.running) or (meeting is not None and meeting.running)

    def end(self, vault: str, wait: float = 0) -> None:
        """The vault is locked: nothing goes on, and nothing that was written for the way stays."""
        job, meeting = self._jobs.pop(vault, None), self._meetings.pop(vault, None)
        for one in (job, meeting):
            if one is not None:
                one.stop()
        if meeting is not None:
            meeting.stop(wait)
        if job is not None:
            job.wait(wait)
            job.clear()
