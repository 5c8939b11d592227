"""Training learns, keeps a true record, and gives the same bits for the same seed."""

import math
import sys

import numpy as np
import pytest

from scratchmlp.datasets import digits, split
from scratchmlp.initializers import normal
from scratchmlp.layers import LeakyReLU, ReLU, Sigmoid, Tanh
from scratchmlp.losses import binary_cross_entropy, cross_entropy, mean_squared_error
from scratchmlp.network import mlp
from scratchmlp.optimizers import SGD
from scratchmlp.training import batches, evaluate, fit


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def images():
    pytest.importorskip("sklearn")
    x, y = digits()
    return x.reshape(len(x), -1), y


def train(x, y, *, network=None, optimizer=None, **settings):
    """Fit a 64-16-10 network for three epochs, unless the settings say otherwise."""
    network = network or mlp([x.shape[1], 16, 10], rng=rng(1))
    optimizer = optimizer or SGD(0.1, momentum=0.9)
    settings = {
        "loss": cross_entropy,
        "n_epochs": 3,
        "batch_size": 32,
        "rng": rng(2),
        "scale": 1 / 16,
    } | settings
    return network, fit(network, x, y, optimizer=optimizer, **settings)


def test_the_loss_at_the_start_is_log_K(images):
    x, y = images
    small = mlp([64, 64, 10], initializer=normal(0.01), rng=rng())
    assert evaluate(small, x, y, loss=cross_entropy, scale=1 / 16).loss == pytest.approx(
        math.log(10), rel=1e-3
    )
    usual = mlp([64, 64, 10], rng=rng())
    assert evaluate(usual, x, y, loss=cross_entropy, scale=1 / 16).loss == pytest.approx(
        math.log(10), rel=0.2
    )


@pytest.mark.parametrize("activation", [ReLU, LeakyReLU, Tanh, Sigmoid])
def test_a_network_memorises_one_batch_even_with_random_labels(images, activation):
    x, y = images[0][:32], rng(3).integers(0, 10, 32)
    network = mlp([64, 64, 10], activation=activation, rng=rng(1))
    _, history = train(x, y, network=network, n_epochs=600)
    assert history.loss[-1] < 0.05
    assert history.accuracy[-1] == 1


def test_64_64_10_reaches_96_percent_on_unseen_digits_over_five_seeds(images):
    accuracies = []
    for seed in range(5):
        splitting, weights, order = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(3))
        data = split(*images, n_test=500, rng=splitting)
        network = mlp([64, 64, 10], rng=weights)
        train(data.x_train, data.y_train, network=network, n_epochs=20, rng=order)
        accuracies.append(
            evaluate(network, data.x_test, data.y_test, loss=cross_entropy, scale=1 / 16).accuracy
        )
    assert np.mean(accuracies) >= 0.96


def test_a_line_is_found_by_mean_squared_error():
    x = rng().standard_normal((200, 2)).astype(np.float32)
    y = x @ [2.0, -3.0] + 0.5
    network = mlp([2, 1], rng=rng(1))
    _, history = train(x, y, network=network, loss=mean_squared_error, scale=None, n_epochs=50)
    np.testing.assert_allclose(network.parameters(), [2, -3, 0.5], atol=1e-4)
    assert math.isnan(history.accuracy[-1])


def test_two_classes_are_told_apart_by_one_logit():
    x = rng().standard_normal((200, 2))
    y = (x[:, 0] * x[:, 1] > 0).astype(int)
    network = mlp([2, 16, 1], rng=rng(1))
    _, history = train(x, y, network=network, loss=binary_cross_entropy, scale=None, n_epochs=100)
    assert history.accuracy[-1] > 0.97
    assert evaluate(network, x, y, loss=binary_cross_entropy).accuracy == np.mean(network.predict(x) == y)


def test_the_same_seeds_give_the_same_bits(images):
    (first, record), (second, same_record) = train(*images), train(*images)
    np.testing.assert_array_equal(first.parameters(), second.parameters())
    assert record == same_record
    other, _ = train(*images, rng=rng(99))
    assert not np.array_equal(first.parameters(), other.parameters())


def test_everything_is_float32_after_training(images):
    optimizer = SGD(np.float64(0.1), momentum=0.9)
    network, _ = train(*images, optimizer=optimizer)
    arrays = [network.parameters(), network.gradients(), optimizer.velocity]
    for layer in network.layers:
        arrays += [*layer.params.values(), *layer.grads.values()]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


def test_float64_training_stays_float64_and_close_to_float32(images):
    single, _ = train(*images, n_epochs=1)
    double = mlp([64, 16, 10], rng=rng(1), dtype=np.float64)
    train(*images, network=double, n_epochs=1)
    assert double.parameters().dtype == np.float64
    np.testing.assert_allclose(single.parameters(), double.parameters(), atol=1e-4)


def test_bytes_are_scaled_batch_by_batch_to_the_same_result(images):
    x, y = images
    by_batch, _ = train(x, y)
    at_once, _ = train(x.astype(np.float32) / 16, y, scale=None)
    assert x.dtype == np.uint8
    np.testing.assert_array_equal(by_batch.parameters(), at_once.parameters())


def test_an_epoch_by_fit_is_the_loop_written_out(images):
    x, y = images[0] * np.float32(1 / 16), images[1]
    network, history = train(x, y, n_epochs=1, scale=None)
    twin, order, theta_loss, norms, right = (
        mlp([64, 16, 10], rng=rng(1)),
        rng(2).permutation(len(x)),
        [],
        [],
        0,
    )
    optimizer = SGD(0.1, momentum=0.9)
    for start in range(0, len(x), 32):
        rows = order[start : start + 32]
        logits = twin.forward(x[rows], training=True)
        right += np.sum(logits.argmax(axis=1) == y[rows])
        value, dlogits = cross_entropy(logits, y[rows])
        theta_loss.append(value * len(rows))
        twin.backward(dlogits)
        norms.append(np.linalg.norm(twin.gradients().astype(np.float64)))
        optimizer.step(twin.parameters(), twin.gradients())
    np.testing.assert_array_equal(network.parameters(), twin.parameters())
    assert history.loss == pytest.approx([sum(theta_loss) / len(x)])
    assert history.gradient_norm == pytest.approx([np.mean(norms)])
    assert history.accuracy == [right / len(x)]


def test_history_has_one_number_per_epoch_and_only_python_floats(images):
    x, y = images
    network, history = train(x[:300], y[:300], validation=(x[300:], y[300:]))
    for name, values in vars(history).items():
        assert len(values) == 3, name
        assert {type(value) for value in values} == {float}, name
    assert history.lr == [0.1, 0.1, 0.1]
    score = evaluate(network, x[300:], y[300:], loss=cross_entropy, scale=1 / 16)
    assert (history.validation_loss[-1], history.validation_accuracy[-1]) == score


def test_without_validation_data_the_validation_lists_stay_empty(images):
    _, history = train(*images, n_epochs=1)
    assert history.validation_loss == history.validation_accuracy == []


def test_validation_data_do_not_touch_training(images):
    x, y = images
    without, _ = train(x[:300], y[:300])
    validated, _ = train(x[:300], y[:300], validation=(x[300:], y[300:]))
    np.testing.assert_array_equal(without.parameters(), validated.parameters())


def test_batches_hold_every_example_once_and_the_last_may_be_smaller():
    x = np.arange(10)[:, None]
    pairs = list(batches(x, x[:, 0] * 2, batch_size=4, rng=rng()))
    assert [len(batch) for batch, _ in pairs] == [4, 4, 2]
    seen = np.concatenate([batch for batch, _ in pairs])[:, 0]
    assert sorted(seen) == list(range(10))
    np.testing.assert_array_equal(np.concatenate([targets for _, targets in pairs]), seen * 2)


def test_every_epoch_has_a_new_order():
    x, generator = np.arange(20), rng()
    first, second = ([list(b) for b, _ in batches(x, x, batch_size=20, rng=generator)] for _ in range(2))
    assert first != second


def test_evaluate_is_the_mean_over_examples_however_they_are_cut(images):
    x, y = images
    network = mlp([64, 10], rng=rng(1), dtype=np.float64)
    score = evaluate(network, x, y, loss=cross_entropy, scale=1 / 16)
    logits = network.forward(x / 16)
    assert score.loss == pytest.approx(cross_entropy(logits, y)[0], rel=1e-12)
    assert score.accuracy == pytest.approx(np.mean(logits.argmax(axis=1) == y), rel=1e-12)


def test_progress_is_counted_on_request(images, capsys):
    pytest.importorskip("tqdm")
    train(*images, n_epochs=2)
    assert capsys.readouterr().err == ""
    train(*images, n_epochs=2, progress=True)
    assert "2/2" in capsys.readouterr().err


def test_tqdm_is_not_needed_without_a_progress_bar(images, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    train(*images, n_epochs=1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_epochs": 0}, "n_epochs and batch_size must be at least 1, got 0 and 32"),
        ({"batch_size": 0}, "n_epochs and batch_size must be at least 1, got 3 and 0"),
        ({"scale": None}, "x holds uint8, so scale must be given"),
        ({"y": np.zeros(3, int)}, "x and y must hold one row for each example, got 40 and 3 rows"),
        ({"x": np.zeros((40, 7), np.uint8)}, r"x must have shape \(N, 64\), got \(1, 7\)"),
        (
            {"y": np.where(np.arange(40) == 37, 10, 0)},
            r"labels must be integers in \[0, 10\), got 10 at position 37",
        ),
        (
            {"validation": (np.zeros((4, 64), np.uint8), np.full(4, -1))},
            r"in \[0, 10\), got -1 at position 0",
        ),
    ],
)
def test_bad_input_is_named_before_anything_is_trained(change, message):
    network = mlp([64, 16, 10], rng=rng(1))
    before = network.parameters().copy()
    data = {"x": np.ones((40, 64), np.uint8), "y": np.zeros(40, int)} | change
    with pytest.raises(ValueError, match=message):
        train(data.pop("x"), data.pop("y"), network=network, **data)
    np.testing.assert_array_equal(network.parameters(), before)
