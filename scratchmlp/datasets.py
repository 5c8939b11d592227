"""The data: real, small enough to train on in seconds, and the same for everybody.

Images are uint8 arrays (N, C, H, W) in every data set, so that code for one fits the next; labels
are (N,) integers. A dense network takes rows, x.reshape(len(x), -1), which copies nothing.

Where a data set comes with files, they are looked for in the folder SCRATCHMLP_DATA, and else
downloaded once. A file with a wrong checksum is a ValueError, datafiles.WrongChecksum, that holds its
path, the checksum expected and the one that came.
"""

from typing import NamedTuple

import numpy as np
from numpy.random import Generator

from .arrays import Array
from .checks import check_integer, check_rng, check_rows
from .datafiles import fetch, find, read_archive, read_cifar, read_idx, read_table, unpacked

BATCHES = [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]


class Split(NamedTuple):
    """Examples to train on, and examples that training never sees."""

    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array


def digits() -> tuple[Array, Array]:
    """1,797 handwritten digits: images (1797, 1, 8, 8), with values from 0 to 16, and labels (1797,).

    They come with scikit-learn, so nothing is downloaded: the test part of the Optical Recognition
    of Handwritten Digits (Alpaydin & Kaynak 1998, UCI). A scale of 1/16 brings the values to [0,
    1].
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise ImportError('the digits come with scikit-learn: pip install "scratchmlp[data]"') from error
    images, labels = load_digits(return_X_y=True)
    return images.astype(np.uint8).reshape(-1, 1, 8, 8), labels.astype(np.int64)


def mnist() -> Split:
    """70,000 handwritten digits: (60000, 1, 28, 28) to train on, (10000, 1, 28, 28) to test.

    LeCun, Bottou, Bengio & Haffner 1998, section III; CC BY-SA 3.0. Values from 0, the background,
    to 255.
    """
    return from_idx("mnist")


def fashion_mnist() -> Split:
    """70,000 pictures of clothes, in 10 classes and the shapes of MNIST.

    Xiao, Rasul & Vollgraf 2017; MIT licence. The classes: T-shirt, trouser, pullover, dress, coat,
    sandal, shirt, sneaker, bag, ankle boot. Values from 0, the background, to 255.
    """
    return from_idx("fashion-mnist")


def cifar10() -> Split:
    """60,000 photographs in 10 classes: (50000, 3, 32, 32) to train on, (10000, 3, 32, 32) to test.

    Krizhevsky 2009, chapter 3. The classes: airplane, automobile, bird, cat, deer, dog, frog,
    horse, ship, truck. The three channels are red, green and blue, with values from 0 to 255. These
    are the official pixels; SCRATCHMLP_DATA/cifar-10 may hold the batches as such, in
    cifar-10-batches-bin, or in the archive.
    """
    for folder in ("cifar-10", "cifar-10/cifar-10-batches-bin"):
        if find(f"{folder}/{BATCHES[0]}"):
            return from_batches({file: unpacked(folder, file, name=f"cifar-10/{file}") for file in BATCHES})
    return from_batches(read_archive(fetch("cifar-10/cifar-10-binary.tar.gz")))


def cifar10_jpeg75() -> Split:
    """CIFAR-10 in a copy that is not the official one: its pixels have been JPEGs of quality 75.

    The labels and the order are the official ones; the values are off by 6 on average. A result
    from this copy has to say so. There is no download: the batches must lie in
    SCRATCHMLP_DATA/cifar-10.
    """
    return from_batches(
        {file: unpacked("cifar-10", file, name=f"cifar-10-jpeg75/{file}") for file in BATCHES}
    )


def spambase() -> tuple[Array, Array]:
    """4,601 e-mails: features (4601, 57) in float64, and labels (4601,), 1 for 1,813 that are spam.

    Hopkins, Reeber, Forman & Suermondt 1999, UCI; CC BY 4.0. 48 features are frequencies of words
    and 6 of characters, in percent; the last 3 are lengths of runs of capitals: mean, longest, and
    sum.
    """
    table = read_table(fetch("spambase/spambase.data"), "spambase.data", n_columns=58)
    return table[:, :57].copy(), table[:, 57].astype(np.int64)


def split(x: Array, y: Array, *, n_test: int, rng: Generator) -> Split:
    """Set n_test examples aside for testing, by one random permutation; of the digits, 500 leave 1,297."""
    check_rows(x, y)
    check_integer("n_test", n_test, f"[1, {len(x)})")
    check_rng(rng)
    order = rng.permutation(len(x))
    test, train = order[:n_test], order[n_test:]
    return Split(x[train], y[train], x[test], y[test])


def from_idx(folder: str) -> Split:
    """Images and labels from the four files of MNIST, or of a data set in its format."""
    parts = []
    for part in ("train", "t10k"):
        images, labels = f"{part}-images-idx3-ubyte.gz", f"{part}-labels-idx1-ubyte.gz"
        parts.append(read_idx(fetch(f"{folder}/{images}"), images, n_axes=3)[:, None])  # (N, 1, H, W)
        parts.append(read_idx(fetch(f"{folder}/{labels}"), labels, n_axes=1).astype(np.int64))  # (N,)
    return Split(*parts)


def from_batches(files: dict[str, bytes]) -> Split:
    """Images and labels from the six batches of CIFAR-10, of which the last is for testing."""
    *train, test = (read_cifar(files[file], file) for file in BATCHES)
    images, labels = zip(*train, strict=True)
    return Split(np.concatenate(images), np.concatenate(labels), *test)
