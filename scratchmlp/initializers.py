"""Where training starts: random weights whose scale keeps signals from fading or growing with depth."""

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float64]


class Initializer(Protocol):
    """A rule that draws the first weights of a matrix of shape (D_in, D_out), in float64."""

    def __call__(self, shape: tuple[int, int], *, rng: np.random.Generator) -> Weights:
        """Draw one matrix; every random number comes from rng."""
        ...


def he(shape: tuple[int, int], *, rng: np.random.Generator) -> Weights:
    """Normal weights of variance 2 / D_in, which keep the mean square of ReLU layers (He et al. 2015, eq. 10)."""
    D_in, _ = shape
    return rng.normal(0.0, math.sqrt(2 / D_in), shape)


def xavier(shape: tuple[int, int], *, rng: np.random.Generator) -> Weights:
    """Normal weights of variance 2 / (D_in + D_out), for tanh layers (Glorot & Bengio 2010, eq. 12).

    Their eq. 16 draws the same variance from a uniform law; the normal law is kept here, so that the
    initializers of this module differ in their scale and in nothing else.
    """
    D_in, D_out = shape
    return rng.normal(0.0, math.sqrt(2 / (D_in + D_out)), shape)


def lecun(shape: tuple[int, int], *, rng: np.random.Generator) -> Weights:
    """Normal weights of variance 1 / D_in, which keep the variance of a linear layer (LeCun et al. 1998, eq. 16)."""
    D_in, _ = shape
    return rng.normal(0.0, math.sqrt(1 / D_in), shape)


def normal(scale: float) -> Initializer:
    """An initializer that draws normal weights of one standard deviation, whatever the shape."""
    if not 0 <= scale < math.inf:
        raise ValueError(f"scale must be a finite number of at least 0, got {scale}")

    def scaled(shape: tuple[int, int], *, rng: np.random.Generator) -> Weights:
        return rng.normal(0.0, scale, shape)

    return scaled


def zeros(shape: tuple[int, int], *, rng: np.random.Generator) -> Weights:
    """Weights that are all 0: hidden units then stay equal for ever. rng is taken, as everywhere, and left alone."""
    return np.zeros(shape)
