"""Accuracy after ten epochs against the learning rate, of plain gradient descent and of Adam."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

SOURCES = ("experiments/results/learning_rates.json",)
WORDS = {
    "learning-rates": {
        "alt": "Training accuracy against the learning rate. Adam rises from the left, is above 90% from 0.001 to 0.1 "
        "and falls after it. SGD rises later, is best at 0.3 and falls to one in ten at 2.",
        "caption": "The digits after [[learning_rates.epochs]] epochs, mean and standard deviation of "
        "[[learning_rates.seeds]] seeds. The shaded rates, 0.001 to 0.01, are the ones that are often advised.",
    },
}


def draw_rates(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Training accuracy against rate for both."""
    figure = Figure(figsize=(c.width, 3.4), layout="constrained")
    ax = figure.subplots()
    ax.axvspan(1e-3, 1e-2, color=c.sheet, zorder=0)
    for name, colour, line, mark in (("sgd", c.warn, (0, (4, 1.5)), "s"), ("adam", c.signal, "-", "o")):
        values = 100 * np.array(data[name]["train"])  # (rates, seeds)
        ax.errorbar(data["rates"][name], values.mean(axis=1), values.std(axis=1, ddof=1), color=colour, linestyle=line,
                    marker=mark, ms=4.5, lw=1.6, elinewidth=1, capsize=2)  # fmt: skip
    ax.text(1.2e-3, 82, "Adam", color=c.signal, fontsize=10)
    ax.text(1.6e-2, 62, "SGD", color=c.warn, fontsize=10)
    ax.set(xscale="log", xlim=(7e-5, 4.5), ylim=(0, 104), xlabel="learning rate", yticks=[0, 25, 50, 75, 100])
    ax.set_xticks([1e-4, 1e-3, 1e-2, 1e-1, 1], ["0.0001", "0.001", "0.01", "0.1", "1"])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter("{x:g}%")
    ax.set_title("training images judged rightly", loc="left", fontsize=10.5, color=c.ink)
    ax.grid(lw=0.6, axis="y")
    ax.tick_params(length=0)
    return figure


FIGURES = {"learning-rates": draw_rates}
