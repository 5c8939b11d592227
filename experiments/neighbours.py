"""What do pixels tell about their neighbours, and what does a first layer make of it?"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from sklearn.datasets import load_sample_image

from scratchmlp.datasets import Split, cifar10_jpeg75, digits, mnist
from scratchmlp.losses import cross_entropy
from scratchmlp.network import mlp
from scratchmlp.optimizers import SGD
from scratchmlp.training import fit

QUESTION = "How much do pixels tell about pixels nearby, and do the weights of a first layer show it?"
CONDITIONS = (
    "correlations over all pairs of pixels at a distance, across and down: the two photographs of scikit-learn in "
    "grey, the 10,000 test images of MNIST and of CIFAR-10 (JPEG-recompressed copy, in grey), the 1,797 8×8 "
    "digits; weights: all of MNIST, MLP 784-32-10, ReLU, He, float32, SGD with momentum 0.9, rate 0.05, l2 0.001 or 0, "
    "batch 100, 5 epochs, 5 seeds (weights, batches, permutation), with and without one permutation of the pixels, "
    "the same initial weights"
)
NEEDS = ("mnist", "cifar10_jpeg75")
DISTANCES = {"photographs": [1, 2, 4, 8, 16, 32, 64, 128], "cifar10": [1, 2, 4, 8, 16], "mnist": [1, 2, 4, 8, 16],
             "digits": [1, 2, 4]}  # fmt: skip
SEEDS = range(5)
HIDDEN, EPOCHS, L2, N_TILES = 32, 5, 0.001, 6
SETTINGS = {"distances": DISTANCES, "hidden": HIDDEN, "epochs": EPOCHS, "l2": L2}
DERIVED: dict[str, str] = {}
TOLERANCE = {"correlation.*": 1e-9, "smoothness.*": 0.005}
handwritten = cache(mnist)


def once() -> dict[str, Any]:
    """Correlations against distance, of images as they are and of images shuffled; some tiles of seed 0 to draw."""
    photographs = {name: load_sample_image(f"{name}.jpg").mean(axis=2)[None] for name in ("china", "flower")}
    small = {
        "cifar10": cifar10_jpeg75().x_test.mean(axis=1),
        "mnist": handwritten().x_test[:, 0],
        "digits": digits()[0][:, 0],
    }
    found: dict[str, Any] = {}
    for name, images in (photographs | small).items():
        distances = DISTANCES["photographs" if name in photographs else name]
        order = np.random.default_rng(0).permutation(images[0].size)
        mixed = images.reshape(len(images), -1)[:, order].reshape(images.shape)
        found[name] = against_distance(images, distances)
        found[f"{name}_shuffled"] = against_distance(mixed, distances)
    tiles = first_layers(handwritten(), 0, L2)
    return {
        "correlation": found,
        "tiles": {name: [quantised(column) for column in W.T[:N_TILES]] for name, W in tiles.items()},
    }


def run(seed: int) -> dict[str, Any]:
    """How alike the weights of adjacent pixels are, with weight decay and without."""
    decayed, free = (first_layers(handwritten(), seed, l2) for l2 in (L2, 0))
    smooth = {name: smoothness(W) for name, W in decayed.items()}
    return {
        "smoothness": smooth | {f"{name}_free": smoothness(free[name]) for name in ("trained", "restored")}
    }


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


def first_layers(data: Split, seed: int, l2: float) -> dict[str, np.ndarray]:
    """First weights (784, hidden): at the start, trained, trained on shuffled pixels, and these put back in order."""
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
