"""A wrong ReLU derivative, y >= 0 taken from the output: how wrong the gradient is, and what training makes of it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from experiments.measure import accuracy, generators, split_digits, train_on_digits
from scratchmlp import datasets
from scratchmlp.layers import ReLU
from scratchmlp.losses import cross_entropy
from scratchmlp.network import mlp
from scratchmlp.training import History, batches

QUESTION = "Does a network still learn when its ReLU passes every gradient on, and would the loss curve tell?"
CONDITIONS = (
    "digits: 1,797 real 8×8 images, 1,297 to train and 500 to test, 5 seeds, each with a split that right and "
    "wrong share; layers of 64 ReLUs, He, float32, SGD with momentum 0.9, rate 0.05, batch 32, 20 epochs. "
    "Tutorial: its 784-100-10 network with its weights, rate and dropout, rebuilt; 1,000 images of MNIST one at a "
    "time, 20 epochs, 5 seeds, 10,000 test images; gradients at its own first weights, without dropout and, under "
    "that name, with its masks. Batches: the first layer's weights and biases before training, in float64, on the 41 "
    "batches of 32 images, the last of 17, of the first epoch of each of the 5 seeds"
)
NEEDS = ("mnist",)
SEEDS = range(5)
DEPTHS, KINDS, EPOCHS = (1, 2, 3), ("right", "wrong"), 20
SETTINGS = {"epochs": EPOCHS, "n_images": 1000}
DERIVED = {
    "tutorial.points": "100 * ([tutorial.one_character] - [tutorial.as_it_is])",
    **{f"depth{d}.points": f"100 * ([depth{d}.right.test] - [depth{d}.wrong.test])" for d in DEPTHS},
    **{
        f"batches.depth{d}.uphill": f"count([batches.depth{d}.cosine] < 0) / [batches.depth{d}.cosine.n]"
        for d in DEPTHS
    },
    **{f"depth{d}.loss_ratio": f"[depth{d}.wrong.loss] / [depth{d}.right.loss]" for d in DEPTHS},
    **{f"depth{d}.{kind}.loss": f"at([depth{d}.{kind}.curve], -1)" for d in DEPTHS for kind in KINDS},
    **{
        f"depth{d}.{kind}.diverged": f"count(missing([depth{d}.{kind}.test]))"
        for d in DEPTHS
        for kind in KINDS
    },
}
TOLERANCE = {  # three layers with the wrong gradient, or near their lowest loss, come out otherwise on every kernel
    "depth3.right.curve.*": 0.4,
    "depth3.wrong.curve.*": "100%",
    "depth3.*.test": 0.03,
    "depth*.curve.*": "2%",
    "depth*.test": 0.012,
    "start.*": 1e-9,
    "batches.*": 1e-9,
    "tutorial.dropout.*": 1e-9,
    "tutorial.error.*": 1e-9,
    "tutorial.cosine.*": 1e-9,
    "tutorial.*": 0.005,
}


class ReLUFromOutput(ReLU):
    """The bug as a layer: the output of a ReLU is never negative, so its comparison is always true."""

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Pass every gradient on, as if each unit had fired."""
        return dy * (self.saved() >= 0)


ACTIVATION = {"right": ReLU, "wrong": ReLUFromOutput}


def once() -> dict[str, Any]:
    """The wrong gradient against the right one before training: of the tutorial by image, of the digits by batch."""
    by_batch = {f"depth{d}": columns([c for seed in SEEDS for c in on_batches(d, seed)]) for d in DEPTHS}
    return {"tutorial": tutorial_gradients(), "batches": by_batch}


def run(seed: int) -> dict[str, Any]:
    """Right and wrong networks of each depth from the same seeds, their gradients, and the tutorial's training."""
    found: dict[str, Any] = {f"depth{d}": {kind: train(d, kind, seed) for kind in KINDS} for d in DEPTHS}
    as_it_is, one_character = (tutorial_training(mnist(), strict, seed) for strict in (False, True))
    tutorial = {"as_it_is": as_it_is, "one_character": one_character}
    return found | {"start": at_the_start(seed), "tutorial": tutorial}


def train(depth: int, kind: str, seed: int) -> dict[str, Any]:
    """The loss of each epoch and the test accuracy of one network; nan from where it diverged."""
    for_split, for_weights, for_batches = generators(seed, 3)
    data = split_digits(for_split)
    net = mlp([64, *[64] * depth, 10], activation=ACTIVATION[kind], rng=for_weights)
    history = History()
    try:
        train_on_digits(net, data.x_train, data.y_train, for_batches, history)
    except RuntimeError as error:  # a wrong gradient may make the loss grow without end
        if "must be a finite number" not in str(error):
            raise
        return {"curve": history.loss + [np.nan] * (EPOCHS - len(history.loss)), "test": np.nan}
    return {"curve": history.loss, "test": accuracy(net, data.x_test, data.y_test, 1 / 16)}


def at_the_start(seed: int) -> dict[str, float]:
    """The wrong gradient of the first weights against the right one, before training, on the training images."""
    for_split, for_weights, _ = generators(seed, 3)
    data = split_digits(for_split)
    net = mlp([64, 64, 10], rng=for_weights, dtype=np.float64)
    gradient = {}
    for kind, activation in ACTIVATION.items():
        net.layers[1] = activation()
        net.backward(cross_entropy(net.forward(data.x_train / 16, training=True), data.y_train)[1])
        gradient[kind] = net.layers[0].grads["W"].copy()
    return compared(gradient["wrong"], gradient["right"])


def on_batches(depth: int, seed: int) -> list[dict[str, float]]:
    """The wrong gradient of the whole first layer against the right one, before training, batch by batch."""
    for_split, for_weights, for_batches = generators(seed, 3)
    data = split_digits(for_split)
    net = mlp([64, *[64] * depth, 10], rng=for_weights, dtype=np.float64)
    found = []
    for x, y in batches(data.x_train, data.y_train, batch_size=32, rng=for_batches):
        gradient = {}
        for kind, activation in ACTIVATION.items():
            for i in range(1, 2 * depth, 2):  # behind each hidden layer
                net.layers[i] = activation()
            net.backward(cross_entropy(net.forward(x / 16, training=True), y)[1])
            gradient[kind] = np.concatenate([dv.ravel() for dv in net.layers[0].grads.values()])
        found.append(compared(gradient["wrong"], gradient["right"]))
    return found


def tutorial_gradients() -> dict[str, Any]:
    """The gradient of the tutorial's first weights against the right one, image by image.

    Without its dropout as it is; with it as it is, and without the one character.
    """
    data, rng = mnist(), np.random.default_rng(884736743)  # the tutorial's seed
    W1, W2 = tutorial_weights(rng)
    plain, as_it_is, one_character = [], [], []
    for x, y in zip(data["x"][:, None], np.eye(10)[data["y"], None], strict=True):
        z = x @ W1  # (1, 100)
        dh = 2 * (np.maximum(0, z) @ W2 - y) @ W2.T  # (1, 100)
        plain.append(compared(x.T @ dh, x.T @ (dh * (z > 0))))
        kept = rng.integers(0, 2, size=100)  # dropout, as in its training
        dh = 2 * (np.maximum(0, z) * kept * 2 @ W2 - y) @ W2.T  # (1, 100)
        dz = dh * 2 * kept * (z > 0)  # what doubles on the way forward doubles on the way back
        # Each gradient is x.T @ dz for the same x, which changes neither the share nor the cosine.
        as_it_is.append(compared(dh * kept, dz))
        one_character.append(compared(dh * kept * (z > 0), dz))
    dropout = {"as_it_is": columns(as_it_is), "one_character": columns(one_character)}
    return columns(plain) | {"dropout": dropout}


@cache
def mnist() -> dict[str, np.ndarray]:
    """The first 1,000 training images of MNIST and all test images, from 0 to 1, with their labels."""
    data = datasets.mnist()
    return {
        "x": data.x_train[:1000].reshape(-1, 784) / 255,
        "y": data.y_train[:1000],
        "x_test": data.x_test.reshape(-1, 784) / 255,
        "y_test": data.y_test,
    }


def tutorial_weights(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Uniform weights between −0.1 and 0.1, in the tutorial's order."""
    return 0.2 * rng.random((784, 100)) - 0.1, 0.2 * rng.random((100, 10)) - 0.1


def tutorial_training(data: dict[str, np.ndarray], strict: bool, seed: int) -> float:
    """The test accuracy of the tutorial's network; strict takes the ReLU's slope with > where it has >=."""
    rng = np.random.default_rng(seed)
    W1, W2 = tutorial_weights(rng)
    for _ in range(20):
        for x, y in zip(data["x"], np.eye(10)[data["y"]], strict=True):
            kept = rng.integers(0, 2, size=100)  # dropout: each unit stays with a chance of one half
            h = np.maximum(0, x @ W1) * kept * 2  # (100,)
            error = y - h @ W2  # (10,)
            dz = W2 @ error * ((h > 0) if strict else (h >= 0)) * kept  # (100,)
            W1 += 0.005 * np.outer(x, dz)
            W2 += 0.005 * np.outer(h, error)
    scores = np.maximum(0, data["x_test"] @ W1) @ W2  # (10000, 10)
    return float(np.mean(scores.argmax(axis=1) == data["y_test"]))


def compared(wrong: np.ndarray, right: np.ndarray) -> dict[str, float]:
    """How far a gradient is from the right one, as a share of its length, and the cosine between the two."""
    length = np.linalg.norm(right)
    return {
        "error": float(np.linalg.norm(wrong - right) / length),
        "cosine": float(np.vdot(wrong, right) / (np.linalg.norm(wrong) * length)),
    }


def columns(found: list[dict[str, float]]) -> dict[str, list[float]]:
    """Many comparisons as a list of each of their numbers."""
    return {key: [one[key] for one in found] for key in found[0]}
