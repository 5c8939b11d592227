"""Test accuracy of the 8×8 digits against the number of hidden units, each at its own best rate, with the baselines."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator, PercentFormatter

SOURCES = ("experiments/results/width_and_depth.json",)
WORDS = {
    "width-tuned": {
        "alt": "Test accuracy against hidden units. From [[width_and_depth.width.1.test.mean|.0%]] at 1 unit "
        "it climbs to the level of the linear model, [[width_and_depth.linear.test.mean|.1%]], at 16, and from there to "
        "[[width_and_depth.width.512.test.mean|.1%]] at 512.",
        "caption": "Mean and standard deviation of [[width_and_depth.seeds]] seeds, every width at its own best rate. "
        "The linear model, with its standard deviation as a band, has no hidden layer. Below, the same from 92% up.",
    },
}


def draw_width(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Accuracy against width with its spread, and both baselines as lines; below, the same close up."""
    widths = data["widths"]
    values = np.array([data["width"][str(M)]["test"] for M in widths])  # (widths, seeds)
    linear, majority = (np.array(data[name]["test"]) for name in ("linear", "majority"))
    figure = Figure(figsize=(c.width, 5.0), layout="constrained")
    panels = figure.subplots(2, sharex=True)
    for ax, bottom, top in zip(panels, (0.0, 0.92), (1.05, 1.0), strict=True):
        mean, sd = linear.mean(), linear.std(ddof=1)
        ax.axhspan(mean - sd, mean + sd, color=c.warn, alpha=0.15, lw=0, zorder=0)
        ax.axhline(mean, color=c.warn, lw=1.4, ls=(0, (4, 1.5)), zorder=1)
        ax.errorbar(widths, values.mean(axis=1), values.std(axis=1, ddof=1), color=c.signal, marker="o", ms=4.5,
                    lw=1.6, elinewidth=1, capsize=2, zorder=3)  # fmt: skip
        ax.set(xscale="log", ylim=(bottom, top), xlim=(0.8, 640), xticks=widths)
        ax.set_xticklabels(["" if c.narrow and i % 2 else f"{M}" for i, M in enumerate(widths)])
        ax.xaxis.set_minor_locator(NullLocator())
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        ax.grid(axis="y", lw=0.6)
        ax.tick_params(length=0)
    whole, close = panels
    whole.axhline(majority.mean(), color=c.muted, lw=1.4, ls=(0, (1, 1.5)), zorder=1)
    whole.text(620, majority.mean() + 0.03, "most frequent class", color=c.muted, fontsize=10, ha="right")
    whole.text(0.9, linear.mean() - 0.1, "linear", color=c.warn, fontsize=10)
    whole.text(9, 0.72, "one hidden layer", color=c.signal, fontsize=10)
    whole.set_title("test accuracy", loc="left", fontsize=10.5, color=c.ink)
    close.set_title("the same, from 92% up", loc="left", fontsize=10.5, color=c.ink)
    close.set_xlabel("hidden units")
    return figure


FIGURES = {"width-tuned": draw_width}
