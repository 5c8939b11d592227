"""One digit as the reader sees it, with its pixels shuffled, and as the network sees it."""

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

SOURCES = ("snippets/out/flattening.json",)


def draw_views(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """The digit and its shuffled copy as images; below each, the same values as a row."""
    digit, order = np.array(data["digit"]), np.array(data["order"])
    views = {"as you see it": digit, "every pixel in another place": digit.ravel()[order].reshape(8, 8)}
    figure = Figure(figsize=(c.width, 7.4 if c.narrow else 4.9))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, c.width), ylim=(0, figure.get_figheight()))
    ax.axis("off")
    size = 2.0 if c.narrow else 1.9
    for n, (title, view) in enumerate(views.items()):
        left = 0.05 if c.narrow else 0.05 + n * 3.8
        bottom = 4.95 - n * 2.5 if c.narrow else 2.65
        squares(ax, c, view, left, bottom, size / 8)
        ax.text(left, bottom + size + 0.1, title, fontsize=10.5, color=c.ink)
    wide = (c.width - 0.1) / 64
    for n, (name, view) in enumerate(zip(("the first", "the second"), views.values(), strict=True)):
        bottom = (1.2, 0.08)[n]
        squares(ax, c, view.reshape(1, 64), 0.05, bottom, wide, 0.55)
        ax.text(0.05, bottom + 0.65, f"{name}, as a network gets it", fontsize=10.5, color=c.ink)
    return figure


def squares(ax: Axes, c: SimpleNamespace, view: np.ndarray, left: float, bottom: float, width: float,
            height: float | None = None) -> None:  # fmt: skip
    """Values from 0 to 16 as cells, the larger the darker, in a frame."""
    height = height or width
    shade = LinearSegmentedColormap.from_list("ink", [c.sheet, c.ink])
    rows, columns = view.shape
    for (i, j), value in np.ndenumerate(view):
        place = (left + j * width, bottom + (rows - 1 - i) * height)
        colour = shade(value / 16)
        ax.add_patch(Rectangle(place, width, height, facecolor=colour, edgecolor=colour, lw=0.3))
    ax.add_patch(
        Rectangle((left, bottom), columns * width, rows * height, fill=False, edgecolor=c.muted, lw=0.8)
    )


def draw_thumb(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """A square of cells above the same cells in a row."""
    figure = Figure(figsize=(1.0, 0.62))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, 10), ylim=(0, 6.2))
    ax.axis("off")
    on = {(0, 1), (1, 0), (1, 1), (2, 2)}
    for i in range(3):
        for j in range(3):
            colour = c.signal if (i, j) in on else c.rule
            ax.add_patch(Rectangle((3.5 + j, 4.9 - i), 0.9, 0.9, facecolor=colour))
            ax.add_patch(Rectangle((0.5 + 3 * i + j, 0.6), 0.9, 0.9, facecolor=colour))
    return figure


FIGURES = {"flattening-views": draw_views, "thumb-flattening": draw_thumb}
