"""How wrong the network is, as one number, and which way every output should move.

A loss takes the raw outputs of the network (logits, where they stand for classes) and returns two things: the
mean loss over the batch, a float, and its gradient with respect to the outputs, in their shape and float
type. The gradient already holds the 1/N of the mean: no layer and no optimizer divides by N again.

A loss may say two things more, as attributes. `outputs` is what it takes the outputs for: "logits" of classes,
so that a network can predict classes and has an accuracy, or "values". `check(shape, targets)` is called once
before training, with all targets and the shape that outputs for them have, and raises an error for targets
that cannot be used. A loss of your own that has neither works too; its accuracy is nan.
"""

from collections.abc import Callable

import numpy as np

from .activations import sigmoid
from .arrays import Array
from .checks import check_binary, check_floats, check_labels, check_targets

Loss = Callable[[Array, Array], tuple[float, Array]]


def cross_entropy(logits: Array, labels: Array) -> tuple[float, Array]:
    """Mean negative log-probability that softmax gives to the true classes.

    For logits z it is log(sum of exp(z)) - z[label]. logits (N, K) with K >= 2,
    labels (N,) integers in [0, K); the gradient is (softmax - one_hot) / N.
    """
    check_floats("logits", logits)
    at = check_labels(logits.shape, labels)  # (N,), places in z.ravel()
    N = len(logits)
    z = logits.T.copy(order="C")  # (K, N): a row for each class
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
    check_floats("logits", logits)
    sign = 1 - 2 * check_binary(logits.shape, labels).astype(logits.dtype)  # 1 for label 0, -1 for label 1
    wrong = sign * logits  # the logit of the wrong label
    # log(1 + exp(wrong)); and sigmoid(z) - 1 is -sigmoid(-z), which keeps its digits where sigmoid(z) is near 1
    return float(np.logaddexp(0, wrong).sum()) / len(logits), sign * sigmoid(wrong) / len(logits)


def mean_squared_error(outputs: Array, targets: Array) -> tuple[float, Array]:
    """Mean of (output - target)², over the N examples and the M outputs alike, with no factor 1/2 in front.

    outputs (N, M) or (N,), targets of that shape, or (N,) for outputs (N, 1); the gradient is
    2 (outputs - targets) / (N M).
    """
    check_floats("outputs", outputs)
    error = outputs - check_targets(outputs.shape, targets).astype(outputs.dtype, copy=False)
    return float(np.square(error).sum()) / error.size, error * (2 / error.size)


vars(cross_entropy).update(outputs="logits", check=check_labels)
vars(binary_cross_entropy).update(outputs="logits", check=check_binary)
vars(mean_squared_error).update(outputs="values", check=check_targets)
