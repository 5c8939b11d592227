"""What a backward pass costs beside the forward pass, in time, in multiplications, and in memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from experiments.measure import generators
from scratchmlp.layers import Layer
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network, mlp

BATCH, ROUNDS = 100, 80
SIZES = {"64-64-10": (64, 64, 10), "784-512-10": (784, 512, 10), "784-512-256-10": (784, 512, 256, 10)}
BATCHES = (1, 100, 1000)  # for which the memory is counted
QUESTION = "What does a backward pass cost?"
CONDITIONS = (
    f"dense ReLU networks, batches of {BATCH} random examples, float32, NumPy with OpenBLAS on one thread of a shared "
    f"x86-64 machine; 5 seeds with {ROUNDS} rounds each, in which every network in turn takes one forward pass alone and "
    "one of forward, loss and backward, neither always first; the number of a seed is the median over its rounds, since "
    "other work on the machine lengthens single passes, and a ratio is taken within a round. The backward pass leaves "
    "out the gradient of the input. Counted are multiplications of the matrix products, and bytes of the arrays that "
    "layers keep, each once, the batch among them. By trying: two forward passes for each parameter, and nothing else"
)
SEEDS = range(5)
SETTINGS = {"batch": BATCH, "rounds": ROUNDS}
TOLERANCE = {"*.seconds.*": None}  # another machine, other times


def derived() -> dict[str, str]:
    """For each network and seed: milliseconds of a pass, what backward adds, and what its gradient takes by trying."""
    formulas = {}
    for at in SIZES:
        forward, whole = f"[{at}.seconds.forward]", f"[{at}.seconds.forward_and_backward]"
        counted = f"{at}.multiplications"
        formulas |= {
            f"{at}.forward_ms": f"1000 * median(turned({forward}))",
            f"{at}.forward_and_backward_ms": f"1000 * median(turned({whole}))",
            f"{at}.times_forward": f"median(turned({whole} / {forward}))",
            f"{at}.backward_over_forward": f"[{at}.times_forward] - 1",
            f"{counted}.backward_over_forward": f"[{counted}.backward] / [{counted}.forward]",
            f"{at}.by_backward_seconds": f"[{at}.forward_and_backward_ms] / 1000",
            f"{at}.by_trying_seconds": f"2 * [{at}.parameters] * [{at}.forward_ms] / 1000",
            f"{at}.by_trying_minutes": f"[{at}.by_trying_seconds] / 60",
            f"{at}.by_trying_hours": f"[{at}.by_trying_seconds] / 3600",
            f"{at}.trying_over_backward": f"2 * [{at}.parameters] / [{at}.times_forward]",
        }
        formulas |= {
            f"{at}.kept_share.{n}": f"[{at}.bytes.kept.{n}] / [{at}.bytes.parameters]" for n in BATCHES
        }
    return formulas


DERIVED = derived()


def once() -> dict[str, Any]:
    """Parameters, multiplications and bytes of each network, which no seed changes."""
    found = {}
    for name, sizes in SIZES.items():
        net, rng = mlp(sizes, rng=np.random.default_rng(0)), np.random.default_rng(1)
        kept = {n: kept_bytes(net, rng.random((n, sizes[0]), np.float32)) for n in BATCHES}
        found[name] = {
            "parameters": net.parameters().size,
            "multiplications": multiplications(sizes, BATCH),
            "bytes": {"parameters": net.parameters().nbytes, "kept": kept},
        }
    return found


def run(seed: int) -> dict[str, Any]:
    """Seconds of each kind of pass through each network, round by round."""
    work = {name: passes(sizes, *generators(seed, 2)) for name, sizes in SIZES.items()}
    taken = {name: {kind: [] for kind in kinds} for name, kinds in work.items()}
    with threadpool_limits(limits=1):
        for n in range(-1, ROUNDS):  # the round before the first fetches memory and weights, and is not kept
            for name, kinds in work.items():
                for kind in list(kinds)[:: 1 if n % 2 else -1]:
                    spent = seconds_of(kinds[kind])
                    if n >= 0:
                        taken[name][kind].append(spent)
    return {name: {"seconds": kinds} for name, kinds in taken.items()}


def passes(
    sizes: tuple[int, ...], for_weights: np.random.Generator, for_batch: np.random.Generator
) -> dict[str, Callable[[], object]]:
    """A pass forward, and one forward and back, of one batch through a new network."""
    net = mlp(sizes, rng=for_weights)
    x = for_batch.random((BATCH, sizes[0]), np.float32)
    y = for_batch.integers(0, sizes[-1], BATCH)
    return {
        "forward": lambda: net.forward(x),
        "forward_and_backward": lambda: net.backward(cross_entropy(net.forward(x, training=True), y)[1]),
    }


def seconds_of(work: Callable[[], object]) -> float:
    """The seconds of one call, to a tenth of a microsecond."""
    start = time.perf_counter()
    work()
    return round(time.perf_counter() - start, 7)


def multiplications(sizes: tuple[int, ...], n: int) -> dict[str, int]:
    """Multiplications in the matrix products of one pass of n examples through dense layers, each way.

    A dense layer of D inputs and M units takes n * D * M forward. Backward it takes as many for the gradient of its
    weights, and as many again for that of its input, which the first layer leaves out.
    """
    each = [n * D * M for D, M in pairwise(sizes)]
    return {"forward": sum(each), "backward": 2 * sum(each) - each[0]}


def kept_bytes(net: Network, x: np.ndarray) -> int:
    """Bytes of the arrays that layers keep of a forward pass for the backward pass, the batch itself among them."""
    logits = net.forward(x, training=True)
    kept = {id(array): array.nbytes for layer in net.layers for array in arrays(layer)}
    net.backward(np.zeros_like(logits))  # they are given back
    return sum(
        kept.values()
    )  # an output that the next layer keeps as its input is one array, and counts once


def arrays(layer: Layer) -> list[np.ndarray]:
    """The arrays that a layer holds beside parameters and gradients."""
    return [value for value in vars(layer).values() if isinstance(value, np.ndarray)]
