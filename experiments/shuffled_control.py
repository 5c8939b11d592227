"""Shuffle the pixels of the 8×8 digits a hundred times: does the MLP lose anything at all?"""

from __future__ import annotations

from typing import Any

from experiments.shuffled_digits import pair

QUESTION = "Over a hundred seeds, what does one permutation of the pixels cost an MLP on the 8×8 digits?"
CONDITIONS = (
    "1,797 real 8×8 digits, 1,297 to train, 500 to test; MLP 64-64-10; ReLU, He, float32, SGD with momentum 0.9, rate "
    "0.05, batch 32, 20 epochs; same split, initial weights and batches with and without the permutation, all four "
    "anew for each of 100 seeds, none of them used before"
)
SEEDS = range(100, 200)
SETTINGS = {"n_train": 1297, "n_test": 500}
DERIVED = {"points": "100 * ([shuffled] - [plain])"}
TOLERANCE = {"*": 0.012}  # 6 of 500 images; 1 was seen


def run(seed: int) -> dict[str, Any]:
    """The test accuracy without and with the permutation."""
    return pair("mlp", seed, 1297)
