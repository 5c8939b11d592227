"""The data are what they are said to be, and a split loses nothing."""

import gzip
import hashlib
import io
import sys
import tarfile

import numpy as np
import pytest

from scratchmlp import datafiles
from scratchmlp.datafiles import find
from scratchmlp.datasets import (
    BATCHES,
    cifar10,
    cifar10_jpeg75,
    digits,
    fashion_mnist,
    mnist,
    spambase,
    split,
)


def rng(seed=0):
    return np.random.default_rng(seed)


def idx(array):
    """An array of bytes as a gzipped IDX file."""
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return gzip.compress(bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes())


def test_digits_are_1797_images_of_8_by_8_bytes_from_0_to_16():
    pytest.importorskip("sklearn")
    x, y = digits()
    assert (x.shape, x.dtype, x.min(), x.max()) == ((1797, 1, 8, 8), np.uint8, 0, 16)
    assert (y.shape, y.dtype) == ((1797,), np.int64)
    assert np.bincount(y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_digits_are_those_of_scikit_learn_bit_for_bit():
    datasets = pytest.importorskip("sklearn.datasets")
    bunch = datasets.load_digits()
    x, y = digits()
    np.testing.assert_array_equal(x[:, 0], bunch.images)
    np.testing.assert_array_equal(y, bunch.target)


def test_rows_for_a_dense_network_are_a_view():
    pytest.importorskip("sklearn")
    x, _ = digits()
    assert np.shares_memory(x.reshape(len(x), -1), x)


def test_the_digits_need_scikit_learn_only_when_asked_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(
        ImportError, match=r'the digits come with scikit-learn: pip install "scratchmlp\[data\]"'
    ):
        digits()


def test_a_split_holds_every_example_once():
    x, y = np.arange(1797)[:, None], np.arange(1797) * 2
    data = split(x, y, n_test=500, rng=np.random.default_rng(0))
    assert (len(data.x_train), len(data.x_test)) == (1297, 500)
    assert sorted(np.concatenate([data.x_train, data.x_test])[:, 0]) == list(range(1797))
    for part, targets in ((data.x_train, data.y_train), (data.x_test, data.y_test)):
        np.testing.assert_array_equal(part[:, 0] * 2, targets)


def test_a_split_is_random_and_repeatable():
    x = np.arange(100)
    first, same, other = (split(x, x, n_test=30, rng=np.random.default_rng(seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.x_test, same.x_test)
    assert not np.array_equal(first.x_test, other.x_test)
    assert not np.array_equal(first.x_test, x[:30])


@pytest.mark.parametrize("n_test", [0, -1, 10, 11])
def test_a_test_set_that_leaves_nothing_is_named(n_test):
    with pytest.raises(ValueError, match=rf"n_test must be an integer in \[1, 10\), got {n_test}"):
        split(np.arange(10), np.arange(10), n_test=n_test, rng=rng())


def test_unequal_lengths_are_named():
    with pytest.raises(ValueError, match="x and y must hold one row for each example, got 10 and 9 rows"):
        split(np.arange(10), np.arange(9), n_test=2, rng=rng())


def test_what_can_not_be_split_is_named():
    with pytest.raises(ValueError, match=r"n_test must be an integer in \[1, 1\), got 1"):
        split(np.arange(1), np.arange(1), n_test=1, rng=rng())
    with pytest.raises(TypeError, match="x must be an array with one row for each example, got list"):
        split([1, 2, 3], np.arange(3), n_test=1, rng=rng())
    with pytest.raises(
        TypeError, match=r"y must be an array with one row for each example, got int64 of shape \(\)"
    ):
        split(np.arange(3), np.array(3), n_test=1, rng=rng())
    with pytest.raises(TypeError, match="rng must be a generator"):
        split(np.arange(3), np.arange(3), n_test=1, rng=0)


# ---- files, in small ------------------------------------------------------------------------------------------------


@pytest.fixture
def put(tmp_path, monkeypatch):
    """Puts a file into $SCRATCHMLP_DATA; its checksum becomes the one that is expected of a name."""
    sums = {}
    monkeypatch.setenv("SCRATCHMLP_DATA", str(tmp_path))
    monkeypatch.setattr(datafiles, "checksums", lambda: sums)

    def put(path, data, name=None):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
        sums[name or path] = hashlib.sha256(data).hexdigest()

    return put


@pytest.mark.parametrize(("load", "folder"), [(mnist, "mnist"), (fashion_mnist, "fashion-mnist")])
def test_the_four_files_of_mnist_become_images_and_labels(put, load, folder):
    images = {
        part: rng(n).integers(0, 256, (n, 28, 28), dtype=np.uint8) for part, n in (("train", 5), ("t10k", 3))
    }
    labels = {part: np.arange(len(images[part]), dtype=np.uint8) for part in images}
    for part in images:
        put(f"{folder}/{part}-images-idx3-ubyte.gz", idx(images[part]))
        put(f"{folder}/{part}-labels-idx1-ubyte.gz", idx(labels[part]))
    data = load()
    np.testing.assert_array_equal(data.x_train, images["train"][:, None])
    np.testing.assert_array_equal(data.x_test, images["t10k"][:, None])
    assert (data.y_train.tolist(), data.y_test.tolist()) == ([0, 1, 2, 3, 4], [0, 1, 2])
    assert {array.dtype for array in data[::2]} == {np.dtype(np.uint8)}
    assert {array.dtype for array in data[1::2]} == {np.dtype(np.int64)}


@pytest.mark.parametrize("dot", ["-", "."])
def test_unzipped_files_of_mnist_are_read_under_both_their_names(put, dot):
    images = rng(1).integers(0, 256, (5, 28, 28), dtype=np.uint8)
    for part in ("train", "t10k"):
        plain = {
            f"images{dot}idx3": gzip.decompress(idx(images)),
            f"labels{dot}idx1": gzip.decompress(idx(np.arange(5, dtype=np.uint8))),
        }
        for name, data in plain.items():
            put(f"mnist/{part}-{name}-ubyte", data, f"mnist/{part}-{name.replace('.', '-')}-ubyte")
    data = mnist()
    np.testing.assert_array_equal(data.x_train, images[:, None])
    assert data.y_test.tolist() == [0, 1, 2, 3, 4]


def records(n, seed):
    """n records of CIFAR-10: the bytes, the images and the labels."""
    images, labels = rng(seed).integers(0, 256, (n, 3, 32, 32), dtype=np.uint8), rng(seed).integers(0, 10, n)
    return b"".join(bytes([k]) + x.tobytes() for k, x in zip(labels, images, strict=True)), images, labels


def put_batches(put, folder, name):
    held = {file: records(1 + i, i) for i, file in enumerate(BATCHES)}
    for file, (data, _, _) in held.items():
        put(f"{folder}/{file}", data, f"{name}/{file}")
    return held


def assert_are_cifar(data, held):
    train, (_, images, labels) = [held[file] for file in BATCHES[:5]], held["test_batch.bin"]
    np.testing.assert_array_equal(data.x_train, np.concatenate([batch[1] for batch in train]))
    np.testing.assert_array_equal(data.y_train, np.concatenate([batch[2] for batch in train]))
    np.testing.assert_array_equal(data.x_test, images)
    np.testing.assert_array_equal(data.y_test, labels)


@pytest.mark.parametrize("folder", ["cifar-10", "cifar-10/cifar-10-batches-bin"])
def test_unpacked_batches_of_cifar_are_read_in_their_order(put, folder):
    held = put_batches(put, folder, "cifar-10")
    assert_are_cifar(cifar10(), held)


def test_the_archive_of_cifar_is_read_as_it_is(put, tmp_path):
    held, packed = {file: records(1 + i, i) for i, file in enumerate(BATCHES)}, io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for file in [*reversed(BATCHES), "readme.html"]:
            data = held[file][0] if file in held else b"text"
            info = tarfile.TarInfo(f"cifar-10-batches-bin/{file}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    put("cifar-10/cifar-10-binary.tar.gz", packed.getvalue())
    assert_are_cifar(cifar10(), held)
    assert [path.name for path in (tmp_path / "cifar-10").iterdir()] == ["cifar-10-binary.tar.gz"]


def test_the_jpeg_copy_of_cifar_has_a_name_of_its_own_and_is_refused_as_the_official_one(put):
    for i, file in enumerate(BATCHES):
        put(f"elsewhere/{file}", records(2, 100 + i)[0], f"cifar-10/{file}")
    held = put_batches(put, "cifar-10", "cifar-10-jpeg75")
    assert_are_cifar(cifar10_jpeg75(), held)
    with pytest.raises(
        ValueError, match=r"must have the sha256 .*, that of cifar-10-jpeg75/data_batch_1\.bin"
    ):
        cifar10()


@pytest.mark.parametrize(("load", "name"), [(cifar10, "cifar-10"), (cifar10_jpeg75, "cifar-10-jpeg75")])
def test_a_missing_batch_is_named(put, tmp_path, load, name):
    put_batches(put, "cifar-10", name)
    (tmp_path / "cifar-10" / "data_batch_4.bin").unlink()
    with pytest.raises(FileNotFoundError, match=r"must hold cifar-10/data_batch_4\.bin, got no such file"):
        load()


def test_spambase_is_57_features_and_a_label(put):
    rows = np.round(rng().random((4, 57)), 2)
    lines = [",".join(map(str, [*row, i % 2])) for i, row in enumerate(rows)]
    put("spambase/spambase.data", "\r\n".join(lines).encode())
    x, y = spambase()
    np.testing.assert_array_equal(x, rows)
    assert (y.tolist(), y.dtype) == ([0, 1, 0, 1], np.int64)


def test_a_wrong_checksum_is_refused(put, tmp_path):
    put("spambase/spambase.data", b"1,2")
    (tmp_path / "spambase" / "spambase.data").write_bytes(b"1,2,3")
    with pytest.raises(
        ValueError, match=r"spambase\.data must have the sha256 [0-9a-f]{64}, got [0-9a-f]{64}$"
    ):
        spambase()


# ---- the real ones, where they are ------------------------------------------------------------------------------------


def real(name):
    """Skips a test where $SCRATCHMLP_DATA does not hold a file: tests download nothing."""
    if not find(name):
        pytest.skip(f"$SCRATCHMLP_DATA holds no {name}")


def test_mnist_is_mnist():
    real("mnist/train-images-idx3-ubyte.gz")
    data = mnist()
    assert (data.x_train.shape, data.x_test.shape) == ((60000, 1, 28, 28), (10000, 1, 28, 28))
    assert data.y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert np.bincount(data.y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert data.x_train.mean() / 255 == pytest.approx(0.1307, abs=5e-5)
    assert data.x_train.std() / 255 == pytest.approx(0.3081, abs=5e-5)


def test_fashion_mnist_is_fashion_mnist():
    real("fashion-mnist/train-images-idx3-ubyte.gz")
    data = fashion_mnist()
    assert (data.x_train.shape, data.x_test.shape) == ((60000, 1, 28, 28), (10000, 1, 28, 28))
    assert data.y_train[:10].tolist() == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]
    assert np.bincount(data.y_train).tolist() == [6000] * 10
    assert data.x_train.mean() / 255 == pytest.approx(0.2860, abs=5e-5)


def test_spambase_is_spambase():
    real("spambase/spambase.data")
    x, y = spambase()
    assert (x.shape, x.dtype) == ((4601, 57), np.float64)
    assert np.bincount(y).tolist() == [2788, 1813]
    assert 0 == x[:, :54].min() < 1 < x[:, :54].max() <= 100  # in percent


def test_cifar_10_is_cifar_10_or_says_that_it_is_the_jpeg_copy():
    real("cifar-10/data_batch_1.bin")
    try:
        data = cifar10()
    except ValueError as error:
        assert "that of cifar-10-jpeg75/data_batch_1.bin" in str(error)  # noqa: PT017
        data = cifar10_jpeg75()
    assert (data.x_train.shape, data.x_test.shape) == ((50000, 3, 32, 32), (10000, 3, 32, 32))
    assert np.bincount(data.y_train).tolist() == [5000] * 10
    assert np.bincount(data.y_train[:10000]).tolist() == [
        1005,
        974,
        1032,
        1016,
        999,
        937,
        1030,
        1001,
        1025,
        981,
    ]
