"""Which learning rates suit plain gradient descent and which Adam, what a wrong one costs, and what a schedule gains."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.measure import accuracy, generators, split_digits
from scratchmlp.datasets import Split
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network, mlp
from scratchmlp.optimizers import SGD, Adam, Optimizer, Rate, constant, cosine, staircase
from scratchmlp.training import Diverged, evaluate, fit

QUESTION = "How much does the learning rate matter on the digits, which suit SGD or Adam, and what do schedules gain?"
CONDITIONS = (
    "1,797 real 8×8 digits: 500 set aside and not used, 997 to train and 300 to validate, a new split for each of 5 "
    "seeds; 64-32-10, ReLU, He, float32, batch 32, plain SGD or Adam with its usual settings, 10 epochs (schedules: "
    "40); every rate with the same initial weights and order of images; losses are of the training images, after "
    "training; a run whose loss is no longer a number is noted as the loss and accuracy of the untrained network"
)
SEEDS = range(5)
SIZES, BATCH, EPOCHS, LONG = (64, 32, 10), 32, 10, 40
N_TRAIN, N_VALIDATION = 997, 300
STEPS_PER_EPOCH = -(-N_TRAIN // BATCH)
RATES = {
    "sgd": (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 2, 3),
    "adam": (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3),
}
LOW = 0.001  # the rate that is too low, and by what it is multiplied for ten more epochs
FACTORS = (0.1, 1, 10, 100)
SCHEDULED = (0.1, 0.3, 1)  # where the schedules start: the best constant rate, a lower and a higher one
SCHEDULES = ("constant", "halved", "cosine")
SETTINGS = {
    "epochs": EPOCHS,
    "long": LONG,
    "batch": BATCH,
    "n_train": N_TRAIN,
    "n_validation": N_VALIDATION,
    "rates": RATES,
    "low": LOW,
    "factors": FACTORS,
    "scheduled": SCHEDULED,
}
DERIVED = {
    **{f"best.{name}": f"at([rates.{name}], argmax(mean([{name}.validation])))" for name in RATES},
    **{
        f"schedule.{k}.points_{name}": f"100 * ([schedule.{k}.{name}.validation] - [schedule.{k}.constant.validation])"
        for k in range(len(SCHEDULED))
        for name in SCHEDULES[1:]
    },
}
TOLERANCE = {  # at a rate on the edge a last digit decides where a run goes
    "sgd.*.6": None,
    "schedule.2.*": None,
    "*.loss*": 0.02,
    "*": 0.02,
}


def run(seed: int) -> dict[str, Any]:
    """Every rate of both, ten more epochs after one that is too low, and the schedules."""
    return {
        "sgd": transposed([trained(seed, SGD(rate)) for rate in RATES["sgd"]]),
        "adam": transposed([trained(seed, Adam(rate)) for rate in RATES["adam"]]),
        "after": transposed([continued(seed, factor) for factor in FACTORS]),
        "schedule": {
            str(k): {name: trained(seed, SGD(scheduled(name, rate)), LONG) for name in SCHEDULES}
            for k, rate in enumerate(SCHEDULED)
        },
    }


def scheduled(name: str, rate: float) -> Rate:
    """A schedule that starts at a rate: constant, halved every five epochs, or half a cosine down to 0."""
    if name == "halved":
        return staircase(rate, every=5 * STEPS_PER_EPOCH, factor=0.5)
    return cosine(rate, n_steps=LONG * STEPS_PER_EPOCH) if name == "cosine" else constant(rate)


def start(seed: int, dtype: str = "float32") -> tuple[Network, Split, np.random.Generator]:
    """An untrained network, the images to train and to validate, and the order of the batches."""
    for_split, for_weights, for_batches = generators(seed, 3)
    data = split_digits(for_split)
    held = Split(
        data.x_train[:N_TRAIN], data.y_train[:N_TRAIN], data.x_train[N_TRAIN:], data.y_train[N_TRAIN:]
    )
    return mlp(SIZES, rng=for_weights, dtype=dtype), held, for_batches


def trained(seed: int, optimizer: Optimizer, n_epochs: int = EPOCHS) -> dict[str, float]:
    """Loss and accuracy after training; of the untrained network, if the loss ended."""
    net, data, order = start(seed)
    try:
        train(net, data, order, optimizer, n_epochs)
    except Diverged:
        net = start(seed)[0]
    return judged(net, data)


def continued(seed: int, factor: float) -> dict[str, float]:
    """What ten more epochs give with another rate, after ten with a rate that is too low."""
    net, data, order = start(seed)
    train(net, data, order, SGD(LOW), EPOCHS)
    train(net, data, order, SGD(LOW * factor), EPOCHS)
    return judged(net, data)


def train(net: Network, data: Split, order: np.random.Generator, optimizer: Optimizer, n_epochs: int) -> None:
    """Train a network in place."""
    fit(net, data.x_train, data.y_train, loss=cross_entropy, optimizer=optimizer, n_epochs=n_epochs, batch_size=BATCH,
        rng=order, scale=1 / 16)  # fmt: skip


def judged(net: Network, data: Split) -> dict[str, float]:
    """Loss and accuracy on the training images, and accuracy on those to validate."""
    found = evaluate(net, data.x_train, data.y_train, loss=cross_entropy, scale=1 / 16)
    return {
        "loss": found.loss,
        "train": found.accuracy,
        "validation": accuracy(net, data.x_test, data.y_test, 1 / 16),
    }


def transposed(runs: list[dict[str, float]]) -> dict[str, list[float]]:
    """A list for each name."""
    return {name: [found[name] for found in runs] for name in runs[0]}
