"""The loop: batches in, parameters moved, and a record of what happened."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from .optimizers import Array, Optimizer

if TYPE_CHECKING:  # for the types alone
    from .losses import Loss
    from .network import Network

Batch = tuple[Array, Array]


class Score(NamedTuple):
    """How well a network does on some examples; the accuracy is nan if the targets are no class labels."""

    loss: float
    accuracy: float


@dataclass
class History:
    """What training recorded: in each list, one number per epoch.

    `loss` and `accuracy` are means over the examples of the epoch, each measured just before the step that
    used it; `gradient_norm` is the mean over the batches. The validation lists are measured after the epoch,
    and stay empty without validation data.
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
    rng: Generator,
    scale: float | None = None,
    validation: tuple[Array, Array] | None = None,
    progress: bool = False,
) -> History:
    """Train a network, in place, by mini-batch gradient descent; an epoch takes all examples in a new order.

    x (N, D) are the examples and y their targets, as the loss wants them; `validation` is another such pair.
    Integers, such as images in bytes, need a scale: batch by batch they become floats, times scale. rng draws
    the order of the examples and nothing else. progress=True counts the epochs on the terminal (needs tqdm).
    """
    if n_epochs < 1 or batch_size < 1:
        raise ValueError(f"n_epochs and batch_size must be at least 1, got {n_epochs} and {batch_size}")
    check_examples(network, x, y, loss, scale)
    if validation is not None:
        check_examples(network, *validation, loss, scale)
    epochs: Iterable[int] = range(n_epochs)
    if progress:
        from tqdm import tqdm

        epochs = tqdm(epochs, unit="epoch")
    history = History()
    for _ in epochs:
        train_epoch(network, batches(x, y, batch_size=batch_size, rng=rng), loss, optimizer, scale, history)
        if validation is not None:
            score = evaluate(network, *validation, loss=loss, scale=scale)
            history.validation_loss.append(score.loss)
            history.validation_accuracy.append(score.accuracy)
    return history


def train_epoch(
    network: Network,
    epoch: Iterable[Batch],
    loss: Loss,
    optimizer: Optimizer,
    scale: float | None,
    history: History,
) -> None:
    """Take one step for each batch of the epoch, then write one line of the history."""
    n_batches = n_examples = 0
    total_loss = total_norm = n_correct = 0.0
    theta = network.parameters()
    for x, y in epoch:
        outputs = network.forward(as_floats(x, scale, network.dtype), training=True)
        batch_loss, doutputs = loss(outputs, y)
        network.backward(doutputs)
        dtheta = network.gradients()
        optimizer.step(theta, dtheta)
        n_batches += 1
        n_examples += len(y)
        total_loss += batch_loss * len(y)  # a mean over examples: a smaller last batch counts for less
        n_correct += count_correct(network, outputs, y)
        total_norm += math.sqrt(np.dot(dtheta, dtheta))
    history.loss.append(total_loss / n_examples)
    history.accuracy.append(n_correct / n_examples)
    history.gradient_norm.append(total_norm / n_batches)
    history.lr.append(float(optimizer.lr))


def evaluate(network: Network, x: Array, y: Array, *, loss: Loss, scale: float | None = None) -> Score:
    """The mean loss and the accuracy of a network on examples; nothing is changed."""
    check_examples(network, x, y, loss, scale)
    total_loss = n_correct = 0.0
    for start in range(0, len(x), 1000):  # in parts: memory must not grow with the examples
        part = slice(start, start + 1000)
        outputs = network.forward(as_floats(x[part], scale, network.dtype))
        total_loss += loss(outputs, y[part])[0] * len(outputs)
        n_correct += count_correct(network, outputs, y[part])
    return Score(total_loss / len(x), n_correct / len(x))


def batches(x: Array, y: Array, *, batch_size: int, rng: Generator) -> Iterator[Batch]:
    """All examples once, in random order, as pairs (x, y) of batch_size rows; the last may hold fewer."""
    order = rng.permutation(len(x))
    for start in range(0, len(x), batch_size):
        rows = order[start : start + batch_size]
        yield x.take(rows, axis=0), y.take(rows, axis=0)


def as_floats(x: Array, scale: float | None, dtype: DTypeLike) -> Array:
    """x times scale, computed in the given float type; x itself where there is no scale."""
    return x if scale is None else np.multiply(x, scale, dtype=dtype)


def count_correct(network: Network, outputs: Array, y: Array) -> float:
    """How many examples get their own class; nan where the targets are no class labels."""
    if y.dtype.kind not in "iub" or y.size != len(y):
        return math.nan
    return float(np.count_nonzero(network.classes(outputs) == y.ravel()))


def check_examples(network: Network, x: Array, y: Array, loss: Loss, scale: float | None) -> None:
    """Raise an error for examples that cannot be used, before any of them is."""
    if len(x) != len(y) or len(x) < 1:
        raise ValueError(f"x and y must hold one row for each example, got {len(x)} and {len(y)} rows")
    if scale is None and x.dtype.kind != "f":
        raise ValueError(f"x holds {x.dtype}, so scale must be given: 1/255 for bytes, 1 to keep them")
    outputs = network.forward(as_floats(x[:1], scale, network.dtype))
    # With outputs of 0 for all, the loss itself checks the targets, and names positions in y, not in a batch.
    loss(np.zeros((len(y), *outputs.shape[1:]), outputs.dtype), y)
