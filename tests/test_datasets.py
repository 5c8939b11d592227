"""The data are what they are said to be, and a split loses nothing."""

import sys

import numpy as np
import pytest

from scratchmlp.datasets import digits, split


def test_digits_are_1797_images_of_8_by_8_bytes_from_0_to_16():
    pytest.importorskip("sklearn")
    x, y = digits()
    assert (x.shape, x.dtype, x.min(), x.max()) == ((1797, 1, 8, 8), np.uint8, 0, 16)
    assert (y.shape, y.dtype) == ((1797,), np.int64)
    assert np.bincount(y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_digits_are_those_of_scikit_learn_bit_for_bit():
    datasets = pytest.importorskip("sklearn.datasets")
    bunch = datasets.load_digits()
    x, y = digits()
    np.testing.assert_array_equal(x[:, 0], bunch.images)
    np.testing.assert_array_equal(y, bunch.target)


def test_rows_for_a_dense_network_are_a_view():
    pytest.importorskip("sklearn")
    x, _ = digits()
    assert np.shares_memory(x.reshape(len(x), -1), x)


def test_the_digits_need_scikit_learn_only_when_asked_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError):
        digits()


def test_a_split_holds_every_example_once():
    x, y = np.arange(1797)[:, None], np.arange(1797) * 2
    data = split(x, y, n_test=500, rng=np.random.default_rng(0))
    assert (len(data.x_train), len(data.x_test)) == (1297, 500)
    assert sorted(np.concatenate([data.x_train, data.x_test])[:, 0]) == list(range(1797))
    for part, targets in ((data.x_train, data.y_train), (data.x_test, data.y_test)):
        np.testing.assert_array_equal(part[:, 0] * 2, targets)


def test_a_split_is_random_and_repeatable():
    x = np.arange(100)
    first, same, other = (split(x, x, n_test=30, rng=np.random.default_rng(seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.x_test, same.x_test)
    assert not np.array_equal(first.x_test, other.x_test)
    assert not np.array_equal(first.x_test, x[:30])


@pytest.mark.parametrize("n_test", [0, -1, 10, 11])
def test_a_test_set_that_leaves_nothing_is_named(n_test):
    with pytest.raises(ValueError, match=f"n_test must be at least 1 and less than 10, got {n_test}"):
        split(np.arange(10), np.arange(10), n_test=n_test, rng=np.random.default_rng(0))


def test_unequal_lengths_are_named():
    with pytest.raises(ValueError, match="x and y must hold one row for each example, got 10 and 9 rows"):
        split(np.arange(10), np.arange(9), n_test=2, rng=np.random.default_rng(0))
