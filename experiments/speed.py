"""How fast the package trains beside its peers, and beside the matrix products that nobody can do without."""

from __future__ import annotations

from typing import Any

QUESTION = "How long does an epoch take, beside scikit-learn, PyTorch and the bare matrix products?"
CONDITIONS = (
    "medians of 9 rounds in which all contenders train five epochs each, in turn, on the same random float32 data, "
    "from the same start in each round; "
    "two cores of a shared x86-64 machine without GPU; NumPy with OpenBLAS, scikit-learn, PyTorch for the CPU"
)
SEEDS: tuple[int, ...] = ()
ROUNDS = 9
SETTINGS: dict[str, Any] = {}
DERIVED: dict[str, str] = {}
TOLERANCE = {"*": None}


def once() -> dict[str, Any]:
    """The table of `python -m benchmarks`."""
    from benchmarks.measure import run

    return run(ROUNDS)
