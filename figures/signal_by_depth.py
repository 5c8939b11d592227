"""How large values and gradients are in each of twenty layers before training, by the initial weights."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

SOURCES = ("experiments/results/signal_by_depth.json",)
WORDS = {
    "relu-by-depth": {
        "alt": "Two panels over 20 ReLU layers, on logarithmic axes. With weights of deviation 1 values and gradients "
        "grow in every layer they pass, with He they stay near 1, with Xavier they fade slowly, and with 0.01 to nearly "
        "nothing.",
        "caption": "How large the values are on their way forwards (left to right) and the gradients on their way back "
        "(right to left), as a multiple of what goes in. ReLU, [[signal_by_depth.width]] units, before training; "
        "[[signal_by_depth.seeds]] seeds, which lie on one another.",
    },
    "sigmoid-by-depth": {
        "alt": "Two panels over 20 layers, on logarithmic axes. With sigmoids and Xavier weights the differences between "
        "examples and the gradients shrink to a quarter in every layer; with weights four times as large they fade "
        "slowly; with tanh they last.",
        "caption": "What still differs between examples on the way forwards (left to right), and the gradient on its way "
        "back (right to left), as a multiple of what goes in. [[signal_by_depth.width]] units, before training; "
        "[[signal_by_depth.seeds]] seeds, which lie on one another.",
    },
}
RELU = {  # the initial weights: name, colour, line, and how far above the line's end the name stands
    "one": ("1", "bad", (0, (4, 1.5)), 0.0),
    "he": ("He", "signal", "-", 1.2),
    "xavier": ("Xavier", "ink", (0, (1, 1.2)), -0.8),
    "small": ("0.01", "warn", (0, (6, 1.5, 1.5, 1.5)), 0.0),
}
BOUNDED = {  # the activation and the initial weights
    ("tanh", "xavier"): ("tanh,\nXavier", "ink", (0, (1, 1.2)), 0.0),
    ("sigmoid", "xavier4"): ("sigmoid,\n4 × Xavier", "signal", "-", 0.0),
    ("sigmoid", "xavier"): ("sigmoid,\nXavier", "warn", (0, (6, 1.5, 1.5, 1.5)), 0.0),
}


def draw_relu(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """The size of the outputs, and of the gradient as a multiple of that at the last layer, with ReLU."""
    curves = [(data["relu"][initial], *look) for initial, look in RELU.items()]
    return drawn(curves, "h", "values, on their way forwards", (-24, 25), (-20, -10, 0, 10, 20), 4.5, c)


def draw_bounded(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """The size of what differs between examples, and of the gradient, with tanh and sigmoid."""
    curves = [(data[activation][initial], *look) for (activation, initial), look in BOUNDED.items()]
    return drawn(curves, "apart", "differences between examples", (-14.4, 1.4), (-12, -8, -4, 0), 7.5, c)


def drawn(
    curves: list[tuple[Any, ...]],
    name: str,
    title: str,
    limits: tuple[float, float],
    ticks: tuple[int, ...],
    room: float,
    c: SimpleNamespace,
) -> Figure:
    """Two panels: forwards, with the names of the curves at the last layer, and back, with them at the first."""
    figure = Figure(figsize=(c.width, 6.0 if c.narrow else 3.3), layout="constrained")
    ahead, back = figure.subplots(2, 1) if c.narrow else figure.subplots(1, 2)
    for found, label, token, line, above in curves:
        sizes, gradients = np.array(found[name]), np.array(found["dh"])  # (layers, seeds)
        for ax, values in ((ahead, sizes), (back, gradients - gradients[-1])):
            at, edge = (-1, (20.5, "left")) if ax is ahead else (0, (0.5, "right"))
            lines(ax, values, getattr(c, token), line)
            ax.text(edge[0], values[at].mean() + above, label, color=getattr(c, token), fontsize=10, ha=edge[1],
                    va="center")  # fmt: skip
    ahead.set_title(title, loc="left", fontsize=10.5, color=c.ink)
    back.set_title("gradients, on their way back", loc="left", fontsize=10.5, color=c.ink)
    for ax, reach in ((ahead, (0, 20 + room)), (back, (1 - room, 21))):
        ax.set(xlim=reach, ylim=limits, xticks=[1, 5, 10, 15, 20], xlabel="layer")
        ax.set_yticks(ticks, ["1" if t == 0 else f"$10^{{{t}}}$" for t in ticks])
        ax.yaxis.set_minor_locator(NullLocator())
        ax.grid(lw=0.6, axis="y")
        ax.tick_params(length=0)
    return figure


def lines(ax: Axes, values: np.ndarray, colour: str, style: Any) -> None:
    """The mean over the seeds, layer by layer, and how far they spread."""
    layers = np.arange(1, len(values) + 1)
    ax.fill_between(layers, values.min(axis=1), values.max(axis=1), color=colour, alpha=0.25, lw=0)
    ax.plot(layers, values.mean(axis=1), color=colour, linestyle=style)


def draw_thumb(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """A signal that grows, one that lasts, and one that fades."""
    figure = Figure(figsize=(1.0, 0.62))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(-1.5, 21.5), ylim=(-25, 26))
    ax.axis("off")
    for initial, token, width in (("one", "muted", 1.4), ("small", "muted", 1.4), ("he", "signal", 2.2)):
        ax.plot(
            range(21), [0, *np.mean(data["relu"][initial]["h"], axis=1)], color=getattr(c, token), lw=width
        )
    ax.plot(0, 0, "o", ms=5, mfc=c.paper, mec=c.ink, mew=1.3, zorder=4)
    return figure


FIGURES = {"relu-by-depth": draw_relu, "sigmoid-by-depth": draw_bounded, "thumb-initialisation": draw_thumb}
