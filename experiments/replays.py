"""One seed once more: does the package of today still give what was recorded?

What is tolerated stands in each experiment, as its `TOLERANCE`; without one a value must come out the same. On one
machine it does, to the last bit. Another kernel of the linear algebra adds in another order, and training carries that
on: the tolerances hold for OpenBLAS with the kernels SkylakeX, Haswell and Nehalem, with room for others.
"""

from __future__ import annotations

import importlib
from fnmatch import fnmatchcase
from typing import Any

from experiments import results
from experiments.measure import plain
from scratchmlp import datasets


class NoDataError(Exception):
    """A data set that an experiment needs cannot be had here."""


def comparable() -> list[str]:
    """The experiments that have anything to compare: not those that measure nothing but times."""
    return [name for name in results.names() if results.read(name)["tolerance"] != {"*": None}]


def quick(limit: float) -> list[str]:
    """The experiments of which one seed, with what no seed changes, took less than so many seconds when recorded."""
    return [name for name in comparable() if seconds(name) < limit]


def seconds(name: str) -> float:
    """What a replay of an experiment takes, by its record."""
    held = results.read(name)["seconds"]
    return held["once"] + (held["each"][0] if held["each"] else 0.0)


def replay(name: str) -> list[str]:
    """What comes out otherwise than recorded by more than the tolerance: one line each."""
    experiment = importlib.import_module(f"experiments.{name}")
    for needed in getattr(experiment, "NEEDS", ()):
        try:
            getattr(datasets, needed)()
        except (OSError, ImportError, ValueError) as error:
            raise NoDataError(f"{needed} cannot be had: {error}") from None
    held = results.read(name)
    came = {"settings": plain(experiment.SETTINGS), "once": plain(getattr(experiment, "once", dict)())}
    recorded = {"settings": held["settings"], "once": held["once"]}
    if held["seeds"]:
        came["runs"], recorded["runs"] = plain(experiment.run(held["seeds"][0])), first(held["runs"])
    return [
        f"{name}.{line}"
        for part in came
        for line in differences(recorded[part], came[part], held["tolerance"])
    ]


def first(runs: Any) -> Any:
    """Of a tree whose leaves are lists over seeds, the tree of the first seed."""
    if isinstance(runs, dict):
        return {key: first(inner) for key, inner in runs.items()}
    return [first(inner) for inner in runs] if isinstance(runs[0], list) else runs[0]


def differences(recorded: Any, came: Any, tolerance: dict[str, Any], path: str = "") -> list[str]:
    """Every leaf of two trees that differs by more than is tolerated at its path."""
    if isinstance(recorded, dict) and isinstance(came, dict) and recorded.keys() == came.keys():
        pairs = [(key, recorded[key], came[key]) for key in recorded]
    elif isinstance(recorded, list) and isinstance(came, list) and len(recorded) == len(came):
        pairs = [(str(n), a, b) for n, (a, b) in enumerate(zip(recorded, came, strict=True))]
    elif near(recorded, came, tolerated(path, tolerance)):
        return []
    else:
        return [f"{path}: recorded {shown(recorded)}, came {shown(came)}"]
    return [
        line for key, a, b in pairs for line in differences(a, b, tolerance, f"{path}.{key}" if path else key)
    ]


def tolerated(path: str, tolerance: dict[str, Any]) -> Any:
    """The tolerance of the first pattern that a path matches; 0 where none does."""
    return next((allowed for pattern, allowed in tolerance.items() if fnmatchcase(path, pattern)), 0)


def near(recorded: Any, came: Any, allowed: Any) -> bool:
    """Whether two leaves are as near as is allowed: a number, a share such as "5%", or null for a time, which may be any.

    Texts of numbers are compared number by number, other texts letter by letter.
    """
    if allowed is None:
        return True
    if isinstance(recorded, str) and isinstance(came, str) and recorded != came:
        return numeric(recorded, came, allowed)
    if isinstance(recorded, int | float) and isinstance(came, int | float):
        share = float(allowed[:-1]) / 100 * abs(recorded) if isinstance(allowed, str) else allowed
        return bool(abs(recorded - came) <= share)
    return bool(recorded == came)


def numeric(recorded: str, came: str, allowed: Any) -> bool:
    """Whether two lines of numbers are near in each."""
    try:
        pairs = list(zip(map(float, recorded.split()), map(float, came.split()), strict=True))
    except ValueError:
        return False
    return all(near(a, b, allowed) for a, b in pairs)


def shown(value: Any) -> str:
    """A value as a message can hold it."""
    text = repr(value)
    return text if len(text) < 80 else f"{text[:77]}…"
