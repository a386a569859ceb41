"""Build the wheel so that anybody who builds the same commit gets the same bytes, and print its hash.

What goes in is copied to a folder of its own first: the files that git knows and the parts that `make assets` built, with plain
rights, so that neither leftovers nor the machine's habits get in. No network: the builder is the pinned one of requirements-dev.txt.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILT = ("panah/page/bundle.js", "panah/node/static/vendor/*", "panah/locale/*/LC_MESSAGES/*.mo")
BUILD = "import sys, setuptools.build_meta as b; print(b.build_wheel(sys.argv[1]))"


def _git(*args: str) -> str:
    return subprocess.run(["git", *args], cwd=ROOT, capture_output=True, check=True, text=True).stdout


def moment() -> str:
    """The time that stands on every part: that of the commit."""
    return os.environ.get("SOURCE_DATE_EPOCH") or _git("log", "-1", "--format=%ct").strip()


def build(out: Path) -> Path:
    """Build the wheel into a folder; its path."""
    names = {n for n in _git("ls-files", "-z").split("\0") if n} | {
        str(p.relative_to(ROOT)) for glob in BUILT for p in ROOT.glob(glob)
    }
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        clean = Path(folder) / "panah"
        for name in sorted(names):
            if (ROOT / name).is_file() and not (ROOT / name).is_symlink():
                target = clean / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, target)
                target.chmod(0o644)
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "TMPDIR", "SYSTEMROOT")}
        settings = {**kept, "SOURCE_DATE_EPOCH": moment(), "PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            [sys.executable, "-c", "import os; os.umask(0o022)\n" + BUILD, str(out.resolve())],
            cwd=clean, env=settings, check=True, capture_output=True, text=True,
        )  # fmt: skip
    return out / done.stdout.strip().splitlines()[-1]


if __name__ == "__main__":
    made = build(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist")
    print(f"{hashlib.sha256(made.read_bytes()).hexdigest()}  {made}")
