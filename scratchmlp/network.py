"""Layers in a row: examples go in, logits come out, and gradients take the way back."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, DTypeLike

from .activations import sigmoid, softmax
from .checks import check_finite, check_integer, describe
from .files import PathLike, check_header, read_like, write
from .initializers import Array, Initializer, he
from .layers import Dense, Dropout, Layer, LeakyReLU, ReLU, Sigmoid, Tanh

FORMAT = "scratchmlp network 1"
KEEP_SHAPE = (ReLU, LeakyReLU, Sigmoid, Tanh, Dropout)  # their output has the shape of x


class Network:
    """A function made of layers, each applied to the output of the one before. Rows are examples.

    All parameters share one float type, `dtype`, and inputs of another one are converted to it.
    Integers are refused: images in bytes are not yet what a network was trained on (see `scale` in
    training.fit).
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = list(layers)
        if not self.layers:
            raise ValueError("layers must hold at least one layer, got none")
        check_layers(self.layers)
        dtypes = {array.dtype for layer in self.layers for array in layer.params.values()}
        if len(dtypes) > 1:
            raise ValueError(f"layers must share one float type, got {', '.join(sorted(map(str, dtypes)))}")
        self.dtype: np.dtype[Any] = dtypes.pop() if dtypes else np.dtype(np.float32)
        self._theta = pack(np.empty(0, self.dtype), [layer.params for layer in self.layers])
        self._dtheta = pack(np.empty(0, self.dtype), [layer.grads for layer in self.layers])

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The outputs (N, K) for a batch x (N, D); training=True keeps what backward needs."""
        x = as_array(x)
        if x.dtype.kind != "f":
            raise TypeError(f"x must hold floats, got {x.dtype}: multiply it by the scale used in training")
        x = x.astype(self.dtype, copy=False)
        for i, layer in enumerate(self.layers):
            try:
                x = layer.forward(x, training=training)
            except ValueError as error:
                if i == 0:  # x itself is wrong
                    raise
                raise ValueError(
                    f"{name(layer, i)} after {name(self.layers[i - 1], i - 1)}: {error}"
                ) from error
        return x

    def backward(self, dlogits: Array, *, input_gradient: bool = False) -> Array | None:
        """Fill the gradients of all layers from dlogits (N, K), the gradient of the loss.

        The gradient with respect to x, (N, D), is returned if asked for. Training has no use for
        it, and it costs as much as the forward pass of the first layer, often the widest of all.
        """
        first, *others = self.layers
        for layer in reversed(others):
            dlogits = layer.backward(dlogits)
        if input_gradient:
            return first.backward(dlogits)
        first.backward_params(dlogits)
        return None

    def parameters(self) -> Array:
        """All parameters as one vector theta (P,), layer by layer: the layers' own memory, not a copy."""
        self._theta = pack(self._theta, [layer.params for layer in self.layers])
        return self._theta

    def gradients(self) -> Array:
        """The gradients that the last backward filled in, as one vector (P,) in the order of parameters()."""
        self._dtheta = pack(self._dtheta, [layer.grads for layer in self.layers])
        return self._dtheta

    def predict(self, x: Array) -> Array:
        """The class of each example, (N,)."""
        check_finite("x", as_array(x), self.dtype)
        return self.classes(self.forward(x))

    def predict_proba(self, x: Array) -> Array:
        """The probability of each class, softmax (N, K); with one output, that of class 1, sigmoid (N, 1)."""
        check_finite("x", as_array(x), self.dtype)
        logits = self.forward(x)
        return softmax(logits) if logits.shape[1] > 1 else sigmoid(logits)

    def architecture(self) -> str:
        """The float type, and the layers with their settings and the shapes of their parameters."""
        return f"{self.dtype}: {', '.join(map(summary, self.layers))}"

    def save(self, path: PathLike) -> None:
        """Write the parameters and the architecture to one .npz file, whole or not at all."""
        write(path, format=FORMAT, architecture=self.architecture(), theta=self.parameters())

    def load(self, path: PathLike) -> None:
        """Take the parameters from a file that save wrote, for a network built in the same way.

        A file of another architecture, and one that is cut short or foreign, is a ValueError, and
        changes nothing.
        """
        check_header(path, format=FORMAT, architecture=self.architecture())
        theta = self.parameters()
        theta[...] = read_like(path, ["theta"], theta)["theta"]

    @staticmethod
    def classes(logits: Array) -> Array:
        """The class each row of logits stands for: the largest; with one output, 1 where it is above 0."""
        return logits.argmax(axis=1) if logits.shape[1] > 1 else (logits[:, 0] > 0).astype(np.intp)


def mlp(
    sizes: Sequence[int],
    *,
    activation: Callable[[], Layer] = ReLU,
    initializer: Initializer = he,
    rng: Generator,
    dtype: DTypeLike = np.float32,
) -> Network:
    """A multilayer perceptron: dense layers, with an activation between each two and none after the last.

    sizes holds the inputs D, the units of each hidden layer, and the outputs K.
    """
    if len(sizes) < 2:
        raise ValueError(f"sizes must hold at least the inputs and the outputs, got {list(sizes)}")
    for i, size in enumerate(sizes):
        check_integer(f"sizes[{i}]", size, "[1, inf)")
    layers: list[Layer] = []
    for D, M in pairwise(sizes):
        layers += [Dense(D, M, initializer=initializer, rng=rng, dtype=dtype), activation()]
    return Network(layers[:-1])


def as_array(x: ArrayLike) -> Array:
    """Examples as an array; ValueError for rows that are not equally long."""
    try:
        return np.asarray(x)
    except ValueError as error:
        raise ValueError(f"x must be an array, or lists of equal lengths, got {describe(x)}") from error


def check_layers(layers: Sequence[Layer]) -> None:
    """Raise an error for what is no layer, and for dense layers that do not fit one another."""
    width, source = None, ""
    for i, layer in enumerate(layers):
        if not isinstance(layer, Layer):
            raise TypeError(f"layers must hold layers, got {describe(layer)} at position {i}")
        if isinstance(layer, Dense):
            D, M = layer.params["W"].shape
            if width not in (None, D):
                raise ValueError(f"{name(layer, i)} takes {D} values, but {source} gives {width}")
            width, source = M, name(layer, i)
        elif not isinstance(layer, KEEP_SHAPE):
            width = None


def name(layer: Layer, i: int) -> str:
    """What an error calls a layer: its place and its type."""
    return f"layer {i} ({type(layer).__name__})"


def summary(layer: Layer) -> str:
    """A layer as text: its type, its settings, and the shapes of its parameters."""
    settings = {k: v for k, v in vars(layer).items() if isinstance(v, int | float | str) and k[0] != "_"}
    shapes = {key: array.shape for key, array in layer.params.items()}
    parts = [f"{key}={value}" for key, value in (*settings.items(), *shapes.items())]
    return f"{type(layer).__name__}({', '.join(parts)})"


def pack(vector: Array, dicts: Sequence[dict[str, Array]]) -> Array:
    """All arrays of the dicts in one vector, of which the dicts then hold views.

    One operation of an optimizer then reaches all layers at once, which saves a small network a
    sixth of its training time. Nothing moves where all are views already; an array replaced by hand
    makes a new vector.
    """
    views = [array.base is vector for arrays in dicts for array in arrays.values()]
    if all(views):  # a list: this is asked for every batch, and a generator takes longer
        return vector
    vector = np.concatenate([a.ravel() for arrays in dicts for a in arrays.values()], dtype=vector.dtype)
    start = 0
    for arrays in dicts:
        for key, array in arrays.items():
            arrays[key] = vector[start : start + array.size].reshape(array.shape)
            start += array.size
    return vector
