"""When somebody was born, as an interval: a full date, a month, a year of any of three calendars, or an age at a day.

People know their birth in the calendar of their papers, as a year, as an age, or as the first of a year that a clerk wrote. All of these are
days from-to with a note on how far they can be trusted; two of them are compared by how they overlap.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from persiantools.jdatetime import JalaliDate

from panah.i18n import texts

_EARLIEST, _LATEST = date(1880, 1, 1), date(2200, 1, 1)
# A year before this one is not Gregorian.
_FIRST_GREGORIAN = 1700
_MONTHS = {
    name: n
    for names, n in (
        ("farvardin فروردین فروردين xakelêwe خاکەلێوە", 1), ("ordibehesht اردیبهشت ارديبهشت gulan گوڵان", 2), ("khordad خرداد jozerdan جۆزەردان", 3),
        ("tir تیر تير pûşper پووشپەڕ", 4), ("mordad amordad مرداد امرداد gelawêj گەلاوێژ", 5), ("shahrivar شهریور شهريور xermanan خەرمانان", 6),
        ("mehr مهر rezber ڕەزبەر", 7), ("aban آبان ابان gelarêzan گەڵاڕێزان", 8), ("azar آذر اذر sermawez سەرماوەز", 9),
        ("dey دی دي befranbar بەفرانبار", 10), ("bahman بهمن rêbendan ڕێبەندان", 11), ("esfand اسفند reşeme ڕەشەمە", 12),
    )
    for name in names.split()
}  # fmt: skip
_LATIN_MONTHS = {
    name: n for n, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_ARABIC_MONTHS = {
    name: n
    for n, names in enumerate(
        [
            "يناير,كانون الثاني",
            "فبراير,شباط",
            "مارس,آذار,اذار",
            "أبريل,ابريل,نيسان",
            "مايو,أيار,ايار",
            "يونيو,حزيران",
            "يوليو,تموز",
            "أغسطس,اغسطس,آب",
            "سبتمبر,أيلول,ايلول",
            "أكتوبر,اكتوبر,تشرين الأول",
            "نوفمبر,تشرين الثاني",
            "ديسمبر,كانون الأول",
        ],
        1,
    )
    for name in names.split(",")
}
_PARTS = re.compile(r"\d+|[^\W\d_]+(?: الأول| الثاني)?")


@dataclass(frozen=True, slots=True)
class Born:
    """From `first` to `last`, both included. `rounded`: written as the first day of a year, or an age: the true year may be another."""

    first: date
    last: date
    rounded: bool = False

    @property
    def exact(self) -> bool:
        """A single day that nobody rounded."""
        return self.first == self.last and not self.rounded


def born(
    birth: str | Mapping[str, Any] | None = None, age: str | float | None = None, recorded: str | None = None
) -> Born | None:
    """The interval for a birth as written (or a stored fuzzy date), else for an age at a recorded day; None where neither tells anything.

    Days that no calendar has, such as the 31st of Esfand, count for their month.
    """
    calendar = ""
    if isinstance(birth, Mapping):
        calendar = str(birth.get("calendar") or "")
        birth = str(birth.get("value") or "") or None
    found = _written(birth, calendar) if birth else None
    return found or _aged(age, recorded)


def _aged(age: str | float | None, recorded: str | None) -> Born | None:
    if age is None or age == "":
        return None
    match = re.search(r"\d+(\.\d+)?", texts.ascii_digits(str(age)))
    if match is None or not 0 <= (years := float(match[0])) <= 120:
        return None
    at = _written(recorded, "") if recorded else None
    day = at.last if at else date.today()
    # Ages are rounded, more so the older somebody is: tens and fives are guesses.
    whole = int(years)
    slack = 0 if whole < 5 else 1 if whole % 5 else 2 if whole < 30 else 4
    first = day - timedelta(days=round((whole + 1 + slack) * 365.25) - 1)
    return Born(first, day - timedelta(days=round((max(whole - slack, 0)) * 365.25)), rounded=slack > 0)


def _written(text: str, calendar: str) -> Born | None:
    numbers, month_name, named = [], 0, ""
    for part in _PARTS.findall(texts.ascii_digits(text)[:100].casefold()):
        if part.isdigit():
            numbers.append(part)
        elif part in _MONTHS:
            month_name, named = _MONTHS[part], "solar_hijri"
        elif part in _ARABIC_MONTHS:
            month_name, named = _ARABIC_MONTHS[part], "gregorian"
        elif part[:3] in _LATIN_MONTHS:
            month_name, named = _LATIN_MONTHS[part[:3]], "gregorian"
    if len(numbers) == 1 and len(numbers[0]) == 8 and not month_name:
        numbers = [numbers[0][:4], numbers[0][4:6], numbers[0][6:]]
    years = [n for n in numbers if len(n) == 4]
    if not years or len(numbers) > 3:
        return None
    year = int(years[0])
    rest = [int(n) for n in numbers if n is not years[0]]
    if numbers[0] is not years[0]:
        rest.reverse()  # day, month, year
    if month_name:
        rest = [month_name, *rest[:1]]
    return _interval(calendar or named or _calendar_of(year), year, rest)


def _calendar_of(year: int) -> str:
    if year >= _FIRST_GREGORIAN:
        return "gregorian"
    # Nobody was born in a solar year that has not begun.
    return "solar_hijri" if year <= date.today().year - 621 else "lunar_hijri"


def _interval(calendar: str, year: int, rest: list[int]) -> Born | None:
    if len(rest) > 1 and rest[0] > 12 >= rest[1]:
        rest = [rest[1], rest[0]]  # month and day the other way round
    if rest and not 1 <= rest[0] <= 12:
        rest = []
    try:
        first, last = _of_month(calendar, year, rest[0]) if rest else _of_year(calendar, year)
    except (ValueError, OverflowError):
        return None
    if not (first >= _EARLIEST and last <= _LATEST):
        return None
    if len(rest) > 1 and 1 <= rest[1] <= 31:
        day = first + timedelta(days=rest[1] - 1)
        if day <= last:
            # A lunar month begins a day earlier or later, depending on who saw the moon.
            slack = timedelta(days=2 if calendar == "lunar_hijri" else 0)
            if rest[0] == 1 and rest[1] == 1:
                return Born(*_of_year(calendar, year), rounded=True)
            return Born(day - slack, day + slack)
    return Born(first, last)


def _of_year(calendar: str, year: int) -> tuple[date, date]:
    return _of_month(calendar, year, 1)[0], _of_month(calendar, year, 12)[1]


def _of_month(calendar: str, year: int, month: int) -> tuple[date, date]:
    after = (year + 1, 1) if month == 12 else (year, month + 1)
    return _first_day(calendar, year, month), _first_day(calendar, *after) - timedelta(days=1)


def _first_day(calendar: str, year: int, month: int) -> date:
    if calendar == "solar_hijri":
        solar: date = JalaliDate(year, month, 1).to_gregorian()
        return solar
    if calendar == "lunar_hijri":
        return _lunar(year, month)
    return date(year, month, 1)


def _lunar(year: int, month: int) -> date:
    """The first day of a month of the arithmetical Islamic calendar (Reingold and Dershowitz, Calendrical Calculations, chapter 7)."""
    days = 29 * (month - 1) + month // 2 + (year - 1) * 354 + (3 + 11 * year) // 30
    return date.fromordinal(227_015 + days)


def apart(a: Born, b: Born) -> int:
    """Days between two intervals; 0 where they overlap."""
    return max((b.first - a.last).days, (a.first - b.last).days, 0)
