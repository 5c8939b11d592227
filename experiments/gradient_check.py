"""How far a central difference is from the gradient: against the step, and where a kink lies in between."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from experiments.measure import generators
from scratchmlp import layers
from scratchmlp.datasets import digits
from scratchmlp.gradcheck import NoDerivative, check_network
from scratchmlp.losses import cross_entropy
from scratchmlp.network import mlp

QUESTION = "Which step suits a gradient check, how good does the check get, and when does it cry wolf?"
CONDITIONS = (
    "networks with He weights and zero biases on real 8×8 digits, 10 seeds for weights, examples and noise; "
    "curves: 64-8-10, 20 images plus noise of 0.1, every parameter; kinks: 10 images or their 360 patches of "
    "3×3 pixels, 16 hidden ReLUs, step 1e-6, a false alarm is a relative error above 1e-5"
)
SEEDS = range(10)
EXPONENTS = {"float64": np.arange(-13, 0.1, 0.25), "float32": np.arange(-7, 0.1, 0.25)}
CURVES = {"tanh64": ("Tanh", "float64"), "tanh32": ("Tanh", "float32"), "relu64": ("ReLU", "float64")}
NOISE = 0.1
KINKS = {
    "images": ("images", 0.0),
    "patches": ("patches", 0.0),
    "images_jittered": ("images", NOISE),
    "patches_jittered": ("patches", NOISE),
}
SETTINGS = {
    "parameters": 64 * 8 + 8 + 8 * 10 + 10,
    "alarm": 1e-5,
    **{name: {"exponents": EXPONENTS[dtype].tolist()} for name, (_, dtype) in CURVES.items()},
    **{f"rule_{dtype}": float(np.finfo(dtype).eps) ** (1 / 3) for dtype in EXPONENTS},
}
OF_CURVE = {
    "mean": "exp(mean(log([{0}.error])))",  # the geometric mean over the seeds, for each step
    "low": "min([{0}.error])",
    "high": "max([{0}.error])",
    "best_step": "10 ** at([{0}.exponents], argmin([{0}.mean]))",
    "best_error": "min([{0}.mean])",
    "at_package_step": "at([{0}.mean], argmin(abs([{0}.exponents] + 6)))",
}
OF_KINK = {"alarms": "count([kinks.{0}.error] > [alarm])", "worst": "max([kinks.{0}.error])"}
DERIVED = {
    **{f"{name}.{part}": text.format(name) for name in CURVES for part, text in OF_CURVE.items()},
    **{f"kinks.{name}.{part}": text.format(name) for name in KINKS for part, text in OF_KINK.items()},
}
TOLERANCE = {  # small steps leave rounding alone, which every kernel does otherwise; large ones leave truncation
    **{f"{name}.error.{i}": "1%" for name, (_, dtype) in CURVES.items() for i, e in enumerate(EXPONENTS[dtype])
       if e >= (-3.5 if dtype == "float64" else -0.5)},
    "*.error.*": "150%",
    "kinks.patches.error": "1%",
    "kinks.*": "100%",
    "rule_*": 1e-15,
    "blank": 1e-12,
}  # fmt: skip


def once() -> dict[str, Any]:
    """The share of patches of all digits that are blank."""
    return {"blank": float(np.mean([not patch.any() for patch in patches(pixels())[0]]))}


def run(seed: int) -> dict[str, Any]:
    """The curves of error against step, and what the checks of raw and of jittered examples report."""
    found: dict[str, Any] = {name: {"error": curve(*case, seed)} for name, case in CURVES.items()}
    return found | {"kinks": {name: {"error": false_alarm(*case, seed)} for name, case in KINKS.items()}}


def pixels() -> tuple[np.ndarray, np.ndarray]:
    """All digits with values from 0 to 1, (1797, 8, 8), and their labels."""
    images, labels = digits()
    return images[:, 0] / 16, labels


def patches(examples: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Every patch of 3×3 pixels as a row, (36 N, 9), with the label of its image."""
    images, labels = examples
    rows = sliding_window_view(images, (3, 3), axis=(1, 2)).reshape(-1, 9)
    return rows, np.repeat(labels, 36)


def curve(activation: str, dtype: str, seed: int) -> list[float]:
    """The relative error of all central differences of one network, for each step."""
    for_examples, for_weights, for_noise = generators(seed, 3)
    images, labels = pixels()
    chosen = for_examples.choice(len(images), 20, replace=False)
    x = images[chosen].reshape(20, 64) + NOISE * for_noise.standard_normal((20, 64))
    x, y = x.astype(dtype), labels[chosen]
    net = mlp([64, 8, 10], activation=getattr(layers, activation), rng=for_weights, dtype=dtype)
    net.backward(cross_entropy(net.forward(x, training=True), y)[1])
    theta, dtheta = net.parameters(), net.gradients().astype(np.float64)
    errors = []
    for step in 10.0 ** EXPONENTS[dtype]:
        found = np.empty(theta.size)
        for i, kept in enumerate(theta.copy()):
            theta[i] = kept + step
            above = cross_entropy(net.forward(x), y)[0]
            theta[i] = kept - step
            found[i] = (above - cross_entropy(net.forward(x), y)[0]) / (2 * step)
            theta[i] = kept
        errors.append(float(np.abs(found - dtheta).max() / np.abs(dtheta).max()))
    return errors


def false_alarm(what: str, noise: float, seed: int) -> float:
    """The relative error that the package's check reports for gradients that are right."""
    for_examples, for_weights, for_noise = generators(seed, 3)
    images, labels = pixels()
    chosen = for_examples.choice(len(images), 10, replace=False)
    if what == "patches":
        x, y = patches((images[chosen], labels[chosen]))
    else:
        x, y = images[chosen].reshape(10, 64), labels[chosen]
    net = mlp([x.shape[1], 16, 10], rng=for_weights, dtype=np.float64)
    x = x + noise * for_noise.standard_normal(x.shape)
    try:
        return check_network(net, x, y, loss=cross_entropy, rng=for_noise)
    except NoDerivative as kink:
        return kink.error
