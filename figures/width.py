"""Accuracy of the 8×8 digits against the number of hidden units."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator, PercentFormatter

SOURCES = ("experiments/results/width.json",)
WORDS = {
    "width-digits": {
        "alt": "Test accuracy against hidden units, a ring for each seed. The mean climbs from "
        "[[width.test.1.mean|.0%]] at 1 unit to [[width.test.16.mean|.1%]] at 16 and then stays almost level, through "
        "the shaded band of the rule, to [[width.test.1024.mean|.1%]] at [[width.widths.10|,]].",
        "caption": "Look for a bend at the shaded band: there is none. The bend is at 8 to 16 units. Below it the seeds "
        "disagree widely; above it they differ by about as much as the widths do.",
    },
}


def draw_width(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Accuracy against width, every seed a mark, the rule's band shaded; below, the same close up."""
    widths = data["widths"]
    values = np.array([data["test"][str(w)]["values"] for w in widths])  # (widths, seeds)
    figure = Figure(figsize=(c.width, 5.0), layout="constrained")
    panels = figure.subplots(2, sharex=True, height_ratios=[1, 1])
    for ax, bottom, top in zip(panels, (0.0, 0.92), (1.05, 1.0), strict=True):
        ax.axvspan(
            128 / 1.25, 256 * 1.25, facecolor=c.rule, hatch="////", edgecolor=c.paper, linewidth=0, zorder=0
        )
        ax.plot(widths, values.mean(axis=1), color=c.signal, zorder=2)
        spread = {"color": c.ink, "marker": "o", "ms": 4, "mfc": "none", "mew": 0.9, "lw": 0}
        ax.plot(np.repeat(widths, values.shape[1]), values.ravel(), zorder=3, **spread)
        ax.set(xscale="log", ylim=(bottom, top), xlim=(0.8, 1280), xticks=widths)
        ax.set_xticklabels(["" if c.narrow and i % 2 else f"{w:,}" for i, w in enumerate(widths)])
        ax.xaxis.set_minor_locator(NullLocator())
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        ax.grid(axis="y", lw=0.6)
        ax.tick_params(length=0)
    whole, close = panels
    whole.set_title("test accuracy", loc="left", fontsize=10.5, color=c.ink)
    whole.text(181, 0.5, "2–4 times\nthe 64\ninputs", ha="center", va="center", color=c.ink, fontsize=10,
               bbox={"facecolor": c.paper, "edgecolor": "none", "pad": 3})  # fmt: skip
    whole.text(
        9.5,
        0.68,
        "each ring\nis one seed" if c.narrow else "each ring is one seed",
        color=c.ink,
        fontsize=10,
        ha="left",
    )
    whole.text(4.5, 0.47, "mean", color=c.signal, fontsize=10, ha="left")
    close.set_title("the same, from 92% up", loc="left", fontsize=10.5, color=c.ink)
    close.set_xlabel("hidden units" if c.narrow else "hidden units, doubling from mark to mark")
    return figure


FIGURES = {"width-digits": draw_width}
