# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab: shuffle the pixels yourself
#
# You train an MLP and a small CNN on real digits, then give every image the same new order of pixels and train both
# again. One of them does not notice. Everything here ran when this page was built. Take the notebook with you
# ([shuffle.ipynb](shuffle.ipynb)): it needs matplotlib, scikit-learn for the data, and NumPy with `scratchmlp`,
# [[install]]. The reasons stand in [*Flattening*](../series/flattening.md).
#
# ## One order for all
#
# The digits are eight by eight. One permutation of their sixty-four pixels, drawn once, is applied to every image.

# %%
# %config InlineBackend.figure_formats = ["svg"]
import matplotlib.pyplot as plt
import numpy as np

from scratchmlp.conv import Conv2D, MaxPool2D
from scratchmlp.datasets import digits, split
from scratchmlp.layers import Dense, Flatten, ReLU
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network, mlp
from scratchmlp.optimizers import SGD
from scratchmlp.training import evaluate, fit

images, labels = digits()  # (1797, 1, 8, 8)
order = np.random.default_rng(0).permutation(64)


def arrange(images, order):
    """The images with their pixels in this order."""
    return images.reshape(-1, 64)[:, order].reshape(-1, 1, 8, 8)


shuffled = arrange(images, order)
print(images.shape, "->", shuffled.shape)

# %% alt="Six handwritten digits in the upper row. Below, the same six with their pixels shuffled: scattered squares in which no digit can be seen."
figure, axes = plt.subplots(2, 6, figsize=(7.4, 2.6))
for row, x in zip(axes, (images, shuffled), strict=True):
    for ax, image in zip(row, x, strict=False):
        ax.imshow(image[0], cmap="gray_r")
        ax.axis("off")
plt.show()

# %% [markdown]
# Could you read the lower row? With enough examples, you could learn to. Whether a network has to learn it in the same
# way, or cannot tell the difference, is what we test.
#
# ## Two networks
#
# The MLP sees a row of sixty-four values. The CNN sees windows of three by three, with the same weights in each; after
# two such layers it keeps the largest of every four values. They have about as many parameters.


# %%
def build_mlp(rng):
    """Flatten, then one hidden layer."""
    return Network([Flatten(), *mlp([64, 64, 10], rng=rng).layers])


def build_cnn(rng):
    """Two convolutions, max pooling, and a dense layer."""
    return Network([
        Conv2D(1, 8, 3, padding=1, rng=rng), ReLU(),
        Conv2D(8, 16, 3, padding=1, rng=rng), ReLU(),
        MaxPool2D(2), Flatten(), Dense(256, 10, rng=rng),
    ])  # fmt: skip


for build in (build_mlp, build_cnn):
    n = build(np.random.default_rng(0)).parameters().size
    print(build.__name__, n, "parameters")

# %% [markdown]
# ## With and without
#
# Each pair of runs has the same split, the same initial weights and the same batches. Only the order of the pixels
# differs.


# %%
def accuracy(build, seed, order, n_train=1297):
    """Test accuracy of one network on digits in this order."""
    seeds = np.random.SeedSequence(seed).spawn(3)
    draw, init, batch = map(np.random.default_rng, seeds)
    x = arrange(images, order)
    data = split(x, labels, n_test=500, rng=draw)
    net = build(init)
    fit(net, data.x_train[:n_train], data.y_train[:n_train],
        loss=cross_entropy, optimizer=SGD(0.05, momentum=0.9),
        n_epochs=12, batch_size=32, rng=batch, scale=1 / 16)  # fmt: skip
    score = evaluate(net, data.x_test, data.y_test,
                     loss=cross_entropy, scale=1 / 16)  # fmt: skip
    return score.accuracy


in_place = np.arange(64)
found = {}
for build in (build_mlp, build_cnn):
    runs = [[accuracy(build, seed, o) for o in (in_place, order)]
            for seed in range(4)]  # fmt: skip
    found[build.__name__[-3:].upper()] = np.array(runs)  # (4, 2)

for name, runs in found.items():
    change = 100 * (runs[:, 1] - runs[:, 0])
    plain, mixed = runs.mean(axis=0)
    print(f"{name}: {plain:.1%} -> {mixed:.1%},", end=" ")
    print(f"change {change.mean():+.1f} points, sd {change.std(ddof=1):.1f}")

# %% alt="Test accuracy with the pixels in place and shuffled, one line for each seed. The solid lines of the CNN start higher and fall; the dashed lines of the MLP go up or down a little."
figure, ax = plt.subplots(figsize=(7.4, 3))
for (name, runs), style in zip(found.items(), ("s--", "o-"), strict=True):
    ax.plot([0, 1], runs.T, style, color="C0" if name == "MLP" else "C1",
            markerfacecolor="none")  # fmt: skip
    ax.text(-0.04, runs[:, 0].mean(), name, ha="right", va="center")
ax.set(xlim=(-0.3, 1.2), ylabel="test accuracy")
ax.set_xticks([0, 1], ["in place", "shuffled"])
plt.show()

# %% [markdown]
# Four seeds are few, and on images this small the neighbourhood is not worth much. The
# [recorded measurements](../series/flattening.md#measurement) have more seeds, larger images, and the same answer.
#
# ## How much of an order does the CNN need?
#
# Leave some of the pixels where they are, and permute the others among themselves.


# %%
def partly(share, rng):
    """An order in which about this share of the pixels changes places."""
    chosen = np.flatnonzero(rng.random(64) < share)
    order = np.arange(64)
    order[chosen] = rng.permutation(chosen)
    return order


shares = [0, 0.25, 0.5, 0.75, 1]
curves = {"MLP": [], "CNN": []}
for share in shares:
    for build, runs in zip((build_mlp, build_cnn), curves.values(), strict=True):
        orders = [partly(share, np.random.default_rng(s)) for s in range(3)]
        runs.append([accuracy(build, s, o, 400) for s, o in enumerate(orders)])
curves = {name: np.array(runs) for name, runs in curves.items()}  # (5, 3)
for name, values in curves.items():
    print(name, " ".join(f"{v:.1%}" for v in values.mean(axis=1)))

# %% alt="Test accuracy against the share of shuffled pixels, with four hundred digits to train. The CNN starts above the MLP and comes down as the share grows; the MLP stays about level."
figure, ax = plt.subplots(figsize=(7.4, 3))
for (name, values), style in zip(curves.items(), ("s--", "o-"), strict=True):
    ax.errorbar(shares, values.mean(axis=1), values.std(axis=1, ddof=1),
                fmt=style, capsize=3, label=name)  # fmt: skip
ax.set(xlabel="share of the pixels that change places", ylabel="test accuracy")
ax.legend(frameon=False)
plt.show()

# %% [markdown]
# The bars are standard deviations over three seeds, so read the trend and not the wiggles.
#
# ## Your turn
#
# - Give the CNN kernels of one by one. What should the shuffle cost it now, and what does it cost?
# - Mirror all images instead of shuffling them. Which network minds?
# - Shuffle whole columns instead of single pixels. What is left of the neighbourhood, and what of the CNN's lead?
