"""What pixels tell about pixels nearby, and the weights of a first layer as images."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

SOURCES = ("experiments/results/neighbours.json",)
WORDS = {
    "neighbour-correlation": {
        "alt": "Correlation of two pixels against their distance, across and down. For neighbours across: photographs "
        "[[neighbours.correlation.china.across.0|.2f]] and more, CIFAR-10 "
        "[[neighbours.correlation.cifar10.across.0|.2f]], MNIST [[neighbours.correlation.mnist.across.0|.2f]], digits "
        "[[neighbours.correlation.digits.across.0|.2f]]. It falls with distance.",
        "caption": "Solid, with triangles to the right: two pixels side by side. Dashed, with triangles down: two above "
        "each other. Near means alike. In the tiny digits, whose strokes are narrow, the correlation is negative "
        "already at a distance of two across. Dotted: the same images shuffled, where the distance tells nothing. Mind "
        "that the distances end at different places.",
    },
    "weight-tiles": {
        "alt": "The weights of some hidden units of a network for MNIST, as images. At the start: noise. Trained: "
        "smooth strokes and blobs. Trained on shuffled pixels: noise; with every weight put back in its place, smooth "
        "strokes and blobs again.",
        "caption": "The lower two rows hold the same numbers in two arrangements. A unit that found little to do keeps "
        "more of its initial noise, here the second of the last row.",
    },
}
# Each panel: its distances, and its images by the names that stand at their lines.
PANELS = {
    "two photographs": ("photographs", {"temple": "china", "flower": "flower"}),
    "CIFAR-10": ("cifar10", {"": "cifar10"}),
    "MNIST": ("mnist", {"": "mnist"}),
    "8×8 digits": ("digits", {"": "digits"}),
}
# Where words stand in the panels: distance, correlation, alignment.
SPOTS = {
    "china": (80, 0.7, "left"),
    "flower": (60, 0.24, "right"),
    ("photographs", "across"): (1, 0.8, "left"),
    ("photographs", "down"): (1, 0.69, "left"),
    ("photographs", "shuffled"): (1, -0.12, "left"),
    ("cifar10", "across"): (17, 0.64, "right"),
    ("cifar10", "down"): (4, 0.46, "right"),
    ("cifar10", "shuffled"): (1, 0.17, "left"),
    ("mnist", "across"): (16, -0.2, "right"),
    ("mnist", "down"): (6, 0.3, "left"),
    ("mnist", "shuffled"): (1, -0.1, "left"),
    ("digits", "across"): (2.3, -0.41, "right"),
    ("digits", "down"): (2, 0.52, "left"),
    ("digits", "shuffled"): (4.4, 0.14, "right"),
}
NARROW = {"china": (140, 0.88, "right")}  # where the column is narrow


def draw_correlation(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Correlation against distance, across and down: high near by in what is natural, nothing once shuffled."""
    figure = Figure(figsize=(c.width, 5.4), layout="constrained")
    ways = {
        "across": {"color": c.signal, "ls": "-", "marker": ">"},
        "down": {"color": c.warn, "ls": (0, (4, 2)), "marker": "v"},
    }
    grid = figure.subplots(2, 2, sharey=True)
    for ax, (title, (kind, images)) in zip(grid.flat, PANELS.items(), strict=True):
        at = data["distances"][kind]
        ax.axhline(0, color=c.muted, lw=0.8, zorder=0)
        for name, image in images.items():
            for way, look in ways.items():
                shuffled = data["correlation"][f"{image}_shuffled"][way]
                ax.plot(
                    at,
                    shuffled,
                    color=c.muted,
                    marker=look["marker"],
                    ms=3,
                    mfc="none",
                    mew=0.7,
                    lw=1,
                    ls=(0, (1, 1.5)),
                )
                ax.plot(at, data["correlation"][image][way], ms=4.5, lw=1.5, clip_on=False, zorder=3, **look)
            if name:
                x, y, place = (NARROW if c.narrow else SPOTS).get(image, SPOTS[image])
                ax.text(x, y, name, ha=place, fontsize=9.5, color=c.ink)
        for word in ("across", "down", "shuffled"):
            x, y, place = SPOTS[kind, word]
            colour = c.muted if word == "shuffled" else ways[word]["color"]
            ax.text(x, y, word, ha=place, va="center", fontsize=9.5, color=colour)
        shown = at[::2] if c.narrow and len(at) > 5 else at
        ax.set(xscale="log", xlim=(at[0] * 0.85, at[-1] * 1.15), ylim=(-0.5, 1.03), xticks=shown)
        ax.set_xticklabels([str(d) for d in shown])
        ax.set_yticks(np.arange(-0.4, 1.01, 0.2))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.set_title(title, loc="left", fontsize=10.5, color=c.ink)
        ax.grid(axis="y", lw=0.6)
    figure.supxlabel("distance in pixels", fontsize=10.5, color=c.muted)
    figure.supylabel("correlation", fontsize=10.5, color=c.muted)
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
