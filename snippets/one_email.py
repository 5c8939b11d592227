"""One email through a network of eleven parameters, traced in exact arithmetic."""

from fractions import Fraction

import numpy as np

# --8<-- [start:network]
x = np.array([[3, 1, 0.8]])  # (1, 3): exclamation marks, "free", reputation
W1 = np.array([[0.5, -0.2], [0.8, 0.6], [-0.3, 0.4]])  # (3, 2)
b1 = np.array([0.1, -0.5])  # (2,)
W2 = np.array([[0.7], [1.2]])  # (2, 1)
b2 = np.array([-0.3])  # (1,)

n_parameters = W1.size + b1.size + W2.size + b2.size
print(n_parameters, "parameters")
# --8<-- [end:network]

# --8<-- [start:hidden]
z1 = x @ W1 + b1  # (1, 3) @ (3, 2) + (2,) -> (1, 2)
h1 = np.maximum(0, z1)  # ReLU keeps what is positive
print("z1", z1.round(2), " h1", h1.round(2))
# --8<-- [end:hidden]

# --8<-- [start:output]
logit = (h1 @ W2 + b2).item()  # (1, 2) @ (2, 1) + (1,) -> one number
p = 1 / (1 + np.exp(-logit))  # sigmoid
print(f"logit {logit:.3f}  p {p:.6f}")
# --8<-- [end:output]

exp_term = np.exp(-logit)
one_plus = 1 + exp_term


# --8<-- [start:fractions]
def exact(a):
    """The decimals of an array as fractions: 0.8 becomes 4/5."""
    return np.array([Fraction(str(v)) for v in np.ravel(a)]).reshape(np.shape(a))


z1_exact = exact(x) @ exact(W1) + exact(b1)  # (1, 2), the same line of code
logit_exact = (np.maximum(0, z1_exact) @ exact(W2) + exact(b2)).item()
print("z1", *z1_exact[0], " logit", logit_exact)
# --8<-- [end:fractions]

# --8<-- [start:before-bias]
before_bias = x @ W1  # (1, 2): the product, no bias yet
slip = -0.2 * 1 + 0.6 * 1 + 0.4 * 0.8  # the 3 of x read as a 1
print(before_bias.round(2), " with the slip:", round(slip, 2))
# --8<-- [end:before-bias]

# --8<-- [start:contributions]
fires = (z1 > 0).astype(float)  # (1, 2): which neurons are on for this email
slopes = (W1 * fires) @ W2  # (3, 1): what one more of each feature adds
contributions = x[0] * slopes[:, 0]  # (3,)
constant = ((b1 * fires) @ W2 + b2).item()
print(contributions.round(3), "and", round(constant, 3))
# --8<-- [end:contributions]

slope_both = float(W1[2] @ W2[:, 0])  # of the reputation, with both on
taken_back = -contributions[2] / contributions[0]
total = float(contributions.sum() + constant)


# --8<-- [start:predict]
def predict(emails):
    """Spam probability of each email, (N,), from its features, (N, 3)."""
    h = np.maximum(0, emails @ W1 + b1)  # (N, 2)
    return 1 / (1 + np.exp(-(h @ W2 + b2)[:, 0]))  # (N,)


# --8<-- [end:predict]

# --8<-- [start:census]
emails = np.array(
    [(e, f, r / 10) for e in range(11) for f in (0, 1) for r in range(11)]
)  # (242, 3)
on = emails @ W1 + b1 > 0  # (242, 2)
flagged = predict(emails) > 0.5
print(
    len(emails), "emails, neurons fire", on.sum(axis=0), "flagged", flagged.sum()
)
# --8<-- [end:census]

n_emails = len(emails)
fired = on.sum(axis=0)
n_flagged = int(flagged.sum())
n_passed = n_emails - n_flagged
fired_share = fired / n_emails
grid = predict(emails).reshape(11, 2, 11).round(4)  # (marks, free, reputation)
grid_free, grid_plain = grid[:, 1], grid[:, 0]
second_when = emails[on[:, 1]]  # (22, 3)
threshold = -float(b1[1])
second_most_marks = int(second_when[:, 0].max())

# --8<-- [start:line]
target = predict(emails)  # (242,): what the traced network says
E = np.column_stack([np.ones(242), emails])  # (242, 4): ones for the bias
v = np.zeros(4)  # a bias and three weights, and no hidden neuron
for _ in range(20_000):
    guess = 1 / (1 + np.exp(-(E @ v)))  # (242, 4) @ (4,) -> (242,)
    v -= 0.1 * E.T @ (guess - target) / 242  # (4, 242) @ (242,) -> (4,)
line_error = np.abs(guess - target).mean()
print(f"{line_error:.4f}")
# --8<-- [end:line]

line_worst = np.abs(guess - target).max()

# --8<-- [start:interaction]
pair = np.array([[0, 0, 0.8], [3, 0, 0.8], [0, 1, 0.8], [3, 1, 0.8]])  # (4, 3)
logits = np.log(predict(pair) / (1 - predict(pair)))  # (4,): the sigmoid undone
neither, marks, free, both = logits  # of what the email contains
extra = (both - neither) - (marks - neither) - (free - neither)
print(logits.round(3), " interaction", extra.round(3))
# --8<-- [end:interaction]

p_neither, p_marks, p_free, p_both = predict(pair)
rise_marks, rise_free, rise_both = logits[1:] - neither

# --8<-- [start:reputation]
reputation = np.array([[0, 1, 0.0], [0, 1, 1.0]])  # the worst and the best sender
print(predict(reputation).round(3))
# --8<-- [end:reputation]

p_worst, p_best = predict(reputation)

# --8<-- [start:gradient]
y = 1  # the email is spam
loss = -np.log(p)  # binary cross-entropy for y = 1
dlogit = np.array([[p - y]])  # (1, 1)
dW2, db2 = h1.T @ dlogit, dlogit[0]  # (2, 1), (1,)
dz1 = dlogit @ W2.T * (z1 > 0)  # (1, 2)
dW1, db1 = x.T @ dz1, dz1[0]  # (3, 2), (2,)
print(dW1.round(6), dW2.round(6), sep="\n")
# --8<-- [end:gradient]

# --8<-- [start:step]
lr = 0.1
W1_next, b1_next = W1 - lr * dW1, b1 - lr * db1
W2_next, b2_next = W2 - lr * dW2, b2 - lr * db2
logit_next = (np.maximum(0, x @ W1_next + b1_next) @ W2_next + b2_next).item()
p_next = 1 / (1 + np.exp(-logit_next))
print(f"p {p:.6f} -> {p_next:.6f}, loss {loss:.6f} -> {-np.log(p_next):.6f}")
# --8<-- [end:step]

loss_next = -np.log(p_next)

# --8<-- [start:package]
from scratchmlp.layers import Dense, ReLU
from scratchmlp.losses import binary_cross_entropy
from scratchmlp.network import Network

rng = np.random.default_rng(0)
first = Dense(3, 2, rng=rng, dtype="float64")
last = Dense(2, 1, rng=rng, dtype="float64")
net = Network([first, ReLU(), last])
first.params["W"][:], first.params["b"][:] = W1, b1
last.params["W"][:], last.params["b"][:] = W2, b2
outputs = net.forward(x, training=True)  # (1, 1)
loss_package, doutputs = binary_cross_entropy(outputs, np.array([[1]]))
net.backward(doutputs)
print(f"loss {loss_package:.6f}, dW1[0, 0] {first.grads['W'][0, 0]:.6f}")
# --8<-- [end:package]

# --8<-- [start:answer-reputation]
doubtful = np.array([[3, 1, 0.2]])
z1_doubtful = doubtful @ W1 + b1  # (1, 2)
p_doubtful = predict(doubtful).item()
print(z1_doubtful.round(2), f"{p_doubtful:.6f}")
# --8<-- [end:answer-reputation]

# --8<-- [start:answer-threshold]
z_without = exact([[2, 1, 0]]) @ exact(W1) + exact(b1)  # (1, 2)
needed = -z_without[0, 1] / exact(W1)[2, 1]
print("neuron 2 fires above a reputation of", needed)
# --8<-- [end:answer-threshold]

# --8<-- [start:answer-even]
b2_even = b2 - logit  # then the logit is 0
p_even = 1 / (1 + np.exp(-(h1 @ W2 + b2_even).item()))
print(f"b2 = {b2_even.item():.3f} gives p = {p_even}")
# --8<-- [end:answer-even]

# --8<-- [start:answer-not-spam]
dlogit_not = p - 0  # y = 0
ratio = dlogit_not / (1 - p)
W1_not, b1_not = W1 + lr * ratio * dW1, b1 + lr * ratio * db1  # the other way
W2_not, b2_not = W2 + lr * ratio * dW2, b2 + lr * ratio * db2
logit_not = (np.maximum(0, x @ W1_not + b1_not) @ W2_not + b2_not).item()
print(f"{ratio:.1f} times as large;", end=" ")
print(f"the logit goes from {logit:.3f} to {logit_not:.3f}")
# --8<-- [end:answer-not-spam]
