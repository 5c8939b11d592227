"""Errors in what stands behind the text: recorded results, the ledger, the literature."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from mutants import prose
from mutants.code import constants
from mutants.places import POSTS, Edit, Files, Tree, only

VERDICTS = ("confirmed", "imprecise", "wrong", "definition")


def _matching(files: Files, pattern: str) -> Iterator[tuple[str, str]]:
    return ((uri, files[uri]) for uri in sorted(files) if re.fullmatch(pattern, uri))


# A number that stands alone: its sign, its first three digits that count, and what follows.
NUMBER = r"(?<![^\s\[])(-?)((?:0\.0*[1-9]\d?|[1-9]\d?(?:\.\d)?|0)\d?)([\d.]*)(?=[,\]\s])"


def recorded(files: Files, pattern: str) -> Iterator[Edit]:
    """A digit of a number that a file holds, among the first three that count."""
    for uri, whole in _matching(files, pattern):
        for m in re.finditer(NUMBER, whole):
            yield Edit(uri, *m.span(), m[1] + prose.other_number(m[2]) + m[3])


def results(files: Files) -> Iterator[Edit]:
    """A raw value or a setting of a result."""
    yield from recorded(files, r"experiments/results/.*\.json")


def printed(files: Files) -> Iterator[Edit]:
    """A digit of what a snippet printed, or of a value that it left."""
    yield from recorded(files, r"snippets/out/.*\.txt")
    yield from recorded(files, r"snippets/out/.*\.json")


def measured(files: Files) -> Iterator[Edit]:
    """A constant of an experiment."""
    for uri, whole in _matching(files, r"experiments/[a-z]\w*\.py"):
        if f"experiments/results/{uri[12:-3]}.json" in files:
            yield from (Edit(uri, *edit) for edit in constants(Tree(whole)))


def _ledger(files: Files) -> Iterator[tuple[str, str]]:
    return _matching(files, rf"claims/({'|'.join(POSTS)})\.toml")


def verdicts(files: Files) -> Iterator[Edit]:
    """A verdict turned, in the ledger or in the test that supports it."""
    tests = "|".join(post.replace("-", "_") for post in POSTS)
    places = [(*file, r'(?<=^verdict = ")\w+') for file in _ledger(files)]
    places += [
        (*file, r'(?<=", ")(?:confirmed|imprecise|wrong|definition)(?="\))')
        for file in _matching(files, rf"tests/snippets/test_({tests})\.py")
    ]
    for uri, whole, pattern in places:
        for m in re.finditer(pattern, whole, re.M):
            yield from (Edit(uri, *m.span(), other) for other in VERDICTS[:3] if other != m[0])


def proofs(files: Files) -> Iterator[Edit]:
    """A proof that leads to another claim's: the test in a row, or the claim above a test."""
    tests = "|".join(post.replace("-", "_") for post in POSTS)
    for (uri, whole), pattern in [
        *((f, r"(?<=::)test_\w+") for f in _ledger(files)),
        *((f, r'(?<=@claim\(")S\d-\d+') for f in _matching(files, rf"tests/snippets/test_({tests})\.py")),
    ]:
        for a, b in pairwise(re.finditer(pattern, whole)):
            if a[0] != b[0]:
                yield Edit(uri, *a.span(), b[0])


def rows(files: Files) -> Iterator[Edit]:
    """A number or a word in what a row says, or in what holds."""
    for uri, whole in _ledger(files):
        said = only(
            whole, (m.span(1) for m in re.finditer(r'^(?:says|holds|passage) = "(.*)"$', whole, re.M))
        )
        for find in (prose.words, prose.negations, prose.typed, prose.siblings, prose.formulas):
            yield from find(files, (uri, said))


def literature(files: Files) -> Iterator[Edit]:
    """The year or the authors of a work, or a published value."""
    for uri, whole in _matching(files, r"claims/literature\.toml"):
        for m in re.finditer(r"(?<=^year = )\d+|(?<=\{ value = )[\d.]*\d", whole, re.M):
            yield Edit(uri, *m.span(), prose.other_number(m[0]))
        for m in re.finditer(r'^(?:authors|short) = "(.*)"$', whole, re.M):
            names = list(re.compile(r"[^\W\d_][^\W\d_]{2,}(?:-\w+)?").finditer(whole, *m.span(1)))
            for a, b in pairwise(n for n in names if n[0] not in ("and",)):
                yield Edit(uri, a.start(), b.end(), b[0] + whole[a.end() : b.start()] + a[0])
            for year in re.compile(r"\b\d{4}\b").finditer(whole, *m.span(1)):
                yield Edit(uri, *year.span(), prose.other_number(year[0]))
