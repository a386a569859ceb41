"""Write the software bill of materials, CycloneDX 1.6 as JSON, from what is pinned: the same lock files give the same bytes.

Every part with its version and the hashes that an installation is held to. Scope: `required` is in what runs at a team or in the help
page; `excluded` is what builds and tests. It names no download host: whoever installs decides where from.
"""

from __future__ import annotations

import base64
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)[^\n]*((?:\n\s+--hash=sha256:[0-9a-f]{64}[ \\]*)+)", re.MULTILINE)
# What the help page is bundled from, beside the packages that these need (the lock file says which).
IN_THE_PAGE = ("age-encryption", "@noble/ed25519", "vazirmatn")


def pins(name: str) -> dict[str, tuple[str, list[str]]]:
    """name -> (version, hashes) of a file of requirements."""
    return {m[1]: (m[2], re.findall(r"sha256:([0-9a-f]{64})", m[3])) for m in PIN.finditer((ROOT / name).read_text())}


def _python() -> list[dict[str, Any]]:
    required = pins("requirements.txt")
    return [
        _part("pypi", name, version, [("SHA-256", h) for h in sorted(hashes)], needed=name in required)
        for name, (version, hashes) in sorted({**pins("requirements-dev.txt"), **required}.items())
    ]


def _browser() -> list[dict[str, Any]]:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    needed, todo = set(), list(IN_THE_PAGE)
    while todo:
        name = todo.pop()
        if name not in needed:
            needed.add(name)
            todo += packages.get(f"node_modules/{name}", {}).get("dependencies", {})
    found = []
    for path, entry in sorted(packages.items()):
        if path:
            name = path.rpartition("node_modules/")[2]
            kind, _, spelled = entry["integrity"].partition("-")
            hashes = [({"sha512": "SHA-512"}[kind], base64.b64decode(spelled).hex())]
            found.append(_part("npm", name, entry["version"], hashes, needed=name in needed and path.count("node_modules/") == 1))
    return found


def _part(kind: str, name: str, version: str, hashes: list[tuple[str, str]], *, needed: bool) -> dict[str, Any]:
    purl = f"pkg:{kind}/{name.replace('@', '%40')}@{version}"
    return {
        "type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl,
        "scope": "required" if needed else "excluded",
        "hashes": [{"alg": alg, "content": content} for alg, content in hashes],
    }  # fmt: skip


def sbom() -> str:
    """The bill, as text."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    parts = _python() + _browser()
    own = f"pkg:pypi/{project['name']}@{project['version']}"
    about = {"type": "application", "bom-ref": own, "name": project["name"], "version": project["version"], "purl": own}
    about["licenses"] = [{"license": {"id": project["license"]}}]
    whole = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": about}, "components": parts,
        "dependencies": [{"ref": own, "dependsOn": [p["bom-ref"] for p in parts if p["scope"] == "required"]}],
    }  # fmt: skip
    return json.dumps(whole, indent=1) + "\n"


if __name__ == "__main__":
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist" / "panah.cdx.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(sbom())
    print(out)
