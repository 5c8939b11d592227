"""What every test shares: one BLAS thread, and the site built once, strictly."""

import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # before NumPy is imported

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what waits for the second build last, so that it is built beside the other tests."""
    items.sort(key=lambda item: "built_again" in getattr(item, "fixturenames", ()))


def start(folder: Path, **environment: str) -> "subprocess.Popen[str]":
    """Start the strict build into a folder, as `make build` does."""
    held = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": "1767225600", **environment}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=held, stdout=pipe, stderr=subprocess.STDOUT, text=True)


def finish(building: "subprocess.Popen[str]") -> None:
    """Wait for a build, and fail with what it said if it failed."""
    said, _ = building.communicate(timeout=300)
    assert building.returncode == 0, said


@pytest.fixture(scope="session")
def builds(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, tuple[Path, "subprocess.Popen[str]"]]]:
    """The site, and the site once more from an empty cache, built side by side."""
    first, again = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("again")
    cache = tmp_path_factory.mktemp("cache")
    running = {"site": (first, start(first)), "again": (again, start(again, SITE_CACHE=str(cache)))}
    yield running
    for _, building in running.values():
        if building.stdout and not building.stdout.closed:  # nobody asked for this one
            building.kill()
            building.communicate()


@pytest.fixture(scope="session")
def site(builds: dict[str, tuple[Path, "subprocess.Popen[str]"]]) -> Path:
    """The built site."""
    folder, building = builds["site"]
    finish(building)
    return folder


@pytest.fixture(scope="session")
def built_again(builds: dict[str, tuple[Path, "subprocess.Popen[str]"]]) -> Path:
    """The site as a second build made it, with fonts, figures and notebooks made anew."""
    folder, building = builds["again"]
    finish(building)
    return folder


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project that a test may break, if it mends it again."""
    folder = tmp_path_factory.mktemp("project")
    for room in ("docs", "claims", "snippets", "scratchmlp", "sitetools", "experiments", "figures", "tests"):
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "mkdocs.yml", folder)
    return folder
