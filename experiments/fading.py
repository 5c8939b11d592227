"""Does an epoch take longer once some units have fallen silent, and what does sweeping the optimizer's state change?"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from experiments.measure import generators
from scratchmlp import optimizers
from scratchmlp.datasets import digits
from scratchmlp.initializers import zeros
from scratchmlp.losses import cross_entropy
from scratchmlp.network import mlp
from scratchmlp.training import fit

QUESTION = "Does an epoch take longer once some units have fallen silent, and does sweeping the optimizer's state help?"
CONDITIONS = (
    "1,797 real 8×8 digits, MLP 64-256-128-10, ReLU, He, float32, Adam 0.001, batch 32, 30 epochs, 5 seeds, each "
    "trained with and without the sweep; median time of the last 5 epochs over that of the first 5; "
    "silent is a unit whose output is 0 for all digits in the end; one thread on a shared x86-64 machine"
)
SEEDS = range(5)
SIZES, EPOCHS, ENDS = (64, 256, 128, 10), 30, 5
SETTINGS = {"sizes": SIZES, "epochs": EPOCHS, "ends": ENDS}
DERIVED = {"same": "count([alike])"}  # runs that end with the same parameters, swept or not
TOLERANCE = {"swept": None, "left": None, "faded": 0.005, "of_silent": 0.01}  # the first two are times


def once() -> dict[str, Any]:
    """After how many steps the package sweeps."""
    return {"every": optimizers.SWEEP}


def run(seed: int) -> dict[str, Any]:
    """The time of late epochs over that of early ones, whose numbers have faded, and whether the parameters end alike."""
    every, swept = optimizers.SWEEP, train(seed)
    optimizers.SWEEP = 10**9  # never
    try:
        left = train(seed)
    finally:
        optimizers.SWEEP = every
    return {
        "swept": swept["slower"],
        "left": left["slower"],
        "faded": left["faded"],
        "of_silent": left["of_silent"],
        "alike": int(np.array_equal(swept["theta"], left["theta"])),
    }


def train(seed: int) -> dict[str, Any]:
    """One training: late over early epochs, the subnormal share of the state m, and how much of it is of silent units."""
    for_weights, for_batches = generators(seed, 2)
    images, labels = digits()
    x = (images.reshape(-1, 64) / 16).astype(np.float32)
    net, optimizer = mlp(SIZES, rng=for_weights), optimizers.Adam(0.001)
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
