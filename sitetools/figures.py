"""Figures, drawn by a process of their own and kept in a cache until something that they are drawn from changes.

A cache is only trusted as far as it can be checked: what was written is listed with its fingerprints, appears whole or
not at all, and is drawn anew where it is not as listed.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

from sitetools import CACHE, ROOT, SiteError, digests

DRAWN = CACHE / "figures"
LIST = "written.json"  # in each folder: the files beside it, with their fingerprints
MACHINERY = ("style", "circles", "card", "__init__", "__main__")
BESIDE = (
    "figures/style.py",
    "figures/circles.py",
    "figures/__main__.py",
    "sitetools/statistics.py",
    "sitetools/formulas.py",
)


def topics(root: Path = ROOT) -> dict[str, Path]:
    """Every module that draws, by name."""
    return {p.stem: p for p in sorted((root / "figures").glob("*.py")) if p.stem not in MACHINERY}


def sources(path: Path) -> list[Path]:
    """The recorded files that a module draws, as its line `SOURCES = (…,)` names them."""
    root = path.parent.parent
    uri = path.relative_to(root).as_posix()
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise SiteError(f"{uri}:{error.lineno}: {error.msg}") from None
    lines = [
        s.value for s in tree.body if isinstance(s, ast.Assign) and ast.unparse(s.targets[0]) == "SOURCES"
    ]
    try:
        named = [str(source) for source in ast.literal_eval(lines[0])]
    except (IndexError, ValueError, TypeError):
        raise SiteError(
            f'{uri} must name what it draws: SOURCES = ("experiments/results/width.json",)'
        ) from None
    for source in named:
        if not (root / source).is_file():
            raise SiteError(f"{uri} draws {source}, which does not exist; is it recorded?")
    return [root / source for source in named]


def folder(path: Path) -> Path:
    """Where a module's figures lie, by a fingerprint of all that they are drawn from; drawn now if need be."""
    beside = [path.parent.parent / uri for uri in BESIDE]
    held = digests.of_files([path, *sources(path), *beside], f"matplotlib {version('matplotlib')}")
    place = DRAWN / f"{path.stem}-{held}"
    if not whole(place):
        DRAWN.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=DRAWN, prefix="."))
        try:
            draw(path, temporary)
            put(temporary, place)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        for old in DRAWN.glob(f"{path.stem}-*"):
            if old != place:
                shutil.rmtree(old, ignore_errors=True)
    return place


def whole(place: Path) -> bool:
    """Whether a folder of the cache holds what was written there, and nothing else."""
    try:
        listed = json.loads((place / LIST).read_text(encoding="utf-8"))
        return bool(listed) and listed == written(place)
    except (OSError, ValueError):
        return False


def written(place: Path) -> dict[str, str]:
    """The files of a folder with their fingerprints."""
    return {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(place.iterdir()) if p.name != LIST
    }


def draw(path: Path, place: Path) -> None:
    """Let a process of its own draw a module's figures into a folder, and list there what it wrote."""
    done = subprocess.run(
        [sys.executable, "-m", "figures", path.stem, str(place)],
        cwd=path.parent.parent,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "MPLBACKEND": "agg", "SOURCE_DATE_EPOCH": "0", "PYTHONUTF8": "1"},
    )
    if done.returncode:
        raise SiteError(f"figures/{path.name} cannot be drawn:\n{done.stderr.strip()}")
    (place / LIST).write_text(json.dumps(written(place)), encoding="utf-8")


def put(temporary: Path, place: Path) -> None:
    """Give a finished folder its name; what is broken there makes room, what another build has put there stays."""
    os.chmod(temporary, 0o755)
    if place.exists() and not whole(place):
        shutil.rmtree(place, ignore_errors=True)
    try:
        os.replace(temporary, place)
    except OSError:
        if not whole(place):
            raise


def drawn(root: Path = ROOT) -> dict[str, Path]:
    """Every figure file by its name on the site, as ``xor-regions.light.svg``."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        folders = list(pool.map(folder, topics(root).values()))
    files: dict[str, Path] = {}
    for place in folders:
        for file in sorted(place.glob("*.svg")):
            if file.name in files:
                raise SiteError(
                    f"figures: {file.name} is drawn by {files[file.name].parent.name} and {place.name}"
                )
            files[file.name] = file
    return files


def size(files: dict[str, Path], name: str) -> tuple[int, int]:
    """Width and height of one of the figures in pixels, so that the page keeps its place free."""
    file = files.get(name)
    if file is None:
        raise SiteError(f"nothing in figures draws a figure {name.split('.')[0]!r}")
    found = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', file.read_text(encoding="utf-8")[:2000])
    if not found:
        raise SiteError(f"{file.name} does not say its size")
    return round(float(found[1]) * 4 / 3), round(float(found[2]) * 4 / 3)


def main() -> None:
    """Draw every figure again and say where it lies."""
    shutil.rmtree(DRAWN, ignore_errors=True)
    for name, path in drawn().items():
        print(f"{name}: {path}")


if __name__ == "__main__":
    main()
