"""The activations are right, and stay right at the ends of the number line."""

import math

import numpy as np
import pytest

from scratchmlp.activations import leaky_relu, log_softmax, relu, sigmoid, softmax, tanh
from scratchmlp.layers import Dense
from scratchmlp.losses import cross_entropy
from scratchmlp.optimizers import SGD

ALL = [relu, leaky_relu, sigmoid, tanh, softmax, log_softmax]


def test_activations_agree_with_their_definitions():
    z = np.array([-2.0, -0.5, 0.0, 0.5, 2.0])
    np.testing.assert_array_equal(relu(z), [0, 0, 0, 0.5, 2])
    np.testing.assert_allclose(leaky_relu(z, 0.1), [-0.2, -0.05, 0, 0.5, 2], rtol=1e-15)
    np.testing.assert_allclose(sigmoid(z), [1 / (1 + math.exp(-v)) for v in z], rtol=1e-14)
    np.testing.assert_allclose(tanh(z), [math.tanh(v) for v in z], rtol=1e-14)
    np.testing.assert_allclose(softmax(z), [math.exp(v) / sum(map(math.exp, z)) for v in z], rtol=1e-14)
    np.testing.assert_allclose(log_softmax(z), np.log(softmax(z)), rtol=1e-14)


def test_softmax_agrees_with_scipy():
    special = pytest.importorskip("scipy.special")
    z = 10 * np.random.default_rng(0).standard_normal((5, 7))
    np.testing.assert_allclose(softmax(z), special.softmax(z, axis=-1), rtol=1e-13)
    np.testing.assert_allclose(log_softmax(z), special.log_softmax(z, axis=-1), rtol=1e-13)
    np.testing.assert_allclose(sigmoid(z), special.expit(z), atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", ALL)
def test_activations_keep_the_float_type_and_leave_their_input_alone(activation, dtype):
    z = np.linspace(-3, 3, 12, dtype=dtype).reshape(3, 4)
    before = z.copy()
    assert activation(z).dtype == dtype
    assert activation(z).shape == z.shape
    np.testing.assert_array_equal(z, before)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", ALL)
def test_activations_are_silent_for_every_finite_input(activation, dtype):
    big = np.finfo(dtype).max
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        y = activation(np.array([[-big, -1e4, 0, 1e4, big], [big, big, big, big, big]], dtype))
    assert not np.isnan(y).any()


def test_the_log_of_a_probability_that_rounds_to_0_is_still_finite():
    np.testing.assert_allclose(log_softmax(np.array([0.0, 1e4])), [-1e4, 0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid_is_right_to_the_last_digits_on_both_sides(dtype):
    tiny = -math.log(np.finfo(dtype).tiny)  # below -tiny the true value is no normal number
    z = np.linspace(-tiny + 0.1, tiny, 4001, dtype=dtype)
    true = np.array([1 / (1 + math.exp(-v)) for v in z.tolist()])
    assert np.max(np.abs(sigmoid(z) - true) / true) < 3 * np.finfo(dtype).eps
    assert sigmoid(dtype(-1000)) == 0
    assert sigmoid(dtype(1000)) == 1


def test_a_small_probability_in_float32_is_no_0():
    assert sigmoid(np.float32(-20)) == pytest.approx(2.0611536e-9, rel=1e-6)
    assert sigmoid(np.float32(-17)) == pytest.approx(4.1399375e-8, rel=1e-6)


@pytest.mark.parametrize("activation", [softmax, log_softmax])
def test_masked_and_half_precision_logits_are_refused(activation):
    with pytest.raises(TypeError, match="logits must be a plain array, got MaskedArray"):
        activation(np.ma.masked_array([1.0, 2.0], [0, 1]))
    with pytest.raises(TypeError, match="logits must be an array of float32 or float64, got float16"):
        activation(np.ones(2, np.float16))


def test_softmax_rows_add_up_to_1_and_ignore_a_shift():
    z = np.random.default_rng(0).standard_normal((6, 4))
    np.testing.assert_allclose(softmax(z).sum(axis=1), 1, rtol=1e-15)
    np.testing.assert_allclose(softmax(z + 100), softmax(z), rtol=1e-12)


def test_sigmoid_is_softmax_of_the_logit_and_0():
    z = np.linspace(-5, 5, 11)
    np.testing.assert_allclose(sigmoid(z), softmax(np.stack([z, 0 * z], axis=1))[:, 0], rtol=1e-12)


def test_tanh_is_a_stretched_sigmoid():
    z = np.linspace(-5, 5, 11)
    np.testing.assert_allclose(tanh(z), 2 * sigmoid(2 * z) - 1, atol=1e-15)


@pytest.mark.parametrize("activation", [softmax, log_softmax])
def test_integers_whose_differences_would_wrap_around_are_refused(activation):
    with pytest.raises(TypeError, match=r"logits must be an array of floats, got uint8 of shape \(2,\)"):
        activation(np.array([1, 2], np.uint8))
    with pytest.raises(TypeError, match="logits must be an array of floats, got list"):
        activation([1.0, 2.0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_sigmoid_is_exact_to_the_last_digits_on_both_sides(dtype):
    z = np.linspace(-87, 87, 2001).astype(dtype)  # below, 1 / (1 + exp(-z)) is no normal float32 any more
    exact = [
        1 / (1 + math.exp(-float(v))) if v > 0 else math.exp(float(v)) / (1 + math.exp(float(v))) for v in z
    ]
    np.testing.assert_allclose(sigmoid(z), np.array(exact), rtol=4 * np.finfo(dtype).eps)
    assert sigmoid(np.array([-20.0], dtype))[0] == pytest.approx(2.0611536e-9, rel=1e-6)


def test_the_sigmoid_of_any_number_is_one_without_a_warning():
    z = np.array([-np.inf, -1e300, -1000, 0, 1000, 1e300, np.inf])
    np.testing.assert_array_equal(sigmoid(z), [0, 0, 0, 0.5, 1, 1, 1])


@pytest.mark.parametrize("dtype", [np.float16, np.longdouble])
def test_other_float_types_are_refused_by_name(dtype):
    name = np.dtype(dtype).name
    with pytest.raises(TypeError, match=f"dtype must be float32 or float64, got {name}"):
        Dense(3, 2, rng=np.random.default_rng(0), dtype=dtype)
    with pytest.raises(TypeError, match=name):
        SGD(0.1).step(np.ones(3, dtype), np.ones(3, dtype))
    with pytest.raises(TypeError, match=name):
        cross_entropy(np.ones((2, 3), dtype), np.array([0, 1]))
