"""An optimizer moves the parameters it is given, in place and in their float type."""

import copy
import math
import pickle
import tracemalloc

import numpy as np
import pytest

from scratchmlp import optimizers
from scratchmlp.optimizers import SGD, Adam, Optimizer, clip_by_norm, constant, cosine, staircase, warmup


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


def waves(theta):
    """The gradient of (θ₁² + 4 θ₂² + θ₃² / 2) / 2 + sum(cos θ)."""
    return theta * np.array([1, 4, 0.5], theta.dtype) - np.sin(theta)


# Each optimizer, how to make the same one with torch.optim, and what PyTorch 2.13.0 gave for it in float64: theta
# after 20 steps from (1, -2, 3) down the waves.
PYTORCH = {
    "SGD": (
        lambda: SGD(0.1),
        ("SGD", {"lr": 0.1}),
        [0.777705677270507, -0.00137048982500338, 2.0264301154718],
    ),
    "momentum": (
        lambda: SGD(0.1, momentum=0.9),
        ("SGD", {"lr": 0.1, "momentum": 0.9}),
        [0.163651464439852, -0.603900815690337, 1.9663544005519],
    ),
    "nesterov": (
        lambda: SGD(0.1, momentum=0.9, nesterov=True),
        ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
        [0.204082746838088, -0.0201757176559733, 2.05693955083224],
    ),
    "l2": (
        lambda: SGD(0.1, momentum=0.9, l2=0.2),
        ("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.2}),
        [-0.379848851604618, -0.716873269357246, -1.65852856961819],
    ),
    "nesterov and l2": (
        lambda: SGD(0.1, momentum=0.9, nesterov=True, l2=0.2),
        ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.2}),
        [-0.284146981440993, -0.0161442333321211, -0.196621307770266],
    ),
    "Adam": (
        lambda: Adam(0.1),
        ("Adam", {"lr": 0.1}),
        [-0.110987848968565, -0.250078620306756, 1.62289853248784],
    ),
    "Adam with other settings": (
        lambda: Adam(0.1, beta1=0.7, beta2=0.9, eps=1e-3),
        ("Adam", {"lr": 0.1, "betas": (0.7, 0.9), "eps": 1e-3}),
        [0.167370496772029, -0.357085439943178, 1.85314550551805],
    ),
    "Adam with l2": (
        lambda: Adam(0.1, l2=0.2),
        ("Adam", {"lr": 0.1, "weight_decay": 0.2}),
        [-0.258859413425712, -0.248495397495733, 1.40774562529254],
    ),
    "AdamW": (
        lambda: Adam(0.1, weight_decay=0.2),
        ("AdamW", {"lr": 0.1, "weight_decay": 0.2}),
        [-0.144050460570734, -0.00123095167430262, 1.30457356069507],
    ),
}
each_optimizer = pytest.mark.parametrize("case", PYTORCH.values(), ids=PYTORCH.keys())
START = (1.0, -2.0, 3.0)


def descend(optimizer, n_steps=20, dtype=np.float64):
    theta = np.array(START, dtype)
    for _ in range(n_steps):
        optimizer.step(theta, waves(theta))
    return theta


@each_optimizer
def test_20_steps_agree_with_recorded_pytorch(case):
    make, _, expected = case
    np.testing.assert_allclose(descend(make()), expected, atol=1e-13)


@each_optimizer
def test_20_steps_agree_with_pytorch(case):
    torch = pytest.importorskip("torch")
    make, (name, settings), _ = case
    theta = torch.tensor(START, dtype=torch.float64)
    peer = getattr(torch.optim, name)([theta], **settings)
    for _ in range(20):
        theta.grad = torch.from_numpy(waves(theta.numpy()))
        peer.step()
    np.testing.assert_allclose(descend(make()), theta.numpy(), atol=1e-13)


def test_the_first_step_of_adam_is_the_rate_in_every_coordinate_whatever_the_gradient():
    theta = np.zeros(3)
    Adam(0.1).step(theta, np.array([1e-3, -5.0, 1e3]))
    np.testing.assert_allclose(theta, [-0.1, 0.1, -0.1], rtol=1e-4)


def test_adam_is_the_formula_of_the_paper():
    theta, m, v = np.array(START), np.zeros(3), np.zeros(3)
    for t in range(1, 21):
        g = waves(theta)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        theta = theta - 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    np.testing.assert_allclose(descend(Adam(0.1)), theta, atol=1e-13)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_decoupled_decay_shrinks_theta_before_a_step_that_knows_nothing_of_it(momentum):
    theta, v = np.array(START), np.zeros(3)
    for _ in range(20):
        v = momentum * v + waves(theta)
        theta = (1 - 0.1 * 0.2) * theta - 0.1 * v
    np.testing.assert_allclose(descend(SGD(0.1, momentum=momentum, weight_decay=0.2)), theta, atol=1e-13)


def test_l2_and_decoupled_decay_are_the_same_without_momentum_and_two_things_with_it():
    plain = descend(SGD(0.1, l2=0.2)), descend(SGD(0.1, weight_decay=0.2))
    np.testing.assert_allclose(*plain, rtol=1e-13)
    moved = descend(SGD(0.1, momentum=0.9, l2=0.2)), descend(SGD(0.1, momentum=0.9, weight_decay=0.2))
    assert np.abs(moved[0] - moved[1]).max() > 0.1


@pytest.mark.parametrize("momentum", [0, 0.9])
def test_l2_is_taken_from_theta_as_it_was_before_decoupled_decay(momentum):
    theta, v = np.array(START), np.zeros(3)
    for _ in range(20):
        v = momentum * v + waves(theta) + 0.3 * theta
        theta = (1 - 0.1 * 0.2) * theta - 0.1 * v
    both = descend(SGD(0.1, momentum=momentum, weight_decay=0.2, l2=0.3))
    np.testing.assert_allclose(both, theta, atol=1e-13)


def test_without_a_gradient_decoupled_decay_is_geometric_and_leaves_no_velocity():
    optimizer, theta = SGD(0.5, momentum=0.9, weight_decay=0.1), np.ones(2)
    for _ in range(3):
        optimizer.step(theta, np.zeros(2))
    np.testing.assert_allclose(theta, 0.95**3, rtol=1e-14)
    assert not optimizer.velocity.any()


def test_adam_lets_l2_shrink_parameters_with_large_gradients_less_and_decoupled_decay_all_alike():
    noise = np.random.default_rng(0).choice([-1.0, 1.0], (200, 1)) * [0.01, 10.0]  # gradients of mean about 0

    def shrunk(**settings):
        with_decay, without = np.ones(2), np.ones(2)
        one, other = Adam(0.001, **settings), Adam(0.001)
        for g in noise:
            one.step(with_decay, g)
            other.step(without, g)
        return without - with_decay

    small, large = shrunk(l2=0.01)
    assert small > 50 * large > 0
    np.testing.assert_allclose(*shrunk(weight_decay=0.01), rtol=0.2)


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


EVERY = [
    lambda lr: SGD(lr),
    lambda lr: SGD(lr, momentum=0.9),
    lambda lr: SGD(lr, momentum=0.9, nesterov=True, l2=0.1, weight_decay=0.1),
    lambda lr: Adam(lr, l2=0.1, weight_decay=0.1),
]
every = pytest.mark.parametrize("make", EVERY, ids=["SGD", "momentum", "SGD with all", "Adam with all"])


@every
def test_parameters_and_state_keep_the_float_type_even_for_a_numpy_rate(make):
    optimizer, theta = make(np.float64(0.1)), np.ones(3, np.float32)
    assert type(optimizer.lr) is float
    optimizer.lr = np.cos(np.float64(0.3))  # what a schedule written with NumPy would set
    optimizer.step(theta, theta.copy())
    optimizer.lr = lambda n: np.cos(np.float64(n))
    optimizer.step(theta, theta.copy())
    assert type(optimizer.rate) is float
    arrays = [theta, *(value for value in vars(optimizer).values() if isinstance(value, np.ndarray))]
    arrays += optimizer.state.values()
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


@every
def test_a_numpy_rate_gives_the_same_bits_as_a_python_rate(make):
    python, numpy = make(0.1), make(0.1)
    numpy.lr = np.float64(0.1)
    np.testing.assert_array_equal(path(python, 5, dtype=np.float32), path(numpy, 5, dtype=np.float32))


@every
def test_the_gradient_is_left_alone(make):
    gradient, optimizer, theta = np.ones(2), make(0.1), np.zeros(2)
    for _ in range(2):
        optimizer.step(theta, gradient)
    np.testing.assert_array_equal(gradient, 1)


@every
def test_no_step_but_the_first_asks_for_memory_in_proportion_to_theta(make):
    theta, optimizer = np.ones(100_000, np.float32), make(0.1)
    gradient = theta.copy()
    optimizer.step(theta, gradient)
    tracemalloc.start()
    optimizer.step(theta, gradient)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000


@every
def test_a_gradient_of_another_shape_or_float_type_is_refused_and_not_broadcast(make):
    theta = np.ones(3)
    for wrong in (np.ones(1), np.ones((3, 1)), np.ones(3, np.float32), [1.0, 1.0, 1.0]):
        with pytest.raises(ValueError, match=r"dtheta must be like theta, float64 of shape \(3,\), got"):
            make(0.1).step(theta, wrong)
    np.testing.assert_array_equal(theta, 1)
    with pytest.raises(TypeError, match=r"theta must be an array of floats, got int64 of shape \(3,\)"):
        make(0.1).step(np.ones(3, int), np.ones(3))


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_fades_ends_at_0_and_never_among_the_subnormal_numbers(make, dtype):
    theta, optimizer = np.zeros(3, dtype), make(0.001)
    optimizer.l2 = 0.0
    optimizer.step(theta, np.array([1, -1e-10, 0], dtype))
    for _ in range(9000):
        optimizer.step(theta, np.zeros(3, dtype))
        for array in optimizer.state.values():
            assert (np.abs(array[array != 0]) >= np.finfo(dtype).tiny).all()
    fading = {
        name: array for name, array in optimizer.state.items() if name != "v"
    }  # squares fade more slowly
    assert not any(array.any() for array in fading.values())


def test_sweeping_the_state_changes_no_parameter(monkeypatch):
    ends = []
    for sweep in (10**9, 7):
        monkeypatch.setattr(optimizers, "SWEEP", sweep)
        theta, optimizer = np.linspace(-1, 1, 9).astype(np.float32), Adam(0.01)
        for i in range(1500):
            optimizer.step(theta, np.cos(9 * theta) * (i % 500 < 5))  # long silences
        ends.append(theta)
    np.testing.assert_array_equal(ends[0], ends[1])


def test_theta_is_a_vector():
    with pytest.raises(ValueError, match=r"theta must have shape \(P,\), got \(2, 3\)"):
        SGD(0.1).step(np.ones((2, 3)), np.ones((2, 3)))


def test_an_optimizer_refuses_a_second_network():
    optimizer = SGD(0.1, momentum=0.9)
    optimizer.step(np.zeros(2), np.ones(2))
    with pytest.raises(ValueError, match="every network needs its own optimizer"):
        optimizer.step(np.zeros(2), np.ones(2))


def test_the_base_class_leaves_the_step_open():
    with pytest.raises(NotImplementedError):
        Optimizer(0.1, 0.0, 0.0).step(np.zeros(1), np.zeros(1))


@pytest.mark.parametrize(
    ("make", "name", "expected"),
    [
        (lambda v: SGD(v), "lr", "(0, inf)"),
        (lambda v: Adam(v), "lr", "(0, inf)"),
        (lambda v: SGD(0.1, momentum=v), "momentum", "[0, 1)"),
        (lambda v: SGD(0.1, weight_decay=v), "weight_decay", "[0, inf)"),
        (lambda v: Adam(0.1, l2=v), "l2", "[0, inf)"),
        (lambda v: Adam(0.1, beta1=v), "beta1", "[0, 1)"),
        (lambda v: Adam(0.1, beta2=v), "beta2", "[0, 1)"),
        (lambda v: Adam(0.1, eps=v), "eps", "(0, inf)"),
        (lambda v: clip_by_norm(np.ones(2), v), "max_norm", "(0, inf]"),
        (lambda v: constant(v), "lr", "(0, inf)"),
        (lambda v: staircase(v, every=2, factor=0.5), "lr", "(0, inf)"),
        (lambda v: staircase(0.1, every=2, factor=v), "factor", "(0, 1]"),
        (lambda v: cosine(v, n_steps=2), "lr", "(0, inf)"),
        (lambda v: cosine(0.1, n_steps=2, end=v), "end", "[0, inf)"),
        (lambda v: warmup(v, n_steps=2), "lr", "(0, inf)"),
    ],
)
def test_a_setting_that_is_none_is_named(make, name, expected):
    for value in (-0.1, math.nan, -math.inf, *([0.0] if expected[0] == "(" else [])):
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - compared as a whole below
            make(value)
        assert str(caught.value) == f"{name} must be a number in {expected}, got {value!r}"
    with pytest.raises(TypeError, match=f"{name} must be a number in .*, got 'much'"):
        make("much")


@pytest.mark.parametrize("momentum", [1, 1.5])
def test_a_momentum_of_1_never_forgets_and_is_refused(momentum):
    with pytest.raises(ValueError, match=r"momentum must be a number in \[0, 1\), got"):
        SGD(0.1, momentum=momentum)


@pytest.mark.parametrize("nesterov", ["no", 1, None])
def test_nesterov_is_true_or_false(nesterov):
    with pytest.raises(TypeError, match="nesterov must be True or False, got"):
        SGD(0.1, momentum=0.9, nesterov=nesterov)


@every
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))])
def test_parameters_and_their_optimizer_go_on_together_as_a_copy(make, copied):
    theta, optimizer = np.array(START), make(0.1)
    for _ in range(3):
        optimizer.step(theta, waves(theta))
    twin, other = copied((theta, optimizer))
    for moved, by in ((theta, optimizer), (twin, other)):
        for _ in range(3):
            by.step(moved, waves(moved))
    np.testing.assert_array_equal(theta, twin)
    assert (theta != np.array(START)).all()


@every
def test_a_pickled_optimizer_carries_no_work_space(make):
    theta, optimizer = np.ones(10_000), make(0.1)
    optimizer.step(theta, theta.copy())
    arrays = 1 + len(optimizer.state)  # theta, and what it remembers
    assert len(pickle.dumps(optimizer)) < arrays * theta.nbytes + 2_000


def test_masked_arrays_are_refused():
    masked = np.ma.masked_array(np.ones(3), [0, 1, 0])
    with pytest.raises(TypeError, match=r"theta must be a plain array, got MaskedArray of float64 of shape"):
        SGD(0.1).step(masked, np.ones(3))
    with pytest.raises(TypeError, match=r"dtheta must be a plain array, got MaskedArray"):
        SGD(0.1).step(np.ones(3), masked)
    with pytest.raises(TypeError, match=r"dtheta must be a plain array, got MaskedArray"):
        clip_by_norm(masked, 1.0)


def test_half_precision_is_refused():
    with pytest.raises(
        TypeError, match=r"theta must be an array of float32 or float64, got float16 of shape"
    ):
        SGD(0.1).step(np.ones(3, np.float16), np.ones(3, np.float16))


def test_nesterov_needs_momentum():
    with pytest.raises(ValueError, match=r"nesterov needs a momentum above 0, got 0\.0"):
        SGD(0.1, nesterov=True)


@pytest.mark.parametrize(
    "make",
    [lambda n: staircase(0.1, every=n, factor=0.5), lambda n: cosine(0.1, n_steps=n)],
    ids=["staircase", "cosine"],
)
def test_a_number_of_steps_that_is_none_is_named(make):
    with pytest.raises(ValueError, match=r"(every|n_steps) must be an integer in \[1, inf\), got 0"):
        make(0)
    with pytest.raises(TypeError, match=r"(every|n_steps) must be an integer in \[1, inf\), got 2\.5"):
        make(2.5)


# ---- clipping -----------------------------------------------------------------------------------------------------


def test_clipping_returns_the_norm_and_keeps_the_direction():
    g = np.array([3.0, -4.0])
    assert clip_by_norm(g, 1.0) == 5
    np.testing.assert_allclose(g, [0.6, -0.8], rtol=1e-15)
    assert clip_by_norm(g, 2.0) == pytest.approx(1)
    np.testing.assert_allclose(g, [0.6, -0.8], rtol=1e-15)


def test_clipping_at_infinity_only_measures():
    g = np.array([3.0, -4.0])
    assert clip_by_norm(g, math.inf) == 5
    np.testing.assert_array_equal(g, [3, -4])


def test_the_norm_is_right_where_its_square_is_too_large_for_a_float32():
    g = np.full(4, 1e25, np.float32)
    norm = clip_by_norm(g, 1.0)
    assert norm == pytest.approx(2e25, rel=1e-6)
    assert type(norm) is float
    np.testing.assert_allclose(g, 0.5, rtol=1e-6)
    assert g.dtype == np.float32


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_gradient_without_a_direction_is_reported_and_left_alone(value):
    g = np.array([1.0, value])
    assert not math.isfinite(clip_by_norm(g, 1.0))
    np.testing.assert_array_equal(g, [1, value])


def test_clipping_needs_an_array_of_floats():
    with pytest.raises(TypeError, match="dtheta must be an array of floats, got list"):
        clip_by_norm([3.0, 4.0], 1.0)


def test_clipping_agrees_with_pytorch():
    # torch 2.13.0: SGD with momentum as above, after torch.nn.utils.clip_grad_norm_([theta], 0.5) in each of the
    # 20 steps, which divides by the norm + 1e-6, so that the last digits differ.
    optimizer, theta = SGD(0.1, momentum=0.9), np.array(START)
    for _ in range(20):
        g = waves(theta)
        clip_by_norm(g, 0.5)
        optimizer.step(theta, g)
    np.testing.assert_allclose(theta, [0.661913493268487, 0.0793977400557574, 1.38159011384691], atol=2e-6)


# ---- schedules ----------------------------------------------------------------------------------------------------


def test_schedules_by_hand():
    assert [constant(0.3)(n) for n in (0, 7)] == [0.3, 0.3]
    halves = staircase(1.0, every=2, factor=0.5)
    assert [halves(n) for n in range(6)] == [1, 1, 0.5, 0.5, 0.25, 0.25]
    wave = cosine(1.0, n_steps=4, end=0.2)
    ends = [0.2 + 0.8 * (1 + math.cos(math.pi * n / 4)) / 2 for n in range(5)]
    assert [wave(n) for n in range(7)] == pytest.approx([*ends, 0.2, 0.2])
    assert (wave(0), wave(2), wave(4)) == pytest.approx((1, 0.6, 0.2))


def test_a_warmup_rises_in_equal_parts_and_then_the_other_schedule_begins_its_own_count():
    after = cosine(0.8, n_steps=10)
    rise = warmup(after, n_steps=3)
    assert [rise(n) for n in range(3)] == pytest.approx([0.2, 0.4, 0.6])
    assert [rise(n) for n in range(3, 16)] == [after(n) for n in range(13)]
    assert warmup(0.8, n_steps=3)(100) == 0.8
    assert warmup(0.8, n_steps=0)(0) == 0.8


SCHEDULES = [
    constant(np.float64(0.1)),
    staircase(np.float64(0.1), every=2, factor=np.float64(0.5)),
    cosine(np.float64(0.1), n_steps=5, end=np.float64(0.01)),
    warmup(cosine(0.1, n_steps=5), n_steps=2),
    warmup(lambda n: np.float64(0.1), n_steps=2),
]
NAMES = ["constant", "staircase", "cosine", "warmup", "warmup of another"]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=NAMES)
def test_schedules_give_exactly_float_and_the_same_at_every_call(schedule):
    for n in (0, 1, 4, 100):
        rates = [schedule(n), schedule(np.int64(n)), schedule(n)]
        assert {type(rate) for rate in rates} == {float}
        assert rates[0] == rates[1] == rates[2]
        assert 0 <= rates[0] <= 0.1


@pytest.mark.parametrize("schedule", SCHEDULES[:-1], ids=NAMES[:-1])
def test_a_schedule_can_be_copied_and_pickled(schedule):
    for copied in (copy.deepcopy(schedule), pickle.loads(pickle.dumps(schedule))):
        assert [copied(n) for n in range(9)] == [schedule(n) for n in range(9)]


@pytest.mark.parametrize("rate", [None, "0.1", [0.1], 1j])
def test_a_schedule_that_gives_no_number_is_named(rate):
    with pytest.raises(ValueError, match=r"lr must give numbers in \[0, inf\), got .* at step 0"):
        SGD(lambda n: rate)
    with pytest.raises(ValueError, match=r"lr must give numbers in \[0, inf\), got .* at step 0"):
        warmup(lambda n: rate, n_steps=3)(1)


def test_an_optimizer_follows_its_schedule_step_by_step():
    optimizer, theta = SGD(staircase(1.0, every=2, factor=0.1)), np.zeros(1)
    changes = []
    for _ in range(4):
        before = theta[0]
        optimizer.step(theta, np.ones(1))
        changes.append(before - theta[0])
        assert optimizer.rate == pytest.approx(changes[-1])
    assert changes == pytest.approx([1, 1, 0.1, 0.1])
    assert optimizer.n_steps == 4


def test_cosine_ends_at_a_rate_of_0_which_moves_nothing():
    optimizer, theta = Adam(cosine(0.1, n_steps=1)), np.zeros(1)
    optimizer.step(theta, np.ones(1))
    after_one = theta.copy()
    optimizer.step(theta, np.ones(1))
    assert optimizer.rate == 0
    np.testing.assert_array_equal(theta, after_one)


@pytest.mark.parametrize("rate", [-0.1, math.nan, math.inf])
def test_a_schedule_that_gives_no_rate_is_named_with_its_step(rate):
    optimizer, theta = SGD(lambda n: rate if n == 1 else 0.1), np.zeros(1)
    optimizer.step(theta, np.ones(1))
    with pytest.raises(ValueError, match=rf"lr must give numbers in \[0, inf\), got {rate} at step 1"):
        optimizer.step(theta, np.ones(1))
