"""The functions that bend: without one between them, two dense layers are one.

Each takes an array of floats and returns a new one of the same shape and float type. None overflows, whatever
finite numbers it is given.
"""

import numpy as np

from .arrays import Array
from .checks import check_floats


def relu(z: Array) -> Array:
    """The positive part of z: z where z > 0, else 0."""
    return np.maximum(z, 0)


def leaky_relu(z: Array, slope: float = 0.01) -> Array:
    """z where z > 0, else slope * z, with 0 <= slope <= 1 (Maas et al. 2013)."""
    return np.maximum(z, slope * z)


@np.errstate(over="ignore")  # where exp(-z) is too large for a float it is inf, and 1 / inf = 0 is right
def sigmoid(z: Array) -> Array:
    """The logistic function 1 / (1 + exp(-z)), which turns a logit into a probability.

    Small probabilities keep all their digits, down to the smallest normal number of the float type; below it
    they are 0. A form that subtracts from 1, or adds tanh to 1, would lose them: it rounds first.
    """
    return 1 / (1 + np.exp(-z))


def tanh(z: Array) -> Array:
    """The hyperbolic tangent, a sigmoid stretched to the range from -1 to 1: 2 sigmoid(2z) - 1."""
    return np.tanh(z)


def softmax(logits: Array) -> Array:
    """Probabilities in proportion to exp(logits), along the last axis, where they add up to 1."""
    return np.exp(log_softmax(logits))


def log_softmax(logits: Array) -> Array:
    """The logarithm of softmax, along the last axis, without the logarithm of a rounded 0."""
    check_floats("logits", logits)  # differences of unsigned integers wrap around
    # A shift of all logits changes nothing; with the largest at 0, exp cannot overflow and the sum is >= 1.
    with np.errstate(over="ignore"):  # logits further apart than a float can say: -inf is the right answer
        shifted: Array = logits - logits.max(axis=-1, keepdims=True)
    total: Array = np.exp(shifted).sum(axis=-1, keepdims=True)
    return shifted - np.log(total)
