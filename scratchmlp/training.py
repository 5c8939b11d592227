"""The loop: batches in, parameters moved, and a record of what happened."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from .checks import check_finite, check_integer, check_number, check_rng, check_rows, describe
from .optimizers import Array, Optimizer, clip_by_norm, norm

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

    `loss` and `accuracy` are means over the examples of the epoch, each measured just before the
    step that used it; `gradient_norm` is the mean over the batches, before any clipping, and `lr`
    the rate of the last step. The validation lists are measured after the epoch, and stay empty
    without validation data.

    `interrupted` says whether Ctrl-C ended the training. `best` holds the parameters that had the
    lowest validation loss, if early stopping asked for them.
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    gradient_norm: list[float] = field(default_factory=list)
    lr: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    interrupted: bool = False
    best: Array | None = field(default=None, repr=False, compare=False)

    def append(self, record: dict[str, float]) -> None:
        """Add the numbers of one epoch."""
        for name, value in record.items():
            getattr(self, name).append(value)

    def n_waited(self) -> int:
        """How many epochs have passed since the one with the lowest validation loss."""
        losses = self.validation_loss
        return len(losses) - 1 - losses.index(min(losses)) if losses else 0


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
    validation: Batch | None = None,
    patience: int | None = None,
    max_norm: float = math.inf,
    callbacks: Sequence[Callable[[Network, History], object]] = (),
    history: History | None = None,
    progress: bool = False,
) -> History:
    """Train a network, in place, by mini-batch gradient descent, in a new order in each epoch.

    x (N, ...) are the examples and y their targets, as the loss wants them; `validation` is another
    such pair. Integers, such as images in bytes, need a scale: batch by batch they become floats,
    times scale. rng draws the order of the examples and nothing else. progress=True counts the
    epochs on the terminal (needs tqdm).

    Gradients longer than max_norm are shortened to it. After each epoch, every callback is called
    with the network and the history. With patience, training stops early once the validation loss
    has had no new lowest value for so many epochs, and in the end the network gets back the
    parameters of the lowest one. A history that is passed in is continued, for n_epochs more.

    Ctrl-C ends training as if n_epochs were over: the network keeps what it has learned, and the
    history of all whole epochs is returned. A loss that is no longer finite is a RuntimeError.
    """
    check_rng(rng)
    check_integer("n_epochs", n_epochs, "[1, inf)")
    check_number("max_norm", max_norm, "(0, inf]")
    check_examples(network, x, y, loss, scale)
    check_integer("batch_size", batch_size, f"[1, {len(x)}]")
    check_validation(network, validation, patience, loss, scale)
    history = History() if history is None else history
    history.interrupted = False
    try:
        for _ in counted(n_epochs, progress):
            if patience is not None and history.n_waited() >= patience:
                break
            number, cut = len(history.loss) + 1, batches(x, y, batch_size=batch_size, rng=rng)
            epoch = ((as_floats(part, scale, network.dtype), targets) for part, targets in cut)
            record = train_epoch(network, epoch, number, loss, optimizer, max_norm)
            record |= validated(network, validation, number, loss, scale)
            history.append(record)
            if patience is not None and (history.best is None or history.n_waited() == 0):
                history.best = network.parameters().copy()
            for callback in callbacks:
                callback(network, history)
    except KeyboardInterrupt:
        history.interrupted = True
    if patience is not None and history.best is not None:
        network.parameters()[...] = history.best
    return history


def counted(n_epochs: int, progress: bool) -> Iterable[int]:
    """The epochs, which tqdm counts on the terminal if progress is asked for."""
    if not progress:
        return range(n_epochs)
    from tqdm import tqdm

    epochs: Iterable[int] = tqdm(range(n_epochs), unit="epoch")
    return epochs


# Numbers that overflow need no warning on their way: the loss they lead to is checked.
@np.errstate(over="ignore", invalid="ignore")
def train_epoch(
    network: Network, epoch: Iterable[Batch], number: int, loss: Loss, optimizer: Optimizer, max_norm: float
) -> dict[str, float]:
    """Take one step for each batch of an epoch, and return its line of the history."""
    n_batches = n_examples = 0
    total_loss = total_norm = n_correct = 0.0
    theta = network.parameters()
    for x, y in epoch:
        outputs = network.forward(x, training=True)
        batch_loss, doutputs = loss(outputs, y)
        network.backward(doutputs)
        dtheta = network.gradients()
        length = norm(dtheta)
        n_batches += 1
        if not math.isfinite(batch_loss + length):  # only then is the text of an error needed
            check_progress(f"in epoch {number}, batch {n_batches}", loss=batch_loss, gradient_norm=length)
        if length > max_norm:
            clip_by_norm(dtheta, max_norm)
        optimizer.step(theta, dtheta)
        n_examples += len(y)
        total_loss += batch_loss * len(y)  # a mean over examples: a smaller last batch counts for less
        n_correct += count_correct(network, outputs, y)
        total_norm += length
    check_progress(f"after epoch {number}", parameter_norm=norm(theta))
    return {
        "loss": total_loss / n_examples,
        "accuracy": n_correct / n_examples,
        "gradient_norm": total_norm / n_batches,
        "lr": optimizer.rate,
    }


def validated(
    network: Network, validation: Batch | None, number: int, loss: Loss, scale: float | None
) -> dict[str, float]:
    """What validation data add to the line of an epoch in the history."""
    if validation is None:
        return {}
    score = measure(network, *validation, loss, scale)
    check_progress(f"after epoch {number}", validation_loss=score.loss)
    return {"validation_loss": score.loss, "validation_accuracy": score.accuracy}


def evaluate(network: Network, x: Array, y: Array, *, loss: Loss, scale: float | None = None) -> Score:
    """The mean loss and the accuracy of a network on examples; nothing is changed."""
    check_examples(network, x, y, loss, scale)
    return measure(network, x, y, loss, scale)


@np.errstate(over="ignore", invalid="ignore")
def measure(network: Network, x: Array, y: Array, loss: Loss, scale: float | None) -> Score:
    """What evaluate returns, for examples that have been checked."""
    total_loss = n_correct = 0.0
    for start in range(0, len(x), 1000):  # in parts: memory must not grow with the examples
        part = slice(start, start + 1000)
        outputs = network.forward(as_floats(x[part], scale, network.dtype))
        total_loss += loss(outputs, y[part])[0] * len(outputs)
        n_correct += count_correct(network, outputs, y[part])
    return Score(total_loss / len(x), n_correct / len(x))


def batches(x: Array, y: Array, *, batch_size: int, rng: Generator) -> Iterator[Batch]:
    """All examples once, in random order, in pairs (x, y) of batch_size rows; the last may be smaller."""
    check_rows(x, y)
    check_rng(rng)
    check_integer("batch_size", batch_size, f"[1, {len(x)}]")
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


def check_progress(where: str, **values: float) -> None:
    """RuntimeError for a loss, or a norm, that is no longer a finite number."""
    for name, value in values.items():
        if not math.isfinite(value):
            advice = "try a smaller lr, or clip the gradients by max_norm"
            raise RuntimeError(f"{name} must be a finite number, got {value} {where}: {advice}")


@np.errstate(over="ignore", invalid="ignore")
def check_examples(network: Network, x: Array, y: Array, loss: Loss, scale: float | None) -> None:
    """Raise an error for examples that cannot be used, before any of them is."""
    check_rows(x, y)
    for name, value in {"x": x, "y": y}.items():
        if value.dtype.kind not in "biuf":
            raise TypeError(f"{name} must hold numbers, got {describe(value)}")
        check_finite(name, value, network.dtype)
    if scale is not None:
        check_number("scale", scale, "(0, inf)")
    elif x.dtype.kind != "f":
        raise ValueError(f"x holds {x.dtype}, so scale must be given: 1/255 for bytes, 1 to keep them")
    outputs = network.forward(as_floats(x[:1], scale, network.dtype))
    # With outputs of 0 for all, the loss itself checks the targets, and names positions in y, not in a batch.
    loss(np.zeros((len(y), *outputs.shape[1:]), outputs.dtype), y)


def check_validation(
    network: Network, validation: Any, patience: int | None, loss: Loss, scale: float | None
) -> None:
    """Raise an error for validation data that cannot be used, or that are missing for patience."""
    if validation is not None:
        if not isinstance(validation, tuple | list) or len(validation) != 2:
            raise TypeError(f"validation must be a pair (x, y), got {describe(validation)}")
        x, y = validation
        check_examples(network, x, y, loss, scale)
    if patience is not None:
        check_integer("patience", patience, "[1, inf)")
        if validation is None:
            raise ValueError("validation must be a pair (x, y) where patience is given, got None")
