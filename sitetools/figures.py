"""Figures drawn by the experiments, kept in a cache until something that they are drawn from changes."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

from sitetools import CACHE, ROOT, SiteError

DRAWN = CACHE / "figures"


def experiments() -> dict[str, Path]:
    """Every experiment module by name."""
    return {p.stem: p for p in sorted((ROOT / "experiments").glob("[a-z]*.py")) if p.stem != "style"}


def _sources(path: Path) -> list[Path]:
    text = path.read_text(encoding="utf-8")
    named = re.search(r'^SOURCE = "(.+)"$', text, re.M)
    data = ROOT / (named[1] if named else f"experiments/results/{path.stem}.json")
    if not data.is_file():
        raise SiteError(
            f"experiments/{path.name} has no recorded result: {data.relative_to(ROOT)} is missing"
        )
    return [path, data, ROOT / "experiments" / "style.py", ROOT / "experiments" / "__main__.py"]


def folder(path: Path) -> Path:
    """Where an experiment's figures lie, by a digest of all that they are drawn from; drawn now if need be."""
    held = hashlib.sha256(b"".join(p.read_bytes() for p in _sources(path))).hexdigest()[:16]
    place = DRAWN / f"{path.stem}-{held}"
    if not place.is_dir():
        DRAWN.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=DRAWN) as temporary:
            done = subprocess.run(
                [sys.executable, "-m", "experiments", "draw", path.stem, temporary],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
                env={**os.environ, "MPLBACKEND": "agg", "SOURCE_DATE_EPOCH": "0"},
            )
            if done.returncode:
                raise SiteError(f"experiments/{path.name} cannot be drawn:\n{done.stderr.strip()}")
            for old in DRAWN.glob(f"{path.stem}-*"):
                shutil.rmtree(old, ignore_errors=True)
            shutil.copytree(temporary, place, dirs_exist_ok=True)
    return place


def drawn() -> dict[str, Path]:
    """Every figure file by its name on the site, as ``xor-boundary.light.svg``."""
    files: dict[str, Path] = {}
    for path in experiments().values():
        if "FIGURES" in path.read_text(encoding="utf-8"):
            files |= {f.name: f for f in sorted(folder(path).glob("*.svg"))}
    return files


def size(name: str) -> tuple[int, int]:
    """Width and height of a figure in pixels, so that the page keeps its place free."""
    file = _files().get(name)
    if file is None:
        raise SiteError(f"no experiment draws a figure {name.split('.')[0]!r}")
    found = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', file.read_text(encoding="utf-8")[:2000])
    if not found:
        raise SiteError(f"{file.name} does not say its size")
    return round(float(found[1]) * 4 / 3), round(float(found[2]) * 4 / 3)


def _files() -> dict[str, Path]:
    stamp = tuple(sorted((str(p), p.stat().st_mtime_ns) for p in (ROOT / "experiments").rglob("*.[pj]*")))
    return _drawn(stamp)


@lru_cache(maxsize=2)
def _drawn(stamp: tuple[tuple[str, int], ...]) -> dict[str, Path]:
    return drawn()


def main() -> None:
    """Draw every figure again and say where it lies."""
    shutil.rmtree(DRAWN, ignore_errors=True)
    for name, path in drawn().items():
        print(f"{name}: {path}")


if __name__ == "__main__":
    main()
