"""Record an experiment, or draw its figures: ``python -m experiments record NAME``, ``… draw NAME DIR``."""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "experiments" / "results"


def record(name: str) -> None:
    """Measure, and write the result with what it was measured on; a run that fails leaves the old result whole."""
    module = importlib.import_module(f"experiments.{name}")
    start = time.perf_counter()
    result = module.record()
    held = {
        "question": module.QUESTION,
        "conditions": module.CONDITIONS,
        "result": result,
        "versions": {"python": ".".join(map(str, sys.version_info[:3])), "numpy": np.__version__},
        "threads": int(os.environ.get("OPENBLAS_NUM_THREADS", "0")),
        "seconds": round(time.perf_counter() - start, 1),
    }
    RESULTS.mkdir(exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=RESULTS, prefix=".")
    with open(handle, "w", encoding="utf-8") as file:
        file.write(json.dumps(held, indent=1) + "\n")
    os.chmod(temporary, 0o644)
    os.replace(temporary, RESULTS / f"{name}.json")
    print(f"experiments/results/{name}.json: {held['seconds']} s")


def draw(name: str, folder: Path) -> None:
    """Draw an experiment's figures in both colour schemes, for a desktop and for a phone."""
    from experiments import style

    module = importlib.import_module(f"experiments.{name}")
    source = getattr(module, "SOURCE", f"experiments/results/{name}.json")
    held: Any = json.loads((ROOT / source).read_text(encoding="utf-8"))
    data = held.get("result", held.get("values"))
    for figure, function in module.FIGURES.items():
        for scheme in style.SCHEMES:
            for suffix, width in style.WIDTHS.items():
                style.save(function, data, scheme, width, folder / f"{figure}.{scheme}{suffix}.svg")


def main() -> None:
    """Do as the command line says."""
    match sys.argv[1:]:
        case ["record", name]:
            record(name)
        case ["draw", name, folder]:
            draw(name, Path(folder))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
