"""The functions that bend: without one between them, two dense layers are one dense layer.

Every function takes an array of floats, returns a new one of the same shape and float type, and is free of
overflow for every finite input.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def relu(z: Array) -> Array:
    """The positive part of z: z where z > 0, else 0."""
    return np.maximum(z, 0)


def leaky_relu(z: Array, slope: float = 0.01) -> Array:
    """z where z > 0, else slope * z, with 0 <= slope <= 1 (Maas et al. 2013)."""
    return np.maximum(z, slope * z)


def sigmoid(z: Array) -> Array:
    """The logistic function 1 / (1 + exp(-z)), which maps a logit to a probability."""
    return 0.5 * (1 + np.tanh(0.5 * z))  # the same function; this form cannot overflow


def tanh(z: Array) -> Array:
    """The hyperbolic tangent: a sigmoid stretched to the range (-1, 1), tanh(z) = 2 sigmoid(2z) - 1."""
    return np.tanh(z)


def softmax(logits: Array) -> Array:
    """Probabilities proportional to exp(logits), along the last axis; they add up to 1."""
    return np.exp(log_softmax(logits))


def log_softmax(logits: Array) -> Array:
    """The logarithm of softmax, along the last axis, without ever taking the logarithm of 0."""
    # Softmax ignores a shift of all logits; with the largest at 0, exp cannot overflow and the sum is at least 1.
    with np.errstate(
        over="ignore"
    ):  # two huge logits may differ by more than a float can hold: -inf is right
        shifted: Array = logits - logits.max(axis=-1, keepdims=True)
    total: Array = np.exp(shifted).sum(axis=-1, keepdims=True)
    return shifted - np.log(total)
