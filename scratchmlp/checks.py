"""What the borders ask of an argument. An error names it, says what was expected, and what came."""

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike, NDArray


def check_number(name: str, value: object, interval: str) -> float:
    """The value as a float, if it is a number in the interval, written as in "[0, 1)"."""
    if not isinstance(value, Real) or not inside(value, interval):
        error = ValueError if isinstance(value, Real) else TypeError
        raise error(f"{name} must be a number in {interval}, got {value!r}")
    return float(value)  # exactly float: an np.float64 would make NumPy compute in float64


def check_integer(name: str, value: object, interval: str) -> int:
    """The value as an int, if it is an integer in the interval, written as in "[1, inf)"."""
    if not isinstance(value, Integral) or not inside(value, interval):
        error = ValueError if isinstance(value, Integral) else TypeError
        raise error(f"{name} must be an integer in {interval}, got {value!r}")
    return int(value)


def inside(value: Any, interval: str) -> bool:
    """Whether a number lies in an interval; square brackets include their end, round ones do not."""
    low, high = map(float, interval[1:-1].split(","))
    above = low <= value if interval[0] == "[" else low < value
    below = value <= high if interval[-1] == "]" else value < high
    return bool(above and below)  # neither is true for nan


def check_rng(rng: object) -> None:
    """TypeError for what is no generator, such as a seed, which gives the same at every use."""
    if not isinstance(rng, Generator):
        raise TypeError(f"rng must be a generator, such as np.random.default_rng(0), got {describe(rng)}")


def check_floats(name: str, value: object) -> None:
    """TypeError for what is no array of floats."""
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
        raise TypeError(f"{name} must be an array of floats, got {describe(value)}")


def check_shape(name: str, value: Any, shape: tuple[int, ...]) -> None:
    """ValueError for an array of another shape, which NumPy might stretch to fit without a word."""
    if getattr(value, "shape", None) != shape:
        raise ValueError(f"{name} must have shape {shape}, got {describe(value)}")


def check_rows(x: Any, y: Any) -> None:
    """An error for what are no arrays of examples and of targets, or are not as many of both."""
    for name, value in {"x": x, "y": y}.items():
        if not isinstance(value, np.ndarray) or value.ndim < 1:
            raise TypeError(f"{name} must be an array with one row for each example, got {describe(value)}")
    if len(x) != len(y) or len(x) < 1:
        raise ValueError(f"x and y must hold one row for each example, got {len(x)} and {len(y)} rows")


def check_finite(name: str, value: NDArray[Any], dtype: DTypeLike) -> None:
    """ValueError for an array that holds nan, infinity, or what is one of them in a float type."""
    if value.dtype.kind != "f" or not value.size:
        return
    with np.errstate(over="ignore"):
        # The two ends tell, and take no memory: where there is nan, both are nan.
        ends = np.array([value.min(), value.max()]).astype(dtype)
        if not np.isfinite(ends).all():
            at = tuple(map(int, np.argwhere(~np.isfinite(value.astype(dtype)))[0]))
            raise ValueError(f"{name} must hold finite {np.dtype(dtype)} numbers, got {value[at]} at {at}")


def describe(value: object) -> str:
    """What came, in a few words: the type, and the shape of an array."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype} of shape {value.shape}"
    return type(value).__name__
