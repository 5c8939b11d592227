"""All parameters of a network as one vector, and all gradients as another, of which its layers hold views.

One operation of an optimizer then reaches all layers at once, which saves a small network a sixth of its
training time. What the layers hold is what counts: where another array has taken a view's place, put there by
hand, by a layer that makes its gradients anew, or by another network with the same layers, its values are
copied into the vector, and the layer gets a view again.
"""

from collections.abc import Sequence
from operator import is_
from typing import Any

import numpy as np

from .arrays import Array
from .borders import check_grads
from .layers import Layer

Held = Sequence[Array | None]


class Vectors:
    """The two vectors of a network, each the same object for as long as its size is right."""

    def __init__(self, layers: Sequence[Layer], dtype: np.dtype[Any]) -> None:
        self.dtype = dtype
        self.theta: Array | None = None
        self.dtheta: Array | None = None
        self.forget()
        if all(array.base is None for array in held(layers, "params") + held(layers, "grads")):
            self.gather(layers)  # no other network has them

    def __getstate__(self) -> dict[str, Any]:
        copied = {**vars(self)}
        del copied["trained"], copied["params"], copied["grads"]  # in a copy, what layers hold are no views
        return copied

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.forget()

    def forget(self) -> None:
        """Begin without views, so that the next gathering makes them."""
        self.trained: Sequence[Layer] = []  # the layers that have parameters
        self.params: Held = [None]  # the views of theta
        self.grads: Held = [None]  # the views of dtheta

    def gather(self, layers: Sequence[Layer]) -> tuple[Array, Array]:
        """The vectors theta and dtheta, after seeing to it that what the layers hold are views of them."""
        if not (same(self.params, held(layers, "params")) and same(self.grads, held(layers, "grads"))):
            check_grads(layers)
            self.trained = [layer for layer in layers if layer.params]
            places = [(layer, key) for layer in self.trained for key in layer.params]
            self.theta = pack(self.theta, [(layer.params, key) for layer, key in places], self.dtype)
            self.dtheta = pack(self.dtheta, [(layer.grads, key) for layer, key in places], self.dtype)
            self.params, self.grads = held(layers, "params"), held(layers, "grads")
        assert self.theta is not None
        assert self.dtheta is not None
        return self.theta, self.dtheta

    def gather_new_grads(self, layers: Sequence[Layer]) -> None:
        """Gather, if a backward pass has made a gradient anew; to look at no more than that takes half the time."""
        if not same(self.grads, held(self.trained, "grads")):
            self.gather(layers)


def held(layers: Sequence[Layer], kind: str) -> list[Array]:
    """The arrays that layers hold, params or grads."""
    return [array for layer in layers for array in getattr(layer, kind).values()]


def same(views: Held, arrays: Held) -> bool:
    """Whether two lists hold the same objects."""
    return len(views) == len(arrays) and all(map(is_, views, arrays))


def pack(vector: Array | None, places: list[tuple[dict[str, Array], str]], dtype: np.dtype[Any]) -> Array:
    """Put arrays behind one another into a vector, of which their places then hold views; returns the vector.

    Where the arrays are all of one part of a vector already, that of a network of which this is a
    part, that part is it, and nothing moves. A vector from before is kept if its size is right.
    """
    arrays = [arrays[key] for arrays, key in places]
    if vector is None and (run := found(arrays)) is not None:
        return run
    values = np.concatenate([np.empty(0, dtype), *(array.ravel() for array in arrays)], dtype=dtype)
    if vector is None or len(vector) != len(values):
        vector = values
    vector[...], start = values, 0
    for (place, key), array in zip(places, arrays, strict=True):
        place[key] = vector[start : start + array.size].reshape(array.shape)
        start += array.size
    return vector


def found(arrays: Sequence[Array]) -> Array | None:
    """The part of a vector that arrays fill, one behind another; None where they lie in another way."""
    base = arrays[0].base if arrays else None
    if base is None or base.ndim != 1 or not all(a.base is base and a.flags.c_contiguous for a in arrays):
        return None
    starts = [(a.ctypes.data - base.ctypes.data) // base.itemsize for a in arrays]
    ends = [start + array.size for start, array in zip(starts, arrays, strict=True)]
    return base[starts[0] : ends[-1]] if starts[1:] == ends[:-1] else None
