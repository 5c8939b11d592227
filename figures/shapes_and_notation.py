"""One matrix read in two ways, and the shapes of a layer, drawn to scale with the numbers of four emails."""

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from figures import circles

SOURCES = ("snippets/out/shapes_and_notation.json",)
WORDS = {
    "shapes-two-readings": {
        "alt": "The same W twice. The row x meets its columns and gives [[shapes_and_notation.row.0]] and "
        "[[shapes_and_notation.row.1]]; the column x meets its rows and gives [[shapes_and_notation.column.0]] and "
        "[[shapes_and_notation.column.1]]. Below, as networks: the weights [[shapes_and_notation.W.0.1]] and "
        "[[shapes_and_notation.W.1.0]] have changed places.",
        "caption": "What is framed alike belongs together: solid is what makes the first number of the result, dashed "
        "what makes the second. In the first reading the frames are columns of W, in the second rows. Below, the same as "
        "networks, with x on the left and the result on the right: look at the weights on the two lines that cross.",
    },
    "shapes-of-a-batch": {
        "alt": "Cells to scale: x has [[shapes_and_notation.n_examples]] rows and [[shapes_and_notation.n_inputs]] "
        "columns, W [[shapes_and_notation.n_inputs]] and [[shapes_and_notation.n_units]], b one row, z "
        "[[shapes_and_notation.n_examples]] and [[shapes_and_notation.n_units]]. Marked: the first row of x, column "
        "of W and bias; they make the first number of z, [[shapes_and_notation.Z.0.0|.2f]].",
        "caption": "Read the lines along the edges: dotted for N, solid for D, dashed for M. The two solid lines meet "
        "at the product and disappear; dotted and dashed remain. One marked row, one marked column and one bias make "
        "one number.",
    },
}
# How each reading is called, where its result stands, and whether the lines of W that meet x are its columns.
READINGS = {
    "x is a row: x W": ("row", True),
    "x is a column: W x": ("column", False),
}
HEIGHT = 0.36  # inches, of every cell
PLAIN = 0.36  # inches, the side of a cell that holds one digit
STYLE = {"N": (0, (1, 1.4)), "D": "-", "M": (0, (5, 2))}  # one line style for each axis


def draw_readings(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """The product of a matrix with a row and with a column, and below each the network that it computes."""
    W, x = data["W"], data["x"]
    tall = 6.7 if c.narrow else 3.4
    wide, high = (c.width, tall / 2) if c.narrow else (c.width / 2, tall)
    figure = Figure(figsize=(c.width, tall))
    styles = ({"color": c.signal, "linestyle": "-"}, {"color": c.warn, "linestyle": (0, (3, 1.5))})
    for n, (title, (key, by_column)) in enumerate(READINGS.items()):
        left, bottom = (0, high * (1 - n)) if c.narrow else (wide * n, 0)
        place = (left / c.width, (bottom + high - 1.45) / tall, wide / c.width, 1.45 / tall)
        ax = figure.add_axes(place)
        ax.set(xlim=(0, wide), ylim=(0, 1.45))
        ax.set_axis_off()
        ax.text(wide / 2, 1.25, title, ha="center", va="center", fontsize=10.5, color=c.ink)
        upright = (1, -1) if by_column else (-1, 1)
        vectors = [np.reshape(v, upright) for v in (x, data[key])]
        grids = [("x", vectors[0], False), ("W", np.array(W), True), ("result", vectors[1], True)]
        if not by_column:
            grids[:2] = grids[1::-1]
        at = (wide - PLAIN * sum(g.shape[1] for _, g, _ in grids) - 0.66) / 2
        for (name, grid, marked), after in zip(grids, ("", "=", None), strict=True):
            framed(ax, c, (at, 0.68), grid, name, styles if marked else (), by_column=by_column)
            at += grid.shape[1] * PLAIN
            if after is not None:
                gap = 0.42 if after else 0.24
                ax.text(at + gap / 2, 0.68, after, ha="center", va="center", fontsize=12, color=c.ink)
                at += gap
        net = figure.add_axes((left / c.width, (bottom + 0.05) / tall, wide / c.width, (high - 1.5) / tall))
        met = W if by_column else np.transpose(W).tolist()  # (input, output)
        circles.network(
            net,
            [[str(v) for v in x], [str(v) for v in data[key]]],
            c,
            weights={(0, i, j): str(met[i][j]) for i in range(2) for j in range(2)},
            styles={(1, j): style | {"linewidth": 1.6} for j, style in enumerate(styles)},
        )
        for j, (across, down) in enumerate(circles.places([2, 2], circles.DOWN[c.narrow])[1]):
            terms = " + ".join(f"{x[i]} · {met[i][j]}" for i in range(2))
            spot = across + circles.RADIUS[c.narrow] + 0.16, down
            net.text(*spot, f"= {terms}", ha="left", va="center", fontsize=10, color=c.ink)
        net.set(xlim=(-0.6, 4.6) if c.narrow else (-0.9, 4.5))
    return figure


def framed(
    ax: Axes,
    c: SimpleNamespace,
    at: tuple[float, float],
    grid: np.ndarray,
    name: str,
    styles: tuple[dict[str, Any], ...],
    *,
    by_column: bool,
) -> None:
    """Numbers in cells from their left edge and their middle, with a frame in its own style round each line of them."""
    left, middle = at
    n_rows, n_columns = grid.shape
    bottom = middle - n_rows * PLAIN / 2
    text = {"ha": "center", "va": "center", "color": c.ink}
    for (i, j), value in np.ndenumerate(grid):
        x, y = left + j * PLAIN, bottom + (n_rows - 1 - i) * PLAIN
        ax.add_patch(Rectangle((x, y), PLAIN, PLAIN, facecolor="none", edgecolor=c.rule, lw=0.8))
        ax.text(x + PLAIN / 2, y + PLAIN / 2, f"{value}", fontsize=10.5, **text)
    inset = 0.035
    for k, style in enumerate(styles):
        across, down = (k, 0) if by_column else (0, n_rows - 1 - k)
        size = (PLAIN, n_rows * PLAIN) if by_column else (n_columns * PLAIN, PLAIN)
        corner = left + across * PLAIN + inset, bottom + down * PLAIN + inset
        ax.add_patch(
            Rectangle(corner, size[0] - 2 * inset, size[1] - 2 * inset, fill=False, edgecolor=style["color"],
                      linestyle=style["linestyle"], lw=1.8, zorder=3)
        )  # fmt: skip
    ax.text(left + n_columns * PLAIN / 2, middle - PLAIN - 0.14, name, fontsize=9.5, **text)


def draw_shapes(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """x @ W + b = z as rectangles of cells: one style of line for each axis, one product marked."""
    cell, tall = (0.47, 4.5) if c.narrow else (0.56, 2.3)
    figure = Figure(figsize=(c.width, tall))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, c.width), ylim=(0, tall))
    ax.axis("off")
    row, column, first = [(0, 0), (0, 1), (0, 2)], [(0, 0), (1, 0), (2, 0)], [(0, 0)]
    wide = [(0.56, 1.15), (3.02, 1.15), (4.5, 1.15), (6.34, 1.15)]
    narrow = [(0.42, 3.4), (2.48, 3.4), (0.62, 1.15), (2.22, 1.15)]
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


FIGURES = {
    "shapes-two-readings": draw_readings,
    "shapes-of-a-batch": draw_shapes,
    "thumb-shapes": draw_thumb,
}
