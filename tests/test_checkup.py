"""Every check fires on a real bug, and none on correct code: digits, tables, XOR and a curve, in nets of many kinds."""

import copy
import math
from pathlib import Path

import numpy as np
import pytest

from scratchmlp.checkup import CHECKS, Finding, checkup
from scratchmlp.conv import Conv2D, MaxPool2D
from scratchmlp.datasets import digits
from scratchmlp.gradcheck import NoDerivative
from scratchmlp.initializers import he, lecun, normal, xavier, zeros
from scratchmlp.layers import Dense, Dropout, Flatten, Layer, LeakyReLU, ReLU, Sigmoid, Tanh
from scratchmlp.losses import binary_cross_entropy, cross_entropy, mean_squared_error
from scratchmlp.network import Network, mlp
from scratchmlp.optimizers import SGD, Adam, cosine, warmup
from scratchmlp.symptoms import loss_after, scaled
from scratchmlp.training import fit

pytest.importorskip("sklearn")
IMAGES, LABELS = digits()
PIXELS = IMAGES.reshape(-1, 64)
CORNERS = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]], float)


def rng(seed=0):
    return np.random.default_rng(seed)


def net(hidden=(64, 64), seed=1, **settings):
    """A network for the digits."""
    return mlp([64, *hidden, 10], rng=rng(seed), **settings)


def look(network=None, x=PIXELS, y=LABELS, **settings):
    """The findings by name, of the digits and a good learning rate unless the settings say otherwise."""
    settings = {
        "loss": cross_entropy,
        "optimizer": SGD(0.05, momentum=0.9),
        "rng": rng(5),
        "scale": 1 / 16,
    } | settings
    return {finding.check: finding for finding in checkup(network or net(), x, y, **settings)}


def failed(*args, **settings):
    """The names of the checks that have not passed, in their order."""
    return [name for name, finding in look(*args, **settings).items() if not finding.passed]


def table(seed=2, N=800):
    """A table as of emails: counts that are mostly 0, with a few large ones, standardised; two classes of them."""
    x = np.where(rng(seed).random((N, 57)) < 0.2, rng(seed + 1).exponential(1, (N, 57)) ** 2, 0)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    return x, (x[:, :20].sum(axis=1) + rng(seed + 2).standard_normal(N) > 0).astype(int)


# ---- correct code


@pytest.mark.parametrize(("dtype", "seed"), [(np.float32, 1), (np.float64, 2)])
@pytest.mark.parametrize(
    ("hidden", "activation", "initializer", "optimizer"),
    [
        ([], ReLU, lecun, SGD(0.1)),
        ([16], ReLU, he, SGD(0.05, momentum=0.9)),
        ([256], LeakyReLU, he, Adam()),
        ([128, 64, 32], ReLU, he, Adam()),
        ([64] * 4, Tanh, xavier, SGD(0.1)),
        ([64] * 8, ReLU, he, Adam()),
        ([64] * 8, ReLU, lecun, Adam()),
        ([64], Sigmoid, xavier, SGD(0.1, momentum=0.9)),
        ([64, 64], Sigmoid, xavier, Adam(0.01)),
    ],
)
def test_networks_for_the_digits_pass(hidden, activation, initializer, optimizer, dtype, seed):
    made = net(hidden, seed, activation=activation, initializer=initializer, dtype=dtype)
    assert failed(made, optimizer=optimizer, rng=rng(seed)) == []


@pytest.mark.parametrize("K", [1, 2])
@pytest.mark.parametrize("hidden", [[], [32], [32, 32]])
def test_networks_for_a_standardised_table_pass(hidden, K):
    x, y = table()
    loss = binary_cross_entropy if K == 1 else cross_entropy
    assert failed(mlp([57, *hidden, K], rng=rng(1)), x, y, loss=loss, scale=None) == []


@pytest.mark.parametrize("activation", [ReLU, Tanh])
def test_networks_for_xor_pass(activation):
    for seed in range(4):
        xor = mlp([2, 8, 1], activation=activation, rng=rng(seed))
        settings = {"loss": binary_cross_entropy, "optimizer": SGD(0.5, momentum=0.9), "scale": None}
        assert failed(xor, CORNERS, np.array([0, 1, 1, 0]), **settings) == []


@pytest.mark.parametrize("activation", [ReLU, Tanh])
def test_networks_for_a_curve_pass(activation):
    x = np.linspace(-1, 1, 200)[:, None]
    settings = {"loss": mean_squared_error, "optimizer": Adam(0.01), "scale": None}
    for y in (np.sin(3 * x), 200 + 100 * np.sin(3 * x[:, 0])):
        made = mlp([1, 32, 1], activation=activation, rng=rng(1))
        y = (y - y.mean()) / y.std()
        assert failed(made, x, y, **settings) == []


def test_a_convolutional_network_passes():
    layers = [Conv2D(1, 8, 3, rng=rng(1)), ReLU(), MaxPool2D(2), Flatten(), Dense(72, 10, rng=rng(2))]
    assert failed(Network(layers), IMAGES) == []


def test_a_network_with_dropout_passes():
    layers = [Dense(64, 64, rng=rng(1)), ReLU(), Dropout(0.5, rng=rng(2)), Dense(64, 10, rng=rng(3))]
    assert failed(Network(layers)) == []


def test_a_schedule_with_warmup_passes():
    assert failed(optimizer=SGD(warmup(cosine(0.1, n_steps=1000), n_steps=100), momentum=0.9)) == []


def test_a_loss_of_your_own_passes():
    assert failed(loss=lambda logits, y: cross_entropy(logits, y)) == []


# ---- bugs in the data


def test_nan_in_the_data_is_found_and_ends_the_list():
    x, y = table()
    x[3, 5] = np.nan
    findings = look(mlp([57, 2], rng=rng(1)), x, y, scale=None)
    assert list(findings) == ["finite"]
    assert findings["finite"] == ("finite", 1, "x must hold finite float32 numbers, got nan at (3, 5)")
    y = np.where(y, np.inf, 0)
    assert look(mlp([57, 2], rng=rng(1)), x, y, scale=None)["finite"].value == 2


def test_pixels_without_a_scale_are_found():
    assert failed(scale=1)[0] == "scale"
    assert failed(x=np.rint(PIXELS * (255 / 16)).astype(np.uint8), scale=1) == ["scale", "start"]


def test_pixels_scaled_twice_are_found():
    assert failed(x=PIXELS / 16)[0] == "scale"


def test_inputs_of_three_and_of_a_tenth_are_the_limits_of_scale():
    x = rng().choice([-1.0, 1.0], (100, 64))
    values = {
        size: look(x=size * x, y=np.arange(100) % 10, scale=None)["scale"] for size in (0.09, 0.11, 2.9, 3.1)
    }
    assert {size: finding.passed for size, finding in values.items()} == {
        0.09: False, 0.11: True, 2.9: True, 3.1: False
    }  # fmt: skip
    for size, finding in values.items():
        assert finding.value == pytest.approx(size)


def test_a_column_in_another_unit_is_found():
    x, y = table()
    x[:, 7] *= 40  # in seconds, and not in minutes
    assert "columns" not in failed(mlp([57, 2], rng=rng(1)), x, y, scale=None)
    x[:, 7] *= 1.5
    finding = look(mlp([57, 2], rng=rng(1)), x, y, scale=None)["columns"]
    assert (finding.passed, finding.where) == (False, "column 7")
    assert finding.value == pytest.approx(60)


def test_columns_of_0_are_none_to_compare_with():
    x = PIXELS * (np.arange(64) % 4 == 3)
    assert look(x=x)["columns"].value < 3
    assert look(x=x)["columns"].passed
    blank = look(x=0 * PIXELS)
    assert blank["columns"].value == 1
    assert not blank["scale"].passed


def test_a_constant_column_is_found_unless_it_is_0():
    x = PIXELS.copy()
    assert (x[:, 0] == 0).all()  # the corner of every digit
    assert failed(x=x) == []
    x[:, [20, 31]] = 7
    finding = look(x=x)["constant"]
    assert (finding.passed, finding.value, finding.where) == (False, 2, "column 20, column 31")


def test_a_class_without_examples_is_found():
    for k in (4, 9):
        others = np.flatnonzero(LABELS - k)
        finding = look(x=PIXELS[others], y=LABELS[others])["classes"]
        assert (finding.passed, finding.value, finding.where) == (False, 1, f"class {k}")


@pytest.mark.parametrize(("share", "passed"), [(0.94, True), (0.96, False)])
def test_a_class_that_is_nearly_everywhere_is_found(share, passed):
    x, y = rng().standard_normal((500, 5)), (np.arange(500) >= 500 * share).astype(int)
    finding = look(mlp([5, 1], rng=rng(1)), x, y, loss=binary_cross_entropy, scale=None)["majority"]
    assert (finding.passed, finding.where) == (passed, "class 0")
    assert finding.value == pytest.approx(share)


@pytest.mark.parametrize(("n", "passed"), [(18, True), (19, False)])
def test_examples_that_stand_there_twice_with_two_labels_are_found(n, passed):
    x, y = np.concatenate([PIXELS, PIXELS[:n]]), np.concatenate([LABELS, (LABELS[:n] + 1) % 10])
    finding = look(x=x, y=y)["contradictions"]
    assert (finding.passed, finding.where) == (passed, f"example {len(PIXELS)}")
    assert finding.value == n / len(x)
    assert look(x=x, y=np.concatenate([LABELS, LABELS[:n]]))["contradictions"].value == 0


def test_labels_that_belong_to_other_examples_are_found():
    for seed in range(3):
        order = rng(seed).permutation(len(LABELS))
        for y in (np.roll(LABELS[order], 1), rng(seed + 10).permutation(LABELS)):
            assert failed(x=PIXELS[order], y=y) == ["unseen"]


def test_what_is_learned_by_heart_does_not_count_for_unseen_examples():
    finding = look(net([256]), PIXELS[:300], rng().permutation(LABELS[:300]))["unseen"]
    assert finding.value > 0.9


def test_a_few_wrong_labels_go_unseen():
    y = LABELS.copy()
    y[:90] = rng().permutation(y[:90])
    assert failed(y=y) == []


# ---- bugs in the loss


def without_softmax(logits, y):
    """The gradient lacks the exponentials and their sum."""
    dlogits = logits.copy()
    dlogits[np.arange(len(y)), y] -= 1
    return cross_entropy(logits, y)[0], dlogits / len(y)


def summed(logits, y):
    """The loss is a sum over the batch, and so is its gradient."""
    value, dlogits = cross_entropy(logits, y)
    return value * len(y), dlogits * len(y)


def uphill(logits, y):
    """The gradient has the wrong sign."""
    value, dlogits = cross_entropy(logits, y)
    return value, -dlogits


def test_a_gradient_without_softmax_is_found():
    findings = look(loss=without_softmax)
    assert [name for name, finding in findings.items() if not finding.passed] == ["gradient", "batch"]
    assert findings["gradient"].where == "no layer by itself, so perhaps the loss"


def test_a_gradient_with_the_wrong_sign_is_found():
    assert failed(loss=uphill)[0] == "gradient"


def test_a_sum_in_place_of_a_mean_is_found():
    assert {"start", "mean"} <= set(failed(loss=summed))
    assert look(loss=summed)["mean"].value == pytest.approx(2)

    def squares(outputs, y):
        value, doutputs = mean_squared_error(outputs, y)
        return value * len(y), doutputs * len(y)

    x = np.linspace(-1, 1, 200)[:, None]
    found = failed(mlp([1, 8, 1], rng=rng(1)), x, np.sign(x), loss=squares, optimizer=Adam(0.01), scale=None)
    assert found == ["mean"]


def test_the_loss_before_training_is_measured_against_log_K():
    last_0 = net()
    last_0.layers[-1].params["W"][...] = 0
    assert look(last_0)["start"].value == pytest.approx(1)
    binary = mlp([57, 1], initializer=zeros, rng=rng())
    found = look(binary, *table(), loss=binary_cross_entropy, scale=None)
    assert found["start"].value == pytest.approx(1)


def test_the_loss_before_training_on_values_is_measured_against_their_deviation():
    x, y = rng().standard_normal((100, 3)), 7 + rng(1).standard_normal(100)
    constant = mlp([3, 1], initializer=zeros, rng=rng())
    finding = look(constant, x, y, loss=mean_squared_error, scale=None)["start"]
    assert finding.value == pytest.approx(math.sqrt(np.mean(y**2)) / y.std(), rel=1e-5)
    assert not finding.passed  # targets that are far from 0


def test_weights_that_are_too_large_are_found():
    assert failed(net(initializer=normal(1.0)))[0] == "start"


def test_a_network_that_has_been_trained_is_found():
    trained = net()
    settings = {"loss": cross_entropy, "optimizer": SGD(0.05, momentum=0.9), "scale": 1 / 16, "rng": rng(2)}
    fit(trained, PIXELS, LABELS, n_epochs=5, batch_size=32, **settings)
    findings = look(trained, optimizer=settings["optimizer"])
    assert not findings["start"].passed
    assert findings["start"].value < 0.1


def test_a_loss_that_is_nan_ends_the_list():
    broken = net()
    broken.parameters()[0] = np.nan
    findings = look(broken)
    assert list(findings)[-2:] == ["start", "mean"]
    assert not findings["start"].passed


# ---- bugs in the gradients


class ReLUFromOutput(ReLU):
    """The derivative taken from the output with >=, which is always true."""

    def backward(self, dy):
        return dy * (self.saved() >= 0)


class TransposedDense(Dense):
    """W where its transpose belongs, which only a square matrix lets pass."""

    def backward(self, dy):
        self.backward_params(dy)
        return dy @ self.params["W"]


class ForgottenBias(Dense):
    """The gradient of the bias is never filled in."""

    def backward_params(self, dy):
        super().backward_params(dy)
        self.grads["b"][...] = 0


def with_layer(layer, at=2):
    layers = net().layers
    layers[at] = layer
    return Network(layers)


def test_relu_from_its_output_is_found_and_named():
    found = look(net(activation=ReLUFromOutput))
    assert [name for name, finding in found.items() if not finding.passed] == ["gradient"]
    assert found["gradient"].where == "layer 1 (ReLUFromOutput)"


def test_the_layer_that_is_wrong_is_found_behind_others_of_other_sizes():
    network = net([32, 16])
    network.layers[3] = ReLUFromOutput()
    assert look(network)["gradient"].where == "layer 3 (ReLUFromOutput)"


def test_a_missing_transpose_is_found_and_named():
    found = look(with_layer(TransposedDense(64, 64, rng=rng(3))))
    assert [name for name, finding in found.items() if not finding.passed] == ["gradient"]
    assert found["gradient"].where == "layer 2 (TransposedDense)"


def test_a_forgotten_bias_is_found_and_named():
    found = look(with_layer(ForgottenBias(64, 64, rng=rng(3))))
    assert [name for name, finding in found.items() if not finding.passed] == ["gradient", "arrays"]
    assert found["gradient"].where == "layer 2 (ForgottenBias)"
    assert (found["arrays"].value, found["arrays"].where) == (1, "layer 2 (ForgottenBias) b")


def test_a_gradient_of_nan_is_found_and_named():
    class Nan(Dense):
        def backward_params(self, dy):
            super().backward_params(dy)
            self.grads["b"][3] = np.nan

    found = look(with_layer(Nan(64, 64, rng=rng(3))))
    assert math.isnan(found["gradient"].value)
    assert found["arrays"].where == "layer 2 (Nan) b"
    assert found["batch"].value == math.inf


@pytest.mark.parametrize(("error", "passed"), [(1e-7, True), (1e-4, False)])
def test_a_gradient_may_be_off_by_rounding_and_not_by_more(error, passed):
    def off(logits, y):
        value, dlogits = cross_entropy(logits, y)
        return value, dlogits * (1 + error)

    assert look(loss=off)["gradient"].passed == passed


def test_inputs_on_a_kink_are_no_alarm():
    x, y = np.zeros((200, 64)), np.arange(200) % 10
    x[100:] = rng().standard_normal((100, 64))
    assert look(x=x, y=y, scale=None)["gradient"].passed


class Steps(Layer):
    """A staircase so fine that whatever moves lies on a kink."""

    def forward(self, x, *, training=False):
        return np.abs(self.keep(x, training) % 1e-6)

    def backward(self, dy):
        return dy * np.sign(self.saved())


def test_a_kink_that_no_noise_leads_off_is_found():
    finding = look(with_layer(Steps(), at=1))["gradient"]
    assert not finding.passed


def test_the_blame_does_not_stop_at_a_layer_that_is_on_a_kink(monkeypatch):
    def on_a_kink(layer, x, **settings):
        raise NoDerivative("x", 0, 1, 0.5)

    monkeypatch.setattr("scratchmlp.symptoms.check_layer", on_a_kink)
    assert look(net(activation=ReLUFromOutput))["gradient"].where.startswith("no layer by itself")


# ---- bugs in what flows


def test_dead_units_are_found():
    dead = net()
    dead.layers[0].params["b"][...] = -3
    found = look(dead)
    names = [name for name, finding in found.items() if not finding.passed]
    assert names == ["arrays", "forward", "backward", "dead", "batch", "unseen"]
    assert (found["dead"].value, found["dead"].where) == (1, "layer 1 (ReLU)")


@pytest.mark.parametrize(("n", "passed"), [(48, True), (56, False)])
def test_so_many_units_of_a_layer_may_be_dead(n, passed):
    partly = net(hidden=[64])
    partly.layers[0].params["b"][:n] = -30
    found = look(partly)["dead"]
    assert found.passed == passed
    assert n / 64 <= found.value < n / 64 + 0.1


def test_weights_of_0_are_found():
    found = look(net(initializer=zeros))
    assert not found["arrays"].passed
    assert found["arrays"].value == 5  # all but the last biases
    assert found["arrays"].where == "layer 0 (Dense) W, layer 0 (Dense) b, layer 2 (Dense) W"
    assert not found["forward"].passed


def test_a_signal_that_fades_in_small_weights_is_found():
    found = look(net([64] * 8, initializer=normal(0.01)))
    for name in ("forward", "backward"):
        assert not found[name].passed
        assert found[name].value > 1e8
    assert found["forward"].where == "layer 0 (Dense) over layer 16 (Dense)"
    assert found["backward"].where == "layer 16 (Dense) over layer 0 (Dense)"


def test_forward_and_backward_are_ratios_of_spreads_and_of_gradients():
    first, last = Dense(64, 32, rng=rng(1)), Dense(32, 10, rng=rng(2))
    last.params["W"] *= 5
    x = (PIXELS[:256] / 16).astype(np.float32)
    h = first.forward(x)
    logits = last.forward(h)
    dlogits = cross_entropy(logits, LABELS[:256])[1]
    dh = dlogits @ last.params["W"].T
    spreads = [math.sqrt(np.mean(array.std(axis=0) ** 2)) for array in (h, logits)]
    found = look(Network([first, last]), PIXELS[:256], LABELS[:256])
    assert found["forward"].value == pytest.approx(spreads[1] / spreads[0], rel=0.02)
    assert found["backward"].value == pytest.approx(np.linalg.norm(dh) / np.linalg.norm(dlogits), rel=0.02)
    assert found["forward"].where == "layer 1 (Dense) over layer 0 (Dense)"


@pytest.mark.parametrize(("depth", "names"), [(2, []), (6, ["forward", "backward"])])
def test_two_layers_of_sigmoids_pass_and_six_do_not(depth, names):
    found = failed(net([64] * depth, activation=Sigmoid, initializer=xavier), optimizer=Adam(0.01))
    assert [name for name in found if name in ("forward", "backward")] == names


@pytest.mark.parametrize("activation", [Sigmoid, Tanh])
def test_saturated_units_are_found(activation):
    small = net([64], activation=activation, initializer=xavier)
    assert look(small)["saturated"].value < 0.03
    found = look(small, scale=1)["saturated"]
    assert (found.passed, found.where) == (False, f"layer 1 ({activation.__name__})")
    assert found.value > 0.5


@pytest.mark.parametrize(("activation", "bent", "flat"), [(Sigmoid, 4, 5), (Tanh, 2, 2.5)])
def test_flat_is_a_slope_below_a_twentieth_of_the_steepest(activation, bent, flat):
    made = net([64], activation=activation, initializer=normal(0.001))
    made.layers[0].params["b"][...] = [bent, -bent, flat, -flat] * 16
    assert look(made)["saturated"].value == 0.5


def test_a_symmetric_start_is_no_alarm():
    for seed in range(3):  # with an odd activation the gradients of both signs cancel, to the last bit
        settings = {"loss": cross_entropy, "optimizer": Adam(0.01), "scale": None}
        found = look(
            mlp([2, 16, 2], activation=Tanh, rng=rng(seed)), CORNERS, np.array([0, 1, 1, 0]), **settings
        )
        assert found["arrays"].passed


# ---- bugs in the steps


def test_a_network_that_is_too_small_is_found():
    line = mlp([2, 1], rng=rng(1))
    settings = {"loss": binary_cross_entropy, "optimizer": SGD(0.5), "scale": None}
    assert failed(line, CORNERS, np.array([0, 1, 1, 0]), **settings) == ["batch"]


@pytest.mark.parametrize("optimizer", [SGD(0.05, momentum=0.9), SGD(0.1), Adam()])
def test_a_rate_a_thousand_times_too_low_or_far_too_high_is_found(optimizer):
    assert failed(optimizer=copy.deepcopy(optimizer)) == []
    for factor in (1e-3, 1e3):
        wrong = copy.deepcopy(optimizer)
        wrong.lr *= factor
        finding = look(optimizer=wrong)["rate"]
        assert not finding.passed
        assert finding.value > 12
        assert finding.where in {"best at 100 lr"} if factor < 1 else {"best at 0.1 lr", "best at 0.01 lr"}


def test_a_rate_a_hundred_times_too_high_for_sgd_is_found():
    for optimizer in (SGD(5, momentum=0.9), SGD(10)):
        assert failed(optimizer=optimizer) == ["rate"]
    assert look(optimizer=SGD(5, momentum=0.9))["rate"].where == "best at 0.01 lr"


def test_a_schedule_is_looked_at_as_its_rates_are():
    assert failed(optimizer=SGD(cosine(0.05, n_steps=1000), momentum=0.9)) == []
    assert failed(optimizer=SGD(cosine(5, n_steps=1000), momentum=0.9)) == ["rate"]


def test_a_factor_of_a_schedule_holds_at_every_step():
    assert scaled(cosine(0.2, n_steps=10), 3, 5) == pytest.approx(0.3)
    assert scaled(0.2, 3, 5) == pytest.approx(0.6)


def test_a_step_after_which_no_loss_is_finite_counts_as_divergence():
    x, y = (PIXELS[:4] / 16).astype(np.float32), LABELS[:4]
    with np.errstate(all="ignore"):
        assert loss_after(net(), SGD(1e15), cross_entropy, [(x, y)], x, y) == math.inf


def test_what_is_learned_by_heart_is_measured_against_the_loss_before():
    finding = look(net(initializer=zeros), n_steps=1)["batch"]
    assert 0.8 < finding.value < 1


def test_the_rate_is_not_blamed_where_none_helps():
    for optimizer in (SGD(1e-4), SGD(0.1)):
        finding = look(net(initializer=zeros), y=np.arange(len(LABELS)) % 10, optimizer=optimizer)["rate"]
        assert finding == ("rate", 1, "it falls at no rate")


def test_fewer_than_a_hundred_examples_leave_none_unseen():
    assert "unseen" not in look(x=PIXELS[:99], y=LABELS[:99])
    assert "unseen" in look(x=PIXELS[:100], y=LABELS[:100])


# ---- what comes back


def test_the_findings_come_in_the_order_of_the_checks():
    assert list(look()) == list(CHECKS)


def test_the_checks_of_classes_are_left_out_for_values():
    x, y = rng().standard_normal((200, 3)), rng(1).standard_normal(200)
    counts, signs = np.arange(200), rng(2).choice([-1, 1], 200)
    for loss, targets in (
        (mean_squared_error, y),
        (mean_squared_error, counts),
        (own_squares, counts),
        (own_squares, signs),
    ):
        found = look(mlp([3, 8, 1], rng=rng()), x, targets, loss=loss, scale=None)
        assert CHECKS.keys() - found.keys() == {"classes", "majority", "contradictions"}


def test_rows_of_integers_are_values_and_truth_values_are_labels():
    x = rng().standard_normal((200, 3))
    rows = (rng(1).random((200, 2)) > 0.5).astype(int)
    assert "classes" not in look(mlp([3, 8, 2], rng=rng()), x, rows, loss=own_squares, scale=None)
    found = look(mlp([3, 8, 1], rng=rng()), x, x[:, 0] > 0, loss=binary_cross_entropy, scale=None)
    assert found["classes"].passed


def own_squares(outputs, y):
    """A loss of one's own, which does not say what it takes the outputs for."""
    return mean_squared_error(outputs, y)


@pytest.mark.parametrize("name", CHECKS)
def test_a_number_on_a_limit_passes_and_one_beyond_it_does_not(name):
    low, high = CHECKS[name].low, CHECKS[name].high
    assert Finding(name, low, "").passed
    assert Finding(name, high, "").passed
    assert not Finding(name, np.nextafter(low, -1), "").passed
    assert not Finding(name, np.nextafter(high, 1e9), "").passed
    assert not Finding(name, math.nan, "").passed


def test_a_finding_is_a_line_that_says_what_was_expected_and_what_to_look_at():
    assert str(Finding("scale", 0.484, "")) == (
        "passed  scale: root mean square of the inputs: expected 0.1 to 3, got 0.484"
    )
    assert str(Finding("dead", 1, "layer 1 (ReLU)")) == (
        "FAILED  dead: share of ReLU units that give 0 for all examples: expected at most 0.8, got 1: "
        "layer 1 (ReLU); look first at the biases before it"
    )
    assert str(Finding("classes", 1, "class 4")) == (
        "FAILED  classes: classes without an example: expected 0, got 1: class 4; "
        "look first at which rows are taken, and the number of outputs"
    )


def test_nothing_is_changed_and_nothing_printed(capsys):
    layers = [Dense(64, 32, rng=rng(1)), ReLU(), Dropout(0.5, rng=rng(2)), Dense(32, 10, rng=rng(3))]
    network, optimizer, generator = Network(layers), Adam(0.01), rng(5)
    x, y = PIXELS.copy(), LABELS.copy()
    settings = {"loss": cross_entropy, "optimizer": optimizer, "scale": 1 / 16, "rng": generator}
    one_epoch = {"n_epochs": 1, "batch_size": 32}
    fit(network, x, y, **settings, **one_epoch)
    before = copy.deepcopy((network, optimizer, generator))
    checkup(network, x, y, **settings)
    assert capsys.readouterr() == ("", "")
    np.testing.assert_array_equal(x, PIXELS)
    np.testing.assert_array_equal(y, LABELS)
    assert network.outputs == before[0].outputs
    fit(network, x, y, **settings, **one_epoch)
    fit(before[0], x, y, **settings | {"optimizer": before[1], "rng": before[2]}, **one_epoch)
    np.testing.assert_array_equal(network.parameters(), before[0].parameters())


def test_of_many_examples_two_thousand_are_drawn_and_all_data_are_checked():
    x, y, sizes = rng().standard_normal((2500, 3)), np.arange(2500) % 2, set()
    x[-1, 1] = 1e5

    def seen(logits, labels):
        sizes.add(len(labels))
        return cross_entropy(logits, labels)

    found = look(mlp([3, 2], rng=rng()), x, y, loss=seen, scale=None, n_steps=1)
    assert max(sizes) == 4000  # a batch of 2,000, taken twice
    assert not found["columns"].passed


def test_the_same_generator_gives_the_same_findings():
    assert look() == look()
    assert look()["gradient"] != look(rng=rng(6))["gradient"]


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        ({"network": "net"}, TypeError, "network must be a network"),
        ({"loss": "cross_entropy"}, TypeError, "loss must be a function"),
        ({"optimizer": "adam"}, TypeError, "optimizer must be an optimizer"),
        ({"rng": 0}, TypeError, "rng must be a generator"),
        ({"x": [[1.0]]}, TypeError, "x must be an array with one row for each example"),
        ({"x": PIXELS.astype(str)}, TypeError, "x must hold numbers"),
        ({"x": IMAGES}, ValueError, r"x must have shape \(1, 64\)|x must have shape \(N, 64\)"),
        ({"scale": None}, ValueError, "x holds uint8, so scale must be given"),
        ({"y": LABELS[1:]}, ValueError, "x and y must hold one row for each example"),
        ({"y": LABELS + 1}, ValueError, r"labels must be integers in \[0, 10\), got 10 at position"),
        ({"batch_size": 0}, ValueError, r"batch_size must be an integer in \[1, inf\), got 0"),
        ({"n_steps": 0.5}, TypeError, r"n_steps must be an integer in \[1, inf\), got 0.5"),
        ({"network": Network([ReLU()])}, ValueError, "network must have parameters, got none"),
    ],
)
def test_arguments_that_are_none_are_named(bad, error, message):
    with pytest.raises(error, match=message):
        look(**bad)


PAGE = Path(__file__).parent.parent / "docs" / "package" / "checkup.md"


def test_the_program_of_the_documentation_finds_nothing_and_then_the_scale(capsys):
    exec(PAGE.read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0], {})
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 * len(CHECKS)
    found = [name for name, line in zip([*CHECKS] * 2, lines, strict=True) if not line.startswith("passed")]
    assert found == ["scale"]
    assert lines[len(CHECKS) + 1].startswith("FAILED  scale")


def rows():
    """The checks as rows of the table in the documentation."""
    return [
        f"| `{name}` | {c.what} | {Finding(name, c.low, '').wanted} | {c.look} |"
        for name, c in CHECKS.items()
    ]


def test_the_page_of_the_documentation_holds_the_checks():
    message = "run `python tests/test_checkup.py`, and paste"
    assert "\n".join(rows()) in PAGE.read_text(encoding="utf-8"), message


if __name__ == "__main__":
    print(*rows(), sep="\n")
