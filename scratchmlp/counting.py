"""How big a network is: exact whole numbers, from its sizes alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # for the type alone
    from .network import Network


def dense_parameters(sizes: Sequence[int]) -> int:
    """Weights and biases of dense layers of the given sizes: the sum of (D + 1) * M over the layers."""
    return sum((D + 1) * M for D, M in layer_sizes(sizes))


def network_parameters(network: Network) -> int:
    """How many numbers training changes in a network."""
    return network.parameters().size


def multiply_adds(sizes: Sequence[int], *, batch_size: int = 1) -> int:
    """Multiplications, each with its addition, in the forward pass of dense layers: the sum of N * D * M.

    Biases are only added, and not counted. The backward pass takes as many for the weights, and as many again
    for the inputs of the layers, of which the first layer's can be left out.
    """
    return int(batch_size) * sum(D * M for D, M in layer_sizes(sizes))


def training_bytes(sizes: Sequence[int], *, batch_size: int, buffers: int = 0, itemsize: int = 4) -> int:
    """Bytes that training a multilayer perceptron has to hold, passing work space not counted.

    They are the parameters, their gradients, as many numbers again for each of the optimizer's `buffers` (SGD
    0, with momentum 1, Adam 2), and, for each example of a batch, the inputs of all dense layers, which
    backward needs. A number takes itemsize bytes: 4 in float32.
    """
    inputs = int(batch_size) * sum(D for D, _ in layer_sizes(sizes))
    return itemsize * ((2 + buffers) * dense_parameters(sizes) + inputs)


def layer_sizes(sizes: Sequence[int]) -> list[tuple[int, int]]:
    """The inputs D and the outputs M of each dense layer, as Python integers, which never overflow."""
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(f"sizes must hold two or more numbers of at least 1, got {list(sizes)}")
    return list(pairwise(map(int, sizes)))
