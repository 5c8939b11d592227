# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab: watch a gradient die
#
# You build a network of six hidden layers, measure the gradient of each, and see how little of it comes to the first.
# Then you train the network, watch it learn nothing, and turn one knob at a time until it learns. Everything here ran
# when this page was built. Take the notebook with you ([gradient.ipynb](gradient.ipynb)): it needs matplotlib,
# scikit-learn for the data, and NumPy with `scratchmlp`, [[install]]. The reasons stand in [*Activations,
# sigmoids and floating point*](../series/activations.md) and in
# [*Initialisation and gradient flow*](../series/initialisation.md).
#
# ## A network, and a guess
#
# The digits, and how they are split, are those of the [first lab](digits.py). Networks learn from the training digits
# and are judged by the validation digits; the test digits stay in the drawer. All networks have six hidden layers of
# sixty-four units each, and in the first network every one of these is a sigmoid. Its weights are normal numbers. Their
# standard deviation is one over the root of the number of inputs, so that a weighted sum is about as large as the
# values in it.
#
# The gradient of a layer's weights has as many entries as there are weights. How large are they, taken together? We
# square them, take the mean, and then the root: the *root mean square*, RMS for short.

# %%
# %config InlineBackend.figure_formats = ["svg"]
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

from scratchmlp.datasets import digits, split
from scratchmlp.initializers import he, lecun
from scratchmlp.layers import ReLU, Sigmoid, Tanh
from scratchmlp.losses import cross_entropy
from scratchmlp.network import mlp
from scratchmlp.optimizers import SGD, Adam
from scratchmlp.training import fit

images, labels = digits()
flat = images.reshape(-1, 64)
x_rest, y_rest, *_ = split(flat, labels, n_test=500, rng=np.random.default_rng(0))
x, y, x_val, y_val = split(x_rest, y_rest, n_test=300, rng=np.random.default_rng(1))
print("train", x.shape, " validation", x_val.shape)

DEPTH = 6  # hidden layers


def build(activation, initializer):
    """A network for digits: DEPTH hidden layers of 64 units each."""
    sizes = [64] * (DEPTH + 1) + [10]
    return mlp(sizes, activation=activation, initializer=initializer,
               rng=np.random.default_rng(2))  # fmt: skip


# %% [markdown]
# Now guess, before you read on. One batch goes forward, and its gradient comes back. How much smaller is it at the
# first layer than at the last: a half, a tenth, a hundredth?

# %%
batch, targets = x[:128] / np.float32(16), y[:128]


def gradients(net):
    """RMS of the weights' gradient on one batch, layer by layer."""
    _, dlogits = cross_entropy(net.forward(batch, training=True), targets)
    net.backward(dlogits)
    dW = [layer.grads["W"] for layer in net.layers if layer.params]
    return np.array([np.sqrt(np.mean(g * g)) for g in dW])


start = gradients(build(Sigmoid, lecun))
for n, (here, above) in enumerate(pairwise(start), 1):
    print(f"layer {n}: RMS {here:.1e}, the next {above / here:.1f} times that")
gap = start[-1] / start[0]
print(f"layer {DEPTH + 1}: RMS {start[-1]:.1e}, {gap:,.0f} times the first")

# %% alt="RMS of the gradient, layer by layer, on a logarithmic axis. It climbs in a straight line from the first layer to the sixth, beside a dashed line of a quarter per layer, and jumps a little further at the last."
figure, ax = plt.subplots(figsize=(7.4, 3))
numbers = np.arange(1, DEPTH + 2)
ax.semilogy(numbers, start, "o-")
ax.semilogy(numbers[:-1], start[-2] / 4.0 ** (DEPTH - numbers[:-1]), "--")
ax.text(3.1, start[2] * 2, "measured", ha="right", color="C0")
ax.text(3.1, start[2] / 3, "a quarter per layer", color="C1")
ax.set(xlabel="layer", ylabel="RMS of the gradient")
plt.show()

# %% [markdown]
# More than ten thousand times smaller. From the sixth layer down to the first, each gradient is about a quarter of the
# one above it, and that is no accident. On its way back through a sigmoid, a gradient is multiplied by the slope of
# the sigmoid. This slope is a quarter where the sum is 0, and smaller everywhere else. Our sums are small, so most
# slopes are close to a quarter. The weights pass on about as much as they get, and nothing makes up for the loss. Only
# the step below the last layer is larger: there a unit collects from ten logits, and not from sixty-four units.
#
# ## Train it all the same
#
# Why not answer a small gradient with a large learning rate? We try three rates, each ten times the one before, for
# twenty epochs of plain gradient descent. After each epoch a callback measures the gradients again, on the batch that
# we had. The networks start from the same weights and see the same digits in the same order.


# %%
def train(activation, initializer, optimizer):
    """A trained network, its history, its gradients at the start and by epoch."""
    net = build(activation, initializer)
    seen = [gradients(net)]
    history = fit(net, x, y, loss=cross_entropy, optimizer=optimizer,
                  n_epochs=20, batch_size=32, scale=1 / 16,
                  rng=np.random.default_rng(3), validation=(x_val, y_val),
                  callbacks=[lambda *_: seen.append(gradients(net))])  # fmt: skip
    return net, history, np.array(seen)  # (21, DEPTH + 1)


plain = {lr: train(Sigmoid, lecun, SGD(lr)) for lr in (0.1, 1, 10)}
for lr, (net, history, _) in plain.items():
    right, answers = history.validation_accuracy[-1], set(net.predict(x_val / 16))
    print(f"rate {lr:3}: loss {history.loss[-1]:.3f}, validation {right:.1%}", end="")
    print(", different answers:", len(answers))
print(f"log 10 = {np.log(10):.3f}")


# %% alt="RMS of the gradient of each layer over twenty epochs, on a logarithmic axis, at the smallest rate. Seven lines run one below the other and never meet; the first layer stays lowest, far below the last."
def draw(ax, seen):
    """The gradient of each layer, epoch by epoch: last and first stand out."""
    epochs = np.arange(len(seen))
    ax.semilogy(epochs, seen[:, 1:-1], color="black", linewidth=0.6, alpha=0.6)
    ax.semilogy(epochs, seen[:, -1], color="C1", linestyle="--")
    ax.semilogy(epochs, seen[:, 0], color="C0")
    ax.minorticks_off()


figure, ax = plt.subplots(figsize=(7.4, 3))
seen = plain[0.1][2]
draw(ax, seen)
ax.text(20.3, seen[-1, -1], "last", va="center", color="C1")
ax.text(20.3, seen[-1, 0], "first", va="center", color="C0")
ax.set(xlabel="epoch", ylabel="RMS of the gradient", xlim=(0, 22))
ax.set_xticks([0, 5, 10, 15, 20])
plt.show()

# %% [markdown]
# None of the three gets below the logarithm of ten, the loss of a network that knows nothing. After training, each
# gives one answer to all validation digits. At none of these rates does the gradient of the first layer come back. The
# largest rate is no help: one rate has to serve all layers, and what the first could use is far too much for the last,
# so the loss goes up.
#
# ## Why does the last layer not learn alone?
#
# Its own gradient is not small. Let us look at what it is given: how much does a value differ from one image to
# another?


# %%
def hidden(net, h):
    """The values of each hidden layer for the examples h."""
    found = []
    for layer in net.layers[:-1]:
        h = layer.forward(h)  # (N, 64)
        if not layer.params:
            found.append(h)
    return found


net = build(Sigmoid, lecun)
for n, h in enumerate([batch, *hidden(net, batch)]):
    name = f"hidden layer {n}" if n else "inputs"
    print(f"{name:15} standard deviation {h.std(axis=0).mean():.5f}")

# %% [markdown]
# On the way forward the same quarter is lost: a sigmoid turns a small difference of its sum into a quarter of it, or
# less. Behind six of them, the standard deviation over the images is below one in ten thousand. To the last layer all
# digits look the same. All that it can learn from that is how often each digit occurs.
#
# Or is there nothing left to see? We take the values of the sixth layer, subtract their mean, and divide by their
# standard deviation. The six layers stay as they were drawn; only the last is trained, on both versions.

# %%
before, unseen = (hidden(net, part / np.float32(16))[-1] for part in (x, x_val))
mean, sd = before.mean(axis=0), before.std(axis=0)
versions = {
    "as they come": (before, unseen),
    "enlarged": ((before - mean) / sd, (unseen - mean) / sd),
}
alone = {}
for name, (h, h_val) in versions.items():
    last = mlp([64, 10], rng=np.random.default_rng(4))
    alone[name] = fit(last, h, y, loss=cross_entropy, optimizer=SGD(0.1),
                      n_epochs=20, batch_size=32, rng=np.random.default_rng(3),
                      validation=(h_val, y_val))  # fmt: skip
    print(f"{name:12}  validation {alone[name].validation_accuracy[-1]:.1%}")

# %% [markdown]
# The differences are still there, only too small: enlarged, they let the last layer alone get about nine digits in ten
# right. So the signal fades on its way forward, and the gradient on its way back, by about the same factor per layer.
#
# ## One knob at a time
#
# Here are four ways out, each tried alone, beside the network that we have.
#
# - Weights four times as large: they are to make up for the quarter.
# - Tanh in place of the sigmoid: where its sum is 0, its slope is 1.
# - ReLU, whose slope is 1 wherever it lets anything through. It stops about half of its sums, and He's weights, which
#   belong to it, make up for that: their variance is twice that of ours.
# - Adam in place of plain gradient descent. The network stays as it is; but each coordinate of the gradient is divided
#   by an average of its own size, so that a small gradient makes about as long a step as a large one.
#
# Guess again: which of them learn in the same twenty epochs? Plain gradient descent has the smallest of the rates
# above, and Adam a tenth of that. The *gap* is how many times larger the last layer's gradient is than the first's.
# Single epochs jump, so each accuracy is the median of the last five.


# %%
def large(shape, *, rng):
    """Normal weights of standard deviation 4 / √D."""
    return 4 * lecun(shape, rng=rng)


knobs = {
    "as it was": (Sigmoid, lecun, SGD(0.1)),
    "weights × 4": (Sigmoid, large, SGD(0.1)),
    "tanh": (Tanh, lecun, SGD(0.1)),
    "ReLU, He": (ReLU, he, SGD(0.1)),
    "Adam": (Sigmoid, lecun, Adam(0.01)),
}
found = {}
for name, knob in knobs.items():
    _, history, seen = train(*knob)
    right = np.median(history.validation_accuracy[-5:])
    found[name] = history, seen
    gap = seen[0, -1] / seen[0, 0]
    print(f"{name:12} gap at the start {gap:8,.1f}, validation {right:.1%}")

# %% alt="The same curves for the four knobs. With larger weights the first layer begins below the last and draws near. With tanh and with ReLU both go together. With Adam the first begins far below and rises within a few epochs."
figure, axes = plt.subplots(2, 2, figsize=(7.4, 5), sharex=True, sharey=True)
for ax, name in zip(axes.ravel(), list(knobs)[1:], strict=True):
    draw(ax, found[name][1])
    ax.set_title(name, fontsize=10.5)
    ax.set(xlabel="epoch", ylabel="RMS of the gradient", xticks=[0, 5, 10, 15, 20])
    ax.label_outer()
axes[0, 0].text(20, 1e-4, "– –  last", ha="right", color="C1")
axes[0, 0].text(20, 2e-5, "—  first", ha="right", color="C0")
plt.tight_layout()
plt.show()

# %% [markdown]
# With tanh and with ReLU the gap is small from the start, and the network learns at once. The larger weights leave
# about half of the gradient at each layer instead of a quarter. They cannot keep all of it, because larger sums lie
# further from 0, where the slope of a sigmoid is small. That network learns too, but more slowly.
#
# Adam starts from the very gradients that had died. Yet those of its first layer rise more than a thousandfold, and it
# learns. What they had lost was their size; which way to go, they could still tell. The rate matters here: with a
# tenth of it, which is Adam's usual one, twenty epochs get less than half of the digits right.
#
# Look at the end of the curves for ReLU. There both gradients fall, because little is left to learn. So a small
# gradient alone is no bad sign; a first layer that starts far below the last is a warning.
#
# All of this was one seed for each network, and no rate was tuned. How far such differences can be trusted takes
# several seeds, and they are the matter of
# [*Initialisation and gradient flow*](../series/initialisation.md#audit).
#
# ## Your turn
#
# You have seen a gradient shrink by about the same factor in each layer, until the network could not learn. This is
# called the *vanishing gradient*. The factor tells how it goes on with depth, and the knobs do not carry equally far.
#
# - Set `DEPTH = 9`. Multiply the gap of the network as it was by four for each new layer, and then compare: you should
#   measure about seven hundred thousand. Which two networks still learn?
# - Give the network as it was a hundred epochs instead of twenty. Does the gradient come back?
# - Leave ReLU the weights of the sigmoids. What do He's weights buy with six hidden layers, and what with nine?
