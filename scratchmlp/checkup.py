"""Why does it not learn? A first look at data, loss, gradients and steps, in the order in which to look.

Each check measures one number and holds it against limits that lie between correct code and real bugs. Where
several fail, mend the first: what comes after it is often its doing. And a network that passes may still have a
bug that nothing here can see: labels that are wrong for a few examples, or wrong in the same way for all of a
kind; examples for a test among those for training; a column of zeros that should hold something; a learning rate
that is ten times off; whatever shows only after more steps than are taken here.
"""

import copy
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.random import Generator

from .arrays import Array
from .borders import check_examples, check_loss
from .checks import check_finite, check_integer, check_kind, check_numbers, check_rng, check_rows
from .losses import Loss
from .network import Network
from .optimizers import Optimizer, norm
from .symptoms import CLOSE, Measured, in_flow, in_gradient, in_steps
from .training import as_floats


class Limits(NamedTuple):
    """What a check measures, between which numbers it should lie, and what to look at first if it does not."""

    what: str
    low: float
    high: float
    look: str


CHECKS = {
    "finite": Limits("arrays that hold nan or infinity", 0, 0, "how they are read"),
    "scale": Limits("root mean square of the inputs", 0.1, 3, "scale, which should bring them near 1"),
    "columns": Limits("root mean square of the largest column, over the median", 0, 50, "its unit"),
    "constant": Limits("columns with one value other than 0", 0, 0, "what they should hold"),
    "classes": Limits("classes without an example", 0, 0, "which rows are taken, and the number of outputs"),
    "majority": Limits("share of the most frequent class", 0, 0.95, "how labels are read"),
    "contradictions": Limits("share of examples seen before with another label", 0, 0.01, "these labels"),
    "start": Limits("loss before training, over that of a guess", 0.5, 5, "the size of inputs and weights"),
    "mean": Limits("loss of a batch taken twice, over that of the batch", 0.99, 1.01, "a sum in the loss"),
    "gradient": Limits("relative error of the gradients", 0, CLOSE, "its backward pass"),
    "arrays": Limits("parameter arrays with a gradient of 0 or nan", 0, 0, "the first weights and biases"),
    "forward": Limits("largest spread of a layer's outputs, over the smallest", 0, 100, "the initializer"),
    "backward": Limits("largest gradient that reaches a layer, over the smallest", 0, 100, "the activation"),
    "dead": Limits("share of ReLU units that give 0 for all examples", 0, 0.8, "the biases before it"),
    "saturated": Limits("share of sigmoids or tanhs on a flat end", 0, 0.3, "the size of what goes in"),
    "batch": Limits("loss of 16 examples learned by heart, over that before", 0, 0.35, "sizes and gradients"),
    "rate": Limits("fall of the loss at a better rate, over that at yours", 0, 6, "lr"),
    "unseen": Limits(
        "loss of unseen examples, over that of a guess", 0, 0.75, "whether labels and rows match"
    ),
}


class Finding(NamedTuple):
    """What one check found: its name in CHECKS, its number, and where that was found.

    As text it is one line, which says what was expected, and what to look at first if it has not passed.
    """

    check: str
    value: float
    where: str

    @property
    def passed(self) -> bool:
        """Whether the number lies within the limits of the check, both ends included."""
        return CHECKS[self.check].low <= self.value <= CHECKS[self.check].high  # not so for nan

    @property
    def wanted(self) -> str:
        """The limits of the check, in words."""
        _, low, high, _ = CHECKS[self.check]
        return f"{low:g} to {high:g}" if low else f"at most {high:g}" if high else "0"

    def __str__(self) -> str:
        what, _, _, look = CHECKS[self.check]
        came = f"{self.value:.3g}: {self.where}" if self.where else f"{self.value:.3g}"
        line = f"{self.check}: {what}: expected {self.wanted}, got {came}"
        return f"passed  {line}" if self.passed else f"FAILED  {line}; look first at {look}"


@np.errstate(all="ignore")  # numbers that overflow are what is looked for
def checkup(
    network: Network,
    x: Array,
    y: Array,
    *,
    loss: Loss,
    optimizer: Optimizer,
    rng: Generator,
    scale: float | None = None,
    batch_size: int = 32,
    n_steps: int = 200,
) -> list[Finding]:
    """What the checks find before training, one Finding for each, in the order in which to look.

    The arguments are those of fit, and none is changed: networks are trained as copies, for n_steps, and rng is
    copied too. Of more than 2,000 examples, so many are drawn for all but the checks of the data. Checks that have
    no meaning are left out: those of classes where the targets are no labels, "unseen" with fewer than 100
    examples, and all that follow numbers that are not finite.
    """
    check_arguments(network, x, y, loss, optimizer, rng, batch_size, n_steps)
    network, optimizer, rng = copy.deepcopy((network, optimizer, rng))
    errors = [
        error for name, value in {"x": x, "y": y}.items() if (error := not_finite(name, value, network))
    ]
    findings = [Finding("finite", float(len(errors)), "; ".join(errors))]
    if errors:
        return findings
    check_examples(network, x, y, loss, scale)
    K = n_classes(network, x, y, loss, scale)
    measured = list(in_data(x.reshape(len(x), -1), y.ravel(), K, 1.0 if scale is None else scale))
    rows = rng.permutation(len(x))[:2000]
    x, y = as_floats(x[rows], scale, network.dtype).astype(network.dtype), y[rows]
    outputs = network.forward(x)
    guess = loss_of_guess(outputs, y, loss, K)
    measured += in_loss(outputs, y, loss, K, guess)
    if math.isfinite(measured[-1][1]):
        measured += in_gradient(network, x[:16], y[:16], loss, rng)
        measured += in_flow(network, x[:256], y[:256], loss, rng)
        measured += in_steps(network, optimizer, x, y, loss, guess, batch_size, n_steps, rng)
    return findings + [Finding(check, float(value), where) for check, value, where in measured]


def check_arguments(
    network: Network,
    x: object,
    y: object,
    loss: Loss,
    optimizer: object,
    rng: object,
    batch_size: object,
    n_steps: object,
) -> None:
    """An error for arguments that no check can use."""
    check_kind("network", network, Network, "a network, such as mlp([64, 10], rng=rng)")
    check_loss(network, loss)
    check_kind("optimizer", optimizer, Optimizer, "an optimizer, such as SGD(0.1)")
    check_rng(rng)
    check_rows(x, y)
    check_integer("batch_size", batch_size, "[1, inf)")
    check_integer("n_steps", n_steps, "[1, inf)")
    if not any(layer.params for layer in network.layers):
        raise ValueError("network must have parameters, got none")


def not_finite(name: str, value: Array, network: Network) -> str:
    """What is wrong with an array that holds numbers that are not finite; nothing, if there are none."""
    check_numbers(name, value)
    try:
        check_finite(name, value, network.dtype)
    except ValueError as error:
        return str(error)
    return ""


def n_classes(network: Network, x: Array, y: Array, loss: Loss, scale: float | None) -> int:
    """How many classes the outputs stand for; 0 where the targets are no labels."""
    if y.dtype.kind not in "iub" or y.size != len(y) or getattr(loss, "outputs", "logits") != "logits":
        return 0
    K = max(2, network.forward(as_floats(x[:1], scale, network.dtype)).size)
    return K if y.min() >= 0 and y.max() < K else 0


def in_data(x: Array, y: Array, K: int, scale: float) -> Iterator[Measured]:
    """Scale and columns of the examples x (N, D), and the labels y (N,) of K classes, if there are any."""
    size = scale * np.sqrt(np.einsum("nd,nd->d", x, x, dtype=np.float64) / len(x))  # (D,)
    yield "scale", norm(size) / math.sqrt(len(size)), ""
    yield (
        "columns",
        float(size.max() / np.median(size[size > 0])) if size.any() else 1.0,
        f"column {size.argmax()}",
    )
    constant = np.flatnonzero((x.min(axis=0) == x.max(axis=0)) & (x[0] != 0))
    yield "constant", len(constant), ", ".join(f"column {d}" for d in constant[:3])
    if K:
        counts = np.bincount(y.astype(np.intp), minlength=K)  # (K,)
        yield "classes", sum(counts == 0), ", ".join(f"class {k}" for k in np.flatnonzero(counts == 0)[:3])
        yield "majority", float(counts.max() / len(y)), f"class {counts.argmax()}"
        first: dict[bytes, int] = {}
        others = [first.setdefault(row.tobytes(), k) != k for row, k in zip(x, y.tolist(), strict=True)]
        yield "contradictions", sum(others) / len(y), f"example {others.index(True)}" if any(others) else ""


def loss_of_guess(outputs: Array, y: Array, loss: Loss, K: int) -> float:
    """The loss of what is always the same: the frequencies of the classes, or the mean of the targets."""
    if K:
        p = np.bincount(y.ravel().astype(np.intp)) / len(y)
        return float(-np.log(p[p > 0]) @ p[p > 0])
    return loss((np.zeros_like(outputs) + y.mean(axis=0)).astype(outputs.dtype), y)[0]


def in_loss(outputs: Array, y: Array, loss: Loss, K: int, guess: float) -> Iterator[Measured]:
    """The loss before training, over log K, or as a root over that of the mean target; and whether it is a mean."""
    once, twice = loss(outputs, y)[0], loss(np.concatenate([outputs, outputs]), np.concatenate([y, y]))[0]
    yield "start", once / math.log(K) if K else float(np.sqrt(np.divide(once, guess))), ""
    yield "mean", float(np.divide(twice, once)), ""
