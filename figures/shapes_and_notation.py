"""The shapes of one dense layer, drawn to scale with the numbers of four emails."""

from types import SimpleNamespace
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

SOURCES = ("snippets/out/shapes_and_notation.json",)
HEIGHT = 0.36  # inches, of every cell
STYLE = {"N": (0, (1, 1.4)), "D": "-", "M": (0, (5, 2))}  # one line style for each axis


def draw_shapes(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """x @ W + b = z as rectangles of cells: one style of line for each axis, one product marked."""
    cell, tall = (0.44, 4.5) if c.narrow else (0.56, 2.3)
    figure = Figure(figsize=(c.width, tall))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, c.width), ylim=(0, tall))
    ax.axis("off")
    row, column, first = [(0, 0), (0, 1), (0, 2)], [(0, 0), (1, 0), (2, 0)], [(0, 0)]
    wide = [(0.56, 1.15), (3.02, 1.15), (4.5, 1.15), (6.34, 1.15)]
    narrow = [(0.42, 3.4), (2.4, 3.4), (0.62, 1.15), (2.18, 1.15)]
    x, W, b, z = narrow if c.narrow else wide
    array(ax, c, cell, x, data["X"], "x  (N, D)", axes="ND", marked=row)
    array(ax, c, cell, W, data["W1"], "W  (D, M)", axes="DM", marked=column)
    array(ax, c, cell, b, [data["b1"]], "b  (M,)", axes=" M", marked=first)
    array(ax, c, cell, z, data["Z"], "z  (N, M)", axes="NM", marked=first)
    for (left, middle), sign, before in [(W, "@", 0.46), (b, "+", 0.18), (z, "=", 0.5)]:
        ax.text(left - before, middle, sign, ha="center", va="center", fontsize=14, color=c.ink)
    return figure


def array(
    ax: Axes,
    c: SimpleNamespace,
    width: float,
    at: tuple[float, float],
    values: list[list[float]],
    name: str,
    *,
    axes: str,
    marked: list[tuple[int, int]],
) -> None:
    """One array, from its left edge and its middle: numbered cells, the name, and a line for each axis."""
    (left, middle), height = at, HEIGHT
    n_rows, n_columns = len(values), len(values[0])
    top = middle + n_rows * height / 2
    right, bottom = left + n_columns * width, top - n_rows * height
    text = {"ha": "center", "va": "center", "color": c.ink}
    for i, line in enumerate(values):
        for j, value in enumerate(line):
            x, y, on = left + j * width, top - (i + 1) * height, (i, j) in marked
            face = c.rule if on else "none"
            ax.add_patch(Rectangle((x, y), width, height, facecolor=face, edgecolor=c.muted, lw=0.8))
            number, weight = f"{value:.3g}".replace("-", "−"), "bold" if on else "normal"
            ax.text(x + width / 2, y + height / 2, number, fontsize=9.5, weight=weight, **text)
    (i0, j0), (i1, j1) = marked[0], marked[-1]
    corner, size = (
        (left + j0 * width, top - (i1 + 1) * height),
        ((j1 - j0 + 1) * width, (i1 - i0 + 1) * height),
    )
    ax.add_patch(Rectangle(corner, *size, fill=False, edgecolor=c.ink, lw=2, zorder=3))
    line = {"color": c.signal, "lw": 2.2, "solid_capstyle": "butt"}
    ax.plot([left, right], [top + 0.1] * 2, ls=STYLE[axes[1]], **line)
    ax.text((left + right) / 2, top + 0.24, f"{axes[1]} = {n_columns}", fontsize=10, **text)
    if axes[0] in STYLE:
        ax.plot([left - 0.1] * 2, [bottom, top], ls=STYLE[axes[0]], **line)
        ax.text(left - 0.24, middle, f"{axes[0]} = {n_rows}", fontsize=10, rotation=90, **text)
    ax.text((left + right) / 2, bottom - 0.2, name, fontsize=10, **text)


def draw_thumb(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Three rectangles to scale: a batch, a matrix, a result."""
    figure = Figure(figsize=(1.0, 0.62))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, 10), ylim=(0, 6.2))
    ax.axis("off")
    for left, rows, columns, colour in [(0.6, 4, 3, c.ink), (4.4, 3, 2, c.warn), (7.2, 4, 2, c.signal)]:
        ax.add_patch(
            Rectangle(
                (left, 3.1 - rows * 0.6), columns * 0.95, rows * 1.2, fill=False, edgecolor=colour, lw=1.8
            )
        )
    return figure


FIGURES = {"shapes-of-a-batch": draw_shapes, "thumb-shapes": draw_thumb}
