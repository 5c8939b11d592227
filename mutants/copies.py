"""A copy of the project, in which errors are put and checks are run."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from mutants.places import Files, Mutant, applied
from mutants.quoted import NOTED

STAMPS = itertools.count(
    1_700_000_000
)  # a new time for each file that is written: no old bytecode passes for it
KEPT = ("cards", "colours", "figures", "fonts", "labs", "sheets")  # of .cache, for a warm build
THREADS = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
RECORD = """
import sys
from sitetools import ROOT, record
from sitetools.house import read
house = read(ROOT)
for key in sys.argv[1:]:
    record.write(house.modules[key], house.records[key])
"""


def paths(root: Path) -> list[str]:
    """The files of a project, as git knows them: those that it holds, and new ones that it does not ignore."""
    said = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return sorted(path for path in said.split("\0") if path and (root / path).is_file())


def texts(root: Path) -> Files:
    """The texts of a project."""
    found = {}
    for path in paths(root):
        with contextlib.suppress(UnicodeDecodeError):
            found[path] = (root / path).read_bytes().decode()
    return found


class Copy:
    """A project's files in a folder of their own."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.files = folder / "project", texts(root)
        for path in paths(root):
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / path, self.root / path)
        for room in KEPT:
            if (root / ".cache" / room).is_dir():
                shutil.copytree(root / ".cache" / room, self.root / ".cache" / room)
        (folder / "tmp").mkdir()
        self.environment = {
            **os.environ, **THREADS, "PYTHONPATH": str(self.root), "TMPDIR": str(folder / "tmp"),
            "NO_MKDOCS_2_WARNING": "1", "SITE_CACHE": str(self.root / ".cache"),
            NOTED: str(folder.parent / "quoted"),
        }  # fmt: skip

    def write(self, uri: str, text: str) -> None:
        """Put a text in a file."""
        (self.root / uri).write_bytes(text.encode())
        stamp = next(STAMPS)
        os.utime(self.root / uri, (stamp, stamp))

    def put(self, mutants: Iterable[Mutant]) -> None:
        """Make edits, and record anew what edited snippets print, as whoever edits them would."""
        mutants = list(mutants)
        for uri in {m.uri for m in mutants}:
            self.write(uri, applied(self.files[uri], [m for m in mutants if m.uri == uri]))
        if keys := sorted(
            {m.key for m in mutants if m.uri.startswith("snippets/") and m.uri.endswith(".py")}
        ):
            self.run(["-c", RECORD, *keys], 60)

    def restore(self, mutants: Iterable[Mutant]) -> None:
        """Take edits back, and what was recorded with them."""
        recorded = [u for u in self.files if u.startswith("snippets/out/")]
        for uri in {m.uri for m in mutants} | {*recorded}:
            file = self.root / uri
            if not file.is_file() or file.read_bytes() != self.files[uri].encode():
                self.write(uri, self.files[uri])
        for file in self.root.glob("snippets/out/*"):
            if f"snippets/out/{file.name}" not in self.files:
                file.unlink()

    def run(self, arguments: list[str], seconds: float) -> tuple[bool, str]:
        """Whether Python ends well with these arguments in so many seconds, and what it said."""
        job = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.root, env=self.environment, text=True, errors="replace",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            said, _ = job.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            said = f"not done in {seconds:.0f} s"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(job.pid, signal.SIGKILL)  # builds that it began, too
            job.wait()
        return job.returncode == 0, said
