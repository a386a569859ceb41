"""Write spec/vectors/ again: `make vectors`. Twice gives the same bytes, so that a difference in them is a change of the format.

What each refusal has to be is written here by hand, never computed: the vectors are to find a fault in the code, not to copy it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import sys
from pathlib import Path
from typing import Any

from nacl.signing import SigningKey

from panah import puzzle, receipt, wire
from panah.errors import Unreadable
from panah.kernel import age

sys.path.insert(0, str(Path(__file__).parent))
import vectors_log

OUT = Path(__file__).parent.parent / "spec" / "vectors"
RELAY = "https://relay.example"
ROOT, REPLY_KEY, STRANGER = (SigningKey(bytes([n]) * 32) for n in (1, 2, 3))
INTAKE, RECOVERY, PERSON = (age.new_identity(bytes([n]) * 32) for n in (4, 5, 6))
THREAD = "00112233445566778899aabbccddeeff"
TODAY = 20_780
BOX = hashlib.sha256(b"box").hexdigest()
CAP = hashlib.sha256(b"cap").digest()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def write(name: str, value: Any) -> None:
    (OUT / name).write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


# Receipts.


def secret(n: int) -> bytes:
    """Some secrets at the edges, the others spread."""
    if n < 2:
        return (n * ((1 << 100) - 1)).to_bytes(13, "big")
    digest = hashlib.sha256(b"receipt %d" % n).digest()
    return bytes([digest[0] & 15]) + digest[1:13]


def one_receipt(s: bytes) -> dict[str, Any]:
    cap = bytes(SigningKey(receipt.mailbox_seed(s, RELAY)).verify_key)
    return {
        "secret": s.hex(),
        "checksum": receipt.checksum(s),
        "digits": receipt.digits_of(s),
        "words": {language: " ".join(receipt.words_of(s, language)) for language in receipt.LETTERS},
        "thread": receipt.thread_of(s),
        "relay": RELAY,
        "mailbox_seed": receipt.mailbox_seed(s, RELAY).hex(),
        "cap": cap.hex(),
        "box": wire.box_of(cap).hex(),
        "reply_seed": receipt.reply_seed(s).hex(),
        "reply_identity": age.new_identity(receipt.reply_seed(s)),
        "reply_recipient": age.recipient_of(age.new_identity(receipt.reply_seed(s))),
    }


HANDS = {
    "a": "aAâàáäاأآ", "i": "iIîíïıêیيى", "u": "uUûüúùوۆ", "b": "bBپ", "j": "jcçج", "kh": "x", "sh": "ş", "h": "hHھحہ", "t": "tطT", "s": "sSصث",
    "z": "zZذضظž", "r": "rڕR", "l": "lڵ", "q": "qQغ",
}  # fmt: skip
JOINS = [" ", "  ", "-", "\u200c", "\u200d ", "\n", "، ", "; ", " / ", "\u200f ", "\u00a0", "_", "", "ـ "]


def typed(n: int) -> dict[str, str]:
    """A receipt as somebody may type it: every sound by one of the keys that give it, every gap as it comes, or as digits."""
    dice = random.Random(n)
    s = dice.getrandbits(100).to_bytes(13, "big")
    if n % 4 == 3:
        zero = dice.choice([0x30, 0x660, 0x6F0])
        text = "".join(chr(zero + int(d)) + dice.choice(["", "", " ", "-", "\u200c"]) for d in receipt.digits_of(s))
    else:
        text = "".join(
            "".join(dice.choice([*HANDS.get(sound, ""), sound]) for pair in receipt._PARTS.findall(word) for sound in pair)
            + dice.choice(JOINS)
            for word in receipt.words_of(s)
        )
    return {"name": f"typed by hand {n}", "text": text, "secret": s.hex()}


def receipts() -> None:
    s = secret(2)
    en, fa, ar, ckb, kmr = (receipt.words_of(s, language) for language in ("en", "fa", "ar", "ckb", "kmr"))
    digits = receipt.digits_of(s)
    reads = [
        ("upper case", " ".join(en).upper()),
        ("hyphens", "-".join(en)),
        ("no spaces at all", "".join(en)),
        ("line breaks, commas and a full stop", ",\n".join(en) + "."),
        ("one space in every word", " ".join(word[:-2] + " " + word[-2:] for word in en)),
        ("a script for each word", " ".join((en, fa, ar, ckb, kmr)[i % 5][i] for i in range(10))),
        ("Persian with joiners", "\u200c".join(fa)),
        ("Persian typed on an Arabic keyboard", " ".join(fa).replace("ی", "ي").replace("ک", "ك")),
        ("Arabic typed on a Persian keyboard", " ".join(ar).replace("ي", "ی").replace("ك", "ک")),
        ("Arabic with vowel signs", " ".join(ar).replace("ا", "\u064eا").replace("ي", "\u0650ي")),
        ("Arabic with stretched letters", " ".join(ar).replace("ا", "ـا")),
        ("final yeh without dots", " ".join(ar).replace("ي", "ى")),
        ("Kurdish with single waw", " ".join(ckb).replace("وو", "و")),
        ("Kurdish Latin without hats", " ".join(kmr).replace("î", "i").replace("û", "u")),
        ("Kurdish Latin in parts", " ".join(kmr).replace("î", "i\u0302").replace("ş", "s\u0327")),
        ("Turkish dotless i", " ".join(en).replace("i", "ı")),
        ("Turkish capital dotted i", " ".join(en).replace("i", "İ")),
        ("direction marks", "\u200f" + " ".join(ar) + "\u200e"),
        ("digits in fours", " ".join(digits[i : i + 4] for i in range(0, 34, 4))),
        ("Persian digits", digits.translate({48 + n: 0x06F0 + n for n in range(10)})),
        ("Arabic digits with hyphens", "-".join(digits).translate({48 + n: 0x0660 + n for n in range(10)})),
        ("as a French ear writes it", " ".join(en).replace("sh", "ch").replace("u", "ou")),
        ("French accents", " ".join(en).replace("a", "à").replace("i", "ï").replace("u", "ù")),
        ("accents of no keyboard in particular", " ".join(en).replace("n", "ñ").replace("z", "ž").replace("h", "ḧ")),
        ("Kurdish capitals with a cedilla", " ".join(kmr).upper().replace("C", "Ç")),
        ("French spaces and quotation marks", "«\u00a0" + "\u202f".join(en) + "\u00a0»"),
    ]
    wrong_sound = [*en]
    wrong_sound[4] = ("m" if not en[4].startswith("m") else "n") + en[4].lstrip("bdfhjklmnqrstz")
    not_ours = [*en]
    not_ours[6] = "kuni"
    refuses = [
        ("one wrong sound", " ".join(wrong_sound), "receipt_checksum"),
        ("one word that is none of ours", " ".join(not_ours), "receipt_word_unknown"),
        ("one word that is no word", " ".join([*en[:8], "bread", en[9]]), "receipt_word_unknown"),
        ("two words swapped", " ".join([en[1], en[0], *en[2:]]), "receipt_checksum"),
        ("nine words", " ".join(en[:9]), "receipt_word_count"),
        ("eleven words", " ".join([*en, en[0]]), "receipt_word_count"),
        ("nothing", "", "receipt_word_count"),
        ("33 digits", digits[:-1], "receipt_digit_count"),
        ("35 digits", digits + "0", "receipt_digit_count"),
        ("one wrong digit", ("1" if digits[0] == "0" else "0") + digits[1:], "receipt_checksum"),
        ("more than 110 bits", "9" * 34, "receipt_checksum"),
        ("words and digits", " ".join(en[:9]) + " 12", "receipt_mixed"),
        ("Bengali digits", digits.translate({48 + n: 0x09E6 + n for n in range(10)}), "receipt_word_count"),
        ("a book", "fami " * 300, "receipt_too_long"),
    ]
    combinations = [a + b for a in receipt._SYLLABLES for b in receipt._SYLLABLES]
    bits = "".join("1" if word in receipt.EXCLUDED else "0" for word in combinations)
    write(
        "receipt.json",
        {
            "letters": receipt.LETTERS,
            "excluded": " ".join(word for word in combinations if word in receipt.EXCLUDED),
            "excluded_bits": b64(int(bits, 2).to_bytes(len(bits) // 8, "big")),
            "words": " ".join(receipt.WORD_LIST),
            "receipts": [one_receipt(secret(n)) for n in range(6)],
            "reads": [{"name": name, "text": text, "secret": s.hex()} for name, text in reads] + [typed(n) for n in range(60)],
            "refuses": [
                {"name": name, "text": text, "code": code, "corrections": receipt.corrections(text[:999])}
                for name, text, code in refuses
            ],
        },
    )


# Requests.

FILE = {"box": wire.box_of(CAP).hex(), "cap": CAP.hex(), "key": b64(bytes(range(32))), "bytes": 52_311, "media": "image/jpeg"}
REQUEST: dict[str, Any] = {
    "v": 1,
    "kind": "request",
    "lang": "ckb",
    "thread": THREAD,
    "reply": age.recipient_of(PERSON),
    "box": BOX,
    "n": 1,
    "text": "تکایە وەڵامم بدەنەوە. I can read this page on Tuesdays.\nلطفاً زنگ نزنید.",
    "answers": {
        "for_whom": "self",
        "may_call": False,
        "children": 2,
        "places": ["north", "by the river"],
        "phone": {"~": "no_answer", "why": "declined"},
        "hours": None,
        "weight": 61.5,
    },
    "files": [FILE],
}
MESSAGE = {**REQUEST, "kind": "message", "n": 2, "text": "I am in the same place.", "files": []}
del MESSAGE["answers"]


def compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def shown(name: str, data: bytes) -> dict[str, str]:
    """As text where it is text, so that a person can read the vector."""
    try:
        return {name: data.decode()}
    except UnicodeDecodeError:
        return {name + "_base64": b64(data)}


def nest(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


def bad_frames() -> list[tuple[str, bytes, str]]:
    good = compact(REQUEST)

    def but(**changed: Any) -> bytes:
        return compact({k: v for k, v in {**REQUEST, **changed}.items() if v is not ...})

    shape = "frame_malformed"
    return [
        ("a newer version, with a field we do not know", but(v=2, mood="calm"), "frame_future_version"),
        ("version zero", but(v=0), shape),
        ("version as text", but(v="1"), shape),
        ("version true", but(v=True), shape),
        ("version 1.0", good.replace(b'"v":1,', b'"v":1.0,'), shape),
        ("no version", but(v=...), shape),
        ("an unknown field", but(mood="calm"), shape),
        ("an unknown kind", but(kind="order"), shape),
        ("no kind", but(kind=...), shape),
        ("no text", but(text=...), shape),
        ("text null", but(text=None), shape),
        ("text of 12,001 letters", but(text="a" * 12_001), shape),
        ("thread in capitals", but(thread=THREAD.upper()), shape),
        ("thread too short", but(thread=THREAD[:-1]), shape),
        ("thread with a line feed after it", but(thread=THREAD + "\n"), shape),
        ("box too long", but(box=BOX + "0"), shape),
        ("an X25519 reply recipient", but(reply=age.recipient_of(age.new_x25519_identity(bytes(32)))), shape),
        ("a reply recipient with a letter too few", but(reply=REQUEST["reply"][:-1]), shape),
        ("language with an underscore", but(lang="fa_IR"), shape),
        ("a first message numbered 2", but(n=2), shape),
        ("a further message numbered 1", compact({**MESSAGE, "n": 1}), shape),
        ("a further message with answers", compact({**MESSAGE, "answers": {}}), shape),
        ("a number of 17 digits", but(answers={"children": 2**53}), shape),
        ("a number without end", but(answers={"children": 1}).replace(b'"children":1', b'"children":1e999'), shape),
        ("an answer's name in capitals", but(answers={"Children": 1}), shape),
        ("an answer's name with a space", but(answers={"the children": 1}), shape),
        ("answers as a list", but(answers=[1]), shape),
        ("101 answers", but(answers={f"a{n}": 1 for n in range(101)}), "frame_answers_too_many"),
        ("answers five deep", but(answers={"a": nest(4)}), "frame_answers_too_many"),
        ("1,001 values in the answers", but(answers={"a": [1] * 1000}), "frame_answers_too_many"),
        ("9 files", but(files=[FILE] * 9), shape),
        ("a file whose box is not its capability's", but(files=[{**FILE, "box": BOX}]), "frame_file_box_wrong"),
        ("a file with an unknown field", but(files=[{**FILE, "name": "x"}]), shape),
        ("a file key that is not canonical base64", but(files=[{**FILE, "key": FILE["key"][:-2] + "9="}]), shape),
        ("a file of 4 MiB", but(files=[{**FILE, "bytes": 4 * 1024 * 1024}]), shape),
        ("a file of less than nothing", but(files=[{**FILE, "bytes": -1}]), shape),
        ("media with a parameter", but(files=[{**FILE, "media": "text/html; charset=utf-8"}]), shape),
        ("the same name twice", good[:-1] + b',"n":1}', "frame_duplicate_key"),
        ("the same name twice, once spelled with an escape", good[:-1] + rb',"\u006e":1}', "frame_duplicate_key"),
        (
            "the same name twice, inside",
            but(answers={}).replace(b'"answers":{}', b'"answers":{"a":1,"a":2}'),
            "frame_duplicate_key",
        ),
        ("a space before", b" " + good, "frame_not_json"),
        ("a line feed after", good + b"\n", "frame_not_json"),
        ("a byte order mark", b"\xef\xbb\xbf" + good, "frame_not_json"),
        ("a second frame after it", good + b"{}", "frame_not_json"),
        ("half a frame", good[: len(good) // 2], "frame_not_json"),
        ("a list", b"[" + good + b"]", "frame_not_json"),
        ("nothing", b"", "frame_not_json"),
        ("not a number", but(answers={"a": 1}).replace(b'"a":1', b'"a":NaN'), "frame_not_json"),
        ("half a surrogate pair", but(text="X").replace(b'"X"', rb'"\ud83d"'), "frame_not_json"),
        ("not UTF-8", but(text="X").replace(b'"X"', b'"\xff"'), "frame_not_json"),
        ("a comment", good[:-1] + b"/**/}", "frame_not_json"),
        ("a comma too many", good[:-1] + b",}", "frame_not_json"),
        ("nested without end", b'{"v":1,"a":' + b"[" * 16_000 + b"}", "frame_not_json"),
        ("more than any padding holds", but(text="ب" * 9_000), "frame_too_large"),
    ]


def frames() -> None:
    good = [
        ("a first message", REQUEST),
        ("a first message without files or answers", {k: v for k, v in REQUEST.items() if k not in ("files", "answers")}),
        ("a further message", MESSAGE),
        ("a message in the larger size", {**MESSAGE, "n": 9999, "text": "ب" * 6000}),
        ("an empty text", {**MESSAGE, "text": ""}),
        ("a text with every awkward letter", {**MESSAGE, "text": '\u0000\u0001"\\/\u2028\ufeff\U0001f54a\u200f'}),
    ]
    small, large = wire.FRAME_SIZES
    # So many times the letter a, then the tail.
    padding = [
        ("no data", 0, b"", small),
        ("one byte", 1, b"", small),
        ("data that ends in zeros", 1, b"\x00\x00", small),
        ("data that ends in 0x80", 1, b"\x80", small),
        ("as much as the smaller size holds", small - 1, b"", small),
        ("one more", small, b"", large),
        ("as much as the larger size holds", large - 1, b"", large),
    ]
    bad_padding = [
        ("no mark", 1, b"", small - 1),
        ("another mark", 1, b"\x81", small - 2),
        ("only zeros", 0, b"", small),
        ("a byte too few", 1, b"\x80", small - 3),
        ("a byte too many", 1, b"\x80", small - 1),
        ("the larger size where the smaller would do", 1, b"\x80", large - 2),
        ("the larger size for exactly what the smaller holds", small - 1, b"\x80", large - small),
        ("nothing", 0, b"", 0),
    ]
    write(
        "request.json",
        {
            "frames": [{"name": name, "frame": compact(value).decode(), "value": value} for name, value in good],
            "refuses": [{"name": name, **shown("frame", data), "code": code} for name, data, code in bad_frames()],
            "padding": [{"name": name, "letters": n, "tail": tail.hex(), "size": size} for name, n, tail, size in padding],
            "padding_refuses": [
                {"name": name, "letters": n, "tail": tail.hex(), "zeros": zeros, "code": "padding_wrong"}
                for name, n, tail, zeros in bad_padding
            ],
        },
    )


# Replies.

REPLY = {
    "v": 1,
    "thread": THREAD,
    "n": 1,
    "lang": "ckb",
    "date": "2026-11-23",
    "text": "نامەکەت گەیشت. We have read it.\nسبا دەنووسین.",
}


def sign_reply(
    value: Any, *, key: SigningKey = REPLY_KEY, root: SigningKey = ROOT, not_after: int = TODAY + 30, certified: int | None = None
) -> bytes:
    data = value if isinstance(value, bytes) else compact(value)
    public = bytes(key.verify_key)
    root_signature = root.sign(wire.reply_key_to_sign(public, not_after if certified is None else certified)).signature
    signature = key.sign(wire.reply_to_sign(data)).signature
    return wire.encode_reply_body(wire.SignedReply(data, public, not_after, root_signature, signature))


def replies() -> None:
    body = sign_reply(REPLY)
    data, _, line = body.partition(b"\n")
    other_line = sign_reply({**REPLY, "text": "Meet us at the bridge."}).partition(b"\n")[2]
    without_label = wire.encode_reply_body(wire.split_reply(body)._replace(signature=REPLY_KEY.sign(data).signature))
    by_root = wire.encode_reply_body(wire.split_reply(body)._replace(signature=ROOT.sign(wire.reply_to_sign(data)).signature))
    good = [
        ("a reply", REPLY, TODAY + 30),
        ("on the last day of its key", {**REPLY, "n": 2}, TODAY),
        ("an empty one", {**REPLY, "n": 9999, "text": ""}, 2**32 - 1),
        ("as long as one can be", {**REPLY, "text": "x" * (4096 - 222 - len(compact({**REPLY, "text": ""})))}, TODAY + 1),
    ]
    bad = [
        ("another text under these signatures", data.replace(b"read", b"lost") + b"\n" + line, "signature_wrong"),
        ("another reply's signatures", data + b"\n" + other_line, "signature_wrong"),
        ("a key that the root never signed", sign_reply(REPLY, key=STRANGER, root=STRANGER), "signature_wrong"),
        ("signed without its label", without_label, "signature_wrong"),
        ("signed by the root itself", by_root, "signature_wrong"),
        ("a day that the root did not sign", sign_reply(REPLY, not_after=TODAY + 400, certified=TODAY + 30), "signature_wrong"),
        ("a key of yesterday", sign_reply(REPLY, not_after=TODAY - 1), "reply_key_expired"),
        ("a reply of another thread", sign_reply({**REPLY, "thread": THREAD[::-1]}), "reply_other_thread"),
        ("a newer version", sign_reply({**REPLY, "v": 2, "sound": "x"}), "frame_future_version"),
        ("an unknown field", sign_reply({**REPLY, "link": "x"}), "frame_malformed"),
        ("number zero", sign_reply({**REPLY, "n": 0}), "frame_malformed"),
        ("a day that no calendar has", sign_reply({**REPLY, "date": "2026-02-30"}), "frame_malformed"),
        ("the same name twice", sign_reply(data[:-1] + b',"n":2}'), "frame_duplicate_key"),
        ("no signature line", data, "reply_malformed"),
        ("an empty signature line", data + b"\n", "reply_malformed"),
        ("a signature line cut short", body[:-4], "reply_malformed"),
        ("a line feed at the end", body + b"\n", "reply_malformed"),
        ("a third line", body + b"\n" + line, "reply_malformed"),
        ("base64 without padding", body.rstrip(b"="), "reply_malformed"),
        ("base64 with other last bits", body[:-2] + bytes([body[-2] + 1]) + b"=", "reply_malformed"),
        ("a space in the base64", data + b"\n " + line, "reply_malformed"),
        ("nothing", b"", "reply_malformed"),
    ]
    recipients = [age.recipient_of(INTAKE), age.recipient_of(RECOVERY)]
    to_sign = wire.intake_to_sign(BOX, recipients, TODAY)
    signature = ROOT.sign(to_sign).signature.hex()
    config = {
        "v": 1,
        "root": bytes(ROOT.verify_key).hex(),
        "intake": {"box": BOX, "recipients": recipients, "day": TODAY, "sig": signature},
        "relays": [RELAY, "http://127.0.0.1:8400"],
    }
    write(
        "reply.json",
        {
            "root_seed": bytes(ROOT).hex(),
            "root": bytes(ROOT.verify_key).hex(),
            "reply_key_seed": bytes(REPLY_KEY).hex(),
            "thread": THREAD,
            "today": TODAY,
            "replies": [
                {
                    "name": name,
                    "json": compact(value).decode(),
                    "not_after": last,
                    "body": sign_reply(value, not_after=last).decode(),
                }
                for name, value, last in good
            ],
            "refuses": [{"name": name, "body": body.decode(), "code": code} for name, body, code in bad],
            "intake": {"to_sign": to_sign.decode(), "sig": signature, "config": compact(config).decode()},
        },
    )


# Sealed files. Sealing is random, so what stands there is kept as long as it opens to what it should.


def sealed(kept: dict[str, Any], name: str, plain: bytes, recipients: list[str], identity: str) -> dict[str, Any]:
    old = next((entry for entry in kept.get("opens", []) if entry["name"] == name), None)
    file = base64.b64decode(old["sealed"]) if old else b""
    try:
        fresh = age.open(file, [identity]) != plain
    except Unreadable:
        fresh = True
    if fresh:
        file = age.seal(plain, recipients)
    return {
        "name": name,
        "identity": identity,
        "sealed": b64(file),
        "sha256": hashlib.sha256(plain).hexdigest(),
        "size": len(plain),
    }


def sealed_files() -> None:
    path = OUT / "sealed.json"
    kept = json.loads(path.read_text()) if path.exists() else {}
    both = [age.recipient_of(INTAKE), age.recipient_of(RECOVERY)]
    request = wire.pad(compact(REQUEST))
    opens = [
        sealed(kept, "a request, by the intake identity", request, both, INTAKE),
        sealed(kept, "a reply, by the person", wire.pad(sign_reply(REPLY), wire.REPLY_SIZES), [age.recipient_of(PERSON)], PERSON),
        sealed(kept, "nothing at all", b"", [age.recipient_of(PERSON)], PERSON),
    ]
    opens.insert(1, {**opens[0], "name": "the same request, by the recovery identity", "identity": RECOVERY})
    whole = base64.b64decode(opens[0]["sealed"])
    refuses = [
        ("another identity", whole, PERSON, "age_no_key_opens"),
        ("the last byte missing", whole[:-1], INTAKE, "age_payload_broken"),
        ("the payload missing", whole[: whole.index(b"\n---") + 49], INTAKE, "age_truncated"),
        ("half of the header", whole[:1000], INTAKE, "age_truncated"),
        ("the last bit turned", whole[:-1] + bytes([whole[-1] ^ 1]), INTAKE, "age_payload_broken"),
        ("the mac's last letters replaced", whole.replace(b"\n--- ", b"\n--- A", 1), INTAKE, "age_header_malformed"),
        ("a newer version", whole.replace(b"/v1\n", b"/v2\n", 1), INTAKE, "age_future_version"),
        (
            "a stanza that we do not know was added",
            whole.replace(b"/v1\n", b"/v1\n-> grease\n\n", 1),
            INTAKE,
            "age_header_changed",
        ),
        ("not sealed", compact(REQUEST), INTAKE, "age_not_sealed"),
    ]
    identities = {"intake": INTAKE, "recovery": RECOVERY, "person": PERSON}
    write(
        "sealed.json",
        {
            "keys": [{"name": name, "identity": i, "recipient": age.recipient_of(i)} for name, i in identities.items()],
            "opens": opens,
            "refuses": [{"name": name, "sealed": b64(file), "identity": i, "code": code} for name, file, i, code in refuses],
        },
    )


# Mailboxes. One story with one empty relay; the answers are written out by hand, from the specification.


def mailboxes() -> None:
    cap, other = bytes(range(32)), bytes(range(32, 64))
    box = hashlib.sha256(cap).digest()
    first, second = b"\x01" * 32, b"\x02" * 32
    lies = (
        bytes.fromhex("0000000000000001") + first + bytes.fromhex("00000006") + b"sealed"
        + bytes.fromhex("0000000000000002") + second + bytes.fromhex("00000005") + b"again"
    )  # fmt: skip
    none, one, most = bytes(8), bytes(7) + b"\x01", b"\xff" * 8
    exchange: list[tuple[str, str, bytes, int, bytes | list[list[Any]]]] = [
        ("a mailbox that does not exist is empty", "/fetch", cap + none + b"\x00\x10", 200, b""),
        ("and so it is for a visitor", "/visit", cap + none, 200, []),
        ("anyone may deposit", "/deposit", box + first + b"sealed", 204, b""),
        ("twice is once", "/deposit", box + first + b"sealed", 204, b""),
        ("the same id with other bytes changes nothing", "/deposit", box + first + b"forged", 204, b""),
        ("another id is another deposit", "/deposit", box + second + b"again", 204, b""),
        ("an empty blob is refused", "/deposit", box + second, 400, b""),
        ("a short deposit is refused", "/deposit", box, 400, b""),
        ("both lie there in order", "/fetch", cap + none + b"\x00\x10", 200, lies),
        ("one at most", "/fetch", cap + none + b"\x00\x01", 200, lies[:50]),
        ("what comes after the first", "/fetch", cap + one + b"\xff\xff", 200, lies[50:]),
        ("nothing comes after the highest number", "/fetch", cap + most + b"\x00\x10", 200, b""),
        ("a limit of none gives none", "/fetch", cap + none + b"\x00\x00", 200, b""),
        ("a byte missing", "/fetch", cap + none + b"\x00", 400, b""),
        ("a byte too many", "/fetch", cap + none + b"\x00\x10\x00", 413, b""),
        ("the name of a mailbox does not open it", "/fetch", box + none + b"\x00\x10", 200, b""),
        ("another capability opens another mailbox", "/fetch", other + none + b"\x00\x10", 200, b""),
        ("a visit shows two", "/visit", cap + none, 200, [[1, b"sealed".hex()], [2, b"again".hex()]]),
        ("a visit goes on after the first", "/visit", cap + one, 200, [[2, b"again".hex()]]),
        ("a visit with a byte missing", "/visit", cap + none[1:], 400, b""),
        ("another capability deletes nothing", "/delete", other + most, 204, b""),
        ("deleting up to the first", "/delete", cap + one, 204, b""),
        ("leaves the second", "/fetch", cap + none + b"\x00\x10", 200, lies[50:]),
        ("deleting again is as good", "/delete", cap + one, 204, b""),
        ("deleting all", "/delete", cap + most, 204, b""),
        ("leaves nothing", "/fetch", cap + none + b"\x00\x10", 200, b""),
        ("the count goes on", "/deposit", box + first + b"sealed", 204, b""),
        ("and no number comes twice", "/visit", cap + none, 200, [[3, b"sealed".hex()]]),
        ("nobody publishes without a word", "/publish", bytes(32) + b"\x06a.html" + b"text", 400, b""),
    ]  # fmt: skip
    write(
        "mailbox.json",
        {
            "boxes": [{"cap": c.hex(), "box": hashlib.sha256(c).hexdigest()} for c in (bytes(32), cap, other)],
            "exchange": [
                {"why": why, "path": path, "body": body.hex(), "status": status}
                | ({"slots": answer} if isinstance(answer, list) else {"answer": answer.hex()})
                for why, path, body, status, answer in exchange
            ],
        },
    )


def puzzles() -> None:
    key, now = hashlib.sha256(b"panah vectors: puzzle key").digest(), 1_800_000_000
    made = []
    for k, bits in enumerate((0, 1, 7, 8, 9, 12, 14)):
        box, id = (hashlib.sha256(f"{what} {k}".encode()).digest() for what in ("box", "id"))
        asked = puzzle.make(key, bits, box, id, now)
        nonce = puzzle.solve(asked)
        assert nonce is not None
        made.append({"bits": bits, "now": now, "box": box.hex(), "id": id.hex(), "puzzle": asked.hex(), "nonce": nonce.hex()})
    hard = made[-1]
    other = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("box", "id")}
    refused = [
        {"why": "another mailbox", **hard, "box": other["box"]},
        {"why": "another id", **hard, "id": other["id"]},
        {"why": "eleven minutes later", **hard, "now": now + 660},
        {"why": "another number", **hard, "nonce": "ff" * 8},
        {"why": "fewer bits than were asked", **hard, "puzzle": hard["puzzle"][:8] + "00" + hard["puzzle"][10:]},
        {"why": "a later end than was given", **hard, "puzzle": "ff" + hard["puzzle"][2:]},
    ]
    vouchers = []
    for chance in (bytes(10), b"\xff" * 10, hashlib.sha256(b"voucher").digest()[:10]):
        letters = puzzle.voucher(chance)
        code = puzzle.printed(letters)
        typed = [code, code.lower(), code.replace("0", "O").replace("1", "l")]
        vouchers.append({"random": chance.hex(), "code": code, "hash": puzzle.voucher_hash(letters).hex(), "typed": typed})
    write("puzzle.json", {"key": key.hex(), "puzzles": made, "refused": refused, "vouchers": vouchers})


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    receipts()
    frames()
    replies()
    sealed_files()
    mailboxes()
    puzzles()
    vectors_log.main()
