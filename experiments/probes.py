"""What a linear model reads from each layer of a deep network, trained and untrained."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.measure import accuracy, generators, train_on_digits
from experiments.width_and_depth import Part, parts
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network, mlp
from scratchmlp.optimizers import SGD
from scratchmlp.training import Diverged, evaluate, fit

QUESTION = (
    "Do the layers of a network hold more and more of what a linear model needs to tell the digits apart?"
)
CONDITIONS = (
    "1,797 real 8×8 digits: 997 to train, 300 to validate, 500 to test, a new split for each of 10 seeds; "
    "64-64-64-64-10, ReLU, He, float32, SGD with momentum 0.9, rate 0.05, batch 32, 20 epochs; probe: a linear model "
    "(softmax) on the inputs x or on the output of a hidden layer, h1 to h3, standardised by the training images, 30 "
    "epochs, the rate of 0.003, 0.01, 0.03, 0.1 with the lowest loss of the validation images; network and probe learn "
    "from the same images"
)
SEEDS = range(10)
LAYERS, RATES, EPOCHS = ("h1", "h2", "h3"), (0.003, 0.01, 0.03, 0.1), 30
STATES = ("untrained", "trained")
SETTINGS = {"layers": LAYERS, "rates": RATES, "epochs": EPOCHS}
DERIVED = {
    **{f"points.{state}.{layer}": f"100 * ([{state}.{layer}] - [x])" for state in STATES for layer in LAYERS},
    **{f"gained.{layer}": f"100 * ([trained.{layer}] - [untrained.{layer}])" for layer in LAYERS},
    "points.first_to_last": "100 * ([trained.h3] - [trained.h1])",
    "points.network": "100 * ([network] - [trained.h3])",
}
TOLERANCE = {  # of 500 images: 10 where three layers were trained, 3 elsewhere
    "trained.*": 0.02,
    "network": 0.02,
    "*": 0.006,
}


def run(seed: int) -> dict[str, Any]:
    """The test accuracy of the probe of each layer before and after training, and that of the network."""
    images = [((x / 16).astype(np.float32), y) for x, y in parts(seed)]
    _, for_weights, for_batches = generators(seed, 3)
    net = mlp([64, 64, 64, 64, 10], rng=for_weights)
    untrained = probed(net, images, seed)
    train_on_digits(net, *parts(seed)[0], for_batches)
    return {
        "x": probe(images, seed),
        "untrained": untrained,
        "trained": probed(net, images, seed),
        "network": accuracy(net, *images[2]),
    }


def probed(net: Network, images: list[Part], seed: int) -> dict[str, float]:
    """The test accuracy of a linear model on the output of each hidden layer."""
    found = {}
    for i, layer in enumerate(LAYERS, 1):
        below = Network(net.layers[: 2 * i])
        found[layer] = probe([(below.forward(x), y) for x, y in images], seed)
    return found


def probe(images: list[Part], seed: int) -> float:
    """The test accuracy of a linear model at the rate with the lowest loss of the validation images."""
    x = images[0][0]
    shift, scale = x.mean(axis=0), x.std(axis=0)
    train, validation, test = (((x - shift) / np.where(scale > 0, scale, 1), y) for x, y in images)
    found = []
    for rate in RATES:
        for_weights, for_batches = generators(seed, 5)[3:]
        linear = mlp([x.shape[1], 10], rng=for_weights)
        try:
            fit(linear, *train, loss=cross_entropy, optimizer=SGD(rate, momentum=0.9), n_epochs=EPOCHS, batch_size=32,
                rng=for_batches)  # fmt: skip
        except Diverged:
            continue
        found.append((evaluate(linear, *validation, loss=cross_entropy).loss, rate, linear))
    return accuracy(min(found, key=lambda tried: tried[0])[2], *test)
