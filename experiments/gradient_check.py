"""How far a central difference is from the gradient: against the step, and where a kink lies in between."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from numpy.lib.stride_tricks import sliding_window_view

QUESTION = "Which step suits a gradient check, how good does the check get, and when does it cry wolf?"
CONDITIONS = (
    "networks with He weights and zero biases on real 8×8 digits, 10 seeds for weights, examples and noise; "
    "curves: 64-8-10, 20 images plus noise of 0.1, every parameter; kinks: 10 images or their 360 patches of "
    "3×3 pixels, 16 hidden ReLUs, step 1e-6, a false alarm is a relative error above 1e-5"
)
SEEDS = 10
EXPONENTS = {"float64": np.arange(-13, 0.1, 0.25), "float32": np.arange(-7, 0.1, 0.25)}
CURVES = {"tanh64": ("Tanh", "float64"), "tanh32": ("Tanh", "float32"), "relu64": ("ReLU", "float64")}
NOISE = 0.1
ALARM = 1e-5


def record() -> dict[str, Any]:
    """The curves of error against step, and the checks of raw and of jittered examples."""
    result: dict[str, Any] = {"seeds": SEEDS, "parameters": 64 * 8 + 8 + 8 * 10 + 10}
    for name, (activation, dtype) in CURVES.items():
        errors = np.array([curve(activation, dtype, seed) for seed in range(SEEDS)])  # (seeds, steps)
        result[name] = summary(EXPONENTS[dtype], errors)
    for dtype in EXPONENTS:
        result[f"rule_{dtype}"] = scientific(float(np.finfo(dtype).eps) ** (1 / 3))
    kinks = {name: [false_alarm(*case, seed) for seed in range(SEEDS)] for name, case in KINKS.items()}
    result["kinks"] = {
        name: {"values": values, "alarms": int(np.sum(np.array(values) > ALARM)), "worst": max(values)}
        for name, values in kinks.items()
    }
    result["blank"] = float(np.mean([not patch.any() for patch in patches(pixels())[0]]))
    return result


def pixels() -> tuple[np.ndarray, np.ndarray]:
    """All digits with values from 0 to 1, (1797, 8, 8), and their labels."""
    from scratchmlp.datasets import digits

    images, labels = digits()
    return images[:, 0] / 16, labels


def patches(examples: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Every patch of 3×3 pixels as a row, (36 N, 9), with the label of its image."""
    images, labels = examples
    rows = sliding_window_view(images, (3, 3), axis=(1, 2)).reshape(-1, 9)
    return rows, np.repeat(labels, 36)


def streams(seed: int) -> list[np.random.Generator]:
    """Three generators: for the examples, the weights, and the noise."""
    return [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(3)]


def curve(activation: str, dtype: str, seed: int) -> list[float]:
    """The relative error of all central differences of one network, for each step."""
    from scratchmlp import layers
    from scratchmlp.losses import cross_entropy
    from scratchmlp.network import mlp

    for_examples, for_weights, for_noise = streams(seed)
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


def summary(exponents: np.ndarray, errors: np.ndarray) -> dict[str, Any]:
    """The range over seeds, the geometric mean, and the step where that is smallest."""
    mean = np.exp(np.log(errors).mean(axis=0))
    best = int(mean.argmin())
    return {
        "exponents": exponents.tolist(),
        "mean": mean.tolist(),
        "low": errors.min(axis=0).tolist(),
        "high": errors.max(axis=0).tolist(),
        "best_step": scientific(10.0 ** exponents[best]),
        "best_error": scientific(mean[best]),
        "at_package_step": scientific(mean[np.abs(exponents + 6).argmin()]),
    }


def scientific(value: float) -> dict[str, Any]:
    """A number as the prose writes it: mantissa times a power of ten."""
    exponent = int(np.floor(np.log10(value)))
    return {"value": float(value), "mantissa": round(float(value) / 10.0**exponent, 1), "exponent": exponent}


KINKS = {
    "images": ("images", 0.0),
    "patches": ("patches", 0.0),
    "images_jittered": ("images", NOISE),
    "patches_jittered": ("patches", NOISE),
}


def false_alarm(what: str, noise: float, seed: int) -> float:
    """The relative error that the package's check reports for gradients that are right."""
    from scratchmlp.gradcheck import NoDerivative, check_network
    from scratchmlp.losses import cross_entropy
    from scratchmlp.network import mlp

    for_examples, for_weights, for_noise = streams(seed)
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


def draw_curves(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Error against step on two logarithmic axes: two valleys, and ReLU networks that leave one of them."""
    figure = Figure(figsize=(c.width, 4.6 if c.narrow else 4.2), layout="constrained")
    ax = figure.add_subplot()
    for name, colour, line in (
        ("relu64", c.ink, (0, (1, 1.3))),
        ("tanh64", c.signal, "-"),
        ("tanh32", c.warn, (0, (5, 2))),
    ):
        of, steps = data[name], 10.0 ** np.array(data[name]["exponents"])
        ax.fill_between(steps, of["low"], of["high"], color=colour, alpha=0.14, lw=0)
        ax.plot(steps, of["mean"], color=colour, linestyle=line)
        if name != "relu64":
            at = of["best_step"]["value"], of["best_error"]["value"]
            ax.plot(*at, "o", ms=7, mfc=c.paper, mec=colour, mew=1.6, zorder=4)
    text = {"fontsize": 10, "va": "center"}
    at, name = ((2e-13, 3e-8), "tanh,\nfloat64") if c.narrow else ((1.5e-11, 2e-8), "tanh, float64")
    ax.text(*at, name, color=c.signal, linespacing=1.4, **text)
    ax.text(4e-8, 1.2, "tanh, float32", color=c.warn, ha="right", **text)
    ax.text(1.6, 60, "ReLU, float64:\nh can reach a kink", color=c.ink, ha="right", linespacing=1.4, **text)
    ax.annotate("", (1.5e-3, 3e-2), (1.5e-3, 14), arrowprops={"arrowstyle": "-", "color": c.muted, "lw": 0.8})
    small = {"color": c.muted, "fontsize": 9.5, "ha": "center", "va": "center", "linespacing": 1.5}
    ax.text(1.2e-9, 6e-3, "rounding,\n$\\propto 1/h$", **small)
    ax.text(0.16, 4e-8, "truncation,\n$\\propto h^2$", **small)
    ax.set(xscale="log", yscale="log", xlim=(1e-13, 3), ylim=(3e-12, 1000), xlabel="step $h$")
    ax.set_xticks(10.0 ** np.arange(-12, 1, 4 if c.narrow else 2))
    ax.set_yticks(10.0 ** np.arange(-10, 1, 2))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set_title("relative error of the difference", loc="left", fontsize=10.5, color=c.ink)
    ax.grid(lw=0.6)
    ax.tick_params(length=0)
    return figure


FIGURES = {"gradient-check": draw_curves}
