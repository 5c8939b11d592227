"""The study of widths and depths: no test image chooses a rate, and what was recorded follows from its raw values."""

import numpy as np
import pytest

from experiments import learning_rates, results, width_and_depth
from scratchmlp.losses import cross_entropy
from scratchmlp.network import mlp
from scratchmlp.training import evaluate

HELD, RAW = results.values("width_and_depth"), results.read("width_and_depth")["runs"]


@pytest.fixture(scope="module")
def images():
    """The images of the first seed, to train, to validate and to test."""
    pytest.importorskip("sklearn")
    return width_and_depth.parts(0)


def test_the_images_are_parted_as_in_the_study_of_rates_and_none_is_in_two_parts(images):
    assert [len(x) for x, _ in images] == [997, 300, 500]
    _, held, _ = learning_rates.start(0)
    for (x, y), theirs in zip(images, (held[:2], held[2:]), strict=False):
        assert (x == theirs[0]).all()
        assert (y == theirs[1]).all()
    rows = [{row.tobytes() for row in x} for x, _ in images]
    assert sum(map(len, rows)) == len(set.union(*rows)) == 1797


def test_the_labels_of_the_test_images_choose_nothing(images, monkeypatch):
    monkeypatch.setattr(width_and_depth, "EPOCHS", 2)
    train, validation, (x, y) = images
    right = width_and_depth.tuned(0, images, [64, 10])
    turned = width_and_depth.tuned(0, [train, validation, (x, (y + 1) % 10)], [64, 10])
    assert right["test"] > 0.8 > 0.2 > turned["test"]
    assert {k: v for k, v in right.items() if k != "test"} == {k: v for k, v in turned.items() if k != "test"}


def test_the_rate_with_the_lowest_validation_loss_wins_and_one_that_diverges_loses(images, monkeypatch):
    nets = {rate: mlp([64, 10], rng=np.random.default_rng(k)) for k, rate in enumerate((0.1, 0.3, 1))}
    monkeypatch.setattr(width_and_depth, "trained", lambda seed, train, sizes, rate: nets.get(rate))
    losses = {r: evaluate(net, *images[1], loss=cross_entropy, scale=1 / 16).loss for r, net in nets.items()}
    found = width_and_depth.tuned(0, images, [64, 10])
    assert found["rate"] == min(losses, key=losses.__getitem__)
    assert found["validation_loss"] == min(losses.values())


def test_a_rate_without_end_gives_no_network(images):
    assert width_and_depth.trained(0, images[0], [64, 64, 64, 10], 1e6) is None


def test_as_many_parameters_as_counted_by_hand():
    held = HELD["parameters"]
    assert held["linear"] == 64 * 10 + 10
    assert held["width"] == {str(M): (64 + 1) * M + (M + 1) * 10 for M in width_and_depth.WIDTHS}
    assert held["depth"] == {
        str(d): held["width"]["64"] + (d - 1) * (64 * 64 + 64) for d in width_and_depth.DEPTHS
    }


def test_one_layer_of_64_is_width_64_and_depth_1():
    assert RAW["depth"]["1"] == RAW["width"]["64"]


def test_the_majority_is_that_of_the_training_images(images):
    train, test = (None, np.array([3, 3, 5])), (None, np.array([5, 5, 5, 3]))
    assert [width_and_depth.guessed(train, part) for part in (train, test)] == [2 / 3, 1 / 4]
    train, _, test = images
    recorded = [RAW["majority"][part][0] for part in ("train", "test")]
    assert recorded == [width_and_depth.guessed(train, part) for part in (train, test)]


def test_the_linear_model_is_as_good_as_that_of_scikit_learn(images):
    linear_model = pytest.importorskip("sklearn.linear_model")
    (x, y), (x_validation, y_validation), (x_test, y_test) = images
    models = [linear_model.LogisticRegression(C=C, max_iter=2000).fit(x / 16, y) for C in (1, 10, 100)]
    best = max(models, key=lambda model: model.score(x_validation / 16, y_validation))
    assert abs(best.score(x_test / 16, y_test) - RAW["linear"]["test"][0]) <= 0.01


@pytest.mark.parametrize("name", [n for n in width_and_depth.SIZES if n != "width.64"])
def test_a_difference_is_paired_seed_by_seed_in_points(name):
    found, raw = HELD["points"], RAW
    for step in name.split("."):
        found, raw = found[step], raw[step]
    pairs = zip(raw["test"], RAW["width"]["64"]["test"], strict=True)
    assert found == pytest.approx([100 * (a - b) for a, b in pairs])


@pytest.mark.parametrize("name", ["linear", *(f"width.{M}" for M in width_and_depth.WIDTHS[2:]), "depth.5"])
def test_no_size_that_learns_wants_a_rate_at_the_end_of_the_list(name):
    raw = RAW
    for step in name.split("."):
        raw = raw[step]
    assert min(width_and_depth.RATES) < min(raw["rate"]) <= max(raw["rate"]) < max(width_and_depth.RATES)
