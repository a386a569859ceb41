"""Close connections that hold a place and do nothing with it. A phone on a bad line is slow; a connection that is only held open is not a visitor.

uvicorn bounds neither the wait for a request's first lines nor a reader that never reads; the body of a request is bounded in app.py.
"""

from __future__ import annotations

from typing import Any, NamedTuple

LOOK_SECONDS = 10
HEAD_SECONDS = 30  # from connecting, or from the last answer, to a whole request head
SLOWEST = 2048  # bytes per second that a reader or writer has to reach


class _Seen(NamedTuple):
    asking: object  # the request in work, or the last one
    since: float
    unsent: int


class Patience:
    """What was seen of each open connection at the last look."""

    def __init__(self) -> None:
        self._seen: dict[Any, _Seen] = {}  # uvicorn's protocol objects; their class is its own affair

    def look(self, connections: set[Any], now: float) -> None:
        """Close what has not moved since it had to."""
        self._seen = {c: seen for c, seen in self._seen.items() if c in connections}
        for c in list(connections):
            unsent = c.transport.get_write_buffer_size()
            seen = self._seen.get(c)
            in_work = c.cycle is not None and not c.cycle.response_complete
            if seen is None or seen.asking is not c.cycle or (in_work and not unsent):
                self._seen[c] = _Seen(c.cycle, now, unsent)
            elif unsent:
                # The answer has to shrink; what is being written in parts may also grow.
                if seen.unsent and unsent > seen.unsent - SLOWEST * (now - seen.since):
                    c.transport.abort()
                else:
                    self._seen[c] = _Seen(c.cycle, now, unsent)
            elif now - seen.since > HEAD_SECONDS:
                c.transport.close()
