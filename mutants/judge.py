"""Which errors the checks of the project notice: those of an error's room first, then all."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

from mutants.copies import Copy
from mutants.places import Files, Mutant

FEW = 3  # tests that may fail in a copy for want of something that only the project's own folder has
NAMED = 3  # files of tests that import a module, and are asked first
PYTEST = ["-m", "pytest", "-q", "--tb=short", "--no-header", "-p", "no:cacheprovider"]
NOTING = ("-p", "mutants.quoted")
QUICK = [
    "tests/snippets/test_words.py",
    "tests/snippets/test_quoted.py",
    "tests/snippets/test_inline.py",
    "tests/test_claims.py",
]
PAGES = [
    "tests/site/test_front_page.py",
    "tests/site/test_shown.py",
    "tests/site/test_pages.py",
    "tests/site/test_links.py",
    "tests/site/test_look.py",
]
CHROMIUM = any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))


@dataclass(frozen=True)
class Stage:
    """Tests that mutants must pass, and how many of them at once."""

    tests: Callable[[Copy, list[Mutant]], list[str]]  # arguments of pytest
    at_once: int = 1
    seconds: float = 240
    by_name: bool = False  # whether a message that names an error's place settles it
    program: tuple[str, ...] = ()  # arguments of Python, in the place of pytest's


def of_posts(copy: Copy, mutants: list[Mutant]) -> list[str]:
    """The tests of the posts that the errors are in, and those that compare texts without a build."""
    own = sorted({f"tests/snippets/test_{m.key}.py" for m in mutants})
    return [*there(copy, own), *there(copy, QUICK)]


def of_pages(copy: Copy, mutants: list[Mutant]) -> list[str]:
    """The strict build, and the tests that read the pages."""
    drawn = ["tests/test_figures.py"] if any(m.uri.startswith("figures/") for m in mutants) else []
    return [*there(copy, PAGES), *drawn]


def of_records(copy: Copy, mutants: list[Mutant]) -> list[str]:
    """The tests of what was recorded, but the replays."""
    return ["tests/snippets/test_recorded.py", "tests/test_experiments.py", "-k", "not one_seed"]


def of_module(copy: Copy, mutants: list[Mutant]) -> list[str]:
    """The test of a module; where it has none, the first of those that name it."""
    own = list(there(copy, [f"tests/test_{mutants[0].key}.py"]))
    return own or of_package(copy, mutants)[:2]


def of_package(copy: Copy, mutants: list[Mutant]) -> list[str]:
    """The tests of the package, first those that name the module."""
    uses = {
        u: t for u, t in copy.files.items() if re.fullmatch(r"tests/test_\w+\.py", u) and "scratchmlp" in t
    }
    key = mutants[0].key
    return sorted((u for u in uses if "benchmarks" not in u), key=lambda u: (f".{key} " not in uses[u], u))


def of_snippets(copy: Copy, mutants: list[Mutant]) -> list[str]:
    """The test of the snippet, and that of its record."""
    own = {f"tests/snippets/test_{m.key}.py" for m in mutants}
    generic = [f"tests/snippets/test_{name}.py" for name in ("labels", "shapes", "quoted", "recorded")]
    return [*sorted(own), *there(copy, generic), "tests/test_claims.py"]


def of_machinery(copy: Copy, mutants: list[Mutant]) -> list[str]:
    """The tests that import the module, the small house as it is, the pages of the whole, then mishaps of the small."""
    asks = re.compile(rf"^from sitetools(?:\.{mutants[0].key} import|.* import .*\b{mutants[0].key}\b)", re.M)
    units = [u for u in sorted(copy.files) if re.fullmatch(r"tests/(?!browser/).*test_\w+\.py", u)]
    units = [u for u in units if asks.search(copy.files[u])][:NAMED]
    small, mishaps = (
        sorted(u for u in copy.files if re.fullmatch(rf"tests/site/test_({names})\w*\.py", u))
        for names in ("small|snap", "failures|down|serve")
    )
    return [*dict.fromkeys([*units, *small, *there(copy, PAGES), *mishaps])]


def of_explorables(copy: Copy, mutants: list[Mutant]) -> list[str]:
    """The tests in a browser: those of the explorable, where the file is of one alone."""
    names = {u.split("/")[2] for u in copy.files if re.fullmatch(r"docs/widgets/[\w-]+/.*", u)}
    others = [name.replace("-", "_") for name in names - {mutants[0].uri.split("/")[2]}]
    left_out = [
        *others,
        "clipped",
        "accessible",
        "shifts",
        "print",
        "room",
    ]  # which see no error in what is said
    files = sorted(u for u in copy.files if re.fullmatch(r"tests/browser/test_explorables\w*\.py", u))
    files.sort(key=lambda u: not u.endswith("_said.py"))  # what is said is asked first
    return [*files, "-x", "-k", " and ".join(f"not {name}" for name in left_out)]


def everything(copy: Copy, mutants: list[Mutant]) -> list[str]:
    """All tests that need no browser."""
    return ["--ignore=tests/browser", "-n", "2", "--dist", "loadfile"]


def nothing(copy: Copy, mutants: list[Mutant]) -> list[str]:
    """No test."""
    return []


def there(copy: Copy, uris: Iterable[str]) -> Iterator[str]:
    """Those of some files that the project has."""
    return (uri for uri in uris if uri in copy.files)


QUOTED = Stage(nothing, program=("-m", "mutants.quoted"))
TEXT = [QUOTED, Stage(of_posts, 16, by_name=True), Stage(of_pages, 40, by_name=True)]
ROOMS: dict[str, list[Stage]] = {
    **dict.fromkeys(("formula", "word", "number", "reference", "exercise", "ledger"), TEXT),
    "recorded": [QUOTED, Stage(of_records, 20, by_name=True), Stage(of_pages, 40, by_name=True)],
    "explorable": [Stage(of_explorables, seconds=300)],
    "machinery": [Stage(of_machinery, seconds=300)],
    "package": [Stage(of_module, seconds=120), Stage(of_package, seconds=300)],
    "snippets": [Stage(of_snippets)],
}
ALL = Stage(everything, 400, seconds=900, by_name=True)


def named(batch: list[Mutant], said: str, files: Files) -> set[Mutant]:
    """Those of a batch whose place a line of a message names; a line that names several settles none."""
    patterns = {m: re.compile("|".join(places(m, files))) for m in batch}
    lines = (
        [m for m in batch if patterns[m].search(" ".join(line.split()))] for line in {*said.splitlines()}
    )
    return {found[0] for found in lines if len(found) == 1}


def places(mutant: Mutant, files: Files) -> Iterator[str]:
    """How a message can name the place of an error: file and line, its words, its row, or its record."""
    yield rf"\b{re.escape(mutant.uri.removeprefix('docs/'))}:{mutant.line}\b"
    if mutant.uri.startswith(("experiments/", "snippets/out/")):
        yield rf"\b{mutant.key}\.(?:py|json)\b|\[{mutant.key}\]|EXP={mutant.key}\b"
    if mutant.uri.startswith("claims/"):
        above = files[mutant.uri][: mutant.span(files[mutant.uri])[0]]
        for row in re.findall(r'^id = "(.+)"|^\[(\w+)\]', above, re.M)[-1:]:
            yield rf"\b{row[0] or row[1]}\b"
    for text in (mutant.old, mutant.new):
        if len(text.split()) > 2:
            yield re.escape(" ".join(text.split()))


@dataclass
class Judge:
    """Copies of a project, and what was found in them."""

    copies: list[Copy]
    say: Callable[[str], None] = print
    rooms: dict[str, list[Stage]] = field(default_factory=lambda: ROOMS)
    everywhere: Stage = ALL
    left_out: tuple[str, ...] = ()  # tests that fail without any error put in

    def __post_init__(self) -> None:
        self.free: SimpleQueue[Copy] = SimpleQueue()
        for copy in self.copies:
            self.free.put(copy)

    def prepare(self) -> None:
        """Run all checks once, so that what fails already counts for nothing, and caches are warm."""
        with ThreadPoolExecutor(len(self.copies)) as pool:
            for copy in self.copies[1:]:
                pool.submit(copy.run, ["-m", "mkdocs", "build"], 300)
            good, said = self.check(
                self.copies[0], [], self.everywhere, *NOTING * ("mutants/quoted.py" in self.copies[0].files)
            )
        self.left_out = tuple(re.findall(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", said, re.M))
        if not good and not 0 < len(self.left_out) <= FEW:
            raise RuntimeError(f"mend the project first: it fails without any error put in:\n{said[-3000:]}")
        for test in self.left_out:
            self.say(f"left out, it fails without any error put in: {test}")

    def survivors(self, mutants: list[Mutant]) -> list[Mutant]:
        """The mutants that no check notices."""
        waiting = len(mutants)

        def judged(batch: list[Mutant]) -> list[Mutant]:
            nonlocal waiting
            left = self.through(self.rooms[batch[0].group], batch)
            waiting -= len(batch)
            rooms = ", ".join(sorted({m.group for m in batch}))
            self.say(f"{rooms}: {len(batch) - len(left)} of {len(batch)} noticed; {waiting} to go")
            for m in left:
                self.say(f"  not yet: {m.uri}:{m.line} {m.old!r} -> {m.new!r}")
            return left

        with ThreadPoolExecutor(len(self.copies)) as pool:
            left = [m for found in pool.map(judged, self.batches(mutants)) for m in found]
        return self.finally_left(left)

    def batches(self, mutants: list[Mutant]) -> list[list[Mutant]]:
        """What is judged one after the other in one copy: mutants of the same room; the slow ones come first."""
        rooms = {id(self.rooms[m.group]): self.rooms[m.group] for m in mutants}.values()
        found: list[list[Mutant]] = []
        for stages in sorted(rooms, key=lambda stages: stages[-1].at_once):
            same = [m for m in mutants if self.rooms[m.group] is stages]
            same.sort(key=lambda m: m.key)  # so that a batch is of few posts
            found += apart(same, stages[-1].at_once)
        return found

    def finally_left(self, left: list[Mutant]) -> list[Mutant]:
        """Those of the survivors of their rooms that all checks together do not notice either."""
        found = []
        for batch in apart(left, self.everywhere.at_once):
            self.say(f"all checks: {len(batch)} that their rooms did not notice")
            killed = self.noticed(self.copies[0], batch, self.everywhere)
            found += [m for m in batch if m not in killed]
        return found

    def through(self, stages: list[Stage], batch: list[Mutant]) -> list[Mutant]:
        """What is left of a batch after the stages of its room."""
        copy = self.free.get()
        try:
            for stage in stages:
                for part in apart(batch, stage.at_once):
                    killed = self.noticed(copy, part, stage)
                    batch = [m for m in batch if m not in killed]
        finally:
            self.free.put(copy)
        return batch

    def noticed(self, copy: Copy, batch: list[Mutant], stage: Stage) -> set[Mutant]:
        """Those of a batch that a stage notices: what a message names; alone, any failure counts."""
        if not batch:
            return set()
        good, said = self.check(copy, batch, stage)
        if good:
            return set()
        if len(batch) == 1:
            return {*batch}
        found = named(batch, said, copy.files) if stage.by_name else set()
        rest = [m for m in batch if m not in found]
        if found:
            return found | self.noticed(copy, rest, stage)
        half = len(batch) // 2
        return self.noticed(copy, batch[:half], stage) | self.noticed(copy, batch[half:], stage)

    def check(self, copy: Copy, batch: list[Mutant], stage: Stage, *more: str) -> tuple[bool, str]:
        """Whether a copy with these errors in it passes a stage, and what was said."""
        alone = ["-x"] if len(batch) == 1 else []
        left_out = [f"--deselect={test}" for test in self.left_out]
        try:
            copy.put(batch)
            tests = [*PYTEST, *more, *alone, *left_out, *stage.tests(copy, batch)]
            return copy.run(list(stage.program) or tests, stage.seconds)
        finally:
            copy.restore(batch)


def apart(mutants: list[Mutant], at_once: int) -> list[list[Mutant]]:
    """Batches of at most so many, in which no two touch the same lines, or the same record."""
    found: list[tuple[list[Mutant], set[object]]] = []
    for m in mutants:
        lines = range(m.line - 1 - m.old.count("\n"), m.line + 2 + m.old.count("\n"))
        places: set[object] = {(m.uri, line) for line in lines}
        if m.group == "recorded":
            places.add(m.key)
        for batch, taken in found:
            if len(batch) < at_once and not places & taken:
                batch.append(m)
                taken |= places
                break
        else:
            found.append(([m], places))
    return [batch for batch, _ in found]


def copied(root: Path, folder: Path, jobs: int) -> list[Copy]:
    """So many copies of a project."""
    return [Copy(root, folder / str(i)) for i in range(jobs)]
