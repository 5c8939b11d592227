"""Shuffle the pixels of every image in the same way: what do an MLP and a CNN lose?"""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import numpy as np

from experiments.measure import accuracy, generators
from scratchmlp.conv import Conv2D
from scratchmlp.datasets import Split, cifar10_jpeg75, mnist
from scratchmlp.layers import Dense, Flatten, ReLU
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network, mlp
from scratchmlp.optimizers import Adam
from scratchmlp.pooling import MaxPool2D
from scratchmlp.training import fit

QUESTION = "What do an MLP and a CNN of about as many parameters lose when all pixels change places?"
CONDITIONS = (
    "MNIST (official files) and CIFAR-10 in a JPEG-recompressed copy (quality 75; official order and labels, "
    "not the official pixels), all training and test images, values from 0 to 1 (MNIST) and from -1 to 1 "
    "(CIFAR-10: with 0 to 1, in trials not recorded, the MLP of 8 units learned nothing); as they are, "
    "and with one permutation of the positions for all images and channels, another "
    "for each seed; same initial weights and batches with and without; CNN: conv 16, max pool, conv 32, max "
    "pool, dense, kernels 3×3; MLPs with one hidden layer; He, float32, Adam 0.001, batch 100, 4 epochs for "
    "every network, the last one taken; 5 seeds"
)
NEEDS = ("mnist", "cifar10_jpeg75")
SEEDS = range(5)
EPOCHS, BATCH, LR = 4, 100, 0.001
IMAGES = {"mnist": (1, 28), "cifar10": (3, 32)}  # channels, side
SCALE = {"mnist": 1 / 255, "cifar10": 1 / 128}
HIDDEN = {"mlp": {"mnist": 26, "cifar10": 8}, "wide": {"mnist": 128, "cifar10": 128}}
MODELS = ("mlp", "cnn", "wide")
SETTINGS = {"epochs": EPOCHS, "batch": BATCH, "lr": LR, "hidden": HIDDEN}
DERIVED = {  # in percentage points
    **{f"{d}.{m}.points": f"100 * ([{d}.{m}.shuffled] - [{d}.{m}.plain])" for d in IMAGES for m in MODELS},
    **{f"{d}.gap.{side}": f"100 * (mean([{d}.cnn.{side}]) - mean([{d}.mlp.{side}]))"
       for d in IMAGES for side in ("plain", "shuffled")},
    **{f"{d}.lost": f"-mean([{d}.cnn.points])" for d in IMAGES},
}  # fmt: skip
TOLERANCE = {  # of 10,000 images; on photographs two kernels may part by as much as two seeds
    "*.seconds.*": None,
    "*.parameters": 0,
    "mnist.*": 0.01,
    "cifar10.*": 0.03,
}
loaders = {"mnist": cache(mnist), "cifar10": cache(cifar10_jpeg75)}


def once() -> dict[str, Any]:
    """How many parameters each network has."""
    rng = np.random.default_rng(0)
    return {d: {m: {"parameters": build(d, m, rng).parameters().size} for m in MODELS} for d in IMAGES}


def run(seed: int) -> dict[str, Any]:
    """Every network on both data sets: its accuracy in place and shuffled, on what it learned from, and its seconds."""
    return {dataset: {model: both(dataset, model, seed) for model in MODELS} for dataset in IMAGES}


def both(dataset: str, model: str, seed: int) -> dict[str, Any]:
    """One network with the pixels in place, and shuffled."""
    plain, shuffled = (train(loaders[dataset](), dataset, model, which, seed) for which in (False, True))
    beside = {key: {"plain": plain[key], "shuffled": shuffled[key]} for key in ("train", "seconds")}
    return {"plain": plain["test"], "shuffled": shuffled["test"], **beside}


def train(data: Split, dataset: str, model: str, shuffled: bool, seed: int) -> dict[str, float]:
    """One network from start to end; the seed gives its weights, its batches and the permutation."""
    start = time.perf_counter()
    weights, batches, pixels = generators(seed, 3)
    order = pixels.permutation(IMAGES[dataset][1] ** 2) if shuffled else None
    x, x_test = (arrange(images, order, flat=model != "cnn") for images in (data.x_train, data.x_test))
    if (
        dataset == "cifar10"
    ):  # bytes from 0 to 255 become bytes from -128 to 127: the mean of photographs is near 0
        x, x_test = ((images ^ 128).view(np.int8) for images in (x, x_test))
    net, scale = build(dataset, model, weights), SCALE[dataset]
    history = fit(net, x, data.y_train, loss=cross_entropy, optimizer=Adam(LR), n_epochs=EPOCHS, batch_size=BATCH,
                  rng=batches, scale=scale)  # fmt: skip
    return {
        "test": accuracy(net, x_test, data.y_test, scale),
        "train": history.accuracy[-1],  # during the last epoch
        "seconds": round(time.perf_counter() - start, 1),
    }


def arrange(images: np.ndarray, order: np.ndarray | None, *, flat: bool) -> np.ndarray:
    """Images (N, C, H, W) with the positions in the given order, the same in each channel; (N, D) if flat."""
    N, C, H, W = images.shape
    x = images.reshape(N, C, H * W)
    if order is not None:
        x = x[:, :, order]
    return np.ascontiguousarray(x.reshape(N, -1) if flat else x.reshape(N, C, H, W))


def build(dataset: str, model: str, rng: np.random.Generator) -> Network:
    """The CNN, or an MLP with one hidden layer, for the images of a data set."""
    C, side = IMAGES[dataset]
    if model != "cnn":
        return mlp([C * side**2, HIDDEN[model][dataset], 10], rng=rng)
    return Network([
        Conv2D(C, 16, 3, padding=1, rng=rng), ReLU(), MaxPool2D(2),
        Conv2D(16, 32, 3, padding=1, rng=rng), ReLU(), MaxPool2D(2),
        Flatten(), Dense(32 * (side // 4) ** 2, 10, rng=rng),
    ])  # fmt: skip
