"""An invented register of people, as several clerks in several scripts would have written it: for tests, benches and the demo.

Everything comes from a seed. Households have fathers, mothers and children who share names; namesakes are as frequent as they are among people;
clerks swap names, leave some out, add titles, hear badly, write an age for a date, the first of the year for a year, and mistype.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from persiantools.jdatetime import JalaliDate

# Persian, Arabic, Sorani, Kurmanji, then Latin spellings of clerks.
_MALE = """
محمد|محمد|محەمەد|Mihemed|Mohammad Mohammed Muhammad Mohamed Muhammed Mohamad
علی|علي|عەلی|Elî|Ali Aly
حسین|حسين|حوسێن|Hisên|Hossein Hussein Hussain Husein Hosein
حسن|حسن|حەسەن|Hesen|Hassan Hasan
رضا|رضا|ڕەزا|Riza|Reza Rida Riza Ridha
احمد|أحمد|ئەحمەد|Ehmed|Ahmad Ahmed Ahmet
عبدالله|عبد الله|عەبدوڵڵا|Ebdulla|Abdollah Abdullah Abdulla
ابراهیم|إبراهيم|ئیبراهیم|Îbrahîm|Ebrahim Ibrahim Ibraheem
یوسف|يوسف|یوسف|Yûsif|Yousef Yusuf Youssef Yosef
مهدی|مهدي|مەهدی|Mehdî|Mehdi Mahdi
عمر|عمر|عومەر|Omer|Omar Umar Omer
عثمان|عثمان|عوسمان|Osman|Osman Othman Uthman
خالد|خالد|خالید|Xalid|Khaled Khalid
محمود|محمود|مەحمود|Mehmûd|Mahmoud Mahmud Mahmood
مصطفی|مصطفى|مستەفا|Mistefa|Mostafa Mustafa
سیروان|سيروان|سیروان|Sîrwan|Sirwan Sirvan
آزاد|آزاد|ئازاد|Azad|Azad Asad
هیوا|هيوا|هیوا|Hîwa|Hiwa Heewa Hiva
رزگار|رزكار|ڕزگار|Rizgar|Rizgar Rezgar
دلشاد|دلشاد|دڵشاد|Dilşad|Dilshad Delshad
کاوه|كاوه|کاوە|Kawe|Kaveh Kawa Kawe
شیرزاد|شيرزاد|شێرزاد|Şêrzad|Shirzad Sherzad
شیروان|شيروان|شێروان|Şêrwan|Shirwan Sherwan Shirvan
آرام|آرام|ئارام|Aram|Aram
سامان|سامان|سامان|Saman|Saman
بهرام|بهرام|بەهرام|Behram|Bahram Behram
جواد|جواد|جەواد|Cewad|Javad Jawad Jawwad
قادر|قادر|قادر|Qadir|Qader Ghader Qadir Kadir
غلام|غلام|غوڵام|Xulam|Gholam Ghulam
کریم|كريم|کەریم|Kerîm|Karim Kareem
رحیم|رحيم|ڕەحیم|Rehîm|Rahim Raheem
سعید|سعيد|سەعید|Seîd|Saeed Said Saeid
طاهر|طاهر|تاهیر|Tahir|Taher Tahir
ناصر|ناصر|ناسر|Nasir|Naser Nasser Nasir
یاسر|ياسر|یاسر|Yasir|Yaser Yasser Yasir
جمال|جمال|جەمال|Cemal|Jamal Gamal Cemal
کمال|كمال|کەمال|Kemal|Kamal Kemal
نوری|نوري|نوری|Nûrî|Nouri Nuri Noori
صالح|صالح|ساڵح|Salih|Saleh Salih
عادل|عادل|عادل|Adil|Adel Adil
فرهاد|فرهاد|فەرهاد|Ferhad|Farhad Ferhad
بهزاد|بهزاد|بێهزاد|Behzad|Behzad Bahzad
پرویز|برويز|پەروێز|Perwêz|Parviz Parwiz Perwez
داریوش|داريوش|داریوش|Daryûş|Dariush Daryoush Daryush
ایرج|إيرج|ئیرەج|Îrec|Iraj Eraj
عبدالرحمن|عبد الرحمن|عەبدولڕەحمان|Ebdulrehman|Abdolrahman Abdulrahman Abdurrahman Abdel-Rahman
صلاح‌الدین|صلاح الدين|سەلاحەدین|Selahedîn|Salahuddin Salaheddin Salahaddin Selahattin
فواد|فؤاد|فوئاد|Fuad|Foad Fouad Fuad
ذوالفقار|ذو الفقار|زولفەقار|Zulfeqar|Zolfaghar Zulfiqar Dhulfiqar
طارق|طارق|تاریق|Tariq|Tareq Tariq Tarek
اسماعیل|إسماعيل|ئیسماعیل|Îsmaîl|Esmail Ismail Ismael Esmaeil
یعقوب|يعقوب|یەعقوب|Yaqûb|Yaghoub Yaqub Yaqoob
جعفر|جعفر|جەعفەر|Cefer|Jafar Jaafar Jafer
باقر|باقر|باقر|Baqir|Bagher Baqer Baqir
هادی|هادي|هادی|Hadî|Hadi Hady
سجاد|سجاد|سەجاد|Secad|Sajjad Sajad
امید|أوميد|ئومێد|Omêd|Omid Umed Omed
نیما|نيما|نیما|Nîma|Nima
بختیار|بختيار|بەختیار|Bextiyar|Bakhtiar Bakhtiyar
گوران|كوران|گۆران|Goran|Goran Guran
"""
_FEMALE = """
فاطمه|فاطمة|فاتمە|Fatme|Fatemeh Fatima Fatma Fatimah
زهرا|زهراء|زەهرا|Zehra|Zahra Zehra
مریم|مريم|مەریەم|Meryem|Maryam Mariam Meryem
زینب|زينب|زەینەب|Zeyneb|Zeinab Zaynab Zainab Zeynab
خدیجه|خديجة|خەدیجە|Xedîce|Khadijeh Khadija Khadijah
عایشه|عائشة|عائیشە|Ayşe|Ayesheh Aisha Aysha
آمنه|آمنة|ئامینە|Emîne|Ameneh Amina Aminah
لیلا|ليلى|لەیلا|Leyla|Leila Layla Laila
شیرین|شيرين|شیرین|Şîrîn|Shirin Shireen
نسرین|نسرين|نەسرین|Nesrîn|Nasrin Nisreen Nesrin
پروین|بروين|پەروین|Perwîn|Parvin Parwin Perwin
هانا|هانا|هانا|Hana|Hana Hanna
رزان|رزان|ڕۆژان|Rojan|Rozhan Rojan
ژیان|جيان|ژیان|Jiyan|Zhian Jiyan Zhyan
آواز|آواز|ئاواز|Awaz|Avaz Awaz
سمیه|سمية|سومەیە|Sumeye|Somayeh Sumaya Sumayya
مینا|مينا|مینا|Mîna|Mina
صغری|صغرى|سوغرا|Suxra|Soghra Sughra
کبری|كبرى|کوبرا|Kubra|Kobra Kubra
معصومه|معصومة|مەعسومە|Mesûme|Masoumeh Masuma
نرگس|نرجس|نێرگز|Nêrgiz|Narges Nergiz
گلناز|كلناز|گوڵناز|Gulnaz|Golnaz Gulnaz
پریسا|بريسا|پەریسا|Perîsa|Parisa
ستاره|ستارة|ئەستێرە|Stêre|Setareh Sitara
ناهید|ناهيد|ناهید|Nahîd|Nahid Naheed
سارا|سارة|سارا|Sara|Sara Sarah
هدی|هدى|هودا|Huda|Hoda Huda
نور|نور|نور|Nûr|Nour Noor Nur
رقیه|رقية|ڕوقەیە|Ruqeye|Roghayeh Ruqayya
سکینه|سكينة|سەکینە|Sekîne|Sakineh Sakina
طاهره|طاهرة|تاهیرە|Tahire|Tahereh Tahira
شهلا|شهلا|شەهلا|Şehla|Shahla
بهار|بهار|بەهار|Behar|Bahar
دلنیا|دلنيا|دڵنیا|Dilniya|Dilnia Delnia
ریحانه|ريحانة|ڕەیحانە|Reyhane|Reyhaneh Rayhana
"""
_FAMILY = """
کریمی|الكريمي|کەریمی|Kerîmî|Karimi Kareemi
رستمی|رستمي|ڕۆستەمی|Rostemî|Rostami Rustami
قادری|القادري|قادری|Qadirî|Ghaderi Qaderi Qadiri
صادقی|الصادقي|سادقی|Sadiqî|Sadeghi Sadiqi
نوروزی|نوروزي|نەورۆزی|Newrozî|Norouzi Nowruzi
بارزان‌پور|بارزان بور|بارزانپوور|Barzanpûr|Barzanpour
شریفی|الشريفي|شەریفی|Şerîfî|Sharifi Sherifi
عزیزی|العزيزي|عەزیزی|Ezîzî|Azizi
مرادی|مرادي|مورادی|Muradî|Moradi Muradi
باباخانی|باباخاني|باباخانی|Babaxanî|Babakhani
دشتی|الدشتي|دەشتی|Deştî|Dashti Deshti
کوهستانی|كوهستاني|کۆهستانی|Kohistanî|Kuhestani Kohistani
چراغی|جراغي|چراغی|Çiraxî|Cheraghi Chiraghi
زندی|الزندي|زەندی|Zendî|Zandi Zendi
پاک‌نژاد|باك نجاد|پاکنەژاد|Paknejad|Paknejad Paknezhad
سلیمانی|السليماني|سلێمانی|Silêmanî|Soleimani Sulaimani
حیدری|الحيدري|حەیدەری|Heyderî|Heidari Haidari Hayderi
نجفی|النجفي|نەجەفی|Necefî|Najafi
درویش|درويش|دەروێش|Derwêş|Darvish Darwish Derwish
ملکی|الملكي|مەلەکی|Melekî|Maleki
فتاحی|الفتاحي|فەتاحی|Fetahî|Fattahi Fatahi
گلی|كلي|گوڵی|Gulî|Goli Guli
یزدان‌پناه|يزدان بناه|یەزدانپەنا|Yezdanpenah|Yazdanpanah
شاهین|شاهين|شاهین|Şahîn|Shahin Shaheen
تیموری|تيموري|تەیموری|Teymûrî|Teimouri Taimuri
"""
_PLACES = """
مهرآباد|مهرآباد|میهرئاباد|Mihrabad|Mehrabad Mihrabad
سپیدرود|سبيدرود|سپیدڕوود|Sipîdrûd|Sepidrud Sefidroud
کانی‌سرد|كاني سرد|کانیسارد|Kanîsard|Kani_Sard Kanisard
گل‌دره|كل دره|گوڵدەرە|Guldere|Goldareh Guldara
شاخ‌بلند|شاخ بلند|شاخی بەرز|Şaxbilind|Shakhboland
بن‌رود|بن رود|بنڕوود|Binrûd|Bonrud Binrud
تل‌زیتون|تل زيتون|تەڵ زەیتون|Tel Zeytûn|Tell_Zaytun Tal_Zeitoun
دشت‌نو|دشت نو|دەشتی نوێ|Deşta Nû|Dasht-e_Now Dashtno
چشمه‌سبز|جشمه سبز|کانی سەوز|Kanîsewz|Cheshmeh_Sabz Chashma_Sabz
قلعه‌سنگ|قلعة سنك|قەڵاسەنگ|Qelaseng|Ghaleh_Sang Qalasang
"""
_ENDINGS = (
    ("ی", "ي", "ی", "î", "i"),
    ("زاده", "زاده", "زادە", "zade", "zadeh"),
    ("پور", "بور", "پوور", "pûr", "pour"),
    ("نژاد", "نجاد", "نەژاد", "nejad", "nejad"),
)
TITLES = (("سید ", "السيد ", "سەید ", "Seyid ", "Seyed "), ("حاجی ", "الحاج ", "حاجی ", "Hecî ", "Haji "), ("ملا ", "ملا ", "مەلا ", "Mela ", "Mulla "))  # fmt: skip
SCRIPTS = ("fa", "ar", "ckb", "kmr", "en")

Spellings = tuple[str, str, str, str, tuple[str, ...]]


def _table(text: str) -> list[Spellings]:
    rows = []
    for line in text.strip().splitlines():
        fa, ar, ckb, kmr, latin = line.split("|")
        rows.append((fa, ar, ckb, kmr, tuple(one.replace("_", " ") for one in latin.split(" "))))
    return rows


def _joined(first: Spellings, second: Spellings) -> Spellings:
    """Two names in one, which clerks write as two words, as one, or with a joiner."""
    latin = tuple(f"{a}{gap}{b}" for a in first[4][:2] for b in second[4][:2] for gap in (" ", "-"))
    return (
        f"{first[0]}\u200c{second[0]}",
        f"{first[1]} {second[1]}",
        f"{first[2]} {second[2]}",
        f"{first[3]} {second[3]}",
        latin,
    )


MALE, FEMALE, PLACES = _table(_MALE), _table(_FEMALE), _table(_PLACES)
MALE += [_joined(a, b) for a in (MALE[0], MALE[1], MALE[25]) for b in MALE[1:11] + MALE[26:33] if a is not b]
FAMILY = _table(_FAMILY) + [
    (
        fa.replace(" ", "") + e[0],
        ar.replace(" ", "") + e[1],
        ckb + e[2],
        kmr + e[3],
        tuple(one.replace("-", "") + e[4] for one in latin),
    )
    for fa, ar, ckb, kmr, latin in MALE[:60]
    for e in _ENDINGS
    if not fa.endswith(("ی", "ه"))
]


@dataclass(frozen=True, slots=True)
class Someone:
    """One invented person as they are."""

    id: int
    household: int
    given: Spellings
    father: Spellings
    grandfather: Spellings
    mother: Spellings
    family: Spellings
    sex: str
    birth: date
    place: Spellings


@dataclass(slots=True)
class Entry:
    """One line of a register: what a clerk wrote."""

    person: int
    household: int
    script: str
    row: dict[str, str] = field(default_factory=dict)


def people(n: int, seed: int) -> list[Someone]:
    """`n` people in households of brothers, sisters and their parents."""
    rnd = random.Random(seed)  # noqa: S311 (invented people, not keys)
    found: list[Someone] = []
    household = 0
    while len(found) < n:
        household += 1
        family, place = _often(rnd, FAMILY, 0.5), _often(rnd, PLACES, 0.3)
        father, grandfather, mother = _often(rnd, MALE), _often(rnd, MALE), _often(rnd, FEMALE)
        born = date(rnd.randint(1945, 2000), 1, 1) + timedelta(days=rnd.randrange(365))
        head = Someone(
            len(found), household, father, grandfather, _often(rnd, MALE), _often(rnd, FEMALE), family, "male", born, place
        )
        found.append(head)
        if rnd.random() < 0.6:
            birth = born + timedelta(days=rnd.randint(-1500, 4000))
            found.append(
                Someone(
                    len(found),
                    household,
                    mother,
                    _often(rnd, MALE),
                    _often(rnd, MALE),
                    _often(rnd, FEMALE),
                    _often(rnd, FAMILY, 0.5),
                    "female",
                    birth,
                    place,
                )
            )
        at = born + timedelta(days=rnd.randint(6600, 11000))
        taken = set()
        for _ in range(rnd.choice((0, 1, 1, 2, 2, 3, 4))):
            sex = rnd.choice(("male", "female"))
            given = _often(rnd, MALE if sex == "male" else FEMALE)
            if given[0] in taken:
                continue
            taken.add(given[0])
            found.append(Someone(len(found), household, given, father, grandfather, mother, family, sex, at, place))
            at += timedelta(days=rnd.choice((0, 400, 700, 1000, 1500)))
    return found[:n]


def _often(rnd: random.Random, names: list[Spellings], power: float = 0.8) -> Spellings:
    """A name, the first of the list oftener than the last, as names are among people."""
    return names[min(int(len(names) * rnd.random() ** (1 + power)), len(names) - 1)]


def register(n: int, seed: int, entries: float = 1.63) -> list[Entry]:
    """What several clerks wrote of `n` people: on average `entries` lines for each."""
    rnd = random.Random(seed + 1)  # noqa: S311
    found = []
    for one in people(n, seed):
        times = 1 + (rnd.random() < (entries - 1) * 0.75) + (rnd.random() < (entries - 1) * 0.25)
        for _ in range(times):
            found.append(written(one, rnd))
    rnd.shuffle(found)
    for number, entry in enumerate(found):
        entry.row["id"] = str(number)
    return found


def written(one: Someone, rnd: random.Random, script: str = "") -> Entry:
    """One person as one clerk wrote them down."""
    script = script or rnd.choices(SCRIPTS, (4, 3, 2, 1, 3))[0]
    at = SCRIPTS.index(script)
    row: dict[str, str] = {}
    for part in ("given", "father", "grandfather", "family"):
        if part == "given" or rnd.random() < {"father": 0.75, "grandfather": 0.3, "family": 0.85}[part]:
            row[part] = _spelled(getattr(one, part), at, rnd)
    if rnd.random() < 0.25:
        row["mother_name"] = _spelled(one.mother, at, rnd)
    if rnd.random() < 0.06:
        row["given"] = TITLES[rnd.randrange(len(TITLES))][at] + row["given"]
    if rnd.random() < 0.04 and "family" in row:
        row["given"], row["family"] = row["family"], row["given"]
    if rnd.random() < 0.12:
        row = {"full": " ".join(row.pop(p) for p in ("given", "father", "grandfather", "family") if p in row), **row}
    if rnd.random() < 0.95:
        row["sex"] = one.sex if rnd.random() < 0.995 else "female"
    _birth(one, row, script, rnd)
    if rnd.random() < 0.7:
        row["place"] = _spelled(one.place, at, rnd)
    return Entry(one.id, one.household, script, row)


def _spelled(name: Spellings, at: int, rnd: random.Random) -> str:
    text = rnd.choice(name[4]) if at == 4 else str(name[at])
    if at == 0 and rnd.random() < 0.15:
        text = text.replace("ی", "ي").replace("ک", "ك")
    if "\u200c" in text and rnd.random() < 0.5:
        text = text.replace("\u200c", rnd.choice((" ", "")))
    if at == 3 and rnd.random() < 0.4:
        text = text.translate(str.maketrans("îêûçşÎÊÛÇŞ", "ieucsIEUCS"))
    if rnd.random() < 0.05 and len(text) > 3:
        k = rnd.randrange(1, len(text) - 1)
        text = rnd.choice(
            (text[:k] + text[k + 1 :], text[:k] + text[k + 1] + text[k] + text[k + 2 :], text[:k] + text[k] + text[k:])
        )
    return text


def _birth(one: Someone, row: dict[str, str], script: str, rnd: random.Random) -> None:
    kind = rnd.choices(("date", "year", "age", "first", "none"), (35, 20, 25, 10, 10))[0]
    birth = one.birth
    if rnd.random() < 0.08:
        birth = birth + timedelta(days=rnd.choice((-365, 365, 30, -30, 1)))
    solar = JalaliDate.to_jalali(birth) if script in ("fa", "ckb") and rnd.random() < 0.8 else None
    year = solar.year if solar else birth.year
    if kind == "date":
        row["birth"] = f"{solar.year:04}-{solar.month:02}-{solar.day:02}" if solar else birth.isoformat()
    elif kind == "year":
        row["birth"] = str(year)
    elif kind == "first":
        row["birth"] = f"{year:04}-01-01"
    elif kind == "age":
        at = date(2023, 1, 1) + timedelta(days=rnd.randrange(900))
        age = (at - birth).days // 365
        row["age"] = str(round(age / 5) * 5 if age > 20 and rnd.random() < 0.35 else max(age, 0))
        row["recorded"] = at.isoformat()


def truth(entries: list[Entry]) -> Iterator[tuple[int, int]]:
    """All pairs of lines that are one person, as positions in the register."""
    by_person: dict[int, list[int]] = {}
    for n, entry in enumerate(entries):
        by_person.setdefault(entry.person, []).append(n)
    for places in by_person.values():
        for k, a in enumerate(places):
            for b in places[k + 1 :]:
                yield a, b
