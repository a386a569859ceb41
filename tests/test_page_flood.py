"""The help page at a relay under a flood: it does the work that is asked, and a voucher opens where there is no room."""

from __future__ import annotations

import json
import os
from pathlib import Path

from panah import page as pages
from panah import puzzle
from panah.relay.store import Item
from tests.relay import deposit
from tests.test_page import _write, browser, phone, world  # noqa: F401  (the fixtures)

VECTORS = json.loads((Path(__file__).parent.parent / "spec/vectors/puzzle.json").read_text())


def _fill(relay, share):
    """So much of the strangers' room is taken."""
    relay.store._most = 0
    for _ in range(200):
        relay.store.deposit([Item(b"j" * 32, os.urandom(32), bytes(7000))], 20_000)
    relay.store._most = int(relay.store.usage().bytes / 0.6 / share)
    relay.store.deposit([Item(b"j" * 32, b"1" * 32, b"x")], 20_000)


def test_the_puzzle_vectors_pass_in_the_bundle(phone):  # noqa: F811
    js = "async ([asked]) => page.bytes.hex(await page.puzzle.solve(page.bytes.unhex(asked)))"
    for case in VECTORS["puzzles"]:
        assert phone.evaluate(js, [case["puzzle"]]) == case["puzzle"] + case["nonce"]
    assert phone.evaluate("async () => [await page.puzzle.solve(new Uint8Array(20)), await page.puzzle.solve(new Uint8Array(21).fill(15))]") == [
        None, None,
    ]  # fmt: skip
    js = "text => { const v = page.puzzle.voucher(text); return v && page.bytes.hex(v); }"
    for case in VECTORS["vouchers"]:
        for typed in case["typed"]:
            assert phone.evaluate(js, "#k=abc&v=" + typed) == typed.replace("-", "").encode().hex()
    assert [phone.evaluate(js, text) for text in ("", "#v=", "#v=ABC", "#v=ABCD-EFGH-JKMN-PQRUX")] == [None] * 4


def test_a_slow_telephone_sees_how_far_the_work_is(phone):  # noqa: F811
    hardest = max(VECTORS["puzzles"], key=lambda case: int(case["nonce"], 16))
    assert int(hardest["nonce"], 16) > 256
    js = """async ([asked]) => { const shares = [], true_now = Date.now; let t = 0; Date.now = () => t += 5000;
        try { const solved = await page.puzzle.solve(page.bytes.unhex(asked), (share) => shares.push(share)); return [page.bytes.hex(solved), shares, await page.puzzle.solve(page.bytes.unhex(asked)).then((x) => x.length)]; }
        finally { Date.now = true_now; } }"""
    solved, shares, alone = phone.evaluate(js, [hardest["puzzle"]])
    assert solved == hardest["puzzle"] + hardest["nonce"] and alone == 29  # and without anybody to tell
    assert shares and shares == sorted(shares) and shares[0] > 0 and shares[-1] < 1


def test_the_page_solves_what_a_busy_relay_asks(world, phone, tmp_path):  # noqa: F811
    relay = world[0]
    _fill(relay, 0.97)
    try:
        assert deposit(relay.address, b"j" * 32, os.urandom(32), b"junk") == 429
        _write(phone, photo=False)
        phone.click("#send")
        phone.locator("#sent").wait_for(timeout=30000)
        paths = [url.removeprefix(relay.address) for method, url, _ in phone.sent if method == "POST"]
        assert paths == ["/deposit", "/solve"]
    finally:
        relay.store._most = 0


def test_a_voucher_opens_where_strangers_find_no_room(world, phone, tmp_path):  # noqa: F811
    relay = world[0]
    _fill(relay, 1.02)
    voucher = puzzle.voucher(os.urandom(10))
    try:
        _write(phone, photo=False)
        phone.click("#send")
        phone.locator("#problem:not(:empty)").wait_for(timeout=30000)
        texts = json.loads((Path(pages.__file__).parent / "texts/ckb.json").read_text())
        assert texts["full"] in phone.inner_text("#problem")
        relay.store.add_vouchers([puzzle.voucher_hash(voucher)])
        phone.goto("about:blank")
        phone.goto(relay.address + "/#v=" + puzzle.printed(voucher))
        phone.sent.clear()
        _write(phone, photo=False)
        phone.click("#send")
        phone.locator("#sent").wait_for(timeout=30000)
        posts = [(url.removeprefix(relay.address), body) for method, url, body in phone.sent if method == "POST"]
        assert [path for path, _ in posts] == ["/deposit", "/solve", "/vouch"] and posts[-1][1].startswith(voucher)
        assert not any(puzzle.printed(voucher) in url for method, url, _ in phone.sent if method == "POST")
    finally:
        relay.store._most = 0
