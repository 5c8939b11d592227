"""The checks, by breaking what they check; the wrong gradient, by measuring what it does to training."""

import inspect
import json
import math
import re
import time
from fractions import Fraction as F
from itertools import pairwise, product
from types import SimpleNamespace

import numpy as np
import pytest

from experiments import gradient_check, results, silent_bug
from experiments.measure import generators, train_on_digits
from experiments.silent_bug import compared
from figures import gradient_check as drawn_check
from figures import silent_bug as drawn_bug
from figures.style import SCHEMES
from scratchmlp.gradcheck import RIGHT, STEP, NoDerivative, check_layer, check_network
from scratchmlp.layers import Dense, Layer, ReLU
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network, mlp
from sitetools import ROOT
from sitetools.house import read
from snippets import backpropagation
from snippets import gradient_checking as post
from tests.claims import claim, holds
from tests.reading import Reader

says = Reader("gradient-checking")
CURVES, BUG = results.values("gradient_check"), results.values("silent_bug")
RECORDED = json.loads((ROOT / "snippets" / "out" / "gradient_checking.json").read_text("utf-8"))["values"]


def share(values, digits=1):
    """The mean of recorded values and their standard deviation, each as a percentage."""
    return f"{np.mean(values):.{digits}%}", f"{np.std(values, ddof=1):.{digits}%}"


def standard_error(values):
    """That of the mean of recorded values."""
    return np.std(values, ddof=1) / math.sqrt(len(values))


def power(value):
    """A number as a formula writes it, with a power of ten."""
    mantissa, exponent = f"{value:.1e}".split("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"


def by_seed(curve):
    """A recorded curve, which lists the seeds of each epoch, as a list of epochs for each seed."""
    return [list(losses) for losses in zip(*curve, strict=True)]


def naive_loss(x, labels, Ws, bs):
    """The mean cross-entropy of a ReLU network, number by number."""
    total = 0.0
    for row, label in zip(x, labels, strict=True):
        h = list(row)
        for n, (W, b) in enumerate(zip(Ws, bs, strict=True)):
            z = [sum(h[i] * W[i][j] for i in range(len(h))) + b[j] for j in range(len(b))]
            h = z if n == len(Ws) - 1 else [max(0.0, v) for v in z]
        total += math.log(sum(math.exp(v) for v in h)) - h[label]
    return total / len(x)


# ---- two curves ---------------------------------------------------------------------------------------------------


def test_the_two_programs_differ_in_one_character():
    right, wrong = (
        re.search(r"return (dy \* \(y \S+ 0\))", inspect.getsource(kind.backward))[1]
        for kind in (ReLU, post.ReLUFromOutput)
    )
    assert (right, wrong) == ("dy * (y > 0)", "dy * (y >= 0)")
    says(
        "Between their programs a single character differs,",
        "The line that differs is in the ReLU, whose backward pass lets a slope through where the output is "
        "positive.",
        "Write `>=` instead of `>`, and it lets every slope through, because the output of $\\max(0, z)$ is never "
        "negative and the comparison is always true.",
    )
    y = np.maximum(0, np.random.default_rng(13).standard_normal(1000))
    assert (y >= 0).all()
    assert not (y > 0).all()


def test_the_two_networks_start_alike_and_the_wrong_gradient_is_wrong_in_every_step(monkeypatch):
    started, off = [], []
    backward = silent_bug.ReLUFromOutput.backward

    def watched(self, dy):
        y = self._kept
        found = backward(self, dy)
        off.append(np.abs(found - dy * (y > 0)).max())
        return found

    def noted(net, x, y, rng, history):
        started.append((net.parameters().copy(), x.copy(), y.copy(), rng.bit_generator.state))
        return train(net, x, y, rng, history)

    train = silent_bug.train_on_digits
    monkeypatch.setattr(silent_bug.ReLUFromOutput, "backward", watched)
    monkeypatch.setattr(silent_bug, "train_on_digits", noted)
    for kind in silent_bug.KINDS:
        silent_bug.train(1, kind, 0)
    right, wrong = started
    assert all((a == b).all() for a, b in zip(right[:3], wrong[:3], strict=True))
    assert right[3] == wrong[3]
    assert len(off) == 20 * math.ceil(1297 / 32)
    assert min(off) > 0
    says(
        "They have the same images, the same first weights and the same settings: 64 hidden units, a learning rate "
        "of "
        "0.05, batches of 32, and 20 epochs, which are passes over all training images.",
        "because of it one of the two computes a wrong gradient in every step.",
    )


def test_the_accuracies_of_both_curves():
    right, wrong = (BUG["depth1"][kind]["test"]["values"] for kind in silent_bug.KINDS)
    (a, sd_a), (b, sd_b) = share(right), share(wrong)
    says(
        f"On new images A gets {a} ± {sd_a} right and B {b} ± {sd_b} (mean and standard deviation over {len(right)} "
        f"seeds)."
    )
    for kind in silent_bug.KINDS:
        curves = np.array(by_seed(BUG["depth1"][kind]["curve"]))
        assert (np.diff(curves.mean(axis=0)) < 0).all()
        assert (
            np.diff(curves).max() < curves.max() / 50
        )  # a single seed rises by less than a fiftieth of the height
    says("Both curves fall, and both are smooth.")
    points = [100 * (a - b) for a, b in zip(right, wrong, strict=True)]
    assert abs(np.mean(points)) < standard_error(points)
    says(
        f"The test accuracies differ by {np.mean(points):.1f} points with a standard error of "
        f"{standard_error(points):.1f}, so these runs show no difference.",
        "(In the NumPy tutorial the same character cost points. Its data, its loss, its learning rate and its "
        "dropout are "
        "not ours, and it takes one image at a time. Which of these matters, we did not measure.)",
    )
    theirs, ours = map(inspect.getsource, (silent_bug.tutorial_training, train_on_digits))
    for word in ("error = y - h @ W2", "0.005 *", "kept = rng", "for x, y in zip"):
        assert word in theirs  # squared error, its rate, dropout, image by image
    for word in ("cross_entropy", "SGD(0.05", "batch_size=32"):
        assert word in ours
    assert "train_on_digits(" in inspect.getsource(silent_bug.train)
    assert BUG["tutorial"]["one_character"]["mean"] > BUG["tutorial"]["as_it_is"]["mean"]


def test_what_we_only_announce_ask_or_advise():
    says.only(
        "Two networks learn to read digits.",
        "Which one is it?",
        "With both before you, you may have an opinion. With only one of them, would you have looked for a mistake "
        "at "
        "all?",
        "Is one part in ten million a good limit? To answer that we have to know how good a difference can be.",
        "Two errors pull in opposite directions.",
        "That happens more often than one would think:",
        "So when a check of a ReLU network fails, add noise to the input, much larger than the step, before you "
        "suspect the algebra. ",
        "Two witnesses who have not talked to each other are better than one.",
        "and its authors know NumPy better than we do.",
        "We come to it below.",
        "When are two such gradients equal?",
        "And here is what PyTorch says, written down once in our tests and compared:",
        "Back to the two curves.",
        "Why does it learn at all?",
        "Differences ask the loss. We can also ask another program.",
        "How much did that cost?",
        "Where that comes from, and which functions cause it, is the subject of part 7.",
        "which nobody notices who has nothing to compare it with.",
        "What does this not show? How large the damage is elsewhere. The depths were compared on one small data "
        "set at "
        "one learning rate, and other rates might rescue the deep networks.",
        "The habit is cheap. Whenever you write a backward pass, write its check in the same minute.",
        because="they say what comes, what is asked, what is advised, or how sure we are",
    )


# ---- asking the loss ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["forward", "backward"])
def test_the_passes_are_those_of_the_part_before(name):
    sources = [inspect.getsource(getattr(module, name)) for module in (post, backpropagation)]
    assert sources[0] == sources[1]
    assert list(read(ROOT).posts).index("backpropagation") < list(read(ROOT).posts).index("gradient-checking")
    says(
        "Its functions `forward` and `backward` are those of part 5, and `cross_entropy` gives the loss and its "
        "gradient in the logits:",
        "The backward pass of part 5.",
    )


@claim("S4-122", "confirmed", "Debugging: verify that gradients flow properly.")
def test_differences_find_the_slope_of_a_cube_and_put_the_array_back():
    v = np.array([[1.0, -2.0], [0.5, 3.0]])
    kept = v.copy()
    assert post.slopes(lambda: float((v**3).sum()), v) == pytest.approx(3 * kept**2, rel=1e-8)
    assert (v == kept).all()
    holds("S4-122", "Compare them with central differences,")
    says(
        "The gradient says by how much the loss changes when a parameter moves. Whether that is true can be asked "
        "of the "
        "loss itself: move the parameter a little up, a little down, and divide the difference of the two losses "
        "by the "
        "distance.",
        "The slope between two points on either side is called a central difference.",
        "To compare a gradient with such differences is called a gradient check.",
    )


def test_a_check_takes_two_passes_for_each_parameter_and_nothing_of_the_backward_pass(monkeypatch):
    calls = []
    v = np.ones((3, 4))
    post.slopes(lambda: calls.append(v.copy()) or 0.0, v, step=0.5)
    assert len(calls) == 2 * v.size
    assert all(np.count_nonzero(moved != 1) == 1 for moved in calls)

    def broken(*arguments):
        raise AssertionError("the backward pass was called")

    monkeypatch.setattr(post, "backward", broken)
    assert list(inspect.signature(post.slopes).parameters) == ["loss", "v", "step"]
    found = post.slopes(post.mean_loss, post.Ws[0])
    assert found == pytest.approx(post.dWs6[0], abs=1e-7)
    says(
        "It is slow, as it takes two forward passes for each parameter. But it uses nothing from the backward "
        "pass, so a "
        "mistake there cannot hide in it.",
        "We did that for one weight of the email network. Now let us do it for every number of an array `v` that the "
        "loss depends on, changed in place and put back:",
        "it knows nothing of our algebra,",
        "Two forward passes for each parameter are too many for a large network.",
    )
    assert inspect.getsource(backpropagation).count("[start:nudge]") == 1


def test_the_test_has_a_dozen_lines_and_finds_the_character_within_a_second():
    code = [
        line
        for function in (post.slopes, post.relative_error)
        for line in inspect.getsource(function).replace(f'    """{function.__doc__}"""\n', "").splitlines()
        if line.strip()
    ]
    assert len(code) == 12
    start = time.perf_counter()
    assert check_layer(post.ReLUFromOutput(), post.x6, rng=np.random.default_rng(2)) > 0.1
    assert time.perf_counter() - start < 1
    says(
        "It takes a dozen lines,",
        "it would have found that character within a second, before any training.",
        "A test of a dozen lines that judges a gradient, the step size at which it sees best, and a wrong gradient "
        "that "
        "its loss curve does not show.",
        "Trust no gradient: check it",
        "# Trust no gradient: check it",
        "A wrong gradient that learns all the same, the test that finds it before any training, and what that test "
        "can "
        "and cannot see.",
    )


def test_the_measure_is_one_where_a_slope_is_off_by_the_steepest_and_no_scale_changes_it():
    right = np.array([0.5, -2.0, 1.0])
    wrong = np.array([0.5, -2.0, 3.0])
    assert post.relative_error(wrong, right) == 1
    assert post.relative_error(right, right) == 0
    assert post.relative_error(1024 * wrong, 1024 * right) == 1
    for dv, v in zip([*post.dWs6, *post.dbs6], [*post.Ws, *post.bs], strict=True):
        found = post.slopes(post.mean_loss, v)
        assert not (dv == found).all()
        largest = max(abs(a - b) for a, b in zip(dv.flat, found.flat, strict=True))
        assert post.relative_error(dv, found) == largest / max(abs(b) for b in found.flat) > 0
    says(
        "Hardly ever to the last digit, so we need a measure. We take the largest difference between them and "
        "divide it "
        "by the steepest slope. A result of 1 means that some slope is off by as much as the steepest slope "
        "itself. If "
        "the loss were a thousand times as large, the result would be the same.",
    )


def test_all_six_gradients_of_the_network_under_test_pass():
    Ws, bs = ([v.tolist() for v in arrays] for arrays in (post.Ws, post.bs))
    assert post.mean_loss() == pytest.approx(naive_loss(post.x6, post.labels, Ws, bs), rel=1e-12)
    for layer, (i, j) in ((0, (0, 1)), (1, (2, 3)), (2, (1, 0))):
        around = []
        for move in (1e-6, -1e-6):
            moved = [[row[:] for row in W] for W in Ws]
            moved[layer][i][j] += move
            around.append(naive_loss(post.x6, post.labels, moved, bs))
        assert post.dWs6[layer][i, j] == pytest.approx((around[0] - around[1]) / 2e-6, abs=1e-8)
    errors = [
        post.relative_error(dv, post.slopes(post.mean_loss, v))
        for v, dv in zip([*post.Ws, *post.bs], [*post.dWs6, *post.dbs6], strict=True)
    ]
    assert len(errors) == 6
    assert max(errors) < 1 / 10_000_000
    says("All six gradients pass.")


def test_a_forgotten_transpose_is_an_error_in_every_layer():
    source = inspect.getsource(post.backward)
    for transposed, forgotten in (("h.T @ dz", "h @ dz"), ("W.T", "W")):
        assert source.count(transposed) == 1
        broken = dict(vars(post))
        exec(source.replace(transposed, forgotten), broken)
        with pytest.raises(ValueError, match="matmul"):
            broken["backward"](np.ones((6, 3)), post.hs6, post.Ws)
    assert len(post.Ws) == 3
    assert all(W.shape[0] != W.shape[1] for W in post.Ws)
    says(
        "The network under test has three layers, and none of its matrices is square, so that no forgotten transpose "
        "can hide.",
    )


@claim("S4-122", "confirmed")
def test_the_check_of_the_text_fails_when_one_weight_has_a_wrong_gradient():
    for dW, W in zip(post.dWs6, post.Ws, strict=True):
        right = post.slopes(post.mean_loss, W)
        wrong = dW.copy()
        wrong[1, 1] += 0.01 * np.abs(dW).max()
        assert post.relative_error(dW, right) < 1e-7 < 1e-3 < post.relative_error(wrong, right)
    holds("S4-122", "Compare them with central differences,")
    says("We have a test that judges a gradient by the loss itself.", "This part builds a test that does.")


# ---- the step -----------------------------------------------------------------------------------------------------


def means(curve):
    """The steps of a recorded curve, and the geometric mean of the raw errors over the seeds for each."""
    steps = [10**e for e in curve["exponents"]]
    return np.array(steps), np.array([math.exp(np.mean(np.log(row))) for row in curve["error"]])


def fall(curve, low, high):
    """The slope of a recorded curve between two steps, on logarithmic axes."""
    steps, errors = np.log10(means(curve))
    inside = (steps >= low) & (steps <= high)
    return np.polyfit(steps[inside], errors[inside], 1)[0]


def test_rounding_falls_as_one_over_the_step_and_truncation_rises_as_its_square():
    assert fall(CURVES["tanh64"], -12, -6) == pytest.approx(-1, abs=0.05)
    assert fall(CURVES["tanh64"], -4, -1.5) == pytest.approx(2, abs=0.05)
    assert fall(CURVES["tanh32"], -5, -2.5) == pytest.approx(-1, abs=0.1)
    says(
        "One would think that the smaller the step, the better the slope. Try it, and the error falls at first, as "
        "expected, and then it grows again. The figure shows it for networks of the sizes 64-8-10. The error in it "
        "is the difference from the backward pass of our package, which a second witness confirms below.",
        "Two errors pull in opposite directions. The loss is curved, and over a large step the line through two "
        "points "
        "no longer has the slope of the middle.",
    )


def test_the_two_errors_of_a_central_difference_are_those_of_the_formula():
    says.formula(
        "eq-errors",
        r"\frac{s^2}{6}\,\left|\frac{\partial^3 \ell}{\partial w^3}\right| + \frac{\varepsilon\,|\ell|}{s}",
    )
    epsilon = np.nextafter(1, 2) - 1
    assert np.finfo(np.float64).eps == epsilon
    w, third = 0.7, math.exp(0.7)  # of exp, every derivative is exp

    def off(s):
        return abs((math.exp(w + s) - math.exp(w - s)) / (2 * s) - math.exp(w))

    for s in (1e-1, 1e-2, 1e-3):
        assert off(s) == pytest.approx(s**2 / 6 * third, rel=0.01)
    for s in (1e-8, 1e-10, 1e-12):  # rounding hits or misses, so over many weights
        errors = [
            abs((math.exp(v + s) - math.exp(v - s)) / (2 * s) - math.exp(v)) / (epsilon * math.exp(v) / s)
            for v in np.linspace(0.5, 1.5, 300)
        ]
        assert 0.1 < np.mean(errors) < 1
    above, below = math.exp(w + 1e-12), math.exp(w - 1e-12)
    assert 0 < above / below - 1 < 1e-11
    steps = 10 ** np.linspace(-9, -1, 4000)
    for loss, slope3 in ((1.0, 3.0), (2.0, 0.5), (0.1, 4.0)):
        best = steps[np.argmin(steps**2 / 6 * slope3 + epsilon * loss / steps)]
        assert best == pytest.approx((3 * loss / slope3) ** (1 / 3) * epsilon ** (1 / 3), rel=0.01)
    for v in map(
        float, np.linspace(0.5, 1.5, 50)
    ):  # what is stored is off by at most half of that, times its size
        assert abs(F(float(np.float32(v))) - F(v)) <= F(float(np.finfo(np.float32).eps)) * F(v)
    says(
        "A small step compares two losses that agree in nearly all their digits. Each of them is rounded, so it "
        "may be "
        r"off by about $\varepsilon$ times its size, where $\varepsilon$ is the distance from 1 to the next larger "
        "float. Their difference may be off by twice as much, and the check divides it by $2s$. So a small $s$ "
        "makes this error, rounding, large. For a weight $w$ and a step $s$ the two errors are together about",
        r"The first shrinks with the step and the second grows, so there is a best step between. It lies about where "
        r"the two are equal: to one side of it the first error rules, to the other side the second, and both grow as "
        r"one goes away. They are about equal where $s^3$ is near $\varepsilon$, so the sum is smallest near $s = "
        r"\varepsilon^{1/3}$, up to a "
        r"factor that the loss decides.",
    )


def test_the_central_difference_of_a_cube_is_too_large_by_the_square_of_the_step():
    for w, s in product([F(7, 10), F(-2), F(0)], [F(1, 10), F(3)]):
        assert (w + s) ** 3 - (w - s) ** 3 == 6 * w**2 * s + 2 * s**3
        assert ((w + s) ** 3 - (w - s) ** 3) / (2 * s) == 3 * w**2 + s**2
    w, s = 1.3, 1e-4
    assert ((w + s) ** 3 - (w - s) ** 3) / (2 * s) == pytest.approx(3 * w**2 + s**2 / 6 * 6, abs=1e-11)
    says(
        "Take $w^3$ as the smallest example. Its slope is $3w^2$, but $(w + s)^3$ and $(w - s)^3$ differ by $6w^2 "
        "s + "
        "2s^3$, and divided by $2s$ that is $3w^2 + s^2$: too much by $s^2$. This error is called truncation. For "
        "other "
        "smooth losses it is about $s^2/6$ times the third derivative, which for $w^3$ is 6.",
    )


def test_the_best_step_is_near_the_third_root_of_epsilon():
    rule = {}
    for curve, kind in (("tanh64", np.float64), ("tanh32", np.float32)):
        rule[curve] = float(np.nextafter(kind(1), kind(2)) - kind(1)) ** (1 / 3)
        steps, errors = means(CURVES[curve])
        assert rule[curve] / 10 < steps[np.argmin(errors)] < rule[curve] * 10
    says(f"That is ${power(rule['tanh64'])}$ in float64 and ${power(rule['tanh32'])}$ in float32.")


@claim("S4-122", "confirmed")
def test_float32_is_too_coarse_for_a_check():
    steps, errors = means(CURVES["tanh64"])
    best, at_ours = np.argmin(errors), np.argmin(abs(steps - STEP))
    coarse = means(CURVES["tanh32"])[1].min()
    assert STEP == 1e-6 == steps[at_ours] < steps[best]
    assert inspect.signature(post.slopes).parameters["step"].default == 1e-6
    assert coarse > 1e5 * errors[best]
    for curve in ("tanh64", "relu64"):
        assert max(CURVES[curve]["error"][at_ours]) < 1e-7 / 10
    assert gradient_check.CURVES["tanh64"] == ("Tanh", "float64")
    assert gradient_check.CURVES["tanh32"] == ("Tanh", "float32")
    assert mlp([2, 3, 2], rng=np.random.default_rng(0)).dtype == np.float32
    says(
        f"A number in float64 keeps about 16 digits, one in float32 about 7. We measured both, on networks with "
        f"the smooth tanh in place of the ReLU. In float64 the best step was "
        f"${power(steps[best])}$, with an error of ${power(errors[best])}$. In float32 no step did better than "
        f"${power(coarse)}$, too coarse to tell a small mistake from rounding. So check in float64, even if the "
        f"network is then trained in float32, as ours are.",
        f"Our step is $10^{{-6}}$, smaller than the best one. The error there is ${power(errors[at_ours])}$.",
    )
    (limit,) = re.findall(r"slopes\(mean_loss, v\)\) < (.+?)\)", inspect.getsource(post))
    assert float(limit) == 1 / 10_000_000
    says(
        "So one part in ten million is a good limit here. The right gradients stay more than ten times below it, "
        "those of the ReLU networks too, and the mistakes that come below are off by more than four tenths. And the "
        "smaller step has an advantage "
        "that we "
        "come "
        "to now.",
    )
    holds("S4-122", "in float64 and away from kinks;")


# ---- false alarms -------------------------------------------------------------------------------------------------


def test_a_difference_across_the_corner_gives_a_slope_that_neither_side_has():
    s = 1e-6
    for z in (-0.9e-6, -1e-7, 3e-7, 0.99e-6):
        assert 0 < (max(0, z + s) - max(0, z - s)) / (2 * s) < 1
    for z, slope in ((-2e-6, 0), (2e-6, 1)):
        assert (max(0, z + s) - max(0, z - s)) / (2 * s) == pytest.approx(slope)
    says(
        "The ReLU has a corner at 0. If a sum lies so close to it that the step reaches across, the central "
        "difference "
        "takes one point from each side and finds a slope between 0 and 1, which neither side has.",
    )


def across(seed, step):
    """For one recorded ReLU network, the error at its worst parameter, and how many sums this step takes across 0."""
    for_examples, for_weights, for_noise = generators(seed, 3)
    images, labels = gradient_check.pixels()
    chosen = for_examples.choice(len(images), 20, replace=False)
    x = images[chosen].reshape(20, 64) + gradient_check.NOISE * for_noise.standard_normal((20, 64))
    net = mlp([64, 8, 10], rng=for_weights, dtype=np.float64)
    net.backward(cross_entropy(net.forward(x, training=True), labels[chosen])[1])
    theta, dtheta = net.parameters(), net.gradients().copy()
    sides = []
    errors = np.empty(theta.size)
    for i, kept in enumerate(theta.copy()):
        losses, signs = [], []
        for theta[i] in (kept + step, kept - step):
            signs.append(x @ net.layers[0].params["W"] + net.layers[0].params["b"] > 0)
            losses.append(cross_entropy(net.forward(x), labels[chosen])[0])
        theta[i] = kept
        sides.append((signs[0] != signs[1]).sum())
        errors[i] = abs((losses[0] - losses[1]) / (2 * step) - dtheta[i])
    worst = errors.argmax()
    return errors[worst] / abs(dtheta).max(), sides[worst], sum(sides)


def test_the_networks_that_leave_the_valley_on_the_right_are_those_with_a_corner_in_reach():
    relu, smooth = CURVES["relu64"], CURVES["tanh64"]
    assert relu["exponents"] == smooth["exponents"]
    at = relu["exponents"].index(-4.0)
    left = [seed for seed, error in enumerate(relu["error"][at]) if error > 100 * max(smooth["error"][at])]
    assert 0 < len(left) < 10
    total = {1e-4: 0, 1e-6: 0}
    for seed in range(10):
        error, crossed, everywhere = across(seed, 1e-4)
        assert error == pytest.approx(relu["error"][at][seed], rel=0.01 if seed in left else 1)
        assert (crossed > 0) == (seed in left)
        total[1e-4] += everywhere
        total[1e-6] += across(seed, 1e-6)[2]
    assert total[1e-6] < total[1e-4]
    below = [i for i, e in enumerate(relu["exponents"]) if -10 <= e <= -6]
    assert all(max(relu["error"][i]) < 10 * max(smooth["error"][i]) for i in below)
    says(
        "The ReLU networks that leave the valley on the right of the figure are such cases, and a smaller step makes "
        "them rarer.",
    )


def test_a_blank_example_with_biases_of_0_lies_on_the_corner_whatever_the_step():
    net = mlp([4, 5, 6, 3], rng=np.random.default_rng(10), dtype="float64")
    sums, x = [], np.zeros((1, 4))
    for layer in net.layers:
        x = layer.forward(x)
        sums += [x] if isinstance(layer, Dense) else []
    assert len(sums) == 3
    assert not any(z.any() for z in sums)
    relu = ReLU()
    relu.forward(np.zeros(1), training=True)
    assert relu.backward(np.ones(1)) == 0
    for s in (1e-1, 1e-6, 1e-12):
        assert (np.maximum(0, s) - np.maximum(0, -s)) / (2 * s) == 0.5
    says(
        "No step helps when a sum is exactly 0.",
        "take an example of zeros only and biases of 0, as they are before training. Then every sum is 0, and our "
        "slope "
        "there is 0. When the bias moves, the difference says one half.",
    )


@claim("S4-122", "confirmed")
def test_the_kink_of_a_blank_example_is_a_false_alarm_and_noise_removes_it():
    net = mlp([4, 5, 3], rng=np.random.default_rng(10), dtype="float64")
    x, labels = np.zeros((2, 4)), np.array([0, 1])
    with pytest.raises(NoDerivative) as caught:
        check_network(net, x, labels, loss=cross_entropy, rng=np.random.default_rng(0))
    assert caught.value.error > 0.1
    x = 0.1 * np.random.default_rng(11).standard_normal((2, 4))
    assert check_network(net, x, labels, loss=cross_entropy, rng=np.random.default_rng(0)) < 1e-6
    holds("S4-122", "and away from kinks;")
    says("A check can also cry wolf.", "It cries wolf at corners,")


def test_false_alarms_come_from_blank_patches_and_go_with_noise():
    kinks, alarm = CURVES["kinks"], 1e-5
    found = {name: sum(error > alarm for error in kinks[name]["error"]["values"]) for name in kinks}
    images, _ = gradient_check.pixels()
    assert images.any(axis=(1, 2)).all()
    blank = np.mean(
        [not images[n, i : i + 3, j : j + 3].any() for n in range(1797) for i in range(6) for j in range(6)]
    )
    worst = max(kinks["patches"]["error"]["values"])
    says(
        f"Whole images of digits are never blank. But {blank:.1%} of their patches of 3×3 pixels are, and later "
        f"parts "
        f"feed such patches to a network. With all patches of ten images, {found['patches']} of "
        f"{len(kinks['patches']['error']['values'])} networks raised the alarm, with relative errors up to "
        f"{worst:.2f}. "
        f"With the whole images the number of alarms was {found['images']}. A little noise on the patches moves "
        f"the sums off the "
        f"corner, "
        f"and then it is {found['patches_jittered']} too.",
    )
    noisy = np.random.default_rng(3).standard_normal((10, 9))
    mistake = check_layer(post.ReLUFromOutput(), noisy, rng=np.random.default_rng(4))
    assert worst > 0.4
    assert mistake > 0.4
    says(
        "The alarm was as large as a real mistake, so its size does not tell the two apart. But a false alarm goes "
        "with "
        "the noise, and a mistake stays."
    )
    assert [found[name] for name in ("images", "images_jittered", "patches_jittered")] == [0, 0, 0]


def test_one_false_alarm_comes_out_live_and_goes_with_the_blank_patches():
    assert gradient_check.false_alarm("patches", 0.0, 0) > 0.1
    assert gradient_check.false_alarm("patches", 0.1, 0) < 1e-5
    for_examples, for_weights, for_noise = generators(0, 3)
    images, labels = gradient_check.pixels()
    chosen = for_examples.choice(len(images), 10, replace=False)
    x, y = gradient_check.patches((images[chosen], labels[chosen]))
    assert x.shape == (360, 9)
    some = x.any(axis=1)
    assert not some.all()
    net = mlp([9, 16, 10], rng=for_weights, dtype=np.float64)
    assert check_network(net, x[some], y[some], loss=cross_entropy, rng=for_noise) < 1e-5


# ---- directions ---------------------------------------------------------------------------------------------------


def test_the_slope_along_a_direction_is_the_gradient_times_it():
    arrays, gradients = [*post.Ws, *post.bs], [*post.dWs6, *post.dbs6]
    u = [np.random.default_rng(20 + i).standard_normal(v.shape) for i, v in enumerate(arrays)]
    length = math.sqrt(sum((part**2).sum() for part in u))
    u = [part / length for part in u]
    losses = []
    for move in (1e-6, -1e-6):
        Ws, bs = (
            [(v + move * part).tolist() for v, part in zip(arrays, u, strict=True)][i : i + 3] for i in (0, 3)
        )
        losses.append(naive_loss(post.x6, post.labels, Ws, bs))
    along = sum((g * part).sum() for g, part in zip(gradients, u, strict=True))
    assert (losses[0] - losses[1]) / 2e-6 == pytest.approx(along, abs=1e-8)
    assert len(losses) == 2
    says(
        r"But one can check it along a few random directions instead. Move all parameters at once along a vector "
        r"$\mathbf{u}$ of length 1. If the gradient $\mathbf{g}$ is right, the loss has the slope $\mathbf{g} \cdot "
        r"\mathbf{u}$ in this direction: each slope times how far its parameter moves, all added up. Measuring it "
        r"costs "
        r"two passes for all parameters together.",
        "When there are too many parameters",
        "and can be had for a few passes along random directions.",
    )


def test_the_passes_are_counted_as_the_check_makes_them(monkeypatch):
    n = {"passes": 0}
    forward = Network.forward

    def counted(self, x, *, training=False):
        n["passes"] += 1
        return forward(self, x, training=training)

    monkeypatch.setattr(Network, "forward", counted)
    arguments = {"loss": cross_entropy, "rng": np.random.default_rng(0)}
    check_network(post.net, post.x20, post.y20, n_projections=10, **arguments)
    few = n.pop("passes") - 2  # one for the gradients, and one more like it
    n["passes"] = 0
    check_network(post.net, post.x20, post.y20, **arguments)
    every = n["passes"] - 2
    arrays = [post.x20, *(v for layer in post.net.layers for v in layer.params.values())]
    assert len(arrays) == 5
    assert (few, every) == (2 * 10 * len(arrays), 2 * sum(v.size for v in arrays))
    assert (post.passes_projected, post.passes_every) == (few, every)
    assert (post.n_inputs, post.n_inputs + post.n_parameters) == (arrays[0].size, every // 2)
    assert every == 2 * (65 * 32 + 33 * 10 + 20 * 64)
    assert sum(isinstance(layer, ReLU) for layer in post.net.layers) == 1
    says(
        "Our package takes the arrays one by one, and the input as one more, because a layer hands the slopes of its "
        "input to whatever stands before it.",
        f"A digits network with one hidden layer has {65 * 32 + 33 * 10:,} parameters, and 20 images are {20 * 64:,} "
        f"numbers more. So ten directions in each of its five arrays take {few} forward passes instead of {every:,}:",
    )


def test_one_wrong_coordinate_shows_in_every_direction_but_diluted():
    rng = np.random.default_rng(12)
    P = 1000
    directions = rng.standard_normal((500, P))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    seen = np.abs(directions[:, 0])  # of an error of 1 in the first of P coordinates
    assert (seen > 0).all()
    assert seen.mean() == pytest.approx(math.sqrt(2 / (math.pi * P)), rel=0.1)
    says(
        "A single wrong coordinate shows in almost every direction, but it changes the sum only a little, so it may "
        "stay below the limit. So do both: every coordinate of a tiny network, and directions in the large one.",
    )


def test_one_function_has_both_checks_and_its_limit_is_a_millionth():
    assert inspect.signature(check_network).parameters["n_projections"].default is None
    assert RIGHT == 1 / 1_000_000
    patches = CURVES["kinks"]["patches_jittered"]["error"]["values"]
    assert 1e-8 < max(patches) < RIGHT  # rounding alone, and more of it than in the valley
    says(
        "The package has both in one function, `check_network`. We ask it for one part in a million, which leaves "
        "more "
        "room for rounding.",
    )


# ---- another program ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["x", "W1", "b1", "W2", "b2", "h", "p", "dW1", "db1", "dW2", "db2"])
def test_the_email_its_network_and_its_gradients_are_those_of_the_part_before(name):
    again, first = (getattr(module, name) for module in (post, backpropagation))
    assert again.shape == first.shape
    assert (again == first).all()
    says("Here is the email network again, with its gradients as we derived them:")


@claim("S1-11", "definition", "All this is done by hand instead of calling loss.backward().")
@claim("S4-135", "definition", "Next step: try PyTorch or TensorFlow.")
def test_the_gradients_of_pytorch_are_ours_to_the_last_digit():
    for name, theirs in post.theirs.items():
        np.testing.assert_allclose(post.ours[name], theirs, rtol=0, atol=1e-15)
    assert post.ours.keys() == {"dW1", "db1", "dW2", "db2"}
    pairs = [
        (a, b)
        for name, theirs in RECORDED["theirs"].items()
        for a, b in zip(np.ravel(theirs), np.ravel(RECORDED["ours"][name]), strict=True)
    ]
    assert len(pairs) == 11
    assert max(abs(a - b) for a, b in pairs) == RECORDED["apart"] == 0
    assert post.apart < 1e-15
    says(
        f"The largest of eleven differences is {RECORDED['apart']:g}: the two programs agree to the last bit. (On "
        f"another machine a last digit may round differently, so the program asks for less.)",
    )
    says(
        "PyTorch records the forward pass and applies the rules of part 5 to the record, when one calls "
        "`loss.backward()`. The general method is called automatic differentiation, and Baydin and others survey it "
        "Baydin et al. 2018.",
        "A second witness",
    )
    holds(
        "S1-11",
        "That call is PyTorch's; it applies the same rules to a recording of the forward pass, and gives the same "
        "gradients.",
    )
    holds(
        "S4-135",
        "PyTorch gives the gradients of the email that we derive by hand; the largest difference is 0.",
    )


def test_pytorch_gives_the_recorded_gradients_where_it_is_installed():
    torch = pytest.importorskip("torch")
    W1, b1, W2, b2 = (torch.tensor(v, requires_grad=True) for v in (post.W1, post.b1, post.W2, post.b2))
    x, y = torch.tensor(post.x), torch.ones((1, 1), dtype=torch.float64)
    logit = torch.relu(x @ W1 + b1) @ W2 + b2
    torch.nn.functional.binary_cross_entropy_with_logits(logit, y).backward()
    for v, name in ((W1, "dW1"), (b1, "db1"), (W2, "dW2"), (b2, "db2")):
        np.testing.assert_allclose(v.grad.numpy(), post.theirs[name], rtol=0, atol=1e-15)


# ---- the bug ------------------------------------------------------------------------------------------------------


@claim("S4-122", "confirmed")
def test_the_check_finds_the_bug_and_passes_the_right_layer():
    x = np.random.default_rng(13).standard_normal((5, 4))
    assert check_layer(ReLU(), x, rng=np.random.default_rng(14)) < 1e-6
    assert check_layer(post.ReLUFromOutput(), x, rng=np.random.default_rng(14)) > 0.1
    says(
        "The check says so at once. (A layer alone has no loss. So `check_layer` gives each output a fixed random "
        "weight and adds up.)"
    )
    holds("S4-122", "Compare them with central differences,")


def test_the_layer_of_the_experiment_is_the_layer_of_the_post():
    x, dy = np.random.default_rng(15).standard_normal((2, 5, 4))
    results = []
    for layer in (silent_bug.ReLUFromOutput(), post.ReLUFromOutput()):
        layer.forward(x, training=True)
        results.append(layer.backward(dy))
    assert (results[0] == results[1]).all()
    assert (results[0] == dy).all()
    assert (*silent_bug.ACTIVATION.items(),) == (("right", ReLU), ("wrong", silent_bug.ReLUFromOutput))
    says("Now for our own digits, where B is the network with the bug:")


def test_the_tutorial_has_its_character_since_2020():
    row = dict(read(ROOT).literature.good())["numpytutorials2026"]
    since = re.search(r"relu2deriv reads the same in commit 479a803 of 26 November (\d{4})", row["where"])[1]
    assert "digits" in row["title"] or "MNIST" in row["title"]
    says("We did not invent this example.")
    says(
        f"In a tutorial of the NumPy project this very character has stood since {since}.",
        f"A tutorial of the NumPy project that learns to read digits has had `return output >= 0` since {since} "
        f"NumPy "
        f"tutorials 2026,",
    )
    assert row["url"].startswith("https://github.com/numpy/numpy-tutorials/blob/4e0b558")
    says.only(
        "The project runs all its code automatically, and it runs without an error.",
        because="it stands in the tox.ini of that repository, which tests every notebook with nbval",
    )


def test_the_gradient_of_the_tutorial_is_off_by_nearly_its_length():
    errors = BUG["tutorial"]["error"]["values"]
    mean, sd = share(errors, 0)
    assert min(BUG["tutorial"]["cosine"]["values"]) > 0
    says(
        f"At its own first weights, and with its dropout left out (we come to that), the gradient of the first "
        f"matrix "
        f"is off by {mean} ± {sd} (mean and standard deviation over its {len(errors):,} images). This is the "
        f"length of "
        f"the difference, as a share of the length of the right gradient.",
    )


def test_one_character_mends_most_of_the_tutorial():
    before, after = (BUG["tutorial"][name]["values"] for name in ("as_it_is", "one_character"))
    points = [100 * (b - a) for a, b in zip(before, after, strict=True)]
    (low, sd_low), (high, sd_high) = share(before), share(after)
    assert min(points) > 2
    says(
        f"We rebuilt its training and took away the one character `=`. The accuracy on the test images of MNIST, "
        f"digits of 28×28 pixels, rose "
        f"from {low} ± {sd_low} to {high} ± {sd_high} (mean and standard deviation over {len(points)} seeds). The "
        f"difference is {np.mean(points):.1f} points, with a standard error of {standard_error(points):.1f}.",
    )


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
    training = inspect.getsource(silent_bug.tutorial_training)
    assert "h = np.maximum(0, x @ W1) * kept * 2" in training
    assert "kept = rng.integers(0, 2, size=100)" in training
    assert np.mean(np.random.default_rng(1).integers(0, 2, size=10_000)) == pytest.approx(0.5, abs=0.02)
    says(
        "This repairs the ReLU, but not yet the gradient. The tutorial also uses dropout: it sets about half of "
        "the hidden "
        "values to zero, chosen at random, and doubles the others, so that their sum stays about as large. (Part "
        "10 measures what that is good for.) It doubles on "
        "the way forward and forgets the factor on the way back, so the gradient of the first matrix stays half as "
        "long as it "
        "should be. A check would have found that one, too.",
    )


class ForgetfulDropout(Layer):
    """Dropout with a fixed mask that doubles what it keeps, and passes back what it keeps without the factor."""

    def forward(self, x, *, training=False):
        self.mask = np.arange(x.size).reshape(x.shape) % 3 > 0
        return self.keep(2 * x * self.mask, training)

    def backward(self, dy):
        return dy * self.mask


def test_a_check_finds_the_dropout_that_forgets_its_factor():
    x = np.random.default_rng(21).standard_normal((5, 4))
    assert check_layer(ForgetfulDropout(), x, rng=np.random.default_rng(22)) == pytest.approx(0.5)


def test_the_table_has_the_last_losses_and_the_accuracies_of_all_seeds():
    says(
        f"The table has the training loss of the last epoch and the accuracy on new images, again with standard "
        f"deviations over {len(silent_bug.SEEDS)} seeds:",
    )
    n = 0
    for depth in (1, 2, 3):
        for kind in silent_bug.KINDS:
            found = BUG[f"depth{depth}"][kind]
            last = [curve[-1] for curve in by_seed(found["curve"])]
            if None in last:
                assert set(last) == {None}
                says(f"| {depth} | {kind} | diverged, {len(last)} of {len(silent_bug.SEEDS)} | |")
            else:
                loss, spread = f"{np.mean(last):.4f}", f"{np.std(last, ddof=1):.4f}"
                accuracy, sd = share(found["test"]["values"])
                says(f"| {depth} | {kind} | {loss} ± {spread} | {accuracy} ± {sd} |")
            n += 1
    assert n == 6
    says("| hidden layers | slope of the ReLU | loss | test accuracy |")


@claim("S4-122", "confirmed")
def test_with_one_hidden_layer_the_wrong_gradient_learns():
    right, wrong = (by_seed(BUG["depth1"][kind]["curve"]) for kind in silent_bug.KINDS)
    for curve in wrong:
        assert curve[0] > 1
        assert curve[-1] < 0.06
        assert all(later < 1.2 * earlier for earlier, later in pairwise(curve))
    ratios = [w[-1] / r[-1] for w, r in zip(wrong, right, strict=True)]
    says(
        f"The loss ends {np.mean(ratios):.1f} times as high (± {np.std(ratios, ddof=1):.1f}), which nobody notices "
        f"who "
        f"has nothing to compare it with.",
    )
    holds("S4-122", "that they flow is not enough, as a wrong gradient can lower the loss too.")
    says(
        "So a falling loss proves nothing about the gradient.",
        "And we have seen what it is for: neither a gradient that flows back nor a loss that falls shows that the "
        "gradient is right.",
    )


def test_with_more_hidden_layers_it_does_worse_and_diverges():
    assert BUG["depth2"]["loss_ratio"]["mean"] > 4
    assert BUG["depth2"]["points"]["mean"] > 0.3
    assert BUG["depth3"]["wrong"]["diverged"] == BUG["seeds"] == 5
    assert BUG["depth3"]["right"]["diverged"] == 0
    for curve in by_seed(BUG["depth3"]["wrong"]["curve"]):
        assert None in curve[:6]
        assert curve[-1] is None
    points = BUG["depth2"]["points"]["values"]
    assert max(points) > sum(points) / 2
    says(
        f"With two hidden layers the bug costs {np.mean(points):.1f} points of accuracy, with a standard error of "
        f"{standard_error(points):.1f}, for it is one run of the five that pays most of it.",
        "With three the loss curve does tell, since it ends in `nan`, not a number: the values grew "
        "until no float "
        "could "
        "hold them. But it tells when all is lost and not where.",
    )


def test_the_wrong_gradient_is_far_off_and_still_within_a_right_angle():
    errors = BUG["start"]["error"]["values"]
    assert min(BUG["start"]["cosine"]["values"]) > 0.5
    says(
        f"With one hidden layer the gradient of the first weights is off by {np.mean(errors):.0%} of its length "
        f"before "
        f"training.",
    )


# ---- why it learns ------------------------------------------------------------------------------------------------


def test_the_wrong_gradient_of_one_example_never_points_uphill():
    """Its inner product with the right one is |x|² |d m|², for any weights and any example."""
    rng = np.random.default_rng(16)
    for _ in range(50):
        x, z, d = rng.standard_normal((1, 4)), rng.standard_normal((1, 6)), rng.standard_normal((1, 6))
        m = z > 0
        inner = sum(float(dj) * float(dj * mj) for dj, mj in zip(d[0], m[0], strict=True))
        assert inner == pytest.approx(sum(float(dj) ** 2 for dj, mj in zip(d[0], m[0], strict=True) if mj))
        assert inner == pytest.approx(np.linalg.norm(d * m) ** 2)
        assert inner >= 0
        right, wrong = x.T @ (d * m), x.T @ d
        assert np.vdot(wrong, right) == pytest.approx((x**2).sum() * inner)
    says.formula(
        "eq-inner",
        r"\mathbf{d} \cdot (\mathbf{d} \odot \mathbf{m}) = \sum_j d_j^2\, m_j = |\mathbf{d} \odot \mathbf{m}|^2",
    )
    x, slope = np.array([2.0, -1.0, 3.0]), np.array([0.5, -2.0])
    on = np.array([1.0, 0.0])
    products = np.outer(x, slope * on) * np.outer(x, slope)  # weight by weight, (3, 2)
    assert products == pytest.approx(np.outer(x**2, slope**2 * on))
    assert products.sum() == pytest.approx((slope @ (slope * on)) * (x @ x))
    says(
        r"For one example, let $\mathbf{d}$ be the slopes that arrive at the ReLU, and $\mathbf{m}$ a one for each "
        r"unit "
        r"that is on and a zero for each that is off. What goes on from the ReLU is $\mathbf{d} \odot \mathbf{m}$ "
        r"if it is right, and $\mathbf{d}$ if it is wrong. Multiply the two entry by entry and add up. This inner "
        r"product is the sum that we had for a direction: if it is positive, a small step against one goes downhill "
        r"for the other, too:",
        r"(The bars are the length. Each $m_j$ is 0 or 1, so it is its own square.) The inner product is never "
        r"negative. In front of the ReLU stand the weights. The slope of the weight from input $x_i$ to unit $j$ "
        r"is $d_j m_j x_i$ if it is right, and $d_j x_i$ if it is wrong, so their product is $d_j^2 m_j x_i^2$. "
        r"Added up over all weights, that is the inner product times $|\mathbf{x}|^2$, and its sign stays.",
    )


def one_layer(x, label, W1, b1, W2, b2):
    """The loss of one example in a network with one hidden layer, and its gradient with the wrong ReLU."""
    z = x @ W1 + b1
    h = np.maximum(0, z)
    logits = h @ W2 + b2
    loss, dlogits = cross_entropy(logits[None], np.array([label]))
    d = W2 @ dlogits[0]
    return loss, [np.outer(x, d), d, np.outer(h, dlogits[0]), dlogits[0]]


def test_a_small_step_against_the_wrong_gradient_of_one_example_goes_downhill():
    rng = np.random.default_rng(23)
    for _ in range(200):
        x, label = rng.standard_normal(5), int(rng.integers(3))
        theta = [rng.standard_normal(shape) for shape in ((5, 4), (4,), (4, 3), (3,))]
        before, wrong = one_layer(x, label, *theta)
        for parts in ((0,), (0, 1, 2, 3)):  # the first weights alone, and all
            moved = [v - 1e-6 * dv * (i in parts) for i, (v, dv) in enumerate(zip(theta, wrong, strict=True))]
            assert one_layer(x, label, *moved)[0] <= before + 1e-15
    says(
        "That is why a small enough step against the wrong gradient of one example never leads uphill, as long as "
        "everything between this ReLU and the loss is right. With one hidden layer that is so. The NumPy tutorial "
        "forgets a factor of 2 as well, but that changes the length of a slope and not its sign; and it takes one "
        "image at a time.",
    )
    training = inspect.getsource(silent_bug.tutorial_training)
    assert 'for x, y in zip(data["x"], np.eye(10)[data["y"]], strict=True):' in training
    assert training.count("np.maximum") == 2  # one hidden layer, in training and in the test


def test_over_a_batch_the_wrong_gradient_can_point_uphill():
    """A unit with the weight 1: it fires for the first image and not for the second, whose slope is larger."""
    x, d = [F(1), F(-1)], [F(1), F(3)]
    fires = [v * 1 > 0 for v in x]
    right = sum(v * slope for v, slope, on in zip(x, d, fires, strict=True) if on)
    wrong = sum(v * slope for v, slope in zip(x, d, strict=True))
    assert (right, wrong) == (1, -2)
    says(
        "Over a batch the argument is no proof any more, because what is wrong for one image may add to what is "
        "wrong "
        "for another.",
    )


def test_with_two_hidden_layers_it_can_point_uphill_for_a_single_example():
    uphill = 0
    for seed in range(100):
        gradient = []
        for activation in (ReLU, post.ReLUFromOutput):
            net = mlp([4, 5, 5, 3], rng=np.random.default_rng(seed), dtype="float64")
            net.layers[1], net.layers[3] = activation(), activation()
            x = np.random.default_rng(1000 + seed).standard_normal((1, 4))
            net.backward(cross_entropy(net.forward(x, training=True), np.array([0]))[1])
            gradient.append(net.layers[0].grads["W"].copy())
        uphill += np.vdot(*gradient) < 0
    assert uphill > 0
    for d in silent_bug.DEPTHS:
        for seed in silent_bug.SEEDS:
            found = silent_bug.on_batches(d, seed)
            assert len(found) == math.ceil(1297 / 32) == 41
            assert found[0]["cosine"] == pytest.approx(
                BUG["batches"][f"depth{d}"]["cosine"]["values"][41 * seed]
            )
    cosines = [BUG["batches"][f"depth{d}"]["cosine"]["values"] for d in (1, 2, 3)]
    assert min(min(values) for values in cosines) > 0
    assert [len(values) for values in cosines] == [5 * 41] * 3
    assert BUG["depth3"]["wrong"]["diverged"] == 5
    (one, sd_one), (two, sd_two), (three, sd_three) = (
        (f"{np.mean(values):.2f}", f"{np.std(values, ddof=1):.2f}") for values in cosines
    )
    for error, cosine in zip(*(BUG["start"][name]["values"] for name in ("error", "cosine")), strict=True):
        length = cosine + math.sqrt(
            cosine**2 - 1 + error**2
        )  # of the wrong gradient, in lengths of the right one
        assert abs((length * cosine - 1) / error) < 0.15  # the cosine of what is added and the right gradient
        assert 0.8 < error < 1.2
    assert math.cos(math.radians(45)) == pytest.approx(0.7, abs=0.05)
    a, b = np.array([3.0, 4.0]), np.array([8.0, -6.5])
    assert compared(2 * a, a)["cosine"] == pytest.approx(1)
    assert (compared(b, a)["cosine"] < 0) == (a @ (-b) > 0)  # a step along -b goes up where a says how
    says(
        f"So we measured it before training, on the batches of {32} images of an epoch, for all that the first layer "
        f"learns. The cosine of two gradients is their inner product divided by both lengths. It is 1 if they "
        f"point in "
        f"the same direction, and below 0 if a small step against one goes uphill for the other. With one hidden "
        f"layer "
        f"it is "
        f"{one} ± {sd_one}, with two {two} ± {sd_two}, and with three {three} ± {sd_three} (mean and standard "
        f"deviation over {len(cosines[0])} batches of {len(silent_bug.SEEDS)} seeds). Not one cosine is below 0.",
        f"(The first of them fits the {np.mean(BUG['start']['error']['values']):.0%} above. What the bug adds is "
        f"about "
        f"as long as the right gradient and, by the argument above, about at a right angle to it. Then the sum of "
        f"both "
        f"is turned by 45°, and the cosine of that is about seven tenths.)",
        "So at the start the steps of the first layer go downhill even in the deep network, though the argument "
        "does not cover it: the slopes that "
        "arrive at its first ReLU are wrong already. Why it ends in nan, we did not find out.",
    )


def test_what_breaks_next_is_a_gradient_that_is_right_and_small():
    """Twenty layers of sigmoids: every digit of the gradient is right, and there is little of it."""
    rng = np.random.default_rng(24)
    Ws = [rng.standard_normal((4, 4)) / 2 for _ in range(20)]

    def passes(x):
        hs = [x]
        for W in Ws:
            hs.append(1 / (1 + np.exp(-(hs[-1] @ W))))
        return hs

    hs = passes(np.ones(4))
    d = np.ones(4)
    for W, h in zip(Ws[::-1], hs[:0:-1], strict=True):
        d = W @ (d * h * (1 - h))
    assert 0 < np.abs(d).max() < 1e-10
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 1 / (1 + np.exp(-np.float64(37)))
        assert np.isnan(1 / (1 - p) * (p * (1 - p)))
    says(
        "What breaks next is the gradient itself, and not by mistake. It can be right in every digit and still be "
        "far too small to learn from, and with one email too many it can be no number at all. Where that comes from, "
        "and which functions cause it, is the subject of part 7.",
    )


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
    says(
        "When does this layer raise an error, when is it wrong in silence, and why would a check of its weights and "
        "biases alone not notice?",
        "The transpose is missing. `(N, M) @ (D, M)` is an error unless $D = M$, "
        "but a square layer passes wrong numbers on. Its own `dW` and `db` "
        "are right, since they need `x` and `dy` only. The gradient of the input is wrong, and with it everything "
        "before "
        "this layer.",
    )


def test_answer_one_sided_differences_are_off_by_three_steps_and_central_ones_by_a_square():
    for s in (F(1, 10), F(1, 100)):
        ahead = ((1 + s) ** 3 - 1) / s - 3
        central = ((1 + s) ** 3 - (1 - s) ** 3) / (2 * s) - 3
        assert central == s**2
        assert ahead == 3 * s + s**2
        behind = (1 - (1 - s) ** 3) / s - 3
        assert (ahead - 3 * s) == (behind + 3 * s)  # what 3s adds on one side it takes on the other
    assert [s**2 for s in (F(1, 10), F(1, 100))] == [F(1, 100), F(1, 10_000)]
    assert post.one_sided - 3 == pytest.approx(0.0301)
    assert post.central - 3 == pytest.approx(0.0001)
    says(
        r"Why not the simpler difference, from $w$ to $w + s$ only, which saves a pass? Take $\ell(w) = w^3$ at $w "
        r"= 1$ "
        r"with steps of a tenth and a hundredth, and compare the errors of both kinds. (Aim: the central "
        r"difference is "
        r"off by a hundredth and a ten-thousandth. Hint: the slope is 3.)",
        "The one-sided difference is off by about $3s$, which shrinks like the step itself. The central one is off "
        "by "
        "$s^2$, because it is the mean of two one-sided ones, whose errors $3s + s^2$ and $-3s + s^2$ nearly cancel.",
    )


def test_answer_a_forgotten_factor_of_two_is_an_error_of_one_half():
    for step in (1e-3, 1e-6, 1e-8):
        found = post.slopes(lambda: (2 * post.kept * post.v4).sum() ** 2, post.v4, step)
        assert post.relative_error(post.forgetful, found) == pytest.approx(0.5, abs=1e-4)
    total = 2 * sum(k * v for k, v in zip(post.kept, post.v4, strict=True))
    right = np.array([2 * total * 2 * k for k in post.kept])
    assert post.forgetful == pytest.approx(right / 2)
    assert post.half == pytest.approx(0.5, abs=1e-6)
    missed = [
        check_layer(post.ReLUFromOutput(), post.x6, rng=np.random.default_rng(2)),
        check_layer(
            post.Hasty(4, 4, rng=np.random.default_rng(4), dtype="float64"),
            post.x5,
            rng=np.random.default_rng(5),
        ),
        post.half,
    ]
    assert min(missed) > 0.4
    right = [post.relative_error(dv, post.slopes(post.mean_loss, v)) for dv, v in
             zip([*post.dWs6, *post.dbs6], [*post.Ws, *post.bs], strict=True)]  # fmt: skip
    assert max(right) < 1e-8
    says("With the limit of our package it sees a slope that is off by a millionth of the steepest one.")
    says(
        "A dropout layer doubles what it keeps, and its backward pass forgets the factor 2, as that of the NumPy "
        "tutorial does. What it keeps is the same in every pass. What relative error does our measure give? (Aim: "
        "one half. Hint: all slopes are off by the same factor.)",
        "Every slope is half of what it should be, so the steepest one is off by half of itself. Our measure says "
        "0.50, "
        "and no step size changes that.",
    )


def test_answer_a_wrong_loss_with_its_gradient_passes_and_its_value_at_the_start_gives_it_away():
    def summed(logits, labels):
        loss, dlogits = cross_entropy(logits, labels)
        return loss * len(labels), dlogits * len(labels)

    error = check_network(post.net, post.x20, post.y20, loss=summed, rng=np.random.default_rng(0))
    assert error < 1e-6
    logits = post.net.forward(post.x20)
    start = np.mean([math.log(sum(map(math.exp, z))) - z[k] for z, k in zip(logits, post.y20, strict=True)])
    assert post.loss_at_start == pytest.approx(start)
    assert abs(start - math.log(10)) < 0.5
    assert abs(summed(logits, post.y20)[0] - math.log(10)) > 40
    says(
        "Would the check notice if the loss were computed wrongly, say without the mean, and the gradient of it too?",
        "No. It compares the gradient with the loss as it is programmed, and both have the same mistake. What a loss "
        "should be is known from elsewhere: before training, a network with $K$ classes has a loss not far above "
        "$\\log "
        "K$. A sum over the 20 examples would be about 20 times as large.",
    )


# ---- the drawings -------------------------------------------------------------------------------------------------


def panels(module, name, topic):
    """The panels of a drawing, in the light scheme and for a wide page."""
    data = {**results.values(topic)}
    return module.FIGURES[name](data, SimpleNamespace(**SCHEMES["light"], width=7.5, narrow=False)).axes


def test_the_two_curves_of_the_opening_are_drawn_as_their_words_say():
    (ax,) = panels(drawn_bug, "silent-bug-two", "silent_bug")
    lines = {"A": [], "B": []}
    for line in ax.lines:
        lines["B" if line.is_dashed() else "A"].append(line)
    names = {t.get_text(): t.get_position() for t in ax.texts}
    assert sorted(names) == ["A", "B"]
    for name, kind in (("A", "right"), ("B", "wrong")):
        curves = np.array(by_seed(BUG["depth1"][kind]["curve"]))
        *thin, thick = lines[name]
        assert len(thin) == len(curves) == len(silent_bug.SEEDS) == 5
        assert max(line.get_linewidth() for line in thin) < thick.get_linewidth()
        assert [list(line.get_ydata()) for line in thin] == curves.tolist()
        assert thick.get_ydata() == pytest.approx(curves.mean(axis=0))
        (x, y), own = names[name], curves.mean(axis=0)
        other = np.array(by_seed(BUG["depth1"]["wrong" if kind == "right" else "right"]["curve"])).mean(
            axis=0
        )
        assert abs(y - np.interp(x, range(1, 21), own)) < abs(y - np.interp(x, range(1, 21), other))
    assert (lines["A"][-1].get_ydata() < lines["B"][-1].get_ydata()).all()
    says(
        f"Training loss of two networks, A and B, against epochs, with {len(lines['A']) - 1} thin lines and a "
        f"thick mean "
        f"for each. Both fall smoothly from the first epoch to the last; the curve of A lies below that of B.",
        f"The loss of A and of B during training, for {len(silent_bug.SEEDS)} seeds (thin) and on average (thick).",
    )


def test_the_curves_of_both_depths_are_drawn_as_their_words_say():
    one, three = panels(drawn_bug, "silent-bug", "silent_bug")
    for ax, depth, hidden in ((one, 1, "one hidden layer"), (three, 3, "three hidden layers")):
        assert hidden in ax.get_title(loc="left")
        for kind in silent_bug.KINDS:
            drawn = [list(line.get_ydata()) for line in ax.lines if len(line.get_ydata()) > 1
                     and line.is_dashed() == (kind == "wrong")]  # fmt: skip
            curves = by_seed(BUG[f"depth{depth}"][kind]["curve"])
            assert drawn == [[v for v in curve if v is not None] for curve in curves]
    crosses = [line for line in three.lines if line.get_marker() == "x"]
    assert len(crosses) == BUG["depth3"]["wrong"]["diverged"] == len(silent_bug.SEEDS)
    assert not [line for line in one.lines if line.get_marker() == "x"]
    assert [t.get_text() for t in three.texts] == ["wrong: × ends in nan", "right"]
    ends = {
        kind: np.mean([c[-1] for c in by_seed(BUG["depth1"][kind]["curve"])]) for kind in silent_bug.KINDS
    }
    says(
        f"Training loss against epochs. With one hidden layer both kinds of curves fall smoothly, the wrong "
        f"gradient's "
        f"to {ends['wrong']:.3f}, the right one's to {ends['right']:.3f}. With three, all wrong runs end in nan.",
        f"{len(silent_bug.SEEDS)} seeds each. One hidden layer: who sees only the dashed curves, of the wrong "
        f"gradient, sees a network that "
        f"learns. Two layers more, and the same line of code destroys it.",
    )


def test_the_two_valleys_are_drawn_as_their_words_say():
    (ax,) = panels(drawn_check, "gradient-check", "gradient_check")
    assert ax.get_xscale() == ax.get_yscale() == "log"
    curves = [line for line in ax.lines if len(line.get_xdata()) > 1]
    best = {}
    for name, line in zip(("relu64", "tanh64", "tanh32"), curves, strict=True):
        of = CURVES[name]
        assert list(line.get_ydata()) == of["mean"]
        low, high = np.array(of["low"]), np.array(of["high"])
        assert (low <= of["mean"]).all()
        assert (high >= of["mean"]).all()
        best[name] = min(of["mean"])
    rings = [(line.get_xdata()[0], line.get_ydata()[0]) for line in ax.lines if line.get_marker() == "o"]
    assert [y for _, y in rings] == [best["tanh64"], best["tanh32"]]
    for name in ("tanh64", "tanh32"):
        values, at = CURVES[name]["mean"], int(np.argmin(CURVES[name]["mean"]))
        assert 0 < at < len(values) - 1
        assert values[0] > 10 * values[at] < values[-1]
    assert best["tanh32"] > 1000 * best["tanh64"]
    smooth, kinked = (np.array(CURVES[name]["high"]) for name in ("tanh64", "relu64"))
    apart = kinked / smooth
    exponents = np.array(CURVES["relu64"]["exponents"])
    assert apart[exponents < -8].max() < 10 < apart[exponents > -4].max()  # on the right alone
    mantissa, exponent = f"{best['tanh64']:.1e}".split("e")
    said = {t.get_text().partition(",")[0] for t in ax.texts}
    assert {"rounding", "truncation"} <= said
    where = {t.get_text().partition(",")[0]: t.get_position()[0] for t in ax.texts}
    assert where["rounding"] < rings[0][0] < where["truncation"]
    says(
        f"Error of the difference against the step, on logarithmic axes. In float64 it falls to "
        f"{mantissa}·10^−{-int(exponent)} and rises again; in float32 the valley is higher. Some ReLU networks "
        f"leave the "
        f"curve on the right.",
        f"All {CURVES['parameters']} parameters of {CURVES['seeds']} networks; lines are means of the logarithms, "
        f"bands the range over seeds, rings the best steps. There are two valleys: to their left the rounding of "
        f"the losses rules, to their right the curve of the loss. ReLU networks drop out on the right, each at its "
        f"own step.",
    )
