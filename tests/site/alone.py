"""Programs run alone: each in an empty folder and a process of its own, as a reader who copied one would run it."""

import contextlib
import io
import multiprocessing
import os
import subprocess
import sys
import traceback
import warnings
from pathlib import Path

from sitetools import ROOT

KEPT = ("PATH", "HOME", "LANG", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def run(program: str, folder: Path) -> str:
    """What a program prints in a fresh interpreter that treats warnings as errors."""
    folder.mkdir()
    file = folder / "program.py"
    file.write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", file.name],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k in KEPT},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout if done.returncode == 0 else f"exit {done.returncode}\n{done.stderr}"


def run_all(programs: list[str], folder: Path) -> list[str]:
    """What each of many programs prints, as `run` would say: a process each, forked from one that has loaded NumPy."""
    installed = folder / "installed"  # the package and no other room, as a reader has it
    installed.mkdir()
    (installed / "scratchmlp").symlink_to(ROOT / "scratchmlp")
    jobs = [(program, folder / str(i), installed) for i, program in enumerate(programs)]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["numpy", "sklearn.datasets"])
    with context.Pool(os.cpu_count() or 2, maxtasksperchild=1) as pool:
        return pool.starmap(_run_here, jobs, chunksize=1)


def _run_here(program: str, folder: Path, installed: Path) -> str:
    folder.mkdir()
    os.chdir(folder)
    os.environ.clear()
    sys.path[:] = [str(installed), *(p for p in sys.path if p and Path(p) != ROOT)]
    for name in [
        n for n in sys.modules if n.partition(".")[0] in ("tests", "snippets", "scratchmlp", "sitetools")
    ]:
        del sys.modules[name]
    warnings.simplefilter("error")
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(program, "program.py", "exec"), {"__name__": "__main__"})  # the project's own code
    except BaseException:
        return f"exit 1\n{traceback.format_exc()}"
    return printed.getvalue()
