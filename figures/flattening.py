"""One digit as the reader sees it, shuffled, and as the network sees it; and two demands that thin out a layer."""

from collections.abc import Iterator
from string import ascii_lowercase
from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

SOURCES = ("snippets/out/flattening.json",)
WORDS = {
    "flattening-strips": {
        "alt": "Two strips, A and B, each a row of sixty-four cells in shades from empty to full of ink. In both, "
        "cells "
        "with ink and empty ones alternate in short runs, and neither looks like a digit.",
        "caption": "The same sixty-four values twice; the more ink, the more a cell stands out. One strip is a "
        "handwritten zero, its rows laid end to end. In the other the cells have been shuffled.",
    },
    "flattening-views": {
        "alt": "Strip A, put back into an image of eight by eight cells, shows a handwritten zero. Strip B, put "
        "back in "
        "the same way, shows scattered cells, in which nobody would see a zero. Below them stand both strips.",
        "caption": "You recognise the first image and not the second. The strips below are what the network gets, "
        "and "
        "neither looks like a digit. With many strips in hand, one could find out which pixels were neighbours, "
        "since "
        "neighbours tend to be alike. But nothing tells the network so beforehand.",
    },
    "flattening-to-convolution": {
        "alt": "Three layers, each from seven inputs to five outputs. In the first, lines join every input to every "
        "output. In the second, each output has lines to three neighbouring inputs only. In the third these lines "
        "carry a, b and c at every output.",
        "caption": "Above seven inputs, below the five outputs whose windows are whole; a letter names the weight "
        "on a line. Two demands follow one another. "
        "An output may look at three neighbours only: most lines go. And it must look at them in the same way "
        "everywhere: the same three weights return at each place. Below each layer stands the number of its "
        "different weights.",
    },
}
# Which of the two strips is the digit in order, and how each image is called.
STRIPS = {"A": "as you see it", "B": "its pixels shuffled"}
N_INPUTS, N_OUTPUTS, N_NEAR = 7, 5, 3
# How each layer is called, how its count comes about, and whether its outputs look only nearby and all in one way.
LAYERS = {
    "every input": ("{inputs} · {outputs} = ", False, False),
    "only near": ("{near} · {outputs} = ", True, False),
    "the same everywhere": ("", True, True),
}


def views_of(data: dict[str, Any]) -> dict[str, np.ndarray]:
    """The digit and its shuffled copy as images, by the letters of their strips."""
    digit, order = np.array(data["digit"]), np.array(data["order"])
    return dict(zip(STRIPS, (digit, digit.ravel()[order].reshape(8, 8)), strict=True))


def draw_strips(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """The digit and its shuffled copy as rows of cells, under their letters alone."""
    tall = 1.75
    figure = Figure(figsize=(c.width, tall))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, c.width), ylim=(0, tall))
    ax.axis("off")
    left = 0.3
    for (letter, view), bottom in zip(views_of(data).items(), (1.0, 0.15), strict=True):
        squares(ax, c, view.reshape(1, 64), left, bottom, (c.width - left - 0.05) / 64, 0.6)
        ax.text(0.05, bottom + 0.3, letter, va="center", fontsize=12, weight="bold", color=c.ink)
    return figure


def draw_views(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """The digit and its shuffled copy as images; below each, the same values as a row."""
    views = views_of(data)
    figure = Figure(figsize=(c.width, 7.4 if c.narrow else 4.9))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, c.width), ylim=(0, figure.get_figheight()))
    ax.axis("off")
    size = 2.0 if c.narrow else 1.9
    for n, (letter, view) in enumerate(views.items()):
        left = 0.05 if c.narrow else 0.05 + n * 3.8
        bottom = 4.95 - n * 2.5 if c.narrow else 2.65
        squares(ax, c, view, left, bottom, size / 8)
        ax.text(left, bottom + size + 0.1, f"{letter}, {STRIPS[letter]}", fontsize=10.5, color=c.ink)
    wide = (c.width - 0.1) / 64
    for n, (letter, view) in enumerate(views.items()):
        bottom = (1.2, 0.08)[n]
        squares(ax, c, view.reshape(1, 64), 0.05, bottom, wide, 0.55)
        ax.text(0.05, bottom + 0.65, f"{letter}, as a network gets it", fontsize=10.5, color=c.ink)
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


def connections(near: bool, alike: bool) -> Iterator[tuple[int, int, int]]:
    """Each line of a layer as input, output and the number of its weight."""
    new = iter(range(N_INPUTS * N_OUTPUTS))
    for j in range(N_OUTPUTS):
        for i in range(N_INPUTS):
            if not near or j <= i < j + N_NEAR:
                yield i, j, i - j if alike else next(new)


def draw_thinned(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """One layer three times: joined to every input, to neighbours alone, and to neighbours with the same weights."""
    shape, tall = ((3, 1), 6.3) if c.narrow else ((1, 3), 2.6)
    figure = Figure(figsize=(c.width, tall))
    styles = [
        {"color": c.signal, "ls": "-"},
        {"color": c.warn, "ls": (0, (5, 2))},
        {"color": c.ink, "ls": (0, (1, 1.3))},
    ]
    high = 2.1  # from outputs to inputs, where a step from dot to dot is 1
    at = {"in": (np.arange(N_INPUTS), high), "out": (np.arange(N_OUTPUTS) + (N_NEAR - 1) / 2, 0)}
    for ax, (title, (sum_, near, alike)) in zip(figure.subplots(*shape).flat, LAYERS.items(), strict=True):
        drawn = set()
        for i, j, weight in connections(near, alike):
            start, end = (at["out"][0][j], 0), (i, high)
            style = styles[weight] | {"lw": 1.8} if alike else {"color": c.muted, "lw": 0.9}
            ax.plot(*zip(start, end, strict=True), zorder=1, **style)
            if near:  # a third of the way up, where the letters of all outputs stand equally far apart
                spot = start[0] + (end[0] - start[0]) / 3, high / 3
                box = {"facecolor": c.paper, "edgecolor": "none", "pad": 0.8}
                text = {"ha": "center", "va": "center", "fontsize": 9, "color": c.ink}
                ax.text(*spot, ascii_lowercase[weight], bbox=box, zorder=2, **text)
            drawn.add(weight)
        for (across, down), edge in ((at["in"], c.muted), (at["out"], c.signal)):
            ax.plot(across, np.full(len(across), down), "o", ms=9, mfc=c.paper, mec=edge, mew=1.6, zorder=3)
        count = sum_.format(inputs=N_INPUTS, outputs=N_OUTPUTS, near=N_NEAR) + f"{len(drawn)} weights"
        middle = {"ha": "center", "color": c.ink}
        ax.text((N_INPUTS - 1) / 2, high + 0.55, title, fontsize=10.5, **middle)
        ax.text((N_INPUTS - 1) / 2, -0.5, count, fontsize=10.5, va="top", **middle)
        ax.set(xlim=(-0.4, N_INPUTS - 0.6), ylim=(-1, high + 0.9))
        ax.set_axis_off()
    figure.subplots_adjust(left=0.01, right=0.99, top=0.99, bottom=0.01, wspace=0.12, hspace=0.04)
    return figure


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


FIGURES = {
    "flattening-strips": draw_strips,
    "flattening-views": draw_views,
    "flattening-to-convolution": draw_thinned,
    "thumb-flattening": draw_thumb,
}
