"""The whole program: data, network, loop, test, and what to look at if it fails."""

from itertools import pairwise

import numpy as np

from scratchmlp import losses
from scratchmlp.checkup import checkup
from scratchmlp.datasets import digits
from scratchmlp.network import mlp
from scratchmlp.optimizers import SGD

# --8<-- [start:data]
images, labels = digits()  # values from 0 to 16, and what they mean
rng = np.random.default_rng(0)
order = rng.permutation(len(images))
x = images.reshape(-1, 64)[order] / 16  # (1797, 64): from 0 to 1
y = labels[order]
x_train, x_val, x_test = x[:997], x[997:1297], x[1297:]
y_train, y_val, y_test = y[:997], y[997:1297], y[1297:]
print("train", x_train.shape, " val", x_val.shape, " test", x_test.shape)
# --8<-- [end:data]


# --8<-- [start:network]
def initialise(sizes, rng):
    """Weights by He, biases of 0: [W1, b1, W2, b2, ...]."""
    theta = []
    for D, M in pairwise(sizes):
        theta += [np.sqrt(2 / D) * rng.standard_normal((D, M)), np.zeros(M)]
    return theta


def forward(x, theta):
    """The logits (N, K), and what each layer was given: [x, h1, ...]."""
    hs = [x]
    for W, b in zip(theta[:-2:2], theta[1:-2:2], strict=True):
        hs.append(np.maximum(0, hs[-1] @ W + b))  # (N, D) @ (D, M) -> (N, M)
    return hs[-1] @ theta[-2] + theta[-1], hs


# --8<-- [end:network]


# --8<-- [start:gradients]
def cross_entropy(logits, y):
    """The mean loss, and its gradient with respect to the logits (N, K)."""
    z = logits - logits.max(axis=1, keepdims=True)  # nothing overflows
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))  # (N, K)
    dz = np.exp(log_p)  # (N, K)
    dz[np.arange(len(y)), y] -= 1  # the probability minus the truth
    return -log_p[np.arange(len(y)), y].mean(), dz / len(y)


def backward(dz, hs, theta):
    """The gradient for each array in theta, from that of the logits."""
    grads = []
    for W, h in zip(theta[-2::-2], hs[::-1], strict=True):
        grads = [h.T @ dz, dz.sum(axis=0), *grads]  # (D, M), (M,)
        dz = (dz @ W.T) * (h > 0)  # (N, M) @ (M, D); not used for x
    return grads


# --8<-- [end:gradients]


# --8<-- [start:train]
def judge(x, y, theta):
    """The loss and the accuracy on examples."""
    logits, _ = forward(x, theta)
    return cross_entropy(logits, y)[0], np.mean(logits.argmax(axis=1) == y)


def train(theta, x, y, rng, lr=0.1, momentum=0.9, n_epochs=30, batch_size=32):
    """Train theta in place; after each epoch, yield its number."""
    velocity = [np.zeros_like(v) for v in theta]
    for epoch in range(1, n_epochs + 1):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]  # the last one is smaller
            logits, hs = forward(x[batch], theta)
            _, dz = cross_entropy(logits, y[batch])
            grads = backward(dz, hs, theta)
            for v, w, dw in zip(velocity, theta, grads, strict=True):
                v[...] = momentum * v + dw
                w -= lr * v
        yield epoch


# --8<-- [end:train]

# --8<-- [start:run]
theta, report = initialise((64, 64, 10), np.random.default_rng(1)), []
for epoch in train(theta, x_train, y_train, np.random.default_rng(2)):
    if epoch in (1, 3, 10, 15, 30):
        loss, _ = judge(x_train, y_train, theta)
        loss_val, right_val = judge(x_val, y_val, theta)
        report += [
            f"{epoch:2}: {loss:.4f}, val {loss_val:.4f} with {right_val:.1%}"
        ]
print(*report, sep="\n")
# --8<-- [end:run]

n_parameters = sum(v.size for v in theta)
said = forward(x_test, theta)[0].argmax(axis=1)
wrong = np.flatnonzero(said != y_test)
mistakes = {
    "images": x_test[wrong].tolist(),
    "said": said[wrong].tolist(),
    "true": y_test[wrong].tolist(),
}
n_wrong, n_test, n_images = len(wrong), len(y_test), len(images)
curves = {"train": [], "val": []}
again = initialise((64, 64, 10), np.random.default_rng(1))
for _ in train(again, x_train, y_train, np.random.default_rng(2)):
    curves["train"].append(judge(x_train, y_train, again)[0])
    curves["val"].append(judge(x_val, y_val, again)[0])
fallen = {name: losses[0] / losses[-1] for name, losses in curves.items()}

# --8<-- [start:baselines]
most = np.bincount(y_train).argmax()  # the digit that is most frequent
linear = initialise((64, 10), np.random.default_rng(1))  # no hidden layer
for _ in train(linear, x_train, y_train, np.random.default_rng(2)):
    pass
print(f"always {most}: {np.mean(y_val == most):.1%} of the validation images")
print(f"linear: {judge(x_val, y_val, linear)[1]:.1%}")
# --8<-- [end:baselines]

always, linear_val = float(np.mean(y_val == most)), judge(x_val, y_val, linear)[1]

# --8<-- [start:test]
print(f"linear {judge(x_test, y_test, linear)[1]:.1%}")
print(f"network {judge(x_test, y_test, theta)[1]:.1%}")
# --8<-- [end:test]

tested = {
    "linear": judge(x_test, y_test, linear)[1],
    "network": judge(x_test, y_test, theta)[1],
}

# --8<-- [start:one-batch]
few = initialise((64, 64, 10), np.random.default_rng(1))
x_few, y_few = x_train[:32], y_train[:32]
before, _ = judge(x_few, y_few, few)
for _ in train(few, x_few, y_few, np.random.default_rng(2), n_epochs=100):
    pass  # one batch, so an epoch is a step
after, _ = judge(x_few, y_few, few)
print(f"before {before:.2f}  after {after:.4f}")
# --8<-- [end:one-batch]


# --8<-- [start:checkup]
def failed(x, y):
    """The checks that a network for these images and labels does not pass."""
    net = mlp((64, 64, 10), rng=np.random.default_rng(1))
    found = checkup(
        net,
        x,
        y,
        loss=losses.cross_entropy,
        optimizer=SGD(0.1, momentum=0.9),
        rng=np.random.default_rng(0),
    )
    return [finding.check for finding in found if not finding.passed]


right = failed(x_train, y_train)
undivided = failed(255 * x_train, y_train)  # values from 0 to 255
slipped = failed(x_train, np.roll(y_train, 1))  # each the label of another row
print("right", right, " undivided", undivided, " slipped", slipped)
# --8<-- [end:checkup]

n_checks = len(
    checkup(
        mlp((64, 64, 10), rng=np.random.default_rng(1)),
        x_train,
        y_train,
        loss=losses.cross_entropy,
        optimizer=SGD(0.1, momentum=0.9),
        rng=np.random.default_rng(0),
    )
)
before_few, after_few = before, after

mnist_values = 28 * 28

# --8<-- [start:answer-check]
rng = np.random.default_rng(0)
small = initialise((3, 4, 2), rng)
for b in small[1::2]:
    b[:] = 0.1 * rng.standard_normal(b.shape)
x5, y5 = rng.standard_normal((5, 3)), np.array([0, 1, 0, 1, 1])
logits, hs = forward(x5, small)
grads = backward(cross_entropy(logits, y5)[1], hs, small)


def by_trying(v, step=1e-6):
    """The slope of the loss in each number of v, by central differences."""
    found = np.empty_like(v)
    for i in np.ndindex(v.shape):
        kept = v[i]
        v[i] = kept + step
        above, _ = cross_entropy(forward(x5, small)[0], y5)
        v[i] = kept - step
        below, _ = cross_entropy(forward(x5, small)[0], y5)
        v[i] = kept
        found[i] = (above - below) / (2 * step)
    return found


tried = [by_trying(v) for v in small]
errors = [
    np.abs(a - b).max() / np.abs(b).max()
    for a, b in zip(grads, tried, strict=True)
]
print("largest relative error below 1e-7:", max(errors) < 1e-7)
# --8<-- [end:answer-check]

largest_error = max(errors)

# --8<-- [start:answer-count]
n_of = {
    sizes: sum(v.size for v in initialise(sizes, np.random.default_rng(0)))
    for sizes in ((64, 64, 10), (64, 10))
}
print(n_of)
# --8<-- [end:answer-count]

n_linear = n_of[64, 10]

# --8<-- [start:answer-precision]
n_called, n_hits, n_spam, n_emails = 50, 40, 400, 1000
n_errors = (n_called - n_hits) + (n_spam - n_hits)
precision, recall = n_hits / n_called, n_hits / n_spam
accuracy = 1 - n_errors / n_emails
print(f"precision {precision:.0%}  recall {recall:.0%}  accuracy {accuracy:.0%}")
# --8<-- [end:answer-precision]

missed, sorted_right = n_spam - n_hits, accuracy
