"""How wide and how deep a network for the digits should be, each at its own best rate, beside models without bends."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.measure import accuracy, generators, split_digits
from scratchmlp.counting import dense_parameters
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network, mlp
from scratchmlp.optimizers import SGD
from scratchmlp.training import Diverged, evaluate, fit

QUESTION = "What do more units in a hidden layer, and more hidden layers, add on the digits, if each has its own rate?"
CONDITIONS = (
    "1,797 real 8×8 digits: 997 to train, 300 to validate, 500 to test, a new split for each of 10 seeds; ReLU, He, "
    "float32, SGD with momentum 0.9, batch 32, 30 epochs for all; each size at 8 rates with the same initial weights and "
    "order of images, and judged on the test images once, at the rate with the lowest loss of the validation images; a "
    "run whose loss is no longer a number loses; linear is a network without hidden layer (multinomial logistic "
    "regression), majority the class that is most frequent among the training images; the splits overlap, so the seeds "
    "are not independent"
)
SEEDS = range(10)
N_TRAIN, BATCH, EPOCHS, MOMENTUM = 997, 32, 30, 0.9
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3)
WIDTHS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
DEPTHS = (1, 2, 3, 5)  # of 64 units each
SIZES = {
    "linear": [64, 10],
    **{f"width.{width}": [64, width, 10] for width in WIDTHS},
    **{f"depth.{depth}": [64, *[64] * depth, 10] for depth in DEPTHS[1:]},
}
SETTINGS = {"widths": WIDTHS, "depths": DEPTHS, "rates": RATES, "epochs": EPOCHS, "batch": BATCH, "n_train": N_TRAIN,
            "n_validation": 300, "n_test": 500}  # fmt: skip
DERIVED = {  # in percentage points, seed by seed
    **{f"points.{name}": f"100 * ([{name}.test] - [width.64.test])" for name in SIZES if name != "width.64"},
    "points.16_to_64": "100 * ([width.64.test] - [width.16.test])",
    "points.32_to_64": "100 * ([width.64.test] - [width.32.test])",
    "points.1_to_32": "100 * ([width.32.test] - [width.1.test])",
    "points.linear_to_16": "100 * ([width.16.test] - [linear.test])",
    "points.over_linear": "100 * ([width.64.test] - [linear.test])",
    "points.linear_to_128": "100 * ([width.128.test] - [linear.test])",
    "points.one_image": "100 / [n_test]",
    **{f"apart.{name}": f"100 * ([{name}.train] - [{name}.test])" for name in SIZES},
}
TOLERANCE = {  # two rates may be as good as each other, and a last digit decides
    "*.rate": None,
    "parameters.*": 0,
    "majority.*": 0,
    "*.test": 0.02,
    "*.train": 0.012,
    "*loss": 0.04,
}


def once() -> dict[str, Any]:
    """How many parameters each network has."""
    found = {name: dense_parameters(sizes) for name, sizes in SIZES.items()}
    return {"parameters": nested(found | {"depth.1": found["width.64"]})}


Part = tuple[np.ndarray, np.ndarray]


def run(seed: int) -> dict[str, Any]:
    """Every size on the same split, and the class that is most frequent."""
    images = parts(seed)
    found: dict[str, Any] = {name: tuned(seed, images, sizes) for name, sizes in SIZES.items()}
    train, _, test = images
    found["majority"] = {"train": guessed(train, train), "test": guessed(train, test)}
    return nested(found | {"depth.1": found["width.64"]})


def guessed(train: Part, judged: Part) -> float:
    """The accuracy of always saying the class that is most frequent among the images to train."""
    return float(np.mean(judged[1] == np.bincount(train[1]).argmax()))


def parts(seed: int) -> list[Part]:
    """The images, as rows of values from 0 to 16, and their labels: to train, to validate and to test."""
    data = split_digits(generators(seed, 3)[0])
    x, y = data.x_train, data.y_train
    return [(x[:N_TRAIN], y[:N_TRAIN]), (x[N_TRAIN:], y[N_TRAIN:]), (data.x_test, data.y_test)]


def tuned(seed: int, images: list[Part], sizes: list[int]) -> dict[str, float]:
    """Loss and accuracy at the rate with the lowest loss of the validation images, and that rate."""
    train, validation, test = images
    found = []
    for rate in RATES:
        net = trained(seed, train, sizes, rate)
        if net is not None:
            loss = evaluate(net, *validation, loss=cross_entropy, scale=1 / 16).loss
            found.append((loss, rate, net))
    loss, rate, net = min(found, key=lambda tried: tried[0])
    learned = evaluate(net, *train, loss=cross_entropy, scale=1 / 16)
    return {
        "rate": rate,
        "validation_loss": loss,
        "loss": learned.loss,
        "train": learned.accuracy,
        "test": accuracy(net, *test, 1 / 16),
    }


def trained(seed: int, train: Part, sizes: list[int], rate: float) -> Network | None:
    """A network trained at a rate, or none where its loss ended."""
    _, for_weights, for_batches = generators(seed, 3)
    net = mlp(sizes, rng=for_weights)
    try:
        fit(net, *train, loss=cross_entropy, optimizer=SGD(rate, momentum=MOMENTUM), n_epochs=EPOCHS,
            batch_size=BATCH, rng=for_batches, scale=1 / 16)  # fmt: skip
    except Diverged:
        return None
    return net


def nested(found: dict[str, Any]) -> dict[str, Any]:
    """Values under names such as width.64 as a tree."""
    tree: dict[str, Any] = {}
    for name, value in found.items():
        above, _, below = name.rpartition(".")
        (tree.setdefault(above, {}) if above else tree)[below] = value
    return tree
