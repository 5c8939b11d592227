import inspect
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from scipy.optimize import linprog
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB

from experiments import line_or_mlp, results, xor_of_signs
from figures.xor_of_signs import lead
from scratchmlp.layers import Dense, ReLU
from scratchmlp.losses import binary_cross_entropy, cross_entropy, mean_squared_error
from scratchmlp.network import Network, mlp
from scratchmlp.training import evaluate
from snippets import what_is_an_mlp as post
from tests.claims import claim

XOR, TABLES = results.values("xor_of_signs"), results.values("line_or_mlp")


def with_parameters(network, *arrays):
    """The network with its dense layers filled in order: W, b, W, b."""
    dense = [layer for layer in network.layers if isinstance(layer, Dense)]
    for layer, W, b in zip(dense, arrays[::2], arrays[1::2], strict=True):
        layer.params["W"][...], layer.params["b"][...] = W, b
    return network


def two_layers(sizes):
    return mlp(sizes, rng=np.random.default_rng(0), dtype=np.float64)


# ---- a score -------------------------------------------------------------------------------------


def test_the_score_of_the_email_is_eleven_tenths():
    terms = [
        Fraction(3) * Fraction("0.25"),
        Fraction("0.4"),
        Fraction("0.8") * Fraction("-0.5"),
        Fraction("0.35"),
    ]
    assert sum(terms) == Fraction(11, 10)
    assert [*post.w, post.b] == [0.25, 0.4, -0.5, 0.35]
    assert post.score == pytest.approx(1.1, abs=1e-12)
    assert post.terms == pytest.approx([float(t) for t in terms[:3]])


def test_spam_has_more_marks_more_often_free_and_worse_senders():
    spam, other = post.X[post.y == 1].mean(axis=0), post.X[post.y == 0].mean(axis=0)
    assert spam[0] > other[0]
    assert spam[1] > other[1]
    assert spam[2] < other[2]
    assert set(np.unique(post.X[:, 1])) == {0, 1}
    assert post.X[:, 2].min() >= 0
    assert post.X[:, 2].max() <= 1


def test_the_normal_equations_give_the_least_squares_of_scikit_learn():
    oracle = LinearRegression().fit(post.X, post.y)
    assert post.best == pytest.approx([oracle.intercept_, *oracle.coef_], abs=1e-10)


@claim("S4-04", "wrong")
def test_scores_of_the_line_leave_the_range_of_probabilities():
    scores = [post.best[0] + sum(w * v for w, v in zip(post.best[1:], row, strict=True)) for row in post.X]
    assert sum(s < 0 or s > 1 for s in scores) / post.n_emails == post.outside == pytest.approx(0.22)
    assert min(scores) == pytest.approx(post.lowest)
    assert max(scores) == pytest.approx(post.highest)
    assert min(scores) < -0.1
    assert max(scores) > 1.6


def test_each_exclamation_mark_adds_the_same_to_the_score():
    few, many = np.array([[1, 0, 1, 0.5], [1, 1, 1, 0.5]]), np.array([[1, 90, 1, 0.5], [1, 91, 1, 0.5]])
    assert np.diff(few @ post.best) == pytest.approx(post.best[1])
    assert np.diff(many @ post.best) == pytest.approx(post.best[1])


def test_the_shares_of_emails_sorted_correctly_are_counted_right():
    by_score = sum((s > 0.5) == bool(t) for s, t in zip(post.scores, post.y, strict=True))
    by_probability = sum((q > 0.5) == bool(t) for q, t in zip(post.p, post.y, strict=True))
    assert post.right_scores == by_score / post.n_emails
    assert post.right_probabilities == by_probability / post.n_emails
    assert abs(by_score - by_probability) <= 4  # "about where it was"


# ---- four steps ----------------------------------------------------------------------------------


@claim("S4-46", "confirmed")
def test_the_four_steps_reach_the_logistic_regression_of_scikit_learn():
    oracle = LogisticRegression(C=1e9, tol=1e-10, max_iter=10_000).fit(post.X, post.y)
    assert post.theta == pytest.approx([oracle.intercept_[0], *oracle.coef_[0]], abs=0.01)


@claim("S4-04", "wrong")
def test_every_probability_of_the_four_steps_lies_between_zero_and_one():
    assert 0 < post.p.min() < post.p.max() < 1


def test_the_loss_of_the_four_steps_starts_at_log_two_and_falls():
    start, _ = binary_cross_entropy(np.zeros(post.n_emails), post.y)
    assert post.start_loss == pytest.approx(start)
    assert post.loss < 0.2


@claim("S0-01", "imprecise")
@claim("S4-46", "confirmed")
@claim("S4-02", "imprecise")
def test_the_gradient_of_the_four_steps_is_that_of_the_package():
    before = post.theta + 0.5 * post.dtheta  # where the last step started
    net = with_parameters(two_layers([3, 1]), before[1:, None], before[:1])
    loss, dlogits = binary_cross_entropy(net.forward(post.X, training=True), post.y)
    net.backward(dlogits)
    assert post.loss == pytest.approx(loss, rel=1e-12)
    assert post.dtheta[1:] == pytest.approx(net.layers[0].grads["W"][:, 0], rel=1e-6)
    assert post.dtheta[0] == pytest.approx(net.layers[0].grads["b"][0], rel=1e-6)


@claim("S4-57", "conditions")
def test_steps_reach_the_closed_form():
    assert post.v == pytest.approx(post.best, abs=1e-9)


def test_the_gradient_of_least_squares_is_zero_at_the_closed_form_and_nowhere_near():
    net = with_parameters(two_layers([3, 1]), post.best[1:, None], post.best[:1])
    _, dscores = mean_squared_error(net.forward(post.X, training=True), post.y.astype(float))
    net.backward(dscores)
    assert np.abs(net.gradients()).max() < 1e-12
    net.parameters()[0] += 0.01
    _, dscores = mean_squared_error(net.forward(post.X, training=True), post.y.astype(float))
    net.backward(dscores)
    assert np.abs(net.gradients()).max() > 1e-3


@claim("S4-57", "conditions")
def test_a_fifth_column_that_depends_on_the_others_leaves_no_inverse():
    assert not (post.C @ [1, 0, -1, 0, -1]).any()  # exactly: one = "free" + no "free"
    assert post.rank == 4 == post.n_columns - 1
    assert np.linalg.cond(post.A.T @ post.A) < 1e3  # without it there is one


@claim("S4-57", "conditions")
def test_many_weights_fit_equally_well_and_the_pseudo_inverse_picks_the_shortest():
    shortest = np.linalg.pinv(post.C) @ post.y
    for step in (-1.0, 0.1, 3.0):
        other = shortest + step * np.array([1, 0, -1, 0, -1])
        assert post.C @ other == pytest.approx(post.scores)
        assert np.linalg.norm(other) > np.linalg.norm(shortest)


# ---- no line, two bends --------------------------------------------------------------------------


def separable(points, labels):
    """Is there a line that scores at least 1 on class 1 and at most -1 on class 0? By linear programming."""
    signs = np.where(labels == 1, 1, -1)[:, None]
    rows = signs * np.column_stack([points, np.ones(len(points))])
    return linprog(np.zeros(rows.shape[1]), A_ub=-rows, b_ub=-np.ones(len(rows)), bounds=(None, None)).success


@claim("S4-05", "confirmed")
@claim("S4-14", "confirmed")
def test_no_line_separates_the_corners_of_xor():
    assert post.xor.tolist() == [a ^ b for a, b in product([0, 1], repeat=2)]
    assert not separable(post.corners, post.xor)


@claim("S4-05", "confirmed")
def test_any_three_corners_of_xor_can_be_separated_so_that_the_limit_is_three():
    assert all(separable(post.corners[list(c)], post.xor[list(c)]) for c in combinations(range(4), 3))
    assert post.most_right == 3
    assert post.best_share == 0.75


def test_the_lines_tried_are_all_different_and_none_is_better_than_three_corners():
    assert post.n_lines == len({tuple(line) for line in post.lines.tolist()}) == 17**3
    best = max(
        sum((w1 * a + w2 * b + c > 0) == (a != b) for a, b in product([0, 1], repeat=2))
        for w1, w2, c in post.lines.tolist()
    )
    assert best == post.most_right


@claim("S4-05", "confirmed")
def test_the_best_linear_fit_of_xor_is_one_half_everywhere():
    # With inputs and labels measured from their means, the products of input and label add up to zero.
    half = Fraction(1, 2)
    for k in (0, 1):
        assert (
            sum((int(x[k]) - half) * (int(t) - half) for x, t in zip(post.corners, post.xor, strict=True))
            == 0
        )
    assert post.flat == pytest.approx([0.5] * 4, abs=1e-12)
    assert post.flat_error == pytest.approx(0.25, abs=1e-12)


@claim("S4-14", "confirmed")
def test_two_bends_compute_xor_exactly():
    for a, b in product([0, 1], repeat=2):
        assert max(0, a + b) - 2 * max(0, a + b - 1) == a ^ b
    assert post.output[:, 0].tolist() == post.xor.tolist()


def test_the_hand_network_is_a_network_of_the_package():
    net = with_parameters(two_layers([2, 2, 1]), post.W1, post.b1, post.W2, 0)
    assert (net.forward(post.corners.astype(float)) == post.output).all()


def test_the_slope_changes_once_at_each_bend():
    s = np.arange(-4, 13) / 4  # the sum of the inputs, in quarters: exact
    y = np.maximum(0, s[:, None] + post.b1) @ post.W2[:, 0]
    slopes = np.diff(y) / 0.25
    assert slopes.tolist() == [0] * 4 + [1] * 4 + [-1] * 8


@claim("S4-08", "conditions")
def test_a_line_separates_the_hidden_values_though_it_cannot_separate_the_corners():
    assert post.hidden.tolist() == [[0, 0], [1, 0], [1, 0], [2, 1]]
    assert separable(post.hidden, post.xor)


@claim("S4-56", "conditions")
def test_bends_pass_through_any_points_of_a_curve():
    rng = np.random.default_rng(0)
    x, y = np.sort(rng.uniform(-1, 1, 12)), rng.standard_normal(12)
    slopes = np.diff(y) / np.diff(x)
    changes = np.diff(slopes, prepend=0)  # one bend at each point but the last
    curve = y[0] + np.maximum(0, x[:, None] - x[:-1]) @ changes
    assert curve == pytest.approx(y)


@claim("S0-05", "confirmed")
@claim("S4-07", "conditions")
def test_affine_maps_in_a_row_are_one_affine_map_and_with_bends_they_are_not():
    rng = np.random.default_rng(1)
    x = rng.standard_normal((50, 3))
    bent = np.maximum(0, np.maximum(0, x @ post.Wa + post.ba) @ post.Wb + post.bb) @ post.Wc + post.bc
    straight = ((x @ post.Wa + post.ba) @ post.Wb + post.bb) @ post.Wc + post.bc
    assert straight == pytest.approx(x @ post.V + post.c, abs=1e-12)
    fit = LinearRegression().fit(x, straight)
    assert np.abs(fit.predict(x) - straight).max() < 1e-12
    assert np.abs(LinearRegression().fit(x, bent).predict(x) - bent).max() > 0.01


@claim("S4-06", "confirmed")
def test_the_diagram_has_23_parameters_and_without_bends_4_count():
    net = two_layers([3, 3, 2, 1])
    assert sum(a.size for layer in net.layers for a in layer.params.values()) == post.n_deep == 23
    assert post.n_shallow == post.V.size + post.c.size == 4


@claim("S0-05", "confirmed")
def test_an_mlp_alternates_affine_maps_with_a_nonlinear_function():
    kinds = [type(layer) for layer in two_layers([3, 3, 2, 1]).layers]
    assert kinds == [Dense, ReLU, Dense, ReLU, Dense]


@claim("S4-54", "confirmed")
def test_the_nested_formula_with_its_biases_is_what_the_package_computes():
    arrays = (post.Wa, post.ba, post.Wb, post.bb, post.Wc, post.bc)
    net = with_parameters(two_layers([3, 3, 2, 1]), *arrays)
    for x, y in zip(post.X[:5], net.forward(post.X[:5]), strict=True):
        for W, b in ((post.Wa, post.ba), (post.Wb, post.bb)):
            x = [max(0.0, sum(x[i] * W[i, j] for i in range(len(x))) + b[j]) for j in range(len(b))]
        assert sum(x[i] * post.Wc[i, 0] for i in range(2)) + post.bc[0] == pytest.approx(y[0])


@claim("S0-08", "confirmed")
def test_every_unit_has_a_weight_for_every_value_of_the_layer_before():
    net = two_layers([784, 512, 10])
    assert net.layers[0].params["W"][:, 0].size == 784
    x = np.zeros((1, 784))
    before = net.layers[0].forward(x)
    for i in (0, 400, 783):
        x[0, i] = 1
        assert (net.layers[0].forward(x) != before).all()
        x[0, i] = 0


@claim("S4-01", "conditions")
@claim("S4-68", "conditions")
def test_the_network_refuses_rows_of_another_length():
    with pytest.raises(ValueError, match="shape"):
        two_layers([3, 2, 1]).forward(np.zeros((1, 4)))


@claim("S4-62", "confirmed")
@claim("S4-68", "conditions")
def test_what_came_before_does_not_change_the_output_of_a_row():
    net = two_layers([3, 8, 1])
    alone = net.forward(post.X[7:8])
    net.forward(post.X[:7])
    assert (net.forward(post.X[7:8]) == alone).all()
    order = np.random.default_rng(0).permutation(20)
    assert net.forward(post.X[order]) == pytest.approx(net.forward(post.X[:20])[order], abs=1e-12)


# ---- the experiment ------------------------------------------------------------------------------


def test_the_points_of_the_post_are_those_of_the_experiment():
    x, y = post.make_points(50, np.random.default_rng(3))
    x_other, y_other = xor_of_signs.points(50, np.random.default_rng(3))
    assert (x == x_other).all()
    assert y.tolist() == y_other.tolist() == [int(a * b < 0) for a, b in x]


def test_the_run_of_the_post_has_the_settings_of_the_experiment():
    source = inspect.getsource(post)
    assert f"SGD({xor_of_signs.LR}, momentum={xor_of_signs.MOMENTUM})" in source
    assert f"n_epochs={xor_of_signs.EPOCHS}," in source
    assert f"batch_size={xor_of_signs.BATCH}," in source
    assert [W.shape for W in (layer.params["W"] for layer in post.net.layers[::2])] == [(2, 16), (16, 2)]
    assert post.n_learned == post.net.parameters().size == 82


def test_the_run_of_the_post_learns_the_pattern():
    assert post.history.loss[-1] < 0.05 < post.history.loss[0]
    assert evaluate(post.net, post.x_test, post.y_test, loss=cross_entropy).accuracy > 0.97


@claim("S0-04", "wrong")
@claim("S4-59", "confirmed")
def test_on_signs_the_mlp_learns_and_no_line_does():
    assert all(value > 0.97 for value in XOR["mlp"]["values"])
    assert all(value < 0.7 for value in XOR["line"]["values"] + XOR["best_line"]["values"])
    assert 0.4 < XOR["line"]["mean"] < 0.6
    assert XOR["seeds"] == len(XOR["mlp"]["values"]) == 5


@claim("S4-59", "confirmed")
def test_on_signs_naive_bayes_does_no_better_than_chance():
    assert 0.4 < XOR["naive_bayes"]["mean"] < 0.6
    assert max(XOR["naive_bayes"]["values"]) < 0.65


def test_the_means_and_spreads_are_those_of_the_values():
    entries = [XOR[name] for name in ("line", "best_line", "naive_bayes", "mlp")]
    for table in (TABLES["cancer"], TABLES["digits"]):
        entries += [table["linear"]["test"], table["mlp"]["test"], table["gain"]]
    for entry in entries:
        values = [Fraction(v) for v in entry["values"]]
        mean = sum(values) / len(values)
        variance = sum((v - mean) ** 2 for v in values) / (len(values) - 1)
        assert entry["mean"] == pytest.approx(float(mean))
        assert entry["sd"] == pytest.approx(float(variance) ** 0.5)


def test_one_seed_run_now_gives_the_ordering_that_was_recorded():
    result, nets = xor_of_signs.run(7), xor_of_signs.trained(7)
    assert result["mlp"] > 0.97
    assert result["best_line"] < 0.72
    assert result["line"] < 0.7
    assert result["naive_bayes"] < 0.65
    assert nets["line"].layers[0].params["W"].shape == (2, 2)
    assert nets["mlp"].layers[0].params["W"].shape == (2, 16)


def test_the_best_line_found_is_as_good_as_geometry_allows():
    # A line across a diagonal, with the cut at x1 - x2 = c: its share of right points, for every c.
    exact = max(
        Fraction(1, 4) * (1 - c * c / 2) + Fraction(1, 2) * (1 - (1 - c) ** 2 / 2)
        for c in [Fraction(k, 300) for k in range(301)]
    )
    assert exact == Fraction(2, 3)
    x, y = xor_of_signs.points(20_000, np.random.default_rng(0))
    assert np.mean(xor_of_signs.best_line(x, y)(x) == y) == pytest.approx(2 / 3, abs=0.015)
    assert XOR["best_line"]["mean"] == pytest.approx(2 / 3, abs=0.02)


def test_the_figure_shows_networks_with_the_accuracy_it_states():
    _, (x, y), *_ = xor_of_signs.data(0)
    assert (x[: xor_of_signs.N_SHOWN] == np.array(XOR["shown"]["x"])).all()
    assert y[: xor_of_signs.N_SHOWN].tolist() == XOR["shown"]["y"]
    for name in ("line", "mlp"):
        says = lead(x, XOR["weights"][name]) > 0
        assert np.mean(says == y) == pytest.approx(XOR[name]["values"][0], abs=0.0015)


def test_naive_bayes_was_given_the_points_of_the_mlp():
    train, test, *_ = xor_of_signs.data(0)
    assert GaussianNB().fit(*train).score(*test) == pytest.approx(XOR["naive_bayes"]["values"][0])


@claim("S4-55", "imprecise")
def test_a_relu_network_is_affine_between_its_bends():
    weights = XOR["weights"]["mlp"]
    W, b = np.array(weights[0]), np.array(weights[1])
    rng = np.random.default_rng(0)
    a, z = rng.uniform(-1, 1, (2, 4000, 2))
    same = ((a @ W + b > 0) == (z @ W + b > 0)).all(axis=1)
    middle = lead((a + z) / 2, weights)
    ends = (lead(a, weights) + lead(z, weights)) / 2
    assert same.sum() > 100
    assert middle[same] == pytest.approx(ends[same], abs=1e-6)
    assert np.abs(middle - ends)[~same].max() > 1


# ---- two tables ----------------------------------------------------------------------------------


@claim("S4-66", "conditions")
def test_on_the_tumours_the_hidden_layer_buys_nothing():
    cancer = TABLES["cancer"]
    assert cancer["gain"]["mean"] < 0.5
    assert cancer["mlp_ahead"] <= 3
    assert 0.94 < cancer["linear"]["test"]["mean"] < 0.99
    assert (cancer["rows"], cancer["features"]) == (569, 30)


@claim("S4-66", "conditions")
def test_on_the_digits_the_hidden_layer_buys_about_half_a_point():
    digits = TABLES["digits"]
    assert 0 < digits["gain"]["mean"] < 1.5
    assert digits["mlp_ahead"] > TABLES["seeds"] / 2
    assert (digits["rows"], digits["features"]) == (1797, 64)


def test_gains_are_differences_on_the_same_split():
    for name in ("cancer", "digits"):
        table = TABLES[name]
        pairs = list(zip(table["linear"]["test"], table["mlp"]["test"], strict=True))
        assert table["gain"]["values"] == pytest.approx([100 * (b - a) for a, b in pairs])
        assert table["mlp_ahead"] == sum(b > a for a, b in pairs)


def test_no_model_was_held_back_by_the_range_of_learning_rates():
    chosen = [TABLES[table][model]["rate"] for table in ("cancer", "digits") for model in ("linear", "mlp")]
    for rates in chosen:
        assert sum(rate in (min(line_or_mlp.RATES), max(line_or_mlp.RATES)) for rate in rates) <= 3


@claim("S4-67", "wrong")
def test_the_linear_model_of_the_tumours_has_one_weight_per_feature_and_class():
    assert TABLES["cancer"]["linear"]["parameters"] == 30 * 2 + 2
    assert TABLES["cancer"]["mlp"]["parameters"] == 30 * 16 + 16 + 16 * 2 + 2
    assert TABLES["digits"]["linear"]["parameters"] == 64 * 10 + 10
    assert TABLES["digits"]["mlp"]["parameters"] == 64 * 32 + 32 + 32 * 10 + 10


def test_one_split_of_the_tumours_run_now_agrees_with_the_record():
    now = line_or_mlp.compared(line_or_mlp.tables()["cancer"], 0)
    for model in ("linear", "mlp"):
        assert now[model]["test"] == pytest.approx(TABLES["cancer"][model]["test"][0], abs=0.03)


# ---- the exercises -------------------------------------------------------------------------------


def test_answer_or_and_and_are_lines_with_three_and_one_corners_of_xor():
    pairs = list(product([0, 1], repeat=2))
    assert post.says_or.tolist() == [a | b for a, b in pairs]
    assert post.says_and.tolist() == [a & b for a, b in pairs]
    assert post.or_right == sum((a | b) == (a ^ b) for a, b in pairs) == post.most_right
    assert post.and_right == sum((a & b) == (a ^ b) for a, b in pairs)


@claim("S4-67", "wrong")
def test_answer_another_pair_of_units_computes_xor_with_one_corner_each():
    for a, b in product([0, 1], repeat=2):
        assert max(0, a - b) + max(0, b - a) == abs(a - b) == a ^ b
    assert post.output_other[:, 0].tolist() == post.xor.tolist()
    assert (post.hidden_other > 0).sum(axis=0).tolist() == [1, 1]
    assert not np.array_equal(post.hidden_other, post.hidden)


@claim("S4-05", "confirmed")
def test_answer_a_line_on_the_product_solves_xor():
    assert post.output_product.tolist() == post.xor.tolist()
    for a, b in product([0, 1], repeat=2):
        assert a + b - 2 * a * b == a ^ b


def test_answer_four_units_classify_every_point():
    assert post.right_four == len(post.y_new) == 1000
    net = with_parameters(two_layers([2, 4, 1]), post.F1, 0, post.F2, 0)
    x, y = post.make_points(20_000, np.random.default_rng(9))
    assert (net.predict(x) == y).all()
    assert isinstance(net, Network)
