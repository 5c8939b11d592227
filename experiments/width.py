"""How wide must a hidden layer be? The answer of the 8×8 digits, beside the rule of thumb and the recipes."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.measure import accuracy, generators, split_digits, train_on_digits
from scratchmlp.counting import dense_parameters
from scratchmlp.network import mlp

QUESTION = "How many hidden units do the 8×8 digits need, and does their number follow the number of inputs?"
CONDITIONS = (
    "1,797 real 8×8 digits, 1,297 to train and 500 to test, a new split for each of 10 seeds; ReLU, He, "
    "float32, SGD with momentum 0.9, rate 0.05, batch 32, 20 epochs for every size"
)
SEEDS = range(10)
WIDTHS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
RECIPES = [[64, 32], [128, 64, 32], [256, 128, 64]]  # of the tutorial, for small, medium and large data sets
SIZES = {str(width): [width] for width in WIDTHS} | {"-".join(map(str, r)): r for r in RECIPES}
SETTINGS = {"widths": WIDTHS, "recipes": RECIPES, "n_train": 1297, "n_test": 500}
DERIVED = {  # gains in percentage points, seed by seed
    "points.16_to_128": "100 * ([test.128] - [test.16])",
    "points.256_to_1024": "100 * ([test.1024] - [test.256])",
    "points.enlarged": "100 * ([enlarged.32x32] - [enlarged.8x8])",
    "points.second_layer": "100 * ([test.64-32] - [test.64])",
    "points.three_layers": "100 * ([test.256-128-64] - [test.1024])",
    "points.one_image": "100 / [n_test]",
}
TOLERANCE = {
    "test.*": 0.012,
    "enlarged.*": 0.012,
    "transposed": 0.012,
    "train.*": 0.006,
}  # 6 of 500 images; 2 were seen


def once() -> dict[str, Any]:
    """How many parameters each network has."""
    return {"parameters": {name: dense_parameters([64, *hidden, 10]) for name, hidden in SIZES.items()}}


def run(seed: int) -> dict[str, Any]:
    """Every size on the same split, with the same seeds for weights and batches; 32 units on enlarged digits too."""
    found = {name: train(hidden, seed) for name, hidden in SIZES.items()}
    return {
        **{side: {name: of[side] for name, of in found.items()} for side in ("test", "train")},
        "transposed": found["64"]["transposed"],
        "enlarged": {f"{8 * k}x{8 * k}": train([32], seed, k)["test"] for k in (1, 2, 4)},
    }


def train(hidden: list[int], seed: int, enlarge: int = 1) -> dict[str, float]:
    """The accuracy of one network; where its first matrix is square, also with that matrix transposed.

    With enlarge=k every pixel becomes a square of k times k equal ones. Each of them has a k-th of its value, and the
    first weights start k times as large, so that neither the start of the hidden sums nor the length of a step changes.
    """
    for_split, for_weights, for_batches = generators(seed, 3)
    data = split_digits(for_split, lambda images: enlarged(images, enlarge))
    net = mlp([data.x_train.shape[1], *hidden, 10], rng=for_weights)
    net.layers[0].params["W"] *= enlarge
    train_on_digits(net, data.x_train, data.y_train, for_batches)
    result = {
        "test": accuracy(net, data.x_test, data.y_test, 1 / 16),
        "train": accuracy(net, data.x_train, data.y_train, 1 / 16),
    }
    W = net.layers[0].params["W"]
    if W.shape[0] == W.shape[1]:
        W[:] = W.T.copy()
        result["transposed"] = accuracy(net, data.x_test, data.y_test, 1 / 16)
    return result


def enlarged(images: np.ndarray, k: int) -> np.ndarray:
    """Images (N, C, H, W) with every pixel as a square of k times k, each a k-th of it: (N, C, kH, kW), float32."""
    return images.repeat(k, axis=2).repeat(k, axis=3).astype(np.float32) / np.float32(k)
