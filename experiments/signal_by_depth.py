"""What twenty layers make of a signal on its way forwards and of a gradient on its way back, before any training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.measure import generators
from scratchmlp.initializers import he, normal, xavier
from scratchmlp.layers import Dense, Layer, ReLU, Sigmoid, Tanh

QUESTION = "How large are the values, and the gradients, in each of 20 layers before training, by the initial weights?"
CONDITIONS = (
    "20 layers of 256 units, float64, biases 0, 5 seeds; inputs: 512 examples of N(0, 1), independent; the gradient "
    "with respect to the last outputs: independent numbers of N(0, 1), divided by the root of 512, so that the "
    "gradient of a weight, a sum over 512 examples, does not grow with the batch; all cases of a seed have the same "
    "inputs, the same gradient, and weights that differ in their scale alone; h: root mean square of a layer's outputs; "
    "apart: the same of what differs between examples, their mean subtracted unit by unit; dh: of the gradient with "
    "respect to these outputs; dW: of that with respect to the layer's weights; each as a power of ten, to six digits"
)
SEEDS = range(5)
WIDTH, BATCH, N_LAYERS = 256, 512, 20
SMALL, ONE = 0.01, 1.0
CASES = {
    "relu": ("small", "xavier", "he", "one"),
    "tanh": ("small", "xavier", "he"),
    "sigmoid": ("xavier", "xavier4"),
}
SETTINGS = {"width": WIDTH, "batch": BATCH, "n_layers": N_LAYERS, "small": SMALL, "one": ONE, "gain": 4}
OF_CASE = {
    "last": "10 ** at([{0}.h], -1)",
    "last_apart": "10 ** at([{0}.apart], -1)",
    "by_layer": "10 ** ((at([{0}.h], -1) - at([{0}.h], 0)) / ([n_layers] - 1))",
    "first_dh": "10 ** (at([{0}.dh], 0) - at([{0}.dh], -1))",
    "dh_by_layer": "10 ** ((at([{0}.dh], 0) - at([{0}.dh], -1)) / ([n_layers] - 1))",
    "first_dW": "10 ** (at([{0}.dW], 0) - at([{0}.dW], -1))",
}
DERIVED = {
    **{
        f"{a}.{i}.{part}": text.format(f"{a}.{i}")
        for a, initials in CASES.items()
        for i in initials
        for part, text in OF_CASE.items()
    },
    **{f"factor.{i}": f"[{i}] * sqrt([width] / 2)" for i in ("small", "one")},
}
TOLERANCE = {"sigmoid.xavier.apart.*": 0.01, "*": 1e-5}  # there little more than rounding is left


def xavier4(shape: tuple[int, ...], *, rng: np.random.Generator) -> np.ndarray:
    """Four times the weights of `xavier`, since the slope of a sigmoid is a quarter at most."""
    return 4 * xavier(shape, rng=rng)


INITIALIZERS = {"small": normal(SMALL), "one": normal(ONE), "xavier": xavier, "he": he, "xavier4": xavier4}
ACTIVATIONS = {"relu": ReLU, "tanh": Tanh, "sigmoid": Sigmoid}


class Block(Layer):
    """Layers one after another as one: y = f(x). The parameters are those of its layers."""

    def __init__(self, *layers: Layer) -> None:
        super().__init__()
        self.layers = layers
        for layer in layers:
            self.params |= layer.params
            self.grads |= layer.grads

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """The output y of the last layer."""
        for layer in self.layers:
            x = layer.forward(x, training=training)
        return x

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Gradient with respect to x, from dy; fills grads."""
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return dy


def run(seed: int) -> dict[str, Any]:
    """The sizes in every layer, for each activation with each of its initial weights."""
    return {
        activation: {initial: case(activation, initial, seed) for initial in initials}
        for activation, initials in CASES.items()
    }


def case(activation: str, initial: str, seed: int) -> dict[str, list[float]]:
    """The sizes in every layer of one network."""
    x, for_weights, dy = drawn(seed, WIDTH)
    blocks = [Block(dense(WIDTH, initial, for_weights), ACTIVATIONS[activation]()) for _ in range(N_LAYERS)]
    return flow(blocks, x, dy)


def drawn(seed: int, width: int) -> tuple[np.ndarray, np.random.Generator, np.ndarray]:
    """Examples (N, width), a generator for the weights, and the gradient that starts at the last outputs (N, width)."""
    for_examples, for_weights, for_gradient = generators(seed, 3)
    dy = for_gradient.standard_normal((BATCH, width)) / np.sqrt(BATCH)
    return for_examples.standard_normal((BATCH, width)), for_weights, dy


def dense(width: int, initial: str, rng: np.random.Generator) -> Dense:
    """A dense layer as wide as its input, in float64."""
    return Dense(width, width, initializer=INITIALIZERS[initial], rng=rng, dtype=np.float64)


def flow(blocks: Sequence[Layer], x: np.ndarray, dy: np.ndarray) -> dict[str, list[float]]:
    """For each block the sizes of its outputs, of what differs between examples, of dh, and of dW."""
    found: dict[str, list[float]] = {"h": [], "apart": [], "dh": [], "dW": []}
    for block in blocks:
        x = block.forward(x, training=True)  # (N, M)
        found["h"].append(size(x))
        found["apart"].append(size(x - x.mean(axis=0)))
    for block in reversed(blocks):
        found["dh"].insert(0, size(dy))
        dy = block.backward(dy)
        found["dW"].insert(0, size(block.grads["W"]))
    return found


def size(v: np.ndarray) -> float:
    """The root mean square of an array, as a power of ten."""
    return round(float(np.log10(np.sqrt(np.mean(np.square(v))))), 6)
