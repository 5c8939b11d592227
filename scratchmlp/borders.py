"""What networks and training ask of their arguments, all at once and before anything is changed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .arrays import FLOATS, Array
from .checks import (
    check_bool,
    check_finite,
    check_function,
    check_functions,
    check_integer,
    check_kind,
    check_number,
    check_numbers,
    check_rng,
    check_rows,
    check_shape,
    describe,
)
from .layers import Dense, Dropout, Layer, LeakyReLU, ReLU, Sigmoid, Tanh
from .optimizers import Optimizer

if TYPE_CHECKING:  # for the types alone
    from .losses import Loss
    from .network import Network

KEEP_SHAPE = (ReLU, LeakyReLU, Sigmoid, Tanh, Dropout)  # their output has the shape of x


def named(layers: Sequence[Layer], i: int) -> str:
    """What an error calls a layer: its place and its type."""
    return f"layer {i} ({type(layers[i]).__name__})"


def check_layers(layers: Sequence[Layer]) -> np.dtype[Any]:
    """The float type of layers; an error for what cannot be the layers of a network."""
    if not isinstance(layers, list | tuple):
        raise TypeError(f"layers must be a list of layers, got {describe(layers)}")
    if not layers:
        raise ValueError("layers must hold at least one layer, got none")
    for i, layer in enumerate(layers):
        if not isinstance(layer, Layer):
            raise TypeError(f"layers must hold layers, got {describe(layer)} at position {i}")
        first = next(j for j, other in enumerate(layers) if other is layer)
        if first < i:  # it would keep one batch for two backward passes
            raise ValueError(f"layers must be made one by one, got {named(layers, first)} again as layer {i}")
    check_widths(layers)
    dtypes: set[np.dtype[Any]] = {array.dtype for layer in layers for array in layer.params.values()} or {
        FLOATS[0]
    }
    if len(dtypes) > 1:
        raise ValueError(f"layers must share one float type, got {', '.join(sorted(map(str, dtypes)))}")
    if not dtypes <= {*FLOATS}:
        raise TypeError(f"layers must have parameters in float32 or float64, got {dtypes.pop()}")
    return dtypes.pop()


def check_widths(layers: Sequence[Layer]) -> None:
    """ValueError for dense layers that do not fit one another."""
    width, source = None, ""
    for i, layer in enumerate(layers):
        if isinstance(layer, Dense):
            D, M = layer.params["W"].shape
            if width not in (None, D):
                raise ValueError(f"{named(layers, i)} takes {D} values, but {source} gives {width}")
            width, source = M, named(layers, i)
        elif not isinstance(layer, KEEP_SHAPE):
            width = None


def check_grads(layers: Sequence[Layer]) -> None:
    """ValueError for gradients that are not those of the parameters: by key, each in the shape of its parameter."""
    for i, layer in enumerate(layers):
        if layer.grads.keys() != layer.params.keys():
            wanted, came = sorted(layer.params), sorted(layer.grads)
            raise ValueError(f"{named(layers, i)}: grads must have the keys of params, {wanted}, got {came}")
        for key, parameter in layer.params.items():
            check_shape(f"{named(layers, i)}: grads[{key!r}]", layer.grads[key], parameter.shape)


def check_readable(network: Network) -> None:
    """ValueError for a network whose outputs are no logits, so that no class can be read off them."""
    last = len(network.layers) - 1
    if isinstance(network.layers[last], Sigmoid):
        what = f"end in {named(network.layers, last)}"
    elif network.outputs == "values":
        what = "are values, as its loss has it"
    else:
        return
    raise ValueError(f"the outputs of the network must be logits to give classes, but {what}: use forward(x)")


def check_outputs(outputs: Array) -> None:
    """ValueError for outputs that are no rows of finite numbers, as those of a network with nan in its weights."""
    if outputs.ndim != 2:
        raise ValueError(f"outputs must have shape (N, K) to give classes, got {outputs.shape}")
    check_finite("outputs", outputs, outputs.dtype)


def check_loss(network: Network, loss: Loss) -> None:
    """An error for what is no loss, and for one that takes logits where the network ends in a sigmoid."""
    check_function("loss", loss, "cross_entropy")
    if getattr(loss, "outputs", "") == "logits" and isinstance(network.layers[-1], Sigmoid):
        last = named(network.layers, len(network.layers) - 1)
        raise ValueError(f"loss takes logits, and turns them into probabilities itself: leave out {last}")


@np.errstate(over="ignore", invalid="ignore")
def check_examples(network: Network, x: Array, y: Array, loss: Loss, scale: float | None) -> None:
    """Raise an error for examples that cannot be used, before any of them is."""
    check_rows(x, y)
    for name, value in {"x": x, "y": y}.items():
        check_numbers(name, value)
        check_finite(name, value, network.dtype)
    if scale is not None:
        check_number("scale", scale, "(0, inf)")
    elif x.dtype.kind != "f":
        raise ValueError(f"x holds {x.dtype}, so scale must be given: 1/255 for bytes, 1 to keep them")
    try:
        outputs = network.forward(np.multiply(x[:1], 1 if scale is None else scale, dtype=network.dtype))
    except ValueError as error:
        raise ValueError(f"{error}, for the first example of x, {describe(x)}") from error
    if check := getattr(loss, "check", None):  # all targets at once, so that errors name positions in y
        check((len(y), *outputs.shape[1:]), y)


def check_validation(
    network: Network, validation: Any, patience: int | None, loss: Loss, scale: float | None
) -> None:
    """Raise an error for validation data that cannot be used, or that are missing for patience."""
    if validation is not None:
        if not isinstance(validation, tuple | list) or len(validation) != 2:
            raise TypeError(f"validation must be a pair (x, y), got {describe(validation)}")
        x, y = validation
        check_examples(network, x, y, loss, scale)
    if patience is not None:
        check_integer("patience", patience, "[1, inf)")
        if validation is None:
            raise ValueError("validation must be a pair (x, y) where patience is given, got None")


def check_settings(
    network: Network, optimizer: Any, n_epochs: Any, rng: Any, max_norm: Any, callbacks: Any, progress: Any
) -> None:
    """Raise an error for settings of fit that are none, and for a network that has broken before."""
    check_kind("optimizer", optimizer, Optimizer, "an optimizer, such as SGD(0.1)")
    check_rng(rng)
    check_integer("n_epochs", n_epochs, "[1, inf)")
    check_number("max_norm", max_norm, "(0, inf]")
    check_functions("callbacks", callbacks)
    check_bool("progress", progress)
    check_finite("parameters", network.parameters(), network.dtype)


def check_score(loss: float) -> None:
    """ValueError for a loss of a whole evaluation that is no finite number."""
    if not math.isfinite(loss):
        raise ValueError(
            f"loss must be a finite number, got {loss}: outputs of the network are not, or too large"
        )
