"""Losses are means over the batch, and their gradients already hold the 1/N."""

import math

import numpy as np
import pytest

from scratchmlp.losses import binary_cross_entropy, cross_entropy, mean_squared_error

# loss, outputs, targets, and what PyTorch 2.13.0 gave for them in float64: the loss of torch.nn.functional
# (cross_entropy, binary_cross_entropy_with_logits, mse_loss), and the outputs' .grad after backward().
PYTORCH = {
    "cross_entropy": (
        cross_entropy,
        [[1.2, -0.5, 3.0], [0.3, 2.0, -1.0]],
        [0, 1],
        1.0937910778990292,
        [
            [-0.430865995928918, 0.012629643495581, 0.418236352433336],
            [0.074112731442111, -0.094310807028678, 0.020198075586567],
        ],
    ),
    "binary_cross_entropy": (
        binary_cross_entropy,
        [[1.2], [-0.4], [3.0]],
        [[1], [1], [0]],
        1.4082950237705754,
        [[-0.077158405500327], [-0.199562553370817], [0.317524708940811]],
    ),
    "mean_squared_error": (
        mean_squared_error,
        [[1.2, 0.5], [-0.4, 2.0]],
        [[1.0, 0.0], [0.5, 1.0]],
        0.525,
        [[0.1, 0.25], [-0.45, 0.5]],
    ),
}
each_loss = pytest.mark.parametrize("case", PYTORCH.values(), ids=PYTORCH.keys())


@each_loss
def test_loss_and_gradient_agree_with_recorded_pytorch(case):
    loss, outputs, targets, expected, expected_gradient = case
    value, gradient = loss(np.array(outputs), np.array(targets))
    assert value == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(gradient, expected_gradient, atol=1e-14)


@each_loss
def test_gradient_is_right_in_every_coordinate(case):
    loss, outputs, targets, *_ = case
    outputs, targets, step = np.array(outputs), np.array(targets), 1e-5
    _, gradient = loss(outputs, targets)
    for i in np.ndindex(outputs.shape):
        move = np.zeros_like(outputs)
        move[i] = step
        slope = (loss(outputs + move, targets)[0] - loss(outputs - move, targets)[0]) / (2 * step)
        assert gradient[i] == pytest.approx(slope, rel=1e-6)


@each_loss
def test_the_same_batch_twice_has_the_same_loss_and_half_the_gradient_per_example(case):
    loss, outputs, targets, *_ = case
    outputs, targets = np.array(outputs), np.array(targets)
    once, gradient = loss(outputs, targets)
    twice, gradient_of_two = loss(np.concatenate([outputs, outputs]), np.concatenate([targets, targets]))
    assert twice == pytest.approx(once, rel=1e-14)
    np.testing.assert_allclose(gradient_of_two[: len(outputs)], gradient / 2, rtol=1e-14)


@each_loss
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_loss_is_a_float_and_the_gradient_keeps_the_float_type(case, dtype):
    loss, outputs, targets, *_ = case
    outputs = np.array(outputs, dtype)
    kept = outputs.copy()
    value, gradient = loss(outputs, np.array(targets))
    assert type(value) is float
    assert (gradient.shape, gradient.dtype) == (outputs.shape, outputs.dtype)
    np.testing.assert_array_equal(outputs, kept)


def test_the_memory_order_of_the_logits_does_not_matter():
    _, outputs, labels, expected, expected_gradient = PYTORCH["cross_entropy"]
    value, gradient = cross_entropy(np.asfortranarray(outputs), np.array(labels))
    assert value == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(gradient, expected_gradient, atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cross_entropy_is_finite_for_logits_of_ten_thousand(dtype):
    logits = np.array([[1e4, -1e4], [-1e4, 1e4]], dtype)
    with np.errstate(all="raise", under="ignore"):
        assert cross_entropy(logits, np.array([1, 1]))[0] == 1e4
        assert cross_entropy(logits, np.array([0, 1]))[0] == 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_binary_cross_entropy_is_finite_for_logits_of_ten_thousand(dtype):
    logits = np.array([[1e4], [-1e4]], dtype)
    with np.errstate(all="raise", under="ignore"):
        assert binary_cross_entropy(logits, np.array([0, 1]))[0] == 1e4
        assert binary_cross_entropy(logits, np.array([1, 0]))[0] == 0


def test_the_gradient_of_a_sure_and_right_answer_keeps_its_digits():
    logits = np.array([20.0, -20.0], np.float32)
    _, gradient = binary_cross_entropy(logits, np.array([1, 0]))
    np.testing.assert_allclose(gradient, [-2.0611536e-9 / 2, 2.0611536e-9 / 2], rtol=1e-6)


@each_loss
def test_masked_arrays_and_half_precision_are_refused(case):
    loss, outputs, targets, *_ = case
    outputs, targets = np.array(outputs), np.array(targets)
    with pytest.raises(TypeError, match=r"must be a plain array, got MaskedArray"):
        loss(np.ma.masked_array(outputs, outputs > 1), targets)
    with pytest.raises(TypeError, match=r"must be a plain array, got MaskedArray"):
        loss(outputs, np.ma.masked_array(targets, targets > 0))
    with pytest.raises(TypeError, match=r"must be an array of float32 or float64, got float16"):
        loss(outputs.astype(np.float16), targets)


@each_loss
def test_targets_may_be_lists_but_not_objects_of_another_library(case):
    loss, outputs, targets, expected, _ = case
    assert loss(np.array(outputs), targets)[0] == pytest.approx(expected, rel=1e-12)

    class Series:
        def __array__(self, dtype=None, copy=None):
            return np.array(targets)

    with pytest.raises(TypeError, match=r"must be an array, got Series: convert it by np\.asarray"):
        loss(np.array(outputs), Series())


@each_loss
def test_the_check_of_a_loss_knows_all_targets_without_any_outputs(case):
    loss, outputs, targets, *_ = case
    shape = np.shape(outputs)
    loss.check(shape, np.array(targets))
    wrong = np.array(targets) + 0.5 if loss.outputs == "logits" else np.array(targets)[:1]
    with pytest.raises(ValueError, match="must") as by_check:
        loss.check(shape, wrong)
    with pytest.raises(ValueError, match="must") as by_loss:
        loss(np.array(outputs), wrong)
    assert str(by_check.value) == str(by_loss.value)


def test_losses_agree_with_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    logits, labels = rng.standard_normal((50, 4)), rng.integers(0, 4, 50)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert cross_entropy(logits, labels)[0] == pytest.approx(metrics.log_loss(labels, p, labels=range(4)))
    logit, label = logits[:, :1], labels % 2
    p = 1 / (1 + np.exp(-logit[:, 0]))
    assert binary_cross_entropy(logit, label)[0] == pytest.approx(metrics.log_loss(label, p))
    targets = rng.standard_normal((50, 4))
    assert mean_squared_error(logits, targets)[0] == pytest.approx(
        metrics.mean_squared_error(targets, logits)
    )


def test_losses_agree_with_pytorch_where_it_is_installed():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    logits, labels = rng.standard_normal((50, 4)), rng.integers(0, 4, 50)
    z = torch.tensor(logits, requires_grad=True)
    expected = torch.nn.functional.cross_entropy(z, torch.tensor(labels))
    expected.backward()
    value, dlogits = cross_entropy(logits, labels)
    assert value == pytest.approx(expected.item(), rel=1e-13)
    np.testing.assert_allclose(dlogits, z.grad.numpy(), atol=1e-15)


def test_equal_logits_cost_log_K_whatever_the_label():
    assert cross_entropy(np.zeros((3, 10)), np.array([0, 4, 9]))[0] == pytest.approx(math.log(10))
    assert binary_cross_entropy(np.zeros((2, 1)), np.array([0, 1]))[0] == pytest.approx(math.log(2))


def test_two_class_cross_entropy_is_binary_cross_entropy_of_the_difference():
    rng = np.random.default_rng(0)
    logits, labels = rng.standard_normal((20, 2)), rng.integers(0, 2, 20)
    binary, dlogit = binary_cross_entropy(logits[:, 1] - logits[:, 0], labels)
    value, dlogits = cross_entropy(logits, labels)
    assert binary == pytest.approx(value)
    np.testing.assert_allclose(dlogit, dlogits[:, 1], atol=1e-15)


def test_one_column_of_outputs_takes_targets_without_the_column():
    for loss in (binary_cross_entropy, mean_squared_error):
        outputs, targets = np.array([[0.3], [-1.0]]), np.array([0, 1])
        value, gradient = loss(outputs, targets)
        expected, expected_gradient = loss(outputs, targets[:, None])
        assert value == expected
        np.testing.assert_array_equal(gradient, expected_gradient)


@pytest.mark.parametrize("wrong", [10, -1])
@pytest.mark.parametrize("dtype", [np.int64, np.int8, np.uint8])
def test_a_label_out_of_range_is_named_with_its_position(wrong, dtype):
    if wrong < 0 and dtype == np.uint8:
        wrong = 255
    labels = np.zeros(50, dtype)
    labels[37] = wrong
    with pytest.raises(
        ValueError, match=rf"labels must be integers in \[0, 10\), got {wrong} at position 37"
    ):
        cross_entropy(np.zeros((50, 10)), labels)


def test_a_binary_label_that_is_neither_0_nor_1_is_named_with_its_position():
    with pytest.raises(ValueError, match="labels must be 0 or 1, got 2 at position 1"):
        binary_cross_entropy(np.zeros((3, 1)), np.array([0, 2, 1]))


@pytest.mark.parametrize(
    ("loss", "outputs", "targets", "message"),
    [
        (cross_entropy, (4, 3), np.zeros(4), r"labels must be integers of shape \(4,\), got float64"),
        (cross_entropy, (4, 3), np.zeros(4, bool), r"labels must be integers of shape \(4,\), got bool"),
        (cross_entropy, (4, 3), np.zeros((4, 1), int), r"labels must be integers of shape \(4,\)"),
        (cross_entropy, (4, 1), np.zeros(4, int), r"logits must have shape \(N, K\) with N >= 1 and K >= 2"),
        (cross_entropy, (0, 3), np.zeros(0, int), r"logits must have shape \(N, K\) with N >= 1"),
        (binary_cross_entropy, (4, 2), np.zeros((4, 2), int), r"logits must have shape \(N, 1\) or \(N,\)"),
        (
            binary_cross_entropy,
            (4, 1),
            np.zeros(3, int),
            r"labels must have the shape of the outputs, \(4, 1\)",
        ),
        (mean_squared_error, (4, 2), np.zeros(4), r"targets must have the shape of the outputs, \(4, 2\)"),
        (mean_squared_error, (4,), np.zeros((4, 1)), r"targets must have the shape of the outputs, \(4,\)"),
        (
            mean_squared_error,
            (0, 2),
            np.zeros((0, 2)),
            r"targets must have the shape of the outputs, \(0, 2\)",
        ),
    ],
)
def test_wrong_shapes_and_types_are_named(loss, outputs, targets, message):
    with pytest.raises(ValueError, match=message):
        loss(np.zeros(outputs), targets)
