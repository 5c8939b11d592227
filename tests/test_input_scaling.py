"""The study of scales: what each way does to the inputs, and what is said of their directions."""

import numpy as np
import pytest

from experiments import input_scaling, results

HELD = results.values("input_scaling")


def images(n, seed=0):
    """So many invented images of 64 pixels from 0 to 16, the first pixel always 0."""
    x = np.random.default_rng(seed).integers(0, 17, (n, 64))
    x[:, 0] = 0
    return x


def test_pixels_are_standardised_by_the_training_images_alone():
    train, others = images(90), images(40, 1)
    change = input_scaling.standardised(train)
    x = change(train)
    assert (x[:, 0] == 0).all(), "a pixel that is always 0 stays 0"
    assert x[:, 1:].mean(axis=0) == pytest.approx(0)
    assert x[:, 1:].std(axis=0) == pytest.approx(1)
    assert change(others)[:, 5] == pytest.approx((others[:, 5] - train[:, 5].mean()) / train[:, 5].std())


def test_one_pixel_is_a_hundred_times_as_large_and_the_others_are_as_before():
    x = images(20)
    changed = input_scaling.one_pixel(x)(x) / input_scaling.unit(x)(x).clip(1e-9)
    factors = (
        {*changed[:, 27][x[:, 27] > 0].round(6)},
        {*np.delete(changed, 27, 1)[np.delete(x, 27, 1) > 0].round(6)},
    )
    assert factors == ({100}, {1})
    assert input_scaling.PIXEL == 8 * (4 - 1) + (4 - 1), "row 4, column 4"


def test_standardising_undoes_every_scale_of_a_pixel():
    x = images(50)
    unit, large = (way(x)(x) for way in (input_scaling.unit, input_scaling.one_pixel))
    assert input_scaling.standardised(large)(large) == pytest.approx(input_scaling.standardised(unit)(unit))


def test_condition_and_largest_eigenvalue_of_four_points_by_hand():
    x = np.array([[1.0, 0], [-1, 0], [0, 2], [0, -2]])  # covariance diag(2/3, 8/3), mean of x xᵀ diag(1/2, 2)
    assert input_scaling.condition(x) == pytest.approx(4)
    assert input_scaling.largest(x) == pytest.approx(2)
    assert input_scaling.condition(x + 5) == pytest.approx(4)
    assert input_scaling.largest(x + 5) > 50


def test_a_common_factor_changes_no_condition_and_the_largest_by_its_square():
    assert HELD["raw"]["condition"] == pytest.approx(HELD["unit"]["condition"])
    assert HELD["raw"]["largest"] == pytest.approx([256 * v for v in HELD["unit"]["largest"]])


def test_inputs_16_times_as_large_want_a_lower_rate_and_standardised_ones_learn_most():
    best = HELD["best"]
    assert best["raw"]["rate"] < best["unit"]["rate"] <= best["standardised"]["rate"]
    for seed in range(HELD["seeds"]):
        assert best["standardised"]["loss"][seed] < 0.2 * best["unit"]["loss"][seed]


def test_with_one_pixel_too_large_no_rate_learns_anything_worth_having():
    assert min(v for losses in HELD["one_pixel"]["loss"] for v in losses) > 1.9
    assert max(v for shares in HELD["one_pixel"]["train"] for v in shares) < 0.3
