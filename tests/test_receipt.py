"""The receipt: ten words or 34 digits that a frightened person keeps, reads aloud, mistypes and finds again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panah import receipt
from panah.errors import Unreadable
from panah.explain import EXPLAIN

VECTORS = json.loads((Path(__file__).parent.parent / "spec/vectors/receipt.json").read_text())
secrets = st.integers(0, (1 << 100) - 1).map(lambda n: n.to_bytes(13, "big"))
languages = st.sampled_from(sorted(receipt.LETTERS))


def test_the_list_has_2048_words_that_no_two_scripts_confuse() -> None:
    assert len(set(receipt.WORD_LIST)) == 2048 and len(receipt.EXCLUDED) == 256
    for language in receipt.LETTERS:
        spelled = [receipt.spell(word, language) for word in receipt.WORD_LIST]
        assert len(set(spelled)) == 2048
        for word, text in zip(receipt.WORD_LIST, spelled, strict=True):
            assert receipt._groups(receipt._plain(text + " ")) == [word]


def test_the_tables_are_those_of_the_vectors() -> None:
    assert VECTORS["words"].split() == receipt.WORD_LIST
    assert {k: (v[0], v[1]) for k, v in VECTORS["letters"].items()} == receipt.LETTERS
    assert set(VECTORS["excluded"].split()) == receipt.EXCLUDED


@pytest.mark.parametrize("vector", VECTORS["receipts"], ids=lambda v: v["secret"])
def test_a_receipt_has_the_words_digits_and_seeds_of_its_vector(vector: dict[str, str]) -> None:
    secret = bytes.fromhex(vector["secret"])
    assert receipt.checksum(secret) == vector["checksum"]
    assert receipt.digits_of(secret) == vector["digits"]
    for language, words in dict(vector["words"]).items():
        assert " ".join(receipt.words_of(secret, language)) == words
        assert receipt.read(words) == secret
    assert receipt.thread_of(secret) == vector["thread"]
    assert receipt.mailbox_seed(secret, vector["relay"]).hex() == vector["mailbox_seed"]
    assert receipt.reply_seed(secret).hex() == vector["reply_seed"]


@pytest.mark.parametrize("vector", VECTORS["reads"], ids=lambda v: v["name"])
def test_however_it_is_typed_it_is_read(vector: dict[str, str]) -> None:
    assert receipt.read(vector["text"]).hex() == vector["secret"]


@pytest.mark.parametrize("vector", VECTORS["refuses"], ids=lambda v: v["name"])
def test_a_wrong_receipt_is_refused_and_the_word_is_named(vector: dict[str, str]) -> None:
    with pytest.raises(Unreadable) as e:
        receipt.read(vector["text"])
    assert e.value.code == vector["code"]
    if e.value.code == "receipt_word_unknown":
        assert vector["text"].split()[int(e.value.args_shown["word"]) - 1] in ("kuni", "bread")
    if len(vector["text"]) < 1000:
        assert [list(pair) for pair in receipt.corrections(vector["text"])] == [list(pair) for pair in vector["corrections"]]


def test_the_checksum_is_the_first_ten_bits_of_sha_256() -> None:
    secret = bytes.fromhex("0123456789abcdef0123456789")
    bits = "".join(f"{byte:08b}" for byte in hashlib.sha256(b"panah/1/receipt" + secret).digest())
    assert receipt.checksum(secret) == int(bits[:10], 2)
    assert receipt.digits_of(secret) == f"{int.from_bytes(secret, 'big') * 1024 + int(bits[:10], 2):034d}"


def test_the_derivation_is_hkdf_as_the_library_does_it() -> None:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    secret = bytes(range(13))
    for info, seed in (
        (b"panah/1/mailbox/https://relay.example", receipt.mailbox_seed(secret, "https://relay.example")),
        (b"panah/1/reply", receipt.reply_seed(secret)),
        (b"panah/1/thread", bytes.fromhex(receipt.thread_of(secret))),
    ):
        assert HKDF(SHA256(), 32, salt=b"", info=info).derive(secret)[: len(seed)] == seed
    assert receipt.mailbox_seed(secret, "https://a.example") != receipt.mailbox_seed(secret, "https://b.example")


@given(secrets, languages)
def test_every_secret_is_read_back_from_every_script(secret: bytes, language: str) -> None:
    words = receipt.words_of(secret, language)
    assert len(words) == 10
    for text in (" ".join(words), "".join(words), " ".join(words).upper(), receipt.digits_of(secret)):
        assert receipt.read(text) == secret


@given(secrets, languages, st.data())
def test_a_mixture_of_scripts_spaces_and_joiners_is_read(secret: bytes, language: str, data: st.DataObject) -> None:
    text = ""
    for i, word in enumerate(receipt.words_of(secret)):
        text += receipt.spell(word, data.draw(languages)) + data.draw(st.sampled_from([" ", "-", "\u200c", " \n", "، ", ""]))
        assert i < 10
    assert receipt.read(text) == secret


def test_of_a_thousand_slips_at_least_999_are_found() -> None:
    dice = random.Random(1)
    tries, unseen = 20_000, 0
    for _ in range(tries):
        secret = dice.getrandbits(100).to_bytes(13, "big")
        words = receipt.words_of(secret)
        words[dice.randrange(10)] = dice.choice(receipt.WORD_LIST)
        with contextlib.suppress(Unreadable):
            unseen += receipt.read(" ".join(words)) != secret
    # 1 in 1,024 is the promise; 20,000 throws of it lie between 5 and 40 nearly always.
    assert unseen <= 40


@given(secrets, st.integers(0, 9), st.data())
def test_a_slip_of_one_sound_is_among_the_few_corrections(secret: bytes, at: int, data: st.DataObject) -> None:
    words = receipt.words_of(secret)
    right = words[at]
    words[at] = data.draw(st.sampled_from(sorted(receipt._one_sound_away(right))))
    offered = receipt.corrections(" ".join(words))
    try:
        receipt.read(" ".join(words))
    except Unreadable:
        assert (at + 1, right) in offered and len(offered) <= 12
    words[at] = "bread"
    offered = receipt.corrections(" ".join(words))
    assert (at + 1, right) in offered and len(offered) <= 20


def test_a_relay_name_must_be_ascii_and_a_secret_100_bits() -> None:
    with pytest.raises(UnicodeEncodeError):
        receipt.mailbox_seed(bytes(13), "https://رله.example")
    for wrong in (bytes(12), bytes(14), b"\x10" + bytes(12)):
        with pytest.raises(ValueError):
            receipt.words_of(wrong)


@settings(max_examples=500)
@given(
    st.one_of(st.text(max_size=300), st.text("badihkşûخا ی۱٢3 -\u200c", max_size=120), st.text(max_size=3).map(lambda t: t * 400))
)
def test_whatever_is_typed_the_only_answer_is_a_refusal_in_good_time(text: str) -> None:
    start = time.process_time()
    for act in (receipt.read, receipt.corrections):
        try:
            act(text)
        except Unreadable as e:
            assert e.code in EXPLAIN
    assert time.process_time() - start < 2
