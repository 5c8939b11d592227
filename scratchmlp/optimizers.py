"""What to do with a gradient: the rules that turn it into a step.

An optimizer sees two arrays of one shape, the parameters theta and their gradient dtheta, and
changes theta in place. It knows nothing of layers and networks, so weight decay reaches the biases
too, as in PyTorch.
"""

import math
from collections.abc import Callable
from functools import partial
from numbers import Real
from typing import Any

import numpy as np

from .arrays import Array
from .checks import check_bool, check_floats, check_integer, check_like, check_number

Schedule = Callable[[int], float]  # the learning rate, from the number of steps taken before
Rate = float | Schedule

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

    An optimizer belongs to the network of its first step. Copy or pickle both in one call, as in
    copy.deepcopy((network, optimizer)), and the copies go on together; a schedule that is a lambda
    cannot be pickled.
    """

    names: tuple[str, ...] = ()  # of the arrays in the state

    def __init__(self, lr: Rate, weight_decay: float, l2: float) -> None:
        self.lr: Rate = lr if callable(lr) else check_number("lr", lr, "(0, inf)")
        self.weight_decay = check_number("weight_decay", weight_decay, "[0, inf)")
        self.l2 = check_number("l2", l2, "[0, inf)")
        self.rate, self.n_steps = rate_at(self.lr, 0), 0
        self.state: dict[str, Array] = {}  # arrays like theta, which a checkpoint keeps
        self._theta: Array | None = None
        self._work = (np.empty(0), np.empty(0))

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_work": (np.empty(0), np.empty(0))}  # a copy needs none of it

    def step(self, theta: Array, dtheta: Array) -> None:
        """Move theta (P,) one step, in place, given its gradient dtheta (P,)."""
        self.begin(theta, dtheta)
        g, (space, work) = dtheta, self._work
        if self.l2:
            g = np.add(np.multiply(self.l2, theta, out=space), dtheta, out=space)
        if self.weight_decay:
            theta *= 1 - self.rate * self.weight_decay
        self.move(theta, g, work)
        if self.n_steps % SWEEP == 0:
            for array in self.state.values():
                array[np.abs(array) < FADED * np.finfo(array.dtype).tiny] = 0

    def begin(self, theta: Array, dtheta: Array) -> None:
        """Check the arrays of a step, and count it."""
        if self._theta is None:
            check_floats("theta", theta)
            if theta.ndim != 1:
                raise ValueError(f"theta must have shape (P,), got {theta.shape}")
            for name in self.names:
                self.state.setdefault(name, np.zeros_like(theta))  # what a checkpoint brought stays
            self._theta = theta
        elif self._theta is not theta:
            raise ValueError("theta must be that of the first step: every network needs its own optimizer")
        check_like("dtheta", dtheta, "theta", theta)
        if len(self._work[0]) != len(theta):  # once: new memory in each step takes Adam 2.4 times as long
            self._work = (np.empty_like(theta), np.empty_like(theta))
        self.rate = rate_at(self.lr, self.n_steps)
        self.n_steps += 1

    def move(self, theta: Array, g: Array, work: Array) -> None:
        """Move theta, in place, given its gradient g, decay included, and work space like theta."""
        raise NotImplementedError


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
        self.nesterov = check_bool("nesterov", nesterov)
        if nesterov and not momentum:
            raise ValueError(f"nesterov needs a momentum above 0, got {self.momentum}")
        self.names = ("velocity",) if momentum else ()

    @property
    def velocity(self) -> Array:
        """The v of the formula, (P,), from the first step with momentum on."""
        return self.state["velocity"]

    def move(self, theta: Array, g: Array, work: Array) -> None:
        """Move theta, in place, given its gradient g, decay included, and work space like theta."""
        v = g
        if self.momentum:
            v = self.velocity
            v *= self.momentum
            v += g
        if self.nesterov:
            v = np.add(np.multiply(self.momentum, v, out=work), g, out=work)
        theta -= np.multiply(self.rate, v, out=work)


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

    def move(self, theta: Array, g: Array, work: Array) -> None:
        """Move theta, in place, given its gradient g, decay included, and work space like theta."""
        m, v, t = self.state["m"], self.state["v"], self.n_steps
        m *= self.beta1
        m += np.multiply(1 - self.beta1, g, out=work)
        v *= self.beta2
        v += np.multiply(1 - self.beta2, np.square(g, out=work), out=work)
        np.sqrt(np.divide(v, 1 - self.beta2**t, out=work), out=work)  # √v̂
        work += self.eps
        np.divide(m, work, out=work)
        theta -= np.multiply(self.rate / (1 - self.beta1**t), work, out=work)  # lr m̂ / (√v̂ + eps)


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
    flat = v.ravel()
    square = float(flat.dot(flat))
    if square == math.inf:  # the square of 1e20 is too large for a float32
        return float(np.linalg.norm(v.astype(np.float64)))
    return math.sqrt(square)


def rate_at(lr: Rate, n_steps: int) -> float:
    """The learning rate after a number of steps; exactly float, or the step would be in float64."""
    rate: Any = lr(n_steps) if callable(lr) else lr
    if not ((type(rate) is float or isinstance(rate, Real)) and 0 <= float(rate) < math.inf):
        raise ValueError(f"lr must give numbers in [0, inf), got {rate} at step {n_steps}")
    return float(rate)


# ---- schedules, which can be pickled: functions with their settings filled in


def constant(lr: float) -> Schedule:
    """A schedule: the same learning rate at every step."""
    return staircase(lr, every=1, factor=1.0)


def staircase(lr: float, *, every: int, factor: float) -> Schedule:
    """A schedule: lr, multiplied by factor once every so many steps."""
    lr, factor = check_number("lr", lr, "(0, inf)"), check_number("factor", factor, "(0, 1]")
    return partial(staircase_at, lr, factor, check_integer("every", every, "[1, inf)"))


def staircase_at(lr: float, factor: float, every: int, n: int) -> float:
    """The rate of a staircase after n steps."""
    return float(lr * factor ** (n // every))


def cosine(lr: float, *, n_steps: int, end: float = 0.0) -> Schedule:
    """A schedule: half a cosine wave from lr down to end, after n_steps; then end.

    Loshchilov & Hutter 2017, eq. 5, without restarts.
    """
    lr, end = check_number("lr", lr, "(0, inf)"), check_number("end", end, "[0, inf)")
    return partial(cosine_at, lr, end, check_integer("n_steps", n_steps, "[1, inf)"))


def cosine_at(lr: float, end: float, n_steps: int, n: int) -> float:
    """The rate of a cosine after n steps."""
    return end + 0.5 * (lr - end) * (1 + math.cos(math.pi * min(n / n_steps, 1)))


def warmup(lr: Rate, *, n_steps: int) -> Schedule:
    """A schedule: n_steps equal rises to the first rate of another, which then begins its own count.

    Goyal et al. 2017, section 2.2. The first rate is not 0, which would waste a step.
    """
    after = lr if callable(lr) else constant(lr)
    return partial(warmup_at, after, check_integer("n_steps", n_steps, "[0, inf)"))


def warmup_at(after: Schedule, n_steps: int, n: int) -> float:
    """The rate of a warmup after n steps."""
    return rate_at(after, n - n_steps) if n >= n_steps else float(rate_at(after, 0) * (n + 1) / (n_steps + 1))
