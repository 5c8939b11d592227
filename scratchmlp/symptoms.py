"""What a network shows of a bug: in its gradients, in what flows through its layers, and in its first steps.

The numbers are those that checkup holds against its limits.
"""

import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice

import numpy as np
from numpy.random import Generator

from .arrays import Array, Batch
from .borders import named
from .gradcheck import NoDerivative, check_layer, check_network
from .layers import Layer, ReLU, Sigmoid, Tanh
from .losses import Loss
from .network import Network
from .optimizers import Adam, Optimizer, Rate, norm, rate_at
from .training import Diverged, batches, train_epoch

Measured = tuple[str, float, str]  # the name of a check, its number, and where it was found

CLOSE = 1e-5  # no right gradient has a larger relative error, on whatever data
FACTORS = (0.01, 0.1, 1.0, 10.0, 100.0)  # times the learning rate
RATES = (0.003, 0.01, 0.03, 0.1)  # of Adam, where the optimizer is not what is looked at
NOISE = 0.01  # leads off kinks, and breaks symmetries


def in_gradient(network: Network, x: Array, y: Array, loss: Loss, rng: Generator) -> Iterator[Measured]:
    """Gradients in float64 against differences along random directions, and in which layer they go wrong."""
    double = Network(copy.deepcopy(network.layers))
    for layer in double.layers:
        for arrays in (layer.params, layer.grads):
            arrays.update({key: array.astype(np.float64) for key, array in arrays.items()})
    double = Network(double.layers)
    theta = double.parameters()
    for _ in range(3):  # a kink goes away with other noise, a wrong gradient stays
        theta += NOISE * rng.standard_normal(theta.shape)
        noisy = x + NOISE * rng.standard_normal(x.shape)
        try:
            error = check_network(double, noisy, y, loss=loss, rng=rng, n_projections=3)
            break
        except NoDerivative as kink:
            error = kink.error
    yield "gradient", error, "" if error <= CLOSE else wrong_layer(double, noisy, rng)


def wrong_layer(network: Network, x: Array, rng: Generator) -> str:
    """The first layer whose gradients are wrong by themselves; if there is none, it should be the loss."""
    for i, layer in enumerate(network.layers):
        x = x / (np.sqrt(np.mean(np.square(x))) or 1) + NOISE * rng.standard_normal(x.shape)
        try:
            if not check_layer(layer, x, rng=rng, n_projections=3) <= CLOSE:
                return named(network.layers, i)
        except NoDerivative:
            pass
        x = layer.forward(x)
    return "no layer by itself, so perhaps the loss"


def in_flow(network: Network, x: Array, y: Array, loss: Loss, rng: Generator) -> Iterator[Measured]:
    """What becomes of the examples on their way through the layers, and of the gradient on its way back."""
    layers, h, lengths = copy.deepcopy(network.layers), [], {}
    x = x + NOISE * rng.standard_normal(x.shape).astype(x.dtype)
    for layer in layers:
        h.append(x := layer.forward(x, training=True))
    dy = loss(x, y)[1]
    for i in reversed(range(len(layers))):
        lengths[i] = norm(dy)
        dy = layers[i].backward(dy)
    trained = [i for i, layer in enumerate(layers) if layer.params]
    arrays = [(f"{named(layers, i)} {key}", dv) for i in trained for key, dv in layers[i].grads.items()]
    still = [name for name, dv in arrays if not (dv.any() and np.isfinite(dv).all())]
    yield "arrays", len(still), ", ".join(still[:3])
    yield "forward", *ratio(layers, {i: spread(h[i]) for i in trained})
    yield "backward", *ratio(layers, {i: lengths[i] for i in trained})
    yield (
        "dead",
        *largest(layers, {i: dead(h[i]) for i, layer in enumerate(layers) if isinstance(layer, ReLU)}),
    )
    bent = [i for i, layer in enumerate(layers) if isinstance(layer, Sigmoid | Tanh)]
    yield "saturated", *largest(layers, {i: saturated(layers[i], h[i]) for i in bent})


def spread(h: Array) -> float:
    """How far outputs differ from example to example: the root mean square of their standard deviations."""
    return norm(h.std(axis=0)) / math.sqrt(h[0].size)


def dead(h: Array) -> float:
    """The share of units, or of channels, that give 0 for all examples."""
    return float(np.mean(~(h > 0).any(axis=(0, *range(2, h.ndim)))))


def saturated(layer: Layer, h: Array) -> float:
    """The share of a sigmoid's or tanh's values where the slope is below a twentieth of the steepest."""
    return float(np.mean((4 * h * (1 - h) if isinstance(layer, Sigmoid) else 1 - h * h) < 0.05))


def ratio(layers: Sequence[Layer], sizes: Mapping[int, float]) -> tuple[float, str]:
    """The largest size over the smallest, and the layers that have them."""
    low, high = min(sizes, key=sizes.__getitem__), max(sizes, key=sizes.__getitem__)
    return float(np.divide(sizes[high], sizes[low])), f"{named(layers, high)} over {named(layers, low)}"


def largest(layers: Sequence[Layer], shares: Mapping[int, float]) -> tuple[float, str]:
    """The largest share, and the layer that has it; 0 where there are none."""
    high = max(shares, key=shares.__getitem__, default=None)
    return (0.0, "") if high is None else (shares[high], named(layers, high))


def in_steps(
    network: Network,
    optimizer: Optimizer,
    x: Array,
    y: Array,
    loss: Loss,
    guess: float,
    batch_size: int,
    n_steps: int,
    rng: Generator,
) -> Iterator[Measured]:
    """Whether a few examples are learned by heart, at which rate the loss falls, and for whom else."""
    few, n = (x[:16], y[:16]), 3 * len(x) // 4
    before = loss(network.forward(x[:16]), y[:16])[0]
    yield "batch", lowest(network, loss, [few] * n_steps, *few) / before, ""
    steps = some_batches(x, y, batch_size, n_steps, rng)
    yield "rate", *better_rate(network, optimizer, loss, steps, x[:500], y[:500])
    if len(x) >= 100:
        steps = some_batches(x[:n], y[:n], batch_size, n_steps, rng)
        yield "unseen", float(np.divide(lowest(network, loss, steps, x[n:], y[n:]), guess)), ""


def some_batches(x: Array, y: Array, batch_size: int, n: int, rng: Generator) -> list[Batch]:
    """n batches, epoch after epoch."""
    size = min(batch_size, len(x))
    return list(islice((batch for _ in range(n) for batch in batches(x, y, batch_size=size, rng=rng)), n))


def loss_after(
    network: Network, optimizer: Optimizer, loss: Loss, steps: Sequence[Batch], x: Array, y: Array
) -> float:
    """The loss on (x, y) after a step for each batch; infinite where training diverges."""
    try:
        train_epoch(network, steps, 1, loss, optimizer, math.inf, False)
    except Diverged:
        return math.inf
    after = loss(network.forward(x), y)[0]
    return after if math.isfinite(after) else math.inf


def lowest(network: Network, loss: Loss, steps: Sequence[Batch], x: Array, y: Array) -> float:
    """The lowest loss on (x, y) after steps of Adam, at several rates."""
    return min(loss_after(copy.deepcopy(network), Adam(lr), loss, steps, x, y) for lr in RATES)


def better_rate(
    network: Network, optimizer: Optimizer, loss: Loss, steps: Sequence[Batch], x: Array, y: Array
) -> tuple[float, str]:
    """How many times as far the loss falls at the best of several rates as at the given one; and which it is."""
    before, falls = loss(network.forward(x), y)[0], {}
    for factor in FACTORS:
        other, its = copy.deepcopy((network, optimizer))
        its.lr = partial(scaled, optimizer.lr, factor)
        falls[factor] = before - loss_after(other, its, loss, steps, x, y)
    best = max(falls, key=falls.__getitem__)
    if falls[best] < 0.05 * before and falls[1.0] > -0.05 * before:
        return 1.0, "it falls at no rate"  # what holds it is not the rate
    return falls[best] / falls[1.0] if falls[1.0] > 0 else math.inf, f"best at {best:g} lr"


def scaled(lr: Rate, factor: float, n: int) -> float:
    """A learning rate times a factor, after n steps."""
    return factor * rate_at(lr, n)
