"""Pooling: less detail, of which only the largest value or the mean is left."""

import numpy as np

from .arrays import Array
from .checks import check_integer, check_shape
from .layers import Layer
from .windows import batch_first, batch_last, check_images, output_size, places


class MaxPool2D(Layer):
    """Max pooling: each output is the largest value of one k by k window of a channel.

    x (N, C, H, W), y (N, C, H', W') with H' = (H - k) // stride + 1, and W' likewise; a stride of
    None is k. Rows or columns at the end that only begin a window are left out. Where several
    values are the largest, the first of them, row by row, gets the whole gradient. Both as in
    PyTorch.
    """

    def __init__(self, k: int, *, stride: int | None = None) -> None:
        super().__init__()
        self.k = check_integer("k", k, "[1, inf)")
        self.stride = self.k if stride is None else check_integer("stride", stride, "[1, inf)")

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The output y (N, C, H', W') for x (N, C, H, W)."""
        check_images(x)
        first, *others = places(batch_last(x), self.k, self.stride)
        y = first.copy()  # (C, H', W', N)
        winner = np.zeros(y.shape, np.min_scalar_type(self.k**2))  # the place of the largest value
        for place, value in enumerate(others, start=1):
            if training:  # place only grows; a masked write would take NumPy six times as long
                np.maximum(winner, (value > y) * winner.dtype.type(place), out=winner)
            np.maximum(y, value, out=y)
        self.keep((winner, x.shape), training)
        return batch_first(y)

    def backward(self, dy: Array) -> Array:
        """Gradient with respect to x, (N, C, H, W), from dy (N, C, H', W')."""
        winner, (N, *sizes) = self.saved()
        check_shape("dy", dy, batch_first(winner).shape)
        dx = np.zeros((*sizes, N), dy.dtype)  # (C, H, W, N)
        dy = np.ascontiguousarray(batch_last(dy))  # (C, H', W', N); once, and not at every place
        for place, dvalue in enumerate(places(dx, self.k, self.stride)):
            dvalue += dy * (winner == place)  # added: windows overlap where stride < k
        return batch_first(dx)


class AveragePool2D(Layer):
    """Average pooling: each output is the mean of one k by k window of a channel.

    The shapes, and what is left out at the end, are those of MaxPool2D.
    """

    def __init__(self, k: int, *, stride: int | None = None) -> None:
        super().__init__()
        self.k = check_integer("k", k, "[1, inf)")
        self.stride = self.k if stride is None else check_integer("stride", stride, "[1, inf)")

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The output y (N, C, H', W') for x (N, C, H, W)."""
        check_images(x)
        self.keep(x.shape, training)
        first, *others = places(batch_last(x), self.k, self.stride)
        y = first.copy()  # (C, H', W', N)
        for value in others:
            y += value
        return batch_first(y / self.k**2)

    def backward(self, dy: Array) -> Array:
        """Gradient with respect to x, (N, C, H, W): dy (N, C, H', W'), in k² equal parts."""
        N, *sizes = self.saved()
        check_shape("dy", dy, (N, sizes[0], *output_size(sizes[1:], self.k, self.stride)))
        dx = np.zeros((*sizes, N), dy.dtype)  # (C, H, W, N)
        part = np.ascontiguousarray(batch_last(dy)) / self.k**2  # (C, H', W', N)
        for dvalue in places(dx, self.k, self.stride):
            dvalue += part
        return batch_first(dx)


class GlobalMaxPool2D(Layer):
    """Global max pooling: each output is the largest value of a channel, wherever it stands.

    x (N, C, H, W), y (N, C). Where several values are the largest, the first of them, row by row,
    gets the whole gradient.
    """

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The output y (N, C) for x (N, C, H, W)."""
        N, C, H, W = check_images(x)
        values = x.reshape(N, C, H * W)
        winner = values.argmax(axis=2, keepdims=True)  # (N, C, 1)
        self.keep((winner, x.shape), training)
        return np.take_along_axis(values, winner, axis=2).reshape(N, C)

    def backward(self, dy: Array) -> Array:
        """Gradient with respect to x, (N, C, H, W): dy (N, C) where the largest value stood."""
        winner, (N, C, H, W) = self.saved()
        check_shape("dy", dy, (N, C))
        dx = np.zeros((N, C, H * W), dy.dtype)
        np.put_along_axis(dx, winner, dy[:, :, None], axis=2)
        return dx.reshape(N, C, H, W)


class GlobalAveragePool2D(Layer):
    """Global average pooling: each output is the mean of a channel. x (N, C, H, W), y (N, C)."""

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The output y (N, C) for x (N, C, H, W)."""
        self.keep(check_images(x), training)
        y: Array = x.mean(axis=(2, 3))
        return y

    def backward(self, dy: Array) -> Array:
        """Gradient with respect to x, (N, C, H, W): dy (N, C), in H * W equal parts."""
        N, C, H, W = self.saved()
        check_shape("dy", dy, (N, C))
        return np.broadcast_to(dy[:, :, None, None] / (H * W), (N, C, H, W)).copy()
