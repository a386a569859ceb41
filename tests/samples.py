"""Files of every kind that Panah reads, each with a sentinel in every place where such files tell of themselves."""

from __future__ import annotations

import io
import struct
import zipfile

from PIL import Image, PngImagePlugin

GPS = "SENTINELGPS36.1911N"
WHO = "SENTINELAUTHOR شیلان"


def picture(side: int = 24, alpha: bool = False) -> Image.Image:
    """A small picture that is different at every dot."""
    dots = bytes(v for y in range(side) for x in range(side) for v in ((x * 9) % 256, (y * 7) % 256, (x * y) % 256))
    made = Image.frombytes("RGB", (side, side), dots)
    return made.convert("RGBA") if alpha else made


def jpeg(orientation: int = 6) -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x013B] = orientation, GPS, WHO
    out = io.BytesIO()
    picture().save(out, "JPEG", exif=exif, comment=WHO.encode(), icc_profile=GPS.encode() * 9)
    return out.getvalue() + GPS.encode()


def png() -> bytes:
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", WHO)
    told.add_itxt("XML:com.adobe.xmp", GPS, zip=True)
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = GPS
    picture().save(out, "PNG", pnginfo=told, exif=exif)
    return out.getvalue() + WHO.encode()


def webp() -> bytes:
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = GPS
    picture(alpha=True).save(out, "WEBP", lossless=True, exif=exif, xmp=WHO.encode(), icc_profile=GPS.encode() * 9)
    return out.getvalue() + GPS.encode()


def gif() -> bytes:
    out = io.BytesIO()
    frames = [picture().convert("P"), picture().rotate(90).convert("P")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], loop=0, duration=90, comment=WHO.encode())
    xmp = b"!\xff\x0bXMP DataXMP" + bytes([len(GPS)]) + GPS.encode() + b"\0"
    return out.getvalue()[:-1] + xmp + b";" + WHO.encode()


def box(name: bytes, *inside: bytes) -> bytes:
    body = b"".join(inside)
    return struct.pack(">I", len(body) + 8) + name + body


def film(handler: bytes = b"vide") -> bytes:
    dots = b"\0\1\2\3" * 40
    moment = struct.pack(">IIII", 0, 3_900_000_001, 3_900_000_002, 1000)
    stbl = box(b"stbl", box(b"stsd", bytes(8)), box(b"stco", bytes(8)))
    minf = box(b"minf", box(b"vmhd", bytes(12)), box(b"dinf", bytes(8)), stbl)
    mdia = box(b"mdia", box(b"mdhd", moment, bytes(8)), box(b"hdlr", bytes(8), handler, bytes(12), WHO.encode() + b"\0"), minf)
    trak = box(b"trak", box(b"tkhd", moment, bytes(72)), mdia, box(b"udta", box(b"\xa9xyz", GPS.encode())))
    moov = box(b"moov", box(b"mvhd", moment, bytes(88)), trak, box(b"udta", box(b"meta", bytes(4), WHO.encode())))
    told = box(b"uuid", bytes(16), GPS.encode())
    return box(b"ftyp", b"isom", bytes(4), b"isom") + told + moov + box(b"mdat", dots) + box(b"free", WHO.encode())


def heic() -> bytes:
    """The frame of a HEIC picture: two items, one the dots and one the EXIF, both in `mdat`."""
    head = box(b"ftyp", b"heic", bytes(4), b"mif1heic")
    dots, exif = b"DOTS" * 10, b"\0\0\0\6Exif\0\0" + GPS.encode()

    def meta(at: int) -> bytes:
        items = [(1, b"hvc1", at, len(dots)), (2, b"Exif", at + len(dots), len(exif))]
        infe = b"".join(box(b"infe", b"\2\0\0\0", struct.pack(">HH", i, 0), kind, b"\0") for i, kind, _, _ in items)
        where = b"".join(struct.pack(">HHHII", i, 0, 1, begins, size) for i, _, begins, size in items)
        iloc = box(b"iloc", b"\0\0\0\0", b"\x44\0", struct.pack(">H", len(items)), where)
        return box(
            b"meta",
            bytes(4),
            box(b"hdlr", bytes(8), b"pict", bytes(13)),
            box(b"iinf", bytes(4), struct.pack(">H", 2), infe),
            iloc,
        )

    begins = len(head) + len(meta(0)) + 8
    return head + meta(begins) + box(b"mdat", dots, exif) + box(b"uuid", WHO.encode())


def pdf() -> bytes:
    from pypdf import PdfWriter
    from pypdf.annotations import Text
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, TextStringObject

    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    page[NameObject("/PieceInfo")] = NameObject("/" + GPS)
    drawn = DecodedStreamObject()
    drawn.set_data(b"BT (the page itself) Tj ET")
    page[NameObject("/Contents")] = writer._add_object(drawn)
    writer.add_annotation(0, Text(text=WHO, rect=(9, 9, 20, 20)))
    writer.add_metadata({"/Author": WHO, "/Producer": GPS})
    told = DecodedStreamObject()
    told.set_data(f"<x:xmpmeta>{GPS}</x:xmpmeta>".encode())
    writer.root_object[NameObject("/Metadata")] = writer._add_object(told)
    writer.add_attachment("sentinel.txt", GPS.encode())
    script = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(f"app.alert('{GPS}')")}
    )
    writer.root_object[NameObject("/OpenAction")] = writer._add_object(script)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def docx(extra: dict[str, bytes] | None = None) -> bytes:
    def relations(*lines: str) -> str:
        inside = "".join(
            f'<Relationship Id="r{n}" Type="{_REL}{t}" Target="{to}"/>' for n, (t, to) in enumerate(x.split() for x in lines)
        )
        return f'<?xml version="1.0"?><Relationships xmlns="x">{inside}</Relationships>'

    body = (
        f'<?xml version="1.0"?><w:document {_W}><!-- {GPS} --><w:body><w:p w:rsidR="00AA"><w:commentRangeStart w:id="0"/>'
        f'<w:ins w:id="1" w:author="{WHO}" w:date="2026-01-01T00:00:00Z"><w:r><w:t>stays</w:t></w:r></w:ins>'
        f'<w:del w:id="2" w:author="{WHO}"><w:r><w:delText>{GPS}<w:del>x</w:del></w:delText></w:r></w:del>'
        '<w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r><w:r><w:t>دەمێنێت &gt; stays too</w:t></w:r></w:p></w:body></w:document>'
    )
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="x"><Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/word/document.xml" ContentType="d"/><Override PartName="/word/comments.xml" ContentType="c"/>'
        '<Override PartName="/docProps/core.xml" ContentType="p"/></Types>',
        "_rels/.rels": relations("officeDocument word/document.xml", "core-properties docProps/core.xml", "thumbnail docProps/thumbnail.jpeg"),
        "word/_rels/document.xml.rels": relations("comments comments.xml", "image media/image1.jpeg"),
        "word/document.xml": body,
        "word/comments.xml": f'<w:comments {_W}><w:comment w:id="0" w:author="{WHO}"><w:p/></w:comment></w:comments>',
        "word/people.xml": f'<w:people {_W}>{WHO}</w:people>',
        "word/media/image1.jpeg": jpeg(),
        "docProps/core.xml": f"<cp:core xmlns:cp='x'><dc:creator xmlns:dc='y'>{WHO}</dc:creator></cp:core>",
        "docProps/app.xml": f"<Properties><Company>{WHO}</Company></Properties>",
        "docProps/thumbnail.jpeg": jpeg(),
        **(extra or {}),
    }  # fmt: skip
    return _zip(parts)


def odt(extra: dict[str, bytes] | None = None) -> bytes:
    ns = 'xmlns:office="o" xmlns:text="t" xmlns:dc="d"'
    parts: dict[str, str | bytes] = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f"<office:doc {ns}><text:tracked-changes>{GPS}</text:tracked-changes><text:p>stays<office:annotation>"
        f"<dc:creator>{WHO}</dc:creator></office:annotation></text:p></office:doc>",
        "meta.xml": f"<office:meta {ns}><dc:creator>{WHO}</dc:creator></office:meta>",
        "settings.xml": f"<office:settings {ns}>{WHO}</office:settings>",
        "Thumbnails/thumbnail.png": png(),
        "Pictures/one.png": png(),
        "META-INF/manifest.xml": '<m:manifest xmlns:m="m"><m:file-entry m:full-path="/"/><m:file-entry m:full-path="content.xml"/>'
        '<m:file-entry m:full-path="Thumbnails/thumbnail.png"/></m:manifest>',
        **(extra or {}),
    }  # fmt: skip
    return _zip(parts)


def _zip(parts: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = WHO.encode()
        for name, part in parts.items():
            info = zipfile.ZipInfo(name, (2026, 3, 4, 5, 6, 8))
            info.comment = GPS.encode()
            archive.writestr(info, part, zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED)
    return out.getvalue()


PICTURES = {"jpeg": jpeg, "png": png, "webp": webp, "gif": gif}
BYTEWISE = {**PICTURES, "film": film, "heic": heic}
DOCUMENTS = {"pdf": pdf, "docx": docx, "odt": odt}
ALL = {**BYTEWISE, **DOCUMENTS}
