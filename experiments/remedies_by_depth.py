"""What skip connections and batch normalisation make of twenty layers in which gradients vanish, or not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.signal_by_depth import ACTIVATIONS, BATCH, N_LAYERS, Block, dense, drawn, flow
from scratchmlp.layers import Layer

QUESTION = (
    "Which remedies let a gradient through 20 layers before training, and what do they do to a ReLU network?"
)
CONDITIONS = (
    "20 layers of 64 units, float64, biases 0, 5 seeds; inputs, gradients and what is noted as in signal_by_depth: 512 "
    "examples of N(0, 1), the gradient at the last outputs of N(0, 1) by the root of 512, the same for all cases of a "
    "seed, and weights that differ in scale alone; skip: each layer adds its input to its outputs; scaled: these are "
    "divided by the root of 20 first; norm: each unit's pre-activations have their mean over the batch subtracted and "
    "are divided by their deviation; skip_norm: what is normalised is the input of each layer but not what is added; "
    "wide: 256 units; scale 1 and shift 0 as before training, the variance plus 1e-5"
)
SEEDS = range(5)
WIDTH, WIDE, EPSILON = 64, 256, 1e-5
CASES = {  # activation, initial weights, and how a layer is built
    "sigmoid": ("sigmoid", "xavier", "plain"),
    "sigmoid_xavier4": ("sigmoid", "xavier4", "plain"),
    "sigmoid_skip": ("sigmoid", "xavier", "skip"),
    "sigmoid_norm": ("sigmoid", "xavier", "norm"),
    "tanh": ("tanh", "xavier", "plain"),
    "relu_small": ("relu", "small", "plain"),
    "relu_xavier": ("relu", "xavier", "plain"),
    "relu": ("relu", "he", "plain"),
    "relu_norm": ("relu", "he", "norm"),
    "relu_small_norm": ("relu", "small", "norm"),
    "relu_skip": ("relu", "he", "skip"),
    "relu_skip_scaled": ("relu", "he", "scaled"),
    "relu_skip_norm": ("relu", "he", "skip_norm"),
}
SETTINGS = {"width": WIDTH, "wide": WIDE, "batch": BATCH, "n_layers": N_LAYERS}
OF_CASE = {
    "last_apart": "10 ** at([{0}.apart], -1)",
    "last": "10 ** at([{0}.h], -1)",
    "first_dh": "10 ** (at([{0}.dh], 0) - at([{0}.dh], -1))",
    "dh_by_layer": "10 ** ((at([{0}.dh], 0) - at([{0}.dh], -1)) / ([n_layers] - 1))",
    "first_dW": "10 ** (at([{0}.dW], 0) - at([{0}.dW], -1))",
    "dW1": "10 ** at([{0}.dW], 0)",
}
DERIVED = {
    **{
        f"{name}.{part}": text.format(name)
        for name in (*CASES, "relu_norm_wide")
        for part, text in OF_CASE.items()
    },
    "theory.by_layer": f"sqrt({math.pi!r} / ({math.pi!r} - 1))",  # Yang et al. 2019, theorem 8, of squares
    "theory.first": "[theory.by_layer] ** ([n_layers] - 1)",
}
TOLERANCE = {"sigmoid.apart.*": 0.01, "*": 1e-5}  # there little more than rounding is left


class Skip(Block):
    """Layers one after another, beside a way around them: y = x + scale * f(x)."""

    def __init__(self, *layers: Layer, scale: float = 1.0) -> None:
        super().__init__(*layers)
        self.scale = scale

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """The output y, of the shape of x."""
        return x + self.scale * super().forward(x, training=training)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Gradient with respect to x: dy, and what comes back through the layers; fills grads."""
        return dy + super().backward(self.scale * dy)


class BatchNorm(Layer):
    """Batch normalisation before training: y = (x - mean) / sqrt(variance + EPSILON), over the batch, unit by unit.

    Ioffe & Szegedy 2015, algorithm 1. Its scale and its shift, which start at 1 and 0, are left out.
    """

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """The output y, of the shape of x."""
        root = np.sqrt(x.var(axis=0) + EPSILON)  # (M,)
        y = (x - x.mean(axis=0)) / root
        self.keep((y, root), training)
        return y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Gradient with respect to x: every example has a part in the mean and in the variance."""
        y, root = self.saved()
        return (dy - dy.mean(axis=0) - y * (dy * y).mean(axis=0)) / root


def run(seed: int) -> dict[str, Any]:
    """The sizes in every layer of each network."""
    found = {name: case(*built, seed, WIDTH) for name, built in CASES.items()}
    return found | {"relu_norm_wide": case(*CASES["relu_norm"], seed, WIDE)}


def case(activation: str, initial: str, build: str, seed: int, width: int) -> dict[str, list[float]]:
    """The sizes in every layer of one network."""
    x, for_weights, dy = drawn(seed, width)
    return flow(network(activation, initial, build, for_weights, width), x, dy)


def network(
    activation: str, initial: str, build: str, rng: np.random.Generator, width: int
) -> Sequence[Layer]:
    """Twenty layers that are built alike."""
    blocks: list[Layer] = []
    for _ in range(N_LAYERS):
        affine, bend = dense(width, initial, rng), ACTIVATIONS[activation]()
        blocks.append({
            "plain": lambda a=affine, f=bend: Block(a, f),
            "norm": lambda a=affine, f=bend: Block(a, BatchNorm(), f),
            "skip": lambda a=affine, f=bend: Skip(a, f),
            "scaled": lambda a=affine, f=bend: Skip(a, f, scale=N_LAYERS**-0.5),
            "skip_norm": lambda a=affine, f=bend: Skip(BatchNorm(), a, f),
        }[build]())  # fmt: skip
    return blocks
