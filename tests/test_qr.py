"""Parts of QR codes: the vectors, every order, every wrong letter."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panah import qr
from panah.errors import Full, PanahError, Refused, Unreadable
from panah.explain import EXPLAIN

VECTORS = json.loads((Path(__file__).resolve().parents[1] / "spec/vectors/qr.json").read_text())
SPEC = Path(__file__).resolve().parents[1] / "spec/qr.md"


def test_the_vectors_of_qr_parts():
    for one in VECTORS["splits"]:
        data = bytes.fromhex(one["data"])
        assert qr.split(data, kind=one["kind"], piece=one["piece"]) == one["parts"], one["name"]
        assert qr.join(one["parts"], kind=one["kind"]) == data
    for one in VECTORS["joins"]:
        assert qr.join(one["parts"]).hex() == one["data"], one["name"]
    for one in VECTORS["finds"]:
        assert qr.found_in(one["text"]) == one["parts"], one["name"]
    for one in VECTORS["refuses"]:
        with pytest.raises(PanahError) as e:
            qr.join(one["parts"], kind=one.get("kind", ""))
        assert e.value.code == one["code"] and one["code"] in EXPLAIN, one["name"]


def test_the_example_of_the_specification_is_read():
    assert qr.join(qr.found_in(SPEC.read_text())[:2], kind="card") == b"in the hall"


@given(st.binary(min_size=1, max_size=3000), st.sampled_from(sorted(qr.KINDS)), st.integers(60, 900), st.randoms())
def test_what_was_split_is_joined_in_any_order_and_twice(data: bytes, kind: str, piece: int, chance: random.Random):
    parts = qr.split(data, kind=kind, piece=piece)
    assert all(len(p) <= piece + 30 for p in parts)
    mixed = parts + parts[: chance.randrange(len(parts) + 1)]
    chance.shuffle(mixed)
    assert qr.join(mixed, kind=kind) == data
    broken = "  \n".join(p.lower()[:7] + "\n" + p.lower()[7:] for p in mixed)
    assert qr.join(qr.found_in("Scanned today: " + broken)) == data
    assert qr.join(qr.found_in("".join(mixed))) == data


@given(st.binary(min_size=200, max_size=900), st.randoms())
def test_a_part_that_lacks_is_named(data: bytes, chance: random.Random):
    parts = qr.split(data, kind="welcome", piece=100)
    gone = chance.randrange(len(parts))
    with pytest.raises(Refused, match=f"qr_parts_missing parts={gone + 1} of={len(parts)}"):
        qr.join(parts[:gone] + parts[gone + 1 :])


@given(st.binary(min_size=1, max_size=300), st.randoms())
def test_one_wrong_letter_is_never_taken(data: bytes, chance: random.Random):
    parts = qr.split(data, kind="card", piece=80)
    n = chance.randrange(len(parts))
    at = chance.randrange(len(parts[n]))
    other = chance.choice([c for c in "ABCXYZ234567.1 " if c != parts[n][at]])
    parts[n] = parts[n][:at] + other + parts[n][at + 1 :]
    with pytest.raises(PanahError):
        qr.join(parts)


@given(
    st.one_of(
        st.text(max_size=300), st.from_regex(r"Q1\.[A-Z]\.[0-9]{1,2}\.[0-9]{1,2}\.[A-Z2-7]{8}\.[A-Z2-7]{1,40}\.[A-Z2-7]{4}")
    )
)
def test_any_text_is_read_or_refused(text: str):
    qr.found_in(text)
    with pytest.raises(Unreadable):
        qr.read(text)


def test_what_is_too_large_for_codes_is_refused_before_it_is_shown():
    for data, piece in ((b"", 700), (bytes(qr.MOST_DATA + 1), 4000), (bytes(50_000), 700), (b"a", 4001)):
        with pytest.raises(Full, match="qr_too_large"):
            qr.split(data, kind="card", piece=piece)
    assert len(qr.split(bytes(qr.MOST_DATA), kind="card", piece=1100)) == 96
