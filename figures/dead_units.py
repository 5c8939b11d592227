"""The share of dead ReLU units against the learning rate, with momentum, without it, and on standardised images."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

SOURCES = ("experiments/results/dead_units.json",)
WORDS = {
    "dead-units": {
        "alt": "Share of dead units against the learning rate, for two hidden layers. With momentum nearly "
        "none are dead up "
        "to 0.1, then the first layer dies and at 0.5 the second. Without momentum both live on up to 0.5.",
        "caption": "Dead units after [[dead_units.epochs]] epochs, mean and standard deviation of "
        "[[dead_units.seeds]] seeds.",
    },
}


def draw_dead(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """A panel for each hidden layer, in each the share of dead units with momentum and without."""
    figure = Figure(figsize=(c.width, 5.4 if c.narrow else 3.1), layout="constrained")
    panels = figure.subplots(*((2, 1) if c.narrow else (1, 2)), sharex=True, sharey=True)
    for ax, layer in zip(panels.flat, ("first", "second"), strict=True):
        for way, colour, line, mark in (("relu", c.warn, "-", "o"), ("plain", c.signal, (0, (4, 1.5)), "s")):
            shares = 100 * np.array(data[way][layer])  # (rates, seeds)
            ax.errorbar(data["rates"], shares.mean(axis=1), shares.std(axis=1, ddof=1), color=colour, linestyle=line,
                        marker=mark, ms=4.5, lw=1.6, elinewidth=1, capsize=2)  # fmt: skip
        ax.set(xscale="log", xlim=(0.008, 1.25), ylim=(-6, 112), yticks=[0, 25, 50, 75, 100])
        ax.set_xticks(data["rates"], [f"{rate:g}" for rate in data["rates"]])
        ax.xaxis.set_minor_locator(NullLocator())
        ax.yaxis.set_major_formatter("{x:g}%")
        ax.set_title(f"{layer} hidden layer", loc="left", fontsize=10.5, color=c.ink)
        ax.grid(lw=0.6, axis="y")
        ax.tick_params(length=0)
    panels.flat[0].text(0.075, 60, "with\nmomentum", color=c.warn, fontsize=10, ha="center")
    panels.flat[0].text(0.034, 9, "without", color=c.signal, fontsize=10, ha="center")
    figure.supxlabel("learning rate", fontsize=10.5, color=c.muted)
    return figure


FIGURES = {"dead-units": draw_dead}
