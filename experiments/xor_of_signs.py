"""Two inputs whose signs decide together: a line, naive Bayes and a small MLP on the same points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.naive_bayes import GaussianNB

from experiments.measure import accuracy, generators
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network, mlp
from scratchmlp.optimizers import SGD
from scratchmlp.training import fit

QUESTION = "How far do a line, naive Bayes and a small MLP get where neither input alone says anything?"
CONDITIONS = (
    "points uniform in a square, class 1 where the signs differ; 2,000 to train, 1,000 to test; 5 seeds"
    " (points, weights, batches); logistic regression and MLP 2-16-2: SGD 0.05, momentum 0.9, batch 32,"
    " 40 epochs; best line: by search on the training points; naive Bayes: Gaussian, of scikit-learn"
)
SEEDS = range(5)
N_TRAIN, N_TEST = 2000, 1000
HIDDEN, EPOCHS, BATCH, LR, MOMENTUM = 16, 40, 32, 0.05, 0.9
N_SHOWN = 160  # test points in the figure
SETTINGS = {"train": N_TRAIN, "test": N_TEST, "hidden": HIDDEN, "epochs": EPOCHS}
DERIVED: dict[str, str] = {}
TOLERANCE = {"weights.*": 0.02, "line": 0.003, "mlp": 0.003, "best_line": 0.001}  # 3 of 1,000 points


def once() -> dict[str, Any]:
    """What the figure shows of seed 0: the parameters of the line and of the MLP, and some test points."""
    _, (x, y), *_ = data(SEEDS[0])
    nets = trained(SEEDS[0])
    return {
        "weights": {
            name: [layer.params[key].tolist() for layer in net.layers[::2] for key in ("W", "b")]
            for name, net in nets.items()
        },
        "shown": {"x": x[:N_SHOWN], "y": y[:N_SHOWN]},
    }


def run(seed: int) -> dict[str, Any]:
    """The test accuracy of every model."""
    train, test, *_ = data(seed)
    return {
        **{name: accuracy(net, *test) for name, net in trained(seed).items()},
        "best_line": float(np.mean(best_line(*train)(test[0]) == test[1])),
        "naive_bayes": float(GaussianNB().fit(*train).score(*test)),
    }


def data(seed: int) -> tuple[Any, ...]:
    """The points to train on and to test on, and generators for the weights of line and MLP, and the batches of both."""
    for_points, *others = generators(seed, 5)
    return points(N_TRAIN, for_points), points(N_TEST, for_points), *others


def trained(seed: int) -> dict[str, Network]:
    """The line and the MLP, trained on the points of a seed."""
    train, _, line_start, mlp_start, line_order, mlp_order = data(seed)
    found = {}
    for name, sizes, start, order in (("line", [2, 2], line_start, line_order),
                                      ("mlp", [2, HIDDEN, 2], mlp_start, mlp_order)):  # fmt: skip
        found[name] = mlp(sizes, rng=start)
        fit(found[name], *train, loss=cross_entropy, optimizer=SGD(LR, momentum=MOMENTUM), n_epochs=EPOCHS,
            batch_size=BATCH, rng=order)  # fmt: skip
    return found


def points(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Points (n, 2), uniform in the square from -1 to 1, and labels (n,): 1 where the signs differ."""
    x = rng.uniform(-1, 1, (n, 2))
    return x, ((x[:, 0] > 0) != (x[:, 1] > 0)).astype(int)


def best_line(x: np.ndarray, y: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Of lines in 90 directions, cut at every training point, the one that gets most of them right."""
    best, found = 0, (0.0, 0.0)
    for angle in np.linspace(0, 2 * np.pi, 90, endpoint=False):
        along = x @ np.array([np.cos(angle), np.sin(angle)])  # (N,): where each point lies across the line
        order = np.argsort(along)
        ones = y[order]
        # With the cut after the first k points, these are class 0 and the others class 1.
        right = np.cumsum(1 - ones) + ones.sum() - np.cumsum(ones)
        k = int(right.argmax())
        if right[k] > best:
            cut = along[order[k : k + 2]].mean()
            best, found = int(right[k]), (float(angle), float(cut))
    angle, cut = found
    return lambda x: (x @ np.array([np.cos(angle), np.sin(angle)]) > cut).astype(int)
