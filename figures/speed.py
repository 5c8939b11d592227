"""Time per epoch of the package and its peers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.figure import Figure

SOURCES = ("experiments/results/speed.json",)


def draw_speed(data: Any, c: SimpleNamespace) -> Figure:
    """Time per epoch as a multiple of ours, with one thread: the package is the line at 1."""
    rows = list(data["rows"])
    figure = Figure(figsize=(c.width, 4.6 if c.narrow else 3.6), layout="constrained")
    ax = figure.add_subplot()
    marks = {
        "floor": ("|", c.ink, "floor"),
        "torch": ("s", c.warn, "PyTorch"),
        "sklearn": ("o", c.signal, "scikit-learn"),
    }
    for y, name in enumerate(rows):
        times = data["rows"][name]["threads"]["1"]
        ax.axhline(y, color=c.rule, lw=0.8, zorder=0)
        for contender, (marker, colour, label) in marks.items():
            ratio = times.get(f"{contender}_over_ours")
            if ratio is None:
                continue
            thick = marker == "|"
            ax.plot(ratio, y, marker, color=colour, ms=13 if thick else 7, mew=2.2 if thick else 1)
            if y == 0:
                high = -0.62 if contender == "sklearn" else 0.42  # below: PyTorch may be its neighbour
                ax.text(ratio, y - high, label, ha="center", color=colour, fontsize=9.5)
    ax.axvline(1, color=c.ink, lw=1.2)
    ax.text(1, -0.42, "ours", ha="center", fontsize=9.5, backgroundcolor=c.paper)
    each = [r["threads"]["1"] for r in data["rows"].values()]
    ratios = [v for row in each for key, v in row.items() if key in {f"{name}_over_ours" for name in marks}]
    ticks = [t for t in (0.25, 0.5, 1, 2, 4, 8) if min(ratios) / 1.3 <= t <= max(ratios) * 1.3]
    ax.set_xscale("log", base=2)
    ax.set_xticks(ticks, [f"{t:g}" for t in ticks])
    ax.set(xlim=(min(ratios) / 1.4, max(ratios) * 1.6), ylim=(len(rows) - 0.4, -0.8))
    ax.set_xlabel("time of an epoch / ours" if c.narrow else "time of an epoch, in units of ours")
    ax.set_yticks(
        np.arange(len(rows)),
        [r.replace("-adam", "\nAdam").replace("-mom", "\nmom").replace("cnn-", "CNN ") for r in rows],
    )
    ax.tick_params(axis="y", length=0, labelcolor=c.ink)
    ax.minorticks_off()
    ax.spines["left"].set_visible(False)
    return figure


FIGURES = {"speed": draw_speed}
