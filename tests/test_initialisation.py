"""Signals and gradients through many layers: the layers of the experiments, what they measure, what must hold of it."""

import math

import numpy as np
import pytest

from experiments import (
    exploding,
    initial_weights,
    learning_rates,
    remedies_by_depth,
    results,
    signal_by_depth,
)
from experiments.remedies_by_depth import BatchNorm, Skip
from experiments.signal_by_depth import Block, flow, size
from scratchmlp.gradcheck import RIGHT, check_layer
from scratchmlp.initializers import he, normal, xavier
from scratchmlp.layers import Dense, ReLU, Tanh
from scratchmlp.losses import cross_entropy

SIGNAL, REMEDIES = (results.read(name)["runs"] for name in ("signal_by_depth", "remedies_by_depth"))
WEIGHTS, EXPLODING = (results.read(name) for name in ("initial_weights", "exploding"))


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def dense(rng, initializer=he, D=4, M=4):
    layer = Dense(D, M, initializer=initializer, rng=rng, dtype=np.float64)
    layer.params["b"] += rng.standard_normal(M)
    return layer


# ---- the layers


@pytest.mark.parametrize(
    "make",
    [
        lambda rng: Block(dense(rng), Tanh(), dense(rng)),
        lambda rng: Skip(dense(rng), Tanh()),
        lambda rng: Skip(dense(rng), Tanh(), scale=0.3),
        lambda rng: BatchNorm(),
        lambda rng: Block(dense(rng), BatchNorm(), Tanh()),
        lambda rng: Skip(BatchNorm(), dense(rng), Tanh()),
    ],
    ids=["block", "skip", "scaled", "norm", "normalised block", "skip around norm"],
)
def test_the_layers_of_the_experiments_have_the_gradients_of_their_outputs(make, rng):
    assert check_layer(make(rng), rng.standard_normal((6, 4)), rng=rng) < RIGHT


def test_a_skip_adds_the_input_to_what_the_layers_give(rng):
    x, affine = rng.standard_normal((6, 4)), dense(rng)
    assert Skip(affine, scale=0.25).forward(x) == pytest.approx(x + 0.25 * affine.forward(x))
    assert Skip(affine).forward(x) == pytest.approx(x + affine.forward(x))


def test_batch_normalisation_gives_every_unit_mean_0_and_variance_1(rng):
    y = BatchNorm().forward(5 + 30 * rng.standard_normal((50, 4)))
    assert y.mean(axis=0) == pytest.approx(np.zeros(4), abs=1e-12)
    assert y.var(axis=0) == pytest.approx(np.ones(4), abs=1e-6)


def test_four_times_xavier_is_four_times_xavier():
    one, four = (f((5, 3), rng=np.random.default_rng(3)) for f in (xavier, signal_by_depth.xavier4))
    assert four.tolist() == (4 * one).tolist()


# ---- what is measured


def rms(rows):
    """The root mean square of a list of lists, as a power of ten."""
    values = [v for row in rows for v in row]
    return math.log10(math.sqrt(sum(v * v for v in values) / len(values)))


def test_the_sizes_are_those_of_two_layers_computed_number_by_number(rng):
    blocks = [Block(dense(rng), ReLU()) for _ in range(2)]
    x, dy = rng.standard_normal((3, 4)), rng.standard_normal((3, 4))
    (W1, b1), (W2, b2) = ((layer.params["W"].tolist(), layer.params["b"].tolist()) for layer in blocks)
    N, M = range(3), range(4)
    h1 = [[max(sum(x[n, i] * W1[i][j] for i in M) + b1[j], 0) for j in M] for n in N]
    h2 = [[max(sum(h1[n][i] * W2[i][j] for i in M) + b2[j], 0) for j in M] for n in N]
    dz2 = [[dy[n, j] * (h2[n][j] > 0) for j in M] for n in N]
    dh1 = [[sum(dz2[n][j] * W2[i][j] for j in M) for i in M] for n in N]
    dz1 = [[dh1[n][i] * (h1[n][i] > 0) for i in M] for n in N]
    dW = [
        [[sum(below[n][i] * dz[n][j] for n in N) for j in M] for i in M]
        for below, dz in ((x, dz1), (h1, dz2))
    ]
    found = flow(blocks, x, dy)
    assert found["h"] == pytest.approx([rms(h1), rms(h2)], abs=1e-6)
    assert found["dh"] == pytest.approx([rms(dh1), rms(dy)], abs=1e-6)
    assert found["dW"] == pytest.approx([rms(part) for part in dW], abs=1e-6)
    means = [[sum(h[n][j] for n in N) / 3 for j in M] for h in (h1, h2)]
    apart = [[[h[n][j] - mean[j] for j in M] for n in N] for h, mean in zip((h1, h2), means, strict=True)]
    assert found["apart"] == pytest.approx([rms(part) for part in apart], abs=1e-6)


def test_a_size_is_the_power_of_ten_of_a_root_mean_square():
    assert size(np.array([[3.0, 4.0], [0.0, 0.0]])) == pytest.approx(math.log10(2.5), abs=1e-6)
    assert size(np.full(7, -100.0)) == 2


# ---- what must hold of the record


@pytest.mark.parametrize("initial", ["small", "xavier", "one"])
def test_a_relu_network_with_other_weights_differs_from_the_he_network_by_their_scale_to_the_power_of_the_depth(
    initial,
):
    std = {"small": 0.01, "xavier": 1 / 16, "one": 1.0}[initial] / math.sqrt(2 / 256)
    found, of_he = SIGNAL["relu"][initial], SIGNAL["relu"]["he"]
    for layer in range(20):
        passed = {"h": layer + 1, "apart": layer + 1, "dh": 19 - layer, "dW": 19}
        for name, times in passed.items():
            shift = np.array(found[name][layer]) - of_he[name][layer]
            assert shift == pytest.approx(np.full(5, times * math.log10(std)), abs=3e-6), (name, layer)


def test_without_biases_each_relu_layer_has_the_same_sum_of_weights_times_their_gradients(rng):
    blocks = [
        Block(Dense(8, 8, initializer=normal(s), rng=rng, dtype=np.float64), ReLU()) for s in (1, 0.1, 3)
    ]
    flow(blocks, rng.standard_normal((5, 8)), rng.standard_normal((5, 8)))
    sums = [float(np.vdot(block.params["W"], block.grads["W"])) for block in blocks]
    assert abs(sums[0]) > 1e-3
    assert sums == pytest.approx([sums[0]] * 3)


def test_the_gradient_starts_with_one_over_the_root_of_the_batch():
    for initials in SIGNAL.values():
        for found in initials.values():
            assert found["dh"][-1] == pytest.approx(np.full(5, -0.5 * math.log10(512)), abs=0.002)


def test_relu_sizes_change_by_the_factor_of_the_derivation():
    values = results.values("signal_by_depth")
    for initial, std in (("small", 0.01), ("one", 1.0)):
        factor, found = values["factor"][initial], values["relu"][initial]
        assert factor == pytest.approx(std * math.sqrt(256 / 2))
        assert np.array(found["by_layer"]) == pytest.approx(np.full(5, factor), rel=0.03)
        assert np.array(found["dh_by_layer"]) == pytest.approx(np.full(5, factor), rel=0.03)


def test_batch_normalisation_makes_the_scale_of_the_weights_immaterial():
    small, of_he = REMEDIES["relu_small_norm"], REMEDIES["relu_norm"]
    for name in ("h", "dh"):
        assert np.array(small[name]) == pytest.approx(np.array(of_he[name]), abs=0.02)


def test_what_is_normalised_and_a_skip_of_nothing_pass_what_they_should(rng):
    blocks = remedies_by_depth.network("relu", "he", "norm", rng, 16)
    x = rng.standard_normal((64, 16))
    for block in blocks:
        x = block.forward(x)
        assert np.sqrt((x**2).mean()) == pytest.approx(math.sqrt(0.5), rel=0.15)  # half of a variance of 1
    zero = [Skip(dense(rng, D=16, M=16), ReLU(), scale=0.0) for _ in range(3)]
    assert [block.forward(x).tolist() for block in zero] == [x.tolist()] * 3


# ---- trained networks


def matrices(net):
    """The weights of a network, layer by layer."""
    return [layer.params["W"] for layer in net.layers[::2]]


def test_all_initial_weights_of_a_seed_differ_in_scale_alone():
    of_he = matrices(initial_weights.network(1, "relu", "he", 3))
    for activation, initial, std in (
        ("relu", "small", lambda D, M: 0.01),
        ("tanh", "xavier", lambda D, M: math.sqrt(2 / (D + M))),
        ("sigmoid", "xavier4", lambda D, M: 4 * math.sqrt(2 / (D + M))),
    ):
        for W, H in zip(matrices(initial_weights.network(1, activation, initial, 3)), of_he, strict=True):
            assert pytest.approx(H * std(*W.shape) / math.sqrt(2 / len(W)), rel=1e-6) == W
    assert [W.shape for W in of_he] == [(64, 64)] * 3 + [(64, 10)]
    for W, H in zip(
        matrices(exploding.network(1, "large")), matrices(exploding.network(1, "he")), strict=True
    ):
        assert pytest.approx(H * 0.5 / math.sqrt(2 / 64), rel=1e-6) == W
    assert len(matrices(exploding.network(1, "he"))) == 11


def test_the_weights_have_a_generator_that_neither_the_split_nor_the_batches_use():
    (W, *_), (V, *_) = (
        matrices(learning_rates.start(2)[0]),
        matrices(initial_weights.network(2, "relu", "he", 1)),
    )
    assert W.ravel()[:10].tolist() == V.ravel()[:10].tolist()  # both draw row by row, and begin alike


def chosen(tree, rates):
    """The place of the rate with the best mean accuracy on the images to validate, found number by number."""
    means = [sum(found) / len(found) for found in tree["validation"]]
    assert len(means) == len(rates)
    return means.index(max(means))


def test_the_rate_that_is_reported_is_the_best_on_the_images_to_validate():
    values = results.values("initial_weights")
    for activation, initials in WEIGHTS["runs"]["sgd"].items():
        for initial, depths in initials.items():
            for depth, tree in depths.items():
                best = values["best"][activation][initial][depth]
                at = chosen(tree, initial_weights.RATES)
                assert best["rate"] == initial_weights.RATES[at]
                assert best["loss"] == tree["loss"][at]
                assert best["stuck"] == sum(loss > 2.29 for loss in tree["loss"][at])
                lowest = values["lowest"]["sgd"][activation][initial][depth]
                assert lowest == [min(found) for found in zip(*tree["loss"], strict=True)]
                assert values["away"]["sgd"][activation][initial][depth] == sum(v <= 2.29 for v in lowest)
    values = results.values("exploding")
    for way, (*_, rates) in exploding.WAYS.items():
        at = chosen(EXPLODING["runs"][way], rates)
        assert values["best"][way]["rate"] == rates[at]
        assert values["best"][way]["validation"] == EXPLODING["runs"][way]["validation"][at]
        assert values["ended"][way] == [sum(found) for found in EXPLODING["runs"][way]["ended"]]


def test_no_network_that_trains_was_held_back_by_the_range_of_rates():
    for activation, initials in WEIGHTS["runs"]["sgd"].items():
        for initial, depths in initials.items():
            for depth, tree in depths.items():
                at = chosen(tree, initial_weights.RATES)
                if np.mean(tree["validation"][at]) > 0.2:
                    assert 0 < at < len(initial_weights.RATES) - 1, (activation, initial, depth)
    for way in ("large", "clipped", "he"):
        tree, rates = EXPLODING["runs"][way], exploding.WAYS[way][-1]
        assert 0 < chosen(tree, rates) < len(rates) - 1, way


def test_units_that_start_at_0_stay_alike_and_with_relu_and_tanh_they_stay_at_0():
    zero = WEIGHTS["runs"]["zero"]
    assert max(apart for found in zero.values() for apart in found["apart"]) < 1e-6
    assert zero["relu"]["moved"] == zero["tanh"]["moved"] == [0] * 5
    assert min(zero["sigmoid"]["moved"]) > 0.1
    assert min(zero["sigmoid"]["loss"]) > 1


def test_the_gradient_before_training_is_that_of_all_images_and_as_long_as_its_slope():
    net, data = exploding.network(0, "he"), learning_rates.start(0)[1]
    x, y = data.x_train / np.float32(16), data.y_train
    theta = net.parameters()
    net.backward(cross_entropy(net.forward(x, training=True), y)[1])
    unit, held = net.gradients() / np.linalg.norm(net.gradients()), theta.copy()
    sides = []
    for step in (1e-3, -1e-3):
        theta[...] = held + step * unit
        sides.append(cross_entropy(net.forward(x), y)[0])
    slope = (sides[0] - sides[1]) / 2e-3
    assert EXPLODING["runs"]["start"]["he"]["gradient"][0] == pytest.approx(slope, rel=0.01)


def test_logits_grow_by_the_same_factor_in_every_layer_of_too_large_weights():
    x = learning_rates.start(0)[1].x_train[:20] / np.float32(16)
    large, of_he = (exploding.network(0, initial).forward(x) for initial in ("large", "he"))
    factor = (0.5 / math.sqrt(2 / 64)) ** 11
    assert factor == pytest.approx(9.27e4, rel=0.001)
    assert large == pytest.approx(factor * of_he, rel=1e-3, abs=1)
