"""Layers in a row: examples go in, logits come out, and gradients take the way back."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from .activations import sigmoid, softmax
from .initializers import Array, Initializer, he
from .layers import Dense, Layer, ReLU


class Network:
    """A function made of layers, each applied to the output of the one before. Rows are examples.

    All parameters share one float type, `dtype`, and inputs of another one are converted to it. Integers are
    refused: images in bytes are not yet what a network was trained on (see `scale` in training.fit).
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = list(layers)
        if not self.layers:
            raise ValueError("layers must hold at least one layer, got none")
        dtypes = {array.dtype for layer in self.layers for array in layer.params.values()}
        if len(dtypes) > 1:
            raise ValueError(f"layers must share one float type, got {', '.join(sorted(map(str, dtypes)))}")
        self.dtype: np.dtype[Any] = dtypes.pop() if dtypes else np.dtype(np.float32)
        self._theta = pack(np.empty(0, self.dtype), [layer.params for layer in self.layers])
        self._dtheta = pack(np.empty(0, self.dtype), [layer.grads for layer in self.layers])

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The outputs (N, K) for a batch x (N, D); training=True keeps what backward needs."""
        x = np.asarray(x)
        if x.dtype.kind != "f":
            raise TypeError(f"x must hold floats, got {x.dtype}: multiply it by the scale used in training")
        x = x.astype(self.dtype, copy=False)
        for layer in self.layers:
            x = layer.forward(x, training=training)
        return x

    def backward(self, dlogits: Array, *, input_gradient: bool = False) -> Array | None:
        """Fill the gradients of all layers from dlogits (N, K), the gradient of the loss.

        The gradient with respect to x, (N, D), is returned if asked for. Training has no use for it, and it
        costs as much as the forward pass of the first layer, often the widest of all.
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
        return self.classes(self.forward(x))

    def predict_proba(self, x: Array) -> Array:
        """The probability of each class, softmax (N, K); with one output, that of class 1, sigmoid (N, 1)."""
        logits = self.forward(x)
        return softmax(logits) if logits.shape[1] > 1 else sigmoid(logits)

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
    layers: list[Layer] = []
    for D, M in pairwise(sizes):
        layers += [Dense(D, M, initializer=initializer, rng=rng, dtype=dtype), activation()]
    return Network(layers[:-1])


def pack(vector: Array, dicts: Sequence[dict[str, Array]]) -> Array:
    """All arrays of the dicts in one vector, of which the dicts then hold views.

    One operation of an optimizer then reaches all layers at once, which saves a small network a sixth of its
    training time. Nothing moves where all are views already; an array replaced by hand makes a new vector.
    """
    if all(array.base is vector for arrays in dicts for array in arrays.values()):
        return vector
    vector = np.concatenate([a.ravel() for arrays in dicts for a in arrays.values()], dtype=vector.dtype)
    start = 0
    for arrays in dicts:
        for key, array in arrays.items():
            arrays[key] = vector[start : start + array.size].reshape(array.shape)
            start += array.size
    return vector
