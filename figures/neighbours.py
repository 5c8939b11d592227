"""What pixels tell about pixels nearby, and the weights of a first layer as images."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

SOURCES = ("experiments/results/neighbours.json",)


def draw_correlation(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Correlation against distance: high near by in what is natural, nothing anywhere once shuffled."""
    figure = Figure(figsize=(c.width, 3.9), layout="constrained")
    ax = figure.subplots()
    found = {name: (np.array(v["across"]) + v["down"]) / 2 for name, v in data["correlation"].items()}
    shown = {
        "photographs": (found["china"] + found["flower"]) / 2,
        **{name: found[name] for name in ("cifar10", "mnist", "digits")},
    }
    mixed = {"photographs": (found["china_shuffled"] + found["flower_shuffled"]) / 2,
             **{name: found[f"{name}_shuffled"] for name in ("cifar10", "mnist", "digits")}}  # fmt: skip
    looks = {"photographs": ("o", c.signal, "two photographs"), "cifar10": ("s", c.ink, "CIFAR-10"),
             "mnist": ("^", c.warn, "MNIST"), "digits": ("D", c.muted, "8×8 digits")}  # fmt: skip
    ax.axhline(0, color=c.rule, lw=1, zorder=0)
    for name, (marker, colour, label) in looks.items():
        at = data["distances"][name]
        ax.plot(at, shown[name], color=colour, marker=marker, ms=5)
        ax.plot(at, mixed[name], color=colour, marker=marker, ms=4.5, mfc="none", lw=0.9, ls=(0, (2, 2)))
        looks[name] = (at, colour, label)
    ax.text(18.5, 0.245, "CIFAR-10, shuffled", color=c.ink, fontsize=10)
    places = {
        "photographs": (7.5, 0.97) if c.narrow else (11, 0.89),
        "cifar10": (4.6, 0.60),
        "mnist": (2.35, 0.50) if c.narrow else (2.3, 0.53),
        "digits": (0.93, -0.23) if c.narrow else (0.93, 0.12),
    }
    for name, (x, y) in places.items():
        ax.text(x, y, looks[name][2], color=looks[name][1], fontsize=10)
    ax.text(18.5, -0.04, "the others, shuffled", color=c.ink, fontsize=10, va="top")
    ax.set(
        xscale="log",
        ylim=(-0.38, 1.06),
        xlim=(0.88, 150),
        xticks=data["distances"]["photographs"],
        xlabel="distance in pixels",
    )
    ax.set_xticklabels([str(d) for d in data["distances"]["photographs"]])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_title("correlation of two pixels", loc="left", fontsize=10.5, color=c.ink)
    ax.grid(axis="y", lw=0.6)
    return figure


def draw_tiles(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Weights of some units as images: at the start, trained, trained on shuffled pixels, and these put back."""
    rows = {"start": "at the start", "trained": "trained", "shuffled": "trained on shuffled pixels",
            "restored": "the same weights, each put back in its place"}  # fmt: skip
    n = 4 if c.narrow else len(data["tiles"]["start"])
    map_ = LinearSegmentedColormap.from_list("weights", [c.warn, c.paper, c.signal])
    side = c.width / n
    figure = Figure(figsize=(c.width, len(rows) * (side + 0.24)), layout="constrained")
    for part, (name, title) in zip(figure.subfigures(len(rows), 1), rows.items(), strict=True):
        part.suptitle(title, x=0.0, ha="left", fontsize=10.5, color=c.ink)
        for ax, text in zip(part.subplots(1, n), data["tiles"][name], strict=False):
            w = np.frombuffer(bytes.fromhex(text), np.uint8).reshape(28, 28)
            ax.imshow(w, cmap=map_, vmin=1, vmax=255, interpolation="nearest")
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set(visible=True, color=c.rule)
    return figure


FIGURES = {"neighbour-correlation": draw_correlation, "weight-tiles": draw_tiles}
