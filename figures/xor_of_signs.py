"""The regions of a line and of a small MLP on points whose signs decide together."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

SOURCES = ("experiments/results/xor_of_signs.json",)
WORDS = {
    "xor-regions": {
        "alt": "Two maps of the same square. Logistic regression cuts off one corner and gets "
        "[[xor_of_signs.line.values.0|.1%]] right. The MLP's boundary is nearly the cross of the two axes and gets "
        "[[xor_of_signs.mlp.values.0|.1%]] right.",
        "caption": "The first of the [[xor_of_signs.seeds]] runs. Crosses are class 1, circles class 0; what each model "
        "calls class 1 is hatched. Solid: the boundary. Dotted: where the hidden units bend. The boundary is straight "
        "between the dotted lines.",
    },
}


def lead(x: np.ndarray, weights: list[Any]) -> np.ndarray:
    """By how much the logit of class 1 exceeds that of class 0, (N,); the boundary is where this is zero."""
    *hidden, W, b = (np.array(a) for a in weights)
    for V, c in zip(hidden[::2], hidden[1::2], strict=True):
        x = np.maximum(0, x @ V + c)
    logits: np.ndarray = x @ W + b  # (N, 2)
    return logits[:, 1] - logits[:, 0]


def draw_regions(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """The regions of the line and of the MLP, with test points and the places where hidden units bend."""
    figure = Figure(figsize=(c.width, 6.9 if c.narrow else 4.1), layout="constrained")
    shape = (2, 1) if c.narrow else (1, 2)
    side = np.linspace(-1, 1, 321)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    x, y = (np.array(data["shown"][name]) for name in "xy")
    titles = {"line": "Logistic regression", "mlp": f"MLP 2–{data['hidden']}–2"}
    for axes, (name, title) in zip(
        figure.subplots(*shape, sharex=True, sharey=True), titles.items(), strict=True
    ):
        z = lead(grid, data["weights"][name]).reshape(321, 321)
        axes.contourf(side, side, z, levels=[0, np.inf], colors=[c.signal], alpha=0.13)
        hatched = axes.contourf(side, side, z, levels=[0, np.inf], colors="none", hatches=["///"])
        hatched.set_edgecolor((*to_rgb(c.signal), 0.3))
        hatched.set_linewidth(0)
        if name == "mlp":
            W, b = (np.array(a) for a in data["weights"][name][:2])
            for (w1, w2), bias in zip(W.T, b, strict=True):
                ends = [(u, -(w1 * u + bias) / w2) for u in (-1, 1)]
                if abs(w1) > abs(w2):
                    ends = [(-(w2 * u + bias) / w1, u) for u in (-1, 1)]
                axes.plot(*zip(*ends, strict=True), color=c.muted, linewidth=0.6, linestyle=(0, (1, 2)))
        axes.contour(side, side, z, levels=[0], colors=[c.ink], linewidths=1.8)
        axes.plot(*x[y == 0].T, "o", color=c.warn, markersize=3.6, markerfacecolor="none", markeredgewidth=1)
        axes.plot(*x[y == 1].T, "+", color=c.signal, markersize=5, markeredgewidth=1.2)
        axes.set(xlim=(-1, 1), ylim=(-1, 1), aspect="equal", xticks=[-1, 0, 1], yticks=[-1, 0, 1])
        axes.set_title(f"{title}: {data[name]['values'][0]:.1%}", fontsize=10.5, color=c.ink, loc="left")
        axes.label_outer()
    figure.supxlabel("first input", fontsize=10.5, color=c.muted)
    figure.supylabel("second input", fontsize=10.5, color=c.muted)
    return figure


FIGURES = {"xor-regions": draw_regions}
