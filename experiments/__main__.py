"""Measure, measure again, or say anew what was measured.

``python -m experiments record NAME``: run all seeds and write the result
``python -m experiments replay [--all] [NAME…]``: run one seed of each named or quick experiment, or of all, and compare
``python -m experiments describe NAME…``: write question, conditions, formulas and tolerances anew beside the same values
"""

from __future__ import annotations

import importlib
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from experiments import measure, replays, results
from sitetools import SiteError, digests, statistics

KEPT = Path(".cache", "experiments")  # runs of a recording that is not complete yet


def load(name: str) -> ModuleType:
    """The experiment of a name."""
    if name not in results.names():
        sys.exit(f"there is no experiment {name!r}; there are {', '.join(results.names())}")
    return importlib.import_module(f"experiments.{name}")


def record(name: str) -> None:
    """Measure, and write the result with what it was measured on; a run that fails leaves the old result whole."""
    experiment = load(name)
    path = results.source(name)
    code = digests.of_experiment(path, results.ROOT)
    package = digests.of_files(sorted((results.ROOT / "scratchmlp").glob("*.py")))
    kept = results.ROOT / KEPT / f"{name}-{code['code']}-{package}"
    held = results.described(experiment) | measure.record(experiment, kept)
    if digests.of_experiment(path, results.ROOT) != code:
        sys.exit(f"{path} changed while it was measured; nothing is written")
    results.write(name, held | {"digest": code, **results.surroundings()})
    shutil.rmtree(kept)
    print(f"experiments/results/{name}.json: {sum(held['seconds']['each']) + held['seconds']['once']:.1f} s")


def describe(name: str) -> None:
    """Write the words of an experiment anew, where its code and its values are those of the result."""
    held, path = results.read(name), results.source(name)
    stale = [m for m in statistics.check(held, path, results.ROOT) if "describe" not in m]
    if stale:
        sys.exit("\n".join(stale))
    now = digests.of_experiment(path, results.ROOT)
    results.write(name, held | results.described(load(name)) | {"digest": now})


def replay(names: list[str], *, everything: bool) -> None:
    """Run one seed of each experiment and say what came out otherwise than recorded; fail if anything did."""
    chosen = names or (replays.comparable() if everything else replays.quick(10))
    found: dict[str, list[str]] = {}
    for name in chosen:
        load(name)
        try:
            found[name] = replays.replay(name)
        except replays.NoDataError as error:
            print(f"{name}: skipped, {error}", flush=True)
            continue
        print(f"{name}: {len(found[name]) or 'nothing'} differs", flush=True)
    wrong = [line for lines in found.values() for line in lines]
    sys.exit("\n".join(wrong) if wrong else 0)


def main(arguments: list[str]) -> None:
    """Do as the command line says."""
    try:
        match arguments:
            case ["record", name]:
                record(name)
            case ["describe", *names] if names:
                for name in names:
                    describe(name)
            case ["replay", *names]:
                options: Any = {"everything": "--all" in names}
                replay([n for n in names if n != "--all"], **options)
            case _:
                sys.exit(__doc__)
    except SiteError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1:])
