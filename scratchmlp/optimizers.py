"""What to do with a gradient: the rules that turn it into a step.

An optimizer sees two arrays of one shape, the parameters theta and their gradient dtheta, and
changes theta in place. It knows nothing of layers and networks, so weight decay reaches the biases
too, as in PyTorch.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .checks import check_floats, check_integer, check_number, describe

Array = NDArray[Any]
Schedule = Callable[[int], float]  # the learning rate, from the number of steps taken before
Rate = float | Schedule

# How many numbers to move at a time: 128 kB in float32. They, their gradients, state and work space stay in the
# cache from the first pass over them to the last, which saves a large network many trips to memory.
PART = 2**15

# How often numbers of the state that have all but faded become 0. What shrinks by a constant factor, where no gradient
# comes any more, ends among the smallest numbers that a float can hold, and stays there. With those a processor takes
# many times as long (experiments/fading.py). In 100 steps nothing shrinks from FADED to there with a momentum of 0.9.
SWEEP, FADED = 100, 1e6  # FADED in units of the smallest normal number


class Optimizer:
    """What every optimizer has: a learning rate, ways to keep parameters small, and a state.

    lr > 0 is a number or a schedule; `rate` is what it was at the last step. weight_decay is
    decoupled from the gradient: each step first multiplies theta by 1 - lr * weight_decay
    (Loshchilov & Hutter 2019, eq. 1; as in PyTorch, lr scales the decay too, where the paper has a
    factor of its own). l2 adds l2 * theta to the gradient, that of a penalty l2 / 2 * sum(theta²)
    on the loss. For SGD without momentum the two are the same; momentum and Adam
    change what l2 does, and leave weight_decay as it is.
    """

    names: tuple[str, ...] = ()  # of the arrays in the state

    def __init__(self, lr: Rate, weight_decay: float, l2: float) -> None:
        self.lr: Rate = lr if callable(lr) else check_number("lr", lr, "(0, inf)")
        self.weight_decay = check_number("weight_decay", weight_decay, "[0, inf)")
        self.l2 = check_number("l2", l2, "[0, inf)")
        self.rate, self.n_steps = rate_at(self.lr, 0), 0
        self.state: dict[str, Array] = {}  # arrays like theta, which a checkpoint keeps
        self._theta: Array | None = None

    def step(self, theta: Array, dtheta: Array) -> None:
        """Move theta (P,) one step, in place, given its gradient dtheta (P,)."""
        self.begin(theta, dtheta)
        for start in range(0, len(theta), PART):
            part = slice(start, start + PART)
            state = [self.state[name][part] for name in self.names]
            self.move(theta[part], dtheta[part], *state)
            if self.n_steps % SWEEP == 0:
                for array in state:
                    array[np.abs(array) < FADED * np.finfo(array.dtype).tiny] = 0

    def begin(self, theta: Array, dtheta: Array) -> None:
        """Check the arrays of a step, and count it."""
        if self._theta is None:
            check_floats("theta", theta)
            if theta.ndim != 1:
                raise ValueError(f"theta must have shape (P,), got {theta.shape}")
            self._theta, self._work = theta, np.empty_like(theta[:PART])  # once, and no more than a part
            for name in self.names:
                self.state.setdefault(name, np.zeros_like(theta))  # what a checkpoint brought stays
        elif self._theta is not theta:
            raise ValueError("theta must be that of the first step: every network needs its own optimizer")
        if not isinstance(dtheta, np.ndarray) or (dtheta.dtype, dtheta.shape) != (theta.dtype, theta.shape):
            raise ValueError(f"dtheta must be like theta, {describe(theta)}, got {describe(dtheta)}")
        self.rate = rate_at(self.lr, self.n_steps)
        self.n_steps += 1

    def move(self, theta: Array, g: Array, *state: Array) -> None:
        """Move one part of theta, in place, given the gradient g and the state of that part."""
        raise NotImplementedError

    def decay(self, theta: Array, g: Array) -> tuple[Array, Array]:
        """Apply both decays to a part of theta; returns its gradient, with l2, and work space."""
        work = self._work[: len(theta)]
        if self.l2:
            g = np.add(np.multiply(self.l2, theta, out=work), g, out=work)
        if self.weight_decay:
            theta *= 1 - self.rate * self.weight_decay
        return g, work


class SGD(Optimizer):
    """Stochastic gradient descent: v = momentum * v + dtheta, theta = theta - lr * v (Polyak 1964).

    0 <= momentum < 1; without it, v is dtheta. The rate stands outside v, so a change of lr acts at
    once; with a constant lr, the steps are those of Sutskever et al. 2013, eq. 1 and 2.
    nesterov=True steps along dtheta + momentum * v (there, eq. 3 and 4). PyTorch's SGD calls
    weight_decay what is l2 here.
    """

    def __init__(
        self, lr: Rate, *, momentum: float = 0, nesterov: bool = False, weight_decay: float = 0, l2: float = 0
    ) -> None:
        super().__init__(lr, weight_decay, l2)
        self.momentum = check_number("momentum", momentum, "[0, 1)")
        if nesterov and not momentum:
            raise ValueError(f"nesterov needs a momentum above 0, got {self.momentum}")
        self.nesterov = nesterov
        self.names = ("velocity",) if momentum else ()

    @property
    def velocity(self) -> Array:
        """The v of the formula, (P,), from the first step with momentum on."""
        return self.state["velocity"]

    def move(self, theta: Array, g: Array, *state: Array) -> None:
        """Move one part of theta, in place, given the gradient g and the velocity of that part."""
        g, change = self.decay(theta, g)
        v, lr = g, self.rate
        if self.momentum:
            (v,) = state
            v *= self.momentum
            v += g
        if self.nesterov:  # lr * (g + momentum * v), in two parts: one work space is enough
            theta -= np.multiply(lr, g, out=change)
            lr *= self.momentum
        theta -= np.multiply(lr, v, out=change)


class Adam(Optimizer):
    """Adam: the mean of past gradients, each coordinate divided by the root of its own mean square.

    m = beta1 * m + (1 - beta1) * dtheta and v = beta2 * v + (1 - beta2) * dtheta² start at 0, so
    that after t steps they are too small by the factors 1 - beta1^t and 1 - beta2^t; divided by
    these they are m̂ and v̂, and theta moves by lr * m̂ / (√v̂ + eps) (Kingma & Ba 2015, algorithm
    1, whose settings are the defaults). With weight_decay it is AdamW (Loshchilov & Hutter 2019,
    algorithm 2).
    """

    names = ("m", "v")

    def __init__(
        self,
        lr: Rate = 0.001,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0,
        l2: float = 0,
    ) -> None:
        super().__init__(lr, weight_decay, l2)
        self.beta1 = check_number("beta1", beta1, "[0, 1)")
        self.beta2 = check_number("beta2", beta2, "[0, 1)")
        self.eps = check_number("eps", eps, "(0, inf)")

    def move(self, theta: Array, g: Array, *state: Array) -> None:
        """Move one part of theta, in place, given the gradient g and the state (m, v) of that part."""
        g, change = self.decay(theta, g)
        (m, v), t = state, self.n_steps
        m *= self.beta1  # m and v lack the factors 1 - beta, which saves two passes over memory
        m += g
        v *= self.beta2
        v += np.square(g, out=change)
        a = (1 - self.beta1) / (1 - self.beta1**t)  # m̂ is a * m
        b = math.sqrt((1 - self.beta2) / (1 - self.beta2**t))  # √v̂ is b * √v
        np.sqrt(v, out=change)
        change += self.eps / b  # m̂ / (√v̂ + eps) is a / b * m / (√v + eps / b)
        np.divide(m, change, out=change)
        change *= self.rate * a / b
        theta -= change


@np.errstate(over="ignore")
def clip_by_norm(dtheta: Array, max_norm: float) -> float:
    """Shorten a gradient, in place, to a Euclidean norm of max_norm; returns the norm that it had.

    The direction stays (Pascanu et al. 2013, algorithm 1). A gradient that holds nan or infinity
    has no direction: it is left alone, and the norm says so.
    """
    check_floats("dtheta", dtheta)
    max_norm, length = check_number("max_norm", max_norm, "(0, inf]"), norm(dtheta)
    if max_norm < length < math.inf:
        dtheta *= max_norm / length
    return length


def norm(v: Array) -> float:
    """The Euclidean norm of an array, the root of the sum of its squares."""
    square = float(np.vdot(v, v))
    if math.isinf(square):  # the square of 1e20 is too large for a float32
        return float(np.linalg.norm(v.astype(np.float64)))
    return math.sqrt(square)


def rate_at(lr: Rate, n_steps: int) -> float:
    """The learning rate after a number of steps; exactly float, or the step would be in float64."""
    rate = float(lr(n_steps)) if callable(lr) else float(lr)
    if not 0 <= rate < math.inf:
        raise ValueError(f"lr must give numbers in [0, inf), got {rate} at step {n_steps}")
    return rate


def constant(lr: float) -> Schedule:
    """A schedule: the same learning rate at every step."""
    lr = check_number("lr", lr, "(0, inf)")
    return lambda n: lr


def step(lr: float, *, every: int, factor: float) -> Schedule:
    """A schedule: lr, multiplied by factor once every so many steps."""
    lr, factor = check_number("lr", lr, "(0, inf)"), check_number("factor", factor, "(0, 1]")
    every = check_integer("every", every, "[1, inf)")
    return lambda n: float(lr * factor ** (n // every))


def cosine(lr: float, *, n_steps: int, end: float = 0.0) -> Schedule:
    """A schedule: half a cosine wave from lr down to end, after n_steps; then end.

    Loshchilov & Hutter 2017, eq. 5, without restarts.
    """
    lr, end = check_number("lr", lr, "(0, inf)"), check_number("end", end, "[0, inf)")
    n_steps = check_integer("n_steps", n_steps, "[1, inf)")
    return lambda n: end + 0.5 * (lr - end) * (1 + math.cos(math.pi * min(n / n_steps, 1)))


def warmup(lr: Rate, *, n_steps: int) -> Schedule:
    """A schedule: n_steps equal rises to the first rate of another, which then begins its own count.

    Goyal et al. 2017, section 2.2. The first rate is not 0, which would waste a step.
    """
    after = lr if callable(lr) else constant(lr)
    n_steps = check_integer("n_steps", n_steps, "[0, inf)")
    return lambda n: float(after(n - n_steps) if n >= n_steps else after(0) * (n + 1) / (n_steps + 1))
