"""What to do with a gradient: the rules that turn it into a step.

An optimizer sees two arrays of one shape, the parameters theta and their gradient dtheta, and changes theta
in place. It knows nothing of layers and networks.
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
        """Move theta (P,) one step, in place, given its gradient dtheta (P,)."""


class SGD:
    """Stochastic gradient descent: v = momentum * v + dtheta, then theta = theta - lr * v (Polyak 1964).

    lr > 0 and 0 <= momentum < 1; without momentum, v is dtheta. The rate stands outside v, so a change of lr
    acts at once; with a constant lr, the steps are those of Sutskever et al. 2013, eq. 1 and 2.
    """

    def __init__(self, lr: float, *, momentum: float = 0.0) -> None:
        if not 0 < lr < math.inf:
            raise ValueError(f"lr must be a finite number above 0, got {lr}")
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must be in [0, 1), got {momentum}")
        self.lr, self.momentum = float(lr), float(momentum)
        self._theta: Array | None = None

    def step(self, theta: Array, dtheta: Array) -> None:
        """Move theta (P,) one step, in place, given its gradient dtheta (P,)."""
        if self._theta is None:
            self._theta = theta
            self.velocity = np.zeros_like(theta)
            self._change = np.empty_like(theta)  # once, so that no step has to ask for memory
        elif self._theta is not theta:
            raise ValueError("theta must be that of the first step: every network needs its own optimizer")
        v = dtheta
        if self.momentum:
            v = self.velocity
            v *= self.momentum
            v += dtheta
        lr = float(self.lr)  # exactly float: an np.float64 would make NumPy compute the step in float64
        theta -= np.multiply(lr, v, out=self._change)
