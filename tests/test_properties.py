"""Whatever comes in: an answer that keeps its promises, or an error of ours; no warning, no hang.

Inputs are drawn by Hypothesis, the same ones at every run.
"""

import math
import tempfile
import traceback
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("hypothesis")

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from scratchmlp.activations import log_softmax, relu, sigmoid, softmax, tanh
from scratchmlp.checkup import checkup
from scratchmlp.datafiles import read_cifar, read_idx, read_table
from scratchmlp.datasets import split
from scratchmlp.initializers import he, lecun, normal, xavier, zeros
from scratchmlp.layers import Dense, Dropout, Flatten, LeakyReLU, ReLU, Tanh
from scratchmlp.losses import binary_cross_entropy, cross_entropy, mean_squared_error
from scratchmlp.network import Network, mlp
from scratchmlp.optimizers import SGD, Adam, clip_by_norm, constant, cosine, staircase, warmup
from scratchmlp.training import batches, evaluate, fit

PACKAGE = Path(__file__).parents[1] / "scratchmlp"
few = settings(
    derandomize=True, deadline=None, max_examples=60, database=None, suppress_health_check=list(HealthCheck)
)


def rng(seed=0):
    return np.random.default_rng(seed)


def ours(error):
    """Whether an error was raised by a statement of the package, and not by something that it called."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return Path(last.filename).parent == PACKAGE and (last.line or "").startswith("raise")


def answer_or_error(function, *args, **kwargs):
    """The answer, or None for an error of ours; any other error, and any warning, goes on to the test."""
    try:
        return function(*args, **kwargs)
    except (ValueError, TypeError, RuntimeError) as error:
        if not ours(error):
            raise
        return None


# ---- what may come in -------------------------------------------------------------------------------------------------

ODD_NUMBERS = st.one_of(
    st.sampled_from([0, -1, 1, 2, 3, 7, 0.0, -0.5, 0.5, 1.0, 1e300, -1e300, math.nan, math.inf, -math.inf]),
    st.sampled_from(
        [None, "1", "", b"1", 1j, True, [], [1], (), {}, np.float32(0.5), np.int64(2), np.ones(1)]
    ),
    st.integers(-5, 50),
    st.floats(),
)
KINDS = [np.float32, np.float64, np.float16, np.int64, np.uint8, np.bool_, np.complex64, "U3"]
SHAPES = st.one_of(
    st.sampled_from(
        [(), (0,), (3,), (0, 4), (3, 4), (3, 0), (3, 1), (1, 4), (3, 4, 1), (3, 1, 2, 2), (2, 4), (3, 3)]
    ),
    npst.array_shapes(max_dims=4, max_side=5, min_side=0),
)


@st.composite
def arrays(draw):
    """Arrays of all kinds and shapes, with numbers of moderate size, and now and then nan or infinity."""
    shape, kind, seed = draw(SHAPES), draw(st.sampled_from(KINDS)), draw(st.integers(0, 9))
    values = rng(seed).integers(-3, 12, shape) if seed % 2 else 5 * rng(seed).standard_normal(shape)
    with np.errstate(invalid="ignore"):
        array = np.asarray(values).astype(kind)
    if array.dtype.kind == "f" and array.size and draw(st.integers(0, 9)) == 0:
        array.flat[0] = draw(st.sampled_from([np.nan, np.inf, -np.inf]))
    return array


ODD_ARRAYS = st.one_of(
    arrays(), arrays(), st.sampled_from([None, 3, "text", [], [[1.0, 2.0]], [["a"]], (1, 2)])
)


# ---- bad input --------------------------------------------------------------------------------------------------------


@few
@given(x=ODD_ARRAYS)
def test_predictions(x):
    network = mlp([4, 5, 3], rng=rng())
    p, classes = answer_or_error(network.predict_proba, x), answer_or_error(network.predict, x)
    assert (p is None) == (classes is None)
    if p is not None:
        np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-5)
        np.testing.assert_array_equal(classes, p.argmax(axis=1))


@few
@given(
    x=ODD_ARRAYS,
    y=ODD_ARRAYS,
    loss=st.sampled_from([cross_entropy, binary_cross_entropy, mean_squared_error]),
)
def test_losses(x, y, loss):
    answer = answer_or_error(loss, x, y)
    if answer is not None and np.isfinite(x).all():
        value, gradient = answer
        assert type(value) is float
        assert value >= 0
        assert (gradient.shape, gradient.dtype) == (x.shape, x.dtype)


SETTINGS = [
    "n_epochs",
    "batch_size",
    "scale",
    "patience",
    "max_norm",
    "rng",
    "validation",
    "loss",
    "optimizer",
]
SETTINGS += ["callbacks", "history"]


@few
@given(name=st.sampled_from(SETTINGS), value=ODD_NUMBERS)
def test_settings_of_fit(name, value):
    if name == "n_epochs" and isinstance(value, int) and value > 3:
        value = 3
    x, y = rng().random((6, 4)), np.arange(6) % 3
    given = {"loss": cross_entropy, "optimizer": SGD(0.1), "n_epochs": 1, "batch_size": 2, "rng": rng()}
    network = mlp([4, 5, 3], rng=rng())
    history = answer_or_error(fit, network, x, y, **given | {name: value})
    if history is not None:
        assert len(history.loss) >= 1
        assert np.isfinite(network.parameters()).all()


@few
@given(
    x=ODD_ARRAYS,
    y=ODD_ARRAYS,
    scale=st.sampled_from([None, 1.0, 1 / 255]),
    loss=st.sampled_from([cross_entropy, binary_cross_entropy, mean_squared_error]),
    K=st.sampled_from([1, 3]),
)
def test_data_of_fit_evaluate_and_batches(x, y, scale, loss, K):
    network = mlp([4, K], rng=rng())
    score = answer_or_error(evaluate, network, x, y, loss=loss, scale=scale)
    settings = {"optimizer": Adam(0.01), "n_epochs": 1, "batch_size": 1, "rng": rng()}
    history = answer_or_error(fit, network, x, y, loss=loss, scale=scale, **settings)
    assert (score is None) == (history is None)
    if score is not None:
        assert score.loss >= 0
        assert np.isfinite(network.parameters()).all()
    pairs = answer_or_error(lambda: list(batches(x, y, batch_size=1, rng=rng())))
    if pairs is not None:
        assert len(pairs) == len(x) == len(y)
    settings = {"optimizer": Adam(0.01), "n_steps": 2, "rng": rng()}
    findings = answer_or_error(checkup, mlp([4, K], rng=rng()), x, y, loss=loss, scale=scale, **settings)
    if score is not None:
        assert findings is not None
        assert findings[0].passed
    elif findings is not None:
        assert [finding.passed for finding in findings] == [False]


@few
@given(
    name=st.sampled_from(["loss", "optimizer", "rng", "scale", "batch_size", "n_steps"]), value=ODD_NUMBERS
)
def test_settings_of_checkup(name, value):
    if name == "n_steps" and isinstance(value, int) and value > 3:
        value = 3
    x, y = rng().random((6, 4)), np.arange(6) % 3
    given = {"loss": cross_entropy, "optimizer": SGD(0.1), "n_steps": 2, "batch_size": 2, "rng": rng()}
    network = mlp([4, 5, 3], rng=rng())
    theta = network.parameters().copy()
    findings = answer_or_error(checkup, network, x, y, **given | {name: value})
    if findings is not None:
        assert findings[0].passed
        assert {type(finding.value) for finding in findings} == {float}
    np.testing.assert_array_equal(network.parameters(), theta)


@few
@given(x=ODD_ARRAYS, y=ODD_ARRAYS, n_test=ODD_NUMBERS, seed=st.sampled_from([rng(), rng(), 0, None]))
def test_splits(x, y, n_test, seed):
    data = answer_or_error(split, x, y, n_test=n_test, rng=seed)
    if data is not None:
        assert len(data.x_train) + len(data.x_test) == len(x)
        assert min(len(data.x_train), len(data.x_test)) >= 1


OPTIMIZERS = [
    lambda v: SGD(v),
    lambda v: SGD(0.1, momentum=v),
    lambda v: SGD(0.1, weight_decay=v),
    lambda v: SGD(0.1, l2=v),
    lambda v: Adam(v),
    lambda v: Adam(beta1=v),
    lambda v: Adam(beta2=v),
    lambda v: Adam(eps=v),
]


@few
@given(make=st.sampled_from(OPTIMIZERS), value=ODD_NUMBERS, theta=ODD_ARRAYS, dtheta=ODD_ARRAYS)
def test_optimizers(make, value, theta, dtheta):
    optimizer = answer_or_error(make, value)
    if optimizer is not None:
        with np.errstate(all="ignore"):  # the wildest rates and gradients overflow
            answer_or_error(optimizer.step, theta, dtheta)
            theta = np.ones(3, np.float32)
            answer_or_error(make(value).step, theta, theta.copy())
        assert theta.dtype == np.float32


SCHEDULES = [
    lambda v, n: constant(v),
    lambda v, n: staircase(v, every=n, factor=0.5),
    lambda v, n: staircase(0.1, every=3, factor=v),
    lambda v, n: cosine(v, n_steps=n),
    lambda v, n: cosine(0.1, n_steps=n, end=v),
    lambda v, n: warmup(v, n_steps=n),
    lambda v, n: warmup(cosine(0.1, n_steps=5), n_steps=n),
]


@few
@given(make=st.sampled_from(SCHEDULES), value=ODD_NUMBERS, n=ODD_NUMBERS, at=st.integers(0, 10**6))
def test_schedules(make, value, n, at):
    schedule = answer_or_error(make, value, n)
    if schedule is not None:
        assert type(schedule(at)) is float
        assert 0 <= schedule(at) < math.inf


@few
@given(v=ODD_ARRAYS, max_norm=ODD_NUMBERS)
def test_clipping(v, max_norm):
    norm = answer_or_error(clip_by_norm, v, max_norm)
    if norm is not None and math.isfinite(norm):
        assert np.linalg.norm(v.astype(np.float64)) <= min(norm, max_norm) * 1.01 + 1e-6


LAYERS = [
    lambda v: Dense(v, 2, rng=rng()),
    lambda v: Dense(2, v, rng=rng()),
    lambda v: Dense(2, 2, rng=v),
    lambda v: Dropout(v, rng=rng()),
    lambda v: Dropout(0.5, rng=v),
    lambda v: mlp([3, v, 2], rng=rng()),
    lambda v: mlp([3, 2], rng=v),
    lambda v: Network([v]),
    lambda v: Network(v),
    lambda v: mlp(v, rng=rng()),
    lambda v: mlp([3, 2], activation=v, rng=rng()),
    lambda v: mlp([3, 2], initializer=v, rng=rng()),
    lambda v: mlp([3, 2], rng=rng(), dtype=v),
    lambda v: LeakyReLU(v),
    lambda v: SGD(0.1, momentum=0.5, nesterov=v),
    lambda v: normal(v)((2, 3), rng=rng()),
    lambda v: he((v, 3), rng=rng()),
    lambda v: he(v, rng=rng()),
    lambda v: xavier((3, v, 2, 2), rng=rng()),
    lambda v: zeros(v, rng=rng()),
    lambda v: lecun((2, 3), rng=v),
]


@settings(few, max_examples=300)
@given(make=st.sampled_from(LAYERS), value=ODD_NUMBERS)
def test_layers_and_networks(make, value):
    made = answer_or_error(make, value)
    assert made is None or value is not None


WHOLE_IDX = bytes.fromhex(
    "1f8b08000000000002ff63606060616060600462462666163676000000e6b50a0e000000"
)  # the beginning of a gzip stream, and more


@few
@given(data=st.one_of(st.binary(max_size=60), st.binary(max_size=30).map(lambda b: WHOLE_IDX[:20] + b)))
def test_readers(data):
    for read in (
        lambda: read_idx(data, "a", n_axes=3),
        lambda: read_cifar(data * 99, "a"),
        lambda: read_table(data, "a", n_columns=2),
    ):
        answer_or_error(read)


@few
@given(places=st.lists(st.tuples(st.floats(0, 0.999), st.integers(1, 255)), max_size=3), keep=st.floats(0, 1))
def test_damaged_files(places, keep):
    network = mlp([2, 3, 2], rng=rng())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "net.npz")
        network.save(path)
        data = bytearray(path.read_bytes())
        for place, change in places:
            data[int(place * len(data))] ^= change
        path.write_bytes(data[: math.ceil(keep * len(data))])
        theta = network.parameters().copy()
        answer_or_error(network.load, path)
    np.testing.assert_array_equal(network.parameters(), theta)  # refused, or what was saved


# ---- good input -------------------------------------------------------------------------------------------------------

LOGITS = npst.arrays(
    st.sampled_from([np.float32, np.float64]),
    st.tuples(st.integers(1, 6), st.integers(2, 5)),
    elements=st.floats(-1e4, 1e4, width=32),
)


@few
@given(logits=LOGITS)
def test_probabilities_add_up_to_1_and_keep_the_order_of_the_logits(logits):
    p = softmax(logits)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-5)
    assert (p >= 0).all()
    assert (np.take_along_axis(p, logits.argmax(axis=1)[:, None], 1)[:, 0] == p.max(axis=1)).all()
    assert (log_softmax(logits) <= 0).all()


@few
@given(logits=LOGITS, seed=st.integers(0, 99))
def test_a_loss_is_finite_and_not_negative_and_its_gradient_moves_no_row_as_a_whole(logits, seed):
    labels = rng(seed).integers(0, logits.shape[1], len(logits))
    value, gradient = cross_entropy(logits, labels)
    assert 0 <= value < math.inf
    np.testing.assert_allclose(gradient.sum(axis=1), 0, atol=1e-5)
    value, gradient = binary_cross_entropy(logits[:, 0], labels % 2)
    assert 0 <= value < math.inf
    assert np.abs(gradient).max() <= 1 / len(logits)


@few
@given(z=LOGITS)
def test_activations_stay_in_their_range(z):
    assert (relu(z) >= 0).all()
    assert ((sigmoid(z) >= 0) & (sigmoid(z) <= 1)).all()
    assert (np.abs(tanh(z)) <= 1).all()


@st.composite
def networks(draw):
    """Small networks of any depth, in float64."""
    sizes = draw(st.lists(st.integers(1, 6), min_size=2, max_size=4))
    activation = draw(st.sampled_from([ReLU, Tanh, LeakyReLU]))
    return mlp([*sizes, 3], activation=activation, rng=rng(draw(st.integers(0, 99))), dtype=np.float64)


@few
@given(network=networks(), N=st.integers(1, 6), seed=st.integers(0, 99))
def test_the_order_of_a_batch_is_that_of_its_outputs_and_none_of_the_gradient_s(network, N, seed):
    D = len(network.layers[0].params["W"])
    x, y, order = rng(seed).standard_normal((N, D)), rng(seed).integers(0, 3, N), rng(seed).permutation(N)
    results = []
    for rows in (np.arange(N), order):
        logits = network.forward(x[rows], training=True)
        value, dlogits = cross_entropy(logits, y[rows])
        dx = network.backward(dlogits, input_gradient=True)
        results.append((logits, dx, value, network.gradients().copy()))
    (logits, dx, value, gradient), (logits_2, dx_2, value_2, gradient_2) = results
    np.testing.assert_allclose(logits_2, logits[order], atol=1e-12)
    np.testing.assert_allclose(dx_2, dx[order], atol=1e-12)
    assert value_2 == pytest.approx(value)
    np.testing.assert_allclose(gradient_2, gradient, atol=1e-12)


@few
@given(network=networks())
def test_saving_and_loading_is_the_identity(network):
    theta = network.parameters().copy()
    with tempfile.TemporaryDirectory() as folder:
        network.save(Path(folder, "net.npz"))
        network.parameters()[...] = -1
        network.load(Path(folder, "net.npz"))
    assert network.parameters().tobytes() == theta.tobytes()


@few
@given(shape=npst.array_shapes(min_dims=2, max_dims=4, max_side=4))
def test_flatten_loses_nothing(shape):
    x = rng().standard_normal(shape)
    layer = Flatten()
    np.testing.assert_array_equal(layer.backward(layer.forward(x, training=True)), x)
