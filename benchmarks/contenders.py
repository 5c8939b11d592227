"""Who is timed: the package, a bare loop, the matrix products alone, and the peers, all on the same arrays.

The floor is the matrix products of an epoch alone, on arrays that lie ready: no data are picked, nothing is added, no
weight moves. The same products by PyTorch tell how much of its lead or lag is its library for matrices. The bare loop
is what one would write without a package: it trains, and that is all.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from scratchmlp.conv import Conv2D, MaxPool2D
from scratchmlp.initializers import he
from scratchmlp.layers import Dense, Flatten, Layer, ReLU
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network, mlp
from scratchmlp.optimizers import SGD, Adam
from scratchmlp.training import fit

HAS_TORCH = find_spec("torch") is not None  # a peer, not a requirement; imported only where it is measured
Epochs = Callable[[int], Any]


class Row(NamedTuple):
    """A network to train: the units of each layer, or channels; the examples of a batch, and of an epoch; a rule.

    A timing is of some epochs, and a round has some timings of each contender: enough of both for a short epoch.
    """

    sizes: tuple[int, ...]
    batch: int
    examples: int
    rule: str
    epochs: int = 2
    timings: int = 1

    @property
    def has_images(self) -> bool:
        """Whether it is a convolutional network."""
        return self.sizes[0] == 1


# The data are random: in so few epochs, speed hardly depends on what is learned.
ROWS = {
    "64-64-32-10": Row((64, 64, 32, 10), 32, 1280, "sgd", epochs=10, timings=8),
    "784-100-10": Row((784, 100, 10), 64, 6400, "sgd", epochs=3, timings=3),
    "784-512-256-10": Row((784, 512, 256, 10), 128, 6400, "sgd"),
    "784-512-256-10-momentum": Row((784, 512, 256, 10), 128, 6400, "momentum"),
    "784-512-256-10-adam": Row((784, 512, 256, 10), 128, 6400, "adam"),
    "3072-512-256-10": Row((3072, 512, 256, 10), 128, 3200, "sgd"),
    "cnn-16-32": Row((1, 16, 32, 10), 64, 640, "sgd"),
}
LR = {"sgd": 0.01, "momentum": 0.01, "adam": 0.001}
MOMENTUM = {"sgd": 0.0, "momentum": 0.9, "adam": 0.0}


@cache
def data(row: Row) -> tuple[np.ndarray, np.ndarray]:
    """Random images or rows in float32, and random labels."""
    rng = np.random.default_rng(0)
    shape = (row.examples, 1, 28, 28) if row.has_images else (row.examples, row.sizes[0])
    return rng.random(shape, dtype=np.float32), rng.integers(row.sizes[-1], size=row.examples)


def ours(row: Row) -> Epochs:
    """Epochs by `scratchmlp.training.fit`."""
    x, y = data(row)
    rng = np.random.default_rng(1)
    net = cnn(rng) if row.has_images else mlp(row.sizes, rng=rng)
    lr = LR[row.rule]
    optimizer = Adam(lr) if row.rule == "adam" else SGD(lr, momentum=MOMENTUM[row.rule])

    def epochs(n_epochs: int) -> Network:
        fit(
            net,
            x,
            y,
            loss=cross_entropy,
            optimizer=optimizer,
            batch_size=row.batch,
            n_epochs=n_epochs,
            rng=rng,
        )
        return net

    return epochs


def cnn(rng: np.random.Generator) -> Network:
    """Two convolutions, each with pooling, and a dense layer, for images of 28 by 28 pixels."""
    layers: list[Layer] = []
    for c, m in ((1, 16), (16, 32)):
        layers += [Conv2D(c, m, 3, padding=1, rng=rng), ReLU(), MaxPool2D(2)]
    return Network([*layers, Flatten(), Dense(32 * 49, 10, rng=rng)])


def floor(row: Row) -> Epochs | None:
    """The matrix products of a dense network's epochs, and nothing else."""
    return products(row, np.asarray, np.matmul)


def torch_floor(row: Row) -> Epochs | None:
    """The same products by PyTorch."""
    if not HAS_TORCH:
        return None
    import torch

    return products(row, torch.from_numpy, torch.matmul)


def products(row: Row, array: Callable[[np.ndarray], Any], matmul: Callable[..., Any]) -> Epochs | None:
    """The matrix products of epochs, by a library that makes its arrays by `array`."""
    if row.has_images:
        return None
    sizes, batch_size = row.sizes, row.batch
    rng = np.random.default_rng(1)

    def some(*shape: int) -> Any:
        return array(rng.random(shape, dtype=np.float32))

    hs, outs = ([some(batch_size, size) for size in sizes] for _ in range(2))  # values, and their gradients
    Ws, dWs = ([some(d, m) for d, m in pairwise(sizes)] for _ in range(2))

    def epochs(n_epochs: int) -> None:
        for _ in range(n_epochs * (row.examples // batch_size)):
            for i, W in enumerate(Ws):
                matmul(hs[i], W, out=outs[i + 1])
            for i in reversed(range(len(Ws))):
                matmul(hs[i].T, hs[i + 1], out=dWs[i])
                if i:
                    matmul(hs[i + 1], Ws[i].T, out=outs[i])

    return epochs


def bare_loop(row: Row) -> Epochs | None:
    """Epochs of plain SGD with no layers, checks, loss, accuracy or gradient norm: steps alone."""
    if row.has_images or row.rule != "sgd":
        return None
    x, y = data(row)
    N, n = row.batch, row.examples
    rng = np.random.default_rng(1)
    layers = [
        (he((d, m), rng=rng).astype(np.float32), np.zeros(m, np.float32)) for d, m in pairwise(row.sizes)
    ]

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


def with_torch(row: Row) -> Epochs | None:
    """Epochs as PyTorch's own tutorials write it, with the batches picked by a permutation."""
    if not HAS_TORCH:
        return None
    import torch

    n, batch_size, rule = row.examples, row.batch, row.rule
    x, y = (torch.from_numpy(a) for a in data(row))
    nn = torch.nn
    layers: list[Any] = []
    if row.has_images:
        for c, m in ((1, 16), (16, 32)):
            layers += [nn.Conv2d(c, m, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        layers += [nn.Flatten(), nn.Linear(32 * 49, 10)]
    else:
        for d, m in pairwise(row.sizes):
            layers += [nn.Linear(d, m), nn.ReLU()]
        layers.pop()
    net, loss = nn.Sequential(*layers), nn.CrossEntropyLoss()
    optimizer: torch.optim.Optimizer
    if rule == "adam":
        optimizer = torch.optim.Adam(net.parameters(), lr=LR[rule])
    else:
        optimizer = torch.optim.SGD(net.parameters(), lr=LR[rule], momentum=MOMENTUM[rule])

    def epochs(n_epochs: int) -> Any:
        for _ in range(n_epochs):
            order = torch.randperm(n)
            for start in range(0, n, batch_size):
                rows = order[start : start + batch_size]
                optimizer.zero_grad()
                loss(net(x[rows]), y[rows]).backward()
                optimizer.step()
        return net

    return epochs


def with_sklearn(row: Row) -> Epochs | None:
    """Epochs of scikit-learn's MLPClassifier, with the same rule and no penalty."""
    from sklearn.neural_network import MLPClassifier

    if row.has_images:
        return None
    x, y = data(row)
    net = MLPClassifier(
        row.sizes[1:-1],
        solver="adam" if row.rule == "adam" else "sgd",
        alpha=0,
        batch_size=row.batch,
        learning_rate_init=LR[row.rule],
        momentum=MOMENTUM[row.rule],
        nesterovs_momentum=False,
        n_iter_no_change=10**6,  # so that it takes all epochs
        warm_start=True,
        random_state=0,
    )

    def epochs(n_epochs: int) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a few epochs do not converge, and say so
            net.set_params(max_iter=n_epochs).fit(x, y)
        return net

    return epochs


CONTENDERS: dict[str, Callable[[Row], Epochs | None]] = {
    "ours": ours,
    "bare": bare_loop,
    "floor": floor,
    "torch_floor": torch_floor,
    "torch": with_torch,
    "sklearn": with_sklearn,
}
