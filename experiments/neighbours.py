"""What do pixels tell about their neighbours, and what does a first layer make of it?"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

QUESTION = "How much do pixels tell about pixels nearby, and do the weights of a first layer show it?"
CONDITIONS = (
    "correlations over all pairs of pixels at a distance, across and down: the two photographs of scikit-learn in "
    "grey, the 10,000 test images of MNIST and of CIFAR-10 (JPEG-recompressed copy, in grey), the 1,797 8×8 "
    "digits; weights: all of MNIST, MLP 784-32-10, ReLU, He, float32, SGD with momentum 0.9, rate 0.05, l2 0.001 or 0, "
    "batch 100, 5 epochs, 5 seeds (weights, batches, permutation), with and without one permutation of the pixels, "
    "the same initial weights"
)
DISTANCES = {"photographs": [1, 2, 4, 8, 16, 32, 64, 128], "cifar10": [1, 2, 4, 8, 16], "mnist": [1, 2, 4, 8, 16],
             "digits": [1, 2, 4]}  # fmt: skip
SEEDS, HIDDEN, EPOCHS, L2, N_TILES = 5, 32, 5, 0.001, 6


def record() -> dict[str, Any]:
    """Correlations against distance; how alike adjacent weights are; some tiles of seed 0 to draw."""
    from sklearn.datasets import load_sample_image

    from scratchmlp.datasets import cifar10_jpeg75, digits, mnist

    handwritten = mnist()
    photographs = {name: load_sample_image(f"{name}.jpg").mean(axis=2)[None] for name in ("china", "flower")}
    small = {"cifar10": cifar10_jpeg75().x_test.mean(axis=1), "mnist": handwritten.x_test[:, 0],
             "digits": digits()[0][:, 0]}  # fmt: skip
    correlation: dict[str, Any] = {name: against_distance(x, DISTANCES["photographs"])
                                   for name, x in photographs.items()}  # fmt: skip
    for name, images in small.items():
        order = np.random.default_rng(0).permutation(images[0].size)
        mixed = images.reshape(len(images), -1)[:, order].reshape(images.shape)
        correlation[name] = against_distance(images, DISTANCES[name])
        correlation[f"{name}_shuffled"] = against_distance(mixed, DISTANCES[name])
    order = np.random.default_rng(0).permutation(photographs["china"][0].size)
    for name, images in photographs.items():
        mixed = images.reshape(1, -1)[:, order].reshape(images.shape)
        correlation[f"{name}_shuffled"] = against_distance(mixed, DISTANCES["photographs"])
    runs = [first_layers(handwritten, seed, L2) for seed in range(SEEDS)]
    smooth = {name: summary([smoothness(run[name]) for run in runs]) for name in runs[0]}
    free = [first_layers(handwritten, seed, 0) for seed in range(SEEDS)]
    smooth |= {f"{name}_free": summary([smoothness(run[name]) for run in free])
               for name in ("trained", "restored")}  # fmt: skip
    tiles = {name: [quantised(column) for column in W.T[:N_TILES]] for name, W in runs[0].items()}
    return {"distances": DISTANCES, "correlation": correlation, "seeds": SEEDS, "hidden": HIDDEN,
            "smoothness": smooth, "tiles": tiles}  # fmt: skip


def against_distance(images: np.ndarray, distances: list[int]) -> dict[str, list[float]]:
    """The correlation of pixels at each distance, across and down, in images (N, H, W)."""
    x = images.astype(np.float64)
    return {
        "across": [correlation(x[:, :, :-d], x[:, :, d:]) for d in distances],
        "down": [correlation(x[:, :-d], x[:, d:]) for d in distances],
    }


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's correlation of two arrays of one shape, value by value."""
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))


def first_layers(data: Any, seed: int, l2: float) -> dict[str, np.ndarray]:
    """First weights (784, hidden): at the start, trained, trained on shuffled pixels, and these put back in order."""
    from scratchmlp.losses import cross_entropy
    from scratchmlp.network import mlp
    from scratchmlp.optimizers import SGD
    from scratchmlp.training import fit

    weights, batches, pixels = np.random.SeedSequence(seed).spawn(3)
    order = np.random.default_rng(pixels).permutation(784)
    x, found = data.x_train.reshape(-1, 784), {}
    for name, inputs in (("trained", x), ("shuffled", np.ascontiguousarray(x[:, order]))):
        net = mlp([784, HIDDEN, 10], rng=np.random.default_rng(weights))
        W = net.layers[0].params["W"]
        found["start"] = W.copy()
        fit(net, inputs, data.y_train, loss=cross_entropy, optimizer=SGD(0.05, momentum=0.9, l2=l2),
            n_epochs=EPOCHS, batch_size=100, rng=np.random.default_rng(batches), scale=1 / 255)  # fmt: skip
        found[name] = net.layers[0].params["W"].copy()
    found["restored"] = np.empty_like(found["shuffled"])
    found["restored"][order] = found["shuffled"]
    return found


def smoothness(W: np.ndarray) -> float:
    """The correlation of weights (D, M) that belong to adjacent pixels, over all units, across and down."""
    side = int(len(W) ** 0.5)
    tiles = W.T.reshape(-1, side, side)
    a = np.concatenate([tiles[:, :, :-1].ravel(), tiles[:, :-1].ravel()])
    b = np.concatenate([tiles[:, :, 1:].ravel(), tiles[:, 1:].ravel()])
    return correlation(a, b)


def quantised(w: np.ndarray) -> str:
    """One unit's weights as bytes in hexadecimal: 128 is 0, and 255 the largest in size."""
    return np.rint(128 + 127 * w / np.abs(w).max()).astype(np.uint8).tobytes().hex()


def summary(values: list[float]) -> dict[str, Any]:
    """The values of all seeds, their mean and their standard deviation."""
    return {"values": values, "mean": float(np.mean(values)), "sd": float(np.std(values, ddof=1))}


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
        xticks=DISTANCES["photographs"],
        xlabel="distance in pixels",
    )
    ax.set_xticklabels([str(d) for d in DISTANCES["photographs"]])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_title("correlation of two pixels", loc="left", fontsize=10.5, color=c.ink)
    ax.grid(axis="y", lw=0.6)
    return figure


def draw_tiles(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Weights of some units as images: at the start, trained, trained on shuffled pixels, and these put back."""
    rows = {"start": "at the start", "trained": "trained", "shuffled": "trained on shuffled pixels",
            "restored": "the same weights, each put back in its place"}  # fmt: skip
    n = 4 if c.narrow else N_TILES
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
