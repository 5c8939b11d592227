"""The error of a central difference against its step: two valleys, and ReLU networks that leave one of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

SOURCES = ("experiments/results/gradient_check.json",)
WORDS = {
    "gradient-check": {
        "alt": "Error of the difference against the step, on logarithmic axes. In float64 it falls to "
        "[[gradient_check.tanh64.best_error.mantissa]]·10^[[gradient_check.tanh64.best_error.exponent]] and rises again; "
        "in float32 the valley is higher. Some ReLU networks leave the curve on the right.",
        "caption": "All [[gradient_check.parameters]] parameters of [[gradient_check.seeds]] networks; lines are "
        "means of the logarithms, bands the range over seeds, rings the best steps. There are two valleys: to their "
        "left the rounding of the losses rules, to their right the curve of the loss. ReLU networks drop out on the "
        "right, each at its own step.",
    },
}


def draw_thumb(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """A curve, its tangent in the middle, and the secant through a point on either side."""
    figure = Figure(figsize=(1.0, 0.62))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(-0.5, 0.5), ylim=(0, 0.62))
    ax.axis("off")
    curve = np.polynomial.Polynomial([0.25, 0.12, 0.55, 2.6])
    x, ends = np.linspace(-0.42, 0.36, 50), np.array([-0.28, 0.28])
    ax.plot(x, curve(x), color=c.ink, lw=1.3)
    ax.plot(x, curve(0) + curve.deriv()(0) * x, color=c.muted, lw=1.4, linestyle=(0, (3, 2)))
    ax.plot(ends, curve(ends), color=c.signal, lw=2.2)
    ax.plot(ends, curve(ends), "o", ms=5, mfc=c.paper, mec=c.ink, mew=1.3, zorder=4)
    ax.plot(0, curve(0), "o", ms=5, mfc=c.ink, mec=c.ink, zorder=4)
    return figure


def draw_curves(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Error against step on two logarithmic axes: two valleys, and ReLU networks that leave one of them."""
    figure = Figure(figsize=(c.width, 4.6 if c.narrow else 4.2), layout="constrained")
    ax = figure.add_subplot()
    for name, colour, line in (
        ("relu64", c.ink, (0, (1, 1.3))),
        ("tanh64", c.signal, "-"),
        ("tanh32", c.warn, (0, (5, 2))),
    ):
        of, steps = data[name], 10.0 ** np.array(data[name]["exponents"])
        ax.fill_between(steps, of["low"], of["high"], color=colour, alpha=0.14, lw=0)
        ax.plot(steps, of["mean"], color=colour, linestyle=line)
        if name != "relu64":
            at = of["best_step"], of["best_error"]
            ax.plot(*at, "o", ms=7, mfc=c.paper, mec=colour, mew=1.6, zorder=4)
    text = {"fontsize": 10, "va": "center"}
    at, name = ((2e-13, 3e-8), "tanh,\nfloat64") if c.narrow else ((1.5e-11, 2e-8), "tanh, float64")
    ax.text(*at, name, color=c.signal, linespacing=1.4, **text)
    ax.text(4e-8, 1.2, "tanh, float32", color=c.warn, ha="right", **text)
    ax.text(
        1.6,
        60,
        "ReLU, float64:\nthe step can\nreach a corner",
        color=c.ink,
        ha="right",
        linespacing=1.4,
        **text,
    )
    ax.annotate("", (1.5e-3, 3e-2), (1.5e-3, 14), arrowprops={"arrowstyle": "-", "color": c.muted, "lw": 0.8})
    small = {"color": c.muted, "fontsize": 9.5, "ha": "center", "va": "center", "linespacing": 1.5}
    ax.text(1.2e-9, 6e-3, "rounding,\n$\\propto 1/s$", **small)
    ax.text(0.16, 4e-8, "truncation,\n$\\propto s^2$", **small)
    ax.set(xscale="log", yscale="log", xlim=(1e-13, 3), ylim=(3e-12, 1000), xlabel="step $s$")
    ax.set_xticks(10.0 ** np.arange(-12, 1, 4 if c.narrow else 2))
    ax.set_yticks(10.0 ** np.arange(-10, 1, 2))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set_title("relative error of the difference", loc="left", fontsize=10.5, color=c.ink)
    ax.grid(lw=0.6)
    ax.tick_params(length=0)
    return figure


FIGURES = {"gradient-check": draw_curves, "thumb-gradient-checking": draw_thumb}
