"""Names as people write them: split into tokens, without titles and connectors, joined where one name is written in two words.

Nothing is thrown away that may be the name itself: a title that stands alone is a name, and an article is one reading among two.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from panah.matching import sounds

MOST_TOKENS = 12

_TITLES = frozenset(
    [
        "sayyid",
        "sayyed",
        "sayed",
        "seyed",
        "seyyed",
        "syed",
        "said-i",
        "sayyidah",
        "sayyida",
        "seyedeh",
        "hajji",
        "haji",
        "haj",
        "hajj",
        "hadji",
        "hadj",
        "el-haj",
        "hajja",
        "hajieh",
        "mullah",
        "mulla",
        "molla",
        "mollah",
        "sheikh",
        "shaikh",
        "sheik",
        "shaykh",
        "cheikh",
        "sheikha",
        "sheykh",
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "doctor",
        "prof",
        "professor",
        "eng",
        "ustad",
        "ostad",
        "ustadh",
        "agha",
        "aqa",
        "khanum",
        "khanom",
        "khanim",
        "bibi",
        "kak",
        "kaka",
        "mam",
        "mirza",
        "maulana",
        "mawlana",
        "molana",
        "karbalai",
        "karbalaei",
        "mamosta",
        "سید",
        "سیّد",
        "سيد",
        "السید",
        "سیده",
        "سیدة",
        "حاج",
        "حاجی",
        "حاجي",
        "الحاج",
        "حاجیه",
        "حاجة",
        "ملا",
        "مولا",
        "شیخ",
        "شيخ",
        "الشیخ",
        "الشيخ",
        "شیخه",
        "دکتر",
        "دكتور",
        "د",
        "مهندس",
        "استاد",
        "أستاذ",
        "استاذ",
        "آقا",
        "اقا",
        "آقای",
        "خانم",
        "بی\u200cبی",
        "کاک",
        "كاك",
        "مام",
        "میرزا",
        "ميرزا",
        "کربلایی",
        "مولانا",
        "مامۆستا",
        "ماموستا",
    ]
)
_CONNECTORS = frozenset(
    ["bin", "ibn", "ben", "bint", "binti", "ebn", "ould", "wuld", "bn", "binte", "بن", "ابن", "إبن", "بنت", "ولد", "ت", "bnt"]
)
_ARTICLES = frozenset(["al", "el", "ul", "ol", "il", "l", "ال"])
# An article whose l has become the letter that follows: ar-Rashid, an-Nasr.
_ASSIMILATED = re.compile(r"[aeiou](sh|ch|[rsntdz])")
_ABD = frozenset(
    ["abd", "abdul", "abdal", "abdel", "abdol", "abdu", "abdur", "abdus", "abdun", "abdud", "abdoul", "abdool", "عبد"]
)
_KUNYA = frozenset(["abu", "abo", "abou", "abi", "aba", "umm", "um", "om", "oum", "ابو", "أبو", "ابی", "أبي", "ابي", "ام", "أم"])
_DIN = frozenset(
    [
        "din",
        "deen",
        "dine",
        "ddin",
        "eddin",
        "eddine",
        "uddin",
        "udin",
        "aldin",
        "aldeen",
        "addin",
        "الدین",
        "الدين",
        "دین",
        "دين",
        "ئەدین",
        "ئەددین",
    ]
)
_ALLAH = frozenset(["allah", "ullah", "ollah", "llah", "allâh", "الله", "اله", "اللە", "اللہ", "لله"])
_SIGNS = re.compile(r"[’‘'`´ʻʼʽʾʿʹ″\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u061c]")
_APART = re.compile(r"[^\w]+|_")


@dataclass(frozen=True, slots=True)
class Token:
    """One name: how it is written (`text`), and the words it may be read as, the usual first."""

    text: str
    words: tuple[str, ...]

    @property
    def readings(self) -> tuple[sounds.Reading, ...]:
        """What it may sound like."""
        return _readings(self.words)


@functools.lru_cache(maxsize=200_000)
def _readings(words: tuple[str, ...]) -> tuple[sounds.Reading, ...]:
    found: dict[sounds.Reading, None] = {}
    for word in words:
        found.update(dict.fromkeys(sounds.readings(word)))
    return tuple(found)


def _bare(text: str) -> list[str]:
    text = unicodedata.normalize("NFKC", text[:1_000])
    text = _SIGNS.sub("", text).casefold()
    text = "".join(c for c in text if not (unicodedata.category(c) == "Mn" and "\u0600" <= c <= "\u08ff"))
    return [word for word in _APART.split(text) if word][: MOST_TOKENS * 2]


@functools.lru_cache(maxsize=200_000)
def tokens(text: str) -> tuple[Token, ...]:
    """The names in a text, in the order written; empty where nothing in it is a name."""
    words = [w for w in _bare(text) if not w.isdigit()]
    kept = [w for w in words if w not in _TITLES and w not in _CONNECTORS and w not in _ARTICLES]
    if not kept:
        return tuple(_token(w) for w in words)[:MOST_TOKENS]
    found: list[Token] = []
    held = ""  # what begins a name that goes on in the next word: abd, abu
    joined = ""  # a connector, which some write into the name: Ben Seghir, Benseghir
    for n, word in enumerate(words):
        later = words[n + 1 :]
        if word in _ARTICLES or (_assimilated(word, later) and later):
            continue
        if found and not held and (word in _DIN or word in _ALLAH):
            found[-1] = _token(found[-1].text + "-" + word)
        elif word in _TITLES:
            continue
        elif word in _CONNECTORS:
            joined = word + "-"
            continue
        elif later and word in _ABD:
            held = "عبد-" if word == "عبد" else "abd-"
            continue
        elif later and word in _KUNYA:
            held = held + word + "-"
            continue
        else:
            found.append(_token(held + _without_article(word) if held else word, joined + word if joined else ""))
        held = joined = ""
    if held:
        found.append(_token(held))
    return tuple(found[:MOST_TOKENS])


def _assimilated(word: str, later: list[str]) -> bool:
    match = _ASSIMILATED.fullmatch(word)
    return bool(match and later and later[0].startswith(match[1]))


def _without_article(word: str) -> str:
    return word[2:] if word.startswith("ال") and len(word) > 4 else word


def _token(word: str, longer: str = "") -> Token:
    """A written word with its readings: with and without its article, Abd al- and -al-Din."""
    found = [word]
    if sounds.is_arabic(word):
        word = re.sub(r"ا?لل[هہە]$", "اله", word) if len(word) > 4 else word
        inner = re.sub(r"(?<=.)الد[یي]ن$", "دین", word)
        inner = re.sub(r"^عبد-?ال(?![هہە]$)", "عبد", inner)
        inner = re.sub(r"^([اأ]بو)ال(?=...)", r"\1", inner)
        found = [inner]
        if re.match(r"عەبد-?و?[لڵ]..", inner):
            found.append(re.sub(r"^عەبد-?و?[لڵ]", "عەبد", inner))
        if re.match(r"ال...", inner) and not inner.startswith("اله"):
            found = [inner[2:], inner]
        elif inner.startswith("ال") and len(inner) > 3:
            found = [inner, inner[2:]]
    else:
        for pattern in (r"^([ae]bd-?)[aeiou]+l(?=\w\w)", r"^(ab)[aou]+l(?=[^aeiouyl]\w)"):
            if re.match(pattern, word):
                found.append(re.sub(pattern, r"\1", word))
        if re.match(r"[ae]l[^aeiouy]\w\w", word):
            found.append(word[2:])
        elif re.match(r"[ae](sh|[rsntdz])\1\w\w", word):
            found.append(re.sub(r"^[ae](sh|[rsntdz])", "", word))
    if longer:
        found.append(longer)
    return Token(word, tuple(dict.fromkeys(found)))


def name_keys(text: str) -> frozenset[str]:
    """The keys by which a name is looked up: two spellings of one name share at least one, in whatever script they are written.

    Keys are rows of consonant classes, for each name and for each two that stand side by side (some write them as one).
    """
    parts = tokens(text)
    keys = {sounds.skeleton(r) for token in parts for r in token.readings}
    for left, right in itertools.pairwise(parts):
        keys.update(sounds.skeleton(a + b) for a in _usual(left) for b in _usual(right))
    return frozenset(key for key in keys if key)


def _usual(token: Token) -> list[sounds.Reading]:
    """The usual reading of each word that a name may be."""
    return [found[0] for word in token.words[:2] if (found := sounds.readings(word))]


def alike(a: Token, b: Token) -> float:
    """How alike two names sound, 0 to 1; 1 for the same letters, and never quite 1 across spellings."""
    return 1.0 if a.text == b.text else _alike(a.words, b.words)


@functools.lru_cache(maxsize=200_000)
def _alike(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    left, right = _heard(a), _heard(b)
    best = _near(left[0], right[0]) if left and right else 0.0
    if best < 0.4:  # no other reading of a letter or two makes these one name
        return max(best, 0.0)
    for mine in left:
        for theirs in right:
            near = _near(mine, theirs)
            if near > best:
                best = near
    return min(best, 0.99)


# How much a vowel costs that one of two spellings must have and has not.
_I_OR_U, _A = 0.2, 0.08


def _near(a: sounds.Heard, b: sounds.Heard) -> float:
    near: float = Indel.normalized_similarity(a.fine, b.fine)
    if a.bones != b.bones or len(a.bones) < 2:
        # Names are seldom misheard in their first consonant.
        return near - (0.1 if a.bones[:1] != b.bones[:1] else 0.0)
    near = 0.5 + near / 2
    if not (a.vowelled and b.vowelled):
        # Without short vowels the same consonants are the same name, unless a long vowel says otherwise.
        near = max(near, 0.96)
    return near - _otherwise(a, b) - _otherwise(b, a)


def _otherwise(a: sounds.Heard, b: sounds.Heard) -> float:
    """What the long vowels of `a`, which are written in every script, cost where `b` has none that fit."""
    cost = 0.0
    last = len(a.gaps) - 1
    for n, (mine, theirs) in enumerate(zip(a.gaps, b.gaps, strict=True)):
        if a.vowelled:
            # Spellings with all vowels do not tell long from short; only an i at the end is long in all of them.
            if n == last and mine.endswith("i") and not theirs:
                cost += _I_OR_U
            continue
        if "i" in mine and not set(theirs) & (set("iea") if n == last else set("ie")):
            cost += _I_OR_U
        if "u" in mine and not set(theirs) & set("uo") and not (n == 0 and theirs):
            cost += _I_OR_U
        if "a" in mine and n and not set(theirs) & set("aeo") and not ("i" in theirs and n == last):
            cost += _A
    return cost


@functools.lru_cache(maxsize=200_000)
def _heard(words: tuple[str, ...]) -> tuple[sounds.Heard, ...]:
    return tuple(sounds.heard(r, vowelled=sounds.is_vowelled(words[0])) for r in _readings(words)[:6])


def compare_names(a: str, b: str) -> float:
    """How likely two written names are one name by their sound alone, from 0 to 1, whatever script each is written in.

    Each name of the shorter is laid beside its best partner in the longer, also where one of them writes two names as one; what is left over
    counts little, since names are often given in part. Empty names are like nothing: 0.
    """
    return aligned(tokens(a), tokens(b))


LEFT_OVER = 0.25


@functools.lru_cache(maxsize=100_000)
def _weight(token: Token) -> float:
    readings = token.readings
    return min(len(sounds.skeleton(readings[0])), 4) + 1.0 if readings else 1.0


def aligned(short: tuple[Token, ...], long: tuple[Token, ...]) -> float:
    """`compare_names` for names that are split already."""
    if not short or not long:
        return 0.0
    if len(short) > len(long):
        short, long = long, short
    if len(long) == 1:
        return max(0.0, (alike(short[0], long[0]) - 0.5) * 2)
    best = _laid(short, long)
    if 0.2 < best < 0.9 or (best < 0.9 and len(short) == 1):
        # Two names that the other side writes as one.
        for n in range(len(long) - 1):
            joined = (*long[:n], _joined(long[n], long[n + 1]), *long[n + 2 :])
            best = max(best, _laid(short, joined) if len(short) <= len(joined) else _laid(joined, short))
        for n in range(len(short) - 1):
            best = max(best, _laid((*short[:n], _joined(short[n], short[n + 1]), *short[n + 2 :]), long))
    return best


@functools.lru_cache(maxsize=100_000)
def _joined(a: Token, b: Token) -> Token:
    return Token(a.text + b.text, tuple(f"{a.words[0]}-{word}" for word in b.words[:2]))


def _laid(short: tuple[Token, ...], long: tuple[Token, ...]) -> float:
    """The worth of the best partners, taken greedily, as a share of what could be."""
    pairs = [(alike(x, y), -abs(i - j), i, j) for i, x in enumerate(short) for j, y in enumerate(long)]
    pairs.sort(reverse=True)
    taken_short: set[int] = set()
    taken_long: set[int] = set()
    got = crossed = 0.0
    for near, away, i, j in pairs:
        if i in taken_short or j in taken_long:
            continue
        taken_short.add(i)
        taken_long.add(j)
        got += _weight(short[i]) * max(0.0, (near - 0.5) * 2)
        crossed += 0.01 if away else 0.0
    total = sum(map(_weight, short))
    over = sum(_weight(t) for j, t in enumerate(long) if j not in taken_long)
    return max(got / (total + LEFT_OVER * over) - crossed, 0.0)
