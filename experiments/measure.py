"""What every experiment needs: generators from a seed, one run of training, and the record of what all seeds gave.

A fingerprint of this file goes into every result: after a change here all have to be measured anew.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from scratchmlp.datasets import Split, digits, split
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network
from scratchmlp.optimizers import SGD
from scratchmlp.training import History, evaluate, fit


def generators(seed: int, n: int) -> list[np.random.Generator]:
    """Independent generators of a seed, such as those for the split, the weights and the batches.

    Contenders are paired by asking anew for each: what has the same place in the list draws the same.
    """
    return [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(n)]


def split_digits(
    rng: np.random.Generator, change: Callable[[np.ndarray], np.ndarray] = lambda images: images
) -> Split:
    """The 8×8 digits as rows (N, D) with values from 0 to 16, changed as asked, 1,297 to train and 500 to test."""
    images, labels = digits()
    return split(change(images).reshape(len(images), -1), labels, n_test=500, rng=rng)


def train_on_digits(net: Network, x: np.ndarray, y: np.ndarray, rng: np.random.Generator,
                    history: History | None = None) -> History:  # fmt: skip
    """Train a network in place as all experiments with the digits do: 20 epochs of SGD with momentum."""
    return fit(net, x, y, loss=cross_entropy, optimizer=SGD(0.05, momentum=0.9), n_epochs=20, batch_size=32,
               rng=rng, scale=1 / 16, history=history)  # fmt: skip


def accuracy(net: Network, x: np.ndarray, y: np.ndarray, scale: float | None = None) -> float:
    """The share of examples that a network judges rightly."""
    return evaluate(net, x, y, loss=cross_entropy, scale=scale).accuracy


def record(experiment: ModuleType, kept: Path) -> dict[str, Any]:
    """The raw values of an experiment: those that no seed changes, and a list over the seeds of each that one does.

    Each run is kept in a folder as soon as it is done, so that a recording that was interrupted goes on where it was.
    """
    tasks = {"once": getattr(experiment, "once", dict)}
    tasks |= {str(seed): lambda seed=seed: experiment.run(seed) for seed in experiment.SEEDS}
    done = {}
    for n, (name, task) in enumerate(tasks.items()):
        file = kept / f"{name}.json"
        if not file.exists():
            kept.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part")
            part.write_text(json.dumps(timed(task), allow_nan=False), encoding="utf-8")
            os.replace(part, file)
        done[name] = json.loads(file.read_text(encoding="utf-8"))
        print(
            f"{experiment.__name__}: {n + 1} of {len(tasks)} ({name}), {done[name]['seconds']} s", flush=True
        )
    once = done.pop("once")
    seconds = {"once": once["seconds"], "each": [run["seconds"] for run in done.values()]}
    return {
        "once": once["values"],
        "runs": transposed([run["values"] for run in done.values()]),
        "seconds": seconds,
    }


def timed(task: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What a task returns, as JSON can hold it, and the seconds that it took."""
    start = time.perf_counter()
    values = plain(task())
    return {"values": values, "seconds": round(time.perf_counter() - start, 2)}


def transposed(runs: list[Any]) -> Any:
    """Many trees of one shape as one tree, where each leaf is the list of the leaves at its place."""
    if not runs:
        return {}
    first = runs[0]
    if isinstance(first, dict):
        if any(run.keys() != first.keys() for run in runs):
            raise ValueError(f"every seed must give the same values, got {[sorted(run) for run in runs]}")
        return {key: transposed([run[key] for run in runs]) for key in first}
    if isinstance(first, list):
        return [transposed(list(leaves)) for leaves in zip(*runs, strict=True)]
    return runs


def plain(value: Any) -> Any:
    """A value as JSON holds it: arrays as lists, numbers as Python's own, and none for what is not a finite number."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | range):
        return [plain(inner) for inner in value]
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value
