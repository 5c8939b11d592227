"""How much of the spam each contender finds, at the usual threshold and where a false alarm is dear."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

SOURCES = ("experiments/results/spambase.json",)
WORDS = {
    "spam-found": {
        "alt": "Share of the spam found, by contender, usual and strict threshold. Three features: linear "
        "[[spambase.linear3.log.half.recall.mean|.0%]] and [[spambase.linear3.log.strict.recall.mean|.0%]]. All: linear "
        "[[spambase.linear57.log.half.recall.mean|.0%]] and [[spambase.linear57.log.strict.recall.mean|.0%]], MLP "
        "[[spambase.mlp57.log.half.recall.mean|.0%]] and [[spambase.mlp57.log.strict.recall.mean|.0%]].",
        "caption": "Each mark is a seed, a bar is the mean. Rings: threshold at one half. Squares: at most 1 good email "
        "in [[spambase.one_in]] of the validation emails is called spam.",
    },
}
ROWS = {  # by label: the contender
    "three features, linear": "linear3",
    "three features, 3-2-1": "relu3",
    "all features, linear": "linear57",
    "all features, one hidden layer": "mlp57",
}
SIDES = {"half": ("signal", "o", 0.0), "strict": ("warn", "s", -0.3)}  # how each threshold looks, and where


def draw_found(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """For each contender the recall of every seed at both thresholds, and the two means."""
    figure = Figure(figsize=(c.width, 4.2), layout="constrained")
    ax = figure.subplots()
    for row, (label, name) in enumerate(ROWS.items()):
        for side, (colour, marker, below) in SIDES.items():
            values, y = np.array(data[name]["log"][side]["recall"]), below - row
            look = {"color": getattr(c, colour), "zorder": 3}
            apart = np.linspace(0.07, -0.07, len(values))  # what is equal does not hide the rest
            ax.plot(values, y + apart, marker=marker, ms=6, mfc="none", mew=1.1, lw=0, **look)
            ax.plot([values.mean()] * 2, [y - 0.13, y + 0.13], lw=2.2, solid_capstyle="butt", **look)
        ax.text(0, 0.26 - row, label, color=c.ink, fontsize=10, va="center")
    ax.text(0.6, 0.0, "at one half", color=c.signal, fontsize=10, ha="right", va="center")
    ax.text(0.4, -0.3, "strict", color=c.warn, fontsize=10, ha="left", va="center")
    ax.set(xlim=(-0.02, 1.02), ylim=(0.42 - len(ROWS), 0.42), yticks=[], xticks=[0, 0.25, 0.5, 0.75, 1])
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_title("spam that is found", loc="left", fontsize=10.5, color=c.ink)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x", lw=0.6)
    ax.tick_params(length=0)
    return figure


FIGURES = {"spam-found": draw_found}
