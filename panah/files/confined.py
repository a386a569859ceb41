"""The process that reads what strangers sent: it holds no key, opens no file, reaches no network, and ends after one job.

Started with an empty environment; bytes come by standard input, the outcome leaves by standard output. Before the first of these
bytes is looked at, the process gives up what it could do: by limits of the system (memory, time, no new file, no child), and by a
list of the few system calls that it still needs (seccomp; Linux on x86-64 and ARM64, no root needed). Where that list cannot be
had, nothing is read at all: a picture that cannot be drawn safely is not drawn.
"""

from __future__ import annotations

import ctypes
import io
import json
import platform
import struct
import sys
from typing import Any

from panah.errors import Refused
from panah.files import kinds, pictures

MEMORY = 768 * 1024 * 1024
SECONDS = 10
MOST_PIXELS = 40_000_000
SIDE = {"draw": 2048, "small": 320, "codes": 3000}
MOST_CODES = 100  # on one picture

# Of the architecture's list, by number: what an interpreter needs to compute, to ask for memory, and to write its answer.
_CALLS = {
    # read write fstat lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn mremap madvise getpid exit
    # sigaltstack gettid futex clock_gettime exit_group sched_yield getrandom clock_nanosleep rseq
    "x86_64": (0xC000003E, (0, 1, 5, 8, 9, 10, 11, 12, 13, 14, 15, 25, 28, 39, 60, 131, 186, 202, 228, 231, 24, 318, 230, 334)),
    "aarch64": (0xC00000B7, (63, 64, 80, 62, 222, 226, 215, 214, 134, 135, 139, 216, 233, 172, 93, 132, 178, 98, 113, 94, 124, 278, 115, 293)),
}  # fmt: skip
_ALLOW, _KILL, _DENY = 0x7FFF0000, 0x80000000, 0x00050001  # the last: EPERM, so that a library says what it wanted


def confine() -> None:
    """Give up everything that reading one file does not need. RuntimeError where the system cannot do that."""
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _CALLS:
        raise RuntimeError("no confinement here")
    import resource  # not on every system

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    for nothing in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC):
        resource.setrlimit(nothing, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
    libc = ctypes.CDLL(None, use_errno=True)
    prctl = libc.prctl
    prctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong]
    code = _program(*_CALLS[machine])
    held = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(held)))
    not_dumped, no_new_privileges, filtered = (4, 0, None), (38, 1, None), (22, 2, ctypes.addressof(program))
    for option, value, pointer in (not_dumped, no_new_privileges, filtered):
        if prctl(option, value, pointer, 0, 0):
            raise RuntimeError("no confinement here")


def _program(architecture: int, calls: tuple[int, ...]) -> bytes:
    """A filter of the kernel's packet language: another architecture ends the process, a call not in the list is denied."""

    def step(code: int, yes: int, no: int, value: int) -> bytes:
        return struct.pack("HBBI", code, yes, no, value)

    load, equal, give = 0x20, 0x15, 0x06
    steps = [step(load, 0, 0, 4), step(equal, 1, 0, architecture), step(give, 0, 0, _KILL), step(load, 0, 0, 0)]
    steps += [step(equal, len(calls) - n, 0, call) for n, call in enumerate(calls)]
    return b"".join([*steps, step(give, 0, 0, _DENY), step(give, 0, 0, _ALLOW)])


def main(job: str) -> None:
    """Read bytes, do one job, write what came of it: one line of JSON, then bytes."""
    job_of, warm = JOBS[job]
    warm()
    data = sys.stdin.buffer.read()
    try:
        confine()
    except RuntimeError:
        _answer({"code": "no_confinement_here"}, b"")
        return
    try:
        said, out = job_of(data)
        _answer(said, out)
    except MemoryError:
        _answer({"code": "file_too_much_work"}, b"")
    except Exception as e:
        # Whatever a library raises on hostile bytes: only a code of ours leaves, never its words.
        _answer({"code": getattr(e, "code", "file_broken")}, b"")


def _answer(said: dict[str, Any], out: bytes) -> None:
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + out)
    sys.stdout.buffer.flush()


# -- jobs ------------------------------------------------------------------------------------------------------------------


def _warm_pictures() -> None:
    """Load what drawing needs, while files can still be opened."""
    from PIL import GifImagePlugin, Image, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401

    try:
        import pillow_heif  # the optional extra `heic`

        pillow_heif.register_heif_opener()
    except ImportError:
        pass
    for form in ("JPEG", "PNG"):
        Image.new("RGB", (8, 8)).save(io.BytesIO(), form)
    Image.MAX_IMAGE_PIXELS = None  # we count them ourselves, and say so in our own words
    exif = Image.Exif()
    exif[0x0112] = 6
    for form in ("JPEG", "PNG", "WEBP", "GIF"):
        sample = io.BytesIO()
        Image.new("RGB", (8, 8)).save(sample, form, **({"exif": exif} if form == "JPEG" else {}))
        _draw(sample.getvalue(), 8)


def _draw(data: bytes, side: int) -> tuple[dict[str, Any], bytes]:
    """Decode, turn upright, make it no larger than the side, and encode it anew: nothing of the old file but its dots."""
    from PIL import Image

    form, picture, of = _decoded(data, side)
    clear = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    picture = picture.convert("RGBA" if clear else "RGB")
    picture.thumbnail((side, side))
    fresh = Image.new("RGB", picture.size, "white")
    fresh.paste(picture, mask=picture.getchannel("A") if clear else None)
    out = io.BytesIO()
    drawn = form in ("PNG", "GIF")
    fresh.save(out, "PNG" if drawn else "JPEG", **({} if drawn else {"quality": 85}))
    said = {"media": kinds.PNG if drawn else kinds.JPEG, "width": fresh.width, "height": fresh.height, "of": of}
    return said, out.getvalue()


def _decoded(data: bytes, side: int) -> tuple[str, Any, list[int]]:
    """(format, the picture upright, width and height as it came).

    What is not the picture is cut off first, so that no library reads it: profiles and texts can swell, too.
    """
    from PIL import Image, ImageOps

    kind = kinds.recognise(data)
    form = {kinds.JPEG: "JPEG", kinds.PNG: "PNG", kinds.WEBP: "WEBP", kinds.GIF: "GIF", kinds.HEIC: "HEIF"}.get(kind)
    if form is None or form not in Image.OPEN:
        raise Refused("picture_not_drawn")
    if kind in pictures.CLEANERS:
        data = pictures.CLEANERS[kind](data)
    opened: Any = Image.open(io.BytesIO(data), formats=[form])
    width, height = opened.size
    if width * height > MOST_PIXELS or not width * height > 0:
        raise Refused("file_too_much_work")
    opened.draft("RGB", (side, side))  # a JPEG can be read at half or quarter of its size
    opened.load()
    return form, ImageOps.exif_transpose(opened), [width, height]


def _warm_codes() -> None:
    import zxingcpp

    _warm_pictures()
    zxingcpp.read_barcodes(memoryview(bytes(64)).cast("B", (8, 8)), formats=zxingcpp.barcode_formats_from_str("QRCode"))


def _codes(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The texts of the QR codes in a picture, one a line: only what stands in one line of plain letters."""
    import zxingcpp

    _, picture, _ = _decoded(data, SIDE["codes"])
    grey = picture.convert("L")
    grey.thumbnail((SIDE["codes"], SIDE["codes"]))
    dots = memoryview(grey.tobytes()).cast("B", (grey.height, grey.width))
    plain = zxingcpp.TextMode.Plain
    found = [
        code.text
        for code in zxingcpp.read_barcodes(dots, formats=zxingcpp.barcode_formats_from_str("QRCode"), text_mode=plain)[
            :MOST_CODES
        ]
    ]
    return {}, b"\n".join(text.encode() for text in found if text.isascii() and text.isprintable())


def _warm_documents() -> None:
    from pypdf import PdfReader, PdfWriter, filters, generic  # noqa: F401

    from panah.files import documents

    writer = PdfWriter()
    writer.add_blank_page(72, 72)
    sample = io.BytesIO()
    writer.write(sample)
    documents.pdf(sample.getvalue())
    documents.unpack(documents._pack({"a": b"a"}))


def _clean(data: bytes) -> tuple[dict[str, Any], bytes]:
    from panah.files import documents

    if kinds.recognise(data) == kinds.PDF:
        return {"media": kinds.PDF}, documents.pdf(data)
    media, out = documents.packed(data)
    return {"media": media}, out


def _warm_sheets() -> None:
    from panah.files import sheets

    sheets.warm()


def _sheets(data: bytes) -> tuple[dict[str, Any], bytes]:
    from panah.files import sheets

    return {}, sheets.sheets(data)


JOBS: dict[str, Any] = {
    "draw": (lambda data: _draw(data, SIDE["draw"]), _warm_pictures),
    "small": (lambda data: _draw(data, SIDE["small"]), _warm_pictures),
    "clean": (_clean, _warm_documents),
    "codes": (_codes, _warm_codes),
    "sheets": (_sheets, _warm_sheets),
}
