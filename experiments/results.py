"""The files in which results lie: what is written beside the values, and where."""

from __future__ import annotations

import json
import platform
import re
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType
from typing import Any

from experiments.measure import plain
from sitetools import statistics
from sitetools.whole import as_json, replace

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "experiments" / "results"
MACHINERY = {"__init__", "__main__", "measure", "replays", "results"}


def names() -> list[str]:
    """Every experiment."""
    return sorted({path.stem for path in (ROOT / "experiments").glob("*.py")} - MACHINERY)


def source(name: str) -> Path:
    """The file of an experiment."""
    return ROOT / "experiments" / f"{name}.py"


def read(name: str) -> dict[str, Any]:
    """The recorded result of an experiment."""
    return statistics.read(RESULTS / f"{name}.json")


def values(name: str) -> dict[str, Any]:
    """All that a result holds, what is computed on reading included, as one tree."""
    return statistics.tree(read(name))


def described(experiment: ModuleType) -> dict[str, Any]:
    """What an experiment says about its values."""
    return {
        "experiment": experiment.__name__.rpartition(".")[2],
        "question": experiment.QUESTION,
        "conditions": experiment.CONDITIONS,
        "settings": plain(experiment.SETTINGS),
        "seeds": list(experiment.SEEDS),
        "derived": experiment.DERIVED,
        "tolerance": experiment.TOLERANCE,
    }


def surroundings() -> dict[str, Any]:
    """What values were measured on: versions, processor, the linear algebra with its kernel, and threads."""
    from threadpoolctl import threadpool_info

    blas = [p for p in threadpool_info() if p["user_api"] == "blas" and "numpy" in p["filepath"]]
    return {
        "versions": {"python": platform.python_version()}
        | {p: v for p in ("numpy", "scikit-learn") if (v := _version(p))},
        "processor": _processor(),
        "system": f"{sys.platform} {platform.machine()}",
        "blas": [
            f"{b['internal_api']} {b['version']}, {b.get('architecture', 'unknown')} kernel" for b in blas[:1]
        ],
        "threads": blas[0]["num_threads"] if blas else None,
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*:\s*(.+)$", info.read_text(), re.M) if info.is_file() else None
    return found[1] if found else platform.processor()


def write(name: str, held: dict[str, Any]) -> None:
    """Write a result whole or not at all, with its seal; formulas that cannot be computed stop it."""
    held = {key: value for key, value in held.items() if key != "seal"}
    held = json.loads(json.dumps(held, allow_nan=False))
    statistics.tree(held)
    RESULTS.mkdir(exist_ok=True)
    replace(RESULTS / f"{name}.json", as_json(held | {"seal": statistics.seal(held)}))
