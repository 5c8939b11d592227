"""The parts a network is made of, each with its forward pass and its backward pass side by side."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .activations import leaky_relu, relu, sigmoid, tanh
from .initializers import Initializer, he

Array = NDArray[Any]


class Layer:
    """One step of a network: a function of its input that can also carry a gradient back.

    `params` and `grads` are dicts with equal keys: the arrays that training changes, and the gradients of the
    loss with respect to them. The gradient of the loss with respect to v is called dv, whatever v is.
    """

    def __init__(self) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}
        self._saved: Array | None = None

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The output for a batch x; with training=True, also keep what backward will need."""
        raise NotImplementedError

    def backward(self, dy: Array) -> Array:
        """The gradient with respect to x, from the one with respect to the output; fills grads."""
        raise NotImplementedError

    def backward_params(self, dy: Array) -> None:
        """Fill grads and no more: the first layer of a network can do without the gradient with respect to x."""
        self.backward(dy)

    def keep(self, value: Array) -> None:
        """Keep what the next backward needs."""
        self._saved = value

    def saved(self) -> Array:
        """What forward kept; handed out once, so that no gradient is taken from an old batch."""
        if self._saved is None:
            raise RuntimeError(
                f"{type(self).__name__}.backward needs its own forward(x, training=True) first"
            )
        value, self._saved = self._saved, None
        return value


class Dense(Layer):
    """Affine map: y = x @ W + b, with x (N, D), W (D, M), b (M,), y (N, M).

    The weights are drawn in float64 and then rounded to dtype, so a float32 and a float64 layer from one seed
    are the same layer. The biases start at 0.
    """

    def __init__(
        self,
        D: int,
        M: int,
        *,
        initializer: Initializer = he,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__()
        if min(D, M) < 1:
            raise ValueError(f"D and M must be at least 1, got D={D}, M={M}")
        if np.dtype(dtype).kind != "f":
            raise TypeError(f"dtype must be a float type, got {np.dtype(dtype)}")
        self.params = {"W": initializer((D, M), rng=rng).astype(dtype), "b": np.zeros(M, dtype)}
        self.grads = {name: np.zeros_like(value) for name, value in self.params.items()}

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """Return y (N, M) for x (N, D)."""
        W, b = self.params["W"], self.params["b"]
        if x.ndim != 2 or x.shape[1] != W.shape[0]:
            raise ValueError(f"x must have shape (N, {W.shape[0]}), got {x.shape}")
        if training:
            self.keep(x)
        y = x @ W  # (N, M)
        y += b  # in place: x @ W + b would fill a second (N, M) array
        return y

    def backward(self, dy: Array) -> Array:
        """Gradient with respect to x, (N, D), from dy (N, M); fills grads["W"] and grads["b"]."""
        self.backward_params(dy)
        return dy @ self.params["W"].T  # (N, D)

    def backward_params(self, dy: Array) -> None:
        """Fill grads["W"] and grads["b"] from dy (N, M)."""
        x = self.saved()
        np.matmul(x.T, dy, out=self.grads["W"])  # (D, M)
        dy.sum(axis=0, out=self.grads["b"])  # (M,)


class ReLU(Layer):
    """Rectified linear unit: y = max(x, 0), entry by entry, with the derivative at 0 taken as 0."""

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """Return y, of the shape of x."""
        y = relu(x)
        if training:
            self.keep(y)
        return y

    def backward(self, dy: Array) -> Array:
        """Gradient with respect to x: dy where x > 0, else 0."""
        y = self.saved()
        return dy * (y > 0)  # y > 0 where x > 0; the test is strict, for y >= 0 is always true


class LeakyReLU(Layer):
    """Leaky rectified linear unit: y = x where x > 0, else slope * x; the derivative at 0 is taken as slope."""

    def __init__(self, slope: float = 0.01) -> None:
        super().__init__()
        if not 0 < slope <= 1:
            raise ValueError(f"slope must be in (0, 1], got {slope}")
        self.slope = float(slope)

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """Return y, of the shape of x."""
        y = leaky_relu(x, self.slope)
        if training:
            self.keep(y)
        return y

    def backward(self, dy: Array) -> Array:
        """Gradient with respect to x: dy where x > 0, else slope * dy."""
        y = self.saved()
        return np.where(y > 0, dy, self.slope * dy)  # y has the sign of x


class Sigmoid(Layer):
    """Logistic sigmoid: y = 1 / (1 + exp(-x)), entry by entry."""

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """Return y, of the shape of x."""
        y = sigmoid(x)
        if training:
            self.keep(y)
        return y

    def backward(self, dy: Array) -> Array:
        """Gradient with respect to x: dy * y * (1 - y)."""
        y = self.saved()
        slope: Array = y * (1 - y)  # at y = sigmoid(x), so that no exponential is taken twice
        return dy * slope


class Tanh(Layer):
    """Hyperbolic tangent: y = tanh(x), entry by entry."""

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """Return y, of the shape of x."""
        y = tanh(x)
        if training:
            self.keep(y)
        return y

    def backward(self, dy: Array) -> Array:
        """Gradient with respect to x: dy * (1 - y²)."""
        y = self.saved()
        slope: Array = 1 - y * y
        return dy * slope
