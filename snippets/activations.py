"""Functions that bend, where they go flat, and where a float runs out of digits."""

import numpy as np

from scratchmlp.datasets import digits
from scratchmlp.network import mlp

# --8<-- [start:sister]
W1 = np.array([[0.5, -0.2], [0.8, 0.6], [-0.3, 0.4]])  # (3, 2)
b1, W2, b2 = np.array([0.1, -0.5]), np.array([[0.7], [1.2]]), np.array([-0.3])


def logit_of(marks):
    """The logit of an email with “free” in it, from an old friend."""
    x = np.array([[marks, 1, 1.0]])  # (1, 3): marks, "free", reputation
    h = np.maximum(0, x @ W1 + b1)  # (1, 3) @ (3, 2) + (2,) -> (1, 2)
    return (h @ W2 + b2).item()  # (1, 2) @ (2, 1) + (1,) -> one number


@np.errstate(divide="ignore", invalid="ignore")  # no warnings, please
def careless(z):
    """p, the loss if it is not spam, and its slope in the logit z."""
    p = 1 / (1 + np.exp(-z))
    return p, -np.log(1 - p), 1 / (1 - p) * (p * (1 - p))


print("104 marks: p {}  loss {:.2f}  slope {}".format(*careless(logit_of(104))))
print("105 marks: p {}  loss {:.2f}  slope {}".format(*careless(logit_of(105))))
# --8<-- [end:sister]

n_fewer, n_marks = 104, 105
z_104, z_105 = logit_of(104), logit_of(105)
p_104 = 1 / (1 + np.exp(-z_104))
loss_104 = -np.log(1 - p_104)
per_mark, rest = 0.5 * 0.7, (0.8 - 0.3 + 0.1) * 0.7 - 0.3
one_step = 52 * np.log(2)


def curve(marks):
    """The losses from p, none where infinite, and from the logit."""
    z = np.array([logit_of(n) for n in marks])
    with np.errstate(divide="ignore"):
        naive = -np.log(1 - 1 / (1 + np.exp(-z)))
    return {
        "marks": list(marks),
        "naive": [float(v) if np.isfinite(v) else None for v in naive],
        "stable": np.logaddexp(0, z).tolist(),
    }


losses = curve(range(90, 121))


# --8<-- [start:rounds-to-one]
def around_the_limit(kind):
    """The limit for a float type, and whether p is 1 just below and above."""
    limit = (np.finfo(kind).nmant + 1) * np.log(2)  # the leading 1 included
    z = np.array([limit - 0.01, limit + 0.01], kind)
    return limit.round(2), 1 / (1 + np.exp(-z)) == 1


print("float32:", *around_the_limit(np.float32))
print("float64:", *around_the_limit(np.float64))
# --8<-- [end:rounds-to-one]

limits = {"32": 24 * np.log(2), "64": 53 * np.log(2)}
log_2 = np.log(2)

# --8<-- [start:other-side]
z = logit_of(105)
p = 1 / (1 + np.exp(-z))
q = 1 / (1 + np.exp(z))  # the sigmoid of -z
print(f"1 - p: {1 - p}   q: {q:.4g}")
# --8<-- [end:other-side]

other_side = q


# --8<-- [start:stable]
def loss(z, y):
    """The cross-entropy of logits z (N,) for labels y (N,), one for each."""
    wrong = np.where(y == 1, -z, z)  # (N,): the logit of the wrong label
    return np.maximum(0, wrong) + np.log1p(np.exp(-np.abs(wrong)))  # (N,)


@np.errstate(all="ignore")
def loss_from_p(z, y):
    """The same from the probabilities, as the formula has it."""
    p = 1 / (1 + np.exp(-z))
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


z, y = np.array([0, logit_of(105), logit_of(105), -800]), np.array([0, 0, 1, 1])
print("from p:    ", *(f"{v:.4g}" for v in loss_from_p(z, y)))
print("from logit:", *(f"{v:.4g}" for v in loss(z, y)))
# --8<-- [end:stable]

stable = {"sure_and_right": float(loss(z, y)[2]), "zero": float(loss(z, y)[0])}
most = {
    "32": float(np.log(np.finfo(np.float32).max)),
    "64": float(np.log(np.finfo(np.float64).max)),
}

# --8<-- [start:bytes]
images, labels = digits()
rows = images.reshape(-1, 64)  # (1797, 64), values from 0 to 16
net = mlp((64, 64, 10), rng=np.random.default_rng(0))  # not trained, float32


def of_the_truth(top):
    """The probability of the true class, (1797,), if white is `top`."""
    z = net.forward((rows * (top / 16)).astype(np.float32))  # (1797, 10)
    e = np.exp(z - z.max(axis=1, keepdims=True))  # no power above 1
    p = e / e.sum(axis=1, keepdims=True)  # (1797, 10): softmax
    return p[np.arange(len(p)), labels]


print({top: f"{np.mean(of_the_truth(top) == 0):.0%} are 0" for top in (1, 255)})
# --8<-- [end:bytes]

infinite, brightest = float(np.mean(of_the_truth(255) == 0)), 255
apart_32 = next(n for n in range(200) if np.exp(np.float32(-n)) == 0)
n_images = len(rows)

z = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
five = {
    "sigmoid": (1 / (1 + np.exp(-z))).tolist(),
    "tanh": np.tanh(z).tolist(),
}

# --8<-- [start:stretched]
z = np.linspace(-10, 10, 2001)
apart = np.tanh(z) - (2 / (1 + np.exp(-2 * z)) - 1)
print(f"largest difference: {np.abs(apart).max():.0e}")
# --8<-- [end:stretched]

stretched = float(np.abs(apart).max())
grid = np.linspace(-6, 6, 241)
at_grid = 1 / (1 + np.exp(-grid))
curves = {
    "z": grid.tolist(),
    "sigmoid": at_grid.tolist(),
    "sigmoid_slope": (at_grid * (1 - at_grid)).tolist(),
    "tanh": np.tanh(grid).tolist(),
    "tanh_slope": (1 - np.tanh(grid) ** 2).tolist(),
}


# --8<-- [start:flat]
def sigmoid(z):
    """The logistic function, number by number."""
    return 1 / (1 + np.exp(-z))


def sigmoid_slope(z):
    """The slope of the sigmoid at z: p (1 - p), with nothing subtracted."""
    return sigmoid(z) * sigmoid(-z)


print("z   sigmoid   tanh")
for at in (0.0, 2.0, 5.0, 10.0):
    print(f"{at:<3g} {sigmoid_slope(at):<9.3g} {4 * sigmoid_slope(2 * at):.2g}")
# --8<-- [end:flat]

places = (0.0, 2.0, 5.0, 10.0, 37.0)
flat = {f"{at:g}": float(sigmoid_slope(at)) for at in places}
flat_tanh = {f"{at:g}": float(4 * sigmoid_slope(2 * at)) for at in places}
of_p = {f"{at:g}": float(-np.log(1 - sigmoid(at))) for at in places[:-1]}
of_logit = {f"{at:g}": float(np.logaddexp(0, at)) for at in places}
three, three_at_2 = 0.25**3, flat["2"] ** 3
share_5 = flat["5"] / 0.25

# --8<-- [start:naive-tanh]
z = np.array([1.0, 100.0, 710.0])
with np.errstate(over="ignore", invalid="ignore"):
    up, down = np.exp(z), np.exp(-z)
    print("as typed:", (up - down) / (up + down))
print("NumPy:   ", np.tanh(z))
# --8<-- [end:naive-tanh]

# --8<-- [start:same-sign]
h = np.array([0.6, 0.7, 0.4])  # outputs of three sigmoids: all above 0
delta = 0.2  # the slope that arrives at a unit of the next layer
dW = h * delta  # slopes of the weights of that unit
dW_centred = (h - 0.5) * delta  # with 1/2 taken off
print("dW", dW.round(2), " dW_centred", dW_centred.round(2))
# --8<-- [end:same-sign]

# --8<-- [start:negative]
rng = np.random.default_rng(0)
W = -np.abs(rng.standard_normal((61, 64)))  # no weight above 0
x = rows[:, rows.std(axis=0) > 0] / 16  # (1797, 61): three are always 0
scaled = (x - x.mean(axis=0)) / x.std(axis=0)
dead = (x @ W).max(axis=0) <= 0  # (1797, 61) @ (61, 64) -> (64,)
dead_scaled = (scaled @ W).max(axis=0) <= 0  # (64,)
print(f"dead {dead.mean():.0%}  dead_scaled {dead_scaled.mean():.0%}")
# --8<-- [end:negative]

# --8<-- [start:answer-slope]
p = 1 / (1 + np.exp(-2.0))
slope = p * (1 - p)
print(f"p {p:.4f}  slope {slope:.4f}")
# --8<-- [end:answer-slope]

slope_2 = slope

# --8<-- [start:answer-float32]
limit = 24 * np.log(2)
marks = (limit - 0.12) / 0.35
print(f"limit {limit:.2f}  marks {marks:.1f}")
z = np.array([0.35 * 47 + 0.12, 0.35 * 48 + 0.12], np.float32)
p = 1 / (1 + np.exp(-z))
print("p is 1:", p == 1)
# --8<-- [end:answer-float32]

marks_32 = marks

# --8<-- [start:answer-spam]
z = np.array([0.0, 20.0, 37.0])
p, q = 1 / (1 + np.exp(-z)), 1 / (1 + np.exp(z))
print("p - 1:", p - 1)
print("-q:", -q)
# --8<-- [end:answer-spam]

spam_slope = -1 / (1 + np.exp(z[-1]))

# --8<-- [start:answer-certain]
w = np.array([0.5, 0.8, -0.3])
largest_sum = np.maximum(0, w).sum()  # where the features are 1, 1, 0
corners = np.array(list(np.ndindex(2, 2, 2)))  # (8, 3)
sums = corners @ w  # (8, 3) @ (3,) -> (8,)
print(f"largest_sum {largest_sum}  of eight corners {sums.max()}")
# --8<-- [end:answer-certain]
