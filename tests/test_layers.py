"""Every layer computes what it says, and its gradient is the derivative of that."""

import numpy as np
import pytest

from scratchmlp.gradcheck import check_layer
from scratchmlp.initializers import he, normal, zeros
from scratchmlp.layers import Dense, Dropout, Flatten, Layer, LeakyReLU, ReLU, Sigmoid, Tanh
from tests.claims import claim, holds

ACTIVATIONS = [ReLU, LeakyReLU, Sigmoid, Tanh]


def dense(D=3, M=4, dtype=np.float64, seed=0):
    layer = Dense(D, M, rng=np.random.default_rng(seed), dtype=dtype)
    layer.params["b"][...] = np.linspace(-0.3, 0.3, M)
    return layer


def dropout(rate=0.4, seed=0):
    return Dropout(rate, rng=np.random.default_rng(seed))


MAKERS = [dense, *ACTIVATIONS, dropout, Flatten]


def test_dense_is_the_sum_over_inputs_plus_a_bias():
    layer, x = dense(), np.random.default_rng(1).standard_normal((5, 3))
    W, b = layer.params["W"], layer.params["b"]
    by_loops = [[sum(x[n, d] * W[d, m] for d in range(3)) + b[m] for m in range(4)] for n in range(5)]
    np.testing.assert_allclose(layer.forward(x), by_loops, rtol=1e-14)


def test_dense_gradient_is_right_in_every_coordinate():
    x = np.random.default_rng(1).standard_normal((5, 3))
    assert check_layer(dense(), x, rng=np.random.default_rng(2)) < 1e-6


def test_dense_gradient_is_right_along_random_directions_at_full_size():
    x = np.random.default_rng(1).standard_normal((32, 64))
    assert check_layer(dense(64, 48), x, rng=np.random.default_rng(2), n_projections=20) < 1e-6


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activation_gradient_is_right_in_every_coordinate(activation):
    x = np.random.default_rng(3).standard_normal((4, 6))
    assert check_layer(activation(), x, rng=np.random.default_rng(4)) < 1e-6


@claim("S0-07", "confirmed")
def test_the_derivative_of_relu_at_0_is_0():
    layer = ReLU()
    layer.forward(np.array([[-1.0, -0.0, 0.0, 2.0]]), training=True)
    np.testing.assert_array_equal(layer.backward(np.ones((1, 4))), [[0, 0, 0, 1]])
    holds("S0-07", "ReLU has no derivative at 0; this site takes 0 there.")


def test_the_derivative_of_leaky_relu_at_0_is_the_slope():
    layer = LeakyReLU(0.25)
    layer.forward(np.array([[-1.0, 0.0, 2.0]]), training=True)
    np.testing.assert_array_equal(layer.backward(np.ones((1, 3))), [[0.25, 0.25, 1]])


def test_params_and_grads_have_equal_keys_shapes_and_float_types():
    for layer in (dense(dtype=np.float32), *(make() for make in MAKERS[1:])):
        assert layer.params.keys() == layer.grads.keys()
        for key, value in layer.params.items():
            assert (layer.grads[key].shape, layer.grads[key].dtype) == (value.shape, value.dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_layers_keep_the_float_type_in_both_directions(dtype):
    x = np.random.default_rng(5).standard_normal((2, 3)).astype(dtype)
    for layer in (dense(3, 3, dtype), *(make() for make in MAKERS[1:])):
        y = layer.forward(x, training=True)
        assert y.dtype == dtype
        assert layer.backward(y).dtype == dtype
        assert {g.dtype for g in layer.grads.values()} <= {np.dtype(dtype)}


@pytest.mark.parametrize("make", MAKERS)
def test_backward_without_a_training_forward_raises(make):
    layer, x = make(), np.ones((2, 3))
    y = layer.forward(x)
    with pytest.raises(
        RuntimeError, match=r"backward needs a forward\(x, training=True\) of its own before it"
    ):
        layer.backward(y)


@pytest.mark.parametrize("make", MAKERS)
def test_a_second_backward_raises(make):
    layer = make()
    y = layer.forward(np.ones((2, 3)), training=True)
    layer.backward(y)
    with pytest.raises(RuntimeError, match=f"{type(layer).__name__}.backward"):
        layer.backward(y)


@pytest.mark.parametrize("make", MAKERS)
def test_a_gradient_of_another_shape_is_named_and_not_broadcast(make):
    layer, x = make(), np.ones((2, 3))
    N, M = layer.forward(x).shape
    for dy in (np.ones((1, M)), np.ones((N, 1)), np.ones(M), np.ones((N, M, 1)), 1.0):
        layer.forward(x, training=True)
        with pytest.raises(ValueError, match=rf"^dy must have shape \({N}, {M}\), got f"):
            layer.backward(dy)


@pytest.mark.parametrize("make", MAKERS)
def test_neither_direction_changes_what_it_is_given(make):
    layer, x = make(), np.random.default_rng(6).standard_normal((2, 3))
    kept = x.copy()
    dy = layer.forward(x, training=True)
    kept_dy = dy.copy()
    layer.backward(dy)
    np.testing.assert_array_equal(x, kept)
    np.testing.assert_array_equal(dy, kept_dy)


def test_gradients_replace_the_ones_of_the_last_batch_and_do_not_add_up():
    layer, x = dense(), np.ones((2, 3))
    for _ in range(2):
        layer.backward(np.ones_like(layer.forward(x, training=True)))
    np.testing.assert_array_equal(layer.grads["W"], np.full((3, 4), 2.0))


def test_backward_params_fills_the_same_gradients_as_backward():
    layer, x = dense(), np.random.default_rng(7).standard_normal((5, 3))
    dy = layer.forward(x, training=True)
    layer.backward_params(dy)
    alone = {key: g.copy() for key, g in layer.grads.items()}
    layer.forward(x, training=True)
    layer.backward(dy)
    for key in alone:
        np.testing.assert_array_equal(alone[key], layer.grads[key])


def test_one_seed_gives_the_same_layer_in_both_float_types():
    single, double = dense(dtype=np.float32), dense(dtype=np.float64)
    np.testing.assert_array_equal(single.params["W"], double.params["W"].astype(np.float32))


def test_dense_starts_from_its_initializer_and_zero_biases():
    layer = Dense(50, 20, initializer=normal(1.0), rng=np.random.default_rng(0))
    expected = normal(1.0)((50, 20), rng=np.random.default_rng(0))
    np.testing.assert_array_equal(layer.params["W"], expected.astype(np.float32))
    assert not layer.params["b"].any()
    assert Dense(5, 2, rng=np.random.default_rng(0)).params["W"].dtype == np.float32


def test_dense_uses_he_unless_told_otherwise():
    W = Dense(50, 20, rng=np.random.default_rng(0), dtype=np.float64).params["W"]
    np.testing.assert_array_equal(W, he((50, 20), rng=np.random.default_rng(0)))


def test_bad_settings_are_named():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"D must be an integer in \[1, inf\), got 0"):
        Dense(0, 4, rng=rng)
    with pytest.raises(TypeError, match=r"M must be an integer in \[1, inf\), got 4\.0"):
        Dense(3, 4.0, rng=rng)
    with pytest.raises(TypeError, match=r"rng must be a generator, .* got int"):
        Dense(3, 4, rng=0)
    with pytest.raises(TypeError, match=r"rng must be a generator, .* got int"):
        Dense(3, 4, initializer=zeros, rng=0)
    with pytest.raises(TypeError, match="dtype must be float32 or float64, got int64"):
        Dense(3, 4, rng=rng, dtype=np.int64)
    with pytest.raises(ValueError, match=r"slope must be a number in \(0, 1\], got 0"):
        LeakyReLU(0)


@pytest.mark.parametrize("shape", [(3,), (2, 4), (2, 3, 3)])
def test_dense_names_the_shape_it_needs(shape):
    with pytest.raises(ValueError, match=r"x must have shape \(N, 3\), got"):
        dense().forward(np.ones(shape))


def test_dropout_is_the_identity_unless_training():
    layer, x = dropout(), np.random.default_rng(1).standard_normal((4, 5))
    np.testing.assert_array_equal(layer.forward(x), x)
    assert not np.array_equal(layer.forward(x, training=True), x)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_keeps_the_mean(rate):
    y = dropout(rate).forward(np.full((1000, 200), 3.0), training=True)
    spread = 3 * np.sqrt(rate / (1 - rate) / y.size)  # of the mean of 200,000 values
    assert abs(y.mean() - 3) < 4 * spread
    assert np.mean(y == 0) == pytest.approx(rate, abs=0.005)


def test_dropout_scales_what_it_keeps_in_both_directions():
    x, dy = np.random.default_rng(1).random((2, 40, 30)) + 1
    layer = dropout(0.75)
    y = layer.forward(x, training=True)
    dx = layer.backward(dy)
    np.testing.assert_allclose(y, np.where(y == 0, 0, 4 * x), rtol=1e-15)
    np.testing.assert_allclose(dx, np.where(y == 0, 0, 4 * dy), rtol=1e-15)
    assert 0 < np.count_nonzero(y) < y.size


def test_dropout_gradient_is_right_in_every_coordinate():
    class Frozen(Dropout):
        """The same mask in every forward pass, so that there is a function to take differences of."""

        def forward(self, x, *, training=False):
            self.rng = np.random.default_rng(7)
            return super().forward(x, training=True)

    x = np.random.default_rng(1).standard_normal((4, 6))
    assert check_layer(Frozen(0.4, rng=np.random.default_rng(0)), x, rng=np.random.default_rng(2)) < 1e-6


def test_dropout_draws_a_new_mask_for_each_batch_and_the_same_masks_for_one_seed():
    x, (first, second) = np.ones((10, 10)), (dropout(), dropout())
    masks = [first.forward(x, training=True) for _ in range(2)]
    assert not np.array_equal(*masks)
    for mask in masks:
        np.testing.assert_array_equal(second.forward(x, training=True), mask)
    single = dropout().forward(x.astype(np.float32), training=True)
    np.testing.assert_array_equal(single != 0, masks[0] != 0)


def test_a_dropout_rate_of_0_drops_nothing():
    x = np.random.default_rng(1).standard_normal((4, 5))
    np.testing.assert_array_equal(dropout(0).forward(x, training=True), x)


@pytest.mark.parametrize("rate", [1, 1.5, -0.1, np.nan])
def test_a_dropout_rate_that_is_none_is_named(rate):
    with pytest.raises(ValueError, match=r"rate must be a number in \[0, 1\), got"):
        dropout(rate)


def test_dropout_needs_a_generator():
    with pytest.raises(TypeError, match=r"rng must be a generator, .* got int"):
        Dropout(0.5, rng=0)
    with pytest.raises(TypeError, match="rng"):
        Dropout(0.5)


def test_flatten_goes_channel_by_channel_and_row_by_row():
    x = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5) / 1.0
    y = Flatten().forward(x)
    assert y.shape == (2, 60)
    for n, c, i, j in np.ndindex(x.shape):
        assert y[n, 20 * c + 5 * i + j] == x[n, c, i, j]


@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (1, 1, 1, 1), (0, 3, 4, 5), (4, 6), (2, 3, 4)])
def test_flatten_backward_is_the_exact_inverse(shape):
    layer, x = Flatten(), np.random.default_rng(1).standard_normal(shape)
    for images in (x, np.asfortranarray(x)):
        y = layer.forward(images, training=True)
        assert y.shape == (shape[0], np.prod(shape[1:]))
        np.testing.assert_array_equal(layer.backward(y), x)


@pytest.mark.parametrize("shape", [(), (3,)])
def test_flatten_names_the_shape_it_needs(shape):
    with pytest.raises(ValueError, match=r"x must have shape \(N, C, H, W\) or \(N, \.\.\.\), got"):
        Flatten().forward(np.ones(shape))


def test_the_base_layer_leaves_both_directions_open():
    for call in (Layer().forward, Layer().backward, Layer().backward_params):
        with pytest.raises(NotImplementedError):
            call(np.ones((1, 1)))
