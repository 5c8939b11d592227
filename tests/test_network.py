"""A network is its layers in a row, forwards and backwards."""

import copy
import errno
import pickle
import tomllib
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import scratchmlp
from scratchmlp.conv import Conv2D
from scratchmlp.gradcheck import check_network
from scratchmlp.initializers import normal
from scratchmlp.layers import Dense, Dropout, Flatten, Layer, LeakyReLU, ReLU, Sigmoid, Tanh
from scratchmlp.losses import binary_cross_entropy, cross_entropy, mean_squared_error
from scratchmlp.network import Network, mlp
from scratchmlp.optimizers import SGD, Adam, cosine, staircase, warmup
from scratchmlp.training import evaluate, fit

ROOT = Path(__file__).parents[1]


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.fixture
def spam_net():
    """Three features of an email, two hidden units, one logit; small enough to be worked by hand."""
    network = mlp([3, 2, 1], rng=rng(), dtype=np.float64)
    first, _, last = network.layers
    first.params["W"][...] = [[0.5, -0.2], [0.8, 0.6], [-0.3, 0.4]]
    first.params["b"][...] = [0.1, -0.5]
    last.params["W"][...] = [[0.7], [1.2]]
    last.params["b"][...] = [-0.3]
    return network


EMAIL, SPAM = np.array([[3, 1, 0.8]]), np.array([1])


def test_spam_net_by_hand_forward(spam_net):
    z1 = spam_net.layers[0].forward(EMAIL)
    np.testing.assert_allclose(z1, [[2.16, -0.18]], atol=1e-12)
    np.testing.assert_allclose(spam_net.forward(EMAIL), [[1.212]], atol=1e-12)
    np.testing.assert_allclose(spam_net.predict_proba(EMAIL), [[0.770653]], atol=5e-7)
    assert spam_net.predict(EMAIL).tolist() == [1]


def test_spam_net_by_hand_backward_and_one_step(spam_net):
    value, dlogit = binary_cross_entropy(spam_net.forward(EMAIL, training=True), SPAM)
    spam_net.backward(dlogit)
    first, _, last = spam_net.layers
    assert value == pytest.approx(0.260518, abs=5e-7)
    np.testing.assert_allclose(dlogit, [[-0.229347]], atol=5e-7)
    np.testing.assert_allclose(last.grads["W"], [[-0.495390], [0]], atol=5e-7)
    np.testing.assert_allclose(first.grads["W"], [[-0.481629, 0], [-0.160543, 0], [-0.128435, 0]], atol=5e-7)
    SGD(0.1).step(spam_net.parameters(), spam_net.gradients())
    assert binary_cross_entropy(spam_net.forward(EMAIL), SPAM)[0] == pytest.approx(0.204720, abs=5e-7)


# A 3-4-3 network on two examples, and what PyTorch 2.13.0 gave for it in float64: cross_entropy of
# act(x @ W1 + b1) @ W2 + b2, and the .grad of W1 and b1 after backward().
X, LABELS = np.array([[0.5, -1.0, 2.0], [1.5, 0.3, -0.7]]), np.array([2, 0])
W1 = [[0.2, -0.4, 0.1, 0.5], [0.7, 0.3, -0.6, -0.2], [-0.1, 0.8, 0.4, -0.3]]
B1 = [0.05, -0.1, 0.2, 0.0]
W2 = [[0.6, -0.5, 0.1], [-0.3, 0.2, 0.9], [0.4, 0.7, -0.8], [-0.2, 0.1, 0.3]]
B2 = [0.1, 0.0, -0.1]
PYTORCH = {
    ReLU: (
        1.6245430744945941,
        [
            [-0.332203396063445, -0.190518189211343, 0.318562230995276, 0.191622008552893],
            [-0.066440679212689, 0.381036378422687, -0.637124461990553, 0.038324401710579],
            [0.155028251496274, -0.762072756845374, 1.274248923981106, -0.08942360399135],
        ],
        [-0.221468930708964, -0.381036378422687, 0.637124461990553, 0.127748005701929],
    ),
    LeakyReLU: (
        1.6226180975471958,
        [
            [-0.331923517042017, -0.186194452342879, 0.315965513974463, 0.190063517163468],
            [-0.064982274245288, 0.381607890070778, -0.638057333702214, 0.039434310829156],
            [0.152050285106617, -0.763495143335042, 1.276300313033314, -0.091582601814557],
        ],
        [-0.222132301763233, -0.377976168555467, 0.635643940526676, 0.125847431202032],
    ),
    Sigmoid: (
        1.1251187363527086,
        [
            [-0.085050209683991, 0.030817707785216, -0.008923813482102, 0.019543571511339],
            [-0.005034185805304, 0.080457076665812, -0.078611003407156, 0.037621013017091],
            [0.015375480858284, -0.165219986429692, 0.160144995613443, -0.077566515611145],
        ],
        [-0.063958234414475, -0.024481246390928, 0.040612149018438, -0.007402648516576],
    ),
    Tanh: (
        1.1890313280448208,
        [
            [-0.223630097050869, 0.016418958760908, -0.099292734217769, 0.008095664413611],
            [0.050772445103482, 0.160639309111397, -0.110201631316878, 0.122489653365607],
            [-0.08953010993429, -0.327141564484407, 0.229760447474739, -0.249181760737057],
        ],
        [-0.20696458864825, -0.084421007710434, -0.011441771615892, -0.067857751289644],
    ),
}


@pytest.mark.parametrize("activation", PYTORCH)
def test_loss_and_gradients_agree_with_recorded_pytorch(activation):
    network = mlp([3, 4, 3], activation=activation, rng=rng(), dtype=np.float64)
    first, _, last = network.layers
    for layer, W, b in ((first, W1, B1), (last, W2, B2)):
        layer.params["W"][...], layer.params["b"][...] = W, b
    value, dlogits = cross_entropy(network.forward(X, training=True), LABELS)
    network.backward(dlogits)
    expected, dW1, db1 = PYTORCH[activation]
    assert value == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(first.grads["W"], dW1, atol=2e-15)
    np.testing.assert_allclose(first.grads["b"], db1, atol=2e-15)


@pytest.mark.parametrize(("activation", "name"), [(ReLU, "relu"), (Tanh, "tanh"), (Sigmoid, "logistic")])
def test_probabilities_and_gradients_agree_with_scikit_learn(activation, name):
    neural_network = pytest.importorskip("sklearn.neural_network")
    x, labels = rng(1).standard_normal((30, 5)), np.arange(30) % 4
    network = mlp([5, 7, 4], activation=activation, rng=rng(), dtype=np.float64)
    peer = neural_network.MLPClassifier([7], activation=name, alpha=0, max_iter=1, random_state=0)
    peer.partial_fit(x, labels, classes=range(4))
    dense = [layer for layer in network.layers if layer.params]
    peer.coefs_ = [layer.params["W"] for layer in dense]
    peer.intercepts_ = [layer.params["b"] for layer in dense]
    np.testing.assert_allclose(network.predict_proba(x), peer.predict_proba(x), rtol=1e-10)

    _, dlogits = cross_entropy(network.forward(x, training=True), labels)
    network.backward(dlogits)
    weights, biases = [np.empty((5, 7)), np.empty((7, 4))], [np.empty(7), np.empty(4)]
    hidden = [x, np.empty((30, 7)), np.empty((30, 4))]
    peer._backprop(x, np.eye(4)[labels], None, hidden, [None, None], weights, biases)
    for layer, dW, db in zip(dense, weights, biases, strict=True):
        np.testing.assert_allclose(layer.grads["W"], dW, atol=1e-12)
        np.testing.assert_allclose(layer.grads["b"], db, atol=1e-12)


@pytest.mark.parametrize("activation", [ReLU, LeakyReLU, Sigmoid, Tanh])
@pytest.mark.parametrize(
    ("K", "loss", "y"),
    [
        (3, cross_entropy, np.array([0, 2, 1, 1])),
        (1, binary_cross_entropy, np.array([0, 1, 1, 0])),
        (2, mean_squared_error, np.array([[0.5, 1.0], [0.0, -1.0], [2.0, 0.1], [0.3, 0.3]])),
    ],
    ids=["cross_entropy", "binary_cross_entropy", "mean_squared_error"],
)
def test_gradient_of_a_whole_network_is_right_in_every_coordinate(activation, K, loss, y):
    network = mlp([4, 5, 3, K], activation=activation, rng=rng(1), dtype=np.float64)
    assert check_network(network, rng(2).standard_normal((4, 4)), y, loss=loss, rng=rng(3)) < 1e-6


def test_gradient_of_a_full_size_network_is_right_along_random_directions():
    network = mlp([64, 64, 32, 10], rng=rng(1), dtype=np.float64)
    x, y = rng(2).random((32, 64)), rng(3).integers(0, 10, 32)
    assert check_network(network, x, y, loss=cross_entropy, rng=rng(4), n_projections=10) < 1e-6


def test_mlp_has_an_activation_between_dense_layers_and_none_at_the_end():
    network = mlp([4, 5, 3, 2], activation=Tanh, initializer=normal(0.1), rng=rng())
    assert [type(layer) for layer in network.layers] == [Dense, Tanh, Dense, Tanh, Dense]
    assert [layer.params["W"].shape for layer in network.layers[::2]] == [(4, 5), (5, 3), (3, 2)]


def test_mlp_without_hidden_layers_is_one_dense_layer():
    assert [type(layer) for layer in mlp([4, 2], rng=rng()).layers] == [Dense]


def test_parameters_are_one_vector_that_the_layers_share():
    network = mlp([3, 2, 1], rng=rng())
    theta = network.parameters()
    assert theta.shape == (11,)
    theta[...] = np.arange(11)
    first, _, last = network.layers
    np.testing.assert_array_equal(first.params["W"], [[0, 1], [2, 3], [4, 5]])
    np.testing.assert_array_equal(first.params["b"], [6, 7])
    np.testing.assert_array_equal(last.params["W"], [[8], [9]])
    np.testing.assert_array_equal(last.params["b"], [10])
    assert network.parameters() is theta


def test_an_array_replaced_by_hand_is_taken_up_in_the_float_type_of_the_network():
    network = mlp([3, 2, 1], rng=rng())
    network.layers[0].params["W"] = np.ones((3, 2))
    theta = network.parameters()
    assert theta.dtype == np.float32
    np.testing.assert_array_equal(theta[:6], 1)
    theta[0] = 5
    assert network.layers[0].params["W"][0, 0] == 5


def test_gradients_of_a_layer_that_makes_new_arrays_arrive_too():
    class Scale(Layer):
        def __init__(self):
            super().__init__()
            self.params, self.grads = {"s": np.ones(1)}, {"s": np.zeros(1)}

        def forward(self, x, *, training=False):
            return self.keep(x, training) * self.params["s"]

        def backward(self, dy):
            self.grads["s"] = np.sum(dy * self.saved(), keepdims=True).ravel()
            return dy * self.params["s"]

    network = Network([Dense(3, 2, rng=rng(), dtype=np.float64), Scale()])
    x, y = rng(1).standard_normal((4, 3)), np.array([0, 1, 1, 0])
    assert check_network(network, x, y, loss=cross_entropy, rng=rng(2)) < 1e-6
    network.backward(cross_entropy(network.forward(x, training=True), y)[1])
    assert network.gradients()[-1] == network.layers[1].grads["s"][0] != 0


def test_a_copied_network_shares_nothing_with_the_original():
    network = mlp([3, 2, 1], rng=rng())
    twin = copy.deepcopy(network)
    twin.parameters()[...] = 0
    assert not twin.layers[0].params["W"].any()
    assert network.layers[0].params["W"].any()


def test_the_input_gradient_comes_only_when_asked_for():
    network, x = mlp([3, 4, 2], rng=rng()), np.ones((5, 3), np.float32)
    dlogits = np.ones_like(network.forward(x, training=True))
    assert network.backward(dlogits) is None
    without = network.gradients().copy()
    network.forward(x, training=True)
    assert network.backward(dlogits, input_gradient=True).shape == (5, 3)
    np.testing.assert_array_equal(network.gradients(), without)


def test_inputs_of_another_float_type_are_converted():
    network = mlp([3, 4, 2], rng=rng())
    assert network.forward(np.ones((5, 3))).dtype == np.float32
    assert network.predict_proba([[1.0, 2.0, 3.0]]).dtype == np.float32


def test_integers_are_refused():
    with pytest.raises(TypeError, match="x must hold floats, got uint8"):
        mlp([3, 4, 2], rng=rng()).predict(np.ones((5, 3), np.uint8))


def test_predictions_are_the_most_probable_classes():
    network, x = mlp([3, 8, 4], rng=rng()), rng(1).standard_normal((20, 3))
    p = network.predict_proba(x)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_array_equal(network.predict(x), p.argmax(axis=1))
    binary = mlp([3, 8, 1], rng=rng(3))
    np.testing.assert_array_equal(binary.predict(x), (binary.predict_proba(x) > 0.5)[:, 0])
    assert len(set(binary.predict(x))) == 2


def test_backward_without_forward_names_the_layer():
    with pytest.raises(RuntimeError, match=r"Dense\.backward needs"):
        mlp([3, 2], rng=rng()).backward(np.ones((1, 2)))


def test_a_permutation_of_hidden_units_changes_nothing():
    network = mlp([3, 5, 2], rng=rng(), dtype=np.float64)
    x, order = rng(1).standard_normal((4, 3)), rng(2).permutation(5)
    before = network.forward(x)
    first, _, last = network.layers
    for array in (first.params["W"].T, first.params["b"], last.params["W"]):
        array[...] = array[order]
    np.testing.assert_allclose(network.forward(x), before, rtol=1e-13)


def test_bad_settings_are_named():
    with pytest.raises(ValueError, match=r"sizes must hold at least the inputs and the outputs, got \[3\]"):
        mlp([3], rng=rng())
    with pytest.raises(ValueError, match="layers must hold at least one layer"):
        Network([])
    with pytest.raises(ValueError, match="layers must share one float type, got float32, float64"):
        Network([Dense(3, 2, rng=rng()), Dense(2, 1, rng=rng(), dtype=np.float64)])
    with pytest.raises(TypeError, match="rng"):
        mlp([3, 2])


# ---- layers that do not fit -------------------------------------------------------------------------------------------


def test_dense_layers_that_do_not_fit_are_named_when_the_network_is_made():
    layers = [Dense(4, 5, rng=rng()), ReLU(), Dropout(0.5, rng=rng()), Dense(6, 2, rng=rng())]
    with pytest.raises(ValueError, match=r"layer 3 \(Dense\) takes 6 values, but layer 0 \(Dense\) gives 5"):
        Network(layers)


def test_dense_layers_with_a_layer_between_that_may_change_the_number_of_values_can_be_a_network():
    class Half(Layer):
        def forward(self, x, *, training=False):
            return x[:, ::2]

    network = Network([Dense(4, 6, rng=rng()), Half(), Dense(3, 2, rng=rng())])
    assert network.forward(np.ones((5, 4))).shape == (5, 2)


def test_layers_that_do_not_fit_are_both_named_by_forward():
    network = Network([Flatten(), Dense(12, 2, rng=rng())])
    assert network.forward(np.ones((5, 3, 2, 2))).shape == (5, 2)
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - compared as a whole below
        network.forward(np.ones((5, 3, 3, 2)))
    assert (
        str(caught.value) == "layer 1 (Dense) after layer 0 (Flatten): x must have shape (N, 12), got (5, 18)"
    )


def test_what_is_no_layer_is_named():
    with pytest.raises(TypeError, match="layers must hold layers, got type at position 1"):
        Network([Dense(4, 5, rng=rng()), ReLU])


@pytest.mark.parametrize("size", [0, -1])
def test_a_size_that_is_none_is_named_with_its_place(size):
    with pytest.raises(ValueError, match=rf"sizes\[1\] must be an integer in \[1, inf\), got {size}"):
        mlp([4, size, 2], rng=rng())
    with pytest.raises(TypeError, match=r"sizes\[1\] must be an integer in \[1, inf\), got 2\.5"):
        mlp([4, 2.5, 2], rng=rng())


def test_a_layer_that_stands_twice_is_named_when_the_network_is_made():
    relu = ReLU()
    with pytest.raises(
        ValueError, match=r"layers must be made one by one, got layer 1 \(ReLU\) again as layer 3"
    ):
        Network([Dense(4, 4, rng=rng()), relu, Dense(4, 4, rng=rng()), relu])
    with pytest.raises(ValueError, match="layers must be made one by one"):
        mlp([4, 4, 4, 2], activation=lambda: relu, rng=rng())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: mlp([4, 2], activation="relu", rng=rng()),
            "activation must be a function, such as ReLU, got 'relu'",
        ),
        (
            lambda: mlp([4, 3, 2], activation=lambda: None, rng=rng()),
            "layers must hold layers, got NoneType at",
        ),
        (
            lambda: mlp([4, 2], initializer="he", rng=rng()),
            "initializer must be a function, such as he, got 'he'",
        ),
        (lambda: mlp(4, rng=rng()), "sizes must be a sequence of integers, got 4"),
        (lambda: mlp("42", rng=rng()), "sizes must be a sequence of integers, got '42'"),
        (lambda: mlp([4, True], rng=rng()), r"sizes\[1\] must be an integer in \[1, inf\), got True"),
        (lambda: Network(ReLU()), "layers must be a list of layers, got ReLU"),
        (lambda: mlp([4, 2], rng=rng(), dtype=np.float16), "dtype must be float32 or float64, got float16"),
        (lambda: mlp([4, 2], rng=rng(), dtype=">f4"), "dtype must be float32 or float64, got >f4"),
        (lambda: mlp([4, 2], rng=rng(), dtype="much"), "dtype must be float32 or float64, got 'much'"),
        (lambda: mlp([4, 2], rng=rng(), dtype=None), "dtype must be float32 or float64, got None"),
    ],
)
def test_settings_of_another_kind_are_named(make, message):
    with pytest.raises(TypeError, match=message):
        make()


def test_layers_in_half_precision_are_refused():
    layer = Dense(3, 2, rng=rng())
    layer.params = {key: array.astype(np.float16) for key, array in layer.params.items()}
    with pytest.raises(TypeError, match="layers must have parameters in float32 or float64, got float16"):
        Network([layer])


def test_an_initializer_that_gives_another_shape_is_named():
    with pytest.raises(
        ValueError, match=r"what the initializer gives must have shape \(3, 2\), got float64 of shape"
    ):
        Dense(3, 2, initializer=lambda shape, *, rng: rng.standard_normal(shape).T, rng=rng())


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (None, "x must hold floats, got NoneType"),
        (np.array(["a", "b"]), r"x must hold floats, got <U1 of shape \(2,\)"),
        ([["a"], ["b"]], r"x must hold floats, got <U1 of shape \(2, 1\)"),
        (np.ones((2, 3), complex), r"x must hold floats, got complex128 of shape \(2, 3\)"),
        (np.ones((2, 3), bool), "x must hold floats, got bool: multiply it by the scale used in training"),
    ],
)
def test_what_holds_no_numbers_is_named(x, message):
    with pytest.raises(TypeError, match=message):
        mlp([3, 2], rng=rng()).predict(x)


def test_a_network_says_what_it_is():
    assert repr(mlp([4, 3, 2], rng=rng())) == (
        "Network(float32: Dense(W=(4, 3), b=(3,)), ReLU(), Dense(W=(3, 2), b=(2,)))"
    )


# ---- gradients that an own layer makes ------------------------------------------------------------------------------


class Own(Dense):
    """A dense layer that makes its gradients anew, in another order than its parameters, or wrong."""

    wrong = None

    def backward_params(self, dy):
        x = self.saved()
        self.grads = {"b": dy.sum(axis=0), "W": x.T @ dy}
        if self.wrong == "missing":
            del self.grads["W"]
        elif self.wrong == "more":
            self.grads["V"] = np.zeros(2)
        elif self.wrong == "shape":
            self.grads["b"] = self.grads["b"][None]


def test_gradients_find_their_parameters_by_key_in_whatever_order_a_layer_makes_them():
    x, y = rng(1).standard_normal((6, 3)), np.arange(6) % 2
    network, twin = (
        Network([kind(3, 4, rng=rng()), ReLU(), Dense(4, 2, rng=rng())]) for kind in (Own, Dense)
    )
    optimizers = SGD(0.1), SGD(0.1)
    for net, optimizer in zip((network, twin), optimizers, strict=True):
        fit(net, x, y, loss=cross_entropy, optimizer=optimizer, n_epochs=3, batch_size=2, rng=rng(2))
    np.testing.assert_array_equal(network.parameters(), twin.parameters())
    np.testing.assert_array_equal(network.gradients(), twin.gradients())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("missing", r"layer 0 \(Own\): grads must have the keys of params, \['W', 'b'\], got \['b'\]"),
        ("more", r"layer 0 \(Own\): grads must have the keys of params, .* got \['V', 'W', 'b'\]"),
        ("shape", r"layer 0 \(Own\): grads\['b'\] must have shape \(4,\), got float32 of shape \(1, 4\)"),
    ],
)
def test_gradients_of_other_keys_or_shapes_are_named_with_their_layer(wrong, message):
    network = Network([Own(3, 4, rng=rng()), ReLU(), Dense(4, 2, rng=rng())])
    network.layers[0].wrong = wrong
    theta = network.parameters().copy()
    with pytest.raises(ValueError, match=message):
        fit(network, np.ones((6, 3)), np.arange(6) % 2, loss=cross_entropy, optimizer=SGD(0.1), n_epochs=1,
            batch_size=2, rng=rng(2))  # fmt: skip
    np.testing.assert_array_equal(values(network), theta)


# ---- networks that share layers, and arrays put in by hand ----------------------------------------------------------

DATA = rng(1).standard_normal((12, 3)).astype(np.float32), np.arange(12) % 2


def steps(network, n, optimizer, look=lambda: None, vectors=None):
    """A loop by hand that takes the vectors once, and looks at something after each forward pass."""
    x, y = DATA
    theta, dtheta = vectors or (network.parameters(), network.gradients())
    for _ in range(n):
        _, dlogits = cross_entropy(network.forward(x, training=True), y)
        network.backward(dlogits)
        look()
        optimizer.step(theta, dtheta)
    return theta


def learn(network, optimizer, n_epochs=2):
    fit(network, *DATA, loss=cross_entropy, optimizer=optimizer, n_epochs=n_epochs, batch_size=4, rng=rng(5))


def values(network):
    return np.concatenate([a.ravel() for layer in network.layers for a in layer.params.values()])


def test_looking_at_hidden_activations_changes_nothing():
    network, twin = (mlp([3, 4, 2], rng=rng()) for _ in range(2))
    theta = steps(network, 5, SGD(0.1), look=lambda: Network(network.layers[:2]).predict_proba(DATA[0]))
    np.testing.assert_array_equal(theta, steps(twin, 5, SGD(0.1)))
    np.testing.assert_array_equal(values(network), theta)


@pytest.mark.parametrize("part", [slice(0, 2), slice(2, 3), slice(0, 1)])
def test_a_part_of_a_network_has_a_part_of_its_vector(part):
    network = mlp([3, 4, 2], rng=rng())
    theta, inner = network.parameters(), Network(network.layers[part])
    inner.parameters()[...] = 7
    assert np.count_nonzero(theta == 7) == inner.parameters().size
    np.testing.assert_array_equal(values(network), theta)
    assert network.parameters() is theta


def test_layers_of_another_network_that_are_no_run_in_its_vector_get_one_of_their_own():
    network = mlp([3, 3, 3, 3], rng=rng())
    network.parameters()
    ends = Network([network.layers[0], ReLU(), network.layers[4]])
    np.testing.assert_array_equal(ends.parameters(), values(ends))
    backwards = Network([network.layers[4], network.layers[2]])
    np.testing.assert_array_equal(backwards.parameters(), values(backwards))
    np.testing.assert_array_equal(network.parameters(), values(network))


def test_a_network_without_parameters_has_empty_vectors():
    network = Network([Flatten(), ReLU()])
    assert network.parameters().shape == network.gradients().shape == (0,)
    assert network.parameters().dtype == np.float32


def test_a_parameter_that_comes_later_is_in_the_vector():
    network = mlp([3, 2], rng=rng())
    layer = network.layers[0]
    layer.params["c"], layer.grads["c"] = np.ones(4), np.full(4, 2.0)
    assert network.parameters().tolist()[-4:] == [1, 1, 1, 1]
    assert network.gradients().tolist()[-4:] == [2, 2, 2, 2]


@pytest.mark.parametrize("by_hand", [False, True])
def test_two_heads_on_one_encoder_learn_in_turn(by_hand):
    encoder = [Dense(3, 4, rng=rng()), ReLU()]
    networks = [Network([*encoder, Dense(4, 2, rng=rng(i))]) for i in (1, 2)]
    optimizers = [SGD(0.1, momentum=0.9), Adam(0.01)]
    vectors = [(net.parameters(), net.gradients()) for net in networks]
    for _ in range(3):
        for net, optimizer, pair in zip(networks, optimizers, vectors, strict=True):
            before = values(net)
            if by_hand:
                steps(net, 2, optimizer, vectors=pair)
            else:
                learn(net, optimizer)
            assert (np.abs(values(net) - before)[[0, -1]] > 0).all()  # the encoder moves, and the head
            assert net.parameters() is pair[0]
            np.testing.assert_array_equal(pair[0], values(net))
    first, second = networks
    np.testing.assert_array_equal(first.layers[0].params["W"], second.layers[0].params["W"])
    np.testing.assert_array_equal(first.parameters()[:16], second.parameters()[:16])


def test_fine_tuning_trains_the_layers_of_the_base_and_leaves_its_head():
    base = mlp([3, 4, 2], rng=rng())
    learn(base, SGD(0.1))
    head, body = base.layers[-1].params["W"].copy(), base.layers[0].params["W"].copy()
    tuned = Network([*base.layers[:-1], Dense(4, 2, rng=rng(9))])
    np.testing.assert_array_equal(values(base), base.parameters())  # making it has moved nothing
    learn(tuned, SGD(0.1))
    np.testing.assert_array_equal(base.layers[-1].params["W"], head)
    assert (base.layers[0].params["W"] != body).any()
    assert tuned.layers[0].params["W"] is base.layers[0].params["W"]
    np.testing.assert_array_equal(base.parameters(), values(base))
    learn(base, SGD(0.1))
    np.testing.assert_array_equal(base.parameters(), values(base))


def test_an_array_put_in_by_hand_between_two_fits_is_trained_on_with_the_same_optimizer():
    network, optimizer = mlp([3, 4, 2], rng=rng()), SGD(0.1, momentum=0.9)
    learn(network, optimizer)
    theta = network.parameters()
    network.layers[0].params["W"] = np.full((3, 4), 0.5)
    learn(network, optimizer)
    assert network.parameters() is theta
    assert network.layers[0].params["W"].base is theta
    assert 0 < np.abs(network.layers[0].params["W"] - 0.5).max() < 0.5


def test_arrays_that_change_places_are_found_in_their_new_order():
    network = mlp([3, 3, 3], rng=rng())
    first, _, last = network.layers
    first.params, last.params = last.params, first.params
    W = first.params["W"].copy()
    np.testing.assert_array_equal(network.parameters()[:9], W.ravel())
    np.testing.assert_array_equal(first.params["W"], W)
    np.testing.assert_array_equal(network.parameters(), values(network))


def test_another_number_of_parameters_makes_another_vector():
    network = mlp([3, 4], rng=rng())
    theta, layer = network.parameters(), network.layers[0]
    layer.params["W"], layer.grads["W"] = np.ones((5, 4)), np.zeros((5, 4))
    assert network.parameters().size == 24
    assert network.parameters() is not theta
    np.testing.assert_array_equal(network.parameters(), values(network))


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda network: pickle.loads(pickle.dumps(network))])
def test_a_copy_of_networks_that_share_layers_shares_them_too(copied):
    first = mlp([3, 4, 2], rng=rng())
    second = Network([*first.layers[:-1], Dense(4, 2, rng=rng(9))])
    learn(second, SGD(0.1))
    one, other = copied((first, second))
    before = values(first)
    learn(other, SGD(0.1))
    assert one.layers[0] is other.layers[0]
    np.testing.assert_array_equal(one.parameters(), values(one))
    np.testing.assert_array_equal(other.parameters(), values(other))
    np.testing.assert_array_equal(values(first), before)


# ---- predictions ------------------------------------------------------------------------------------------------------


def test_outputs_of_a_sigmoid_are_no_logits():
    network = Network([*mlp([3, 4, 1], rng=rng()).layers, Sigmoid()])
    for ask in (network.predict, network.predict_proba):
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - compared as a whole below
            ask(np.ones((5, 3)))
        assert str(caught.value) == (
            "the outputs of the network must be logits to give classes, but end in layer 3 (Sigmoid): use forward(x)"
        )
    assert network.forward(np.ones((5, 3))).shape == (5, 1)


def test_a_single_logit_of_exactly_0_is_class_0_as_a_half_is_not_above_a_half():
    logits = np.array([[-1e-300], [0.0], [-0.0], [1e-300]])
    assert Network.classes(logits).tolist() == [0, 0, 0, 1]
    silent = Network([Dense(3, 1, rng=rng(), dtype="float64"), ReLU()])
    silent.layers[0].params["W"][...] = 0
    assert silent.predict(np.ones((2, 3))).tolist() == [0, 0]


def test_equal_logits_give_the_first_class():
    assert Network.classes(np.array([[1.0, 1.0, 0.0], [0.0, 2.0, 2.0]])).tolist() == [0, 1]


def test_a_network_of_a_single_array_has_its_vector_too():
    class Scale(Layer):
        """y = s * x."""

        def __init__(self):
            self.params, self.grads = {"s": np.ones(3)}, {"s": np.zeros(3)}

        def forward(self, x, *, training=False):
            return self.params["s"] * x

    first, second = Network([layer := Scale()]), Network([layer])
    first.parameters()[...] = [1, 2, 3]
    assert second.parameters().tolist() == [1, 2, 3] == layer.params["s"].tolist()


def test_classes_need_rows_of_outputs():
    with pytest.raises(
        ValueError, match=r"outputs must have shape \(N, K\) to give classes, got \(2, 4, 3, 3\)"
    ):
        Network([Conv2D(1, 4, 3, rng=rng())]).predict(np.ones((2, 1, 5, 5)))


def test_a_single_number_is_no_example():
    with pytest.raises(ValueError, match=r"x must have shape \(N, 3\), got \(\)"):
        mlp([3, 2], rng=rng()).predict(np.array(3.0))


def test_predictions_come_in_parts_that_save_memory_and_change_nothing():
    network = Network([Conv2D(1, 4, 3, rng=rng()), ReLU(), Flatten(), Dense(4 * 36, 3, rng=rng())])
    x = rng(1).random((9001, 1, 8, 8), np.float32)
    whole = network.forward(x)
    tracemalloc.start()
    p = network.predict_proba(x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.6 * 2 * 9001 * 4 * 36 * 4  # what the first two layers would need for all at once
    np.testing.assert_allclose(p.argmax(axis=1), whole.argmax(axis=1))
    np.testing.assert_array_equal(network.predict(x), whole.argmax(axis=1))
    assert network.predict(x[:0]).shape == (0,)


# ---- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_saved_network_comes_back_bit_for_bit(tmp_path, dtype):
    network, other = (mlp([4, 5, 3], rng=rng(seed), dtype=dtype) for seed in (0, 1))
    theta = other.parameters()
    network.save(tmp_path / "net.npz")
    other.load(tmp_path / "net.npz")
    assert theta.tobytes() == network.parameters().tobytes()
    assert other.parameters() is theta  # filled in place: an optimizer goes on with it
    np.testing.assert_array_equal(other.forward(X[:, [0, 1, 2, 0]]), network.forward(X[:, [0, 1, 2, 0]]))


def test_a_saved_network_remembers_what_its_outputs_are(tmp_path):
    network, x = mlp([3, 1], rng=rng()), np.ones((4, 3))
    fit(network, x, x[:, 0], loss=mean_squared_error, optimizer=SGD(0.1), n_epochs=1, batch_size=4, rng=rng())
    network.save(tmp_path / "net.npz")
    other = mlp([3, 1], rng=rng())
    other.load(tmp_path / "net.npz")
    with pytest.raises(ValueError, match="must be logits to give classes, but are values"):
        other.predict(x)


def test_a_file_that_does_not_say_what_the_outputs_are_is_refused_and_changes_nothing(tmp_path):
    network, other = mlp([3, 4, 2], rng=rng(1)), mlp([3, 4, 2], rng=rng(2))
    network.save(tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz") as held:
        np.savez(tmp_path / "cut.npz", **{name: held[name] for name in held.files if name != "outputs"})
    before = other.parameters().copy()
    with pytest.raises(ValueError, match="outputs"):
        other.load(tmp_path / "cut.npz")
    assert (other.parameters() == before).all()


def test_a_saved_network_with_nan_is_refused_and_changes_nothing(tmp_path):
    network, other = mlp([3, 1], rng=rng()), mlp([3, 1], rng=rng(1))
    network.parameters()[1] = np.nan
    network.save(tmp_path / "net.npz")
    theta = other.parameters().copy()
    with pytest.raises(
        ValueError, match=r"theta in .*net\.npz must hold finite float32 numbers, got nan at \(1,\)"
    ):
        other.load(tmp_path / "net.npz")
    np.testing.assert_array_equal(other.parameters(), theta)


def test_a_file_says_what_it_holds_without_this_package(tmp_path):
    network = Network(
        [Dense(3, 4, rng=rng()), LeakyReLU(0.2), Dropout(0.5, rng=rng()), Dense(4, 1, rng=rng())]
    )
    network.save(tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz", allow_pickle=False) as npz:
        assert set(npz.files) == {"format", "architecture", "outputs", "theta"}
        assert str(npz["format"]) == "scratchmlp network 1"
        assert str(npz["architecture"]) == (
            "float32: Dense(W=(3, 4), b=(4,)), LeakyReLU(slope=0.2), Dropout(rate=0.5), Dense(W=(4, 1), b=(1,))"
        )
        np.testing.assert_array_equal(npz["theta"], network.parameters())


@pytest.mark.parametrize(
    ("other", "came"),
    [
        (lambda: mlp([3, 5, 2], rng=rng()), r"W=\(3, 5\)"),
        (lambda: mlp([3, 4, 2], activation=Tanh, rng=rng()), "Tanh"),
        (lambda: mlp([3, 4, 2], rng=rng(), dtype=np.float64), "float64"),
        (lambda: Network([Dense(3, 4, rng=rng()), LeakyReLU(0.5), Dense(4, 2, rng=rng())]), "slope=0.5"),
    ],
    ids=["sizes", "activation", "float type", "setting"],
)
def test_a_file_of_another_architecture_is_named_and_changes_nothing(tmp_path, other, came):
    network = mlp([3, 4, 2], rng=rng(1))
    if came == "slope=0.5":
        network = Network([Dense(3, 4, rng=rng(1)), LeakyReLU(0.2), Dense(4, 2, rng=rng(1))])
    theta = network.parameters().copy()
    other().save(tmp_path / "net.npz")
    with pytest.raises(
        ValueError, match=rf"net\.npz must have the architecture 'float32: .*', got '.*{came}"
    ):
        network.load(tmp_path / "net.npz")
    np.testing.assert_array_equal(network.parameters(), theta)


def test_a_truncated_file_is_named_and_changes_nothing(tmp_path):
    network, path = mlp([3, 4, 2], rng=rng(1)), tmp_path / "net.npz"
    network.save(path)
    whole, theta = path.read_bytes(), network.parameters().copy()
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"net\.npz must be a whole \.npz file of ours, got: "):
            network.load(path)
    np.testing.assert_array_equal(network.parameters(), theta)


def test_a_full_disk_leaves_the_saved_network_as_it_was(tmp_path, monkeypatch):
    network, path = mlp([3, 4, 2], rng=rng(1)), tmp_path / "net.npz"
    network.save(path)
    whole = path.read_bytes()

    def full(file, *array, **settings):
        file.write(b"PK")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("numpy.lib.format.write_array", full)
    with pytest.raises(OSError, match="No space left on device; what was there before is untouched"):
        mlp([3, 4, 2], rng=rng(2)).save(path)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("net.npz", whole)]


# ---- layers that networks share, and layers of one's own -----------------------------------------------------------


class Affine(Layer):
    """A layer of one's own: its gradients are made anew in each pass, under the keys in another order."""

    def __init__(self, D, M):
        super().__init__()
        self.params = {"W": rng(3).standard_normal((D, M)), "b": np.zeros(M)}
        self.grads = {"b": np.zeros(M), "W": np.zeros((D, M))}

    def forward(self, x, *, training=False):
        return self.keep(x, training) @ self.params["W"] + self.params["b"]

    def backward(self, dy):
        self.grads = {"b": dy.sum(axis=0), "W": self.saved().T @ dy}
        return dy @ self.params["W"].T


def blobs(n=120):
    """Points of three classes that lie apart."""
    y = np.arange(n) % 3
    return np.eye(3)[y] * 4 + rng(5).standard_normal((n, 3)), y


def trained_score(network, x, y, n_epochs=20, lr=0.1):
    fit(network, x, y, loss=cross_entropy, optimizer=SGD(lr), n_epochs=n_epochs, batch_size=20, rng=rng(4))
    return evaluate(network, x, y, loss=cross_entropy).accuracy


def test_gradients_belong_to_parameters_by_their_keys_and_not_by_their_order():
    x, y = blobs()
    network = Network([Affine(3, 3)])
    assert check_network(network, x[:5], y[:5], loss=cross_entropy, rng=rng()) < 1e-6
    network.backward(cross_entropy(network.forward(x, training=True), y)[1])
    W, b = network.layers[0].grads["W"], network.layers[0].grads["b"]
    np.testing.assert_array_equal(network.gradients(), [*W.ravel(), *b])
    assert trained_score(network, x, y) > 0.95


@pytest.mark.parametrize(
    ("grads", "message"),
    [
        (
            {"W": np.zeros((3, 3))},
            r"layer 0 \(Affine\): grads must have the keys of params, \['W', 'b'\], got \['W'\]",
        ),
        (
            {"W": np.zeros((3, 3)), "b": np.zeros(1)},
            r"layer 0 \(Affine\): grads\['b'\] must have shape \(3,\), got",
        ),
    ],
)
def test_gradients_of_other_keys_or_shapes_are_named(grads, message):
    layer = Affine(3, 3)
    layer.grads = grads
    with pytest.raises(ValueError, match=message):
        Network([layer]).parameters()


# ---- what outputs mean ------------------------------------------------------------------------------------------------


def test_a_regression_has_no_accuracy_and_gives_no_classes():
    x, y = blobs()
    network = mlp([3, 1], rng=rng(1))
    history = fit(
        network, x, y, loss=mean_squared_error, optimizer=SGD(0.01), n_epochs=1, batch_size=20, rng=rng(2)
    )
    assert np.isnan(history.accuracy[0])
    assert np.isnan(evaluate(network, x, y, loss=mean_squared_error).accuracy)
    for ask in (network.predict, network.predict_proba):
        with pytest.raises(
            ValueError, match="must be logits to give classes, but are values, as its loss has it"
        ):
            ask(x)


def test_a_network_that_ends_in_a_sigmoid_is_not_read_as_logits():
    network = Network([Dense(2, 1, rng=rng()), Sigmoid()])
    with pytest.raises(ValueError, match=r"but end in layer 1 \(Sigmoid\)"):
        network.predict(np.zeros((4, 2), np.float32))


def test_what_outputs_mean_is_saved_and_loaded(tmp_path):
    x, y = blobs()
    network, twin = mlp([3, 1], rng=rng(1)), mlp([3, 1], rng=rng(2))
    fit(network, x, y, loss=mean_squared_error, optimizer=SGD(0.01), n_epochs=1, batch_size=20, rng=rng(2))
    network.save(tmp_path / "net.npz")
    twin.load(tmp_path / "net.npz")
    assert twin.outputs == network.outputs == "values"


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_network_that_is_broken_gives_no_class(broken):
    network = mlp([3, 3], rng=rng(1))
    network.parameters()[0] = broken
    for ask in (network.predict, network.predict_proba):
        with pytest.raises(ValueError, match="outputs must hold finite float32 numbers"):
            ask(np.ones((2, 3), np.float32))


# ---- what a user keeps, prints, and asks in parts ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: SGD(0.1, momentum=0.9),
        lambda: Adam(cosine(0.01, n_steps=99)),
        lambda: Adam(warmup(staircase(0.01, every=3, factor=0.5), n_steps=2)),
    ],
)
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))])
def test_a_copy_of_network_and_optimizer_goes_on_as_the_original(make, copied):
    x, y = blobs()
    settings = {"loss": cross_entropy, "n_epochs": 2, "batch_size": 20}
    network, optimizer = mlp([3, 8, 3], rng=rng(1)), make()
    fit(network, x, y, optimizer=optimizer, rng=rng(2), **settings)
    twin, other = copied((network, optimizer))
    for net, opt in ((network, optimizer), (twin, other)):
        fit(net, x, y, optimizer=opt, rng=rng(3), **settings)
    np.testing.assert_array_equal(twin.parameters(), network.parameters())
    assert not np.shares_memory(twin.parameters(), network.parameters())


def test_a_network_says_what_it_is_made_of():
    assert (
        repr(mlp([3, 8, 2], rng=rng()))
        == "Network(float32: Dense(W=(3, 8), b=(8,)), ReLU(), Dense(W=(8, 2), b=(2,)))"
    )


def test_predictions_take_the_memory_of_a_part_of_the_examples():
    network = mlp([64, 512, 2], rng=rng())
    x = rng(1).standard_normal((20_000, 64), np.float32)
    tracemalloc.start()
    network.predict(x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * 20_000 * 512 / 3  # all hidden values at once would take three times as much


def test_predictions_in_parts_are_those_of_the_whole():
    network, x = mlp([3, 8, 2], rng=rng(), dtype=np.float64), rng(1).standard_normal((2500, 3))
    np.testing.assert_allclose(network.logits(x), network.forward(x), rtol=1e-12)


def test_the_package_says_its_version_and_that_it_is_typed():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert scratchmlp.__version__ == project["version"]
    assert (ROOT / "scratchmlp" / "py.typed").is_file()


# ---- what a network refuses


def in_half_precision():
    layer = Affine(3, 3)
    layer.params = {key: array.astype(np.float16) for key, array in layer.params.items()}
    return layer


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (Dense(3, 2, rng=rng()), "layers must be a list of layers, got Dense"),
        ([in_half_precision()], "layers must have parameters in float32 or float64, got float16"),
    ],
)
def test_layers_that_are_no_list_or_of_another_float_type_are_named(layers, message):
    with pytest.raises(TypeError, match=message):
        Network(layers)


def test_classes_are_read_off_rows_alone():
    images = Network([ReLU()])
    with pytest.raises(
        ValueError, match=r"outputs must have shape \(N, K\) to give classes, got \(2, 1, 3, 3\)"
    ):
        images.predict(np.ones((2, 1, 3, 3), np.float32))
    with pytest.raises(ValueError, match=r"x must have shape \(N, 3\), got \(\)"):
        mlp([3, 2], rng=rng()).predict(np.array(1.0))


def test_a_loss_that_is_no_finite_number_is_an_error_of_the_evaluation():
    x, y = blobs()
    network = mlp([3, 3], rng=rng(1))
    network.parameters()[:] = np.nan
    with pytest.raises(ValueError, match="loss must be a finite number, got nan"):
        evaluate(network, x, y, loss=cross_entropy)


@pytest.mark.parametrize("nonsense", [None, "halves", object(), np.int64])
def test_what_is_no_float_type_is_told_so(nonsense):
    with pytest.raises(TypeError, match="dtype must be float32 or float64, got"):
        mlp([3, 2], rng=rng(), dtype=nonsense)


def test_an_array_of_a_subclass_that_changes_nothing_is_taken_and_a_matrix_is_not():
    class Named(np.ndarray):
        """An array with a name, as libraries for data have it."""

    x, y = blobs()
    network = mlp([3, 3], rng=rng(1), dtype=np.float64)
    np.testing.assert_array_equal(network.predict(x.view(Named)), network.predict(x))
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.matrix(x)
    with pytest.raises(TypeError, match="x must be a plain array, got matrix"):
        network.predict(matrix)
    loss, _ = cross_entropy(network.forward(x), y.view(Named))
    assert loss == cross_entropy(network.forward(x), y)[0]
