"""The loop: batches in, parameters moved, and a record of what happened."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .optimizers import Optimizer

if TYPE_CHECKING:
    from .network import Network

Array = NDArray[Any]
Loss = Callable[[Array, Array], tuple[float, Array]]


class Score(NamedTuple):
    """How good a network is on a set of examples; the accuracy is nan where y holds no class labels."""

    loss: float
    accuracy: float


@dataclass
class History:
    """What training recorded, one number per epoch in each list.

    `loss` and `accuracy` are means over the examples of the epoch, each taken just before the step that used it,
    while the parameters moved; `gradient_norm` is the mean over the batches. The two lists about validation data
    are measured after the epoch, and stay empty without such data.
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    gradient_norm: list[float] = field(default_factory=list)
    lr: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)


def fit(
    network: Network,
    x: Array,
    y: Array,
    *,
    loss: Loss,
    optimizer: Optimizer,
    n_epochs: int,
    batch_size: int,
    rng: np.random.Generator,
    scale: float | None = None,
    validation: tuple[Array, Array] | None = None,
    progress: bool = False,
) -> History:
    """Train a network by mini-batch gradient descent, in place; an epoch sees every example once, in a new order.

    x (N, ...) and y (N, ...) are the examples and their targets. Integers, such as images in bytes, need a scale:
    each batch becomes floats, times scale, when its turn comes, so the whole set never has to. The same scale is
    used on the validation data (x, y). rng draws the order of the examples and nothing else.
    """
    if n_epochs < 1:
        raise ValueError(f"n_epochs must be at least 1, got {n_epochs}")
    for examples in ((x, y),) if validation is None else ((x, y), validation):
        check_examples(network, *examples, loss=loss, scale=scale)
    history = History()
    for _ in progress_bar(n_epochs) if progress else range(n_epochs):
        epoch = batches(x, y, batch_size=batch_size, rng=rng, scale=scale, dtype=network.dtype)
        train_epoch(network, epoch, loss, optimizer, history)
        if validation is not None:
            score = evaluate(network, *validation, loss=loss, scale=scale)
            history.validation_loss.append(score.loss)
            history.validation_accuracy.append(score.accuracy)
    return history


def train_epoch(
    network: Network, epoch: Iterable[tuple[Array, Array]], loss: Loss, optimizer: Optimizer, history: History
) -> None:
    """One step for each batch of the epoch, then one line in the history."""
    n_batches, n_examples, n_correct = 0, 0, 0.0
    total_loss, total_norm = 0.0, 0.0
    theta = network.parameters()
    for x, y in epoch:
        outputs = network.forward(x, training=True)
        batch_loss, doutputs = loss(outputs, y)
        network.backward(doutputs)
        dtheta = network.gradients()
        optimizer.step(theta, dtheta)
        n_batches += 1
        n_examples += len(x)
        n_correct += count_correct(network, outputs, y)
        total_loss += batch_loss * len(x)  # the last batch may be smaller, and counts for less
        total_norm += math.sqrt(np.dot(dtheta, dtheta))
    history.loss.append(total_loss / n_examples)
    history.accuracy.append(n_correct / n_examples)
    history.gradient_norm.append(total_norm / n_batches)
    history.lr.append(float(optimizer.lr))


def evaluate(
    network: Network, x: Array, y: Array, *, loss: Loss, scale: float | None = None, batch_size: int = 1000
) -> Score:
    """Mean loss and accuracy of a network on examples it is not trained on; nothing is changed."""
    check_examples(network, x, y, loss=loss, scale=scale)
    total_loss, n_correct = 0.0, 0.0
    for start in range(0, len(x), batch_size):
        part = slice(start, start + batch_size)
        outputs = network.forward(as_floats(x[part], scale, network.dtype))
        total_loss += loss(outputs, y[part])[0] * len(outputs)
        n_correct += count_correct(network, outputs, y[part])
    return Score(total_loss / len(x), n_correct / len(x))


def batches(
    x: Array,
    y: Array,
    *,
    batch_size: int,
    rng: np.random.Generator,
    scale: float | None = None,
    dtype: DTypeLike = np.float32,
) -> Iterator[tuple[Array, Array]]:
    """All examples once, in a random order, cut into batches (x, y); the last one may be smaller."""
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}")
    order = rng.permutation(len(x))
    for start in range(0, len(x), batch_size):
        chosen = order[start : start + batch_size]
        yield as_floats(x.take(chosen, axis=0), scale, dtype), y.take(chosen, axis=0)


def as_floats(x: Array, scale: float | None, dtype: DTypeLike) -> Array:
    """x times scale, computed in the given float type; without a scale, x itself."""
    return x if scale is None else np.multiply(x, scale, dtype=dtype)


def count_correct(network: Network, outputs: Array, y: Array) -> float:
    """How many examples are given their own class; nan where y holds no class labels."""
    if y.dtype.kind not in "iub" or y.size != len(y):
        return math.nan
    return np.count_nonzero(network.classes(outputs) == y.ravel())


def check_examples(network: Network, x: Array, y: Array, *, loss: Loss, scale: float | None) -> None:
    """Raise ValueError for data that cannot be used, before any of it is."""
    if len(x) != len(y) or len(x) < 1:
        raise ValueError(f"x and y must hold one row for each example, got {len(x)} and {len(y)} rows")
    if scale is None and x.dtype.kind != "f":
        hint = "1/255 brings bytes to [0, 1], 1 keeps them as they are"
        raise ValueError(f"x holds {x.dtype}, so it needs a scale: {hint}")
    outputs = network.forward(as_floats(x[:1], scale, network.dtype))
    # The loss of outputs that are all 0 has the loss check every target, and name its position in y, not in a batch.
    loss(np.zeros((len(y), *outputs.shape[1:]), outputs.dtype), y)


def progress_bar(n_epochs: int) -> Iterable[int]:
    """The numbers of the epochs, counted on the terminal as they pass."""
    from tqdm import tqdm

    return tqdm(range(n_epochs), unit="epoch")
