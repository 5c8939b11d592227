"""A small error in one place of one file, and the places in which readers' words stand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple

from sitetools import ROOT
from sitetools.house import read
from sitetools.marks import ASIDE, TOKEN

POSTS = tuple(read(ROOT).posts)
Files = dict[str, str]  # the texts of a project by their paths
Span = tuple[int, int]
EXERCISE = re.compile(r"^/// exercise\b.*?^///$", re.M | re.S)
FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.S)


class Edit(NamedTuple):
    """What stands from `start` to `end` of a file becomes `new`."""

    uri: str
    start: int
    end: int
    new: str


@dataclass(frozen=True)
class Mutant:
    """An edit that a person can read: `old`, which stands once in the file, becomes `new`."""

    group: str
    uri: str
    line: int
    old: str
    new: str

    @property
    def key(self) -> str:
        """The name of its module, experiment or post."""
        return PurePosixPath(self.uri).name.partition(".")[0].replace("-", "_")

    def span(self, whole: str) -> Span:
        """Where it stands in the text of its file."""
        start = whole.index(self.old)
        return start, start + len(self.old)


def mutant(group: str, files: Files, edit: Edit) -> Mutant:
    """An edit with so many of the words around it that its place is the only one of its file."""
    whole, first, last = files[edit.uri], edit.start, edit.end
    while (first, last) != (0, len(whole)):
        first = max(whole.rfind(" ", 0, max(first - 1, 0)), whole.rfind("\n", 0, max(first - 1, 0))) + 1
        after = re.compile(r"\s*\S*").match(whole, last)
        last = after.end() if after else last
        if whole.count(whole[first:last]) == 1:
            break
    old = whole[first:last]
    new = whole[first : edit.start] + edit.new + whole[edit.end : last]
    return Mutant(group, edit.uri, whole.count("\n", 0, edit.start) + 1, old, new)


def applied(whole: str, mutants: Iterable[Mutant]) -> str:
    """The text of a file with edits of it that do not overlap."""
    spans = {m.span(whole): m.new for m in mutants}
    for (start, end), new in sorted(spans.items(), reverse=True):
        whole = whole[:start] + new + whole[end:]
    return whole


def blank(text: str) -> str:
    """As many spaces, on as many lines."""
    return re.sub(r"[^\n]", " ", text)


def only(whole: str, spans: Iterable[Span]) -> str:
    """A text in which all is blank but some stretches."""
    kept = blank(whole)
    for start, end in spans:
        kept = kept[:start] + whole[start:end] + kept[end:]
    return kept


def passages(files: Files, *, exercises: bool = False) -> Iterator[tuple[str, str]]:
    """The files that show the posts, each blank outside of what shows them: their exercises, or all the rest."""
    for post in POSTS:
        key = post.replace("-", "_")
        for uri in {f"docs/series/{post}.md"} & files.keys():
            text = FRONT_MATTER.sub(lambda m: blank(m[0]), files[uri])
            found = [m.span() for m in EXERCISE.finditer(text)]
            yield uri, only(text, found) if exercises else EXERCISE.sub(lambda m: blank(m[0]), text)
        if not exercises:
            for uri in {"docs/index.md"} & files.keys():
                paragraphs = re.finditer(r"(?:.+\n?)+", FRONT_MATTER.sub(lambda m: blank(m[0]), files[uri]))
                yield uri, only(files[uri], (m.span() for m in paragraphs if post in m[0] or key in m[0]))
            for uri in {f"figures/{key}.py"} & files.keys():
                yield uri, only(files[uri], said_in(files[uri]))


def said_in(source: str) -> list[Span]:
    """Where texts of some words stand in a module, docstrings left out."""
    tree = Tree(source)
    texts = (n for n in tree.nodes() if isinstance(n, ast.Constant) and isinstance(n.value, str))
    return [tree.span(n) for n in texts if " " in str(n.value)]


def worded(visible: str) -> str:
    """A passage blank wherever no words of a sentence stand: formulas, marks, code, links; alt texts stay."""

    def words(m: re.Match[str]) -> str:
        if m.lastgroup != "picture":
            return blank(m[0])
        start, end = (at - m.start() for at in m.span("alt"))
        alt = TOKEN.sub(lambda inner: blank(inner[0]), m[0][start:end])
        return blank(m[0][:start]) + alt + blank(m[0][end:])

    return ASIDE.sub(lambda m: blank(m[0]), TOKEN.sub(words, visible))


class Tree:
    """A module's syntax tree that knows where in the text its nodes stand."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.root = ast.parse(source)
        self.lines = source.splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))

    def span(self, node: ast.AST) -> Span:
        """From where to where a node stands."""
        held: dict[str, int] = vars(node)
        return (
            self.at(held["lineno"], held["col_offset"]),
            self.at(held["end_lineno"], held["end_col_offset"]),
        )

    def at(self, line: int, column: int) -> int:
        """The place in the text of a column, which the tree counts in bytes."""
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def text(self, node: ast.AST) -> str:
        """What a node is written as."""
        start, end = self.span(node)
        return self.source[start:end]

    def nodes(self, inside: ast.AST | None = None) -> Iterator[ast.AST]:
        """Every node that runs: no docstring, no annotation, no f-string's inside, whose places 3.11 does not know."""
        for name, field in ast.iter_fields(inside or self.root):
            if name in ("annotation", "returns", "type_params"):
                continue
            for node in field if isinstance(field, list) else [field]:
                if not isinstance(node, ast.AST) or _unsaid(node):
                    continue
                yield node
                if not isinstance(node, ast.JoinedStr):
                    yield from self.nodes(node)


def _unsaid(node: ast.AST) -> bool:
    """Whether a node is a docstring, or seen by type checkers alone."""
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Import | ast.ImportFrom)
