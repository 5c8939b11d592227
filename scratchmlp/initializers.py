"""Where training starts: random weights, scaled so that signals neither fade nor grow with depth."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.random import Generator

from .arrays import Array
from .checks import check_number, check_rng, check_sizes

# Called as he((D, M), rng=rng); gives weights of that shape, in float64.
Initializer = Callable[..., Array]


def he(shape: tuple[int, ...], *, rng: Generator) -> Array:
    """Normal weights of variance 2 / D, which keep the mean square through ReLU layers.

    He et al. 2015, eq. 10. D is the number of inputs of each unit.
    """
    D, _ = fans(shape)
    return draw(math.sqrt(2 / D), shape, rng)


def xavier(shape: tuple[int, ...], *, rng: Generator) -> Array:
    """Normal weights of variance 2 / (D + M), for tanh: a compromise between forward and backward pass.

    Glorot & Bengio 2010, eq. 12. Their eq. 16 gives a uniform law the same variance; here the law is normal
    throughout, so that the initializers differ in scale and in nothing else.
    """
    D, M = fans(shape)
    return draw(math.sqrt(2 / (D + M)), shape, rng)


def lecun(shape: tuple[int, ...], *, rng: Generator) -> Array:
    """Normal weights of variance 1 / D, which keep the variance through linear layers.

    LeCun et al. 1998 ("Efficient BackProp"), eq. 16.
    """
    D, _ = fans(shape)
    return draw(math.sqrt(1 / D), shape, rng)


def normal(scale: float) -> Initializer:
    """An initializer: normal weights of standard deviation scale, whatever the shape."""
    scale = check_number("scale", scale, "[0, inf)")
    return partial(draw, scale)  # and not a lambda, which cannot be pickled


def zeros(shape: tuple[int, ...], *, rng: Generator) -> Array:
    """Weights of 0, with which the units of a layer stay equal for ever. rng is not used."""
    return np.zeros(check_sizes("shape", shape))


def draw(scale: float, shape: tuple[int, ...], rng: Generator) -> Array:
    """Normal numbers of mean 0 and standard deviation scale, in float64."""
    check_rng(rng)
    return rng.normal(0.0, scale, check_sizes("shape", shape))


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """How many inputs a unit has, and how many units an input goes to, for weights of a shape.

    They are D and M for a matrix (D, M), and C * k * k and M * k * k for the kernels (M, C, k, k)
    of a convolution: there an input takes every place of a window in turn.
    """
    shape = check_sizes("shape", shape)
    if len(shape) not in (2, 4):
        raise ValueError(f"shape must be (D, M) or (M, C, k, k), got {shape}")
    if len(shape) == 2:
        return shape[0], shape[1]
    M, C, *window = shape
    return C * math.prod(window), M * math.prod(window)
