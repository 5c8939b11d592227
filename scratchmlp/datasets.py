"""The data: real, small enough to train on in seconds, and the same for everybody.

Images are uint8 arrays (N, C, H, W) in every data set, so that code for one fits the next; labels are (N,)
integers. A dense network takes rows, x.reshape(len(x), -1), which copies nothing.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Array = NDArray[Any]


class Split(NamedTuple):
    """Examples to train on, and examples that training never sees."""

    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array


def digits() -> tuple[Array, Array]:
    """1,797 handwritten digits: images (1797, 1, 8, 8), with values from 0 to 16, and labels (1797,).

    They come with scikit-learn, so nothing is downloaded: the test part of the Optical Recognition of
    Handwritten Digits (Alpaydin & Kaynak 1998, UCI). A scale of 1/16 brings the values to [0, 1].
    """
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    return images.astype(np.uint8).reshape(-1, 1, 8, 8), labels.astype(np.int64)


def split(x: Array, y: Array, *, n_test: int, rng: Generator) -> Split:
    """Set n_test examples aside for testing, by one random permutation; of the digits, 500 leave 1,297."""
    if len(x) != len(y):
        raise ValueError(f"x and y must hold one row for each example, got {len(x)} and {len(y)} rows")
    if not 0 < n_test < len(x):
        raise ValueError(f"n_test must be at least 1 and less than {len(x)}, got {n_test}")
    order = rng.permutation(len(x))
    test, train = order[:n_test], order[n_test:]
    return Split(x[train], y[train], x[test], y[test])
