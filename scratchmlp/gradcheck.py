"""Is the gradient right? Derivatives written by hand, against differences of the function itself.

Checks need float64: the difference of two float32 losses is mostly rounding. They also need a point where the
function has a derivative: ReLU has none at 0, and black pixels with biases of 0 lead exactly there, so add a
little noise to such inputs before checking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .layers import Layer
    from .network import Network

Array = NDArray[Any]
Loss = Callable[[Array, Array], tuple[float, Array]]


def check_layer(
    layer: Layer, x: Array, *, rng: np.random.Generator, n_projections: int | None = None, eps: float = 1e-5
) -> float:
    """The largest relative error of a layer's gradients, those of its parameters and of its input x.

    The layer becomes a single number, sum(c * y) with random c, so that dy = c. Every coordinate is checked or,
    where that takes too long, the slope along n_projections random directions in each array.
    """
    x = x.copy()
    c = rng.standard_normal(layer.forward(x, training=True).shape)
    dx = layer.backward(c)
    checked = [(x, dx), *((layer.params[key], layer.grads[key]) for key in layer.params)]

    def value() -> float:
        return float(np.vdot(c, layer.forward(x)))

    return max(relative_error(value, v, dv, directions(v, n_projections, rng), eps) for v, dv in checked)


def check_network(
    network: Network,
    x: Array,
    y: Array,
    *,
    loss: Loss,
    rng: np.random.Generator,
    n_projections: int | None = None,
    eps: float = 1e-5,
) -> float:
    """The largest relative error of the gradients of a loss, those of each parameter array and of the input x.

    Every coordinate is checked, or n_projections random directions in each array. rng draws the directions.
    """
    x = x.copy()
    _, doutputs = loss(network.forward(x, training=True), y)
    dx = network.backward(doutputs, input_gradient=True)
    assert dx is not None  # it was asked for
    checked = [(x, dx)]
    for layer in network.layers:
        checked += [(layer.params[key], layer.grads[key]) for key in layer.params]

    def value() -> float:
        return loss(network.forward(x), y)[0]

    return max(relative_error(value, v, dv, directions(v, n_projections, rng), eps) for v, dv in checked)


def directions(v: Array, n_projections: int | None, rng: np.random.Generator) -> Iterator[Array]:
    """The directions in which v is moved: along each coordinate, or n_projections random ones, all of length 1."""
    if n_projections is None:
        yield from np.eye(v.size).reshape(v.size, *v.shape)
    else:
        for direction in rng.standard_normal((n_projections, *v.shape)):
            yield direction / np.linalg.norm(direction)


def relative_error(
    value: Callable[[], float], v: Array, dv: Array, along: Iterator[Array], eps: float = 1e-5
) -> float:
    """The largest |analytic - numeric| / max(|analytic|, |numeric|) of slopes of value() along directions in v.

    Slopes below a thousandth of the steepest are divided by that thousandth instead: near 0, where rounding
    dominates, a ratio says nothing.
    """
    if v.dtype != np.float64:
        raise ValueError(f"gradient checks need float64, got {v.dtype}")
    slopes = np.array([(np.vdot(dv, u), central_difference(value, v, eps * u) / eps) for u in along])
    size = np.abs(slopes).max(axis=1)  # (directions,)
    gap = np.abs(slopes[:, 0] - slopes[:, 1])
    return float(np.max(gap / np.maximum(size, max(1e-3 * size.max(), np.finfo(float).tiny))))


def central_difference(value: Callable[[], float], v: Array, step: Array) -> float:
    """(value at v + step, minus value at v - step) / 2; the error falls with the square of the step. v is restored."""
    kept = v.copy()
    v += step
    high = value()
    np.subtract(kept, step, out=v)
    low = value()
    v[...] = kept
    return (high - low) / 2
