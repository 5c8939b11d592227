"""The contenders of the study on shuffled pixels, and the learning rate of each, chosen on images that no test uses."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from experiments.measure import accuracy, generators
from scratchmlp.conv import Conv2D
from scratchmlp.datasets import Split, cifar10_jpeg75, mnist
from scratchmlp.layers import Dense, Flatten, ReLU
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network, mlp
from scratchmlp.optimizers import Adam
from scratchmlp.pooling import MaxPool2D
from scratchmlp.training import fit

QUESTION = "Which of five learning rates suits each contender of the study on shuffled pixels?"
CONDITIONS = (
    "MNIST (official files) and CIFAR-10 in a JPEG-recompressed copy (quality 75); of the training images of each, "
    "20,000 drawn at random to train and 5,000 others to validate, pixels in place; no test image is used; "
    "contenders, values, optimizer, batches and epochs as in the study; 1 seed; chosen is the rate with the best "
    "validation accuracy, the lower one of two that are equal"
)
NEEDS = ("mnist", "cifar10_jpeg75")
SEEDS = range(1)
EPOCHS, BATCH = 4, 100
RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01)
N_TRAIN, N_VALIDATION = 20_000, 5_000
SETTINGS = {
    "epochs": EPOCHS,
    "batch": BATCH,
    "rates": RATES,
    "n_train": N_TRAIN,
    "n_validation": N_VALIDATION,
}
IMAGES = {"mnist": (1, 28), "cifar10": (3, 32)}  # channels, side
SCALE = {"mnist": 1 / 255, "cifar10": 1 / 128}
MODELS = ("linear", "mlp", "wide", "arithmetic", "cnn")
WIDE = 128
DERIVED = {
    f"{d}.{m}.{name}": formula
    for d in IMAGES
    for m in MODELS
    for name, formula in {
        "rate": f"at([rates], argmax(mean([{d}.{m}.validation])))",
        "best": f"max(mean([{d}.{m}.validation]))",
    }.items()
}
TOLERANCE = {"mnist.*": 0.02, "cifar10.*": 0.05}
loaders = {"mnist": cache(mnist), "cifar10": cache(cifar10_jpeg75)}


def run(seed: int) -> dict[str, Any]:
    """The accuracy of each contender with each rate, on images that it did not learn from."""
    return {d: {m: {"validation": tried(d, m, seed)} for m in MODELS} for d in IMAGES}


def tried(dataset: str, model: str, seed: int) -> list[float]:
    """The validation accuracy of one contender, rate by rate."""
    images, labels = loaders[dataset]()[:2]
    drawn = generators(seed, 3)[2].permutation(len(images))[: N_TRAIN + N_VALIDATION]
    ours, others = drawn[:N_TRAIN], drawn[N_TRAIN:]
    data = Split(images[ours], labels[ours], images[others], labels[others])
    return [train(data, dataset, model, rate, None, seed)[0] for rate in RATES]


def train(
    data: Split, dataset: str, model: str, rate: float, order: np.ndarray | None, seed: int
) -> tuple[float, float]:
    """One network from start to end: its accuracy on the other images, and on those it learned from, in the last epoch.

    The seed gives its weights and its batches.
    """
    weights, batches = generators(seed, 2)
    x, x_other = (arrange(images, order, flat=model != "cnn") for images in (data.x_train, data.x_test))
    if (
        dataset == "cifar10"
    ):  # bytes from 0 to 255 become bytes from -128 to 127: photographs have a mean near 0
        x, x_other = ((images ^ 128).view(np.int8) for images in (x, x_other))
    net, scale = build(dataset, model, weights), SCALE[dataset]
    history = fit(net, x, data.y_train, loss=cross_entropy, optimizer=Adam(rate), n_epochs=EPOCHS, batch_size=BATCH,
                  rng=batches, scale=scale)  # fmt: skip
    return accuracy(net, x_other, data.y_test, scale), history.accuracy[-1]


def arrange(images: np.ndarray, order: np.ndarray | None, *, flat: bool) -> np.ndarray:
    """Images (N, C, H, W) with the positions in the given order, the same in each channel; (N, D) if flat."""
    N, C, H, W = images.shape
    x = images.reshape(N, C, H * W)
    if order is not None:
        x = x[:, :, order]
    return np.ascontiguousarray(x.reshape(N, -1) if flat else x.reshape(N, C, H, W))


def build(dataset: str, model: str, rng: np.random.Generator) -> Network:
    """The CNN, or dense layers with at most one hidden layer, for the images of a data set."""
    C, side = IMAGES[dataset]
    if model != "cnn":
        hidden = HIDDEN[model][dataset]
        return mlp([C * side**2, *([hidden] if hidden else []), 10], rng=rng)
    return Network([
        Conv2D(C, 16, 3, padding=1, rng=rng), ReLU(), MaxPool2D(2),
        Conv2D(16, 32, 3, padding=1, rng=rng), ReLU(), MaxPool2D(2),
        Flatten(), Dense(32 * (side // 4) ** 2, 10, rng=rng),
    ])  # fmt: skip


def counted(dataset: str, model: str) -> dict[str, int]:
    """The parameters of a contender, its hidden units, and its multiply-adds for one image, forward.

    A weight is used once in a dense layer, and once for each window in a convolution, those on the padding included.
    """
    C, side = IMAGES[dataset]
    net = build(dataset, model, np.random.default_rng(0))
    x = np.zeros((1, C, side, side) if model == "cnn" else (1, C * side**2), np.float32)
    units = macs = 0
    for layer in net.layers:
        x = layer.forward(x)
        if isinstance(layer, ReLU):
            units += x.size
        if isinstance(layer, Dense | Conv2D):
            macs += layer.params["W"].size * x[0, 0].size
    return {"parameters": net.parameters().size, "units": units, "macs": macs}


def matched(dataset: str, what: str) -> int:
    """The hidden units with which an MLP comes nearest to the CNN, in its parameters or in its multiply-adds."""
    C, side = IMAGES[dataset]
    D, K = C * side**2, 10
    wanted = counted(dataset, "cnn")[what]
    return round((wanted - K) / (D + 1 + K) if what == "parameters" else wanted / (D + K))


HIDDEN = {
    "linear": dict.fromkeys(IMAGES, 0),
    "mlp": {d: matched(d, "parameters") for d in IMAGES},
    "wide": dict.fromkeys(IMAGES, WIDE),
    "arithmetic": {d: matched(d, "macs") for d in IMAGES},
}
