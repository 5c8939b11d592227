"""P05: gradients by paths, by loops and by differences; what a backward pass costs, by counting what it does."""

import ast
import inspect
import json
import math
import re
import sys
import tracemalloc
from fractions import Fraction as F
from itertools import pairwise, permutations, product
from types import SimpleNamespace

import numpy as np
import pytest

from experiments import backward_cost, results, shuffled_pixels
from figures import backpropagation as drawn
from figures.style import SCHEMES
from scratchmlp.datasets import digits
from scratchmlp.gradcheck import check_layer
from scratchmlp.layers import Dense, LeakyReLU, ReLU, Sigmoid, Tanh
from scratchmlp.losses import binary_cross_entropy, cross_entropy, mean_squared_error
from scratchmlp.network import mlp
from sitetools import ROOT
from sitetools.house import read
from sitetools.record import OUT
from snippets import backpropagation as post
from snippets import gradient_checking, one_email, shapes_and_notation
from tests.claims import claim, holds
from tests.reading import Reader

says = Reader("backpropagation")
HOUSE = read(ROOT)
TEXT = HOUSE.posts["backpropagation"].text
VALUES = json.loads((ROOT / "snippets" / "out" / "backpropagation.json").read_text(encoding="utf-8"))[
    "values"
]
COLOURS = SimpleNamespace(**SCHEMES["light"], width=7.5, narrow=False)
COST = json.loads((ROOT / "experiments" / "results" / "backward_cost.json").read_text(encoding="utf-8"))

# ---- the email, by hand -------------------------------------------------------------------------------------------

W1 = [[F(1, 2), F(-1, 5)], [F(4, 5), F(3, 5)], [F(-3, 10), F(2, 5)]]
B1, W2, B2 = [F(1, 10), F(-1, 2)], [F(7, 10), F(6, 5)], F(-3, 10)
EMAIL = [F(3), F(1), F(4, 5)]
SUMS = [sum((EMAIL[i] * W1[i][j] for i in range(3)), B1[j]) for j in range(2)]
LOGIT = sum((max(F(0), z) * w for z, w in zip(SUMS, W2, strict=True)), B2)
P = 1 / (1 + math.exp(-float(LOGIT)))

# The picture of the email network: from each value, what is computed from it, and how far that moves with it.
GRAPH = {
    **{f"W1.{i}.{j}": {f"z{j}": float(EMAIL[i])} for i in range(3) for j in range(2)},
    **{f"b1.{j}": {f"z{j}": 1.0} for j in range(2)},
    **{f"z{j}": {f"h{j}": float(SUMS[j] > 0)} for j in range(2)},
    **{f"h{j}": {"logit": float(W2[j])} for j in range(2)},
    **{f"W2.{j}.0": {"logit": float(max(F(0), SUMS[j]))} for j in range(2)},
    "b2.0": {"logit": 1.0},
    "logit": {"p": P * (1 - P)},
    "p": {"loss": -1 / P},
}
PARAMETERS = [name for name in GRAPH if name[0] in "Wb"]


def paths(start):
    """Every way from a value to the loss, as lists of values."""
    return [[start, *rest] for end in GRAPH[start] for rest in ([["loss"]] if end == "loss" else paths(end))]


def slope(path):
    """The product of the slopes of its links."""
    return math.prod(GRAPH[a][b] for a, b in pairwise(path))


def gradient(name):
    """What the post has as the slope of a parameter, such as W1.0.0."""
    array, *place = name.split(".")
    return getattr(post, f"d{array}")[tuple(map(int, place))]


def flat(*arrays):
    return np.concatenate([np.ravel(a) for a in arrays])


def parameters():
    return [post.W1.copy(), post.b1.copy(), post.W2.copy(), post.b2.copy()]


def email_loss(W1, b1, W2, b2):
    """The loss of the email for y = 1, written without the snippet's functions."""
    total = b2[0]
    for j in range(2):
        total += max(0.0, sum(post.x[0, i] * W1[i, j] for i in range(3)) + b1[j]) * W2[j, 0]
    return math.log1p(math.exp(-total))


def code(region, *, without=("print",)):
    """The lines of a shown region that compute something: no comment, docstring or blank line."""
    source = (ROOT / "snippets" / "backpropagation.py").read_text(encoding="utf-8")
    shown = re.search(rf"start:{region}\]\n(.*?)\n# --8<-- \[end:{region}\]", source, re.S)[1]
    lines = ast.unparse(ast.parse(shown)).splitlines()  # a statement to a line, without comments
    return [line for line in lines if line.strip() and '"""' not in line and not line.startswith(without)]


def minus(value, digits=4):
    """A number of a sentence or a table, with a real minus sign."""
    return f"{value:.{digits}f}".replace("-", "−")


def test_what_we_only_announce_ask_or_name():
    says.only(
        "Backpropagation, line by line",
        "How can one walk be enough for all of them? That is the subject of this part.",
        "We take the walk by hand, number by number, then write it with letters, and then for networks of any depth. "
        "At the end we measure what it costs.",
        "## First, try",
        "Trying is slow, but it cannot be misunderstood. So we begin with it, and it stays the judge of all that "
        "follows. Here we try one slope; the next part makes a test of it that tries them all.",
        "Should we go through eleven paths one after the other?",
        "when a slope arrives here, what is handed on to the inputs?",
        "What should it get in all?",
        "Count first.",
        "One question we have not asked.",
        because="they say what comes, what is asked, or what we call it, and no value follows from them",
    )
    headings = re.findall(r"^## (.+?)(?: \{:.*)?$", TEXT, re.M)
    assert [
        headings.index(name)
        for name in ("By hand, from the end to the start", "With letters, and with a batch")
    ] == [2, 3]
    assert [headings.index(name) for name in ("Any depth", "What does it cost?")] == [4, 6]


def test_what_the_reader_needs_is_that_of_the_parts_before():
    for name in ("x", "W1", "b1", "W2", "b2"):
        assert (getattr(post, name) == getattr(one_email, name)).all()
    assert HOUSE.order["what-is-an-mlp"] == 1
    assert "The four steps of the loop have names." in HOUSE.posts["what-is-an-mlp"].text
    says(
        "The slopes of the logarithm and of the exponential, the four steps of part 1, the shapes of part 2 and "
        "the network of part 3.",
    )
    says(f"The network of part 3 gives our email a spam probability of {P:.3f}.")
    says(
        "The email is spam, so the network ought to say more. It has eleven parameters to turn.",
        "Which of them, in which direction, and how much does each matter?",
    )
    assert post.y == 1
    assert post.p.item() == pytest.approx(P, abs=1e-15)
    assert P < 1
    assert len(PARAMETERS) == post.n_parameters == flat(*parameters()).size == 11


def test_the_forward_pass_is_that_of_the_fractions():
    assert post.b2.tolist() == [float(B2)]
    assert post.z[0] == pytest.approx([float(z) for z in SUMS], abs=1e-15)
    assert post.h[0] == pytest.approx([max(0.0, float(z)) for z in SUMS], abs=1e-15)
    assert post.logit.item() == pytest.approx(float(LOGIT), abs=1e-15)
    assert post.p.item() == pytest.approx(P, abs=1e-15)
    assert post.loss == pytest.approx(-math.log(P), abs=1e-15)
    assert -math.log(1 - 1e-9) < 1e-8 < 20 < -math.log(1e-9) < -math.log(1e-99)
    falling = [-math.log(p) for p in np.linspace(0.01, 1, 100)]
    assert falling == sorted(falling, reverse=True)
    says(
        r"For spam the loss is $-\log p$: it is small when $p$ is near 1, and grows without limit as $p$ goes to 0.",
    )


# ---- trying -------------------------------------------------------------------------------------------------------


def test_trying_takes_two_passes_for_each_parameter_and_minutes_for_a_network_of_digits():
    assert post.n_tries == 2 * 11
    n = 784 * 512 + 512 + 512 * 10 + 10
    assert shapes_and_notation.parameters["blog"] == COST["once"]["784-512-10"]["parameters"] == n
    seconds = {kind: np.array(held) for kind, held in COST["runs"]["784-512-10"]["seconds"].items()}
    forward, whole = (np.median(seconds[kind], axis=0).mean() for kind in ("forward", "forward_and_backward"))
    says(
        f"That costs two forward passes for one slope, and {2 * 11} for all eleven. But a network with one hidden "
        f"layer "
        f"that reads digits has {n:,} parameters.",
        f"To try them all once would take {2 * n * forward / 60:.0f} minutes,",
        f"Backpropagation finds the same slopes on one walk back through the network, in {1000 * whole:.1f} "
        f"milliseconds, for 100 images at once.",
    )
    images = 60_000  # of MNIST, on which this site trains such networks
    assert shuffled_pixels.EPOCHS * images / shuffled_pixels.BATCH > 2000
    says("and training needs thousands of such rounds.")
    assert len(re.findall(r"loss_with\(W1 [+-] nudge", "\n".join(code("nudge")))) == 2
    says(
        "We could try. Turn the first weight up a little, turn it down a little, and look at what the loss does."
    )


def test_the_nudge_finds_the_first_slope():
    assert post.first_slope == pytest.approx(post.dW1[0, 0], abs=5e-5)
    assert np.argwhere(post.nudge).tolist() == [[0, 0]]
    assert post.nudge[0, 0] == 1 / 1_000_000
    assert post.first_slope == round((post.more - post.less) / (2 * post.nudge[0, 0]), 4)
    says(
        "Now we move the first weight by one millionth up and down, and divide the difference of the two losses by "
        "the distance. (This is called a central difference.",
        "Which distance is best is a question for part 6.)",
    )
    around = []
    for move in (1e-4, -1e-4):
        moved = parameters()
        moved[0][0, 0] += move
        around.append(email_loss(*moved))
    found = (around[0] - around[1]) / 2e-4
    assert found == pytest.approx(post.first_slope, abs=1e-4)
    assert -0.5 < found < -0.45
    assert around[0] < around[1]
    assert (
        post.loss + post.first_slope < 0
    )  # where a whole unit of the weight would lead, were the slope to last
    assert min(around) > 0
    says(
        "The slope is negative, so a larger first weight means a smaller loss. For a small move it falls by almost "
        "half of what the weight rises. (For a large one it cannot: it would end below 0.)",
    )
    assert post.first_slope == round(float(gradient("W1.0.0")), 4)
    says("The first of these is the number that we found by trying.")
    x, delta = np.random.default_rng(31).standard_normal((2, 3)), np.array([[0.5, -1.0], [2.0, 0.25]])
    W, moved = np.ones((3, 2)), []
    for s in (1e-6, -1e-6):  # one weight alone moves: that of input 1 in unit 0
        V = W.copy()
        V[1, 0] += s
        moved.append(float((delta * (x @ V)).sum()))
    assert (moved[0] - moved[1]) / 2e-6 == pytest.approx(sum(x[n, 1] * delta[n, 0] for n in range(2)))
    says(
        r"Below, $n$ counts examples, $i$ inputs and $j$ units. And $\partial \ell / \partial W_{ij}$ is the slope "
        r"of "
        r"$\ell$ when $W_{ij}$ alone moves.",
    )


# ---- paths --------------------------------------------------------------------------------------------------------


def test_a_path_multiplies_its_links():
    assert post.three_links == pytest.approx(float(EMAIL[0] * W2[0]))
    assert max(F(0), SUMS[0] + F(1, 100)) - max(F(0), SUMS[0]) == F(1, 100)
    says("(The ReLU between them passes the change on as it is, a factor of 1.)")
    logits = []
    for move in (1, 0):
        w = W1[0][0] + F(move, 100)
        z = [EMAIL[0] * w + EMAIL[1] * W1[1][0] + EMAIL[2] * W1[2][0] + B1[0], SUMS[1]]
        logits.append((z[0], sum((max(F(0), v) * u for v, u in zip(z, W2, strict=True)), B2)))
    (z, logit), (z_before, logit_before) = logits
    links = (z - z_before) * 100, (logit - logit_before) / (z - z_before)
    assert links == (3, F(7, 10))
    assert (logit - logit_before) * 100 == links[0] * links[1] == F(21, 10)
    says(
        f"Along a path, effects multiply. If the sum moves {links[0]} times as far as the weight, and the logit "
        f"moves "
        f"{float(links[1])} times as far as the sum, then the logit moves ${links[0]} \\cdot {float(links[1])} = "
        f"{float(links[0] * links[1])}$ times as far as the weight.",
    )
    chain = ["W1.0.0", "z0", "h0", "logit", "p", "loss"]
    assert paths("W1.0.0") == [chain]
    assert slope(chain) == pytest.approx(gradient("W1.0.0"), abs=1e-15)
    says(
        "Turn the first weight a little. The sum that it goes into changes, so the hidden value changes, so the "
        "logit, the "
        "probability, and at last the loss.",
        "This is the chain rule: the slope of a chain is the product of the slopes of its links.",
    )
    assert TEXT.index("[[figure:backpropagation-graph]]") < TEXT.index("In the picture above")
    says(
        "In the picture above this is the coloured path. Such a picture, in which each value has an arrow to all "
        "that "
        "is computed from it, is called a computation graph.",
    )


def test_all_eleven_paths_end_alike_so_the_walk_back_takes_each_link_once():
    assert [len(paths(name)) for name in PARAMETERS] == [1] * 11
    every = [paths(name)[0] for name in PARAMETERS]
    assert len({tuple(path) for path in every}) == 11
    assert {tuple(path[-3:]) for path in every} == {("logit", "p", "loss")}
    assert len({path[-4] for path in every}) > 1  # before that they part
    found, walked = {"loss": 1.0}, []
    for name in ["p", "logit", "h0", "h1", "z0", "z1", *PARAMETERS]:  # from the loss to the start
        ((end, factor),) = GRAPH[name].items()
        found[name] = found[end] * factor
        walked.append((name, end))
    assert len(walked) == len(GRAPH) < sum(len(path) - 1 for path in every) / 2
    for name in PARAMETERS:
        assert found[name] == pytest.approx(gradient(name), abs=1e-15)
    assert [found[name] for name in ("p", "logit")] == pytest.approx([post.through_loss, post.dlogit.item()])
    says(
        "In this small network each parameter has one path to the loss, and we need the slope of them all.",
        "Every one of them runs through the logit and the probability into the loss, so we would multiply the same "
        "two numbers eleven times. It is better to start at the end.",
        "There we find the slope of the loss in the probability, once. From it we get the slope in the logit, once.",
        "Only then do the paths part, and each takes along what is already known.",
    )
    steps = re.findall(r"^(\d)\. \*\*(.+?)\.\*\*", TEXT, re.M)
    assert [int(n) for n, _ in steps] == [1, 2, 3, 4, 5, 6]
    assert len({name for _, name in steps}) == 6
    says(
        "Now we walk. The slope of the loss in itself is 1, and that is the start. In each step we have the slope "
        "of the loss in some value and find the slope in the value before it.",
        "And we did not have to try eleven times: six steps were enough for everything, and none of them was done "
        "twice.",
    )


def test_each_operation_hands_back_what_its_pattern_says():
    s = 1e-6

    def moves(operation, a, b):
        """How far the result moves with each input."""
        return [
            (operation(a + s, b) - operation(a - s, b)) / (2 * s),
            (operation(a, b + s) - operation(a, b - s)) / (2 * s),
        ]

    for a, b in ((3.0, 4.0), (-2.0, 0.5), (7.0, -1.0)):
        assert moves(lambda a, b: a + b, a, b) == pytest.approx([1, 1])
        assert moves(lambda a, b: a * b, a, b) == pytest.approx([b, a])
        assert moves(max, a, b) == pytest.approx([float(a > b), float(b > a)])
        assert max(a, b) == max(max(a, b), min(a, b) + s)  # while the smaller stays the smaller
    assert abs(moves(lambda a, b: a * b, 1, 9)[0]) > abs(moves(lambda a, b: a * b, 1, 2)[0])
    says(
        "An addition moves as far as each of its inputs moves, so it hands on what arrives, to both.",
        "A multiplication hands on what arrives times the other input: the larger one factor is, the more it "
        "matters to "
        "move the other.",
        "A maximum follows its larger input and ignores the smaller one. So the larger input gets everything, and "
        "the "
        "smaller one nothing.",
        "That needs no formula: move the smaller number a little, and it is still the smaller one, so the maximum "
        "does "
        "not move.",
    )
    held = {line.partition(" = ")[0]: ast.parse(line) for line in code("forward")}
    used = {
        ast.unparse(call.func)
        for name in ("z", "h", "logit")
        for call in ast.walk(held[name])
        if isinstance(call, ast.Call)
    }
    used |= {
        type(op.op).__name__
        for name in ("z", "h", "logit")
        for op in ast.walk(held[name])
        if isinstance(op, ast.BinOp)
    }
    assert used == {"MatMult", "Add", "np.maximum"}  # and a matrix product multiplies and adds
    assert {*held} == {"x", "W1", "b1", "W2", "b2", "z", "h", "logit", "p", "loss"}
    for name, rest in (("p", "1 / (1 + np.exp(-logit))"), ("loss", "-np.log(p).item()")):
        assert ast.unparse(held[name]) == f"{name} = {rest}"
    says(
        "At each value we meet on the way we need to know one thing:",
        "But for the logarithm and the sigmoid at the end, three operations make up everything in our network, and "
        "each "
        "has its pattern.",
    )
    assert len(re.findall(r"An \*addition\*|A \*multiplication\*|A \*maximum\*", TEXT)) == 3


# ---- the walk -----------------------------------------------------------------------------------------------------


@claim("S4-50", "imprecise", "∂L/∂W² comes from the output, ∂L/∂W¹ flows back through the hidden layer.")
def test_the_gradients_by_hand_are_those_of_a_sum_over_paths():
    """From each weight there is one path to the loss: multiply what stands on it, in fractions up to p - 1."""
    factor = [[EMAIL[i] * (SUMS[j] > 0) * W2[j] for j in range(2)] for i in range(3)]
    assert post.dW1 == pytest.approx(np.array(factor, dtype=float) * (P - 1), abs=1e-15)
    assert post.db1 == pytest.approx([(SUMS[j] > 0) * float(W2[j]) * (P - 1) for j in range(2)], abs=1e-15)
    assert post.dW2[:, 0] == pytest.approx([float(max(F(0), z)) * (P - 1) for z in SUMS], abs=1e-15)
    assert post.db2.item() == post.dlogit.item() == pytest.approx(P - 1, abs=1e-15)
    assert post.dh[0] == pytest.approx([float(w) * (P - 1) for w in W2], abs=1e-15)
    assert post.dz[0] == pytest.approx([float(W2[0]) * (P - 1), 0], abs=1e-15)
    assert not any("h" in name for path in paths("W2.0.0") for name in path)
    assert all({"z0", "h0"} <= {*path} for i in range(3) for path in paths(f"W1.{i}.0"))
    says(
        "The gradient of `W2` is one step away from the logit; that of `W1` has come a longer way, back through "
        "the hidden layer.",
    )
    holds("S4-50", "True, without a formula. For the traced email the slope in the logit is −0.2293,")
    holds("S4-50", "and the first column of ∂L/∂W¹ is −0.4816, −0.1605, −0.1284; the second is 0.")


@claim("S4-50", "imprecise")
def test_the_gradients_by_hand_agree_with_differences():
    arrays = parameters()
    n = 0
    for v, dv in zip(arrays, (post.dW1, post.db1, post.dW2, post.db2), strict=True):
        for i in np.ndindex(v.shape):
            kept, losses = v[i], []
            for moved in (kept + 1e-6, kept - 1e-6):
                v[i] = moved
                losses.append(email_loss(*arrays))
            v[i] = kept
            assert dv[i] == pytest.approx((losses[0] - losses[1]) / 2e-6, abs=1e-9)
            n += 1
    assert n == 11
    holds("S4-50", "the first column of ∂L/∂W¹ is −0.4816, −0.1605, −0.1284; the second is 0.")
    says(
        "One walk back through a network gives the slope of the loss in every parameter; by hand for one email, then "
        "for any depth, and what it costs.",
        "All eleven gradients of the email network by hand,",
    )


def test_each_step_of_the_walk_has_its_numbers():
    assert post.dlogit.item() == pytest.approx(-0.229347, abs=5e-7)
    assert post.dW2[0, 0] == pytest.approx(-0.495390, abs=5e-7)
    assert post.dW1[:, 0] == pytest.approx([-0.481629, -0.160543, -0.128435], abs=5e-7)
    assert not post.dW1[:, 1].any()
    assert post.through_loss == pytest.approx(-1 / P)
    assert post.through_sigmoid == pytest.approx(math.exp(-float(LOGIT)) / (1 + math.exp(-float(LOGIT))) ** 2)
    assert post.through_loss * post.through_sigmoid == pytest.approx(P - 1)
    assert (math.log(P - 1e-6) - math.log(P + 1e-6)) / 2e-6 == pytest.approx(post.through_loss)
    for z in (-2.0, 0.3, 5.0):
        assert 1 - 1 / (1 + math.exp(-z)) == pytest.approx(math.exp(-z) / (1 + math.exp(-z)))
        around = [1 / (1 + math.exp(-z - s)) for s in (1e-5, -1e-5)]
        assert (around[0] - around[1]) / 2e-5 == pytest.approx(
            math.exp(-z) / (1 + math.exp(-z)) ** 2, rel=1e-6
        )
    for p in (0.1, 0.5, 0.9):
        assert -1 / p * (p * (1 - p)) == pytest.approx(p - 1)
    d, u = P - 1, [float(w) for w in W2]
    h = [float(max(F(0), z)) for z in SUMS]
    says(
        f"1. Through the loss. The slope of $-\\log p$ in $p$ is $-1/p = {-1 / P:.4f}$.",
        f"2. Through the sigmoid. For $p = 1/(1 + e^{{-z}})$, where $z$ is the logit, calculus gives the slope "
        f"$e^{{-z}}/(1 + e^{{-z}})^2$. That "
        f"is $p(1-p) = {P * (1 - P):.4f}$, since $1 - p = e^{{-z}}/(1 + e^{{-z}})$.",
        f"Multiply the two: $-1/p$ times $p(1-p)$ is $p - 1$, so the slope of the loss in the logit is ${d:.4f}$.",
        f"3. To the output weights. The logit is $h_1 \\cdot {u[0]} + h_2 \\cdot {u[1]}$ and the bias, "
        f"multiplications and additions. So each weight gets what arrives times the value it multiplies: "
        f"${h[0]:.2f} \\cdot ({d:.4f}) "
        f"= {h[0] * d:.4f}$ for the first.",
        f"That is ${u[0]} \\cdot ({d:.4f}) = {u[0] * d:.4f}$ for the first and ${u[1]} \\cdot ({d:.4f}) = "
        f"{u[1] * d:.4f}$ for the second.",
        f"5. Through the ReLU. It is a maximum of 0 and the sum. The first sum, {float(SUMS[0]):.2f}, is larger "
        f"than 0, "
        f"so its slope passes. The second, ${float(SUMS[1]):.2f}$, is smaller, so its slope is stopped.",
        f"6. To the first weights. As in step 3, what arrives times what the weight multiplies: ${EMAIL[0]} \\cdot "
        f"({u[0] * d:.4f}) = {EMAIL[0] * u[0] * d:.4f}$ for the weight of the exclamation marks. For the other two "
        f"of "
        f"the first unit it is ${float(EMAIL[1]) * u[0] * d:.4f}$ and ${float(EMAIL[2]) * u[0] * d:.4f}$.",
    )
    assert float(LOGIT) == pytest.approx(h[0] * u[0] + h[1] * u[1] + float(B2))
    assert h[1] == post.dW2[1, 0] == 0
    assert post.db2.item() == post.dlogit.item()
    assert post.dh[0] == pytest.approx([w * d for w in u])
    assert post.dz[0] == pytest.approx([post.dh[0, 0], 0])
    says(
        "It could not be simpler: it is the answer minus the 1 that we wanted.",
        "The second multiplies 0, so it gets 0. The bias is only added, so it gets what arrives.",
        "4. To the hidden values. The same multiplications, seen from the other side: each hidden value gets what "
        "arrives times its weight.",
        f"The bias of this unit is only added, so it gets what arrives, ${u[0] * d:.4f}$.",
        "The second unit gets nothing, because step 5 has stopped it.",
    )
    assert not post.db1[1]
    assert post.dh[0, 1] != 0  # what step 5 has stopped


def test_in_code_the_walk_takes_five_lines():
    lines = [line for line in code("backward") if not line.startswith("y = ")]
    assert [re.findall(r"\bd\w+", line.partition("=")[0]) for line in lines] == [
        ["dlogit"],
        ["dW2", "db2"],
        ["dh"],
        ["dz"],
        ["dW1", "db1"],
    ]
    assert len(lines) == 5
    assert lines[0] == "dlogit = p - y"
    says(
        "In code the walk takes five lines, as steps 1 and 2 together are one subtraction. The matrices are turned "
        "over so that each slope meets its own weight; the next section works out how."
    )


@claim("S4-51", "confirmed", "Each of the four arrays is moved by −α times its gradient.")
def test_one_step_lowers_the_loss_as_the_text_says():
    gradients = (post.dW1, post.db1, post.dW2, post.db2)
    expected = email_loss(*[v - 0.1 * dv for v, dv in zip(parameters(), gradients, strict=True)])
    assert post.loss_next == pytest.approx(expected, abs=1e-12)
    assert post.loss == pytest.approx(0.260518, abs=5e-7)
    assert post.loss_next == pytest.approx(0.204720, abs=5e-7)
    assert post.loss_next < post.loss
    assert post.lr == 0.1
    says(
        "All these slopes together are the gradient of part 1, and we know what to do with one: move each "
        "parameter a "
        "little against its slope, and the loss should fall.",
        "With a learning rate of 0.1:",
        "It does.",
    )
    holds("S4-51", "One such step takes the loss from 0.2605 to 0.2047.")
    rows = {
        "W1.0.0": "exclamation marks to unit 1",
        "W1.1.0": "“free” to unit 1",
        "W1.2.0": "reputation to unit 1",
        "b1.0": "bias of unit 1",
        "W2.0.0": "unit 1 to the output",
        "b2.0": "bias of the output",
    }
    exact = {"W1": W1, "b1": B1, "W2": [[w] for w in W2], "b2": [B2]}
    for name, words in rows.items():
        array, *place = name.split(".")
        before = exact[array]
        for i in place:
            before = before[int(i)]
        moves = slope(paths(name)[0])
        assert getattr(one_email, f"{array}_next")[tuple(map(int, place))] == pytest.approx(
            float(before) - 0.1 * moves
        )
        says(
            f"| {words} | {minus(float(before), 1)} | {minus(moves)} | {minus(float(before) - 0.1 * moves)} |"
        )
    says(f"| loss | {-math.log(P):.4f} | | {expected:.4f} |")
    rest = [name for name in PARAMETERS if name not in rows]
    assert len(rest) == 5
    assert {slope(paths(name)[0]) for name in rest} == {0}
    assert {*rest} == {"W1.0.1", "W1.1.1", "W1.2.1", "b1.1", "W2.1.0"}
    says("| all five of unit 2 | | 0 | as before |")


def test_the_explorable_walks_the_email_forward_and_back():
    script = (ROOT / "docs" / "widgets" / "forward-backward" / "forward-backward.js").read_text("utf-8")
    ways = re.findall(r'^  \["(Forward|Backward): ', script, re.M)
    assert ways == ["Forward"] * 5 + ["Backward"] * 6
    assert "field(" in script  # of explorable.js: an input of numbers with its label
    fields = (ROOT / "docs" / "widgets" / "explorable.js").read_text("utf-8")
    assert re.search(r'input type="number"[^>]*aria-label="\$\{label\}"', fields)
    assert 'data-part="learn">One step with rate' in script
    after = TEXT.index("/// explorable | forward-backward")
    assert TEXT.index("In the explorable below") < after < TEXT.index("## With letters")
    says(
        "In the explorable below you can take this walk yourself, change a weight, and see which slopes change "
        "with it.",
        "Step through the network of the email: values forward, then slopes backward. Edit a weight, and both passes "
        "follow; take a step, and see what it does to the loss.",
    )


# ---- rules, batches, depth ----------------------------------------------------------------------------------------


def loops(x, dz, W):
    """The dense rule as its sums are written: over examples, over inputs, over neurons."""
    (N, D), M = x.shape, dz.shape[1]
    dW, db, dx = np.zeros((D, M)), np.zeros(M), np.zeros((N, D))
    for n, j in product(range(N), range(M)):
        db[j] += dz[n, j]
        for i in range(D):
            dW[i, j] += x[n, i] * dz[n, j]
            dx[n, i] += dz[n, j] * W[i, j]
    return dW, db, dx


def test_the_symbols_have_the_shapes_of_their_table():
    rng = np.random.default_rng(3)
    N, D, M = 5, 4, 3
    x, W, b = rng.standard_normal((N, D)), rng.standard_normal((D, M)), rng.standard_normal(M)
    z = x @ W + b
    assert z == pytest.approx(
        np.array([[sum(x[n, i] * W[i, j] for i in range(D)) + b[j] for j in range(M)] for n in range(N)])
    )
    dz = np.ones_like(z)
    assert (x.shape, z.shape, dz.shape, np.maximum(0, z).shape) == ((N, D), (N, M), (N, M), (N, M))
    loss, _ = cross_entropy(z, np.arange(N) % M)
    each = [cross_entropy(z[n : n + 1], np.array([n % M]))[0] for n in range(N)]
    assert np.ndim(loss) == 0
    assert loss == pytest.approx(np.mean(each))
    table = TEXT[TEXT.index("| symbol | code |") : TEXT.index("Two rules carry")]
    assert len(re.findall(r"^\| \$", table, re.M)) == 5
    says(
        "The walk with numbers holds for one email and one network. With letters it holds for all, and a batch of "
        "examples can take it together.",
        "Five symbols carry the walk:",
        "| symbol | code | what it is | shape |",
        r"| $\ell$ | `loss` | the loss, a mean over the batch | one number |",
        r"| $\mathbf{x}$ | `x` | what a layer was given | $(N, D)$ |",
        r"| $\mathbf{z}$ | `z` | its sums, $\mathbf{x}\mathbf{W} + \mathbf{b}$ | $(N, M)$ |",
        r"| $\boldsymbol{\delta}$ | `dz` | the slope of $\ell$ in each of these sums | $(N, M)$ |",
        r"| $\varphi$ | `np.maximum(0, z)` | an activation function, and $\varphi'$ its slope | keeps the shape |",
    )


def test_the_dense_rule_is_the_sum_over_paths():
    rng = np.random.default_rng(5)
    N, D, M = 6, 4, 3
    x, dz = rng.standard_normal((N, D)), rng.standard_normal((N, M))
    layer = Dense(D, M, rng=rng, dtype="float64")
    W = layer.params["W"]
    z = layer.forward(x, training=True)
    dx = layer.backward(dz)
    dW, db, expected = loops(x, dz, W)
    np.testing.assert_allclose(layer.grads["W"], dW, atol=1e-14)
    np.testing.assert_allclose(layer.grads["b"], db, atol=1e-14)
    np.testing.assert_allclose(dx, expected, atol=1e-14)
    says.formula(
        "eq-dense",
        r"""\begin{aligned}
        \frac{\partial \ell}{\partial W_{ij}}
        &= \sum_n x_{ni}\, \delta_{nj} = (\mathbf{x}^{\T} \boldsymbol{\delta})_{ij} \\
        \frac{\partial \ell}{\partial b_j} &= \sum_n \delta_{nj} \\
        \frac{\partial \ell}{\partial x_{ni}} &= \sum_j \delta_{nj} W_{ij} = (\boldsymbol{\delta} \mathbf{W}^{\T})_{ni}
        \end{aligned}""",
    )
    np.testing.assert_allclose(x.T @ dz, dW, atol=1e-14)
    np.testing.assert_allclose(dz @ W.T, expected, atol=1e-14)

    def loss(x, W, b):  # whose slope in each sum is dz
        return sum(
            dz[n, j] * (sum(x[n, i] * W[i, j] for i in range(D)) + b[j]) for n in range(N) for j in range(M)
        )

    arrays = x.copy(), W.copy(), layer.params["b"].copy()
    for v, dv in zip(arrays, (expected, dW, db), strict=True):
        for i in np.ndindex(v.shape):
            kept, around = v[i], []
            for v[i] in (kept + 1e-4, kept - 1e-4):
                around.append(loss(*arrays))
            v[i] = kept
            assert dv[i] == pytest.approx((around[0] - around[1]) / 2e-4, abs=1e-8)
    assert z[1, 2] == pytest.approx(sum(x[1, i] * W[i, 2] for i in range(D)) + layer.params["b"][2])
    moved = W.copy()
    moved[0, 1] += 1
    assert np.argwhere(x @ moved != x @ W).tolist() == [[n, 1] for n in range(N)]  # once for each example
    nudged = x.copy()
    nudged[2, 0] += 1
    assert np.argwhere(nudged @ W != x @ W).tolist() == [[2, j] for j in range(M)]  # once by each unit
    assert difference(lambda w: 2 * w[0] + 3 * w[0], np.array([0.7]), 0) == pytest.approx(2 + 3)  # two paths
    assert (x.T @ dz)[1, 0] == pytest.approx(
        sum(x.T[1, n] * dz[n, 0] for n in range(N))
    )  # along a row of x.T
    says(
        r"The dense rule. The sum of unit $j$ for example $n$ is $z_{nj} = \sum_i x_{ni} W_{ij} + b_j$.",
        r"A multiplication hands on what arrives times the other factor, so the weight $W_{ij}$ gets $\delta_{nj}$ "
        r"times "
        r"$x_{ni}$. But this weight is used once for each example.",
        "Suppose that the loss rises 2 times as fast as the weight through one example, and 3 times through "
        "another. Then it rises 5 times as fast in all. Effects on several paths add up, and so do the slopes that "
        "come back on them:",
        "Why a transpose in the first line? A matrix product adds up along the rows of its left factor. Here the "
        r"sum runs over the examples, and they lie along the rows only when $\mathbf{x}$ is turned over. In the "
        "last line it is the input value that moves. It is used once by each unit, so its slope is a sum over the "
        "units.",
    )


def test_the_shapes_leave_one_product_for_each_gradient():
    rng = np.random.default_rng(6)
    N, D, M = 5, 4, 3
    x, dz, W = rng.standard_normal((N, D)), rng.standard_normal((N, M)), rng.standard_normal((D, M))

    def products(a, b, shape):
        """Every product of two arrays, either way round, each as it is or transposed, that has a shape."""
        pairs = [
            (u, v)
            for first, second in permutations((a, b))
            for u in (first, first.T)
            for v in (second, second.T)
        ]
        return [u @ v for u, v in pairs if u.shape[1] == v.shape[0] and (len(u), v.shape[1]) == shape]

    dW, _, dx = loops(x, dz, W)
    for found, expected in ((products(x, dz, (D, M)), dW), (products(dz, W, (N, D)), dx)):
        (only,) = found
        np.testing.assert_allclose(only, expected, atol=1e-14)
    says(
        "You need not remember any of this, because the shapes tell you: a gradient has the shape of its array, "
        "and where "
        "all sizes differ only one product fits.",
    )


@pytest.mark.parametrize("layer", [ReLU(), Sigmoid(), Tanh()])
def test_an_activation_acts_on_each_number_alone(layer):
    rng = np.random.default_rng(7)
    z, dh = rng.standard_normal((2, 3)), rng.standard_normal((2, 3))
    h = layer.forward(z, training=True)
    found, wanted = layer.backward(dh), np.zeros((2, 3))
    for i in np.ndindex(z.shape):
        moved = z.copy()
        moved[i] += 1e-6
        rises = (layer.forward(moved) - h) / 1e-6
        assert {*map(tuple, np.argwhere(rises))} <= {i}
        wanted[i] = dh[i] * rises[i]
    assert found == pytest.approx(wanted, abs=1e-5)
    says(
        r"Two rules carry $\boldsymbol{\delta}$ through any dense network.",
        r"The activation rule. $\mathbf{h} = \varphi(\mathbf{z})$ acts on each number alone. So what arrives at each "
        r"number is multiplied by $\varphi'$ at that number.",
        r"This product, entry by entry, is written $\odot$.",
    )


@claim("S1-10", "confirmed", "Backpropagation: output error, hidden error, weight update.")
def test_the_slopes_of_the_sums_are_carried_back_by_the_formula():
    rng = np.random.default_rng(8)
    N, sizes = 5, [4, 6, 3, 1]
    x, y = rng.standard_normal((N, 4)), rng.integers(0, 2, (N, 1))
    assert {*y.flat} == {0, 1}
    Ws, bs = [rng.standard_normal(s) for s in pairwise(sizes)], [rng.standard_normal(m) for m in sizes[1:]]

    def loss(shifts):
        """The mean cross-entropy, when each sum is moved by its shift."""
        h = x
        for layer, (W, b, shift) in enumerate(zip(Ws, bs, shifts, strict=True)):
            z = h @ W + b + shift
            h = np.maximum(0, z) if layer < 2 else z
        p = 1 / (1 + np.exp(-h))
        return np.mean([-math.log(q if t else 1 - q) for q, t in zip(p.flat, y.flat, strict=True)])

    zs, h = [], x
    for W, b in zip(Ws, bs, strict=True):
        zs.append(h @ W + b)
        h = np.maximum(0, zs[-1])
    deltas = [(1 / (1 + np.exp(-zs[-1])) - y) / N]
    for W, z in zip(Ws[:0:-1], zs[-2::-1], strict=True):
        deltas.insert(0, (deltas[0] @ W.T) * (z > 0))
    shifts = [np.zeros_like(z) for z in zs]
    for shift, delta in zip(shifts, deltas, strict=True):
        for i in np.ndindex(shift.shape):
            around = []
            for shift[i] in (1e-6, -1e-6):
                around.append(loss(shifts))
            shift[i] = 0
            assert delta[i] == pytest.approx((around[0] - around[1]) / 2e-6, abs=1e-8)
    says.formula(
        "eq-deltas",
        r"""\begin{aligned}
        \boldsymbol{\delta}^{(L)} &= \tfrac{1}{N}(\mathbf{p} - \mathbf{y}) \\
        \boldsymbol{\delta}^{(l)}
        &= \left(\boldsymbol{\delta}^{(l+1)} \mathbf{W}^{(l+1)\T}\right) \odot \varphi'(\mathbf{z}^{(l)})
        \end{aligned}""",
    )
    hs = [x, *(np.maximum(0, z) for z in zs[:-1])]
    dWs, dbs = post.backward(deltas[-1], hs, Ws)
    for dW, db, h, delta, W in zip(dWs, dbs, hs, deltas, Ws, strict=True):
        np.testing.assert_allclose(dW, loops(h, delta, W)[0], atol=1e-14)
        np.testing.assert_allclose(db, loops(h, delta, W)[1], atol=1e-14)
    says(
        "Put the two together, from the last layer $L$ back to the first. The last layer has a sigmoid and the "
        "cross-entropy behind it, and step 2 has shown for spam what arrives there, the probability minus the truth.",
        "(For the other class it is the same, as we shall see.) As the loss is a mean over $N$ examples, each has a "
        "share of $1/N$:",
        r"The raised number counts the layers, and what the second layer was given is $\mathbf{h}$.",
        "The first line is the error at the output, and the second carries it to the hidden layers. Each "
        r"$\boldsymbol{\delta}$ gives the gradients of its own layer, and with them the update.",
    )
    holds(
        "S1-10",
        r"$\delta^{(L)} = (p - y)/N$, and $\delta^{(l)} = (\delta^{(l+1)} W^{(l+1)\T}) \odot \sigma'(z^{(l)})$.",
    )


def test_the_gradient_of_the_batch_is_the_mean_of_those_of_its_emails():
    each = []
    for x, y in zip(post.X, post.Y, strict=True):
        logits, hs = post.forward(x[None], [post.W1, post.W2], [post.b1, post.b2])
        dWs, dbs = post.backward(1 / (1 + np.exp(-logits)) - y, hs, [post.W1, post.W2])
        each.append(flat(*dWs, *dbs))
    np.testing.assert_allclose(flat(*post.dWs, *post.dbs), np.mean(each, axis=0), atol=1e-15)
    assert post.X.shape == (4, 3)
    assert post.Y.ravel().tolist().count(1) == 2
    says("Let us give it four emails, of which two are spam:")


def test_the_lines_of_the_table_give_the_gradients_and_shapes_of_the_batch():
    (N, _), M = post.X.shape, 2
    z = np.array(
        [
            [sum(post.X[n, i] * post.W1[i, j] for i in range(3)) + post.b1[j] for j in range(M)]
            for n in range(N)
        ]
    )
    h = np.where(z > 0, z, 0)
    p = [1 / (1 + math.exp(-(h[n] @ post.W2 + post.b2).item())) for n in range(N)]
    d2 = np.array([[(p[n] - post.Y[n, 0]) / 4] for n in range(N)])
    dW2, db2, dh = loops(h, d2, post.W2)
    d1 = np.where(z > 0, dh, 0)
    dW1, db1, _ = loops(post.X, d1, post.W1)
    expected = [
        ("dlogits = (P - Y) / N", d2, ()),
        ("dW2 = h.T @ dlogits", dW2, ((2, 4), (4, 1))),
        ("db2 = dlogits.sum(axis=0)", db2, ((4, 1),)),
        ("dh = dlogits @ W2.T", dh, ((4, 1), (1, 2))),
        ("dz = dh * (z > 0)", d1, ()),
        ("dW1 = X.T @ dz", dW1, ((3, 4), (4, 2))),
        ("db1 = dz.sum(axis=0)", db1, ((4, 2),)),
    ]
    names = {"P": post.P, "Y": post.Y, "N": N, "h": h, "z": z, "W2": post.W2, "X": post.X}
    for line, value, operands in expected:
        exec(line, names)
        name = line.partition(" ")[0]
        np.testing.assert_allclose(names[name], value, atol=1e-15)
        factors = line.partition(" = ")[2].replace(".sum(axis=0)", "").split(" @ ")
        assert tuple(eval(factor, names).shape for factor in factors)[: len(operands)] == operands
        shapes = " @ ".join(map(str, operands)) + " -> " if operands else ""
        row = next(text for text in TEXT.splitlines() if f"`{line}`" in text)
        assert f"`{shapes}{np.shape(value)}` |" in row
    np.testing.assert_allclose(post.dWs[0], dW1, atol=1e-15)
    np.testing.assert_allclose(post.dWs[1], dW2, atol=1e-15)
    np.testing.assert_allclose(post.dbs[0], db1, atol=1e-15)
    np.testing.assert_allclose(post.dbs[1], db2, atol=1e-15)
    says(
        "For a batch of four emails our network has these lines, each beside the code that computes it:",
        r"| $\boldsymbol{\delta}^{(2)} = (\mathbf{p} - \mathbf{y})/N$ | `dlogits = (P - Y) / N` | `(4, 1)` |",
        r"| $\mathbf{h}^{\T} \boldsymbol{\delta}^{(2)}$ | `dW2 = h.T @ dlogits` | `(2, 4) @ (4, 1) -> (2, 1)` |",
        r"| $\sum_n \boldsymbol{\delta}^{(2)}$ | `db2 = dlogits.sum(axis=0)` | `(4, 1) -> (1,)` |",
        r"| $\boldsymbol{\delta}^{(2)} \mathbf{W}^{(2)\T}$ | `dh = dlogits @ W2.T` | `(4, 1) @ (1, 2) -> (4, 2)` |",
        r"| $\boldsymbol{\delta}^{(1)} = \ldots \odot \varphi'(\mathbf{z})$ | `dz = dh * (z > 0)` | `(4, 2)` |",
        r"| $\mathbf{x}^{\T} \boldsymbol{\delta}^{(1)}$ | `dW1 = X.T @ dz` | `(3, 4) @ (4, 2) -> (3, 2)` |",
        r"| $\sum_n \boldsymbol{\delta}^{(1)}$ | `db1 = dz.sum(axis=0)` | `(4, 2) -> (2,)` |",
    )


def test_each_rule_is_a_method_of_a_layer_and_the_first_layer_makes_no_gradient_of_its_input(monkeypatch):
    made = []
    for kind in (Dense, ReLU):
        method = kind.backward
        monkeypatch.setattr(
            kind, "backward", lambda self, dy, method=method: made.append(self) or method(self, dy)
        )
    net = mlp([4, 5, 3], rng=np.random.default_rng(1), dtype="float64")
    x = np.random.default_rng(2).standard_normal((6, 4))
    net.backward(cross_entropy(net.forward(x, training=True), np.arange(6) % 3)[1])
    assert made == net.layers[:0:-1]  # of all but the first
    monkeypatch.undo()
    assert {"backward", "backward_params"} <= vars(Dense).keys()
    assert "backward_params" in inspect.getsource(Dense.backward)
    says(
        "In the package each rule is a method of a layer. A layer calls its input `x` and its output `y`, and `dy` is"
        r" the slope that arrives there. The output of a dense layer is its sums, so for it `dy` is our "
        r"$\boldsymbol{\delta}$.",
        "The dense rule comes in two parts, so that the first layer can leave out the gradient of its input, which "
        "training does not need.",
    )
    layer = net.layers[0]
    layer.forward(x, training=True)
    assert layer.saved() is x
    with pytest.raises(RuntimeError):
        layer.saved()
    stretched = np.ones((1, 5))
    assert (np.ones((6, 5)) * stretched).shape == (6, 5)
    layer.forward(x, training=True)
    with pytest.raises(ValueError, match="dy must have shape"):
        layer.backward(stretched)
    before = layer.grads["W"], layer.grads["b"]
    layer.forward(x, training=True)
    layer.backward(np.ones((6, 5)))
    assert (layer.grads["W"] is before[0], layer.grads["b"] is before[1]) == (True, True)
    source = inspect.getsource(Dense.backward_params)
    assert [source.count(word) for word in ("saved()", "check_shape(", "out=")] == [1, 1, 2]
    says(
        "(`saved()` hands out what the forward pass kept, here the `x`, `check_shape` refuses a `dy` that NumPy "
        "would stretch to fit, "
        "and `out=` writes into arrays that are there already.)",
    )
    says(r"The activation rule for ReLU, $\max(0, z)$, takes two lines. It has kept its output:")
    tree = ast.parse(inspect.getsource(ReLU)).body[0]
    body = next(f for f in tree.body if getattr(f, "name", "") == "backward").body[1:]
    assert [type(statement) for statement in body] == [ast.Assign, ast.Return]


def test_the_batch_agrees_with_the_loss_of_the_package():
    loss, dlogits = binary_cross_entropy(post.logits, post.Y)
    np.testing.assert_allclose(post.dlogits, dlogits, atol=1e-16)
    assert loss == pytest.approx(np.mean(-np.log(np.where(post.Y == 1, post.P, 1 - post.P))))


def test_the_sum_grows_with_the_batch_and_the_mean_does_not():
    """One hundred copies: the recorded sum is that of 400 emails, a hundred times the sum of four."""
    assert post.N == 400
    assert post.length == pytest.approx(100 * 4 * np.linalg.norm(post.dWs[0]))
    for copies in (1, 3, 7):
        x, y = np.tile(post.X, (copies, 1)), np.tile(post.Y, (copies, 1))
        logits, hs = post.forward(x, [post.W1, post.W2], [post.b1, post.b2])
        summed = post.backward(1 / (1 + np.exp(-logits)) - y, hs, [post.W1, post.W2])[0][0]
        mean = post.backward((1 / (1 + np.exp(-logits)) - y) / len(x), hs, [post.W1, post.W2])[0][0]
        assert summed / np.linalg.norm(summed) == pytest.approx(mean / np.linalg.norm(mean))
        assert np.linalg.norm(summed) == pytest.approx(math.sqrt(sum(v**2 for v in summed.flat)))
        assert np.linalg.norm(summed) == pytest.approx(copies * 4 * np.linalg.norm(post.dWs[0]))
        assert mean == pytest.approx(post.dWs[0])
        assert 0.1 * mean == pytest.approx(0.1 / len(x) * summed)  # the sum's factor goes with the batch
    assert "\n".join(code("batch")).count("/ len(X)") == 1
    assert "len(" not in inspect.getsource(post.backward)
    says(
        "Where did the $1/N$ go? It is taken once, in the gradient of the loss, and from there it spreads to every "
        "product.",
        "Programs that leave it out sum over the examples instead. The direction of their gradient is the same, but "
        "its length, the root of the sum of its squared entries, grows with the batch, and so does every step:",
        "So whoever uses the sum has to choose another learning rate for every size of the batch. With the mean, a "
        "larger batch of the same emails needs no other.",
    )


def random_net(sizes, seed):
    rng = np.random.default_rng(seed)
    Ws = [rng.standard_normal(shape) for shape in pairwise(sizes)]
    bs = [rng.standard_normal(M) for M in sizes[1:]]
    return rng.standard_normal((7, sizes[0])), np.arange(7) % sizes[-1], Ws, bs


@pytest.mark.parametrize("sizes", [[3, 4], [4, 6, 3], [5, 4, 6, 3], [3, 5, 5, 5, 5, 2]])
@claim("S1-10", "confirmed")
def test_the_backward_pass_of_any_depth_agrees_with_differences(sizes):
    x, labels, Ws, bs = random_net(sizes, seed=6)

    def loss():
        h = x
        for W, b in zip(Ws[:-1], bs[:-1], strict=True):
            h = np.maximum(0, h @ W + b)
        logits = h @ Ws[-1] + bs[-1]
        return float(np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(7), labels]))

    logits, hs = post.forward(x, Ws, bs)
    dWs, dbs = post.backward(cross_entropy(logits, labels)[1], hs, Ws)
    for v, dv in zip([*Ws, *bs], [*dWs, *dbs], strict=True):
        found = np.zeros_like(v)
        for i in np.ndindex(v.shape):
            kept = v[i]
            v[i] = kept + 1e-6
            above = loss()
            v[i] = kept - 1e-6
            found[i] = (above - loss()) / 2e-6
            v[i] = kept
        np.testing.assert_allclose(dv, found, atol=1e-8)
    assert len(hs) == len(Ws)
    assert hs[0] is x
    for given, W, b, layer in zip(hs, Ws, bs, range(len(Ws)), strict=True):
        assert given.shape == (7, len(W))
        if layer < len(Ws) - 1:
            z = given @ W + b
            assert hs[layer + 1] == pytest.approx(np.where(z > 0, z, 0))
            assert ((hs[layer + 1] > 0) == (z > 0)).all()
    assert inspect.getsource(post.backward).count("[::-1]") == 2
    says(
        "More layers need no new idea, only a loop. On the way forward it keeps what each layer was given, because "
        "the "
        "dense rule will ask for it:",
        "On the way back it takes the same list from the end.",
        r"(The line with `h > 0` is $\varphi'(\mathbf{z})$ here: a ReLU's output is positive exactly where its "
        r"input is. In the last turn, where `h` is the input `x`, it computes something that nobody uses.)",
    )
    holds("S1-10", r"$\delta^{(l)} = (\delta^{(l+1)} W^{(l+1)\T}) \odot \sigma'(z^{(l)})$.")


@claim("S1-10", "confirmed")
def test_the_backward_pass_of_any_depth_is_that_of_the_package():
    x, labels, Ws, bs = random_net([5, 4, 6, 3], seed=7)
    net = mlp([5, 4, 6, 3], rng=np.random.default_rng(0), dtype="float64")
    dense = net.layers[::2]
    for layer, W, b in zip(dense, Ws, bs, strict=True):
        layer.params["W"][:], layer.params["b"][:] = W, b
    logits = net.forward(x, training=True)
    _, dlogits = cross_entropy(logits, labels)
    net.backward(dlogits)
    ours, hs = post.forward(x, Ws, bs)
    dWs, dbs = post.backward(dlogits, hs, Ws)
    np.testing.assert_allclose(ours, logits, atol=1e-14)
    for layer, dW, db in zip(dense, dWs, dbs, strict=True):
        np.testing.assert_allclose(layer.grads["W"], dW, atol=1e-14)
        np.testing.assert_allclose(layer.grads["b"], db, atol=1e-14)
    holds("S1-10", r"$\delta^{(l)} = (\delta^{(l+1)} W^{(l+1)\T}) \odot \sigma'(z^{(l)})$.")


def test_both_passes_of_any_depth_have_a_dozen_lines():
    assert (len(code("forward-pass")), len(code("backward-pass"))) == (5, 7)
    assert 5 + 7 == 12
    says(
        "the two passes of any dense network in a dozen lines, and a measurement of what it costs.",
        "We took the walk by hand for one email and wrote both passes in a dozen lines for any depth.",
    )
    table = re.findall(r"^\| \$\\(?:boldsymbol|mathbf|sum).*?\| `(d\w+) = ", TEXT, re.M)
    assert table == ["dlogits", "dW2", "db2", "dh", "dz", "dW1", "db1"]
    says("Each line of the batch stands beside its formula.")


@claim("S0-11", "confirmed", "ReLU is np.maximum(0, x).")
@claim("S4-90", "confirmed", "ReLU is max(0, x), with 0, 0, 0, 1, 2 for −2, −1, 0, 1, 2.")
def test_relu_gives_the_values_and_slopes_of_the_text():
    layer, five = ReLU(), np.array([[-2.0, -1.0, 0.0, 1.0, 2.0]])
    assert layer.forward(five, training=True).tolist() == [[0, 0, 0, 1, 2]]
    assert layer.backward(np.ones((1, 5))).tolist() == [[0, 0, 0, 1, 1]]
    printed = (OUT / "backpropagation.relu.txt").read_text(encoding="utf-8").splitlines()
    assert printed[2].split("]")[0].strip("[ ").split() == ["0.", "0.", "0.5", "1.", "1."]
    sides = [(max(0, s) - max(0, 0)) / s for s in (-1e-6, 1e-6)]
    assert sides == [0, 1]  # no slope fits both
    assert np.mean(sides) == 0.5
    assert HOUSE.order["gradient-checking"] == HOUSE.order["backpropagation"] + 1
    assert "says one half" in HOUSE.posts["gradient-checking"].text
    says(
        "Here are five values of it and their slopes.",
        "Exactly at 0 there is a corner and no slope. We say 0, and a central difference says one half, which will "
        "matter in the next part.",
    )
    holds("S0-11", "ReLU is np.maximum(0, x).")
    holds("S4-90", "ReLU is max(0, x), with 0, 0, 0, 1, 2 for −2, −1, 0, 1, 2.")


@pytest.mark.parametrize("z", [1e-300, 1.0, 1e6, 1e300])
@claim("S4-92", "confirmed", "ReLU does not saturate for positive values.")
def test_relu_has_slope_one_for_any_positive_input(z):
    layer = ReLU()
    layer.forward(np.array([[z]]), training=True)
    assert layer.backward(np.array([[1.0]])).item() == 1
    assert (max(0, z * 1.5) - max(0, z * 0.5)) / z == pytest.approx(1)
    says(
        "For positive inputs the slope is 1, however large they are, so what arrives is never weakened there."
    )
    holds("S4-92", "Its slope there is 1, however large the value.")


@pytest.mark.parametrize("layer", [ReLU(), Sigmoid(), Tanh(), LeakyReLU(0.1)])
def test_the_output_of_these_activations_is_enough_for_their_slope(layer):
    x = np.random.default_rng(8).standard_normal((20, 3))
    assert check_layer(layer, x, rng=np.random.default_rng(9)) < 1e-6


# ---- losses -------------------------------------------------------------------------------------------------------


def difference(f, z, k, h=1e-5):
    e = np.zeros_like(z)
    e[k] = h
    return (f(z + e) - f(z - e)) / (2 * h)


def softmax(z):
    powers = [math.exp(v) for v in z]
    return np.array(powers) / sum(powers)


def test_three_endings_begin_the_walk_back_with_the_error():
    assert re.findall(r"^\*\*(.+?)\.\*\*", TEXT[TEXT.index("## The end of the network") :], re.M) == [
        "Two classes",
        "Several classes",
        "Numbers instead of classes",
    ]
    outputs = np.array([[0.3, -1.2, 2.0], [1.3, 0.5, -0.7]])
    one_hot, N = np.eye(3)[[2, 0]], 2
    truths = np.array([[1], [0]])
    p = np.array([[1 / (1 + math.exp(-row[0]))] for row in outputs])
    begins = [
        (binary_cross_entropy(outputs[:, :1], truths)[1], p - truths),
        (cross_entropy(outputs, np.array([2, 0]))[1], np.array([softmax(row) for row in outputs]) - one_hot),
        (mean_squared_error(outputs, one_hot)[1], outputs - one_hot),
    ]
    factors = [found / error for found, error in begins]
    assert [factor == pytest.approx(factor.flat[0]) for factor in factors] == [True] * 3
    assert [factor.flat[0] for factor in factors] == pytest.approx([1 / N, 1 / N, 2 / (N * 3)])
    says(
        "So far the network had one output and the email was spam. Three endings cover most networks, and the "
        "surprise "
        "is that the walk back begins in nearly the same way in all of them.",
        "Again the probability minus the truth.",
    )


@claim("S4-48", "confirmed", "Binary cross-entropy: −[y log ŷ + (1 − y) log(1 − ŷ)].")
def test_binary_cross_entropy_from_the_logit_is_the_formula():
    for z, y in product([-3.0, 0.2, 5.0], [0, 1]):
        p = 1 / (1 + math.exp(-z))
        formula = -(y * math.log(p) + (1 - y) * math.log(1 - p))
        assert formula == (-math.log(p) if y else -math.log(1 - p))
        loss, dlogit = binary_cross_entropy(np.array([z]), np.array([y]))
        assert loss == pytest.approx(formula)
        assert np.logaddexp(0, -z if y else z) == pytest.approx(formula)
        in_p = [-(y * math.log(q) + (1 - y) * math.log(1 - q)) for q in (p + 1e-7, p - 1e-7)]
        assert (in_p[0] - in_p[1]) / 2e-7 == pytest.approx((p - y) / (p * (1 - p)), rel=1e-5)
        assert -y / p + (1 - y) / (1 - p) == pytest.approx((p - y) / (p * (1 - p)))
        in_z = [1 / (1 + math.exp(-(z + s))) for s in (1e-6, -1e-6)]
        assert (in_z[0] - in_z[1]) / 2e-6 == pytest.approx(p * (1 - p), rel=1e-5)
        assert dlogit.item() == pytest.approx((p - y) / (p * (1 - p)) * (p * (1 - p))) == pytest.approx(p - y)
    says.formula("eq-bce", r"\ell = -\left[\,y \log p + (1 - y) \log(1 - p)\,\right]")
    says(
        r"Two classes. If the email is not spam, $y = 0$, the loss is $-\log(1 - p)$.",
        "One formula holds for both cases:",
        r"Its slope in $p$ is $-y/p + (1-y)/(1-p)$, which is $(p - y) / (p(1-p))$. The sigmoid's slope $p(1-p)$ "
        r"cancels "
        r"the denominator, and what arrives at the logit is $p - y$.",
    )
    holds("S4-48", "Compute it from the logit:")


@claim("S4-48", "confirmed")
def test_the_formula_as_it_stands_fails_where_p_rounds_to_one():
    p = 1 / (1 + np.exp(-40.0))
    assert p == 1
    with np.errstate(all="ignore"):
        assert np.isinf(-np.log(1 - np.float64(p)))  # y = 0: the loss is 40
        assert np.isnan(-(1 * np.log(p) + (1 - 1) * np.log(1 - np.float64(p))))  # y = 1: the loss is 0
    assert binary_cross_entropy(np.array([40.0]), np.array([0]))[0] == pytest.approx(40)
    assert binary_cross_entropy(np.array([40.0]), np.array([1]))[0] == pytest.approx(0, abs=1e-17)
    holds("S4-48", "with the rounded probability it fails for sure answers.")


@claim("S1-09", "confirmed", "A softmax at the output gives class probabilities.")
def test_softmax_of_the_three_logits():
    assert post.p3 == pytest.approx(softmax([2, 1, 0.1]), abs=1e-15)
    assert [f"{v:.4f}" for v in post.p3] == ["0.6590", "0.2424", "0.0986"]
    ten = np.random.default_rng(4).normal(0, 5, 10)
    assert min(math.exp(v) for v in ten) > 0
    assert post.log_softmax(ten) == pytest.approx([v - math.log(sum(map(math.exp, ten))) for v in ten])
    assert np.exp(post.log_softmax(ten)).sum() == pytest.approx(1)
    assert len(np.unique(digits()[1])) == len(ten) == 10
    for z in (-3.0, 0.0, 1.7):
        assert softmax([z, 0])[0] == pytest.approx(1 / (1 + math.exp(-z)))
    says.formula("eq-softmax", r"p_j = \frac{e^{z_j}}{\sum_k e^{z_k}}")
    says(
        "Several classes. For ten digits we want ten probabilities that add up to 1. Softmax makes them from ten "
        "scores, which are called logits here too: take the exponential of each, which is positive, and divide by the"
        " sum of all.",
        "(For two classes with the logits $z$ and 0, divide above and below by $e^z$, and the sigmoid of $z$ is "
        "left.)",
    )
    holds("S1-09", "For the three logits of the text: [0.6590, 0.2424, 0.0986].")


def test_the_jacobian_agrees_with_differences_and_its_columns_add_up_to_zero():
    for k in range(3):
        assert post.J[:, k] == pytest.approx(difference(softmax, post.z3, k), abs=1e-9)
        assert post.J[:, k].sum() == pytest.approx(0, abs=1e-16)
        moved = post.z3 + 0.5 * np.eye(3)[k]
        assert softmax(moved).sum() == pytest.approx(1)
        assert (softmax(moved) != softmax(post.z3)).all()  # each depends on all
    p = softmax(post.z3)
    for j, k in product(range(3), repeat=2):
        assert post.J[j, k] == pytest.approx(p[j] * ((j == k) - p[k]), abs=1e-15)
    e, S = np.exp(post.z3), np.exp(post.z3).sum()
    for j, k in product(range(3), repeat=2):
        below = difference(
            lambda z, j=j: math.exp(post.z3[j]) / np.exp(z).sum(), post.z3, k
        )  # the sum alone moves
        assert below == pytest.approx(-e[j] * e[k] / S**2, abs=1e-9)
        assert -e[j] * e[k] / S**2 == pytest.approx(-p[j] * p[k])
        above = difference(lambda z, j=j, S=S: math.exp(z[j]) / S, post.z3, k)  # the numerator alone
        assert above == pytest.approx(e[j] / S if j == k else 0, abs=1e-9)
        assert post.J[j, k] == pytest.approx(below + above, abs=1e-9)
    assert post.J.shape == (3, 3)
    says.formula("eq-jacobian", r"\frac{\partial p_j}{\partial z_k} = p_j\,(1[j = k] - p_k)")
    says(
        "Here each probability depends on all logits, so there is a slope for each pair. They fill a square matrix, "
        "the Jacobian.",
        "Write $S$ for the sum below the line. When another logit $z_k$ moves, $S$ alone moves, with the slope "
        "$e^{z_k}$, "
        "and $e^{z_j}/S$ gets the slope $-e^{z_j} e^{z_k}/S^2 = -p_j p_k$. When its own logit moves, the numerator "
        "moves "
        "as well, which adds $e^{z_j}/S = p_j$. Both cases in one formula, where $1[j = k]$ is 1 on the diagonal "
        "and 0 "
        "elsewhere:",
        "Each column of it adds up to 0, as it must: whichever logit moves, the probabilities still add up to 1.",
    )


def test_the_jacobian_cancels_to_p_minus_y():
    assert post.dp3 @ post.J == pytest.approx(post.p3 - [1, 0, 0], abs=1e-15)
    for true in range(3):
        y, p = np.eye(3)[true], softmax(post.z3)
        for k in range(3):
            found = difference(lambda z, true=true: -math.log(softmax(z)[true]), post.z3, k)
            in_p = difference(lambda p, y=y: -sum(y * np.log(p)), p, k)
            assert in_p == pytest.approx(-y[k] / p[k], abs=1e-6)
            along = sum(-y[j] / p[j] * p[j] * ((j == k) - p[k]) for j in range(3))
            assert along == pytest.approx(p[k] - y[k], abs=1e-15)
            assert along == pytest.approx(found, abs=1e-9)
            if true == 0:
                assert (post.dp3 @ post.J)[k] == pytest.approx(found, abs=1e-9)
        assert -sum(y * np.log(p)) == -math.log(p[true])
    says.formula(
        "eq-softmax-loss",
        r"""\begin{aligned}
        \frac{\partial \ell}{\partial z_k} &= \sum_j -\frac{y_j}{p_j}\, p_j\,(1[j = k] - p_k) \\
        &= p_k - y_k
        \end{aligned}""",
    )
    says(
        r"The loss is the negative logarithm of the true class's probability, $-\sum_j y_j \log p_j$, where $y_j$ "
        r"is 1"
        r" for the true class and 0 for the others. Its slopes are $-y_j / p_j$.",
        "Now multiply along each path and add up. Each $p_j$ cancels. The ones with $1[j = k]$ leave $-y_k$ alone, "
        "and the others add up to $p_k$, because the $y_j$ add up to 1:",
    )


@claim(
    "S1-07", "definition", "Forward and backward versions of ReLU, sigmoid and softmax will be implemented."
)
def test_the_three_derivatives_agree_with_differences():
    z = np.array([-2.0, -0.3, 0.4, 3.0])
    sigmoid = 1 / (1 + np.exp(-z))
    for layer, by_hand in ((ReLU(), z > 0), (Sigmoid(), sigmoid * (1 - sigmoid))):
        slopes = [difference(lambda v, layer=layer: layer.forward(v), z, k)[k] for k in range(4)]
        assert by_hand.astype(float) == pytest.approx(slopes, abs=1e-9)
    _, dlogits = cross_entropy(post.z3[None], np.array([2]))
    for k in range(3):
        found = difference(lambda v: -math.log(softmax(v)[2]), post.z3, k)
        assert dlogits[0, k] == pytest.approx(found, abs=1e-9)
        assert dlogits[0, k] == pytest.approx(softmax(post.z3)[k] - (k == 2), abs=1e-9)
    holds(
        "S1-07",
        r"The derivatives, not given there: $1[z > 0]$, $\sigma(1 - \sigma)$, and $p - y$ for softmax with "
        r"cross-entropy.",
    )


@claim("S1-09", "confirmed")
def test_the_stable_form_is_right_where_the_naive_one_is_nan():
    with np.errstate(all="ignore"):
        naive = np.log(np.exp(post.far) / np.exp(post.far).sum())
        assert np.isinf(np.exp(1000.0))
        assert np.exp(-1000.0) == 0
        assert np.log(0.0) == -math.inf
    assert np.isnan(naive[0])
    assert naive[1:].tolist() == [-math.inf, -math.inf]
    assert post.log_softmax(post.far).tolist() == [0, -1000, -2000]
    assert post.log_softmax(post.z3) == pytest.approx(np.log(softmax(post.z3)), abs=1e-15)
    m, z = max(post.z3), post.z3
    by_formula = [(v - m) - math.log(sum(math.exp(u - m) for u in z)) for v in z]
    assert by_formula == pytest.approx(np.log(softmax(z)), abs=1e-15)
    assert max(math.exp(u - m) for u in z) == 1
    assert softmax([v - m for v in z]) == pytest.approx(softmax(z))
    loss, dlogits = cross_entropy(post.far[None], np.array([2]))
    assert loss == 2000
    assert dlogits.tolist() == [[1, 0, -1]]
    says.formula("eq-log-softmax", r"\log p_j = (z_j - m) - \log \textstyle\sum_k e^{z_k - m},")
    says(
        r"It is good practice to compute softmax and loss in one go, and not only because of the short gradient. "
        r"Floats have a limited range: exponentials become infinite, small probabilities round to 0, and the "
        r"logarithm"
        r" of 0 is $-\infty$.",
        r"So a program for general use does not compute $\log p_j$ from $p_j$. Let $m$ be the largest logit. Above "
        r"and below the line of softmax, divide by $e^m$. The ratio stays, and its logarithm is",
        "where no exponential is larger than 1. In the program the naive way divides infinity by infinity, which "
        "is no number (`nan`):",
    )
    holds("S1-09", "The largest logit is subtracted first, which changes nothing else.")


def test_the_jacobian_is_needed_on_paper_alone():
    source = inspect.getsource(cross_entropy)
    assert not re.search(r"outer|diag|einsum", source)
    logits = np.random.default_rng(2).standard_normal((4, 6))
    labels = np.array([0, 3, 5, 1])
    wanted = []
    for row, label in zip(logits, labels, strict=True):
        p = softmax(row)
        wanted.append((-np.eye(6)[label] / p) @ (np.diag(p) - np.outer(p, p)) / 4)
    assert cross_entropy(logits, labels)[1] == pytest.approx(np.array(wanted), abs=1e-15)
    says(
        "No program has to build the matrix. We needed it once, on paper. Here is a check of it: the last line "
        "should be the probabilities, with 1 taken off the first."
    )


def test_the_loss_of_the_package_gives_the_loss_and_its_gradient():
    for z in (-700.0, -8.0, 0.0, 3.0, 700.0):
        p = 1 / (1 + math.exp(-z))
        assert np.logaddexp(0, -z) == pytest.approx(math.log1p(math.exp(-z)), abs=1e-15)
        if z > -700:
            assert np.logaddexp(0, -z) == pytest.approx(-math.log(p), abs=1e-15)
    logits, labels = np.random.default_rng(3).standard_normal((4, 3)), np.array([2, 0, 1, 1])
    loss, dlogits = cross_entropy(logits, labels)
    log_p = post.log_softmax(logits)
    assert loss == pytest.approx(-np.mean([row[k] for row, k in zip(log_p, labels, strict=True)]))
    assert dlogits == pytest.approx((np.exp(log_p) - np.eye(3)[labels]) / 4)
    says(
        r"For one logit the same trick is `np.logaddexp(0, -z)`, which is $\log(1 + e^{-z}) = -\log p$. The "
        r"package has `cross_entropy` for classes and `binary_cross_entropy` for one logit, and each gives back "
        r"the loss and its gradient.",
    )


@claim("S4-49", "imprecise", "Mean squared error: (y − ŷ)².")
def test_the_mean_squared_error_has_the_factor_two_over_n_m():
    outputs, targets = np.array([[1.0, 2.0], [3.0, 5.0], [0.0, -1.0]]), np.ones((3, 2))
    loss, doutputs = mean_squared_error(outputs, targets)
    assert loss == pytest.approx((0 + 1 + 4 + 16 + 1 + 4) / 6)
    assert doutputs == pytest.approx(2 * (outputs - targets) / (3 * 2))
    for i in np.ndindex(3, 2):
        found = difference(lambda v: np.mean((v - targets) ** 2), outputs, i)
        halved = difference(lambda v: np.mean((v - targets) ** 2) / 2, outputs, i)
        assert doutputs[i] == pytest.approx(found, abs=1e-9)
        assert 0.1 * halved == pytest.approx(0.1 * found / 2, abs=1e-9)  # a step at the same rate
        assert halved == pytest.approx((outputs - targets)[i] / 6, abs=1e-9)
    says(
        r"Numbers instead of classes. To predict a number $\hat y$, a price say, the output stays as it is, and the "
        r"loss is the mean of $(y - \hat{y})^2$ over examples and outputs.",
        r"For $N$ examples of $M$ outputs its gradient is $2(\hat{\mathbf{y}} - \mathbf{y})/(NM)$: the error "
        r"again, up"
        r" to a constant. (Some texts put ½ in front of the square to lose the 2. With the same learning rate, "
        r"each step is then half as long.)",
    )
    holds(
        "S4-49",
        "That is the error of one number. The mean over $N$ examples and $M$ outputs has the gradient",
    )
    holds("S4-49", r"$2(\hat{y} - y)/(NM)$, unless a ½ is put in front.")


@claim(
    "S4-105",
    "conditions",
    "Output layer: sigmoid for two classes, softmax for several, linear for regression.",
)
def test_squared_error_on_a_sigmoid_stalls_where_it_is_most_wrong():
    def sigmoid(z):
        return 1 / (1 + math.exp(-z))

    h = 1e-4
    squared = [(1 - sigmoid(-8 + s)) ** 2 for s in (h, -h)]
    crossed = [-math.log(sigmoid(-8 + s)) for s in (h, -h)]
    assert post.with_squared_error == pytest.approx((squared[0] - squared[1]) / (2 * h), rel=1e-6)
    assert post.with_cross_entropy == pytest.approx((crossed[0] - crossed[1]) / (2 * h), rel=1e-6)
    assert f"{post.with_squared_error:.5f}" == "-0.00067"
    assert f"{post.with_cross_entropy:.5f}" == "-0.99966"
    assert (OUT / "backpropagation.pairing.txt").read_text() == "-0.99966 -0.00067\n"
    sure = [sigmoid(z) * (1 - sigmoid(z)) for z in (-8, -4, 0, 4, 8)]
    assert max(sure[0], sure[-1]) < 0.001 < 0.2 < sure[2] == max(sure)
    assert sigmoid(-8) < 0.001  # sure, and wrong where the label is 1
    says(
        "Why not squares for probabilities as well? Because then the sigmoid's slope is not cancelled, and it is "
        "nearly 0 where the network is sure, even if it is sure and wrong.",
        "Take a logit of −8 where the label is 1.",
    )
    says(
        f"With cross-entropy its slope is {minus((crossed[0] - crossed[1]) / (2 * h), 5)}, with squared error "
        f"{minus((squared[0] - squared[1]) / (2 * h), 5)}:",
    )
    says(
        "So each output has the loss that suits it: sigmoid and softmax have the cross-entropy, and a plain output "
        "has "
        "the squared error.",
    )
    holds(
        "S4-105",
        "Together with the loss that suits each. Squared error on a sigmoid stalls: at a logit of −8 with",
    )
    holds("S4-105", "label 1 its slope is −0.00067, that of cross-entropy −0.99966.")


# ---- what it costs ------------------------------------------------------------------------------------------------

NETWORKS = {"64-64-10": "two small layers", "784-512-10": "two layers", "784-512-256-10": "three layers"}


class Counted(np.ndarray):
    """An array that notes how many multiplications each matrix product with it takes."""

    done = 0

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        plain = [np.asarray(v) if isinstance(v, Counted) else v for v in inputs]
        if ufunc is np.matmul:
            (N, D), (_, M) = (v.shape for v in plain)
            Counted.done += N * D * M
        if out is not None:
            options["out"] = tuple(np.asarray(v) if isinstance(v, Counted) else v for v in out)
        found = getattr(ufunc, method)(*plain, **options)
        return found.view(Counted) if isinstance(found, np.ndarray) else found


def products_of(layers, x, dy):
    """The multiplications of the passes through layers, forward and back, the last gradient left out."""
    Counted.done = 0
    for layer in layers:
        x = layer.forward(x, training=True)
        assert isinstance(x, Counted)
    forward, Counted.done = Counted.done, 0
    for layer in layers[:0:-1]:
        dy = layer.backward(dy)
        assert isinstance(dy, Counted)
    layers[0].backward_params(dy)
    return {"forward": forward, "backward": Counted.done}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_products_are_those_that_the_layers_take(name):
    sizes = [int(n) for n in name.split("-")]
    net = mlp(sizes, rng=np.random.default_rng(0))
    x, dy = (np.ones((100, n), np.float32).view(Counted) for n in (sizes[0], sizes[-1]))
    found = products_of(net.layers, x, dy)
    assert found == COST["once"][name]["multiplications"] == backward_cost.multiplications(tuple(sizes), 100)
    assert backward_cost.SIZES[name] == tuple(sizes)


@pytest.mark.parametrize("sizes", [[7, 5], [7, 5, 3], [3, 9, 4, 2], [6, 6, 6, 6, 6, 6]])
def test_the_way_back_takes_between_one_and_two_times_the_products(sizes):
    net = mlp(sizes, rng=np.random.default_rng(0), dtype="float64")
    x, dy = (np.ones((4, n)).view(Counted) for n in (sizes[0], sizes[-1]))
    found = products_of(net.layers, x, dy)
    assert 1 <= found["backward"] / found["forward"] < 2
    layer = net.layers[0]
    Counted.done = 0
    y = layer.forward(x, training=True)
    one, Counted.done = Counted.done, 0
    layer.backward(y)
    assert Counted.done == 2 * one == 2 * 4 * sizes[0] * sizes[1]
    says(
        "On the way forward a dense layer takes one matrix product. On the way back it takes two of the same size: "
        "one for the gradient of its weights, and one for that of its input, which the first layer leaves out.",
        "So the walk back should cost between one and two times as much as the way forward.",
    )


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("n", [1, 100, 1000])
def test_what_is_kept_is_the_batch_and_each_hidden_value(name, n):
    *kept, _ = sizes = [int(size) for size in name.split("-")]
    held = COST["once"][name]["bytes"]
    assert held["kept"][str(n)] == 4 * n * sum(kept)
    batch = np.ones((n, sizes[0]), np.float32)
    assert backward_cost.kept_bytes(mlp(sizes, rng=np.random.default_rng(0)), batch) == 4 * n * sum(kept)
    assert held["parameters"] == 4 * COST["once"][name]["parameters"]
    assert COST["once"][name]["parameters"] == sum(D * M + M for D, M in pairwise(sizes))
    net = mlp(sizes, rng=np.random.default_rng(0))
    x = np.ones((n, sizes[0]), np.float32)
    net.forward(x)
    tracemalloc.start()
    net.forward(x, training=True)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    hidden = 4 * n * sum(kept[1:])
    assert hidden <= grown < hidden + 10_000  # and what Python needs to hold an array
    assert net.layers[0].saved() is x
    says(
        "There is a second price. The walk back asks each layer what it was given, so all of that must be kept until "
        "then.",
        "The last column compares its bytes with those of the parameters. They grow with the batch:",
    )


def measured(name):
    """From the recorded seconds, for each seed: the medians of both kinds of pass, and of their ratio in a round."""
    forward, whole = (
        np.array(COST["runs"][name]["seconds"][kind]) for kind in ("forward", "forward_and_backward")
    )
    assert forward.shape == whole.shape == (80, 5)
    return np.median(forward, axis=0), np.median(whole, axis=0), np.median(whole / forward, axis=0)


def test_the_table_shows_what_was_counted_and_what_was_recorded():
    assert (COST["settings"], len(COST["seeds"])) == ({"batch": 100, "rounds": 80}, 5)
    assert COST["threads"] == 1
    says(
        "| network | multiplications, backward to forward | time, backward to forward | kept for 100 examples, to "
        "the "
        "parameters |",
    )
    back = {}
    for name, label in NETWORKS.items():
        once = COST["once"][name]
        counted = once["multiplications"]["backward"] / once["multiplications"]["forward"]
        back[name] = measured(name)[2] - 1
        share = once["bytes"]["kept"]["100"] / once["bytes"]["parameters"]
        says(
            f"| {label} | {counted:.2f} | {back[name].mean():.2f} ± {back[name].std(ddof=1):.2f} | {share:.2f} |",
        )
        if name == "64-64-10":
            assert back[name].min() > 3 * counted
        else:
            assert back[name].mean() == pytest.approx(counted, rel=0.1)
    assert len(np.unique(digits()[1])) == 10
    assert digits()[0][0].size == 64
    assert backward_cost.SIZES["784-512-10"] == tuple(shapes_and_notation.sizes["blog"])
    assert backward_cost.SIZES["784-512-256-10"] == (784, 512, 256, 10)
    says(
        "The sizes are 64-64-10 for our digits, 784-512-10 as in the opening, and 784-512-256-10. The times are "
        "medians of the ratios of 80 rounds with batches of 100 examples, mean and standard deviation over 5 runs, on"
        " one thread of a processor.",
        "In the two larger networks the clock comes within a tenth of the count.",
    )


def test_in_the_small_network_most_of_the_time_goes_to_other_work():
    """At the speed of the larger network its products would take a small part; and there are as many calls to
    make."""
    forward, whole, _ = (held.mean() for held in measured("64-64-10"))
    speed = COST["once"]["784-512-10"]["multiplications"]["forward"] / measured("784-512-10")[0].mean()
    assert COST["once"]["64-64-10"]["multiplications"]["backward"] / speed < (whole - forward) / 4
    calls = {}
    for name in NETWORKS:
        passes = backward_cost.passes(
            backward_cost.SIZES[name], *(np.random.default_rng(i) for i in range(2))
        )
        for kind, work in passes.items():
            work()
            made = []
            held = sys.getprofile()
            sys.setprofile(lambda frame, event, _, made=made: made.append(event))
            try:
                work()
            finally:
                sys.setprofile(held)
            calls[name, kind] = made.count("call") + made.count("c_call")
    small, large = (
        calls[name, "forward_and_backward"] / calls[name, "forward"] - 1
        for name in ("64-64-10", "784-512-10")
    )
    assert small == large > 2  # the same calls, whatever the sizes, and more than twice as many as forward
    x, y = np.ones((100, 64), np.float32), np.zeros(100, int)
    net = mlp([64, 64, 10], rng=np.random.default_rng(0))
    Counted.done = 0
    cross_entropy(net.forward(x).view(Counted), y)
    assert Counted.done == 0  # the count leaves it out
    says(
        "In the small one the products are done so quickly that other work weighs more: the loss, and more than "
        "twice as many calls of functions as on the way forward. The count leaves both out."
    )


def test_the_price_of_a_gradient_is_that_of_two_forward_passes():
    n = 784 * 512 + 512 + 512 * 10 + 10
    times = measured("784-512-10")[2]
    assert times.mean() == pytest.approx(2, abs=0.05)
    says(
        f"So a gradient of all {n:,} parameters takes about as long as two forward passes.",
    )
    assert round(np.mean(2 * n / times), -5) == 400_000
    says("Trying takes about four hundred thousand times as long.")
    says(
        "We have all slopes of a large network for the price of about two forward passes, from two rules: a product "
        "hands on the other factor, and an activation multiplies by its slope.",
    )
    share = 4 * 1000 * (784 + 512) / (4 * n)
    says(
        f"for a thousand examples the two-layer network keeps {share:.1f} times as much as its parameters take.",
    )


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_derived_from_the_record_is_what_its_seconds_give(name):
    assert COST["derived"] == backward_cost.DERIVED
    forward, whole, times = measured(name)
    n = COST["once"][name]["parameters"]
    derived = results.values("backward_cost")[name]
    wanted = {
        "forward_ms": 1000 * forward,
        "forward_and_backward_ms": 1000 * whole,
        "times_forward": times,
        "backward_over_forward": times - 1,
        "by_backward_seconds": whole,
        "by_trying_seconds": 2 * n * forward,
        "by_trying_minutes": 2 * n * forward / 60,
        "by_trying_hours": 2 * n * forward / 3600,
        "trying_over_backward": 2 * n / times,
    }
    assert wanted.keys() == derived.keys() - {
        "parameters",
        "multiplications",
        "bytes",
        "seconds",
        "kept_share",
    }
    for key, values in wanted.items():
        assert derived[key]["values"] == pytest.approx(values), key


def test_a_run_of_the_experiment_times_every_round_of_both_passes(monkeypatch):
    clock = iter(range(10**6))
    monkeypatch.setattr(backward_cost, "ROUNDS", 3)
    monkeypatch.setattr(backward_cost, "SIZES", {"4-3-2": (4, 3, 2), "5-3-2": (5, 3, 2)})
    monkeypatch.setattr(backward_cost.time, "perf_counter", lambda: float(next(clock)))
    order = []
    passes = backward_cost.passes

    def noted(sizes, *generators):
        kinds = passes(sizes, *generators)
        return {
            kind: lambda kind=kind, work=work: (order.append((sizes[0], kind)), work())
            for kind, work in kinds.items()
        }

    monkeypatch.setattr(backward_cost, "passes", noted)
    found = backward_cost.run(0)
    assert found == {
        name: {"seconds": {kind: [1.0] * 3 for kind in ("forward", "forward_and_backward")}}
        for name in ("4-3-2", "5-3-2")
    }
    rounds = [order[i : i + 4] for i in range(0, len(order), 4)]
    assert len(rounds) == 1 + 3
    assert all(
        sorted(held) == sorted(product((4, 5), ("forward", "forward_and_backward"))) for held in rounds
    )
    firsts = [held[0][1] for held in rounds[1:]]
    assert len({*firsts}) == 2  # neither kind is always first


# ---- the end ------------------------------------------------------------------------------------------------------


def test_the_works_that_tell_of_the_method_are_those_of_the_literature():
    works = dict(HOUSE.literature.good())
    assert works["rumelhart1986"]["year"] < works["goodfellow2016"]["year"] < works["baydin2018"]["year"]
    assert "back-propagating" in works["rumelhart1986"]["title"]
    assert "survey" in works["baydin2018"]["title"]
    names = [
        works[key]["authors"].replace(" and ", ", ").split(", ") for key in ("rumelhart1986", "baydin2018")
    ]
    assert [[person.split()[-1] for person in people][:3] for people in names] == [
        ["Rumelhart", "Hinton", "Williams"],
        ["Baydin", "Pearlmutter", "Radul"],
    ]
    says(
        "Rumelhart, Hinton and Williams made it known Rumelhart, Hinton & Williams 1986.",
        "Baydin and others tell its longer history Baydin et al. 2018, and Goodfellow and others derive it for "
        "general "
        "graphs Goodfellow, Bengio & Courville 2016.",
    )


def test_a_wrong_gradient_can_lower_the_loss_and_the_next_part_shows_one():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((30, 5)), np.arange(30) % 3
    net = mlp([5, 8, 3], rng=rng, dtype="float64")
    net.layers[1] = gradient_checking.ReLUFromOutput()
    losses = []
    for _ in range(50):
        loss, dlogits = cross_entropy(net.forward(x, training=True), y)
        net.backward(dlogits)
        theta = net.parameters()
        theta -= 0.1 * net.gradients()
        losses.append(loss)
    assert ">= 0" in inspect.getsource(gradient_checking.ReLUFromOutput.backward)
    assert losses[-1] < losses[0] * 0.9
    row = dict(HOUSE.literature.good())["numpytutorials2026"]
    since = re.search(r"relu2deriv reads the same in commit 479a803 of 26 November (\d{4})", row["where"])[1]
    assert row["year"] - int(since) > 1  # years
    assert HOUSE.order["gradient-checking"] == 6
    says(
        "A formula can be right and its line of code wrong: a transpose forgotten, a character too many. Would we "
        "notice?",
        "A wrong gradient can lower the loss, and a network that learns looks like a network that is right. Part 6 "
        "shows a wrong gradient that was looked at for years.",
    )


@claim("S4-52", "definition", "The derivation with its δ terms stands in another document.")
def test_the_derivation_stands_here():
    headings = re.findall(r"^## (.+?)(?: \{:.*)?$", TEXT, re.M)
    assert {"By hand, from the end to the start", "With letters, and with a batch"} <= {*headings}
    assert TEXT.count(r"\boldsymbol{\delta}^{(l)} &=") == 1
    holds("S4-52", "That document is missing; the derivation stands here.")


# ---- answers ------------------------------------------------------------------------------------------------------


def test_answer_the_slopes_of_both_paths_to_a_square_add_up():
    for x in (3.0, -1.5):
        assert 1 * x + 1 * x == pytest.approx(((x + 1e-6) ** 2 - (x - 1e-6) ** 2) / 2e-6)
    assert post.dthree == 6
    assert (post.three, post.arrives) == (3, 1)
    says(
        r"In the graph of $x \cdot x$ the multiplication gets the same value twice. What does its pattern hand "
        r"back to"
        r" $x$ in all, and does that agree with the slope of $x^2$?",
        "(Aim: 6 for $x = 3$, when 1 arrives. Hint: two paths lead from $x$ to the product.)",
        r"On each of the two paths comes $1 \cdot x$, and slopes on several paths add up. So it is $2x$, as it "
        r"should "
        r"be.",
    )


def test_answer_the_slope_of_tanh_is_one_minus_its_square():
    slopes = [
        4 / (math.exp(z) + math.exp(-z)) ** 2 for z in post.zs
    ]  # the quotient rule, before it is tidied
    assert post.by_hand == pytest.approx(slopes, abs=1e-15)
    layer = Tanh()
    layer.forward(post.zs[None], training=True)
    assert layer.backward(np.ones((1, 13)))[0] == pytest.approx(slopes, abs=1e-15)
    h = [(math.exp(z) - math.exp(-z)) / (math.exp(z) + math.exp(-z)) for z in post.zs]
    assert [1 - v**2 for v in h] == pytest.approx(slopes, abs=1e-15)
    says(
        "Derive the backward pass of tanh, $h = (e^z - e^{-z})/(e^z + e^{-z})$. Can it be computed from the output "
        "alone?",
        "(Hint: the quotient rule; then look for $h$ in the result.)",
        "The quotient rule gives the slope $1 - h^2$, so `dz = dh * (1 - h**2)`. The output is enough.",
    )


def test_answer_the_sum_needs_a_rate_divided_by_the_batch():
    assert post.dW1_summed == pytest.approx(4 * post.dW1_mean)
    X, Y = np.tile(post.X, (8, 1)), np.tile(post.Y, (8, 1))

    def steps(n, first=0):
        """How far one step goes with n examples: by the sum at rate 0.1 / 4, and by the mean at rate 0.1."""
        x, y = X[first : first + n], Y[first : first + n]
        logits, hs = post.forward(x, [post.W1, post.W2], [post.b1, post.b2])
        dWs, dbs = post.backward(1 / (1 + np.exp(-logits)) - y, hs, [post.W1, post.W2])
        length = np.linalg.norm(flat(*dWs, *dbs))
        return 0.1 / 4 * length, 0.1 * length / n

    assert steps(4)[0] == pytest.approx(steps(4)[1])
    assert steps(8)[0] / steps(4)[0] == pytest.approx(2)
    assert steps(8)[1] == pytest.approx(steps(4)[1])
    for first in range(3):
        by_sum, by_mean = steps(2, first)
        assert by_sum == pytest.approx(by_mean / 2)  # half of what the mean makes of the same two
    says(
        "A program sums the loss over batches of 4 and multiplies its gradient by 0.1/4 to get a step. You change the"
        " sum to a mean.",
        "Which factor makes the same steps? And if the last batch holds 2 examples, what was different about its step"
        " before?",
        "The gradient is now 4 times as short, so the factor is 0.1. With the sum, two examples made a step about "
        "half "
        "as long as four. With the mean, each batch makes a step of about the same length.",
    )


def test_answer_leaky_relu_may_look_at_its_output():
    assert post.from_input.tolist() == post.from_output.tolist() == [0.1, 0.1, 1, 1]
    layer = LeakyReLU(0.1)
    assert layer.forward(post.four[None], training=True)[0] == pytest.approx(post.leaky)
    assert layer.backward(np.ones((1, 4)))[0].tolist() == post.from_input.tolist()
    for z in (-3.0, -0.2, 0.2, 3.0):
        y = z if z > 0 else 0.1 * z
        assert (y > 0) == (z > 0)
        rises = [(v if v > 0 else 0.1 * v) for v in (z + 1e-6, z - 1e-6)]
        assert (rises[0] - rises[1]) / 2e-6 == pytest.approx(1 if z > 0 else 0.1)
    says(
        "The leaky ReLU is $z$ for $z > 0$ and $0.1 z$ elsewhere. What is its backward pass, and may it look at the "
        "output instead of the input?",
        "(Hint: what sign has the output?)",
        "The slope is 1 or 0.1. As both slopes are positive, the output has the sign of the input, so `y > 0` says "
        "the "
        "same as `z > 0`.",
    )


# ---- the drawings -------------------------------------------------------------------------------------------------


def written(text):
    return float(text.replace("−", "-").lstrip("× "))


def drawing(draw):
    """The panel of a drawing, in the light scheme and for a wide page; its boxes, texts and edges."""
    axes = draw(VALUES, COLOURS).axes[0]
    boxes = [(p.get_x() + p.get_width() / 2, p.get_y() + p.get_height() / 2, p) for p in axes.patches]
    return axes, boxes, [(*text.get_position(), text) for text in axes.texts]


def within(box, texts):
    """The numbers in a box, from top to bottom, and whether each is bold."""
    x, y, patch = box
    top = y + patch.get_height() / 2 - 0.01
    held = [(-b, t) for a, b, t in texts if abs(a - x) < 0.01 and y - 0.3 < b < top]
    return [
        (written(t.get_text()), t.get_weight() == "bold") for _, t in sorted(held, key=lambda pair: pair[0])
    ]


def test_the_coloured_path_of_the_picture_is_that_of_the_first_weight():
    axes, boxes, texts = drawing(drawn.draw_graph)
    edges = [line.get_xydata() for line in axes.lines if line.get_color() == COLOURS.signal]
    edges.sort(key=lambda edge: (edge[0, 0], -edge[0, 1]))
    assert len(edges) == 5
    assert all((a[1] == b[0]).all() for a, b in pairwise(edges))  # a path
    signal = list(bytes.fromhex(COLOURS.signal[1:]))
    coloured = [
        within(box, texts)[0][0]
        for box in boxes
        if [round(255 * v) for v in box[2].get_edgecolor()[:3]] == signal
    ]
    z = float(SUMS[0])
    assert coloured == [round(v, 4) for v in (z, z, float(LOGIT), P, -math.log(P))]
    assert len(boxes) == 3 + 2 + 2 + 3
    (bold,) = [text.get_text() for *_, text in texts if text.get_weight() == "bold"]
    assert written(bold) == W1[0][0]
    moved = [
        EMAIL[0] * F(1, 100) * w for w in (1, 0)
    ]  # of the two sums, when the first weight moves a little
    assert [bool(v) for v in moved] == [True, False]
    says(
        f"The email network as boxes. The edge from the first feature, with the weight {float(W1[0][0])}, is "
        f"coloured, "
        f"and so are the boxes behind it: {z:.2f}, {z:.2f}, the logit {float(LOGIT):.3f}, p {P:.4f}, and the loss "
        f"{-math.log(P):.4f}.",
    )
    assert all(start[0] < end[0] or (start[0] == end[0] and start[1] > end[1]) for start, end in edges)
    says(
        "The loss of the email, computed from left to right (on a phone, from top to bottom). Each box holds a "
        "value.",
        "Turn the first weight a little, and the change travels along the coloured path; nothing else in the picture "
        "moves.",
    )


def test_the_boxes_of_the_operations_hold_what_each_sends_back():
    _, boxes, texts = drawing(drawn.draw_gates)
    titles = [t.get_text() for *_, t in texts if t.get_text() in ("add", "multiply", "max")]
    assert titles == ["add", "multiply", "max"]
    assert len(boxes) == 3 * 3
    for n, title in enumerate(titles):
        (a, da), (b, db), (result, arrives) = (within(box, texts) for box in boxes[3 * n : 3 * n + 3])
        assert [bold for _, bold in (a, da, b, db, result, arrives)] == [
            False,
            True,
        ] * 3  # values above slopes
        a, b, da, db, result, arrives = (v for v, _ in (a, b, da, db, result, arrives))
        assert a < b
        operation, gets = {
            "add": (a + b, (arrives, arrives)),
            "multiply": (a * b, (arrives * b, arrives * a)),
            "max": (b, (0, arrives)),
        }[title]
        assert (result, (da, db)) == (operation, gets)
    factors = [written(t.get_text()) for *_, t in texts if t.get_text().startswith("×")]
    assert factors == [1, 1, 4, 3, 0, 1]
    says(
        "Three boxes with two inputs each; values stand above slopes. Add hands the slope that comes back to both "
        "inputs unchanged.",
        "Multiply gives each input the slope times the other's value. Max gives all to the larger input and 0 to the "
        "other.",
        "What single operations send back. Above, the values on the way forward; below, bold, the slope of the loss "
        "in each of them.",
        "On the edges stands what multiplies the slope. Add copies, multiply swaps the values, max chooses.",
    )


def test_the_picture_of_the_slopes_holds_those_of_the_walk():
    axes, boxes, texts = drawing(drawn.draw_flow)
    held = [within(box, texts) for box in boxes if len(within(box, texts)) == 2]
    assert all([bold for _, bold in pair] == [False, True] for pair in held)
    d = P - 1
    z, h = [float(v) for v in SUMS], [float(max(F(0), v)) for v in SUMS]
    wanted = [
        *((z[j], [float(W2[0]) * d, 0][j]) for j in range(2)),
        *((h[j], float(W2[j]) * d) for j in range(2)),
        (float(LOGIT), d),
        (P, -1 / P),
        (-math.log(P), 1),
    ]
    found = sorted(tuple(v for v, _ in pair) for pair in held)
    assert found == [pytest.approx(pair, abs=5e-5) for pair in sorted(wanted)]
    spots = {(x, y) for x, y, _ in boxes}
    starts = [tuple(line.get_xydata()[0]) for line in axes.lines]
    assert sum(start not in spots for start in starts) == len(B1) + 1  # the biases
    dashed = [line for line in axes.lines if line.is_dashed()]
    assert len(dashed) == sum(slope(paths(name)[0]) == 0 for name in PARAMETERS) == 5
    assert {t.get_text() for *_, t in texts if t.get_text() in ("× 0", "× 1")} == {"× 0", "× 1"}
    says(
        f"The same network with slopes. The loss has 1, p {minus(-1 / P)}, the logit {minus(d)}; of the hidden "
        f"neurons "
        f"only the first passes on {minus(float(W2[0]) * d)}, and the first weight gets "
        f"{minus(float(EMAIL[0] * W2[0]) * d)}.",
    )
    assert (h[1], post.dz[0, 1]) == (0, 0)
    says(
        "Read forward for the values (above), backward for the slope of the loss in each of them (below, bold). Edges"
        " without a start are biases.",
        "Dashed edges get no gradient. The ReLU of the second neuron sent 0 forward, so its output weight gets 0, "
        "and on the way "
        "back this ReLU multiplies what comes by 0.",
    )
