"""One epoch of each network, in turn with the peers: ``python -m benchmarks``, which prints a table and can record it.

Every contender trains on the same arrays. A round is one epoch of each, one after the other, so that a machine that
slows down slows down everyone; quoted are medians over rounds, and medians of the ratios within a round. The floor is
the matrix products of an epoch alone, on arrays that lie ready: no data are picked, nothing is added, no weight moves.
Peak memory is that of a process of its own, which trains one epoch and ends.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from scratchmlp.conv import Conv2D, MaxPool2D
from scratchmlp.layers import Dense, Flatten, ReLU
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network, mlp
from scratchmlp.optimizers import SGD, Adam
from scratchmlp.training import fit

HAS_TORCH = find_spec("torch") is not None  # a peer, not a requirement; imported only where it is measured
Epoch = Callable[[], Any]

# name: sizes, batch, examples, optimizer. Random data: speed does not depend on what is learned.
ROWS: dict[str, tuple[list[int], int, int, str]] = {
    "64-64-32-10": ([64, 64, 32, 10], 32, 1280, "sgd"),
    "784-100-10": ([784, 100, 10], 64, 6400, "sgd"),
    "784-512-256-10": ([784, 512, 256, 10], 128, 6400, "sgd"),
    "784-512-256-10 Adam": ([784, 512, 256, 10], 128, 6400, "adam"),
    "3072-512-256-10": ([3072, 512, 256, 10], 128, 3200, "sgd"),
    "CNN 16-32": ([1, 16, 32, 10], 64, 640, "sgd"),
}
CONTENDERS = ("ours", "floor", "torch", "sklearn")


def data(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Random images or rows in float32, and random labels."""
    sizes, _, n, _ = ROWS[name]
    rng = np.random.default_rng(0)
    shape = (n, 1, 28, 28) if name.startswith("CNN") else (n, sizes[0])
    return rng.random(shape, dtype=np.float32), rng.integers(10, size=n)


def ours(name: str) -> Epoch:
    """One epoch by `scratchmlp.training.fit`."""
    sizes, batch_size, _, optimizer = ROWS[name]
    x, y = data(name)
    rng = np.random.default_rng(1)
    if name.startswith("CNN"):
        first, second = (Conv2D(c, m, 3, padding=1, rng=rng) for c, m in ((1, 16), (16, 32)))
        layers = [
            first,
            ReLU(),
            MaxPool2D(2),
            second,
            ReLU(),
            MaxPool2D(2),
            Flatten(),
            Dense(32 * 49, 10, rng=rng),
        ]
        net = Network(layers)
    else:
        net = mlp(sizes, rng=rng)
    rule = Adam(0.001) if optimizer == "adam" else SGD(0.01, momentum=0.9)
    settings: dict[str, Any] = {
        "loss": cross_entropy,
        "optimizer": rule,
        "batch_size": batch_size,
        "rng": rng,
    }
    return lambda: fit(net, x, y, n_epochs=1, **settings)


def floor(name: str) -> Epoch | None:
    """The matrix products of one epoch of a dense network, and nothing else."""
    sizes, batch_size, n, _ = ROWS[name]
    if name.startswith("CNN"):
        return None
    rng = np.random.default_rng(1)
    hs = [rng.random((batch_size, size), dtype=np.float32) for size in sizes]  # values, and their gradients
    Ws = [rng.random((d, m), dtype=np.float32) for d, m in pairwise(sizes)]
    dWs, outs = [np.empty_like(W) for W in Ws], [np.empty_like(h) for h in hs]

    def epoch() -> None:
        for _ in range(n // batch_size):
            for i, W in enumerate(Ws):
                np.matmul(hs[i], W, out=outs[i + 1])
            for i in reversed(range(len(Ws))):
                np.matmul(hs[i].T, hs[i + 1], out=dWs[i])
                if i:
                    np.matmul(hs[i + 1], Ws[i].T, out=outs[i])

    return epoch


def with_torch(name: str) -> Epoch | None:
    """One epoch as PyTorch's own tutorials write it, with the batches picked by a permutation."""
    if not HAS_TORCH:
        return None
    import torch

    sizes, batch_size, n, optimizer = ROWS[name]
    x, y = (torch.from_numpy(a) for a in data(name))
    nn = torch.nn
    layers: list[Any] = []
    if name.startswith("CNN"):
        for c, m in ((1, 16), (16, 32)):
            layers += [nn.Conv2d(c, m, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        layers += [nn.Flatten(), nn.Linear(32 * 49, 10)]
    else:
        for d, m in pairwise(sizes):
            layers += [nn.Linear(d, m), nn.ReLU()]
        layers.pop()
    net, loss = nn.Sequential(*layers), nn.CrossEntropyLoss()
    sgd = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    rule = torch.optim.Adam(net.parameters(), lr=0.001) if optimizer == "adam" else sgd

    def epoch() -> None:
        order = torch.randperm(n)
        for start in range(0, n, batch_size):
            rows = order[start : start + batch_size]
            rule.zero_grad()
            loss(net(x[rows]), y[rows]).backward()
            rule.step()

    return epoch


def with_sklearn(name: str) -> Epoch | None:
    """One epoch of scikit-learn's MLPClassifier, with the same rule and no penalty."""
    from sklearn.neural_network import MLPClassifier

    if name.startswith("CNN"):
        return None
    sizes, batch_size, _, optimizer = ROWS[name]
    x, y = data(name)
    net = MLPClassifier(
        sizes[1:-1],
        solver=optimizer,
        alpha=0,
        batch_size=batch_size,
        learning_rate_init=0.001 if optimizer == "adam" else 0.01,
        momentum=0.9,
        nesterovs_momentum=False,
        max_iter=1,
        warm_start=True,
        random_state=0,
    )

    def epoch() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one epoch does not converge, and says so
            net.fit(x, y)

    return epoch


MAKERS = {"ours": ours, "floor": floor, "torch": with_torch, "sklearn": with_sklearn}


def measure(name: str, threads: int, rounds: int) -> dict[str, Any]:
    """Median seconds of an epoch for every contender, and the median ratios within a round."""
    if HAS_TORCH:
        import torch

        torch.set_num_threads(threads)
    epochs = {c: e for c in CONTENDERS if (e := MAKERS[c](name)) is not None}
    seconds: dict[str, list[float]] = {c: [] for c in epochs}
    with threadpool_limits(limits=threads):
        for epoch in epochs.values():
            epoch()  # warm up
        for i in range(rounds):
            order = (
                list(epochs)[i % len(epochs) :] + list(epochs)[: i % len(epochs)]
            )  # nobody is always first
            for contender in order:
                start = time.perf_counter()
                epochs[contender]()
                seconds[contender].append(time.perf_counter() - start)

    def ratio(a: str, b: str) -> float | None:
        pairs = zip(seconds.get(a, []), seconds.get(b, []), strict=False)
        ratios = [x / y for x, y in pairs]
        return round(median(ratios), 3) if ratios else None

    return {
        "seconds": {c: round(median(s), 5) for c, s in seconds.items()},
        "ours_over_floor": ratio("ours", "floor"),
        "torch_over_ours": ratio("torch", "ours"),
        "sklearn_over_ours": ratio("sklearn", "ours"),
    }


def peak(name: str, contender: str) -> float | None:
    """Peak memory in MiB of a process that trains one epoch."""
    command = [sys.executable, "-m", "benchmarks", "--alone", name, contender]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout) if done.stdout.strip() else None


def alone(name: str, contender: str) -> None:
    """Train one epoch and print the peak memory of this process in MiB."""
    if epoch := MAKERS[contender](name):
        epoch()
        print(round(high_water_mark(), 1))


def high_water_mark() -> float:
    """Peak memory of this process in MiB; Linux counts it anew after exec, getrusage keeps the parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(s for s in status.read_text(encoding="utf-8").splitlines() if s.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(rounds: int) -> dict[str, Any]:
    """Every row with one and with two threads, and the memory of each contender."""
    table: dict[str, Any] = {}
    for name in ROWS:
        threads = {str(t): measure(name, t, rounds) for t in (1, 2)}
        memory = {c: m for c in ("ours", "torch", "sklearn") if (m := peak(name, c)) is not None}
        row: dict[str, Any] = {
            "batch": ROWS[name][1],
            "examples": ROWS[name][2],
            "threads": threads,
            "peak_mib": memory,
        }
        row["ms"] = 1000 * threads["1"]["seconds"]["ours"]
        table[name.lower().replace(" ", "-")] = row
        show(name, row)
    versions = {"numpy": np.__version__, "sklearn": _version("sklearn"), "torch": _version("torch")}
    return {"rounds": rounds, "rows": table, "versions": versions, "machine": platform.machine()}


def _version(package: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version({"sklearn": "scikit-learn"}.get(package, package))
    except PackageNotFoundError:
        return None


def show(name: str, row: dict[str, Any]) -> None:
    """Print one row of the table."""

    def cell(value: float | None, unit: str = "") -> str:
        return "–" if value is None else f"{value:.2f}{unit}"

    for threads, r in row["threads"].items():
        times = "  ".join(f"{c} {s * 1e3:8.1f} ms" for c, s in r["seconds"].items())
        ratios = [
            ("ours/floor", "ours_over_floor"),
            ("torch/ours", "torch_over_ours"),
            ("sklearn/ours", "sklearn_over_ours"),
        ]
        said = "  ".join(f"{label} {cell(r[key])}" for label, key in ratios)
        print(f"{name:20} {threads} thread{'s' if threads != '1' else ' '}  {times}   {said}")
    print(
        f"{'':20} peak memory  " + "  ".join(f"{c} {m:.0f} MiB" for c, m in row["peak_mib"].items()),
        flush=True,
    )


def main() -> None:
    """Print the table; with --json, print the result as JSON on the last line as well."""
    parser = argparse.ArgumentParser(
        prog="benchmarks", description=__doc__.splitlines()[0] if __doc__ else None
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--alone", nargs=2, metavar=("ROW", "CONTENDER"))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.alone:
        alone(*options.alone)
    else:
        result = run(options.rounds)
        if options.json:
            print(json.dumps(result))


if __name__ == "__main__":
    main()
