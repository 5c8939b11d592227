"""The parts of a network, each with its forward pass and its backward pass on the same screen."""

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from .activations import leaky_relu, relu, sigmoid, tanh
from .initializers import Array, Initializer, he


class Layer:
    """One step of a network: a function of its input that can also carry a gradient back.

    `params` and `grads` are dicts with equal keys: the arrays that training changes, and the gradients of the
    loss with respect to them. The gradient of the loss with respect to v is called dv, whatever v is.
    """

    def __init__(self) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}
        self._kept: Array | None = None

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The output y for a batch x; with training=True, what backward needs is kept."""
        raise NotImplementedError

    def backward(self, dy: Array) -> Array:
        """The gradient with respect to x, from dy; fills grads."""
        raise NotImplementedError

    def backward_params(self, dy: Array) -> None:
        """Fill grads and no more: nobody needs the gradient with respect to the input of the first layer."""
        self.backward(dy)

    def keep(self, value: Array, training: bool) -> Array:
        """Return value, and in training keep it for backward."""
        if training:
            self._kept = value
        return value

    def saved(self) -> Array:
        """What forward kept; handed out once, so that no gradient is taken from an old batch."""
        if self._kept is None:
            name = type(self).__name__
            raise RuntimeError(f"{name}.backward needs a forward(x, training=True) of its own before it")
        value, self._kept = self._kept, None
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
        if min(D, M) < 1:
            raise ValueError(f"D and M must be at least 1, got D={D} and M={M}")
        if np.dtype(dtype).kind != "f":
            raise TypeError(f"dtype must be a float type, got {np.dtype(dtype)}")
        self.params = {"W": initializer((D, M), rng=rng).astype(dtype), "b": np.zeros(M, dtype)}
        self.grads = {"W": np.zeros((D, M), dtype), "b": np.zeros(M, dtype)}

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The output y (N, M) for x (N, D)."""
        W, b = self.params["W"], self.params["b"]
        if x.ndim != 2 or x.shape[1] != len(W):
            raise ValueError(f"x must have shape (N, {len(W)}), got {x.shape}")
        y = self.keep(x, training) @ W  # (N, M)
        y += b  # in place: x @ W + b would make a second (N, M) array
        return y

    def backward(self, dy: Array) -> Array:
        """Gradient with respect to x, (N, D), from dy (N, M); fills grads["W"] and grads["b"]."""
        self.backward_params(dy)
        return dy @ self.params["W"].T  # (N, D)

    def backward_params(self, dy: Array) -> None:
        """Fill grads["W"] and grads["b"], in place, from dy (N, M)."""
        x = self.saved()
        np.matmul(x.T, dy, out=self.grads["W"])  # (D, M)
        dy.sum(axis=0, out=self.grads["b"])  # (M,)


class ReLU(Layer):
    """Rectified linear unit: y = max(x, 0) for each value; the derivative at 0 is taken as 0."""

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The output y, of the shape of x."""
        return self.keep(relu(x), training)

    def backward(self, dy: Array) -> Array:
        """Gradient with respect to x: dy where x > 0, else 0."""
        y = self.saved()
        return dy * (y > 0)  # y > 0 where x > 0; y >= 0 would be true everywhere


class LeakyReLU(Layer):
    """Leaky rectified linear unit: y = x where x > 0, else slope * x; the derivative at 0 is the slope."""

    def __init__(self, slope: float = 0.01) -> None:
        super().__init__()
        if not 0 < slope <= 1:
            raise ValueError(f"slope must be in (0, 1], got {slope}")
        self.slope = float(slope)

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The output y, of the shape of x."""
        return self.keep(leaky_relu(x, self.slope), training)

    def backward(self, dy: Array) -> Array:
        """Gradient with respect to x: dy where x > 0, else slope * dy."""
        y = self.saved()
        return np.where(y > 0, dy, self.slope * dy)  # y has the sign of x


class Sigmoid(Layer):
    """Logistic sigmoid: y = 1 / (1 + exp(-x)) for each value."""

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The output y, of the shape of x."""
        return self.keep(sigmoid(x), training)

    def backward(self, dy: Array) -> Array:
        """Gradient with respect to x: dy * y * (1 - y), the derivative taken from the value."""
        y = self.saved()
        slope: Array = y * (1 - y)
        return dy * slope


class Tanh(Layer):
    """Hyperbolic tangent: y = tanh(x) for each value."""

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The output y, of the shape of x."""
        return self.keep(tanh(x), training)

    def backward(self, dy: Array) -> Array:
        """Gradient with respect to x: dy * (1 - y²), the derivative taken from the value."""
        y = self.saved()
        slope: Array = 1 - y * y
        return dy * slope
