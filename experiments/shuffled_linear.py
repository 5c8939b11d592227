"""Shuffle the pixels of CIFAR-10 twenty times more for the linear model, whose first five changes had all one sign."""

from __future__ import annotations

from typing import Any

from experiments.shuffled_pixels import both

QUESTION = "Over twenty more seeds, what does one permutation of the pixels cost a linear model on CIFAR-10?"
CONDITIONS = (
    "as in the study on shuffled pixels: CIFAR-10 in a JPEG-recompressed copy (quality 75), all training and test "
    "images, values from -1 to 1; a linear model, He, float32, Adam with rate 0.0003, batch 100, 4 epochs; same "
    "initial weights and batches with and without the permutation, all three anew for each of 20 seeds, none of them "
    "among the 5 of the study"
)
NEEDS = ("cifar10_jpeg75",)
SEEDS = range(5, 25)
SETTINGS = {"dataset": "cifar10", "model": "linear"}
DERIVED = {"points": "100 * ([shuffled] - [plain])"}
TOLERANCE = {"seconds.*": None, "*": 0.03}


def run(seed: int) -> dict[str, Any]:
    """The accuracy of the linear model with the pixels in place, and shuffled."""
    return both(SETTINGS["dataset"], SETTINGS["model"], seed)
