"""How many ReLU units fall silent for every image, at which learning rates, when, and what prevents it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from experiments.learning_rates import N_TRAIN, N_VALIDATION, start, transposed
from experiments.measure import accuracy, generators
from scratchmlp.arrays import Array
from scratchmlp.layers import Dense, LeakyReLU, ReLU
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network
from scratchmlp.optimizers import SGD, warmup
from scratchmlp.training import Diverged, fit

QUESTION = "When do ReLU units die, how many, and what keeps them alive?"
CONDITIONS = (
    "1,797 real 8×8 digits with values from 0 to 1: 500 set aside and not used, 997 to train and 300 to validate, a new "
    "split for each of 5 seeds; 64-64-64-10, He, float32, batch 32, SGD with momentum 0.9 (where it says so, without), "
    "20 epochs; dead is a unit whose sum is not above 0 for any training image, as a share of the 128 hidden units; each "
    "way with the same initial weights and order of images; the accuracy of a run whose loss is no longer a number is "
    "that of the untrained network; as_small: standardised pixels, all divided by one number, so that their root mean "
    "square is what it was before; negative weights: of the first layer's units, after training"
)
SEEDS = range(5)
RATES = (0.01, 0.05, 0.1, 0.2, 0.5, 1)
WAYS = ("relu", "leaky", "no_biases", "warm_up", "plain", "standardised", "as_small")
BATCH, EPOCHS, WARM_EPOCHS = 32, 20, 3
STEPS_PER_EPOCH = -(-N_TRAIN // BATCH)
WATCHED = (0, 8, 16, 32, 64, 160, 640)  # the steps after which the dead are counted, at the rate WATCHED_RATE
WATCHED_RATE, LOW_BIAS = 0.2, -3.0
SETTINGS = {
    "rates": RATES,
    "epochs": EPOCHS,
    "warm_epochs": WARM_EPOCHS,
    "n_train": N_TRAIN,
    "n_validation": N_VALIDATION,
    "watched": WATCHED,
    "watched_rate": WATCHED_RATE,
    "bias": LOW_BIAS,
}
DERIVED = {
    f"points_leaky.{k}": f"100 * ([leaky.validation.{k}] - [relu.validation.{k}])" for k in range(len(RATES))
}
TOLERANCE = {  # at a rate on the edge a last digit decides where a run goes
    "*.dead.0": 0.03,
    "*.dead.1": 0.03,
    "relu.zeros.0": 0.01,
    "relu.zeros.1": 0.02,
    "*.validation.0": 0.02,
    "*.validation.1": 0.02,
    "start.*": 1e-3,
    "low_bias.*": 1e-9,
    "negative.*": 1e-9,
    "*": None,
}  # fmt: skip


def run(seed: int) -> dict[str, Any]:
    """Every way at every rate, the count of the dead step by step, and two networks that are dead or not by design."""
    return {
        **{way: transposed([trained(seed, way, rate) for rate in RATES]) for way in WAYS},
        "step_by_step": watched(seed),
        "start": at_the_start(seed),
        "low_bias": by_low_bias(seed),
        "negative": by_negative_weights(seed),
    }


def network(
    seed: int, activation: type[ReLU] | type[LeakyReLU] = ReLU
) -> tuple[Network, np.random.Generator]:
    """An untrained network with two hidden layers, and the order of its batches."""
    _, for_weights, for_batches = generators(seed, 3)
    layers = [Dense(64, 64, rng=for_weights), activation(), Dense(64, 64, rng=for_weights), activation(),
              Dense(64, 10, rng=for_weights)]  # fmt: skip
    return Network(layers), for_batches


def images(seed: int, way: str = "") -> tuple[Array, Array, Array, Array]:
    """Training images (997, 64) with labels, and those to validate: from 0 to 1, or each pixel standardised."""
    held = start(seed)[1]
    x, new = (held.x_train / 16).astype(np.float32), (held.x_test / 16).astype(np.float32)
    if way in ("standardised", "as_small"):
        size, mean, deviation = np.sqrt(np.square(x).mean()), x.mean(axis=0), x.std(axis=0)
        deviation[deviation == 0] = 1  # a pixel that is always blank
        x, new = (x - mean) / deviation, (new - mean) / deviation
        if way == "as_small":
            smaller = size / np.sqrt(np.square(x).mean())
            x, new = x * smaller, new * smaller
    return x, held.y_train, new, held.y_test


def sums(net: Network, x: Array) -> list[Array]:
    """What goes into the activation functions of the two hidden layers, (N, 64) each."""
    found = []
    for dense, bend in (net.layers[:2], net.layers[2:4]):
        z = dense.forward(x)
        found.append(z)
        x = bend.forward(z)
    return found


def dead(net: Network, x: Array) -> list[Array]:
    """For each hidden layer, which units (64,) have no sum above 0 for any example."""
    return [(z <= 0).all(axis=0) for z in sums(net, x)]


def trained(seed: int, way: str, rate: float) -> dict[str, float]:
    """After training: shares of dead units, the share of zeros among the other units' values, and the accuracy."""
    net, order = network(seed, LeakyReLU if way == "leaky" else ReLU)
    x, y, new, labels = images(seed, way)
    rise = warmup(rate, n_steps=WARM_EPOCHS * STEPS_PER_EPOCH) if way == "warm_up" else rate
    optimizer = SGD(rise, momentum=0 if way == "plain" else 0.9)
    if way == "no_biases":
        after_each(optimizer, lambda: [layer.params["b"].fill(0) for layer in net.layers[:4:2]])
    try:
        train(net, x, y, order, optimizer)
    except Diverged:
        net = network(seed)[0]
    shares = [float(layer.mean()) for layer in dead(net, x)]
    alive = np.concatenate([z[:, ~gone] for z, gone in zip(sums(net, x), dead(net, x), strict=True)], axis=1)
    return {
        "dead": float(np.mean(shares)),
        "first": shares[0],
        "second": shares[1],
        "zeros": float((alive <= 0).mean()) if alive.size else 1.0,
        "validation": accuracy(net, new, labels),
        **negative(net, x),
    }


def negative(net: Network, x: Array) -> dict[str, float]:
    """In the first layer, the share of negative weights of dead and of living units, and the dead that have no others."""
    gone, below = dead(net, x)[0], net.layers[0].params["W"] < 0  # (64,), (64, 64)
    return {
        "negative_dead": float(below[:, gone].mean()) if gone.any() else 0.0,
        "negative_living": float(below[:, ~gone].mean()) if not gone.all() else 0.0,
        "only_negative": int(below[:, gone].all(axis=0).sum()),
    }


def watched(seed: int) -> dict[str, list[float]]:
    """Shares of dead units in both layers after some numbers of steps."""
    net, order = network(seed)
    x, y, _, _ = images(seed)
    found, n = [dead(net, x)], 0

    def look() -> None:
        nonlocal n
        n += 1
        if n in WATCHED:
            found.append(dead(net, x))

    optimizer = SGD(WATCHED_RATE, momentum=0.9)
    after_each(optimizer, look)
    train(net, x, y, order, optimizer)
    return {name: [float(layers[i].mean()) for layers in found] for i, name in enumerate(("first", "second"))}


def at_the_start(seed: int) -> dict[str, float]:
    """Before training: the share of zeros in each hidden layer, and of dead units in both."""
    net, (x, *_) = network(seed)[0], images(seed)
    first, second = (float((z <= 0).mean()) for z in sums(net, x))
    return {"first": first, "second": second, "dead": float(np.mean(dead(net, x)))}


def by_low_bias(seed: int) -> dict[str, float]:
    """With all hidden biases at LOW_BIAS before training: dead units, and the accuracy after training at rate 0.05."""
    net, order = network(seed)
    x, y, new, labels = images(seed)
    for layer in net.layers[:4:2]:
        layer.params["b"][:] = LOW_BIAS
    before = float(np.mean(dead(net, x)))
    train(net, x, y, order, SGD(0.05, momentum=0.9))
    return {"dead": before, "validation": accuracy(net, new, labels)}


def by_negative_weights(seed: int) -> dict[str, float]:
    """With all first weights made negative: dead units of the first layer, on both kinds of inputs."""
    net = network(seed)[0]
    net.layers[0].params["W"][:] = -np.abs(net.layers[0].params["W"])
    return {
        name: float(dead(net, images(seed, name)[0])[0].mean()) for name in ("from_0_to_1", "standardised")
    }


def train(net: Network, x: Array, y: Array, order: np.random.Generator, optimizer: SGD) -> None:
    """Train a network in place."""
    fit(net, x, y, loss=cross_entropy, optimizer=optimizer, n_epochs=EPOCHS, batch_size=BATCH, rng=order)


def after_each(optimizer: SGD, act: Callable[[], Any]) -> None:
    """Make an optimizer call a function after each of its steps."""
    step = optimizer.step

    def and_then(*arguments: Array) -> None:
        step(*arguments)
        act()

    optimizer.step = and_then  # type: ignore[method-assign]
