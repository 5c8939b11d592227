"""Put small errors into copies of the project and say which its checks notice: ``python -m mutants --seed 1 --n 200``."""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from mutants import equivalent
from mutants.copies import texts
from mutants.judge import CHROMIUM, Judge, copied
from mutants.kinds import GROUPS, sample
from mutants.places import Files, Mutant
from sitetools import digests
from sitetools.whole import as_json, replace

ROOT = Path(__file__).resolve().parent.parent
KEPT = Path(".cache", "mutants")  # the survivors of whole runs
COUNTS = re.compile(r"mutants/equivalent\.py|experiments/(?:results/)?caught\.\w+")  # which change no verdict


def measured(
    seed: int, n: int, jobs: int = 2, groups: list[str] | None = None
) -> tuple[list[Mutant], list[Mutant]]:
    """The mutants of a seed, and those of them that survived; every step is printed, and a whole run is kept.

    So survivors can be listed as equivalent, and counted anew, without putting them in again.
    """
    begun = time.monotonic()
    files = {uri: text for uri, text in texts(ROOT).items() if not COUNTS.fullmatch(uri)}
    mutants = [m for m in sample(files, seed, n) if not groups or m.group in groups]
    if not CHROMIUM:
        print("explorable: left out, no Chromium here")
        mutants = [m for m in mutants if m.group != "explorable"]

    def say(line: str) -> None:
        print(f"{time.monotonic() - begun:6.0f} s  {line}", flush=True)

    kept = ROOT / KEPT / f"{digest(files, mutants)}.json"
    if kept.is_file():
        numbers = json.loads(kept.read_text(encoding="utf-8"))
        say(f"kept from a run of the same errors on the same project: {kept.relative_to(ROOT)}")
        return mutants, [mutants[i] for i in numbers]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        judge = Judge(copied(ROOT, Path(folder), jobs), say)
        say(f"{len(mutants)} mutants of seed {seed}; the checks without any of them")
        judge.prepare()
        left = judge.survivors(mutants)
    kept.parent.mkdir(parents=True, exist_ok=True)
    replace(kept, as_json([i for i, m in enumerate(mutants) if m in left]))
    return mutants, left


def digest(files: Files, mutants: list[Mutant]) -> str:
    """A fingerprint of errors and of the project that they are put into."""
    return digests.of_data([files, list(map(str, mutants))])


def counted(mutants: list[Mutant], left: list[Mutant]) -> dict[str, tuple[int, int]]:
    """For each group and together: how many were noticed, of how many that change something."""
    same = [m for m in left if equivalent.reason(m)]
    put = Counter(m.group for m in mutants if m not in same)
    noticed = Counter(m.group for m in mutants if m not in left)
    found = {g: (noticed[g], put[g]) for g in GROUPS if put[g]}
    return found | {"together": (noticed.total(), put.total())}


def report(mutants: list[Mutant], left: list[Mutant]) -> list[str]:
    """The rate of each group, then every survivor, then those that change nothing."""
    same = [m for m in left if equivalent.reason(m)]
    lines = [f"{g:12}{noticed:4} of {put:3}" for g, (noticed, put) in counted(mutants, left).items()]
    for m in [m for m in left if m not in same]:
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
