"""Put small errors into copies of the project and say which its checks notice: ``python -m mutants --seed 1 --n 200``."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from mutants import equivalent
from mutants.copies import texts
from mutants.judge import CHROMIUM, Judge, copied
from mutants.kinds import GROUPS, sample
from mutants.places import Mutant

ROOT = Path(__file__).resolve().parent.parent


def measured(
    seed: int, n: int, jobs: int = 2, groups: list[str] | None = None
) -> tuple[list[Mutant], list[Mutant]]:
    """The mutants of a seed that count, and those of them that survived; every step is printed."""
    begun = time.monotonic()
    mutants = [m for m in sample(texts(ROOT), seed, n) if not groups or m.group in groups]
    if not CHROMIUM:
        print("explorable: left out, no Chromium here")
        mutants = [m for m in mutants if m.group != "explorable"]

    def say(line: str) -> None:
        print(f"{time.monotonic() - begun:6.0f} s  {line}", flush=True)

    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        judge = Judge(copied(ROOT, Path(folder), jobs), say)
        say(f"{len(mutants)} mutants of seed {seed}; the checks without any of them")
        judge.prepare()
        left = judge.survivors(mutants)
    return mutants, left


def report(mutants: list[Mutant], left: list[Mutant]) -> list[str]:
    """The rate of each group, then every survivor, then those that change nothing."""
    same = [m for m in left if equivalent.reason(m)]
    alive = [m for m in left if m not in same]
    put, survived = Counter(m.group for m in mutants if m not in same), Counter(m.group for m in alive)
    lines = [f"{g:12}{put[g] - survived[g]:4} of {put[g]:3}" for g in GROUPS if put[g]]
    lines.append(f"{'together':12}{put.total() - survived.total():4} of {put.total():3}")
    for m in alive:
        lines += ["", f"{m.group}: {m.uri}:{m.line}", f"  - {m.old!r}", f"  + {m.new!r}"]
    for m in same:
        lines += [
            "",
            f"changes nothing: {m.uri}:{m.line}: {equivalent.reason(m)}",
            f"  - {m.old!r}",
            f"  + {m.new!r}",
        ]
    return lines


def main() -> None:
    """Judge the mutants of a seed; the exit status is 1 if one survives that changes something."""
    parser = argparse.ArgumentParser(prog="mutants", description="How many small errors the checks notice.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2, help="copies at work at the same time")
    parser.add_argument(
        "--group", action="append", default=[], choices=list(GROUPS), help="these groups alone"
    )
    options = parser.parse_args()
    mutants, left = measured(options.seed, options.n, options.jobs, options.group)
    print("\n".join(report(mutants, left)))
    sys.exit(any(not equivalent.reason(m) for m in left))


if __name__ == "__main__":
    main()
