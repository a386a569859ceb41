"""Bundle the help page's script from its modules and the pinned libraries: the same bytes from the same lock file."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "panah" / "page"


def bundle() -> None:
    """Write panah/page/bundle.js unless nothing it is made of has changed."""
    sources = [ROOT / "package-lock.json", Path(__file__), *sorted((PAGE / "js").glob("*.js"))]
    made_of = hashlib.sha256(b"".join(p.read_bytes() for p in sources)).hexdigest()
    between = ROOT / "build" / "page"
    between.mkdir(parents=True, exist_ok=True)
    stamp = between / "made-of"
    if (PAGE / "bundle.js").exists() and stamp.exists() and stamp.read_text() == made_of:
        return
    # Two versions of the same library would travel twice; one of each, the ones that our lock file names at the top.
    noble = [f"--alias:@noble/{part}={ROOT}/node_modules/@noble/{part}" for part in ("curves", "hashes", "ciphers")]
    ours = {"nist": "no-nist", "ed25519": "curve25519"}
    noble = [*(f"--alias:@noble/curves/{theirs}.js={PAGE}/js/{name}.js" for theirs, name in ours.items()), *noble]
    esbuild, whole = str(ROOT / "node_modules" / ".bin" / "esbuild"), str(between / "whole.js")
    way = ["--bundle", "--target=es2020", "--legal-comments=none", "--charset=utf8", "--log-level=warning"]
    subprocess.run(
        [esbuild, str(PAGE / "js" / "main.js"), *way, "--format=esm", f"--outfile={whole}", *noble], check=True, cwd=ROOT
    )
    # A second time over the one file: what only one library needed of another, and nobody needs any more, falls away.
    last = ["--minify", "--tree-shaking=true", "--format=iife", f"--outfile={PAGE / 'bundle.js'}"]
    subprocess.run([esbuild, whole, *way, *last], check=True, cwd=ROOT)
    # An inline script must not hold what would end it.
    text = (PAGE / "bundle.js").read_text(encoding="utf-8").replace("</script", "<\\/script").replace("<!--", "<\\!--")
    (PAGE / "bundle.js").write_text(text, encoding="utf-8")
    stamp.write_text(made_of)
