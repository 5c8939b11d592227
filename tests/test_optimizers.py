"""An optimizer moves the parameters it is given, in place and in their float type."""

import math

import numpy as np
import pytest

from scratchmlp.optimizers import SGD


def bowl(theta):
    """The gradient of (θ₁² + 4 θ₂²) / 2."""
    return theta * np.array([1, 4], theta.dtype)


def path(optimizer, n_steps, start=(1.0, -2.0), dtype=np.float64):
    theta, visited = np.array(start, dtype), []
    for _ in range(n_steps):
        optimizer.step(theta, bowl(theta))
        visited.append(theta.copy())
    return np.array(visited)


def test_a_plain_step_is_the_rate_times_the_gradient():
    np.testing.assert_allclose(path(SGD(0.1), 2), [[0.9, -1.2], [0.81, -0.72]], rtol=1e-14)


def test_momentum_agrees_with_recorded_pytorch():
    # torch 2.13.0, torch.optim.SGD([theta], lr=0.1, momentum=0.9), float64, on the same bowl
    recorded = [[0.9, -1.2], [0.72, 0.0], [0.486, 1.08], [0.2268, 1.62]]
    np.testing.assert_allclose(path(SGD(0.1, momentum=0.9), 4), recorded, atol=1e-14)


def test_momentum_builds_up_to_one_over_one_minus_momentum():
    optimizer, theta = SGD(0.01, momentum=0.9), np.zeros(1)
    for _ in range(200):
        before = theta.copy()
        optimizer.step(theta, np.ones(1))
    np.testing.assert_allclose(before - theta, 0.01 / (1 - 0.9), rtol=1e-6)


def test_a_new_rate_acts_at_once_on_the_whole_velocity():
    optimizer, theta = SGD(0.1, momentum=0.5), np.zeros(1)
    optimizer.step(theta, np.ones(1))
    optimizer.lr, theta[...] = 1.0, 0
    optimizer.step(theta, np.ones(1))
    assert theta[0] == -1.5


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_parameters_and_buffers_keep_the_float_type_even_for_a_numpy_rate(momentum):
    optimizer, theta = SGD(np.float64(0.1), momentum=momentum), np.ones(3, np.float32)
    assert type(optimizer.lr) is float
    optimizer.lr = np.cos(np.float64(0.3))  # what a schedule written with NumPy would set
    optimizer.step(theta, theta.copy())
    buffers = [value for value in vars(optimizer).values() if isinstance(value, np.ndarray)]
    assert len(buffers) == 3
    assert {buffer.dtype for buffer in buffers} == {np.dtype(np.float32)}


def test_a_numpy_rate_gives_the_same_bits_as_a_python_rate():
    python, numpy = SGD(0.1), SGD(0.1)
    numpy.lr = np.float64(0.1)
    np.testing.assert_array_equal(path(python, 5, dtype=np.float32), path(numpy, 5, dtype=np.float32))


def test_the_gradient_is_left_alone():
    gradient = np.ones(2)
    for optimizer in (SGD(0.1), SGD(0.1, momentum=0.9)):
        theta = np.zeros(2)
        for _ in range(2):
            optimizer.step(theta, gradient)
    np.testing.assert_array_equal(gradient, 1)


def test_an_optimizer_refuses_a_second_network():
    optimizer = SGD(0.1, momentum=0.9)
    optimizer.step(np.zeros(2), np.ones(2))
    with pytest.raises(ValueError, match="every network needs its own optimizer"):
        optimizer.step(np.zeros(2), np.ones(2))


@pytest.mark.parametrize("lr", [0, -0.1, math.inf, math.nan])
def test_a_rate_that_is_none_is_named(lr):
    with pytest.raises(ValueError, match="lr must be a finite number above 0, got"):
        SGD(lr)


@pytest.mark.parametrize("momentum", [-0.1, 1, math.nan])
def test_a_momentum_that_is_none_is_named(momentum):
    with pytest.raises(ValueError, match=r"momentum must be in \[0, 1\), got"):
        SGD(0.1, momentum=momentum)
