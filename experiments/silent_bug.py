"""A wrong ReLU derivative, y >= 0 taken from the output: how wrong the gradient is, and what training makes of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

QUESTION = "Does a network still learn when its ReLU passes every gradient on, and would the loss curve tell?"
CONDITIONS = (
    "digits: 1,797 real 8×8 images, 1,297 to train and 500 to test, 5 seeds, each with a split that right and "
    "wrong share; layers of 64 ReLUs, He, float32, SGD with momentum 0.9, rate 0.05, batch 32, 20 epochs. "
    "Tutorial: its 784-100-10 network with its weights, rate and dropout, rebuilt; 1,000 images of MNIST one at a "
    "time, 20 epochs, 5 seeds, 10,000 test images; gradients at its own first weights, without dropout"
)
SEEDS = 5
DEPTHS = (1, 2, 3)
KINDS = ("right", "wrong")


def record() -> dict[str, Any]:
    """Train right and wrong networks of each depth from the same seeds, and compare their gradients."""
    result: dict[str, Any] = {"seeds": SEEDS, "epochs": 20, "n_images": 1000}
    for depth in DEPTHS:
        runs = {kind: [train(depth, kind, seed) for seed in range(SEEDS)] for kind in KINDS}
        pairs = zip(runs["right"], runs["wrong"], strict=True)
        both = [(r, w) for r, w in pairs if np.isfinite(w["loss"][-1])]  # those that did not diverge
        result[f"depth{depth}"] = {kind: of_kind(runs[kind]) for kind in KINDS} | {
            "points": summary([100 * (r["test"] - w["test"]) for r, w in both]),
            "loss_ratio": summary([w["loss"][-1] / r["loss"][-1] for r, w in both]),
        }
    starts = [at_the_start(seed) for seed in range(SEEDS)]
    result["start"] = {key: summary([s[key] for s in starts]) for key in starts[0]}
    data = mnist()
    result["tutorial"] = {key: summary(values) for key, values in tutorial_gradients(data).items()}
    for value in result["tutorial"].values():
        value["least"] = min(value.pop("values"))
    as_it_is, one_character = (
        [tutorial_training(data, strict, seed) for seed in range(SEEDS)] for strict in (False, True)
    )
    result["tutorial"]["as_it_is"] = summary(as_it_is)
    result["tutorial"]["one_character"] = summary(one_character)
    result["tutorial"]["points"] = summary(100 * (np.array(one_character) - as_it_is))
    return result


def wrong_relu() -> Any:
    """The bug as a layer: the output of a ReLU is never negative, so its comparison is always true."""
    from scratchmlp.layers import ReLU

    class ReLUFromOutput(ReLU):
        def backward(self, dy: np.ndarray) -> np.ndarray:
            return dy * (self.saved() >= 0)

    return ReLUFromOutput


def train(depth: int, kind: str, seed: int) -> dict[str, Any]:
    """The loss of each epoch and the test accuracy of one network."""
    from scratchmlp.datasets import digits, split
    from scratchmlp.layers import ReLU
    from scratchmlp.losses import cross_entropy
    from scratchmlp.network import mlp
    from scratchmlp.optimizers import SGD
    from scratchmlp.training import History, evaluate, fit

    for_split, for_weights, for_batches = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(3))
    images, labels = digits()
    data = split(images.reshape(len(images), -1), labels, n_test=500, rng=for_split)
    activation = ReLU if kind == "right" else wrong_relu()
    net = mlp([64, *[64] * depth, 10], activation=activation, rng=for_weights)
    setting = {"loss": cross_entropy, "scale": 1 / 16}
    history = History()
    try:
        fit(
            net,
            data.x_train,
            data.y_train,
            optimizer=SGD(0.05, momentum=0.9),
            n_epochs=20,
            batch_size=32,
            rng=for_batches,
            history=history,
            **setting,
        )
    except RuntimeError as error:  # a wrong gradient may make the loss grow without end
        if "must be a finite number" not in str(error):
            raise
        return {"loss": history.loss + [np.nan] * (20 - len(history.loss)), "test": np.nan}
    return {"loss": history.loss, "test": evaluate(net, data.x_test, data.y_test, **setting).accuracy}


def of_kind(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The runs of one kind; a run whose loss is no number any more has diverged, and stands apart."""
    held = [run for run in runs if np.isfinite(run["loss"][-1])]
    return {
        "curves": [[v if np.isfinite(v) else None for v in run["loss"]] for run in runs],
        "diverged": len(runs) - len(held),
        "held": len(held),
        "loss": summary([run["loss"][-1] for run in held]),
        "test": summary([run["test"] for run in held]),
    }


def at_the_start(seed: int) -> dict[str, float]:
    """The wrong gradient of the first weights against the right one, before training, on the training images."""
    from scratchmlp.datasets import digits, split
    from scratchmlp.layers import ReLU
    from scratchmlp.losses import cross_entropy
    from scratchmlp.network import mlp

    for_split, for_weights, _ = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(3))
    images, labels = digits()
    data = split(images.reshape(len(images), -1), labels, n_test=500, rng=for_split)
    net = mlp([64, 64, 10], rng=for_weights, dtype=np.float64)
    gradient = {}
    for kind, activation in (("right", ReLU()), ("wrong", wrong_relu()())):
        net.layers[1] = activation
        net.backward(cross_entropy(net.forward(data.x_train / 16, training=True), data.y_train)[1])
        gradient[kind] = net.layers[0].grads["W"].copy()
    return compared(gradient["wrong"], gradient["right"])


def mnist() -> dict[str, np.ndarray]:
    """The first 1,000 training images of MNIST and all test images, from 0 to 1, with their labels."""
    from scratchmlp import datasets

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


def tutorial_gradients(data: dict[str, np.ndarray]) -> dict[str, list[float]]:
    """The wrong gradient of the tutorial's first weights against the right one, image by image."""
    W1, W2 = tutorial_weights(np.random.default_rng(884736743))  # the tutorial's seed
    found = []
    for x, y in zip(data["x"][:, None], np.eye(10)[data["y"], None], strict=True):
        z = x @ W1  # (1, 100)
        dh = 2 * (np.maximum(0, z) @ W2 - y) @ W2.T  # (1, 100)
        found.append(compared(x.T @ dh, x.T @ (dh * (z > 0))))
    return {key: [f[key] for f in found] for key in found[0]}


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


def summary(values: Any) -> dict[str, Any]:
    """The values of all seeds, their mean and their standard deviation; with fewer than two, nothing to say."""
    few = len(values) < 2
    return {
        "values": [float(v) for v in values],
        "mean": None if few else float(np.mean(values)),
        "sd": None if few else float(np.std(values, ddof=1)),
    }


def draw_curves(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Training loss by epoch, every seed a line: right and wrong, with one hidden layer and with three."""
    figure = Figure(figsize=(c.width, 6.2 if c.narrow else 3.4), layout="constrained")
    panels = figure.subplots(2, 1) if c.narrow else figure.subplots(1, 2)
    for ax, depth, title in zip(panels, (1, 3), ("one hidden layer", "three hidden layers"), strict=True):
        for kind, colour, line in (("right", c.signal, "-"), ("wrong", c.warn, (0, (4, 1.6)))):
            for losses in data[f"depth{depth}"][kind]["curves"]:
                seen = [v for v in losses if v is not None]
                ax.plot(range(1, len(seen) + 1), seen, color=colour, linestyle=line, lw=1.2)
                if len(seen) < len(losses):
                    ax.plot(len(seen), seen[-1], "x", color=colour, ms=7, mew=2)
        ax.set(yscale="log", xlim=(0.5, 20.5), xticks=[1, 5, 10, 15, 20], xlabel="epoch")
        ax.set_title(f"training loss, {title}", loc="left", fontsize=10.5, color=c.ink)
        ax.grid(axis="y", lw=0.6)
        ax.tick_params(length=0, which="both")
    one, three = panels
    one.set_yticks([0.02, 0.05, 0.1, 0.2, 0.5, 1], ["0.02", "0.05", "0.1", "0.2", "0.5", "1"])
    one.yaxis.set_minor_locator(NullLocator())
    one.text(11, 0.14, "wrong", color=c.warn, fontsize=10)
    one.text(6, 0.04, "right", color=c.signal, fontsize=10)
    three.text(6, 4, "wrong: × ends in nan", color=c.warn, fontsize=10)
    three.text(7.5, 0.006, "right", color=c.signal, fontsize=10)
    return figure


FIGURES = {"silent-bug": draw_curves}
