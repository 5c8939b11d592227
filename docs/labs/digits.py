# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab: train on real digits, look at the mistakes
#
# You train a network with one hidden layer on real handwritten digits, in a few seconds, and then look at what it gets
# wrong. Everything here ran when this page was built. Take the notebook with you
# ([digits.ipynb](digits.ipynb)): it needs matplotlib, scikit-learn for the data, and NumPy with `scratchmlp`, [[install]].
#
# ## The data
#
# The digits come with scikit-learn: small grey images, collected from real writers. Each is eight by eight values
# between 0 and 16. We set a part aside before anything else; the network never sees it while it learns.

# %%
# %config InlineBackend.figure_formats = ["svg"]
import matplotlib.pyplot as plt
import numpy as np

from scratchmlp.datasets import digits, split
from scratchmlp.losses import cross_entropy
from scratchmlp.network import mlp
from scratchmlp.optimizers import SGD
from scratchmlp.training import evaluate, fit

images, labels = digits()
flat = images.reshape(-1, 64)
x, y, x_test, y_test = split(flat, labels, n_test=500, rng=np.random.default_rng(0))
print("train", x.shape, x.dtype, " test", x_test.shape)

# %% alt="A row of ten handwritten digits, zero to nine, as coarse grey images of eight by eight squares."
figure, axes = plt.subplots(1, 10, figsize=(7.4, 0.9))
for digit, ax in enumerate(axes):
    ax.imshow(x[y == digit][0].reshape(8, 8), cmap="gray_r")
    ax.axis("off")
plt.show()

# %% [markdown]
# ## The network
#
# Sixty-four values in, sixty-four hidden neurons, ten logits out, one for each digit. Cross-entropy on the logits is
# the loss; stochastic gradient descent with momentum does the learning. The bytes become floats batch by batch: that
# is what `scale` is for. Every random choice has a generator of its own, so that you get the same numbers.

# %%
net = mlp([64, 64, 10], rng=np.random.default_rng(1))
history = fit(
    net,
    x,
    y,
    loss=cross_entropy,
    optimizer=SGD(0.05, momentum=0.9),
    n_epochs=20,
    batch_size=32,
    rng=np.random.default_rng(2),
    scale=1 / 16,
    validation=(x_test, y_test),
)
print(f"loss {history.loss[0]:.3f} -> {history.loss[-1]:.4f}")
print(f"test accuracy {history.validation_accuracy[-1]:.1%}")

# %% [markdown]
# The loss of a network that knows nothing would be the logarithm of ten. How far below it are we, and is the network
# still getting better on digits it has not seen?

# %% alt="Training loss falls steeply and then slowly, on a logarithmic axis; the loss on the test digits falls with it at first and then stays level above it."
figure, ax = plt.subplots(figsize=(7.4, 3))
epochs = np.arange(1, 21)
ax.semilogy(epochs, history.loss)
ax.semilogy(epochs, history.validation_loss, "--")
ax.axhline(np.log(10), color="#b0b0b0", linewidth=1)
ax.text(20, np.log(10), "knows nothing: log 10", ha="right", va="bottom")
ax.text(20.2, history.loss[-1], "training", va="center")
ax.text(20.2, history.validation_loss[-1], "test", va="center")
ax.set(xlabel="epoch", ylabel="mean cross-entropy", xlim=(1, 22.5))
ax.set_xticks([1, 5, 10, 15, 20])
plt.show()

# %% [markdown]
# The two curves part: from some epoch on, the network only becomes surer of digits that it has already learned. That
# is not yet overfitting that costs accuracy, but it is where to look for it.
#
# ## How sure is that number?
#
# One run gives one number, and it depends on the split, on the initial weights and on the order of the batches. So we
# repeat everything with ten seeds.


# %%
def run(seed):
    """Test accuracy after 20 epochs; split, weights and order from one seed."""
    seeds = np.random.SeedSequence(seed).spawn(3)
    draw, init, order = map(np.random.default_rng, seeds)
    x, y, x_test, y_test = split(flat, labels, n_test=500, rng=draw)
    net = mlp([64, 64, 10], rng=init)
    fit(net, x, y, loss=cross_entropy, optimizer=SGD(0.05, momentum=0.9),
        n_epochs=20, batch_size=32, rng=order, scale=1 / 16)  # fmt: skip
    score = evaluate(net, x_test, y_test, loss=cross_entropy, scale=1 / 16)
    return score.accuracy


accuracy = np.array([run(seed) for seed in range(10)])
print(" ".join(f"{a:.1%}" for a in accuracy))
print(f"mean {accuracy.mean():.1%}, sd {accuracy.std(ddof=1):.1%}")

# %% [markdown]
# With five hundred test digits, one digit more or less is a fifth of a percentage point, and the runs differ by several
# digits. A single run, such as our first, says little: a difference between two networks means something only beside
# this spread.
#
# ## What does it get wrong?
#
# Averages hide the interesting part. Here are the test digits that the first network got wrong, the surest mistakes
# first: above each, what it is, what the network said, and with which probability.

# %% alt="The digits that the network got wrong, each with its label, the wrong answer, and the probability given to it. Several are hard to read for a person too."
p = net.predict_proba(x_test / 16)  # (500, 10)
guess = p.argmax(axis=1)
wrong = np.flatnonzero(guess != y_test)
wrong = wrong[np.argsort(-p[wrong, guess[wrong]])]
columns = 8
rows = -(-len(wrong) // columns)
size = (7.4, 1.25 * rows)
figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
for ax in axes.ravel():
    ax.axis("off")
for i, ax in zip(wrong, axes.ravel(), strict=False):
    ax.imshow(x_test[i].reshape(8, 8), cmap="gray_r")
    said = f"{y_test[i]}, said {guess[i]}\n{p[i, guess[i]]:.0%}"
    ax.set_title(said, fontsize=9)
plt.tight_layout()
plt.show()
print(len(wrong), "of", len(y_test), "wrong")

# %% [markdown]
# Some of these a person would get wrong too. Others are easy, and the network is sure and mistaken. A probability of a
# network is what the loss made of its logits, not a promise: how to read such numbers begins with
# [one email, traced exactly](../series/one-email.md).
#
# ## Your turn
#
# Change one thing at a time, and run all ten seeds before you believe a difference.
#
# - Make the hidden layer much smaller. How small can it be before the accuracy drops by more than the spread?
# - Set `scale=1`. The loss starts much higher; why?
# - Shift every test image by one column (`np.roll` on the images) and evaluate again. This is the question that the
#   second half of the series is about.
