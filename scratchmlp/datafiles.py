"""Files of others, which may be missing, broken or not what they claim: found, checked, read.

A file is looked for in the folder SCRATCHMLP_DATA, and else downloaded once into the user's cache,
which needs pooch. Either way it must have the checksum in datasets.sha256, so that a mirror is as
good as the original. Readers take bytes, so that no header can make them ask for more memory than
there is data.
"""

import gzip
import hashlib
import io
import math
import os
import tarfile
import textwrap
import zlib
from pathlib import Path

import numpy as np

from .arrays import Array
from .files import WrongFile

ADDRESSES = {  # of each data set: tried in this order
    "mnist": (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    "fashion-mnist": (
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ),
    "cifar-10": (
        "https://www.cs.toronto.edu/~kriz/",
        "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/",
    ),
    "spambase": (
        "https://archive.ics.uci.edu/ml/machine-learning-databases/spambase/",
        "https://web.archive.org/web/2020id_/https://archive.ics.uci.edu/ml/machine-learning-databases/spambase/",
    ),
}


class WrongChecksum(WrongFile):
    """A file whose sha256 is not that of the file it is taken for."""


def checksums() -> dict[str, str]:
    """The sha256 of each file, by its name, from a list as sha256sum writes it and checks it."""
    lines = Path(__file__).with_name("datasets.sha256").read_text(encoding="ascii").splitlines()
    return {name: sha256 for sha256, name in map(str.split, lines)}


def folder() -> Path | None:
    """The folder SCRATCHMLP_DATA, in which ~ is the home folder; an error if there is none of this name."""
    named = os.environ.get("SCRATCHMLP_DATA")
    if not named:
        return None
    path = Path(os.path.expanduser(named))
    if not path.is_dir():
        raise NotADirectoryError(f"SCRATCHMLP_DATA must name a folder, got {named!r}, which is none")
    return path


def find(name: str) -> Path | None:
    """Where a file lies under SCRATCHMLP_DATA, if it is there."""
    root = folder()
    return root / name if root and (root / name).is_file() else None


def unpacked(folder: str, file: str, *, name: str) -> bytes:
    """The content of a file that must lie in SCRATCHMLP_DATA, with the checksum of a name."""
    path = find(f"{folder}/{file}")
    if path is None:
        raise FileNotFoundError(f"$SCRATCHMLP_DATA must hold {folder}/{file}, got no such file")
    return verified(path, name)


def fetch(name: str) -> bytes:
    """The content of a file such as "spambase/spambase.data", from the folder or the cache.

    An IDX file may lie in the folder unzipped, as train-images-idx3-ubyte or, as some programs name
    it, train-images.idx3-ubyte.
    """
    plain = name.removesuffix(".gz")
    for spelling, known in {name: name, plain: plain, plain.replace("-idx", ".idx"): plain}.items():
        if known in checksums() and (path := find(spelling)):
            return verified(path, known)
    return verified(download(name), name)


def download(name: str) -> Path:
    """Where a file lies in the user's cache; if it is not there, the first address that has it gives it."""
    root = folder()
    put = (
        f"put it at {root / name}" if root else f"set SCRATCHMLP_DATA to a folder, and put it there as {name}"
    )
    try:
        import pooch
    except ImportError as error:
        asked = f'{name} must be downloaded by pooch: pip install "scratchmlp[data]"'
        raise ImportError(f"{asked}; or get it by other means, and {put}") from error
    group, _, file = name.partition("/")
    where, failures = pooch.os_cache("scratchmlp") / group, []
    for address in ADDRESSES[group]:
        # The download goes to another name first, and gets its own only if the checksum is right.
        try:
            return Path(pooch.retrieve(address + file, f"sha256:{checksums()[name]}", fname=file, path=where))
        except (OSError, ValueError) as error:
            failures.append(f"{address}{file}: {textwrap.shorten(str(error), 120)}")
    raise ConnectionError(
        f"{name} could not be downloaded; get it by other means, and {put}. Tried were " + "; ".join(failures)
    )


def verified(path: Path, name: str) -> bytes:
    """The content of a file; WrongChecksum if its checksum is not that of the file of this name."""
    data = path.read_bytes()
    came, sums = hashlib.sha256(data).hexdigest(), checksums()
    if came != sums[name]:
        known = "".join(f", that of {other}" for other in sums if sums[other] == came)
        raise WrongChecksum(path, "sha256", sums[name], came, known)
    return data


def read_idx(data: bytes, name: str, *, n_axes: int) -> Array:
    """The array of bytes in an IDX file, of MNIST's format (LeCun et al. 1998), zipped by gzip or not.

    The header is 0, 0, 8 for bytes, the number of axes, and each size in 4 bytes, the highest
    first.
    """
    try:
        raw = data if data.startswith(bytes(2)) else gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{name} must be a whole gzip file, got: {error}") from error
    start = 4 + 4 * n_axes
    if len(raw) < start or raw[:4] != bytes([0, 0, 8, n_axes]):
        raise ValueError(f"{name} must begin with 0, 0, 8, {n_axes} and {n_axes} sizes, got {[*raw[:4]]}")
    shape = tuple(np.frombuffer(raw, ">u4", n_axes, offset=4).tolist())
    if (n := math.prod(shape)) != len(raw) - start:
        raise ValueError(f"{name} must hold {n} bytes, as its header says: {shape}, got {len(raw) - start}")
    return np.frombuffer(raw, np.uint8, offset=start).reshape(shape).copy()  # can be written to


def read_cifar(data: bytes, name: str) -> tuple[Array, Array]:
    """Images (N, 3, 32, 32) and labels (N,) from a binary batch of CIFAR-10 (Krizhevsky 2009).

    Each record is a label and the 1,024 values of its red, of its green and of its blue plane, row
    by row.
    """
    size = 1 + 3 * 32 * 32
    if not data or len(data) % size:
        raise ValueError(f"{name} must hold whole records of {size} bytes, got {len(data)} bytes")
    records = np.frombuffer(data, np.uint8).reshape(-1, size)  # (N, 3073)
    labels = records[:, 0].astype(np.int64)
    if labels.max() > 9:
        i = int(labels.argmax())
        raise ValueError(f"{name} must hold labels in [0, 10), got {labels[i]} in record {i}")
    return records[:, 1:].reshape(-1, 3, 32, 32).copy(), labels


def read_archive(data: bytes) -> dict[str, bytes]:
    """The files in a tar archive, by their names without folders; nothing is unpacked to disk."""
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        files = {Path(member.name).name: tar.extractfile(member) for member in tar if member.isfile()}
        return {name: file.read() for name, file in files.items() if file}


def read_table(data: bytes, name: str, *, n_columns: int) -> Array:
    """The numbers (N, n_columns) in a CSV file without a header, in float64."""
    rows = [line.split(",") for line in data.decode("latin-1").splitlines()]
    for i, row in enumerate(rows, 1):
        if len(row) != n_columns:
            raise ValueError(f"{name} must hold {n_columns} numbers in each line, got {len(row)} in line {i}")
    try:
        table = np.array(rows, np.float64).reshape(-1, n_columns)
    except ValueError as error:
        raise ValueError(f"{name} must be a table of numbers, got: {error}") from error
    if not (len(table) and np.isfinite(table).all()):
        raise ValueError(f"{name} must hold finite numbers, and some, got a table of shape {table.shape}")
    return table
