"""The benchmark compares like with like, and gives raw values: no test asks how long anything takes."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import measure
from benchmarks.__main__ import lines, ratios
from benchmarks.contenders import CONTENDERS, HAS_TORCH, LR, ROWS, Row, data, products
from scratchmlp.losses import cross_entropy
from scratchmlp.network import mlp
from scratchmlp.optimizers import SGD
from scratchmlp.training import fit

ROOT = Path(__file__).parents[1]
SMALL = Row((6, 5, 4, 3), 8, 40, "sgd", epochs=2, timings=2)


@pytest.fixture
def small(monkeypatch):
    """A benchmark with one small row."""
    monkeypatch.setattr(measure, "ROWS", {"small": SMALL})
    for name in measure.FORCING:
        monkeypatch.delenv(name, raising=False)


def test_the_bare_loop_takes_the_steps_of_the_package():
    start = mlp(SMALL.sizes, rng=np.random.default_rng(1)).parameters()
    net = CONTENDERS["ours"](SMALL)(3)
    layers = CONTENDERS["bare"](SMALL)(3)
    theta = np.concatenate([array.ravel() for layer in layers for array in layer])
    np.testing.assert_allclose(theta, net.parameters(), rtol=1e-4, atol=1e-6)
    assert np.abs(theta - start).max() > 1e-3


def test_ours_is_what_a_reader_would_write():
    rng = np.random.default_rng(1)
    net = mlp(SMALL.sizes, rng=rng)
    settings = {"optimizer": SGD(LR["sgd"]), "batch_size": SMALL.batch, "rng": rng}
    fit(net, *data(SMALL), loss=cross_entropy, n_epochs=3, **settings)
    np.testing.assert_array_equal(CONTENDERS["ours"](SMALL)(3).parameters(), net.parameters())


@pytest.mark.parametrize("rule", ["sgd", "momentum", "adam"])
def test_scikit_learn_takes_as_many_steps_by_the_same_rule(rule):
    peer = CONTENDERS["sklearn"](SMALL._replace(rule=rule))
    net = peer(3)
    assert net.t_ == 3 * SMALL.examples
    optimizer = net._optimizer
    assert (type(optimizer).__name__, optimizer.learning_rate_init) == (
        "AdamOptimizer" if rule == "adam" else "SGDOptimizer",
        LR[rule],
    )
    if rule != "adam":
        assert (optimizer.momentum, optimizer.nesterov) == ({"sgd": 0.0, "momentum": 0.9}[rule], False)


def test_the_floor_is_the_products_that_a_step_cannot_do_without():
    asked = []

    def matmul(a, b, out):
        asked.append((a.shape, b.shape))
        return np.matmul(a, b, out=out)

    products(SMALL, np.asarray, matmul)(1)
    forward = [((8, 6), (6, 5)), ((8, 5), (5, 4)), ((8, 4), (4, 3))]
    backward = [((4, 8), (8, 3)), ((8, 3), (3, 4)), ((5, 8), (8, 4)), ((8, 4), (4, 5)), ((6, 8), (8, 5))]
    assert asked == (forward + backward) * (SMALL.examples // SMALL.batch)


@pytest.mark.skipif(not HAS_TORCH, reason="PyTorch is not installed")
def test_torch_trains_a_network_of_the_same_size():
    sizes = [tuple(p.shape) for p in CONTENDERS["torch"](SMALL)(1).parameters()]
    assert sizes == [(5, 6), (5,), (4, 5), (4,), (3, 4), (3,)]


def test_a_result_holds_the_raw_seconds_of_every_timing(small):
    result = measure.run(3, threads=(1,), memory=False)
    row = json.loads(json.dumps(result))["rows"]["small"]
    assert row.keys() == {*SMALL._asdict(), "seconds"}
    assert row["seconds"]["1"].keys() >= {"ours", "bare", "floor", "sklearn"}
    for seconds in row["seconds"]["1"].values():
        assert len(seconds) == 3 * SMALL.timings
        assert all(s > 0 for s in seconds)


def test_no_round_is_begun_that_would_end_too_late(small, monkeypatch):
    clock = iter(range(0, 10_000, 10))
    monkeypatch.setattr(
        measure.time, "monotonic", lambda: next(clock)
    )  # every look at it takes 10 s, a round 20
    assert measure.timings({"small": SMALL}, 99, (1,), limit=60)["rounds"] == 2
    assert measure.timings({"small": SMALL}, 99, (1,), limit=80)["rounds"] == 3
    assert measure.timings({"small": SMALL}, 2, (1,), limit=None)["rounds"] == 2


def test_ours_and_the_bare_loop_are_neighbours_and_everybody_begins_once():
    orders = [measure.turns(i) for i in range(8)]
    assert all(sorted(order) == sorted(CONTENDERS) for order in orders)
    assert {order.index("bare") - order.index("ours") for order in orders} == {1, -1}
    assert {order[0] for order in orders} == {*CONTENDERS}


def test_ratios_are_taken_within_a_timing():
    assert ratios({"a": [2.0, 9.0], "b": [1.0, 3.0]}, "a", "b") == [2.0, 3.0]
    assert ratios({"a": [2.0]}, "a", "torch") == []


def test_the_table_says_medians_and_what_it_was_measured_on(small):
    result = measure.run(1, threads=(1,), memory=False)
    seconds = result["rows"]["small"]["seconds"]["1"]
    seconds.update(ours=[0.004, 0.006], bare=[0.002, 0.004], floor=[0.001, 0.001])
    said = lines(result)
    assert said[1].split()[:5] == ["small", "1", "2.50", "1.75", "5.00"]
    assert result["machine"]["processor"] in said[-2]
    assert f"numpy {np.__version__}" in said[-1]


def test_the_result_names_the_kernel_of_numpys_library(small):
    found = {b["of"]: b for b in measure.machine()["blas"]}
    if "numpy" not in found:
        pytest.skip("NumPy's library for matrices is one that threadpoolctl does not know")
    assert found["numpy"]["kernel"]
    assert found["numpy"]["version"]


def test_a_kernel_that_is_forced_is_not_measured():
    program = "import json, sys; from benchmarks.measure import *; json.dump({}, sys.stdout)"
    usual = {name: value for name, value in os.environ.items() if name not in measure.FORCING}

    def result(expression, **forced):
        command = [sys.executable, "-c", program.format(expression)]
        environment = {**usual, **forced}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        return json.loads(done.stdout), done.stderr

    call = "run(1, rows=('64-64-32-10',), threads=(1,), memory=False)"
    forced, said = result(call, OPENBLAS_CORETYPE="Nehalem", OPENBLAS_L2_SIZE="256")
    assert forced["left_out"] == ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"]
    assert "measured without OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE" in said
    free, _ = result("machine()")
    assert forced["machine"]["blas"][0] == free["blas"][0]  # NumPy's, as far as it is known


def test_memory_is_that_of_a_process_of_its_own():
    peaks = measure.peaks("64-64-32-10")
    assert {"ours", "sklearn"} <= peaks.keys()
    assert all(math.isfinite(mib) and mib > 10 for mib in peaks.values())


def test_every_row_says_a_rule_that_the_contenders_know():
    assert {row.rule for row in ROWS.values()} == {*LR}
