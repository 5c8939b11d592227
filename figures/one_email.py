"""The pictures of one email: what pushed its logit up, and what the network says about every email there is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from figures import circles

SOURCES = ("snippets/out/one_email.json",)
WORDS = {
    "one-email-network": {
        "alt": "The email as three circles, [[one_email.x.0.0|g]], [[one_email.x.0.1|g]] and [[one_email.x.0.2]]; two "
        "hidden neurons with the sums [[one_email.z1.0.0|.2f]] and [[one_email.z1.0.1|.2f]]; and the probability "
        "[[one_email.p|.3f]]. Each circle is joined to all of the next layer, with its weights.",
        "caption": "The whole network at work on this email. In the hidden circles stand the sums before the rectifier, "
        "so the second neuron passes on nothing. Below the neurons stand their biases.",
    },
    "one-email-contributions": {
        "alt": "A waterfall of the logit: exclamation marks [[one_email.contributions.0|+.2f]], the word free "
        "[[one_email.contributions.1|+.2f]], reputation [[one_email.contributions.2|+.3f]], biases "
        "[[one_email.constant|+.2f]]; together [[one_email.logit|.3f]].",
        "caption": "Each bar begins where the one before it ended.",
    },
    "one-email-census": {
        "alt": "Two maps of the spam probability over exclamation marks and reputation, without and with the word "
        "free. Almost every cell is above one half; the emails for which neuron 2 fires lie in the left columns of "
        "the map with free.",
        "caption": "Read each map from left to right: more exclamation marks. Outlined cells are the "
        "[[one_email.fired.1]] emails for which neuron 2 fires; they all contain “free” and have at most "
        "[[one_email.second_most_marks]] exclamation marks. Hatched cells are the [[one_email.n_passed]] emails "
        "that are let through.",
    },
}
# What each bar and each panel is called, and where its data stand.
BARS = {
    "exclamation marks": "contributions.0",
    "contains “free”": "contributions.1",
    "reputation": "contributions.2",
    "biases": "constant",
}
PANELS = {"without “free”": "grid_plain", "with “free”": "grid_free"}


def at(data: Any, path: str) -> Any:
    """What stands at a path into recorded values, as `contributions.0`."""
    for step in path.split("."):
        data = data[int(step)] if isinstance(data, list) else data[step]
    return data


def draw_contributions(data: Any, c: SimpleNamespace) -> Figure:
    """A waterfall: each term begins where the one before it ended."""
    terms = [at(data, path) for path in BARS.values()]
    starts = np.concatenate([[0], np.cumsum(terms)])
    figure = Figure(figsize=(c.width, 2.5), layout="constrained")
    ax = figure.add_subplot()
    for row, (start, term) in enumerate(zip(starts, [*terms, None], strict=True)):
        width, left = (term, start) if term is not None else (start, 0.0)
        colour = c.ink if term is None else c.signal if term > 0 else c.warn
        ax.barh(
            row,
            width,
            left=left,
            height=0.56,
            color=colour,
            hatch="" if width > 0 else "////",
            edgecolor=c.paper,
            linewidth=0,
        )
        ends = max(left, left + width)
        sign = "" if term is None else "+" if term > 0 else "−"
        ax.text(ends + 0.025, row, f"{sign}{abs(width):.3f}", va="center", color=c.ink, fontsize=10)
        if term is not None:
            ax.plot([left + width] * 2, [row - 0.28, row + 1.28], color=c.muted, lw=0.8)
    ax.axvline(0, color=c.muted, lw=0.8)
    ax.set(
        yticks=range(5),
        yticklabels=[*BARS, "logit"],
        xticks=[],
        xlim=(-0.04, 2.25 if c.narrow else 1.9),
        ylim=(4.5, -0.5),
    )
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(length=0, labelcolor=c.ink)
    return figure


def draw_census(data: Any, c: SimpleNamespace) -> Figure:
    """The spam probability of all 242 emails, as two maps."""
    shades = LinearSegmentedColormap.from_list("paper to signal", [c.paper, c.signal])
    figure = Figure(figsize=(c.width, 5.6 if c.narrow else 3.2), layout="constrained")
    shape = (2, 1) if c.narrow else (1, 2)
    for column, (title, key) in enumerate(PANELS.items()):
        p = np.array(data[key]).T  # (reputation, marks)
        ax = figure.add_subplot(*shape, column + 1)
        ax.pcolormesh(
            np.arange(12) - 0.5,
            (np.arange(12) - 0.5) / 10,
            p,
            cmap=shades,
            vmin=0.3,
            vmax=1.0,
            edgecolors=c.paper,
            linewidth=0.5,
        )
        for r, e in zip(*np.nonzero(p < 0.5), strict=True):
            ax.add_patch(
                Rectangle(
                    (e - 0.5, r / 10 - 0.05), 1, 0.1, fill=False, hatch="////", edgecolor=c.warn, linewidth=0
                )
            )
        for e, free, r in data["second_when"]:
            if free == (title == "with “free”"):
                ax.add_patch(
                    Rectangle((e - 0.42, r - 0.042), 0.84, 0.084, fill=False, edgecolor=c.ink, linewidth=1.4)
                )
        ax.set(
            xticks=range(0, 11, 2),
            yticks=[0, 0.5, 1],
            xlabel="exclamation marks",
            xlim=(-0.5, 10.5),
            ylim=(-0.05, 1.05),
        )
        ax.set_title(title, fontsize=10.5, color=c.ink, loc="left")
        ax.spines[["left", "bottom"]].set_visible(False)
        if column == 0 or c.narrow:
            ax.set_ylabel("reputation")
        for e in (0, 5, 10):
            shade = c.paper if p[5, e] > 0.7 else c.ink
            ax.text(
                e, 0.5, f"{p[5, e]:.2f}".removeprefix("0"), ha="center", va="center", fontsize=9, color=shade
            )
    return figure


def draw_thumb(data: Any, c: SimpleNamespace) -> Figure:
    """Three bars that build on one another."""
    figure = Figure(figsize=(1.0, 0.62))
    ax = figure.add_axes((0, 0, 1, 1))
    start = 0.0
    for row, term in enumerate(data["contributions"]):
        ax.barh(row, term, left=start, height=0.62, color=c.signal if term > 0 else c.warn)
        start += term
    ax.set(xlim=(-0.1, 1.75), ylim=(2.6, -0.6))
    ax.axis("off")
    return figure


def draw_network(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """The network with its weights, and the values of this email in its circles."""
    figure = Figure(figsize=(c.width, 3.0 if c.narrow else 3.6), layout="constrained")

    def said(value: float) -> str:
        return f"{value:g}".replace("-", "−")

    x, z, p = data["x"][0], data["z1"][0], data["p"]
    weights = {(0, i, j): said(w) for i, row in enumerate(data["W1"]) for j, w in enumerate(row)}
    weights |= {(1, j, 0): said(row[0]) for j, row in enumerate(data["W2"])}
    beside = {
        (0, 0): "marks !",
        (0, 1): "“free”",
        (0, 2): "reputation",
        (2, 0): f"bias {said(data['b2'][0])}",
    }
    beside |= {(1, j): f"bias {said(b)}" for j, b in enumerate(data["b1"])}
    circles.network(
        figure.subplots(),
        [[said(v) for v in x], [f"{v:.2f}".replace("-", "−") for v in z], [f"{p:.3f}"]],
        c,
        beside=beside,
        weights=weights,
    )
    return figure


FIGURES = {
    "one-email-network": draw_network,
    "one-email-contributions": draw_contributions,
    "one-email-census": draw_census,
    "thumb-one-email": draw_thumb,
}
