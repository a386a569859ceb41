"""How a written name sounds, coarsely: one table of consonants for the Arabic scripts and for Latin spellings of them.

Scripts of the region write consonants and long vowels; Latin spellings write what a clerk of some country heard. What both keep are classes of
consonants, so a name becomes a row of sounds, where one letter may stand for several: `c` is j in Kurmanji, k or s elsewhere.
Nothing here is a dictionary of names: only letters.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

# A sound is a class and a letter in it: two letters of one class are often confused, two classes seldom.
# B p,b · T t,d · S s,z · X sh · J j,ch,zh · K k,g,q,gh · H h,kh · F f · W v,w · L · R · M · N · Y; a, i, u are vowels.
Reading = tuple[str, ...]
Options = tuple[Reading, ...]


def _options(text: str) -> Options:
    return tuple(tuple(one.split("+")) if one != "-" else () for one in text.split())


# Letters of the Arabic script: the first reading is the usual one.
_ARABIC = {
    letter: _options(readings)
    for line in """
        ب Bb;پ Bp;ٻ Bb;ت Tt;ط Tt;ٹ Tt;ټ Tt;د Td;ڈ Td;ډ Td;ث Ss Tt;ذ Sz Td;ض Sz Td;ظ Sz Td;ز Sz;س Ss;ص Ss;ش Xx
        ج Jj Kg;چ Jc;ژ Jz;ڄ Jj;څ Ss Tt+Ss;ځ Sz Jj;ږ Jz Kg;ښ Xx Hx;ک Kk;گ Kg;ګ Kg;ق Kq;غ Kx;ڭ Kg;ح Hh;خ Hx;ه Hh;ھ - Hh
        ف Ff;ڤ Ww Ff;ل Ll;ڵ Ll;ر Rr;ڕ Rr;ړ Rr;ڑ Rr;م Mm;ن Nn;ڼ Nn;ں Nn;و u;ۆ u;ۇ u;ۋ u;ی i;ێ i;ې i;ے i;ۍ i;ا a;ع a;ە a;ة - Tt
    """.replace("\n", ";").split(";")
    if line.strip()
    for letter, _, readings in [line.strip().partition(" ")]
}  # fmt: skip

# Latin spellings, the longest first; `^` begins a word, `$` ends it, `(ei)` stands before one of these vowels.
_LATIN_TABLE = """
    tsch Jc;dsch Jj;dž Jj;sch Xx;tch Jc;dzh Jj;zsch Jc;kh Hx;gh Kx;sh Xx Ss+Hh;ch Jc Xx Kk Hx;zh Jz Sz Sz+Hh;ph Ff;th Ss Tt Tt+Hh;dh Sz Td Td+Hh;dj Jj Td+Jj;dz Sz Jj;ts Tt+Ss;tz Tt+Ss Sz
    ck Kk;qu Kk;^ou Ww u;ou u;oo u;ee i;aa a;ah$ a;eh$ a;oh$ u;x Hx Kk+Ss Xx;c(eiy) Jj Ss;c Kk Jj;^j Jj Yy;j Jj i;^y Yy i;y i;g(eiy) Kg Jj;g Kg
    ^v Ww Ff;v Ww Ff;^w Ww;w$ u Ff;w u Ww;q Kq;k Kk;b Bb;p Bp;t Tt;d Td;s Ss;z Sz;f Ff;l Ll;r Rr;m Mm;n Nn;h$ -;h Hh;a a;e e;i i;o o;u u
    ç Jc Ss;č Jc;ć Jc;ĉ Jc;š Xx;ş Xx;ș Xx;ž Jz;ż Sz;ź Sz;ğ Kx i;ǧ Jj Kx;ġ Kx;ñ Nn;ł Ll;đ Td;ṯ Ss Tt;ḏ Sz Td;ḍ Td Sz;ẓ Sz Td;ḵ Hx;ẖ Hx;ḫ Hx;ß Ss
    ê i;ē i;î i;ī i;û u;ū u;ô u;ō u;ā a;â a;æ a;ø o;þ Tt
"""
_LATIN: list[tuple[str, bool, bool, str, Options]] = []
for _one in _LATIN_TABLE.replace("\n", ";").split(";"):
    if _one.strip():
        _spelling, _, _readings = _one.strip().partition(" ")
        _match = re.fullmatch(r"(\^?)([^($]+)(\$?)(?:\((\w+)\))?", _spelling)
        assert _match
        _LATIN.append((_match[2], bool(_match[1]), bool(_match[3]), _match[4] or "", _options(_readings)))
_LATIN.sort(key=lambda rule: (-len(rule[0]), not rule[1], not rule[2], not rule[3]))
_BY_FIRST: dict[str, list[tuple[str, bool, bool, str, Options]]] = {}
for _rule in _LATIN:
    _BY_FIRST.setdefault(_rule[0][0], []).append(_rule)

_ARABIC_LETTER = re.compile(r"[\u0600-\u06ff\u0750-\u077f]")
_SAME = str.maketrans(
    {
        "ي": "ی", "ى": "ی", "ئ": "ی", "ك": "ک", "ڪ": "ک", "ہ": "ه", "ۃ": "ة", "ۂ": "ه", "ؤ": "و",
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ء": None, "ـ": None,
    }
)  # fmt: skip
_SORANI = re.compile(r"[ەێۆ]")
_KEEP = re.compile(r"[çčćĉšşșžżźğǧġñłđṯḏḍẓḵẖḫßêēîīûūôōāâæøþ]")
MOST_LETTERS = 40
MOST_READINGS = 12


def is_arabic(word: str) -> bool:
    """Whether a word is written in an Arabic script."""
    return _ARABIC_LETTER.search(word) is not None


def _spelled_arabic(word: str) -> list[Options]:
    if word[:1] == "ئ" and len(word) > 1:
        word = "ا" + word[1:].lstrip("ا")
    word = word.translate(_SAME)
    found: list[Options] = []
    for n, letter in enumerate(word):
        if n == 0 and letter in "وی":
            found.append((("Ww" if letter == "و" else "Yy",),))
        elif letter in _ARABIC:
            options = _ARABIC[letter]
            if letter == "ه" and n == len(word) - 1 and n:
                options = ((), ("Hh",)) if len(word) == 2 else ((),)
            elif letter == "ح" and n == len(word) - 1:
                options = ((),)
            elif letter in "وع" and n:
                options = (("u",),) if letter == "و" else ((),)
            elif letter == "ش" and n and word[n - 1] == "ت":
                found[-1] = (*found[-1], ())
                options = (("Xx",), ("Jc",))
            found.append(options)
    return found


def _spelled_latin(word: str) -> list[Options]:
    found: list[Options] = []
    at = 0
    while at < len(word):
        for spelling, first, last, before, options in _BY_FIRST.get(word[at], ()):
            end = at + len(spelling)
            if not word.startswith(spelling, at) or (first and at) or (last and end != len(word)):
                continue
            if before and word[end : end + 1] not in tuple(before):
                continue
            # A doubled letter is one sound; two vowels that meet stay two.
            if not (
                found
                and spelling == word[at - len(spelling) : at]
                and at >= len(spelling)
                and options[0]
                and options[0][0][0].isupper()
            ):
                found.append(options)
            at = end
            break
        else:
            at += 1
    return found


def plain(word: str) -> str:
    """A word without vowel signs, joiners and marks, in small letters; the Latin letters that stand for other sounds keep their marks."""
    composed = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", word).casefold())
    out = []
    for letter in composed[:MOST_LETTERS]:
        if letter in "ıİ":
            out.append("i")
        elif letter.isascii() or _KEEP.match(letter) or _ARABIC_LETTER.match(letter):
            if letter.isalpha() or letter == "-":
                out.append(letter)
        else:
            out.append("".join(c for c in unicodedata.normalize("NFD", letter) if c.isalpha()))
    return "".join(out)


@functools.lru_cache(maxsize=200_000)
def readings(word: str) -> tuple[Reading, ...]:
    """What a word may sound like, the usual reading first; at most MOST_READINGS. Empty where no letter is known."""
    word = plain(word)
    if not word:
        return ()
    spelled = _spelled_arabic(word) if is_arabic(word) else _spelled_latin(word)
    found = {tuple(s for s in _spoken(choice)): None for choice in _choices(spelled)}
    return tuple(reading for reading in found if reading)


def _choices(spelled: list[Options]) -> Iterator[list[Reading]]:
    """First the usual reading of every letter, then one letter read otherwise, then two."""
    usual = [options[0] for options in spelled]
    yield usual
    others = [(n, option) for n, options in enumerate(spelled) for option in options[1:]]
    left = MOST_READINGS - 1
    for n, option in others:
        if left:
            left -= 1
            yield [*usual[:n], option, *usual[n + 1 :]]
    for k, (n, option) in enumerate(others):
        for m, second in others[k + 1 :]:
            if left and m > n:
                left -= 1
                yield [*usual[:n], option, *usual[n + 1 : m], second, *usual[m + 1 :]]


def _spoken(choice: list[Reading]) -> Iterator[str]:
    sounds = [sound for reading in choice for sound in reading]
    for n, sound in enumerate(sounds):
        # A nasal before b is spoken m: Shanbeh, Shambeh.
        if sound == "Nn" and n + 1 < len(sounds) and sounds[n + 1][0] == "B":
            sound = "Mm"
        yield sound


@functools.lru_cache(maxsize=400_000)
def skeleton(reading: Reading) -> str:
    """The consonant classes of a reading; a vowel is kept only where the word begins with it, w and y too."""
    if not reading:
        return ""
    first = "A" if reading[0].islower() else reading[0][0]
    rest = [sound[0] for sound in reading[1:] if sound[0].isupper() and sound[0] not in "WY"]
    return first + "".join(rest)


def fine(reading: Reading) -> str:
    """A reading as a string whose edit distance weighs a vowel a third of a consonant, and t for d a third of t for m."""
    return "".join(sound if sound.islower() else sound[0] + sound for sound in reading)


@dataclass(frozen=True, slots=True)
class Heard:
    """A reading, ready for comparing: its skeleton, its fine form, the vowels after each consonant (first those before the first), and whether
    it was spelled with all its vowels."""

    bones: str
    fine: str
    gaps: tuple[str, ...]
    vowelled: bool


def heard(reading: Reading, *, vowelled: bool) -> Heard:
    """A reading, ready for comparing."""
    gaps = [""]
    for n, sound in enumerate(reading):
        if sound[0].isupper() and (n == 0 or sound[0] not in "WY"):
            gaps.append("")
        else:
            gaps[-1] += {"Ww": "u", "Yy": "i"}.get(sound, sound)
    return Heard(skeleton(reading), fine(reading), tuple(gaps), vowelled)


def is_vowelled(word: str) -> bool:
    """Whether a word is spelled with all its vowels: in Latin letters, or in the Sorani way."""
    return not is_arabic(word) or _SORANI.search(word) is not None


def skeletons(word: str) -> frozenset[str]:
    """All skeletons of a word."""
    return frozenset(skeleton(reading) for reading in readings(word))
