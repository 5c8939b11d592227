"""The parts of a network, each with its forward pass and its backward pass on the same screen."""

import math
from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from .activations import leaky_relu, relu, sigmoid, tanh
from .arrays import Array
from .checks import (
    check_columns,
    check_dtype,
    check_function,
    check_integer,
    check_number,
    check_rng,
    check_shape,
)
from .initializers import Initializer, he

Kept = TypeVar("Kept")


class Layer:
    """One step of a network: a function of its input that can also carry a gradient back.

    `params` and `grads` are dicts with equal keys: the arrays that training changes, and the gradients of the
    loss with respect to them. The gradient of the loss with respect to v is called dv, whatever v is.
    """

    def __init__(self) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}
        self._kept: Any = None

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The output y for a batch x; with training=True, what backward needs is kept."""
        raise NotImplementedError

    def backward(self, dy: Array) -> Array:
        """The gradient with respect to x, from dy; fills grads.

        dy of another shape than y is a ValueError; without a forward in training, a RuntimeError.
        """
        raise NotImplementedError

    def backward_params(self, dy: Array) -> None:
        """Fill grads and no more: nobody needs the gradient with respect to the input of the first layer."""
        self.backward(dy)

    def keep(self, value: Kept, training: bool) -> Kept:
        """Return value, and in training keep it for backward."""
        if training:
            self._kept = value
        return value

    def saved(self) -> Any:
        """What forward kept; handed out once, so that no gradient is taken from an old batch."""
        if self._kept is None:
            name = type(self).__name__
            raise RuntimeError(f"{name}.backward needs a forward(x, training=True) of its own before it")
        value, self._kept = self._kept, None
        return value

    def saved_like(self, dy: Array) -> Array:
        """The array that forward kept, if dy has its shape."""
        value: Array = self.saved()
        check_shape("dy", dy, value.shape)
        return value


class Dense(Layer):
    """Affine map: y = x @ W + b, with x (N, D), W (D, M), b (M,), y (N, M).

    The weights are drawn in float64 and rounded to dtype, so that one seed gives the same layer in both float
    types. The biases start at 0.
    """

    def __init__(
        self, D: int, M: int, *, initializer: Initializer = he, rng: Generator, dtype: DTypeLike = np.float32
    ) -> None:
        super().__init__()
        D, M = check_integer("D", D, "[1, inf)"), check_integer("M", M, "[1, inf)")
        self.params = weights_and_biases((D, M), M, initializer, rng, dtype)
        self.grads = {key: np.zeros_like(value) for key, value in self.params.items()}

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The output y (N, M) for x (N, D)."""
        W, b = self.params["W"], self.params["b"]
        check_columns("x", x, len(W))
        y = self.keep(x, training) @ W  # (N, M)
        y += b  # in place: x @ W + b would make a second (N, M) array
        return y

    def backward(self, dy: Array) -> Array:
        """Gradient with respect to x, (N, D), from dy (N, M); fills grads."""
        self.backward_params(dy)
        return dy @ self.params["W"].T  # (N, D)

    def backward_params(self, dy: Array) -> None:
        """Fill grads["W"] and grads["b"], in place, from dy (N, M)."""
        x = self.saved()
        check_shape("dy", dy, (len(x), len(self.params["b"])))
        np.matmul(x.T, dy, out=self.grads["W"])  # (D, M)
        dy.sum(axis=0, out=self.grads["b"])  # (M,)


class ReLU(Layer):
    """Rectified linear unit: y = max(x, 0) for each value; the derivative at 0 is taken as 0."""

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The output y, of the shape of x."""
        return self.keep(relu(x), training)

    def backward(self, dy: Array) -> Array:
        """Gradient with respect to x: dy where x > 0, else 0."""
        y = self.saved_like(dy)
        return dy * (y > 0)  # y > 0 where x > 0; y >= 0 would be true everywhere


class LeakyReLU(Layer):
    """Leaky rectified linear unit: y = x where x > 0, else slope * x; the derivative at 0 is the slope."""

    def __init__(self, slope: float = 0.01) -> None:
        super().__init__()
        self.slope = check_number("slope", slope, "(0, 1]")

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The output y, of the shape of x."""
        return self.keep(leaky_relu(x, self.slope), training)

    def backward(self, dy: Array) -> Array:
        """Gradient with respect to x: dy where x > 0, else slope * dy."""
        y = self.saved_like(dy)
        return np.where(y > 0, dy, self.slope * dy)  # y has the sign of x


class Sigmoid(Layer):
    """Logistic sigmoid: y = 1 / (1 + exp(-x)) for each value."""

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The output y, of the shape of x."""
        return self.keep(sigmoid(x), training)

    def backward(self, dy: Array) -> Array:
        """Gradient with respect to x: dy * y * (1 - y), the derivative taken from the value."""
        y = self.saved_like(dy)
        slope: Array = y * (1 - y)
        return dy * slope


class Tanh(Layer):
    """Hyperbolic tangent: y = tanh(x) for each value."""

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The output y, of the shape of x."""
        return self.keep(tanh(x), training)

    def backward(self, dy: Array) -> Array:
        """Gradient with respect to x: dy * (1 - y²), the derivative taken from the value."""
        y = self.saved_like(dy)
        slope: Array = 1 - y * y
        return dy * slope


class Dropout(Layer):
    """Inverted dropout: in training, y = 0 with probability rate, else x / (1 - rate); later y = x.

    Srivastava et al. 2014, who scale by 1 - rate after training (fig. 2) and name this form in
    section 10. It keeps the mean of each value, so predictions need no scale. 0 <= rate < 1. rng
    draws a new mask for each batch, in float32: one seed, the same masks in both float types.
    """

    def __init__(self, rate: float, *, rng: Generator) -> None:
        super().__init__()
        check_rng(rng)
        self.rate, self.rng = check_number("rate", rate, "[0, 1)"), rng

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The output y, of the shape of x; x itself unless training."""
        if not training:
            return x
        kept = self.rng.random(x.shape, np.float32) >= self.rate
        mask = self.keep(np.multiply(kept, 1 / (1 - self.rate), dtype=x.dtype), training)
        return x * mask

    def backward(self, dy: Array) -> Array:
        """Gradient with respect to x: dy times the mask of forward, of 0 and 1 / (1 - rate)."""
        return dy * self.saved_like(dy)


class Flatten(Layer):
    """Each example in one row: images (N, C, H, W) become (N, C * H * W), channel by channel."""

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The output y (N, D) for x (N, C, H, W), or N examples of D values in any other shape."""
        if x.ndim < 2:
            raise ValueError(f"x must have shape (N, C, H, W) or (N, ...), got {x.shape}")
        N, *sizes = self.keep(x.shape, training)
        return x.reshape(N, math.prod(sizes))  # (N, D); -1 would not do for an empty batch

    def backward(self, dy: Array) -> Array:
        """Gradient with respect to x: dy (N, D) in the shape of x."""
        N, *sizes = shape = self.saved()
        check_shape("dy", dy, (N, math.prod(sizes)))
        return dy.reshape(shape)  # (N, C, H, W)


def generators(layers: Iterable[Layer]) -> list[Generator]:
    """The generators that layers hold as attributes, such as those of Dropout."""
    held = [value for layer in layers for value in vars(layer).values()]
    return [value for value in held if isinstance(value, Generator)]


def weights_and_biases(
    shape: tuple[int, ...], M: int, initializer: Initializer, rng: Generator, dtype: DTypeLike
) -> dict[str, Array]:
    """Parameters for M units: random weights W of the given shape, biases b (M,) of 0."""
    dtype = check_dtype(dtype)
    check_rng(rng)
    check_function("initializer", initializer, "he")
    W = np.asarray(initializer(shape, rng=rng))
    check_shape("what the initializer gives", W, shape)
    return {"W": W.astype(dtype), "b": np.zeros(M, dtype)}
