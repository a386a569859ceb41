"""Take out of documents who wrote them, when, with what, and what was said in their margins: PDF, and the two families of packed XML.

Runs only in the confined process (confined.py): these containers are the widest doors of all. Comments and tracked changes go with
the names of those who made them; what is deleted in a tracked change is gone, what is inserted stands. A document that holds what
cannot be looked into (macros, foreign objects, encryption) is refused, and can be kept only as it is.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Mapping
from typing import Any

from panah.errors import PanahError, Refused
from panah.files import kinds, markup, pictures
from panah.files.pictures import broken

MOST_PARTS = 2_000
MOST_UNPACKED = 64 * 1024 * 1024
_DAY = (1980, 1, 1, 0, 0, 0)

# Parts of an Office file that go, with everything that names them.
_GONE = re.compile(
    r"docProps/|customXml/|_xmlsignatures/|.*/(comments\w*|threadedComments|persons|revisions|printerSettings|customXml)/"
    r"|.*/(comments\w*|people|commentAuthors|authors)\.xml$|.*thumbnail[^/]*$"
)
_OPAQUE = re.compile(r".*(vbaProject\.bin|/activeX/.*|/embeddings/.*|\.bin)$")
_CHANGES = frozenset(
    b"del moveFrom rPrChange pPrChange sectPrChange tblPrChange tblPrExChange tblGridChange trPrChange tcPrChange numberingChange "
    b"commentRangeStart commentRangeEnd commentReference moveFromRangeStart moveFromRangeEnd moveToRangeStart moveToRangeEnd "
    b"cellIns cellDel cellMerge attachedTemplate rsids absPath fileSharing docVars".split()
)
_WHO = frozenset(b"author date initials userId providerId dateUtc lastModifiedBy userName".split())
_OWN_TYPES = (
    "/attachedTemplate",
    "/printerSettings",
    "/thumbnail",
    "/custom-properties",
    "/core-properties",
    "/extended-properties",
)
_ODF_GONE = re.compile(
    r"Thumbnails/|Configurations2/|settings\.xml$|META-INF/.*signatures.*|layout-cache$|manifest\.rdf$|.*/(meta|settings)\.xml$"
)
_ODF_OPAQUE = re.compile(r"(Basic|Scripts)/|Object \d+|ObjectReplacements/")
_ODF_MARGIN = frozenset(b"annotation annotation-end tracked-changes change change-start change-end".split())
_ODF_META = (
    b'<?xml version="1.0" encoding="UTF-8"?><office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    b'office:version="1.2"><office:meta/></office:document-meta>'
)


def packed(data: bytes) -> tuple[str, bytes]:
    """(kind, bytes) of an Office or OpenDocument file without what it tells. Refused for any other packed file."""
    parts = unpack(data)
    if "[Content_Types].xml" in parts:
        return kinds.OOXML, _pack(_office(parts))
    if parts.get("mimetype", b"").startswith(b"application/vnd.oasis.opendocument."):
        return kinds.ODF, _pack(_open_document(parts), first="mimetype")
    raise Refused("file_not_cleanable")


def unpack(data: bytes) -> dict[str, bytes]:
    """Every part of a packed file, bounded in number and size however well it is packed; what its names say leads nowhere."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if len(infos) > MOST_PARTS or sum(i.file_size for i in infos) > MOST_UNPACKED:
                raise Refused("file_not_cleanable")
            found: dict[str, bytes] = {}
            room = MOST_UNPACKED
            for info in infos:
                name = info.filename
                if name in found or name.startswith(("/", "..")) or "/../" in name or info.flag_bits & 1:
                    raise Refused("file_not_cleanable")
                if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise Refused("file_not_cleanable")
                if info.is_dir():
                    continue
                with archive.open(info) as part:
                    found[name] = part.read(room + 1)  # what is stated as its size is not believed
                room -= len(found[name])
                if room < 0:
                    raise Refused("file_not_cleanable")
            return found
    except PanahError:
        raise
    except Exception as e:  # zipfile raises whatever its parts raise: struct, zlib, index, value, not implemented
        raise broken() from e


def _pack(parts: Mapping[str, bytes], first: str = "") -> bytes:
    """The same parts, in one order, without times, comments and the names of the programs that packed them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in sorted(parts, key=lambda n: (n != first, n != "[Content_Types].xml", n)):
            info = zipfile.ZipInfo(name, _DAY)
            info.create_system, info.external_attr = 0, 0
            archive.writestr(info, parts[name], zipfile.ZIP_STORED if name == first else zipfile.ZIP_DEFLATED)
    return out.getvalue()


# -- Office ----------------------------------------------------------------------------------------------------------------


def _office(parts: dict[str, bytes]) -> dict[str, bytes]:
    kept = {name: part for name, part in parts.items() if not _GONE.match(name) and not name.endswith(".rels")}
    if any(_OPAQUE.match(name) for name in kept):
        raise Refused("file_not_cleanable")
    out = {name: _office_part(name, part) for name, part in kept.items()}
    for name, part in parts.items():
        if name.endswith(".rels") and not _GONE.match(name):
            out[name] = _relations(name, part, kept)
    out["[Content_Types].xml"] = markup.cut(
        parts["[Content_Types].xml"],
        goes=lambda tag_name, tag: tag_name == b"Override" and markup.attribute(tag, b"PartName").lstrip("/") not in out,
    )
    return out


def _office_part(name: str, part: bytes) -> bytes:
    if name == "[Content_Types].xml":
        return part
    if name.endswith((".xml", ".vml")):
        if not name.startswith(("word/", "xl/", "ppt/")):
            return markup.cut(part)
        # A page's setup points to the settings of a printer, which are gone.
        setup = part if b"pageSetup" not in part else re.sub(rb"(<(?:\w+:)?pageSetup\b[^>]*?)\s\w+:id=\"[^\"]*\"", rb"\1", part)
        return markup.cut(setup, elements=_CHANGES, unwrap=(b"ins", b"moveTo"), attributes=_WHO)
    return _inner(part)


def _inner(part: bytes) -> bytes:
    """A picture inside a document is cleaned as one outside; what is no picture we read cannot be looked into."""
    cleaner = pictures.CLEANERS.get(kinds.recognise(part))
    if cleaner is None:
        raise Refused("file_not_cleanable")
    return cleaner(part)


def _relations(name: str, part: bytes, kept: Mapping[str, bytes]) -> bytes:
    folder = posixpath.dirname(posixpath.dirname(name))

    def goes(tag_name: bytes, tag: bytes) -> bool:
        if tag_name != b"Relationship":
            return False
        if markup.attribute(tag, b"Type").endswith(_OWN_TYPES):
            return True
        target = markup.attribute(tag, b"Target")
        if markup.attribute(tag, b"TargetMode") == "External":
            return target.lower().startswith("file:")  # the path of somebody's own folder
        return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/") not in kept

    return markup.cut(part, goes=goes)


# -- OpenDocument ----------------------------------------------------------------------------------------------------------


def _open_document(parts: dict[str, bytes]) -> dict[str, bytes]:
    kept = {name: part for name, part in parts.items() if not _ODF_GONE.match(name)}
    if any(_ODF_OPAQUE.match(name) for name in kept) or b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise Refused("file_not_cleanable")
    out: dict[str, bytes] = {}
    for name, part in kept.items():
        if name == "mimetype":
            out[name] = part
        elif name == "meta.xml":
            out[name] = _ODF_META
        elif name == "META-INF/manifest.xml":
            out[name] = markup.cut(
                part, goes=lambda n, tag: n == b"file-entry" and not _still_there(markup.attribute(tag, b"full-path"), kept)
            )
        elif name.endswith(".xml"):
            out[name] = markup.cut(part, elements=_ODF_MARGIN)
        else:
            out[name] = _inner(part)
    return out


def _still_there(path: str, kept: Mapping[str, bytes]) -> bool:
    return path == "/" or path in kept or (path.endswith("/") and any(name.startswith(path) for name in kept))


# -- PDF -------------------------------------------------------------------------------------------------------------------

# What in any dictionary of a PDF tells of its making, or does something by itself.
_PDF_TELLS = (
    "/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/OpenAction", "/AA", "/JavaScript", "/EmbeddedFiles", "/AF", "/Perms",
    "/DSS", "/SpiderInfo", "/Collection", "/Threads", "/StructTreeRoot", "/MarkInfo", "/OCProperties", "/NM",
)  # fmt: skip
_PDF_NOTES = frozenset(
    ("/Text", "/FreeText", "/Popup", "/FileAttachment", "/Sound", "/Movie", "/Screen", "/3D", "/RichMedia", "/Stamp", "/Highlight",
     "/Underline", "/Squiggly", "/StrikeOut", "/Caret", "/Ink", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Redact")
)  # fmt: skip


def pdf(data: bytes) -> bytes:
    """A cleaned PDF. Written twice: the second time nothing is left of the numbers of what went."""
    return _pdf(_pdf(data))


def _pdf(data: bytes) -> bytes:
    """A PDF with its pages and nothing of its making: no author, no earlier versions, no notes, no attached files, no scripts."""
    from pypdf import PdfReader, PdfWriter

    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if (
            reader.is_encrypted
            or reader.get_form_text_fields()
            or "/Sig" in str(reader.trailer.get("/Root", {}).get("/AcroForm", ""))
        ):
            raise Refused("file_not_cleanable")
        writer = PdfWriter()
        for page in reader.pages:
            writer.add_page(page)
        writer.metadata = None
        _tell_nothing(writer)
        writer.compress_identical_objects(remove_duplicates=False, remove_unreferenced=True)
        out = io.BytesIO()
        writer.write(out)
        return out.getvalue()
    except PanahError:
        raise
    except (MemoryError, RecursionError):
        raise
    except Exception as e:  # pypdf raises more than its own errors on hostile files
        raise broken() from e


def _tell_nothing(writer: Any) -> None:
    from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject

    for one in [o for o in writer._objects if isinstance(o, DictionaryObject)]:
        for name in _PDF_TELLS:
            one.pop(NameObject(name), None)
        notes = one.get("/Annots")
        notes = notes.get_object() if notes is not None else None
        if isinstance(notes, ArrayObject):
            stay = [n for n in notes if n.get_object().get("/Subtype") not in _PDF_NOTES]
            one.pop("/Annots")
            if stay:
                one[NameObject("/Annots")] = ArrayObject(stay)
        if (
            isinstance(one, StreamObject)
            and one.get("/Subtype") == "/Image"
            and one.get("/Filter") in ("/DCTDecode", ["/DCTDecode"])
        ):
            one._data = pictures.jpeg(one._data)
