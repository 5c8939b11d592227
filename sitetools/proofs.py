"""What proves a claim, and where a post settles it: the marks `@claim` above tests, and the marks in a post's text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sitetools.marks import marks_in
from sitetools.modules import Module

VERDICTS = {
    "confirmed": "✓",
    "conditions": "◐",
    "imprecise": "≈",
    "wrong": "✗",
    "definition": "=",
    "undecided": "?",
}
READ = ("definition", "undecided")  # the verdicts that need no more than a passage to read
MARK = re.compile(r"\[\[S\d-\d\d+\]\]")
BOX = re.compile(r"^(?P<bar>/{3,}) claim \| (?P<ids>.+)\n(?P<held>(?:.*\n)*?)(?P=bar)\ *$", re.M)
HEAD = re.compile(r"^/{3,} claim \| (.+)$", re.M)
PARAGRAPH = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.)\s)")


@dataclass(frozen=True)
class Proof:
    """A test that supports a verdict on a claim, as `@claim("S4-36", "wrong")` above it says."""

    claim: str
    verdict: str
    says: str  # the row's words, or nothing
    uri: str
    line: int  # of the decorator
    test: str


def proofs(module: Module, faults: list[str]) -> Iterator[Proof]:
    """What the decorators of a module of tests say, read from its syntax tree."""
    marks = ((node, mark) for node in ast.walk(module.tree) for mark in getattr(node, "decorator_list", []))
    for node, mark in marks:
        if getattr(getattr(mark, "func", mark), "id", "") != "claim":
            continue
        said: list[Any] = [getattr(word, "value", None) for word in getattr(mark, "args", [])]
        test = getattr(node, "name", "")
        is_test = test.startswith("test_") and node in module.tree.body
        if is_test and len(said) in (2, 3) and all(isinstance(word, str) for word in said):
            yield Proof(said[0], said[1], "".join(said[2:]), module.uri, mark.lineno, test)
        else:
            asked = 'write @claim("S4-36", "wrong"), plain texts, directly above a test of the module'
            faults.append(f"{module.uri}:{mark.lineno}: {ast.unparse(mark)} above {test!r}: {asked}")


def place(row: dict[str, Any]) -> str:
    """The place of a row, and its claim."""
    return f"claims/{row['post']}.toml:{row['line']}: {row['id']}"


def differing(p: Proof, row: dict[str, Any] | None) -> Iterator[str]:
    """What a decorator and the row of its claim say differently."""
    if row is None:
        asked = "add one to claims/, or name the claim that the test settles"
        yield f"{p.uri}:{p.line}: @claim {p.claim} has no row; {asked}"
        return
    for ours, theirs in ((p.verdict, row["verdict"]), (p.says or row["says"], row["says"])):
        if ours != theirs:
            there = f"claims/{row['post']}.toml:{row['line']} says {theirs!r}"
            yield f"{p.uri}:{p.line}: @claim {p.claim} says {ours!r}, {there}; correct the one that is wrong"


def unproved(row: dict[str, Any], posts: set[str]) -> Iterator[str]:
    """What a row lacks: any proof, a test or a citation for its verdict, a test in the module of its own post."""
    own, *others = (f"tests/snippets/test_{post.replace('-', '_')}.py" for post in (row["post"], *posts))
    asked = f'put @claim("{row["id"]}", "{row["verdict"]}") above the test in {own} that shows it'
    elsewhere = [f"{p.uri}:{p.line}" for p in row["tests"] if p.uri in others]
    if not row["tests"] and not any(p.startswith("cite:") or row["verdict"] in READ for p in row["proof"]):
        yield f"{place(row)} is {row['verdict']}, and no test and no citation proves it; {asked}"
    elif elsewhere and own not in {p.uri for p in row["tests"]}:
        yield f"{place(row)} is proved in the tests of another post alone ({elsewhere[0]}); {asked}"


def passages(text: str, claim: str) -> Iterator[str]:
    """What the marks of a claim settle: the boxes it heads; before a mark, its paragraph back to another claim's."""
    for box in BOX.finditer(text):
        if claim in box["ids"].split():
            yield box["held"]
    for paragraph in PARAGRAPH.split(text):
        before, found, _ = paragraph.partition(f"[[{claim}]]")
        if found:
            yield MARK.split(re.sub(rf"(?:\s*{MARK.pattern})+\s*$", "", before))[-1]


def boxed(text: str) -> set[str]:
    """The claims that head a box of a text."""
    return {claim for ids in HEAD.findall(text) for claim in ids.split()}


@lru_cache(maxsize=64)
def marked(text: str) -> set[str]:
    """The claims that have a mark in a text, or head a box of it."""
    return boxed(text) | {m["id"] for m in marks_in(text) if m.lastgroup == "claim"}


def lists_sources(text: str) -> bool:
    """Whether a text asks for the list of what the sources said."""
    return any(m["list"] == "sources" for m in marks_in(text) if m.lastgroup == "listing")


def named_only(row: dict[str, Any], text: str) -> bool:
    """Whether a post defines or names what a row claims, and no more: then it needs no mark there."""
    return row["verdict"] == "definition" and row["id"] not in marked(text)


def unsettled(row: dict[str, Any], text: str) -> Iterator[str]:
    """What is wrong with where a post settles a row: its words, or no mark where `[[sources]]` leads to one."""
    if "at" in row:
        yield from misplaced(row, text)
    if row["verdict"] not in READ and row["id"] not in marked(text) and lists_sources(text):
        asked = f"set [[{row['id']}]] behind the words that settle it, or let it head a box"
        yield f"{place(row)} is {row['verdict']}, and series/{row['post']}.md has no mark of it; {asked}"


def misplaced(row: dict[str, Any], text: str) -> Iterator[str]:
    """What is wrong with the words `at` of a row, which must stand where a mark of its claim settles them."""
    at, page = row["at"], f"series/{row['post']}.md"
    if at not in text:
        yield f"{place(row)} is settled at {at!r}, which {page} does not hold; quote it as it stands there"
    elif row["verdict"] in READ and row["id"] not in marked(text):
        return  # what is only defined or named needs no mark
    elif not any(at in passage for passage in passages(text, row["id"])):
        asked = f"set [[{row['id']}]] behind these words and before the next claim's mark, or quote others"
        yield f"{place(row)} is settled at {at!r} in {page}, where its mark does not stand; {asked}"
