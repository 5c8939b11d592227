"""Accuracy on digits of which more and more pixels have moved, for three contestants."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.figure import Figure

SOURCES = ("experiments/results/shuffle_by_degrees.json",)
WORDS = {
    "shuffle-by-degrees": {
        "alt": "Test digits judged rightly against the share of pixels that have moved. From none to all, the MLP falls "
        "from [[shuffle_by_degrees.mean.mlp.0|.1%]] to [[shuffle_by_degrees.mean.mlp.16|.1%]], the CNN from "
        "[[shuffle_by_degrees.mean.cnn.0|.1%]] to [[shuffle_by_degrees.mean.cnn.16|.1%]]. The MLP whose rows move "
        "along stays at [[shuffle_by_degrees.mean.rows.16|.1%]].",
        "caption": "The mean over [[shuffle_by_degrees.seeds]] seeds, each with its own order of exchange, and one "
        "standard deviation to either side, shaded. Both networks end at guessing; the one whose rows move along stays "
        "where it began.",
    },
}


def draw_degrees(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Accuracy against the share of moved pixels: two fall together, the MLP whose rows move along stays level."""
    figure = Figure(figsize=(c.width, 3.9), layout="constrained")
    ax = figure.subplots()
    share = 100 * np.array(data["degrees"]) / 64
    looks = {"mlp": ("o", "-", c.signal), "cnn": ("s", (0, (4, 2)), c.warn), "rows": ("", "-", c.ink)}
    ax.axhline(10, color=c.muted, lw=0.9, ls=(0, (1, 2)), zorder=0)
    for model, (marker, dashes, colour) in looks.items():
        mean, sd = (100 * np.array(data[part][model]) for part in ("mean", "sd"))
        ax.fill_between(share, mean - sd, mean + sd, color=colour, alpha=0.16, lw=0)
        ax.plot(share, mean, color=colour, marker=marker, ms=4.5, ls=dashes)
    ax.text(100, 93.5, "MLP, rows of W₁ moved along", color=c.ink, fontsize=10, ha="right", va="top")
    ax.text(45.5, 63, "MLP", color=c.signal, fontsize=10)
    ax.text(40.5, 46, "CNN", color=c.warn, fontsize=10, ha="right")
    ax.text(0, 8, "guessing", color=c.muted, fontsize=10, va="top")
    ax.set(xlim=(-2, 102), ylim=(0, 102), xlabel="pixels that have moved")
    ax.set(xticks=range(0, 101, 25), yticks=range(0, 101, 20))
    ax.set_xticklabels([f"{v}%" for v in range(0, 101, 25)])
    ax.set_yticklabels([f"{v}%" for v in range(0, 101, 20)])
    ax.set_title("test digits judged rightly", loc="left", fontsize=10.5, color=c.ink)
    ax.grid(axis="y", lw=0.6)
    return figure


FIGURES = {"shuffle-by-degrees": draw_degrees}
