"""A bad argument is named, with what was expected and what came; a good one passes unchanged."""

import re
from fractions import Fraction

import numpy as np
import pytest

from scratchmlp.checks import (
    check_array,
    check_finite,
    check_floats,
    check_integer,
    check_number,
    check_rng,
    describe,
)


def test_square_brackets_include_their_end_and_round_ones_do_not():
    for interval, passing in {"[0, 1]": [0, 1], "[0, 1)": [0], "(0, 1]": [1], "(0, 1)": []}.items():
        for value in (0, 1):
            if value in passing:
                assert check_number("rate", value, interval) == value
            else:
                with pytest.raises(ValueError, match=re.escape(f"a number in {interval}, got {value}")):
                    check_number("rate", value, interval)
        assert check_number("rate", 0.5, interval) == 0.5


@pytest.mark.parametrize("value", [1, 1.0, np.float64(1), np.float32(1), np.int32(1), Fraction(1)])
def test_every_kind_of_number_becomes_a_float(value):
    assert type(check_number("lr", value, "[1, inf)")) is float


@pytest.mark.parametrize("value", ["1", None, 1j, [1], np.ones(1), True, np.True_])
def test_what_is_no_number_is_a_type_error(value):
    with pytest.raises(TypeError, match=re.escape(f"lr must be a number in (0, inf), got {value!r}")):
        check_number("lr", value, "(0, inf)")


def test_integers_are_those_of_python_and_numpy():
    assert type(check_integer("k", np.uint8(3), "[1, inf)")) is int
    for value in (3.0, "3", None, True, np.True_):
        with pytest.raises(TypeError, match=r"k must be an integer in \[1, inf\), got"):
            check_integer("k", value, "[1, inf)")
    with pytest.raises(ValueError, match=r"k must be an integer in \[1, inf\), got 0"):
        check_integer("k", 0, "[1, inf)")


@pytest.mark.parametrize("value", [0, None, np.random.RandomState(0), np.random.PCG64(0)])
def test_only_a_generator_is_a_generator(value):
    message = rf"rng must be a generator, such as np.random.default_rng\(0\), got {type(value).__name__}"
    with pytest.raises(TypeError, match=message):
        check_rng(value)
    check_rng(np.random.default_rng(0))


def test_an_array_on_a_disk_is_an_array(tmp_path):
    np.save(tmp_path / "x.npy", np.ones((3, 2)))
    check_array("x", np.load(tmp_path / "x.npy", mmap_mode="r"))
    with pytest.raises(TypeError, match=r"x must be an array, got list"):
        check_array("x", [1.0])


def test_arrays_of_floats_are_told_from_all_else():
    check_floats("x", np.ones(2, np.float32))
    for value, came in ((np.ones((2, 3), int), r"int64 of shape \(2, 3\)"), ([1.0], "list"), (1.0, "float")):
        with pytest.raises(TypeError, match=f"x must be an array of floats, got {came}"):
            check_floats("x", value)


def test_the_first_number_that_is_not_finite_is_named():
    x = np.ones((3, 4))
    check_finite("x", x, np.float64)
    x[2, 1], x[1, 3] = np.nan, -np.inf
    with pytest.raises(ValueError, match=r"x must hold finite float64 numbers, got -inf at \(1, 3\)"):
        check_finite("x", x, np.float64)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_one_number_that_is_not_finite_is_found_wherever_it_is(value):
    for i in range(5):
        x = np.arange(5.0)
        x[i] = value
        with pytest.raises(ValueError, match=rf"x must hold finite float32 numbers, got {value} at \({i},\)"):
            check_finite("x", x, np.float32)


def test_a_number_too_large_for_the_float_type_is_named():
    x = np.array([1.0, 1e39])
    check_finite("x", x, np.float64)
    with pytest.raises(ValueError, match=r"x must hold finite float32 numbers, got 1e\+39 at \(1,\)"):
        check_finite("x", x, np.float32)


def test_integers_and_empty_arrays_are_finite():
    check_finite("x", np.arange(3), np.float32)
    check_finite("x", np.empty((0, 3)), np.float32)


def test_descriptions_say_type_and_shape():
    assert describe(np.zeros((2, 3), np.float32)) == "float32 of shape (2, 3)"
    assert describe([1]) == "list"
