"""A network as circles and lines: one drawing for all posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Circle

ACROSS = 2.0  # from layer to layer
RADIUS, DOWN = {False: 0.32, True: 0.42}, {False: 1.15, True: 1.5}  # where the column is narrow, or not


def places(sizes: Sequence[int], down: float) -> list[list[tuple[float, float]]]:
    """The middle of each circle, layer by layer from the left, each layer in the middle of the height."""
    return [[(ACROSS * k, down * ((n - 1) / 2 - i)) for i in range(n)] for k, n in enumerate(sizes)]


def network(
    axes: Axes,
    inside: Sequence[Sequence[str]],
    c: SimpleNamespace,
    *,
    beside: Mapping[tuple[int, int], str] | None = None,
    weights: Mapping[tuple[int, int, int], str] | None = None,
    styles: Mapping[tuple[int, int], Mapping[str, Any]] | None = None,
) -> None:
    """Draw circles with the texts of each layer, every line between neighbours, and words at circles and lines.

    `beside` names the circle `i` of the layer `k` as (k, i): to the left in the first layer, else below.
    `weights` is written on the line from circle `i` of the layer `k` to circle `j` of the next, as (k, i, j).
    `styles` sets colour and line style of the circle `i` of the layer `k` and of the lines that lead to it, as (k, i).
    """
    radius, down = RADIUS[c.narrow], DOWN[c.narrow]
    at = places([len(layer) for layer in inside], down)
    for k, (left, right) in enumerate(pairwise(at)):
        for i, (x0, y0) in enumerate(left):
            for j, (x1, y1) in enumerate(right):
                label = (weights or {}).get((k, i, j))
                style = {"color": c.muted, "linewidth": 1, **(styles or {}).get((k + 1, j), {})}
                axes.plot([x0, x1], [y0, y1], zorder=1, **style)
                if label:
                    near = 0.42 if len(right) == 1 else 0.3 + 0.12 * (j % 2)
                    spot = x0 + near * (x1 - x0), y0 + near * (y1 - y0)
                    box = {"facecolor": c.paper, "edgecolor": "none", "pad": 1.5}
                    axes.text(
                        *spot, label, ha="center", va="center", fontsize=9.5, color=c.ink, bbox=box, zorder=2
                    )
    for k, (layer, spots) in enumerate(zip(inside, at, strict=True)):
        for i, (text, spot) in enumerate(zip(layer, spots, strict=True)):
            own = (styles or {}).get((k, i), {})
            edge, dashes = (
                own.get("color", c.muted if k == 0 else c.signal),
                own.get("linestyle", "-"),
            )
            size = 8.5 if c.narrow and len(text.strip("$")) > 3 else 10
            axes.add_patch(
                Circle(
                    spot,
                    radius,
                    facecolor=c.paper,
                    edgecolor=edge,
                    linestyle=dashes,
                    linewidth=1.6,
                    zorder=3,
                )
            )
            axes.text(*spot, text, ha="center", va="center", fontsize=size, color=c.ink, zorder=4)
            if words := (beside or {}).get((k, i)):
                x, y = spot
                where = (x - radius - 0.12, y) if k == 0 else (x, y - radius - 0.1)
                side = {"ha": "right", "va": "center"} if k == 0 else {"ha": "center", "va": "top"}
                axes.text(*where, words, fontsize=9.5, color=c.muted, **side)
    highest = max(len(layer) for layer in inside) * down / 2
    axes.set(
        xlim=(-1.9 if (0, 0) in (beside or {}) else -0.5, at[-1][0][0] + 0.6),
        ylim=(-highest - 0.25, highest + 0.05),
        aspect="equal",
    )
    axes.set_axis_off()
