"""Files that are whole or not there: arrays in one .npz, and nothing in it that could run."""

import os
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import ArrayLike

from .arrays import Array
from .checks import describe

PathLike = str | os.PathLike[str]


class WrongFile(ValueError):  # noqa: N818 - says what is wrong, and is caught as such
    """A file that is whole, but not the one asked for: what it should have, what was expected, what came."""

    def __init__(self, path: PathLike, what: str, expected: str, came: str, note: str = "") -> None:
        super().__init__(path, what, expected, came, note)
        self.path, self.what, self.expected, self.came, self.note = Path(path), what, expected, came, note

    def __str__(self) -> str:
        return f"{self.path} must have the {self.what} {self.expected}, got {self.came}{self.note}"


class OtherNetwork(WrongFile):
    """A file that holds the parameters of a network of another architecture."""


def write(path: PathLike, **arrays: ArrayLike) -> None:
    """Write arrays to one .npz file: beside the old one, and in its place once all is on the disk.

    Whatever stops the writing, a full disk or a crash, leaves the old file as it was. An OSError
    says so. Of two calls at once, one wins, whole. A link stays, and what it leads to is replaced.
    """
    target = Path(os.path.realpath(checked(path)))
    part = target.with_name(f"{target.name}.{uuid4().hex}.part")  # of this call alone; renamed later
    try:
        with open(part, "xb") as file:
            save(file, arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
    except OSError as error:
        reason = f"{error.strerror}; what was there before is untouched"
        raise OSError(error.errno, reason, str(path)) from error
    finally:
        part.unlink(missing_ok=True)


def save(file: BinaryIO, arrays: dict[str, ArrayLike]) -> None:
    """Write arrays as .npz to an open file: what np.savez does, which before NumPy 2.2 closes nothing if it fails."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.asanyarray(array), allow_pickle=False)


def read(path: PathLike, names: Iterable[str]) -> dict[str, Array]:
    """The named arrays of an .npz file; ValueError for one that is cut short or foreign. No pickles."""
    with open(checked(path), "rb") as file:
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


def check_header(path: PathLike, *, format: str, architecture: str) -> None:
    """An error for an .npz file of another format, or of a network of another architecture."""
    for name, expected in {"format": format, "architecture": architecture}.items():  # foreign: may lack both
        if (came := str(read(path, [name])[name])) != expected:
            error = OtherNetwork if name == "architecture" else WrongFile
            raise error(path, name, repr(expected), repr(came))


def checked(path: PathLike) -> PathLike:
    """The path; TypeError for what is none: open would take a number for an open file."""
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path must be a text or a path, got {describe(path)}")
    return path
