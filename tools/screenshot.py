"""Take the README's screenshot from the demo's invented people: `python tools/screenshot.py`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from panah import demo  # noqa: E402
from tests.browser import chromium, press  # noqa: E402


def main() -> None:
    """Write docs/screenshot.png."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        running = demo.Demo(Path(folder) / "demo")
        page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        page.goto(running.office.address + "/unlock")
        page.select_option("#vault", "laleh")
        page.fill("#passphrase", demo.PASSPHRASE)
        press(page, "button.wide")
        page.goto(running.office.address + "/cases")
        with page.expect_navigation():
            page.locator("table a").nth(2).click()
        page.screenshot(path=ROOT / "docs" / "screenshot.png")
        running.stop()


if __name__ == "__main__":
    main()
