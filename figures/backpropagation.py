"""The email network as a graph: values forward and gradients backward, at every node and every edge."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

SOURCES = ("snippets/out/backpropagation.json",)
WIDTH, HEIGHT = 0.76, 0.6  # of a node, in inches
Point = tuple[float, float]

WIDE: dict[str, Point] = {
    **{"x0": (0.48, 3.55), "x1": (0.48, 2.1), "x2": (0.48, 0.65)},
    **{"z0": (2.72, 2.8), "z1": (2.72, 1.4), "h0": (4.0, 2.8), "h1": (4.0, 1.4)},
    **{"logit": (5.5, 2.1), "p": (6.98, 2.1), "loss": (6.98, 0.85)},
    **{"b0": (2.72, 3.68), "b1": (2.72, 0.52), "b2": (5.5, 2.98)},
}
NARROW: dict[str, Point] = {
    **{"x0": (0.55, 7.55), "x1": (1.8, 7.55), "x2": (3.05, 7.55)},
    **{"z0": (1.12, 5.45), "z1": (2.48, 5.45), "h0": (1.12, 4.35), "h1": (2.48, 4.35)},
    **{"logit": (1.8, 2.9), "p": (1.8, 1.7), "loss": (1.8, 0.5)},
    **{"b0": (0.28, 5.45), "b1": (3.32, 5.45), "b2": (0.7, 2.9)},
}


def draw_flow(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Nodes are boxes, weights are edges; the value stands above, the gradient of the loss below it."""
    size = (3.6, 8.6) if c.narrow else (7.5, 4.35)
    figure = Figure(figsize=size)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, size[0]), ylim=(0, size[1]))
    ax.axis("off")
    at = NARROW if c.narrow else WIDE
    W1, dW1, W2, dW2 = (data[name] for name in ("W1", "dW1", "W2", "dW2"))
    for i in range(3):
        for j in range(2):
            weight(ax, c, at[f"x{i}"], at[f"z{j}"], W1[i][j], dW1[i][j], along=0.33 + 0.2 * c.narrow * j)
    for j in range(2):
        weight(ax, c, at[f"h{j}"], at["logit"], W2[j][0], dW2[j][0], along=0.5)
        weight(ax, c, at[f"b{j}"], at[f"z{j}"], data["b1"][j], data["db1"][j], along=0.0)
        step(ax, c, at[f"z{j}"], at[f"h{j}"], "ReLU", f"× {int(data['z'][0][j] > 0)}")
    weight(ax, c, at["b2"], at["logit"], data["b2"][0], data["db2"][0], along=0.0)
    step(ax, c, at["logit"], at["p"], "σ", f"× {data['through_sigmoid']:.4f}")
    step(ax, c, at["p"], at["loss"], "−log", "")
    nodes = {f"x{i}": (f"$x_{i + 1}$", data["x"][0][i], None) for i in range(3)}
    for j in range(2):
        nodes[f"z{j}"] = f"$z_{j + 1}$", data["z"][0][j], data["dz"][0][j]
        nodes[f"h{j}"] = f"$h_{j + 1}$", data["h"][0][j], data["dh"][0][j]
    nodes["logit"] = "logit", data["logit"][0][0], data["dlogit"][0][0]
    nodes["p"] = "p", data["p"][0][0], data["through_loss"]
    nodes["loss"] = "loss", data["loss"], 1.0
    for name, (text, value, gradient) in nodes.items():
        node(ax, c, at[name], text, value, gradient)
    top, key = size[1] - 0.17, {"fontsize": 9.5, "va": "center"}
    ax.text(0.1, top, "value, forward", color=c.ink, ha="left", **key)
    ax.text(size[0] - 0.1, top, "gradient, backward", color=c.signal, ha="right", weight="bold", **key)
    return figure


def written(value: float) -> str:
    """A number with four digits after the point where it needs them, and a real minus sign."""
    text = f"{value:.4f}".rstrip("0").rstrip(".") if abs(value) > 1e-12 else "0"
    return text.replace("-", "−")


def node(ax: Axes, c: SimpleNamespace, at: Point, name: str, value: float, gradient: float | None) -> None:
    """A box: the name on its edge, the value, and below it the gradient; inputs have none that anybody needs."""
    (x, y), text = at, {"ha": "center", "va": "center", "fontsize": 9.5, "zorder": 5}
    corner = (x - WIDTH / 2, y - HEIGHT / 2)
    box = FancyBboxPatch(corner, WIDTH, HEIGHT, boxstyle="round,pad=0,rounding_size=0.07", zorder=4)
    box.set(facecolor=c.sheet, edgecolor=c.muted, linewidth=0.9)
    ax.add_patch(box)
    tag = {"facecolor": c.paper, "edgecolor": "none", "pad": 1.2}
    ax.text(x, y + HEIGHT / 2, name, color=c.muted, bbox=tag, **text)
    if gradient is None:
        ax.text(x, y - 0.02, written(value), color=c.ink, **text)
        return
    ax.text(x, y + 0.09, written(value), color=c.ink, **text)
    ax.text(x, y - 0.14, written(gradient), color=c.signal, weight="bold", **text)


def weight(
    ax: Axes, c: SimpleNamespace, start: Point, end: Point, value: float, gradient: float, along: float
) -> None:
    """An edge with its weight and the gradient of it; dashed where no gradient comes."""
    style = {"color": c.signal, "lw": 1.3} if abs(gradient) > 1e-12 else {"color": c.muted, "lw": 0.9}
    dash = "-" if abs(gradient) > 1e-12 else (0, (3, 2.4))
    ax.plot([start[0], end[0]], [start[1], end[1]], linestyle=dash, zorder=1, **style)
    x, y = (a + along * (b - a) for a, b in zip(start, end, strict=True))
    pair(ax, c, (x, y), written(value), written(gradient))


def step(ax: Axes, c: SimpleNamespace, start: Point, end: Point, forward: str, backward: str) -> None:
    """An edge that is a function: its name, and the slope that multiplies what comes back."""
    ax.plot([start[0], end[0]], [start[1], end[1]], color=c.ink, lw=1.1, zorder=1)
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    if start[0] == end[0]:
        text = {"fontsize": 9, "va": "center", "zorder": 5}
        ax.text(x - 0.09, y, forward, color=c.ink, ha="right", **text)
        ax.text(x + 0.09, y, backward, color=c.signal, weight="bold", ha="left", **text)
    else:
        pair(ax, c, (x, y), forward, backward)


def pair(ax: Axes, c: SimpleNamespace, at: Point, above: str, below: str) -> None:
    """Two short lines with the edge between them."""
    back = {"facecolor": c.paper, "edgecolor": "none", "pad": 0.6}
    text = {"fontsize": 9, "ha": "center", "zorder": 3, "bbox": back}
    ax.text(at[0], at[1] + 0.02, above, color=c.ink, va="bottom", **text)
    ax.text(at[0], at[1] - 0.02, below, color=c.signal, weight="bold", va="top", **text)


def draw_thumb(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """A path forward through three nodes, and one back."""
    figure = Figure(figsize=(1.0, 0.62))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, 1), ylim=(0, 0.62))
    ax.axis("off")
    ax.plot([0.12, 0.5, 0.88], [0.2, 0.42, 0.31], color=c.muted, lw=1.4, linestyle=(0, (3, 2)))
    ax.plot([0.12, 0.5, 0.88], [0.42, 0.2, 0.31], color=c.signal, lw=2.2)
    for x, y in ((0.12, 0.42), (0.12, 0.2), (0.5, 0.42), (0.5, 0.2), (0.88, 0.31)):
        ax.plot(x, y, "o", ms=6.5, mfc=c.paper, mec=c.ink, mew=1.3)
    return figure


FIGURES = {"backpropagation-flow": draw_flow, "thumb-backpropagation": draw_thumb}
