"""What is in a release: a bill of every part with its hashes, and a wheel that anybody can build again byte for byte."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def _run(tool: str, *args: str, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, f"tools/{tool}.py", *args],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **env},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_S1_the_bill_of_materials_names_every_pinned_part_with_its_hashes(tmp_path):
    _run("sbom", str(tmp_path / "a")), _run("sbom", str(tmp_path / "b"), TZ="Asia/Kabul")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    bill = json.loads((tmp_path / "a").read_text())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    parts = {p["purl"]: p for p in bill["components"]}
    assert len(parts) == len(bill["components"]) and all(p["hashes"] for p in bill["components"])
    assert {h["alg"] for p in parts.values() for h in p["hashes"]} == {"SHA-256", "SHA-512"}
    # Counted another way: every line that pins, every package of the lock file.
    pinned = {line.split()[0].replace("==", "@") for name in ("requirements.txt", "requirements-dev.txt") for line in (ROOT / name).read_text().splitlines() if "==" in line}  # fmt: skip
    assert {f"pkg:pypi/{p}" for p in pinned} == {p for p in parts if p.startswith("pkg:pypi/")}
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert len([p for p in parts if p.startswith("pkg:npm/")]) == len({(k.rpartition("node_modules/")[2], v["version"]) for k, v in locked.items() if k})  # fmt: skip
    required = {p["name"] for p in bill["components"] if p["scope"] == "required"}
    assert {"cryptography", "pillow", "pypdf", "age-encryption", "@noble/curves"} <= required
    assert not {"pytest", "playwright", "axe-core", "esbuild"} & required
    # What is installed here is what the bill says.
    wrong = {}
    for part in bill["components"]:
        if part["purl"].startswith("pkg:pypi/"):
            try:
                here = importlib.metadata.version(part["name"])
            except importlib.metadata.PackageNotFoundError:
                continue
            if here != part["version"] and part["name"] != "setuptools":
                wrong[part["name"]] = here
    assert wrong == {}


@pytest.mark.skipif(
    tuple(map(int, importlib.metadata.version("setuptools").split(".")[:2])) < (80, 0),
    reason="run tools/setup: the pinned builder is not installed",
)
def test_S2_the_wheel_is_the_same_bytes_wherever_it_is_built(tmp_path):
    made = []
    for n, (zone, mask) in enumerate((("UTC", 0o022), ("Asia/Kabul", 0o077))):
        before = os.umask(mask)
        try:
            _run("wheel", str(tmp_path / str(n)), TZ=zone, LC_ALL="C")
        finally:
            os.umask(before)
        made.append(next((tmp_path / str(n)).glob("*.whl")))
    assert len({hashlib.sha256(p.read_bytes()).hexdigest() for p in made}) == 1
    # Another moment gives other bytes: the comparison can fail.
    _run("wheel", str(tmp_path / "later"), SOURCE_DATE_EPOCH="1800000000")
    assert next((tmp_path / "later").glob("*.whl")).read_bytes() != made[0].read_bytes()
    with zipfile.ZipFile(made[0]) as wheel:
        names = wheel.namelist()
        assert {"panah/cli.py", "panah/page/bundle.js", "panah/node/templates/file.html", "panah/files/confined.py"} <= set(names)
        assert not [n for n in names if n.startswith("tests/") or n.endswith((".pyc", ".db"))]
        assert len({i.date_time for i in wheel.infolist()}) == 1
