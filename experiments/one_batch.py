"""One batch of 32 images learned by heart: what the test shows for a right program, and for programs with a bug."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.measure import generators, split_digits
from scratchmlp.initializers import he, zeros
from scratchmlp.layers import ReLU
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network, mlp
from scratchmlp.optimizers import SGD

QUESTION = "Which bugs does a network betray that cannot learn one batch by heart, and which not?"
CONDITIONS = (
    "32 of the 8×8 digits, values divided by 16, another 32 for each of 10 seeds; 64-64-10, ReLU, He, float32, SGD with "
    "momentum 0.9, rate 0.05, the same 32 images at every step; loss and accuracy on these images, before training and "
    "after 10, 30, 100 and 300 steps; bugs, one at a time: labels "
    "shuffled anew at every step, or once for all; the gradient of the first or of the last layer with the wrong sign; "
    "a ReLU that lets every gradient pass (y >= 0 of its output); logits less labels where softmax should stand; all "
    "weights 0 at the start; caught: a loss above 0.1 after 300 steps; a loss above 1,000 is noted as 1,000; entropy: "
    "that of the shares of the labels, below which no loss gets whose logits are the same for all images"
)
SEEDS = range(10)
SIZES, N, RATE, MOMENTUM = [64, 64, 10], 32, 0.05, 0.9
STEPS = (0, 10, 30, 100, 300)
BUGS = (
    "labels_each_step",
    "labels_once",
    "sign_first",
    "sign_last",
    "relu",
    "softmax",
    "zeros",
)
LIMIT, HIGHEST = 0.1, 1000.0
SETTINGS = {"steps": STEPS, "n": N, "rate": RATE, "limit": LIMIT, "highest": HIGHEST}
DERIVED = {
    **{f"caught.{name}": f"count(at([{name}.loss], -1) > [limit])" for name in ("right", *BUGS)},
    **{f"learned.{name}": f"count(at([{name}.accuracy], -1) == 1)" for name in ("right", *BUGS)},
    "log_10": "log(10)",
    "softmax_floor": "log(exp(1) + 9) - 1",  # the loss where each logit is its label
    **{
        f"above_entropy.{name}": f"at([{name}.loss], -1) - [entropy]"
        for name in ("zeros", "labels_each_step")
    },
}
TOLERANCE = {  # what runs away goes its own way on every kernel
    "sign_first.*": None,
    "sign_last.loss.*": "1%",
    "*.loss.*": 0.002,
    "*.accuracy.*": 0,
    "entropy": 1e-9,
}


class ReLUFromOutput(ReLU):
    """The bug as a layer: the output of a ReLU is never negative, so its comparison is always true."""

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Pass every gradient on, as if each unit had fired."""
        return dy * (self.saved() >= 0)


def run(seed: int) -> dict[str, Any]:
    """Loss and accuracy on the batch, for the right program and for each bug, from the same weights."""
    x, y = batch(seed)
    shares = np.bincount(y)[np.unique(y)] / N
    entropy = float(-(shares * np.log(shares)).sum())
    return {"entropy": entropy} | {name: learned(name, x, y, seed) for name in ("right", *BUGS)}


def batch(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """32 images, from 0 to 1, and their labels."""
    data = split_digits(generators(seed, 3)[0])
    return (data.x_train[:N] / 16).astype(np.float32), data.y_train[:N]


@np.errstate(over="ignore", invalid="ignore")  # a loss without end is noted
def learned(name: str, x: np.ndarray, y: np.ndarray, seed: int) -> dict[str, list[float]]:
    """Loss and accuracy before training and after each number of steps, of a program with a bug."""
    _, for_weights, for_labels = generators(seed, 3)
    net = mlp(SIZES, rng=for_weights, initializer=zeros if name == "zeros" else he,
              activation=ReLUFromOutput if name == "relu" else ReLU)  # fmt: skip
    optimizer, targets = SGD(RATE, momentum=MOMENTUM), y
    if name == "labels_once":
        targets = y = for_labels.permutation(y)  # the program knows no others
    found: dict[str, list[float]] = {"loss": [], "accuracy": []}
    for n in range(STEPS[-1] + 1):
        if n in STEPS:
            logits = net.forward(x)
            loss = cross_entropy(logits, y)[0]
            found["loss"].append(loss if loss < HIGHEST else HIGHEST)  # nan is not below it
            found["accuracy"].append(float(np.mean(logits.argmax(axis=1) == y)))
        if name == "labels_each_step":
            targets = for_labels.permutation(y)
        optimizer.step(net.parameters(), gradient(net, x, targets, name))
    return found


def gradient(net: Network, x: np.ndarray, y: np.ndarray, name: str) -> np.ndarray:
    """The gradient of the loss, (P,), with the bug of a name in it."""
    logits = net.forward(x, training=True)
    dlogits = cross_entropy(logits, y)[1]
    if name == "softmax":
        dlogits = (logits - np.eye(10, dtype=logits.dtype)[y]) / len(y)
    net.backward(dlogits)
    if name in ("sign_first", "sign_last"):
        for dv in net.layers[0 if name == "sign_first" else -1].grads.values():
            dv *= -1  # in place: it is a part of the vector
    return net.gradients()
