"""What every module means by an array, and how many rows are taken at a time where memory must not grow with them."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Batch = tuple[Array, Array]  # examples x and their targets y
FLOATS = (np.dtype(np.float32), np.dtype(np.float64))  # the float types of networks


def parts(n: int) -> Iterator[slice]:
    """Slices that cut n rows into parts of at most 1,000; one empty part where there are none."""
    return (slice(start, start + 1000) for start in range(0, max(n, 1), 1000))
