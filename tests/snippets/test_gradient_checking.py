"""P06: the checks, by breaking what they check; the wrong gradient, by measuring what it does."""

import inspect
import math
from itertools import pairwise

import numpy as np
import pytest

from experiments import gradient_check, results, silent_bug
from scratchmlp.gradcheck import NoDerivative, check_layer, check_network
from scratchmlp.layers import Dense, ReLU
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network, mlp
from snippets import backpropagation
from snippets import gradient_checking as post
from tests.claims import claim

# ---- what is stated again -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["forward", "backward"])
def test_the_passes_are_those_of_the_part_before(name):
    sources = [inspect.getsource(getattr(module, name)) for module in (post, backpropagation)]
    assert sources[0] == sources[1]


@pytest.mark.parametrize("name", ["x", "W1", "b1", "W2", "b2", "h", "p", "dW1", "db1", "dW2", "db2"])
def test_the_email_its_network_and_its_gradients_are_those_of_the_part_before(name):
    again, first = (getattr(module, name) for module in (post, backpropagation))
    assert again.shape == first.shape
    assert (again == first).all()


# ---- checks -------------------------------------------------------------------------------------------------------


def test_differences_find_the_slope_of_a_cube_and_put_the_array_back():
    v = np.array([[1.0, -2.0], [0.5, 3.0]])
    kept = v.copy()
    assert post.slopes(lambda: float((v**3).sum()), v) == pytest.approx(3 * kept**2, rel=1e-8)
    assert (v == kept).all()


def test_the_check_of_the_text_fails_when_one_weight_has_a_wrong_gradient():
    for dW, W in zip(post.dWs6, post.Ws, strict=True):
        right = post.slopes(post.mean_loss, W)
        wrong = dW.copy()
        wrong[1, 1] += 0.01 * np.abs(dW).max()
        assert post.relative_error(dW, right) < 1e-7 < 1e-3 < post.relative_error(wrong, right)


def test_the_kink_of_a_blank_example_is_a_false_alarm_and_noise_removes_it():
    net = mlp([4, 5, 3], rng=np.random.default_rng(10), dtype="float64")
    x, labels = np.zeros((2, 4)), np.array([0, 1])
    with pytest.raises(NoDerivative) as caught:
        check_network(net, x, labels, loss=cross_entropy, rng=np.random.default_rng(0))
    assert caught.value.error > 0.1
    x = 0.1 * np.random.default_rng(11).standard_normal((2, 4))
    assert check_network(net, x, labels, loss=cross_entropy, rng=np.random.default_rng(0)) < 1e-6


def test_the_passes_are_counted_as_the_check_makes_them(monkeypatch):
    n = {"passes": 0}
    forward = Network.forward

    def counted(self, x, *, training=False):
        n["passes"] += 1
        return forward(self, x, training=training)

    monkeypatch.setattr(Network, "forward", counted)
    arguments = {"loss": cross_entropy, "rng": np.random.default_rng(0)}
    check_network(post.net, post.x20, post.y20, n_projections=10, **arguments)
    assert n.pop("passes") - 2 == post.passes_projected  # one for the gradients, and one more like it
    n["passes"] = 0
    check_network(post.net, post.x20, post.y20, **arguments)
    assert n["passes"] - 2 == post.passes_every


def test_one_wrong_coordinate_shows_in_every_direction_but_diluted():
    rng = np.random.default_rng(12)
    P = 1000
    directions = rng.standard_normal((500, P))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    seen = np.abs(directions[:, 0])  # of an error of 1 in the first of P coordinates
    assert (seen > 0).all()
    assert seen.mean() == pytest.approx(math.sqrt(2 / (math.pi * P)), rel=0.1)


@claim("S1-11", "definition")
@claim("S4-135", "definition")
def test_the_gradients_of_pytorch_are_ours_to_the_last_digit():
    for name, theirs in post.theirs.items():
        np.testing.assert_allclose(post.ours[name], theirs, rtol=0, atol=1e-15)
    assert post.ours.keys() == {"dW1", "db1", "dW2", "db2"}
    assert post.apart < 1e-15


def test_pytorch_gives_the_recorded_gradients_where_it_is_installed():
    torch = pytest.importorskip("torch")
    W1, b1, W2, b2 = (torch.tensor(v, requires_grad=True) for v in (post.W1, post.b1, post.W2, post.b2))
    x, y = torch.tensor(post.x), torch.ones((1, 1), dtype=torch.float64)
    logit = torch.relu(x @ W1 + b1) @ W2 + b2
    torch.nn.functional.binary_cross_entropy_with_logits(logit, y).backward()
    for v, name in ((W1, "dW1"), (b1, "db1"), (W2, "dW2"), (b2, "db2")):
        np.testing.assert_allclose(v.grad.numpy(), post.theirs[name], rtol=0, atol=1e-15)


CURVES, BUG = results.values("gradient_check"), results.values("silent_bug")


def fall(curve, low, high):
    """The slope of a recorded curve between two steps, on logarithmic axes."""
    exponents, errors = np.array(curve["exponents"]), np.log10(curve["mean"])
    inside = (exponents >= low) & (exponents <= high)
    return np.polyfit(exponents[inside], errors[inside], 1)[0]


def test_rounding_falls_as_one_over_h_and_truncation_rises_as_its_square():
    assert fall(CURVES["tanh64"], -12, -6) == pytest.approx(-1, abs=0.05)
    assert fall(CURVES["tanh64"], -4, -1.5) == pytest.approx(2, abs=0.05)
    assert fall(CURVES["tanh32"], -5, -2.5) == pytest.approx(-1, abs=0.1)


@pytest.mark.parametrize(("curve", "dtype"), [("tanh64", "float64"), ("tanh32", "float32")])
def test_the_best_step_is_near_the_third_root_of_epsilon(curve, dtype):
    rule = float(np.finfo(dtype).eps) ** (1 / 3)
    assert CURVES[f"rule_{dtype}"] == pytest.approx(rule)
    assert rule / 10 < CURVES[curve]["best_step"] < rule * 10


def test_float32_is_too_coarse_for_a_check():
    assert CURVES["tanh64"]["best_error"] < 1e-9
    assert CURVES["tanh64"]["at_package_step"] < 1e-8
    assert CURVES["tanh32"]["best_error"] > 1e-5


def test_some_relu_networks_leave_the_curve_where_a_step_reaches_a_kink():
    relu, smooth = CURVES["relu64"], CURVES["tanh64"]
    assert relu["exponents"] == smooth["exponents"]
    right = [i for i, e in enumerate(relu["exponents"]) if -4 <= e <= -2]
    assert all(relu["high"][i] > 100 * smooth["high"][i] for i in right)
    left = [i for i, e in enumerate(relu["exponents"]) if -10 <= e <= -6]
    assert all(relu["high"][i] < 10 * smooth["high"][i] for i in left)


def test_false_alarms_come_from_blank_patches_and_go_with_noise():
    kinks = CURVES["kinks"]
    assert kinks["patches"]["alarms"] >= 8
    assert [kinks[k]["alarms"] for k in ("images", "images_jittered", "patches_jittered")] == [0, 0, 0]
    images, _ = gradient_check.pixels()
    patches = [
        images[n, i : i + 3, j : j + 3] for n in range(0, len(images), 10) for i in range(6) for j in range(6)
    ]
    assert np.mean([not patch.any() for patch in patches]) == pytest.approx(CURVES["blank"], abs=0.01)
    assert images.any(axis=(1, 2)).all()


def test_one_false_alarm_comes_out_live():
    assert gradient_check.false_alarm("patches", 0.0, 0) > 0.1
    assert gradient_check.false_alarm("patches", 0.1, 0) < 1e-5


# ---- the bug ------------------------------------------------------------------------------------------------------


@claim("S4-122", "confirmed")
def test_the_check_finds_the_bug_and_passes_the_right_layer():
    x = np.random.default_rng(13).standard_normal((5, 4))
    assert check_layer(ReLU(), x, rng=np.random.default_rng(14)) < 1e-6
    assert check_layer(post.ReLUFromOutput(), x, rng=np.random.default_rng(14)) > 0.1
    assert (np.maximum(0, x) >= 0).all()  # the comparison that is always true


def test_the_layer_of_the_experiment_is_the_layer_of_the_post():
    x, dy = np.random.default_rng(15).standard_normal((2, 5, 4))
    results = []
    for layer in (silent_bug.ReLUFromOutput(), post.ReLUFromOutput()):
        layer.forward(x, training=True)
        results.append(layer.backward(dy))
    assert (results[0] == results[1]).all()
    assert (results[0] == dy).all()


def by_seed(curve):
    """A recorded curve, which lists the seeds of each epoch, as a list of epochs for each seed."""
    return [list(losses) for losses in zip(*curve, strict=True)]


@claim("S4-122", "confirmed")
def test_with_one_hidden_layer_the_wrong_gradient_learns():
    right, wrong = BUG["depth1"]["right"], BUG["depth1"]["wrong"]
    for curve in by_seed(wrong["curve"]):
        assert curve[0] > 1
        assert curve[-1] < 0.06
        assert all(later < 1.2 * earlier for earlier, later in pairwise(curve))
    assert 1.3 < BUG["depth1"]["loss_ratio"]["mean"] < 3
    assert abs(right["test"]["mean"] - wrong["test"]["mean"]) < 0.01


def test_with_more_hidden_layers_it_does_worse_and_diverges():
    assert BUG["depth2"]["loss_ratio"]["mean"] > 4
    assert BUG["depth2"]["points"]["mean"] > 0.3
    assert BUG["depth3"]["wrong"]["diverged"] == BUG["seeds"] == 5
    assert BUG["depth3"]["right"]["diverged"] == 0
    assert all(None in curve[:6] for curve in by_seed(BUG["depth3"]["wrong"]["curve"]))


def test_the_wrong_gradient_is_far_off_and_still_within_a_right_angle():
    assert 0.7 < BUG["start"]["error"]["mean"] < 1.2
    assert min(BUG["start"]["cosine"]["values"]) > 0.5
    assert 0.8 < BUG["tutorial"]["error"]["mean"] < 1.1
    assert BUG["tutorial"]["cosine"]["min"] > 0


def test_one_character_mends_most_of_the_tutorial():
    assert min(BUG["tutorial"]["points"]["values"]) > 2
    assert BUG["tutorial"]["one_character"]["mean"] - BUG["tutorial"]["as_it_is"]["mean"] == pytest.approx(
        BUG["tutorial"]["points"]["mean"] / 100
    )


def test_the_wrong_gradient_of_one_example_never_points_uphill():
    """Its inner product with the right one is |x|² |d m|², for any weights and any example."""
    rng = np.random.default_rng(16)
    for _ in range(50):
        x, z, d = rng.standard_normal((1, 4)), rng.standard_normal((1, 6)), rng.standard_normal((1, 6))
        right, wrong = x.T @ (d * (z > 0)), x.T @ d
        assert np.vdot(wrong, right) == pytest.approx((x**2).sum() * ((d * (z > 0)) ** 2).sum())


def test_one_run_with_the_bug_comes_out_live():
    run = silent_bug.train(1, "wrong", 0)
    assert run["curve"][-1] == pytest.approx(BUG["depth1"]["wrong"]["loss"][0], rel=0.1)
    assert silent_bug.at_the_start(0)["error"] == pytest.approx(BUG["start"]["error"]["values"][0], rel=1e-6)


def test_a_dropout_that_forgets_its_factor_on_the_way_back_halves_the_gradient():
    """As in the tutorial of which the post speaks: `h * kept * 2` forward, and `* kept` backward."""
    rng = np.random.default_rng(0)
    x, W, target = rng.standard_normal(4), rng.standard_normal((4, 6)), rng.standard_normal(6)
    kept = np.array([1, 0, 1, 1, 0, 1])

    def loss(W):
        return 0.5 * np.sum((np.maximum(0, x @ W) * kept * 2 - target) ** 2)

    h = np.maximum(0, x @ W) * kept * 2
    dW = np.outer(x, (h - target) * (h > 0) * kept)  # without the factor
    difference = np.zeros_like(W)
    for place in np.ndindex(*W.shape):
        step = np.zeros_like(W)
        step[place] = 1e-6
        difference[place] = (loss(W + step) - loss(W - step)) / 2e-6
    assert np.abs(difference).max() > 0.1
    assert dW == pytest.approx(difference / 2, abs=1e-6)


# ---- answers ------------------------------------------------------------------------------------------------------


def test_answer_the_hasty_layer_fails_unless_square_and_then_only_in_its_input():
    rng = np.random.default_rng(17)
    layer = post.Hasty(4, 3, rng=rng, dtype="float64")
    layer.forward(post.x6, training=True)
    with pytest.raises(ValueError, match="matmul"):
        layer.backward(np.ones((6, 3)))
    hasty, dense = (
        kind(4, 4, rng=np.random.default_rng(18), dtype="float64") for kind in (post.Hasty, Dense)
    )
    dy, dx = rng.standard_normal((6, 4)), []
    for layer in (hasty, dense):
        layer.forward(post.x6, training=True)
        dx.append(layer.backward(dy))
    assert (hasty.grads["W"] == dense.grads["W"]).all()
    assert (hasty.grads["b"] == dense.grads["b"]).all()
    assert np.abs(dx[0] - dx[1]).max() > 0.1
    assert check_layer(post.Hasty(4, 4, rng=rng, dtype="float64"), post.x6, rng=rng) > 0.1
