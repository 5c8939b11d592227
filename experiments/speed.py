"""How fast the package trains beside its peers, and beside the matrix products that nobody can do without."""

from __future__ import annotations

from typing import Any

from benchmarks.contenders import ROWS

ROUNDS = 9
QUESTION = "How long does an epoch take, beside scikit-learn, PyTorch and the bare matrix products?"
CONDITIONS = (
    f"medians over {ROUNDS} rounds, in each of which all contenders train some epochs, several times for the smaller "
    "networks, in turn, on the same random float32 data, each time from the same start; ratios within a timing; two "
    "cores of a shared x86-64 machine without GPU; NumPy with OpenBLAS, scikit-learn, PyTorch for the CPU"
)
SEEDS: tuple[int, ...] = ()
SETTINGS: dict[str, Any] = {}
TOLERANCE = {"*": None}  # times: another machine, other values


def derived() -> dict[str, str]:
    """For each row: milliseconds of an epoch, and how many times as long one contender takes as another."""
    formulas = {}
    for name, row in ROWS.items():
        pairs = [("torch", "ours")]
        if not row.has_images:
            pairs += [("sklearn", "ours"), ("ours", "floor"), ("floor", "ours"), ("torch_floor", "floor")]
        if not row.has_images and row.rule == "sgd":
            pairs += [("ours", "bare"), ("bare", "floor")]
        for threads in (1, 2):
            at = f"rows.{name}.seconds.{threads}"
            to = f"rows.{name}.threads.{threads}"
            formulas[f"{to}.ms"] = f"1000 * median([{at}.ours]) / [rows.{name}.epochs]"
            formulas |= {f"{to}.{a}_over_{b}": f"median([{at}.{a}] / [{at}.{b}])" for a, b in pairs}
    return formulas


DERIVED = derived()


def once() -> dict[str, Any]:
    """The table of `python -m benchmarks --full`."""
    from benchmarks.measure import run

    return run(ROUNDS)
