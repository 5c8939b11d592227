"""A reader can have the package: the wheel that the site serves, the line that installs it, and programs run with it."""

import functools
import http.server
import os
import re
import subprocess
import sys
import threading
import zipfile

import pytest

from sitetools import ROOT, wheel
from sitetools.house import read

HOUSE = read(ROOT)


def needs_package(page):
    """Whether a page shows a part of the package, or a program of it, or a cell of a lab, imports it."""
    return bool(page.select("figure.snippet[data-source^='scratchmlp/']")) or any(
        re.search(r"^(from|import) scratchmlp\b", c.get_text(), re.M)
        for c in page.select("figure.snippet code")
    )


def test_the_wheel_holds_the_package_and_nothing_else(site):
    (file,) = (site / "wheels").iterdir()
    assert file.name == wheel.name(HOUSE)
    with zipfile.ZipFile(file) as held:
        names = {n for n in held.namelist() if ".dist-info/" not in n}
        for name in names:
            assert held.read(name) == (ROOT / name).read_bytes()
    ours = {p.relative_to(ROOT).as_posix() for p in (ROOT / "scratchmlp").rglob("*") if p.is_file()}
    assert names == {n for n in ours if "__pycache__" not in n}


def test_the_wheel_is_the_same_bytes_whenever_it_is_built(monkeypatch):
    digest = wheel._digest(ROOT)
    first = wheel.built.__wrapped__(ROOT, digest)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1234567890")
    assert wheel.built.__wrapped__(ROOT, digest) == first


def test_every_page_whose_programs_import_the_package_says_how_to_install_it(pages):
    line = wheel.install(HOUSE, "http://127.0.0.1:8000/")
    asked = {
        path for path, page in pages.items() if path.startswith(("series/", "labs/")) and needs_package(page)
    }
    told = {
        path for path, page in pages.items() if any(c.get_text() == line for c in page.select("code.install"))
    }
    assert len(asked) >= 5
    assert told == asked | {"package/index.html"}


@pytest.fixture
def served(site):
    """The address of the built site."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(site))
    handler.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


@pytest.mark.skipif(
    "NETWORK" not in os.environ, reason="installs NumPy from the index: NETWORK=1 asks for it"
)
def test_in_a_new_environment_the_line_of_the_page_makes_three_programs_run(served, posts, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "new"], check=True)
    python = tmp_path / "new" / "bin" / "python"
    (line, *_) = {c.get_text() for page in posts.values() for c in page.select("code.install")}
    command = line.replace("http://127.0.0.1:8000/", served).split()
    subprocess.run([python, "-m", *command], check=True, capture_output=True)
    figures = [f for page in posts.values() for f in page.select("figure.snippet:has(.output)")]
    programs = [
        (f.select_one("details.program code").get_text(), f.select_one(".output").get_text()) for f in figures
    ]
    chosen = [p for p in programs if "from scratchmlp" in p[0] and "datasets" not in p[0]][:3]
    assert len(chosen) == 3
    for program, output in chosen:
        done = subprocess.run(
            [python, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert done.stdout.rstrip() == output
