"""What a line can do, four points it cannot separate, and two bends that can."""

from itertools import product

import numpy as np

from scratchmlp.counting import dense_parameters
from scratchmlp.losses import cross_entropy
from scratchmlp.network import mlp
from scratchmlp.optimizers import SGD
from scratchmlp.training import fit

# --8<-- [start:score]
x = np.array([3, 1, 0.8])  # exclamation marks, "free" or not, reputation
w = np.array([0.25, 0.4, -0.5])  # (3,): one weight for each feature
b = 0.35
score = float(x @ w + b)  # (3,) @ (3,) -> one number
print(f"{score:.1f}")
# --8<-- [end:score]

terms = x * w


# --8<-- [start:emails]
def make_emails(n, rng):
    """Invented emails: features (n, 3), and labels (n,), 1 for spam."""
    y = rng.integers(0, 2, n)  # each email is spam with probability one half
    marks = rng.poisson(np.where(y == 1, 3.0, 0.6))
    free = rng.random(n) < np.where(y == 1, 0.6, 0.1)
    reputation = rng.beta(np.where(y == 1, 2, 4), np.where(y == 1, 4, 2))
    return np.stack([marks, free, reputation], axis=1), y


X, y = make_emails(400, np.random.default_rng(0))
A = np.column_stack([np.ones(len(X)), X])  # (400, 4): ones for the bias
print(A.shape, "of which spam:", y.sum())
# --8<-- [end:emails]

n_emails = len(y)
n_spam = int(y.sum())

# --8<-- [start:least-squares]
best = np.linalg.solve(A.T @ A, A.T @ y)  # (4, 4), (4,) -> (4,)
scores = A @ best  # (400, 4) @ (4,) -> (400,)
outside = np.mean((scores < 0) | (scores > 1))
print(f"from {scores.min():.2f} to {scores.max():.2f}, outside {outside:.1%}")
# --8<-- [end:least-squares]

lowest, highest = scores.min(), scores.max()
most_marks = int(X[:, 0].max())

# --8<-- [start:loop]
theta = np.zeros(4)  # bias and weights
for _ in range(10_000):
    p = 1 / (1 + np.exp(-(A @ theta)))  # forward: (400, 4) @ (4,) -> (400,)
    loss = -np.mean(np.log(np.where(y == 1, p, 1 - p)))  # loss: one number
    dtheta = A.T @ (p - y) / len(y)  # backward: (4, 400) @ (400,) -> (4,)
    theta -= 0.5 * dtheta  # update
print(f"loss {loss:.3f}, all between 0 and 1: {np.all((p > 0) & (p < 1))}")
# --8<-- [end:loop]

# --8<-- [start:ours]
ours = 1 / (1 + np.exp(-(theta[0] + x @ theta[1:])))  # (3,) @ (3,) -> one number
print(f"{ours:.2f}")
# --8<-- [end:ours]

start_loss = np.log(2)  # of a probability of one half for every email
said = np.array([0.7, 0.6, 0.8])
pays = -0.7 * np.log(said) - 0.3 * np.log(1 - said)  # on average
right_scores = np.mean((scores > 0.5) == y)
right_probabilities = np.mean((p > 0.5) == y)

# --8<-- [start:flat]
corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])  # (4, 2)
xor = np.array([0, 1, 1, 0])  # (4,): is exactly one input 1?
Q = np.column_stack([np.ones(4), corners])  # (4, 3)
flat = Q @ np.linalg.solve(Q.T @ Q, Q.T @ xor)  # (4,): what the best line says
flat_error = np.mean((flat - xor) ** 2)
print(flat.round(9), " mean squared error:", flat_error.round(9))
# --8<-- [end:flat]

# --8<-- [start:lines]
steps = np.linspace(-2, 2, 17)
lines = np.array(list(product(steps, repeat=3)))  # (4913, 3): w1, w2, b
says = corners @ lines[:, :2].T + lines[:, 2] > 0  # (4, 4913)
right = np.sum(says == xor[:, None], axis=0)  # (4913,): corners it gets right
print(len(lines), "lines; right at most:", right.max(), "of", len(xor))
# --8<-- [end:lines]

n_lines = len(lines)
most_right = int(right.max())
best_share = most_right / len(xor)

# --8<-- [start:bends]
W1 = np.array([[1, 1], [1, 1]])  # (2, 2): both units add the inputs
b1 = np.array([0, -1])  # (2,): and bend where the sum is 0, and where it is 1
W2 = np.array([[1], [-2]])  # (2, 1)
hidden = np.maximum(0, corners @ W1 + b1)  # (4, 2) @ (2, 2) + (2,) -> (4, 2)
output = hidden @ W2  # (4, 2) @ (2, 1) -> (4, 1)
print(hidden.tolist(), "->", output[:, 0])
# --8<-- [end:bends]

# --8<-- [start:more-bends]
hour = np.linspace(0, 24, 241)  # (241,)
t = 2 * np.pi * hour / 24
share = 0.5 + 0.3 * np.cos(t) + 0.15 * np.sin(2 * t)  # (241,): of spam, invented
curves, gaps = [], []
for units in [1, 2, 4, 16]:
    bends = 24 * np.arange(units) / units  # (units,): equally far apart
    H = np.maximum(0, hour[:, None] - bends)  # (241, units)
    F = np.column_stack([np.ones(241), H])  # (241, 1 + units): ones for the bias
    curves.append(F @ np.linalg.lstsq(F, share, rcond=None)[0])  # (241,)
    gaps.append(np.abs(curves[-1] - share).mean())
    print(f"{units:2} units: off by {gaps[-1]:.3f} on average")
# --8<-- [end:more-bends]

# --8<-- [start:collapse]
rng = np.random.default_rng(0)
Wa, Wb, Wc = (rng.standard_normal(s) for s in [(3, 3), (3, 2), (2, 1)])
ba, bb, bc = (rng.standard_normal(s) for s in [3, 2, 1])
deep = ((X @ Wa + ba) @ Wb + bb) @ Wc + bc  # (400, 3) -> (400, 2) -> (400, 1)
V = Wa @ Wb @ Wc  # (3, 3) @ (3, 2) @ (2, 1) -> (3, 1)
c = (ba @ Wb + bb) @ Wc + bc  # (1,)
n_deep, n_shallow = dense_parameters([3, 3, 2, 1]), V.size + c.size
print(n_deep, "parameters do what", n_shallow, "can do")
print("largest difference:", np.abs(deep - (X @ V + c)).max().round(12))
# --8<-- [end:collapse]


# --8<-- [start:points]
def make_points(n, rng):
    """Points (n, 2) of a square, and labels (n,): do the signs differ?"""
    x = rng.uniform(-1, 1, (n, 2))
    return x, ((x[:, 0] > 0) != (x[:, 1] > 0)).astype(int)


seeds = np.random.SeedSequence(0).spawn(3)
data, start, order = (np.random.default_rng(seed) for seed in seeds)
x_train, y_train = make_points(2000, data)
x_test, y_test = make_points(1000, data)
# --8<-- [end:points]

# --8<-- [start:train]
net = mlp([2, 16, 2], rng=start)  # two inputs, 16 hidden units, two classes
history = fit(
    net,
    x_train,
    y_train,
    loss=cross_entropy,
    optimizer=SGD(0.05, momentum=0.9),
    n_epochs=40,
    batch_size=32,
    rng=order,
)
print(f"loss {history.loss[0]:.2f} -> {history.loss[-1]:.2f}")
print("test accuracy", np.mean(net.predict(x_test) == y_test).round(2))
# --8<-- [end:train]

n_learned = dense_parameters([2, 16, 2])

# --8<-- [start:answer-or-and]
w_gate = np.array([1, 1])  # (2,)
says_or = (corners @ w_gate - 0.5 > 0).astype(int)  # (4,)
says_and = (corners @ w_gate - 1.5 > 0).astype(int)
print("OR", says_or, " AND", says_and)
# --8<-- [end:answer-or-and]

or_right, and_right = int(np.sum(says_or == xor)), int(np.sum(says_and == xor))

# --8<-- [start:answer-other]
U1 = np.array([[1, -1], [-1, 1]])  # (2, 2): differences
U2 = np.array([[1], [1]])  # (2, 1)
hidden_other = np.maximum(0, corners @ U1)  # (4, 2)
output_other = hidden_other @ U2  # (4, 1)
print(hidden_other.tolist(), "->", output_other[:, 0])
# --8<-- [end:answer-other]

# --8<-- [start:answer-product]
both = np.column_stack([corners, corners.prod(axis=1)])  # (4, 3)
w_product = np.array([1, 1, -2])  # (3,)
output_product = both @ w_product  # (4, 3) @ (3,) -> (4,)
print(output_product)
# --8<-- [end:answer-product]

# --8<-- [start:answer-four]
F1 = np.array([[1, -1, 1, -1], [1, -1, -1, 1]])  # (2, 4): u, -u, v, -v
F2 = np.array([[-1], [-1], [1], [1]])  # (4, 1): |v| - |u|
x_new, y_new = make_points(1000, np.random.default_rng(1))
output_four = np.maximum(0, x_new @ F1) @ F2  # (1000, 2) -> (1000, 1)
right_four = int(np.sum((output_four[:, 0] > 0) == y_new))
print(right_four, "of", len(y_new))
# --8<-- [end:answer-four]

# --8<-- [start:steps]
v = np.zeros(4)
for _ in range(6000):
    v -= 0.2 * A.T @ (A @ v - y) / len(y)  # (4, 400) @ (400,) -> (4,)
print("as the closed form:", np.allclose(v, best, rtol=0, atol=1e-9))
# --8<-- [end:steps]

# --8<-- [start:answer-dependent]
C = np.column_stack([A, 1 - X[:, 1]])  # (400, 5): and 'no "free" in it'
rank = int(np.linalg.matrix_rank(C))
print("columns:", C.shape[1], " rank:", rank)
print("condition number above 1e15:", np.linalg.cond(C.T @ C) > 1e15)
print("same scores:", np.allclose(C @ (np.linalg.pinv(C) @ y), scores))
# --8<-- [end:answer-dependent]

n_columns = C.shape[1]
