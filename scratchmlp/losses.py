"""How wrong the network is, as one number, and which way every output should move.

A loss takes the raw outputs of the network (logits, where they stand for classes) and returns two things: the
mean loss over the batch, a float, and its gradient with respect to the outputs, in their shape and float
type. The gradient already holds the 1/N of the mean: no layer and no optimizer divides by N again.
"""

from collections.abc import Callable

import numpy as np

from .activations import Array, sigmoid
from .checks import check_floats, describe

Loss = Callable[[Array, Array], tuple[float, Array]]


def cross_entropy(logits: Array, labels: Array) -> tuple[float, Array]:
    """Mean negative log-probability that softmax gives to the true classes.

    For logits z it is log(sum of exp(z)) - z[label]. logits (N, K) with K >= 2,
    labels (N,) integers in [0, K); the gradient is (softmax - one_hot) / N.
    """
    at = label_positions(logits, labels)  # (N,)
    N = len(logits)
    z = logits.T.copy(order="C")  # (K, N): a row for each class
    with np.errstate(over="ignore"):  # too far apart for a float: -inf is right
        z -= z.max(axis=0)  # the same probabilities, and exp cannot overflow
    values = z.ravel()  # the same memory
    true = values[at]  # (N,)
    total = np.exp(z, out=z).sum(axis=0)  # (N,)
    z /= N * total
    values[at] -= 1 / N
    return float((np.log(total) - true).sum()) / N, z.T


def binary_cross_entropy(logits: Array, labels: Array) -> tuple[float, Array]:
    """Mean negative log-probability of labels 0 and 1, where sigmoid(logit) is the probability of 1.

    logits (N, 1) or (N,), labels (N, 1) or (N,), each 0 or 1; the gradient is (sigmoid(logits) - labels) / N.
    """
    y = targets_like(logits, labels, "labels")
    N = len(logits)
    if logits.size != N:
        raise ValueError(f"logits must have shape (N, 1) or (N,), got {logits.shape}")
    if (bad := np.flatnonzero((y != 0) & (y != 1))).size:
        raise ValueError(f"labels must be 0 or 1, got {y.flat[bad[0]]:g} at position {bad[0]}")
    losses = np.logaddexp(0, (1 - 2 * y) * logits)  # log(1 + exp(-z)) for label 1, log(1 + exp(z)) for 0
    return float(losses.sum()) / N, (sigmoid(logits) - y) / N


def mean_squared_error(outputs: Array, targets: Array) -> tuple[float, Array]:
    """Mean of (output - target)², over the N examples and the M outputs alike, with no factor 1/2 in front.

    outputs (N, M) or (N,), targets of that shape, or (N,) for outputs (N, 1); the gradient is
    2 (outputs - targets) / (N M).
    """
    error: Array = outputs - targets_like(outputs, targets, "targets")
    return float(np.square(error).sum()) / error.size, error * (2 / error.size)


def label_positions(logits: Array, labels: Array) -> Array:
    """Where the label of each row stands in logits.T.ravel(), (N,); ValueError for labels that are none."""
    check_floats("logits", logits)
    labels = np.asarray(labels)
    if logits.ndim != 2 or len(logits) < 1 or logits.shape[1] < 2:
        raise ValueError(f"logits must have shape (N, K) with N >= 1 and K >= 2, got {logits.shape}")
    N, K = logits.shape
    if labels.shape != (N,) or labels.dtype.kind not in "iu":
        raise ValueError(f"labels must be integers of shape ({N},), got {describe(labels)}")
    try:  # one flat position is found faster than a row and a column, and finding it checks the range
        return np.ravel_multi_index((labels.astype(np.intp, copy=False), np.arange(N)), (K, N))
    except ValueError:
        i = np.flatnonzero((labels < 0) | (labels >= K))[0]
        raise ValueError(f"labels must be integers in [0, {K}), got {labels[i]} at position {i}") from None


def targets_like(outputs: Array, targets: Array, name: str) -> Array:
    """The targets in the shape and float type of the outputs, (N,) becoming (N, 1) where the outputs are.

    Any other difference in shape is a ValueError: (N, 1) minus (N,) would be (N, N), without a word.
    """
    check_floats("outputs", outputs)
    targets = np.asarray(targets)
    if targets.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold numbers, got {describe(targets)}")
    if outputs.ndim < 1 or outputs.size < 1 or outputs.shape not in (targets.shape, (*targets.shape, 1)):
        raise ValueError(f"{name} must have the shape of the outputs, {outputs.shape}, got {targets.shape}")
    return targets.reshape(outputs.shape).astype(outputs.dtype, copy=False)
