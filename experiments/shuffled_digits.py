"""Shuffle the pixels of the 8×8 digits: what do an MLP and a small CNN lose, with many examples and with few?"""

from __future__ import annotations

from typing import Any

import numpy as np

QUESTION = "What does one permutation of the pixels cost an MLP and a small CNN on the 8×8 digits?"
CONDITIONS = (
    "1,797 real 8×8 digits, 500 to test, 1,297 or 200 of the others to train; MLP 64-64-10; CNN: conv 8, conv 16, "
    "max pool, dense, kernels 3×3; ReLU, He, float32, SGD with momentum 0.9, rate 0.05, batch 32, 20 epochs; "
    "same split, initial weights and batches with and without the permutation, all four anew for each of 8 seeds "
    "(100 for the control: the MLP on 1,297 alone)"
)
SEEDS, CONTROL_SEEDS, N_TRAIN, N_TEST = 8, 100, (1297, 200), 500


def record() -> dict[str, Any]:
    """The accuracy of both networks for both numbers of examples, and the paired differences in points."""
    result: dict[str, Any] = {"seeds": SEEDS, "control_seeds": CONTROL_SEEDS, "n_train": N_TRAIN}
    for n_train in N_TRAIN:
        result[f"n{n_train}"] = {
            model: pairs([[train(model, seed, n_train, shuffled) for shuffled in (False, True)]
                          for seed in range(SEEDS)]) for model in ("mlp", "cnn")
        }  # fmt: skip
        found = result[f"n{n_train}"]
        found["gap"] = 100 * (found["cnn"]["plain"]["mean"] - found["mlp"]["plain"]["mean"])  # in points
    control = [[train("mlp", seed, 1297, shuffled) for shuffled in (False, True)]
               for seed in range(100, 100 + CONTROL_SEEDS)]  # fmt: skip
    result["control"] = pairs(control)
    points = result["control"]["points"]
    points["standard_error"] = points["sd"] / CONTROL_SEEDS**0.5
    result["parameters"] = {model: build(model, np.random.default_rng(0)).parameters().size
                            for model in ("mlp", "cnn")}  # fmt: skip
    return result


def pairs(runs: list[list[float]]) -> dict[str, Any]:
    """Accuracies without and with the permutation, and what it costs, seed by seed, in percentage points."""
    plain, shuffled = np.array(runs).T
    points = 100 * (shuffled - plain)
    return {"plain": summary(plain), "shuffled": summary(shuffled), "points": summary(points)}


def train(model: str, seed: int, n_train: int, shuffled: bool) -> float:
    """The test accuracy of one network."""
    from scratchmlp.losses import cross_entropy
    from scratchmlp.training import evaluate

    net, data, _ = trained(model, seed, n_train, shuffled)
    return evaluate(net, data.x_test, data.y_test, loss=cross_entropy, scale=1 / 16).accuracy


def trained(model: str, seed: int, n_train: int, shuffled: bool) -> tuple[Any, Any, np.ndarray]:
    """One network, its data, and the permutation of the pixels of its seed."""
    from scratchmlp.datasets import digits, split
    from scratchmlp.losses import cross_entropy
    from scratchmlp.optimizers import SGD
    from scratchmlp.training import fit

    streams = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(4))
    for_split, for_weights, for_batches, for_pixels = streams
    order = for_pixels.permutation(64)
    images, labels = digits()
    flat = images.reshape(-1, 64)
    if shuffled:
        flat = flat[:, order]
    x = flat.reshape(-1, 1, 8, 8) if model == "cnn" else flat
    data = split(x, labels, n_test=N_TEST, rng=for_split)
    net = build(model, for_weights)
    fit(net, data.x_train[:n_train], data.y_train[:n_train], optimizer=SGD(0.05, momentum=0.9), n_epochs=20,
        batch_size=32, rng=for_batches, loss=cross_entropy, scale=1 / 16)  # fmt: skip
    return net, data, order


def build(model: str, rng: np.random.Generator) -> Any:
    """The MLP, or the CNN, for images of 8 by 8."""
    from scratchmlp.conv import Conv2D, MaxPool2D
    from scratchmlp.layers import Dense, Flatten, ReLU
    from scratchmlp.network import Network, mlp

    if model == "mlp":
        return mlp([64, 64, 10], rng=rng)
    return Network([
        Conv2D(1, 8, 3, padding=1, rng=rng), ReLU(), Conv2D(8, 16, 3, padding=1, rng=rng), ReLU(),
        MaxPool2D(2), Flatten(), Dense(256, 10, rng=rng),
    ])  # fmt: skip


def summary(values: Any) -> dict[str, Any]:
    """The values of all seeds, their mean and their standard deviation."""
    values = [float(v) for v in values]
    return {"values": values, "mean": float(np.mean(values)), "sd": float(np.std(values, ddof=1))}


FIGURES: dict[str, Any] = {}
