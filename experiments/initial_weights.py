"""Which initial weights let a network of one to eight hidden layers train, and whether a stuck one ever gets away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from experiments.learning_rates import BATCH, N_TRAIN, N_VALIDATION, judged, start, transposed
from experiments.measure import generators
from experiments.signal_by_depth import ACTIVATIONS, INITIALIZERS
from scratchmlp.initializers import zeros
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network, mlp
from scratchmlp.optimizers import SGD, Adam, Optimizer
from scratchmlp.training import Diverged, fit

QUESTION = (
    "With which initial weights do the digits train a deep network, and does one that is stuck ever get away?"
)
CONDITIONS = (
    "1,797 real 8×8 digits: 500 set aside and not used, 997 to train and 300 to validate, a new split for each of 5 "
    "seeds; 1, 2, 3, 5 or 8 hidden layers of 64 units, float32, biases 0, batch 32; for a seed and a depth all initial "
    "weights differ in scale alone, and the order of the images is the same; plain SGD, 20 epochs, every network with "
    "all rates, chosen is the rate with the best mean accuracy on the images to validate, and reported with the same "
    "images; longer: 100 epochs, all rates; momentum: 0.9, 100 epochs, four rates; Adam: 60 epochs with rate 0.003, "
    "not chosen, and its usual settings; losses are of the training images, after training; a run whose loss is no "
    "longer a number is noted as that of the untrained network; stuck: a loss above 2.29, where guessing all ten "
    "classes alike has ln 10, 2.3026; zero: one hidden layer of weights 0, float64 (in float32 the rounding of some "
    "processors parts the units), plain SGD with rate 1, 20 epochs; how far apart the weights of any two "
    "hidden units are at most, and how far from 0"
)
SEEDS = range(5)
WIDTH, DEPTHS, EPOCHS = 64, (1, 2, 3, 5, 8), 20
RATES = (0.01, 0.03, 0.1, 0.3, 1, 3, 10)
MOMENTUM, MOMENTUM_RATES = 0.9, (0.01, 0.03, 0.05, 0.1)
LONG, LONG_EPOCHS = (("relu", "small", 3), ("relu", "small", 8), ("sigmoid", "xavier", 5)), 100
ADAM, ADAM_EPOCHS, ADAM_DEPTHS = 0.003, 60, (3, 5, 8)
CASES = {"relu": ("small", "xavier", "he"), "tanh": ("xavier",), "sigmoid": ("xavier", "xavier4")}
ZERO_RATE = 1.0
SETTINGS = {"width": WIDTH, "depths": DEPTHS, "rates": RATES, "epochs": EPOCHS, "long_epochs": LONG_EPOCHS,
            "adam_rate": ADAM, "adam_epochs": ADAM_EPOCHS, "momentum_rates": MOMENTUM_RATES, "batch": BATCH,
            "n_train": N_TRAIN, "n_validation": N_VALIDATION, "above": 2.29,
            "zero_rate": ZERO_RATE}  # fmt: skip
TRAINED = {
    f"{a}.{i}.{depth}": f"sgd.{a}.{i}.{depth}"
    for a, initials in CASES.items()
    for i in initials
    for depth in DEPTHS
}
LONGER = {f"{way}.{a}.{i}.{depth}" for way in ("longer", "momentum") for a, i, depth in LONG}
DERIVED = {
    **{
        f"best.{name}.rate": f"at([rates], argmax(mean([{path}.validation])))"
        for name, path in TRAINED.items()
    },
    **{
        f"best.{name}.{kind}": f"at([{path}.{kind}], argmax(mean([{path}.validation])))"
        for name, path in TRAINED.items()
        for kind in ("loss", "train", "validation")
    },
    **{f"best.{name}.stuck": f"count([best.{name}.loss] > [above])" for name in TRAINED},
    **{
        f"points.{name}": f"100 * ([best.{name}.validation] - [best.relu.he.{name.rpartition('.')[2]}.validation])"
        for name in TRAINED
        if not name.startswith("relu.he")
    },
    # Of a network that no rate gets away, none is the best one: for each seed the lowest loss of all rates.
    **{f"lowest.{path}": f"min(turned([{path}.loss]))" for path in sorted({*TRAINED.values(), *LONGER})},
    **{f"away.{path}": f"count([lowest.{path}] <= [above])" for path in sorted({*TRAINED.values(), *LONGER})},
    **{
        f"away.adam.{a}.{i}.{depth}": f"count([adam.{a}.{i}.{depth}.loss] <= [above])"
        for a, initials in CASES.items()
        for i in initials
        for depth in ADAM_DEPTHS
    },
}
TOLERANCE = {  # at a rate on the edge, and on a plateau that is being left, a last digit decides where a run goes
    "zero.*.apart": 1e-6,
    "zero.*": 0.001,
    "sgd.relu.small.2.*.4": None,
    "sgd.relu.small.*": 0.01,
    "sgd.relu.he.8.*.2": None,
    "sgd.relu.xavier.8.*.2": 0.1,
    "sgd.relu.*.[358].*.[34]": None,
    "sgd.relu.*": 0.02,
    "sgd.tanh.*.[456]": None,
    "sgd.sigmoid.xavier.1.*.6": None,
    "sgd.sigmoid.xavier4.*.[456]": None,
    "longer.sigmoid.*.5": None,
    "momentum.relu.small.3.*.[12]": None,
    "adam.relu.small.[35].*": 0.1,
    "adam.sigmoid.xavier.8.*": 0.2,
    "*": 0.02,
}


def run(seed: int) -> dict[str, Any]:
    """Every network with every rate, some of them for longer, the deeper ones with Adam, and weights of 0."""
    return {
        "sgd": each(lambda *case: by_rate(seed, *case, EPOCHS), DEPTHS),
        "longer": nested({case: by_rate(seed, *case, LONG_EPOCHS) for case in LONG}),
        "momentum": nested({case: with_momentum(seed, *case) for case in LONG}),
        "adam": each(lambda *case: trained(seed, *case, Adam(ADAM), ADAM_EPOCHS), ADAM_DEPTHS),
        "zero": {name: from_zero(seed, name) for name in ACTIVATIONS},
    }


def each(task: Callable[..., Any], depths: tuple[int, ...]) -> dict[str, Any]:
    """What a task gives for each activation, initial weights and depth."""
    return nested(
        {(a, i, d): task(a, i, d) for a, initials in CASES.items() for i in initials for d in depths}
    )


def nested(found: dict[tuple[Any, ...], Any]) -> dict[str, Any]:
    """A tree of what is known by activation, initial weights and depth."""
    tree: dict[str, Any] = {}
    for (a, i, d), value in found.items():
        tree.setdefault(a, {}).setdefault(i, {})[str(d)] = value
    return tree


def by_rate(seed: int, activation: str, initial: str, depth: int, n_epochs: int) -> dict[str, list[float]]:
    """Loss and accuracies of a network after SGD, for each rate."""
    return transposed([trained(seed, activation, initial, depth, SGD(rate), n_epochs) for rate in RATES])


def with_momentum(seed: int, activation: str, initial: str, depth: int) -> dict[str, list[float]]:
    """Loss and accuracies of a network after long training with momentum, for each rate."""
    optimizers = [SGD(rate, momentum=MOMENTUM) for rate in MOMENTUM_RATES]
    return transposed([trained(seed, activation, initial, depth, rule, LONG_EPOCHS) for rule in optimizers])


def trained(
    seed: int, activation: str, initial: str, depth: int, optimizer: Optimizer, n_epochs: int
) -> dict[str, float]:
    """Loss and accuracies after training; of the untrained network, if the loss ended."""
    _, data, order = start(seed)
    net = network(seed, activation, initial, depth)
    try:
        fit(net, data.x_train, data.y_train, loss=cross_entropy, optimizer=optimizer, n_epochs=n_epochs,
            batch_size=BATCH, rng=order, scale=1 / 16)  # fmt: skip
    except Diverged:
        net = network(seed, activation, initial, depth)
    return judged(net, data)


def network(seed: int, activation: str, initial: str, depth: int) -> Network:
    """An untrained network; its weights have the generator that `start` has for them."""
    sizes = (64, *[WIDTH] * depth, 10)
    return mlp(
        sizes,
        activation=ACTIVATIONS[activation],
        initializer=INITIALIZERS[initial],
        rng=generators(seed, 3)[1],
    )


def from_zero(seed: int, activation: str) -> dict[str, float]:
    """Loss and accuracies of one hidden layer after weights of 0; how far its units are apart, and how far they went."""
    _, data, order = start(seed)
    net = mlp(
        (64, WIDTH, 10), activation=ACTIVATIONS[activation], initializer=zeros, rng=order, dtype="float64"
    )
    fit(net, data.x_train, data.y_train, loss=cross_entropy, optimizer=SGD(ZERO_RATE), n_epochs=EPOCHS,
        batch_size=BATCH, rng=order, scale=1 / 16)  # fmt: skip
    units = np.vstack(
        [net.layers[0].params["W"], net.layers[2].params["W"].T]
    )  # (74, M): a column for each unit
    return judged(net, data) | {"apart": np.ptp(units, axis=1).max(), "moved": np.abs(units).max()}
