"""Two inputs whose signs decide together: a line, naive Bayes and a small MLP on the same points."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

QUESTION = "How far do a line, naive Bayes and a small MLP get where neither input alone says anything?"
CONDITIONS = (
    "points uniform in a square, class 1 where the signs differ; 2,000 to train, 1,000 to test; 5 seeds"
    " (points, weights, batches); logistic regression and MLP 2-16-2: SGD 0.05, momentum 0.9, batch 32,"
    " 40 epochs; best line: by search on the training points; naive Bayes: Gaussian, of scikit-learn"
)
N_SEEDS, N_TRAIN, N_TEST = 5, 2000, 1000
HIDDEN, EPOCHS, BATCH, LR, MOMENTUM = 16, 40, 32, 0.05, 0.9
N_SHOWN = 160  # test points in the figure


def points(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Points (n, 2), uniform in the square from -1 to 1, and labels (n,): 1 where the signs differ."""
    x = rng.uniform(-1, 1, (n, 2))
    return x, ((x[:, 0] > 0) != (x[:, 1] > 0)).astype(int)


def streams(seed: int) -> list[np.random.Generator]:
    """Independent generators for the points, the weights of the line and the MLP, and the batches of both."""
    return [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(5)]


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


def one_seed(seed: int) -> tuple[dict[str, float], list[list[Any]], list[list[Any]]]:
    """The test accuracy of every model, and the parameters of the line and of the MLP."""
    from sklearn.naive_bayes import GaussianNB

    from scratchmlp.losses import cross_entropy
    from scratchmlp.network import mlp
    from scratchmlp.optimizers import SGD
    from scratchmlp.training import evaluate, fit

    data, line_start, mlp_start, line_order, mlp_order = streams(seed)
    x_train, y_train = points(N_TRAIN, data)
    x_test, y_test = points(N_TEST, data)
    result, parameters = {}, []
    for name, sizes, start, order in (
        ("line", [2, 2], line_start, line_order),
        ("mlp", [2, HIDDEN, 2], mlp_start, mlp_order),
    ):
        net = mlp(sizes, rng=start)
        fit(
            net,
            x_train,
            y_train,
            loss=cross_entropy,
            optimizer=SGD(LR, momentum=MOMENTUM),
            n_epochs=EPOCHS,
            batch_size=BATCH,
            rng=order,
        )
        result[name] = evaluate(net, x_test, y_test, loss=cross_entropy).accuracy
        parameters.append([layer.params[key].tolist() for layer in net.layers[::2] for key in ("W", "b")])
    result["best_line"] = float(np.mean(best_line(x_train, y_train)(x_test) == y_test))
    result["naive_bayes"] = float(GaussianNB().fit(x_train, y_train).score(x_test, y_test))
    return result, *parameters


def record() -> dict[str, Any]:
    """The accuracy of each model per seed, its mean and standard deviation; the weights of seed 0 to draw."""
    runs = [one_seed(seed) for seed in range(N_SEEDS)]
    result: dict[str, Any] = {
        "seeds": N_SEEDS,
        "train": N_TRAIN,
        "test": N_TEST,
        "hidden": HIDDEN,
        "epochs": EPOCHS,
    }
    for name in runs[0][0]:
        values = [run[0][name] for run in runs]
        result[name] = {"values": values, "mean": float(np.mean(values)), "sd": float(np.std(values, ddof=1))}
    result["weights"] = {"line": runs[0][1], "mlp": runs[0][2]}
    return result


def lead(x: np.ndarray, weights: list[Any]) -> np.ndarray:
    """By how much the logit of class 1 exceeds that of class 0, (N,); the boundary is where this is zero."""
    *hidden, W, b = (np.array(a) for a in weights)
    for V, c in zip(hidden[::2], hidden[1::2], strict=True):
        x = np.maximum(0, x @ V + c)
    logits: np.ndarray = x @ W + b  # (N, 2)
    return logits[:, 1] - logits[:, 0]


def draw_regions(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """The regions of the line and of the MLP, with test points and the places where hidden units bend."""
    figure = Figure(figsize=(c.width, 6.9 if c.narrow else 4.1), layout="constrained")
    shape = (2, 1) if c.narrow else (1, 2)
    side = np.linspace(-1, 1, 321)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    rng = streams(0)[0]
    points(N_TRAIN, rng)  # the points to train on come first
    x, y = (a[:N_SHOWN] for a in points(N_TEST, rng))
    titles = {"line": "Logistic regression", "mlp": f"MLP 2–{data['hidden']}–2"}
    for axes, (name, title) in zip(
        figure.subplots(*shape, sharex=True, sharey=True), titles.items(), strict=True
    ):
        z = lead(grid, data["weights"][name]).reshape(321, 321)
        axes.contourf(side, side, z, levels=[0, np.inf], colors=[c.signal], alpha=0.13)
        hatched = axes.contourf(side, side, z, levels=[0, np.inf], colors="none", hatches=["///"])
        hatched.set_edgecolor((*to_rgb(c.signal), 0.3))
        hatched.set_linewidth(0)
        if name == "mlp":
            W, b = (np.array(a) for a in data["weights"][name][:2])
            for (w1, w2), bias in zip(W.T, b, strict=True):
                ends = [(u, -(w1 * u + bias) / w2) for u in (-1, 1)]
                if abs(w1) > abs(w2):
                    ends = [(-(w2 * u + bias) / w1, u) for u in (-1, 1)]
                axes.plot(*zip(*ends, strict=True), color=c.muted, linewidth=0.6, linestyle=(0, (1, 2)))
        axes.contour(side, side, z, levels=[0], colors=[c.ink], linewidths=1.8)
        axes.plot(*x[y == 0].T, "o", color=c.warn, markersize=3.6, markerfacecolor="none", markeredgewidth=1)
        axes.plot(*x[y == 1].T, "+", color=c.signal, markersize=5, markeredgewidth=1.2)
        axes.set(xlim=(-1, 1), ylim=(-1, 1), aspect="equal", xticks=[-1, 0, 1], yticks=[-1, 0, 1])
        axes.set_title(f"{title}: {data[name]['values'][0]:.1%}", fontsize=10.5, color=c.ink, loc="left")
        axes.label_outer()
    figure.supxlabel("first input", fontsize=10.5, color=c.muted)
    figure.supylabel("second input", fontsize=10.5, color=c.muted)
    return figure


FIGURES = {"xor-regions": draw_regions}
