"""Whoever installs decides where from: no tracked file names a package registry or a download host, and every dependency is pinned by its hash."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# Written in parts, so that this file does not name them either.
HOSTS = [
    ".".join(parts)
    for parts in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("npmjs", "com"),
        ("npmmirror", "com"),
        ("registry", "yarnpkg", "com"),
        ("unpkg", "com"),
        ("jsdelivr", "net"),
        ("cdnjs", "cloudflare", "com"),
        ("esm", "sh"),
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("ppa", "launchpad", "net"),
        ("static", "crates", "io"),
        ("proxy", "golang", "org"),
        ("conda", "anaconda", "org"),
        ("raw", "githubusercontent", "com"),
        ("objects", "githubusercontent", "com"),
        ("codeload", "github", "com"),
        ("ghcr", "io"),
        ("docker", "io"),
        ("quay", "io"),
        ("storage", "googleapis", "com"),
        ("fonts", "googleapis", "com"),
        ("fonts", "gstatic", "com"),
        ("playwright", "azureedge", "net"),
        ("cdn", "playwright", "dev"),
        ("huggingface", "co"),
    ]
]
PATHS = ["/".join(parts) for parts in [("releases", "download"), ("nodejs.org", "dist"), ("-", "[^/ ]+\\.tgz")]]
NAMED = re.compile("|".join([rf"(?<![\w-]){re.escape(host)}(?![\w-])" for host in HOSTS] + PATHS), re.IGNORECASE)


def tracked() -> list[Path]:
    """The files of the project, as git knows them."""
    out = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in out.decode().split("\0") if name and (ROOT / name).is_file()]


def test_S1_no_file_names_a_registry_or_a_download_host():
    named = []
    for path in tracked():
        text = path.read_bytes().decode("utf-8", "replace")
        named += [f"{path.relative_to(ROOT)}: {hit.group()}" for hit in NAMED.finditer(text)]
    assert not named


def test_S1_every_python_dependency_is_pinned_by_hash():
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text().replace("\\\n", " ")
        entries = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        assert entries
        for entry in entries:
            assert re.match(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==[0-9]", entry), entry[:80]
            assert re.search(r"(\s--hash=sha256:[0-9a-f]{64})+\s*$", entry), entry[:80]


def test_S1_every_browser_dependency_is_pinned_by_hash():
    for name, version in json.loads((ROOT / "package.json").read_text())["devDependencies"].items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), f"{name} {version}"
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for name, package in packages.items():
        if name:
            assert package["integrity"].startswith("sha512-"), name
            assert "resolved" not in package, name


def test_the_direct_dependencies_are_in_the_pinned_ones():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = set(re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    wanted = {re.match(r"[A-Za-z0-9._-]+", line).group().lower() for line in project["dependencies"]}
    assert wanted <= {name.lower() for name in pinned}
