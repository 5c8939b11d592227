"""Where training starts: random weights, scaled so that signals neither fade nor grow with depth."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Array = NDArray[Any]
# Called as he((D, M), rng=rng); gives a matrix of that shape, in float64.
Initializer = Callable[..., Array]


def he(shape: tuple[int, int], *, rng: Generator) -> Array:
    """Normal weights of variance 2 / D, which keep the mean square through ReLU layers.

    He et al. 2015, eq. 10. D is the number of inputs of each unit.
    """
    D, _ = shape
    return rng.normal(0.0, math.sqrt(2 / D), shape)


def xavier(shape: tuple[int, int], *, rng: Generator) -> Array:
    """Normal weights of variance 2 / (D + M), for tanh: a compromise between forward and backward pass.

    Glorot & Bengio 2010, eq. 12. Their eq. 16 gives a uniform law the same variance; here the law is normal
    throughout, so that the initializers differ in scale and in nothing else.
    """
    D, M = shape
    return rng.normal(0.0, math.sqrt(2 / (D + M)), shape)


def lecun(shape: tuple[int, int], *, rng: Generator) -> Array:
    """Normal weights of variance 1 / D, which keep the variance through linear layers.

    LeCun et al. 1998 ("Efficient BackProp"), eq. 16.
    """
    D, _ = shape
    return rng.normal(0.0, math.sqrt(1 / D), shape)


def normal(scale: float) -> Initializer:
    """An initializer: normal weights of standard deviation scale, whatever the shape."""
    if not 0 <= scale < math.inf:
        raise ValueError(f"scale must be a finite number of at least 0, got {scale}")
    return lambda shape, *, rng: rng.normal(0.0, scale, shape)


def zeros(shape: tuple[int, int], *, rng: Generator) -> Array:
    """Weights of 0, with which the units of a layer stay equal for ever. rng is not used."""
    return np.zeros(shape)
