"""The first weights have the variance that the papers ask for."""

import copy
import math
import pickle

import numpy as np
import pytest

from scratchmlp.initializers import he, lecun, normal, xavier, zeros

SHAPE = (400, 600)


@pytest.mark.parametrize(
    ("initializer", "variance"),
    [(he, 2 / 400), (xavier, 2 / 1000), (lecun, 1 / 400), (normal(0.3), 0.09), (zeros, 0.0)],
    ids=["he", "xavier", "lecun", "normal", "zeros"],
)
def test_weights_have_mean_0_and_the_variance_of_the_paper(initializer, variance):
    W = initializer(SHAPE, rng=np.random.default_rng(0))
    assert W.shape == SHAPE
    assert W.dtype == np.float64
    assert abs(W.mean()) <= 5 * math.sqrt(variance / W.size)
    assert W.var() == pytest.approx(variance, rel=0.02)  # 240,000 draws: 0.02 is 7 standard errors


def test_he_keeps_the_mean_square_through_twenty_relu_layers_and_small_weights_do_not():
    rng = np.random.default_rng(1)

    def mean_square(initializer):
        h = rng.standard_normal((200, 128))
        for _ in range(20):
            h = np.maximum(h @ initializer((128, 128), rng=rng), 0)
        return np.mean(h**2)

    assert 0.2 < mean_square(he) < 5
    assert mean_square(normal(0.01)) < 1e-30


def test_one_seed_gives_one_draw():
    first = he(SHAPE, rng=np.random.default_rng(7))
    assert np.array_equal(first, he(SHAPE, rng=np.random.default_rng(7)))
    assert not np.array_equal(first, he(SHAPE, rng=np.random.default_rng(8)))


def test_initializers_take_no_default_generator():
    with pytest.raises(TypeError, match="rng"):
        he((2, 3))


@pytest.mark.parametrize("scale", [-0.1, math.inf, math.nan])
def test_normal_refuses_a_scale_that_is_no_standard_deviation(scale):
    with pytest.raises(ValueError, match=r"scale must be a number in \[0, inf\), got"):
        normal(scale)


@pytest.mark.parametrize(
    ("initializer", "variance"),
    [(he, 2 / 450), (xavier, 2 / 1350), (lecun, 1 / 450), (normal(0.3), 0.09), (zeros, 0.0)],
    ids=["he", "xavier", "lecun", "normal", "zeros"],
)
def test_a_kernel_has_a_window_of_inputs_and_each_input_a_window_of_units(initializer, variance):
    W = initializer((100, 50, 3, 3), rng=np.random.default_rng(0))
    assert W.shape == (100, 50, 3, 3)
    assert W.var() == pytest.approx(variance, rel=0.03)  # 45,000 draws: 0.03 is 4.5 standard errors


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((3,), r"shape must be (D, M) or (M, C, k, k), got (3,)"),
        ((2, 3, 4), r"shape must be (D, M) or (M, C, k, k), got (2, 3, 4)"),
        ((0, 3), "shape[0] must be an integer in [1, inf), got 0"),
        ((2, 3, 0, 3), "shape[2] must be an integer in [1, inf), got 0"),
        ((2, 3.5), "shape[1] must be an integer in [1, inf), got 3.5"),
        (3, "shape must be a sequence of integers, got 3"),
        ("ab", "shape must be a sequence of integers, got 'ab'"),
    ],
)
def test_a_shape_that_no_layer_has_is_named(shape, message):
    with pytest.raises((ValueError, TypeError), match="must be") as caught:
        he(shape, rng=np.random.default_rng(0))
    assert str(caught.value) == message


@pytest.mark.parametrize("initializer", [normal(0.1), zeros])
def test_a_size_that_is_none_is_named_whatever_the_initializer(initializer):
    with pytest.raises(ValueError, match=r"shape\[1\] must be an integer in \[1, inf\), got -1"):
        initializer((2, -1), rng=np.random.default_rng(0))


def test_an_initializer_can_be_copied_and_pickled():
    for copied in (copy.deepcopy(normal(0.3)), pickle.loads(pickle.dumps(normal(0.3)))):
        first, second = (make((4, 5), rng=np.random.default_rng(1)) for make in (normal(0.3), copied))
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("initializer", [he, xavier, lecun, normal(0.1)])
def test_a_generator_that_is_none_is_named(initializer):
    with pytest.raises(TypeError, match=r"rng must be a generator, .* got int"):
        initializer((2, 3), rng=0)
