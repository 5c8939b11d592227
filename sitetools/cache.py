"""What is kept between builds: by a key that names all that it was made from, and never trusted because it is there."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from pathlib import Path

from sitetools.whole import replace

SEAL = 32  # bytes of the digest before the content


def digest(*parts: str | bytes) -> str:
    """A key: a fingerprint of texts and bytes, told apart by their lengths."""
    held = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        held.update(len(data).to_bytes(8, "big") + data)
    return held.hexdigest()[:16]


def kept(folder: Path, key: str, suffix: str, make: Callable[[], bytes]) -> bytes:
    """The bytes that were kept under a key, if they are those that were written; else made anew and kept."""
    path = folder / f"{key}{suffix}"
    held = _sound(path)
    if held is None:
        held = make()
        write(path, hashlib.sha256(held).digest() + held)
    return held


def _sound(path: Path) -> bytes | None:
    """What a file holds behind the digest of it; None where there is no file, or it is not as it was written."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    seal, held = data[:SEAL], data[SEAL:]
    return held if hashlib.sha256(held).digest() == seal else None


def write(path: Path, data: bytes) -> None:
    """Keep bytes under a path; a folder that cannot be written keeps nothing."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, data)
