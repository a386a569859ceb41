"""What care forms do not ask, and why: a list of subjects and the words by which a question about them is noticed (NN-17, NN-31).

Words can be missed and can mislead; so whoever brings a form in reads every question too, and each refusal says what it took a
question for.
"""

from __future__ import annotations

import re

from panah.letters import fold

# Refused (NN-17): such answers help those who hold people, and put the person and colleagues in danger. By whole words, or by their beginning (*).
REFUSED = {
    "weapons": "weapon* gun guns rifle* ammunition explosive* armament* سلاح* اسلحه* مهمات تفنگ* چەک چەکی چەکەکان تفەنگ*",
    "leaders": "leader leaders leadership commander* رهبر رهبران فرمانده* سرکرده* سەرکردە* فەرماندە* ڕابەر*",
    "structure": "hierarchy fighter* guards militant* affiliation ساختار نگهبان* جنگجو* پاسەوان* چەکدار* پێکهاتە*",
    "routes": "route routes smuggl* checkpoint* مسیر* قاچاق* قاچاخ*",
}
PHRASES = {
    "structure": (
        "chain of command", "command structure", "structure of the", "which group", "name of the group", "how many armed",
        "سلسله مراتب", "کدام گروه", "نام گروه", "کام گرووپ", "ناوی گرووپ",
    ),
    "routes": (
        "border crossing", "which way did", "way out of the place", "path taken", "راه فرار", "راه خروج", "ڕێگای هەڵاتن", "ڕێگای دەرچوون",
    ),
    "leaders": ("who is in charge", "people in charge", "چه کسی مسئول", "کێ بەرپرسی"),
}  # fmt: skip
# Only with a purpose (NN-31); kept as sensitive then, and never needed.
CAREFUL = {
    "nationality": "nationality nationalities citizenship ملیت تابعیت ڕەگەزنامە نەتەوە نەتەوەکەت",
    "ethnicity": "ethnic ethnicity ethnicities tribe tribal race قومیت قوم طایفه نژاد عەشیرەت هۆز",
    "religion": "religion religious sect denomination مذهب دین ئایین مەزهەب ئایینی",
}
# Never needed, and kept as sensitive (NN-02): people are helped under a code.
IDENTITY = (
    "passport", "national id", "id number", "identity number", "document number", "real name", "full name", "legal name",
    "گذرنامه", "پاسپورت", "کد ملی", "شماره ملی", "شناسنامه", "نام واقعی", "نام کامل", "نام و نام خانوادگی", "پاسپۆرت", "ژمارەی ناسنامە",
    "ناوی تەواو", "ناوی ڕاستەقینە",
)  # fmt: skip


def _matcher(words: str, phrases: tuple[str, ...] = ()) -> re.Pattern[str]:
    tried = [(fold(w.rstrip("*")), w.endswith("*")) for w in words.split()]
    parts = [re.escape(w) + (r"\w*" if begins else "") for w, begins in tried] + [re.escape(fold(p)) for p in phrases]
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)" if parts else "(?!)")


_REFUSED = {subject: _matcher(words, PHRASES.get(subject, ())) for subject, words in REFUSED.items()}
_CAREFUL = {subject: _matcher(words) for subject, words in CAREFUL.items()}
_IDENTITY = _matcher("", IDENTITY)


def refused(*texts: str) -> str:
    """The subject of a question that is refused; empty for any other."""
    return _first(_REFUSED, texts)


def careful(*texts: str) -> str:
    """The subject of a question that needs a purpose; empty for any other."""
    return _first(_CAREFUL, texts)


def identifies(*texts: str) -> bool:
    """Whether a question asks who somebody is on paper."""
    return any(_IDENTITY.search(fold(text)) for text in texts)


def _first(tried: dict[str, re.Pattern[str]], texts: tuple[str, ...]) -> str:
    folded = [fold(text) for text in texts if text]
    return next((subject for subject, found in tried.items() if any(found.search(text) for text in folded)), "")
