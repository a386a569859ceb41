"""Names as people write them: split into tokens, without titles and connectors, joined where one name is written in two words.

Nothing is thrown away that may be the name itself: a title that stands alone is a name, and an article is one reading among two.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from panah.matching import sounds

MOST_TOKENS = 12

_TITLES = frozenset(
    """sayyid sayyed sayed seyed seyyed syed said-i sayyidah sayyida seyedeh hajji haji haj hajj hadji hadj el-haj hajja hajieh mullah mulla molla mollah
    sheikh shaikh sheik shaykh cheikh sheikha sheykh mr mrs ms miss dr doctor prof professor eng ustad ostad ustadh agha aqa khanum khanom khanim bibi kak kaka
    mam mirza maulana mawlana molana karbalai karbalaei mamosta
    سید سیّد سيد السید سیده سیدة حاج حاجی حاجي الحاج حاجیه حاجة ملا مولا شیخ شيخ الشیخ الشيخ شیخه دکتر دكتور د مهندس استاد أستاذ استاذ آقا اقا آقای خانم بی‌بی
    کاک كاك مام میرزا ميرزا کربلایی مولانا مامۆستا ماموستا""".split()
)
_CONNECTORS = frozenset("bin ibn ben bint binti ebn ould wuld bn binte بن ابن إبن بنت ولد ت bnt".split())
_ARTICLES = frozenset("al el ul ol il l ال".split())
# An article whose l has become the letter that follows: ar-Rashid, an-Nasr.
_ASSIMILATED = re.compile(r"[aeiou](sh|ch|[rsntdz])")
_ABD = frozenset("abd abdul abdal abdel abdol abdu abdur abdus abdun abdud abdoul abdool عبد".split())
_KUNYA = frozenset("abu abo abou abi aba umm um om oum ابو أبو ابی أبي ابي ام أم".split())
_DIN = frozenset("din deen dine ddin eddin eddine uddin udin aldin aldeen addin الدین الدين دین دين ئەدین ئەددین".split())
_ALLAH = frozenset("allah ullah ollah llah allâh الله اله اللە اللہ لله".split())
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
        if re.match(r"ال...", inner) and not inner.startswith("اله"):
            found = [inner[2:], inner]
        elif inner.startswith("ال") and len(inner) > 3:
            found = [inner, inner[2:]]
    else:
        for pattern in (r"^(abd-?)[aeiou]+l(?=\w\w)", r"^(ab)[aou]+l(?=[^aeiouyl]\w)"):
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
    for left, right in zip(parts, parts[1:], strict=False):
        if left.readings and right.readings:
            keys.add(sounds.skeleton(left.readings[0] + right.readings[0]))
    return frozenset(key for key in keys if key)


def alike(a: Token, b: Token) -> float:
    """How alike two names sound, 0 to 1; 1 for the same letters, and never quite 1 across spellings."""
    return 1.0 if a.text == b.text else _alike(a.words, b.words)


@functools.lru_cache(maxsize=200_000)
def _alike(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    left, right = _sounding(a), _sounding(b)
    best = 0.0
    for bones, voiced in left:
        for other_bones, other_voiced in right:
            near = Indel.normalized_similarity(voiced, other_voiced)
            if bones == other_bones and len(bones) > 1:
                near = max(near, 0.5 + near / 2)
            # A long i at the end is written in every script, and makes another name: Mohammad, Mohammadi.
            if (voiced[-1:] == "i") != (other_voiced[-1:] == "i"):
                near *= 0.86
            if near > best:
                best = near
    return min(best, 0.99)


@functools.lru_cache(maxsize=200_000)
def _sounding(words: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((sounds.skeleton(r), sounds.fine(r)) for r in _readings(words))


def compare_names(a: str, b: str) -> float:
    """How likely two written names are one name by their sound alone, from 0 to 1, whatever script each is written in.

    Each name of the shorter is laid beside its best partner in the longer, also where one of them writes two names as one; what is left over
    counts little, since names are often given in part. Empty names are like nothing: 0.
    """
    return aligned(tokens(a), tokens(b))


LEFT_OVER = 0.25


def _weight(token: Token) -> float:
    readings = token.readings
    return min(len(sounds.skeleton(readings[0])), 4) + 1.0 if readings else 1.0


def aligned(short: tuple[Token, ...], long: tuple[Token, ...]) -> float:
    """`compare_names` for names that are split already."""
    if not short or not long:
        return 0.0
    if len(short) > len(long):
        short, long = long, short
    pairs = sorted(
        ((alike(x, y), -abs(i - j), i, j) for i, x in enumerate(short) for j, y in enumerate(long)), reverse=True
    )
    taken_short: set[int] = set()
    taken_long: set[int] = set()
    total = sum(_weight(t) for t in short)
    got = 0.0
    for near, _, i, j in pairs:
        if i in taken_short or j in taken_long:
            continue
        taken_short.add(i)
        taken_long.add(j)
        got += _weight(short[i]) * _worth(near)
    over = sum(_weight(t) for j, t in enumerate(long) if j not in taken_long)
    return got / (total + LEFT_OVER * over)


def _worth(near: float) -> float:
    return max(0.0, (near - 0.5) * 2)
