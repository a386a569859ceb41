"""What people do on the screens of a node, for the scenarios: sign in, fill a form, carry a stick. One browser, several colleagues."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from panah.kernel import enrol
from panah.node.app import Node
from panah.records import TYPES
from panah.relay.app import Server
from panah.work import page
from panah.work import team as teams
from tests import team
from tests.browser import press


class Tent:
    """A team of invented people, each with a vault of their own, behind one node; and their windows."""

    def __init__(self, at: Path, browser: Browser, people: dict[str, tuple[str, ...]], relay: Server | None = None) -> None:
        self.at, self.browser = at, browser
        names = list(people)
        first = enrol.new_vault(at / names[0].lower(), team.PASSPHRASE, TYPES, team.QUICK)
        teams.found(first, "Refuge point Ash", names[0], people[names[0]], relays=[relay.address] if relay else [])
        if relay:
            page.write(page.build(first), relay.public)
        others = []
        for name in names[1:]:
            vault = enrol.new_vault(at / name.lower(), team.PASSPHRASE, TYPES, team.QUICK)
            enrol.enter(vault, enrol.invite(first, enrol.card(vault), name, people[name]))
            others.append(vault)
        for _ in range(2):
            for vault in others:
                team.meet(first, vault, at / "stick")
        for vault in (first, *others):
            vault.lock()
        self.node = Node({n.lower(): at / n.lower() for n in names}).start()
        self.windows: dict[str, Page] = {}

    def close(self) -> None:
        self.node.stop()

    def window(self, name: str) -> Page:
        """The window of one of them; the first time they sign in."""
        if name not in self.windows:
            p = self.browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            p.set_default_timeout(10_000)
            p.goto(self.node.address + "/unlock")
            p.select_option("#vault", name.lower())
            p.fill("#passphrase", team.PASSPHRASE)
            press(p, "button.wide")
            self.windows[name] = p
        return self.windows[name]

    def vault(self, name: str) -> Any:
        """The open vault of one of them, to look into; what they do, they do on screens."""
        self.window(name)
        return next(s for s in self.node.doors.sessions() if s.me.name == name)

    def meet(self, *names: str) -> None:
        """A stick goes between each two of these people, twice round: a key for one device is carried by nobody else."""
        for _ in range(2):
            for a, b in itertools.combinations(names, 2):
                team.meet(self.vault(a), self.vault(b), self.at / "stick")

    def go(self, name: str, path: str) -> Page:
        p = self.window(name)
        came = p.goto(self.node.address + path)
        assert came is None or came.status < 500, (path, came.status)
        return p

    def case(self, name: str, **answers: Any) -> str:
        """Open a case on the screen; its id."""
        p = self.go(name, "/cases")
        press(p, "form[action='/cases/new'] button")
        id = p.url.split("/")[-1]
        self.change(name, "case", id, **answers)
        return id

    def write(self, name: str, case: str, type_: str, /, **answers: Any) -> str:
        """A new part of a case; its id."""
        p = self.go(name, f"/case/{case}/new/{type_}")
        if p.locator("form[action$='/limits']").count():
            press(p, "form[action$='/limits'] button")
            p = self.go(name, f"/case/{case}/new/{type_}")
        fill(p, **answers)
        press(p, ".save-line button")
        assert "/new/" not in p.url and not p.locator(".error-summary").count(), p.inner_text("main")[:600]
        return p.url.split("/")[-1]

    def change(self, name: str, kind: str, id: str, **answers: Any) -> None:
        p = self.go(name, f"/r/{kind}/{id}/edit")
        fill(p, **answers)
        press(p, ".save-line button")
        assert not p.locator(".error-summary").count(), p.inner_text("main")[:600]

    def sync(self, name: str) -> None:
        """Meet the relay now."""
        p = self.go(name, "/sync")
        press(p, "form[action='/sync/now'] button")

    def says(self, name: str, path: str) -> str:
        """The text of a page."""
        return self.go(name, path).inner_text("main")


def fill(p: Page, **answers: Any) -> None:
    """Fill in a form as a person does: choose, tick, type. A list ticks several; `names__0__written` stands for a box in a row."""
    p.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    for name, value in answers.items():
        box = p.locator(f"main [name='{name.replace('__', '.')}']")
        assert box.count(), f"no box {name} on {p.url}"
        tag, sort = box.first.evaluate("e => [e.tagName, e.type]")
        if tag == "SELECT":
            offered = box.first.evaluate("e => [...e.options].map(o => o.value)")
            assert value in offered, f"{name} offers {offered}"
            box.first.select_option(value)
        elif sort in ("radio", "checkbox"):
            for one in value if isinstance(value, list) else [value]:
                p.check(f"main [name='{name.replace('__', '.')}'][value='{one}']")
        else:
            box.first.fill(str(value))
