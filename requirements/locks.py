"""Compile the locks from pyproject.toml: ``python requirements/locks.py``, by the uv of the same environment.

One version for all Pythons, so that one site can be built by all; hashes, and no addresses. The head of a lock carries
the digest of what it was compiled from, so that a test can tell when it is older.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import tomllib
from itertools import chain
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent / "pyproject.toml"
FLAGS = [
    "--universal",
    "--python-version=3.11",
    "--fork-strategy=fewest",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-annotate",
    "--no-header",
]
UNDER = {"browser": "dev"}  # of each lock, the one whose versions it takes over
HEAD = "# Compiled by `make lock` from pyproject.toml, which is read as "


def group(project: dict[str, Any], name: str) -> list[str]:
    """The requirements of a dependency group, those of the groups that it includes among them."""
    found = []
    for entry in project["dependency-groups"][name]:
        found += [entry] if isinstance(entry, str) else group(project, entry["include-group"])
    return sorted(found)


def lowest(project: dict[str, Any]) -> list[str]:
    """What the package promises to work with, each at the lowest version that it promises."""
    extras = chain(*project["project"]["optional-dependencies"].values())
    return sorted(r.replace(">=", "==") for r in chain(project["project"]["dependencies"], extras))


def requirements(project: dict[str, Any]) -> dict[str, list[str]]:
    """What each lock is compiled from; a lock comes after the one whose versions it takes over."""
    package = lowest(project)
    names = ("dev", "browser", "uv")
    return {**{name: group(project, name) for name in names}, "lowest": package}


def digest(name: str, project: dict[str, Any]) -> str:
    """The digest of all that a lock is compiled from."""
    everything = requirements(project)
    under = UNDER.get(name)
    held = [FLAGS, everything[name], everything[under] if under else []]
    return hashlib.sha256(json.dumps(held).encode()).hexdigest()


def compile_lock(name: str, project: dict[str, Any], upgrade: bool) -> None:
    """Compile one lock; versions that still fit stay, unless all are to be renewed."""
    path = HERE / f"{name}.txt"
    under = ["--constraint", str(HERE / f"{UNDER[name]}.txt")] if name in UNDER else []
    alone = ["--no-deps"] if name == "lowest" else []  # laid over the environment of the lock `dev`
    with tempfile.TemporaryDirectory() as folder:
        asked, made = Path(folder, "asked.in"), Path(folder, "made.txt")
        asked.write_text("\n".join(requirements(project)[name]) + "\n", encoding="utf-8")
        if path.exists() and not upgrade:
            made.write_bytes(path.read_bytes())
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", *FLAGS, *under, *alone]
        subprocess.run([*command, "--output-file", str(made), str(asked)], check=True)
        body = made.read_text(encoding="utf-8")
    path.write_text(f"{HEAD}{digest(name, project)}\n{body}", encoding="utf-8")
    print(f"requirements/{name}.txt: written")


def main() -> None:
    """Compile all locks; with --upgrade, take the newest version of everything."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    for name in requirements(project):
        compile_lock(name, project, upgrade="--upgrade" in sys.argv[1:])


if __name__ == "__main__":
    main()
