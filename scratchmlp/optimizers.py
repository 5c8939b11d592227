"""What to do with a gradient: the rules that turn it into a step.

An optimizer sees two vectors of equal length, the parameters theta and their gradient dtheta, and changes theta
in place. It knows nothing of layers or networks.
"""

import math
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Optimizer(Protocol):
    """What training asks of an optimizer: a learning rate to report, and a step."""

    lr: float

    def step(self, theta: Array, dtheta: Array) -> None:
        """Move theta (P,) one step, in place, given the gradient dtheta (P,)."""
        ...


class SGD:
    """Stochastic gradient descent: v = momentum * v + dtheta, then theta = theta - lr * v (Polyak 1964).

    lr > 0, and 0 <= momentum < 1; without momentum v is dtheta. The rate stands outside v, so that a change of lr
    acts at once; with a constant lr the steps are those of Sutskever et al. 2013, eq. 1, who put it inside.
    """

    def __init__(self, lr: float, *, momentum: float = 0.0) -> None:
        if not 0 < lr < math.inf:
            raise ValueError(f"lr must be a finite number above 0, got {lr}")
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must be in [0, 1), got {momentum}")
        self.lr = float(lr)
        self.momentum = float(momentum)
        self.velocity: Array | None = None  # (P,), made at the first step, in the float type of theta
        self._change: Array | None = None  # (P,), so that no step has to ask for memory

    def step(self, theta: Array, dtheta: Array) -> None:
        """Move theta (P,) one step, in place, given the gradient dtheta (P,)."""
        if self._change is None or self._change.shape != theta.shape:
            self._change = np.empty_like(theta)
            self.velocity = np.zeros_like(theta) if self.momentum else None
        v = dtheta
        if self.velocity is not None:
            v = self.velocity
            v *= self.momentum
            v += dtheta
        lr = float(self.lr)  # exactly float: with an np.float64, NumPy would compute the step in float64
        theta -= np.multiply(lr, v, out=self._change)
