"""Accuracy with the pixels in place and shuffled: two data sets of ours, and one that was published."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

SOURCES = ("experiments/results/shuffled_pixels.json", "claims/literature.toml")


def draw_accuracy(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Accuracy with the pixels in place and shuffled: every seed a mark, the means joined; ours, then published."""
    ours, cited = data["shuffled_pixels"], data["literature"]["greydanus2024"]["values"]
    published = {
        model: {
            "plain": {"values": [cited[model]["value"]]},
            "shuffled": {"values": [cited[f"{model}_shuffled"]["value"]]},
        }
        for model in ("mlp", "cnn")
    }
    panels = {"MNIST": ours["mnist"], "CIFAR-10 (JPEG copy)": ours["cifar10"],
              "MNIST-1D (published)": published}  # fmt: skip
    figure = Figure(figsize=(c.width, 8.4 if c.narrow else 3.7), layout="constrained")
    axes = figure.subplots(*((3, 1) if c.narrow else (1, 3)))
    for ax, (title, found) in zip(axes, panels.items(), strict=True):
        line(ax, found["cnn"], "CNN", c.signal, "o", "-")
        line(ax, found["mlp"], "MLP", c.warn, "s", (0, (4, 2)))
        ax.set_title(title, loc="left", fontsize=10.5, color=c.ink)
        ax.set(xlim=(-0.55, 1.3), xticks=[0, 1])
        ax.set_xticklabels(["in place", "shuffled"])
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        ax.margins(y=0.12)
        ax.grid(axis="y", lw=0.6)
        ax.tick_params(length=0)
    return figure


def line(ax: Axes, found: dict[str, Any], label: str, colour: str, marker: str, style: Any) -> None:
    """One network: a mark for each seed on both sides, and a line from mean to mean."""
    sides = [found[side]["values"] for side in ("plain", "shuffled")]
    means = [float(np.mean(values)) for values in sides]
    ax.plot([0, 1], means, color=colour, ls=style, zorder=2)
    for x, values in enumerate(sides):
        ax.plot(
            [x] * len(values), values, color=colour, marker=marker, ms=6, mfc="none", mew=1.2, lw=0, zorder=3
        )
    ax.text(-0.12, means[0], label, color=colour, ha="right", va="center", fontsize=10.5)


FIGURES = {"shuffled-accuracy": draw_accuracy}
