"""The public files of a relay: what lies in the folder is served as it is, and nothing beside it."""

from __future__ import annotations

import os
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panah.errors import Refused, Unreadable
from panah.relay import settings as relay_settings
from panah.relay.app import Server
from tests.relay import ask, post

SECRET = b"SENTINEL secret of the relay"


@pytest.fixture
def word(tmp_path):
    return bytes.fromhex(relay_settings.allow_publishing(tmp_path / "relay"))


@pytest.fixture
def server(tmp_path, word):
    (tmp_path / "relay").mkdir(exist_ok=True)
    (tmp_path / "relay" / "secret.txt").write_bytes(SECRET)
    s = Server(tmp_path / "relay").start()
    yield s
    s.stop()


def get(server, path, **headers):
    return ask(server.address, "GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})


def publish(server, word, name, data):
    return post(server.address, "/publish", word + bytes([len(name)]) + name.encode() + data).status


# -- serving ------------------------------------------------------------------------------------------------------------


def test_before_anything_is_published_the_front_says_nothing_about_the_machine(server):
    answer = get(server, "/")
    assert answer.status == 200 and answer.headers["content-type"] == "text/html; charset=utf-8"
    for telling in (b"relay", b"panah", b"mail", b"deposit", b"help"):
        assert telling not in answer.body.lower()
    assert get(server, "/help.html") == get(server, "/index.html") == answer


def test_the_help_page_is_the_front_under_three_names(server):
    (server.public / "help.html").write_text("<!doctype html>hello")
    (server.public / "help.csp").write_text("default-src 'none';\n  script-src 'sha256-x'\n")
    for path in ("/", "/index.html", "/help.html"):
        answer = get(server, path)
        assert answer.status == 200 and answer.body == b"<!doctype html>hello"
        assert answer.headers["content-security-policy"] == "default-src 'none'; script-src 'sha256-x'"
        assert answer.headers["cache-control"] == "no-store" and answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff" and "camera=()" in answer.headers["permissions-policy"]


def test_a_page_that_brings_no_policy_gets_the_strict_one(server):
    (server.public / "index.html").write_text("front")
    for path in ("/", "/nothing.html"):
        assert get(server, path).headers["content-security-policy"].startswith("default-src 'none'")


def test_head_answers_as_get_does_without_the_body(server):
    (server.public / "help.html").write_text("hello")
    whole, head = get(server, "/"), ask(server.address, "HEAD", "/")
    assert head.status == 200 and head.body == b"" and head.headers == whole.headers and head.headers["content-length"] == "5"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.html", "text/html; charset=utf-8"), ("a.css", "text/css; charset=utf-8"), ("a.txt", "text/plain; charset=utf-8"), ("a.pdf", "application/pdf"),
     ("a.svg", "image/svg+xml"), ("a.png", "image/png"), ("a.jpg", "image/jpeg"), ("sub/a-b_c.json", "application/json")],
)  # fmt: skip
def test_a_file_goes_out_as_what_it_is(server, name, kind):
    (server.public / "sub").mkdir()
    (server.public / name).write_bytes(b"content")
    answer = get(server, "/" + name)
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b"content", kind)


def test_the_packed_copy_goes_to_who_takes_it_unless_it_is_older_than_the_page(server):
    page, packed = server.public / "help.html", server.public / "help.html.br"
    page.write_text("plain")
    packed.write_bytes(b"packed")
    os.utime(page, (1000, 1000))
    answer = get(server, "/", Accept_Encoding="gzip, br")
    assert answer.body == b"packed" and answer.headers["content-encoding"] == "br" and answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert get(server, "/").body == get(server, "/", Accept_Encoding="gzip").body == b"plain"
    os.utime(packed, (999, 999))
    assert get(server, "/", Accept_Encoding="br").body == b"plain"


PATHS = [
    "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/..%5csecret.txt", "/sub/../../secret.txt", "/sub/..%2f..%2fsecret.txt", "//secret.txt",
    "/secret.txt", "/./../secret.txt", "/relay.db", "/.hidden.html", "/a/b/c.html", "/help.csp", "/help.html.br", "/a.html%00.txt", "/a.html/", "/sub",
    "/sub/", "/A.html", "/a.exe", "/link.txt", "/away/secret.txt", "/link.html"
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_what_is_not_plainly_in_the_folder_is_not_there(server, path):
    for name in ("a.html", "help.csp", "help.html.br", ".hidden.html", "a.exe"):
        (server.public / name).write_text("in the folder")
    (server.public / "a").mkdir()
    (server.public / "a" / "b").mkdir()
    (server.public / "a" / "b" / "c.html").write_text("too deep")
    (server.public / "sub").mkdir()
    (server.public / "link.txt").symlink_to(server.public.parent / "secret.txt")
    (server.public / "link.html").symlink_to(server.public / "a.html")
    (server.public / "away").symlink_to(server.public.parent)
    answer = get(server, path)
    assert answer.status == 404 and answer.body == b""


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.lists(
        st.sampled_from(["..", ".", "/", "%2f", "%2e", "secret", ".txt", "relay", ".db", "\\", "%00", "a", "public"]), max_size=8
    )
)
def test_no_path_leads_out_of_the_folder(server, path):
    assert SECRET not in get(server, "/" + "".join(path)).body


# -- publishing ---------------------------------------------------------------------------------------------------------


def test_whoever_holds_the_word_publishes_replaces_and_takes_away(server, word):
    assert publish(server, word, "help.html", b"one") == 204 and get(server, "/").body == b"one"
    assert publish(server, word, "help.html.br", b"packed one") == 204
    assert get(server, "/", Accept_Encoding="br").body == b"packed one"
    assert publish(server, word, "help.html", b"two") == 204
    assert get(server, "/", Accept_Encoding="br").body == b"two"  # the packed copy is of the page before
    assert (
        publish(server, word, "statements/2026-11.html", b"text") == 204
        and get(server, "/statements/2026-11.html").body == b"text"
    )
    assert publish(server, word, "help.html", b"") == 204 and b"Nothing is published" in get(server, "/").body
    assert publish(server, word, "help.html", b"") == 204
    assert not list(server.public.rglob(".*"))


@pytest.mark.parametrize(
    "name",
    ["", "a", ".a.html", "../a.html", "a/b/c.html", "/a.html", "A.html", "a.exe", "a.html\0", "a.html\n", "sub/../a.html", "a.py", "é.html", "x" * 70 + ".html", "a.html.br.br"],
)  # fmt: skip
def test_a_name_that_would_not_be_served_is_not_published(server, word, name):
    before = sorted(server.public.rglob("*"))
    body = word + bytes([len(name.encode())]) + name.encode() + b"data"
    assert post(server.address, "/publish", body).status == 400
    assert sorted(server.public.rglob("*")) == before and not (server.public.parent / "a.html").exists()


def test_without_the_right_word_nothing_is_published_and_which_was_wrong_is_not_said(server, word):
    wrong = [
        post(server.address, "/publish", body)
        for body in (b"", word, word + b"\xffa.html", os.urandom(32) + b"\x06a.htmlx", word[:31] + b"\0\x06a.htmlx")
    ]
    assert {a.status for a in wrong} == {400} and wrong.count(wrong[0]) == len(wrong)
    assert list(server.public.iterdir()) == []


def test_a_published_name_never_follows_a_link(server, word):
    (server.public / "away").symlink_to(server.public.parent)
    (server.public / "a.txt").symlink_to(server.public.parent / "secret.txt")
    (server.public / "file").write_text("not a folder")
    for name in ("away/secret.txt", "a.txt", "file/a.txt"):
        assert publish(server, word, name, b"changed") == 400
    assert (server.public.parent / "secret.txt").read_bytes() == SECRET


def test_a_visitor_gets_the_old_page_or_the_new_one_and_never_a_part(server, word):
    old, new = b"o" * 300_000, b"n" * 300_000
    publish(server, word, "help.html", old)
    seen, done = set(), threading.Event()

    def look():
        while not done.is_set():
            seen.add(get(server, "/").body)

    visitor = threading.Thread(target=look)
    visitor.start()
    for k in range(20):
        publish(server, word, "help.html", (old, new)[k % 2])
    done.set()
    visitor.join()
    assert seen <= {old, new}


# -- settings -----------------------------------------------------------------------------------------------------------


def test_a_relay_without_settings_lets_nobody_publish(tmp_path):
    server = Server(tmp_path / "relay").start()
    assert publish(server, bytes(32), "a.html", b"x") == 400
    server.stop()


def test_the_word_is_given_out_once_and_not_kept(tmp_path):
    word = relay_settings.allow_publishing(tmp_path)
    kept = (tmp_path / "relay.toml").read_text()
    assert word not in kept and bytes.fromhex(word) not in kept.encode()
    with pytest.raises(Refused, match="relay_publishing_allowed_already"):
        relay_settings.allow_publishing(tmp_path)


@pytest.mark.parametrize("line", ['publish = "abc"', 'publish = "00"', "publish = 1", "most_bytes = -1", "most_bytes = true", 'most_bytes = "5"', "other = 1", "=", 'publish = "' + "0" * 66 + '"'])  # fmt: skip
def test_settings_that_are_not_understood_stop_the_start(tmp_path, line):
    (tmp_path / "relay.toml").write_text(line + "\n")
    with pytest.raises(Unreadable, match="relay_settings_malformed"):
        Server(tmp_path)


def test_a_limit_in_the_settings_holds(tmp_path):
    (tmp_path / "relay.toml").write_text("most_bytes = 100_000\n")
    server = Server(tmp_path).start()
    answers = [post(server.address, "/deposit", bytes(32) + bytes([k]) * 32 + bytes(5000)).status for k in range(30)]
    assert set(answers) == {204, 429} and answers == sorted(answers)  # a stranger is asked for work first
    server.stop()
