"""Read a form with a large file in it as a stream: a bundle goes to the disk as it comes, sealed as it is. Anything else stays small and in memory."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from panah.errors import Full, Refused, Unreadable
from panah.kernel.bundle import BUNDLE

MOST_FIELD = 64 * 1024
MOST_FIELDS = 40


class _Form:
    """The parts of a form as they come. A file that begins as a bundle does is written down; whatever else it is, is held, and bounded."""

    def __init__(
        self, boundary: bytes, folder: Path, most_file: int, allow: Callable[[dict[str, list[str]]], None], magic: bytes
    ) -> None:
        self._magic = magic
        self.form: dict[str, list[str]] = {}
        self.files: dict[str, bytes] = {}
        self.stored: dict[str, Path] = {}
        self._folder, self._most, self._allow = folder, most_file, allow
        self._headers: dict[bytes, bytes] = {}
        self._header = self._value = b""
        self._name, self._is_file, self._held, self._count = "", False, bytearray(), 0
        self._out: IO[bytes] | None = None
        names = ("part_begin", "part_data", "part_end", "header_field", "header_value", "header_end", "headers_finished")
        # The library types each callback in its own way; they are these methods.
        callbacks: Any = {f"on_{name}": getattr(self, f"_{name}") for name in names}
        self.parser = MultipartParser(boundary, callbacks)

    def _part_begin(self) -> None:
        self._headers, self._held, self._out = {}, bytearray(), None
        self._count += 1
        if self._count > MOST_FIELDS:
            raise Refused("file_too_large")

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header = self._value = b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        self._is_file = b"filename" in options
        if self._is_file:
            self._allow(self.form)  # before the first byte of a file is kept

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._out is not None:
            self._out.write(data[start:end])
            return
        self._held += data[start:end]
        if self._is_file and self._held.startswith(self._magic):
            path = self._folder / secrets.token_hex(16)
            self._out = path.open("xb")
            self.stored[self._name] = path
            self._out.write(self._held)
            self._held = bytearray()
        elif len(self._held) > (self._most if self._is_file else MOST_FIELD):
            raise Refused("file_too_large")

    def _part_end(self) -> None:
        if self._out is not None:
            self._out.close()
        elif self._is_file:
            if self._held:
                again = f"{self._name}#{len(self.files)}"  # several pictures may come under one name
                self.files[again if self._name in self.files else self._name] = bytes(self._held)
        else:
            self.form.setdefault(self._name, []).append(self._held.decode("utf-8", "replace"))

    def clear(self) -> None:
        """Take away what was written."""
        if self._out is not None:
            self._out.close()
        for path in self.stored.values():
            with contextlib.suppress(OSError):
                path.unlink()


async def read(
    request: Request, folder: Path, most_file: int, allow: Callable[[dict[str, list[str]]], None], magic: bytes = BUNDLE
) -> _Form:
    """The form. A file that begins with `magic` is written down. `allow` is asked, with the fields that came so far, before any file is kept; what a broken line left is taken away."""
    _, options = parse_options_header(request.headers.get("content-type", ""))
    if b"boundary" not in options:
        raise Unreadable("form_malformed")
    form = _Form(options[b"boundary"], folder, most_file, allow, magic)
    try:
        async for chunk in request.stream():
            form.parser.write(chunk)
        form.parser.finalize()
    except FormParserError as e:
        form.clear()
        raise Unreadable("form_malformed") from e
    except OSError as e:
        form.clear()
        raise Full("disk_full") from e
    except (ClientDisconnect, Refused):
        form.clear()
        raise
    return form
