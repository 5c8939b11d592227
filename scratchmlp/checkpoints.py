"""A run that stops today and goes on tomorrow, as if it had not stopped: the same bits come out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from numpy.random import Generator

from .checks import check_rng
from .files import PathLike, check_header, read, read_like, write
from .optimizers import Optimizer
from .training import History

if TYPE_CHECKING:  # for the type alone
    from .network import Network

FORMAT = "scratchmlp checkpoint 1"


def save_checkpoint(
    path: PathLike, network: Network, *, optimizer: Optimizer, rng: Generator, history: History
) -> None:
    """Write all that training has to remember to one .npz file, in place of the one that was there.

    That is the parameters, the optimizer's steps and state, the state of rng and of the generators
    in layers, and the history. As a callback of fit, it makes every epoch a place to go on from;
    with patience, only a callback does, for at its end fit goes back to the best parameters.
    """
    check_rng(rng)
    arrays = {"theta": network.parameters(), **optimizer.state}
    if history.best is not None:
        arrays["best"] = history.best
    record = {
        "optimizer": type(optimizer).__name__,
        "n_steps": optimizer.n_steps,
        "generators": [generator.bit_generator.state for generator in generators(network, rng)],
        "history": {name: value for name, value in vars(history).items() if isinstance(value, list)},
        "arrays": list(arrays),
    }
    text = json.dumps(record, default=lambda array: array.tolist())  # some generators hold an array
    write(path, format=FORMAT, architecture=network.architecture(), record=text, **arrays)


def load_checkpoint(path: PathLike, network: Network, *, optimizer: Optimizer, rng: Generator) -> History:
    """Put network, optimizer and generators in the state of a checkpoint; returns its history.

    They must have been made as for the run that wrote it; the optimizer may have another learning
    rate, and must not have taken a step. Where something does not fit, a ValueError says so, and
    nothing is changed.
    """
    check_header(path, format=FORMAT, architecture=network.architecture())
    record = json.loads(str(read(path, ["record"])["record"]))
    theta = network.parameters()
    arrays = read_like(path, record["arrays"], theta)
    check_run(path, record, network, optimizer, rng)
    theta[...], best = arrays.pop("theta"), arrays.pop("best", None)
    optimizer.n_steps, optimizer.state = record["n_steps"], arrays
    for generator, state in zip(generators(network, rng), record["generators"], strict=True):
        generator.bit_generator.state = state
    return History(**record["history"], best=best)


def check_run(
    path: PathLike, record: dict[str, Any], network: Network, optimizer: Optimizer, rng: Generator
) -> None:
    """ValueError if a checkpoint was written with another optimizer, or with other generators."""
    check_rng(rng)
    if optimizer.n_steps:
        raise ValueError(f"optimizer must be new, got one that has taken {optimizer.n_steps} steps")
    if (came := type(optimizer).__name__) != record["optimizer"]:
        raise ValueError(f"optimizer must be {record['optimizer']}, as in {path}, got {came}")
    held = [state["bit_generator"] for state in record["generators"]]
    kinds = [type(generator.bit_generator).__name__ for generator in generators(network, rng)]
    if kinds != held:
        raise ValueError(f"rng, and those of the layers, must be {held}, as in {path}, got {kinds}")


def generators(network: Network, rng: Generator) -> list[Generator]:
    """rng and the generators that layers hold, such as those of Dropout."""
    held = [value for layer in network.layers for value in vars(layer).values()]
    return [rng, *(value for value in held if isinstance(value, Generator))]
