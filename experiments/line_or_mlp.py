"""A linear model and a network with one hidden layer on two real tables, each at the rate that suits it."""

from __future__ import annotations

from typing import Any

import numpy as np

QUESTION = "What does a hidden layer add to a linear model on two tables of real measurements?"
CONDITIONS = (
    "breast cancer (569 rows, 30 features, standardised by the training rows; 169 to test, 100 to "
    "validate) and digits (1,797 rows, 64 values divided by 16; 500 and 297), both from scikit-learn; "
    "10 seeds; SGD, momentum 0.9, batch 32, 50 epochs; rate of each model by validation loss from "
    "0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1"
)
N_SEEDS, EPOCHS, BATCH, MOMENTUM = 10, 50, 32, 0.9
RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]


def tables() -> dict[str, dict[str, Any]]:
    """Both tables: features in float64, labels, how many rows to set aside, and how many hidden units."""
    from sklearn.datasets import load_breast_cancer

    from scratchmlp.datasets import digits

    x, y = load_breast_cancer(return_X_y=True)
    images, labels = digits()
    return {
        "cancer": {"x": x, "y": y, "n_test": 169, "n_validation": 100, "hidden": 16, "standardise": True},
        "digits": {
            "x": images.reshape(len(images), -1) / 16,
            "y": labels,
            "n_test": 500,
            "n_validation": 297,
            "hidden": 32,
            "standardise": False,
        },
    }


def one_seed(table: dict[str, Any], seed: int) -> dict[str, tuple[float, float]]:
    """The test accuracy of each model at its best rate, and that rate."""
    from scratchmlp.datasets import split
    from scratchmlp.losses import cross_entropy
    from scratchmlp.network import mlp
    from scratchmlp.optimizers import SGD
    from scratchmlp.training import evaluate, fit

    cut, cut_again, *streams = np.random.SeedSequence(seed).spawn(6)
    outer = split(table["x"], table["y"], n_test=table["n_test"], rng=np.random.default_rng(cut))
    inner = split(
        outer.x_train, outer.y_train, n_test=table["n_validation"], rng=np.random.default_rng(cut_again)
    )
    shift, scale = 0.0, 1.0
    if table["standardise"]:  # with the training rows alone
        shift, scale = inner.x_train.mean(axis=0), inner.x_train.std(axis=0)
    x_train, x_validation, x_test = ((x - shift) / scale for x in (inner.x_train, inner.x_test, outer.x_test))
    D, K = table["x"].shape[1], int(table["y"].max()) + 1
    result = {}
    for name, sizes, (start, order) in (
        ("linear", [D, K], streams[:2]),
        ("mlp", [D, table["hidden"], K], streams[2:]),
    ):
        found = []
        for rate in RATES:
            net = mlp(sizes, rng=np.random.default_rng(start))
            try:
                fit(
                    net,
                    x_train,
                    inner.y_train,
                    loss=cross_entropy,
                    optimizer=SGD(rate, momentum=MOMENTUM),
                    n_epochs=EPOCHS,
                    batch_size=BATCH,
                    rng=np.random.default_rng(order),
                )
            except RuntimeError:  # the highest rates may diverge: then they lose
                continue
            validation = evaluate(net, x_validation, inner.y_test, loss=cross_entropy)
            test = evaluate(net, x_test, outer.y_test, loss=cross_entropy)
            found.append((validation.loss, test.accuracy, rate))
        result[name] = min(found)[1:]
    return result


def spread(values: list[float]) -> dict[str, Any]:
    """The values with their mean and standard deviation."""
    return {"values": values, "mean": float(np.mean(values)), "sd": float(np.std(values, ddof=1))}


def record() -> dict[str, Any]:
    """For each table, the accuracy of both models per seed, and the gain of the MLP in points."""
    from scratchmlp.counting import dense_parameters

    result: dict[str, Any] = {"seeds": N_SEEDS, "epochs": EPOCHS}
    for name, table in tables().items():
        runs = [one_seed(table, seed) for seed in range(N_SEEDS)]
        D, K = table["x"].shape[1], int(table["y"].max()) + 1
        linear, hidden = ([run[model][0] for run in runs] for model in ("linear", "mlp"))
        result[name] = {
            "rows": len(table["y"]),
            "features": D,
            "train": len(table["y"]) - table["n_test"] - table["n_validation"],
            "test": table["n_test"],
            "hidden": table["hidden"],
            "linear": spread(linear)
            | {"parameters": dense_parameters([D, K]), "rates": [r["linear"][1] for r in runs]},
            "mlp": spread(hidden)
            | {"parameters": dense_parameters([D, table["hidden"], K]), "rates": [r["mlp"][1] for r in runs]},
            "gain": spread([100 * (b - a) for a, b in zip(linear, hidden, strict=True)]),
            "mlp_ahead": sum(b > a for a, b in zip(linear, hidden, strict=True)),
        }
    return result
