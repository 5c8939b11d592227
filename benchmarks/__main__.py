"""Epochs of each network, in turn with the peers: ``python -m benchmarks``, which prints a table and can record it.

Every contender trains on the same arrays. A round is five epochs of each, one contender after the other, so that a
machine that slows down slows down everyone; quoted are the time of one epoch, as a median over rounds, and medians of
the ratios within a round. The floor is the matrix products of an epoch alone, on arrays that lie ready: no data are
picked, nothing is added, no weight moves. The same products by PyTorch tell how much of its lead or lag is its library
for matrices. The bare loop is what one would write without a package: it trains, and that is all. Peak memory is that
of a process of its own, which trains one epoch and ends.
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
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from scratchmlp.conv import Conv2D, MaxPool2D
from scratchmlp.initializers import he
from scratchmlp.layers import Dense, Flatten, ReLU
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network, mlp
from scratchmlp.optimizers import SGD, Adam
from scratchmlp.training import fit

HAS_TORCH = find_spec("torch") is not None  # a peer, not a requirement; imported only where it is measured
Epochs = Callable[[int], Any]


class Row(NamedTuple):
    """A network to train: the units of each layer, or channels; the examples of a batch, and of an epoch; a rule."""

    sizes: list[int]
    batch: int
    examples: int
    rule: str


# The data are random: in so few epochs, speed hardly depends on what is learned.
ROWS = {
    "64-64-32-10": Row([64, 64, 32, 10], 32, 1280, "sgd"),
    "784-100-10": Row([784, 100, 10], 64, 6400, "sgd"),
    "784-512-256-10": Row([784, 512, 256, 10], 128, 6400, "sgd"),
    "784-512-256-10 momentum": Row([784, 512, 256, 10], 128, 6400, "momentum"),
    "784-512-256-10 Adam": Row([784, 512, 256, 10], 128, 6400, "adam"),
    "3072-512-256-10": Row([3072, 512, 256, 10], 128, 3200, "sgd"),
    "CNN 16-32": Row([1, 16, 32, 10], 64, 640, "sgd"),
}
LR = {"sgd": 0.01, "momentum": 0.01, "adam": 0.001}
MOMENTUM = {"sgd": 0.0, "momentum": 0.9, "adam": 0.0}
EPOCHS = 5  # of a round: what comes before the first one is a small part, as in any training


@cache
def data(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Random images or rows in float32, and random labels."""
    sizes, _, n, _ = ROWS[name]
    rng = np.random.default_rng(0)
    shape = (n, 1, 28, 28) if name.startswith("CNN") else (n, sizes[0])
    return rng.random(shape, dtype=np.float32), rng.integers(10, size=n)


def ours(name: str) -> Epochs:
    """Epochs by `scratchmlp.training.fit`."""
    sizes, batch_size, _, rule = ROWS[name]
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
    settings: dict[str, Any] = {
        "loss": cross_entropy,
        "optimizer": Adam(LR[rule]) if rule == "adam" else SGD(LR[rule], momentum=MOMENTUM[rule]),
        "batch_size": batch_size,
        "rng": rng,
    }
    return lambda n_epochs: fit(net, x, y, n_epochs=n_epochs, **settings)


def floor(name: str) -> Epochs | None:
    """The matrix products of a dense network's epochs, and nothing else."""
    return products(name, np.asarray, np.matmul)


def torch_floor(name: str) -> Epochs | None:
    """The same products by PyTorch."""
    if not HAS_TORCH:
        return None
    import torch

    return products(name, torch.from_numpy, torch.matmul)


def products(name: str, array: Callable[[np.ndarray], Any], matmul: Callable[..., Any]) -> Epochs | None:
    """The matrix products of epochs, by a library that makes its arrays by `array`."""
    sizes, batch_size, n, _ = ROWS[name]
    if name.startswith("CNN"):
        return None
    rng = np.random.default_rng(1)

    def some(*shape: int) -> Any:
        return array(rng.random(shape, dtype=np.float32))

    hs, outs = ([some(batch_size, size) for size in sizes] for _ in range(2))  # values, and their gradients
    Ws, dWs = ([some(d, m) for d, m in pairwise(sizes)] for _ in range(2))

    def epochs(n_epochs: int) -> None:
        for _ in range(n_epochs * (n // batch_size)):
            for i, W in enumerate(Ws):
                matmul(hs[i], W, out=outs[i + 1])
            for i in reversed(range(len(Ws))):
                matmul(hs[i].T, hs[i + 1], out=dWs[i])
                if i:
                    matmul(hs[i + 1], Ws[i].T, out=outs[i])

    return epochs


def bare_loop(name: str) -> Epochs | None:
    """Epochs of plain SGD with no layers, checks, loss, accuracy or gradient norm: steps alone."""
    sizes, N, n, rule = ROWS[name]
    if name.startswith("CNN") or rule != "sgd":
        return None
    x, y = data(name)
    rng = np.random.default_rng(1)
    layers = [(he((d, m), rng=rng).astype(np.float32), np.zeros(m, np.float32)) for d, m in pairwise(sizes)]

    def step(rows: np.ndarray) -> None:
        hs = [x[rows]]  # the inputs of the layers
        for W, b in layers:
            z = hs[-1] @ W
            z += b
            hs.append(np.maximum(z, 0))
        dz = np.exp(z - z.max(axis=1, keepdims=True))
        dz /= dz.sum(axis=1, keepdims=True)
        dz[np.arange(N), y[rows]] -= 1
        dz /= N
        for i, (W, b) in reversed([*enumerate(layers)]):
            dW, db = hs[i].T @ dz, dz.sum(axis=0)
            if i:
                dz = (dz @ W.T) * (hs[i] > 0)
            W -= LR["sgd"] * dW
            b -= LR["sgd"] * db

    def epochs(n_epochs: int) -> Any:
        for _ in range(n_epochs):
            order = rng.permutation(n)
            for start in range(0, n, N):
                step(order[start : start + N])
        return layers

    return epochs


def with_torch(name: str) -> Epochs | None:
    """Epochs as PyTorch's own tutorials write it, with the batches picked by a permutation."""
    if not HAS_TORCH:
        return None
    import torch

    sizes, batch_size, n, rule = ROWS[name]
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
    optimizer: torch.optim.Optimizer
    if rule == "adam":
        optimizer = torch.optim.Adam(net.parameters(), lr=LR[rule])
    else:
        optimizer = torch.optim.SGD(net.parameters(), lr=LR[rule], momentum=MOMENTUM[rule])

    def epochs(n_epochs: int) -> None:
        for _ in range(n_epochs):
            order = torch.randperm(n)
            for start in range(0, n, batch_size):
                rows = order[start : start + batch_size]
                optimizer.zero_grad()
                loss(net(x[rows]), y[rows]).backward()
                optimizer.step()

    return epochs


def with_sklearn(name: str) -> Epochs | None:
    """Epochs of scikit-learn's MLPClassifier, with the same rule and no penalty."""
    from sklearn.neural_network import MLPClassifier

    if name.startswith("CNN"):
        return None
    sizes, batch_size, _, rule = ROWS[name]
    x, y = data(name)
    net = MLPClassifier(
        sizes[1:-1],
        solver="adam" if rule == "adam" else "sgd",
        alpha=0,
        batch_size=batch_size,
        learning_rate_init=LR[rule],
        momentum=MOMENTUM[rule],
        nesterovs_momentum=False,
        n_iter_no_change=10**6,  # so that it takes all epochs
        warm_start=True,
        random_state=0,
    )

    def epochs(n_epochs: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a few epochs do not converge, and say so
            net.set_params(max_iter=n_epochs).fit(x, y)

    return epochs


MAKERS = {
    "ours": ours,
    "floor": floor,
    "bare": bare_loop,
    "torch": with_torch,
    "torch_floor": torch_floor,
    "sklearn": with_sklearn,
}
RATIOS = {  # of what, over what
    "ours_over_floor": ("ours", "floor"),
    "bare_over_floor": ("bare", "floor"),
    "torch_over_ours": ("torch", "ours"),
    "sklearn_over_ours": ("sklearn", "ours"),
    "torch_floor_over_floor": ("torch_floor", "floor"),
}


def measure(name: str, threads: int, rounds: int) -> dict[str, Any]:
    """Median seconds of an epoch for every contender, and the median ratios within a round."""
    if HAS_TORCH:
        import torch

        torch.set_num_threads(threads)
    seconds: dict[str, list[float]] = {c: [] for c, make in MAKERS.items() if make(name) is not None}
    with threadpool_limits(limits=threads):
        for i in range(rounds):
            names, first = [*seconds], i % len(seconds)  # nobody is always first
            for contender in names[first:] + names[:first]:
                # A new network each time: one that has learned all by heart has gradients so small that every
                # operation on them takes longer ("subnormal" numbers).
                epochs = MAKERS[contender](name)
                assert epochs is not None
                epochs(1)  # warm up
                start = time.perf_counter()
                epochs(EPOCHS)
                seconds[contender].append((time.perf_counter() - start) / EPOCHS)

    def ratio(a: str, b: str) -> float | None:
        pairs = zip(seconds.get(a, []), seconds.get(b, []), strict=False)
        ratios = [x / y for x, y in pairs]
        return round(median(ratios), 3) if ratios else None

    return {
        "seconds": {c: round(median(s), 5) for c, s in seconds.items()},
        **{label: ratio(*pair) for label, pair in RATIOS.items()},
    }


def peak(name: str, contender: str) -> float | None:
    """Peak memory in MiB of a process that trains one epoch."""
    command = [sys.executable, "-m", "benchmarks", "--alone", name, contender]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout) if done.stdout.strip() else None


def alone(name: str, contender: str) -> None:
    """Train one epoch and print the peak memory of this process in MiB."""
    if epochs := MAKERS[contender](name):
        epochs(1)
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
            "batch": ROWS[name].batch,
            "examples": ROWS[name].examples,
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
        said = "  ".join(f"{a}/{b} {cell(r[label])}" for label, (a, b) in RATIOS.items())
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
