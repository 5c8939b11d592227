"""The two meanings of Wx, the shapes of a batch, and the size of a network."""

from itertools import pairwise

import numpy as np

from scratchmlp.counting import dense_parameters, network_parameters
from scratchmlp.layers import Dense
from scratchmlp.network import mlp

# --8<-- [start:square]
W = np.array([[1, 2], [3, 4]])  # (2, 2)
x = np.array([1, 0])  # (2,)
column = W @ x  # (2, 2) @ (2,) -> (2,): x is read as a column
row = x @ W  # (2,) @ (2, 2) -> (2,): x is read as a row
print("W @ x", column, " x @ W", row)
# --8<-- [end:square]


# --8<-- [start:attempt]
def attempt(compute):
    """What a computation gives, or the message of the error that stops it."""
    try:
        return compute()
    except ValueError as error:
        lines = str(error).strip().replace(", with", ",\n  with")  # shorter ones
        return lines.replace(" (size", "\n  (size")


# --8<-- [end:attempt]

# --8<-- [start:refused]
email = np.array([3, 1, 0.8])  # (3,): three features
W1 = np.array([[0.5, -0.2], [0.8, 0.6], [-0.3, 0.4]])  # (3, 2) = (D_in, D_out)
b1 = np.array([0.1, -0.5])  # (2,)
W2 = np.array([[0.7], [1.2]])  # (2, 1) = (D_in, D_out)
h = np.maximum(0, email @ W1 + b1)  # (3,) @ (3, 2) + (2,) -> (2,)
print("W1 @ email:", attempt(lambda: W1 @ email))
print("W2 @ h:", attempt(lambda: W2 @ h))
print("email @ W1:", (email @ W1).shape, " h @ W2:", (h @ W2).shape)
# --8<-- [end:refused]

# --8<-- [start:batch]
X = np.array([[3, 1, 0.8], [0, 0, 0.9], [0, 1, 0.5], [6, 0, 0.3]])  # (4, 3)
Z = X @ W1 + b1  # (4, 3) @ (3, 2) + (2,) -> (4, 2)
print(Z)
# --8<-- [end:batch]

n_examples, n_inputs = X.shape
n_units = W1.shape[1]

# --8<-- [start:columns]
Z_columns = W1.T @ X.T + b1[:, None]  # (2, 3) @ (3, 4) + (2, 1) -> (2, 4)
print("the same numbers, lying down:", np.allclose(Z_columns, Z.T))
# --8<-- [end:columns]

# --8<-- [start:two-axes]
print("W @ row:", attempt(lambda: W @ x[None, :]))  # (2, 2) @ (1, 2)
# --8<-- [end:two-axes]

# --8<-- [start:layer]
layer = Dense(3, 2, rng=np.random.default_rng(0), dtype=np.float64)
layer.params["W"][:], layer.params["b"][:] = W1, b1
print("equal:", np.array_equal(layer.forward(X), Z))
print(attempt(lambda: layer.forward(email)))
# --8<-- [end:layer]


# --8<-- [start:bias-trap]
def with_column_bias(X):
    """X W1 plus the biases stood up as a column, (2, 1): a mistake."""
    return X @ W1 + b1[:, None]


print("4 emails:", attempt(lambda: with_column_bias(X)))
print("2 emails:", with_column_bias(X[:2]), "should be:", Z[:2], sep="\n")
# --8<-- [end:bias-trap]


# --8<-- [start:count]
def count(sizes):
    """Weights and biases of each dense layer in a network of these sizes."""
    return [(D + 1) * M for D, M in pairwise(sizes)]


layers = count([10, 20, 15, 1])
print(layers, "sum", sum(layers))
# --8<-- [end:count]

total = sum(layers)

# --8<-- [start:arrays]
net = mlp([10, 20, 15, 1], rng=np.random.default_rng(0))
arrays = [array for layer in net.layers for array in layer.params.values()]
print([array.shape for array in arrays])
n_values = sum(array.size for array in arrays)
print(n_values, dense_parameters([10, 20, 15, 1]), network_parameters(net))
# --8<-- [end:arrays]

n_arrays = len(arrays)

# --8<-- [start:bill]
sizes = {
    "email": [3, 2, 1],
    "tutorial": [10, 20, 15, 1],
    "blog": [784, 512, 10],
    "roadmap": [32 * 32 * 3, 512, 256, 10],
}
parameters = {name: dense_parameters(s) for name, s in sizes.items()}
n_bytes = {name: 4 * n for name, n in parameters.items()}  # a float32 takes 4
print(parameters)
# --8<-- [end:bill]

written = {name: "-".join(map(str, s)) for name, s in sizes.items()}
n_weights = {
    name: sum(a * b for a, b in pairwise(s)) for name, s in sizes.items()
}
n_biases = {name: sum(s[1:]) for name, s in sizes.items()}
days = parameters["blog"] / (24 * 60 * 60)  # at one number a second
cifar_values = 32 * 32 * 3
cifar_pixels = 32 * 32


# --8<-- [start:forward-only]
def forward(x, W1, b1, W2, b2):
    """Outputs of a network with one hidden layer, for x (D,) or (N, D)."""
    return np.maximum(0, x @ W1 + b1) @ W2 + b2


rng = np.random.default_rng(0)
blog = [0.01 * rng.standard_normal((784, 512)), np.zeros(512)]  # W1, b1
blog += [0.01 * rng.standard_normal((512, 10)), np.zeros(10)]  # W2, b2
image, images = rng.random(784), rng.random((32, 784))
print(forward(image, *blog).shape, forward(images, *blog).shape)
# --8<-- [end:forward-only]

# What the ledger says of the rules for the width of a layer.
rule_parameters = [
    dense_parameters([cifar_values, k * cifar_values]) for k in (2, 4)
]
rule_digits = [2 * 64, 4 * 64]
enlarged_inputs = [16 * 16, 32 * 32]
recipes = {"small": [64, 32], "medium": [128, 64, 32], "large": [256, 128, 64]}
recipe_parameters = {
    name: dense_parameters([784, *hidden, 10]) for name, hidden in recipes.items()
}
recipe_limit = max(hidden[0] for hidden in recipes.values()) // 2

# --8<-- [start:answer-products]
A, V = np.ones((5, 3)), np.ones((3, 2))
print("A @ V", (A @ V).shape, " V.T @ A.T", (V.T @ A.T).shape)
print("V @ A:", attempt(lambda: V @ A))
print("A @ V.T:", attempt(lambda: A @ V.T))
# --8<-- [end:answer-products]

# --8<-- [start:answer-count]
thirty = count([784, 30, 10])
print(thirty, "sum", sum(thirty))
# --8<-- [end:answer-count]

thirty_total = sum(thirty)
thirty_weights = 784 * 30 + 30 * 10

# --8<-- [start:answer-bias]
alone = with_column_bias(X[:1])  # (1, 2) + (2, 1) -> (2, 2)
print(alone, alone.shape)
# --8<-- [end:answer-bias]

# --8<-- [start:answer-one-hot]
one_hot = np.array([[0, 1]])  # (1, 2): input 1 alone, counted from 0
print("(D_in, D_out):", one_hot @ W, " (D_out, D_in):", one_hot @ W.T)
# --8<-- [end:answer-one-hot]

# --8<-- [start:answer-layers]
three = {
    "three layers of values": [64, 32, 10],
    "three matrices": [64, 32, 32, 10],
    "three hidden layers": [64, 32, 32, 32, 10],
}
three_parameters = [dense_parameters(s) for s in three.values()]
print(three_parameters)
# --8<-- [end:answer-layers]
