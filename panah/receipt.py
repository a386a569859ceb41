"""The receipt of a request for help: a secret as ten words in the person's own letters, or as 34 digits. Knows no network and no key.

The ten words are the same ten sounds in every language, so that a receipt written down in one script is read in another.
See spec/receipt.md; the help page does the same in the browser, and both run spec/vectors/receipt.json.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Iterator
from itertools import product

from panah.errors import Unreadable

LABEL_CHECKSUM = b"panah/1/receipt"
LABEL_MAILBOX = b"panah/1/mailbox/"  # the relay's origin follows
LABEL_REPLY = b"panah/1/reply"
LABEL_THREAD = b"panah/1/thread"

SECRET_BITS, CHECK_BITS, WORD_BITS, WORDS, DIGITS = 100, 10, 11, 10, 34
SECRET_SIZE = 13  # 100 bits, big-endian: the first four bits are zero

# One row per script: sixteen consonants and three long vowels, the same sounds in the same order. Other languages read the first.
LETTERS = {
    language: (consonants.split(), vowels.split())
    for language, consonants, vowels in (
        ("en", "b d f h j k kh l m n q r s sh t z", "a i u"),
        ("kmr", "b d f h c k x l m n q r s ş t z", "a î û"),
        ("fa", "ب د ف ه ج ک خ ل م ن ق ر س ش ت ز", "ا ی و"),
        ("ar", "ب د ف ه ج ك خ ل م ن ق ر س ش ت ز", "ا ي و"),
        ("ckb", "ب د ف ه ج ک خ ل م ن ق ر س ش ت ز", "ا ی وو"),
    )
}
CONSONANTS, VOWELS = LETTERS["en"]

# What no frightened person should read on a receipt: coarse words, death, blood, war, crime, and names of peoples or beliefs,
# in English, French, Persian, Arabic, Kurdish and Turkish, in sound or in spelling. 16 x 3 x 16 x 3 sounds less these are 2,048.
# Never edited once released: another list would be another numbering of the words.
_EXCLUDED = """
badi badu bala basi bimi bita biti bitu biza bizi bizu buda bula buli bulu buma bumi bumu dama dami damu dara dari
dika diki diku diza dizi dizu dula duli dulu fana fani fati fatu fisa fisi fisu fuka fuki fuku fukha fukhi fukhu
fuqa fuqi fuqu futa futi futu haha haji hara hari hihi hila hiza hizi hizu huhu huri hutu jahi jani jasu jasha jashi
jashu jiha jina jini jinu jisha jishi jishu juda juhu junu kaka kaki kaku kiki kila kili kilu kina kini kira kiri kiru
kula kuli kulu kuna kuni kunu kura kuri kuru kusa kusi kusu kusha kushi kushu kuza kuzi kuzu khakha khara khari kharu
khasi khika khiki khiku khikhi khini khira khuda khudi khudu khuka khuki khuku khukhu khuna khuni khunu lali lasa lasi
lasu lasha lashi lashu lati libi lulu lura luri luta luti lutu maju mani mata mati matu mini mira miri miru miza mizi
mizu mula muzi nara nari naru nazi nika niki niku nubi nuda nudi qata qati qatu qira qiri qiru qisa qumi quna quni
qunu quza quzi quzu rida ridi ridu riqa riqi riqu rusa rusi rusu sami sika siki siku sikha sikhi sikhu sufi suka suki
suku sumi sumu suni suri suta suti sutu suza suzi suzu shaha shahi shahu shaqi shasha shashi shashu shita shiti shitu
shumi shuta shuti shutu tari tazi tira tiri tiru tita titi titu tiza tizi tizu tukhi tula zali zana zani zari zaza
ziba zibi zibu zina zini zizi zuba zubi zubu zulu zuri
"""
EXCLUDED = frozenset(_EXCLUDED.split())

_SYLLABLES = [c + v for c, v in product(CONSONANTS, VOWELS)]
WORD_LIST = [word for word in map("".join, product(_SYLLABLES, _SYLLABLES)) if word not in EXCLUDED]
_INDEX = {word: i for i, word in enumerate(WORD_LIST)}
_PARTS = re.compile(f"({'|'.join(sorted(CONSONANTS, key=len, reverse=True))})([aiu])")

# Whatever a keyboard of the region gives for one of our letters. Some are other letters in a dictionary; none is another of ours.
_READ = str.maketrans(
    {
        letter: sound
        for consonants, _ in LETTERS.values()
        for letter, sound in zip(consonants, CONSONANTS, strict=True)
        if len(letter) == 1  # "kh" and "sh" are read as they stand
    }
    | {"ا": "a", "أ": "a", "إ": "a", "آ": "a", "ٱ": "a", "â": "a", "à": "a", "á": "a", "ی": "i", "ي": "i", "ى": "i", "ې": "i"}
    | {"ێ": "i", "ئ": "i", "î": "i", "ı": "i", "í": "i", "و": "u", "ۆ": "u", "ؤ": "u", "û": "u", "ü": "u", "ú": "u", "ھ": "h"}
    | {"ە": "h", "ہ": "h", "ة": "h", "ۀ": "h", "ح": "h", "ڕ": "r", "ڵ": "l", "ط": "t", "ث": "s", "ص": "s", "ذ": "z", "ض": "z"}
    | {"ظ": "z", "چ": "j", "ç": "j", "غ": "q", "پ": "b", "ê": "i"}
    | {chr(zero + n): str(n) for zero in (0x0660, 0x06F0) for n in range(10)}
)


def draw() -> bytes:
    """A new secret: 100 random bits in 13 bytes."""
    return secrets.randbits(100).to_bytes(SECRET_SIZE, "big")


def checksum(secret: bytes) -> int:
    """Ten bits by which a slip of the pen is found: the first ten of SHA-256 over the label and the 13 bytes."""
    return int.from_bytes(hashlib.sha256(LABEL_CHECKSUM + secret).digest()[:2], "big") >> 6


def words_of(secret: bytes, language: str = "en") -> list[str]:
    """The ten words in the letters of this language; Latin ones where it has no row of its own."""
    number = _number(secret)
    picked = [WORD_LIST[number >> WORD_BITS * (WORDS - 1 - i) & 2047] for i in range(WORDS)]
    return [spell(word, language) for word in picked]


def digits_of(secret: bytes) -> str:
    """The same 110 bits as one decimal number of 34 digits, for the telephone."""
    return str(_number(secret)).zfill(DIGITS)


def spell(word: str, language: str) -> str:
    """One of the words in the letters of a language."""
    consonants, vowels = LETTERS.get(language, LETTERS["en"])
    return "".join(consonants[CONSONANTS.index(c)] + vowels[VOWELS.index(v)] for c, v in _PARTS.findall(word))


def read(text: str) -> bytes:
    """The secret behind a receipt as somebody typed it; Unreadable with the rule it breaks, and the number of the word.

    Script, case, spaces, hyphens, joiners, vowel signs and the digits of the region do not matter; what is said does.
    """
    plain = _plain(text)
    if re.search("[0-9]", plain):
        return _from_digits(plain)
    return _secret([_INDEX[word] for word in _words(plain)])


def corrections(text: str) -> list[tuple[int, str]]:
    """For a receipt of which one word is wrong: the (position from 1, word) that would make it right, the likeliest first.

    At a word that is none of ours every word that fits is likely (two on average). Where all ten are ours, only those that
    differ in one sound are offered: among all, twenty would fit by chance.
    """
    groups = _groups(_plain(text))
    if len(groups) != WORDS:
        return []
    known = [_INDEX.get(word) for word in groups]
    wrong = [i for i, index in enumerate(known) if index is None]
    if len(wrong) > 1:
        return []
    found = []
    for at in wrong or range(WORDS):
        for word in WORD_LIST if wrong else _one_sound_away(groups[at]):
            tried = [_INDEX[word] if i == at else index for i, index in enumerate(known)]
            if _fits([index for index in tried if index is not None]):
                found.append((at + 1, word))
    return sorted(found, key=lambda pair: (_distance(groups[pair[0] - 1], pair[1]), pair))


def four_of(digest: bytes, language: str = "en") -> list[str]:
    """The first 44 bits of some hash, said in four words: what a person compares with a printed card."""
    number = int.from_bytes(digest[:6], "big") >> 4
    return [spell(WORD_LIST[number >> WORD_BITS * i & 2047], language) for i in (3, 2, 1, 0)]


def mailbox_seed(secret: bytes, relay: str) -> bytes:
    """The Ed25519 seed of this receipt's mailbox at one relay, named by its origin ("https://relay.example")."""
    return _hkdf(secret, LABEL_MAILBOX + relay.encode("ascii"))


def reply_seed(secret: bytes) -> bytes:
    """The seed of the age identity that opens the team's replies."""
    return _hkdf(secret, LABEL_REPLY)


def thread_of(secret: bytes) -> str:
    """The name of the conversation. Derived, so that a page which knows only the receipt can tell its own replies from others'."""
    return _hkdf(secret, LABEL_THREAD)[:16].hex()


def _hkdf(secret: bytes, info: bytes) -> bytes:
    # HKDF-SHA256 (RFC 5869) with an empty salt and one block. Fast on purpose: the strength is in the 100 bits, and a slow
    # derivation takes twenty seconds on a telephone without a JIT.
    _number(secret)
    return hmac.digest(hmac.digest(bytes(32), secret, "sha256"), info + b"\x01", "sha256")


def _number(secret: bytes) -> int:
    if len(secret) != SECRET_SIZE or secret[0] >> 4:
        raise ValueError("internal error: a receipt is 100 bits in 13 bytes")
    return int.from_bytes(secret, "big") << CHECK_BITS | checksum(secret)


def _plain(text: str) -> str:
    """Small Latin letters, digits and single spaces between groups; everything else that may stand in between is gone."""
    if len(text) > 1000:
        raise Unreadable("receipt_too_long")
    out = []
    # What our table does not know may be one of our letters under an accent, from a French or a Turkish keyboard.
    for c in unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).lower().translate(_READ)):
        kind = unicodedata.category(c)
        if kind[0] == "M" or kind == "Cf" or c == "ـ":
            continue  # vowel signs, joiners, direction marks, the stroke that stretches a word
        out.append(c if kind[0] in "LN" else " ")
    # As a French ear writes it down. None of our words has an "o", or two consonants in a row.
    said = "".join(out).replace("ou", "u").replace("jh", "sh")
    return " ".join(re.sub(r"([aiu])\1+", r"\1", said).split())


def _groups(plain: str) -> list[str]:
    """The words as they were separated; or, where that does not give ten, as their sounds divide them."""
    groups = plain.split()
    if len(groups) == WORDS:
        return groups
    whole = plain.replace(" ", "")
    if _PARTS.sub("", whole):
        return groups
    sounds = [c + v for c, v in _PARTS.findall(whole)]
    return ["".join(sounds[i : i + 2]) for i in range(0, len(sounds), 2)]


def _words(plain: str) -> list[str]:
    groups = _groups(plain)
    if len(groups) != WORDS:
        raise Unreadable("receipt_word_count", words=len(groups))
    for at, word in enumerate(groups, 1):
        if word not in _INDEX:
            raise Unreadable("receipt_word_unknown", word=at)
    return groups


def _from_digits(plain: str) -> bytes:
    number = plain.replace(" ", "")
    if not re.fullmatch("[0-9]+", number):
        raise Unreadable("receipt_mixed")
    if len(number) != DIGITS:
        raise Unreadable("receipt_digit_count", digits=len(number))
    if int(number) >> SECRET_BITS + CHECK_BITS:
        raise Unreadable("receipt_checksum")
    return _checked(int(number))


def _joined(indexes: list[int]) -> int:
    number = 0
    for index in indexes:
        number = number << WORD_BITS | index
    return number


def _secret(indexes: list[int]) -> bytes:
    return _checked(_joined(indexes))


def _fits(indexes: list[int]) -> bool:
    number = _joined(indexes)
    return checksum((number >> CHECK_BITS).to_bytes(SECRET_SIZE, "big")) == number & 1023


def _checked(number: int) -> bytes:
    secret = (number >> CHECK_BITS).to_bytes(SECRET_SIZE, "big")
    if checksum(secret) != number & 1023:
        raise Unreadable("receipt_checksum")
    return secret


def _one_sound_away(word: str) -> Iterator[str]:
    sounds = [s for pair in _PARTS.findall(word) for s in pair]
    for i, sound in enumerate(sounds):
        for other in VOWELS if sound in VOWELS else CONSONANTS:
            near = "".join([*sounds[:i], other, *sounds[i + 1 :]])
            if other != sound and near in _INDEX:
                yield near


def _distance(a: str, b: str) -> int:
    """How many letters to change, add or drop: only to put the likeliest correction first."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]
