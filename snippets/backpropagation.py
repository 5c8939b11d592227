"""The gradients of one email, by hand, and of any dense network."""

import numpy as np

# --8<-- [start:forward]
x = np.array([[3, 1, 0.8]])  # (1, 3): exclamation marks, "free", reputation
W1 = np.array([[0.5, -0.2], [0.8, 0.6], [-0.3, 0.4]])  # (3, 2)
b1 = np.array([0.1, -0.5])  # (2,)
W2 = np.array([[0.7], [1.2]])  # (2, 1)
b2 = np.array([-0.3])  # (1,)

z = x @ W1 + b1  # (1, 3) @ (3, 2) + (2,) -> (1, 2)
h = np.maximum(0, z)  # ReLU
logit = h @ W2 + b2  # (1, 2) @ (2, 1) + (1,) -> (1, 1)
p = 1 / (1 + np.exp(-logit))  # sigmoid
loss = -np.log(p).item()  # binary cross-entropy for y = 1
print(f"p {p.item():.4f}, loss {loss:.4f}")
# --8<-- [end:forward]


# --8<-- [start:nudge]
def loss_with(W1, b1, W2, b2):
    """The loss of the email, from the parameters."""
    logit = np.maximum(0, x @ W1 + b1) @ W2 + b2  # (1, 1)
    return np.log(1 + np.exp(-logit)).item()  # -log p, as p = 1 / (1 + e^-logit)


nudge = np.zeros((3, 2))
nudge[0, 0] = 1e-6
more = loss_with(W1 + nudge, b1, W2, b2)
less = loss_with(W1 - nudge, b1, W2, b2)
first_slope = round((more - less) / 2e-6, 4)
print(first_slope, "per unit of the first weight")
# --8<-- [end:nudge]

n_parameters = W1.size + b1.size + W2.size + b2.size
n_tries = 2 * n_parameters
three_links = 3 * W2[0, 0]  # how far the logit moves with the first weight
through_loss = -1 / p.item()  # the derivative of -log p
through_sigmoid = (p * (1 - p)).item()

# --8<-- [start:backward]
y = 1  # the email is spam
dlogit = p - y  # (1, 1): through the loss and the sigmoid
dW2, db2 = h.T @ dlogit, dlogit[0]  # (2, 1) @ (1, 1) -> (2, 1); (1,)
dh = dlogit @ W2.T  # (1, 1) @ (1, 2) -> (1, 2): back through the weights
dz = dh * (z > 0)  # (1, 2): through the ReLU
dW1, db1 = x.T @ dz, dz[0]  # (3, 1) @ (1, 2) -> (3, 2); (2,)
print("dlogit", dlogit[0].round(4), " dh", dh[0].round(4))
print("dW1", *dW1.round(4))
# --8<-- [end:backward]

# --8<-- [start:step]
lr = 0.1
loss_next = loss_with(W1 - lr * dW1, b1 - lr * db1, W2 - lr * dW2, b2 - lr * db2)
print(f"loss {loss:.4f} -> {loss_next:.4f}")
# --8<-- [end:step]

# --8<-- [start:relu]
five = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
print(np.maximum(0, five), "ReLU")
print((five > 0).astype(float), "slope")
rises = np.maximum(0, five + 1e-6) - np.maximum(0, five - 1e-6)
print((rises / 2e-6).round(4), "central difference")
# --8<-- [end:relu]


# --8<-- [start:forward-pass]
def forward(x, Ws, bs):
    """The logits (N, K), and what each layer was given: [x, h1, h2, ...]."""
    hs = [x]
    for W, b in zip(Ws[:-1], bs[:-1], strict=True):
        hs.append(np.maximum(0, hs[-1] @ W + b))  # (N, D) @ (D, M) -> (N, M)
    return hs[-1] @ Ws[-1] + bs[-1], hs


# --8<-- [end:forward-pass]


# --8<-- [start:backward-pass]
def backward(dz, hs, Ws):
    """The gradients of all weights and biases, from that of the logits."""
    dWs, dbs = [], []
    for W, h in zip(Ws[::-1], hs[::-1], strict=True):
        dWs = [h.T @ dz, *dWs]  # (D, N) @ (N, M) -> (D, M)
        dbs = [dz.sum(axis=0), *dbs]  # (N, M) -> (M,)
        dz = (dz @ W.T) * (h > 0)  # (N, M) @ (M, D) -> (N, D); not used for x
    return dWs, dbs


# --8<-- [end:backward-pass]

# --8<-- [start:batch]
X = np.array([[3, 1, 0.8], [0, 0, 0.9], [0, 1, 0.5], [6, 0, 0.3]])  # (4, 3)
Y = np.array([[1], [0], [0], [1]])  # (4, 1): the first and the last are spam

logits, hs = forward(X, [W1, W2], [b1, b2])  # (4, 1)
P = 1 / (1 + np.exp(-logits))  # (4, 1)
dlogits = (P - Y) / len(X)  # (4, 1): the mean is taken here, and only here
dWs, dbs = backward(dlogits, hs, [W1, W2])
print(dWs[0].round(4), dWs[0].shape)
# --8<-- [end:batch]

# --8<-- [start:mean-or-sum]
for copies in (1, 10, 100):  # the same four emails, again and again
    N = len(X) * copies
    many = [np.tile(h, (copies, 1)) for h in hs]  # (N, 3), (N, 2)
    dW1_sum = backward(np.tile(P - Y, (copies, 1)), many, [W1, W2])[0][0]
    length = np.linalg.norm(dW1_sum)
    print(f"N {N:3d}: sum {length:.4f}, mean {length / N:.4f}")
# --8<-- [end:mean-or-sum]

# --8<-- [start:jacobian]
z3 = np.array([2, 1, 0.1])  # the logits of three classes
p3 = np.exp(z3) / np.exp(z3).sum()  # softmax
J = np.diag(p3) - np.outer(p3, p3)  # (3, 3): J[j, k] is dp[j]/dz[k]
dp3 = np.array([-1 / p3[0], 0, 0])  # of the loss -log p3[0]: class 0 is true
print("p3     ", p3.round(4), " column sums 0:", np.allclose(J.sum(axis=0), 0))
print("dp3 @ J", (dp3 @ J).round(4))
# --8<-- [end:jacobian]


# --8<-- [start:stable]
def log_softmax(z):
    """The logarithm of softmax over the last axis, safe for finite logits."""
    z = z - z.max(axis=-1, keepdims=True)  # the same probabilities
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))  # the sum is >= 1


far = np.array([1000.0, 0.0, -1000.0])
with np.errstate(all="ignore"):  # NumPy would warn of what is shown here
    print("naive ", np.log(np.exp(far) / np.exp(far).sum()))
print("stable", log_softmax(far))
# --8<-- [end:stable]

# --8<-- [start:pairing]
p_far = 1 / (1 + np.exp(8.0))  # a logit of -8, where the label is 1
with_cross_entropy = p_far - 1
with_squared_error = 2 * (p_far - 1) * p_far * (1 - p_far)
print(f"{with_cross_entropy:.5f} {with_squared_error:.5f}")
# --8<-- [end:pairing]

# --8<-- [start:answer-square]
three = np.array(3.0)
arrives = 1
on_each_path = arrives * three  # times the other input, which is three as well
dthree = on_each_path + on_each_path
rises = ((three + 1e-6) ** 2 - (three - 1e-6) ** 2) / 2e-6
print(dthree, round(rises, 4))
# --8<-- [end:answer-square]

# --8<-- [start:answer-tanh]
zs = np.linspace(-3, 3, 13)
by_hand = 1 - np.tanh(zs) ** 2  # in a backward pass: dz = dh * (1 - h**2)
tanh_rises = np.tanh(zs + 1e-6) - np.tanh(zs - 1e-6)
print(by_hand[:7:2].round(4), np.allclose(by_hand, tanh_rises / 2e-6))
# --8<-- [end:answer-tanh]

# --8<-- [start:answer-sum]
dW1_mean = dWs[0]  # of the four emails
dW1_summed = backward(P - Y, hs, [W1, W2])[0][0]
print(np.allclose(0.1 * dW1_mean, 0.1 / 4 * dW1_summed))
# --8<-- [end:answer-sum]

# --8<-- [start:answer-leaky]
four = np.array([-2.0, -1.0, 1.0, 2.0])
leaky = np.where(four > 0, four, 0.1 * four)
from_input = np.where(four > 0, 1, 0.1)
from_output = np.where(leaky > 0, 1, 0.1)
print(from_input, (from_input == from_output).all())
# --8<-- [end:answer-leaky]
