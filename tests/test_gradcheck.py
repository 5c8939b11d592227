"""The check finds right gradients right and wrong ones wrong: a check that cannot fail is none."""

import numpy as np
import pytest

from scratchmlp.datasets import digits
from scratchmlp.gradcheck import check_layer, check_network
from scratchmlp.layers import Dense, ReLU, Tanh
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network, mlp


def rng(seed=0):
    return np.random.default_rng(seed)


X, Y = rng(1).standard_normal((6, 4)), np.array([0, 1, 2, 0, 1, 2])
modes = pytest.mark.parametrize("n_projections", [None, 8], ids=["every coordinate", "projections"])


class ReLUFromOutput(ReLU):
    """The derivative taken from the output with >=, which is always true."""

    def backward(self, dy):
        y = self.saved()
        return dy * (y >= 0)


class TransposedDense(Dense):
    """W where its transpose belongs, which only a square matrix lets pass."""

    def backward(self, dy):
        self.backward_params(dy)
        return dy @ self.params["W"]


class ForgottenBias(Dense):
    """The gradient of the bias is never filled in."""

    def backward_params(self, dy):
        super().backward_params(dy)
        self.grads["b"][...] = 0


class OneWrongCoordinate(Dense):
    """A single weight's gradient is off by a percent."""

    def backward_params(self, dy):
        super().backward_params(dy)
        self.grads["W"][1, 2] *= 1.01


def summed_cross_entropy(logits, labels):
    """The mean loss, with the gradient of the sum: the 1/N is missing."""
    value, dlogits = cross_entropy(logits, labels)
    return value, dlogits * len(logits)


def network(hidden=None, first=Dense):
    layers = [
        first(4, 4, rng=rng(2), dtype=np.float64),
        hidden or ReLU(),
        Dense(4, 3, rng=rng(3), dtype=np.float64),
    ]
    return Network(layers)


@modes
def test_right_gradients_pass(n_projections):
    for net in (network(), network(Tanh())):
        assert check_network(net, X, Y, loss=cross_entropy, rng=rng(4), n_projections=n_projections) < 1e-6


@modes
def test_relu_from_its_output_is_caught(n_projections):
    wrong = network(ReLUFromOutput())
    assert check_network(wrong, X, Y, loss=cross_entropy, rng=rng(4), n_projections=n_projections) > 0.1
    assert check_layer(ReLUFromOutput(), X, rng=rng(4), n_projections=n_projections) > 0.1


@modes
def test_a_transposed_weight_matrix_is_caught(n_projections):
    layer = TransposedDense(4, 4, rng=rng(2), dtype=np.float64)
    assert check_layer(layer, X, rng=rng(4), n_projections=n_projections) > 0.1
    net = network(first=TransposedDense)
    assert check_network(net, X, Y, loss=cross_entropy, rng=rng(4), n_projections=n_projections) > 0.1


@modes
def test_a_forgotten_bias_is_caught(n_projections):
    net = network(first=ForgottenBias)
    assert check_network(net, X, Y, loss=cross_entropy, rng=rng(4), n_projections=n_projections) > 0.1


@modes
def test_a_missing_mean_is_caught(n_projections):
    error = check_network(network(), X, Y, loss=summed_cross_entropy, rng=rng(4), n_projections=n_projections)
    assert error == pytest.approx(1 - 1 / len(X), abs=1e-3)


@modes
def test_one_weight_wrong_by_a_percent_is_caught(n_projections):
    layer = OneWrongCoordinate(4, 3, rng=rng(2), dtype=np.float64)
    assert check_layer(layer, X, rng=rng(4), n_projections=n_projections) > 1e-5


def test_the_kink_of_relu_gives_a_false_alarm_and_noise_in_the_input_removes_it():
    pytest.importorskip("sklearn")
    images, labels = digits()
    x, y = images[:4].reshape(4, -1) / 16, labels[:4]
    x[0] = 0  # with biases of 0, a black image puts every hidden unit at exactly 0
    net = mlp([64, 8, 10], rng=rng(2), dtype=np.float64)
    assert check_network(net, x, y, loss=cross_entropy, rng=rng(4)) > 1e-3
    x += 0.01 * rng(5).standard_normal(x.shape)
    assert check_network(net, x, y, loss=cross_entropy, rng=rng(4)) < 1e-6


def test_a_check_puts_everything_back():
    net, x = network(), X.copy()
    theta = net.parameters().copy()
    check_network(net, x, Y, loss=cross_entropy, rng=rng(4))
    np.testing.assert_array_equal(net.parameters(), theta)
    np.testing.assert_array_equal(x, X)


def test_a_network_whose_gradients_are_all_0_has_no_error():
    net = network()  # dead units and as many labels of each class: rounding is all that differs from 0
    net.layers[0].params["b"][...] = -100
    assert check_network(net, X, Y, loss=cross_entropy, rng=rng(4)) < 1e-6


def test_float32_is_refused():
    with pytest.raises(ValueError, match="a gradient check needs float64, got float32"):
        check_layer(Dense(4, 3, rng=rng(2)), X, rng=rng(4))
    with pytest.raises(ValueError, match="a gradient check needs float64, got float32"):
        check_network(network(), X.astype(np.float32), Y, loss=cross_entropy, rng=rng(4))


def test_arguments_that_are_none_are_named():
    for call in (
        lambda **bad: check_layer(Dense(4, 3, rng=rng(2), dtype=np.float64), **{"x": X, "rng": rng()} | bad),
        lambda **bad: check_network(network(), **{"x": X, "y": Y, "loss": cross_entropy, "rng": rng()} | bad),
    ):
        with pytest.raises(TypeError, match="rng must be a generator"):
            call(rng=0)
        with pytest.raises(TypeError, match="x must be an array of floats, got int64 of shape"):
            call(x=X.astype(int))
        with pytest.raises(ValueError, match=r"n_projections must be an integer in \[1, inf\), got 0"):
            call(n_projections=0)
