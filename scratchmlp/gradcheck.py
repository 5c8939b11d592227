"""Is a gradient right? Derivatives written by hand, against differences of the function itself.

A check needs float64, because the difference of two float32 losses is mostly rounding, and a point where
there is a derivative. ReLU has none at 0, where black pixels and biases of 0 lead, and max pooling has none
where the largest values of a window are equal. Such a kink is an error of its own, NoDerivative: add some
noise to x and to the biases.

What is checked is the forward pass of training, on a copy, which sees the same random numbers in every pass:
so Dropout keeps its mask. A layer that draws numbers must hold its generator as an attribute.
"""

import copy
from collections.abc import Callable, Sequence

import numpy as np
from numpy.random import Generator

from .arrays import Array
from .checks import check_floats, check_function, check_integer, check_kind, check_rng
from .layers import Layer, generators
from .losses import Loss
from .network import Network

STEP = 1e-6  # a central difference has an error near STEP², and rounding adds one near 1e-16 / STEP
RIGHT = 1e-6  # no right gradient has a larger relative error, kinks apart
KINK = 1e-3  # how far the slopes on both sides differ at a kink; without one, by about STEP

Checked = tuple[str, Array, Array]  # a name, an array v, and its gradient dv
Move = int | Array  # of an array v: along one coordinate, or in a direction of length 1


class NoDerivative(ValueError):  # noqa: N818
    """A gradient check at a kink: the slope differs from side to side, so no gradient is right or wrong.

    `where` names the number that was moved, or its array, `left` and `right` are the slopes, and
    `error` is the relative error of the gradient against their mean.
    """

    def __init__(self, where: str, left: float, right: float, error: float) -> None:
        super().__init__(where, left, right, error)
        self.where, self.left, self.right, self.error = where, left, right, error

    def __str__(self) -> str:
        slopes = f"slopes of {self.left:.3g} before and {self.right:.3g} after"
        return f"{self.where} must not lie on a kink, got {slopes}: add some noise to x and to the biases"


def check_layer(layer: Layer, x: Array, *, rng: Generator, n_projections: int | None = None) -> float:
    """The largest relative error of a layer's gradients, those of its parameters and of its input x.

    The layer becomes a single number, sum(c * y) with random c, so that dy = c. Every coordinate is checked
    or, where that takes too long, the slope along n_projections random directions in each array.
    """
    check_kind("layer", layer, Layer, "a Layer")
    check_settings(x, rng, n_projections)
    x, layer = x.copy(), copy.deepcopy(layer)
    forward = repeated(lambda: layer.forward(x, training=True), [layer])
    y = forward()
    c = rng.standard_normal(y.shape)
    checked = [("x", x, layer.backward(c)), *gradients([layer])]
    first = float(np.vdot(c, y))
    return largest_error(lambda: float(np.vdot(c, forward())), first, checked, rng, n_projections)


def check_network(
    network: Network, x: Array, y: Array, *, loss: Loss, rng: Generator, n_projections: int | None = None
) -> float:
    """The largest relative error of the gradients of a loss, those of all parameters and of the input x.

    Every coordinate is checked, or the slope along n_projections random directions in each array.
    """
    check_kind("network", network, Network, "a Network")
    check_function("loss", loss, "cross_entropy")
    check_settings(x, rng, n_projections)
    x, network = x.copy(), copy.deepcopy(network)
    forward = repeated(lambda: network.forward(x, training=True), network.layers)
    first, doutputs = loss(forward(), y)
    dx = network.backward(doutputs, input_gradient=True)
    assert dx is not None  # it was asked for
    checked = [("x", x, dx), *gradients(network.layers)]
    return largest_error(lambda: loss(forward(), y)[0], first, checked, rng, n_projections)


def check_settings(x: object, rng: object, n_projections: int | None) -> None:
    """An error for arguments that no check can use."""
    check_rng(rng)
    check_floats("x", x)
    if isinstance(x, np.ndarray) and not x.size:
        raise ValueError(f"x must hold at least one number, got shape {x.shape}")
    if n_projections is not None:
        check_integer("n_projections", n_projections, "[1, inf)")


def repeated(forward: Callable[[], Array], layers: Sequence[Layer]) -> Callable[[], Array]:
    """The function forward, with the generators of the layers put back before each call."""
    held = [(generator.bit_generator, generator.bit_generator.state) for generator in generators(layers)]

    def again() -> Array:
        for bit_generator, state in held:
            bit_generator.state = state
        return forward()

    return again


def gradients(layers: Sequence[Layer]) -> list[Checked]:
    """Every parameter array of the layers, with its name and its gradient."""
    return [
        (f"layer {i} {key}" if len(layers) > 1 else key, layer.params[key], layer.grads[key])
        for i, layer in enumerate(layers)
        for key in layer.params
    ]


def largest_error(
    value: Callable[[], float],
    first: float,
    checked: Sequence[Checked],
    rng: Generator,
    n_projections: int | None,
) -> float:
    """The largest relative error of the gradients of value(), which was `first`; NoDerivative at a kink."""
    if (middle := value()) != first and np.isfinite(first + middle):
        advice = "a layer that draws numbers must hold its generator as an attribute"
        raise ValueError(f"forward must give the same twice, got {first} and {middle}: {advice}")
    found = [error_in(value, middle, *one, moves(one[1], rng, n_projections)) for one in checked]
    error, kink = max(found, key=lambda pair: np.inf if np.isnan(pair[0]) else pair[0])
    if kink is not None and error > RIGHT:
        raise kink
    return error


def error_in(
    value: Callable[[], float], middle: float, name: str, v: Array, dv: Array, moves: Sequence[Move]
) -> tuple[float, NoDerivative | None]:
    """The largest relative error of the gradient dv of value() in one array v; and the kink there, if any.

    It is measured against the steepest slope, by hand or by difference, but not against less than a
    thousandth: where all slopes are 0 but for rounding, their ratio says nothing.
    """
    if v.dtype != np.float64:
        raise ValueError(f"a gradient check needs float64, got {v.dtype}")
    by_hand = np.array([np.vdot(direction(move, v), dv) for move in moves])
    above, below = np.array([around(value, v, direction(move, v)) for move in moves]).T
    central = (above - below) / (2 * STEP)
    steepest = max(np.abs([by_hand, central]).max(), 1e-3)
    worst = int(np.abs(by_hand - central).argmax())  # nan counts as the largest
    error = float(np.abs(by_hand - central)[worst] / steepest)
    left, right = float(middle - below[worst]) / STEP, float(above[worst] - middle) / STEP
    is_kink = abs(right - left) > KINK * steepest
    return error, NoDerivative(place(name, v, moves[worst]), left, right, error) if is_kink else None


def moves(v: Array, rng: Generator, n_projections: int | None) -> Sequence[Move]:
    """The coordinates of v, or random directions of length 1, n_projections of them."""
    if n_projections is None:
        return range(v.size)
    units = rng.standard_normal((n_projections, v.size))
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    return list(units.reshape(n_projections, *v.shape))


def direction(move: Move, v: Array) -> Array:
    """A direction in which to move v: an array like it, of length 1."""
    if not isinstance(move, int):
        return move
    unit = np.zeros(v.shape)
    unit.flat[move] = 1
    return unit


def place(name: str, v: Array, move: Move) -> str:
    """What an error calls a coordinate of an array v, or a point where v moves in another direction."""
    if not isinstance(move, int):
        return f"{name} on its way in a random direction"
    return f"{name}{[int(i) for i in np.unravel_index(move, v.shape)]}"


def around(value: Callable[[], float], v: Array, direction: Array) -> tuple[float, float]:
    """The function value() with v a step further along a direction, and a step back; v is put back."""
    kept = v.copy()
    v += STEP * direction
    above = value()
    v[...] = kept - STEP * direction
    below = value()
    v[...] = kept
    return above, below
