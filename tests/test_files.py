"""Files that strangers made: cleaned of what they tell, drawn anew where nothing can be reached, and never opened as what they are."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageSequence
from pypdf import PdfWriter

from panah.errors import PanahError, Refused, Unreadable
from panah.files import apart, clean, documents, films, kinds, markup, pictures
from tests import samples
from tests.samples import GPS, WHO

ROOT = Path(__file__).resolve().parents[1]


def told(data: bytes) -> list[str]:
    """The sentinels that still stand in a file or, if it is packed, in its parts."""
    layers = [data]
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            layers += [archive.read(n) for n in archive.namelist()] + [repr(archive.infolist()).encode(), archive.comment]
    for at in range(len(data)):  # what lies compressed in chunks of a PNG or streams of a PDF
        if data[at] == 0x78 and data[at + 1 : at + 2] in (b"\x01", b"\x9c", b"\xda", b"\x5e"):
            try:
                layers.append(zlib.decompressobj().decompress(data[at:], 1 << 20))
            except zlib.error:
                continue
    probes = {p: [p.encode(e) for e in ("utf-8", "utf-16-le", "utf-16-be")] for p in (GPS, WHO, "SENTINEL")}
    return [p for p, forms in probes.items() if any(form in layer for form in forms for layer in layers)]


def refused(what, *args) -> str:
    with pytest.raises(PanahError) as e:
        what(*args)
    return e.value.code


# -- what files tell --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", samples.ALL)
def test_F4_what_a_file_tells_of_place_time_device_and_author_is_taken_out(name):
    data = samples.ALL[name]()
    assert told(data), "the sample has to tell something"
    cleaned = clean.clean(data)
    assert told(cleaned.data) == []
    assert cleaned.media == kinds.recognise(cleaned.data) or name == "odt"
    again = clean.clean(cleaned.data)
    assert again.data == cleaned.data


@pytest.mark.parametrize("name", samples.PICTURES)
def test_the_picture_itself_stays_dot_for_dot(name):
    data = samples.PICTURES[name]()
    was, now = Image.open(io.BytesIO(data)), Image.open(io.BytesIO(clean.clean(data).data))
    assert [f.convert("RGBA").tobytes() for f in ImageSequence.Iterator(was)] == [f.convert("RGBA").tobytes() for f in ImageSequence.Iterator(now)]  # fmt: skip
    assert now.info.get("exif") in (None, b"") or name == "jpeg"


@given(orientation=st.integers(0, 9))
def test_a_photo_still_knows_which_side_is_up_and_nothing_else(orientation):
    exif = Image.open(io.BytesIO(pictures.jpeg(samples.jpeg(orientation)))).getexif()
    assert dict(exif) == ({0x0112: orientation} if 2 <= orientation <= 8 else {})


def test_the_scans_of_a_jpeg_are_the_very_bytes():
    out = io.BytesIO()
    samples.picture(200).save(out, "JPEG", progressive=True, quality=70, restart_marker_blocks=2)
    data = out.getvalue()
    scans = data[data.index(b"\xff\xda") :]
    assert scans in pictures.jpeg(data + b"a second picture")


def test_a_film_keeps_its_samples_where_they_were():
    data = samples.film()
    cleaned = films.film(data)
    assert len(cleaned) == len(data) and cleaned.index(b"mdat") == data.index(b"mdat")
    dots = b"\0\1\2\3" * 40
    assert cleaned.index(dots) == data.index(dots)
    assert (3_900_000_001).to_bytes(4, "big") in data and (3_900_000_001).to_bytes(4, "big") not in cleaned


def test_a_film_with_a_track_of_places_is_refused():
    assert refused(films.film, samples.film(b"meta")) == "file_not_cleanable"


def test_a_heic_picture_that_shares_bytes_with_its_exif_is_refused():
    data = samples.heic()
    at = data.index(b"iloc") + 12
    both = bytearray(data)
    both[at + 14 + 6 : at + 14 + 10] = both[at + 6 : at + 10]  # the EXIF begins where the dots begin
    assert b"DOTS" * 10 in films.heic(data)
    assert refused(films.heic, bytes(both)) == "file_not_cleanable"


def test_a_document_keeps_its_words_and_loses_its_margins():
    with zipfile.ZipFile(io.BytesIO(clean.clean(samples.docx()).data)) as archive:
        body = archive.read("word/document.xml").decode()
        assert "stays" in body and "دەمێنێت &gt; stays too" in body
        for gone in ("comment", "w:ins", "w:del", "rsid", "author", "<!--"):
            assert gone not in body, gone
        assert set(archive.namelist()) == {"[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels", "word/document.xml", "word/media/image1.jpeg"}  # fmt: skip
        assert (
            "comments" not in archive.read("[Content_Types].xml").decode() + archive.read("word/_rels/document.xml.rels").decode()
        )
        assert (
            "document.xml" in archive.read("_rels/.rels").decode()
            and "image1" in archive.read("word/_rels/document.xml.rels").decode()
        )
    with zipfile.ZipFile(io.BytesIO(clean.clean(samples.odt()).data)) as archive:
        assert archive.namelist()[0] == "mimetype" and archive.infolist()[0].compress_type == zipfile.ZIP_STORED
        assert b"stays" in archive.read("content.xml") and "Thumbnails/thumbnail.png" not in archive.namelist()


def test_a_pdf_keeps_its_page_and_loses_its_history():
    cleaned = clean.clean(samples.pdf()).data
    assert b"the page itself" in cleaned
    for gone in (b"/JavaScript", b"/EmbeddedFile", b"/Annot", b"/Info", b"/Metadata", b"pypdf", b"/ID"):
        assert gone not in cleaned, gone
    # An earlier version of the file, kept under the newer one, goes as well, and what hangs on behind its end.
    writer, newer = PdfWriter(io.BytesIO(samples.pdf()), incremental=True), io.BytesIO()
    writer.pages[0].rotate(90)
    writer.write(newer)
    assert newer.getvalue().count(b"%%EOF") == 2
    assert told(clean.clean(newer.getvalue() + GPS.encode()).data) == []


@pytest.mark.parametrize("extra", ["word/vbaProject.bin", "word/embeddings/oleObject1.bin", "word/media/image2.emf"])
def test_what_cannot_be_looked_into_is_refused_whole(extra):
    assert refused(clean.clean, samples.docx({extra: b"SENTINEL"})) == "file_not_cleanable"


@pytest.mark.parametrize("data", [b"", b"hello", b"<svg onload='x'/>", b"\x7fELF", b"Rar!\x1a\x07", b"\xd0\xcf\x11\xe0"])
def test_other_kinds_are_refused_and_named(data):
    assert refused(clean.clean, data) == "file_not_cleanable"


@given(
    xml=st.recursive(
        st.just("<a/>"),
        lambda inner: st.lists(inner, max_size=3).map(lambda x: "<b>" + "".join(x) + "<c x='>'>t</c></b>"),
        max_leaves=20,
    )
)
def test_cutting_markup_leaves_well_formed_markup(xml):
    cut = markup.cut(xml.encode(), elements=(b"c",), unwrap=(b"a",))
    assert b"<c" not in cut and b"<a" not in cut
    if cut:
        markup.check(cut)


def test_markup_that_grows_is_refused():
    bomb = b'<!DOCTYPE a [<!ENTITY x "xxxxxxxx"><!ENTITY y "&x;&x;">]><a>&y;</a>'
    assert refused(markup.cut, bomb) == "file_broken"
    assert refused(markup.cut, b"<a>" * 300 + b"</a>" * 300) == "file_broken"


# -- the confined process ---------------------------------------------------------------------------------------------------

_ESCAPES = """
import json, os, socket, subprocess, sys
sys.path.insert(0, sys.argv[1])
from panah.files import confined
tries = dict(
    read=lambda: open("/etc/passwd"), write=lambda: open("/tmp/panah-escaped", "w"), internet=lambda: socket.socket(),
    local=lambda: socket.socket(socket.AF_UNIX), run=lambda: subprocess.run(["true"]), fork=os.fork, kill=lambda: os.kill(os.getppid(), 0),
    look=lambda: os.listdir("/"), memory=lambda: bytearray(10**9), more=lambda: os.dup(1), pipe=os.pipe,
)
if len(sys.argv) > 2:
    confined.confine()
said = {}
for name, go in tries.items():
    try:
        go()
        said[name] = "done"
    except (OSError, MemoryError) as e:
        said[name] = "denied"
print(json.dumps(said) + str(dict(os.environ)) + open("/proc/self/status").read()[:0] if len(sys.argv) < 3 else json.dumps(said))
"""


def _escapes(*confined: str) -> dict[str, str]:
    done = subprocess.run([sys.executable, "-I", "-c", _ESCAPES, str(ROOT), *confined], env={}, capture_output=True, timeout=60)
    return json.JSONDecoder().raw_decode(done.stdout.decode())[0]


@pytest.mark.skipif(sys.platform != "linux", reason="the list of system calls is Linux's")
def test_F2_the_process_that_reads_a_strangers_file_reaches_no_file_no_network_and_no_other_process():
    assert set(_escapes("confined").values()) == {"denied"}
    # Without the confinement the same tries succeed: the test can fail.
    free = _escapes()
    assert {free[n] for n in ("read", "internet", "local", "run", "fork", "look", "memory", "pipe")} == {"done"}


def test_F2_it_is_started_with_nothing_and_what_it_says_is_not_believed(monkeypatch):
    seen = {}
    real = subprocess.Popen

    def watched(args, **named):
        seen.update(named, args=args)
        return real(args, **named)

    monkeypatch.setattr(apart.subprocess, "Popen", watched)
    clean.draw(samples.jpeg())
    assert seen["env"] == {} and seen["close_fds"] and "-I" in seen["args"]
    assert not any(samples.GPS in str(a) for a in seen["args"])
    for answer in (
        b"",
        b"no json\n",
        b"[1]\n",
        b'{"media": "text/html"}\n<script>',
        b"[" * 4000 + b"\n",
        b'{"media":"image/png"}\n<html>',
    ):
        monkeypatch.setattr(apart, "_run", lambda job, data, answer=answer: apart._read(answer))
        assert refused(clean.draw, b"x") in ("file_too_much_work", "picture_not_drawn")


def test_where_nothing_can_be_confined_nothing_is_read(monkeypatch):
    from panah.files import confined

    monkeypatch.setattr(confined.platform, "machine", lambda: "mips")
    with pytest.raises(RuntimeError):
        confined.confine()
    monkeypatch.setattr(apart, "_run", lambda job, data: ({"code": "no_confinement_here"}, b""))
    assert refused(clean.draw, samples.png()) == "no_confinement_here"
    assert refused(clean.clean, samples.pdf()) == "no_confinement_here"


# -- hostile pictures -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", samples.PICTURES)
@pytest.mark.parametrize("small", [False, True])
def test_F1_a_shown_picture_is_drawn_anew_and_holds_nothing_of_the_file(name, small):
    data = samples.PICTURES[name]()
    drawn = clean.draw(data, small=small)
    assert told(drawn.data) == [] and drawn.media in (kinds.JPEG, kinds.PNG)
    opened = Image.open(io.BytesIO(drawn.data))
    assert not opened.getexif() and opened.info.get("icc_profile") is None and opened.size == (24, 24)


def test_it_is_drawn_upright_and_no_larger_than_a_screen():
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (3000, 1500)).save(out, "JPEG", exif=exif)
    assert Image.open(io.BytesIO(clean.draw(out.getvalue()).data)).size == (1024, 2048)
    assert max(Image.open(io.BytesIO(clean.draw(out.getvalue(), small=True).data)).size) == 320


def _png(width: int, height: int, dots: bytes) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", dots) + chunk(b"IEND", b"")


def test_F3_a_file_that_swells_is_stopped():
    assert refused(clean.draw, _png(60_000, 60_000, zlib.compress(bytes(10**6)))) == "file_too_much_work"
    assert refused(clean.draw, _png(0, 10, b"")) in ("file_too_much_work", "file_broken")
    swollen = {f"word/{n}.xml": b"<a>" + b" " * 9_000_000 + b"</a>" for n in range(9)}
    assert refused(clean.clean, samples.docx(swollen)) in ("file_not_cleanable", "file_too_much_work")
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for n in range(2_001):
            archive.writestr(f"{n}", b"")
    assert refused(clean.clean, many.getvalue()) == "file_not_cleanable"
    assert refused(clean.clean, b"\xff\xd8" + bytes(clean.MOST)) == "file_too_large"


def test_F3_a_part_that_is_larger_than_it_says_is_stopped():
    data = bytearray(samples.docx({"word/big.xml": b"<a>" + b" " * 100_000 + b"</a>"}))
    size = (100_007).to_bytes(4, "little")
    while (at := data.find(size)) >= 0:
        data[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises((Unreadable, Refused)):
        documents.unpack(bytes(data))


def test_F3_a_process_that_does_not_end_is_ended(monkeypatch):
    monkeypatch.setattr(apart, "SECONDS", 0.3)
    monkeypatch.setattr(apart, "_START", "import time; time.sleep(60)")
    assert refused(clean.draw, samples.png()) == "file_too_much_work"
    monkeypatch.setattr(apart, "MOST_OUT", 1000)
    monkeypatch.setattr(apart, "SECONDS", 20)
    monkeypatch.setattr(apart, "_START", "import os\nwhile 1: os.write(1, bytes(65536))")
    assert refused(clean.draw, samples.png()) == "file_too_much_work"


@pytest.mark.parametrize("name", samples.PICTURES)
def test_a_picture_cut_anywhere_is_refused_or_drawn_never_worse(name):
    data = clean.clean(samples.PICTURES[name]()).data
    for cut in (20, len(data) // 3, len(data) // 2, len(data) - 3):
        with pytest.raises(Unreadable):
            clean.clean(data[:cut])
    assert refused(clean.draw, data[: len(data) // 3]) in ("file_broken", "picture_not_drawn")


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"<html><script>1</script>", b"%PDF-1.7 not a picture",
        b"GIF89a/*<script>*/=1;", b"BM" + bytes(60), b"II*\0" + bytes(60), b"\0\0\0\x0cjP  \r\n\x87\n", b"%!PS-Adobe-3.0 EPSF-3.0",
        b"RIFF\xff\xff\xff\xffWEBPVP8 ", b"\xff\xd8\xff\xe0" + b"A" * 99, b"", b"P6 99999 99999 255 ",
    ],
)  # fmt: skip
def test_F1_what_lies_about_its_kind_is_not_drawn(data):
    assert refused(clean.draw, data) in ("picture_not_drawn", "file_broken")


def test_F1_a_picture_that_is_a_page_as_well_leaves_only_the_picture():
    page = b"<html><script>fetch('//SENTINEL')</script>"
    data = samples.png()
    polyglots = [
        data + page,
        data[:33] + len(page).to_bytes(4, "big") + b"tEXt" + page + bytes(4) + data[33:],
        samples.jpeg() + b"PK\x03\x04" + page,
    ]
    for both in polyglots:
        for out in (clean.clean(both).data, clean.draw(both).data):
            assert b"<script" not in out and b"PK\x03\x04" not in out
