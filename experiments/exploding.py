"""What helps a network whose gradients explode: a lower rate, shorter gradients, or other initial weights."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from experiments.learning_rates import BATCH, N_TRAIN, N_VALIDATION, judged, start, transposed
from experiments.measure import generators
from scratchmlp.initializers import he, normal
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network, mlp
from scratchmlp.optimizers import SGD, Optimizer, norm
from scratchmlp.training import Diverged, fit

QUESTION = "Ten hidden layers with weights that are too large: how far do a lower rate, clipping and He weights help?"
CONDITIONS = (
    "1,797 real 8×8 digits: 500 set aside and not used, 997 to train and 300 to validate, a new split for each of 5 "
    "seeds; 10 hidden layers of 64 ReLUs, float32, biases 0, weights of standard deviation 0.5 or He, the same but for "
    "their scale; plain SGD, batch 32, 20 epochs (longer: 100), every way with all its rates, chosen is the rate with "
    "the best mean accuracy on the images to validate, and reported with the same images; clipped: gradients longer "
    "than 1 are shortened to it; losses are of the training images, after training; a run whose loss is no longer a "
    "number is noted as that of the untrained network, and counted; gradient: length of that of all training images"
)
SEEDS = range(5)
WIDTH, DEPTH, LARGE, EPOCHS, LONG, MAX_NORM = 64, 10, 0.5, 20, 100, 1.0
WAYS: dict[str, tuple[str, float, int, tuple[float, ...]]] = {
    # initial weights, the longest gradient, epochs, rates
    "large": ("large", math.inf, EPOCHS, (1e-8, 1e-7, 3e-7, 1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 1e-2)),
    "longer": ("large", math.inf, LONG, (1e-6, 3e-6, 1e-5)),
    "clipped": ("large", MAX_NORM, EPOCHS, (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1)),
    "he": ("he", math.inf, EPOCHS, (0.003, 0.01, 0.03, 0.1, 0.3, 1)),
}
SETTINGS = {"width": WIDTH, "depth": DEPTH, "scale": LARGE, "epochs": EPOCHS, "long": LONG, "max_norm": MAX_NORM,
            "batch": BATCH, "n_train": N_TRAIN, "n_validation": N_VALIDATION,
            "rates": {way: rates for way, (*_, rates) in WAYS.items()}}  # fmt: skip
DERIVED = {
    **{f"best.{way}.rate": f"at([rates.{way}], argmax(mean([{way}.validation])))" for way in WAYS},
    **{
        f"best.{way}.{kind}": f"at([{way}.{kind}], argmax(mean([{way}.validation])))"
        for way in WAYS
        for kind in ("loss", "train", "validation")
    },
    **{
        f"points.{way}": f"100 * ([best.{way}.validation] - [best.he.validation])"
        for way in ("large", "longer", "clipped")
    },
    "behind.longer": "-1 * [points.longer]",
    **{
        f"gain.{way}": f"100 * ([best.{way}.validation] - [best.large.validation])"
        for way in ("longer", "clipped")
    },
    **{f"ended.{way}": f"sum([{way}.ended])" for way in WAYS},  # of the seeds, at each rate
    "times": "[start.large.gradient] / [start.he.gradient]",
}
TOLERANCE = {  # at a rate on the edge a last digit decides where a run goes, and losses this large keep no digits
    "start.*": "0.1%",
    "large.*.6": None,
    "clipped.*.5": None,
    "he.*.[345]": None,
    "he.*": 0.02,
    "longer.loss.*": None,
    "longer.*": 0.15,
    "*.loss.[0123]": "20%",
    "*.loss.*": "150%",
    "large.*.5": 0.15,
    "*.[45]": 0.1,
    "*": 0.04,
}


def run(seed: int) -> dict[str, Any]:
    """The gradient before training, and every way with all its rates."""
    before = {initial: untrained(seed, initial) for initial in ("large", "he")}
    return {"start": before} | {
        way: transposed([trained(seed, initial, SGD(rate), longest, n_epochs) for rate in rates])
        for way, (initial, longest, n_epochs, rates) in WAYS.items()
    }


def network(seed: int, initial: str) -> Network:
    """An untrained network; its weights have the generator that `start` has for them."""
    initializer = he if initial == "he" else normal(LARGE)
    return mlp((64, *[WIDTH] * DEPTH, 10), initializer=initializer, rng=generators(seed, 3)[1])


def untrained(seed: int, initial: str) -> dict[str, float]:
    """Loss, and length of the gradient of all training images, before training."""
    net, (_, data, _) = network(seed, initial), start(seed)
    logits = net.forward(data.x_train / np.float32(16), training=True)
    net.backward(cross_entropy(logits, data.y_train)[1])
    return {"loss": judged(net, data)["loss"], "gradient": norm(net.gradients())}


def trained(
    seed: int, initial: str, optimizer: Optimizer, max_norm: float, n_epochs: int
) -> dict[str, float]:
    """Loss and accuracies after training; of the untrained network, if the loss ended, and whether it did."""
    _, data, order = start(seed)
    net, ended = network(seed, initial), 0
    try:
        fit(net, data.x_train, data.y_train, loss=cross_entropy, optimizer=optimizer, n_epochs=n_epochs,
            batch_size=BATCH, rng=order, scale=1 / 16, max_norm=max_norm)  # fmt: skip
    except Diverged:
        net, ended = network(seed, initial), 1
    return judged(net, data) | {"ended": ended}
