"""How a gradient is checked, and a wrong one that the check finds."""

import numpy as np

from scratchmlp.datasets import digits
from scratchmlp.gradcheck import check_layer, check_network
from scratchmlp.layers import Dense, ReLU
from scratchmlp.losses import cross_entropy
from scratchmlp.network import mlp


def forward(x, Ws, bs):
    """The logits (N, K), and what each layer was given: [x, h1, h2, ...]."""
    hs = [x]
    for W, b in zip(Ws[:-1], bs[:-1], strict=True):
        hs.append(np.maximum(0, hs[-1] @ W + b))  # (N, D) @ (D, M) -> (N, M)
    return hs[-1] @ Ws[-1] + bs[-1], hs


def backward(dz, hs, Ws):
    """The gradients of all weights and biases, from that of the logits."""
    dWs, dbs = [], []
    for W, h in zip(Ws[::-1], hs[::-1], strict=True):
        dWs = [h.T @ dz, *dWs]  # (D, N) @ (N, M) -> (D, M)
        dbs = [dz.sum(axis=0), *dbs]  # (N, M) -> (M,)
        dz = (dz @ W.T) * (h > 0)  # (N, M) @ (M, D) -> (N, D); not used for x
    return dWs, dbs


# --8<-- [start:differences]
def slopes(loss, v, step=1e-6):
    """The slope of loss() in each coordinate of v, by central differences."""
    found = np.empty_like(v)
    for i in np.ndindex(v.shape):
        kept = v[i]
        v[i] = kept + step
        above = loss()
        v[i] = kept - step
        found[i] = (above - loss()) / (2 * step)
        v[i] = kept
    return found


# --8<-- [end:differences]


# --8<-- [start:check]
def relative_error(dv, other):
    """The largest difference, as a share of the steepest slope."""
    return np.abs(dv - other).max() / np.abs(other).max()


rng = np.random.default_rng(0)
shapes = [(4, 5), (5, 4), (4, 3)]  # three weight layers
Ws = [rng.standard_normal(shape) for shape in shapes]
bs = [rng.standard_normal(M) for _, M in shapes]
x6, labels = rng.standard_normal((6, 4)), np.array([0, 1, 2, 0, 1, 2])
# --8<-- [end:check]


# --8<-- [start:checked]
def mean_loss():
    """The mean cross-entropy of the six examples."""
    return cross_entropy(forward(x6, Ws, bs)[0], labels)[0]


logits6, hs6 = forward(x6, Ws, bs)
dWs6, dbs6 = backward(cross_entropy(logits6, labels)[1], hs6, Ws)
for v, dv in zip([*Ws, *bs], [*dWs6, *dbs6], strict=True):
    print(v.shape, relative_error(dv, slopes(mean_loss, v)) < 1e-7)
# --8<-- [end:checked]

# --8<-- [start:package-check]
images, numbers = digits()
x20, y20 = images[:20].reshape(20, -1) / 16, numbers[:20]  # (20, 64), (20,)
rng = np.random.default_rng(1)
net = mlp([64, 32, 10], rng=rng, dtype="float64")
setting = {"loss": cross_entropy, "rng": rng}
print("every:", check_network(net, x20, y20, **setting) < 1e-6)
print("ten:  ", check_network(net, x20, y20, n_projections=10, **setting) < 1e-6)
# --8<-- [end:package-check]

n_parameters, n_inputs = net.parameters().size, x20.size
passes_every = 2 * (n_parameters + n_inputs)
passes_projected = 2 * 10 * 5  # five arrays: two W, two b, and x

# --8<-- [start:network]
x = np.array([[3, 1, 0.8]])  # (1, 3): exclamation marks, "free", reputation
W1 = np.array([[0.5, -0.2], [0.8, 0.6], [-0.3, 0.4]])  # (3, 2)
b1 = np.array([0.1, -0.5])  # (2,)
W2 = np.array([[0.7], [1.2]])  # (2, 1)
b2 = np.array([-0.3])  # (1,)

h = np.maximum(0, x @ W1 + b1)  # (1, 3) @ (3, 2) + (2,) -> (1, 2)
p = 1 / (1 + np.exp(-(h @ W2 + b2)))  # (1, 2) @ (2, 1) + (1,) -> (1, 1)

dlogit = p - 1  # (1, 1): the email is spam
dW2, db2 = h.T @ dlogit, dlogit[0]  # (2, 1) @ (1, 1) -> (2, 1); (1,)
dz = dlogit @ W2.T * (h > 0)  # (1, 1) @ (1, 2) -> (1, 2)
dW1, db1 = x.T @ dz, dz[0]  # (3, 1) @ (1, 2) -> (3, 2); (2,)
# --8<-- [end:network]

# --8<-- [start:pytorch]
theirs = {  # W1.grad, b1.grad, W2.grad, b2.grad of PyTorch 2.13.0, in float64
    "dW1": [
        [-0.4816294671651047, 0.0],
        [-0.16054315572170155, 0.0],
        [-0.12843452457736124, 0.0],
    ],
    "db1": [-0.16054315572170155, 0.0],
    "dW2": [[-0.4953903090841076], [0.0]],
    "db2": [-0.2293473653167165],
}
ours = {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}
apart = max(np.abs(ours[name] - theirs[name]).max() for name in ours)
print("largest difference below 1e-15:", apart < 1e-15)
# --8<-- [end:pytorch]


# --8<-- [start:bug]
class ReLUFromOutput(ReLU):
    """A ReLU whose backward pass asks the output, and asks it with >=."""

    def backward(self, dy):
        y = self.saved()  # the output of forward, max(x, 0)
        return dy * (y >= 0)


for layer in (ReLU(), ReLUFromOutput()):
    passes = check_layer(layer, x6, rng=np.random.default_rng(2)) < 1e-6
    print(type(layer).__name__, passes)
# --8<-- [end:bug]


# --8<-- [start:hasty]
class Hasty(Dense):
    """A dense layer with an error in one line."""

    def backward(self, dy):
        self.backward_params(dy)
        return dy @ self.params["W"]


# --8<-- [end:hasty]

# --8<-- [start:answer-hasty]
x5 = np.random.default_rng(3).standard_normal((5, 4))
for kind in (Dense, Hasty):
    square = kind(4, 4, rng=np.random.default_rng(4), dtype="float64")
    agrees = check_layer(square, x5, rng=np.random.default_rng(5)) < 1e-6
    print(kind.__name__, agrees)
# --8<-- [end:answer-hasty]

# --8<-- [start:answer-one-sided]
for step in (0.1, 0.01):
    one_sided = ((1 + step) ** 3 - 1**3) / step
    central = ((1 + step) ** 3 - (1 - step) ** 3) / (2 * step)
    print(f"one-sided off by {one_sided - 3:.4f}, central by {central - 3:.4f}")
# --8<-- [end:answer-one-sided]

# --8<-- [start:answer-half]
kept = np.array([1.0, 0.0, 1.0, 1.0])  # what dropout leaves in place
v4 = np.array([0.5, -1.0, 2.0, 1.5])
by_differences = slopes(lambda: (2 * kept * v4).sum() ** 2, v4)
forgetful = 2 * (2 * kept * v4).sum() * kept  # lacks the 2 of 2 * kept
half = relative_error(forgetful, by_differences)
print(f"{half:.4f}")
# --8<-- [end:answer-half]

# --8<-- [start:answer-start]
loss_at_start = cross_entropy(net.forward(x20), y20)[0]
print(f"{loss_at_start:.2f}, and log 10 is {np.log(10):.2f}")
# --8<-- [end:answer-start]
