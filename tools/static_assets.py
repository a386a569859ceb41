"""Copy what the screens take from packages: the font for both scripts. Installed by the lock file, never pasted."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def static_assets() -> None:
    """Copy the variable font into the node's static files if it is not there."""
    vendor = ROOT / "panah" / "node" / "static" / "vendor"
    vendor.mkdir(exist_ok=True)
    font = ROOT / "node_modules" / "vazirmatn" / "fonts" / "webfonts" / "Vazirmatn[wght].woff2"
    target = vendor / "vazirmatn.woff2"
    if not target.exists() or target.stat().st_size != font.stat().st_size:
        shutil.copyfile(font, target)
        shutil.copyfile(ROOT / "node_modules" / "vazirmatn" / "OFL.txt", vendor / "OFL.txt")
