"""A batch learned by heart: each bug is the one that its name says, and what was recorded of it follows."""

import math

import numpy as np
import pytest

from experiments import one_batch, results
from scratchmlp.layers import ReLU
from scratchmlp.losses import cross_entropy
from scratchmlp.network import mlp

HELD = results.values("one_batch")


def arrays(name, seed=0):
    """Weights and gradients, layer by layer, of an invented batch and a program with a bug."""
    rng = np.random.default_rng(seed)
    activation = one_batch.ReLUFromOutput if name == "relu" else ReLU
    net = mlp([5, 8, 10], rng=rng, activation=activation, dtype=np.float64)
    x, y = rng.normal(size=(6, 5)), rng.integers(0, 10, 6)
    one_batch.gradient(net, x, y, name)
    first, last = ([net.layers[i].grads[key].copy() for key in ("W", "b")] for i in (0, -1))
    return net, x, y, first, last


def equal(a, b):
    return all(np.array_equal(p, q) for p, q in zip(a, b, strict=True))


def test_without_a_bug_it_is_the_gradient_of_the_package():
    net, x, y, first, last = arrays("right")
    net.backward(cross_entropy(net.forward(x, training=True), y)[1])
    assert equal(first + last, [v for i in (0, -1) for v in net.layers[i].grads.values()])


@pytest.mark.parametrize(("name", "turned"), [("sign_first", 0), ("sign_last", 1)])
def test_the_wrong_sign_is_that_of_one_layer(name, turned):
    right, wrong = arrays("right")[3:], arrays(name)[3:]
    assert equal(wrong[turned], [-dv for dv in right[turned]])
    assert equal(wrong[1 - turned], right[1 - turned])


def test_the_wrong_sign_reaches_the_vector_that_the_optimizer_sees():
    net, _, _, first, last = arrays("sign_first")
    assert np.array_equal(net.gradients(), np.concatenate([v.ravel() for v in first + last]))


def test_the_wrong_relu_changes_the_gradient_of_the_layer_below_it_alone():
    right, wrong = arrays("right")[3:], arrays("relu")[3:]
    assert equal(right[1], wrong[1])
    assert not equal(right[0], wrong[0])


def test_logits_less_labels_is_the_gradient_of_half_a_square():
    net, x, y, _, (_, db) = arrays("softmax")
    wanted = np.eye(10)[y]
    above = [net.layers[-1].params["b"] + step for step in (1e-6 * np.eye(10))]
    below = [net.layers[-1].params["b"] - step for step in (1e-6 * np.eye(10))]
    h = net.layers[1].forward(net.layers[0].forward(x))
    W = net.layers[-1].params["W"]
    loss = [[((h @ W + b - wanted) ** 2).sum() / 2 / len(x) for b in side] for side in (above, below)]
    assert db == pytest.approx((np.array(loss[0]) - loss[1]) / 2e-6, abs=1e-6)


@pytest.mark.parametrize("name", ["labels_each_step", "labels_once"])
def test_shuffled_labels_are_the_same_labels_in_another_order(name, monkeypatch):
    seen = []
    monkeypatch.setattr(one_batch, "STEPS", (0, 5))
    whole = one_batch.gradient
    monkeypatch.setattr(one_batch, "gradient", lambda net, x, y, n: seen.append(y) or whole(net, x, y, n))
    x, y = one_batch.batch(0)
    one_batch.learned(name, x, y, 0)
    assert all(sorted(targets) == sorted(y) and (targets != y).any() for targets in seen)
    orders = len({targets.tobytes() for targets in seen})
    assert orders == (len(seen) if name == "labels_each_step" else 1)


def test_the_batch_has_32_images_from_0_to_1():
    x, y = one_batch.batch(0)
    assert (x.shape, x.dtype, y.shape) == ((32, 64), np.float32, (32,))
    assert (x.min(), x.max()) == (0, 1)


def test_a_loss_that_runs_away_is_noted_as_its_highest():
    assert {*HELD["sign_first"]["loss"][-1]} == {HELD["highest"]}


# ---- what was recorded


@pytest.mark.parametrize("name", ["right", *one_batch.BUGS])
def test_who_is_caught_is_counted_by_the_last_loss(name):
    last = [loss > 0.1 for loss in HELD[name]["loss"][-1]]
    assert HELD["caught"][name] == sum(last)
    assert HELD["learned"][name] == sum(share == 1 for share in HELD[name]["accuracy"][-1])
    expected = 0 if name in ("right", "labels_once", "relu") else HELD["seeds"]
    assert HELD["caught"][name] == expected


def test_before_training_the_loss_is_near_log_10_and_with_weights_of_0_exactly():
    assert all(abs(loss - math.log(10)) < 0.7 for loss in HELD["right"]["loss"][0])
    assert HELD["zeros"]["loss"][0] == pytest.approx([math.log(10)] * HELD["seeds"], abs=1e-6)


def test_with_weights_of_0_the_shares_of_the_labels_are_all_that_is_learned():
    for seed, entropy in enumerate(HELD["entropy"]):
        _, y = one_batch.batch(seed)
        shares = [np.mean(y == k) for k in range(10)]
        assert entropy == pytest.approx(-sum(p * math.log(p) for p in shares if p))
        assert -1e-6 < HELD["zeros"]["loss"][-1][seed] - entropy < 0.02


def test_the_floor_without_softmax_is_the_loss_of_logits_that_are_the_labels():
    floor, _ = cross_entropy(np.eye(10), np.arange(10))
    assert HELD["softmax_floor"] == pytest.approx(floor)
    assert all(0 <= loss - floor < 0.15 for loss in HELD["softmax"]["loss"][-1])
