"""Two numbers as bars."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from matplotlib.figure import Figure

SOURCES = ("snippets/out/a_sum.json",)
WORDS = {
    "a-sum": {
        "alt": "Both numbers as bars, [[a_sum.x]] and [[a_sum.y]].",
        "caption": "A bar for each, as [[a_sum.x]] and [[a_sum.y]].",
    },
}


def draw_sum(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """A bar for each number."""
    figure = Figure(figsize=(c.width, 2.0))
    figure.subplots().bar(["x", "y"], [data["x"], data["y"]], color=c.signal)
    return figure


FIGURES = {"a-sum": draw_sum}
