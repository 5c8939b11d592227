"""A run that is saved and goes on elsewhere gives the bits of one that was never stopped."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from scratchmlp.checkpoints import FORMAT, load_checkpoint, save_checkpoint, settings
from scratchmlp.files import OtherNetwork, read, write
from scratchmlp.layers import Dense, Dropout, Layer, ReLU
from scratchmlp.losses import cross_entropy, mean_squared_error
from scratchmlp.network import Network, mlp
from scratchmlp.optimizers import SGD, Adam, cosine
from scratchmlp.training import History, fit

ROOT = Path(__file__).parents[1]
OPTIMIZERS = {
    "SGD": lambda: SGD(0.1),
    "momentum": lambda: SGD(0.1, momentum=0.9, nesterov=True, l2=1e-3),
    "Adam": lambda: Adam(cosine(0.01, n_steps=100), weight_decay=0.01),
}
each_optimizer = pytest.mark.parametrize("kind", OPTIMIZERS)


class Run:
    """A network with dropout, its optimizer and generators, made anew from the same seeds; and its data."""

    def __init__(self, kind="momentum", bit_generator=np.random.PCG64):
        weights, masks, order = np.random.SeedSequence(7).spawn(3)
        rng = np.random.default_rng(weights)
        layers = [Dense(6, 16, rng=rng), ReLU(), Dropout(0.3, rng=np.random.default_rng(masks))]
        self.network = Network([*layers, Dense(16, 3, rng=rng)])
        self.optimizer = OPTIMIZERS[kind]()
        self.rng = np.random.Generator(bit_generator(order))
        data = np.random.default_rng(8)
        self.x = data.standard_normal((120, 6)).astype(np.float32)
        self.y = (self.x[:, :3] + 0.5 * data.standard_normal((120, 3))).argmax(axis=1)

    def fit(self, n_epochs, **settings):
        settings = {
            "loss": cross_entropy,
            "optimizer": self.optimizer,
            "batch_size": 32,
            "rng": self.rng,
        } | settings
        validation = (self.x[100:], self.y[100:])
        return fit(
            self.network, self.x[:100], self.y[:100], n_epochs=n_epochs, validation=validation, **settings
        )

    def save(self, path, history):
        save_checkpoint(path, self.network, optimizer=self.optimizer, rng=self.rng, history=history)

    def load(self, path):
        return load_checkpoint(path, self.network, optimizer=self.optimizer, rng=self.rng)


def assert_same_bits(run, history, other, other_history):
    assert run.network.parameters().tobytes() == other.network.parameters().tobytes()
    assert history == other_history
    for name, array in run.optimizer.state.items():
        assert array.tobytes() == other.optimizer.state[name].tobytes(), name
    assert run.rng.bit_generator.state == other.rng.bit_generator.state


@each_optimizer
def test_4_epochs_and_6_more_are_10_epochs_bit_for_bit(tmp_path, kind):
    whole, first, second = Run(kind), Run(kind), Run(kind)
    record = whole.fit(10)
    first.save(tmp_path / "run.npz", first.fit(4))
    history = second.load(tmp_path / "run.npz")
    assert len(history.loss) == 4
    assert_same_bits(whole, record, second, second.fit(6, history=history))


@each_optimizer
def test_a_new_process_goes_on_bit_for_bit(tmp_path, kind):
    whole, first = Run(kind), Run(kind)
    record = whole.fit(10)
    first.save(tmp_path / "4.npz", first.fit(4))
    program = f"""
import sys
sys.path.insert(0, {str(ROOT / "tests")!r})
from test_checkpoints import Run
run = Run({kind!r})
history = run.fit(6, history=run.load({str(tmp_path / "4.npz")!r}))
run.save({str(tmp_path / "10.npz")!r}, history)
"""
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, cwd=ROOT)
    second = Run(kind)
    assert_same_bits(whole, record, second, second.load(tmp_path / "10.npz"))


@pytest.mark.parametrize("name", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_every_generator_of_numpy_can_be_kept(tmp_path, name):
    kind = getattr(np.random, name)
    whole, first, second = (Run(bit_generator=kind) for _ in range(3))
    record = whole.fit(3)
    first.save(tmp_path / "run.npz", first.fit(1))
    history = second.fit(2, history=second.load(tmp_path / "run.npz"))
    assert history == record
    np.testing.assert_array_equal(whole.network.parameters(), second.network.parameters())


def test_dropout_goes_on_with_its_own_masks(tmp_path):
    first, second, fresh = Run(), Run(), Run()
    first.save(tmp_path / "run.npz", first.fit(2))
    second.load(tmp_path / "run.npz")
    x = np.ones((4, 6), np.float32)
    fresh.network.parameters()[...] = first.network.parameters()
    expected = first.network.forward(x, training=True)
    np.testing.assert_array_equal(second.network.forward(x, training=True), expected)
    assert not np.array_equal(fresh.network.forward(x, training=True), expected)


def test_one_generator_for_everything_is_kept_too(tmp_path):
    def make():
        run = Run()
        run.network.layers[2].rng = run.rng
        return run

    whole, first, second = make(), make(), make()
    record = whole.fit(5)
    first.save(tmp_path / "run.npz", first.fit(2))
    assert_same_bits(whole, record, second, second.fit(3, history=second.load(tmp_path / "run.npz")))


def test_a_run_with_patience_goes_on_from_a_callback_bit_for_bit(tmp_path):
    whole, first, second = Run(), Run(), Run()
    record = whole.fit(40, patience=4)
    assert len(record.loss) < 40

    def save(network, history):
        if len(history.loss) == 6:
            first.save(tmp_path / "run.npz", history)

    first.fit(9, patience=4, callbacks=[save])
    history = second.load(tmp_path / "run.npz")
    assert history.best is not None
    assert_same_bits(whole, record, second, second.fit(34, patience=4, history=history))
    np.testing.assert_array_equal(record.best, history.best)


def test_a_checkpoint_before_the_first_step_is_one_too(tmp_path):
    whole, first, second = Run(), Run(), Run()
    record = whole.fit(2)
    first.save(tmp_path / "run.npz", History())
    assert_same_bits(whole, record, second, second.fit(2, history=second.load(tmp_path / "run.npz")))


def test_what_the_outputs_are_comes_back(tmp_path):
    run, other = Run(), Run()
    run.save(tmp_path / "run.npz", run.fit(1, loss=mean_squared_error_of_one_hot))
    other.load(tmp_path / "run.npz")
    with pytest.raises(ValueError, match="must be logits to give classes, but are values"):
        other.network.predict(run.x)


def mean_squared_error_of_one_hot(outputs, y):
    return mean_squared_error(outputs, np.eye(3, dtype=outputs.dtype)[y])


mean_squared_error_of_one_hot.outputs = "values"


def test_a_history_with_nan_comes_back(tmp_path):
    run = Run()
    run.save(tmp_path / "run.npz", History(loss=[0.1], accuracy=[float("nan")]))
    history = Run().load(tmp_path / "run.npz")
    assert history.loss == [0.1]
    assert np.isnan(history.accuracy).all()


def test_the_rate_may_change_on_the_way(tmp_path):
    first, second = Run(), Run()
    first.save(tmp_path / "run.npz", first.fit(2))
    second.optimizer = SGD(0.001, momentum=0.9, nesterov=True, l2=1e-3)
    history = second.load(tmp_path / "run.npz")
    assert second.fit(1, history=history).lr == [0.1, 0.1, 0.001]


def test_lists_that_somebody_added_to_the_history_come_back(tmp_path):
    run, history = Run(), History(loss=[0.5], interrupted=True)
    history.seconds, history.note = [np.float32(0.25), 3], "first trial"
    run.save(tmp_path / "run.npz", history)
    loaded = Run().load(tmp_path / "run.npz")
    assert (loaded.seconds, loaded.note, loaded.loss, loaded.interrupted) == (
        [0.25, 3],
        "first trial",
        [0.5],
        True,
    )


def test_what_a_history_cannot_keep_is_named_and_the_old_file_stays(tmp_path):
    run, history = Run(), History()
    run.save(tmp_path / "run.npz", history)
    before = (tmp_path / "run.npz").read_bytes()
    history.seen = [{1, 2}]
    with pytest.raises(TypeError, match="history must hold lists of numbers or texts, got set in one"):
        run.save(tmp_path / "run.npz", history)
    assert (tmp_path / "run.npz").read_bytes() == before


class RunningMean(Layer):
    """Subtracts a mean that it learns by running along, and that no gradient changes."""

    def __init__(self, D):
        super().__init__()
        self.state = {"mean": np.zeros(D, np.float32), "n": np.zeros((), np.int64)}

    def forward(self, x, *, training=False):
        if training:
            self.state["mean"] += np.float32(0.1) * (x.mean(axis=0) - self.state["mean"])
            self.state["n"] += 1
        return x - self.state["mean"]

    def backward(self, dy):
        return dy


def with_running_mean(D=16):
    run = Run()
    run.network = Network([*run.network.layers[:2], RunningMean(D), *run.network.layers[2:]])
    return run


def test_the_running_state_of_an_own_layer_goes_on_bit_for_bit(tmp_path):
    whole, first, second = with_running_mean(), with_running_mean(), with_running_mean()
    record = whole.fit(5)
    first.save(tmp_path / "run.npz", first.fit(2))
    mean = second.network.layers[2].state["mean"]
    assert_same_bits(whole, record, second, second.fit(3, history=second.load(tmp_path / "run.npz")))
    assert second.network.layers[2].state["mean"] is mean  # filled, not replaced
    assert mean.tobytes() == whole.network.layers[2].state["mean"].tobytes()
    assert second.network.layers[2].state["n"] == whole.network.layers[2].state["n"] > 0


def test_a_running_state_of_another_shape_is_named_and_nothing_is_changed(tmp_path):
    first, second = with_running_mean(), with_running_mean()
    first.save(tmp_path / "run.npz", first.fit(2))
    second.network.layers[2].state["mean"] = np.zeros(7, np.float32)
    before = contents(second)
    with pytest.raises(
        ValueError, match=r"must hold float32 of shape \(7,\) as layer 2 mean, got float32 of shape \(16"
    ):
        second.load(tmp_path / "run.npz")
    assert contents(second) == before


def test_a_generator_s_state_that_is_none_changes_nothing(tmp_path):
    first, second = Run(), Run()
    first.save(tmp_path / "run.npz", first.fit(1))
    names = ["format", "architecture", "record", "theta", "velocity"]
    held = read(tmp_path / "run.npz", names)
    record = json.loads(str(held["record"]))
    record["generators"][1]["state"] = "none"
    write(tmp_path / "run.npz", **{**held, "record": json.dumps(record)})
    before = contents(second)
    with pytest.raises(ValueError, match=r"run\.npz must hold states of generators, got: "):
        second.load(tmp_path / "run.npz")
    assert contents(second) == before


def test_what_is_no_part_of_a_run_is_named(tmp_path):
    run = Run()
    path, right = tmp_path / "run.npz", {"optimizer": run.optimizer, "rng": run.rng}
    run.save(path, History())
    for call in (partial(save_checkpoint, history=History()), load_checkpoint):
        with pytest.raises(TypeError, match="network must be a Network, got list"):
            call(path, run.network.layers, **right)
        with pytest.raises(TypeError, match=r"optimizer must be an optimizer, such as SGD.*, got 'adam'"):
            call(path, run.network, **right | {"optimizer": "adam"})
        with pytest.raises(TypeError, match="rng must be a generator"):
            call(path, run.network, **right | {"rng": 0})
        with pytest.raises(TypeError, match="path must be a text or a path, got int"):
            call(5, run.network, **right)
    with pytest.raises(TypeError, match="history must be a History, got dict"):
        save_checkpoint(path, run.network, **right, history={})


# ---- what does not fit --------------------------------------------------------------------------------------------


def contents(run):
    return run.network.parameters().tobytes(), str(run.rng.bit_generator.state), run.optimizer.n_steps


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            lambda run: setattr(run, "network", mlp([6, 16, 3], rng=np.random.default_rng(0))),
            OtherNetwork,
            r"run\.npz must have the architecture .*, got .*Dropout\(rate=0\.3\).*",
        ),
        (
            lambda run: setattr(run, "optimizer", Adam()),
            ValueError,
            r"optimizer must be SGD, as in .*run\.npz, got Adam",
        ),
        (
            lambda run: setattr(run, "optimizer", SGD(0.1, momentum=0.8, nesterov=True, l2=1e-3)),
            ValueError,
            r"optimizer must have momentum=0\.9, as in .*run\.npz, got 0\.8",
        ),
        (
            lambda run: setattr(run, "optimizer", SGD(0.1, momentum=0.9, l2=1e-3)),
            ValueError,
            r"optimizer must have nesterov=True, as in .*run\.npz, got False",
        ),
        (
            lambda run: setattr(run, "optimizer", SGD(0.1, momentum=0.9, nesterov=True)),
            ValueError,
            r"optimizer must have l2=0\.001, as in .*run\.npz, got 0\.0",
        ),
        (
            lambda run: vars(run.optimizer).update(damping=0.5),
            ValueError,
            r"optimizer must have damping=None, as in .*run\.npz, got 0\.5",
        ),
        (
            lambda run: setattr(run.network.layers[1], "state", {"mean": np.zeros(3)}),
            ValueError,
            r"layers must hold the state \[\], as in .*run\.npz, got \['layer 1 mean'\]",
        ),
        (
            lambda run: run.fit(1),
            ValueError,
            "optimizer must be new, got one that has taken 4 steps",
        ),
        (lambda run: setattr(run, "rng", 5), TypeError, "rng must be a generator"),
        (
            lambda run: setattr(run, "rng", np.random.Generator(np.random.MT19937(0))),
            ValueError,
            r"rng, and those of the layers, must be \['PCG64', 'PCG64'\], as in .*, got \['MT19937', 'PCG64'\]",
        ),
    ],
    ids=[
        *("architecture", "optimizer", "momentum", "nesterov", "l2", "own setting", "state"),
        *("used optimizer", "no generator", "generator"),
    ],
)
def test_what_differs_is_named_and_nothing_is_changed(tmp_path, change, error, message):
    first, second = Run(), Run()
    first.save(tmp_path / "run.npz", first.fit(1))
    change(second)
    if not isinstance(second.rng, np.random.Generator):
        with pytest.raises(error, match=message):
            second.load(tmp_path / "run.npz")
        return
    before = contents(second)
    with pytest.raises(error, match=message):
        second.load(tmp_path / "run.npz")
    assert contents(second) == before


def test_a_file_of_network_save_is_no_checkpoint_and_the_other_way_round(tmp_path):
    run = Run()
    run.network.save(tmp_path / "network.npz")
    with pytest.raises(
        ValueError, match="must have the format 'scratchmlp checkpoint 3', got 'scratchmlp network 1'"
    ):
        run.load(tmp_path / "network.npz")
    run.save(tmp_path / "run.npz", History())
    with pytest.raises(
        ValueError, match="must have the format 'scratchmlp network 1', got 'scratchmlp checkpoint 3'"
    ):
        run.network.load(tmp_path / "run.npz")


def test_a_checkpoint_cut_short_changes_nothing(tmp_path):
    first, second = Run(), Run()
    first.save(tmp_path / "run.npz", first.fit(1))
    whole, before = (tmp_path / "run.npz").read_bytes(), contents(second)
    for length in range(0, len(whole), 301):
        (tmp_path / "run.npz").write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"must be a whole \.npz file of ours"):
            second.load(tmp_path / "run.npz")
    assert contents(second) == before


def test_a_state_of_another_size_is_named(tmp_path):
    run = Run()
    run.save(tmp_path / "run.npz", run.fit(1))
    held = read(tmp_path / "run.npz", ["record", "theta"])
    assert json.loads(str(held["record"]))["optimizer"] == "SGD"
    write(
        tmp_path / "run.npz",
        format=FORMAT,
        architecture=run.network.architecture(),
        **held,
        velocity=np.zeros(3, np.float32),
    )
    with pytest.raises(
        ValueError, match=r"must hold float32 of shape \(163,\) as velocity, got float32 of shape \(3,\)"
    ):
        Run().load(tmp_path / "run.npz")


def test_what_an_optimizer_keeps_to_itself_is_no_setting():
    sgd = SGD(0.1, momentum=0.5)
    before = settings(sgd)
    sgd._steps_until_the_sweep, sgd.weight_decay_of_a_subclass = 7, 0.25
    assert before["momentum"] == 0.5
    assert settings(sgd) == before | {"weight_decay_of_a_subclass": 0.25}
