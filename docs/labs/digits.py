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
# between 0 and 16. Before anything else we set two parts aside, and the network learns from neither. On the *validation
# digits* we look as often as we like: they tell how training goes, and they choose between networks. The *test digits*
# stay in the drawer until the end and are looked at once. What has helped to choose a network can no longer say how
# good it is.

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
x_rest, y_rest, x_test, y_test = split(flat, labels, n_test=500, rng=np.random.default_rng(0))
x, y, x_val, y_val = split(x_rest, y_rest, n_test=300, rng=np.random.default_rng(1))
print("train", x.shape, x.dtype, " validation", x_val.shape)
print("test", x_test.shape)

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
net = mlp([64, 64, 10], rng=np.random.default_rng(2))
history = fit(
    net,
    x,
    y,
    loss=cross_entropy,
    optimizer=SGD(0.05, momentum=0.9),
    n_epochs=20,
    batch_size=32,
    rng=np.random.default_rng(3),
    scale=1 / 16,
    validation=(x_val, y_val),
)
for epoch in (1, 10, 20):
    loss, unseen = history.loss[epoch - 1], history.validation_loss[epoch - 1]
    print(f"epoch {epoch:2}: loss {loss:.3f}, validation {unseen:.3f}")
print(f"validation accuracy {history.validation_accuracy[-1]:.1%}")

# %% [markdown]
# The loss of a network that knows nothing would be the logarithm of ten. How far below it are we, and is the network
# still getting better on digits it has not seen?

# %% alt="Training loss on a logarithmic axis falls steeply and then steadily. The loss on the validation digits falls with it at first, and in the second half stays about level far above it."
figure, ax = plt.subplots(figsize=(7.4, 3))
epochs = np.arange(1, 21)
ax.semilogy(epochs, history.loss)
ax.semilogy(epochs, history.validation_loss, "--")
ax.axhline(np.log(10), color="#b0b0b0", linewidth=1)
ax.text(20, np.log(10), "knows nothing: log 10", ha="right", va="top")
ax.text(20.2, history.loss[-1], "training", va="center")
ax.text(20.2, history.validation_loss[-1], "validation", va="center")
ax.set(xlabel="epoch", ylabel="mean cross-entropy", xlim=(1, 23.5))
ax.set_xticks([1, 5, 10, 15, 20])
plt.show()

# %% [markdown]
# The two curves part. From the tenth epoch to the last, the loss on the training digits falls to less than half, and the
# loss on the validation digits hardly changes. What the network still learns there is about the digits that it has.
# It does no harm yet: overfitting that costs something would show as a second curve that rises.
#
# ## Which network, and how sure is that?
#
# How many hidden neurons should it have? One run gives one number, and that depends on which digits are held out, on
# the initial weights and on the order of the batches. So we try three sizes with ten seeds each. A seed gives every
# size the same digits in the same order, so the sizes can be compared seed by seed.


# %%
def run(hidden, seed):
    """Validation accuracy after 20 epochs; split, weights and order from one seed."""
    seeds = np.random.SeedSequence(seed).spawn(3)
    draw, init, order = map(np.random.default_rng, seeds)
    x, y, x_val, y_val = split(x_rest, y_rest, n_test=300, rng=draw)
    net = mlp([64, hidden, 10], rng=init)
    fit(net, x, y, loss=cross_entropy, optimizer=SGD(0.05, momentum=0.9),
        n_epochs=20, batch_size=32, rng=order, scale=1 / 16)  # fmt: skip
    score = evaluate(net, x_val, y_val, loss=cross_entropy, scale=1 / 16)
    return score.accuracy


sizes = [4, 16, 64]
accuracy = {M: np.array([run(M, seed) for seed in range(10)]) for M in sizes}
for M, found in accuracy.items():
    print(f"{M:2} units: mean {found.mean():.1%}, sd {found.std(ddof=1):.1%}")
print("64 units:", " ".join(f"{a:.1%}" for a in accuracy[64]))
more = accuracy[64] - accuracy[16]
error = more.std(ddof=1) / np.sqrt(10)
print(f"64 over 16: {100 * more.mean():.1f} points, standard error {100 * error:.1f}")

# %% [markdown]
# With three hundred validation digits, one digit more or less is a third of a percentage point, and the runs differ by
# several digits. A single run, such as our first, says little: a difference between two networks means something only
# beside such a spread. Four neurons are clearly too few. Between the other two the difference is small, and its
# standard error says how far to trust it. We take the size with the best mean, which is the one that we began with.
#
# ## What does it get wrong?
#
# Averages hide the interesting part. Here are the validation digits that the first network got wrong, the surest
# mistakes first: above each, what it is, what the network said, and with which probability.

# %% alt="The validation digits that the network got wrong, each with its label, the wrong answer, and the probability given to it."
p = net.predict_proba(x_val / 16)  # (300, 10)
guess = p.argmax(axis=1)
wrong = np.flatnonzero(guess != y_val)
wrong = wrong[np.argsort(-p[wrong, guess[wrong]])]
columns = 8
rows = -(-len(wrong) // columns)
size = (7.4, 1.25 * rows)
figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
for ax in axes.ravel():
    ax.axis("off")
for i, ax in zip(wrong, axes.ravel(), strict=False):
    ax.imshow(x_val[i].reshape(8, 8), cmap="gray_r")
    said = f"{y_val[i]}, said {guess[i]}\n{p[i, guess[i]]:.0%}"
    ax.set_title(said, fontsize=9)
plt.tight_layout()
plt.show()
print(len(wrong), "of", len(y_val), "wrong")

# %% [markdown]
# Some of these a person would get wrong too. Others are easy, and the network is sure and mistaken. A probability of a
# network is what the loss made of its logits, not a promise: how to read such numbers begins with
# [one email, traced exactly](../series/one-email.md).
#
# ## The test digits, once
#
# Everything is chosen: the size, the rate, the number of epochs. Now the drawer is opened, for the first network.

# %%
score = evaluate(net, x_test, y_test, loss=cross_entropy, scale=1 / 16)
print(f"test accuracy {score.accuracy:.1%}")

# %% [markdown]
# This is the number to tell others. Whoever now changes something because of it has made the test digits into validation
# digits.
#
# ## Your turn
#
# Change one thing at a time, judge by the validation digits, and run all ten seeds before you believe a difference.
#
# - How small can the hidden layer be before the accuracy drops by more than the spread?
# - Set `scale=1`. The loss starts much higher; why?
# - Shift every validation image by one column (`np.roll` on the images) and evaluate again. This is the question that
#   the second half of the series is about.
