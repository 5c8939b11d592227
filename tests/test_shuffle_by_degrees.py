"""The digits of *Shuffle the pixels* are those that its rule names, found here one by one, by the recorded networks."""

import numpy as np
import pytest

from experiments import results, shuffle_by_degrees
from experiments.shuffled_digits import generators, split_digits

HELD = results.values("shuffle_by_degrees")
SEQUENCE, *DIGITS = (
    [int(v) for v in text.split()] for text in [HELD["networks"]["sequence"], *HELD["networks"]["digits"]]
)


@pytest.fixture(scope="module")
def judged():
    """The test digits, their classes, and for both networks whether each is judged rightly at every degree."""
    data = split_digits(generators(shuffle_by_degrees.SEEDS[0], 4)[0], lambda images: images)
    x = data.x_test.reshape(-1, 64)  # in sixteenths
    right = {}
    for name in ("mlp", "cnn"):
        net = shuffle_by_degrees.restored(HELD["networks"], name)
        shape = (-1, 64) if name == "mlp" else (-1, 1, 8, 8)
        columns = []
        for n in HELD["degrees"]:
            moved = x.copy()
            for k in range(n):  # the first n hand their values to the next, in a cycle
                moved[:, SEQUENCE[(k + 1) % n]] = x[:, SEQUENCE[k]]
            columns.append(net.forward(moved.reshape(shape) / 16).argmax(axis=1) == data.y_test)
        right[name] = np.column_stack(columns)
    return x.astype(int).tolist(), data.y_test.tolist(), right["mlp"].tolist(), right["cnn"].tolist()


def is_telling(mlp, cnn):
    """Known in place to both, lost by each at some degree, and known to only one of them at some degree."""
    apart = any(a != b for a, b in zip(mlp, cnn, strict=True))
    return mlp[0] and cnn[0] and False in mlp and False in cnn and apart


def test_each_digit_to_try_is_the_first_of_its_class_that_shows_what_shuffling_does(judged):
    images, classes, mlp, cnn = judged
    assert len(DIGITS) == 10
    for k, digit in enumerate(DIGITS):
        fit = [i for i in range(len(images)) if classes[i] == k and is_telling(mlp[i], cnn[i])]
        assert images[fit[0]] == digit, k


def test_how_many_digits_are_of_this_kind_is_recorded(judged):
    images, classes, mlp, cnn = judged
    assert len(images) == HELD["n_test"]
    assert sum(map(is_telling, mlp, cnn)) == HELD["telling"]
    first_five = classes.index(5)
    assert not is_telling(mlp[first_five], cnn[first_five]), "the rule must choose"
