"""Convolution: a dense layer whose weights are tied, and most of them missing."""

import math

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from .arrays import Array
from .checks import check_array, check_integer, check_numbers, check_shape
from .initializers import Initializer, he
from .layers import Layer, weights_and_biases
from .pooling import AveragePool2D, GlobalAveragePool2D, GlobalMaxPool2D, MaxPool2D
from .windows import (
    batch_first,
    batch_last,
    blocks,
    check_images,
    crop,
    fold,
    output_size,
    pad,
    unfold,
)

__all__ = [  # all layers for images, wherever they are written
    "AveragePool2D",
    "Conv2D",
    "GlobalAveragePool2D",
    "GlobalMaxPool2D",
    "MaxPool2D",
    "convolution_matrix",
]


class Conv2D(Layer):
    """Convolution: each output is a k by k window of x, all channels, times weights, plus a bias.

    x (N, C, H, W), W (M, C, k, k), b (M,), y (N, M, H', W'), with
    H' = (H + 2 * padding - k) // stride + 1, and W' likewise. Around x stand `padding` rows and
    columns of zeros. W is not flipped (in other fields, a cross-correlation), and rows or columns
    at the end that only begin a window are left out: all as in PyTorch. The parameters start like
    those of Dense, with C * k * k inputs.
    """

    def __init__(
        self,
        C: int,
        M: int,
        k: int,
        *,
        stride: int = 1,
        padding: int = 0,
        initializer: Initializer = he,
        rng: Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__()
        C, M = check_integer("C", C, "[1, inf)"), check_integer("M", M, "[1, inf)")
        self.k = check_integer("k", k, "[1, inf)")
        self.stride = check_integer("stride", stride, "[1, inf)")
        self.padding = check_integer("padding", padding, "[0, inf)")
        self.params = weights_and_biases((M, C, self.k, self.k), M, initializer, rng, dtype)
        self.grads = {key: np.zeros_like(value) for key, value in self.params.items()}

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The output y (N, M, H', W') for x (N, C, H, W)."""
        M, C, k, _ = self.params["W"].shape
        W, b = self.params["W"].reshape(M, -1), self.params["b"][:, None]  # (M, C k²), (M, 1)
        check_images(x, C)
        x = self.keep(pad(x, self.padding, W.dtype), training)  # (C, H + 2 padding, ..., N)
        size = (*output_size(x.shape[1:3], k, self.stride), x.shape[3])  # H', W', N
        y = np.empty((M, math.prod(size)), W.dtype)  # (M, H' W' N)
        for rows, columns in blocks(x, k, self.stride):
            y[:, columns] = W @ unfold(x[:, rows], k, self.stride) + b
        return batch_first(y.reshape(M, *size))

    def backward(self, dy: Array) -> Array:
        """Gradient with respect to x, (N, C, H, W), from dy (N, M, H', W'); fills grads."""
        x, dy = self.matched(dy)
        self.fill_grads(x, dy)
        W, dx = self.params["W"].reshape(len(dy), -1), np.zeros_like(x)
        for rows, columns in blocks(x, self.k, self.stride):
            fold(W.T @ dy[:, columns], dx[:, rows], self.k, self.stride)
        return batch_first(crop(dx, self.padding))

    def backward_params(self, dy: Array) -> None:
        """Fill grads["W"] and grads["b"], in place, from dy (N, M, H', W')."""
        self.fill_grads(*self.matched(dy))

    def matched(self, dy: Array) -> tuple[Array, Array]:
        """The padded x (C, H, W, N) that forward kept, and dy (N, M, H', W') as (M, H' W' N)."""
        x, M = self.saved(), len(self.params["b"])
        check_shape("dy", dy, (x.shape[3], M, *output_size(x.shape[1:3], self.k, self.stride)))
        return x, batch_last(dy).reshape(M, -1)

    def fill_grads(self, x: Array, dy: Array) -> None:
        """Fill grads from the padded x (C, H, W, N) and dy (M, H' W' N)."""
        W, b = self.grads["W"], self.grads["b"]
        dW = np.zeros((W[0].size, len(W)), W.dtype)  # (C k², M): faster in BLAS, by a twentieth of a step
        for rows, columns in blocks(x, self.k, self.stride):
            dW += unfold(x[:, rows], self.k, self.stride) @ dy[:, columns].T
        W[...] = dW.T.reshape(W.shape)
        dy.sum(axis=1, out=b)


def convolution_matrix(W: Array, H: int, W_in: int, *, stride: int = 1, padding: int = 0) -> Array:
    """The matrix (C H W_in, M H' W') of the dense layer that a convolution is, bias apart.

    W (M, C, k, k) are the weights of the convolution, and H by W_in the size of its images:
    x.reshape(N, -1) @ matrix is its output in rows, (N, M H' W'). Each column of the matrix holds
    the weights for one window, the same in all windows of an output channel, and 0 elsewhere.
    """
    check_array("W", W)
    check_numbers("W", W)
    if W.ndim != 4 or W.shape[2] != W.shape[3]:
        raise ValueError(f"W must have shape (M, C, k, k), got {W.shape}")
    M, C, k, _ = W.shape
    H, W_in = check_integer("H", H, "[1, inf)"), check_integer("W_in", W_in, "[1, inf)")
    p, stride = (
        check_integer("padding", padding, "[0, inf)"),
        check_integer("stride", stride, "[1, inf)"),
    )
    H_out, W_out = output_size((H + 2 * p, W_in + 2 * p), k, stride)
    matrix = np.zeros((C, H + 2 * p, W_in + 2 * p, M, H_out, W_out), W.dtype)
    for i, j in np.ndindex(H_out, W_out):
        rows, columns = slice(stride * i, stride * i + k), slice(stride * j, stride * j + k)
        matrix[:, rows, columns, :, i, j] = W.transpose(1, 2, 3, 0)  # (C, k, k, M)
    inside = matrix[:, p : p + H, p : p + W_in]  # the weights for the padding meet only zeros
    return inside.reshape(C * H * W_in, M * H_out * W_out)
