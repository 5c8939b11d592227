"""Shuffle the pixels of every image in the same way: what do a linear model, MLPs and a CNN lose?"""

from __future__ import annotations

import time
from typing import Any

from experiments.measure import generators
from experiments.pixel_rates import BATCH, EPOCHS, HIDDEN, IMAGES, MODELS, arrange, build, counted, loaders
from experiments.pixel_rates import train as trained

__all__ = ["arrange", "build"]  # of the contenders, for whoever takes up one of them
QUESTION = "What do a linear model, MLPs and a CNN lose when all pixels change places?"
CONDITIONS = (
    "MNIST (official files) and CIFAR-10 in a JPEG-recompressed copy (quality 75; official order and labels, "
    "not the official pixels), all training and test images, values from 0 to 1 (MNIST) and from -1 to 1 "
    "(CIFAR-10: with 0 to 1, in trials not recorded, the MLP of 8 units learned nothing); as they are, "
    "and with one permutation of the positions for all images and channels, another "
    "for each seed; same initial weights and batches with and without; CNN: conv 16, max pool, conv 32, max "
    "pool, dense, kernels 3×3; a linear model without a hidden layer; MLPs with one: with about as many parameters as "
    "the CNN, with 128 units, and with about as many multiply-adds as the CNN for an image; He, float32, Adam with the "
    "rate that was chosen for each on training images (experiment pixel_rates), batch 100, 4 epochs for every "
    "network, the last one taken; 5 seeds"
)
NEEDS = ("mnist", "cifar10_jpeg75")
SEEDS = range(5)
LR = {  # the best of five, as the experiment pixel_rates found it; a test compares them
    "mnist": {"linear": 0.01, "mlp": 0.003, "wide": 0.003, "arithmetic": 0.001, "cnn": 0.003},
    "cifar10": {"linear": 0.0003, "mlp": 0.003, "wide": 0.0003, "arithmetic": 0.0003, "cnn": 0.003},
}
SETTINGS = {"epochs": EPOCHS, "batch": BATCH, "lr": LR, "hidden": HIDDEN}
SIDES = ("plain", "shuffled")
DERIVED = {  # in percentage points
    **{f"{d}.{m}.points": f"100 * ([{d}.{m}.shuffled] - [{d}.{m}.plain])" for d in IMAGES for m in MODELS},
    **{f"{d}.lead.{m}.{side}": f"100 * ([{d}.cnn.{side}] - [{d}.{m}.{side}])"
       for d in IMAGES for m in HIDDEN for side in SIDES},
    **{f"{d}.lead.{m}.lost": f"[{d}.lead.{m}.plain] - [{d}.lead.{m}.shuffled]" for d in IMAGES for m in HIDDEN},
    **{f"{d}.gap.{side}": f"mean([{d}.lead.mlp.{side}])" for d in IMAGES for side in SIDES},
    **{f"{d}.lost": f"-mean([{d}.cnn.points])" for d in IMAGES},
}  # fmt: skip
TOLERANCE = {  # of 10,000 images; on photographs two kernels may part by as much as two seeds
    "*.seconds.*": None,
    "*.parameters": 0,
    "*.units": 0,
    "*.macs": 0,
    "mnist.*": 0.01,
    "cifar10.*": 0.03,
}


def once() -> dict[str, Any]:
    """How many parameters and hidden units each network has, and its multiply-adds for one image."""
    return {d: {m: counted(d, m) for m in MODELS} for d in IMAGES}


def run(seed: int) -> dict[str, Any]:
    """Every network on both data sets: its accuracy in place and shuffled, on what it learned from, and its seconds."""
    return {dataset: {model: both(dataset, model, seed) for model in MODELS} for dataset in IMAGES}


def both(dataset: str, model: str, seed: int) -> dict[str, Any]:
    """One network with the pixels in place, and shuffled."""
    plain, shuffled = (train(dataset, model, which, seed) for which in (False, True))
    beside = {key: {"plain": plain[key], "shuffled": shuffled[key]} for key in ("train", "seconds")}
    return {"plain": plain["test"], "shuffled": shuffled["test"], **beside}


def train(dataset: str, model: str, shuffled: bool, seed: int) -> dict[str, float]:
    """One network from start to end; the seed gives its weights, its batches and the permutation."""
    start = time.perf_counter()
    order = generators(seed, 3)[2].permutation(IMAGES[dataset][1] ** 2) if shuffled else None
    test, learned = trained(loaders[dataset](), dataset, model, LR[dataset][model], order, seed)
    return {"test": test, "train": learned, "seconds": round(time.perf_counter() - start, 1)}
