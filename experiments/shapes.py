"""The shapes of one dense layer, drawn to scale with the numbers of four emails."""

from types import SimpleNamespace
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

SOURCE = "snippets/out/p02.json"
CELL = (0.48, 0.36)  # inches, the same for every array
STYLE = {"N": (0, (1, 1.4)), "D": "-", "M": (0, (5, 2))}  # one line style for each axis
MIDDLE = 1.15  # inches above the lower edge


def draw_shapes(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """x @ W + b = z as rectangles of cells: one style of line for each axis, one product marked."""
    figure = Figure(figsize=(6.4, 2.3))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, 6.4), ylim=(0, 2.3))
    ax.axis("off")
    row, column, first = [(0, 0), (0, 1), (0, 2)], [(0, 0), (1, 0), (2, 0)], [(0, 0)]
    array(ax, c, 0.45, data["X"], "x  (N, D)", axes="ND", marked=row)
    array(ax, c, 2.53, data["W1"], "W  (D, M)", axes="DM", marked=column)
    array(ax, c, 3.80, [data["b1"]], "b  (M,)", axes=" M", marked=first)
    array(ax, c, 5.41, data["Z"], "z  (N, M)", axes="NM", marked=first)
    for left, sign in [(2.06, "@"), (3.65, "+"), (4.92, "=")]:
        ax.text(left, MIDDLE, sign, ha="center", va="center", fontsize=14, color=c.ink)
    return figure


def array(
    ax: Axes,
    c: SimpleNamespace,
    left: float,
    values: list[list[float]],
    name: str,
    *,
    axes: str,
    marked: list[tuple[int, int]],
) -> None:
    """One array: its cells with their numbers, its name below, and the lines that name its axes."""
    width, height = CELL
    n_rows, n_columns = len(values), len(values[0])
    top = MIDDLE + n_rows * height / 2
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
        ax.text(left - 0.24, MIDDLE, f"{axes[0]} = {n_rows}", fontsize=10, rotation=90, **text)
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
