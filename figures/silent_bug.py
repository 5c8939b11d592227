"""The loss curves of networks with the right ReLU and with the wrong one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

SOURCES = ("experiments/results/silent_bug.json",)
WORDS = {
    "silent-bug": {
        "alt": "Training loss against epochs. With one hidden layer both kinds of curves fall smoothly, the wrong "
        "gradient's to [[silent_bug.depth1.wrong.loss.mean|.3f]], the right one's to "
        "[[silent_bug.depth1.right.loss.mean|.3f]]. With three, all wrong runs end in nan.",
        "caption": "[[silent_bug.seeds]] seeds each. One hidden layer: who sees only the dashed curves, of the wrong "
        "gradient, sees a network that learns. Two layers more, and the same line of code destroys it.",
    },
    "silent-bug-two": {
        "alt": "Training loss of two networks, A and B, against epochs, with [[silent_bug.seeds]] thin lines and a thick "
        "mean for each. Both fall smoothly from the first epoch to the last; the curve of A lies below that of B.",
        "caption": "The loss of A and of B during training, for [[silent_bug.seeds]] seeds (thin) and on average "
        "(thick).",
    },
}
TWO = {  # the kind of gradient: its name for who has to guess, colour, line, and where the name stands
    "right": ("A", "signal", "-", (3.3, 0.03)),
    "wrong": ("B", "warn", (0, (4, 1.6)), (4.6, 0.42)),
}


def draw_curves(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Training loss by epoch, every seed a line: right and wrong, with one hidden layer and with three."""
    figure = Figure(figsize=(c.width, 6.2 if c.narrow else 3.4), layout="constrained")
    panels = figure.subplots(2, 1) if c.narrow else figure.subplots(1, 2)
    for ax, depth, title in zip(panels, (1, 3), ("one hidden layer", "three hidden layers"), strict=True):
        for kind, colour, line in (("right", c.signal, "-"), ("wrong", c.warn, (0, (4, 1.6)))):
            for losses in zip(*data[f"depth{depth}"][kind]["curve"], strict=True):  # one row a seed
                seen = [v for v in losses if v is not None]
                ax.plot(range(1, len(seen) + 1), seen, color=colour, linestyle=line, lw=1.2)
                if len(seen) < len(losses):
                    ax.plot(len(seen), seen[-1], "x", color=colour, ms=7, mew=2)
        ax.set(yscale="log", xlim=(0.5, 20.5), xticks=[1, 5, 10, 15, 20], xlabel="epoch")
        ax.set_title(f"training loss, {title}", loc="left", fontsize=10.5, color=c.ink)
        ax.grid(axis="y", lw=0.6)
        ax.tick_params(length=0, which="both")
    one, three = panels
    one.set_yticks([0.02, 0.05, 0.1, 0.2, 0.5, 1], ["0.02", "0.05", "0.1", "0.2", "0.5", "1"])
    one.yaxis.set_minor_locator(NullLocator())
    one.text(11, 0.14, "wrong", color=c.warn, fontsize=10)
    one.text(6, 0.04, "right", color=c.signal, fontsize=10)
    three.text(6, 1.1, "wrong: × ends in nan", color=c.warn, fontsize=10)
    three.text(7.5, 0.006, "right", color=c.signal, fontsize=10)
    return figure


def draw_two(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Training loss by epoch with one hidden layer: every seed a thin line, the mean a thick one, named A and B."""
    figure = Figure(figsize=(c.width, 3.2), layout="constrained")
    ax = figure.add_subplot()
    for kind, (name, token, line, at) in TWO.items():
        colour = getattr(c, token)
        epochs = data["depth1"][kind]["curve"]  # the losses of all seeds, epoch by epoch
        for losses in zip(*epochs, strict=True):
            ax.plot(range(1, len(losses) + 1), losses, color=colour, linestyle=line, lw=0.6, alpha=0.6)
        means = [sum(losses) / len(losses) for losses in epochs]
        ax.plot(range(1, len(means) + 1), means, color=colour, linestyle=line, lw=2.2)
        ax.text(*at, name, color=colour, fontsize=11, weight="bold")
    ax.set(xlim=(0.5, 20.5), ylim=(0, None), xticks=[1, 5, 10, 15, 20], xlabel="epoch")
    ax.set_title("training loss", loc="left", fontsize=10.5, color=c.ink)
    ax.grid(axis="y", lw=0.6)
    ax.tick_params(length=0)
    return figure


FIGURES = {"silent-bug": draw_curves, "silent-bug-two": draw_two}
