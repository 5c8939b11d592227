"""The picture that a shared link shows: the place of a page in the series, its title, and a small network.

`python -m figures.card` reads cards as JSON from standard input, `[[path, line, title], …]`, and draws each.
"""

from __future__ import annotations

import json
import sys
import textwrap
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

SIZE = (12, 6.3)  # inches at 100 dots: what those who show links ask for
PAPER, INK, MUTED, RULE, SIGNAL = "#fdfcf9", "#1c1f24", "#5b6068", "#e3dfd5", "#0a6f69"
LAYERS = ((8.9, (1.0, 2.0, 3.0)), (10.0, (1.5, 2.5)), (11.1, (2.0,)))
PATH = ((8.9, 3.0), (10.0, 2.5), (11.1, 2.0))


def face(weight: str) -> FontProperties:
    """The face of the site's text, from the wheel that brings it."""
    spec = find_spec("font_source_serif_pro")
    if spec is None or spec.origin is None:
        raise SystemExit("the package font-source-serif-pro is not installed")
    return FontProperties(fname=str(Path(spec.origin).parent / "files" / f"SourceSerifPro-{weight}.ttf"))


def draw(path: str, line: str, title: str) -> None:
    """Draw one card."""
    figure = Figure(figsize=SIZE, dpi=100, facecolor=PAPER)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, SIZE[0]), ylim=(0, SIZE[1]))
    axes.axis("off")
    _network(axes)
    lines = wrapped(title)
    size = 58 if len(lines) < 4 else 48
    axes.text(0.8, 5.3, line, font=face("Regular"), size=25, color=SIGNAL, va="baseline")
    axes.text(
        0.8, 4.95, "\n".join(lines), font=face("Semibold"), size=size, color=INK, va="top", linespacing=1.05
    )
    axes.text(0.8, 0.62, "Scratch MLP", font=face("Semibold"), size=23, color=INK, va="baseline")
    axes.text(
        2.75,
        0.62,
        "every block run, every number computed",
        font=face("Regular"),
        size=20,
        color=MUTED,
        va="baseline",
    )
    figure.savefig(path, metadata={"Software": None})


def wrapped(title: str, width: int = 22) -> list[str]:
    """A title in as few lines as it needs, and these about equally long."""
    lines = textwrap.wrap(title, width)
    while width > 1 and len(narrower := textwrap.wrap(title, width - 1)) == len(lines):
        lines, width = narrower, width - 1
    return lines


def _network(axes) -> None:  # type: ignore[no-untyped-def]
    """Three inputs, two hidden neurons, one output; one path through it in the signal colour."""
    for (x0, heights), (x1, nexts) in pairwise(LAYERS):
        for y0 in heights:
            for y1 in nexts:
                axes.plot([x0, x1], [y0, y1], color=RULE, lw=3, zorder=1)
    axes.plot(*zip(*PATH, strict=True), color=SIGNAL, lw=5, zorder=2)
    for x, heights in LAYERS:
        for y in heights:
            lit = (x, y) in PATH
            axes.plot(
                x, y, "o", ms=34, mfc=PAPER, mec=SIGNAL if lit else MUTED, mew=4 if lit else 3, zorder=3
            )


if __name__ == "__main__":
    for card in json.load(sys.stdin):
        draw(*card)
