"""Shuffle the pixels of every image in the same way: what do an MLP and a CNN lose?"""

from __future__ import annotations

import json
import time
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

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
EPOCHS, BATCH, LR = 4, 100, 0.001
IMAGES = {"mnist": (1, 28), "cifar10": (3, 32)}  # channels, side
SCALE = {"mnist": 1 / 255, "cifar10": 1 / 128}
HIDDEN = {"mlp": {"mnist": 26, "cifar10": 8}, "wide": {"mnist": 128, "cifar10": 128}}
SEEDS = {"mlp": 5, "cnn": 5, "wide": 5}
SETTINGS = [EPOCHS, BATCH, LR, SCALE, HIDDEN]
ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "shuffled_pixels"  # each run, when it is done


def record() -> dict[str, Any]:
    """All runs, those that an earlier, interrupted call has finished included; then means and paired differences."""
    from scratchmlp.datasets import cifar10_jpeg75, mnist

    loaders = {"mnist": mnist, "cifar10": cifar10_jpeg75}
    runs: dict[tuple[str, str, bool, int], dict[str, float]] = {}
    for seed, model in ((seed, model) for seed in range(max(SEEDS.values())) for model in SEEDS):
        for dataset in IMAGES if seed < SEEDS[model] else ():
            data = None
            for shuffled in (False, True):
                file = CACHE / f"{dataset}-{model}-{'shuffled' if shuffled else 'plain'}-{seed}.json"
                if file.exists() and json.loads(file.read_text())["settings"] == SETTINGS:
                    runs[dataset, model, shuffled, seed] = json.loads(file.read_text())
                    continue
                data = data or loaders[dataset]()
                run = train(data, dataset, model, shuffled, seed)
                CACHE.mkdir(parents=True, exist_ok=True)
                file.write_text(json.dumps(run | {"settings": SETTINGS}) + "\n")
                runs[dataset, model, shuffled, seed] = run
                print(file.stem, run, flush=True)
    result: dict[str, Any] = {"epochs": EPOCHS, "seeds": SEEDS, "hidden": HIDDEN}
    for dataset in IMAGES:
        result[dataset] = {}
        for model, n in SEEDS.items():
            plain, shuffled = ([runs[dataset, model, which, s] for s in range(n)] for which in (False, True))
            lost = [100 * (b["test"] - a["test"]) for a, b in zip(plain, shuffled, strict=True)]
            result[dataset][model] = {
                "parameters": plain[0]["parameters"],
                "plain": summary([run["test"] for run in plain]),
                "shuffled": summary([run["test"] for run in shuffled]),
                "train": {"plain": summary([run["train"] for run in plain]),
                          "shuffled": summary([run["train"] for run in shuffled])},
                "points": summary(lost),  # in percentage points, seed by seed
                "most": max(map(abs, lost)),
                "seconds": summary([run["seconds"] for run in plain + shuffled]),
            }  # fmt: skip
        found = result[dataset]
        found["gap"] = {side: 100 * (found["cnn"][side]["mean"] - found["mlp"][side]["mean"])
                        for side in ("plain", "shuffled")}  # fmt: skip
        found["lost"] = -found["cnn"]["points"]["mean"]
    result["seconds"] = round(sum(run["seconds"] for run in runs.values()))
    return result


def train(data: Any, dataset: str, model: str, shuffled: bool, seed: int) -> dict[str, float]:
    """One network from start to end; the seed gives its weights, its batches and the permutation."""
    from scratchmlp.losses import cross_entropy
    from scratchmlp.optimizers import Adam
    from scratchmlp.training import evaluate, fit

    start = time.perf_counter()
    weights, batches, pixels = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(3))
    order = pixels.permutation(IMAGES[dataset][1] ** 2) if shuffled else None
    x, x_test = (arrange(images, order, flat=model != "cnn") for images in (data.x_train, data.x_test))
    if (
        dataset == "cifar10"
    ):  # bytes from 0 to 255 become bytes from -128 to 127: the mean of photographs is near 0
        x, x_test = ((images ^ 128).view(np.int8) for images in (x, x_test))
    net = build(dataset, model, weights)
    setting = {"loss": cross_entropy, "scale": SCALE[dataset]}
    history = fit(net, x, data.y_train, optimizer=Adam(LR), n_epochs=EPOCHS, batch_size=BATCH, rng=batches,
                  **setting)  # fmt: skip
    return {
        "test": evaluate(net, x_test, data.y_test, **setting).accuracy,
        "train": history.accuracy[-1],  # during the last epoch
        "parameters": net.parameters().size,
        "seconds": round(time.perf_counter() - start, 1),
    }


def arrange(images: np.ndarray, order: np.ndarray | None, *, flat: bool) -> np.ndarray:
    """Images (N, C, H, W) with the positions in the given order, the same in each channel; (N, D) if flat."""
    N, C, H, W = images.shape
    x = images.reshape(N, C, H * W)
    if order is not None:
        x = x[:, :, order]
    return np.ascontiguousarray(x.reshape(N, -1) if flat else x.reshape(N, C, H, W))


def build(dataset: str, model: str, rng: np.random.Generator) -> Any:
    """The CNN, or an MLP with one hidden layer, for the images of a data set."""
    from scratchmlp.conv import Conv2D, MaxPool2D
    from scratchmlp.layers import Dense, Flatten, ReLU
    from scratchmlp.network import Network, mlp

    C, side = IMAGES[dataset]
    if model != "cnn":
        return mlp([C * side**2, HIDDEN[model][dataset], 10], rng=rng)
    return Network([
        Conv2D(C, 16, 3, padding=1, rng=rng), ReLU(), MaxPool2D(2),
        Conv2D(16, 32, 3, padding=1, rng=rng), ReLU(), MaxPool2D(2),
        Flatten(), Dense(32 * (side // 4) ** 2, 10, rng=rng),
    ])  # fmt: skip


def summary(values: list[float]) -> dict[str, Any]:
    """The values of all seeds, their mean and their standard deviation."""
    return {"values": values, "mean": float(np.mean(values)), "sd": float(np.std(values, ddof=1))}


def draw_accuracy(data: dict[str, Any], c: SimpleNamespace) -> Figure:
    """Accuracy with the pixels in place and shuffled: every seed a mark, the means joined; ours, then published."""
    literature = tomllib.loads((ROOT / "claims" / "literature.toml").read_text(encoding="utf-8"))
    cited = literature["greydanus2024"]["values"]
    published = {
        model: {
            "plain": {"values": [cited[model]["value"]]},
            "shuffled": {"values": [cited[f"{model}_shuffled"]["value"]]},
        }
        for model in ("mlp", "cnn")
    }
    panels = {"MNIST": data["mnist"], "CIFAR-10 (JPEG copy)": data["cifar10"],
              "MNIST-1D (published)": published}  # fmt: skip
    figure = Figure(figsize=(c.width, 8.4 if c.narrow else 3.7), layout="constrained")
    axes = figure.subplots(*((3, 1) if c.narrow else (1, 3)))
    for ax, (title, found) in zip(axes, panels.items(), strict=True):
        line(ax, found["cnn"], "CNN", c.signal, "o", "-")
        line(ax, found["mlp"], "MLP", c.warn, "s", (0, (4, 2)))
        ax.set_title(title, loc="left", fontsize=10.5, color=c.ink)
        ax.set(xlim=(-0.55, 1.3), xticks=[0, 1])
        ax.set_xticklabels(["in place", "shuffled"])
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        ax.margins(y=0.12)
        ax.grid(axis="y", lw=0.6)
        ax.tick_params(length=0)
    return figure


def line(ax: Axes, found: dict[str, Any], label: str, colour: str, marker: str, style: Any) -> None:
    """One network: a mark for each seed on both sides, and a line from mean to mean."""
    sides = [found[side]["values"] for side in ("plain", "shuffled")]
    means = [float(np.mean(values)) for values in sides]
    ax.plot([0, 1], means, color=colour, ls=style, zorder=2)
    for x, values in enumerate(sides):
        ax.plot(
            [x] * len(values), values, color=colour, marker=marker, ms=6, mfc="none", mew=1.2, lw=0, zorder=3
        )
    ax.text(-0.12, means[0], label, color=colour, ha="right", va="center", fontsize=10.5)


FIGURES = {"shuffled-accuracy": draw_accuracy}
