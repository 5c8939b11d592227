"""Every complete program of the built pages, run alone: what "every block runs as copied" means."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from sitetools import ROOT


def run(program, folder):
    """What a program prints, alone in an empty folder, in a fresh interpreter that treats warnings as errors."""
    folder.mkdir()
    file = folder / "program.py"
    file.write_text(program, encoding="utf-8")
    kept = {
        k: v
        for k, v in os.environ.items()
        if k in ("PATH", "HOME", "LANG", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", file.name],
        cwd=folder,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout if done.returncode == 0 else f"exit {done.returncode}\n{done.stderr}"


def test_every_complete_program_runs_alone_and_prints_what_its_page_shows(posts, tmp_path):
    jobs = []
    for path, page in posts.items():
        for figure in page.select("figure.snippet"):
            program = figure.select_one("details.program code").get_text()
            shown = "".join(o.get_text() for o in figure.select(".output"))
            jobs.append((f"{path} {figure['data-region']}", program, shown))
    assert len(jobs) >= 30
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        folders = (tmp_path / str(i) for i in range(len(jobs)))
        printed = pool.map(run, (program for _, program, _ in jobs), folders)
        wrong = [
            f"{name}: printed {p!r}, shown {s!r}"
            for (name, _, s), p in zip(jobs, printed, strict=True)
            if p.rstrip() != s
        ]
    assert not wrong, "\n".join(wrong)


def test_every_other_python_block_that_a_reader_may_copy_runs_alone(tmp_path):
    """Blocks typed into a page or the README, which no snippet module stands behind."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    found = [
        (p, m[1])
        for p in pages
        for m in re.finditer(r"^```python\n(.*?)^```", p.read_text("utf-8"), re.M | re.S)
    ]
    assert len(found) >= 2
    for number, (page, program) in enumerate(found):
        printed = run(program, tmp_path / str(number))
        assert not printed.startswith("exit"), f"{page.name}: {printed}"
