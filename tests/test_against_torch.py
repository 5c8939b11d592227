"""The same numbers as PyTorch, to 1e-10: from recorded vectors everywhere, and live where PyTorch is installed.

`PYTHONPATH=. python tests/test_against_torch.py`, with torch installed, writes torch_vectors.json anew. All
inputs there are eighths: they are short to write down, and equal values in one window are not rare.
"""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from scratchmlp.conv import AveragePool2D, Conv2D, GlobalAveragePool2D, GlobalMaxPool2D, MaxPool2D
from scratchmlp.layers import Dense, Dropout, Flatten, LeakyReLU, ReLU, Sigmoid, Tanh
from scratchmlp.losses import binary_cross_entropy, cross_entropy, mean_squared_error

VECTORS = Path(__file__).with_name("torch_vectors.json")
double = {"rng": np.random.default_rng(0), "dtype": np.float64}
IMAGES = (2, 2, 6, 5)

# Our layers; the shape of x; and the same in PyTorch, given torch, torch.nn.functional, x and the parameters.
CASES = {
    "dense": ([Dense(4, 3, **double)], (5, 4), lambda t, F, x, W, b: x @ W + b),
    "relu": ([ReLU()], (5, 4), lambda t, F, x: F.relu(x)),
    "leaky relu": ([LeakyReLU(0.25)], (5, 4), lambda t, F, x: F.leaky_relu(x, 0.25)),
    "sigmoid": ([Sigmoid()], (5, 4), lambda t, F, x: t.sigmoid(x)),
    "tanh": ([Tanh()], (5, 4), lambda t, F, x: t.tanh(x)),
    "flatten": ([Flatten()], IMAGES, lambda t, F, x: x.flatten(1)),
    "conv": ([Conv2D(2, 3, 3, **double)], IMAGES, lambda t, F, x, W, b: F.conv2d(x, W, b)),
    "conv, padding 1": (
        [Conv2D(2, 3, 3, padding=1, **double)],
        IMAGES,
        lambda t, F, x, W, b: F.conv2d(x, W, b, padding=1),
    ),
    "conv, stride 2": (
        [Conv2D(2, 3, 3, stride=2, **double)],
        IMAGES,
        lambda t, F, x, W, b: F.conv2d(x, W, b, stride=2),
    ),
    "conv, stride 3, padding 2": (
        [Conv2D(2, 3, 2, stride=3, padding=2, **double)],
        IMAGES,
        lambda t, F, x, W, b: F.conv2d(x, W, b, stride=3, padding=2),
    ),
    "max pool": ([MaxPool2D(2)], IMAGES, lambda t, F, x: F.max_pool2d(x, 2)),
    "max pool 3, stride 2": ([MaxPool2D(3, stride=2)], IMAGES, lambda t, F, x: F.max_pool2d(x, 3, 2)),
    "max pool 2, stride 3": ([MaxPool2D(2, stride=3)], IMAGES, lambda t, F, x: F.max_pool2d(x, 2, 3)),
    "average pool": ([AveragePool2D(2)], IMAGES, lambda t, F, x: F.avg_pool2d(x, 2)),
    "average pool 3, stride 1": (
        [AveragePool2D(3, stride=1)],
        IMAGES,
        lambda t, F, x: F.avg_pool2d(x, 3, 1),
    ),
    "global max pool": ([GlobalMaxPool2D()], IMAGES, lambda t, F, x: F.max_pool2d(x, (6, 5)).flatten(1)),
    "global average pool": ([GlobalAveragePool2D()], IMAGES, lambda t, F, x: x.mean((2, 3))),
    "perceptron": (
        [Dense(4, 6, **double), Tanh(), Dense(6, 5, **double), LeakyReLU(), Dense(5, 3, **double)],
        (5, 4),
        lambda t, F, x, W, b, W2, b2, W3, b3: F.leaky_relu(t.tanh(x @ W + b) @ W2 + b2) @ W3 + b3,
    ),
    "convolutional network": (
        [
            *(Conv2D(2, 3, 3, padding=1, **double), ReLU(), MaxPool2D(2)),
            *(Conv2D(3, 4, 2, **double), Sigmoid(), AveragePool2D(1, stride=2)),
            *(Flatten(), Dense(4, 3, **double)),
        ],
        IMAGES,
        lambda t, F, x, W, b, W2, b2, W3, b3: (
            F.avg_pool2d(
                t.sigmoid(F.conv2d(F.max_pool2d(F.relu(F.conv2d(x, W, b, padding=1)), 2), W2, b2)), 1, 2
            ).flatten(1)
            @ W3
            + b3
        ),
    ),
}
each_case = pytest.mark.parametrize("name", CASES)


def forward(layers, x, **options):
    for layer in layers:
        x = layer.forward(x, **options)
    return x


def ours(name, x, parameters, dy):
    """Values and gradients of our layers: [y, dx, and the gradient of each parameter]."""
    layers, *_ = CASES[name]
    arrays = [(layer, key) for layer in layers for key in layer.params]
    for (layer, key), value in zip(arrays, parameters, strict=True):
        layer.params[key][...] = value
    y = forward(layers, x, training=True)
    for layer in reversed(layers):
        dy = layer.backward(dy)
    return [y, dy, *(layer.grads[key] for layer, key in arrays)]


def theirs(name, x, parameters, dy):
    """Values and gradients of PyTorch, in the same order."""
    import torch

    leaves = [torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in (x, *parameters)]
    y = CASES[name][2](torch, torch.nn.functional, *leaves)
    y.backward(torch.tensor(dy, dtype=torch.float64))
    return [y.detach().numpy(), *(leaf.grad.numpy() for leaf in leaves)]


def inputs(name, draw):
    """x, the parameters and dy of a case; draw gives an array of a shape."""
    layers, shape, _ = CASES[name]
    x = draw(shape)
    y = forward(layers, x)
    return x, [draw(value.shape) for layer in layers for value in layer.params.values()], draw(y.shape)


def eighths(rng, shape):
    return rng.integers(-16, 17, shape) / 8


@each_case
def test_values_and_gradients_agree_with_recorded_pytorch(name):
    case = json.loads(VECTORS.read_text(encoding="utf-8"))["cases"][name]
    found = ours(name, np.array(case["x"]), case["parameters"], np.array(case["dy"]))
    for value, expected in zip(found, case["expected"], strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-10, atol=1e-12)


@each_case
@pytest.mark.parametrize(
    "draw", [np.random.default_rng(1).standard_normal, partial(eighths, np.random.default_rng(2))]
)
def test_values_and_gradients_agree_with_pytorch_where_it_is_installed(name, draw):
    pytest.importorskip("torch")
    drawn = inputs(name, draw)
    for value, expected in zip(ours(name, *drawn), theirs(name, *drawn), strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("loss", "peer", "shape", "classes"),
    [
        (cross_entropy, "cross_entropy", (50, 4), 4),
        (binary_cross_entropy, "binary_cross_entropy_with_logits", (50, 1), 2),
        (mean_squared_error, "mse_loss", (50, 3), None),
    ],
    ids=["cross_entropy", "binary_cross_entropy", "mean_squared_error"],
)
def test_losses_agree_with_pytorch_where_it_is_installed(loss, peer, shape, classes):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(3)
    outputs, targets = rng.standard_normal(shape), rng.standard_normal(shape)
    if classes:
        targets = rng.integers(0, classes, shape if classes == 2 else shape[0])
    z = torch.tensor(outputs, requires_grad=True)
    as_theirs = torch.tensor(targets if classes == 4 else targets.astype(float))
    expected = getattr(torch.nn.functional, peer)(z, as_theirs)
    expected.backward()
    value, gradient = loss(outputs, targets)
    assert value == pytest.approx(expected.item(), rel=1e-12)
    np.testing.assert_allclose(gradient, z.grad.numpy(), rtol=1e-10, atol=1e-14)


def test_dropout_scales_like_pytorch_where_it_is_installed():
    torch = pytest.importorskip("torch")
    x = np.ones((50, 40))
    theirs = torch.nn.functional.dropout(torch.tensor(x), 0.25).numpy()
    y = Dropout(0.25, rng=np.random.default_rng(0)).forward(x, training=True)
    np.testing.assert_allclose(np.unique(y), np.unique(theirs), rtol=1e-14)


def record():
    """Write what PyTorch gives for every case."""
    import torch

    cases = {}
    for name in CASES:
        x, parameters, dy = inputs(name, partial(eighths, np.random.default_rng(4)))
        expected = theirs(name, x, parameters, dy)
        cases[name] = {
            "x": x.tolist(),
            "parameters": [value.tolist() for value in parameters],
            "dy": dy.tolist(),
            "expected": [value.tolist() for value in expected],
        }
    program = "PYTHONPATH=. python tests/test_against_torch.py"
    about = f"What PyTorch {torch.__version__} gives in float64; written by `{program}`."
    order = "expected holds y, dx and the gradients of the parameters, given x, the parameters and dy."
    lines = ",\n".join(
        f"{json.dumps(name)}: {json.dumps(case, separators=(',', ':'))}" for name, case in cases.items()
    )
    VECTORS.write_text(
        f'{{"about": {json.dumps(f"{about} {order}")},\n"cases": {{\n{lines}\n}}}}\n', encoding="utf-8"
    )


if __name__ == "__main__":
    record()
