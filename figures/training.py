"""The test digits that the network reads wrongly, and the losses that it had on the way."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

SOURCES = ("snippets/out/training.json",)
WORDS = {
    "mistakes": {
        "alt": "[[training.n_wrong]] handwritten digits of 8×8 grey squares. Under each stands what the "
        "network said and what "
        "was meant. Most are hard to read.",
        "caption": "The [[training.n_wrong]] of [[training.n_test]] test images that the network reads "
        "wrongly, with what it "
        "says and what was meant.",
    },
    "two-losses": {
        "alt": "Training and validation loss over 30 epochs, on a logarithmic axis. Both fall at first. The "
        "validation loss "
        "then stays near 0.07, and the training loss falls on, below 0.004.",
        "caption": "The losses of the program, epoch by epoch.",
    },
}


def draw_mistakes(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """The wrongly read digits in a row or two, each with what was said of it."""
    images, n = np.array(data["mistakes"]["images"]).reshape(-1, 8, 8), data["n_wrong"]
    columns = 5 if c.narrow else n
    rows = -(-n // columns)
    figure = Figure(figsize=(c.width, 1.45 * rows if c.narrow else 1.5), layout="constrained")
    grey = LinearSegmentedColormap.from_list("paper to ink", [c.sheet, c.ink])
    for k, ax in enumerate(np.ravel(figure.subplots(rows, columns))):
        ax.axis("off")
        if k < n:
            ax.imshow(images[k], cmap=grey, vmin=0, vmax=1)
            label = f"says {data['mistakes']['said'][k]}\nis {data['mistakes']['true'][k]}"
            ax.text(3.5, 8.2, label, ha="center", va="top", fontsize=9.5, color=c.ink)
    return figure


def draw_losses(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Training and validation loss by epoch."""
    figure = Figure(figsize=(c.width, 3.0), layout="constrained")
    ax = figure.subplots()
    epochs = np.arange(1, 31)
    ax.plot(epochs, data["curves"]["val"], color=c.warn, linestyle=(0, (4, 1.5)))
    ax.plot(epochs, data["curves"]["train"], color=c.signal)
    ax.text(22, data["curves"]["val"][21] * 1.25, "validation", color=c.warn, fontsize=10)
    ax.text(20, data["curves"]["train"][19] * 0.55, "training", color=c.signal, fontsize=10, ha="right")
    ax.set(yscale="log", xlim=(0, 31), xlabel="epoch", yticks=[0.01, 0.1, 1], ylim=(0.002, 1))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.set_title("loss", loc="left", fontsize=10.5, color=c.ink)
    ax.grid(lw=0.6)
    ax.tick_params(length=0, which="both")
    return figure


def draw_thumb(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Two losses that part."""
    figure = Figure(figsize=(1.0, 0.62))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.axis("off")
    ax.set(yscale="log", xlim=(-1, 32), ylim=(0.0018, 1.1))
    ax.plot(np.arange(1, 31), data["curves"]["val"], color=c.warn, lw=1.6)
    ax.plot(np.arange(1, 31), data["curves"]["train"], color=c.signal, lw=2)
    return figure


FIGURES = {"mistakes": draw_mistakes, "two-losses": draw_losses, "thumb-training": draw_thumb}
