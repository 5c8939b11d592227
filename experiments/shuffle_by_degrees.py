"""Shuffle the pixels of the 8×8 digits by degrees, after training: how fast do an MLP and a CNN lose their way?"""

from __future__ import annotations

from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import numpy as np

from experiments.shuffled_digits import build, trained
from scratchmlp.network import Network

QUESTION = (
    "What do an MLP and a CNN, trained on digits in place, make of digits of which some pixels have moved?"
)
CONDITIONS = (
    "1,797 real 8×8 digits, 1,297 to train, 500 to test; MLP 64-64-10; CNN: conv 8, conv 16, max pool, dense, kernels "
    "3×3; ReLU, He, float32, SGD with momentum 0.9, rate 0.05, batch 32, 20 epochs, on digits in place; tested in "
    "float64 on digits of which the first n pixels of a random sequence have passed their values on in a cycle; split, "
    "initial weights, batches and sequence anew for each of 8 seeds; the exported networks are those of the first seed, "
    "their parameters rounded to 3 decimals, and the digits beside them the first of each class to show what a shuffle "
    "does: right in both networks in place, wrong in each at some degree, and right in only one of them at some degree"
)
SEEDS = range(8)
DEGREES, DECIMALS = range(0, 65, 4), 3
SETTINGS = {"n_test": 500, "degrees": DEGREES}
DERIVED = {
    **{
        f"{part}.{name}": f"{part}([right.{name}])"
        for part in ("mean", "sd")
        for name in ("mlp", "cnn", "rows")
    },
    "rows.answers": "sum([answers])",  # of the MLP whose rows move along, and how many of them are others than in place
    "rows.changed": "sum([changed])",
    "rows.apart": "max([apart])",
}
TOLERANCE = {  # 6 of 500 images; parameters to the third decimal, and what rounding them changes
    "right.*": 0.012,
    "rounded.*": 10,
    "networks.mlp.*": 0.01,
    "networks.cnn.*": 0.01,
    "networks.digits.*": None,  # the networks of another kernel may call for other digits
    "telling": 25,
}


def once() -> dict[str, Any]:
    """What rounding changes in the networks of the first seed, and these networks, to export."""
    first = contest(SEEDS[0])
    networks = {name: exported(net) for name, net in first.nets.items()}
    shows = telling([restored(networks, name) for name in networks], first.x, first.y, first.sequence)
    return {
        "rounded": {name: {str(d): by_rounding(first, name, d) for d in (2, 3, 4)} for name in first.nets},
        "networks": {
            "sequence": row(first.sequence),
            "scale": 1 / 16,
            "digits": [row(16 * first.x[shows & (first.y == k)][0]) for k in range(10)],
            **networks,
        },
        "telling": int(shows.sum()),
    }


def telling(nets: list[Network], x: np.ndarray, y: np.ndarray, sequence: np.ndarray) -> np.ndarray:
    """Which of the images x (N, 64) show what shuffling does, (N,).

    They are those that both networks judge rightly in place and each wrongly at some degree, and that at some degree
    only one of them judges rightly.
    """
    moves = [places(sequence, n) for n in DEGREES]
    one, other = (np.array([logits(net, x, source).argmax(axis=1) == y for source in moves]) for net in nets)
    return one[0] & other[0] & ~one.all(axis=0) & ~other.all(axis=0) & (one != other).any(axis=0)


def run(seed: int) -> dict[str, Any]:
    """The accuracy of three contestants at every degree, and what moving the rows along changes."""
    found = contest(seed)
    in_place, twins = found.logits["mlp"][0], found.logits["rows"]
    return {
        "right": {name: [right(z, found.y) for z in found.logits[name]] for name in ("mlp", "cnn", "rows")},
        "answers": sum(len(z) for z in twins),
        "changed": sum(changed(z, in_place) for z in twins),
        "apart": max(float(np.abs(z - in_place).max()) for z in twins),
    }


def contest(seed: int) -> SimpleNamespace:
    """Both networks of a seed in float64, its test digits, its sequence, and the logits by contestant at every degree."""
    nets: dict[str, Any] = {}
    for model in ("mlp", "cnn"):
        net, data, sequence = trained(model, seed, 1297, shuffled=False)
        nets[model] = in_float64(net)
    x, y = data.x_test.reshape(-1, 64) / 16, data.y_test
    moves = [places(sequence, n) for n in DEGREES]
    found = {name: [logits(net, x, source) for source in moves] for name, net in nets.items()}
    found["rows"] = [logits(with_rows_moved(nets["mlp"], source), x, source) for source in moves]
    return SimpleNamespace(nets=nets, x=x, y=y, sequence=sequence, logits=found)


def places(sequence: np.ndarray, n: int) -> np.ndarray:
    """Where each pixel's new value comes from (64,): the first n of the sequence hand theirs to the next, in a cycle."""
    source = np.arange(len(sequence))
    source[np.roll(sequence[:n], -1)] = sequence[:n]
    return source


def logits(net: Network, x: np.ndarray, source: np.ndarray) -> np.ndarray:
    """The logits (N, 10) of a network for images x (N, 64), each pixel with the value that has moved to it."""
    images = x[:, source]
    return net.forward(images if net.layers[0].params["W"].ndim == 2 else images.reshape(-1, 1, 8, 8))


def with_rows_moved(net: Network, source: np.ndarray) -> Network:
    """The same MLP with the rows of its first weights moved as the pixels are.

    Weights of float32 and pixels in sixteenths leave float64 room for exact sums, so that not even their order counts.
    """
    twin = deepcopy(net)
    W = twin.layers[0].params["W"]
    W[:] = W[source]
    return twin


def in_float64(net: Network) -> Network:
    """The same network in float64."""
    for layer in net.layers:
        for held in (layer.params, layer.grads):
            held.update({key: value.astype(np.float64) for key, value in held.items()})
    return Network(net.layers)


def right(z: np.ndarray, y: np.ndarray) -> float:
    """The share of examples whose largest logit is that of their class."""
    return float((z.argmax(axis=1) == y).mean())


def changed(a: np.ndarray, b: np.ndarray) -> int:
    """How many examples get another answer from logits a than from logits b."""
    return int((a.argmax(axis=1) != b.argmax(axis=1)).sum())


def by_rounding(run: SimpleNamespace, name: str, decimals: int) -> dict[str, int]:
    """How many answers change if the parameters are rounded: with the pixels in place, and at all degrees together."""
    coarse = deepcopy(run.nets[name])
    coarse.parameters()[:] = np.round(coarse.parameters(), decimals)
    each = [changed(logits(coarse, run.x, places(run.sequence, n)), z)
            for n, z in zip(DEGREES, run.logits[name], strict=True)]  # fmt: skip
    return {"in_place": each[0], "all": sum(each)}


def exported(net: Network) -> dict[str, Any]:
    """The parameters, rounded: W1, b1, …, each row of a matrix a line of text, each filter of a convolution a row."""
    held: dict[str, Any] = {}
    for i, layer in enumerate([layer for layer in net.layers if layer.params], 1):
        W, b = layer.params["W"], layer.params["b"]
        held |= {f"W{i}": [row(values) for values in W.reshape(len(W), -1)], f"b{i}": row(b)}
    return held


def restored(networks: dict[str, Any], model: str) -> Network:
    """The network that was exported, in float64."""
    net = in_float64(build(model, np.random.default_rng(0)))
    lines = [text if isinstance(text, str) else " ".join(text) for text in networks[model].values()]
    net.parameters()[:] = [float(v) for v in " ".join(lines).split()]
    return net


def row(values: np.ndarray) -> str:
    """Numbers in a line of text, rounded; read back by splitting it at the blanks."""
    return " ".join(f"{v:g}" for v in np.round(values, DECIMALS) + 0.0)  # no negative zeros
