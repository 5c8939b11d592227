"""The probes: each reads the layer that it is said to read, and changes nothing in it."""

import numpy as np
import pytest

from experiments import probes, results
from scratchmlp.network import mlp

HELD, RAW = results.values("probes"), results.read("probes")["runs"]


def invented(n, seed):
    """So many invented images and labels."""
    rng = np.random.default_rng(seed)
    return rng.random((n, 6), np.float32), rng.integers(0, 10, n)


def test_each_probe_reads_the_output_of_its_layer_and_leaves_the_network_as_it_was(monkeypatch):
    seen = []
    monkeypatch.setattr(probes, "probe", lambda images, seed: seen.append(images) or 0.5)
    net = mlp([6, 5, 4, 3, 10], rng=np.random.default_rng(0))
    before = net.parameters().copy()
    images = [invented(n, n) for n in (7, 3, 2)]
    assert probes.probed(net, images, 0) == dict.fromkeys(("h1", "h2", "h3"), 0.5)
    h = [x for x, _ in images]
    for layer, found in zip(net.layers[::2], seen, strict=False):
        h = [np.maximum(0, x @ layer.params["W"] + layer.params["b"]) for x in h]
        for ours, theirs, (_, y) in zip(h, found, images, strict=True):
            assert theirs[0] == pytest.approx(ours, abs=1e-6)
            assert (theirs[1] == y).all()
    assert (net.parameters() == before).all()


def test_the_validation_images_alone_choose_the_rate(monkeypatch):
    rng, seen, whole = np.random.default_rng(1), [], probes.evaluate
    monkeypatch.setattr(probes, "evaluate", lambda *a, **k: seen.append(a[2]) or whole(*a, **k))
    centres = 3 * rng.normal(size=(10, 6))
    labels = [rng.integers(0, 10, n) for n in (200, 70, 80)]
    parts = [((centres[y] + rng.normal(size=(len(y), 6))).astype(np.float32), y) for y in labels]
    assert probes.probe(parts, 0) > 0.8
    assert len(seen) == len(probes.RATES)
    assert all(y is labels[1] for y in seen)


def test_a_feature_that_never_changes_does_no_harm():
    x, y = invented(60, 0)
    x[:, 2] = 0.5
    assert 0 <= probes.probe([(x, y)] * 3, 0) <= 1


@pytest.mark.parametrize("layer", probes.LAYERS)
def test_differences_are_paired_seed_by_seed_in_points(layer):
    for state in probes.STATES:
        pairs = zip(RAW[state][layer], RAW["x"], strict=True)
        assert HELD["points"][state][layer] == pytest.approx([100 * (a - b) for a, b in pairs])
    pairs = zip(RAW["trained"][layer], RAW["untrained"][layer], strict=True)
    assert HELD["gained"][layer] == pytest.approx([100 * (a - b) for a, b in pairs])
