"""Draw the figures of a topic: ``python -m figures NAME DIR``."""

from __future__ import annotations

import importlib
import json
import sys
import tomllib
from pathlib import Path
from typing import Any

from figures import style
from sitetools import statistics

ROOT = Path(__file__).resolve().parent.parent


def recorded(source: str) -> Any:
    """The values of a recorded file: of a result, of a snippet's run, or of the literature."""
    path = ROOT / source
    if path.suffix == ".toml":
        return tomllib.loads(path.read_text(encoding="utf-8"))
    if source.startswith("experiments/"):
        return statistics.tree(statistics.read(path))
    return json.loads(path.read_text(encoding="utf-8"))["values"]


def draw(name: str, folder: Path) -> None:
    """Draw the figures of a topic in both colour schemes, for a desktop and for a phone.

    A drawing function gets what its one source holds, or what all of several hold, by the names of their files.
    """
    module = importlib.import_module(f"figures.{name}")
    held = {Path(source).stem: recorded(source) for source in module.SOURCES}
    data = held if len(held) > 1 else next(iter(held.values()))
    for figure, function in module.FIGURES.items():
        for scheme in style.SCHEMES:
            for suffix, width in style.WIDTHS.items():
                style.save(function, data, scheme, width, folder / f"{figure}.{scheme}{suffix}.svg")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    draw(sys.argv[1], Path(sys.argv[2]))
