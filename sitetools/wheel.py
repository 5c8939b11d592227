"""The package as a wheel that the site serves: built with it, the same bytes for the same commit."""

from __future__ import annotations

import hashlib
import os
import tempfile
import tomllib
from functools import lru_cache
from pathlib import Path
from urllib.parse import urljoin

from hatchling.builders.wheel import WheelBuilder

from sitetools.house import House, text

FOLDER = "wheels"
PACKAGE = "scratchmlp"


def name(house: House) -> str | None:
    """The wheel's file name, which says its version; None in a house without such a package."""
    if not house.has("pyproject.toml"):
        return None
    project = tomllib.loads(text(house.root, "pyproject.toml"))["project"]
    return f"{PACKAGE}-{project['version']}-py3-none-any.whl"


def install(house: House, site_url: str | None) -> str | None:
    """The one line that installs the package from the site."""
    file = name(house)
    return file and f"pip install numpy {urljoin(site_url or '', f'{FOLDER}/{file}')}"


def files(house: House) -> dict[str, bytes]:
    """The wheel, by its path in the site."""
    file = name(house)
    return {f"{FOLDER}/{file}": built(house.root, _digest(house.root))} if file else {}


def _digest(root: Path) -> str:
    """A fingerprint of what the wheel is built from."""
    held = hashlib.sha256()
    for path in [
        *sorted((root / PACKAGE).rglob("*")),
        root / "pyproject.toml",
        root / "README.md",
        root / "LICENSE",
    ]:
        if path.is_file() and "__pycache__" not in path.parts:
            held.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return held.hexdigest()


@lru_cache(maxsize=2)
def built(root: Path, digest: str) -> bytes:
    """The wheel of a project, once for each state of it. Its times do not tell when it was built."""
    kept = os.environ.pop(
        "SOURCE_DATE_EPOCH", None
    )  # without it, hatchling takes a date of its own: always the same
    try:
        with tempfile.TemporaryDirectory() as folder:
            (made,) = WheelBuilder(str(root)).build(directory=folder, versions=["standard"])
            return Path(made).read_bytes()
    finally:
        if kept is not None:
            os.environ["SOURCE_DATE_EPOCH"] = kept
