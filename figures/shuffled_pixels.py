"""Accuracy with the pixels in place and shuffled: two data sets of ours, and one that was published."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

SOURCES = ("experiments/results/shuffled_pixels.json", "claims/literature.toml")
WORDS = {
    "shuffled-accuracy": {
        "alt": "Accuracy in place, then shuffled. MNIST: CNN [[shuffled_pixels.mnist.cnn.plain.mean|.1%]], "
        "[[shuffled_pixels.mnist.cnn.shuffled.mean|.1%]]; MLP [[shuffled_pixels.mnist.arithmetic.plain.mean|.1%]], "
        "[[shuffled_pixels.mnist.arithmetic.shuffled.mean|.1%]]. CIFAR-10: CNN "
        "[[shuffled_pixels.cifar10.cnn.plain.mean|.1%]], [[shuffled_pixels.cifar10.cnn.shuffled.mean|.1%]]; MLP "
        "[[shuffled_pixels.cifar10.arithmetic.plain.mean|.1%]], "
        "[[shuffled_pixels.cifar10.arithmetic.shuffled.mean|.1%]]. MNIST-1D: CNN [[lit.greydanus2024.cnn|.0%]], "
        "[[lit.greydanus2024.cnn_shuffled|.0%]]; MLP [[lit.greydanus2024.mlp|.0%]] twice.",
        "caption": "Each mark is one seed, the lines join the means; mind that the three scales differ. In our two "
        "panels the MLP needs as many multiplications for an image as the CNN, and linear is a model without a "
        "hidden layer. The third has published figures, of which more below. The lines of both are level, and the "
        "CNN's fall.",
    },
}
PANELS = {  # by title: the tree that holds it, and the path in it
    "MNIST": ("shuffled_pixels", "mnist"),
    "CIFAR-10 (JPEG copy)": ("shuffled_pixels", "cifar10"),
    "MNIST-1D (published)": ("literature", "greydanus2024"),
}
LINES = {  # by label: our contender, what was published, and how it looks
    "CNN": ("cnn", "cnn", "signal", "o", "-"),
    "MLP": ("arithmetic", "mlp", "warn", "s", (0, (4, 2))),
    "linear": ("linear", None, "muted", "^", (0, (1, 1.5))),
}
APART = 0.085  # of the height of a panel: so far apart are two labels at least


def draw_accuracy(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Accuracy with the pixels in place and shuffled: every seed a mark, the means joined; ours, then published."""
    figure = Figure(figsize=(c.width, 8.4 if c.narrow else 3.9), layout="constrained")
    axes = figure.subplots(*((3, 1) if c.narrow else (1, 3)))
    for ax, (title, (tree, name)) in zip(axes, PANELS.items(), strict=True):
        means = {}
        for label, (ours, theirs, colour, marker, style) in LINES.items():
            if tree == "literature" and theirs is None:
                continue
            sides = (
                cited(data[tree][name], str(theirs))
                if tree == "literature"
                else measured(data[tree][name][ours])
            )
            means[label] = line(ax, sides, getattr(c, colour), marker, style)
        ax.margins(y=0.12)
        bottom, top = ax.get_ylim()
        ax.set_ylim(bottom, top)
        for label, y in spread(means, APART * (top - bottom)).items():
            ax.text(
                -0.12, y, label, color=getattr(c, LINES[label][2]), ha="right", va="center", fontsize=10.5
            )
        ax.set_title(title, loc="left", fontsize=10.5, color=c.ink)
        ax.set(xlim=(-0.62, 1.35), xticks=[0, 1])
        ax.set_xticklabels(["in place", "shuffled"])
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        ax.grid(axis="y", lw=0.6)
        ax.tick_params(length=0)
    return figure


def measured(found: dict[str, Any]) -> list[list[float]]:
    """The accuracies of a contender, seed by seed, in place and shuffled."""
    return [found[side]["values"] for side in ("plain", "shuffled")]


def cited(work: dict[str, Any], model: str) -> list[list[float]]:
    """The two accuracies that a work reports."""
    return [[work["values"][key]["value"]] for key in (model, f"{model}_shuffled")]


def line(ax: Axes, sides: list[list[float]], colour: str, marker: str, style: Any) -> float:
    """One network: a mark for each seed on both sides, and a line from mean to mean, of which the first is "
    "returned."""
    means = [float(np.mean(values)) for values in sides]
    ax.plot([0, 1], means, color=colour, ls=style, zorder=2)
    for x, values in enumerate(sides):
        ax.plot(
            [x] * len(values), values, color=colour, marker=marker, ms=6, mfc="none", mew=1.2, lw=0, zorder=3
        )
    return means[0]


def spread(heights: dict[str, float], gap: float) -> dict[str, float]:
    """The heights of labels, from the lowest up, each moved so far that it does not meet the one below."""
    placed: dict[str, float] = {}
    for label, y in sorted(heights.items(), key=lambda item: item[1]):
        placed[label] = max([y, *(below + gap for below in placed.values())])
    return placed


FIGURES = {"shuffled-accuracy": draw_accuracy}
