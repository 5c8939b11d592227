"""A run that stops today and goes on tomorrow, as if it had not stopped: the same bits come out.

They do on one machine. Another library for matrices (BLAS), another number of its threads, another kind of
processor or another version of NumPy may add up in another order, and then the last digits differ.
"""

import copy
import json
from typing import Any

import numpy as np
from numpy.random import Generator

from .arrays import Array
from .checks import check_kind, check_rng, describe
from .files import PathLike, check_header, read, read_like, write
from .layers import generators
from .network import Network
from .optimizers import Optimizer
from .training import History

FORMAT = "scratchmlp checkpoint 3"


def save_checkpoint(
    path: PathLike, network: Network, *, optimizer: Optimizer, rng: Generator, history: History
) -> None:
    """Write all that training has to remember to one .npz file, in place of the one that was there.

    That is the parameters, what the outputs are, the optimizer's settings, steps and state, the state of rng and of the
    generators in layers, and the history. A layer of your own that has more to remember, such as
    running means, holds it as arrays in a dict, `state`, from its construction on. As a callback of
    fit, it makes every epoch a place to go on from; with patience, only a callback does, for at its
    end fit goes back to the best parameters.
    """
    check_run(network, optimizer, rng)
    check_kind("history", history, History, "a History")
    states = layer_states(network)
    arrays = {"theta": network.parameters(), **optimizer.state}
    if history.best is not None:
        arrays["best"] = history.best
    record = {
        "outputs": network.outputs,
        "optimizer": type(optimizer).__name__,
        "settings": settings(optimizer),
        "n_steps": optimizer.n_steps,
        "generators": [generator.bit_generator.state for generator in [rng, *generators(network.layers)]],
        "history": {name: value for name, value in vars(history).items() if name != "best"},
        "arrays": list(arrays),
        "states": list(states),
    }
    text = json.dumps(record, default=as_list)
    write(path, format=FORMAT, architecture=network.architecture(), record=text, **arrays, **states)


def load_checkpoint(path: PathLike, network: Network, *, optimizer: Optimizer, rng: Generator) -> History:
    """Put network, optimizer and generators in the state of a checkpoint; returns its history.

    They must have been made as for the run that wrote it; the optimizer may have another learning
    rate, and must not have taken a step. Where something does not fit, a ValueError says so, and
    nothing is changed: OtherNetwork for a checkpoint of another network.
    """
    check_run(network, optimizer, rng)
    check_header(path, format=FORMAT, architecture=network.architecture())
    record = json.loads(str(read(path, ["record"])["record"]))
    check_fits(path, record, network, optimizer, rng)
    theta, states = network.parameters(), layer_states(network)
    arrays = read_like(path, record["arrays"], theta)
    held = {name: read_like(path, [name], state)[name] for name, state in states.items()}
    history = History(best=arrays.pop("best", None))
    vars(history).update(record["history"])  # what somebody added too
    run_generators = [rng, *generators(network.layers)]
    try:
        put(copy.deepcopy(run_generators), record["generators"])
    except Exception as error:  # what a bad state raises is written nowhere
        raise ValueError(f"{path} must hold states of generators, got: {error}") from error
    theta[...] = arrays.pop("theta")  # from here on nothing can fail
    network.outputs = record["outputs"]
    optimizer.n_steps, optimizer.state = record["n_steps"], arrays
    for name, state in states.items():
        state[...] = held[name]
    put(run_generators, record["generators"])
    return history


def put(found: list[Generator], states: list[dict[str, Any]]) -> None:
    """Put generators in their states."""
    for generator, state in zip(found, states, strict=True):
        generator.bit_generator.state = state


def check_run(network: object, optimizer: object, rng: object) -> None:
    """TypeError for what can be neither saved nor loaded."""
    check_kind("network", network, Network, "a Network")
    check_kind("optimizer", optimizer, Optimizer, "an optimizer, such as SGD(0.1)")
    check_rng(rng)


def check_fits(
    path: PathLike, record: dict[str, Any], network: Network, optimizer: Optimizer, rng: Generator
) -> None:
    """ValueError if a checkpoint was written with another optimizer, other generators, or other state."""
    if optimizer.n_steps:
        raise ValueError(f"optimizer must be new, got one that has taken {optimizer.n_steps} steps")
    if (came := type(optimizer).__name__) != record["optimizer"]:
        raise ValueError(f"optimizer must be {record['optimizer']}, as in {path}, got {came}")
    known, given = record["settings"], settings(optimizer)
    for name in known | given:
        if (expected := known.get(name)) != (set_to := given.get(name)):
            raise ValueError(f"optimizer must have {name}={expected}, as in {path}, got {set_to}")
    if (names := list(layer_states(network))) != record["states"]:
        raise ValueError(f"layers must hold the state {record['states']}, as in {path}, got {names}")
    kinds = [state["bit_generator"] for state in record["generators"]]
    found = [type(generator.bit_generator).__name__ for generator in [rng, *generators(network.layers)]]
    if found != kinds:
        raise ValueError(f"rng, and those of the layers, must be {kinds}, as in {path}, got {found}")


def settings(optimizer: Optimizer) -> dict[str, Any]:
    """What an optimizer was made with, apart from its learning rate, which may change on the way."""
    kept = {name: value for name, value in vars(optimizer).items() if isinstance(value, int | float | str)}
    return {name: kept[name] for name in kept if name[0] != "_" and name not in ("lr", "rate", "n_steps")}


def layer_states(network: Network) -> dict[str, Array]:
    """The arrays that layers hold in a dict `state`, such as running means, by a name for each."""
    return {
        f"layer {i} {name}": array
        for i, layer in enumerate(network.layers)
        for name, array in getattr(layer, "state", {}).items()
    }


def as_list(value: Any) -> Any:
    """What stands in JSON for an array or a number of NumPy; TypeError for other objects."""
    if not isinstance(value, np.ndarray | np.generic):
        raise TypeError(f"history must hold lists of numbers or texts, got {describe(value)} in one")
    return value.tolist()
