"""Which activation function learns the digits best, with one start for all of them and with a start of its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from experiments.learning_rates import N_TRAIN, N_VALIDATION, start, transposed
from experiments.measure import accuracy, generators
from scratchmlp.activations import leaky_relu, relu, sigmoid
from scratchmlp.arrays import Array
from scratchmlp.initializers import normal
from scratchmlp.layers import Dense, Layer
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network
from scratchmlp.optimizers import SGD
from scratchmlp.training import Diverged, evaluate, fit

QUESTION = "Which activation function learns the digits best, and what holds a sigmoid back: its centre or its slope?"
CONDITIONS = (
    "1,797 real 8×8 digits with values from 0 to 1: 500 set aside and not used, 997 to train and 300 to validate, a new "
    "split for each of 5 seeds; one or three hidden layers of 64 units, float32, batch 32, plain SGD, 20 epochs; first "
    "weights normal with a standard deviation of a gain over the root of the inputs, 1 for the output layer; six rates "
    "with a gain of 1, or six rates and three gains, and of these the best on the images to validate, which are also "
    "those reported; every run of a seed with the same drawn numbers and order of images; losses are of the training "
    "images, after training; a run whose loss is no longer a number is noted as the untrained network"
)
SEEDS = range(5)
DEPTHS, WIDTH, BATCH, EPOCHS = (1, 3), 64, 32, 20
RATES = (0.03, 0.1, 0.3, 1, 3, 10)
GAINS = (1, math.sqrt(2), 4)
NAMES = ("sigmoid", "centred", "steep", "steep_centred", "tanh", "relu", "leaky")
SETTINGS = {
    "epochs": EPOCHS,
    "width": WIDTH,
    "rates": RATES,
    "all_rates": RATES * len(GAINS),
    "all_gains": [gain for gain in GAINS for _ in RATES],
    "n_train": N_TRAIN,
    "n_validation": N_VALIDATION,
}


def derived() -> dict[str, str]:
    """For each depth and function: the best rate with a gain of 1, the best pair of all, and what they reach."""
    formulas = {}
    for depth in DEPTHS:
        for name in NAMES:
            for way, rates in (("one", "rates"), ("all", "all_rates")):
                at = f"depth{depth}.{name}.{way}"
                best = f"argmax(mean([{at}.validation]))"
                formulas |= {
                    f"{at}.rate": f"at([{rates}], {best})",
                    f"{at}.best_loss": f"at([{at}.loss], {best})",
                    f"{at}.best": f"at([{at}.validation], {best})",
                    f"{at}.points": f"100 * ([{at}.best] - [depth{depth}.sigmoid.{way}.best])",
                }
            formulas[f"depth{depth}.{name}.all.gain"] = f"at([all_gains], {best})"
            formulas[f"depth{depth}.{name}.all.apart"] = f"at([depth{depth}.{name}.apart], {best})"
            formulas[f"depth{depth}.{name}.one.apart"] = f"at([depth{depth}.{name}.apart], 0)"
    return formulas


DERIVED = derived()
TOLERANCE = {
    "*.apart.*": 1e-4,
    "*.best*": 0.02,
    "*": None,
}  # at a rate on the edge a last digit decides where a run goes


@dataclass
class Bend(Layer):
    """An activation function and its slope, both of the sum: y = value(x) for each number."""

    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]

    def __post_init__(self) -> None:
        super().__init__()

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The output y, of the shape of x."""
        return self.value(self.keep(x, training))

    def backward(self, dy: Array) -> Array:
        """Gradient with respect to x: dy times the slope at x."""
        return dy * self.slope(self.saved_like(dy))


def of_sigmoid(z: Array) -> Array:
    """The slope of the sigmoid at z."""
    p = sigmoid(z)
    return p * (1 - p)


BENDS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "sigmoid": (sigmoid, of_sigmoid),
    "centred": (lambda z: sigmoid(z) - 0.5, of_sigmoid),
    "steep": (lambda z: 4 * sigmoid(z), lambda z: 4 * of_sigmoid(z)),
    "steep_centred": (lambda z: 4 * sigmoid(z) - 2, lambda z: 4 * of_sigmoid(z)),
    "tanh": (np.tanh, lambda z: 1 - np.square(np.tanh(z))),
    "relu": (relu, lambda z: np.where(z > 0, 1, 0).astype(z.dtype)),
    "leaky": (leaky_relu, lambda z: np.where(z > 0, 1, 0.01).astype(z.dtype)),
}


def run(seed: int) -> dict[str, Any]:
    """Every function at both depths: all rates with a gain of 1, and all rates with all gains."""
    return {f"depth{depth}": {name: of(seed, name, depth) for name in NAMES} for depth in DEPTHS}


def of(seed: int, name: str, depth: int) -> dict[str, Any]:
    """What one function reaches at one depth, rate by rate, gain by gain, and what it makes of images before training."""
    runs = [trained(seed, name, depth, gain, rate) for gain in GAINS for rate in RATES]
    before = [
        apart(network(seed, name, depth, gain), start(seed)[1].x_train) for gain in GAINS for _ in RATES
    ]
    return {"one": transposed(runs[: len(RATES)]), "all": transposed(runs), "apart": before}


def apart(net: Network, x: Array) -> float:
    """Of the values in the last hidden layer, what differs between images: its root mean square over that of all."""
    h = (x / 16).astype(np.float32)
    for layer in net.layers[:-1]:
        h = layer.forward(h)
    return float(np.sqrt(np.square(h - h.mean(axis=0)).mean() / np.square(h).mean()))


def network(seed: int, name: str, depth: int, gain: float) -> Network:
    """An untrained network of hidden layers with one activation function."""
    rng, sizes = generators(seed, 3)[1], (64, *[WIDTH] * depth)
    layers: list[Layer] = []
    for D, M in pairwise(sizes):
        layers += [Dense(D, M, initializer=normal(gain / math.sqrt(D)), rng=rng), Bend(*BENDS[name])]
    return Network([*layers, Dense(WIDTH, 10, initializer=normal(1 / math.sqrt(WIDTH)), rng=rng)])


def trained(seed: int, name: str, depth: int, gain: float, rate: float) -> dict[str, float]:
    """Loss and accuracy after training; of the untrained network, if the loss ended."""
    _, data, order = start(seed)
    net = network(seed, name, depth, gain)
    try:
        fit(net, data.x_train, data.y_train, loss=cross_entropy, optimizer=SGD(rate), n_epochs=EPOCHS,
            batch_size=BATCH, rng=order, scale=1 / 16)  # fmt: skip
    except Diverged:
        net = network(seed, name, depth, gain)
    return {
        "loss": evaluate(net, data.x_train, data.y_train, loss=cross_entropy, scale=1 / 16).loss,
        "validation": accuracy(net, data.x_test, data.y_test, 1 / 16),
    }
