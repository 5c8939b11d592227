"""What a slope promises, how far a step may go, and what a flat valley asks for."""

import numpy as np


def make_emails(n, rng):
    """Invented emails: features (n, 3), and labels (n,), 1 for spam."""
    y = rng.integers(0, 2, n)  # each email is spam with probability one half
    marks = rng.poisson(np.where(y == 1, 3.0, 0.6))
    free = rng.random(n) < np.where(y == 1, 0.6, 0.1)
    reputation = rng.beta(np.where(y == 1, 2, 4), np.where(y == 1, 4, 2))
    return np.stack([marks, free, reputation], axis=1), y


X, y = make_emails(400, np.random.default_rng(0))
A = np.column_stack([np.ones(len(X)), X])  # (400, 4): ones for the bias


# --8<-- [start:loss]
def loss(A, theta):
    """The cross-entropy of A (400, 4) at theta (4,); it cannot overflow."""
    z = A @ theta  # (400, 4) @ (4,) -> (400,)
    return np.mean(np.logaddexp(0, z) - y * z)


def gradient(A, theta):
    """The four slopes of the loss in theta: (4,)."""
    p = 1 / (1 + np.exp(-(A @ theta)))  # (400, 4) @ (4,) -> (400,)
    return A.T @ (p - y) / len(y)  # (4, 400) @ (400,) -> (4,)


# --8<-- [end:loss]

# --8<-- [start:slope]
theta = np.zeros(4)  # bias and three weights, as at the start of part 1
for turn in (1, 0.1, 0.01, 0.001):
    turned = theta + np.array([0, turn, 0, 0])
    print(f"turn {turn}: {(loss(A, turned) - loss(A, theta)) / turn:.5f}")
print(f"slope: {gradient(A, theta)[1]:.5f}")
# --8<-- [end:slope]

slope, most_marks = gradient(A, theta)[1], int(X[:, 0].max())
quotients = [
    (loss(A, np.array([0, step, 0, 0])) - loss(A, theta)) / step
    for step in (1, 0.1, 0.01, 0.001)
]
fall = -quotients[0]

# --8<-- [start:steepest]
dtheta = gradient(A, theta)  # (4,)
rng = np.random.default_rng(1)
u = rng.standard_normal((1000, 4))  # a thousand directions, ...
u /= np.linalg.norm(u, axis=1, keepdims=True)  # ... each of length 1
slopes = u @ dtheta  # (1000, 4) @ (4,) -> (1000,)
along = -dtheta / np.linalg.norm(dtheta)
print(f"steepest of 1000: {slopes.min():.3f}")
print(f"against the gradient: {along @ dtheta:.3f}")
# --8<-- [end:steepest]

steepest_found, steepest = slopes.min(), along @ dtheta


# --8<-- [start:square]
def walk(rate, n, x=3.0):
    """The places of n steps down x², the first one included."""
    places = [x]
    for _ in range(n):
        places.append(places[-1] - rate * 2 * places[-1])
    return places


for eta in (0.1, 0.4, 0.9, 1.0, 1.1):
    print(f"{eta}:", [round(x, 2) for x in walk(eta, 5)])
# --8<-- [end:square]

walks = {f"{100 * rate:.0f}": walk(rate, 5) for rate in (0.1, 0.4, 0.9, 1, 1.1)}
far = walk(1.1, 50)[-1]


# --8<-- [start:how-many]
def steps_needed(rate, most=10_000):
    """How many steps bring x from 3 to within a thousandth of 0."""
    places = np.abs(walk(rate, most))
    return int(np.argmax(places <= 1e-3)) if places.min() <= 1e-3 else None


print({rate: steps_needed(rate) for rate in (0.001, 0.01, 0.1, 0.4, 0.5)})
# --8<-- [end:how-many]

needed = {
    f"{1000 * rate:.0f}": steps_needed(rate) for rate in (0.001, 0.01, 0.1, 0.4)
}


# --8<-- [start:bowl]
def descend(flat, rate, momentum=0.0, most=10_000):
    """Steps down x² / flat + y² until the place is 1,000 times nearer to 0."""
    place, v = np.array([3.0, 3.0]), np.zeros(2)  # (2,), (2,)
    near = np.linalg.norm(place) / 1000
    for n in range(most):
        if np.linalg.norm(place) <= near:
            return n
        slope = np.array([2 / flat, 2]) * place  # (2,): in x and in y
        v = momentum * v + slope  # without momentum, v is the slope
        place = place - rate * v
    return None


print({flat: descend(flat, flat / (flat + 1)) for flat in (1, 10, 100, 1000)})
# --8<-- [end:bowl]

bowl = {
    f"{flat}": descend(flat, flat / (flat + 1)) for flat in (1, 10, 100, 1000)
}


# --8<-- [start:curvatures]
def curvature(A, theta):
    """How each of the four slopes changes with each parameter: (4, 4)."""
    p = 1 / (1 + np.exp(-(A @ theta)))  # (400, 4) @ (4,) -> (400,)
    return (A.T * (p * (1 - p))) @ A / len(y)  # (4, 400) @ (400, 4) -> (4, 4)


low = np.zeros(4)
for _ in range(5000):  # a long walk to the lowest point
    low -= 5 * gradient(A, low)
H = curvature(A, low)  # (4, 4)
along_u = ((u @ H) * u).sum(axis=1)  # (1000, 4) @ (4, 4) -> (1000, 4) -> (1000,)
bends = np.linalg.eigvalsh(H)  # (4,)
print(f"tried: {along_u.min():.4f} to {along_u.max():.4f}")
print("bends:", bends.round(4))
print("limit of the rate:", round(2 / bends.max(), 2))
# --8<-- [end:curvatures]

limit, condition = 2 / bends.max(), bends.max() / bends.min()
limit_at_start = 2 / np.linalg.eigvalsh(curvature(A, np.zeros(4))).max()


# --8<-- [start:rounds]
goal = loss(A, low) + 1e-4


def rounds(A, rate, momentum=0.0, most=20_000):
    """How many rounds bring the loss below the goal."""
    theta, v = np.zeros(4), np.zeros(4)
    for n in range(most):
        if loss(A, theta) < goal:
            return n
        v = momentum * v + gradient(A, theta)
        theta = theta - rate * v
    return None


print({rate: rounds(A, rate) for rate in (0.5, 5, 10, 11, 12, 20)})
# --8<-- [end:rounds]

curves = {}  # of the loss, for a figure
for name, rate in {"slow": 0.5, "fast": 10, "wild": 20}.items():
    theta, curves[name] = np.zeros(4), []
    for _ in range(61):
        curves[name].append(float(loss(A, theta)))
        theta = theta - rate * gradient(A, theta)
raw = {f"{10 * rate:.0f}": rounds(A, rate) for rate in (0.5, 5, 10, 11)}

# --8<-- [start:standardise]
Z = (X - X.mean(axis=0)) / X.std(axis=0)  # (400, 3): mean 0, deviation 1
S = np.column_stack([np.ones(len(Z)), Z])  # (400, 4)
low_s = np.zeros(4)
for _ in range(500):
    low_s -= 5 * gradient(S, low_s)
bends_s = np.linalg.eigvalsh(curvature(S, low_s))  # (4,)
print(f"before: {bends.max() / bends.min():.1f}")
print(f"standardised: {bends_s.max() / bends_s.min():.1f}")
print({rate: rounds(S, rate) for rate in (0.5, 5, 8, 10, 20)})
# --8<-- [end:standardise]

condition_s, limit_s = bends_s.max() / bends_s.min(), 2 / bends_s.max()
scaled = {f"{10 * rate:.0f}": rounds(S, rate) for rate in (0.5, 5, 8, 10)}


# --8<-- [start:momentum]
def best_pair(flat):
    """The best rate and momentum for a valley so many times as flat along."""
    root = np.sqrt(flat)
    return 2 / (1 + 1 / root) ** 2, ((root - 1) / (root + 1)) ** 2


print({flat: descend(flat, *best_pair(flat)) for flat in (10, 100, 1000)})
print("emails:", rounds(A, 15, momentum=0.5))
# --8<-- [end:momentum]

helped = {f"{flat}": descend(flat, *best_pair(flat)) for flat in (10, 100, 1000)}
emails_helped = rounds(A, 15, momentum=0.5)

paths = {}  # of twelve steps in the valley that is ten times as flat, for a figure
for name, rate, momentum in (
    ("plain", 10 / 11, 0.0),
    ("momentum", *best_pair(10)),
):
    place, v = np.array([3.0, 3.0]), np.zeros(2)
    paths[name] = [place.tolist()]
    for _ in range(12):
        v = momentum * v + np.array([0.2, 2]) * place
        place = place - rate * v
        paths[name].append(place.tolist())

# --8<-- [start:answer-ten-steps]
print(round(walk(0.1, 10)[-1], 3))
# --8<-- [end:answer-ten-steps]


# --8<-- [start:answer-one-step]
def five(rate, x=1.0):
    """Where one step down 5x² leads."""
    return x - rate * 10 * x


print(five(0.1), abs(five(0.19)) < 1, abs(five(0.21)) > 1)
# --8<-- [end:answer-one-step]


# --8<-- [start:answer-limit]
def excess(A, rate, n=2000):
    """By how much the loss is above its lowest value after n rounds."""
    theta = np.zeros(4)
    for _ in range(n):
        theta = theta - rate * gradient(A, theta)
    return float(loss(A, theta) - loss(S, low_s))


print("limit of the rate:", round(2 / bends_s.max(), 1))
print({rate: round(excess(S, rate), 4) for rate in (33, 35)})
# --8<-- [end:answer-limit]

# --8<-- [start:answer-quarter]
print(32 * 4**2)
# --8<-- [end:answer-quarter]

ten_steps, passing = walk(0.1, 10)[-1], rounds(S, 35)
ends = [excess(S, 33), excess(S, 35)]
start, wide = 3.0, 10  # of the walk that can be tried
n_emails, factor, guess = len(y), 1 - 2 * 0.1, np.log(10)
