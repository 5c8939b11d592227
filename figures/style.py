"""How every figure looks: the page's colours in both schemes, its type sizes, and SVG that is the same on every build."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.figure import Figure

# The tokens of docs/stylesheets/tokens.css; a test compares them.
SCHEMES = {
    "light": {"paper": "#fdfcf9", "sheet": "#f6f4ee", "ink": "#1c1f24", "muted": "#5b6068", "rule": "#e3dfd5",
              "signal": "#0a6f69", "warn": "#a1490b", "bad": "#a8201a"},
    "dark": {"paper": "#14161a", "sheet": "#1b1e24", "ink": "#dfe1e5", "muted": "#a2a8b3", "rule": "#2c3038",
             "signal": "#5fd1c4", "warn": "#f0a562", "bad": "#ff8d86"},
}  # fmt: skip
WIDTHS = {
    "": 7.5,
    ".narrow": 3.6,
}  # inches: the column of a desktop and of a phone, so that text is never scaled away
OKABE_ITO = ["#0072b2", "#cc79a7", "#e69f00", "#56b4e9"]


def save(
    draw: Callable[[Any, SimpleNamespace], Figure], data: Any, scheme: str, width: float, path: Path
) -> None:
    """Call a drawing function with the data, a scheme's colours and the width of the column; write what it returns."""
    colours = SimpleNamespace(**SCHEMES[scheme], width=width, narrow=width < 5)
    settings = {
        "svg.fonttype": "none",  # text stays text: the reader's own interface face, selectable and small
        "svg.hashsalt": "scratchmlp",  # the same identifiers on every build
        "font.family": "sans-serif",
        "font.size": 10.5,
        "text.color": colours.ink,
        "axes.labelcolor": colours.muted,
        "axes.edgecolor": colours.muted,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": cycler(color=[colours.signal, colours.warn, colours.ink, *OKABE_ITO]),
        "axes.unicode_minus": True,
        "xtick.color": colours.muted,
        "ytick.color": colours.muted,
        "grid.color": colours.rule,
        "lines.linewidth": 1.8,
    }
    with mpl.rc_context():
        mpl.rcdefaults()  # whatever the surroundings prefer
        mpl.rcParams.update(settings)
        figure = draw(data, colours)
        figure.savefig(path, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = path.read_text(encoding="utf-8")
    face = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
    path.write_text(
        text.replace("sans-serif", "@face@").replace("@face@", face).replace("'@face@'", face),
        encoding="utf-8",
    )
