"""Files that are whole or not there: arrays in one .npz, and nothing in it that could run."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import ArrayLike, NDArray

from .checks import describe

Array = NDArray[Any]
PathLike = str | os.PathLike[str]


def write(path: PathLike, **arrays: ArrayLike) -> None:
    """Write arrays to one .npz file: beside the old one, and in its place once all is on the disk.

    Whatever stops the writing, a full disk or a crash, leaves the old file as it was. An OSError
    says so.
    """
    path = Path(path)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")  # renamed, not copied, later
    try:
        with open(part, "wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        reason = f"{error.strerror}; what was there before is untouched"
        raise OSError(error.errno, reason, str(path)) from error
    finally:
        part.unlink(missing_ok=True)


def read(path: PathLike, names: Iterable[str]) -> dict[str, Array]:
    """The named arrays of an .npz file; ValueError for one that is cut short or foreign. No pickles."""
    with open(path, "rb") as file:
        try:
            with NpzFile(file, allow_pickle=False) as npz:
                return {name: npz[name] for name in names}
        except Exception as error:  # what a broken archive raises is written nowhere
            raise ValueError(f"{path} must be a whole .npz file of ours, got: {error}") from error


def read_like(path: PathLike, names: Iterable[str], theta: Array) -> dict[str, Array]:
    """The named arrays of an .npz file, each of the shape and float type of theta."""
    arrays = read(path, names)
    for name, array in arrays.items():
        if describe(array) != describe(theta):
            raise ValueError(f"{path} must hold {describe(theta)} as {name}, got {describe(array)}")
    return arrays


def check_header(path: PathLike, **expected: str) -> None:
    """ValueError if the format or the architecture that an .npz file names is not the expected one."""
    for name, value in expected.items():  # a foreign file may lack both
        if (came := str(read(path, [name])[name])) != value:
            raise ValueError(f"{path} must have the {name} {value!r}, got {came!r}")
