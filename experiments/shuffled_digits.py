"""Shuffle the pixels of the 8×8 digits: what do an MLP and a small CNN lose, with many examples and with few?"""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.measure import accuracy, generators, split_digits, train_on_digits
from scratchmlp.conv import Conv2D
from scratchmlp.datasets import Split
from scratchmlp.layers import Dense, Flatten, ReLU
from scratchmlp.network import Network, mlp
from scratchmlp.pooling import MaxPool2D

QUESTION = "What does one permutation of the pixels cost an MLP and a small CNN on the 8×8 digits?"
CONDITIONS = (
    "1,797 real 8×8 digits, 500 to test, 1,297 or 200 of the others to train; MLP 64-64-10; CNN: conv 8, conv 16, "
    "max pool, dense, kernels 3×3; ReLU, He, float32, SGD with momentum 0.9, rate 0.05, batch 32, 20 epochs; "
    "same split, initial weights and batches with and without the permutation, all four anew for each of 8 seeds"
)
SEEDS = range(8)
N_TRAIN, MODELS = (1297, 200), ("mlp", "cnn")
SETTINGS = {"n_train": N_TRAIN, "n_test": 500}
DERIVED = {  # in points
    **{f"n{n}.gap": f"100 * ([n{n}.cnn.plain] - [n{n}.mlp.plain])" for n in N_TRAIN},
    **{
        f"n{n}.{m}.points": f"100 * ([n{n}.{m}.shuffled] - [n{n}.{m}.plain])" for n in N_TRAIN for m in MODELS
    },
}
TOLERANCE = {"n1297.*": 0.012, "n200.*": 0.012}  # 6 of 500 images; 2 were seen


def once() -> dict[str, Any]:
    """How many parameters the networks have."""
    return {
        "parameters": {model: build(model, np.random.default_rng(0)).parameters().size for model in MODELS}
    }


def run(seed: int) -> dict[str, Any]:
    """The accuracy of both networks for both numbers of examples, without and with the permutation."""
    return {f"n{n}": {model: pair(model, seed, n) for model in MODELS} for n in N_TRAIN}


def pair(model: str, seed: int, n_train: int) -> dict[str, float]:
    """The test accuracy of one network with the pixels in place, and shuffled."""
    return {
        name: train(model, seed, n_train, shuffled)
        for name, shuffled in (("plain", False), ("shuffled", True))
    }


def train(model: str, seed: int, n_train: int, shuffled: bool) -> float:
    """The test accuracy of one network."""
    net, data, _ = trained(model, seed, n_train, shuffled)
    return accuracy(net, data.x_test, data.y_test, 1 / 16)


def trained(model: str, seed: int, n_train: int, shuffled: bool) -> tuple[Network, Split, np.ndarray]:
    """One network, its data, and the permutation of the pixels of its seed."""
    for_split, for_weights, for_batches, for_pixels = generators(seed, 4)
    order = for_pixels.permutation(64)
    data = split_digits(for_split, lambda images: images.reshape(-1, 64)[:, order] if shuffled else images)
    if model == "cnn":
        data = data._replace(
            **{side: getattr(data, side).reshape(-1, 1, 8, 8) for side in ("x_train", "x_test")}
        )
    net = build(model, for_weights)
    train_on_digits(net, data.x_train[:n_train], data.y_train[:n_train], for_batches)
    return net, data, order


def build(model: str, rng: np.random.Generator) -> Network:
    """The MLP, or the CNN, for images of 8 by 8."""
    if model == "mlp":
        return mlp([64, 64, 10], rng=rng)
    return Network([
        Conv2D(1, 8, 3, padding=1, rng=rng), ReLU(), Conv2D(8, 16, 3, padding=1, rng=rng), ReLU(),
        MaxPool2D(2), Flatten(), Dense(256, 10, rng=rng),
    ])  # fmt: skip
