"""The types of questions: how people write them, and what each becomes here."""

from __future__ import annotations

import re
from typing import NamedTuple

# XLSForm type -> the kind of answer here.
KINDS = {
    "text": "text", "integer": "int", "decimal": "decimal", "range": "int", "date": "date", "datetime": "datetime", "time": "time",
    "select_one": "code", "select_multiple": "codes", "note": "note", "acknowledge": "ack", "calculate": "calculate",
    "image": "attach", "audio": "attach", "video": "attach", "file": "attach",
    "begin_group": "", "end_group": "", "begin_repeat": "list", "end_repeat": "",
}  # fmt: skip
_ALIASES = {
    "string": "text", "str": "text", "free text": "text", "textbox": "text", "int": "integer", "whole number": "integer",
    "number": "decimal", "float": "decimal", "double": "decimal", "date time": "datetime", "timestamp": "datetime", "day": "date",
    "photo": "image", "picture": "image", "document": "file", "attachment": "file", "calculation": "calculate", "info": "note",
    "label": "note", "instruction": "note", "trigger": "acknowledge", "checkbox": "acknowledge", "barcode": "text", "email": "text",
    "select one": "select_one", "select1": "select_one", "select": "select_multiple", "select multiple": "select_multiple",
    "start group": "begin_group", "group": "begin_group", "loop": "begin_repeat", "repeat": "begin_repeat", "begin loop": "begin_repeat",
    "end loop": "end_repeat", "start repeat": "begin_repeat",
}  # fmt: skip
# Written down by the phone about itself and whoever holds it: left out.
ABOUT_DEVICE = frozenset((
    "start", "end", "today", "deviceid", "device id", "phonenumber", "phone number", "subscriberid", "subscriber id", "simserial",
    "sim serial", "username", "user name", "audit", "start-geopoint", "start geopoint", "background-audio", "background audio",
    "background-geopoint", "imei", "uri:deviceid", "hidden",
))  # fmt: skip
EXACT_PLACE = {"geopoint", "geotrace", "geoshape", "gps", "location", "coordinates"}
ELSEWHERE = {
    "select_one_from_file", "select_multiple_from_file", "select_one_external", "xml-external", "csv-external", "osm", "rank", "map",
}  # fmt: skip

_SELECT = re.compile(
    r"(?P<how>select[ _]?one|select1|select[ _]multiple|select[ _]all(?:[ _]that[ _]apply)?|multiple[ _]choice|single[ _]choice)"
    r"(?:[ _]from)?(?:[ _]+(?P<list>\S+?))?(?P<other>[ ,_]+(?:or[ _]?other|or[ _]specify[ _]other))?",
    re.IGNORECASE,
)


class Written(NamedTuple):
    """A type as it was understood: the XLSForm type, the list, whether "other" may be written in, and whether it had to be mended."""

    type: str
    list: str = ""
    other: bool = False
    mended: bool = False


def read(written: str) -> Written | None:
    """The type that somebody meant; None for what is none that we know."""
    plain = " ".join(written.replace("\u00a0", " ").split())
    if re.match(r"select[ _](one|multiple)[ _](from[ _]file|external)\b", plain, re.IGNORECASE):
        return Written("select_one_from_file")
    if match := _SELECT.fullmatch(plain):
        how = (
            "select_one"
            if re.sub(r"[ _]", "", match["how"].lower()) in ("selectone", "select1", "singlechoice")
            else "select_multiple"
        )
        listed, other = match["list"] or "", bool(match["other"])
        right = f"{how} {listed}{' or_other' if other else ''}"
        return Written(how, listed, other, plain != right or plain != written)
    low = plain.casefold()
    spaced = low.replace("_", " ")
    if low in ABOUT_DEVICE or spaced in ABOUT_DEVICE:
        return Written("about_device")
    if low in EXACT_PLACE or low in ELSEWHERE:
        return Written("geopoint" if low in EXACT_PLACE else low)
    joined = re.sub(r"^(begin|end)[ _-]?(group|repeat)$", r"\1_\2", low)
    found = joined if joined in KINDS else _ALIASES.get(spaced, "")
    right = "dateTime" if found == "datetime" else found
    return Written(found, mended=written != right) if found else None
