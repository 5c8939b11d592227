"""How big a network is: exact whole numbers, from its sizes or from its layers."""

import copy
import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from .arrays import Array
from .checks import check_integer, check_kind, check_sizes, describe
from .layers import Layer
from .network import Network

WINDOWS = "pairs (k, stride), convolutions, poolings or activations"


def dense_parameters(sizes: Sequence[int]) -> int:
    """Weights and biases of dense layers of the given sizes: the sum of (D + 1) * M."""
    return sum((D + 1) * M for D, M in layer_sizes(sizes))


def dense_weights(sizes: Sequence[int]) -> int:
    """Weights of dense layers of the given sizes, biases not counted: the sum of D * M."""
    return sum(D * M for D, M in layer_sizes(sizes))


def conv_parameters(C: int, M: int, k: int) -> int:
    """Weights and biases of a convolution from C to M channels: (C * k * k + 1) * M."""
    return conv_weights(C, M, k) + int(M)


def conv_weights(C: int, M: int, k: int) -> int:
    """Weights of a convolution from C to M channels, biases not counted: C * k * k * M."""
    C, M = check_integer("C", C, "[1, inf)"), check_integer("M", M, "[1, inf)")
    return C * check_integer("k", k, "[1, inf)") ** 2 * M


def network_parameters(network: Network) -> int:
    """How many numbers training changes in a network."""
    check_kind("network", network, Network, "a Network")
    return network.parameters().size


def network_weights(network: Network) -> int:
    """How many parameters of a network are weights, which multiply values; biases do not."""
    check_kind("network", network, Network, "a Network")
    return sum(layer.params["W"].size for layer in network.layers if "W" in layer.params)


def multiply_adds(sizes: Sequence[int], *, batch_size: int = 1) -> int:
    """Multiplications, each with its addition, in the forward pass of dense layers: N * D * M each.

    Biases are only added, and not counted. The backward pass takes as many for the weights, and as
    many again for the inputs of the layers, of which the first layer's can be left out.
    """
    return check_integer("batch_size", batch_size, "[0, inf)") * dense_weights(sizes)


def network_multiply_adds(network: Network, input_shape: Sequence[int], *, batch_size: int = 1) -> int:
    """Multiplications, each with its addition, in the forward pass of Dense and Conv2D layers.

    input_shape is that of one example, (D,) or (C, H, W). A dense layer uses each of its weights
    once for an example, a convolution at each of the H' * W' places of its output; products with
    the zeros of the padding are counted.
    """
    per_example = sum(
        layer.params["W"].size * math.prod(y.shape[2:])  # y (0, M) or (0, M, H', W')
        for layer, y in empty_pass(network, input_shape)
        if "W" in layer.params
    )
    return check_integer("batch_size", batch_size, "[0, inf)") * per_example


def training_bytes(sizes: Sequence[int], *, batch_size: int, buffers: int = 0, itemsize: int = 4) -> int:
    """Bytes that training a multilayer perceptron has to hold, passing work space not counted.

    They are the parameters, their gradients, as many numbers again for each of the optimizer's
    `buffers` (SGD 0, with momentum 1, Adam 2), and, for each example of a batch, the inputs of all
    dense layers, which backward needs. A number takes itemsize bytes: 4 in float32.
    """
    inputs = sum(D for D, _ in layer_sizes(sizes))
    numbers = check_integer("batch_size", batch_size, "[0, inf)") * inputs
    numbers += (2 + check_integer("buffers", buffers, "[0, inf)")) * dense_parameters(sizes)
    return check_integer("itemsize", itemsize, "[1, inf)") * numbers


def network_training_bytes(
    network: Network, input_shape: Sequence[int], *, batch_size: int, buffers: int = 0
) -> int:
    """Bytes that training a network has to hold: training_bytes, with the activation_bytes."""
    copies = 2 + check_integer("buffers", buffers, "[0, inf)")
    numbers = copies * network_parameters(network)
    activations = activation_bytes(network, input_shape, batch_size=batch_size)
    return network.dtype.itemsize * numbers + activations


def activation_values(network: Network, input_shape: Sequence[int], *, batch_size: int = 1) -> int:
    """How many numbers a forward pass keeps for backward; what layers share is counted once.

    input_shape is that of one example, (D,) or (C, H, W).
    """
    per_example = sum(numbers for numbers, _ in kept_sizes(network, input_shape))
    return check_integer("batch_size", batch_size, "[0, inf)") * per_example


def activation_bytes(network: Network, input_shape: Sequence[int], *, batch_size: int = 1) -> int:
    """How many bytes the activation_values take: most are floats, but max pooling keeps places."""
    per_example = sum(numbers * size for numbers, size in kept_sizes(network, input_shape))
    return check_integer("batch_size", batch_size, "[0, inf)") * per_example


def receptive_field(layers: Iterable[Layer | tuple[int, int]]) -> int:
    """How many rows, and columns, of the input one output of convolutions and poolings depends on.

    It is 1 + the sum of (k - 1) * jump, where jump, the distance of neighbours in the input, is the
    product of the strides before. layers are pairs (k, stride), or layers, of which activations
    and Dropout add nothing.
    """
    if not isinstance(layers, Iterable):
        raise TypeError(f"layers must be {WINDOWS}, got {describe(layers)}")
    field = jump = 1
    for k, stride in map(window, layers):
        field += (k - 1) * jump
        jump *= stride
    return field


def window(layer: Any) -> tuple[int, int]:
    """The (k, stride) of a pair or a layer; (1, 1) where a layer takes each value on its own."""
    if isinstance(layer, tuple) and len(layer) == 2:
        k, stride = layer
    elif hasattr(layer, "k") and hasattr(layer, "stride"):
        k, stride = layer.k, layer.stride
    elif getattr(layer, "params", 0) == {} and layer.forward(np.empty((0, 1, 1, 1))).ndim == 4:
        k = stride = 1
    else:
        raise ValueError(f"layers must be {WINDOWS}, got {type(layer).__name__}")
    return check_integer("k", k, "[1, inf)"), check_integer("stride", stride, "[1, inf)")


def layer_sizes(sizes: Sequence[int]) -> list[tuple[int, int]]:
    """The inputs D and outputs M of each dense layer, as Python integers, which never overflow."""
    held = check_sizes("sizes", sizes)
    if len(held) < 2:
        raise ValueError(f"sizes must hold at least the inputs and the outputs, got {list(held)}")
    return list(pairwise(held))


def empty_pass(network: Network, input_shape: Sequence[int]) -> Iterator[tuple[Layer, Array]]:
    """Each layer with its output for a batch of no examples: it has the shapes and costs nothing.

    The layers are copies, so that those of the network keep what they have for backward.
    """
    check_kind("network", network, Network, "a Network")
    x = np.empty((0, *check_sizes("input_shape", input_shape)), network.dtype)
    for layer in map(copy.copy, network.layers):
        x = layer.forward(x, training=True)
        yield layer, x


def kept_sizes(network: Network, input_shape: Sequence[int]) -> list[tuple[int, int]]:
    """For each array kept for backward: how many numbers for one example, and bytes for one."""
    arrays: dict[int, Array] = {}
    for layer, _ in empty_pass(network, input_shape):
        kept = layer._kept
        for array in kept if isinstance(kept, tuple) else (kept,):
            if isinstance(array, np.ndarray):  # and not a shape
                owner = array
                while isinstance(owner.base, np.ndarray):  # a view is the memory of another array
                    owner = owner.base
                arrays[id(owner)] = array
    return [(math.prod(filter(None, array.shape)), array.itemsize) for array in arrays.values()]
