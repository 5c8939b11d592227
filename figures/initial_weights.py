"""How well networks of one to eight hidden layers learn, by their initial weights, each with its best learning rate."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.figure import Figure

SOURCES = ("experiments/results/initial_weights.json",)
WORDS = {
    "initial-weights": {
        "alt": "Accuracy against hidden layers, 1 to 8. ReLU with He or Xavier weights stays above 90%, with 0.01 it "
        "falls to chance at 3. Sigmoid with Xavier falls to chance at 5, with four times as much to 62% at 8; tanh "
        "stays level.",
        "caption": "The digits after [[initial_weights.epochs]] epochs of plain SGD, each network with the best of "
        "[[initial_weights.rates.n]] rates; mean and standard deviation of [[initial_weights.seeds]] seeds. The thin "
        "line is chance.",
    },
}
PANELS = {  # title: the curves, by activation and initial weights: name, colour, line, mark, place of the name
    "ReLU": {
        ("relu", "he"): ("He", "signal", "-", "o", (6.0, 103.5)),
        ("relu", "xavier"): ("Xavier", "ink", (0, (1, 1.2)), "D", (5.7, 88)),
        ("relu", "small"): ("0.01", "warn", (0, (4, 1.5)), "s", (2.9, 47)),
    },
    "sigmoid and tanh": {
        ("tanh", "xavier"): ("tanh, Xavier", "ink", (0, (1, 1.2)), "D", (5.2, 104)),
        ("sigmoid", "xavier4"): ("sigmoid,\n4 × Xavier", "signal", "-", "o", (5.4, 58)),
        ("sigmoid", "xavier"): ("sigmoid,\nXavier", "warn", (0, (4, 1.5)), "s", (1.1, 40)),
    },
}


def draw_depths(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Validation accuracy at the best rate against the number of hidden layers."""
    figure = Figure(figsize=(c.width, 6.0 if c.narrow else 3.3), layout="constrained")
    panels = figure.subplots(2, 1, sharey=True) if c.narrow else figure.subplots(1, 2, sharey=True)
    depths = data["depths"]
    for ax, (title, curves) in zip(panels, PANELS.items(), strict=True):
        ax.axhline(10, color=c.muted, lw=0.8)
        for k, ((activation, initial), (name, token, line, mark, at)) in enumerate(curves.items()):
            found = data["best"][activation][initial]
            values = 100 * np.array([found[str(depth)]["validation"] for depth in depths])  # (depths, seeds)
            ax.errorbar(np.array(depths) + 0.09 * (k - 1), values.mean(axis=1), values.std(axis=1, ddof=1),
                        color=getattr(c, token), linestyle=line, marker=mark, ms=4.5, lw=1.6, elinewidth=1,
                        capsize=2)  # fmt: skip
            ax.text(*at, name, color=getattr(c, token), fontsize=10, va="center")
        ax.set(
            xlim=(0.6, 8.4), ylim=(0, 109), xticks=depths, yticks=[0, 25, 50, 75, 100], xlabel="hidden layers"
        )
        ax.yaxis.set_major_formatter("{x:g}%")
        ax.set_title(f"validation accuracy, {title}", loc="left", fontsize=10.5, color=c.ink)
        ax.grid(lw=0.6, axis="y")
        ax.tick_params(length=0)
    return figure


FIGURES = {"initial-weights": draw_depths}
