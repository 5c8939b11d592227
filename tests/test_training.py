"""Training learns, keeps a true record, and gives the same bits for the same seed."""

import inspect
import linecache
import math
import pickle
import signal
import sys

import numpy as np
import pytest

from scratchmlp.datasets import digits, split
from scratchmlp.initializers import normal
from scratchmlp.layers import LeakyReLU, ReLU, Sigmoid, Tanh
from scratchmlp.losses import binary_cross_entropy, cross_entropy, mean_squared_error
from scratchmlp.network import mlp
from scratchmlp.optimizers import SGD, Adam, cosine
from scratchmlp.training import Diverged, History, batches, evaluate, fit


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
    lists = {name: values for name, values in vars(history).items() if isinstance(values, list)}
    assert len(lists) == 6
    for name, values in lists.items():
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
        ({"n_epochs": 0}, r"n_epochs must be an integer in \[1, inf\), got 0"),
        ({"batch_size": 0}, r"batch_size must be an integer in \[1, 40\], got 0"),
        ({"batch_size": 41}, r"batch_size must be an integer in \[1, 40\], got 41"),
        ({"scale": 0}, r"scale must be a number in \(0, inf\), got 0"),
        ({"max_norm": -1.0}, r"max_norm must be a number in \(0, inf\], got -1.0"),
        (
            {"patience": 0, "validation": (np.zeros((4, 64), np.uint8), np.zeros(4, int))},
            "patience must be an",
        ),
        ({"patience": 2}, r"validation must be a pair \(x, y\) where patience is given, got None"),
        (
            {"x": np.where(np.arange(40 * 64).reshape(40, 64) == 130, np.nan, 1), "scale": None},
            r"x must hold finite float32 numbers, got nan at \(2, 2\)",
        ),
        ({"x": np.full((40, 64), 1e300), "scale": None}, "x must hold finite float32 numbers, got 1e.300 at"),
        (
            {"y": np.full((40, 10), -np.inf), "loss": mean_squared_error},
            r"y must hold finite float32 numbers, got -inf at \(0, 0\)",
        ),
        ({"scale": None}, "x holds uint8, so scale must be given"),
        ({"y": np.zeros(3, int)}, "x and y must hold one row for each example, got 40 and 3 rows"),
        (
            {"x": np.zeros((40, 7), np.uint8)},
            r"x must have shape \(N, 64\), got \(1, 7\), for the first example of x, uint8 of shape \(40, 7\)",
        ),
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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rng": 0}, r"rng must be a generator, such as np.random.default_rng\(0\), got int"),
        ({"n_epochs": 2.0}, r"n_epochs must be an integer in \[1, inf\), got 2.0"),
        ({"batch_size": "32"}, r"batch_size must be an integer in \[1, 40\], got '32'"),
        ({"scale": "1/255"}, r"scale must be a number in \(0, inf\), got '1/255'"),
        ({"x": [[0.0] * 64] * 40}, "x must be an array with one row for each example, got list"),
        ({"y": np.array(["a"] * 40)}, r"y must hold numbers, got <U1 of shape \(40,\)"),
        ({"y": np.array(3)}, r"y must be an array with one row for each example, got int64 of shape \(\)"),
        ({"validation": np.zeros((4, 64))}, r"validation must be a pair \(x, y\), got float64 of shape"),
    ],
)
def test_arguments_of_another_kind_are_named_before_anything_is_trained(change, message):
    network = mlp([64, 16, 10], rng=rng(1))
    before = network.parameters().copy()
    data = {"x": np.ones((40, 64), np.uint8), "y": np.zeros(40, int)} | change
    with pytest.raises(TypeError, match=message):
        train(data.pop("x"), data.pop("y"), network=network, **data)
    np.testing.assert_array_equal(network.parameters(), before)


# ---- clipping and rates -------------------------------------------------------------------------------------------


def test_gradients_are_clipped_and_recorded_as_they_were_before(images):
    x, y = images[0][:320], images[1][:320]
    norms = []

    class Measuring(SGD):
        def step(self, theta, dtheta):
            norms.append(float(np.linalg.norm(dtheta)))
            super().step(theta, dtheta)

    _, free = train(x, y, n_epochs=1, optimizer=Measuring(1e-9))
    longest, shortest, limit = max(norms), min(norms), float(np.median(norms))
    assert free.gradient_norm == pytest.approx([np.mean(norms)])
    norms.clear()
    _, clipped = train(x, y, n_epochs=1, optimizer=Measuring(1e-9), max_norm=limit)
    assert clipped.gradient_norm == pytest.approx(free.gradient_norm)
    assert max(norms) == pytest.approx(limit)
    assert longest > limit > min(norms) == pytest.approx(shortest)


def test_history_records_the_rate_of_the_last_step_of_each_epoch(images):
    x, y = images[0][:64], images[1][:64]
    rate = cosine(0.1, n_steps=6)
    _, history = train(x, y, optimizer=SGD(rate))  # two batches in each of three epochs
    assert history.lr == [rate(1), rate(3), rate(5)]


def test_adam_learns_the_digits_too(images):
    x, y = images
    network, history = train(x[:1200], y[:1200], optimizer=Adam(0.003), n_epochs=10)
    assert history.loss[-1] < 0.2
    assert evaluate(network, x[1200:], y[1200:], loss=cross_entropy, scale=1 / 16).accuracy > 0.85


# ---- callbacks, early stopping, Ctrl-C, divergence ----------------------------------------------------------------


def test_callbacks_are_called_after_each_epoch_with_the_network_and_its_history(images):
    x, y = images[0][:64], images[1][:64]
    seen = []

    def look(network, history):
        score = evaluate(network, x, y, loss=cross_entropy, scale=1 / 16)
        seen.append((len(history.loss), score.loss == history.validation_loss[-1]))

    train(x, y, validation=(x, y), callbacks=[look, lambda network, history: seen.append("second")])
    assert seen == [(1, True), "second", (2, True), "second", (3, True), "second"]


def scripted(losses):
    """A loss that is right in training; on the 4 validation examples it gives the listed values, one by one."""
    values = iter(losses)

    def loss(outputs, y):
        value, doutputs = cross_entropy(outputs, y)
        return (next(values) if len(y) == 4 and outputs.any() else value), doutputs

    return loss


@pytest.mark.parametrize(
    ("losses", "n_trained", "best"),
    [
        ([5, 4, 3, 3.5, 3, 9], 5, 2),  # an equal loss is no new lowest one
        ([5, 6, 4, 6, 3, 2], 6, 5),
        ([1, 2, 3], 3, 0),
    ],
)
def test_training_stops_after_its_patience_and_the_best_parameters_come_back(images, losses, n_trained, best):
    x, y = images
    visited = []
    network, history = train(
        x[:64],
        y[:64],
        loss=scripted([*losses, *[0] * 9]),
        n_epochs=len(losses),
        validation=(x[64:68], y[64:68]),
        patience=2,
        callbacks=[lambda network, history: visited.append(network.parameters().copy())],
    )
    assert history.validation_loss == losses[:n_trained]
    assert len(visited) == n_trained
    np.testing.assert_array_equal(network.parameters(), visited[best])
    np.testing.assert_array_equal(history.best, visited[best])
    assert not history.interrupted


def test_early_stopping_ends_near_the_lowest_validation_loss_of_a_network_that_overfits(images):
    x, y = images
    noisy = np.where(rng(4).random(60) < 0.3, rng(5).integers(0, 10, 60), y[:60])
    validation = (x[1000:], y[1000:])
    network, history = train(
        x[:60], noisy, network=mlp([64, 64, 10], rng=rng(1)), n_epochs=300, validation=validation, patience=5
    )
    assert len(history.loss) < 300
    lowest = min(history.validation_loss)
    assert evaluate(network, *validation, loss=cross_entropy, scale=1 / 16).loss == lowest
    assert history.validation_loss.index(lowest) == len(history.loss) - 6


def test_a_run_whose_patience_is_over_does_not_go_on_and_says_so(images):
    x, y = images[0][:64], images[1][:64]
    over = History(
        validation_loss=[1.0, 2.0, 3.0], best=mlp([64, 16, 10], rng=rng(1)).parameters(), best_epoch=1
    )
    over.interrupted = True  # or the last epoch would be looked at again
    with pytest.warns(UserWarning, match="nothing is trained: the best epoch lies 2 epochs back") as told:
        _, history = train(x, y, validation=(x, y), patience=2, history=over)
    lines, first = inspect.getsourcelines(train)
    assert told[0].filename == __file__
    assert 0 <= told[0].lineno - first < len(lines)  # where fit was called
    assert history is over
    assert history.loss == []


@pytest.fixture(autouse=True)
def ctrl_c():
    """Ctrl-C does what it does on a terminal, also where these tests run in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class InterruptAt:
    """A loss during which Ctrl-C is pressed, at one of its calls."""

    def __init__(self, call):
        self.call, self.n_calls = call, 0

    def __call__(self, outputs, y):
        self.n_calls += 1
        if self.n_calls == self.call:
            signal.raise_signal(signal.SIGINT)
        return cross_entropy(outputs, y)


def test_ctrl_c_keeps_the_weights_and_the_history_of_whole_epochs(images):
    x, y = images[0][:64], images[1][:64]
    # There are two calls for each epoch: the sixth is within the third epoch.
    network, history = train(x, y, loss=InterruptAt(6), n_epochs=10)
    assert history.interrupted
    assert [len(values) for values in (history.loss, history.gradient_norm, history.lr)] == [2, 2, 2]
    twin, _ = train(x, y, n_epochs=2)
    assert not np.array_equal(network.parameters(), twin.parameters())  # one step more has been taken
    train(x, y, network=network, history=history, n_epochs=3)
    assert len(history.loss) == 5
    assert not history.interrupted


@pytest.mark.parametrize("call", range(1, 12))
def test_ctrl_c_at_any_place_leaves_lists_of_one_length_and_a_network_that_works(images, call):
    x, y = images[0][:64], images[1][:64]
    network, optimizer = mlp([64, 16, 10], rng=rng(1)), Adam()
    history = History()
    train(
        x,
        y,
        network=network,
        optimizer=optimizer,
        loss=InterruptAt(call),
        validation=(x, y),
        history=history,
    )
    lengths = {len(values) for values in vars(history).values() if isinstance(values, list)}
    assert lengths == {(call - 1) // 3}
    train(x, y, network=network, optimizer=optimizer, history=history, validation=(x, y))
    assert np.isfinite(network.parameters()).all()


def test_ctrl_c_with_patience_gives_the_best_parameters_so_far(images):
    x, y = images
    visited = []

    def stop(network, history):
        visited.append(network.parameters().copy())
        if len(visited) == 3:
            raise KeyboardInterrupt

    network, history = train(
        x[:64],
        y[:64],
        loss=scripted([3, 1, 2]),
        validation=(x[64:68], y[64:68]),
        patience=5,
        n_epochs=9,
        callbacks=[stop],
    )
    assert history.interrupted
    assert len(history.loss) == 3
    np.testing.assert_array_equal(network.parameters(), visited[1])


def test_a_loss_that_is_no_longer_finite_is_named_with_its_epoch_and_batch(images):
    x, y = images[0][:128], images[1][:128]

    def loss(outputs, y):
        value, doutputs = cross_entropy(outputs, y)
        loss.n_calls += 1
        return (math.nan if loss.n_calls == 4 + 3 else value), doutputs

    loss.n_calls = 0
    history = History()
    message = (
        "loss must be a finite number, got nan in epoch 2, batch 3: "
        "try a smaller lr, or clip the gradients by max_norm"
    )
    with pytest.raises(RuntimeError) as caught:
        train(x, y, loss=loss, history=history)
    assert str(caught.value) == message
    assert len(history.loss) == 1
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value))):
        assert type(error) is Diverged
        assert (error.epoch, error.step, math.isnan(error.loss), str(error)) == (2, 7, True, message)


def test_a_rate_that_is_far_too_high_ends_in_that_error_without_a_warning(images):
    x, y = images
    with pytest.raises(RuntimeError, match=r"must be a finite number, got (nan|inf) in epoch \d+, batch \d+"):
        train(x, y, loss=mean_squared_error, scale=1.0, network=mlp([64, 1], rng=rng(1)))


def test_parameters_that_break_in_the_last_step_are_found_too(images):
    x, y = images[0][:32], images[1][:32]
    with pytest.raises(
        RuntimeError, match=r"parameter_norm must be a finite number, got (nan|inf) after epoch 1"
    ):
        train(x, y, n_epochs=1, optimizer=SGD(lambda n: 1e300))


def test_a_validation_loss_that_is_no_longer_finite_is_found(images):
    x, y = images
    with pytest.raises(RuntimeError, match="validation_loss must be a finite number, got nan after epoch 2"):
        train(x[:64], y[:64], loss=scripted([1, math.nan]), validation=(x[64:68], y[64:68]))


def test_clipping_saves_a_run_that_would_diverge(images):
    x, y = images
    settings = {"loss": mean_squared_error, "scale": 1.0, "optimizer": SGD(0.01)}
    with pytest.raises(RuntimeError):
        train(x, y, network=mlp([64, 1], rng=rng(1)), **settings)
    settings["optimizer"] = SGD(0.01)
    _, history = train(x, y, network=mlp([64, 1], rng=rng(1)), max_norm=1.0, **settings)
    assert history.loss[-1] < history.loss[0]


def test_early_stopping_and_validation_leave_the_training_itself_as_it_is(images):
    x, y = images
    plain, record = train(x[:300], y[:300])
    stopped, other = train(x[:300], y[:300], validation=(x[300:], y[300:]), patience=100, max_norm=1e9)
    assert record.loss == other.loss
    assert other.validation_loss[-1] == min(other.validation_loss)
    np.testing.assert_array_equal(plain.parameters(), stopped.parameters())


# ---- continued, stopped, diverged ------------------------------------------------------------------------------------


def test_patience_in_a_continued_history_gives_back_the_best_parameters_that_are_known(images):
    x, y = images[0][:64], images[1][:64]
    network, history = train(x, y, loss=scripted([1, 2, 3]), validation=(x[:4], y[:4]))  # the best are gone
    assert history.best is None
    visited = [network.parameters().copy()]
    train(
        x,
        y,
        network=network,
        loss=scripted([5, 4, 6]),
        validation=(x[:4], y[:4]),
        patience=30,
        history=history,
        callbacks=[lambda network, _: visited.append(network.parameters().copy())],
    )
    assert history.validation_loss == [1, 2, 3, 5, 4, 6]
    assert history.best_epoch == 3  # the last epoch before, whose parameters were still there
    np.testing.assert_array_equal(network.parameters(), visited[0])


def test_a_loss_of_ones_own_is_only_called_with_real_targets(images):
    x = images[0][:64]
    p = (1 + x) / (1 + x).sum(axis=1, keepdims=True)
    seen = []

    def divergence(logits, p):
        """Kullback-Leibler divergence from softmax(logits) to p, which has to be above 0."""
        seen.append(len(p))
        assert (p > 0).all()
        q = np.exp(logits - logits.max(axis=1, keepdims=True))
        q /= q.sum(axis=1, keepdims=True)
        return float((p * np.log(p / q)).sum()) / len(p), (q - p) / len(p)

    _, history = train(x, p, network=mlp([64, 16, 64], rng=rng(1)), loss=divergence)
    assert history.loss[-1] < history.loss[0]
    assert set(seen) == {32}
    assert np.isnan(history.accuracy).all()


def test_an_autoencoder_can_be_trained(images):
    x = images[0][:64] / 16
    network, history = train(x, x, network=mlp([64, 32, 64], rng=rng(1)), loss=mean_squared_error, scale=None)
    assert history.loss[-1] < history.loss[0]
    assert network.outputs == "values"


def test_divergence_says_where_and_with_which_loss(images):
    x, y = images
    with pytest.raises(Diverged) as caught:
        train(x, y, loss=mean_squared_error, scale=1.0, network=mlp([64, 1], rng=rng(1)))
    error = caught.value
    assert isinstance(error, RuntimeError)
    assert error.epoch == 1
    assert error.step >= 1
    assert not math.isfinite(error.loss) or error.loss > 1e30
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.epoch, again.step) == (str(error), error.epoch, error.step)


def test_an_epoch_that_moves_nothing_is_warned_of(images):
    x, y = images[0][:64], images[1][:64]
    with pytest.warns(UserWarning, match="epoch 2 moves nothing: lr is 0") as caught:
        train(x, y, n_epochs=2, optimizer=SGD(cosine(0.1, n_steps=2)))
    assert "return network, fit(" in linecache.getline(caught[0].filename, caught[0].lineno)


def test_a_table_that_is_no_array_is_refused_alike_everywhere(images):
    class Table:
        """What a DataFrame is to NumPy."""

        def __array__(self, dtype=None, copy=None):
            return np.ones((40, 64))

    network, y = mlp([64, 10], rng=rng(1)), np.zeros(40, int)
    for use in (
        lambda: train(Table(), y, network=network),
        lambda: evaluate(network, Table(), y, loss=cross_entropy),
        lambda: network.predict(Table()),
    ):
        with pytest.raises(TypeError, match="Table"):
            use()


@pytest.mark.parametrize("place", ["x", "y", "validation", "predict", "evaluate"])
def test_a_masked_array_is_refused_at_every_border(images, place):
    x, y = images[0][:64] / 16, images[1][:64]
    hidden = np.ma.masked_less(x, 0.5)
    network = mlp([64, 10], rng=rng(1))
    uses = {
        "x": lambda: train(hidden, y, scale=None),
        "y": lambda: train(x, np.ma.masked_less(y, 5), scale=None),
        "validation": lambda: train(x, y, scale=None, validation=(hidden, y)),
        "predict": lambda: network.predict(hidden),
        "evaluate": lambda: evaluate(network, hidden, y, loss=cross_entropy),
    }
    with pytest.raises(TypeError, match="must be a plain array, got MaskedArray"):
        uses[place]()


def test_a_progress_bar_that_is_not_installed_says_how_to_get_it(images, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ImportError, match=r'pip install "scratchmlp\[progress\]"'):
        train(images[0][:64], images[1][:64], progress=True)
