"""How far the gradient of a batch is off, against the size of the batch."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, NullLocator

SOURCES = ("experiments/results/batch_sizes.json",)
WORDS = {
    "batch-noise": {
        "alt": "The error of a batch’s gradient against the size of the batch, on logarithmic axes. The points of two "
        "moments lie on two parallel lines that fall by half for four times as many images.",
        "caption": "How far the gradient of a batch is off, on average, before training (circles) and after one epoch "
        "(squares). The lines are the error of a single image, divided by the root of the size of the batch.",
    },
}


def draw_noise(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """The error against the size, with the line that the root predicts."""
    figure = Figure(figsize=(c.width, 3.4), layout="constrained")
    ax = figure.subplots()
    sizes = np.array(data["noise_batches"])
    for name, colour, mark in (("start", c.signal, "o"), ("later", c.warn, "s")):
        values = np.array(data["noise"][name]).mean(axis=1)  # (sizes,)
        ax.plot(sizes, values[0] / np.sqrt(sizes), color=c.muted, lw=1)
        ax.plot(sizes, values, mark, color=colour, ms=5, linestyle="none")
    ax.text(40, 1.25, "before training", color=c.signal, fontsize=10)
    ax.text(
        1.15,
        0.62 if c.narrow else 1.25,
        "after one\nepoch" if c.narrow else "after one epoch",
        color=c.warn,
        fontsize=10,
    )
    ax.set(xscale="log", yscale="log", xlabel="images in the batch")
    ax.set_xticks([1, 4, 16, 64, 256, 997], ["1", "4", "16", "64", "256", "997"])
    ax.set_yticks([0.2, 0.5, 1, 2, 5], ["0.2", "0.5", "1", "2", "5"])
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_locator(NullLocator())
        axis.set_minor_formatter(NullFormatter())
    ax.set_title("length of the error", loc="left", fontsize=10.5, color=c.ink)
    ax.grid(lw=0.6)
    ax.tick_params(length=0)
    return figure


FIGURES = {"batch-noise": draw_noise}
