"""How big a network is: exact whole numbers, from the sizes alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .network import Network


def dense_parameters(sizes: Sequence[int]) -> int:
    """Weights and biases of dense layers of the given sizes: the sum of (D + 1) * M over the layers."""
    return sum((D + 1) * M for D, M in layer_sizes(sizes))


def network_parameters(network: Network) -> int:
    """All the numbers that training changes in a network."""
    return network.parameters().size


def multiply_adds(sizes: Sequence[int], *, batch_size: int = 1) -> int:
    """Multiplications, each with its addition, in the forward pass of dense layers: the sum of N * D * M.

    Adding a bias is no multiplication and is not counted. The backward pass takes the same number for the gradients
    of the weights, and again for those of the inputs, less N * D * M for the first layer, which needs none.
    """
    return batch_size * sum(D * M for D, M in layer_sizes(sizes))


def training_bytes(sizes: Sequence[int], *, batch_size: int, buffers: int = 0, itemsize: int = 4) -> int:
    """Bytes that training a multilayer perceptron has to hold from one step to the next, and through a step.

    Counted are the parameters, their gradients, `buffers` more numbers per parameter for the optimizer (plain SGD 0,
    momentum 1, Adam 2), and the input of every dense layer for each example of the batch, which backward
    needs. itemsize is the bytes of a number, 4 in float32. Passing work space is not counted.
    """
    kept = batch_size * sum(D for D, _ in layer_sizes(sizes))
    return itemsize * ((2 + buffers) * dense_parameters(sizes) + kept)


def layer_sizes(sizes: Sequence[int]) -> list[tuple[int, int]]:
    """The inputs D and outputs M of each dense layer, as Python integers, which cannot overflow."""
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(f"sizes must be two or more numbers of at least 1, got {list(sizes)}")
    return list(pairwise(map(int, sizes)))
