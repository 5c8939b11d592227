"""A linear model and a network with one hidden layer on two real tables, each at the rate that suits it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer

from scratchmlp.counting import dense_parameters
from scratchmlp.datasets import digits, split
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network, mlp
from scratchmlp.optimizers import SGD
from scratchmlp.training import evaluate, fit

QUESTION = "What does a hidden layer add to a linear model on two tables of real measurements?"
CONDITIONS = (
    "breast cancer (569 rows, 30 features, standardised by the training rows; 169 to test, 100 to "
    "validate) and digits (1,797 rows, 64 values divided by 16; 500 and 297), both from scikit-learn; "
    "10 seeds; SGD, momentum 0.9, batch 32, 50 epochs; rate of each model by validation loss from "
    "0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1"
)
SEEDS = range(10)
EPOCHS, BATCH, MOMENTUM = 50, 32, 0.9
RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]
SETTINGS = {"epochs": EPOCHS, "rates": RATES}
DERIVED = {
    key: formula
    for table in ("cancer", "digits")
    for key, formula in {
        f"{table}.gain": f"100 * ([{table}.mlp.test] - [{table}.linear.test])",  # in points
        f"{table}.mlp_ahead": f"count([{table}.mlp.test] > [{table}.linear.test])",
    }.items()
}
TOLERANCE = {"*.test": 0.012}  # 2 of 169 rows; none was seen


@dataclass(frozen=True)
class Table:
    """Features in float64, labels, how many rows to set aside, hidden units, and whether to standardise."""

    x: np.ndarray
    y: np.ndarray
    n_test: int
    n_validation: int
    hidden: int
    standardise: bool

    @property
    def sizes(self) -> dict[str, list[int]]:
        """The sizes of both models, by name."""
        D, K = self.x.shape[1], int(self.y.max()) + 1
        return {"linear": [D, K], "mlp": [D, self.hidden, K]}


def tables() -> dict[str, Table]:
    """Both tables by name."""
    x, y = load_breast_cancer(return_X_y=True)
    images, labels = digits()
    return {
        "cancer": Table(x, y, 169, 100, 16, True),
        "digits": Table(images.reshape(len(images), -1) / 16, labels, 500, 297, 32, False),
    }


def once() -> dict[str, Any]:
    """The sizes of the tables and of the models."""
    return {
        name: {
            "rows": len(t.y),
            "features": t.x.shape[1],
            "n_train": len(t.y) - t.n_test - t.n_validation,
            "n_test": t.n_test,
            "hidden": t.hidden,
            **{model: {"parameters": dense_parameters(sizes)} for model, sizes in t.sizes.items()},
        }
        for name, t in tables().items()
    }


def run(seed: int) -> dict[str, Any]:
    """For each table, the test accuracy of each model at its best rate, and that rate."""
    return {name: compared(table, seed) for name, table in tables().items()}


def compared(table: Table, seed: int) -> dict[str, dict[str, float]]:
    """Both models on one split; the seeds of the linear model are not those of the MLP."""
    cut, cut_again, *streams = np.random.SeedSequence(seed).spawn(6)
    outer = split(table.x, table.y, n_test=table.n_test, rng=np.random.default_rng(cut))
    inner = split(
        outer.x_train, outer.y_train, n_test=table.n_validation, rng=np.random.default_rng(cut_again)
    )
    shift, scale = 0.0, 1.0
    if table.standardise:  # with the training rows alone
        shift, scale = inner.x_train.mean(axis=0), inner.x_train.std(axis=0)
    parts = [((x - shift) / scale, y) for x, y in ((inner.x_train, inner.y_train), (inner.x_test, inner.y_test),
                                                   (outer.x_test, outer.y_test))]  # fmt: skip
    return {
        name: tuned(table.sizes[name], *parts, start, order)
        for name, (start, order) in {"linear": streams[:2], "mlp": streams[2:]}.items()
    }


def tuned(
    sizes: list[int], train: Any, validation: Any, test: Any, start: Any, order: Any
) -> dict[str, float]:
    """The test accuracy of a model trained at the rate with the lowest validation loss, and that rate."""
    found = []
    for rate in RATES:
        net = trained(sizes, *train, rate, np.random.default_rng(start), np.random.default_rng(order))
        if net is not None:
            score = evaluate(net, *test, loss=cross_entropy)
            found.append((evaluate(net, *validation, loss=cross_entropy).loss, score.accuracy, rate))
    _, accuracy, rate = min(found)
    return {"test": accuracy, "rate": rate}


def trained(sizes: list[int], x: np.ndarray, y: np.ndarray, rate: float, start: np.random.Generator,
            order: np.random.Generator) -> Network | None:  # fmt: skip
    """A network trained at a rate, or none where that rate makes it diverge: then the rate loses."""
    net = mlp(sizes, rng=start)
    try:
        fit(net, x, y, loss=cross_entropy, optimizer=SGD(rate, momentum=MOMENTUM), n_epochs=EPOCHS, batch_size=BATCH,
            rng=order)  # fmt: skip
    except RuntimeError:
        return None
    return net
