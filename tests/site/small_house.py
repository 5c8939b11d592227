"""A house of one post, copied for each test that breaks something: `small/`, with the theme and the machinery of ours."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from sitetools import ROOT

SMALL = Path(__file__).parent / "small"
OURS = ("docs/overrides", "docs/stylesheets", "docs/javascripts")


def copied(folder: Path) -> Path:
    """A small house in a folder, ready to be built."""
    shutil.copytree(SMALL, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for ours in OURS:
        shutil.copytree(ROOT / ours, folder / ours)
    (folder / "sitetools").symlink_to(ROOT / "sitetools")
    config = folder / "mkdocs.yml"
    config.write_text(f"INHERIT: {ROOT}/mkdocs.yml\n" + config.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def change(folder: Path, uri: str, old: str, new: str) -> int:
    """Put something else in the place of a text that stands in a file; the line where it stood."""
    file = folder / uri
    whole = file.read_text(encoding="utf-8")
    assert old in whole, f"{uri} does not hold {old!r}"
    file.write_text(whole.replace(old, new, 1), encoding="utf-8")
    return whole.partition(old)[0].count("\n") + 1


def surroundings(folder: Path) -> dict[str, str]:
    """The environment in which MkDocs builds a small house."""
    cache = os.environ.get("SITE_CACHE", str(ROOT / ".cache"))
    return {**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1", "SITE_CACHE": cache}


def build(folder: Path) -> tuple[int, str]:
    """Build a house strictly; the exit status, and what was said."""
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        cwd=folder,
        env=surroundings(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, re.sub(r"\x1b\[\d+m", "", done.stdout + done.stderr)
