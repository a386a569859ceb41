"""P10: from `panah run` to the sign-in page, and what a process weighs that holds a large vault open."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

from bench import many
from bench.clock import at
from bench.table import Row, row
from tests import team

TITLE = "P10 starting"
_BARE = """
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
config = uvicorn.Config(Starlette(routes=[Route("/unlock", lambda r: PlainTextResponse("x"))]), port=0, log_config=None)
listening = config.bind_socket()
print("at http://127.0.0.1:%d" % listening.getsockname()[1], flush=True)
uvicorn.Server(config).run(sockets=[listening])
"""


def run() -> list[Row]:
    """Started again and again, in turns with the same web server and nothing in it."""
    with tempfile.TemporaryDirectory() as folder:
        vault = many.copy(many.made(1_000), Path(folder) / "v")
        ours, bare = [], []
        for _ in range(6):
            ours.append(_start([sys.executable, "-m", "panah", "run", str(vault), "--port", "0"]))
            bare.append(_start([sys.executable, "-c", _BARE]))
    first = row(
        "`panah run` to the sign-in page, warm", at(ours[1:], 0.5), "s", at(bare[1:], 0.5), "the same web server with nothing in it", "p50; goal < 1 s"
    )  # fmt: skip
    return [first, *(r for count in many.sizes() for r in _open(count))]


def _start(command: list[str]) -> float:
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        address = _address(process)
        while True:
            try:
                _get(address, "GET", "/unlock")
                return time.perf_counter() - began
            except ConnectionRefusedError:
                time.sleep(0.002)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().split("http://")[1].strip()


def _get(address: str, how: str, path: str, form: str = "", cookie: str = "") -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(address, timeout=300)
    headers = {"Content-Type": "application/x-www-form-urlencoded", **({"Cookie": cookie} if cookie else {})}
    connection.request(how, path, form or None, headers)
    answer = connection.getresponse()
    answer.read()
    return answer


def _open(count: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        vault = many.copy(many.made(count), Path(folder) / "v")
        process = subprocess.Popen(
            [sys.executable, "-m", "panah", "run", str(vault), "--port", "0"], stdout=subprocess.PIPE, text=True
        )
        try:
            address = _address(process)
            began = time.perf_counter()
            answer = _get(address, "POST", "/unlock", urlencode({"vault": "v", "passphrase": team.PASSPHRASE}))
            took = time.perf_counter() - began
            cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
            for path in ("/", "/cases", "/cases"):
                assert _get(address, "GET", path, cookie=cookie).status == 200
            memory = _resident(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
    return [
        row(f"{count:,} cases: memory of the process, the vault open", memory, "MB", 200, "goal, for 200,000 cases", "keys, names and up to 64 MB of pages"),
        row(f"{count:,} cases: unlocking", took, "s", note="without the slow passphrase, which is slow by intent"),
    ]  # fmt: skip


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
