"""Three rates on the emails, four regimes on a parabola, and two paths through a flat valley."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, NullLocator

SOURCES = ("snippets/out/slopes_and_steps.json",)
WORDS = {
    "three-rates": {
        "alt": "The loss of the emails over 60 rounds. At rate 0.5 it falls slowly, at rate 10 it leaps up once and then "
        "falls fast. At rate 20 it leaps higher, falls below both, and leaps up again after round 32.",
        "caption": "The same emails and the same start at three learning rates.",
    },
    "four-regimes": {
        "alt": "Four parabolas with five steps from 3. At rate 0.1 the points stay on the right and come nearer, at 0.9 "
        "they change sides and come nearer, at 1 they change sides at the same height, at 1.1 they climb.",
        "caption": "Five steps down $x^2$, each from a point to the next. The ring is the start.",
    },
    "bowl-paths": {
        "alt": "Contours of a valley that is long from left to right. Without momentum the path from the upper right "
        "zigzags across it and is still far from the middle after 12 steps. With momentum it arrives.",
        "caption": "Twelve steps down $x^2/10 + y^2$, from the ring: without momentum at its best rate (dashed), and "
        "with momentum at its best pair (solid).",
    },
}
COLOURS = {"slow": "muted", "fast": "signal", "wild": "warn"}
STYLES = {"slow": "-", "fast": "-", "wild": (0, (4, 1.5))}
NAMES = {"slow": "rate 0.5", "fast": "rate 10", "wild": "rate 20"}
REGIMES = {"10": "0.1", "90": "0.9", "100": "1", "110": "1.1"}


def draw_rates(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """The loss round by round at three rates."""
    figure = Figure(figsize=(c.width, 3.1 if c.narrow else 3.0), layout="constrained")
    ax = figure.subplots()
    for name, losses in data["curves"].items():
        ax.plot(losses, color=getattr(c, COLOURS[name]), linestyle=STYLES[name])
    ax.set(yscale="log", xlim=(0, 60), ylim=(0.15, 4.2), xlabel="round", yticks=[0.2, 0.5, 1, 2])
    ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set_title("loss of the emails", loc="left", fontsize=10.5, color=c.ink)
    for name, at in (("slow", (13, 0.37)), ("fast", (2.2, 1.35)), ("wild", (38.5, 2.5))):
        ax.text(*at, NAMES[name], color=getattr(c, COLOURS[name]), fontsize=10)
    ax.grid(lw=0.6)
    ax.tick_params(length=0)
    return figure


def draw_regimes(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Five steps down a parabola at four rates."""
    figure = Figure(figsize=(c.width, 4.4 if c.narrow else 2.5), layout="constrained")
    panels = figure.subplots(*((2, 2) if c.narrow else (1, 4)), sharex=True, sharey=True)
    x = np.linspace(-8, 8, 161)
    for ax, (name, rate) in zip(panels.flat, REGIMES.items(), strict=True):
        places = np.array(data["walks"][name])
        ax.plot(x, x**2, color=c.muted, lw=1)
        ax.plot(places, places**2, "-o", color=c.signal, ms=4, lw=1.2)
        ax.plot(places[0], places[0] ** 2, "o", ms=7, mfc=c.paper, mec=c.ink, mew=1.4, zorder=4)
        ax.set(xlim=(-8, 8), ylim=(-3, 60), xticks=[-5, 0, 5], yticks=[0, 25, 50])
        ax.set_title(f"rate {rate}", fontsize=10, color=c.ink)
        ax.tick_params(length=0)
    figure.supxlabel("$x$", fontsize=10.5, color=c.muted)
    return figure


def draw_paths(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """The contours of the valley, and twelve steps with and without momentum."""
    figure = Figure(figsize=(c.width, 3.4 if c.narrow else 4.0), layout="constrained")
    ax = figure.subplots()
    x, y = np.meshgrid(np.linspace(-3.6, 3.6, 145), np.linspace(-3.6, 3.6, 145))
    ax.contour(x, y, x**2 / 10 + y**2, levels=[0.1, 0.4, 1, 2, 4, 7, 11], colors=[c.rule], linewidths=1.2)
    for name, colour, line in (("plain", c.warn, (0, (4, 1.5))), ("momentum", c.signal, "-")):
        places = np.array(data["paths"][name])
        ax.plot(*places.T, marker="o", ms=3.5, lw=1.4, linestyle=line, color=colour)
    ax.plot(*data["paths"]["plain"][0], "o", ms=7, mfc=c.paper, mec=c.ink, mew=1.4, zorder=4)
    ax.plot(0, 0, "+", ms=9, color=c.ink, mew=1.4, zorder=4)
    ax.text(1.6, -3.2, "without momentum", color=c.warn, fontsize=10, ha="center")
    ax.text(-1.4, 1.7, "with momentum", color=c.signal, fontsize=10, ha="center")
    ax.set(
        xlim=(-3.6, 3.6), ylim=(-3.6, 3.6), xlabel="$x$", ylabel="$y$", xticks=[-3, 0, 3], yticks=[-3, 0, 3]
    )
    ax.tick_params(length=0)
    return figure


def draw_thumb(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """A valley, and steps that cross it and come down."""
    figure = Figure(figsize=(1.0, 0.62))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(-1.25, 1.25), ylim=(-0.12, 1.43))
    ax.axis("off")
    x = np.linspace(-1.15, 1.15, 60)
    ax.plot(x, x**2, color=c.muted, lw=1.4)
    places = 1.05 * (-0.72) ** np.arange(5)
    ax.plot(places, places**2, "-", color=c.signal, lw=2)
    ax.plot(places, places**2, "o", ms=3.6, color=c.signal)
    ax.plot(places[0], places[0] ** 2, "o", ms=5, mfc=c.paper, mec=c.ink, mew=1.3, zorder=4)
    return figure


FIGURES = {
    "three-rates": draw_rates,
    "four-regimes": draw_regimes,
    "bowl-paths": draw_paths,
    "thumb-slopes-and-steps": draw_thumb,
}
