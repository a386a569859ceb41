"""QR codes as people use them: shown on a screen, photographed askew, taken back; read by a process that reaches nothing."""

from __future__ import annotations

import io

import pytest
import segno
from PIL import Image, ImageDraw

from panah import qr
from panah.errors import Full, PanahError
from panah.files import apart
from panah.kernel import keys
from panah.node import codes
from panah.node.pictures import qr_codes


def drawn(text, scale=4):
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=scale)
    return Image.open(io.BytesIO(out.getvalue())).convert("L")


def saved(picture, form="PNG", **how):
    out = io.BytesIO()
    picture.save(out, form, **how)
    return out.getvalue()


def desk_with(pictures, angle=0.0):
    """A photo of codes on a table: grey, turned, not all of it paper."""
    photo = Image.new("L", (sum(p.width for p in pictures) + 300, max(p.height for p in pictures) + 300), 120)
    at = 100
    for p in pictures:
        photo.paste(p, (at, 150))
        at += p.width + 40
    ImageDraw.Draw(photo).line((0, 0, photo.width, 60), fill=30, width=9)
    return photo.rotate(angle, expand=True, fillcolor=90)


@pytest.mark.parametrize("size", [64, 420, 1300])
def test_what_was_shown_is_read_from_a_picture(size):
    data = keys.random(size)
    parts = qr.split(data, kind="card")
    found = [text for part in parts for text in qr_codes(saved(drawn(part)))]
    assert qr.join(found, kind="card") == data


def test_several_codes_on_one_photo_and_a_photo_that_hangs_askew():
    data = keys.random(800)
    parts = qr.split(data, kind="welcome", piece=450)
    photo = saved(desk_with([drawn(p, 5) for p in parts], angle=11), "JPEG", quality=80)
    assert sorted(qr_codes(photo)) == sorted(parts) and qr.join(qr_codes(photo)) == data


def test_a_picture_without_a_code_gives_none_and_one_of_something_else_gives_its_text():
    assert qr_codes(saved(Image.new("RGB", (400, 300), "white"), "JPEG")) == []
    assert qr_codes(saved(drawn("https://example.org/"))) == ["https://example.org/"]
    # Letters that are none of ours do not come back: what a page shows of them would be a stranger's.
    assert qr_codes(saved(drawn("نشانی"))) == [] and qr_codes(saved(drawn("a\x1b[2Jb"))) == []


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff" + bytes(100), b"\x89PNG\r\n\x1a\n" + bytes(64), b"<svg/>"])
def test_what_is_no_picture_is_refused_in_words(data):
    with pytest.raises(PanahError) as e:
        qr_codes(data)
    assert e.value.code in apart.CODES


def test_a_picture_that_is_too_large_is_not_looked_at():
    with pytest.raises(Full):
        qr_codes(bytes(17 * 1024 * 1024))
    bomb = saved(Image.new("1", (30_000, 30_000)))
    with pytest.raises(PanahError, match="file_too_much_work"):
        qr_codes(bomb)


def test_a_page_shows_each_part_as_a_drawing_that_can_be_read():
    shown = codes.show(keys.random(1000), "welcome")
    assert len(shown) == 3
    for text, drawing in shown:
        assert qr.read(text) and drawing.startswith("<svg") and "style=" not in drawing and "script" not in drawing
