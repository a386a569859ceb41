"""Have a job done by the confined process: give it bytes, take at most so many back, and end it when it takes too long."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from panah.errors import Refused, Unreadable

SECONDS = 20  # of the clock; of the processor it has fewer (confined.py)
MOST_OUT = 32 * 1024 * 1024
AT_ONCE = 2

_START = "import sys; sys.dont_write_bytecode = True; sys.path.insert(0, sys.argv[2]); from panah.files import confined; confined.main(sys.argv[1])"
_ROOT = str(Path(__file__).resolve().parents[2])
_turns = threading.BoundedSemaphore(AT_ONCE)
CODES = frozenset(
    (
        "file_broken", "file_not_cleanable", "file_too_much_work", "picture_not_drawn", "no_confinement_here",
        "sheet_not_xlsx", "sheet_old_or_locked", "sheet_has_macros", "sheet_too_large", "sheet_broken",
    )
)  # fmt: skip


def run(job: str, data: bytes) -> tuple[dict[str, Any], bytes]:
    """What the job says and makes of these bytes; Unreadable or Refused with its code, whatever happened over there."""
    with _turns:
        said, out = _run(job, data)
    code = said.get("code")
    if code == "file_broken":
        raise Unreadable("file_broken")
    if code is not None:
        raise Refused(code if code in CODES else "file_too_much_work")
    return said, out


def _run(job: str, data: bytes) -> tuple[dict[str, Any], bytes]:
    # An empty environment and no inherited handle: what a stranger's bytes could take over knows nothing and holds nothing.
    process = subprocess.Popen(  # noqa: S603 # our own interpreter, our own words
        [sys.executable, "-I", "-c", _START, job, _ROOT],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/", close_fds=True,
    )  # fmt: skip
    ends = threading.Timer(SECONDS, process.kill)
    ends.start()
    giving = threading.Thread(target=_give, args=(process, data), daemon=True)
    giving.start()
    try:
        assert process.stdout is not None
        answer = process.stdout.read(MOST_OUT + 1)
    finally:
        process.kill()
        process.wait()
        ends.cancel()
        giving.join()
        if process.stdout is not None:
            process.stdout.close()
    return _read(answer)


def _give(process: subprocess.Popen[bytes], data: bytes) -> None:
    assert process.stdin is not None
    with contextlib.suppress(OSError), process.stdin as to:
        to.write(data)


def _read(answer: bytes) -> tuple[dict[str, Any], bytes]:
    """The other side is not trusted either: whatever it was made to say has to have this shape."""
    line, mark, out = answer[:4096].partition(b"\n")
    if not mark or len(answer) > MOST_OUT:
        return {"code": "file_too_much_work"}, b""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return {"code": "file_too_much_work"}, b""
    return (said, answer[len(line) + 1 :]) if isinstance(said, dict) else ({"code": "file_too_much_work"}, out)
