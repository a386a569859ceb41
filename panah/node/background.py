"""What happens while nobody clicks: idle vaults lock, open ones meet their relays."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

from panah.errors import PanahError
from panah.kernel import compact, sync
from panah.kernel.session import Session
from panah.node import faults
from panah.node.carrying import while_open
from panah.node.doors import Doors
from panah.work import intake, watch

TICK_SECONDS = 5
MEET_SECONDS = 60


def run(doors: Doors, ended: threading.Event) -> None:
    """Until ended: lock what is idle, carry what is to be carried."""
    met: dict[int, float] = {}
    while not ended.wait(TICK_SECONDS):
        doors.sweep()
        for session in doors.sessions():
            if time.monotonic() - met.get(id(session), 0) >= MEET_SECONDS:
                met[id(session)] = time.monotonic()
                meet(session)


def meet(s: Session) -> None:
    """Meet every relay once. A failure is kept in the session's status, where people see it; it is not an error of the page.

    One that cannot be reached keeps nobody from the next: people write where they get through.
    """
    relays: list[str] = []
    with contextlib.suppress(PanahError):  # it may be locked at this moment
        relays = s.setting("relays", [])
    with _alone(s):
        watch.when_due(s)
    for address in relays:
        with _alone(s, address):
            sync.with_relay(s, address)
            intake.meet(s, address)
    with _alone(s):
        compact.when_due(s)


@contextlib.contextmanager
def _alone(s: Session, way: str = "") -> Iterator[None]:
    """What fails in here ends only itself: a mistake of ours in one vault stops neither its next meeting nor another vault's."""
    try:
        with while_open(s):
            yield
    except PanahError:
        pass  # the session's status says it
    except Exception as e:
        faults.tell("meeting_failed", e)
        if way:
            with contextlib.suppress(PanahError):
                s.set_setting("sync." + way, [s.now(), "meeting_failed", 0, 0])
