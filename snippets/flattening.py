"""Where flattening puts each pixel, and a network that takes any order."""

import math

import numpy as np

from scratchmlp.datasets import digits, split
from scratchmlp.losses import cross_entropy
from scratchmlp.network import mlp
from scratchmlp.optimizers import SGD, Adam
from scratchmlp.training import evaluate, fit

# --8<-- [start:tiny]
image = np.array([[5, 3, 8, 1], [2, 9, 4, 6], [7, 0, 1, 2]])  # (3, 4)
vector = image.reshape(-1)  # (12,): row by row
i, j = 2, 1
k = i * 4 + j
print("index", k, " value", vector[k], " from the image", image[i, j])
# --8<-- [end:tiny]

# --8<-- [start:inverse]
row, column = divmod(k, 4)
again = vector.reshape(3, 4)
print("place", (row, column), " all values back:", (again == image).all())
# --8<-- [end:inverse]


# --8<-- [start:neighbours]
index = np.arange(28 * 28).reshape(28, 28)  # where each pixel goes
across = index[:, 1:] - index[:, :-1]  # (28, 27): to the pixel on the right
down = index[1:] - index[:-1]  # (27, 28): to the pixel below
ends = index[:-1, -1]  # the last pixel of each row but the last
starts = index[1:, 0]  # the first pixel of the row below
print("across", across.size, "pairs, apart by", np.unique(across))
print("down", down.size, "pairs, apart by", np.unique(down))
print("adjacent in the vector only:", (starts - ends == 1).sum(), "pairs")
# --8<-- [end:neighbours]

n_pairs = across.size + down.size
n_across, n_down = across.size, down.size
step_across, step_down = int(across.max()), int(down.max())
n_false = len(ends)


# --8<-- [start:orders]
def apart(shape, axes, a, b):
    """How far apart two places lie in the vector, for an order of the axes."""
    index = np.empty(shape, int)  # (C, H, W)
    numbered = index.transpose(axes)  # a view: filling it fills index
    numbered.flat = np.arange(index.size)
    return int(index[b] - index[a])


orders = {"C, H, W": (0, 1, 2), "H, W, C": (1, 2, 0), "C, W, H": (0, 2, 1)}
for name, axes in orders.items():
    below = apart((3, 256, 256), axes, (0, 0, 0), (0, 1, 0))
    green = apart((3, 256, 256), axes, (0, 0, 0), (1, 0, 0))
    print(f"{name}: pixel below {below}, next colour {green}")
# --8<-- [end:orders]

shape = (3, 256, 256)
below_first, below_last, below_column = (
    apart(shape, axes, (0, 0, 0), (0, 1, 0)) for axes in orders.values()
)
colour_first, colour_last, _ = (
    apart(shape, axes, (0, 0, 0), (1, 0, 0)) for axes in orders.values()
)
between = below_first - 1
n_values = math.prod(shape)
n_cifar = math.prod((3, 32, 32))

# --8<-- [start:shuffle]
images, labels = digits()  # (1797, 1, 8, 8): one colour, from 0 to 16
order = np.random.default_rng(0).permutation(64)
pixels = images.reshape(-1, 64)  # (1797, 64)
shuffled = pixels[:, order]  # every image in the same new order
V = np.random.default_rng(1).integers(-9, 10, (64, 10))
same = pixels @ V == shuffled @ V[order]  # (1797, 10)
print("products", same.size, " equal", same.sum())
# --8<-- [end:shuffle]

digit = images[0, 0]  # (8, 8)


# --8<-- [start:sum]
def product(x, W):
    """x @ W, each sum rounded once, at its end: in any order, the same bits."""
    return np.array([[math.fsum(r * w) for w in W.T] for r in x])


# --8<-- [end:sum]


# --8<-- [start:steps]
def steps(x, y, W1, b1, W2, b2, n_steps, lr=0.5):
    """Gradient steps on all of x: the loss before each, and the parameters."""
    losses = []
    for _ in range(n_steps):
        h = np.maximum(0, product(x, W1) + b1)  # (N, D) @ (D, M) -> (N, M)
        loss, dz2 = cross_entropy(product(h, W2) + b2, y)  # dz2 (N, K)
        dz1 = product(dz2, W2.T) * (h > 0)  # (N, M)
        W1, b1 = W1 - lr * product(x.T, dz1), b1 - lr * dz1.sum(axis=0)
        W2, b2 = W2 - lr * product(h.T, dz2), b2 - lr * dz2.sum(axis=0)
        losses.append(loss)
    return losses, [W1, b1, W2, b2]


# --8<-- [end:steps]

# --8<-- [start:bits]
rng = np.random.default_rng(2)
W1, b1 = rng.normal(0, 0.2, (64, 8)), np.zeros(8)
W2, b2 = rng.normal(0, 0.4, (8, 10)), np.zeros(10)
x, y = pixels[:40] / 16, labels[:40].copy()  # (40, 64), (40,)
x_twin, W1_twin = x[:, order], W1[order]  # the columns, and the rows to match
losses, end = steps(x, y, W1, b1, W2, b2, 60)
losses_twin, end_twin = steps(x_twin, y, W1_twin, b1, W2, b2, 60)
print(f"loss {losses[0]:.3f} -> {losses[-1]:.3f}")
print("the same losses, bit for bit:", losses == losses_twin)
matched = [end[0][order], *end[1:]]  # W1 with its rows moved, b1, W2, b2
pairs = zip(matched, end_twin, strict=True)
print("the same parameters:", all(np.array_equal(a, b) for a, b in pairs))
# --8<-- [end:bits]

n_steps, n_some = len(losses), len(x)


# --8<-- [start:train]
setting = {
    "loss": cross_entropy,
    "n_epochs": 30,
    "batch_size": 32,
    "scale": 1 / 16,
}


def train(data, order, optimizer):
    """A trained MLP, its pixels and its first weights in this order."""
    net = mlp([64, 64, 10], rng=np.random.default_rng(3), dtype="float64")
    first = net.layers[0].params["W"]  # (64, 64)
    first[:] = first[order]
    x, rng = data.x_train[:, order], np.random.default_rng(4)
    return net, fit(net, x, data.y_train, optimizer=optimizer, rng=rng, **setting)


# --8<-- [end:train]

# --8<-- [start:package]
data = split(pixels, labels, n_test=500, rng=np.random.default_rng(5))
in_order = np.arange(64)
net, history = train(data, in_order, SGD(0.05, momentum=0.9))
twin, twin_history = train(data, order, SGD(0.05, momentum=0.9))
gap = np.abs(np.subtract(history.loss, twin_history.loss)).max()
agree = net.predict(data.x_test / 16) == twin.predict(data.x_test[:, order] / 16)
print("losses differ by less than 1e-9:", gap < 1e-9)
print("equal predictions:", agree.sum(), "of", agree.size)
# --8<-- [end:package]

n_agree, n_test = int(agree.sum()), agree.size


# --8<-- [start:alike]
def alike(W):
    """The correlation of the weights of adjacent pixels, over all units."""
    tiles = W.T.reshape(-1, 8, 8)  # (M, 8, 8)
    a = [*tiles[:, :, :-1].ravel(), *tiles[:, :-1].ravel()]
    b = [*tiles[:, :, 1:].ravel(), *tiles[:, 1:].ravel()]  # to the right, below
    return float(np.corrcoef(a, b)[0, 1])


fresh = mlp([64, 64, 10], rng=np.random.default_rng(3))
W_start, W_end, W_twin = (n.layers[0].params["W"] for n in (fresh, net, twin))
W_back = np.empty_like(W_twin)
W_back[order] = W_twin  # each row back to the place of its pixel
print(*(f"{alike(W):.3f}" for W in (W_start, W_end, W_twin, W_back)))
# --8<-- [end:alike]

# --8<-- [start:afterwards]
score = {"loss": cross_entropy, "scale": 1 / 16}
plain = evaluate(net, data.x_test, data.y_test, **score)
mixed = evaluate(net, data.x_test[:, order], data.y_test, **score)
print(f"in order {plain.accuracy:.1%}, shuffled {mixed.accuracy:.1%}")
# --8<-- [end:afterwards]

accuracy_plain, accuracy_mixed = plain.accuracy, mixed.accuracy

alike_start, alike_end = alike(W_start), alike(W_end)
alike_twin, alike_back = alike(W_twin), alike(W_back)
# The digits of 784! = 1 * 2 * ... * 784.
n_digits_784 = math.floor(math.lgamma(785) / math.log(10)) + 1

# --8<-- [start:last-axis]
stack = np.ones((2, 5, 8))
layer = np.ones((8, 4))
rows = stack @ layer  # (2, 5, 8) @ (8, 4) -> (2, 5, 4)
print(rows.shape)
# --8<-- [end:last-axis]

# --8<-- [start:demands]
n_pixels = 28 * 28
weights_dense = n_pixels * n_pixels  # from every pixel to every output
weights_near = (3 * 28 - 2) ** 2  # along one side, times along the other
weights_same = 3 * 3
print("every pixel:", weights_dense)
print("only near:", weights_near, " the same everywhere:", weights_same)
# --8<-- [end:demands]

# --8<-- [start:answer-cifar]
steps_to = {
    "next row": (0, 1, 0),
    "next column": (0, 0, 1),
    "next colour": (1, 0, 0),
}
for order_of in ("C, H, W", "H, W, C"):
    axes_of = orders[order_of]
    for step, to in steps_to.items():
        print(order_of, step, apart((3, 32, 32), axes_of, (0, 0, 0), to))
# --8<-- [end:answer-cifar]

# --8<-- [start:answer-adam]
net_adam, _ = train(data, in_order, Adam(0.001))
twin_adam, _ = train(data, order, Adam(0.001))
equal = net_adam.predict(data.x_test / 16) == twin_adam.predict(
    data.x_test[:, order] / 16
)
print("equal predictions:", equal.sum(), "of", equal.size)
# --8<-- [end:answer-adam]

# --8<-- [start:answer-mirror]
from scratchmlp.conv import Conv2D

# One colour in, four outputs for each place; windows of 3 by 3, zeros around.
conv = Conv2D(1, 4, 3, padding=1, rng=np.random.default_rng(7), dtype="float64")
here = images[:5] / 16  # (5, 1, 8, 8)
seen = conv.forward(here)  # (5, 4, 8, 8)
conv.params["W"][:] = conv.params["W"][..., ::-1].copy()  # each window mirrored
mirrored = conv.forward(here[..., ::-1])  # of the mirrored images
print("mirrored output:", np.allclose(mirrored, seen[..., ::-1], atol=1e-12))
# --8<-- [end:answer-mirror]
