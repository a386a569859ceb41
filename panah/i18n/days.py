"""Days and moments as people say and type them. Stored dates are ISO text in the Gregorian calendar, stored moments UTC seconds."""

from __future__ import annotations

import re
from datetime import date, datetime

from persiantools.jdatetime import JalaliDate

from panah.i18n import texts

MONTHS = {
    "gregorian": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
    "solar_hijri": (
        "Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar",
        "Mehr", "Aban", "Azar", "Dey", "Bahman", "Esfand",
    ),
    "lunar_hijri": (
        "Muharram", "Safar", "Rabi I", "Rabi II", "Jumada I", "Jumada II",
        "Rajab", "Sha'ban", "Ramadan", "Shawwal", "Dhu al-Qa'da", "Dhu al-Hijja",
    ),
}  # fmt: skip

# A year before this one, typed today, is a year of the Solar Hijri calendar.
_FIRST_GREGORIAN = 1700
_PARTS = re.compile(r"(\d{4})[-/.\s]+(\d{1,2})[-/.\s]+(\d{1,2})")
_CLOCK = re.compile(r"(.*\d)[T\s,،]+(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?")


def calendar_of(lang: str) -> str:
    """The calendar that readers of a language are shown first."""
    return texts.LANGUAGES[lang].calendar if lang in texts.LANGUAGES else "gregorian"


def in_calendar(day: date, calendar: str) -> tuple[int, int, int]:
    """Year, month and day of a date in the Gregorian or Solar Hijri calendar."""
    if calendar == "solar_hijri":
        solar = JalaliDate.to_jalali(day)
        return solar.year, solar.month, solar.day
    return day.year, day.month, day.day


def said(lang: str, calendar: str, year: int, month: int = 0, day: int = 0) -> str:
    """A day, a month or a year of any of the three calendars, in words."""
    name = texts.text(lang, MONTHS[calendar][month - 1]) if 1 <= month <= 12 else ""
    parts = [str(day) if day and name else "", name, str(year)]
    return texts.digits(lang, " ".join(p for p in parts if p))


def day(lang: str, iso: str, calendar: str | None = None, beside: bool = True) -> str:
    """A stored date in the reader's calendar, with the other calendar beside it."""
    try:
        that = date.fromisoformat(iso)
        first = calendar or calendar_of(lang)
        other = "gregorian" if first == "solar_hijri" else "solar_hijri"
        shown = said(lang, first, *in_calendar(that, first))
        return f"{shown} ({said(lang, other, *in_calendar(that, other))})" if beside else shown
    except ValueError:  # before the first year of the calendar, or no date: shown as it is kept
        return texts.digits(lang, iso)


def typed(lang: str, iso: str) -> str:
    """A stored date as it stands in a form: year, month, day in the reader's calendar and digits."""
    try:
        that = date.fromisoformat(iso)
        year, month, number = in_calendar(that, calendar_of(lang))
        if (year >= _FIRST_GREGORIAN) != (year == that.year):  # would be read in the other calendar
            other = "gregorian" if year >= _FIRST_GREGORIAN else "solar_hijri"
            year, month, number = in_calendar(that, other)
        return texts.digits(lang, f"{year:04}-{month:02}-{number:02}")
    except ValueError:
        return iso


def read_day(entered: str) -> str | None:
    """The stored date for year, month, day as typed: any digits, Gregorian or Solar Hijri. None if there is no such day."""
    match = _PARTS.fullmatch(texts.ascii_digits(entered).strip())
    if match is None:
        return None
    year, month, number = (int(part) for part in match.groups())
    try:
        if year < _FIRST_GREGORIAN:
            return JalaliDate(year, month, number).to_gregorian().isoformat()
        return date(year, month, number).isoformat()
    except ValueError:
        return None


def _local(seconds: float) -> datetime:
    # The clock on this desk's wall: a visit at nine is at nine where the caseworker is.
    return datetime.fromtimestamp(seconds).astimezone()


def moment(lang: str, seconds: float, calendar: str | None = None, beside: bool = False) -> str:
    """A moment as this desk's clock showed it."""
    return texts.text(lang, "{day}, {clock}").format(day=day(lang, day_of(seconds), calendar, beside), clock=clock(lang, seconds))


def day_of(seconds: float) -> str:
    """The stored date of a moment, on this desk's calendar."""
    return _local(seconds).date().isoformat()


def end_of_day(seconds: float) -> float:
    """The last moment of that day on this desk's clock."""
    return _local(seconds).replace(hour=23, minute=59, second=59).timestamp()


def clock(lang: str, seconds: float) -> str:
    """Hour and minute of a moment as this desk's clock showed them."""
    return texts.digits(lang, _local(seconds).strftime("%H:%M"))


def clock_input(seconds: float) -> str:
    """A moment as the browser's field for day and clock holds it: to the minute, in this desk's time."""
    return _local(seconds).strftime("%Y-%m-%dT%H:%M")


def read_moment(entered: str) -> float | None:
    """UTC seconds for a day and clock as typed or as the browser sends them. None if there is no such moment."""
    match = _CLOCK.fullmatch(texts.ascii_digits(entered).strip())
    iso = read_day(match[1]) if match else None
    if match is None or iso is None:
        return None
    try:
        return datetime.fromisoformat(f"{iso}T{int(match[2]):02}:{match[3]}").timestamp()
    except (ValueError, OverflowError, OSError):
        return None


_AGO = (
    (60, 60, "{n} minute ago", "{n} minutes ago"),
    (3600, 24, "{n} hour ago", "{n} hours ago"),
    (86400, 0, "{n} day ago", "{n} days ago"),
)
_AHEAD = (
    (60, 60, "in {n} minute", "in {n} minutes"),
    (3600, 24, "in {n} hour", "in {n} hours"),
    (86400, 0, "in {n} day", "in {n} days"),
)


def ago(lang: str, seconds_ago: float) -> str:
    """How long since, or until, in words."""
    if abs(seconds_ago) < 60:
        return texts.text(lang, "less than a minute ago" if seconds_ago >= 0 else "in less than a minute")
    units = _AGO if seconds_ago > 0 else _AHEAD
    unit, _, one, many = next(u for u in units if not u[1] or abs(seconds_ago) < u[0] * u[1])
    return texts.plural(lang, one, many, int(abs(seconds_ago) // unit))
