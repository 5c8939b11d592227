"""Every complete program of the built pages, run alone: what "every block runs as copied" means."""

import re

from sitetools import ROOT
from tests.site.alone import run, run_all


def test_every_complete_program_runs_alone_and_prints_what_its_page_shows(posts, tmp_path):
    jobs = []
    for path, page in posts.items():
        for figure in page.select("figure.snippet:not([data-source^='scratchmlp/'])"):
            program = figure.select_one("details.program code").get_text()
            shown = "".join(o.get_text() for o in figure.select(".output"))
            jobs.append((f"{path} {figure['data-region']}", program, shown))
    assert len(jobs) >= 30
    printed = run_all([program for _, program, _ in jobs], tmp_path)
    wrong = [
        f"{n}: printed {p!r}, shown {s!r}"
        for (n, _, s), p in zip(jobs, printed, strict=True)
        if p.rstrip() != s
    ]
    assert not wrong, "\n".join(wrong)


def test_a_program_that_fails_warns_or_needs_what_stands_elsewhere_is_found_out(tmp_path):
    programs = [
        "print(x)",
        "import numpy as np\nnp.log(0.0)",
        "import tests",
        "import sys\nsys.exit(3)",
        "print(1)",
    ]
    said = run_all(programs, tmp_path)
    assert [s.startswith("exit") for s in said] == [True, True, True, True, False]
    assert "NameError" in said[0]
    assert "RuntimeWarning" in said[1]
    assert "No module named 'tests'" in said[2]
    assert said[4] == run("print(1)", tmp_path / "fresh") == "1\n"


def test_every_other_python_block_that_a_reader_may_copy_runs_alone(tmp_path):
    """Blocks typed into a page or the README, which no snippet module stands behind."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    found = [
        (p, m[1])
        for p in pages
        for m in re.finditer(r"^```python\n(.*?)^```", p.read_text("utf-8"), re.M | re.S)
    ]
    assert len(found) >= 2
    for (page, _), printed in zip(found, run_all([program for _, program in found], tmp_path), strict=True):
        assert not printed.startswith("exit"), f"{page.name}: {printed}"
