"""How wide must a hidden layer be? The answer of the 8×8 digits, beside the rule of thumb and the recipes."""

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator, PercentFormatter

QUESTION = "How many hidden units do the 8×8 digits need, and does their number follow the number of inputs?"
CONDITIONS = (
    "1,797 real 8×8 digits, 1,297 to train and 500 to test, a new split for each of 10 seeds; ReLU, He, "
    "float32, SGD with momentum 0.9, rate 0.05, batch 32, 20 epochs for every size"
)
WIDTHS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
RECIPES = [[64, 32], [128, 64, 32], [256, 128, 64]]  # of the tutorial, for small, medium and large data sets
SEEDS = 10


def record() -> dict[str, Any]:
    """Train every size on the same splits, from the same seeds, in the same order of batches."""
    from scratchmlp.counting import dense_parameters

    sizes = {str(width): [width] for width in WIDTHS} | {"-".join(map(str, r)): r for r in RECIPES}
    runs = {name: [train(hidden, seed) for seed in range(SEEDS)] for name, hidden in sizes.items()}
    test = {name: np.array([run["test"] for run in of]) for name, of in runs.items()}
    large = {8 * k: [train([32], seed, k)["test"] for seed in range(SEEDS)] for k in (1, 2, 4)}
    return {
        "widths": WIDTHS,
        "seeds": SEEDS,
        "n_train": 1797 - 500,
        "parameters": {name: dense_parameters([64, *hidden, 10]) for name, hidden in sizes.items()},
        "test": {name: summary(values) for name, values in test.items()},
        "train": {name: summary([run["train"] for run in of]) for name, of in runs.items()},
        "transposed": summary([run["transposed"] for run in runs["64"]]),
        "enlarged": {f"{side}x{side}": summary(values) for side, values in large.items()},
        "points": {  # gains in percentage points, seed by seed
            "16_to_128": summary(100 * (test["128"] - test["16"])),
            "256_to_1024": summary(100 * (test["1024"] - test["256"])),
            "enlarged": summary(100 * (np.array(large[32]) - large[8])),
            "second_layer": summary(100 * (test["64-32"] - test["64"])),
            "three_layers": summary(100 * (test["256-128-64"] - test["1024"])),
            "one_image": 100 / 500,
        },
    }


def train(hidden: list[int], seed: int, enlarge: int = 1) -> dict[str, float]:
    """The accuracy of one network; where its first matrix is square, also with that matrix transposed.

    With enlarge=k every pixel becomes a square of k times k equal ones.
    """
    from scratchmlp.datasets import digits, split
    from scratchmlp.losses import cross_entropy
    from scratchmlp.network import mlp
    from scratchmlp.optimizers import SGD
    from scratchmlp.training import evaluate, fit

    for_split, for_weights, for_batches = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(3))
    images, labels = digits()
    data = split(enlarged(images, enlarge).reshape(len(images), -1), labels, n_test=500, rng=for_split)
    net = mlp([data.x_train.shape[1], *hidden, 10], rng=for_weights)
    optimizer = SGD(0.05, momentum=0.9)
    setting = {"loss": cross_entropy, "scale": 1 / 16}
    fit(
        net,
        data.x_train,
        data.y_train,
        optimizer=optimizer,
        n_epochs=20,
        batch_size=32,
        rng=for_batches,
        **setting,
    )
    result = {
        "test": evaluate(net, data.x_test, data.y_test, **setting).accuracy,
        "train": evaluate(net, data.x_train, data.y_train, **setting).accuracy,
    }
    W = net.layers[0].params["W"]
    if W.shape[0] == W.shape[1]:
        W[:] = W.T.copy()
        result["transposed"] = evaluate(net, data.x_test, data.y_test, **setting).accuracy
    return result


def enlarged(images: np.ndarray, k: int) -> np.ndarray:
    """Images (N, C, H, W) with every pixel repeated as a square of k times k: (N, C, kH, kW)."""
    return images.repeat(k, axis=2).repeat(k, axis=3)


def summary(values: Any) -> dict[str, Any]:
    """The values of all seeds, their mean and their standard deviation."""
    return {
        "values": [float(v) for v in values],
        "mean": float(np.mean(values)),
        "sd": float(np.std(values, ddof=1)),
    }


def draw_width(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Accuracy against width, every seed a mark, the rule's band shaded; below, the same close up."""
    widths = data["widths"]
    values = np.array([data["test"][str(w)]["values"] for w in widths])  # (widths, seeds)
    figure = Figure(figsize=(c.width, 5.0), layout="constrained")
    panels = figure.subplots(2, sharex=True, height_ratios=[1, 1])
    for ax, bottom, top in zip(panels, (0.0, 0.92), (1.05, 1.0), strict=True):
        ax.axvspan(
            128 / 1.25, 256 * 1.25, facecolor=c.rule, hatch="////", edgecolor=c.paper, linewidth=0, zorder=0
        )
        ax.plot(widths, values.mean(axis=1), color=c.signal, zorder=2)
        spread = {"color": c.ink, "marker": "o", "ms": 4, "mfc": "none", "mew": 0.9, "lw": 0}
        ax.plot(np.repeat(widths, values.shape[1]), values.ravel(), zorder=3, **spread)
        ax.set(xscale="log", ylim=(bottom, top), xlim=(0.8, 1280), xticks=widths)
        ax.set_xticklabels(["" if c.narrow and i % 2 else f"{w:,}" for i, w in enumerate(widths)])
        ax.xaxis.set_minor_locator(NullLocator())
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        ax.grid(axis="y", lw=0.6)
        ax.tick_params(length=0)
    whole, close = panels
    whole.set_title("test accuracy", loc="left", fontsize=10.5, color=c.ink)
    whole.text(181, 0.5, "2–4 times\nthe 64\ninputs", ha="center", va="center", color=c.ink, fontsize=10,
               bbox={"facecolor": c.paper, "edgecolor": "none", "pad": 3})  # fmt: skip
    whole.text(
        9.5,
        0.68,
        "each ring\nis one seed" if c.narrow else "each ring is one seed",
        color=c.ink,
        fontsize=10,
        ha="left",
    )
    whole.text(4.5, 0.47, "mean", color=c.signal, fontsize=10, ha="left")
    close.set_title("the same, from 92% up", loc="left", fontsize=10.5, color=c.ink)
    close.set_xlabel("hidden units" if c.narrow else "hidden units, doubling from mark to mark")
    return figure


FIGURES = {"width-digits": draw_width}
