"""The email network as a graph: the path of one weight, all values and gradients, what an operation sends back."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

SOURCES = ("snippets/out/backpropagation.json",)
WORDS = {
    "backpropagation-graph": {
        "alt": "The email network as boxes. The edge from the first feature, with the weight "
        "[[backpropagation.W1.0.0]], is coloured, and so are the boxes behind it: [[backpropagation.z.0.0|.2f]], "
        "[[backpropagation.h.0.0|.2f]], the logit [[backpropagation.logit.0.0|.3f]], p "
        "[[backpropagation.p.0.0|.4f]], and the loss [[backpropagation.loss|.4f]].",
        "caption": "The loss of the email, computed from left to right (on a phone, from top to bottom). Each box holds "
        "a value. Turn the first weight a little, and the change travels along the coloured path; nothing else in the "
        "picture moves.",
    },
    "backpropagation-gates": {
        "alt": "Three boxes with two inputs each; values stand above slopes. Add hands the slope that comes back to both "
        "inputs unchanged. Multiply gives each input the slope times the other's value. Max gives all to the larger "
        "input and 0 to the other.",
        "caption": "What single operations send back. Above, the values on the way forward; below, bold, the slope of "
        "the loss in each of them. On the edges stands what multiplies the slope. Add copies, multiply swaps the values, "
        "max chooses.",
    },
    "backpropagation-flow": {
        "alt": "The same network with slopes. The loss has 1, p [[backpropagation.through_loss|.4f]], the logit "
        "[[backpropagation.dlogit.0.0|.4f]]; of the hidden neurons only the first passes on "
        "[[backpropagation.dz.0.0|.4f]], and the first weight gets [[backpropagation.dW1.0.0|.4f]].",
        "caption": "Read forward for the values (above), backward for the slope of the loss in each of them (below, "
        "bold). Edges without a start are biases. Dashed edges get no gradient. The ReLU of the second neuron sent "
        "0 forward, so its output weight gets 0, and on the way back this ReLU multiplies what comes by 0.",
    },
}
WIDTH, HEIGHT = 0.76, 0.6  # of a node, in inches
Point = tuple[float, float]
Gate = Callable[[float, float], float]
Slopes = Callable[[float, float], tuple[float, float]]

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
    **{"b0": (0.37, 5.45), "b1": (3.23, 5.45), "b2": (0.7, 2.9)},
}
GRAPH_WIDE: dict[str, Point] = {
    **{"x0": (0.5, 2.75), "x1": (0.5, 1.7), "x2": (0.5, 0.65)},
    **{"z0": (2.75, 2.35), "z1": (2.75, 1.05), "h0": (4.05, 2.35), "h1": (4.05, 1.05)},
    **{"logit": (5.55, 1.7), "p": (7.0, 1.7), "loss": (7.0, 0.45)},
}
GRAPH_NARROW: dict[str, Point] = {
    **{"x0": (0.55, 6.3), "x1": (1.8, 6.3), "x2": (3.05, 6.3)},
    **{"z0": (1.12, 4.55), "z1": (2.48, 4.55), "h0": (1.12, 3.5), "h1": (2.48, 3.5)},
    **{"logit": (1.8, 2.42), "p": (1.8, 1.39), "loss": (1.8, 0.36)},
}
FEATURES = ("marks !", "“free”", "reputation")
# The way of a change in the first weight, which the edge from x0 carries.
PATH = ("x0", "z0", "h0", "logit", "p", "loss")
INPUTS, COMING = (3.0, 4.0), 2.0  # of each gate: what goes in, and the slope of the loss in what comes out
GATES: dict[str, tuple[str, Gate, Slopes]] = {  # what is written, the operation, its slope in each input
    "add": ("a + b", lambda a, b: a + b, lambda a, b: (1, 1)),
    "multiply": ("a · b", lambda a, b: a * b, lambda a, b: (b, a)),
    "max": ("max(a, b)", max, lambda a, b: (float(a > b), float(b > a))),
}


def sheet(width: float, height: float) -> tuple[Figure, Axes]:
    """An empty figure of so many inches, and its axes, which have an inch for a unit."""
    figure = Figure(figsize=(width, height))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(0, height))
    ax.axis("off")
    return figure, ax


def draw_graph(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Values in boxes, forward alone; the path from the first weight to the loss stands out."""
    size = (3.6, 6.9) if c.narrow else (7.5, 3.4)
    figure, ax = sheet(*size)
    at = GRAPH_NARROW if c.narrow else GRAPH_WIDE
    edges = {(f"x{i}", f"z{j}"): written(data["W1"][i][j]) for i in range(3) for j in range(2)}
    edges |= {(f"h{j}", "logit"): written(data["W2"][j][0]) for j in range(2)}
    edges |= {("z0", "h0"): "ReLU", ("z1", "h1"): "ReLU", ("logit", "p"): "σ", ("p", "loss"): "−log"}
    for (start, end), text in edges.items():
        first, on = start[0] == "x", (start, end) in pairwise(PATH)
        style = {"color": c.signal, "lw": 2.6} if on else {"color": c.muted, "lw": 0.9}
        ax.plot(*zip(at[start], at[end], strict=True), zorder=1 + on, **style)
        along = (0.36 if end == "z0" else 0.57 if c.narrow else 0.52) if first else 0.5
        x, y = (a + along * (b - a) for a, b in zip(at[start], at[end], strict=True))
        strong = {"color": c.signal, "weight": "bold"} if on and first else {"color": c.muted}
        back = {"facecolor": c.paper, "edgecolor": "none", "pad": 1.2}
        if start[0] in "xh" or c.narrow:
            ax.text(x, y, text, ha="center", va="center", fontsize=9.5, bbox=back, zorder=3, **strong)
        elif end == "loss":
            ax.text(x - 0.08, y, text, ha="right", va="center", fontsize=9, zorder=3, **strong)
        else:
            ax.text(x, y + 0.08, text, ha="center", va="bottom", fontsize=9, zorder=3, **strong)
    values = {f"x{i}": (f"$x_{i + 1}$", data["x"][0][i]) for i in range(3)}
    values |= {f"z{j}": (f"$z_{j + 1}$", data["z"][0][j]) for j in range(2)}
    values |= {f"h{j}": (f"$h_{j + 1}$", data["h"][0][j]) for j in range(2)}
    values |= {
        "logit": ("logit", data["logit"][0][0]),
        "p": ("p", data["p"][0][0]),
        "loss": ("loss", data["loss"]),
    }
    for name, (text, value) in values.items():
        node(ax, c, at[name], text, value, None, on=name in PATH[1:])
    notes = {f"x{i}": text for i, text in enumerate(FEATURES)}
    notes |= {f"z{j}": f"bias {written(b)}" for j, b in enumerate(data["b1"])}
    notes["logit"] = f"bias {written(data['b2'][0])}"
    for name, text in notes.items():
        note(ax, c, at[name], name, text)
    return figure


def note(ax: Axes, c: SimpleNamespace, at: Point, name: str, text: str) -> None:
    """Words beside a box, where no edge runs: what a feature is, or a bias."""
    (x, y), small = at, {"fontsize": 9, "color": c.muted}
    if name[0] == "x":
        ax.text(x, y + HEIGHT / 2 + 0.12, text, ha="center", va="bottom", **small)
    elif c.narrow and name == "z0":
        ax.text(x - WIDTH / 2 - 0.07, y, text, ha="right", va="center", **small)
    elif c.narrow:
        ax.text(x + WIDTH / 2 + 0.07, y, text, ha="left", va="center", **small)
    else:
        ax.text(x, y - HEIGHT / 2 - 0.07, text, ha="center", va="top", **small)


def draw_gates(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Each operation with its two inputs on the left: values above, and below them the slopes that come back."""
    size = (3.6, 6.0) if c.narrow else (7.5, 2.3)
    figure, ax = sheet(*size)
    for n, (name, (text, gate, slopes)) in enumerate(GATES.items()):
        left, low = (0.55, 4.2 - 2.0 * n) if c.narrow else (0.15 + 2.5 * n, 0.15)
        end = left + 1.85, low + 0.75
        ax.text(left, low + 1.6, name, ha="left", va="bottom", fontsize=10.5, weight="bold", color=c.ink)
        for i, (value, slope) in enumerate(zip(INPUTS, slopes(*INPUTS), strict=True)):
            start = left + WIDTH / 2, low + 1.15 - 0.8 * i
            gets = slope * COMING
            weight(ax, c, start, end, None, gets, along=0.52, said=f"× {written(slope)}")
            node(ax, c, start, "ab"[i], value, gets)
        node(ax, c, end, text, gate(*INPUTS), COMING)
    return figure


def draw_flow(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Nodes are boxes, weights are edges; the value stands above, the gradient of the loss below it."""
    size = (3.6, 8.6) if c.narrow else (7.5, 4.35)
    figure, ax = sheet(*size)
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


def node(
    ax: Axes,
    c: SimpleNamespace,
    at: Point,
    name: str,
    value: float,
    gradient: float | None,
    *,
    on: bool = False,
) -> None:
    """A box: the name on its edge, the value, and below it the gradient, where one is wanted; on if it stands out."""
    (x, y), text = at, {"ha": "center", "va": "center", "fontsize": 9.5, "zorder": 5}
    corner = (x - WIDTH / 2, y - HEIGHT / 2)
    box = FancyBboxPatch(corner, WIDTH, HEIGHT, boxstyle="round,pad=0,rounding_size=0.07", zorder=4)
    box.set(facecolor=c.sheet, edgecolor=c.signal if on else c.muted, linewidth=1.8 if on else 0.9)
    ax.add_patch(box)
    tag = {"facecolor": c.paper, "edgecolor": "none", "pad": 1.2}
    ax.text(x, y + HEIGHT / 2, name, color=c.muted, bbox=tag, **text)
    if gradient is None:
        ax.text(x, y - 0.02, written(value), color=c.ink, **text)
        return
    ax.text(x, y + 0.09, written(value), color=c.ink, **text)
    ax.text(x, y - 0.14, written(gradient), color=c.signal, weight="bold", **text)


def weight(
    ax: Axes,
    c: SimpleNamespace,
    start: Point,
    end: Point,
    value: float | None,
    gradient: float,
    along: float,
    said: str | None = None,
) -> None:
    """An edge with its weight, if it has one, and the gradient of it or other words; dashed where no gradient comes."""
    style = {"color": c.signal, "lw": 1.3} if abs(gradient) > 1e-12 else {"color": c.muted, "lw": 0.9}
    dash = "-" if abs(gradient) > 1e-12 else (0, (3, 2.4))
    ax.plot([start[0], end[0]], [start[1], end[1]], linestyle=dash, zorder=1, **style)
    x, y = (a + along * (b - a) for a, b in zip(start, end, strict=True))
    pair(ax, c, (x, y), "" if value is None else written(value), said or written(gradient))


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


FIGURES = {
    "backpropagation-graph": draw_graph,
    "backpropagation-gates": draw_gates,
    "backpropagation-flow": draw_flow,
    "thumb-backpropagation": draw_thumb,
}
