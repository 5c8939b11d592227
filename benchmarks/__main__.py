"""Time each training beside the peers, and print a table: ``python -m benchmarks``, with ``--full`` for all of it."""

from __future__ import annotations

import argparse
import json
from statistics import median
from typing import Any

from benchmarks.measure import Seconds, run

LIMIT = 150  # seconds for the rounds, so that with start and end it takes at most three minutes
RATIOS = (
    ("ours", "bare"),
    ("ours", "floor"),
    ("torch", "ours"),
    ("sklearn", "ours"),
    ("torch_floor", "floor"),
)


def ratios(seconds: Seconds, a: str, b: str) -> list[float]:
    """How many times as long a took as b, in each timing; empty where one of them has none."""
    return [x / y for x, y in zip(seconds.get(a, []), seconds.get(b, []), strict=False)]


def lines(result: dict[str, Any]) -> list[str]:
    """The table: medians of the time of an epoch in milliseconds, and of the ratios within a timing."""
    found = [header()]
    for name, row in result["rows"].items():
        for threads, seconds in row["seconds"].items():
            ms = 1000 * median(seconds["ours"]) / row["epochs"]
            cells = [f"{median(r):.2f}" if (r := ratios(seconds, a, b)) else "–" for a, b in RATIOS]
            found.append(table_line(name, threads, f"{ms:.2f}", *cells))
    for name, peaks in result["peak_mib"].items():
        found.append(f"{name}: peak memory " + ", ".join(f"{c} {mib:.0f} MiB" for c, mib in peaks.items()))
    return [*found, *conditions(result)]


def header() -> str:
    """The names of the columns."""
    return table_line("", "threads", "ours, ms", *(f"{a} / {b}" for a, b in RATIOS))


def table_line(name: str, *cells: str) -> str:
    """A row's name, and its cells under those of the header."""
    return f"{name:24}" + "".join(
        f"{cell:>{width}}" for cell, width in zip(cells, (8, 10, *[20] * 5), strict=True)
    )


def conditions(result: dict[str, Any]) -> list[str]:
    """On what it was measured, in words."""
    machine, versions = result["machine"], result["versions"]
    blas = ", ".join(f"{b['of']}: {b['name']} {b['version']} ({b['kernel']})" for b in machine["blas"])
    return [
        f"{result['rounds']} rounds; {machine['processor']}, {machine['cores']} cores; {blas}",
        ", ".join(f"{package} {v}" for package, v in versions.items() if v),
        *(f"{name} was set; measured without it" for name in result["left_out"]),
    ]


def main() -> None:
    """Print the table; with --json, print the raw result as JSON instead."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Training speed beside the peers.")
    parser.add_argument("--full", action="store_true", help="one and two threads, memory, and all rounds")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--row", action="append", default=[], help="a row to time; all where none is given")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    some: dict[str, Any] = {} if options.full else {"threads": (1,), "memory": False, "limit": LIMIT}
    result = run(options.rounds, rows=tuple(options.row), **some)
    print(json.dumps(result) if options.json else "\n".join(lines(result)))


if __name__ == "__main__":
    main()
