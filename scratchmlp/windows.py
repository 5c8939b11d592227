"""The windows that convolution and pooling slide over images, and the order of images in memory.

Images are (N, C, H, W) for everyone outside. In here the batch comes last, (C, H, W, N), as in
cuda-convnet (Krizhevsky 2012): what stands at one place of a window, for a row of windows in all
images, is then one long run of numbers, and NumPy takes a run faster than many short ones: with the
batch first, a step of the small network of benchmarks/ takes 1.3 times as long. The outside gets a transposed
view of the same memory.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import DTypeLike

from .arrays import Array
from .checks import check_array, check_numbers

BLOCK = 2**18  # how many values to unfold at a time: 1 MB in float32, about the cache of a core


def check_images(x: Array, C: int | None = None) -> tuple[int, int, int, int]:
    """The shape of images x (N, C, H, W); an error for another one, for empty images, and for no numbers."""
    check_array("x", x)
    check_numbers("x", x)
    if x.ndim != 4 or min(x.shape[1:]) < 1 or x.shape[1] != (C or x.shape[1]):
        raise ValueError(f"x must have shape (N, {C or 'C'}, H, W), got {x.shape}")
    N, C, H, W = x.shape
    return N, C, H, W


def batch_last(x: Array) -> Array:
    """A view (C, H, W, N) of images (N, C, H, W)."""
    return x.transpose(1, 2, 3, 0)


def batch_first(x: Array) -> Array:
    """A view (N, C, H, W) of images (C, H, W, N)."""
    return x.transpose(3, 0, 1, 2)


def pad(x: Array, padding: int, dtype: DTypeLike) -> Array:
    """A copy (C, H + 2 padding, W + 2 padding, N) of images (N, C, H, W), with zeros around."""
    N, C, H, W = x.shape
    padded = np.zeros((C, H + 2 * padding, W + 2 * padding, N), dtype)
    crop(padded, padding)[...] = batch_last(x)
    return padded


def crop(x: Array, padding: int) -> Array:
    """A view (C, H, W, N) of padded images, without the padding."""
    _, H, W, _ = x.shape
    return x[:, padding : H - padding, padding : W - padding]


def output_size(size: Sequence[int], k: int, stride: int) -> tuple[int, int]:
    """How many k by k windows fit into a size (H, W), a stride apart: (H', W'), rounded down."""
    H, W = size
    if min(H, W) < k:
        raise ValueError(f"x must be at least {k} by {k}, padding included, got {H} by {W}")
    return (H - k) // stride + 1, (W - k) // stride + 1


def places(x: Array, k: int, stride: int) -> list[Array]:
    """For each place in a k by k window, row by row, the values there in all windows.

    They are k² views (C, H', W', N) of x (C, H, W, N).
    """
    H, W = output_size(x.shape[1:3], k, stride)
    rows, columns = stride * (H - 1) + 1, stride * (W - 1) + 1  # from first to last window
    return [x[:, i : i + rows : stride, j : j + columns : stride] for i, j in np.ndindex(k, k)]


def unfold(x: Array, k: int, stride: int) -> Array:
    """Every window of x (C, H, W, N) as a column, (C k², H' W' N); often called im2col."""
    values = places(x, k, stride)
    C, *size = values[0].shape
    columns = np.empty((C, k * k, *size), x.dtype)
    for place, value in enumerate(values):
        columns[:, place] = value
    return columns.reshape(C * k * k, -1)


def fold(dcolumns: Array, dx: Array, k: int, stride: int) -> None:
    """Add to dx (C, H, W, N) the gradient that comes back through unfold; often called col2im.

    dcolumns (C k², H' W' N) is the gradient with respect to unfold(x).
    """
    values = places(dx, k, stride)
    C, *size = values[0].shape
    dcolumns = dcolumns.reshape(C, k * k, *size)
    for place, value in enumerate(values):  # k² sums of long runs: np.add.at adds one by one
        value += dcolumns[:, place]


def blocks(x: Array, k: int, stride: int) -> Iterator[tuple[slice, slice]]:
    """Parts of x (C, H, W, N) to unfold in turn: some rows of x, and their columns of H' W' N.

    All windows together hold about k² times the values of x. A part of them is still in the cache
    when it is multiplied, so unfolding x again in backward takes no longer than fetching what
    forward could have kept, and the memory for all windows is saved. Unfolded whole, a step of the
    small network of benchmarks/ takes 1.9 times as long, and half as much memory again.
    """
    C, _, _, N = x.shape
    H, W = output_size(x.shape[1:3], k, stride)
    n = max(1, BLOCK // max(1, C * k * k * W * N))  # rows of windows in one part
    for start in range(0, H, n):
        stop = min(start + n, H)
        rows = slice(stride * start, stride * (stop - 1) + k)
        yield rows, slice(start * W * N, stop * W * N)
