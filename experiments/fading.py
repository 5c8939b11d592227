"""Does an epoch take longer once some units have fallen silent, and what does sweeping the optimizer's state change?"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from experiments.shuffled_digits import summary

QUESTION = "Does an epoch take longer once some units have fallen silent, and does sweeping the optimizer's state help?"
CONDITIONS = (
    "1,797 real 8×8 digits, MLP 64-256-128-10, ReLU, He, float32, Adam 0.001, batch 32, 30 epochs, 5 seeds, each "
    "trained with and without the sweep; median time of the last 5 epochs over that of the first 5; "
    "silent is a unit whose output is 0 for all digits in the end; one thread on a shared x86-64 machine"
)
SIZES, SEEDS, EPOCHS, ENDS = (64, 256, 128, 10), 5, 30, 5


def record() -> dict[str, Any]:
    """The time of late epochs over that of early ones, whose numbers have faded, and whether the parameters end alike."""
    from scratchmlp import optimizers

    every = optimizers.SWEEP
    swept = [train(seed) for seed in range(SEEDS)]
    optimizers.SWEEP = 10**9  # never
    try:
        left = [train(seed) for seed in range(SEEDS)]
    finally:
        optimizers.SWEEP = every
    return {
        "seeds": SEEDS,
        "epochs": EPOCHS,
        "every": every,
        **{
            name: summary([run["slower"] for run in runs])
            for name, runs in (("swept", swept), ("left", left))
        },
        "faded": summary([run["faded"] for run in left]),
        "of_silent": summary([run["of_silent"] for run in left]),
        "same": sum(np.array_equal(a["theta"], b["theta"]) for a, b in zip(swept, left, strict=True)),
    }


def train(seed: int) -> dict[str, Any]:
    """One training: late over early epochs, the subnormal share of the state m, and how much of it is of silent units."""
    from scratchmlp.datasets import digits
    from scratchmlp.initializers import zeros
    from scratchmlp.losses import cross_entropy
    from scratchmlp.network import mlp
    from scratchmlp.optimizers import Adam
    from scratchmlp.training import fit

    for_weights, for_batches = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(2))
    images, labels = digits()
    x = (images.reshape(-1, 64) / 16).astype(np.float32)
    net, optimizer = mlp(SIZES, rng=for_weights), Adam(0.001)
    marks = [time.perf_counter()]
    fit(net, x, labels, loss=cross_entropy, optimizer=optimizer, n_epochs=EPOCHS, batch_size=32, rng=for_batches,
        callbacks=[lambda *_: marks.append(time.perf_counter())])  # fmt: skip
    m = np.abs(optimizer.state["m"])
    faded = (m > 0) & (m < np.finfo(m.dtype).tiny)
    silent = mlp(SIZES, initializer=zeros, rng=for_weights)  # 1 for each weight and bias of a silent unit
    h = x
    for i in (0, 2):
        h = net.layers[i + 1].forward(net.layers[i].forward(h))  # (N, M)
        off = (h == 0).all(axis=0)  # (M,)
        silent.layers[i].params["W"][:, off] = silent.layers[i].params["b"][off] = 1
        silent.layers[i + 2].params["W"][off] = 1
    seconds = np.diff(marks)
    return {
        "slower": float(np.median(seconds[-ENDS:]) / np.median(seconds[:ENDS])),
        "theta": net.parameters(),
        "faded": float(faded.mean()),
        "of_silent": float(silent.parameters()[faded].mean()) if faded.any() else 0.0,
    }


FIGURES: dict[str, Any] = {}
