"""The counts are exact, and they are those of the arrays that training holds."""

import numpy as np
import pytest

from scratchmlp.counting import dense_parameters, multiply_adds, network_parameters, training_bytes
from scratchmlp.losses import cross_entropy
from scratchmlp.network import mlp
from scratchmlp.optimizers import SGD


def test_10_20_15_1_has_551_parameters():
    assert dense_parameters([10, 20, 15, 1]) == 11 * 20 + 21 * 15 + 16 * 1 == 551


def test_a_network_has_the_parameters_of_its_sizes():
    sizes = [64, 32, 16, 10]
    network = mlp(sizes, rng=np.random.default_rng(0))
    arrays = [value for layer in network.layers for value in layer.params.values()]
    assert network_parameters(network) == dense_parameters(sizes) == sum(array.size for array in arrays)


def test_multiply_adds_are_those_of_the_matrix_products():
    assert multiply_adds([3, 2, 1]) == 3 * 2 + 2 * 1
    assert multiply_adds([784, 512, 256, 10], batch_size=128) == 128 * (784 * 512 + 512 * 256 + 256 * 10)


def test_a_million_by_a_million_takes_4_terabytes_per_copy_and_16_with_adam():
    sizes = [10**6, 10**6]
    copy = 4 * (10**12 + 10**6)
    assert training_bytes(sizes, batch_size=0) == 2 * copy
    assert training_bytes(sizes, batch_size=0, buffers=1) == 3 * copy
    assert training_bytes(sizes, batch_size=0, buffers=2) == 4 * copy == 16_000_016_000_000


@pytest.mark.parametrize(("dtype", "itemsize"), [(np.float32, 4), (np.float64, 8)])
def test_training_bytes_are_those_that_training_holds(dtype, itemsize):
    sizes, N = [7, 5, 6, 3], 11
    network, optimizer = mlp(sizes, rng=np.random.default_rng(0), dtype=dtype), SGD(0.1, momentum=0.9)
    x, y = np.ones((N, 7), dtype), np.zeros(N, int)
    network.backward(cross_entropy(network.forward(x, training=True), y)[1])
    optimizer.step(network.parameters(), network.gradients())
    network.forward(x, training=True)
    kept = {
        id(layer._kept): layer._kept for layer in network.layers
    }  # ReLU's output is the next layer's input
    held = [network.parameters(), network.gradients(), optimizer.velocity, *kept.values()]
    expected = training_bytes(sizes, batch_size=N, buffers=1, itemsize=itemsize)
    assert sum(array.nbytes for array in held) == expected


def test_counts_are_python_integers_that_do_not_overflow():
    sizes = [np.int32(10**6), np.int32(10**6)]
    for count in (
        dense_parameters(sizes),
        multiply_adds(sizes, batch_size=np.int32(1000)),
        training_bytes(sizes, batch_size=np.int32(1000)),
        network_parameters(mlp([2, 2], rng=np.random.default_rng(0))),
    ):
        assert type(count) is int
    assert multiply_adds(sizes, batch_size=np.int32(1000)) == 10**15


@pytest.mark.parametrize("sizes", [[], [3], [3, 0, 2], [3, -1]])
def test_sizes_that_are_none_are_named(sizes):
    for count in (dense_parameters, multiply_adds):
        with pytest.raises(ValueError, match="sizes must hold two or more numbers of at least 1, got"):
            count(sizes)
