"""The loss of an email with more and more exclamation marks, and four functions that bend with their slopes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

SOURCES = ("snippets/out/activations.json",)
WORDS = {
    "sister-loss": {
        "alt": "The loss of an email with 90 to 120 exclamation marks. From its logit it is a straight line. From its "
        "probability it follows the line, turns into stairs at about 100, and leaves the picture at 105.",
        "caption": "The loss of your sister's email, which is not spam. From 105 marks on it is infinite if "
        "it is computed "
        "from the probability.",
    },
    "four-bends": {
        "alt": "Four functions with their slopes. Sigmoid: from 0 to 1, slope a low hill of height one "
        "quarter. Tanh: from "
        "−1 to 1, hill of height 1. ReLU: slope 0, then 1. Leaky ReLU: a hundredth, then 1.",
        "caption": "Four activation functions (solid) and their slopes (dashed). Left of 0 the leaky ReLU is drawn ten "
        "times as steep as it is.",
    },
}


def draw_loss(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """The loss from the probability, with its stairs, and from the logit."""
    figure = Figure(figsize=(c.width, 3.2), layout="constrained")
    ax = figure.subplots()
    marks = np.array(data["losses"]["marks"])
    naive = np.array([np.nan if v is None else v for v in data["losses"]["naive"]])
    ax.plot(marks, data["losses"]["stable"], color=c.signal)
    ax.plot(marks, naive, "o-", color=c.warn, ms=4, lw=1.4)
    last = int(np.isfinite(naive).sum()) - 1
    at = (marks[last], naive[last])
    ax.annotate(
        "", (marks[last] + 0.9, 43.5), at, arrowprops={"arrowstyle": "->", "color": c.warn, "lw": 1.4}
    )
    ax.text(marks[last] - 0.4, 42.4, "from $p$: to infinity", color=c.warn, fontsize=10, ha="right")
    ax.text(112.2, 38.2, "from the logit", color=c.signal, fontsize=10, ha="left")
    ax.set(
        xlim=(89.5, 120.5),
        ylim=(31, 43.8),
        xlabel="exclamation marks",
        xticks=[90, 95, 100, 105, 110, 115, 120],
    )
    ax.set_title("loss", loc="left", fontsize=10.5, color=c.ink)
    ax.grid(lw=0.6)
    ax.tick_params(length=0)
    return figure


def draw_bends(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Sigmoid, tanh, ReLU and leaky ReLU, each with its slope."""
    figure = Figure(figsize=(c.width, 5.0 if c.narrow else 2.7), layout="constrained")
    panels = figure.subplots(*((2, 2) if c.narrow else (1, 4)), sharex=True, sharey=True)
    curves, z = data["curves"], np.array(data["curves"]["z"])
    for ax, name in zip(panels.flat, ("sigmoid", "tanh"), strict=False):
        bend(ax, c, name, (z, curves[name]), (z, curves[f"{name}_slope"]))
    for ax, name, left in zip(panels.flat[2:], ("ReLU", "leaky ReLU"), (0, 0.1), strict=True):
        bend(
            ax, c, name, ([-6, 0, 6], [-6 * left, 0, 6]), ([-6, 0, np.nan, 0, 6], [left, left, np.nan, 1, 1])
        )
    figure.supxlabel("$z$", fontsize=10.5, color=c.muted)
    return figure


def bend(ax: Axes, c: SimpleNamespace, name: str, function: tuple[Any, Any], slope: tuple[Any, Any]) -> None:
    """One function and its slope."""
    ax.axhline(0, color=c.rule, lw=0.8, zorder=0)
    ax.plot(*slope, color=c.warn, lw=1.5, linestyle=(0, (4, 1.5)))
    ax.plot(*function, color=c.signal)
    ax.set(xlim=(-6, 6), ylim=(-1.25, 2.1), xticks=[-5, 0, 5], yticks=[-1, 0, 1, 2])
    ax.set_title(name, fontsize=10, color=c.ink)
    ax.tick_params(length=0)


def draw_thumb(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """A sigmoid and the hill of its slope."""
    figure = Figure(figsize=(1.0, 0.62))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(-6.3, 6.3), ylim=(-0.15, 1.15))
    ax.axis("off")
    curves, z = data["curves"], np.array(data["curves"]["z"])
    ax.plot(z, 4 * np.array(curves["sigmoid_slope"]) * 0.6, color=c.warn, lw=1.5)
    ax.plot(z, curves["sigmoid"], color=c.signal, lw=2)
    return figure


FIGURES = {"sister-loss": draw_loss, "four-bends": draw_bends, "thumb-activations": draw_thumb}
