"""What the borders ask of an argument. An error names it, says what was expected, and what came."""

from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from .arrays import FLOATS, Array

# ---- numbers and other settings


def check_number(name: str, value: object, interval: str) -> float:
    """The value as a float, if it is a number in the interval, written as in "[0, 1)"."""
    if (known := isinstance(value, Real) and not isinstance(value, bool)) and inside(value, interval):
        return float(value)  # exactly float: np.float64 would compute in float64
    raise (ValueError if known else TypeError)(f"{name} must be a number in {interval}, got {value!r}")


def check_integer(name: str, value: object, interval: str) -> int:
    """The value as an int, if it is an integer in the interval, written as in "[1, inf)"."""
    if (known := isinstance(value, Integral) and not isinstance(value, bool)) and inside(value, interval):
        return int(value)
    raise (ValueError if known else TypeError)(f"{name} must be an integer in {interval}, got {value!r}")


def inside(value: Any, interval: str) -> bool:
    """Whether a number lies in an interval; square brackets include their end, round ones do not."""
    low, high = map(float, interval[1:-1].split(","))
    above = low <= value if interval[0] == "[" else low < value
    below = value <= high if interval[-1] == "]" else value < high
    return bool(above and below)  # neither is true for nan


def check_bool(name: str, value: object) -> bool:
    """The value, if it is True or False; much else, such as the text "no", would count as true."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False, got {value!r}")
    return bool(value)


def check_function(name: str, value: object, example: str) -> None:
    """TypeError for what cannot be called, such as the name of a function as text."""
    if not callable(value):
        raise TypeError(f"{name} must be a function, such as {example}, got {value!r}")


def check_functions(name: str, values: object) -> None:
    """TypeError for what is no list of functions, such as a single one."""
    if not isinstance(values, list | tuple) or not all(map(callable, values)):
        raise TypeError(f"{name} must be a list of functions, got {describe(values)}")


def check_kind(name: str, value: object, kind: type, expected: str) -> None:
    """TypeError for what is no object of a kind, such as its name as text, or its class."""
    if not isinstance(value, kind):
        raise TypeError(
            f"{name} must be {expected}, got {value if isinstance(value, type) else describe(value)}"
        )


def check_rng(rng: object) -> None:
    """TypeError for what is no generator, such as a seed, which gives the same at every use."""
    if not isinstance(rng, Generator):
        raise TypeError(f"rng must be a generator, such as np.random.default_rng(0), got {describe(rng)}")


def check_sizes(name: str, sizes: Any) -> tuple[int, ...]:
    """Sizes as a tuple of integers of at least 1; an error names the place of one that is none."""
    if isinstance(sizes, str | bytes | dict | set) or not isinstance(sizes, Iterable):
        raise TypeError(f"{name} must be a sequence of integers, got {sizes!r}")
    return tuple(check_integer(f"{name}[{i}]", size, "[1, inf)") for i, size in enumerate(sizes))


def check_dtype(dtype: object) -> np.dtype[Any]:
    """The float type, if it is float32 or float64; TypeError for another one, and for what is none."""
    try:
        found: np.dtype[Any] | None = None if dtype is None else np.dtype(dtype)  # type: ignore[call-overload]
    except Exception:  # what NumPy raises for nonsense is written nowhere
        found = None
    if found is None or found not in FLOATS:
        raise TypeError(f"dtype must be float32 or float64, got {found or repr(dtype)}")
    return found


# ---- arrays


def check_array(name: str, value: object) -> None:
    """TypeError for what is no array, or one whose meaning NumPy's functions drop: a mask, a matrix."""
    if type(value) is np.ndarray:
        return
    if not isinstance(value, np.ndarray):
        raise TypeError(f"{name} must be an array, got {describe(value)}{advice(name, value)}")
    if isinstance(value, np.ma.MaskedArray | np.matrix):
        raise TypeError(f"{name} must be a plain array, got {describe(value)}")


def check_floats(name: str, value: object) -> None:
    """TypeError for what is no array of float32 or float64."""
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
        raise TypeError(f"{name} must be an array of floats, got {describe(value)}")
    check_array(name, value)
    if value.dtype not in FLOATS:
        raise TypeError(f"{name} must be an array of float32 or float64, got {describe(value)}")


def check_numbers(name: str, value: Array) -> None:
    """TypeError for an array that holds no real numbers."""
    if value.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold numbers, got {describe(value)}")


def check_shape(name: str, value: Any, shape: tuple[int, ...]) -> None:
    """ValueError for an array of another shape, which NumPy might stretch to fit without a word."""
    if getattr(value, "shape", None) != shape:
        raise ValueError(f"{name} must have shape {shape}, got {describe(value)}")


def check_like(name: str, value: Any, other: str, model: Array) -> None:
    """An error for an array of another shape or float type than a model."""
    if not isinstance(value, np.ndarray) or (value.dtype, value.shape) != (model.dtype, model.shape):
        raise ValueError(f"{name} must be like {other}, {describe(model)}, got {describe(value)}")
    check_array(name, value)


def check_columns(name: str, value: Array, D: int) -> None:
    """ValueError for an array that has no rows of D numbers."""
    if value.ndim != 2 or value.shape[1] != D:
        raise ValueError(f"{name} must have shape (N, {D}), got {value.shape}")


def check_rows(x: Any, y: Any) -> None:
    """An error for what are no arrays of examples and of targets, or are not as many of both."""
    for name, value in {"x": x, "y": y}.items():
        if not isinstance(value, np.ndarray) or value.ndim < 1:
            wanted = "an array with one row for each example"
            raise TypeError(f"{name} must be {wanted}, got {describe(value)}{advice(name, value)}")
        check_array(name, value)
    if len(x) != len(y) or len(x) < 1:
        raise ValueError(f"x and y must hold one row for each example, got {len(x)} and {len(y)} rows")


def check_finite(name: str, value: Array, dtype: DTypeLike) -> None:
    """ValueError for an array that holds nan, infinity, or what is one of them in a float type."""
    if value.dtype.kind != "f" or not value.size:
        return
    with np.errstate(over="ignore"):
        # The two ends tell, and take no memory: where there is nan, both are nan.
        ends = np.array([value.min(), value.max()]).astype(dtype)
        if not np.isfinite(ends).all():
            at = tuple(map(int, np.argwhere(~np.isfinite(value.astype(dtype)))[0]))
            raise ValueError(f"{name} must hold finite {np.dtype(dtype)} numbers, got {value[at]} at {at}")


def as_examples(x: Any) -> Array:
    """Examples as an array of floats; lists are taken too, but not lists of unequal lengths."""
    if hasattr(x, "__array__"):
        check_array("x", x)
    try:
        array: Array = np.asarray(x)
    except ValueError as error:
        raise ValueError(f"x must be an array, or lists of equal lengths, got {describe(x)}") from error
    if array.dtype.kind in "biu":
        raise TypeError(f"x must hold floats, got {array.dtype}: multiply it by the scale used in training")
    if array.dtype.kind != "f":
        came = describe(x if array.dtype.kind == "O" else array)
        raise TypeError(f"x must hold floats, got {came}")
    return array


def advice(name: str, value: object) -> str:
    """What to do with an object of another library that NumPy can turn into an array."""
    is_other = hasattr(value, "__array__") and not isinstance(value, np.ndarray)
    return f": convert it by np.asarray({name})" if is_other else ""


def describe(value: object) -> str:
    """What came, in a few words: the type, and the shape of an array."""
    if isinstance(value, str):
        return repr(value)
    if isinstance(value, np.ndarray):
        kind = "" if type(value) is np.ndarray else f"{type(value).__name__} of "
        return f"{kind}{value.dtype} of shape {value.shape}"
    return type(value).__name__


# ---- targets


def check_labels(shape: tuple[int, ...], labels: Any) -> Array:
    """Where the labels of rows stand in an array (K, N), flat, for logits of a shape (N, K): an array (N,).

    ValueError for labels that are none; their position is named.
    """
    if len(shape) != 2 or shape[0] < 1 or shape[1] < 2:
        raise ValueError(f"logits must have shape (N, K) with N >= 1 and K >= 2, got {shape}")
    N, K = shape
    if type(labels) is not np.ndarray:
        labels = as_targets("labels", labels)
    if labels.shape != (N,) or labels.dtype.kind not in "iu":
        raise ValueError(f"labels must be integers of shape ({N},), got {describe(labels)}")
    try:  # one flat position is found faster than a row and a column, and finding it checks the range
        at: Array = np.ravel_multi_index((labels.astype(np.intp, copy=False), np.arange(N)), (K, N))
        return at
    except ValueError:
        i = np.flatnonzero((labels < 0) | (labels >= K))[0]
        raise ValueError(f"labels must be integers in [0, {K}), got {labels[i]} at position {i}") from None


def check_binary(shape: tuple[int, ...], targets: Any) -> Array:
    """Labels 0 and 1 in the shape of logits (N, 1) or (N,); ValueError for others."""
    labels = check_targets(shape, targets, "labels")
    if labels.size != shape[0]:
        raise ValueError(f"logits must have shape (N, 1) or (N,), got {shape}")
    if (bad := np.flatnonzero((labels != 0) & (labels != 1))).size:
        raise ValueError(f"labels must be 0 or 1, got {labels.flat[bad[0]]:g} at position {bad[0]}")
    return labels


def check_targets(shape: tuple[int, ...], targets: Any, name: str = "targets") -> Array:
    """Targets in the shape of the outputs, (N,) becoming (N, 1) where that is theirs.

    Any other difference in shape is a ValueError: (N, 1) minus (N,) would be (N, N), without a word.
    """
    array = as_targets(name, targets)
    check_numbers(name, array)
    if len(shape) < 1 or 0 in shape or shape not in (array.shape, (*array.shape, 1)):
        raise ValueError(f"{name} must have the shape of the outputs, {shape}, got {array.shape}")
    return array.reshape(shape)


def as_targets(name: str, targets: Any) -> Array:
    """Targets as an array; lists are taken too."""
    if hasattr(targets, "__array__"):
        check_array(name, targets)
    return np.asarray(targets)
