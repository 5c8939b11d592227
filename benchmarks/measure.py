"""How it is timed: in rounds, so that a machine that slows down slows down everyone. What comes out is raw.

A round goes through all rows; for each it times every contender in turn, as often as the row says. The timings of one
index belong to one another: they were taken one right after the other, ours and the bare loop always as neighbours, and
neither always first. Medians and ratios are left to whoever reads.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_info, threadpool_limits

from benchmarks.contenders import CONTENDERS, HAS_TORCH, ROWS, Row

ROOT = Path(__file__).resolve().parent.parent
FORCING = (
    "OPENBLAS_CORETYPE",
    "OPENBLAS_L2_SIZE",
)  # they force an old kernel, or another blocking, on NumPy alone
TURNS = (
    ("ours", "bare"),
    ("floor", "torch_floor"),
    ("torch",),
    ("sklearn",),
)  # neighbours, in the order of turns
Seconds = dict[str, list[float]]


def forced() -> list[str]:
    """The variables set that would force NumPy's library for matrices to be slower than it is."""
    return [name for name in FORCING if name in os.environ]


def run(rounds: int, **settings: Any) -> dict[str, Any]:
    """The raw timings that `measured` takes, by a process of its own where the surroundings force a kernel."""
    if names := forced():
        say(f"measured without {' and '.join(names)}: set, they make NumPy slower than it is")
        call = f"json.dump(measured({rounds}, **{settings}), sys.stdout)"
        said = child(["-c", f"import json, sys; from benchmarks.measure import measured; {call}"])
        return {**json.loads(said), "left_out": names}
    return measured(rounds, **settings)


def measured(
    rounds: int,
    *,
    rows: tuple[str, ...] = (),
    threads: tuple[int, ...] = (1, 2),
    memory: bool = True,
    limit: float | None = None,
) -> dict[str, Any]:
    """The raw timings of all rows, or of those named; no round is begun that would end after `limit` seconds."""
    chosen = {name: ROWS[name] for name in rows or ROWS}
    taken = timings(chosen, rounds, threads, limit)
    return {
        "rounds": taken.pop("rounds"),
        "rows": {name: {**row._asdict(), **taken[name]} for name, row in chosen.items()},
        "peak_mib": {name: peaks(name) for name in chosen} if memory else {},
        "machine": machine(),
        "versions": {
            "python": platform.python_version(),
            **{package: found(package) for package in ("numpy", "scikit-learn", "torch")},
        },
        "left_out": [],
    }


def timings(
    rows: dict[str, Row], rounds: int, threads: tuple[int, ...], limit: float | None
) -> dict[str, Any]:
    """Seconds of each timing, by row, threads and contender, and how many rounds there was time for."""
    seconds: dict[str, Any] = {name: {"seconds": {str(t): {} for t in threads}} for name in rows}
    begun = time.monotonic()
    for done in range(rounds):
        spent = time.monotonic() - begun
        if limit is not None and done and spent + spent / done > limit:
            return {"rounds": done, **seconds}
        for t in threads:
            for name, row in rows.items():
                say(f"round {done + 1} of {rounds}, threads {t}, {name} ({time.monotonic() - begun:.0f} s)")
                add_round(seconds[name]["seconds"][str(t)], row, t, done)
    return {"rounds": rounds, **seconds}


def add_round(seconds: Seconds, row: Row, threads: int, done: int) -> None:
    """Time every contender of a row as often as the row says, and append what came."""
    if HAS_TORCH:
        import torch

        torch.set_num_threads(threads)
    with threadpool_limits(limits=threads):
        for i in range(row.timings):
            for contender in turns(done * row.timings + i):
                if (taken := seconds_of(contender, row)) is not None:
                    seconds.setdefault(contender, []).append(taken)


def turns(i: int) -> list[str]:
    """The order of the contenders in the timing number i: another begins each time, and neighbours swap."""
    first = i % len(TURNS)
    order = TURNS[first:] + TURNS[:first]
    return [name for pair in order for name in (pair if i // len(TURNS) % 2 == 0 else pair[::-1])]


def seconds_of(contender: str, row: Row) -> float | None:
    """Seconds for a row's epochs by a new network, or None where the contender has no such training."""
    # A new network each time: one that has learned all by heart has gradients so small that every operation on them
    # takes longer ("subnormal" numbers).
    epochs = CONTENDERS[contender](row)
    if epochs is None:
        return None
    epochs(1)  # warm up
    start = time.perf_counter()
    epochs(row.epochs)
    return time.perf_counter() - start


def child(arguments: list[str]) -> str:
    """What a Python of its own prints, in surroundings that force no kernel."""
    environment = {name: value for name, value in os.environ.items() if name not in FORCING}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def peaks(name: str) -> dict[str, float]:
    """Peak memory in MiB of a process that trains one epoch of a row, for each contender that is a whole program."""
    say(f"memory, {name}")
    found = {c: child(["-m", "benchmarks.measure", name, c]) for c in ("ours", "torch", "sklearn")}
    return {contender: float(said) for contender, said in found.items() if said.strip()}


def high_water_mark() -> float:
    """Peak memory of this process in MiB; Linux counts it anew after exec, getrusage keeps the parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(s for s in status.read_text(encoding="utf-8").splitlines() if s.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def machine() -> dict[str, Any]:
    """What decides how fast it is: the processor, its cores, and the libraries for matrices with their kernels."""
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    return {
        "processor": processor(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "blas": sorted((library(pool) for pool in pools), key=lambda held: str(held["of"])),
    }


def library(pool: dict[str, Any]) -> dict[str, str | None]:
    """A library for matrices: whose it is, its version, and the kernel that it chose for this processor."""
    return {
        "of": owner(pool["filepath"]),
        "name": pool["internal_api"],
        "version": pool["version"],
        "kernel": pool.get("architecture"),
        "threading": pool.get("threading_layer"),
    }


def processor() -> str:
    """The processor's name, as the system gives it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, None) or platform.processor() or "unknown"


def owner(path: str) -> str:
    """The package that brought a library, from the path of its file."""
    return next((p for p in ("numpy", "scipy", "torch", "mkl") if f"/{p}" in Path(path).as_posix()), "system")


def found(package: str) -> str | None:
    """The version of a package, or None."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def say(line: str) -> None:
    """A line of progress, which does not mix with the result."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    _, row, contender = sys.argv
    if epochs := CONTENDERS[contender](ROWS[row]):
        epochs(1)
        print(high_water_mark())
