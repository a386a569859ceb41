"""The recovery key on paper: any three of five people open it, any two learn nothing, and every slip is named."""

from __future__ import annotations

from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shamir_mnemonic import combine_mnemonics

from panah.errors import Unreadable
from panah.explain import EXPLAIN
from panah.kernel import age, recovery

SEED = bytes(range(32))
SHARES = recovery.split(SEED)
OTHERS = recovery.split(b"o" * 32)


def refusal(shares: list[str]) -> Unreadable:
    with pytest.raises(Unreadable) as e:
        recovery.join(shares)
    assert e.value.code in EXPLAIN
    return e.value


def test_every_three_of_five_open_the_key_in_any_order() -> None:
    assert len(SHARES) == 5 and all(len(share.split()) == 33 for share in SHARES)
    for three in combinations(SHARES, 3):
        assert recovery.join(three) == SEED
    for three in permutations(SHARES[:3]):
        assert recovery.identity_of(three) == age.new_identity(SEED)
    assert recovery.join(SHARES) == recovery.join(SHARES[:4]) == recovery.join([*SHARES[:3], SHARES[0]]) == SEED


def test_every_two_are_too_few() -> None:
    for two in combinations(SHARES, 2):
        e = refusal(list(two))
        assert e.code == "recovery_shares_too_few" and e.args_shown == {"given": 2, "needed": 3}
    assert refusal(SHARES[:1]).code == refusal([]).code == "recovery_shares_too_few"


def test_another_number_of_people_can_be_chosen() -> None:
    for needed, of in ((2, 3), (2, 2), (4, 7), (16, 16)):
        shares = recovery.split(SEED, needed, of)
        assert len(shares) == of and recovery.join(shares[-needed:]) == SEED
        if needed > 2:
            assert refusal(shares[: needed - 1]).code == "recovery_shares_too_few"
    for needed, of in ((1, 5), (4, 3), (2, 17)):
        with pytest.raises(ValueError):
            recovery.split(SEED, needed, of)


def test_what_the_recovery_key_sealed_is_opened_from_paper() -> None:
    sealed = age.seal(b"the whole vault", [age.recipient_of(age.new_identity(SEED))])
    assert age.open(sealed, [recovery.identity_of(SHARES[2:])]) == b"the whole vault"
    with pytest.raises(Unreadable, match="age_no_key_opens"):
        age.open(sealed, [recovery.identity_of(OTHERS[2:])])


def test_another_tool_joins_the_shares_to_the_same_seed() -> None:
    assert combine_mnemonics(SHARES[1:4]) == SEED


def test_handwriting_is_forgiven() -> None:
    short = [" ".join(word[:4] for word in share.split()) for share in SHARES[:3]]
    assert recovery.join(short) == SEED
    assert recovery.join([share.upper().replace(" ", "\n  ") for share in SHARES[:3]]) == SEED


def test_a_word_written_wrongly_is_named_by_share_and_place() -> None:
    words = SHARES[1].split()
    e = refusal([SHARES[0], " ".join([*words[:6], "bread", *words[7:]]), SHARES[2]])
    assert (e.code, e.args_shown) == ("recovery_share_malformed", {"share": 2, "word": 7})
    e = refusal([SHARES[0], " ".join([*words[:6], "academic", *words[7:]]), SHARES[2]])
    assert (e.code, e.args_shown) == ("recovery_share_malformed", {"share": 2})
    e = refusal([SHARES[0], SHARES[2], " ".join(words[:-1])])
    assert (e.code, e.args_shown) == ("recovery_share_malformed", {"share": 3, "words": 32})
    e = refusal([" ".join([words[1], words[0], *words[2:]]), *SHARES[2:4]])
    assert e.code == "recovery_share_malformed"


def test_shares_of_two_keys_are_not_joined() -> None:
    assert refusal([*SHARES[:2], OTHERS[2]]).code == "recovery_shares_mixed"
    again = recovery.split(SEED)  # the same key, split another time
    assert refusal([*SHARES[:2], again[2]]).code == "recovery_shares_mixed"


def test_the_same_share_twice_is_named() -> None:
    e = refusal([SHARES[0], SHARES[1], SHARES[0]])
    assert (e.code, e.args_shown) == ("recovery_shares_repeated", {"given": 2, "needed": 3})


def test_a_forged_share_of_the_same_set_is_noticed() -> None:
    from dataclasses import replace

    from shamir_mnemonic import Share

    forged = replace(Share.from_mnemonic(SHARES[2]), value=bytes(32)).mnemonic()
    assert refusal([SHARES[0], SHARES[1], forged]).code == "recovery_shares_wrong"
    assert refusal([SHARES[0], SHARES[2], forged]).code == "recovery_shares_wrong"


def test_no_refusal_quotes_a_share() -> None:
    words = SHARES[1].split()
    for shares in (["bread"], [" ".join(words[::-1])], [*SHARES[:2], OTHERS[2]], SHARES[:2]):
        e = refusal(shares)
        assert not any(word in str(e).replace("recovery_share", "").split() for word in [*words, "bread"])
        assert e.__cause__ is None


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(st.text(max_size=60), st.lists(st.sampled_from(SHARES[0].split()), min_size=33, max_size=33).map(" ".join)),
        max_size=4,
    )
)
def test_whatever_is_typed_the_only_answer_is_a_refusal(shares: list[str]) -> None:
    refusal(shares)


@settings(max_examples=20, deadline=None)
@given(st.binary(min_size=32, max_size=32))
def test_every_seed_comes_back(seed: bytes) -> None:
    assert recovery.join(recovery.split(seed)[1:4]) == seed
