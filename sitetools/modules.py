"""Python modules as the site shows them: named regions of snippets, definitions of the package; read, never run.

A region is what a post shows: the lines between ``# --8<-- [start:name]`` and ``# --8<-- [end:name]``.
"""

from __future__ import annotations

import ast
import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property

from sitetools import SiteError

MARKER = re.compile(r"^(?P<indent>\s*)# --8<-- \[(?P<edge>start|end):(?P<name>[^\]]*)\]\s*$")
NAME = re.compile(r"[a-z][a-z0-9-]*$")


@dataclass(frozen=True)
class Region:
    """A named span of top-level statements: lines ``first`` to ``last``, counted from 1, markers left out."""

    name: str
    first: int
    last: int


@dataclass
class Module:
    """A module, read but not run: `uri` is its path below the project's root."""

    uri: str
    source: str = field(repr=False)

    @property
    def key(self) -> str:
        """The short name the prose uses: ``one_email`` for ``snippets/one_email.py``."""
        return self.uri.rpartition("/")[2].removesuffix(".py")

    @property
    def digest(self) -> str:
        """A fingerprint of the source: recorded beside its values, so that a page can say when they are older."""
        return hashlib.sha256(self.source.encode()).hexdigest()[:16]

    @cached_property
    def lines(self) -> list[str]:
        """The source by lines."""
        return self.source.splitlines()

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        try:
            return ast.parse(self.source, self.uri)
        except SyntaxError as error:
            raise SiteError(f"{self.uri}:{error.lineno}: {error.msg}") from None

    @cached_property
    def body(self) -> list[ast.stmt]:
        """The top-level statements, the docstring left out."""
        first = self.tree.body[:1]
        return self.tree.body[1:] if first and is_text(first[0]) else self.tree.body

    @cached_property
    def imports(self) -> set[str]:
        """The modules that it imports, wherever it does, and the packages that they belong to."""
        found = {a.name for node in ast.walk(self.tree) if isinstance(node, ast.Import) for a in node.names}
        found |= {
            node.module for node in ast.walk(self.tree) if isinstance(node, ast.ImportFrom) and node.module
        }
        return found | {name.partition(".")[0] for name in found}

    @cached_property
    def regions(self) -> dict[str, Region]:
        """Every region by name, in the order of the module."""
        regions: dict[str, Region] = {}
        opened: tuple[str, int] | None = None
        for number, line in enumerate(self.lines, 1):
            if not (mark := MARKER.match(line)):
                if "--8<--" in line:
                    raise SiteError(f"{self.uri}:{number}: not a region marker: {line.strip()!r}")
                continue
            name = mark["name"]
            if mark["indent"]:
                raise self._wrong(
                    number, "a region holds top-level statements; its marker must not be indented"
                )
            if mark["edge"] == "start":
                self._check_start(number, name, opened, regions)
                opened = (name, number)
            elif not opened or opened[0] != name:
                raise self._wrong(number, f"region {name!r} closes here but was not open")
            else:
                regions[name] = self._region(name, opened[1] + 1, number - 1)
                opened = None
        if opened:
            raise self._wrong(opened[1], f"region {opened[0]!r} is never closed")
        return regions

    def _wrong(self, line: int, why: str) -> SiteError:
        return SiteError(f"{self.uri}:{line}: {why}")

    def _check_start(
        self, number: int, name: str, opened: tuple[str, int] | None, regions: dict[str, Region]
    ) -> None:
        if opened:
            raise self._wrong(number, f"region {name!r} opens inside {opened[0]!r}, which is not closed")
        if name in regions:
            raise self._wrong(number, f"region {name!r} is there already, at line {regions[name].first - 1}")
        if not NAME.match(name):
            raise self._wrong(number, f"a region's name is a topic in lower case with hyphens, got {name!r}")

    def _region(self, name: str, first: int, last: int) -> Region:
        spans = [span(node) for node in self.body]
        inside = [s for s in spans if first <= s[0] and s[1] <= last]
        if not inside:
            raise self._wrong(first - 1, f"region {name!r} is empty")
        for start, end in spans:
            if start <= last and end >= first and (start, end) not in inside:
                raise self._wrong(start, f"region {name!r} cuts this statement in two")
        return Region(name, first, last)

    def region(self, name: str) -> Region:
        """The region of that name; an error that lists the others where there is none."""
        if name not in self.regions:
            raise SiteError(f"{self.uri} has no region {name!r}; it has {', '.join(self.regions) or 'none'}")
        return self.regions[name]

    def code(self, region: Region) -> str:
        """What the page shows: the region's lines without blank lines at either end."""
        return "\n".join(self.lines[region.first - 1 : region.last]).strip("\n")

    def definition(self, name: str) -> tuple[str, int, int]:
        """The source of a function, class or method, as ``Dense.backward``, with its first and last line."""
        body, node = self.tree.body, None
        for part in name.split("."):
            node = next((n for n in body if getattr(n, "name", None) == part), None)
            if not isinstance(node, ast.FunctionDef | ast.ClassDef):
                raise SiteError(f"{self.uri} defines no {name!r}")
            body = node.body
        assert node is not None
        first, last = span(node)
        lines = self.lines[first - 1 : last]
        indent = len(lines[0]) - len(lines[0].lstrip())
        return "\n".join(line[indent:] for line in lines), first, last

    def line_of(self, name: str) -> int | None:
        """The line of a top-level function or class; None where there is none of that name."""
        return next((n.lineno for n in self.tree.body if getattr(n, "name", None) == name), None)


def is_text(node: ast.stmt) -> bool:
    """Whether a statement is a docstring."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def span(node: ast.stmt) -> tuple[int, int]:
    """The first and the last line of a statement, its decorators included."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    return first, node.end_lineno or first
