"""Layers in a row: examples go in, logits come out, and gradients take the way back."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from .activations import sigmoid, softmax
from .arrays import Array, parts
from .borders import check_layers, check_outputs, check_readable, named
from .checks import as_examples, check_finite, check_function, check_sizes
from .files import PathLike, check_header, read, read_like, write
from .initializers import Initializer, he
from .layers import Dense, Layer, ReLU
from .vectors import Vectors

FORMAT = "scratchmlp network 1"


class Network:
    """A function made of layers, each applied to the output of the one before. Rows are examples.

    All parameters share one float type, `dtype`, and inputs of another one are converted to it.
    Integers are refused: images in bytes are not yet what a network was trained on (see `scale` in
    training.fit). `outputs` says what the outputs are, as the loss that trained it last has it:
    "logits" or "values"; nothing, where no loss has said so, and then they are read as logits.

    Networks may share layers, such as an encoder under two heads. What a layer has learned is in its
    `params`, and whichever network computes with it finds it there. For training, a network needs its
    arrays behind one another in one vector, and takes them there (see `parameters`), unless they lie
    so already, in the vector of a network that it is a part of.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.dtype = check_layers(layers)
        self.layers = list(layers)
        self.outputs = ""
        self._vectors = Vectors(self.layers, self.dtype)

    def __repr__(self) -> str:
        return f"Network({self.architecture()})"

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """The outputs (N, K) for a batch x (N, D); training=True keeps what backward needs."""
        if type(x) is not np.ndarray or x.dtype != self.dtype:
            x = as_examples(x).astype(self.dtype)
        for i, layer in enumerate(self.layers):
            try:
                x = layer.forward(x, training=training)
            except ValueError as error:
                if i == 0:  # x itself is wrong
                    raise
                raise ValueError(
                    f"{named(self.layers, i)} after {named(self.layers, i - 1)}: {error}"
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
        dx = None
        if input_gradient:
            dx = first.backward(dlogits)
        else:
            first.backward_params(dlogits)
        self._vectors.gather_new_grads(self.layers)
        return dx

    def parameters(self) -> Array:
        """All parameters as one vector theta (P,), layer by layer: the layers' own memory, not a copy.

        It is the same vector at every call, as long as the number of parameters is, and what an
        optimizer moves. Each call, and each backward, makes sure that it is the layers' memory: an
        array that was put into `params` by hand, or that a network with the same layers has taken
        into its own vector, is copied here, and the layer gets a view. So call it again, rather than
        change a vector from before, once another network has trained the same layers.
        """
        return self._vectors.gather(self.layers)[0]

    def gradients(self) -> Array:
        """The gradients that the last backward filled in, as one vector (P,) in the order of parameters()."""
        return self._vectors.gather(self.layers)[1]

    def predict(self, x: Array) -> Array:
        """The class of each example, (N,); ValueError where the outputs are no logits of classes."""
        return self.classes(self.logits(x))

    def predict_proba(self, x: Array) -> Array:
        """The probability of each class, softmax (N, K); with one output, that of class 1, sigmoid (N, 1)."""
        logits = self.logits(x)
        return softmax(logits) if logits.shape[1] > 1 else sigmoid(logits)

    @np.errstate(over="ignore", invalid="ignore")  # what overflows is found, and named, in the outputs
    def logits(self, x: Array) -> Array:
        """The outputs (N, K) for examples that a class is wanted for, computed part by part to save memory."""
        check_readable(self)
        check_finite("x", x := as_examples(x), self.dtype)
        if x.ndim < 1:
            return self.forward(x)  # which says what is wrong with it
        logits = np.concatenate([self.forward(x[part]) for part in parts(len(x))])
        check_outputs(logits)
        return logits

    def architecture(self) -> str:
        """The float type, and the layers with their settings and the shapes of their parameters."""
        return f"{self.dtype}: {', '.join(map(summary, self.layers))}"

    def save(self, path: PathLike) -> None:
        """Write parameters, architecture, and what the outputs are, to one .npz file, whole or not at all."""
        header = {"format": FORMAT, "architecture": self.architecture(), "outputs": self.outputs}
        write(path, **header, theta=self.parameters())

    def load(self, path: PathLike) -> None:
        """Take the parameters from a file that save wrote, for a network built in the same way.

        A file of another architecture, one that is cut short or foreign, and one whose parameters
        are not all finite, is a ValueError, and changes nothing.
        """
        check_header(path, format=FORMAT, architecture=self.architecture())
        theta = read_like(path, ["theta"], self.parameters())["theta"]
        check_finite(f"theta in {path}", theta, self.dtype)
        self.outputs = str(read(path, ["outputs"])["outputs"])
        self.parameters()[...] = theta

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
    sizes = check_sizes("sizes", sizes)
    if len(sizes) < 2:
        raise ValueError(f"sizes must hold at least the inputs and the outputs, got {list(sizes)}")
    check_function("activation", activation, "ReLU")
    layers: list[Layer] = []
    for D, M in pairwise(sizes):
        layers += [Dense(D, M, initializer=initializer, rng=rng, dtype=dtype), activation()]
    return Network(layers[:-1])


def summary(layer: Layer) -> str:
    """A layer as text: its type, its settings, and the shapes of its parameters."""
    settings = {k: v for k, v in vars(layer).items() if isinstance(v, int | float | str) and k[0] != "_"}
    shapes = {key: array.shape for key, array in layer.params.items()}
    parts = [f"{key}={value}" for key, value in (*settings.items(), *shapes.items())]
    return f"{type(layer).__name__}({', '.join(parts)})"
