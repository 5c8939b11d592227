"""Pictures for a line and for two bends, drawn from the values of the first post."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from figures import circles

SOURCES = ("snippets/out/what_is_an_mlp.json",)
WORDS = {
    "email-line": {
        "alt": "Three circles on the left: 3 exclamation marks, 1 for the word free, a reputation of "
        "[[what_is_an_mlp.x.2]]. A connection from each, with its weight [[what_is_an_mlp.w.0]], [[what_is_an_mlp.w.1]] "
        "or [[what_is_an_mlp.w.2]], leads to one circle on the right, the score [[what_is_an_mlp.score|.1f]].",
        "caption": "Three features, three weights, one bias, one score. A value travels along a connection and is "
        "multiplied by the number on it; where they meet, everything is added up.",
    },
    "sigmoid": {
        "alt": "The sigmoid rises from almost 0 on the left over one half at a score of 0 to almost 1 on the right. "
        "Its slope, dashed, is highest in the middle, one quarter, and almost 0 at both ends.",
        "caption": "The sigmoid (solid) and its slope (dashed). Scores far from 0 on either side hardly change the "
        "probability any more.",
    },
    "relu": {
        "alt": "ReLU is 0 to the left of 0 and the diagonal to the right of it. Its slope, dashed, jumps from 0 to 1.",
        "caption": "ReLU (solid) and its slope (dashed): off, then a bend, then on.",
    },
    "xor-bends": {
        "alt": "The plane: the four corners of XOR and two parallel dashed lines, one through the corner 0, 0 and one "
        "through the two corners of class 1. The curve: along the sum of the inputs the output is 0 at 0, rises to 1 "
        "at 1, and falls back to 0 at 2.",
        "caption": "Left, or above: the four corners, circles for class 0 and crosses for class 1, with the two lines "
        "along which the hidden units bend. Right, or below: the output along $x_1 + x_2$. At each bend the slope "
        "changes, from 0 to 1 and then to −1.",
    },
    "xor-network": {
        "alt": "Two circles on the left, two in the middle, one on the right, each joined to all of the next layer. The "
        "weights into the middle are all 1, those out of it 1 and −2.",
        "caption": "The same two bends as a network: two inputs, a hidden layer of two units, one output. Below a "
        "unit stands its bias.",
    },
    "more-bends": {
        "alt": "The same smooth curve four times, high at night and low in the morning. With 1 unit the fit is a line, "
        "with 2 units it is a V, with 4 it bends in two more places, and with 16 the two cannot be told apart.",
        "caption": "The invented share of spam over the hours of a day (thin), and what 1, 2, 4 and 16 units make of it "
        "(thick). Dots mark the bends.",
    },
}
UNITS = (1, 2, 4, 16)


def draw_line(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """The email as three circles, its score as a fourth."""
    figure = Figure(figsize=(c.width, 3.2 if c.narrow else 2.9), layout="constrained")
    x, w = data["x"], data["w"]
    circles.network(
        figure.subplots(),
        [[f"{x[0]:g}", f"{x[1]:g}", f"{x[2]:g}"], [f"{data['score']:.1f}"]],
        c,
        beside={(0, 0): "marks !", (0, 1): "“free”", (0, 2): "reputation", (1, 0): f"bias {data['b']}"},
        weights={(0, i, 0): f"{v:g}".replace("-", "−") for i, v in enumerate(w)},
    )
    return figure


def draw_xor_network(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """The network of the two bends, with its weights and biases."""
    figure = Figure(figsize=(c.width, 2.5 if c.narrow else 2.7), layout="constrained")
    W1, b1, W2 = data["W1"], data["b1"], data["W2"]
    weights = {(0, i, j): f"{W1[i][j]}" for i in range(2) for j in range(2)}
    weights |= {(1, j, 0): f"{W2[j][0]}".replace("-", "−") for j in range(2)}
    circles.network(
        figure.subplots(),
        [["$x_1$", "$x_2$"], ["$h_1$", "$h_2$"], ["$y$"]],
        c,
        beside={(1, j): f"bias {b}".replace("-", "−") for j, b in enumerate(b1)},
        weights=weights,
    )
    return figure


def curve(c: SimpleNamespace, z: np.ndarray, y: np.ndarray, slope: np.ndarray, **settings: Any) -> Figure:
    """A function and, dashed, its slope."""
    figure = Figure(figsize=(c.width, 2.4), layout="constrained")
    axes = figure.subplots()
    axes.plot(z, slope, color=c.muted, linestyle=(0, (4, 2)), linewidth=1.4)
    axes.plot(z, y, color=c.signal)
    axes.set(**settings)
    axes.grid(visible=True)
    return figure


def draw_sigmoid(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """The sigmoid and its slope."""
    z = np.linspace(-6, 6, 241)
    y = 1 / (1 + np.exp(-z))
    return curve(c, z, y, y * (1 - y), xlabel="score", xlim=(-6, 6), ylim=(-0.05, 1.05), yticks=[0, 0.5, 1])


def draw_relu(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """The rectifier and its slope."""
    z = np.linspace(-2, 2, 401)
    return curve(
        c, z, np.maximum(0, z), (z > 0) * 1.0, xlabel="$z$", xlim=(-2, 2), ylim=(-0.1, 2.1), yticks=[0, 1, 2]
    )


def draw_more(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """One curve, and what four numbers of units make of it."""
    figure = Figure(figsize=(c.width, 5.2 if c.narrow else 2.6), layout="constrained")
    hour, share = np.array(data["hour"]), np.array(data["share"])
    shape = (2, 2) if c.narrow else (1, 4)
    panels = figure.subplots(*shape, sharex=True, sharey=True)
    for axes, units, fit, gap in zip(panels.flat, UNITS, data["curves"], data["gaps"], strict=True):
        axes.plot(hour, share, color=c.ink, linewidth=1)
        axes.plot(hour, fit, color=c.signal, linewidth=2.4, alpha=0.75)
        bends = 24 * np.arange(units) / units
        axes.plot(bends, np.interp(bends, hour, fit), "o", color=c.signal, markersize=4, clip_on=False)
        axes.set(xlim=(0, 24), ylim=(0, 1.05), xticks=[0, 12, 24], yticks=[0, 0.5, 1])
        axes.set_title(f"{units} unit{'s' * (units > 1)}: off by {gap:.3f}", fontsize=9.5, color=c.ink)
        axes.label_outer()
    figure.supxlabel("hour of the day", fontsize=10.5, color=c.muted)
    return figure


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


FIGURES = {
    "email-line": draw_line,
    "sigmoid": draw_sigmoid,
    "relu": draw_relu,
    "xor-bends": draw_bends,
    "xor-network": draw_xor_network,
    "more-bends": draw_more,
    "thumb-line": draw_thumb,
}
