"""The benchmark compares like with like: the bare loop takes the steps that the package takes."""

import numpy as np
import pytest

import benchmarks.__main__ as bench
from scratchmlp.losses import cross_entropy
from scratchmlp.network import mlp
from scratchmlp.optimizers import SGD
from scratchmlp.training import fit

SMALL = bench.Row([6, 5, 4, 3], 8, 40, "sgd")


@pytest.fixture
def small(monkeypatch):
    """A small dense network as the only row."""
    x, y = np.random.default_rng(0).random((40, 6), np.float32), np.random.default_rng(1).integers(3, size=40)
    monkeypatch.setattr(bench, "ROWS", {"small": SMALL})
    monkeypatch.setattr(bench, "data", lambda name: (x, y))
    return x, y


def test_the_bare_loop_takes_the_steps_of_the_package(small):
    rng = np.random.default_rng(1)
    net = mlp(SMALL.sizes, rng=rng)
    start = net.parameters().copy()
    settings = {"optimizer": SGD(bench.LR["sgd"]), "batch_size": 8, "rng": rng}
    fit(net, *small, loss=cross_entropy, n_epochs=3, **settings)
    layers = bench.bare_loop("small")(3)
    theta = np.concatenate([array.ravel() for layer in layers for array in layer])
    np.testing.assert_allclose(theta, net.parameters(), rtol=1e-4, atol=1e-6)
    assert np.abs(theta - start).max() > 1e-3


def test_every_contender_is_timed_and_compared(small):
    found = bench.measure("small", 1, rounds=2)
    assert {"ours", "floor", "bare", "sklearn"} <= found["seconds"].keys()
    for label, pair in bench.RATIOS.items():
        assert (found[label] is None) == (not found["seconds"].keys() >= set(pair)), label
