"""Both readings of a matrix, every shape and every count, by naive loops, by NumPy anew and by other libraries."""

import inspect
import json
from fractions import Fraction
from itertools import pairwise, product
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier

from experiments import results, width
from figures import shapes_and_notation as drawn
from figures.style import SCHEMES
from scratchmlp.counting import dense_parameters, network_parameters
from scratchmlp.layers import Dense, ReLU
from scratchmlp.network import mlp
from sitetools import ROOT
from snippets import shapes_and_notation as post
from tests.claims import claim, holds
from tests.reading import Reader

says = Reader("shapes-and-notation")
RESULT = results.values("width")
VALUES = json.loads((ROOT / "snippets" / "out" / "shapes_and_notation.json").read_text(encoding="utf-8"))[
    "values"
]
COLOURS = SimpleNamespace(**SCHEMES["light"], width=7.5, narrow=False)


def shares(*path):
    """The recorded accuracy of each network in one condition of the study."""
    held = RESULT
    for name in path:
        held = held[name]
    return np.array(held["values"])


def mean(name):
    return shares("test", name).mean()


def spread(values):
    """Mean and standard deviation, each as a percentage."""
    return f"{values.mean():.1%}", f"{values.std(ddof=1):.1%}"


def affine_by_loops(x, W, b):
    """x W + b number by number, with no matrix product."""
    return [
        [sum(x[n][d] * W[d][m] for d in range(len(W))) + b[m] for m in range(len(b))] for n in range(len(x))
    ]


# ---- what is only announced or asked ------------------------------------------------------------------------------


def test_what_we_only_announce_or_ask():
    says.only(
        "The page Notation continues this table for the later parts.",
        "Shapes and notation: reading W without tears",
        "Which way round a weight matrix stands, what shape everything has, and how many numbers a network holds.",
        "One convention for every shape in this series, a feeling for the mistakes that NumPy does not report, and a "
        "way to count what a network holds, to the last bias.",
        "To know how two matrices are multiplied, and what a layer is, from part 1.",
        "This part settles which way round a matrix stands, once and for the whole series. Then we look at what "
        "shape "
        "everything else has, at one more mistake that NumPy passes over in silence, and at how to count what a "
        "network holds.",
        "One product, two answers",
        "Trouble starts where a text takes the formula from one convention and the matrix from the other.",
        "Where two conventions are equally good, one has to choose and stay.",
        "One convention: rows are examples",
        "On this site each case that a network is given, such as one email, is called an example, and an example is "
        "always a row.",
        "Several examples, one below the other, make a batch.",
        "One step in `X @ W1 + b1` deserves a second look.",
        "A formula can be right and a program different.",
        "Two pairs of words are easily mixed up here.",
        "How does a program use all these numbers?",
        "Where it matters we give the sizes instead, as in 64-32-10, which nobody can misread.",
        "That is no question of shapes, and part 9 will measure it.",
        "That is part 3, and on the way we meet a printed number that is wrong.",
        because="they say what comes, what is asked, or what we call it, and no value follows from them",
    )


# ---- two conventions ----------------------------------------------------------------------------------------------


@claim("S4-09", "wrong", "A layer is h = σ(Wx + b) with W of shape (D_in, D_out).")
def test_a_square_matrix_multiplies_from_either_side_with_different_results():
    assert post.column.tolist() == [1 * 1 + 2 * 0, 3 * 1 + 4 * 0] == [1, 3]
    assert post.row.tolist() == [1 * 1 + 0 * 3, 1 * 2 + 0 * 4] == [1, 2]
    assert post.column.shape == post.row.shape == (2,)
    assert len({*post.W.ravel()}) == 4
    says.formula(
        "eq-column",
        r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix} \begin{bmatrix} 1 \\ 0 \end{bmatrix} = \begin{bmatrix} 1 \\ 3 "
        r"\end{bmatrix}",
    )
    says.formula(
        "eq-row",
        r"\begin{bmatrix} 1 & 0 \end{bmatrix} \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix} = \begin{bmatrix} 1 & 2 "
        r"\end{bmatrix}",
    )
    says(
        "Take the four numbers of the picture, all different, so that we can tell them apart. If the input is a "
        "row, it meets the columns of the matrix:",
        r"The second output is $1 \cdot 2 + 0 \cdot 4 = 2$. If the input is a column, it meets the rows:",
        r"Now the second output is $3 \cdot 1 + 4 \cdot 0 = 3$. NumPy computes both, gives both answers the same "
        r"shape, and complains about neither:",
    )
    holds("S4-09", "Mixed, NumPy refuses the product, or, where $\\mathbf{W}$ is square, gives another one.")


@claim("S4-09", "wrong")
@claim(
    "S0-06",
    "conditions",
    "One hidden layer is h = σ(W₁x + b₁), ŷ = W₂h + b₂; the code below it computes x @ W1.",
)
@claim(
    "S0-07",
    "confirmed",
    "x is a vector of d numbers, σ a nonlinearity such as ReLU, and the parameters are learned by gradient descent.",
)
def test_a_layer_is_the_same_in_both_conventions_with_its_matrix_transposed():
    holds("S0-07", "In both conventions.")
    D, M = 3, 2
    x, W, b = post.email, post.W1, post.b1
    stood = [[W[d][m] for d in range(D)] for m in range(M)]  # M rows and D columns
    as_column = [sum(stood[m][d] * x[d] for d in range(D)) + b[m] for m in range(M)]
    assert np.shape(stood) == (M, D)
    assert W.shape == (D, M)
    assert np.array(stood) @ x + b == pytest.approx(as_column)
    assert x @ W + b == pytest.approx(as_column)
    with pytest.raises(ValueError, match="mismatch"):
        x @ np.array(stood)
    says(
        r"Both readings are in use, and neither is wrong. In the column convention an input is a column. Without its "
        r"bend, a layer of $D$ inputs and $M$ units then computes $\mathbf{W}\mathbf{x} + \mathbf{b}$, and its "
        r"$\mathbf{W}$ has $M$ rows and $D$ columns, in short the shape $(M, D)$. In the row "
        r"convention an input is a row, the layer computes $\mathbf{x}\mathbf{W} + \mathbf{b}$, and $\mathbf{W}$ has "
        r"the shape $(D, M)$. Each matrix is the transpose of the other, with rows and columns exchanged.",
        r"So a text may well have $\mathbf{W}_1\mathbf{x} + \mathbf{b}_1$ in its formula and `x @ W1` in its code. "
        r"Each "
        r"is right in its own convention, as long as the reader is told that the array `W1` of the code is the "
        r"transpose of $\mathbf{W}_1$.",
    )
    holds(
        "S4-09",
        r"Either $\mathbf{x}\mathbf{W}$ with $(D_\text{in}, D_\text{out})$ or $\mathbf{W}\mathbf{x}$ with "
        r"$(D_\text{out}, D_\text{in})$, as PyTorch stores it.",
    )
    holds(
        "S0-06",
        "True for columns, with $\\mathbf{W}_1$ of shape (hidden, inputs). The code uses rows: its `W1` is the "
        "transpose of the formula's.",
    )


@claim("S0-06", "conditions")
def test_the_column_convention_gives_the_transpose_of_the_row_convention():
    assert post.Z_columns.shape == (2, 4)
    assert np.allclose(
        post.Z_columns, np.transpose(affine_by_loops(post.X, post.W1, post.b1)), rtol=0, atol=1e-12
    )
    for a, b in [(post.X, post.W1), (post.A, post.V)]:
        assert pytest.approx(b.T @ a.T) == (a @ b).T
    assert post.b1[:, None].shape == (2, 1)
    assert post.b1[:, None].ravel().tolist() == post.b1.tolist()
    says(
        "The column convention can do all this as well, with each array lying on its side. A transposed product is "
        "the product of the transposes in the other order, because either way the same row meets the same column, "
        "and `b1[:, None]` is the bias as a column, because `None` "
        "adds an "
        "axis of length 1:"
    )
    holds("S0-06", "its `W1` is the transpose of the formula's.")


@claim(
    "S0-07",
    "confirmed",
    "x is a vector of d numbers, σ a nonlinearity such as ReLU, and the parameters are learned by gradient descent.",
)
def test_nonlinearity_and_training_are_the_same_in_both_conventions():
    x, dz = post.X, np.arange(8.0).reshape(4, 2)
    W, b = post.W1 - 0.1 * x.T @ dz, post.b1 - 0.1 * dz.sum(axis=0)  # a step downhill, with rows
    stood = post.W1.T - 0.1 * dz.T @ x.T.T  # and with columns
    assert pytest.approx(np.maximum(0, x @ W + b)) == np.maximum(0, stood @ x.T + b[:, None]).T
    relu = ReLU()
    relu.forward(np.array([[-1.0, 0.0, 1.0]]), training=True)
    assert relu.backward(np.ones((1, 3))).tolist() == [[0, 0, 1]]
    says(
        "The rest of what such a text says is true in both: features come in, an activation function bends, training "
        "finds the parameters.",
    )
    holds("S0-07", "In both conventions. ReLU has no derivative at 0; this site takes 0 there.")


@claim("S4-09", "wrong")
@claim("S4-34", "confirmed", "W¹ is 3×2, b¹ has 2 elements, W² is 2×1, b² has 1.")
@claim("S4-35", "wrong", "Displays W¹x + b¹ and W²h¹ + b² with these matrices.")
def test_numpy_refuses_both_products_that_the_tutorial_displays():
    assert [a.shape for a in (post.W1, post.b1, post.W2)] == [(3, 2), (2,), (2, 1)]
    for W, v in [(post.W1, post.email), (post.W2, post.h)]:
        with pytest.raises(ValueError, match="mismatch in its core dimension"):
            W @ v
        assert (v @ W).shape == (W.shape[1],)
    assert post.W1.size + post.b1.size + post.W2.size + 1 == post.parameters["email"] == 11
    x, W = [Fraction(3), Fraction(1), Fraction(4, 5)], [[Fraction(str(w)) for w in row] for row in post.W1]
    z = [sum((x[d] * W[d][m] for d in range(3)), Fraction(str(post.b1[m]))) for m in range(2)]
    assert z == [Fraction("2.16"), Fraction("-0.18")]  # the tutorial's own numbers
    says(
        r"One of the five documents that this site examines, a tutorial, introduces its layer as $h = \sigma(Wx + "
        r"b)$, "
        r"where $\sigma$ is any activation function. The table below that formula gives $W$ the shape $(D_\text{in}, "
        r"D_\text{out})$, inputs first, which belongs to $xW$. In its worked example the matrices are $3 \times 2$ "
        r"and $2 \times 1$, "
        r"and it displays the products $W^1 x$ and $W^2 h^1$. Neither of them exists.",
        r"Why not?",
        "The email of the last part has three features, and the tutorial gives it a hidden layer of two units. The "
        "weights are its own.",
        r"Look at the end of each message. A product needs as many columns on its left as there are rows on its "
        r"right, "
        r"and these two sizes differ. (The line in the middle is NumPy's general rule for products.) The shapes of "
        r"the "
        r"example are right, $(3, 2)$ and $(2, 1)$ for the weights, with two biases for the hidden layer and one "
        r"for the output. Only the "
        r"letters in the formula have to change places: the products are $xW^1$ and $h^1W^2$, where $h^1$ is the "
        r"row of "
        r"all hidden values.",
    )
    holds("S4-09", "Mixed, NumPy refuses the product,")
    holds("S4-34", "Right for $\\mathbf{x}\\mathbf{W}$, and only for that; 11 parameters.")
    holds(
        "S4-35",
        r"Neither product exists; $\mathbf{x}\mathbf{W}^{(1)}$ and $\mathbf{h}\mathbf{W}^{(2)}$ do, and they are "
        r"what "
        r"the tutorial's arithmetic computes.",
    )


def test_the_message_that_is_shown_is_the_message_that_numpy_gives():
    with pytest.raises(ValueError, match="matmul") as caught:
        post.W1 @ post.email
    assert post.attempt(lambda: post.W1 @ post.email).split() == str(caught.value).split()
    says(
        "We write the products down as they are displayed. An error would stop our program, so a small function "
        "catches "
        "it and returns its message instead:",
        "Here NumPy has refused, and that is the harmless case, since somebody will read the message. The other "
        "case was "
        "our beginning.",
    )


def test_attempt_hands_on_a_result_and_stops_at_other_errors():
    assert post.attempt(lambda: 7) == 7
    with pytest.raises(TypeError):
        post.attempt(lambda: 7 + "7")


@claim(
    "S4-11",
    "wrong",
    "Drawing of a layer: x with two entries beside W with three rows and two columns, and h with two entries.",
)
def test_three_rows_of_weights_take_three_inputs_or_give_three_outputs():
    two = np.ones(2)
    with pytest.raises(ValueError, match="size 3 is different from 2"):
        two @ post.W1
    assert (np.ones(3) @ post.W1).shape == (2,)
    assert (post.W1 @ two).shape == (3,)
    says(
        "(The tutorial also draws a layer with two inputs, two outputs and a matrix of three rows and two columns. "
        "There "
        "no order of the letters helps: in $xW$ such a matrix takes three inputs, in $Wx$ it gives three outputs.)",
    )
    holds(
        "S4-11",
        "With three rows and two columns, $\\mathbf{x}\\mathbf{W}$ takes three inputs, and $\\mathbf{W}\\mathbf{x}$ "
        "gives three outputs.",
    )


# ---- the file that fits -------------------------------------------------------------------------------------------


def test_transposing_a_square_matrix_leaves_little_more_than_guessing():
    right, wrong = shares("test", "64"), shares("transposed")
    assert right.mean() > 0.96
    assert abs(wrong.mean() - 1 / 10) < 0.02
    assert wrong.max() < 0.35
    assert (right - wrong).min() > 0.6
    assert len(right) == len(wrong) == RESULT["seeds"] == 10
    assert len(np.unique(load_digits().target)) == 10
    (before, before_sd), (after, after_sd) = spread(right), spread(wrong)
    says(
        f"The network gets {right.mean():.0%} of new images right, you are told. You load the file into your own "
        f"program, all shapes fit, and it runs without a complaint. It gets {wrong.mean():.0%} right. There are "
        f"ten digits, so that is "
        f"little "
        f"better than guessing.",
        f"The accuracy on the test images fell from {before} ± {before_sd} to {after} ± {after_sd} (mean and "
        f"standard "
        f"deviation over the networks). Every shape fitted, and nothing was raised. But each hidden unit now has "
        f"weights that were learned for other connections.",
        f"We have seen what it costs to mix conventions, {right.mean():.1%} against {wrong.mean():.1%} and no "
        f"message.",
    )


def test_a_square_matrix_fits_both_ways_and_a_longer_one_does_not():
    square, x = np.arange(64 * 64.0).reshape(64, 64), np.ones((5, 64))
    assert (x @ square).shape == (x @ square.T).shape
    assert not np.allclose(x @ square, x @ square.T)
    assert sorted(square.T.ravel()) == sorted(square.ravel())
    with pytest.raises(ValueError, match="size 32 is different from 64"):
        x @ np.ones((64, 32)).T
    says(
        "Every number in the file is right. What is wrong is how your program reads the first matrix, which has 64 "
        "rows "
        "and 64 columns: it takes the rows for columns. If the matrix had been 64 by 32, an error message would have "
        "told you. A square one fits both ways, so nobody says a word.",
    )


def test_a_network_trained_now_falls_in_the_recorded_bands():
    run = width.train([64], seed=0)
    assert run["test"] == pytest.approx(RESULT["test"]["64"]["values"][0], abs=0.015)
    assert run["transposed"] < 0.35
    assert load_digits().images.shape[1:] == (8, 8)
    assert load_digits().data.shape[1] == 64
    assert RESULT["n_train"] + RESULT["n_test"] == len(load_digits().target) == 1797
    says(
        "The handwritten digits of this series are small: 8×8 digits Alpaydin & Kaynak 1998, with a grey value for "
        "each "
        "pixel. A network for them has 64 inputs. We gave it 64 hidden units, which makes its first matrix square, "
        "and "
        f"trained {RESULT['seeds']} such networks, each on {RESULT['n_train']:,} images. The other "
        f"{RESULT['n_test']} are "
        "its test images. Then we transposed that one matrix, as happens when a file comes from a program of "
        "the other convention.",
    )


# ---- rows ---------------------------------------------------------------------------------------------------------


def test_an_array_holds_one_example_after_the_other():
    assert post.X.ravel()[3:6].tolist() == post.X[1].tolist()
    assert post.X[1].tolist() == [0, 0, 0.9]
    says(
        "The reason is how data come: tables hold one example below the other, and so do NumPy's arrays, where "
        "`X[i]` "
        "is the example with the number `i`.",
    )


@claim("S4-10", "confirmed", "Table of shapes for x, b, z and h.")
@claim("S4-12", "confirmed", "Each output neuron gets a weighted combination of all inputs.")
def test_a_batch_gives_what_naive_loops_give():
    assert (post.n_examples, post.n_inputs, post.n_units) == (4, 3, 2)  # marks, "free" and reputation of each
    assert (len(post.X), len(post.W1), len(post.b1)) == (4, 3, 2)
    assert np.allclose(post.Z, affine_by_loops(post.X, post.W1, post.b1), rtol=0, atol=1e-12)
    assert (post.W1 != 0).sum(axis=0).tolist() == [3, 3]  # a weight for each input
    says(
        "A column of $\\mathbf{W}$ has one weight for each input, so each unit sees all of them.",
        "as our 4, 3 and 2 are.",
    )
    holds("S4-10", "With $\\mathbf{x}\\mathbf{W}$; a batch puts an axis of $N$ examples in front.")
    holds("S4-12", "Each output neuron gets a weighted combination of all inputs.")


def test_a_batch_gives_for_each_row_what_the_row_gives_alone():
    for example, z in zip(post.X, post.Z, strict=True):
        assert np.allclose(example @ post.W1 + post.b1, z, rtol=0, atol=1e-12)
    assert (post.X[:1] @ post.W1 + post.b1).shape == (1, 2)
    says(
        "With rows, `x @ W` takes the data as they lie, and the same line that does one email does four:",
        "For a single example $N$ is 1, and the rest of the table stays as it is. That is why one letter does for a "
        "row "
        "and for a batch. Where both stand side by side, as in our programs, the batch gets the capital, `X` and "
        "`Z`.",
    )


def test_rows_of_the_result_belong_to_emails_and_columns_to_units():
    def changed(X, W, b):
        return (~np.isclose(X @ W + b, post.Z)).tolist()

    other = post.X + np.array([[0], [0], [1], [0]])
    assert changed(other, post.W1, post.b1) == [[i == 2] * 2 for i in range(4)]
    tilted = post.W1 + np.array([0, 1])
    X = post.X + 1  # no row whose features add up to zero
    assert (~np.isclose(X @ tilted, X @ post.W1)).tolist() == [[False, True]] * 4
    assert changed(post.X, post.W1, post.b1 + np.array([0, 1])) == [[False, True]] * 4
    for i, one in enumerate(np.eye(3)):
        assert (one @ post.W1).tolist() == post.W1[i].tolist()  # what one input sends to all units
    assert np.maximum(0, post.Z).shape == post.Z.shape
    says(
        "Each row of the result belongs to an email, and each column to a unit.",
        r"| $\mathbf{x}$ | `x` | $(N, D)$ | an example | a feature |",
        r"| $\mathbf{W}$ | `W` | $(D, M)$ | all weights of one input | all weights of one unit |",
        r"| $\mathbf{b}$ | `b` | $(M{,})$ | | the bias of one unit |",
        r"| $\mathbf{z}$ | `x @ W + b` | $(N, M)$ | an example | one unit before its bend |",
        r"| $\mathbf{h}$ | `np.maximum(0, z)` | $(N, M)$ | an example | one unit, with the values of all examples |",
        "| symbol | code | shape | one row is | one column is |",
    )
    notation = (ROOT / "docs" / "notation.md").read_text(encoding="utf-8")
    for symbol, shape in (
        (r"\mathbf{x}", "(N, D)"),
        (r"\mathbf{W}", "(D, M)"),
        (r"\mathbf{b}", "(M{,})"),
        (r"\mathbf{z}", "(N, M)"),
        (r"\mathbf{h}", "(N, M)"),
    ):
        (row,) = (line for line in notation.splitlines() if line.startswith(f"| ${symbol}$ |"))
        assert row.split(" | ")[-1].startswith(f"${shape}$")


def test_two_matrices_fit_where_their_inner_sizes_are_equal_and_leave_the_outer_ones():
    for a, b, c, d in product(range(1, 5), repeat=4):
        if b == c:
            assert (np.ones((a, b)) @ np.ones((c, d))).shape == (a, d)
        else:
            with pytest.raises(ValueError, match="mismatch"):
                np.ones((a, b)) @ np.ones((c, d))
    says(
        "Whenever two matrices are multiplied, the inner sizes must be equal and disappear, and the outer ones "
        "remain. "
        "Here $D$ disappears. That is the whole rule, and it answers most questions about shapes:",
    )


def test_scikit_learn_stores_weights_with_the_inputs_first():
    x, y = post.X, np.array([0, 1, 1, 0])
    net = MLPClassifier((5,), solver="lbfgs", max_iter=1, random_state=0)
    with pytest.warns(match="lbfgs"):
        net.fit(x, y)
    assert [W.shape for W in net.coefs_] == [(3, 5), (5, 1)]
    x, y = np.random.default_rng(0).standard_normal((30, 3)), np.arange(30) % 4
    assert LogisticRegression().fit(x, y).coef_.shape == (4, 3)
    says(
        "Textbooks often choose it, and libraries differ, so it pays to look before you take over a file of weights. "
        "scikit-learn's `MLPClassifier` stores them as we do, inputs first; its `LogisticRegression` stores them the "
        "other way round.",
        r"PyTorch, a large library for neural networks, keeps $(D_\text{out}, D_\text{in})$ and multiplies by the "
        r"transpose PyTorch 2021.",
    )


def test_two_axes_refuse_the_wrong_order_that_one_axis_lets_pass():
    assert (post.W @ post.x).shape == (2,)
    with pytest.raises(ValueError, match="mismatch"):
        post.W @ post.x[None, :]
    assert (post.x[None, :] @ post.W).tolist() == [[1, 2]]
    assert post.x[None, :].nbytes == post.x.nbytes  # it costs nothing
    assert post.x.shape == (2,)
    assert (post.W @ post.x).tolist() == (post.x @ post.W.T).tolist()
    says(
        "So there are two silent cases: two factors in the wrong order, and a matrix that is stored the other way "
        "round. For a single vector both mistakes give the same wrong numbers, since `W @ x` is `x @ W.T`. Against "
        "the first there is a protection that costs nothing: never let go of the axis that counts the examples, the "
        "batch axis. The `x` of our first "
        "program "
        "had the shape `(2,)`, which is one axis. That is neither a row nor a "
        "column, so NumPy takes it as whichever fits. With two axes, `(1, 2)`, it is a row and nothing else, and the "
        "wrong order is refused even for a square matrix:",
    )


def test_no_shape_notices_as_many_rows_as_the_matrix_has_nor_a_transposed_square():
    batch = np.array([[1, 0], [5, 7]])
    assert (post.W @ batch).shape == (batch @ post.W).shape == (batch @ post.W.T).shape
    assert not np.array_equal(post.W @ batch, batch @ post.W)
    assert not np.array_equal(batch @ post.W.T, batch @ post.W)
    assert post.W.T.shape == post.W.shape
    for N, D, M in product(range(1, 6), repeat=3):
        x, W = np.ones((N, D)), np.ones((D, M))
        if N == M:
            assert (W @ x).shape == (D, D)
        else:
            with pytest.raises(ValueError, match="mismatch"):
                W @ x
    assert (post.W1 @ post.X[:2]).shape == (3, 3)  # two emails and two units
    assert (post.W2 @ post.h[None, :]).shape == (2, 2)  # one email and one output
    says(
        "The wrong order, `W @ X` of the shapes $(D, M)$ and $(N, D)$, still slips through where $M$ and $N$ "
        "happen to be equal: two emails "
        "and two units, or one email and one output. So try a program with a number of examples that is not one of "
        "its other sizes. Against the second case no axis helps, because a square matrix has the shape of its "
        "transpose. The "
        "file "
        "of our beginning needs a test with numbers, as in exercise 4.",
    )


def test_the_layer_of_the_package_computes_the_same_and_refuses_a_bare_vector():
    assert np.array_equal(post.layer.forward(post.X), post.Z)
    with pytest.raises(ValueError, match=r"x must have shape \(N, 3\), got \(3,\)"):
        post.layer.forward(post.email)
    says(
        "The layer of our package insists on batches. A fully connected layer is also called dense, so its name is "
        "`Dense`. It computes the same numbers as our line of code, and when it is given something else, it says "
        "what it "
        "expected:",
        "We have a convention: rows are examples, a layer is `x @ W + b`, `W` has the shape `(D, M)`, and the batch "
        "axis "
        "never goes away.",
    )


# ---- the bias -----------------------------------------------------------------------------------------------------


def test_arrays_are_repeated_along_the_axes_that_they_lack_or_have_with_one_entry():
    def fits(a, b):
        """The sizes side by side from the right, each pair equal or with a one; a missing one counts as one."""
        n = max(len(a), len(b))
        sizes = list(zip((1,) * (n - len(a)) + a, (1,) * (n - len(b)) + b, strict=True))
        return tuple(map(max, sizes)) if all(i == j or 1 in (i, j) for i, j in sizes) else None

    shapes = [shape for n in (1, 2) for shape in product((1, 2, 4), repeat=n)]
    for a, b in product(shapes, repeat=2):
        if fits(a, b):
            assert (np.ones(a) + np.ones(b)).shape == fits(a, b)
        else:
            with pytest.raises(ValueError, match="broadcast"):
                np.ones(a) + np.ones(b)
    assert (post.X @ post.W1).shape == (4, 2)
    assert post.b1.shape == (2,)
    for products, z in zip(affine_by_loops(post.X, post.W1, [0, 0]), post.Z, strict=True):
        assert z == pytest.approx([products[0] + 0.1, products[1] - 0.5])
    says(
        "The product has the shape `(4, 2)`, the bias has `(2,)`, and yet they can be added. NumPy lines the two "
        "shapes "
        "up at their right ends and repeats an array along every axis that it lacks, or in which it has only one "
        "entry. "
        "It is said to broadcast the array. Here it is what we want: `b1` is added to every row, so each unit has "
        "its "
        "bias, "
        "whatever the example.",
        "The bias lies along the outputs",
    )


def test_a_bias_stood_up_is_refused_for_four_examples():
    with pytest.raises(ValueError, match="broadcast"):
        post.with_column_bias(post.X)
    says("Now copy the bias from a text with the other convention, where it stands as a column:")


def test_a_bias_stood_up_gives_each_of_two_examples_a_bias_of_its_own():
    wrong = post.with_column_bias(post.X[:2])
    assert wrong.shape == post.Z[:2].shape
    products = post.Z[:2] - post.b1
    assert np.allclose(wrong[0], products[0] + 0.1, rtol=0, atol=1e-12)
    assert np.allclose(wrong[1], products[1] - 0.5, rtol=0, atol=1e-12)
    assert not np.allclose(wrong, post.Z[:2])
    assert len({post.n_examples, post.n_inputs, post.n_units}) == 3
    says(
        "With four emails NumPy refuses, which is lucky: four rows and two biases do not fit, and neither is 1. With "
        "two emails it does not. It gives the first bias to the first email and the second bias to the second, where "
        "each unit should have got its own, and no message says so. It is the square case once more: where two sizes "
        "are equal by chance, a mistake in the shapes cannot show. That is why you should test shapes with sizes "
        "that "
        "are all different and none of them 1,",
    )


# ---- counting -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [[3, 2, 1], [10, 20, 15, 1], [64, 32, 10], [5, 1], [784, 30, 10]])
@claim("S4-29", "confirmed", "A layer has D_out (D_in + 1) parameters.")
def test_the_formula_counts_what_the_arrays_hold(sizes):
    arrays = [np.zeros(shape) for D, M in pairwise(sizes) for shape in [(D, M), (M,)]]
    assert sum(post.count(sizes)) == sum(a.size for a in arrays) == dense_parameters(sizes)
    for D, M in pairwise(sizes):
        assert D * M + M == (D + 1) * M == np.zeros((D, M)).size + np.zeros(M).size
    says.formula("eq-count", r"D \cdot M + M = (D + 1)\,M")
    says(
        r"How much does a network hold? A dense layer with $D$ inputs and $M$ units has $D \cdot M$ weights and $M$ "
        r"biases. Together that makes",
    )
    holds("S4-29", "A layer has D_out (D_in + 1) parameters.")


@claim("S4-30", "confirmed", "10-20-15-1: 220 + 315 + 16 = 551 parameters.")
def test_the_network_of_the_tutorial_has_551_parameters():
    assert post.layers == [10 * 20 + 20, 20 * 15 + 15, 15 * 1 + 1] == [220, 315, 16]
    assert post.total == post.n_values == sum([220, 315, 16]) == 551
    assert network_parameters(post.net) == 551
    assert [layer.params["W"].shape for layer in post.net.layers if layer.params] == [
        (10, 20),
        (20, 15),
        (15, 1),
    ]
    assert post.n_arrays == 6
    says(
        "A network of 10 inputs, hidden layers of 20 and 15, and 1 output has 220 + 315 + 16 = 551 of them:",
        "So we also count the numbers that a network of the package really holds, array by array, and ask for its "
        "own two counts, one by the sizes and one by the arrays:",
    )
    holds("S4-30", "10-20-15-1: 220 + 315 + 16 = 551 parameters.")


def test_scikit_learn_counts_the_last_layer_the_same_way():
    line = LinearRegression().fit(np.eye(15), np.arange(15.0))
    assert post.layers[-1] == line.coef_.size + 1


@claim("S1-01", "definition", "Roadmap to an MLP with two hidden layers, from scratch.")
def test_the_four_networks_have_as_many_parameters_as_their_arrays():
    by_hand = {
        "email": 3 * 2 + 2 + 2 * 1 + 1,
        "tutorial": 551,
        "blog": 784 * 512 + 512 + 512 * 10 + 10,
        "roadmap": 3072 * 512 + 512 + 512 * 256 + 256 + 256 * 10 + 10,
    }
    assert post.parameters == by_hand == {"email": 11, "tutorial": 551, "blog": 407_050, "roadmap": 1_707_274}
    says(
        "Here are the sizes of four networks. The first two are the tutorial's. The third is that of a blog post, "
        "another "
        "of the five documents. The fourth, for small colour images, is planned in one of them without sizes, so we "
        "took 512 and 256 hidden units:",
        "| network for | sizes | weights | biases | parameters | bytes in float32 |",
    )
    labels = {
        "email": "one email",
        "tutorial": "the example above",
        "blog": "digits of 28×28 pixels",
        "roadmap": "small colour images",
    }
    for name, sizes in post.sizes.items():
        net = mlp(sizes, rng=np.random.default_rng(0))
        arrays = [a for layer in net.layers for a in layer.params.values()]
        weights, biases = (sum(a.size for a in arrays if a.ndim == n) for n in (2, 1))
        assert {a.dtype for a in arrays} == {np.dtype("float32")}
        assert sum(a.size for a in arrays) == post.parameters[name] == weights + biases
        assert sum(a.nbytes for a in arrays) == post.n_bytes[name]
        assert weights == post.n_weights[name]
        assert biases == post.n_biases[name]
        written = "-".join(str(n) for n in [arrays[0].shape[0], *(a.size for a in arrays if a.ndim == 1)])
        assert post.written[name] == written
        says(
            f"| {labels[name]} | {written} | {weights:,} | {biases:,} | {weights + biases:,} | "
            f"{sum(a.nbytes for a in arrays):,} |",
        )
    assert post.sizes["blog"][0] == 28 * 28
    assert len(post.sizes["roadmap"]) - 2 == 2
    assert by_hand["roadmap"] == 1_707_274
    holds(
        "S1-01",
        "Two hidden layers are three weight layers. Sizes are not given; `3072-512-256-10` has 1,707,274 parameters.",
    )


def test_a_number_a_second_takes_eleven_seconds_or_almost_five_days():
    seconds = 784 * 512 + 512 + 512 * 10 + 10
    assert post.days == pytest.approx(seconds / 3600 / 24)
    assert post.parameters["email"] == 3 * 2 + 2 + 2 + 1
    assert post.parameters["roadmap"] > 4 * seconds
    says(
        f"Read aloud, at one number a second, the parameters of the email network take {3 * 2 + 2 + 2 + 1} seconds. "
        f"Those of the third network take {seconds / 86_400:.1f} days, without sleep.",
        "And it is a small one.",
        f"And we can count: 11 parameters for the network of one email, {seconds:,} for a network with one hidden "
        f"layer "
        f"on images of digits.",
        "The smaller network is small enough to be followed by hand, value by value, and then we can ask what it "
        "“knows”.",
    )


@claim("S1-16", "confirmed", "3072 input neurons, each receiving one colour of one pixel.")
def test_a_colour_image_has_three_values_for_each_pixel():
    image = np.zeros((3, 32, 32))
    assert image.size == post.cifar_values == 3072 == post.sizes["roadmap"][0]
    assert image[0].size == post.cifar_pixels == 1024
    net = mlp(post.sizes["roadmap"], rng=np.random.default_rng(0))
    assert sum(isinstance(layer, Dense) for layer in net.layers) == len(post.sizes["roadmap"]) - 1
    assert post.n_weights["roadmap"] < post.parameters["roadmap"]
    says(
        "A weight is one kind of parameter and a bias the other, so the weights of a network are fewer than its "
        "parameters. And a value is not a pixel: the 3,072 inputs of the last network are three values, for red, "
        "green "
        "and blue, of each of 1,024 pixels.",
        "(Inputs are often drawn as circles and counted as neurons. They compute nothing, and they have no "
        "parameters.)",
    )
    holds(
        "S1-16",
        "3,072 values of 1,024 pixels. They are values, not neurons that compute: they have no parameters.",
    )


@claim("S0-09", "confirmed", "A minimal NumPy class with four arrays and a forward method.")
def test_the_forward_pass_takes_one_row_or_a_batch():
    assert sum(a.size for a in post.blog) == post.parameters["blog"] == 784 * 512 + 512 + 512 * 10 + 10
    alone = post.forward(post.images[3], *post.blog)
    assert alone.shape == (10,)
    assert np.allclose(post.forward(post.images, *post.blog)[3], alone, rtol=0, atol=1e-12)
    lines = inspect.getsource(post.forward).splitlines()
    assert len(post.blog) == 4
    assert [line for line in lines[1:] if '"""' not in line] == [
        "    return np.maximum(0, x @ W1 + b1) @ W2 + b2"
    ]
    says(
        "The third network is four arrays and one line of code, and it takes a batch of images. (The blog post "
        "gives it one image without the batch axis. That works, but it gives up the protection.)",
    )
    holds(
        "S0-09",
        "The forward pass runs for one row and for a batch; with the sizes of the post, `784-512-10`, its four "
        "arrays "
        "hold 407,050 parameters.",
    )


@claim("S0-09", "confirmed")
@claim(
    "S0-12",
    "imprecise",
    "This is the purest form of an MLP: no frameworks, no abstractions, no optimizers yet.",
)
def test_the_forward_pass_leaves_its_arrays_as_they_were():
    before = [a.copy() for a in post.blog]
    post.forward(post.images, *post.blog)
    assert [np.array_equal(a, b) for a, b in zip(post.blog, before, strict=True)] == [True] * 4
    assert post.forward.__code__.co_names == ("np", "maximum")  # all that it calls
    assert abs(post.blog[0].mean()) < 1e-4  # random, around zero
    assert post.blog[0].std() == pytest.approx(0.01, rel=0.01)
    says(
        "That is beautifully short, and of no use so far. The parameters here are random, and nothing in this code "
        "could "
        "make them better. A network that is to learn needs more than a forward pass: it needs a loss, a way to "
        "lower "
        "it, and data.",
    )
    holds("S0-09", "Nothing in it can train them.")
    holds(
        "S0-12",
        "It is inference alone, on top of an array framework; there is no loss, no gradient, no update and no data.",
    )


def test_the_forward_pass_is_that_of_the_package():
    net = mlp([784, 512, 10], rng=np.random.default_rng(0), dtype=np.float64)
    for layer, (W, b) in zip(net.layers[::2], [post.blog[:2], post.blog[2:]], strict=True):
        layer.params["W"][:], layer.params["b"][:] = W, b
    assert np.allclose(net.forward(post.images), post.forward(post.images, *post.blog), rtol=0, atol=1e-12)


# ---- layers -------------------------------------------------------------------------------------------------------


@claim(
    "S4-18",
    "confirmed",
    "Layers are chained: h¹, h², …, and a last step y = W^L h + b without activation.",
)
def test_a_network_is_its_dense_layers_chained_and_the_last_is_linear():
    net = mlp([3, 5, 4, 2], rng=np.random.default_rng(1), dtype=np.float64)
    *hidden, last = [layer.params for layer in net.layers if layer.params]
    h = post.X
    for params in hidden:
        h = np.maximum(0, affine_by_loops(h, params["W"], params["b"]))
    logits = affine_by_loops(h, last["W"], last["b"])
    assert np.allclose(net.forward(post.X), logits, rtol=0, atol=1e-12)
    assert np.min(logits) < 0
    says(
        r"The raised numbers of a formula count matrices, one for each layer of units. Between the input and the "
        r"output lies a chain: "
        r"$\mathbf{h}^{(1)}$ is what comes out behind the first matrix, $\mathbf{h}^{(2)}$ behind the second, and "
        r"so on, "
        r"up to a last step without a bend.",
    )
    holds("S4-18", "With the order of the factors as in the convention chosen; $L$ counts weight layers.")


@claim("S4-19", "definition", "Names: input layer, hidden layers, output layer.")
def test_two_layers_can_be_three_networks():
    values, matrices, hidden = ([3, 2], [3, 4, 2], [3, 4, 4, 2])
    counts = [sum(isinstance(layer, Dense) for layer in mlp(sizes, rng=np.random.default_rng(0)).layers)
              for sizes in (values, matrices, hidden)]  # fmt: skip
    assert counts == [1, 2, 3]
    assert (len(values), counts[1], len(hidden) - 2) == (2, 2, 2)
    assert [len(sizes) - n for sizes, n in zip((values, matrices, hidden), counts, strict=True)] == [1, 1, 1]
    says(
        "You will read of “a two-layer network”, and it can mean three different things: two layers of values, one "
        "of "
        "them the inputs; two matrices; or two hidden layers.",
        "The names input layer, hidden layer and output layer stand for sets of values, even for the inputs, which "
        "compute nothing.",
        "With the inputs there is one set of values more than there are matrices.",
        "We count matrices, as Bishop advises Bishop 2006, and call their number $L$.",
    )
    holds(
        "S4-19",
        "They name sets of values, one more than there are weight layers. This site counts weight layers.",
    )


@claim(
    "S4-25", "confirmed", "Shallow (2 layers): input, hidden, output. Deep (5 layers): four hidden layers."
)
def test_a_network_has_one_weight_layer_more_than_hidden_layers():
    for words, hidden in (("“2 hidden layers”", 2), ("“shallow (2 layers)”", 1), ("“deep (5 layers)”", 4)):
        net = mlp([3, *[4] * hidden, 2], rng=np.random.default_rng(0))
        n_matrices = sum(isinstance(layer, Dense) for layer in net.layers)
        assert n_matrices == hidden + 1
        says(f"| {words} | {hidden} | {n_matrices} |")
    says("| you read | hidden layers | matrices |")
    holds("S4-25", "Counted in weight layers: 1 and 4 hidden layers.")


# ---- the width: what the ledger says of the tutorial's rules ------------------------------------------------------


@claim("S4-107", "wrong", "Hidden size = 2–4× input size.")
def test_the_rule_of_thumb_is_counted_right():
    assert post.rule_parameters == [3073 * 6144, 3073 * 12288] == [18_880_512, 37_761_024]
    assert post.rule_digits == [2 * 64, 4 * 64]
    assert post.enlarged_inputs == [(8 * 2) ** 2, (8 * 4) ** 2]
    holds(
        "S4-107",
        "For 3,072 inputs the rule costs 18,880,512 to 37,761,024 parameters in one layer.",
    )


@claim(
    "S4-109",
    "imprecise",
    "Hidden layers by number of examples: 64-32 for fewer than 10K, 128-64-32 up to 100K, 256-128-64 beyond.",
)
def test_the_recipes_are_counted_right():
    assert post.recipe_parameters == {
        "small": 785 * 64 + 65 * 32 + 33 * 10,
        "medium": 785 * 128 + 129 * 64 + 65 * 32 + 33 * 10,
        "large": 785 * 256 + 257 * 128 + 129 * 64 + 65 * 10,
    }
    assert list(post.recipe_parameters.values()) == [52_650, 111_146, 242_762]
    holds(
        "S4-109",
        "Usable sizes (52,650, 111,146 and 242,762 parameters on a 28×28 image and 10 classes), but",
    )


@claim("S4-109", "imprecise")
def test_no_recipe_obeys_the_rule_beyond_128_inputs():
    def obeys(D):
        return any(2 * D <= hidden[0] <= 4 * D for hidden in ([64, 32], [128, 64, 32], [256, 128, 64]))

    assert post.recipe_limit == 128
    assert list(post.recipes.values()) == RESULT["recipes"] == [[64, 32], [128, 64, 32], [256, 128, 64]]
    assert obeys(128)
    assert not any(obeys(D) for D in range(129, 4000))
    holds(
        "S4-109", "with more than 128 inputs they contradict the tutorial's own rule of 2–4× the input size;"
    )


@claim("S4-109", "imprecise")
def test_the_recipe_for_large_data_did_best_on_a_small_set():
    assert RESULT["n_train"] == 1297
    assert mean("256-128-64") == max(np.mean(held["values"]) for held in RESULT["test"].values())
    says(
        "and rules that choose their widths by the number of examples. Take them as a place to start from, and try "
        "out what is better on your own data.",
    )
    holds("S4-109", "and on 1,297 examples the “large” one did best.")


@claim("S4-22", "definition", "Hidden size is how many features a layer can learn, like 2 or 100 detectors.")
def test_accuracy_rises_with_width_and_then_flattens():
    assert mean("1") < mean("2") + 0.1 < mean("4")
    assert mean("4") + 0.15 < mean("8")
    assert mean("2") < 0.6
    assert 0.87 < mean("8") < 0.96
    assert mean("16") > 0.95
    assert all(0.96 < mean(str(w)) < 0.99 for w in (32, 64, 128, 256, 512, 1024))
    says("The number of units in a layer is its width.")
    assert (f"{mean('2'):.0%}", f"{mean('128'):.0%}") == ("25%", "98%")
    holds("S4-22", "A fair picture of width. On the digits 2 units reach 25% and 128 units 98%.")


@claim("S4-107", "wrong")
def test_nothing_happens_at_the_band_of_the_rule():
    steps = {w: mean(str(2 * w)) - mean(str(w)) for w in RESULT["widths"][:-1]}
    assert max(steps, key=steps.get) in (2, 4)
    assert all(abs(steps[w]) < 0.01 for w in (32, 64, 128, 256, 512))
    assert 0 < 100 * (shares("test", "128") - shares("test", "16")).mean() < 2.5
    holds("S4-107", "Not as a rule.")


@claim("S4-107", "wrong")
def test_repeating_pixels_does_not_ask_for_more_units():
    few, many = shares("enlarged", "8x8"), shares("enlarged", "32x32")
    assert few.tolist() == shares("test", "32").tolist()
    assert 0 < (few - many).mean() < 0.005  # nearly as well
    assert abs(shares("enlarged", "16x16").mean() - few.mean()) < 0.005
    (on_few, few_sd), (on_many, many_sd) = spread(few), spread(many)
    assert 32 * 32 == 16 * 64
    says(
        f"Until then, distrust rules that tie it to the number of inputs, such as two to four units for each. With "
        f"32 "
        f"units we got {on_few} ± {few_sd} right on the 64 inputs of our digits. Then we repeated every pixel until "
        f"there "
        f"were {32 * 32:,} inputs. The rule would ask for sixteen times as many units, although nothing new is in "
        f"the "
        f"image. The same 32 got {on_many} ± {many_sd}.",
    )
    assert (on_few, on_many) == ("97.1%", "96.8%")
    holds(
        "S4-107",
        "The needed width does not follow the number of inputs: 32 units do nearly as well on 1,024 inputs (96.8%) "
        "as "
        "on the 64 (97.1%) that say the same.",
    )


@claim("S4-106", "conditions", "Begin with 1–2 hidden layers.")
def test_one_or_two_hidden_layers_are_a_good_beginning_on_the_digits():
    one, two = shares("test", "64"), shares("test", "64-32")
    assert min(one.mean(), two.mean()) > 0.96
    assert len(one) == len(two) == 10
    says(
        "How many layers? On these digits one or two hidden layers are a good beginning. There are rules on when to "
        "add layers,"
    )
    assert (spread(one)[0], spread(two)[0]) == ("97.3%", "97.8%")
    holds(
        "S4-106",
        "A good beginning on the digits: 97.3% with one layer of 64, 97.8% with `64-32`, over 10 seeds. One small "
        "data "
        "set.",
    )


@claim("S4-108", "conditions", "Add layers only if underfitting.")
def test_more_layers_gain_little_where_one_layer_already_fits():
    assert shares("train", "32").mean() > 0.99
    assert shares("train", "1024").mean() > 0.999
    assert 0 < 100 * (shares("test", "64-32") - shares("test", "64")).mean() < 1.5
    gain = 100 * (shares("test", "256-128-64") - shares("test", "1024"))
    assert gain.mean() > 2 * gain.std(ddof=1) / 10**0.5
    assert (f"{gain.mean():.1f}", f"{gain.std(ddof=1) / 10**0.5:.1f}") == ("0.5", "0.2")
    holds(
        "S4-108",
        "A way to start small, not a law. The digits are fitted by one layer, and `256-128-64` was still 0.5 ± 0.2 "
        "points (standard error) better than one layer of 1,024.",
    )


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
        pairs = zip(shares("test", less), shares("test", more), strict=True)
        assert RESULT["points"][key]["values"] == pytest.approx([100 * (b - a) for a, b in pairs])


def test_the_parameters_of_the_measured_networks_are_counted_right():
    for name, n in RESULT["parameters"].items():
        assert n == sum(post.count([64, *map(int, name.split("-")), 10]))


def test_the_seeds_disagree_widely_below_the_bend_only():
    sd = {w: shares("test", str(w)).std(ddof=1) for w in RESULT["widths"]}
    assert min(sd[w] for w in (1, 2, 4)) > 0.08
    assert max(sd[w] for w in (32, 64, 128, 256, 512, 1024)) < 0.015


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
    other = np.arange(15.0).reshape(5, 3), np.arange(6.0).reshape(3, 2)
    assert (other[1].T @ other[0].T).T.tolist() == (other[0] @ other[1]).tolist()
    for a, b in [(V, A), (A, V.T)]:
        with pytest.raises(ValueError, match="mismatch"):
            a @ b
    says(
        "`A` has the shape `(5, 3)` and `V` has the shape `(3, 2)`. Which of `A @ V`, `V @ A`, `A @ V.T` and `V.T @ "
        "A.T` "
        "exist, and with what shapes? (Aim: two of them exist. Hint: write the four sizes side by side and look at "
        "the "
        "inner ones.)",
        "The first and the last. One is the transpose of the other.",
    )


def test_784_30_10_has_23860_parameters():
    weights, biases = 784 * 30 + 30 * 10, 30 + 10
    assert post.thirty == [785 * 30, 31 * 10] == [23_550, 310]
    assert post.thirty_weights == weights
    assert post.thirty_total == weights + biases == 23_860
    says(
        "How many weights, biases and parameters does a network of the sizes 784-30-10 have? (Aim: the parameters "
        "end in "
        "60. Hint: count the biases last.)",
        f"{weights:,} weights and {biases} biases, together {weights + biases:,} parameters.",
    )


def test_a_bias_stood_up_makes_two_rows_of_one_email():
    assert post.alone.shape == (2, 2)
    assert np.allclose(np.diag(post.alone), post.Z[0])
    for i, j in ((0, 1), (1, 0)):
        assert abs(post.alone[i, j] - post.Z[0, j]) > 0.5
    says(
        "`X[:1] @ W1 + b1[:, None]` takes one email, and its bias stands as a column. Which shape comes out, and "
        "why is "
        "that worse than an error? (Hint: each of the two arrays has an axis with one entry.)",
        "`(1, 2)` and `(2, 1)` are both stretched, to `(2, 2)`. One email went in, two rows come out, and nothing "
        "complains until somebody counts rows. Only the diagonal holds what we wanted.",
    )


def test_a_one_hot_row_picks_a_row_of_the_matrix():
    assert (post.one_hot @ post.W).tolist() == [[3, 4]] == [post.W[1].tolist()]
    assert (post.one_hot @ post.W.T).tolist() == [[2, 4]] == [post.W[:, 1].tolist()]
    assert post.one_hot.tolist() == [[0, 1]]
    W, b = np.arange(9.0).reshape(3, 3), np.array([5.0, 7.0, 11.0])
    for i, one in enumerate(np.eye(3)):
        answer = one @ W + b
        assert (answer - b).tolist() == W[i].tolist()
        assert (one @ W.T + b - b).tolist() == W[:, i].tolist()
    says(
        "A file holds a square matrix `W`, and nobody remembers its convention. Feed it a vector that is 1 at one "
        "position and 0 at all others, which is called one-hot. What does `one_hot @ W` give, and how does it help? "
        "(Hint: all weights but those of one input are multiplied by 0, and the program that wrote the file reads "
        "them "
        "the right way.)",
        "With the 1 at position $i$ it gives row $i$ of the matrix. If `W` has the inputs first, these are the "
        "weights "
        "that lead out of input $i$, and so they are what the layer computes from that input alone, before its bias "
        "and its bend. If `W` has the outputs first, the weights of input $i$ stand in column $i$, and row $i$ is "
        "something else. So feed the same vector to the program that "
        "wrote the file, take the sums of its first layer, subtract the bias, and compare with both. If there is no "
        "such program, try both ways on "
        "images whose digits you know.",
    )


def test_a_three_layer_network_can_be_three_networks():
    hidden = [len(sizes) - 2 for sizes in post.three.values()]
    assert hidden == [1, 2, 3]
    counts = [65 * 32 + 33 * 10 + n * 33 * 32 for n in range(3)]
    assert post.three_parameters == counts == [2410, 3466, 4522]
    says(
        "“We used a three-layer network with 64 inputs, 10 classes and 32 units in each hidden layer.” Give the "
        "three "
        f"networks that this can mean, and count each. (Aim: the smallest has {min(counts):,} parameters.)",
        f"Three layers of values, the inputs counted: 64-32-10 with {counts[0]:,} parameters. Three matrices: "
        f"64-32-32-10 with {counts[1]:,}. Three hidden layers: 64-32-32-32-10 with {counts[2]:,}.",
    )


# ---- the drawings -------------------------------------------------------------------------------------------------


def test_the_words_at_the_two_readings_are_those_of_the_products():
    (a, b), (c, d) = VALUES["W"]
    x = VALUES["x"]
    as_row, as_column = np.array([x]) @ [[a, b], [c, d]], np.array([[a, b], [c, d]]) @ np.transpose([x])
    titles, products, nets = [], [], []
    for n, ax in enumerate(drawn.draw_readings(VALUES, COLOURS).axes):
        (nets if n % 2 else products).append(ax)
    for ax in products:
        titles.append(next(t.get_text() for t in ax.texts if ":" in t.get_text()))
        frames = [p for p in ax.patches if p.get_linewidth() > 1]
        assert [p.get_linestyle() in ("-", "solid") for p in frames] == [True, False, True, False]
    upright = [
        [p.get_height() > p.get_width() for p in ax.patches if p.get_linewidth() > 1][:2] for ax in products
    ]
    assert upright == [[True, True], [False, False]]  # columns of W in one, rows in the other
    assert titles == ["x is a row: x W", "x is a column: W x"]
    for ax, net in zip(products, nets, strict=True):
        assert net.get_position().y1 <= ax.get_position().y0 + 1e-9
        circles = [patch.center[0] for patch in net.patches]
        assert max(circles[:2]) < min(circles[2:])
        across = [line for line in net.lines if line.get_ydata()[0] != line.get_ydata()[1]]
        assert len(across) == 2
    says(
        f"The same W twice. The row x meets its columns and gives {as_row[0, 0]} and {as_row[0, 1]}; the column x "
        f"meets "
        f"its rows and gives {as_column[0, 0]} and {as_column[1, 0]}. Below, as networks: the weights {b} and {c} "
        f"have "
        f"changed places.",
        "What is framed alike belongs together: solid is what makes the first number of the result, dashed what "
        "makes "
        "the second. In the first reading the frames are columns of W, in the second rows. Below, the same as "
        "networks, "
        "with x on the left and the result on the right: look at the weights on the two lines that cross.",
    )


def test_the_words_at_the_shapes_of_a_batch_are_those_of_the_arrays():
    ax = drawn.draw_shapes(VALUES, COLOURS).axes[0]
    z = post.X[0] @ post.W1[:, 0] + post.b1[0]
    assert (post.X @ post.W1)[0, 0] + post.b1[0] == z
    bold = [t.get_text().replace("−", "-") for t in ax.texts if t.get_weight() == "bold"]
    assert [float(v) for v in bold] == pytest.approx([*post.X[0], *post.W1[:, 0], post.b1[0], z])
    assert drawn.STYLE["D"] == "-"
    assert sum(drawn.STYLE["N"][1]) < sum(drawn.STYLE["M"][1])  # dots, and dashes
    assert (post.X.shape, post.W1.shape) == ((4, 3), (3, 2))
    says(
        "Draw each array as a rectangle, as high as it has rows and as wide as it has columns. Here $N$, the number "
        "of "
        "examples, is 4, and $D$ and $M$ are 3 and 2:",
        f"Cells to scale: x has {len(post.X)} rows and {len(post.X[0])} columns, W {len(post.W1)} and "
        f"{len(post.W1[0])}, "
        f"b one row, z {len(post.X)} and {len(post.W1[0])}. Marked: the first row of x, column of W and bias; they "
        f"make "
        f"the first number of z, {z:.2f}.",
        "Read the lines along the edges: dotted for N, solid for D, dashed for M. The two solid lines meet at the "
        "product and disappear; dotted and dashed remain. One marked row, one marked column and one bias make one "
        "number.",
    )
