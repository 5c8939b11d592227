"""Convolution and pooling: the loops of their definitions, the dense layer behind them, and what shifts do to them."""

import numpy as np
import pytest

from scratchmlp import windows
from scratchmlp.conv import (
    AveragePool2D,
    Conv2D,
    GlobalAveragePool2D,
    GlobalMaxPool2D,
    MaxPool2D,
    convolution_matrix,
)
from scratchmlp.datasets import digits, split
from scratchmlp.gradcheck import check_layer, check_network
from scratchmlp.initializers import he, normal
from scratchmlp.layers import Dense, Flatten, ReLU, Sigmoid
from scratchmlp.losses import cross_entropy
from scratchmlp.network import Network
from scratchmlp.optimizers import SGD
from scratchmlp.training import evaluate, fit


def rng(seed=0):
    return np.random.default_rng(seed)


def conv(C=2, M=3, k=3, dtype=np.float64, seed=0, **settings):
    layer = Conv2D(C, M, k, rng=rng(seed), dtype=dtype, **settings)
    layer.params["b"][...] = np.linspace(-0.3, 0.3, M)
    return layer


def images(N=2, C=2, H=7, W=6, dtype=np.float64, seed=1):
    return rng(seed).standard_normal((N, C, H, W)).astype(dtype)


def eighths(*shape, seed=1):
    """Random multiples of 1/8, of which sums and products are exact in floats."""
    return rng(seed).integers(-16, 17, shape) / 8


CONVOLUTIONS = [
    {},
    {"padding": 1},
    {"stride": 2},
    {"k": 2, "stride": 3, "padding": 2},
    {"k": 1},
    {"k": 5, "stride": 2, "padding": 3},
]
POOLS = [
    (MaxPool2D, 2, None),
    (MaxPool2D, 3, 2),
    (MaxPool2D, 2, 3),
    (MaxPool2D, 3, 1),
    (AveragePool2D, 2, None),
    (AveragePool2D, 3, 2),
    (AveragePool2D, 2, 3),
    (AveragePool2D, 3, 1),
]
MAKERS = {
    "Conv2D": conv,
    "Conv2D with stride and padding": lambda: conv(stride=2, padding=1),
    "MaxPool2D": lambda: MaxPool2D(2),
    "MaxPool2D, overlapping": lambda: MaxPool2D(3, stride=2),
    "AveragePool2D": lambda: AveragePool2D(2),
    "GlobalMaxPool2D": GlobalMaxPool2D,
    "GlobalAveragePool2D": GlobalAveragePool2D,
}
each_convolution = pytest.mark.parametrize("settings", CONVOLUTIONS, ids=str)
each_pool = pytest.mark.parametrize(("pool", "k", "stride"), POOLS)
each_layer = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())


def by_loops(x, W, b, stride, padding):
    """The definition of a convolution, one output and one product at a time."""
    M, C, k, _ = W.shape
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    N, _, H, width = x.shape
    y = np.zeros((N, M, (H - k) // stride + 1, (width - k) // stride + 1))
    for n, m, i, j in np.ndindex(y.shape):
        y[n, m, i, j] = b[m] + sum(
            W[m, c, u, v] * x[n, c, stride * i + u, stride * j + v] for c, u, v in np.ndindex(C, k, k)
        )
    return y


# ---- oracle ----


@each_convolution
def test_a_convolution_is_the_sum_over_its_window_and_the_channels(settings):
    layer, x = conv(**settings), images()
    expected = by_loops(x, layer.params["W"], layer.params["b"], layer.stride, layer.padding)
    np.testing.assert_allclose(layer.forward(x), expected, rtol=1e-12, atol=1e-14)


def test_an_edge_is_found_by_hand():
    layer = conv(C=1, M=1, k=2)
    layer.params["W"][...], layer.params["b"][...] = [[[[-1, 1], [-1, 1]]]], 0.5
    image = np.array([[0, 0, 3, 3], [0, 0, 3, 3], [0, 0, 3, 4]], float)
    expected = [[0.5, 6.5, 0.5], [0.5, 6.5, 1.5]]  # dark to bright counts; the kernel is not flipped
    np.testing.assert_array_equal(layer.forward(image[None, None]), [[expected]])


def test_padding_surrounds_the_image_with_zeros():
    layer = conv(C=1, M=1, k=3, padding=1)
    layer.params["W"][...], layer.params["b"][...] = 1, 0
    counts = layer.forward(np.ones((1, 1, 4, 4)))[0, 0]
    np.testing.assert_array_equal(counts, [[4, 6, 6, 4], [6, 9, 9, 6], [6, 9, 9, 6], [4, 6, 6, 4]])


@each_convolution
def test_rows_and_columns_that_only_begin_a_window_are_left_out(settings):
    layer = conv(**settings)
    for H, W in ((7, 6), (8, 9), (9, 8)):
        H_out, W_out = ((size + 2 * layer.padding - layer.k) // layer.stride + 1 for size in (H, W))
        assert layer.forward(images(H=H, W=W)).shape == (2, 3, H_out, W_out)


@pytest.mark.parametrize("layer", [conv(C=1, stride=3), MaxPool2D(3), AveragePool2D(3)])
def test_what_is_left_out_gets_no_gradient(layer):
    x = images(C=1, H=7, W=8)
    dx = layer.backward(np.ones_like(layer.forward(x, training=True)))
    changed = x.copy()
    changed[:, :, 6:], changed[:, :, :, 6:] = 9, 9
    np.testing.assert_array_equal(layer.forward(changed), layer.forward(x))
    assert not dx[:, :, 6:].any()
    assert not dx[:, :, :, 6:].any()
    assert dx[:, :, :6, :6].any()


@each_pool
def test_pooling_is_the_largest_or_the_mean_of_each_window(pool, k, stride):
    x, step = images(H=8, W=7), stride or k
    found = pool(k, stride=stride).forward(x)
    expected = np.empty((2, 2, (8 - k) // step + 1, (7 - k) // step + 1))
    for n, c, i, j in np.ndindex(expected.shape):
        seen = x[n, c, step * i : step * i + k, step * j : step * j + k]
        expected[n, c, i, j] = seen.max() if pool is MaxPool2D else seen.mean()
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_global_pooling_is_the_largest_or_the_mean_of_each_channel():
    x = images()
    np.testing.assert_array_equal(GlobalMaxPool2D().forward(x), x.max(axis=(2, 3)))
    np.testing.assert_allclose(GlobalAveragePool2D().forward(x), x.mean(axis=(2, 3)), rtol=1e-14)


@pytest.mark.parametrize("layer", [MaxPool2D(3), GlobalMaxPool2D()], ids=["MaxPool2D", "GlobalMaxPool2D"])
def test_of_equal_values_the_first_row_by_row_gets_the_whole_gradient(layer):
    image = np.array([[1, 2, 7], [2, 7, 7], [7, 1, 0]], float)
    layer.forward(np.stack([image, np.zeros((3, 3))])[:, None], training=True)
    dx = layer.backward(np.full((2, 1, 1, 1), 5.0).reshape(layer.forward(np.ones((2, 1, 3, 3))).shape))
    np.testing.assert_array_equal(dx[0, 0], [[0, 0, 5], [0, 0, 0], [0, 0, 0]])
    np.testing.assert_array_equal(dx[1, 0], [[5, 0, 0], [0, 0, 0], [0, 0, 0]])


def test_max_pooling_finds_its_way_in_windows_of_more_than_256_values():
    x = np.zeros((1, 1, 17, 17))
    x[0, 0, 16, 15] = 1
    layer = MaxPool2D(17)
    layer.forward(x, training=True)
    np.testing.assert_array_equal(layer.backward(np.ones((1, 1, 1, 1))), x)


@pytest.mark.parametrize("layer", [MaxPool2D(2), GlobalMaxPool2D()])
def test_the_largest_of_values_with_nan_is_nan(layer):
    x = np.array([[[[1.0, np.nan], [3.0, 2.0]]]])
    assert np.isnan(layer.forward(x)).all()


def test_a_value_in_several_windows_adds_up_their_gradients():
    x = np.zeros((1, 1, 3, 3))
    x[0, 0, 1, 1] = 1  # the largest value of all four windows
    layer = MaxPool2D(2, stride=1)
    layer.forward(x, training=True)
    dx = layer.backward(np.array([[[[1.0, 2.0], [3.0, 4.0]]]]))
    np.testing.assert_array_equal(dx, 10 * x)


# ---- gradient ----


@each_convolution
def test_gradients_of_a_convolution_are_right_in_every_coordinate(settings):
    assert check_layer(conv(**settings), images(), rng=rng(2)) < 1e-6


@each_pool
def test_gradients_of_pooling_are_right_in_every_coordinate(pool, k, stride):
    assert check_layer(pool(k, stride=stride), images(), rng=rng(2)) < 1e-6


@pytest.mark.parametrize("pool", [GlobalMaxPool2D, GlobalAveragePool2D])
def test_gradients_of_global_pooling_are_right_in_every_coordinate(pool):
    assert check_layer(pool(), images(), rng=rng(2)) < 1e-6


def test_gradients_at_full_size_are_right_along_random_directions():
    layer = conv(C=16, M=32, k=3, padding=1)
    assert check_layer(layer, images(N=8, C=16, H=14, W=14), rng=rng(2), n_projections=5) < 1e-6


@pytest.mark.parametrize("pool", [MaxPool2D, AveragePool2D])
def test_gradients_of_a_whole_network_are_right_in_every_coordinate(pool):
    layers = [conv(padding=1), ReLU(), pool(2), conv(3, 4, 2), Sigmoid(), Flatten()]
    network = Network([*layers, Dense(16, 3, rng=rng(3), dtype=np.float64)])
    assert check_network(network, images(), np.array([0, 2]), loss=cross_entropy, rng=rng(2)) < 1e-6


# ---- identity ----


@each_convolution
def test_a_convolution_is_a_dense_layer_with_tied_and_missing_weights(settings):
    layer, x = conv(**settings), images()
    W, b = layer.params["W"], layer.params["b"]
    matrix = convolution_matrix(W, 7, 6, stride=layer.stride, padding=layer.padding)
    y = layer.forward(x, training=True)
    dense = Dense(*matrix.shape, rng=rng(), dtype=np.float64)
    dense.params["W"][...], dense.params["b"][...] = matrix, np.repeat(b, y[0, 0].size)
    np.testing.assert_allclose(dense.forward(x.reshape(2, -1), training=True), y.reshape(2, -1), atol=1e-12)

    # Which weight stands where: 1, 2, ... instead of the weights, and 0 where there is none.
    tags = np.arange(1, W.size + 1).reshape(W.shape)
    tags = convolution_matrix(tags, 7, 6, stride=layer.stride, padding=layer.padding)
    np.testing.assert_array_equal(matrix, np.append(0, W)[tags])
    dy = images(*y.shape, seed=4)
    dx = layer.backward(dy)
    np.testing.assert_allclose(dense.backward(dy.reshape(2, -1)), dx.reshape(2, -1), atol=1e-12)
    tied = np.bincount(tags.ravel(), weights=dense.grads["W"].ravel(), minlength=W.size + 1)
    np.testing.assert_allclose(layer.grads["W"].ravel(), tied[1:], atol=1e-12)
    db = dense.grads["b"].reshape(len(b), -1).sum(axis=1)
    np.testing.assert_allclose(layer.grads["b"], db, atol=1e-12)


def test_a_convolution_matrix_by_hand():
    matrix = convolution_matrix(np.array([[[[1, 2], [3, 4]]]]), 2, 3)
    np.testing.assert_array_equal(matrix.T, [[1, 2, 0, 3, 4, 0], [0, 1, 2, 0, 3, 4]])


@pytest.mark.parametrize("stride", [1, 2])
def test_fold_is_the_transpose_of_unfold(stride):
    x = images().transpose(1, 2, 3, 0)
    columns = windows.unfold(x, 3, stride)
    c, back = rng(5).standard_normal(columns.shape), np.zeros(x.shape)
    windows.fold(c, back, 3, stride)
    assert np.vdot(columns, c) == pytest.approx(np.vdot(x, back), rel=1e-13)


def test_a_1_by_1_convolution_is_a_dense_layer_at_every_place():
    layer, x = conv(k=1), images()
    dense = Dense(2, 3, rng=rng(), dtype=np.float64)
    dense.params["W"][...], dense.params["b"][...] = layer.params["W"][:, :, 0, 0].T, layer.params["b"]
    by_place = dense.forward(x.transpose(0, 2, 3, 1).reshape(-1, 2)).reshape(2, 7, 6, 3)
    np.testing.assert_allclose(layer.forward(x), by_place.transpose(0, 3, 1, 2), atol=1e-14)


def test_a_convolution_of_a_shifted_image_is_the_shifted_convolution_exactly():
    layer = conv(padding=2)  # far enough from the border, all that the kernel reaches is still in the image
    layer.params["W"][...], layer.params["b"][...] = eighths(3, 2, 3, 3), 0
    x = np.zeros((2, 2, 16, 16))
    x[:, :, 3:7, 2:8] = eighths(2, 2, 4, 6)
    shifted = np.roll(x, (5, 4), axis=(2, 3))
    y, y_shifted = layer.forward(x), layer.forward(shifted)
    np.testing.assert_array_equal(y_shifted, np.roll(y, (5, 4), axis=(2, 3)))
    assert not np.array_equal(y_shifted, y)  # equivariant, and not invariant
    for pool in (GlobalMaxPool2D(), GlobalAveragePool2D()):
        np.testing.assert_array_equal(pool.forward(y_shifted), pool.forward(y))  # now it is invariant


def test_global_pooling_is_pooling_with_a_window_of_the_whole_image():
    x = images(H=5, W=5)
    for whole, pool in ((GlobalMaxPool2D(), MaxPool2D(5)), (GlobalAveragePool2D(), AveragePool2D(5))):
        y = whole.forward(x, training=True)
        np.testing.assert_allclose(y, pool.forward(x, training=True)[:, :, 0, 0], rtol=1e-14)
        dx = pool.backward(np.ones((2, 2, 1, 1)))
        np.testing.assert_allclose(whole.backward(np.ones((2, 2))), dx, rtol=1e-14)


@pytest.mark.parametrize("settings", [{"padding": 1}, {"stride": 2}, {"k": 2, "stride": 3}], ids=str)
def test_unfolding_in_small_parts_changes_nothing(monkeypatch, settings):
    x, whole = eighths(2, 2, 9, 8), conv(**settings)
    whole.params["W"][...] = eighths(*whole.params["W"].shape)
    dy = eighths(*whole.forward(x, training=True).shape, seed=3)
    y, dx, grads = whole.forward(x), whole.backward(dy), {k: g.copy() for k, g in whole.grads.items()}
    for block in (1, 400):  # a row of windows at a time, and some rows
        monkeypatch.setattr(windows, "BLOCK", block)
        np.testing.assert_array_equal(whole.forward(x, training=True), y)
        np.testing.assert_array_equal(whole.backward(dy), dx)
        for key, gradient in grads.items():
            np.testing.assert_array_equal(whole.grads[key], gradient)


@pytest.mark.parametrize(("stride", "H"), [(1, 20), (2, 21), (3, 22)])
def test_the_parts_of_the_work_are_as_large_as_allowed_and_cover_it_once(monkeypatch, stride, H):
    x = images(N=2, C=2, H=H, W=10).transpose(1, 2, 3, 0)
    whole = windows.unfold(x, 3, stride)
    a_row = 2 * 9 * ((10 - 3) // stride + 1) * 2  # the values of one row of windows
    for block, n_rows in ((10**6, H), (3 * a_row, 3), (4 * a_row - 1, 3), (a_row, 1), (1, 1)):
        monkeypatch.setattr(windows, "BLOCK", block)
        parts = [
            (windows.unfold(x[:, rows], 3, stride), columns) for rows, columns in windows.blocks(x, 3, stride)
        ]
        np.testing.assert_array_equal(np.concatenate([part for part, _ in parts], axis=1), whole)
        for part, columns in parts:
            np.testing.assert_array_equal(part, whole[:, columns])
        assert parts[0][0].size == min(n_rows * a_row, whole.size)


# ---- behaviour ----


def cnn(rng, channels=(16, 32)):
    """Two convolutions, pooled, for images of 8 by 8 values."""
    A, B = channels
    layers = [
        *(Conv2D(1, A, 3, padding=1, rng=rng), ReLU(), MaxPool2D(2)),
        *(Conv2D(A, B, 3, padding=1, rng=rng), ReLU(), MaxPool2D(2), Flatten()),
    ]
    return Network([*layers, Dense(4 * B, 10, rng=rng)])


def train(network, x, y, **settings):
    return fit(
        network, x, y, loss=cross_entropy, optimizer=SGD(0.05, momentum=0.9), batch_size=32, **settings
    )


def test_a_small_network_memorises_one_batch_even_with_random_labels():
    x, y = rng(1).random((32, 1, 8, 8), np.float32), rng(2).integers(0, 10, 32)
    history = train(cnn(rng(), channels=(8, 16)), x, y, n_epochs=300, rng=rng(3))
    assert history.loss[-1] < 0.05
    assert history.accuracy[-1] == 1


def test_a_small_network_reaches_97_percent_on_unseen_digits_over_three_seeds():
    pytest.importorskip("sklearn")
    accuracies = []
    for seed in range(3):
        splitting, weights, order = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(3))
        data, network = split(*digits(), n_test=500, rng=splitting), cnn(weights)
        train(network, data.x_train, data.y_train, n_epochs=10, rng=order, scale=1 / 16)
        score = evaluate(network, data.x_test, data.y_test, loss=cross_entropy, scale=1 / 16)
        accuracies.append(score.accuracy)
    assert np.mean(accuracies) >= 0.97


def test_a_convolution_starts_like_a_dense_layer_with_a_window_of_inputs():
    layer = Conv2D(20, 40, 3, rng=rng(), dtype=np.float64)
    np.testing.assert_array_equal(layer.params["W"], he((40, 20, 3, 3), rng=rng()))
    assert layer.params["W"].var() == pytest.approx(2 / (20 * 9), rel=0.05)
    assert not layer.params["b"].any()
    wide = Conv2D(2, 3, 3, initializer=normal(5.0), rng=rng())
    np.testing.assert_array_equal(wide.params["W"], normal(5.0)((3, 2, 3, 3), rng=rng()).astype(np.float32))


# ---- guard ----


def test_what_forward_kept_survives_a_forward_without_training_and_of_another_size():
    for make in MAKERS.values():
        layer, x = make(), images()
        dy = images(*layer.forward(x).shape, seed=3) if layer.forward(x).ndim == 4 else np.ones((2, 2))
        layer.forward(x, training=True)
        alone = layer.backward(dy)
        layer.forward(x, training=True)
        layer.forward(images(N=5, H=9, W=9, seed=6))
        np.testing.assert_array_equal(layer.backward(dy), alone)


def test_batches_of_different_sizes_leave_nothing_behind():
    for make in MAKERS.values():
        layer = make()
        for N in (4, 1, 3):
            x = images(N=N, seed=N)
            y = layer.forward(x, training=True)
            layer.backward(y)
            fresh = make()
            fresh.forward(x, training=True)
            fresh.backward(y)
            np.testing.assert_array_equal(y, fresh.forward(x))
            for key, gradient in fresh.grads.items():
                np.testing.assert_array_equal(layer.grads[key], gradient)


@each_layer
def test_each_image_is_taken_on_its_own(make):
    layer, x = make(), images(N=4)
    one_by_one = np.concatenate([layer.forward(x[n : n + 1]) for n in range(4)])
    np.testing.assert_allclose(layer.forward(x), one_by_one, rtol=1e-13, atol=1e-15)


@each_layer
def test_an_empty_batch_gives_an_empty_batch(make):
    layer = make()
    y, one = layer.forward(images(N=0), training=True), layer.forward(images(N=1))
    assert y.shape == (0, *one.shape[1:])
    assert layer.backward(y).shape == (0, 2, 7, 6)


@each_layer
def test_the_order_of_the_images_in_memory_does_not_matter(make):
    layer, x = make(), eighths(2, 2, 8, 8)
    for key, value in layer.params.items():
        layer.params[key] = eighths(*value.shape, seed=2)
    dy = eighths(*layer.forward(x, training=True).shape, seed=3)
    y, dx = layer.forward(x), layer.backward(dy)
    for axes in ((1, 2, 3, 0), (0, 2, 3, 1), (3, 2, 1, 0)):
        other = np.ascontiguousarray(x.transpose(axes)).transpose(np.argsort(axes))
        np.testing.assert_array_equal(layer.forward(other, training=True), y)
        np.testing.assert_array_equal(layer.backward(np.asfortranarray(dy)), dx)


@each_layer
def test_neither_direction_changes_what_it_is_given(make):
    layer, x = make(), images()
    kept = x.copy()
    dy = layer.forward(x, training=True).copy()
    kept_dy = dy.copy()
    layer.backward(dy)
    np.testing.assert_array_equal(x, kept)
    np.testing.assert_array_equal(dy, kept_dy)


@each_layer
def test_nothing_that_comes_back_is_memory_of_what_went_in(make):
    layer, x = make(), images()
    y = layer.forward(x, training=True)
    dx = layer.backward(y)
    assert not np.shares_memory(y, x)
    assert not np.shares_memory(dx, y)
    dx[...] = 0  # and it can be written to
    y[...] = 0


@each_layer
def test_backward_without_a_training_forward_raises(make):
    layer = make()
    y = layer.forward(images())
    with pytest.raises(RuntimeError, match=f"{type(layer).__name__}.backward needs a forward"):
        layer.backward(y)


@each_layer
def test_a_gradient_of_another_shape_is_named_and_not_broadcast(make):
    layer, x = make(), images()
    y = layer.forward(x)
    for dy in (y[:1], y[:, :1], y[..., :1], y[..., None], np.ones(1)):
        if dy.shape != y.shape:
            layer.forward(x, training=True)
            with pytest.raises(ValueError, match=r"^dy must have shape \(2, .*\), got f"):
                layer.backward(dy)


@each_layer
def test_a_second_backward_raises(make):
    layer = make()
    y = layer.forward(images(), training=True)
    layer.backward(y)
    with pytest.raises(RuntimeError, match=f"{type(layer).__name__}.backward needs a forward"):
        layer.backward(y)
    with pytest.raises(RuntimeError, match="needs a forward"):
        layer.backward_params(y)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_layers_keep_the_float_type_in_both_directions(dtype):
    x = images(dtype=dtype)
    pools = [MaxPool2D(2), AveragePool2D(2), GlobalMaxPool2D(), GlobalAveragePool2D()]
    for layer in (conv(dtype=dtype), conv(dtype=dtype, stride=2, padding=1), *pools):
        y = layer.forward(x, training=True)
        assert y.dtype == dtype
        assert layer.backward(y).dtype == dtype
        assert {a.dtype for d in (layer.params, layer.grads) for a in d.values()} <= {np.dtype(dtype)}


def test_parameters_and_gradients_of_a_convolution_belong_to_the_vectors_of_its_network():
    layer = Conv2D(2, 3, 3, rng=rng())
    network = Network([layer, GlobalMaxPool2D()])
    assert network.parameters().shape == (3 * 2 * 9 + 3,)
    network.backward(np.ones_like(network.forward(images(), training=True)))
    assert np.shares_memory(layer.params["W"], network.parameters())
    for key in ("W", "b"):
        assert layer.grads[key].shape == layer.params[key].shape
        assert np.shares_memory(layer.grads[key], network.gradients())
        assert layer.grads[key].any()


def test_the_first_layer_fills_the_same_gradients_without_that_of_its_input():
    layer, x = conv(padding=1), images()
    dy = images(*layer.forward(x, training=True).shape, seed=3)
    layer.backward(dy)
    full = {key: gradient.copy() for key, gradient in layer.grads.items()}
    layer.forward(x, training=True)
    assert layer.backward_params(dy) is None
    for key, gradient in full.items():
        np.testing.assert_array_equal(layer.grads[key], gradient)


def test_gradients_replace_the_ones_of_the_last_batch_and_do_not_add_up():
    layer, x = conv(), images()
    for seed in (3, 4):
        layer.backward(images(*layer.forward(x, training=True).shape, seed=seed))
    once = conv()
    once.backward(images(*once.forward(x, training=True).shape, seed=4))
    np.testing.assert_array_equal(layer.grads["W"], once.grads["W"])
    np.testing.assert_array_equal(layer.grads["b"], once.grads["b"])


def test_one_seed_gives_the_same_convolution_in_both_float_types():
    single, double = conv(dtype=np.float32), conv(dtype=np.float64)
    np.testing.assert_array_equal(single.params["W"], double.params["W"].astype(np.float32))
    assert Conv2D(1, 1, 1, rng=rng()).params["W"].dtype == np.float32


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"C": 0}, ValueError, r"C must be an integer in \[1, inf\), got 0"),
        ({"M": -1}, ValueError, r"M must be an integer in \[1, inf\), got -1"),
        ({"k": 0}, ValueError, r"k must be an integer in \[1, inf\), got 0"),
        ({"k": 2.5}, TypeError, r"k must be an integer in \[1, inf\), got 2\.5"),
        ({"stride": 0}, ValueError, r"stride must be an integer in \[1, inf\), got 0"),
        ({"padding": -1}, ValueError, r"padding must be an integer in \[0, inf\), got -1"),
        ({"padding": "same"}, TypeError, r"padding must be an integer in \[0, inf\), got 'same'"),
        ({"rng": 0}, TypeError, r"rng must be a generator, .* got int"),
        ({"rng": np.random.RandomState(0)}, TypeError, r"rng must be a generator, .* got RandomState"),
        ({"dtype": int}, TypeError, r"dtype must be float32 or float64, got int64"),
    ],
)
def test_bad_settings_of_a_convolution_are_named(settings, error, message):
    with pytest.raises(error, match=message):
        Conv2D(**({"C": 2, "M": 3, "k": 3, "rng": rng()} | settings))


def test_stride_and_padding_are_told_apart_by_name():
    with pytest.raises(TypeError, match="positional"):
        Conv2D(2, 3, 3, 1, rng=rng())
    with pytest.raises(TypeError, match="rng"):
        Conv2D(2, 3, 3)


@pytest.mark.parametrize("pool", [MaxPool2D, AveragePool2D])
def test_bad_settings_of_a_pool_are_named(pool):
    with pytest.raises(ValueError, match=r"k must be an integer in \[1, inf\), got 0"):
        pool(0)
    with pytest.raises(ValueError, match=r"stride must be an integer in \[1, inf\), got 0"):
        pool(2, stride=0)
    with pytest.raises(TypeError, match=r"stride must be an integer in \[1, inf\), got 1\.5"):
        pool(2, stride=1.5)


@each_layer
@pytest.mark.parametrize("shape", [(), (7,), (2, 7), (2, 7, 6), (2, 2, 0, 6), (2, 0, 7, 6), (1, 2, 2, 7, 6)])
def test_what_is_no_batch_of_images_is_named(make, shape):
    with pytest.raises(ValueError, match=r"x must have shape \(N, [2C], H, W\), got "):
        make().forward(np.ones(shape))


@each_layer
@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.ma.masked_greater(images(), 1), r"x must be a plain array, got MaskedArray of float64"),
        (images().tolist(), "x must be an array, got list"),
        (None, "x must be an array, got NoneType"),
        (images().astype(str), r"x must hold numbers, got <U\d+ of shape"),
        (images().astype(complex), "x must hold numbers, got complex128 of shape"),
    ],
    ids=["masked", "list", "None", "text", "complex"],
)
def test_what_is_no_array_of_numbers_is_named(make, x, message):
    with pytest.raises(TypeError, match=message):
        make().forward(x)


def test_a_wrong_number_of_channels_is_named():
    with pytest.raises(ValueError, match=r"x must have shape \(N, 2, H, W\), got \(4, 3, 7, 6\)"):
        conv().forward(images(4, 3))


def test_an_image_smaller_than_the_window_is_named():
    with pytest.raises(ValueError, match="x must be at least 5 by 5, padding included, got 4 by 8"):
        conv(k=5, padding=1).forward(images(H=2, W=6))
    for pool in (MaxPool2D(3), AveragePool2D(3)):
        with pytest.raises(ValueError, match=r"x must be at least 3 by 3, .* got 7 by 2"):
            pool.forward(images(W=2))
    with pytest.raises(ValueError, match=r"x must be at least 3 by 3, .* got 2 by 9"):
        convolution_matrix(np.ones((1, 1, 3, 3)), 2, 9)


@pytest.mark.parametrize("shape", [(3, 3), (1, 3, 3), (1, 1, 3, 2)])
def test_weights_that_are_no_kernels_are_named(shape):
    with pytest.raises(ValueError, match=r"W must have shape \(M, C, k, k\), got "):
        convolution_matrix(np.ones(shape), 5, 5)


def test_bad_settings_of_a_convolution_matrix_are_named():
    W = np.ones((1, 1, 3, 3))
    with pytest.raises(ValueError, match=r"stride must be an integer in \[1, inf\), got 0"):
        convolution_matrix(W, 5, 5, stride=0)
    with pytest.raises(ValueError, match=r"padding must be an integer in \[0, inf\), got -1"):
        convolution_matrix(W, 5, 5, padding=-1)
    with pytest.raises(TypeError, match=r"H must be an integer in \[1, inf\), got 5\.0"):
        convolution_matrix(W, 5.0, 5)
    with pytest.raises(TypeError, match="W must be an array, got list"):
        convolution_matrix(W.tolist(), 5, 5)
    with pytest.raises(TypeError, match="W must hold numbers, got <U"):
        convolution_matrix(W.astype(str), 5, 5)
