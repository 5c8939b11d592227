"""Twenty networks of eleven parameters, trained on what one network says: do their neurons tell one story?"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from scratchmlp.losses import binary_cross_entropy
from scratchmlp.network import Network, mlp
from scratchmlp.optimizers import SGD
from scratchmlp.training import fit

QUESTION = "Do networks that learn the same spam probabilities come to have the same hidden neurons?"
CONDITIONS = (
    "20 seeds; 3-2-1 networks; 8,000 emails drawn from the 242, labelled by the traced network's probabilities; "
    "SGD, lr 0.005, momentum 0.9, batch 64, 60 epochs, float32"
)
SEEDS = range(20)
EMAILS = 8000
CLOSE = 0.05  # a mean difference in probability that we call having learned
TRACED = "++- -++"  # the stories of the traced network
SETTINGS = {"emails": EMAILS, "close_means": CLOSE}
DERIVED = {
    "learned": "[difference] < [close_means]",
    "close": "count([learned])",
    "not_close": "count([difference] >= [close_means])",
    "error": "where([difference], [learned])",
    "told": "where([stories], [learned])",
    "different": "distinct([told])",
    "alone": " + ".join(f"count([told] == '{a}{b}{c}')" for a, b, c in product("+-", repeat=3)),
    "same_as_traced": f"count([told] == '{TRACED}')",
    "reputation_up": "count(where([favours_reputation], [learned]))",
    "dead": "count([stories] == '')",
}
TOLERANCE = {"difference": 1e-5}
W1 = np.array([[0.5, -0.2], [0.8, 0.6], [-0.3, 0.4]])
B1 = np.array([0.1, -0.5])
W2 = np.array([[0.7], [1.2]])
B2 = np.array([-0.3])
CENSUS = np.array([(e, f, r / 10) for e, f, r in product(range(11), (0, 1), range(11))])  # (242, 3)


def run(seed: int) -> dict[str, Any]:
    """How close a network comes to the traced one, and what story its neurons tell."""
    net = train(np.random.SeedSequence(3, spawn_key=(seed,)))
    p = net.predict_proba(CENSUS)[:, -1]
    told = stories(net)
    return {
        "difference": float(np.abs(p - traced(CENSUS)).mean()),
        "stories": " ".join(told),
        "favours_reputation": int(bool({"+++", "-++"} & set(told))),
    }


def traced(x: np.ndarray) -> np.ndarray:
    """The spam probability (N,) that the network of the post gives to emails x (N, 3)."""
    return 1 / (1 + np.exp(-(np.maximum(0, x @ W1 + B1) @ W2 + B2)[:, 0]))


def train(seed: np.random.SeedSequence, n: int = EMAILS, n_epochs: int = 60) -> Network:
    """A network trained on n emails, each spam with the traced network's probability."""
    draw, init, order = (np.random.default_rng(s) for s in seed.spawn(3))
    x = CENSUS[draw.integers(len(CENSUS), size=n)]
    y = (draw.random(n) < traced(x)).astype(int)[:, None]
    net = mlp([3, 2, 1], rng=init)
    fit(net, x, y, loss=binary_cross_entropy, optimizer=SGD(0.005, momentum=0.9), n_epochs=n_epochs, batch_size=64,
        rng=order)  # fmt: skip
    return net


def stories(net: Network) -> list[str]:
    """For each hidden neuron that ever fires: which way each feature pushes the spam logit through it, as +, - signs."""
    first, second = net.layers[0].params, net.layers[2].params["W"]
    alive = (CENSUS @ first["W"] + first["b"] > 0).any(axis=0)
    push = np.sign(first["W"] * second[:, 0])  # (3, 2)
    return sorted("".join("-0+"[int(s) + 1] for s in push[:, j]) for j in range(2) if alive[j])
