"""The loop: batches in, parameters moved, and a record of what happened."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from .arrays import Array, Batch, parts
from .borders import check_examples, check_loss, check_score, check_settings, check_validation
from .checks import check_integer, check_kind, check_rng, check_rows
from .losses import Loss
from .network import Network
from .optimizers import Optimizer, clip_by_norm, norm, rate_at


class Diverged(RuntimeError):  # noqa: N818 - says what happened, and is caught as such
    """Training whose loss, or a norm, is no longer a finite number.

    `epoch` and `step` say where, both counted from 1: the epoch of the history, and the step of the
    optimizer; `loss` is that of the step, or of the epoch where a later check found it.
    """

    def __init__(self, text: str, epoch: int, step: int, loss: float) -> None:
        super().__init__(text, epoch, step, loss)
        self.epoch, self.step, self.loss = epoch, step, loss

    def __str__(self) -> str:
        return str(self.args[0])


class Score(NamedTuple):
    """How well a network does on some examples; the accuracy is nan where nothing is classified.

    There is one where the loss takes the outputs for logits and the targets are labels.
    """

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
    lowest validation loss, if early stopping asked for them, and `best_epoch` says after how many
    epochs. It is the lowest among the epochs whose parameters are known: where a history from before
    is continued with patience for the first time, these are its last epoch and all new ones.
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    gradient_norm: list[float] = field(default_factory=list)
    lr: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    interrupted: bool = False
    best: Array | None = field(default=None, repr=False, compare=False)
    best_epoch: int | None = field(default=None, compare=False)

    def append(self, record: dict[str, float]) -> None:
        """Add the numbers of one epoch."""
        for name, value in record.items():
            getattr(self, name).append(value)

    def remember(self, theta: Array) -> None:
        """Keep the parameters after the last epoch, if they have the lowest validation loss of those known."""
        losses = self.validation_loss
        if self.best is None or losses[-1] < losses[self.best_at()]:
            self.best, self.best_epoch = theta.copy(), len(losses)

    def best_at(self) -> int:
        """The place of the best epoch in the lists; in a history without best_epoch, that of the lowest loss."""
        losses = self.validation_loss
        return losses.index(min(losses)) if self.best_epoch is None else self.best_epoch - 1

    def n_waited(self) -> int:
        """How many epochs have passed since the best one."""
        return 0 if self.best is None else len(self.validation_loss) - 1 - self.best_at()


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
    history of all whole epochs is returned. A loss that is no longer finite is a RuntimeError of
    the type Diverged. A warning says so where an epoch moves nothing, since the rate is 0, and where
    there is none, since the patience of a continued history is over.

    The same seeds give the same bits, as long as NumPy, its BLAS, the number of its threads, and
    the kind of processor are the same; between two of them, sums are rounded in another order.
    """
    check_kind("network", network, Network, "a network, such as mlp([64, 10], rng=rng)")
    check_loss(network, loss)
    check_settings(network, optimizer, n_epochs, rng, max_norm, callbacks, progress)
    check_examples(network, x, y, loss, scale)
    check_integer("batch_size", batch_size, f"[1, {len(x)}]")
    check_validation(network, validation, patience, loss, scale)
    check_kind("history", history := History() if history is None else history, History, "a History, or None")
    network.outputs = getattr(loss, "outputs", "")
    if patience is not None and history.validation_loss and not history.interrupted:
        history.remember(network.parameters())
    history.interrupted = False
    if patience is not None and history.n_waited() >= patience:
        warnings.warn(
            f"nothing is trained: the best epoch lies {history.n_waited()} epochs back", stacklevel=2
        )
    try:
        for _ in counted(n_epochs, progress):
            if patience is not None and history.n_waited() >= patience:
                break
            number, epoch = len(history.loss) + 1, batches(x, y, batch_size=batch_size, rng=rng)
            if scale is not None:
                epoch = ((as_floats(part, scale, network.dtype), targets) for part, targets in epoch)
            first_rate = rate_at(optimizer.lr, optimizer.n_steps)
            record = train_epoch(network, epoch, number, loss, optimizer, max_norm, has_labels(loss, y))
            if first_rate == optimizer.rate == 0:
                warnings.warn(
                    f"epoch {number} moves nothing: lr is 0, at its first and its last step", stacklevel=2
                )
            if validation is not None:
                score = measure(network, *validation, loss, scale)
                record |= {"validation_loss": score.loss, "validation_accuracy": score.accuracy}
                check_progress((number, 0, optimizer.n_steps, score.loss), validation_loss=score.loss)
            history.append(record)
            if patience is not None:
                history.remember(network.parameters())
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
    try:
        from tqdm import tqdm
    except ImportError as error:
        raise ImportError('progress is shown by tqdm: pip install "scratchmlp[progress]"') from error
    epochs: Iterable[int] = tqdm(range(n_epochs), unit="epoch")
    return epochs


# Numbers that overflow need no warning on their way: the loss they lead to is checked.
@np.errstate(over="ignore", invalid="ignore")
def train_epoch(
    network: Network,
    epoch: Iterable[Batch],
    number: int,
    loss: Loss,
    optimizer: Optimizer,
    max_norm: float,
    labelled: bool,
) -> dict[str, float]:
    """Take one step for each batch of an epoch, and return its line of the history."""
    n_batches = n_examples = 0
    total_loss = total_norm = n_correct = 0.0
    theta, dtheta = network.parameters(), network.gradients()  # backward keeps them the layers' own
    for x, y in epoch:
        outputs = network.forward(x, training=True)
        batch_loss, doutputs = loss(outputs, y)
        network.backward(doutputs)
        length = norm(dtheta)
        n_batches += 1
        if not math.isfinite(batch_loss + length):  # only then is there something to say
            at = (number, n_batches, optimizer.n_steps + 1, batch_loss)
            check_progress(at, loss=batch_loss, gradient_norm=length)
        if length > max_norm:
            clip_by_norm(dtheta, max_norm)
        optimizer.step(theta, dtheta)
        n_examples += len(y)
        total_loss += batch_loss * len(y)  # a mean over examples: a smaller last batch counts for less
        if labelled:
            n_correct += count_correct(network, outputs, y)
        total_norm += length
    mean_loss = total_loss / n_examples
    check_progress((number, 0, optimizer.n_steps, mean_loss), parameter_norm=norm(theta))
    return {
        "loss": mean_loss,
        "accuracy": n_correct / n_examples if labelled else math.nan,
        "gradient_norm": total_norm / n_batches,
        "lr": optimizer.rate,
    }


def evaluate(network: Network, x: Array, y: Array, *, loss: Loss, scale: float | None = None) -> Score:
    """The mean loss and the accuracy of a network on examples; nothing is changed.

    A loss that is no finite number, such as that of a network with nan in its weights, is a ValueError.
    """
    check_kind("network", network, Network, "a network, such as mlp([64, 10], rng=rng)")
    check_loss(network, loss)
    check_examples(network, x, y, loss, scale)
    score = measure(network, x, y, loss, scale)
    check_score(score.loss)
    return score


@np.errstate(over="ignore", invalid="ignore")
def measure(network: Network, x: Array, y: Array, loss: Loss, scale: float | None) -> Score:
    """What evaluate returns, for examples that have been checked."""
    total_loss, n_correct, labelled = 0.0, 0, has_labels(loss, y)
    for part in parts(len(x)):
        outputs = network.forward(as_floats(x[part], scale, network.dtype))
        total_loss += loss(outputs, y[part])[0] * len(outputs)
        if labelled:
            n_correct += count_correct(network, outputs, y[part])
    return Score(total_loss / len(x), n_correct / len(x) if labelled else math.nan)


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


def has_labels(loss: Loss, y: Array) -> bool:
    """Whether there is an accuracy: the loss takes outputs for logits of classes, and the targets are labels."""
    return getattr(loss, "outputs", "") == "logits" and y.dtype.kind in "iub" and y.size == len(y)


def count_correct(network: Network, outputs: Array, y: Array) -> int:
    """How many examples get their own class."""
    return int(np.count_nonzero(network.classes(outputs) == y.ravel()))


def check_progress(at: tuple[int, int, int, float], **values: float) -> None:
    """Diverged for a loss, or a norm, that is no longer a finite number.

    at holds the epoch, its batch, or 0 after the last one, the step of the optimizer, and the loss.
    """
    epoch, batch, step, loss = at
    for name, value in values.items():
        if not math.isfinite(value):
            where = f"in epoch {epoch}, batch {batch}" if batch else f"after epoch {epoch}"
            advice = "try a smaller lr, or clip the gradients by max_norm"
            text = f"{name} must be a finite number, got {value} {where}: {advice}"
            raise Diverged(text, epoch, step, loss)
