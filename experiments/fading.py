"""Does an epoch take longer once some units have fallen silent, and what does sweeping the optimizer's state change?"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

QUESTION = "Does an epoch take longer once some units have fallen silent, and does sweeping the optimizer's state help?"
CONDITIONS = (
    "1,797 real 8×8 digits, MLP 64-256-128-10, ReLU, He, float32, Adam 0.001, batch 32, 30 epochs, 5 seeds, each "
    "trained twice in turn, with and without the sweep; median time of the last 5 epochs over that of the first 5; "
    "one thread on a shared x86-64 machine"
)
SEEDS, EPOCHS, ENDS = 5, 30, 5


def record() -> dict[str, Any]:
    """The time of late epochs over that of early ones, and whether the parameters end as the same bits."""
    from scratchmlp import optimizers

    sweeps = {"swept": optimizers.SWEEP, "left": 10**9}
    ratios: dict[str, list[float]] = {name: [] for name in sweeps}
    same = 0
    for seed in range(SEEDS):
        ends = []
        for name, optimizers.SWEEP in sweeps.items():
            seconds, theta = train(seed)
            ratios[name].append(float(np.median(seconds[-ENDS:]) / np.median(seconds[:ENDS])))
            ends.append(theta)
        same += np.array_equal(*ends)
    optimizers.SWEEP = sweeps["swept"]
    found: dict[str, Any] = {
        name: {"values": held, "mean": float(np.mean(held)), "sd": float(np.std(held, ddof=1))}
        for name, held in ratios.items()
    }
    return found | {"seeds": SEEDS, "epochs": EPOCHS, "every": sweeps["swept"], "same": same}


def train(seed: int) -> tuple[list[float], np.ndarray]:
    """The seconds of each epoch, and the parameters in the end."""
    from scratchmlp.datasets import digits
    from scratchmlp.losses import cross_entropy
    from scratchmlp.network import mlp
    from scratchmlp.optimizers import Adam
    from scratchmlp.training import fit

    for_weights, for_batches = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(2))
    images, labels = digits()
    x = (images.reshape(-1, 64) / 16).astype(np.float32)
    net = mlp([64, 256, 128, 10], rng=for_weights)
    marks = [time.perf_counter()]
    fit(net, x, labels, loss=cross_entropy, optimizer=Adam(0.001), n_epochs=EPOCHS, batch_size=32, rng=for_batches,
        callbacks=[lambda *_: marks.append(time.perf_counter())])  # fmt: skip
    return np.diff(marks).tolist(), net.parameters()


FIGURES: dict[str, Any] = {}
