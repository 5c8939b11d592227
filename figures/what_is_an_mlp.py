"""Pictures for a line and for two bends, drawn from the values of the first post."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.figure import Figure

SOURCES = ("snippets/out/what_is_an_mlp.json",)


def draw_bends(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """The corners with the two lines where hidden units bend, and the output along the sum of the inputs."""
    corners, labels = np.array(data["corners"]), np.array(data["xor"])
    W1, b1, W2 = (np.array(data[name]) for name in ("W1", "b1", "W2"))
    figure = Figure(figsize=(c.width, 5.6 if c.narrow else 3.1), layout="constrained")
    plane, along = figure.subplots(2, 1) if c.narrow else figure.subplots(1, 2, width_ratios=[1, 1.5])
    for bend in -b1:
        plane.plot([-0.5, 1.5], [bend + 0.5, bend - 1.5], color=c.muted, linewidth=1, linestyle=(0, (4, 2)))
    plane.text(-0.42, 0.22, "bend 1", color=c.muted, fontsize=9.5, rotation=-45, rotation_mode="anchor")
    plane.text(0.28, 0.52, "bend 2", color=c.muted, fontsize=9.5, rotation=-45, rotation_mode="anchor")
    s = np.linspace(-0.5, 2.5, 301)
    hidden = np.maximum(0, s[:, None] + b1)  # (301, 2): both units see the sum alone
    shares = hidden * W2[:, 0]
    along.plot(s, shares[:, 0], color=c.muted, linewidth=1.2, linestyle=(0, (5, 2)))
    along.plot(s, shares[:, 1], color=c.muted, linewidth=1.2, linestyle=(0, (1, 1.5)))
    along.plot(s, shares.sum(axis=1), color=c.ink)
    along.text(1.55, 1.75, "$h_1$", color=c.muted, ha="right")
    along.text(1.42, -1.15, "$-2h_2$", color=c.muted, ha="right")
    along.text(1.52, 0.6, "$h_1 - 2h_2$", color=c.ink)
    for label, mark, colour in ((0, "o", c.warn), (1, "P", c.signal)):
        rows = corners[labels == label]
        style = {"color": colour, "markersize": 8, "linestyle": "none", "zorder": 3, "clip_on": False}
        plane.plot(*rows.T, mark, **style)
        total = rows.sum(axis=1)
        along.plot(total, np.maximum(0, rows @ W1 + b1) @ W2[:, 0], mark, **style)
    plane.set(xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), aspect="equal", xticks=[0, 1], yticks=[0, 1])
    plane.set(xlabel="$x_1$", ylabel="$x_2$")
    along.axhline(0, color=c.rule, linewidth=0.8, zorder=0)
    along.set(
        xlim=(-0.5, 2.5), ylim=(-2, 2.2), xticks=[0, 1, 2], yticks=[-2, -1, 0, 1, 2], xlabel="$x_1 + x_2$"
    )
    return figure


def draw_thumb(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """A line that misses, and a path with two bends that does not."""
    figure = Figure(figsize=(1.0, 0.62))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(0, 0.62))
    axes.plot([0.08, 0.92], [0.2, 0.42], color=c.muted, linewidth=1.4, linestyle=(0, (3, 2)))
    axes.plot(
        [0.08, 0.34, 0.62, 0.92],
        [0.1, 0.1, 0.52, 0.1],
        color=c.signal,
        linewidth=2.2,
        solid_joinstyle="round",
    )
    return figure


FIGURES = {"xor-bends": draw_bends, "thumb-line": draw_thumb}
