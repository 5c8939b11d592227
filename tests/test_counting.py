"""The counts are exact, and they are those of the arrays that training holds."""

import numpy as np
import pytest

from scratchmlp.conv import AveragePool2D, Conv2D, GlobalAveragePool2D, GlobalMaxPool2D, MaxPool2D
from scratchmlp.counting import (
    activation_bytes,
    activation_values,
    conv_parameters,
    conv_weights,
    dense_parameters,
    dense_weights,
    multiply_adds,
    network_multiply_adds,
    network_parameters,
    network_training_bytes,
    network_weights,
    receptive_field,
    training_bytes,
)
from scratchmlp.layers import Dense, Dropout, Flatten, Layer, ReLU, Tanh
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network, mlp
from scratchmlp.optimizers import SGD


def conv(*sizes, **settings):
    return Conv2D(*sizes, rng=np.random.default_rng(0), **settings)


def dense(D, M):
    return Dense(D, M, rng=np.random.default_rng(0))


@pytest.fixture
def lenet():
    """LeNet-5 in the form of today's courses: 28 by 28 values, padding 2, dense between its last two blocks."""
    return Network(
        [
            *(conv(1, 6, 5, padding=2), Tanh(), AveragePool2D(2)),
            *(conv(6, 16, 5), Tanh(), AveragePool2D(2), Flatten()),
            *(dense(400, 120), Tanh(), dense(120, 84), Tanh(), dense(84, 10)),
        ]
    )


@pytest.fixture
def cnn():
    """A convolutional network with a layer of every kind that keeps something for backward."""
    return Network(
        [
            *(conv(3, 4, 3, padding=1), ReLU(), MaxPool2D(2)),
            *(conv(4, 6, 3), Dropout(0.5, rng=np.random.default_rng(1)), AveragePool2D(2, stride=1)),
            *(Tanh(), GlobalMaxPool2D(), dense(6, 5), ReLU(), dense(5, 3)),
        ]
    )


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


def test_64_units_on_256_by_256_colour_images_are_12_million_weights_and_64_kernels_1728():
    assert dense_parameters([3 * 256 * 256, 64]) == 12_582_976
    assert dense_weights([3 * 256 * 256, 64]) == multiply_adds([3 * 256 * 256, 64]) == 12_582_912
    assert (conv_parameters(3, 64, 3), conv_weights(3, 64, 3)) == (1_792, 1_728)
    same = Network([conv(3, 64, 3, padding=1)])
    assert (network_parameters(same), network_weights(same)) == (1_792, 1_728)
    assert network_multiply_adds(same, (3, 256, 256)) == 1_728 * 256 * 256 == 113_246_208
    assert network_multiply_adds(same, (3, 256, 256), batch_size=32) == 32 * 113_246_208


def test_lenet_5_has_61706_parameters_and_416520_multiply_adds(lenet):
    convolutions = conv_parameters(1, 6, 5) + conv_parameters(6, 16, 5)
    assert network_parameters(lenet) == convolutions + dense_parameters([400, 120, 84, 10]) == 61_706
    assert network_weights(lenet) == 61_706 - (6 + 16 + 120 + 84 + 10)
    by_hand = 25 * 6 * 28 * 28 + 150 * 16 * 10 * 10 + 400 * 120 + 120 * 84 + 84 * 10
    assert network_multiply_adds(lenet, (1, 28, 28)) == by_hand == 416_520


def test_multiply_adds_of_a_convolution_are_those_of_its_loops():
    x, layer = np.ones((1, 2, 7, 6)), conv(2, 3, 3, stride=2, padding=1)
    n_products = layer.forward(x).size * 2 * 3 * 3
    assert network_multiply_adds(Network([layer]), (2, 7, 6)) == n_products


def test_a_network_of_dense_layers_is_counted_as_its_sizes_are():
    sizes, settings = [7, 5, 6, 3], {"batch_size": 11}
    network = mlp(sizes, rng=np.random.default_rng(0))
    assert network_weights(network) == dense_weights(sizes)
    assert network_multiply_adds(network, [7], **settings) == multiply_adds(sizes, **settings)
    assert activation_values(network, [7], **settings) == 11 * (7 + 5 + 6)
    for buffers in (0, 1, 2):
        found = network_training_bytes(network, [7], buffers=buffers, **settings)
        assert found == training_bytes(sizes, buffers=buffers, **settings)


def owners(layers):
    """The memory that the layers keep for backward, each piece once."""
    found = {}
    for layer in layers:
        for array in layer._kept if isinstance(layer._kept, tuple) else [layer._kept]:
            while isinstance(array, np.ndarray) and isinstance(array.base, np.ndarray):
                array = array.base
            if isinstance(array, np.ndarray):
                found[id(array)] = array
    return found.values()


def test_activations_are_those_that_a_forward_pass_keeps(lenet, cnn):
    flattened = Network([conv(3, 4, 3), ReLU(), Flatten(), dense(4 * 7 * 6, 2)])  # ReLU and Dense share one
    rows = Network([Tanh(), Flatten(), dense(3 * 9 * 8, 2)])
    shapes = ((1, 28, 28), *[(3, 9, 8)] * 3)
    for network, shape in zip((lenet, cnn, flattened, rows), shapes, strict=True):
        network.forward(np.ones((5, *shape), np.float32), training=True)
        held = owners(network.layers)
        assert activation_values(network, shape, batch_size=5) == sum(array.size for array in held)
        assert activation_bytes(network, shape, batch_size=5) == sum(array.nbytes for array in held)


def test_training_a_convolutional_network_takes_parameters_gradients_buffers_and_activations(cnn):
    P, kept = network_parameters(cnn), activation_bytes(cnn, (3, 9, 8), batch_size=16)
    for buffers, copies in ((0, 2), (1, 3), (2, 4)):
        found = network_training_bytes(cnn, (3, 9, 8), batch_size=16, buffers=buffers)
        assert found == 4 * copies * P + kept
    double = Network([Conv2D(1, 2, 3, rng=np.random.default_rng(0), dtype=np.float64)])
    assert network_training_bytes(double, (1, 5, 5), batch_size=3) == 8 * (2 * 20 + 3 * 25)


def test_counting_leaves_a_network_as_it_is(cnn):
    x = np.ones((2, 3, 9, 8), np.float32)
    dy = cnn.forward(x, training=True)
    state = cnn.layers[4].rng.bit_generator.state
    network_training_bytes(cnn, (3, 9, 8), batch_size=4)
    assert cnn.layers[4].rng.bit_generator.state == state
    cnn.backward(dy)  # what forward kept is still there
    assert cnn.gradients().any()
    with pytest.raises(RuntimeError, match="needs a forward"):
        cnn.backward(dy)


def test_a_layer_that_keeps_nothing_is_counted_as_nothing():
    class Double(Layer):
        def forward(self, x, *, training=False):
            return x + x

    assert activation_values(Network([Double()]), (3,)) == 0
    assert network_multiply_adds(Network([Double()]), (3,)) == network_weights(Network([Double()])) == 0


def test_the_receptive_field_of_vgg_16_at_its_last_pooling_is_212():
    blocks = [[(3, 1)] * n + [(2, 2)] for n in (2, 2, 3, 3, 3)]
    assert receptive_field([pair for block in blocks for pair in block]) == 212
    layers = [conv(1, 1, 3, padding=1), ReLU(), conv(1, 1, 3, padding=1), Tanh(), MaxPool2D(2)]
    assert receptive_field(layers) == receptive_field(blocks[0]) == 6


def test_the_receptive_field_is_what_one_output_depends_on():
    layers = [conv(1, 2, 3, stride=2), Tanh(), AveragePool2D(2, stride=1), conv(2, 1, 3, stride=2)]
    network, x = Network(layers), np.random.default_rng(1).random((1, 1, 31, 31), np.float32)
    y = network.forward(x, training=True)
    dy = np.zeros_like(y)
    dy[0, 0, 1, 1] = 1
    rows, columns = np.nonzero(network.backward(dy, input_gradient=True)[0, 0])
    assert np.ptp(rows) + 1 == np.ptp(columns) + 1 == receptive_field(layers) == 9


def test_the_receptive_field_of_nothing_is_one_value():
    assert receptive_field([]) == receptive_field([ReLU(), Dropout(0.5, rng=np.random.default_rng(0))]) == 1


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        (Flatten(), "Flatten"),
        (GlobalMaxPool2D(), "GlobalMaxPool2D"),
        (GlobalAveragePool2D(), "GlobalAveragePool2D"),
        (dense(3, 2), "Dense"),
        (3, "int"),
        ((3, 1, 1), "tuple"),
    ],
)
def test_what_has_no_window_is_named(layer, name):
    with pytest.raises(ValueError, match=rf"layers must be pairs \(k, stride\), .* got {name}"):
        receptive_field([(3, 1), layer])


def test_bad_windows_are_named():
    with pytest.raises(ValueError, match=r"k must be an integer in \[1, inf\), got 0"):
        receptive_field([(0, 1)])
    with pytest.raises(TypeError, match=r"stride must be an integer in \[1, inf\), got 1\.5"):
        receptive_field([(3, 1.5)])


def test_counts_are_python_integers_that_do_not_overflow():
    sizes = [np.int32(10**6), np.int32(10**6)]
    for count in (
        dense_parameters(sizes),
        multiply_adds(sizes, batch_size=np.int32(1000)),
        training_bytes(sizes, batch_size=np.int32(1000)),
        network_parameters(mlp([2, 2], rng=np.random.default_rng(0))),
        network_weights(mlp([2, 2], rng=np.random.default_rng(0))),
        conv_parameters(*map(np.int32, (10**6, 10**6, 3))),
        conv_weights(*map(np.int32, (10**6, 10**6, 3))),
        network_multiply_adds(Network([conv(1, 1, 1)]), np.int32([1, 5, 5]), batch_size=np.int32(3)),
        activation_bytes(Network([conv(1, 1, 1)]), np.int32([1, 5, 5]), batch_size=np.int32(3)),
        receptive_field([(np.int32(3), np.int32(2))]),
    ):
        assert type(count) is int
    assert multiply_adds(sizes, batch_size=np.int32(1000)) == 10**15
    assert conv_weights(*map(np.int32, (10**6, 10**6, 3))) == 9 * 10**12


@pytest.mark.parametrize(
    ("sizes", "error", "message"),
    [
        ([], ValueError, r"sizes must hold at least the inputs and the outputs, got \[\]"),
        ([3], ValueError, r"sizes must hold at least the inputs and the outputs, got \[3\]"),
        ([3, 0, 2], ValueError, r"sizes\[1\] must be an integer in \[1, inf\), got 0"),
        ([3, -1], ValueError, r"sizes\[1\] must be an integer in \[1, inf\), got -1"),
        ([3, 2.5], TypeError, r"sizes\[1\] must be an integer in \[1, inf\), got 2\.5"),
        ("64", TypeError, "sizes must be a sequence of integers, got '64'"),
        (64, TypeError, "sizes must be a sequence of integers, got 64"),
    ],
)
def test_sizes_that_are_none_are_named(sizes, error, message):
    for count in (dense_parameters, dense_weights, multiply_adds):
        with pytest.raises(error, match=message):
            count(sizes)


def test_what_is_no_network_is_named():
    layer = dense(3, 2)
    for count in (network_parameters, network_weights):
        with pytest.raises(TypeError, match="network must be a Network, got Dense"):
            count(layer)
    for count in (network_multiply_adds, activation_values, activation_bytes, network_training_bytes):
        with pytest.raises(TypeError, match="network must be a Network, got list"):
            count([layer], (3,), batch_size=1)
    with pytest.raises(TypeError, match=r"layers must be pairs \(k, stride\), .* got Network"):
        receptive_field(Network([layer]))


def test_settings_that_are_no_counts_are_named(lenet):
    shape = (1, 28, 28)
    for count in (network_multiply_adds, activation_values, activation_bytes, network_training_bytes):
        with pytest.raises(ValueError, match=r"batch_size must be an integer in \[0, inf\), got -1"):
            count(lenet, shape, batch_size=-1)
        with pytest.raises(ValueError, match=r"input_shape\[1\] must be an integer in \[1, inf\), got 0"):
            count(lenet, (1, 0, 28), batch_size=1)
        with pytest.raises(ValueError, match=r"x must have shape \(N, 1, H, W\), got \(0, 3, 28, 28\)"):
            count(lenet, (3, 28, 28), batch_size=1)
    with pytest.raises(TypeError, match="input_shape must be a sequence of integers, got 28"):
        activation_values(lenet, 28)
    with pytest.raises(TypeError, match=r"batch_size must be an integer in \[0, inf\), got 1\.5"):
        multiply_adds([3, 2], batch_size=1.5)
    for settings in ({"buffers": -1}, {"itemsize": 0}, {"batch_size": -1}):
        with pytest.raises(ValueError, match=f"{next(iter(settings))} must be an integer"):
            training_bytes([3, 2], **({"batch_size": 1} | settings))
    with pytest.raises(ValueError, match=r"buffers must be an integer in \[0, inf\), got -1"):
        network_training_bytes(lenet, shape, batch_size=1, buffers=-1)
    for sizes in ((0, 1, 1), (1, 0, 1), (1, 1, 0)):
        with pytest.raises(ValueError, match=r"must be an integer in \[1, inf\), got 0"):
            conv_parameters(*sizes)
