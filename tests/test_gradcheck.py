"""The check finds right gradients right and wrong ones wrong: a check that cannot fail is none."""

import pickle

import numpy as np
import pytest

from scratchmlp.conv import Conv2D, MaxPool2D
from scratchmlp.datasets import digits
from scratchmlp.gradcheck import NoDerivative, check_layer, check_network
from scratchmlp.layers import Dense, Dropout, Flatten, Layer, ReLU, Tanh
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


@modes
def test_dropout_is_checked_with_one_mask_for_all_passes(n_projections):
    layer = Dropout(0.5, rng=rng(7))
    state = layer.rng.bit_generator.state
    assert check_layer(layer, X, rng=rng(4), n_projections=n_projections) < 1e-6
    net = Network(
        [Dense(4, 8, rng=rng(2), dtype=np.float64), layer, Dense(8, 3, rng=rng(3), dtype=np.float64)]
    )
    assert check_network(net, X, Y, loss=cross_entropy, rng=rng(4), n_projections=n_projections) < 1e-6
    assert layer.rng.bit_generator.state == state  # and the mask of the next batch is what it would have been


class UnscaledDropout(Dropout):
    """The backward pass forgets the factor 1 / (1 - rate)."""

    def backward(self, dy):
        return super().backward(dy) * (1 - self.rate)


@modes
def test_dropout_that_forgets_its_scale_is_caught(n_projections):
    assert check_layer(UnscaledDropout(0.5, rng=rng(7)), X, rng=rng(4), n_projections=n_projections) > 0.1


class Unsteady(Layer):
    """Noise from a generator that nobody can find."""

    def __init__(self):
        super().__init__()
        self.held = [rng(5)]

    def forward(self, x, *, training=False):
        return x + self.held[0].standard_normal(x.shape)

    def backward(self, dy):
        return dy


def test_a_layer_that_cannot_be_repeated_is_named_and_not_called_wrong():
    message = "forward must give the same twice, got .* must hold its generator as an attribute"
    with pytest.raises(ValueError, match=message):
        check_layer(Unsteady(), X, rng=rng(4))


class Centred(Layer):
    """Subtracts the mean of the batch in training, and a running mean otherwise."""

    def __init__(self, D):
        super().__init__()
        self.mean = np.zeros(D)

    def forward(self, x, *, training=False):
        if training:
            self.mean += 0.1 * (x.mean(axis=0) - self.mean)
        return x - (x.mean(axis=0) if training else self.mean)

    def backward(self, dy):
        return dy - dy.mean(axis=0)


def test_the_forward_pass_of_training_is_checked_and_leaves_no_trace():
    layer = Centred(4)
    assert check_layer(layer, X, rng=rng(4)) < 1e-6
    assert not layer.mean.any()
    dense = Dense(4, 3, rng=rng(2), dtype=np.float64)
    check_layer(dense, X, rng=rng(4))
    assert not dense.grads["W"].any()
    with pytest.raises(RuntimeError, match="needs a forward"):
        dense.backward(np.ones((6, 3)))


EQUAL = np.repeat(rng(6).standard_normal((2, 1, 2, 2)), 2, axis=3)  # pairs of equal values in each window


@pytest.mark.parametrize(
    ("layer", "x", "where"),
    [(ReLU(), np.where(X > 1, X, 0), r"x\[\d, \d\]"), (MaxPool2D(2), EQUAL, r"x\[\d, 0, \d, \d\]")],
    ids=["ReLU at 0", "max pooling of equal values"],
)
def test_a_kink_is_named_and_the_layer_not_called_wrong(layer, x, where):
    with pytest.raises(
        NoDerivative, match=f"^{where} must not lie on a kink, got slopes of .* after: add some noise"
    ):
        check_layer(layer, x, rng=rng(4))
    with pytest.raises(NoDerivative, match=r"^x on its way in a random direction must not lie on a kink"):
        check_layer(layer, x, rng=rng(4), n_projections=5)
    assert check_layer(layer, x + 0.01 * rng(8).standard_normal(x.shape), rng=rng(4)) < 1e-6


def test_the_error_of_a_kink_carries_its_numbers_and_can_be_pickled():
    with pytest.raises(NoDerivative) as caught:
        check_layer(ReLU(), np.zeros((1, 1)), rng=rng(4))
    kink, c = caught.value, rng(4).standard_normal((1, 1)).item()
    assert (kink.where, kink.left) == ("x[0, 0]", 0)
    assert kink.right == pytest.approx(c)
    assert kink.error == pytest.approx(min(1, abs(c) / 2 / 1e-3))
    assert str(pickle.loads(pickle.dumps(kink))) == str(kink)


class Absolute(Layer):
    """The slope at 0 is 0, the mean of both sides."""

    def forward(self, x, *, training=False):
        return np.abs(self.keep(x, training))

    def backward(self, dy):
        return dy * np.sign(self.saved())


def test_a_kink_where_the_gradient_is_the_mean_of_both_sides_is_no_error():
    assert check_layer(Absolute(), np.zeros((1, 2)), rng=rng(4)) < 1e-6


class OffByAPercent(ReLU):
    """A wrong gradient that is right at 0."""

    def backward(self, dy):
        return 1.01 * super().backward(dy)


@modes
def test_a_wrong_gradient_on_a_kink_does_not_pass_and_off_it_is_called_wrong(n_projections):
    on, settings = np.where(X > 1, X, 0), {"rng": rng(4), "n_projections": n_projections}
    with pytest.raises(NoDerivative):
        check_layer(OffByAPercent(), on, **settings)
    assert check_layer(OffByAPercent(), X, **settings) > 1e-3


def test_a_wrong_gradient_that_is_worse_than_the_kink_is_called_wrong():
    class Doubled(ReLU):
        def backward(self, dy):
            return 5 * super().backward(dy)

    assert check_layer(Doubled(), np.array([[1.0, 0.0]]), rng=rng(4)) > 0.5


def test_steep_curves_are_no_kinks():
    layer = Dense(1, 1, rng=rng(2), dtype=np.float64)
    layer.params["W"][...] = 50
    net = Network([layer, Tanh()])

    def sum_of(outputs, y):
        return float(outputs.sum()), np.ones_like(outputs)

    x = np.array([[0.01]])
    assert check_network(net, x, np.zeros(1), loss=sum_of, rng=rng(4)) < 1e-6
    wrong = Network([layer, TanhFromInput()])
    assert check_network(wrong, x, np.zeros(1), loss=sum_of, rng=rng(4)) > 0.01


class TanhFromInput(Tanh):
    """The derivative as if the input were the output."""

    def forward(self, x, *, training=False):
        self.keep(x, training)
        return np.tanh(x)


def test_a_gradient_that_is_nan_does_not_pass():
    class Nan(Dense):
        def backward(self, dy):
            return super().backward(dy) * np.nan

    class NanInTheLast(Dense):
        def backward_params(self, dy):
            super().backward_params(dy)
            self.grads["b"][...] = np.nan

    assert np.isnan(check_layer(NanInTheLast(4, 3, rng=rng(2), dtype=np.float64), X, rng=rng(4)))
    assert np.isnan(check_layer(Nan(4, 3, rng=rng(2), dtype=np.float64), X, rng=rng(4)))
    assert np.isnan(check_network(network(first=Nan), X, Y, loss=cross_entropy, rng=rng(4)))


def test_a_small_convolutional_network_with_dropout_passes():
    layers = [
        Conv2D(1, 2, 3, rng=rng(2), dtype=np.float64),
        ReLU(),
        MaxPool2D(2),
        Dropout(0.3, rng=rng(3)),
        Flatten(),
    ]
    net = Network([*layers, Dense(2, 3, rng=rng(5), dtype=np.float64)])
    x = rng(9).standard_normal((4, 1, 4, 4))
    assert check_network(net, x, np.array([0, 1, 2, 0]), loss=cross_entropy, rng=rng(4)) < 1e-6


def test_the_kink_of_relu_is_found_in_black_images_and_noise_in_the_input_removes_it():
    pytest.importorskip("sklearn")
    images, labels = digits()
    x, y = images[:4].reshape(4, -1) / 16, labels[:4]
    x[0] = 0  # with biases of 0, a black image puts every hidden unit at exactly 0
    net = mlp([64, 8, 10], rng=rng(2), dtype=np.float64)
    with pytest.raises(NoDerivative, match=r"^(x|layer 0 b)\[.*\] must not lie on a kink"):
        check_network(net, x, y, loss=cross_entropy, rng=rng(4))
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
        with pytest.raises(
            TypeError, match=r"x must be an array of float32 or float64, got float16 of shape"
        ):
            call(x=X.astype(np.float16))
        with pytest.raises(TypeError, match=r"x must be a plain array, got MaskedArray of float64 of shape"):
            call(x=np.ma.masked_greater(X, 1))
        with pytest.raises(ValueError, match=r"x must hold at least one number, got shape \(0, 4\)"):
            call(x=X[:0])
    with pytest.raises(TypeError, match="layer must be a Layer, got Network"):
        check_layer(network(), X, rng=rng())
    with pytest.raises(TypeError, match="network must be a Network, got ReLU"):
        check_network(ReLU(), X, Y, loss=cross_entropy, rng=rng())
    with pytest.raises(
        TypeError, match="loss must be a function, such as cross_entropy, got 'cross_entropy'"
    ):
        check_network(network(), X, Y, loss="cross_entropy", rng=rng())


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_parameters_in_less_than_float64_are_refused(dtype):
    layer = Dense(4, 3, rng=rng(2), dtype=np.float64)
    layer.params["W"] = layer.params["W"].astype(dtype)
    with pytest.raises(ValueError, match=f"a gradient check needs float64, got {np.dtype(dtype)}"):
        check_layer(layer, X, rng=rng())
