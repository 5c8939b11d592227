"""What every test shares: one BLAS thread, and the site built once, strictly."""

import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # before NumPy is imported

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent


READ_ALL_PAGES = ("test_delivery.py", "test_links.py", "test_pages.py", "test_shown.py")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """No file is divided among processes, and one of them alone reads all pages."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return "pages" if file.endswith(READ_ALL_PAGES) else file

    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what waits for a build last, so that it is built beside the other tests."""
    items.sort(key=lambda item: sum(name in fixtures(item) for name in ("site", "built_again")))


def fixtures(item: pytest.Item) -> tuple[str, ...]:
    """The names of the fixtures that a test asks for, and those ask for."""
    return tuple(getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session", autouse=True)
def begun(request: pytest.FixtureRequest, builds: Path) -> None:
    """Begin to build at once, if a test will ask for the site."""
    if any("site" in fixtures(item) for item in request.session.items):
        begin(builds / "site")
        if "CI" in os.environ:
            begin(builds / "again", SITE_CACHE=str(builds / "cache"))


def begin(folder: Path, **environment: str) -> None:
    """Start the strict build into a folder, as `make build` does, if no other process of these tests has."""
    try:
        folder.mkdir()
    except FileExistsError:
        return
    held = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": "1767225600", **environment}
    build = '{ "$0" -m mkdocs build --strict --site-dir "$1"; echo $? >"$1.end"; } >"$1.said" 2>&1 &'
    subprocess.run(["sh", "-c", build, sys.executable, str(folder)], cwd=ROOT, env=held, check=True)


def finished(folder: Path) -> Path:
    """A folder once the build into it has ended; fails with what the build said if that failed."""
    until = time.monotonic() + 300
    end = folder.with_suffix(".end")
    while not (end.exists() and end.read_text()):
        assert time.monotonic() < until, f"the build has not ended: {folder.with_suffix('.said').read_text()}"
        time.sleep(0.1)
    assert end.read_text() == "0\n", folder.with_suffix(".said").read_text()
    return folder


@pytest.fixture(scope="session")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the builds, which the processes of pytest-xdist share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def site(builds: Path) -> Path:
    """The built site."""
    return finished(builds / "site")


@pytest.fixture(scope="session")
def built_again(builds: Path) -> Path:
    """The site as a second build made it, with fonts, figures and notebooks made anew."""
    if "CI" not in os.environ:
        pytest.skip("everything made anew, which takes a minute: CI=1 asks for it")
    return finished(builds / "again")
