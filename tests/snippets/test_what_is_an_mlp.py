"""Every value of the line, of the two bends and of the networks that learn, by fractions, logic and other libraries."""

import inspect
import json
import math
from fractions import Fraction
from itertools import combinations, product
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import linprog
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB

from experiments import line_or_mlp, results, xor_of_signs
from figures import what_is_an_mlp as drawn
from figures import xor_of_signs as maps
from figures.style import SCHEMES
from figures.xor_of_signs import lead
from scratchmlp.layers import Dense, ReLU
from scratchmlp.losses import binary_cross_entropy, cross_entropy, mean_squared_error
from scratchmlp.network import Network, mlp
from scratchmlp.training import evaluate
from sitetools import ROOT
from sitetools.house import read
from snippets import what_is_an_mlp as post
from tests.claims import claim, holds
from tests.reading import Reader

says = Reader("what-is-an-mlp")
VALUES = json.loads((ROOT / "snippets" / "out" / "what_is_an_mlp.json").read_text(encoding="utf-8"))["values"]
COLOURS = SimpleNamespace(**SCHEMES["light"], width=7.5, narrow=False)
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
    assert post.x.tolist() == [3, 1, 0.8]
    assert post.score == pytest.approx(1.1, abs=1e-12)
    assert (post.x.shape, post.w.shape, np.shape(post.x @ post.w)) == ((3,), (3,), ())
    assert post.terms == pytest.approx([float(t) for t in terms[:3]])
    says(
        r"$3 \cdot 0.25 + 1 \cdot 0.4 -0.5 \cdot 0.8 + 0.35 = 1.1$",
        "We describe the email by three numbers, which are called its features: 3 exclamation marks, a 1 because the "
        "word free is in it, and 0.8 for the sender's reputation, where 0 is a stranger and 1 an old friend.",
        "The comments in the code give shapes: three features times three weights make one number. That number is "
        "the email's score: ours has 1.1. More means more like spam, and that is all it means. It is tempting to "
        "read the score as a probability, but there is no probability above 1.",
    )


def test_spam_has_more_marks_more_often_free_and_worse_senders():
    spam, other = post.X[post.y == 1].mean(axis=0), post.X[post.y == 0].mean(axis=0)
    assert spam[0] > other[0]
    assert spam[1] > other[1]
    assert spam[2] < other[2]
    assert set(np.unique(post.X[:, 1])) == {0, 1}
    assert post.X[:, 2].min() >= 0
    assert post.X[:, 2].max() <= 1
    assert post.n_emails == len(post.X) == 400
    assert post.A.shape == (400, 4)
    assert (post.A[:, 0] == 1).all()
    says(
        "Suppose that we have 400 emails, and know of each whether it was spam. Ours are invented: spam has more "
        "exclamation marks, more often the word free, and senders of lower reputation. You need not know the "
        "distributions that the numbers are drawn from.",
        r"Each row of $\mathbf{A}$ is an email, with a 1 in front of its features. The 1 is there for the bias: "
        r"multiplied by 1, it can be treated as one more weight. Weights and bias together are the parameters, and "
        r"from here on $\mathbf{w}$ stands for all four of them. What is known about the email, 1 for spam and 0 "
        r"for the rest, is its label $y$.",
    )


def test_the_normal_equations_give_the_least_squares_of_scikit_learn():
    oracle = LinearRegression().fit(post.X, post.y)
    assert post.best == pytest.approx([oracle.intercept_, *oracle.coef_], abs=1e-10)
    left, right = post.A.T @ post.A, post.A.T @ post.y
    assert (left.shape, post.best.shape, right.shape) == ((4, 4), (4,), (4,))
    assert left @ post.best == pytest.approx(right)
    assert post.A.T @ (post.A @ post.best - post.y) == pytest.approx(np.zeros(4), abs=1e-9)
    assert post.A.T[1, 7] == post.A[7, 1]
    says.formula(
        "eq-normal",
        r"\underbrace{\mathbf{A}^{\mathsf{T}} \mathbf{A}}_{(4, 4)}\, \underbrace{\mathbf{w}}_{(4,)} = "
        r"\underbrace{\mathbf{A}^{\mathsf{T}} \mathbf{y}}_{(4,)}",
    )
    says(
        r"Turn one weight up a little, and the miss of an email grows by that much times the email's value in the "
        r"column of the weight. Its square grows by twice the miss times that value, since the slope of $m^2$ is "
        r"$2m$. At the lowest point the loss has no slope in any weight. So the misses $\mathbf{A}\mathbf{w} - "
        r"\mathbf{y}$, each multiplied by the email's value in a column, must add up to zero, for each of the four "
        r"columns. In symbols that is $\mathbf{A}^{\mathsf{T}}(\mathbf{A}\mathbf{w} - \mathbf{y}) = 0$, where "
        r"$\mathbf{A}^{\mathsf{T}}$ is $\mathbf{A}$ with rows and columns exchanged. These are four equations for "
        r"four unknowns, here with the shapes below:",
        "This way of choosing is called least squares, and NumPy solves the equations in one line:",
    )


@claim("S4-04", "wrong", "A linear model: w₁·3 + w₂·1 + w₃·0.2 + b is the spam probability.")
def test_scores_of_the_line_leave_the_range_of_probabilities():
    scores = [post.best[0] + sum(w * v for w, v in zip(post.best[1:], row, strict=True)) for row in post.X]
    assert sum(s < 0 or s > 1 for s in scores) / post.n_emails == post.outside == pytest.approx(0.22)
    assert min(scores) == pytest.approx(post.lowest)
    assert max(scores) == pytest.approx(post.highest)
    assert min(scores) < -0.1
    assert max(scores) > 1.6
    says(
        "22% of the scores lie below 0 or above 1. Better weights did not turn the score into a probability, and they "
        "could not, because a sum has no floor and no ceiling.",
    )
    holds("S4-04", "With the best weights, 22% of 400 invented emails score below 0 or above 1;")


def test_each_exclamation_mark_adds_the_same_to_the_score():
    few, many = np.array([[1, 0, 1, 0.5], [1, 1, 1, 0.5]]), np.array([[1, 90, 1, 0.5], [1, 91, 1, 0.5]])
    assert np.diff(few @ post.best) == pytest.approx(post.best[1])
    assert np.diff(many @ post.best) == pytest.approx(post.best[1])
    assert post.w[0] > 0
    says(
        "Because a weight has one sign: one more exclamation mark speaks for spam in every email, whatever else is "
        "in it. Some questions are not like that.",
        "Each feature gets a weight, which says how much one unit of it speaks for spam. We multiply each feature by its "
        "weight and add up the products. One more number joins the sum, the bias: it is the score of an email with no "
        "marks, without free, from a stranger. Here are weights and a bias that we made up:",
    )


def test_the_shares_of_emails_sorted_correctly_are_counted_right():
    by_score = sum((s > 0.5) == bool(t) for s, t in zip(post.scores, post.y, strict=True))
    by_probability = sum((q > 0.5) == bool(t) for q, t in zip(post.p, post.y, strict=True))
    assert post.right_scores == by_score / post.n_emails
    assert post.right_probabilities == by_probability / post.n_emails
    assert abs(by_score - by_probability) <= 4  # "about where it was"
    says(
        f"Call spam what scores above one half, and they sort {by_score / 400:.1%} of these emails correctly. (They were "
        "fitted to the same emails, so this is no promise for new ones.)",
        f"Cut at one half, the model sorts {by_probability / 400:.1%} of the emails correctly, about as many as before.",
    )


# ---- four steps ----------------------------------------------------------------------------------


@claim(
    "S4-46", "confirmed", "Supervised learning repeats four steps: forward pass, loss, backward pass, update."
)
def test_the_four_steps_reach_the_logistic_regression_of_scikit_learn():
    oracle = LogisticRegression(C=1e9, tol=1e-10, max_iter=10_000).fit(post.X, post.y)
    assert post.theta == pytest.approx([oracle.intercept_[0], *oracle.coef_[0]], abs=0.01)
    assert inspect.getsource(post).count("# forward:") == inspect.getsource(post).count("# update\n") == 1
    says(
        "The four steps of the loop have names. Forward, or the forward pass, computes the outputs, loss says how "
        "wrong they are, backward computes the gradient, and update moves the parameters against it. Every network "
        "on this site learns by these four steps.",
    )
    holds("S4-46", "Supervised learning repeats four steps: forward pass, loss, backward pass, update.")


@claim("S4-04", "wrong")
def test_every_probability_of_the_four_steps_lies_between_zero_and_one():
    assert 0 < post.p.min() < post.p.max() < 1
    holds("S4-04", "It is a score.")
    holds("S4-04", "a sigmoid, and a loss that goes with it, make probabilities.")


def test_the_loss_of_the_four_steps_starts_at_log_two_and_falls():
    start, _ = binary_cross_entropy(np.zeros(post.n_emails), post.y)
    assert post.start_loss == pytest.approx(start)
    assert post.loss < 0.2
    says(f"If every email gets one half, this loss is $\\log 2 = {math.log(2):.3f}$.")


@claim("S0-01", "imprecise", "A post on the multilayer perceptron “from scratch”.")
@claim("S4-46", "confirmed")
@claim("S4-02", "imprecise", "Linear algebra is all that is needed beforehand.")
def test_the_gradient_of_the_four_steps_is_that_of_the_package():
    before = post.theta + 0.5 * post.dtheta  # where the last step started
    net = with_parameters(two_layers([3, 1]), before[1:, None], before[:1])
    loss, dlogits = binary_cross_entropy(net.forward(post.X, training=True), post.y)
    net.backward(dlogits)
    assert post.loss == pytest.approx(loss, rel=1e-12)
    assert post.dtheta[1:] == pytest.approx(net.layers[0].grads["W"][:, 0], rel=1e-6)
    assert post.dtheta[0] == pytest.approx(net.layers[0].grads["b"][0], rel=1e-6)
    says(
        "One often reads that matrices are all one needs to understand networks. But since learning follows slopes, "
        "it takes more to understand it than matrices.",
        "The forward step alone learns nothing. A network whose weights nobody has trained shows nothing yet: what "
        "a model can and cannot do shows only when it has learned from data.",
    )
    holds("S4-46", "forward pass, loss, backward pass, update.")
    holds(
        "S0-01",
        "Its code is the forward pass: four arrays of parameters, no loss, no gradient, no update, no data. Learning "
        "takes four steps, and the forward pass is one of them.",
    )
    holds(
        "S4-02",
        "Training needs derivatives and the chain rule; the tutorial uses them itself from its sixth section on.",
    )


@claim(
    "S4-57", "conditions", "Training: closed-form solution for the line, iterative optimization for the MLP."
)
def test_steps_reach_the_closed_form():
    assert post.v == pytest.approx(post.best, abs=1e-9)
    assert "range(6000)" in inspect.getsource(post)
    assert "v -= 0.2 *" in inspect.getsource(post)
    says(
        "Find the weights of least squares without solving equations, by six thousand steps downhill of one fifth "
        "of the slope each. (The factor 2 in the slope of a square may be left out: it only makes the steps "
        "longer.) To how many decimal places do they agree with the equations?",
        "To nine at least. Where a formula exists, the steps lead to the same place; where none exists, they still "
        "lead downhill.",
        "For this loss no formula gives the best parameters, although there is still a line inside the sigmoid.",
    )
    holds("S4-57", "Least squares has a closed form, logistic regression has none.")


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
    assert post.rank == 4 == post.n_columns - 1  # the columns that are no sum of others
    assert np.linalg.cond(post.C.T @ post.C) > 1e15  # no limit but rounding
    assert np.linalg.cond(post.A.T @ post.A) < 1e3  # without it there is one
    says(
        "Add a fifth column to $\\mathbf{A}$: 1 if the email does not contain “free”. Why do the equations of least "
        "squares have no single solution any more? (Hint: which columns add up to which?)",
        "The column of ones is the sum of the columns free and not free.",
    )
    holds(
        "S4-57",
        "And it needs independent columns: with a dependent fifth one the rank stays 4, and only a pseudo-inverse",
    )


@claim("S4-57", "conditions")
def test_many_weights_fit_equally_well_and_the_pseudo_inverse_picks_the_shortest():
    shortest = np.linalg.pinv(post.C) @ post.y
    for step in (-1.0, 0.1, 3.0):
        other = shortest + step * np.array([1, 0, -1, 0, -1])
        assert post.C @ other == pytest.approx(post.scores)
        assert np.linalg.norm(other) > np.linalg.norm(shortest)
    says(
        "So we can add any number to both of their weights and take it away from the bias, and no score changes: "
        "many parameters are equally good. (Two numbers of the program say so. The rank counts the columns that are "
        "no sum of others. The condition number says how much an error in the equations can grow in the solution; "
        "where there is no single solution, it has no limit but rounding.) NumPy's function `pinv` picks the "
        "parameters whose squares add up to "
        "least, and the scores are the same as before.",
    )
    holds("S4-57", "gives weights.")


def test_the_sigmoid_is_steepest_in_the_middle_and_flat_at_both_ends():
    z = np.linspace(-40, 40, 8001)
    p = 1 / (1 + np.exp(-z))
    assert (np.diff(p[3000:5000]) > 0).all()  # the order is kept
    assert 0 < p[3400] < 0.003 < 0.997 < p[4600] < 1  # at -6 and 6
    assert p[4000] == 0.5
    slope = np.gradient(p, z)
    assert z[slope.argmax()] == pytest.approx(0, abs=1e-9)
    assert slope.max() == pytest.approx(0.25, abs=1e-4)
    assert slope[[3400, 4600]].max() < 0.003
    (axes,) = drawn.draw_sigmoid(VALUES, COLOURS).axes
    dashed, solid = axes.lines
    assert dashed.is_dashed()
    assert not solid.is_dashed()
    assert solid.get_ydata() == pytest.approx(1 / (1 + np.exp(-solid.get_xdata())))
    assert dashed.get_ydata() == pytest.approx(np.gradient(solid.get_ydata(), solid.get_xdata()), abs=2e-3)
    says(
        r"it takes any score $z$ to $\sigma(z) = 1/(1+e^{-z})$, which lies between 0 and 1.",
        "The sigmoid rises from almost 0 on the left over one half at a score of 0 to almost 1 on the right. Its slope, "
        "dashed, is highest in the middle, one quarter, and almost 0 at both ends.",
        "The sigmoid (solid) and its slope (dashed). Scores far from 0 on either side hardly change the probability any "
        "more.",
        "A score of 0 becomes one half, and the farther a score lies from 0, the closer it comes to 0 or to 1.",
    )


def test_a_forecast_of_one_in_a_hundred_pays_more_than_one_of_forty():
    assert -math.log(0.01) > -math.log(0.40)
    said = np.linspace(0.01, 0.99, 99)
    price, squares = -0.7 * np.log(said) - 0.3 * np.log(1 - said), 0.7 * (1 - said) ** 2 + 0.3 * said**2
    seven, six, eight = post.pays
    assert [price[said.searchsorted(value - 1e-6)] for value in (0.7, 0.6, 0.8)] == pytest.approx(post.pays)
    assert said[price.argmin()] == said[squares.argmin()] == pytest.approx(0.7)  # of what is believed
    assert -math.log(1) == 0
    assert -math.log(1e-300) > 600  # without limit
    assert post.loss == pytest.approx(-np.mean(np.log(np.where(post.y == 1, post.p, 1 - post.p))))
    says(
        r"A forecaster who gave rain a chance of one in a hundred should pay more, when it rains, than one who gave "
        r"it forty in a hundred. The usual price is the negative natural logarithm of what was given to the truth: "
        r"$-\log p$ for spam, and $-\log(1 - p)$ for the rest. It is 0 for who was certain and right, and has no "
        r"limit for who was certain and wrong. Whoever believes in seven chances of ten pays least, on average, by "
        r"saying so: "
        rf"{seven:.3f}, against {six:.3f} for saying six and {eight:.3f} for saying eight. That is what makes the "
        rf"output a "
        r"probability. (Squares reward honesty too, so the loss of the score was no bad one. What the score lacked "
        r"is the range. We change the loss all the same, because the logarithm lets no certain error off lightly, "
        r"and it will keep the code short.) Its mean over all "
        r"emails is called the cross-entropy.",
    )


def test_the_loop_starts_at_zero_and_goes_against_the_gradient():
    theta, losses = np.zeros(4), []
    for _ in range(3):
        p = 1 / (1 + np.exp(-(post.A @ theta)))
        losses.append(-np.mean(np.log(np.where(post.y == 1, p, 1 - p))))
        theta = theta - 0.5 * post.A.T @ (p - post.y) / 400
    assert losses[0] > losses[1] > losses[2]
    says(
        "We start with all parameters at zero, and ask which way the loss falls when each of them is turned a little: "
        "these slopes, one for each parameter, are called the gradient. Then we turn all of them a little in the "
        "direction in which the loss falls, and ask again.",
        "So we go downhill step by step.",
        "So we call such a model a line, however many features it has.",
    )


def test_squared_misses_count_too_much_and_too_little_alike():
    above, below = 1.25, 0.75
    assert (above - 1) ** 2 == (below - 1) ** 2
    misses, step = post.A @ post.best - post.y, 1e-6
    assert misses @ post.A == pytest.approx(np.zeros(4), abs=1e-9)  # each column's sum
    assert (misses + step) ** 2 - misses**2 == pytest.approx(2 * misses * step, abs=2 * step**2)
    assert np.mean((post.A @ post.best - post.y) ** 2) < np.mean((post.A @ (post.best + 0.01) - post.y) ** 2)
    says(
        "Any choice of parameters gives each email a score: its row of $\\mathbf{A}$ times $\\mathbf{w}$, number by "
        "number, added up. All scores together are written $\\mathbf{A}\\mathbf{w}$, and a product of two matrices "
        "does the same with each column of the second. A score misses the label by some amount. Square "
        "the misses, so that too much and too little both count, and take their mean. The result is one number that "
        "says how bad the choice is. Such a number is called a loss, and the best parameters are those that make it "
        "smallest. (Absolute values would count both as well, but for squares the best parameters can be worked "
        "out.)",
    )


def test_the_slope_of_the_loss_in_the_score_is_p_minus_y():
    h = 1e-6
    for z, y in product((-2.0, 0.0, 1.5), (0, 1)):
        up, down = (
            -math.log(p if y else 1 - p) for p in (1 / (1 + math.exp(-z - h)), 1 / (1 + math.exp(-z + h)))
        )
        p = 1 / (1 + math.exp(-z))
        assert (up - down) / (2 * h) == pytest.approx(p - y, abs=1e-8)
        assert (p - y > 0) == (y == 0)
    misses = post.p - post.y
    oracle = LogisticRegression(C=1e9, tol=1e-10, max_iter=10_000).fit(post.X, post.y)
    assert post.theta == pytest.approx([oracle.intercept_[0], *oracle.coef_[0]], abs=0.01)
    assert post.dtheta == pytest.approx([np.mean(misses * column) for column in post.A.T])
    assert "theta -= 0.5 * dtheta" in inspect.getsource(post)
    assert "range(10_000)" in inspect.getsource(post)
    says(
        "For one email, the slope of the loss in the score is $p - y$: above zero if we gave spam too much, below zero "
        "if too little. A parameter adds to the score in proportion to its column, so its slope is $p - y$ times its "
        "value there, and the mean over all emails makes one line of code. (Part 5 shows why it is $p - y$.)",
        "How far an update moves is our choice, here half of each slope; part 4 is about that choice. After ten "
        "thousand rounds the parameters agree with those of scikit-learn, a library of machine learning, to one "
        "hundredth.",
    )


def test_the_email_is_given_the_probability_of_the_text():
    z = post.theta[0] + 3 * post.theta[1] + 1 * post.theta[2] + 0.8 * post.theta[3]
    assert post.ours == pytest.approx(1 / (1 + math.exp(-z)))
    says(
        "What does it say of Free money!!!?",
        f"Now that is a probability: spam with {1 / (1 + math.exp(-z)):.0%}.",
        "Lying between 0 and 1 does not make a number a probability. It becomes one when it is held to account as "
        "one, so we change the loss as well, and judge the output $p$ as one judges a forecast.",
    )


# ---- the drawings --------------------------------------------------------------------------------


def labels(figure):
    """Every text of a figure with the place where it stands."""
    (axes,) = figure.axes
    return {text.get_position(): text.get_text() for text in axes.texts}


def test_the_email_is_drawn_as_three_circles_that_lead_to_one():
    figure = drawn.draw_line(VALUES, COLOURS)
    (axes,) = figure.axes
    middles = [patch.center for patch in axes.patches]
    assert [labels(figure)[middle] for middle in middles] == ["3", "1", "0.8", "1.1"]
    ends = [(line.get_xydata()[0], line.get_xydata()[1]) for line in axes.lines]
    assert [tuple(map(tuple, end)) for end in ends] == [(middle, middles[3]) for middle in middles[:3]]
    for (start, end), weight in zip(ends, ("0.25", "0.4", "−0.5"), strict=True):
        (near,) = [np.array(at) for at, text in labels(figure).items() if text == weight]
        along = (near - start) @ (end - start) / ((end - start) @ (end - start))
        assert near == pytest.approx(start + along * (end - start))
        assert 0.2 < along < 0.8
    left = {text: at for at, text in labels(figure).items()}
    for k, name in enumerate(("marks !", "“free”", "reputation")):
        assert left[name][0] < middles[k][0]
        assert left[name][1] == middles[k][1]
    assert left["bias 0.35"][0] == middles[3][0]
    says(
        "Three circles on the left: 3 exclamation marks, 1 for the word free, a reputation of 0.8. A connection "
        "from each, with its weight 0.25, 0.4 or −0.5, leads to one circle on the right, the score 1.1.",
        "Three features, three weights, one bias, one score. A value travels along a connection and is multiplied "
        "by the number on it; where they meet, everything is added up.",
    )


def test_the_two_bends_are_drawn_as_a_network_with_their_weights_and_biases():
    figure = drawn.draw_xor_network(VALUES, COLOURS)
    (axes,) = figure.axes
    middles = [patch.center for patch in axes.patches]
    assert [labels(figure)[m] for m in middles] == ["$x_1$", "$x_2$", "$h_1$", "$h_2$", "$y$"]
    weights = {}
    for line in axes.lines:
        start, end = line.get_xydata()
        for at, text in labels(figure).items():
            t = (np.array(at) - start) @ (end - start) / ((end - start) @ (end - start))
            if 0.2 < t < 0.8 and start + t * (end - start) == pytest.approx(np.array(at)):
                weights[middles.index(tuple(start)), middles.index(tuple(end))] = text
    assert weights == {(0, 2): "1", (0, 3): "1", (1, 2): "1", (1, 3): "1", (2, 4): "1", (3, 4): "−2"}
    below = {text: at for at, text in labels(figure).items() if text.startswith("bias")}
    assert [below[name][0] for name in ("bias 0", "bias −1")] == [middles[2][0], middles[3][0]]
    assert middles[3][1] < below["bias 0"][1] < middles[2][1]
    assert below["bias −1"][1] < middles[3][1]
    says(
        "Two circles on the left, two in the middle, one on the right, each joined to all of the next layer. The weights "
        "into the middle are all 1, those out of it 1 and −2.",
        "The same two bends as a network: two inputs, a hidden layer of two units, one output. Below a unit stands its "
        "bias.",
        "Ours is a hidden layer: its values are neither given nor asked for.",
    )


def test_the_rectifier_is_drawn_with_its_slope():
    (axes,) = drawn.draw_relu(VALUES, COLOURS).axes
    dashed, solid = axes.lines
    assert dashed.is_dashed()
    assert not solid.is_dashed()
    z = solid.get_xdata()
    assert solid.get_ydata() == pytest.approx(np.where(z > 0, z, 0))
    assert {*dashed.get_ydata()[z < 0]} == {0}
    assert {*dashed.get_ydata()[z > 0]} == {1}
    says(
        "ReLU is 0 to the left of 0 and the diagonal to the right of it. Its slope, dashed, jumps from 0 to 1.",
        "ReLU (solid) and its slope (dashed): off, then a bend, then on.",
    )


# ---- more bends ----------------------------------------------------------------------------------


def hats(hour, units):
    """The least-squares fit with straight pieces between equal distances, in another basis than bends: hats."""
    knots = np.linspace(0, 24, units + 1)
    basis = np.stack([np.interp(hour, knots, row) for row in np.eye(units + 1)], axis=1)
    return basis @ np.linalg.lstsq(basis, post.share, rcond=None)[0]


def test_more_bends_come_closer_and_two_of_four_lie_where_the_curve_does_not_turn():
    for units, fit, gap in zip((1, 2, 4, 16), post.curves, post.gaps, strict=True):
        assert fit == pytest.approx(hats(post.hour, units), abs=1e-9)
        assert gap == pytest.approx(np.abs(hats(post.hour, units) - post.share).mean())
    assert np.diff(post.curves[0], 2) == pytest.approx(0, abs=1e-9)  # a line
    assert post.gaps[3] < 0.005 < 0.07 < post.gaps[2] < post.gaps[1] < post.gaps[0] / 2
    turning = np.gradient(np.gradient(post.share, post.hour), post.hour)
    assert np.abs(turning[[60, 180]]).max() < 1e-3 < np.abs(turning).max() / 10  # at 6 and at 18 hours
    gaps = [np.abs(hats(post.hour, units) - post.share).mean() for units in (1, 16)]
    night, morning = post.share[post.hour < 4].mean(), post.share[(post.hour > 8) & (post.hour < 12)].mean()
    assert night > 0.8 > 0.2 > morning
    says(
        "What more bends buy",
        "Two bends made an answer that goes up and comes down again. More of them can turn more often. Suppose that "
        "the share of spam among your mail goes up and down over the day, as in the thin curve below (it is "
        "invented). We put 1, 2, 4 and 16 bends at equal distances, and let least squares find the weights of the "
        "sum behind them:",
        f"One unit with its bend at midnight is a line, and it misses the curve by {gaps[0]:.3f} on average. With "
        f"16 units the miss is {gaps[1]:.3f}. Going from 2 to 4 helped little, because the new bends lie where the "
        f"curve itself is nearly straight.",
    )


def test_the_four_panels_show_the_curve_and_what_each_number_of_units_makes_of_it():
    figure = drawn.draw_more(VALUES, COLOURS)
    for axes, units, fit in zip(figure.axes, (1, 2, 4, 16), post.curves, strict=True):
        thin, thick, dots = axes.lines
        assert thin.get_linewidth() < thick.get_linewidth()
        assert thin.get_ydata() == pytest.approx(post.share)
        assert thick.get_ydata() == pytest.approx(fit)
        assert dots.get_xdata() == pytest.approx(24 * np.arange(units) / units)
        assert axes.get_title().startswith(f"{units} unit")
        assert axes.get_title().endswith(f"off by {np.abs(fit - post.share).mean():.3f}")
    says(
        "The same smooth curve four times, high at night and low in the morning. With 1 unit the fit is a line, "
        "with 2 units it is a V, with 4 it bends in two more places, and with 16 the two cannot be told apart.",
        "The invented share of spam over the hours of a day (thin), and what 1, 2, 4 and 16 units make of it "
        "(thick). Dots mark the bends.",
    )


@claim(
    "S0-03",
    "definition",
    "To understand why convolutional networks exist, understand what MLPs can and cannot do.",
)
def test_what_we_only_announce_or_ask():
    holds("S0-03", "A good motivation, if what is not built in is kept apart from what cannot be learned.")
    says.only(
        "A network of two bends that solves a problem no line can solve, a second one that finds its bends by "
        "itself, and a measure of when either is worth having.",
        "What is an MLP, and what is wrong with a line?",
        "A line scores emails, fails on four points, and is rescued by two bends; and when the bends are worth having.",
        "You could write rules. Three exclamation marks: suspicious. The word free: suspicious as well. A sender "
        "who has written to you for years: not suspicious at all. But how suspicious is each of these, and what if "
        "they disagree?",
        "The more urgent trouble is that weights which somebody made up are opinions. How do we get good ones?",
        "We will come back to that.",
        "In this post examples will choose its weights, and then we will see where no weights help, and what does. "
        "The data on the way are small or invented, and we say so each time; how a network finds its way downhill "
        "is only begun here.",
        "So far the line did well. Why would anyone want more?",
        "Can a network find its own?",
        "We have a line, the four steps that train it, a proof that it cannot do XOR, and two bends that can.",
        "We wrote $\\mathbf{x}\\mathbf{W}$, and other texts write $\\mathbf{W}\\mathbf{x}$. Mix the two, and the program "
        "stops with an error; or, worse, it does not. That is part 2.",
        "What does this not show? Anything about real data. The task was made so that a line must fail, there is no "
        "noise in it, and we tried one training budget.",
        because="they say what comes, what is asked, or what was not tried, and no value follows from them",
    )
    assert (post.X.shape, post.share.shape) == ((400, 3), (241,))  # small, and invented


@claim(
    "S0-02",
    "imprecise",
    "Before convolutions, attention and transformers, the MLP was the primary way to build trainable nonlinear models.",
)
def test_the_order_of_events_is_that_of_the_literature():
    works = dict(read(ROOT).literature.good())
    years = [works[key]["year"] for key in ("fukushima1980", "rumelhart1986", "lecun1989")]
    assert years == sorted(years) == [1980, 1986, 1989]
    assert (works["rosenblatt1958"]["year"], works["minsky1969"]["year"]) == (1958, 1969)
    says(
        "A weighted sum that says yes above zero and no below it is what Frank Rosenblatt described in 1958 and called a "
        "perceptron Rosenblatt 1958. In 1969 Minsky and Papert proved what perceptrons cannot do Minsky & "
        "Papert 1969. One of their examples is parity, whether the number of ones is odd, and XOR is its smallest case.",
        "Two words of later parts belong to the history. A convolution is a layer made for images, which part 12 "
        "arrives at, and backpropagation is the way to compute all slopes of a network at once, which part 5 "
        "derives. It is tempting to say that MLPs came first and convolutions later, but the dates are less tidy. "
        "The "
        "Neocognitron had convolutions, though under another name, in 1980 Fukushima 1980; MLPs became popular with "
        "backpropagation in 1986 Rumelhart, Hinton & Williams 1986; and in 1989 a convolutional network was trained "
        "by it LeCun et al. 1989. The two grew up side by side.",
    )
    holds(
        "S0-02",
        "One of the main ways. The Neocognitron had local features, shared across the image, before backpropagation made "
        "MLPs popular, and convolutional networks were trained by it three years later.",
    )


# ---- no line, two bends --------------------------------------------------------------------------


def separable(points, labels):
    """Is there a line that scores at least 1 on class 1 and at most -1 on class 0? By linear programming."""
    signs = np.where(labels == 1, 1, -1)[:, None]
    rows = signs * np.column_stack([points, np.ones(len(points))])
    return linprog(np.zeros(rows.shape[1]), A_ub=-rows, b_ub=-np.ones(len(rows)), bounds=(None, None)).success


@claim("S4-05", "confirmed", "A linear model maps directly, learns only linear relations, and is limited.")
@claim("S4-14", "confirmed", "The activation function enables complex patterns.")
def test_no_line_separates_the_corners_of_xor():
    holds("S4-05", "Of the four corners of XOR it gets at most 3;")
    holds("S4-14", "which no line does.")
    assert post.xor.tolist() == [a ^ b for a, b in product([0, 1], repeat=2)]
    assert not separable(post.corners, post.xor)
    for a, b in product([0, 1], repeat=2):
        says(f"| {a} | {b} | {a ^ b} |")
    says(
        "Four points that no line separates",
        "| it says so, $x_1$ | it comes from there, $x_2$ | suspicious, $y$ |",
        "An email claims to come from your bank, or it does not. It was sent by your bank's own computers, or it "
        "was not. If both are true, all is well, and if neither is, it is ordinary mail. But if exactly one of the "
        "two is true, somebody is pretending. Each fact alone says nothing; what matters is how they go together. "
        "With 1 for true and 0 for false:",
        "Suppose that $w_1 x_1 + w_2 x_2 + b$ is positive where $y = 1$ and not positive where $y = 0$. The two "
        "rows in the middle demand $w_2 + b > 0$ and $w_1 + b > 0$. Add them up: $w_1 + w_2 + 2b > 0$. The first "
        "and the last row "
        r"demand $b \le 0$ and $w_1 + w_2 + b \le 0$. Add these up: $w_1 + w_2 + 2b \le 0$. Both sums cannot be "
        r"true. No "
        "line does it.",
    )


@claim("S4-05", "confirmed")
def test_any_three_corners_of_xor_can_be_separated_so_that_the_limit_is_three():
    assert all(separable(post.corners[list(c)], post.xor[list(c)]) for c in combinations(range(4), 3))
    assert post.most_right == 3
    assert post.best_share == 0.75
    says(
        "Three corners of four, or 75%, is the limit of all lines, not only of those tried here. We have just seen "
        "that four are impossible.",
    )
    holds("S4-05", "Of the four corners of XOR it gets at most 3;")


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
    says(
        "You may object that this is logic, and that a fitted line would do its best. Here is its best:",
        "As $x_1$ goes from 0 to 1, the answer rises where $x_2$ is 0, and falls where $x_2$ is 1. A line can "
        "follow only one of the two, so the best compromise is to be flat: 0.5 everywhere. If we ask for classes "
        "only, a line can do a little more:",
    )
    holds("S4-05", "its best fit is 0.5 everywhere.")


@claim("S4-14", "confirmed")
def test_two_bends_compute_xor_exactly():
    for a, b in product([0, 1], repeat=2):
        assert max(0, a + b) - 2 * max(0, a + b - 1) == a ^ b
    assert post.output[:, 0].tolist() == post.xor.tolist()
    assert min(a + b for a, b in product([0, 1], repeat=2)) == 0  # so the first bend shows only to the left
    says.formula(
        "eq-bends",
        r"\begin{aligned} h_1 &= \max(0,\; x_1 + x_2) \\ h_2 &= \max(0,\; x_1 + x_2 - 1) \\ y &= h_1 - 2h_2 "
        r"\end{aligned}",
    )
    sums = [a + b for a, b in product([0, 1], repeat=2)]
    assert (sums, [s % 2 for s in sums]) == ([0, 1, 1, 2], [0, 1, 1, 0])
    says(
        "Two bends that do",
        "Look at the sum $x_1 + x_2$ in the four rows: 0, 1, 1, 2. The answers are 0, 1, 1, 0. So the answer has to "
        "go up with the sum and come down again, and a line never turns round.",
        r"A simpler bend is $\max(0, z)$: it keeps what is positive and replaces the rest by 0. It is called the "
        r"rectifier, or ReLU, for rectified linear unit. We send the sum through two of them, the second of which "
        r"starts later:",
        "The first value counts the ones. The second stays 0 until both inputs are 1. It is subtracted twice: once "
        "to stop the rise of the first, and once more to come down.",
        "Two bends do it, exactly. (On the four corners the sum is never below 0, so there the first bend does not "
        "show. It does for points to the left of them.)",
        "One of their examples is parity, whether the number of ones is odd, and XOR is its smallest case",
    )
    holds("S4-14", "Two rectifiers compute XOR exactly, which no line does.")


def test_the_hand_network_is_a_network_of_the_package():
    net = with_parameters(two_layers([2, 2, 1]), post.W1, post.b1, post.W2, 0)
    assert (net.forward(post.corners.astype(float)) == post.output).all()


def test_the_slope_changes_once_at_each_bend():
    s = np.arange(-4, 13) / 4  # the sum of the inputs, in quarters: exact
    y = np.maximum(0, s[:, None] + post.b1) @ post.W2[:, 0]
    slopes = np.diff(y) / 0.25
    assert slopes.tolist() == [0] * 4 + [1] * 4 + [-1] * 8
    figure = drawn.draw_bends(VALUES, COLOURS)
    plane, along = figure.axes
    bends = [line.get_xdata() + line.get_ydata() for line in plane.lines[:2]]
    assert [sorted({*total}) for total in bends] == [[0], [1]]
    total = along.lines[2].get_xdata()
    assert along.lines[2].get_ydata() == pytest.approx(np.maximum(0, total) - 2 * np.maximum(0, total - 1))
    marks = {line.get_marker(): sorted(zip(*line.get_data(), strict=True)) for line in plane.lines[2:]}
    assert marks == {"o": [(0, 0), (1, 1)], "P": [(0, 1), (1, 0)]}
    says(
        "The plane: the four corners of XOR and two parallel dashed lines, one through the corner 0, 0 and one "
        "through the two corners of class 1. The curve: along the sum of the inputs the output is 0 at 0, rises to "
        "1 at 1, and falls back to 0 at 2.",
        "Left, or above: the four corners, circles for class 0 and crosses for class 1, with the two lines along which "
        "the hidden units bend. Right, or below: the output along $x_1 + x_2$. At each bend the slope changes, from 0 to "
        "1 and then to −1.",
    )


@claim("S4-08", "conditions", "Each layer learns increasingly complex features from the layer below.")
def test_a_line_separates_the_hidden_values_though_it_cannot_separate_the_corners():
    assert post.hidden.tolist() == [[0, 0], [1, 0], [1, 0], [2, 1]]
    assert separable(post.hidden, post.xor)
    says(
        "What did the hidden layer do? It moved the four points. Its values are $(0, 0)$, twice $(1, 0)$, and $(2, "
        "1)$, and between these a line does separate the classes. So the last layer, which is only a line, can "
        "finish the work. Layers are often said to find ever more complex features. They need not: this one holds a "
        "count, and how far the count exceeds 1.",
    )
    holds(
        "S4-08",
        "It can, and need not. In the hand network for XOR the hidden layer is of use because a line separates its "
        "values, and they are no more complex than a count.",
    )


@claim("S4-56", "conditions", "Expressiveness: linear patterns against any continuous function.")
def test_bends_pass_through_any_points_of_a_curve():
    rng = np.random.default_rng(0)
    x, y = np.sort(rng.uniform(-1, 1, 12)), rng.standard_normal(12)
    slopes = np.diff(y) / np.diff(x)
    changes = np.diff(slopes, prepend=0)  # one bend at each point but the last
    curve = y[0] + np.maximum(0, x[:, None] - x[:-1]) @ changes
    assert curve == pytest.approx(y)
    says(
        "With enough units, straight pieces pass through as many points of a curve as you like.",
        "and whether training finds it, and part 11 will read it.",
    )
    holds(
        "S4-56",
        "With enough bends, straight pieces pass through any points of a curve; “any continuous function” means any "
        "closeness, on a bounded range, by some network, not that training finds it.",
    )


@claim("S0-05", "confirmed", "An MLP is a composition of affine maps and nonlinearities.")
@claim("S4-07", "conditions", "An MLP is like several simple models stacked on top of each other.")
def test_affine_maps_in_a_row_are_one_affine_map_and_with_bends_they_are_not():
    rng = np.random.default_rng(1)
    x = rng.standard_normal((50, 3))
    bent = np.maximum(0, np.maximum(0, x @ post.Wa + post.ba) @ post.Wb + post.bb) @ post.Wc + post.bc
    straight = ((x @ post.Wa + post.ba) @ post.Wb + post.bb) @ post.Wc + post.bc
    assert straight == pytest.approx(x @ post.V + post.c, abs=1e-12)
    fit = LinearRegression().fit(x, straight)
    assert np.abs(fit.predict(x) - straight).max() < 1e-12
    assert np.abs(LinearRegression().fit(x, bent).predict(x) - bent).max() > 0.01
    W, V, b, c = post.Wa, post.Wb, post.ba, post.bb
    assert (x @ W + b) @ V + c == pytest.approx(x @ (W @ V) + (b @ V + c), abs=1e-12)
    says.formula(
        "eq-collapse",
        r"\begin{aligned} &(\mathbf{x}\mathbf{W}^{(1)} + \mathbf{b}^{(1)})\mathbf{W}^{(2)} + \mathbf{b}^{(2)} \\ "
        r"&\quad = \mathbf{x}\,(\mathbf{W}^{(1)}\mathbf{W}^{(2)}) \\ &\qquad + (\mathbf{b}^{(1)}\mathbf{W}^{(2)} + "
        r"\mathbf{b}^{(2)}) \end{aligned}",
    )
    says(
        "Without the bend, a stack is a line",
        "If one such layer is good, are several better? Only if there are bends between them. Without bends, put one "
        "weighted sum behind another and multiply out:",
        "(The raised numbers count the layers; they are no powers.) What comes out is again one weighted sum and "
        "one bias, and what holds for two layers holds for any number. So a stack of simple models is no more than "
        "one of them, until something bends between them.",
    )
    holds("S4-07", "Only with a nonlinearity between them: affine maps in a row are one affine map.")
    holds("S0-05", "With a nonlinearity *between* the affine maps;")


@claim(
    "S4-06",
    "confirmed",
    "Diagram of an MLP: three features, hidden layers of three and two units, one output.",
)
@claim("S0-05", "confirmed")
def test_the_diagram_has_23_parameters_and_without_bends_4_count():
    net = two_layers([3, 3, 2, 1])
    assert sum(a.size for layer in net.layers for a in layer.params.values()) == post.n_deep == 23
    assert post.n_shallow == post.V.size + post.c.size == 4
    says(
        "A network of three features, hidden layers of three and two units, and one output has 23 parameters. Take its "
        "bends away, and 4 numbers do the same work:",
    )
    holds("S4-06", "It has 23 parameters.")
    holds("S0-05", "without one, 23 parameters do what 4 can do.")


@claim("S0-05", "confirmed")
def test_an_mlp_alternates_affine_maps_with_a_nonlinear_function():
    kinds = [type(layer) for layer in two_layers([3, 3, 2, 1]).layers]
    assert kinds == [Dense, ReLU, Dense, ReLU, Dense]
    says(
        "Weighted sums with biases, many at once, are called an affine map. A multilayer perceptron, or MLP, is a "
        "chain of affine maps with a bending function between one and the next. That function is called the "
        "activation function; ours is ReLU, and it acts on each value by itself.",
    )
    holds("S0-05", "With a nonlinearity *between* the affine maps")


@claim("S4-54", "confirmed", "Linear regression is y = Wx + b; an MLP is nested, W σ(W σ(…)).")
def test_the_nested_formula_with_its_biases_is_what_the_package_computes():
    arrays = (post.Wa, post.ba, post.Wb, post.bb, post.Wc, post.bc)
    net = with_parameters(two_layers([3, 3, 2, 1]), *arrays)
    for x, y in zip(post.X[:5], net.forward(post.X[:5]), strict=True):
        for W, b in ((post.Wa, post.ba), (post.Wb, post.bb)):
            x = [max(0.0, sum(x[i] * W[i, j] for i in range(len(x))) + b[j]) for j in range(len(b))]
        assert sum(x[i] * post.Wc[i, 0] for i in range(2)) + post.bc[0] == pytest.approx(y[0])
    N, D, M, K = 7, 3, 5, 2
    W1, b1, W2, b2 = (np.random.default_rng(2).standard_normal(s) for s in [(D, M), M, (M, K), K])
    H = np.maximum(0, post.X[:N] @ W1 + b1)
    Z = H @ W2 + b2
    assert (H.shape, Z.shape) == ((N, M), (N, K))
    assert with_parameters(two_layers([D, M, K]), W1, b1, W2, b2).forward(post.X[:N]) == pytest.approx(Z)
    says.formula(
        "eq-mlp",
        r"\begin{aligned} \underbrace{\mathbf{H}}_{(N, M)} &= \max(0,\; \underbrace{\mathbf{X}}_{(N, D)}\,"
        r"\underbrace{\mathbf{W}^{(1)}}_{(D, M)} + \underbrace{\mathbf{b}^{(1)}}_{(M,)}) \\ "
        r"\underbrace{\mathbf{Z}}_{(N, K)} &= \mathbf{H}\,\underbrace{\mathbf{W}^{(2)}}_{(M, K)} + "
        r"\underbrace{\mathbf{b}^{(2)}}_{(K,)} \end{aligned}",
    )
    says(
        r"With $D$ features, one hidden layer of $M$ units and $K$ outputs, for $N$ examples as the rows of "
        r"$\mathbf{X}$:",
        "The biases are added to every row; a formula without them is not complete.",
    )
    holds("S4-54", "With the biases, which the nested formula leaves out.")


@claim("S0-08", "confirmed", "The structure is fully connected.")
def test_every_unit_has_a_weight_for_every_value_of_the_layer_before():
    net = two_layers([784, 512, 10])
    assert net.layers[0].params["W"][:, 0].size == 784
    x = np.zeros((1, 784))
    before = net.layers[0].forward(x)
    for i in (0, 400, 783):
        x[0, i] = 1
        assert (net.layers[0].forward(x) != before).all()
        x[0, i] = 0
    says(
        "In such a drawing every unit has a connection, and so a weight, from every value of the layer before it."
    )
    holds("S0-08", "Each unit has a weight for every value of the layer before it.")


@claim(
    "S4-01",
    "conditions",
    "MLPs process fixed-size inputs and are the foundation of all modern neural networks.",
)
@claim(
    "S4-68", "conditions", "Not ideal for sequences, images, inputs of variable length, spatial relations."
)
def test_the_network_refuses_rows_of_another_length():
    with pytest.raises(ValueError, match="shape"):
        two_layers([3, 2, 1]).forward(np.zeros((1, 4)))
    says(
        "What an MLP is not for follows from its formula. The number of inputs is fixed by the shape of "
        r"$\mathbf{W}^{(1)}$, so a longer row is an error.",
    )
    holds(
        "S4-01",
        "Fixed size: yes. What all modern networks share is affine maps with nonlinearities between them, not complete "
        "MLPs.",
    )
    holds("S4-68", "The length is fixed")


@claim("S4-62", "confirmed", "No sequential memory: each input is processed independently.")
@claim("S4-68", "conditions")
def test_what_came_before_does_not_change_the_output_of_a_row():
    net = two_layers([3, 8, 1])
    alone = net.forward(post.X[7:8])
    net.forward(post.X[:7])
    assert (net.forward(post.X[7:8]) == alone).all()
    order = np.random.default_rng(0).permutation(20)
    assert net.forward(post.X[order]) == pytest.approx(net.forward(post.X[:20])[order], abs=1e-12)
    pixels = np.random.default_rng(1).permutation(
        3
    )  # the inputs in another order, and the rows of W with them
    W, b = net.layers[0].params["W"], net.layers[0].params["b"]
    assert post.X[:5][:, pixels] @ W[pixels] + b == pytest.approx(post.X[:5] @ W + b)
    says(
        "Each row is computed by itself, whatever came before it, so there is no memory. And nothing in the formula "
        "knows which inputs are neighbours. It can learn from images all the same, but what that costs is the "
        "subject of the second half of the series.",
    )
    holds("S4-62", "No sequential memory: each input is processed independently.")
    holds(
        "S4-68",
        "and there is no memory. For images it is a matter of cost, not of possibility: nothing about neighbours is "
        "built in, but it can be learned in part.",
    )


# ---- the experiment ------------------------------------------------------------------------------


def test_the_points_of_the_post_are_those_of_the_experiment():
    x, y = post.make_points(50, np.random.default_rng(3))
    x_other, y_other = xor_of_signs.points(50, np.random.default_rng(3))
    assert (x == x_other).all()
    assert y.tolist() == y_other.tolist() == [int(a * b < 0) for a, b in x]
    says(
        "Instead of four corners we take points all over a square around zero, and the class is 1 where the signs of the "
        "two inputs differ:",
    )


def test_the_run_of_the_post_has_the_settings_of_the_experiment():
    source = inspect.getsource(post)
    assert f"SGD({xor_of_signs.LR}, momentum={xor_of_signs.MOMENTUM})" in source
    assert f"n_epochs={xor_of_signs.EPOCHS}," in source
    assert f"batch_size={xor_of_signs.BATCH}," in source
    assert [W.shape for W in (layer.params["W"] for layer in post.net.layers[::2])] == [(2, 16), (16, 2)]
    assert post.n_learned == post.net.parameters().size == 82
    alike = mlp([2, 3, 2], rng=np.random.default_rng(0), dtype=np.float64)
    alike.layers[0].params["W"][...], alike.layers[0].params["b"][...] = [[0.3], [0.2]], 0.1
    alike.layers[2].params["W"][...] = [[0.5, -0.4]] * 3
    _, dlogits = cross_entropy(alike.forward(post.x_train[:32], training=True), post.y_train[:32])
    alike.backward(dlogits)
    dW = alike.layers[0].grads["W"]
    assert dW == pytest.approx(dW[:, [0, 0, 0]])  # units that start alike
    assert np.abs(dW).max() > 0
    says(
        "The package of this site repeats the four steps. Its backward step has to pass through the bends as well, "
        "which is the subject of part 5. Four more things are new. The package starts from small random weights, "
        "because units that start alike stay alike. It takes a gradient from 32 points at a time instead of all. It "
        "keeps some speed from step to step (`momentum`, for a later part). And the network has two outputs, one "
        "score for each class, of which the larger one wins: a form that will do for ten digits as well. With 16 "
        "hidden units it has 82 parameters:",
    )


def test_the_run_of_the_post_learns_the_pattern():
    assert post.history.loss[-1] < 0.05 < post.history.loss[0]
    assert evaluate(post.net, post.x_test, post.y_test, loss=cross_entropy).accuracy > 0.97


@claim("S0-04", "wrong", "The post builds an MLP and uses it to expose its limits.")
@claim("S4-59", "confirmed", "An MLP captures nonlinear patterns.")
def test_on_signs_the_mlp_learns_and_no_line_does():
    assert all(value > 0.97 for value in XOR["mlp"]["values"])
    assert all(value < 0.7 for value in XOR["line"]["values"] + XOR["best_line"]["values"])
    assert 0.4 < XOR["line"]["mean"] < 0.6
    assert XOR["seeds"] == len(XOR["mlp"]["values"]) == 5
    assert min(XOR["mlp"]["values"]) > max(XOR["line"]["values"] + XOR["best_line"]["values"])
    rows = {
        "line": "logistic regression",
        "best_line": "best line, by search",
        "naive_bayes": "naive Bayes",
        "mlp": "MLP, 16 hidden units",
    }
    for name, label in rows.items():
        values = XOR[name]["values"]
        says(f"| {label} | {np.mean(values):.1%} ± {np.std(values, ddof=1):.1%} |")
    says(
        "| model | accuracy on 1,000 new points, mean ± sd of 5 runs |",
        "The pattern that no line solves is easy for the MLP.",
        f"Where two signs decide together, the best line got {np.mean(XOR['best_line']['values']):.0%} right and a small "
        f"MLP {np.mean(XOR['mlp']['values']):.0%}.",
    )
    mlp, line, bayes = (np.array(XOR[name]["values"]) for name in ("mlp", "best_line", "naive_bayes"))
    assert (f"{mlp.mean():.1%}", f"{mlp.std(ddof=1):.1%}") == ("99.0%", "0.4%")
    assert (f"{line.mean():.1%}", f"{bayes.mean():.1%}") == ("66.8%", "50.2%")
    holds(
        "S4-59",
        "Where the class is whether two signs differ, an MLP gets 99.0% ± 0.4% of new points right, the best line 66.8%, "
        "and naive Bayes 50.2%.",
    )
    holds(
        "S0-04",
        "The post's network is never run on data, so it exposes nothing. The experiments of this site do.",
    )


@claim("S4-59", "confirmed")
def test_on_signs_naive_bayes_does_no_better_than_chance():
    assert 0.4 < XOR["naive_bayes"]["mean"] < 0.6
    assert max(XOR["naive_bayes"]["values"]) < 0.65
    says(
        "Logistic regression draws a line as well, and in the figure it cuts off a corner, too. But its loss is "
        "lowest when it says one half for every point, so it is chance where its line runs and which side it calls "
        "which.",
    )
    says(
        "Naive Bayes does no better than a coin, because each input alone says nothing. The best line cuts off one "
        "corner and gets two thirds."
    )
    holds("S4-59", "and naive Bayes")


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
    assert (XOR["train"], XOR["test"], XOR["epochs"], XOR["seeds"]) == (2000, 1000, 40, 5)
    says(
        "One run is an anecdote, so we made 5, each from another seed: with new points, new initial weights and a "
        "new order of the points. The table has the mean of their accuracy, the share of points that they get "
        "right, and behind the sign ± the standard deviation, which says how far one run lies from the mean. Beside "
        "the network stand three simpler models. Logistic regression is a line trained with the same budget, 40 "
        "passes over 2,000 points. The second is the best line that a search could find. The third, naive Bayes, "
        "asks each input on its own how likely it makes each class, and multiplies the answers.",
    )


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
        called = lead(x, XOR["weights"][name]) > 0
        assert np.mean(called == y) == pytest.approx(XOR[name]["values"][0], abs=0.0015)
    figure = maps.draw_regions(XOR, COLOURS)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        f"Logistic regression: {XOR['line']['values'][0]:.1%}",
        f"MLP 2–16–2: {XOR['mlp']['values'][0]:.1%}",
    ]
    for axes in figure.axes:
        marks = {
            line.get_marker(): np.array(line.get_data())
            for line in axes.lines
            if line.get_marker() in ("o", "+")
        }
        assert (np.prod(marks["+"], axis=0) < 0).all()
        assert (np.prod(marks["o"], axis=0) > 0).all()
    dotted = [line for line in figure.axes[1].lines if line.get_marker() == "None"]
    W, b = np.array(XOR["weights"]["mlp"][0]), np.array(XOR["weights"]["mlp"][1])
    for k, line in enumerate(dotted):
        assert np.transpose(line.get_data()) @ W[:, k] + b[k] == pytest.approx([0, 0], abs=1e-9)
    assert len(dotted) == 16
    corner = [lead(np.array([[a, z]]), XOR["weights"]["line"])[0] > 0 for a, z in product([-1, 1], repeat=2)]
    assert sum(corner) in (1, 3)
    says(
        "Two maps of the same square. Logistic regression cuts off one corner and gets 40.4% right. The MLP's "
        "boundary is nearly the cross of the two axes and gets 99.5% right.",
        "The first of the 5 runs. Crosses are class 1, circles class 0; what each model calls class 1 is hatched. Solid: "
        "the boundary. Dotted: where the hidden units bend. The boundary is straight between the dotted lines.",
    )


def test_naive_bayes_was_given_the_points_of_the_mlp():
    train, test, *_ = xor_of_signs.data(0)
    assert GaussianNB().fit(*train).score(*test) == pytest.approx(XOR["naive_bayes"]["values"][0])


@claim(
    "S4-55",
    "imprecise",
    "Decision boundary: a straight line or plane for linear regression, curved and complex for the MLP.",
)
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
    says(
        "Look at the boundary of the MLP. From far away it may look curved. But as long as no unit switches on or "
        "off, the network is one affine map, so its boundary is made of straight pieces.",
    )
    holds(
        "S4-55",
        "A regression has no boundary, a classifier has. That of a ReLU network is made of straight pieces.",
    )


# ---- two tables ----------------------------------------------------------------------------------


@claim(
    "S4-66",
    "conditions",
    "MLPs are good for tabular data, classification and regression, feature vectors of fixed size.",
)
def test_on_the_tumours_the_hidden_layer_buys_nothing():
    cancer = TABLES["cancer"]
    assert cancer["gain"]["mean"] < 0.5
    assert cancer["mlp_ahead"] <= 3
    assert 0.94 < cancer["linear"]["test"]["mean"] < 0.99
    assert (cancer["rows"], cancer["features"]) == (569, 30)
    gains = np.array(cancer["gain"]["values"])
    assert gains.mean() < 0
    se = gains.std(ddof=1) / len(gains) ** 0.5
    assert 2 < -gains.mean() / se < 3
    digits = np.array(TABLES["digits"]["gain"]["values"])
    se_digits = digits.std(ddof=1) / len(digits) ** 0.5
    assert 2 < digits.mean() / se_digits < 3
    says(
        "On the tumours the hidden layer cost some accuracy, and on the digits it bought some. The standard error "
        "says how far the mean gain could be off by chance, and each gain is a little more than twice its standard "
        "error.",
        f"| gain on the same division, in points, mean ± standard error | −{-gains.mean():.1f} ± {se:.1f} | "
        f"+{digits.mean():.1f} ± {se_digits:.1f} |",
        f"On two real tables the MLP was ahead by −{-gains.mean():.1f} and +{digits.mean():.1f} points, which "
        f"settles nothing.",
        "| divisions in which the MLP is ahead | 1 of 10 | 7 of 10 |",
    )
    assert (cancer["mlp_ahead"], TABLES["digits"]["mlp_ahead"], TABLES["seeds"]) == (1, 7, 10)
    assert 400 / 569 > 0.5  # rows to fit and to choose, so that two divisions must share some
    says(
        "But ours share most of their rows, so they repeat each other, and the true uncertainty is larger than the "
        "table says. We would not bet on either gain.",
    )
    assert [f"{v:+.1f}" for v in (gains.mean(), digits.mean())] == ["-0.7", "+0.5"]
    assert [f"{v.std(ddof=1):.1f}" for v in (gains, digits)] == ["0.9", "0.7"]
    holds(
        "S4-66",
        "Over 10 splits of two small tables, a hidden layer gained −0.7 ± 0.9 and +0.5 ± 0.7 points over it.",
    )


@claim("S4-66", "conditions")
def test_on_the_digits_the_hidden_layer_buys_about_half_a_point():
    digits = TABLES["digits"]
    assert 0 < digits["gain"]["mean"] < 1.5
    assert digits["mlp_ahead"] > TABLES["seeds"] / 2
    assert (digits["rows"], digits["features"]) == (1797, 64)
    for model, label in (
        ("linear", "linear model, test accuracy, mean ± sd"),
        ("mlp", "MLP with one hidden layer"),
    ):
        a, b = (np.array(TABLES[table][model]["test"]) for table in ("cancer", "digits"))
        says(
            f"| {label} | {a.mean():.1%} ± {a.std(ddof=1):.1%} | {b.mean():.1%} ± {b.std(ddof=1):.1%} |",
        )
    says(
        "So we ask two real tables, both bundled with scikit-learn: 30 measurements of 569 tumours Street, Wolberg "
        "& Mangasarian 1993, and 1,797 small images of handwritten digits, 64 grey values each. The linear model "
        "and the MLP get the same number of passes, and each gets the step size that suits it best. So we divide a "
        "table into three: the training set, from which the models learn; the validation set, by which the step "
        "size is chosen; and the test set, which neither has seen and which judges both. All models have one output "
        "for each class, and the MLPs have 16 and 32 hidden units. This is done for 10 random divisions:",
        "and the first thing to run on it is a linear model, tuned with the same care.",
    )
    holds("S4-66", "Run a linear model first.")


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


@claim("S4-67", "wrong", "Use an MLP when you need a simple, interpretable baseline.")
def test_the_linear_model_of_the_tumours_has_one_weight_per_feature_and_class():
    assert TABLES["cancer"]["linear"]["parameters"] == 30 * 2 + 2
    assert TABLES["cancer"]["mlp"]["parameters"] == 30 * 16 + 16 + 16 * 2 + 2
    assert TABLES["digits"]["linear"]["parameters"] == 64 * 10 + 10
    assert (line_or_mlp.tables()["cancer"].hidden, line_or_mlp.tables()["digits"].hidden) == (16, 32)
    assert TABLES["digits"]["mlp"]["parameters"] == 64 * 32 + 32 + 32 * 10 + 10
    says(
        "| parameters, linear and MLP | 62 and 530 | 650 and 2,410 |",
        "The linear model is also the one that can be read, since its score is a sum of which you can see every term.",
    )
    holds("S4-67", "The linear model is the simple, interpretable baseline.")


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
    assert post.or_right + post.and_right == 4
    says(
        "OR is 1 if at least one input is 1, AND only if both are. Find a line for each. How many corners of XOR "
        "does each of them get right? (Aim: the numbers add up to four. Hint: keep both weights at 1 and change the "
        "bias.)",
        "With both weights at 1 only the bias differs. OR gets 3 corners of XOR right, which is the most a line can get, "
        "and AND gets 1.",
    )


@claim("S4-67", "wrong")
def test_answer_another_pair_of_units_computes_xor_with_one_corner_each():
    for a, b in product([0, 1], repeat=2):
        assert max(0, a - b) + max(0, b - a) == abs(a - b) == a ^ b
    assert post.output_other[:, 0].tolist() == post.xor.tolist()
    assert (post.hidden_other > 0).sum(axis=0).tolist() == [1, 1]
    assert not np.array_equal(post.hidden_other, post.hidden)
    says(
        "Find two other hidden units for XOR, such that each of them is above zero for one corner only. (Hint: take "
        "differences instead of the sum.)",
        "Take the difference of the inputs in both directions; the output is $|x_1 - x_2|$. Each unit now says “this one "
        "and not that one”, where before one unit counted and the other corrected. The outputs on the four corners are "
        "the same.",
        "Hidden units do not read like that: in exercise 2 a different pair of them computes XOR as well, and tells "
        "another story.",
    )
    holds(
        "S4-67",
        "Hidden units are not readable in that way: two different pairs of them compute XOR, and each tells another "
        "story.",
    )


@claim("S4-05", "confirmed")
def test_answer_a_line_on_the_product_solves_xor():
    assert post.output_product.tolist() == post.xor.tolist()
    for a, b in product([0, 1], repeat=2):
        assert a + b - 2 * a * b == a ^ b
    says(
        "Give the line a third feature, the product $x_1 x_2$. Which three weights solve XOR without any bend?",
        "$x_1 + x_2 - 2 x_1 x_2$. A line is only as limited as its features.",
    )
    holds("S4-05", "Linear in its features, that is: with their product as a third one it solves XOR.")


def test_answer_four_units_classify_every_point():
    assert post.right_four == len(post.y_new) == 1000
    net = with_parameters(two_layers([2, 4, 1]), post.F1, 0, post.F2, 0)
    x, y = post.make_points(20_000, np.random.default_rng(9))
    assert (net.predict(x) == y).all()
    assert isinstance(net, Network)
    u = np.linspace(-2, 2, 41)
    assert np.abs(u) == pytest.approx(np.maximum(0, u) + np.maximum(0, -u))
    axes = np.array([[0, 0.3], [0.7, 0], [0, -1], [-0.2, 0]])
    assert (np.maximum(0, axes @ post.F1) @ post.F2 == 0).all()
    says(
        "Four hidden units without biases classify the points of the square without an error, except on the two axes, "
        "where their output is 0. Which units? (Hint: $|u| = \\max(0, u) + \\max(0, -u)$.)",
        "$|x_1 - x_2| - |x_1 + x_2|$ is positive exactly where the signs differ: there the two inputs work together "
        "in the difference and against each other in the sum.",
    )
