"""P05: gradients by paths, by loops and by differences."""

import math
from fractions import Fraction as F
from itertools import pairwise, product

import numpy as np
import pytest

from scratchmlp.gradcheck import check_layer
from scratchmlp.layers import Dense, LeakyReLU, ReLU, Sigmoid, Tanh
from scratchmlp.losses import binary_cross_entropy, cross_entropy, mean_squared_error
from scratchmlp.network import mlp
from sitetools.record import OUT
from snippets import backpropagation as post
from tests.claims import claim

# ---- the email, by hand -------------------------------------------------------------------------------------------

W1 = [[F(1, 2), F(-1, 5)], [F(4, 5), F(3, 5)], [F(-3, 10), F(2, 5)]]
B1, W2, B2 = [F(1, 10), F(-1, 2)], [F(7, 10), F(6, 5)], F(-3, 10)
EMAIL = [F(3), F(1), F(4, 5)]
SUMS = [sum((EMAIL[i] * W1[i][j] for i in range(3)), B1[j]) for j in range(2)]
LOGIT = sum((max(F(0), z) * w for z, w in zip(SUMS, W2, strict=True)), B2)
P = 1 / (1 + math.exp(-float(LOGIT)))


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


def test_the_forward_pass_is_that_of_the_fractions():
    assert post.b2.tolist() == [float(B2)]
    assert post.z[0] == pytest.approx([float(z) for z in SUMS], abs=1e-15)
    assert post.h[0] == pytest.approx([max(0.0, float(z)) for z in SUMS], abs=1e-15)
    assert post.logit.item() == pytest.approx(float(LOGIT), abs=1e-15)
    assert post.p.item() == pytest.approx(P, abs=1e-15)
    assert post.loss == pytest.approx(-math.log(P), abs=1e-15)


@claim("S4-50", "imprecise")
def test_the_gradients_by_hand_are_those_of_a_sum_over_paths():
    """From each weight there is one path to the loss: multiply what stands on it, in fractions up to p - 1."""
    factor = [[EMAIL[i] * (SUMS[j] > 0) * W2[j] for j in range(2)] for i in range(3)]
    assert post.dW1 == pytest.approx(np.array(factor, dtype=float) * (P - 1), abs=1e-15)
    assert post.db1 == pytest.approx([(SUMS[j] > 0) * float(W2[j]) * (P - 1) for j in range(2)], abs=1e-15)
    assert post.dW2[:, 0] == pytest.approx([float(max(F(0), z)) * (P - 1) for z in SUMS], abs=1e-15)
    assert post.db2.item() == post.dlogit.item() == pytest.approx(P - 1, abs=1e-15)
    assert post.dh[0] == pytest.approx([float(w) * (P - 1) for w in W2], abs=1e-15)
    assert post.dz[0] == pytest.approx([float(W2[0]) * (P - 1), 0], abs=1e-15)


@claim("S4-50", "imprecise")
def test_the_gradients_by_hand_agree_with_differences():
    arrays = parameters()
    for v, dv in zip(arrays, (post.dW1, post.db1, post.dW2, post.db2), strict=True):
        for i in np.ndindex(v.shape):
            kept, losses = v[i], []
            for moved in (kept + 1e-6, kept - 1e-6):
                v[i] = moved
                losses.append(email_loss(*arrays))
            v[i] = kept
            assert dv[i] == pytest.approx((losses[0] - losses[1]) / 2e-6, abs=1e-9)


def test_the_figures_of_the_text_are_those_of_the_claims():
    assert post.dlogit.item() == pytest.approx(-0.229347, abs=5e-7)
    assert post.dW2[0, 0] == pytest.approx(-0.495390, abs=5e-7)
    assert post.dW1[:, 0] == pytest.approx([-0.481629, -0.160543, -0.128435], abs=5e-7)
    assert not post.dW1[:, 1].any()


def test_the_two_slopes_behind_p_minus_one_are_right():
    assert post.through_loss == pytest.approx(-1 / P)
    assert post.through_sigmoid == pytest.approx(math.exp(-float(LOGIT)) / (1 + math.exp(-float(LOGIT))) ** 2)
    assert post.through_loss * post.through_sigmoid == pytest.approx(P - 1)


def test_the_nudge_finds_the_first_slope():
    assert post.first_slope == pytest.approx(post.dW1[0, 0], abs=5e-5)
    assert post.n_parameters == 11
    assert post.n_tries == 2 * 11
    assert post.three_links == pytest.approx(float(EMAIL[0] * W2[0]))  # through the ReLU the slope is 1


@claim("S4-51", "confirmed")
def test_one_step_lowers_the_loss_as_the_text_says():
    gradients = (post.dW1, post.db1, post.dW2, post.db2)
    expected = email_loss(*[v - 0.1 * dv for v, dv in zip(parameters(), gradients, strict=True)])
    assert post.loss_next == pytest.approx(expected, abs=1e-12)
    assert post.loss == pytest.approx(0.260518, abs=5e-7)
    assert post.loss_next == pytest.approx(0.204720, abs=5e-7)


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


def test_the_dense_rule_is_the_sum_over_paths():
    rng = np.random.default_rng(5)
    x, dz = rng.standard_normal((6, 4)), rng.standard_normal((6, 3))
    layer = Dense(4, 3, rng=rng, dtype="float64")
    layer.forward(x, training=True)
    dx = layer.backward(dz)
    dW, db, expected = loops(x, dz, layer.params["W"])
    np.testing.assert_allclose(layer.grads["W"], dW, atol=1e-14)
    np.testing.assert_allclose(layer.grads["b"], db, atol=1e-14)
    np.testing.assert_allclose(dx, expected, atol=1e-14)


def test_the_gradient_of_the_batch_is_the_mean_of_those_of_its_emails():
    each = []
    for x, y in zip(post.X, post.Y, strict=True):
        logits, hs = post.forward(x[None], [post.W1, post.W2], [post.b1, post.b2])
        dWs, dbs = post.backward(1 / (1 + np.exp(-logits)) - y, hs, [post.W1, post.W2])
        each.append(flat(*dWs, *dbs))
    np.testing.assert_allclose(flat(*post.dWs, *post.dbs), np.mean(each, axis=0), atol=1e-15)


def test_the_lines_of_the_table_give_the_gradients_and_shapes_of_the_batch():
    X, P, Y, W2 = post.X, post.P, post.Y, post.W2
    z = X @ post.W1 + post.b1
    h = np.maximum(0, z)
    dlogits = (P - Y) / 4
    dh = dlogits @ W2.T
    dz = dh * (z > 0)
    assert [dlogits.shape, h.shape, dh.shape, dz.shape] == [(4, 1), (4, 2), (4, 2), (4, 2)]
    np.testing.assert_allclose(post.dWs[0], X.T @ dz, atol=1e-16)
    np.testing.assert_allclose(post.dWs[1], h.T @ dlogits, atol=1e-16)
    np.testing.assert_allclose(post.dbs[0], dz.sum(axis=0), atol=1e-16)
    np.testing.assert_allclose(post.dbs[1], dlogits.sum(axis=0), atol=1e-16)


def test_the_batch_agrees_with_the_loss_of_the_package():
    loss, dlogits = binary_cross_entropy(post.logits, post.Y)
    np.testing.assert_allclose(post.dlogits, dlogits, atol=1e-16)
    assert loss == pytest.approx(np.mean(-np.log(np.where(post.Y == 1, post.P, 1 - post.P))))


def test_the_sum_grows_with_the_batch_and_the_mean_does_not():
    """One hundred copies: the recorded sum is that of 400 emails, a hundred times the sum of four."""
    assert post.N == 400
    assert post.length == pytest.approx(100 * 4 * np.linalg.norm(post.dWs[0]))


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


@claim("S0-11", "confirmed")
@claim("S4-90", "confirmed")
def test_relu_gives_the_values_and_slopes_of_the_text():
    layer, five = ReLU(), np.array([[-2.0, -1.0, 0.0, 1.0, 2.0]])
    assert layer.forward(five, training=True).tolist() == [[0, 0, 0, 1, 2]]
    assert layer.backward(np.ones((1, 5))).tolist() == [[0, 0, 0, 1, 1]]
    printed = (OUT / "backpropagation.relu.txt").read_text(encoding="utf-8").splitlines()
    assert printed[2].split("]")[0].strip("[ ").split() == ["0.", "0.", "0.5", "1.", "1."]


@pytest.mark.parametrize("z", [1e-300, 1.0, 1e6, 1e300])
@claim("S4-92", "confirmed")
def test_relu_has_slope_one_for_any_positive_input(z):
    layer = ReLU()
    layer.forward(np.array([[z]]), training=True)
    assert layer.backward(np.array([[1.0]])).item() == 1


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


@claim("S1-09", "confirmed")
def test_softmax_of_the_three_logits():
    assert post.p3 == pytest.approx(softmax([2, 1, 0.1]), abs=1e-15)
    assert [f"{v:.4f}" for v in post.p3] == ["0.6590", "0.2424", "0.0986"]


def test_the_jacobian_agrees_with_differences_and_its_columns_add_up_to_zero():
    for k in range(3):
        assert post.J[:, k] == pytest.approx(difference(softmax, post.z3, k), abs=1e-9)
        assert post.J[:, k].sum() == pytest.approx(0, abs=1e-16)


def test_the_jacobian_cancels_to_p_minus_y():
    assert post.dp3 @ post.J == pytest.approx(post.p3 - [1, 0, 0], abs=1e-15)
    for k in range(3):
        slope = difference(lambda z: -math.log(softmax(z)[0]), post.z3, k)
        assert (post.dp3 @ post.J)[k] == pytest.approx(slope, abs=1e-9)


@claim("S1-07", "definition")
def test_the_three_derivatives_agree_with_differences():
    z = np.array([-2.0, -0.3, 0.4, 3.0])
    sigmoid = 1 / (1 + np.exp(-z))
    for layer, by_hand in ((ReLU(), z > 0), (Sigmoid(), sigmoid * (1 - sigmoid))):
        slopes = [difference(lambda v, layer=layer: layer.forward(v), z, k)[k] for k in range(4)]
        assert by_hand.astype(float) == pytest.approx(slopes, abs=1e-9)
    _, dlogits = cross_entropy(post.z3[None], np.array([2]))
    for k in range(3):
        slope = difference(lambda v: -math.log(softmax(v)[2]), post.z3, k)
        assert dlogits[0, k] == pytest.approx(slope, abs=1e-9)


@claim("S1-09", "confirmed")
def test_the_stable_form_is_right_where_the_naive_one_is_nan():
    with np.errstate(all="ignore"):
        naive = np.log(np.exp(post.far) / np.exp(post.far).sum())
    assert np.isnan(naive[0])
    assert naive[1:].tolist() == [-math.inf, -math.inf]
    assert post.log_softmax(post.far).tolist() == [0, -1000, -2000]
    assert post.log_softmax(post.z3) == pytest.approx(np.log(softmax(post.z3)), abs=1e-15)
    loss, dlogits = cross_entropy(post.far[None], np.array([2]))
    assert loss == 2000
    assert dlogits.tolist() == [[1, 0, -1]]


@claim("S4-48", "confirmed")
def test_binary_cross_entropy_from_the_logit_is_the_formula():
    for z, y in product([-3.0, 0.2, 5.0], [0, 1]):
        p = 1 / (1 + math.exp(-z))
        formula = -(y * math.log(p) + (1 - y) * math.log(1 - p))
        loss, dlogit = binary_cross_entropy(np.array([z]), np.array([y]))
        assert loss == pytest.approx(formula)
        assert np.logaddexp(0, -z if y else z) == pytest.approx(formula)
        assert dlogit.item() == pytest.approx((p - y) / (p * (1 - p)) * (p * (1 - p)))


@claim("S4-48", "confirmed")
def test_the_formula_as_it_stands_fails_where_p_rounds_to_one():
    p = 1 / (1 + np.exp(-40.0))
    assert p == 1
    with np.errstate(all="ignore"):
        assert np.isinf(-np.log(1 - np.float64(p)))  # y = 0: the loss is 40
        assert np.isnan(-(1 * np.log(p) + (1 - 1) * np.log(1 - np.float64(p))))  # y = 1: the loss is 0
    assert binary_cross_entropy(np.array([40.0]), np.array([0]))[0] == pytest.approx(40)
    assert binary_cross_entropy(np.array([40.0]), np.array([1]))[0] == pytest.approx(0, abs=1e-17)


@claim("S4-49", "imprecise")
def test_the_mean_squared_error_has_the_factor_two_over_n_m():
    outputs, targets = np.array([[1.0, 2.0], [3.0, 5.0], [0.0, -1.0]]), np.ones((3, 2))
    loss, doutputs = mean_squared_error(outputs, targets)
    assert loss == pytest.approx((0 + 1 + 4 + 16 + 1 + 4) / 6)
    assert doutputs == pytest.approx(2 * (outputs - targets) / (3 * 2))
    for i in np.ndindex(3, 2):
        slope = difference(lambda v: np.mean((v - targets) ** 2), outputs, i)
        assert doutputs[i] == pytest.approx(slope, abs=1e-9)


@claim("S4-105", "conditions")
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


# ---- answers ------------------------------------------------------------------------------------------------------


def test_answer_the_slope_of_tanh_is_one_minus_its_square():
    slopes = [
        4 / (math.exp(z) + math.exp(-z)) ** 2 for z in post.zs
    ]  # the quotient rule, before it is tidied
    assert post.by_hand == pytest.approx(slopes, abs=1e-15)
    layer = Tanh()
    layer.forward(post.zs[None], training=True)
    assert layer.backward(np.ones((1, 13)))[0] == pytest.approx(slopes, abs=1e-15)


def test_answer_the_sum_needs_a_rate_divided_by_the_batch():
    assert post.dW1_summed == pytest.approx(4 * post.dW1_mean)
    X, Y = np.tile(post.X, (8, 1)), np.tile(post.Y, (8, 1))

    def steps(n):
        """How far one step goes with n examples: by the sum at rate 0.1 / 4, and by the mean at rate 0.1."""
        logits, hs = post.forward(X[:n], [post.W1, post.W2], [post.b1, post.b2])
        length = np.linalg.norm(
            post.backward(1 / (1 + np.exp(-logits)) - Y[:n], hs, [post.W1, post.W2])[0][0]
        )
        return 0.1 / 4 * length, 0.1 * length / n

    assert steps(4)[0] == pytest.approx(steps(4)[1])
    assert steps(8)[0] / steps(4)[0] == pytest.approx(2)
    assert steps(8)[1] == pytest.approx(steps(4)[1])


def test_answer_leaky_relu_may_look_at_its_output():
    assert post.from_input.tolist() == post.from_output.tolist() == [0.1, 0.1, 1, 1]
    layer = LeakyReLU(0.1)
    assert layer.forward(post.four[None], training=True)[0] == pytest.approx(post.leaky)
    assert layer.backward(np.ones((1, 4)))[0].tolist() == post.from_input.tolist()
