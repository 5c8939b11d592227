from itertools import pairwise

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier

from experiments import results, width
from scratchmlp.counting import dense_parameters, network_parameters
from scratchmlp.layers import Dense
from scratchmlp.network import mlp
from snippets import shapes_and_notation as post
from tests.claims import claim

RESULT = results.values("width")


def mean(name):
    return RESULT["test"][name]["mean"]


def affine_by_loops(x, W, b):
    """x W + b number by number, with no matrix product."""
    return [
        [sum(x[n][d] * W[d][m] for d in range(len(W))) + b[m] for m in range(len(b))] for n in range(len(x))
    ]


# ---- two conventions ----------------------------------------------------------------------------------------------


@claim("S4-09", "wrong")
def test_a_square_matrix_multiplies_from_either_side_with_different_results():
    assert post.column.tolist() == [1 * 1 + 2 * 0, 3 * 1 + 4 * 0] == [1, 3]
    assert post.row.tolist() == [1 * 1 + 0 * 3, 1 * 2 + 0 * 4] == [1, 2]
    assert post.column.shape == post.row.shape == (2,)


@claim("S4-09", "wrong")
@claim("S4-34", "confirmed")
@claim("S4-35", "wrong")
def test_numpy_refuses_both_products_that_the_tutorial_displays():
    assert [a.shape for a in (post.W1, post.b1, post.W2)] == [(3, 2), (2,), (2, 1)]
    for W, v in [(post.W1, post.email), (post.W2, post.h)]:
        with pytest.raises(ValueError, match="mismatch in its core dimension"):
            W @ v
        assert (v @ W).shape == (W.shape[1],)


def test_the_message_that_is_shown_is_the_message_that_numpy_gives():
    with pytest.raises(ValueError, match="matmul") as caught:
        post.W1 @ post.email
    assert post.attempt(lambda: post.W1 @ post.email).split() == str(caught.value).split()


def test_attempt_hands_on_a_result_and_stops_at_other_errors():
    assert post.attempt(lambda: 7) == 7
    with pytest.raises(TypeError):
        post.attempt(lambda: 7 + "7")


@claim("S4-11", "wrong")
def test_three_rows_of_weights_refuse_two_inputs():
    with pytest.raises(ValueError, match="size 3 is different from 2"):
        np.ones(2) @ post.W1


@claim("S4-10", "confirmed")
@claim("S4-12", "confirmed")
def test_a_batch_gives_what_naive_loops_give():
    assert (post.n_examples, post.n_inputs, post.n_units) == (4, 3, 2)  # marks, "free" and reputation of each
    assert (len(post.X), len(post.W1), len(post.b1)) == (4, 3, 2)
    assert np.allclose(post.Z, affine_by_loops(post.X, post.W1, post.b1), rtol=0, atol=1e-12)


def test_a_batch_gives_for_each_row_what_the_row_gives_alone():
    for example, z in zip(post.X, post.Z, strict=True):
        assert np.allclose(example @ post.W1 + post.b1, z, rtol=0, atol=1e-12)


@claim("S0-06", "conditions")
def test_the_column_convention_gives_the_transpose_of_the_row_convention():
    assert post.Z_columns.shape == (2, 4)
    assert np.allclose(
        post.Z_columns, np.transpose(affine_by_loops(post.X, post.W1, post.b1)), rtol=0, atol=1e-12
    )


def test_two_axes_refuse_the_wrong_order_that_one_axis_lets_pass():
    assert (post.W @ post.x).shape == (2,)
    with pytest.raises(ValueError, match="mismatch"):
        post.W @ post.x[None, :]
    assert (post.x[None, :] @ post.W).tolist() == [[1, 2]]


def test_the_layer_of_the_package_computes_the_same_and_refuses_a_bare_vector():
    assert np.array_equal(post.layer.forward(post.X), post.Z)
    with pytest.raises(ValueError, match=r"x must have shape \(N, 3\), got \(3,\)"):
        post.layer.forward(post.email)


def test_scikit_learn_stores_weights_with_the_inputs_first():
    x, y = post.X, np.array([0, 1, 1, 0])
    net = MLPClassifier((5,), solver="lbfgs", max_iter=1, random_state=0)
    with pytest.warns(match="lbfgs"):
        net.fit(x, y)
    assert [W.shape for W in net.coefs_] == [(3, 5), (5, 1)]
    x, y = np.random.default_rng(0).standard_normal((30, 3)), np.arange(30) % 4
    assert LogisticRegression().fit(x, y).coef_.shape == (4, 3)


# ---- the bias -----------------------------------------------------------------------------------------------------


def test_a_bias_stood_up_is_refused_for_four_examples():
    with pytest.raises(ValueError, match="broadcast"):
        post.with_column_bias(post.X)


def test_a_bias_stood_up_gives_each_of_two_examples_a_bias_of_its_own():
    wrong = post.with_column_bias(post.X[:2])
    assert wrong.shape == post.Z[:2].shape
    products = post.Z[:2] - post.b1
    assert np.allclose(wrong[0], products[0] + 0.1, rtol=0, atol=1e-12)
    assert np.allclose(wrong[1], products[1] - 0.5, rtol=0, atol=1e-12)
    assert not np.allclose(wrong, post.Z[:2])


def test_a_bias_stood_up_makes_two_rows_of_one_email():
    assert post.alone.shape == (2, 2)
    assert np.allclose(np.diag(post.alone), post.Z[0])
    assert not np.allclose(post.alone[0, 1], post.Z[0, 1])


# ---- counting -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [[3, 2, 1], [10, 20, 15, 1], [64, 32, 10], [5, 1], [784, 30, 10]])
@claim("S4-29", "confirmed")
def test_the_formula_counts_what_the_arrays_hold(sizes):
    arrays = [np.zeros(shape) for D, M in pairwise(sizes) for shape in [(D, M), (M,)]]
    assert sum(post.count(sizes)) == sum(a.size for a in arrays) == dense_parameters(sizes)


@claim("S4-30", "confirmed")
def test_the_network_of_the_tutorial_has_551_parameters():
    assert post.layers == [220, 315, 16]
    assert post.total == post.n_values == 551
    assert network_parameters(post.net) == 551
    assert post.n_arrays == 6


def test_scikit_learn_counts_the_last_layer_the_same_way():
    line = LinearRegression().fit(np.eye(15), np.arange(15.0))
    assert post.layers[-1] == line.coef_.size + 1


@claim("S1-01", "definition")
def test_the_four_networks_have_as_many_parameters_as_their_arrays():
    by_hand = {
        "email": 3 * 2 + 2 + 2 * 1 + 1,
        "tutorial": 551,
        "blog": 784 * 512 + 512 + 512 * 10 + 10,
        "roadmap": 3072 * 512 + 512 + 512 * 256 + 256 + 256 * 10 + 10,
    }
    assert post.parameters == by_hand == {"email": 11, "tutorial": 551, "blog": 407_050, "roadmap": 1_707_274}
    for name, sizes in post.sizes.items():
        net = mlp(sizes, rng=np.random.default_rng(0))
        arrays = [a for layer in net.layers for a in layer.params.values()]
        assert sum(a.size for a in arrays) == post.parameters[name]
        assert sum(a.nbytes for a in arrays) == post.n_bytes[name]
        assert sum(a.size for a in arrays if a.ndim == 2) == post.n_weights[name]
        assert sum(a.size for a in arrays if a.ndim == 1) == post.n_biases[name]


@claim("S1-16", "confirmed")
def test_a_colour_image_has_three_values_for_each_pixel():
    image = np.zeros((3, 32, 32))
    assert image.size == post.cifar_values == 3072 == post.sizes["roadmap"][0]
    assert image[0].size == post.cifar_pixels == 1024


@claim("S0-09", "confirmed")
def test_the_forward_pass_takes_one_row_or_a_batch():
    assert sum(a.size for a in post.blog) == post.parameters["blog"]
    alone = post.forward(post.images[3], *post.blog)
    assert alone.shape == (10,)
    assert np.allclose(post.forward(post.images, *post.blog)[3], alone, rtol=0, atol=1e-12)


@claim("S0-12", "imprecise")
def test_the_forward_pass_leaves_its_arrays_as_they_were():
    before = [a.copy() for a in post.blog]
    post.forward(post.images, *post.blog)
    assert [np.array_equal(a, b) for a, b in zip(post.blog, before, strict=True)] == [True] * 4


def test_the_forward_pass_is_that_of_the_package():
    net = mlp([784, 512, 10], rng=np.random.default_rng(0), dtype=np.float64)
    for layer, (W, b) in zip(net.layers[::2], [post.blog[:2], post.blog[2:]], strict=True):
        layer.params["W"][:], layer.params["b"][:] = W, b
    assert np.allclose(net.forward(post.images), post.forward(post.images, *post.blog), rtol=0, atol=1e-12)


# ---- layers -------------------------------------------------------------------------------------------------------


@claim("S4-18", "confirmed")
def test_a_network_is_its_dense_layers_chained_and_the_last_is_linear():
    net = mlp([3, 5, 4, 2], rng=np.random.default_rng(1), dtype=np.float64)
    *hidden, last = [layer.params for layer in net.layers if layer.params]
    h = post.X
    for params in hidden:
        h = np.maximum(0, affine_by_loops(h, params["W"], params["b"]))
    logits = affine_by_loops(h, last["W"], last["b"])
    assert np.allclose(net.forward(post.X), logits, rtol=0, atol=1e-12)
    assert np.min(logits) < 0


@pytest.mark.parametrize(("hidden", "weight_layers"), [(1, 2), (2, 3), (4, 5)])
@claim("S4-25", "confirmed")
def test_a_network_has_one_weight_layer_more_than_hidden_layers(hidden, weight_layers):
    net = mlp([3, *[4] * hidden, 2], rng=np.random.default_rng(0))
    assert sum(isinstance(layer, Dense) for layer in net.layers) == weight_layers


# ---- the rule of thumb --------------------------------------------------------------------------------------------


@claim("S4-107", "wrong")
def test_the_rule_of_thumb_is_counted_right():
    assert post.rule_units == [6144, 12288]
    assert post.rule_parameters == [3073 * 6144, 3073 * 12288] == [18_880_512, 37_761_024]
    assert post.rule_share == pytest.approx(18_880_512 / 1_707_274)
    assert post.rule_share > 11
    assert post.rule_digits == [128, 256]
    assert post.enlarged_inputs == [256, 1024]
    assert post.rule_enlarged == [2048, 4096]


@claim("S4-109", "imprecise")
def test_the_recipes_are_counted_right():
    assert post.recipe_parameters == {
        "small": 785 * 64 + 65 * 32 + 33 * 10,
        "medium": 785 * 128 + 129 * 64 + 65 * 32 + 33 * 10,
        "large": 785 * 256 + 257 * 128 + 129 * 64 + 65 * 10,
    }
    assert list(post.recipe_parameters.values()) == [52_650, 111_146, 242_762]
    assert [f"{r:.2f}" for r in post.recipe_ratios.values()] == ["0.08", "0.16", "0.33"]


@claim("S4-109", "imprecise")
def test_no_recipe_obeys_the_rule_beyond_128_inputs():
    def obeys(D):
        return any(2 * D <= hidden[0] <= 4 * D for hidden in post.recipes.values())

    assert post.recipe_limit == 128
    assert obeys(128)
    assert not any(obeys(D) for D in range(129, 4000))


def test_the_networks_of_the_sources_do_not_follow_the_rule_alike():
    assert post.ratios == pytest.approx({"email": 0.6667, "tutorial": 2.0, "blog": 0.6531}, abs=1e-4)


# ---- the measurement ----------------------------------------------------------------------------------------------


def test_every_condition_was_measured_on_all_seeds():
    assert RESULT["seeds"] == 10
    for group in (RESULT["test"], RESULT["train"], RESULT["enlarged"], {"": RESULT["transposed"]}):
        for held in group.values():
            assert len(held["values"]) == 10
            assert held["mean"] == pytest.approx(sum(held["values"]) / 10)
            assert held["sd"] ** 2 * 9 == pytest.approx(sum((v - held["mean"]) ** 2 for v in held["values"]))


def test_the_gains_are_paired_by_seed():
    for key, (less, more) in {
        "16_to_128": ("16", "128"),
        "256_to_1024": ("256", "1024"),
        "second_layer": ("64", "64-32"),
        "three_layers": ("1024", "256-128-64"),
    }.items():
        pairs = zip(RESULT["test"][less]["values"], RESULT["test"][more]["values"], strict=True)
        assert RESULT["points"][key]["values"] == pytest.approx([100 * (b - a) for a, b in pairs])


def test_the_parameters_of_the_measured_networks_are_counted_right():
    for name, n in RESULT["parameters"].items():
        assert n == sum(post.count([64, *map(int, name.split("-")), 10]))


def test_transposing_a_square_matrix_leaves_little_more_than_guessing():
    assert mean("64") > 0.96
    assert 0.03 < RESULT["transposed"]["mean"] < 0.2
    assert max(RESULT["transposed"]["values"]) < 0.35


@claim("S4-22", "definition")
def test_accuracy_rises_with_width_and_then_flattens():
    assert mean("1") < mean("2") + 0.1 < mean("4")
    assert mean("4") + 0.15 < mean("8")
    assert mean("2") < 0.6
    assert 0.87 < mean("8") < 0.96
    assert mean("16") > 0.95
    assert all(0.96 < mean(str(w)) < 0.99 for w in (32, 64, 128, 256, 512, 1024))


@claim("S4-107", "wrong")
def test_nothing_happens_at_the_band_of_the_rule():
    steps = {w: mean(str(2 * w)) - mean(str(w)) for w in RESULT["widths"][:-1]}
    assert max(steps, key=steps.get) in (2, 4)
    assert all(abs(steps[w]) < 0.01 for w in (32, 64, 128, 256, 512))
    assert 0 < RESULT["points"]["16_to_128"]["mean"] < 2.5


def test_the_seeds_disagree_widely_below_the_bend_only():
    sd = {w: RESULT["test"][str(w)]["sd"] for w in RESULT["widths"]}
    assert min(sd[w] for w in (1, 2, 4)) > 0.08
    assert max(sd[w] for w in (32, 64, 128, 256, 512, 1024)) < 0.015


@claim("S4-107", "wrong")
def test_repeating_pixels_does_not_ask_for_more_units():
    assert RESULT["enlarged"]["8x8"]["values"] == RESULT["test"]["32"]["values"]
    for held in RESULT["enlarged"].values():
        assert abs(held["mean"] - mean("32")) < 0.01


@claim("S4-106", "conditions")
def test_one_or_two_hidden_layers_are_a_good_beginning_on_the_digits():
    assert mean("64") > 0.96
    assert mean("64-32") > 0.96


@claim("S4-108", "conditions")
def test_more_layers_gain_little_where_one_layer_already_fits():
    assert RESULT["train"]["32"]["mean"] > 0.99
    assert RESULT["train"]["1024"]["mean"] > 0.999
    assert 0 < RESULT["points"]["second_layer"]["mean"] < 1.5
    assert 0 < RESULT["points"]["three_layers"]["mean"] < 1.5


@claim("S4-109", "imprecise")
def test_the_recipe_for_large_data_did_best_on_a_small_set():
    assert RESULT["n_train"] == 1297
    assert mean("256-128-64") == max(held["mean"] for held in RESULT["test"].values())


def test_a_network_trained_now_falls_in_the_recorded_bands():
    run = width.train([64], seed=0)
    assert run["test"] == pytest.approx(RESULT["test"]["64"]["values"][0], abs=0.015)
    assert run["transposed"] < 0.35


def test_enlarging_spreads_each_pixel_and_changes_neither_start_nor_steps():
    image = 2 * np.arange(4).reshape(1, 1, 2, 2)
    large = width.enlarged(image, 2)
    assert large.tolist() == [[[[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 3, 3], [2, 2, 3, 3]]]]
    rng, k = np.random.default_rng(0), 4
    x, dz = rng.uniform(size=(5, 16)), rng.standard_normal((5, 500))
    x_large = width.enlarged(x.reshape(5, 1, 4, 4), k).reshape(5, -1).astype(float)
    small, first = (
        mlp([D, 500, 10], rng=rng, dtype="float64").layers[0].params["W"] for D in (16, 16 * k * k)
    )
    W_large = k * first  # as width.train starts
    pixel = np.arange(16).reshape(4, 4).repeat(k, axis=0).repeat(k, axis=1).ravel()  # of each input
    W = np.stack([W_large[pixel == i].sum(axis=0) for i in range(16)]) / k  # what a pixel sees of it
    assert W.std() == pytest.approx(small.std(), rel=0.03)
    assert x_large @ W_large == pytest.approx(x @ W, rel=1e-4, abs=1e-5)
    after = W_large - 0.1 * x_large.T @ dz
    assert x_large @ after == pytest.approx(x @ (W - 0.1 * x.T @ dz), rel=1e-4, abs=1e-5)


# ---- the answers --------------------------------------------------------------------------------------------------


def test_two_of_the_four_products_exist():
    A, V = post.A, post.V
    assert ((A @ V).shape, (V.T @ A.T).shape) == ((5, 2), (2, 5))
    for a, b in [(V, A), (A, V.T)]:
        with pytest.raises(ValueError, match="mismatch"):
            a @ b


def test_784_30_10_has_23860_parameters():
    assert post.thirty == [23_550, 310]
    assert post.thirty_total == post.thirty_weights + 40 == 23_860


def test_a_one_hot_row_picks_a_row_of_the_matrix():
    assert (post.one_hot @ post.W).tolist() == [[3, 4]] == [post.W[1].tolist()]
    assert (post.one_hot @ post.W.T).tolist() == [[2, 4]] == [post.W[:, 1].tolist()]


def test_a_three_layer_network_can_be_three_networks():
    hidden = [len(sizes) - 2 for sizes in post.three.values()]
    assert hidden == [1, 2, 3]
    assert post.three_parameters == [65 * 32 + 33 * 10 + n * 33 * 32 for n in range(3)] == [2410, 3466, 4522]
