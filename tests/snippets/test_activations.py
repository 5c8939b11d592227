"""Every threshold is found again by trying, every slope by differences; what was measured is read from its raw values."""

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest

from experiments import activation_cost, activation_functions, dead_units, results
from experiments.learning_rates import start
from figures import activations as drawn
from figures import dead_units as dead_drawn
from figures.style import SCHEMES
from scratchmlp import activations
from scratchmlp.gradcheck import check_layer
from scratchmlp.layers import Dense, LeakyReLU, ReLU, Sigmoid, Tanh
from scratchmlp.losses import binary_cross_entropy, cross_entropy
from scratchmlp.network import Network
from scratchmlp.optimizers import SGD
from sitetools import ROOT
from snippets import activations as post
from snippets import one_email
from tests.claims import claim, holds
from tests.reading import Reader

says = Reader("activations")
BENDS, DEAD, COST = (results.values(n) for n in ("activation_functions", "dead_units", "activation_cost"))
VALUES = json.loads((ROOT / "snippets" / "out" / "activations.json").read_text(encoding="utf-8"))["values"]
COLOURS = SimpleNamespace(**SCHEMES["light"], width=7.5, narrow=False)
THREE, ONE = BENDS["depth3"], BENDS["depth1"]


def spread(values, form):
    """Mean and standard deviation over seeds, as a page writes them."""
    return f"{np.mean(values):{form}}", f"{np.std(values, ddof=1):{form}}"


def error(values, form):
    """Mean and standard error over seeds, as a page writes them."""
    return f"{np.mean(values):{form}}", f"{np.std(values, ddof=1) / math.sqrt(len(values)):{form}}"


def dense_slopes(dense, x):
    """The slopes of the weights of a unit for two examples, from which opposite slopes arrive."""
    dense.forward(x, training=True)
    dense.backward(np.array([[0.2], [-0.2]]))
    return dense.grads["W"].ravel()


def first_at(holds_from, low, high):
    """The smallest number from which something holds, between two that enclose it."""
    assert not holds_from(low)
    assert holds_from(high)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if holds_from(middle) else (middle, high)
    return high


def sigmoid_is_one(z, kind=np.float64):
    """Whether the sigmoid of a logit rounds to 1."""
    return bool(1 / (1 + np.exp(-np.array([z], kind)))[0] == 1)


def slope_of(function, z, step=1e-6):
    """The slope of a function at z, by a central difference."""
    return (function(z + step) - function(z - step)) / (2 * step)


# ---- the opening


def test_the_hundred_and_fifth_mark_destroys_the_network():
    assert [post.W1.tolist(), post.b1.tolist()] == [one_email.W1.tolist(), one_email.b1.tolist()]
    assert [post.W2.tolist(), post.b2.tolist()] == [one_email.W2.tolist(), one_email.b2.tolist()]
    logits = [post.logit_of(n) for n in range(121)]
    assert np.diff(logits)[3:] == pytest.approx(np.full(117, post.per_mark))
    assert (np.diff(logits)[:3] < post.per_mark - 0.05).all()
    assert logits[60] == pytest.approx(60 * post.per_mark + post.rest)
    assert logits[0] > 0  # spam, without a mark
    first = next(n for n in range(60, 121) if sigmoid_is_one(post.logit_of(n)))
    assert first == post.n_marks == 105 == post.n_fewer + 1
    assert (f"{post.per_mark:.2f}", f"{post.rest:.2f}") == ("0.35", "0.12")
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 1 / (1 + np.exp(-np.array([[post.z_104], [post.z_105]])))
        assert np.isinf(-np.log(1 - p[1]))
        dp = 1 / (1 - p)
        assert np.isinf(dp[1])
        assert (p * (1 - p))[1] == 0
        dlogit = dp * (p * (1 - p))
    assert dlogit[0] == pytest.approx(1)
    assert np.isnan(dlogit[1])
    h = np.maximum(0, np.array([[105, 1, 1.0]]) @ post.W1 + post.b1)
    grads = {"W2": h.T @ dlogit[1:], "b2": dlogit[1], "dz": dlogit[1:] @ post.W2.T * (h > 0)}
    grads["W1"] = np.array([[105], [1], [1.0]]) @ grads["dz"]
    assert all(np.isnan(grads[name]).all() for name in ("W1", "b2", "W2", "dz"))
    assert sum(v.size for v in (post.W1, post.b1, post.W2, post.b2)) == 11
    assert np.isfinite(post.loss_104)
    says(
        "Your sister has won something. Free tickets, she writes, and then a hundred and five exclamation marks. "
        "For the network of part 3 she is an old friend, with a reputation of 1, but it takes her for spam even "
        "without a mark. From the fourth mark on, each one adds 0.35 to its logit. How wrong is it? Here is its "
        "loss for emails like hers, computed in two ways:",
        "One curve climbs by the same amount with each mark. The other turns into stairs, and then it is gone. "
        "What happens there?",
        r"At 105 marks the network does not say nearly 1. It says 1. Her email is not spam, so its loss is "
        r"$-\log(1 - p)$, and the logarithm of 0 is $-\infty$. Worse is the slope at the end of the line. In part "
        r"5 the walk back went through the logarithm and then through the sigmoid. Here the first hands on "
        r"$1/(1-p)$, which is infinite, and the second multiplies it by $p(1 - p)$, which is 0. The product is no "
        r"number, `nan`. One step with that slope, and all eleven parameters are `nan` as well. A single happy "
        r"email has destroyed the network.",
    )


def test_the_stairs_are_drawn_and_the_straight_line():
    (ax,) = drawn.draw_loss(VALUES, COLOURS).axes
    stable, naive = ax.lines[:2]
    marks, line = np.array(stable.get_xdata()), np.array(stable.get_ydata())
    assert marks.tolist() == list(range(90, 121))
    assert line == pytest.approx([math.log1p(math.exp(post.logit_of(n))) for n in marks])
    assert np.diff(line) == pytest.approx(np.full(30, 0.35), abs=1e-9)
    stairs = np.array(naive.get_ydata())
    finite = np.isfinite(stairs)
    assert finite.tolist() == (marks < 105).tolist()
    assert np.abs(stairs - line)[marks < 96].max() < 0.05
    assert stairs[marks == 103] == stairs[marks == 104]  # a stair
    assert np.diff(stairs)[7:14].std() > 5 * np.diff(stairs)[:5].std()
    colours = {text.get_text(): text.get_color() for text in ax.texts if text.get_text()}
    assert colours == {"from $p$: to infinity": naive.get_color(), "from the logit": stable.get_color()}
    says(
        "The loss of an email with 90 to 120 exclamation marks. From its logit it is a straight line. From its "
        "probability it follows the line, turns into stairs at about 100, and leaves the picture at 105.",
        "The loss of your sister's email, which is not spam. From 105 marks on it is infinite if it is computed "
        "from the probability.",
    )


def test_three_questions_are_asked_and_the_last_has_this_answer():
    best = np.mean(THREE["sigmoid"]["all"]["best"])
    assert all(abs(np.mean(THREE[n]["all"]["best"]) - best) < 0.005 for n in ("tanh", "relu", "leaky"))
    says(
        "In mathematics nothing of the kind happens, since a sigmoid never reaches 1. What breaks is the "
        "arithmetic. So this part asks three questions of the functions that bend. Where does a float have no room "
        "left? Where does a function go so flat that hardly any slope passes? And does it matter which of them one "
        "takes? In that comparison the function with the worst reputation comes out level with the best.",
    )


def test_the_title_and_the_box_say_what_comes():
    says.only(
        "Activations, sigmoids and floating point",
        "Where a float has no room left, where a function goes flat, how a unit dies, and which function is best "
        "if all get the same chance.",
        "The logit at which a probability becomes exactly 1, worked out on paper, a loss that survives it, and a "
        "measured answer to whether it matters which function bends.",
        "The network of part 3, the momentum of part 4, the backward pass of part 5, and the floats of part 6.",
        "## Where a float has no room left",
        "## Four functions, and their slopes",
        "## The unit that never wakes",
        because="the title, the description, the box and the headings name what the tests below decide",
    )


# ---- where a float has no room left


@claim("S4-16", "confirmed", "The sigmoid's outputs lie between 0 and 1.")
def test_the_sigmoid_rounds_to_one_where_the_digits_end():
    limit = first_at(sigmoid_is_one, 30, 40)
    limit_32 = first_at(lambda z: sigmoid_is_one(z, np.float32), 10, 20)
    assert post.limits["64"] == pytest.approx(limit, abs=1e-6)
    assert post.limits["32"] == pytest.approx(limit_32, abs=1e-4)
    assert np.finfo(np.float64).eps == 2.0**-52
    assert 1 + 2.0**-53 == 1
    assert 1 + 1.01 * 2.0**-53 > 1
    assert (1 - np.nextafter(1, 0)) == 2.0**-53
    assert np.nextafter(1, 2) - 1 == 2.0**-52
    assert (f"{post.log_2:.4f}", f"{post.limits['64']:.2f}", f"{post.limits['32']:.2f}") == (
        "0.6931",
        "36.74",
        "16.64",
    )
    assert post.z_104 < limit < post.z_105
    assert (f"{post.z_104:.2f}", f"{post.z_105:.2f}") == ("36.52", "36.87")
    assert activations.sigmoid(np.array([-800.0, 800.0])).tolist() == [0, 1]
    holds(
        "S4-16",
        "As real numbers strictly between; as floats they reach 1 from a logit of 36.74 in float64 and of 16.64 in "
        "float32.",
    )
    says.formula("eq-limit", r"z \ge 53 \log 2 \approx 53 \cdot 0.6931 = 36.74")
    says(
        r"A float64 keeps 53 binary digits, which are about 16 decimal ones. The number 1 takes the first of them, "
        r"so the last one is worth $2^{-52}$, and that is the distance to the next larger float, the $\varepsilon$ "
        r"of part 6. What lies between two floats is rounded to the nearer one. Halfway between two, the one that "
        r"ends in a binary 0 is taken, and next to 1 that is 1 itself.",
        r"Now take the sigmoid, $1/(1 + e^{-z})$. As $z$ grows, $e^{-z}$ becomes small. When it is no more than "
        r"half of $\varepsilon$, which is $2^{-53}$, the sum $1 + e^{-z}$ is rounded to 1, and the probability is "
        r"1 as well. Take logarithms of $e^{-z} \le 2^{-53}$:",
        r"The logit of her email is 0.35 for each mark and 0.12 for the rest. With 104 marks that is $104 \cdot "
        r"0.35 + 0.12 = 36.52$, which is below the limit. With 105 it is 36.87, which is above. A float32 keeps "
        r"only 24 digits, and its limit follows in the same way. (NumPy's `nmant` leaves out the leading 1, which "
        r"is the same for all numbers and so not stored.)",
        "So the sigmoid lies between 0 and 1, but its floats reach both ends.",
    )


@claim("S1-08", "confirmed", "The sigmoid is 1/(1 + exp(−x)).")
def test_the_other_side_keeps_its_digits():
    assert post.other_side == pytest.approx(math.exp(-post.z_105), rel=1e-12)
    assert 1 - 1 / (1 + math.exp(-post.z_105)) == 0
    assert np.finfo(np.float64).tiny == pytest.approx(10.0**-308, rel=2)
    z = np.linspace(34, 36.7, 4000)
    steps = (1 - 1 / (1 + np.exp(-z))) / 2.0**-52
    assert (steps == steps.round()).all()
    assert {1, 2, 3} <= set(steps)
    marks = [n for n in range(90, 105) if round((1 - 1 / (1 + np.exp(-post.logit_of(n)))) / 2.0**-52) == 1]
    assert marks == [102, 103, 104]
    assert post.one_step == pytest.approx(post.loss_104) == pytest.approx(-math.log(2.0**-52))
    assert f"{post.one_step:.2f}" == "36.04"
    assert math.log(np.finfo(np.float64).tiny) == pytest.approx(-post.most["64"], rel=0.003)
    assert 36.5 < post.limits["64"] < 37.5
    assert round(math.log10(2**53)) == 16
    assert 1 + (2.0**-53 + 2.0**-52) == 1 + 2.0**-51  # a tie, and the neighbour that ends in 0 is above
    with np.errstate(over="ignore"):
        overflow = first_at(lambda z: bool(np.isinf(np.exp(np.float64(z)))), 700, 720)
    assert post.most["64"] == pytest.approx(overflow, abs=1e-6)
    with np.errstate(over="raise"):
        np.exp(np.array([709.78]))
        with pytest.raises(FloatingPointError):
            np.exp(np.array([709.79]))
    with pytest.warns(RuntimeWarning, match="overflow"):
        assert 1 / (1 + np.exp(-np.array([-709.79])))[0] == 0
    assert activations.sigmoid(np.array([-709.79])).tolist() == [0]
    holds(
        "S1-08",
        "As typed it warns below −709.78 in float64, where the exponential overflows; the 0 that it gives is right.",
    )
    says(
        r"The stairs have the same cause. Just above 1 the sum in the denominator can only take steps of "
        r"$2^{-52}$, so $1 - p$ is one such step, or two, or three. With 104 marks it is one, and the loss is $52 "
        r"\log 2 = 36.04$.",
        "So near 1 the digits run out at a logit of 37. Near 0 floats lie much closer to each other, and the "
        "digits last until about $10^{-308}$, which is a logit of −710. So ask from the other side. The "
        "probability that her email is not spam is the sigmoid of $-z$, and it keeps all its digits:",
        "Do not subtract a probability from 1 if you need the digits of the difference. Turn the sign of the logit "
        "instead. (What if $e^{-z}$ itself is too large for a float? That is called an overflow, and happens for "
        "logits below −709.78. NumPy warns and goes on with infinity, and 1 divided by infinity is 0, which is "
        "what it should be to hundreds of places.)",
    )


# ---- a loss that takes any logit


def test_the_loss_from_the_logit_takes_any_logit():
    z = np.array([-1e6, -800, -3.0, 0, 3.0, 37, 800, 1e6])
    for y in (0, 1):
        theirs = [binary_cross_entropy(np.array([[v]]), np.array([[y]]))[0] for v in z]
        assert post.loss(z, np.full(8, y)) == pytest.approx(theirs, rel=1e-12)
        assert post.loss(z, np.full(8, y)) == pytest.approx(
            np.logaddexp(0, np.where(y == 1, -z, z)), rel=1e-12
        )
    for v in (-3.0, 3.0):
        assert max(0, v) + math.log(1 + math.exp(-abs(v))) == pytest.approx(math.log(1 + math.exp(v)))
        assert math.log(1 + math.exp(v)) == pytest.approx(v + math.log(1 + math.exp(-v)))
        assert -math.log(1 / (1 + math.exp(v))) == pytest.approx(math.log(1 + math.exp(v)))
    assert np.exp(-np.abs(z)).max() == 1
    assert (f"{post.most['64']:.2f}", f"{post.most['32']:.2f}") == ("709.78", "88.72")
    with np.errstate(over="raise"):
        np.exp(np.array([88.72], np.float32))
        with pytest.raises(FloatingPointError):
            np.exp(np.array([88.73], np.float32))
    assert post.stable["sure_and_right"] == pytest.approx(math.exp(-post.z_105), rel=1e-6)
    assert math.log1p(math.exp(-post.z_105)) < 1e-15
    assert (1 + 1e-17 == 1, math.log(1 + 1e-17), math.log1p(1e-17)) == (True, 0, 1e-17)
    says.formula("eq-stable", r"\log(1 + e^z) = \max(0, z) + \log\left(1 + e^{-|z|}\right)")
    says(
        r"With the sign turned, her loss is $-\log \sigma(-z) = \log(1 + e^{z})$. That is better, but not yet "
        r"good, because $e^z$ overflows for logits above 709.78, and in float32 already above 88.72. Where $z$ is "
        r"positive, take $e^z$ out of the bracket: $\log(1 + e^z)$ is $z + \log(1 + e^{-z})$. Where it is "
        r"negative, leave it as it is. In one line:",
        r"No power is larger than 1 now. For her email the second term is nearly 0, and the first is the straight "
        r"line of the figure. For a spam email the loss is $\log(1 + e^{-z})$, the same with $-z$. Now call $z$ "
        r"the logit of spam and $-z$ the logit of not spam. Then both classes have one formula, with the logit of "
        r"the wrong one: $z$ for her, and $-z$ for a spam email. In the program `np.log1p(t)` is $\log(1 + t)$ "
        r"without the sum, which would round a small $t$ away. We try it on four emails: one with a logit of 0, "
        r"hers, a spam email with the same logit as hers, and a spam email for which the network is sure of the "
        r"opposite:",
    )


def test_from_the_probability_even_a_right_answer_is_no_number():
    with np.errstate(all="ignore"):
        p = 1 / (1 + np.exp(-np.float64(post.z_105)))
        loss = -(1 * np.log(p) + 0 * np.log(1 - p))
    assert p == 1
    assert np.isnan(loss)
    grad = binary_cross_entropy(np.array([[post.z_105], [40.0]]), np.array([[0], [1]]))[1] * 2
    assert grad[:, 0] == pytest.approx([1, 0], abs=1e-12)
    assert abs(grad).max() <= 1
    says(
        "Look at the third number of the first line. That email is spam, and the network is right. Still its loss "
        "is no number, because the formula for both classes multiplies the infinite logarithm by a label of 0. So "
        "a loss that is taken from the probability can fail on an answer that is right. That is why the losses of "
        "our package take logits. (`np.logaddexp(0, z)` of part 4 is this formula, too.)",
        "And the slope? Join logarithm and sigmoid before you walk back, as we did, and it is $p - y$, with no "
        "division at all. For her email that is $1 - 0$. It is the largest slope there is: a network that is sure "
        "and wrong is pulled back with full force.",
    )


def test_bytes_make_logits_that_no_probability_survives():
    z = post.net.forward((post.rows * (255 / 16)).astype(np.float32))
    p = activations.softmax(z)
    assert p.dtype == np.float32
    assert post.infinite == np.mean(p[np.arange(len(p)), post.labels] == 0)
    assert post.of_the_truth(1) == pytest.approx(
        activations.softmax(post.net.forward((post.rows / 16).astype(np.float32)))[
            np.arange(len(p)), post.labels
        ]
    )
    assert (f"{post.infinite:.0%}", f"{post.n_images:,}", post.brightest) == ("77%", "1,797", 255)
    assert np.isfinite(cross_entropy(z, post.labels)[0])
    assert cross_entropy(z, post.labels)[0] > 50
    small = activations.softmax(post.net.forward((post.rows / 16).astype(np.float32)))
    assert (small > 0).all()
    with np.errstate(under="ignore"):
        assert [np.exp(np.float32(-n)) > 0 for n in (post.apart_32 - 1, post.apart_32)] == [True, False]
    assert post.apart_32 == 104
    says(
        "You may object that nobody writes a hundred and five marks. But it takes less to make large logits. "
        "Images usually come with values from 0 to 255, and one has to divide them. We stretch our digits to that "
        "range, as if somebody had forgotten to divide, and show them to a network that nobody has trained:",
        "The largest logit is subtracted, so nothing overflows. And yet the probability of the true class has "
        "become exactly 0 for 77% of 1,797 images. In float32 that happens to a logit that is 104 or more below "
        "the largest. Its negative logarithm is infinite. Only those who take softmax and logarithm in one go, as "
        "in part 5, get a number.",
    )


# ---- four functions


@claim("S4-95", "confirmed", "The sigmoid of −2, −1, 0, 1, 2 is 0.12, 0.27, 0.5, 0.73, 0.88.")
@claim(
    "S4-96",
    "confirmed",
    "The sigmoid is smooth and differentiable everywhere, with outputs good for probabilities.",
)
@claim("S4-100", "confirmed", "Tanh of −2, −1, 0, 1, 2 is −0.96, −0.76, 0, 0.76, 0.96.")
@claim("S4-17", "confirmed", "Tanh's outputs lie between −1 and 1.")
def test_values_and_slopes_are_those_of_the_package():
    five = np.array([-2.0, -1, 0, 1, 2])
    assert post.five["sigmoid"] == pytest.approx(activations.sigmoid(five).tolist())
    assert post.five["tanh"] == pytest.approx(activations.tanh(five).tolist())
    assert [f"{v:.2f}" for v in post.five["sigmoid"]] == ["0.12", "0.27", "0.50", "0.73", "0.88"]
    assert [f"{v:.2f}" for v in post.five["tanh"]] == ["-0.96", "-0.76", "0.00", "0.76", "0.96"]
    z = np.linspace(-6, 6, 25)
    p, h = activations.sigmoid(z), activations.tanh(z)
    assert p * (1 - p) == pytest.approx(slope_of(activations.sigmoid, z), abs=1e-9)
    assert (p * (1 - p)).max() == 0.25
    assert 1 - h**2 == pytest.approx(slope_of(activations.tanh, z), abs=1e-9)
    assert (1 - h**2).max() == 1
    assert ((p > 0) & (p < 1)).all()
    assert activations.tanh(0.0) == 0
    curvature = slope_of(lambda v: slope_of(activations.sigmoid, v, 1e-3), z, 1e-3)
    assert np.abs(np.diff(curvature)).max() < 0.1  # the slope has no jump and no corner
    assert np.tanh(np.array([-30.0, 30.0])).tolist() == [-1, 1]
    assert (np.abs(h) < 1).all()
    holds("S4-17", "As real numbers strictly between; its floats reach both ends.")
    holds("S4-95", "To four digits 0.1192, 0.2689, 0.5, 0.7311, 0.8808.")
    holds("S4-96", "A probability it becomes by the loss: see the first part.")
    holds("S4-100", "To four digits ±0.9640, ±0.7616 and 0.")
    says(
        "So much for the end of a network. In its hidden layers the slope matters more than the value, because it "
        "is what the walk back multiplies by. These are four common functions:",
        "The sigmoid is smooth everywhere and lies between 0 and 1, which suits it for probabilities. Its slope is "
        "$p(1 - p)$, as part 5 found, and never more than a quarter. Tanh is smooth as well, goes from −1 to 1, "
        "and has 0 in its middle.",
    )


def test_tanh_is_a_sigmoid_half_as_wide_and_twice_as_high():
    z = np.linspace(-30, 30, 601)
    assert activations.tanh(z) == pytest.approx(2 * activations.sigmoid(2 * z) - 1, abs=1e-15)
    assert post.stretched < 1e-15
    near = np.linspace(-4, 4, 17)
    assert 2 * 2 * slope_of(activations.sigmoid, 2 * near) == pytest.approx(
        slope_of(activations.tanh, near), abs=1e-8
    )
    assert slope_of(activations.tanh, 0.0) == pytest.approx(1)
    says(
        r"The two are the same curve. Make a sigmoid half as wide and twice as high, and move it down by 1, and it "
        r"is tanh. So the slope of tanh is $2 \cdot 2$ times that of the sigmoid at $2z$, and at 0 it is 1:",
    )


@claim("S4-99", "conditions", "tanh(x) = (e^x − e^−x)/(e^x + e^−x).")
def test_tanh_as_typed_divides_infinity_by_infinity():
    def typed(z):
        with np.errstate(all="ignore"):
            return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))

    z = np.linspace(-5, 5, 21)
    assert typed(z) == pytest.approx(np.tanh(z))
    limit = first_at(lambda v: bool(np.isnan(typed(np.float64(v)))), 700, 720)
    assert limit == pytest.approx(post.most["64"], abs=1e-6)
    assert np.isnan(typed(np.float64(-710)))
    assert np.tanh(710.0) == 1
    holds(
        "S4-99",
        "As mathematics. As a program it gives no number where the exponentials overflow, from 709.78 on in float64; use "
        "`np.tanh`.",
    )
    says(
        "One often sees tanh as $(e^z - e^{-z})/(e^z + e^{-z})$. Typed like that, it divides infinity by infinity "
        "when $|z|$ is large, so leave it to NumPy:",
    )


def test_the_leaky_relu_has_a_slope_everywhere():
    z = np.array([-3.0, -0.5, 0.5, 3.0])
    assert slope_of(activations.relu, z) == pytest.approx([0, 0, 1, 1])
    assert slope_of(activations.leaky_relu, z) == pytest.approx([0.01, 0.01, 1, 1])
    says(
        r"ReLU is $\max(0, z)$, with a slope of 0 or 1. The leaky ReLU lets a little through below 0, here a "
        r"hundredth of $z$, so its slope is never 0 Maas, Hannun & Ng 2013.",
    )


def test_four_panels_show_the_functions_and_their_slopes():
    panels = drawn.draw_bends(VALUES, COLOURS).axes
    functions = (activations.sigmoid, activations.tanh, activations.relu, lambda z: np.maximum(z, 0.1 * z))
    for ax, name, function in zip(panels, ("sigmoid", "tanh", "ReLU", "leaky ReLU"), functions, strict=True):
        assert ax.get_title() == name
        _, slope, curve = ax.lines
        z = np.array(curve.get_xdata(), float)
        assert np.array(curve.get_ydata()) == pytest.approx(function(z))
        assert (curve.get_linestyle(), slope.get_linestyle()) == ("-", "--")
        for at, shown in zip(slope.get_xdata(), slope.get_ydata(), strict=True):
            if np.isfinite(at) and at != 0:
                assert shown == pytest.approx(slope_of(function, at), abs=1e-6)
    sigmoid, tanh = (np.array(panels[i].lines[1].get_ydata()) for i in (0, 1))
    assert (sigmoid.max(), tanh.max()) == pytest.approx((0.25, 1))
    says(
        "Four functions with their slopes. Sigmoid: from 0 to 1, slope a low hill of height one quarter. Tanh: "
        "from −1 to 1, hill of height 1. ReLU: slope 0, then 1. Leaky ReLU: a hundredth, then 1.",
        "Four activation functions (solid) and their slopes (dashed). Left of 0 the leaky ReLU is drawn ten times "
        "as steep as it is.",
    )


# ---- where they go flat


@claim("S4-97", "confirmed", "The sigmoid saturates for x far from 0: its gradient goes to 0.")
@claim("S4-102", "confirmed", "Tanh still suffers from saturation.")
@claim(
    "S4-101",
    "conditions",
    "Tanh is zero-centred, which makes it better than the sigmoid, and it is smooth and differentiable.",
)
def test_the_slopes_fade_away_from_the_middle():
    for at in (0, 2, 5, 10):
        assert post.flat[f"{at}"] == pytest.approx(slope_of(activations.sigmoid, float(at)), abs=1e-9)
        assert post.flat_tanh[f"{at}"] == pytest.approx(1 / math.cosh(at) ** 2, rel=1e-6)
    assert all(post.flat_tanh[at] < post.flat[at] for at in ("2", "5", "10"))
    assert f"{post.share_5:.1%}" == "2.7%"
    assert post.share_5 == post.flat["5"] / post.flat["0"]
    holds("S4-97", "Its slope is 0.25 at 0, 0.105 at 2, 0.00665 at 5 and about 0.000045 at 10.")
    holds("S4-102", "Its slope is 0.071 at 2 and 0.00018 at 5, less than that of the sigmoid.")
    holds(
        "S4-101",
        "Centred and smooth, yes. Better with one start for all, by 35 ± 10 points at three hidden layers; with a start "
        "of its own for each the difference is 0.3 ± 0.2.",
    )
    for way, words in (("one", ("35", "10")), ("all", ("0.3", "0.2"))):
        points = THREE["tanh"][way]["points"]
        assert error(points, ".0f" if way == "one" else ".1f") == words
        assert points == pytest.approx(
            [
                100 * (a - b)
                for a, b in zip(THREE["tanh"][way]["best"], THREE["sigmoid"][way]["best"], strict=True)
            ]
        )
    says(
        "Follow the slopes of the two smooth functions away from the middle. (The program computes $1 - p$ as we "
        "have learned, from the other side.)",
        "At 5 the sigmoid has 2.7% of its best slope left, and at 10 next to nothing. Tanh goes flat even sooner. "
        "A unit whose sum lies out there is called saturated. It has an answer, but it hardly hears what is wrong "
        "with it, because whatever slope arrives is multiplied by that number.",
    )


def test_three_sigmoids_pass_on_a_sixty_fourth():
    def through(layer, z):
        slope = np.array([[1.0]])
        for _ in range(3):
            layer.forward(np.array([[z]]), training=True)
            slope = layer.backward(slope)
        return slope.item()

    assert through(Sigmoid(), 0.0) == 1 / 64
    assert through(Sigmoid(), 2.0) == pytest.approx(post.three_at_2)
    assert (through(Tanh(), 0.0), through(ReLU(), 1.0)) == (1, 1)
    assert (f"{post.three:.3f}", f"{post.flat['2']:.3f}", f"{post.three_at_2:.4f}") == (
        "0.016",
        "0.105",
        "0.0012",
    )
    says(
        "At the output this did no harm, because the cross-entropy cancels the sigmoid's slope. In a hidden layer "
        "nothing cancels it. Suppose that a slope of 1 arrives at the last of three sigmoids in a row, that the "
        "weights between them are 1, and that all three sums are 0. That is the best place that a sigmoid has. "
        "Going back through them, the slope becomes a quarter, a sixteenth, and $1/64 = 0.016$. With sums of 2 it "
        "would be $0.105^3 = 0.0012$. Three layers of tanh in their best place would have passed on all of it, and "
        "so would three ReLUs whose sums are positive.",
        "So a sigmoid passes on a quarter at most, layer after layer. That is how a gradient can be right in every "
        "digit and still too small to learn from. The weights multiply the slope as well, and they could make up "
        "for it. Whether they do depends on where training starts, and part 8 is about that.",
    )


def test_the_table_shows_what_the_explorable_would():
    for at in (0, 2, 5, 10):
        assert post.of_logit[f"{at}"] == pytest.approx(math.log1p(math.exp(at)))
        assert post.of_p[f"{at}"] == pytest.approx(post.of_logit[f"{at}"], rel=1e-9)
    assert (f"{post.flat['37']:.2g}", f"{post.flat_tanh['37']:.2g}") == ("8.5e-17", "2.9e-32")
    assert post.flat["37"] == pytest.approx(math.exp(-37), rel=1e-9)
    assert post.flat_tanh["37"] == pytest.approx(4 * math.exp(-74), rel=1e-9)
    assert activations.sigmoid(np.array([37.0]))[0] == 1
    says(
        "| 0 | 0.25 | 1 | 0.6931 | 0.6931 |",
        "| 2 | 0.1 | 0.071 | 2.1269 | 2.1269 |",
        "| 5 | 0.0066 | 0.00018 | 5.0067 | 5.0067 |",
        "| 10 | 4.5e−05 | 8.2e−09 | 10.0000 | 10.0000 |",
        "| 37 | 8.5e−17 | 2.9e−32 | infinite | 37.0000 |",
    )
    says.only(
        "Move $z$, and watch the value, the slope, and what a careless formula makes of them. (The losses are "
        "those of an email that is not spam. The explorable takes its slopes from the value, as the layers of our "
        "package do, so they are exactly 0 once the value is exactly 1.)",
        because="it says what the explorable is for",
    )


# ---- slope or middle


def test_all_slopes_of_a_unit_have_one_sign_if_all_inputs_are_positive():
    dense, rng = Dense(3, 1, rng=np.random.default_rng(0), dtype="float64"), np.random.default_rng(1)
    for delta in (0.2, -0.2):
        dense.forward(post.h[None], training=True)
        dense.backward(np.array([[delta]]))
        assert dense.grads["W"][:, 0] == pytest.approx(post.h * delta)
        assert (np.sign(dense.grads["W"]) == np.sign(delta)).all()
    assert len(set(np.sign(post.h - 0.5))) == 2
    both = [dense_slopes(dense, rng.random((2, 3))) for _ in range(20)]
    assert any(len(set(np.sign(slopes))) == 2 for slopes in both)
    h = activations.sigmoid(rng.standard_normal((4000, 64)))
    assert h.mean() == pytest.approx(0.5, abs=0.01)
    says(
        "The small slope is the first charge against the sigmoid. The second is that it is not centred at 0. Why "
        "should that matter? By the dense rule, the slope of a weight is the value that comes in times the slope "
        "that arrives at the unit. The values of a sigmoid are all positive. So all weights of a unit get slopes "
        "of the same sign:",
        "From one example the weights of this unit can learn to rise together or to fall together. If one of them "
        "should rise and another fall, they have to zigzag, as a guide to training put it in 1998 LeCun et al. "
        "1998. (That goes for the values of a ReLU as well, since they are never negative. We will see.) In a "
        "batch the signs may differ from example to example. But something remains: every value of a sigmoid "
        "contains about one half that is the same for all examples.",
    )


def test_each_remedy_changes_one_thing():
    middle = {name: value(np.zeros(1))[0] for name, (value, _) in activation_functions.BENDS.items()}
    slope = {name: slope_of(value, 0.0) for name, (value, _) in activation_functions.BENDS.items()}
    assert (middle["sigmoid"], middle["centred"], middle["steep"], middle["steep_centred"]) == (0.5, 0, 2, 0)
    assert [slope[n] for n in ("sigmoid", "centred", "steep", "steep_centred")] == pytest.approx(
        [0.25, 0.25, 1, 1]
    )
    z = np.linspace(-4, 4, 17)
    assert activation_functions.BENDS["steep_centred"][0](z) == pytest.approx(2 * np.tanh(z / 2))
    values = {name: value(np.zeros(1))[0] for name, (value, _) in activation_functions.BENDS.items()}
    assert values["steep"] == 4 * values["sigmoid"]
    says(
        r"So there are two charges, and in the sigmoid they come together. To tell them apart, change one thing at "
        r"a time. Take one half away, $\sigma(z) - \tfrac12$, and the function is centred with the same slope. "
        r"Multiply by four, $4\sigma(z)$, and its slope at 0 is 1, but what all examples share is now four times "
        r"as large, too. Do both, and you get $4\sigma(z) - 2$, which is twice the tanh of $z/2$.",
    )


def test_every_function_of_the_experiment_has_the_slope_that_it_says():
    rng = np.random.default_rng(2)
    x = rng.standard_normal((5, 4))
    for value, slope in activation_functions.BENDS.values():
        assert check_layer(activation_functions.Bend(value, slope), x, rng=np.random.default_rng(3)) < 1e-6
    wrong = activation_functions.Bend(np.tanh, activation_functions.of_sigmoid)
    assert check_layer(wrong, x, rng=np.random.default_rng(3)) > 0.1


def test_the_contenders_start_with_the_same_weights_and_all_images_are_apart():
    nets = [activation_functions.network(0, name, 3, 4) for name in ("sigmoid", "relu")]
    for a, b in zip(nets[0].layers[::2], nets[1].layers[::2], strict=True):
        assert a.params["W"].tolist() == b.params["W"].tolist()
        assert a.params["W"].std() == pytest.approx((4 if a.params["W"].shape[1] == 64 else 1) / 8, rel=0.1)
    assert len(nets[0].layers) == 7
    held = start(0)[1]
    assert (len(held.x_train), len(held.x_test)) == (997, 300)


def check_row(function, label):
    """The row of one function in the table says what was measured."""
    one, every = THREE[function]["one"], THREE[function]["all"]
    differs = [all_of[seed] for all_of in THREE[function]["apart"][:1] for seed in range(5)]
    assert one["apart"] == pytest.approx(differs)
    best = [int(np.argmax(np.mean(way["validation"], axis=1))) for way in (one, every)]
    assert one["best"] == pytest.approx(one["validation"][best[0]])
    assert every["best"] == pytest.approx(every["validation"][best[1]])
    assert every["gain"] == BENDS["all_gains"][best[1]]
    (a, b), (c, d) = spread(one["best"], ".1%"), spread(every["best"], ".1%")
    assert every["apart"] == pytest.approx(THREE[function]["apart"][best[1]])
    says(f"| {label} | {np.mean(differs):.1%} | {a} ± {b} | times {every['gain']:.1f} | {c} ± {d} |")


def test_the_table_has_every_function_with_its_best_rate_and_start():
    check_row("sigmoid", "sigmoid")
    check_row("centred", "sigmoid − ½")
    check_row("steep", "4 sigmoid")
    check_row("steep_centred", "4 sigmoid − 2")
    check_row("tanh", "tanh")
    check_row("relu", "ReLU")
    check_row("leaky", "leaky ReLU")
    assert activation_functions.BATCH == 32
    largest = [name for name in activation_functions.NAMES if THREE[name]["all"]["gain"] == 4]
    assert largest == ["sigmoid", "centred", "steep"]
    assert BENDS["all_gains"] == [g for g in (1, math.sqrt(2), 4) for _ in range(6)]
    assert BENDS["all_rates"] == [*BENDS["rates"]] * 3
    assert len(BENDS["rates"]) == 6
    says(
        r"We trained digits networks with three hidden layers of 64 such units, by plain SGD with batches of 32. "
        r"All functions began with the same random weights, normal with a standard deviation of $1/\sqrt{D}$ for "
        r"$D$ inputs, and each got the best of six rates. In a second round we also tried the weights of the three "
        r"hidden layers times $\sqrt2$, which is customary for ReLU, and times 4, which undoes a slope of a "
        r"quarter. Each function got the best of these three starts, with its best rate.",
        "(Accuracy on 300 validation images after 20 epochs with 997, mean and standard deviation over 5 seeds. "
        "The same images chose rate and start, so all numbers flatter a little. For the first three functions the "
        "largest start was the best, so a still larger one may be better.)",
        "| function | first start: differs | accuracy | best of three starts | accuracy |",
    )


@claim("S4-98", "conditions", "The sigmoid is not zero-centred, which can slow learning.")
def test_centring_and_slope_both_gain_and_so_does_a_start_of_its_own():
    assert error(THREE["centred"]["one"]["points"], ".0f") == ("33", "10")
    assert error(THREE["steep"]["one"]["points"], ".0f") == ("27", "11")
    assert error(THREE["steep_centred"]["one"]["points"], ".0f") == ("35", "10")
    for name in ("centred", "steep", "steep_centred"):
        gained, se = error(THREE[name]["one"]["points"], ".6f")
        assert float(gained) > 2 * float(se)
        assert np.mean(THREE[name]["one"]["points"]) > 0.75 * np.mean(THREE["relu"]["one"]["points"])
    assert np.std(THREE["sigmoid"]["one"]["best"], ddof=1) > 0.2
    assert spread(THREE["sigmoid"]["all"]["best"], ".1%") == ("97.4%", "0.8%")
    assert THREE["sigmoid"]["all"]["gain"] == 4
    assert error(THREE["relu"]["all"]["points"], ".1f") == ("-0.1", "0.1")
    assert error(THREE["tanh"]["all"]["points"], ".1f") == ("0.3", "0.2")
    assert error(THREE["steep"]["all"]["points"], ".1f") == ("-2.9", "0.5")
    assert (
        f"{np.mean(THREE['sigmoid']['all']['apart']):.0%}",
        f"{np.mean(THREE['steep']['all']['apart']):.0%}",
    ) == (
        "13%",
        "31%",
    )
    for name in ("centred", "steep_centred", "tanh", "relu", "leaky"):
        mean, se = error(THREE[name]["all"]["points"], ".6f")
        assert abs(float(mean)) < 2 * float(se)
    holds(
        "S4-98",
        "With three hidden layers and one start for all, taking ½ away gained 33 ± 10 points. With weights four times as "
        "large it gained −0.1 ± 0.2.",
    )
    assert error(THREE["centred"]["all"]["points"], ".1f") == ("-0.1", "0.2")
    assert THREE["centred"]["all"]["gain"] == 4
    says(
        "With the first start the sigmoid is far behind, and from seed to seed it lands anywhere. Centring gains "
        "33 ± 10 points (the mean of the differences, seed by seed, and its standard error), the larger slope 27 ± "
        "11, and both together 35 ± 10. So either remedy alone gives back most of what is missing. How can that "
        "be, if the charges are different?",
        "Now look at the last column, where each function has the best of its starts. The plain sigmoid reaches "
        "97.4% ± 0.8%. ReLU differs from it by −0.1 ± 0.1 points and tanh by 0.3 ± 0.2, which is no difference "
        "that five seeds could show. Only the steep one that is not centred stays behind, with −2.9 ± 0.5, and "
        "why, we did not find out. On these digits, with three layers, what is said against the sigmoid was true "
        "of a sigmoid with somebody else's start. (With a single hidden layer there is nothing to explain: there "
        "all seven are within a point of the sigmoid even with the first start.)",
    )


def test_what_differs_between_images_explains_both_charges():
    net = activation_functions.network(2, "sigmoid", 3, 1)
    x = start(2)[1].x_train / 16
    h = x.astype(np.float32)
    for layer in net.layers[:-1]:
        h = layer.forward(h)
    differs = np.sqrt(((h - h.mean(axis=0)) ** 2).mean() / (h**2).mean())
    assert THREE["sigmoid"]["apart"][0][2] == pytest.approx(differs, rel=1e-3)
    first = {name: np.mean(THREE[name]["one"]["apart"]) for name in activation_functions.NAMES}
    reached = {name: np.mean(THREE[name]["one"]["best"]) for name in activation_functions.NAMES}
    assert first["sigmoid"] < 0.01
    assert sorted(first, key=first.get)[:2] == ["sigmoid", "steep"]
    assert sorted(reached, key=reached.get)[:2] == ["sigmoid", "steep"]
    gains = np.mean(THREE["sigmoid"]["apart"], axis=1)[[0, 6, 12]]
    best = np.mean(THREE["sigmoid"]["all"]["validation"], axis=1).reshape(3, 6).max(axis=1)
    assert (np.diff(gains) > 0).all()
    assert (np.diff(best) > 0).all()
    for name in ("centred", "steep", "steep_centred"):
        assert first[name] > 5 * first["sigmoid"]
    sizes = {}
    for name in ("sigmoid", "centred", "steep", "relu"):
        h, of_layer = x.astype(np.float32), []
        for i, layer in enumerate(activation_functions.network(2, name, 3, 1).layers[:-1]):
            h = layer.forward(h)
            if i % 2:
                of_layer.append(
                    (np.sqrt(((h - h.mean(axis=0)) ** 2).mean()), np.sqrt((h.mean(axis=0) ** 2).mean()))
                )
        sizes[name] = np.array(of_layer)  # what differs, and what is shared, layer by layer
    for name in ("sigmoid", "centred"):  # they shrink to about a quarter
        assert sizes[name][1:, 0] / sizes[name][:-1, 0] == pytest.approx([0.25, 0.25], abs=0.09)
    assert sizes["sigmoid"][:, 1] == pytest.approx([0.5, 0.5, 0.5], abs=0.1)
    assert (
        sizes["steep"][1:, 0] / sizes["steep"][:-1, 0]
        > 1.5 * sizes["sigmoid"][1:, 0] / sizes["sigmoid"][:-1, 0]
    ).all()
    assert sizes["centred"][2, 1] < 0.02
    assert f"{np.mean(ONE['sigmoid']['one']['apart']):.1%}" == "12.7%"
    assert np.mean(ONE["sigmoid"]["one"]["apart"]) == pytest.approx(np.mean(ONE["steep"]["one"]["apart"]))
    assert np.mean(THREE["relu"]["one"]["apart"]) == pytest.approx(0.5, abs=0.03)
    for name in activation_functions.NAMES:  # below a twentieth it goes badly, above a tenth nothing is said
        differ = np.mean(THREE[name]["apart"], axis=1)[[0, 6, 12]]
        reached = np.mean(THREE[name]["all"]["validation"], axis=1).reshape(3, 6).max(axis=1)
        assert (reached[differ < 0.052] < 0.9).all()
        assert (reached[differ > 0.12] > 0.94).all()
    assert np.mean(THREE["steep"]["all"]["apart"]) > 2 * np.mean(THREE["sigmoid"]["all"]["apart"])
    says(
        "The column differs looks at the values of the last hidden layer before training. From each value it takes "
        "away the mean over all images. The root mean square of what is left, divided by that of the values "
        "themselves, says how much the images differ there. With plain sigmoids it is less than a hundredth: after "
        "three layers all images look nearly alike. After one layer it was 12.7%. Each further layer shrinks the "
        "differences to about a quarter and adds the same half again. A slope of 1 lets the differences live, and "
        "they fade more slowly beside what is shared. Centring lets them fade just as fast, but nothing is left "
        "that they could vanish beside. And ReLU, never negative as it is, lets half of the size of its values "
        "differ.",
        "So the two charges are one: what tells the images apart must not drown in what they share. Where hardly a "
        "twentieth differs, training went badly or depended on luck. Above a tenth or so the column says no more "
        "about who is better. Larger weights help as well, since they make up for the small slope: with weights "
        "times 4 the sigmoid's values differ by 13%.",
    )


def test_with_one_hidden_layer_all_seven_are_within_a_point():
    points = {name: np.mean(ONE[name]["one"]["points"]) for name in activation_functions.NAMES}
    assert len(points) == 7
    assert max(map(abs, points.values())) < 1
    says(
        "(With a single hidden layer there is nothing to explain: there all seven are within a point of the sigmoid even "
        "with the first start.)"
    )


# ---- dead units


@claim("S4-93", "confirmed", "ReLU gives sparse activations: many neurons output 0.")
def test_half_of_the_values_are_zero_before_training():
    net, (x, *_) = dead_units.network(1)[0], dead_units.images(1)
    h = net.layers[1].forward(net.layers[0].forward(x))
    assert DEAD["start"]["first"][1] == pytest.approx((h == 0).mean(), abs=1e-3)
    assert spread(DEAD["start"]["first"], ".0%") == ("52%", "2%")
    holds("S4-93", "52% of the values in the first hidden layer before training.")
    says(
        "A ReLU is exactly flat on its negative side. In a digits network with two hidden layers of 64 units, 52% "
        "± 2% of the values in the first one are 0 before training, about half, as one would expect of random "
        "sums. That does no harm as long as each unit is on for some of the images, for those teach it. But what "
        "if a unit is off for every image? Then no slope reaches its weights, and they stay as they are, once the "
        "last momentum has faded. In the first layer, where the images never change, that is for good. Such a unit "
        "is called a dead unit.",
    )


@claim("S4-94", "imprecise", "ReLU neurons can die, and output 0 for ever, if their weights become negative.")
@claim("S4-13", "confirmed", "The bias shifts the activation threshold.")
def test_negative_weights_kill_where_inputs_have_one_sign():
    assert DEAD["negative"] == {"from_0_to_1": [1] * 5, "standardised": [0] * 5}
    assert (post.W <= 0).all()
    assert (post.x >= 0).all()
    assert ((post.x @ post.W) <= 0).all()
    assert ((post.scaled @ post.W).max(axis=0) > 0).all()
    assert post.x.shape == (1797, 61)
    net = dead_units.network(0)[0]
    x, y, *_ = dead_units.images(0)
    for layer in net.layers[:4:2]:
        layer.params["b"][:] = DEAD["bias"]
    assert all(layer.all() for layer in dead_units.dead(net, x))
    net.backward(cross_entropy(net.forward(x, training=True), y)[1])
    assert not any(layer.grads[key].any() for layer in net.layers[:4:2] for key in ("W", "b"))
    assert DEAD["low_bias"]["dead"] == [1] * 5
    assert DEAD["bias"] == -3
    assert spread(DEAD["low_bias"]["validation"], ".1%") == ("7.9%", "1.2%")
    for bias in (-1.0, 0.5):  # a unit switches on at minus its bias
        unit = Dense(1, 1, rng=np.random.default_rng(0), dtype="float64")
        unit.params["W"][:], unit.params["b"][:] = 1, bias
        on = [activations.relu(unit.forward(np.array([[-bias + d]]))).item() > 0 for d in (-0.01, 0.01)]
        assert on == [False, True]
    holds(
        "S4-13",
        "A unit switches on where its weighted sum exceeds minus the bias. A bias of −3 in all hidden units moves that "
        "out of reach: 100% of them are dead, and the network stays at 8%.",
    )
    holds(
        "S4-94",
        "A unit is dead if its sum is not above 0 for any training example. Negative weights do that where no input is "
        "negative, and not where inputs have both signs. What brings it about is a step that is too long: 5% of the "
        "units at a rate of 0.05, 43% at 0.2.",
    )
    assert (f"{np.mean(DEAD['relu']['dead'][1]):.0%}", f"{np.mean(DEAD['relu']['dead'][3]):.0%}") == (
        "5%",
        "43%",
    )
    says(
        "How does it come to that? It is often said that units die when their weights become negative. Let us make "
        "all of them negative, with biases of 0:",
        "It depends on what comes in. Where no input is negative, a sum of such products cannot be positive, and "
        "every unit is dead. With inputs of both signs none was. A bias can do it with any inputs, since it moves "
        "the place where a unit switches on. With a bias of −3 in all hidden units, all were dead in all five "
        "seeds, and after training 7.9% ± 1.2% of the validation images were right, no better than guessing.",
        "But nobody starts like that. What kills units in practice?",
    )


def test_the_counts_are_those_of_a_loop_over_units():
    net, order = dead_units.network(0)
    x, y, new, labels = dead_units.images(0)
    dead_units.train(net, x, y, order, SGD(0.2, momentum=0.9))
    h, shares = x, []
    for i in (0, 2):
        z = h @ net.layers[i].params["W"] + net.layers[i].params["b"]
        shares.append(sum(not (z[:, j] > 0).any() for j in range(64)) / 64)
        h = np.maximum(0, z)
    assert DEAD["relu"]["first"][3][0] == pytest.approx(shares[0], abs=0.1)
    assert DEAD["relu"]["dead"][3][0] == pytest.approx(np.mean(shares), abs=0.1)
    assert [float(layer.mean()) for layer in dead_units.dead(net, x)] == shares
    x_std, _, new_std, _ = dead_units.images(0, "standardised")
    assert np.abs(x_std.mean(axis=0)).max() < 1e-5
    varied = x.std(axis=0) > 0
    assert x_std.std(axis=0)[varied] == pytest.approx(np.ones(varied.sum()), abs=1e-3)
    assert new_std[:, varied] == pytest.approx(
        (new[:, varied] - x[:, varied].mean(axis=0)) / x[:, varied].std(axis=0), abs=1e-3
    )
    assert len(labels) == len(new) == 300


def test_the_panels_show_both_layers_with_momentum_and_without():
    panels = dead_drawn.draw_dead(DEAD, COLOURS).axes
    for ax, layer in zip(panels, ("first", "second"), strict=True):
        assert ax.get_title(loc="left") == f"{layer} hidden layer"
        for container, way in zip(ax.containers, ("relu", "plain"), strict=True):
            line = container.lines[0]
            assert line.get_ydata() == pytest.approx(100 * np.mean(DEAD[way][layer], axis=1))
            assert list(line.get_xdata()) == DEAD["rates"]
    texts = {text.get_text(): text.get_color() for text in panels[0].texts}
    colours = [container.lines[0].get_color() for container in panels[0].containers]
    assert texts == {"with\nmomentum": colours[0], "without": colours[1]}
    first, second = (np.mean(DEAD["relu"][layer], axis=1) for layer in ("first", "second"))
    assert first[:3].max() < 0.2
    assert first[3] > 0.7
    assert second[:4].max() < 0.2
    assert second[4] == 1
    for layer in ("first", "second"):
        assert np.mean(DEAD["plain"][layer], axis=1)[:4].max() < 0.1
    says(
        "Share of dead units against the learning rate, for two hidden layers. With momentum nearly none are dead "
        "up to 0.1, then the first layer dies and at 0.5 the second. Without momentum both live on up to 0.5.",
        "Dead units after 20 epochs, mean and standard deviation of 5 seeds.",
    )


def test_long_steps_kill_and_they_do_it_early():
    relu = DEAD["relu"]
    assert DEAD["rates"] == [0.01, 0.05, 0.1, 0.2, 0.5, 1]
    assert np.mean(relu["first"][3]) > 0.5
    assert np.mean(relu["validation"][4]) < 0.11
    net, (x, y, *_) = dead_units.network(0)[0], dead_units.images(0)
    net.layers[2].params["b"][:] = -99  # a second layer that is dead as a whole
    logits = net.forward(x, training=True)
    assert (logits == logits[0]).all()
    net.backward(cross_entropy(logits, y)[1])
    assert not net.layers[0].grads["W"].any()
    assert relu["second"][4] == [1] * 5
    for k in (3, 4, 5):
        assert np.mean(DEAD["plain"]["dead"][k]) < np.mean(relu["dead"][k])
    steps = DEAD["step_by_step"]["first"]
    assert DEAD["watched"][:6] == [0, 8, 16, 32, 64, 160]
    assert 160 == 5 * 32 == 5 * math.ceil(DEAD["n_train"] / 32)
    assert (spread(steps[0], ".0%"), spread(steps[3], ".0%"), spread(steps[5], ".0%")) == (
        ("2%", "2%"),
        ("22%", "5%"),
        ("65%", "9%"),
    )
    says(
        "It is the length of the steps. With a momentum of 0.9 and a rate of 0.2 most of the first layer is dead "
        "in the end. At 0.5 the second layer is dead as a whole. Then every image gets the same logits, no slope "
        "gets through, and the network is lost. Without momentum, where steps are up to ten times shorter, it "
        "takes a higher rate. It happens early: at a rate of 0.2 with momentum, 2% ± 2% of the first layer are "
        "dead before training, 22% ± 5% after the first epoch, and 65% ± 9% after five. What would have saved "
        "them? We changed one thing at a time:",
    )


def check_way(way, k, label, cannot_die=False):
    """The row of one way in the table says what was measured at a rate."""
    found = DEAD[way]
    shares = (
        ["cannot die"] * 2
        if cannot_die
        else [" ± ".join(spread(found[n][k], ".0%")) for n in ("first", "second")]
    )
    says(f"| {label} | {shares[0]} | {shares[1]} | {' ± '.join(spread(found['validation'][k], '.0%'))} |")


def test_the_table_changes_one_thing_at_a_time():
    check_way("relu", 3, "as in the figure")
    check_way("no_biases", 3, "hidden biases held at 0")
    check_way("warm_up", 3, "rate rises over 3 epochs")
    check_way("as_small", 3, "pixels standardised, then made as small as they were")
    check_way("leaky", 3, "leaky ReLU", cannot_die=True)
    check_way("plain", 3, "no momentum")
    check_way("relu", 2, "a rate of 0.1")
    check_way("relu", 1, "a rate of 0.05")
    says("| at a rate of 0.2 | dead, first layer | dead, second layer | validation accuracy |")
    for name in ("no_biases", "warm_up"):
        assert abs(np.mean(DEAD[name]["first"][3]) - np.mean(DEAD["relu"]["first"][3])) < 0.05


def test_no_unit_of_the_first_layer_dies_on_standardised_images():
    standardised = DEAD["standardised"]
    assert np.array([standardised["first"], DEAD["as_small"]["first"]]).max() == 0
    assert np.mean(DEAD["as_small"]["second"][3]) > 0.8
    assert spread(standardised["second"][2], ".0%") == ("80%", "19%")
    sizes = [np.sqrt((dead_units.images(0, way)[0] ** 2).mean()) for way in ("", "standardised", "as_small")]
    assert sizes[1] > 1.5 * sizes[0]
    assert sizes[2] == pytest.approx(sizes[0], rel=1e-4)
    net = dead_units.network(0)[0]
    x = dead_units.images(0, "standardised")[0]
    assert (net.layers[1].forward(net.layers[0].forward(x)) >= 0).all()
    says(
        "The biases are not needed for it: without them as many units of the first layer died. Nor did a rate that "
        "rises slowly save any. With pixels of both signs no unit of the first layer died, as the little program "
        "suggests, but the second layer died in its place. Why it is the turn of the second then, we did not find "
        "out. (Without making them small again, standardised pixels are larger, and so are the steps. Then the "
        "second layer is nearly gone at 0.1 already, with 80% ± 19%. Whoever standardises, as part 4 advises, has "
        "to look for the rate again.)",
    )


def test_dead_units_have_somewhat_more_negative_weights_and_none_has_only_such():
    net, order = dead_units.network(1)
    x, y, *_ = dead_units.images(1)
    dead_units.train(net, x, y, order, SGD(0.2, momentum=0.9))
    W = net.layers[0].params["W"]
    gone = [j for j in range(64) if not (x @ W[:, j] + net.layers[0].params["b"][j] > 0).any()]
    assert np.mean(W[:, gone] < 0) == pytest.approx(DEAD["relu"]["negative_dead"][3][1], abs=0.03)
    assert all((W[:, j] > 0).any() for j in gone)
    assert spread(DEAD["relu"]["negative_dead"][3], ".0%") == ("65%", "1%")
    assert spread(DEAD["relu"]["negative_living"][3], ".0%") == ("56%", "1%")
    assert DEAD["relu"]["only_negative"][3] == [0] * 5
    says(
        "And the weights? Of those of the dead units in the first row, 65% ± 1% are negative, and 56% ± 1% of "
        "those of the living. Not one dead unit, in any of the five seeds, had negative weights only. So the "
        "saying exaggerates. It takes somewhat more negative weights than positive ones, and inputs of one sign.",
    )


@claim(
    "S4-104", "conditions", "Use ReLU in hidden layers by default, and leaky ReLU if many neurons are dead."
)
def test_leaky_does_not_rescue_a_rate_that_is_too_high_and_a_lower_rate_does():
    leaky, relu = DEAD["leaky"], DEAD["relu"]
    points = [100 * (a - b) for a, b in zip(leaky["validation"][3], relu["validation"][3], strict=True)]
    assert DEAD["points_leaky"]["3"] == pytest.approx(points)
    assert error(points, ".0f") == ("1", "8")
    for seed in range(5):  # its loss ended: what is noted is the untrained network
        untrained = dead_units.network(seed)[0]
        found = (
            untrained.forward(dead_units.images(seed)[2]).argmax(axis=1) == dead_units.images(seed)[3]
        ).mean()
        assert leaky["validation"][4][seed] == leaky["validation"][5][seed] == pytest.approx(found)
    assert all(
        np.mean(DEAD[way]["validation"][k]) > 0.95 for way, k in (("plain", 3), ("relu", 2), ("relu", 1))
    )
    assert slope_of(LeakyReLU().forward, np.array([-2.0])) == pytest.approx([0.01])
    holds(
        "S4-104",
        "Leaky ReLU did not rescue a rate that is too high: 87% against 86% at a rate of 0.2, a paired difference of "
        "1 ± 8 points. A lower rate did.",
    )
    says(
        "The leaky ReLU cannot die, since it passes at least a hundredth of the slope. Yet its accuracy differs "
        "from that of the ReLU by 1 ± 8 points (with the standard error), so no gain was shown. At the two highest "
        "rates its loss became `nan`, where the ReLU's network merely fell silent. What helped was in the last "
        "three rows, shorter steps. Dead units are a symptom. The illness is a step that is too long.",
    )


# ---- cost and choice


@claim("S4-91", "confirmed", "ReLU is simple and fast to compute.")
@claim("S4-103", "conditions", "Tanh is more expensive to compute than ReLU.")
def test_the_share_of_the_product_is_the_median_ratio():
    assert COST["sizes"] == [64, 512, 512]
    for kind, function, label in (
        ("float32", "relu", "ReLU"),
        ("float64", "tanh", "tanh"),
        ("float32", "leaky", "leaky ReLU"),
        ("float64", "sigmoid", "sigmoid"),
    ):
        raw = COST[kind]["seconds"]
        ratios = np.median(np.array(raw[function]) / np.array(raw["product"]), axis=0)
        assert COST[kind]["of_product"][function] == pytest.approx(ratios.tolist())
        shares = [np.mean(COST[each]["of_product"][function]) for each in ("float32", "float64")]
        says(f"| {label} | {shares[0]:.1%} | {shares[1]:.1%} |")
    assert (
        max(
            np.mean(COST[k]["of_product"][f])
            for k in ("float32", "float64")
            for f in activation_cost.FUNCTIONS
        )
        < 0.1
    )
    ratios = [np.mean(COST[kind]["of_relu"]["tanh"]) for kind in ("float64", "float32")]
    assert ratios[0] > 2.5
    assert 0.7 < ratios[1] < 1.3
    shares = {
        (k, f): np.mean(COST[k]["of_product"][f]) for k in ("float32", "float64") for f in ("relu", "tanh")
    }
    assert [f"{share:.1%}" for share in shares.values()] == ["3.8%", "4.0%", "2.6%", "9.0%"]
    assert [f"{ratio:.1f}" for ratio in ratios] == ["3.4", "1.0"]
    holds("S4-91", "It takes 3.8% of the time of the matrix product before it in float32, 2.6% in float64.")
    holds(
        "S4-103",
        "In float64 by a factor of 3.4; in float32 the factor is 1.0. That is 9.0% and 4.0% of the matrix product before "
        "it.",
    )
    of_arrays = [np.mean(COST["float32"]["of_product"][name]) for name in ("relu_of_arrays", "leaky", "relu")]
    assert of_arrays == sorted(of_arrays)
    says(
        "ReLU and its leaky relative compare two numbers, and the other two compute an exponential. Does that "
        "matter? We timed each function beside the matrix product that stands before it, for 64 examples, 512 "
        "inputs and 512 units:",
        "(Means over 5 runs of the median ratio of 200 rounds, on one thread of a processor.) ReLU is simple and "
        "fast, but all four take less than a tenth of the time of the product. In float64 tanh takes 3.4 ± 0.1 "
        "times as long as ReLU. In float32, in which our networks are trained, it takes 1.0 ± 0.1 times as long, "
        "because NumPy has a fast way to compute it there. (That the leaky one is no slower than ReLU is an "
        "accident of NumPy, which compares two arrays faster than an array and a number. Against an array of "
        "zeros, ReLU takes 1.3% in float32.) We timed the way forward only. For a layer of this size the cost is "
        "no reason to choose one or the other.",
    )


@claim("S4-15", "conditions", "ReLU is the most popular activation function, simple and effective.")
def test_the_usual_choice_is_not_contradicted_by_what_was_measured():
    relu = THREE["relu"]["one"]
    assert np.mean(relu["best"]) > 0.97
    holds(
        "S4-15",
        "For dense and convolutional networks it is the usual choice. Glorot and others found networks of rectifiers as "
        "good as those of tanh, or better. Language models often have smoother ones: BERT has GELU.",
    )
    says(
        "Does it matter which of them one takes? On our digits, with the best of three starts for each, hardly. So "
        "the usual choice, ReLU, is as good as any, and what speaks for it is that most of what you will read and "
        "copy is made for it. A study of 2011 found that networks of rectifiers do as well as those of tanh, or "
        "better Glorot, Bordes & Bengio 2011. If many of its units die, lower the rate. Larger networks have their "
        "own customs: BERT, a model of language, uses a smooth relative of the ReLU Devlin et al. 2019. It is the "
        "GELU of Hendrycks and Gimpel Hendrycks & Gimpel 2016. What that gains, three layers on small images "
        "cannot tell.",
        "The function at the output is another question. It goes with the loss, and part 5 has answered it.",
    )


# ---- exercises and the end


def test_the_answers_are_right():
    assert post.slope_2 == pytest.approx(slope_of(activations.sigmoid, 2.0), abs=1e-9)
    assert post.slope_2 < 0.125
    assert f"{post.slope_2:.4f}" == "0.1050"
    fewest = next(n for n in range(100) if sigmoid_is_one(post.logit_of(n), np.float32))
    assert fewest == 48 == math.ceil(post.marks_32)
    assert f"{post.marks_32:.1f}" == "47.2"
    slope = [binary_cross_entropy(np.array([[v]]), np.array([[1]]))[1].item() for v in (0.0, 20.0, 37.0)]
    naive = [1 / (1 + math.exp(-v)) - 1 for v in (0.0, 20.0, 37.0)]
    assert naive[2] == 0
    assert post.spam_slope == pytest.approx(slope[2]) == pytest.approx(-math.exp(-37), rel=1e-9)
    assert f"{post.spam_slope:.1e}" == "-8.5e-17"
    assert 1e-8 < abs(naive[1] / slope[1] - 1) < 1e-7
    digits = [f"{abs(v):.12e}".replace(".", "") for v in (naive[1], slope[1])]
    assert digits[0][:8] == digits[1][:8]
    assert digits[0][:9] != digits[1][:9]
    sums = np.random.default_rng(1).random((20_000, 3)) @ post.w
    assert sums.max() < post.largest_sum == pytest.approx(1.3)
    assert (post.corners @ post.w).max() == post.largest_sum
    says(
        "The sigmoid of 2 is about 0.8808. What is its slope there? (Aim: four digits after the point, on paper. "
        "Hint: the value is all you need.)",
        "$p(1 - p)$, so it is 0.1050, less than half of what it is at 0.",
        "How many marks does your sister need if the network computes in float32? (Aim: a whole number between 40 "
        "and 50. Hint: 24 digits, and solve for the marks.)",
        r"The limit is $24 \log 2$, and $(24 \log 2 - 0.12) / 0.35$ is 47.2. So 47 marks are not enough and 48 are.",
        "The slope of the loss of a spam email is $p - 1$. For logits of 0, 20 and 37, compute it as it stands. "
        "Then find a form that keeps its digits at 37. (Hint: what is $1 - p$, asked from the other side?)",
        "It is minus the sigmoid of $-z$. As it stands the slope is 0 at a logit of 37, and −8.5e−17 in the better "
        "form. At 20 the two agree in the first eight digits only.",
        "A unit has the weights [0.5, 0.8, −0.3], and all its inputs lie between 0 and 1. From which bias "
        "downwards is it certainly dead? (Aim: one number with one digit after the point. Hint: where is its sum "
        "largest?)",
        "The sum is largest where each input with a positive weight is 1 and each other input is 0. There it is "
        "1.3, so with a bias of −1.3 or less no input can lift it above 0.",
    )


def test_the_end_repeats_what_was_found():
    assert (
        spread(THREE["sigmoid"]["one"]["best"], ".0%"),
        spread(THREE["sigmoid"]["all"]["best"], ".0%"),
    ) == (
        ("62%", "23%"),
        ("97%", "1%"),
    )
    assert isinstance(activation_functions.network(0, "tanh", 3, 1), Network)
    says(
        r"Near 1 a float has no room for what $e^{-z}$ adds. A sigmoid gets there at a logit of $53 \log 2$, which "
        r"your sister reached with 105 marks, and a loss that is taken from the logit does not notice. A hidden "
        r"sigmoid has another trouble. It passes on a quarter of a slope at most, and what it hands forward is "
        r"soon nearly the same for all images. With the same start as the others it got 62% ± 23% right, and with "
        r"weights four times as large 97% ± 1%. And ReLUs die of steps that are too long.",
    )
    says.only(
        r"So for the sigmoid the start mattered more than the function. But why $1/\sqrt{D}$, and why four times "
        r"as much for a sigmoid? And what would happen with twenty layers in place of three? Part 8 computes it, "
        r"and follows a signal through twenty layers and back.",
        because="it asks what the next part answers",
    )
