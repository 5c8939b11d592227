"""Is a gradient right? Derivatives written by hand, against differences of the function itself.

A check needs float64, because the difference of two float32 losses is mostly rounding, and a point where
there is a derivative. ReLU has none at 0, where black pixels and biases of 0 lead: add some noise to those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.random import Generator

from .checks import check_floats, check_integer, check_rng

if TYPE_CHECKING:  # for the types alone
    from .initializers import Array
    from .layers import Layer
    from .losses import Loss
    from .network import Network

STEP = 1e-6  # a central difference has an error near STEP², and rounding adds one near 1e-16 / STEP


def check_layer(layer: Layer, x: Array, *, rng: Generator, n_projections: int | None = None) -> float:
    """The largest relative error of a layer's gradients, those of its parameters and of its input x.

    The layer becomes a single number, sum(c * y) with random c, so that dy = c. Every coordinate is checked
    or, where that takes too long, the slope along n_projections random directions in each array.
    """
    check_rng(rng)
    check_floats("x", x)
    x = x.copy()
    c = rng.standard_normal(layer.forward(x, training=True).shape)
    checked = [(x, layer.backward(c)), *gradients([layer])]
    return largest_error(lambda: float(np.vdot(c, layer.forward(x))), checked, rng, n_projections)


def check_network(
    network: Network, x: Array, y: Array, *, loss: Loss, rng: Generator, n_projections: int | None = None
) -> float:
    """The largest relative error of the gradients of a loss, those of all parameters and of the input x.

    Every coordinate is checked, or the slope along n_projections random directions in each array.
    """
    check_rng(rng)
    check_floats("x", x)
    x = x.copy()
    _, doutputs = loss(network.forward(x, training=True), y)
    dx = network.backward(doutputs, input_gradient=True)
    assert dx is not None  # it was asked for
    checked = [(x, dx), *gradients(network.layers)]
    return largest_error(lambda: loss(network.forward(x), y)[0], checked, rng, n_projections)


def gradients(layers: Sequence[Layer]) -> list[tuple[Array, Array]]:
    """Every parameter array of the layers, with its gradient."""
    return [(layer.params[key], layer.grads[key]) for layer in layers for key in layer.params]


def largest_error(
    value: Callable[[], float], checked: list[tuple[Array, Array]], rng: Generator, n_projections: int | None
) -> float:
    """The largest relative error of the gradients dv of value(), for the pairs (v, dv).

    In each array the error is measured against the steepest slope, by hand or by difference, but not against
    less than a thousandth: where all slopes are 0 but for rounding, their ratio says nothing.
    """
    if n_projections is not None:
        check_integer("n_projections", n_projections, "[1, inf)")
    errors = []
    for v, dv in checked:
        if v.dtype != np.float64:
            raise ValueError(f"a gradient check needs float64, got {v.dtype}")
        if n_projections is None:
            directions = np.eye(v.size)
        else:
            directions = rng.standard_normal((n_projections, v.size))
            directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        a = directions @ dv.ravel()
        b = np.array([slope(value, v, direction.reshape(v.shape)) for direction in directions])
        steepest = max(np.abs([a, b]).max(), 1e-3)
        errors.append(float(np.abs(a - b).max() / steepest))
    return max(errors)


def slope(value: Callable[[], float], v: Array, direction: Array) -> float:
    """The derivative of value() as v moves along a direction, by a central difference; v is put back."""
    kept = v.copy()
    v += STEP * direction
    above = value()
    v[...] = kept - STEP * direction
    below = value()
    v[...] = kept
    return (above - below) / (2 * STEP)
