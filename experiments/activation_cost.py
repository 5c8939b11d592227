"""What an activation function costs beside the matrix product that stands before it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from experiments.measure import generators
from scratchmlp.activations import leaky_relu, relu, sigmoid, tanh
from scratchmlp.arrays import Array

QUESTION = "What does an activation function cost beside the matrix product before it?"
N, D, M, ROUNDS, TIMES = 64, 512, 512, 200, 5
CONDITIONS = (
    f"sums (64, 512) of a product (64, 512) @ (512, 512) of normal numbers, NumPy with OpenBLAS on one thread of a "
    f"shared x86-64 machine; 5 seeds with {ROUNDS} rounds each, in which the product and each function take {TIMES} "
    "turns, in an order that rotates; the number of a seed is the median over its rounds of the ratio within a round"
)
SEEDS = range(5)
FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "relu": relu,
    "leaky": leaky_relu,
    "tanh": tanh,
    "sigmoid": sigmoid,
}
NAMES = (*FUNCTIONS, "relu_of_arrays")  # and ReLU as the larger of two arrays, one of them full of zeros
SETTINGS = {"sizes": (N, D, M), "rounds": ROUNDS}
DERIVED = {
    **{
        f"{dtype}.of_product.{name}": f"median(turned([{dtype}.seconds.{name}] / [{dtype}.seconds.product]))"
        for dtype in ("float32", "float64")
        for name in NAMES
    },
    **{
        f"{dtype}.of_relu.{name}": f"median(turned([{dtype}.seconds.{name}] / [{dtype}.seconds.relu]))"
        for dtype in ("float32", "float64")
        for name in NAMES
    },
}
TOLERANCE = {"*": None}  # times: another machine, other values


def run(seed: int) -> dict[str, Any]:
    """Seconds of the product and of each function, round by round, in both float types."""
    with threadpool_limits(1):
        return {dtype: {"seconds": seconds(seed, dtype)} for dtype in ("float32", "float64")}


def seconds(seed: int, dtype: str) -> dict[str, list[float]]:
    """A list over the rounds for the product and for each function."""
    (rng,) = generators(seed, 1)
    x, W = rng.standard_normal((N, D)).astype(dtype), (rng.standard_normal((D, M)) / np.sqrt(D)).astype(dtype)
    z = x @ W  # (64, 512) @ (512, 512) -> (64, 512)
    tasks: dict[str, Callable[[], Any]] = {"product": lambda: x @ W}
    tasks |= {name: lambda function=function: function(z) for name, function in FUNCTIONS.items()}
    zeros = np.zeros_like(z)
    tasks["relu_of_arrays"] = lambda: np.maximum(z, zeros)
    found: dict[str, list[float]] = {name: [] for name in tasks}
    order = list(tasks)
    for _ in range(ROUNDS):
        order = [*order[1:], order[0]]
        for name in order:
            begin = time.perf_counter()
            for _ in range(TIMES):
                tasks[name]()
            found[name].append(time.perf_counter() - begin)
    return found
