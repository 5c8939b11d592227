"""Errors in what a reader reads: formulas, words, numbers, tables, references; in the text or in an exercise."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

from mutants.places import POSTS, Edit, Files, passages, worded
from sitetools import SiteError, statistics
from sitetools.marks import TOKEN

Passage = tuple[str, str]
FORMULA = [  # what a slip of the pen does to LaTeX
    (r"(?<=[\w)}\]] )-(?= )", "+"),
    (r"(?<=[\w)}\]] )\+(?= )", "-"),
    (r"(?:(?<=[({])|(?<== ))-(?=[\w\\(])", ""),  # a sign dropped
    (r"(?<=[({=] )(?=\\(?:log|max|sum))", "-"),
    (r"(?<![\w.{(])[2-9](?=\s?[a-z\\(])", ""),  # a factor dropped
    (r"\^(?:\\top|T\b|\{\\top\}|\^\{T\})", ""),
    (r"(?<=\^)2|(?<=\^\{)2(?=\})", "3"),
    (r"(?<=\^\{\()1(?=\)\})", "2"),
    (r"(?<=\^\{\()2(?=\)\})", "1"),
    (r"(?<=_)1|(?<=_\{)1(?=\})", "2"),
    (r"(?<=_)2|(?<=_\{)2(?=\})", "1"),
    (r"(?<=_\{)(\w)(\w)(?=\})", r"\2\1"),
    (r"<", ">"),
    (r">", "<"),
    (r"\\le\b", r"\\ge"),
    (r"\\max\b", r"\\min"),
    (r"\\partial (\w) / \\partial (\w)", r"\\partial \2 / \\partial \1"),
    (r"\b([xhz])\b(?!\^)", lambda m: {"x": "z", "h": "z", "z": "h"}[m[0]]),
    (r"\b([efr])\b(?=[,$])", lambda m: {"e": "f", "f": "r", "r": "e"}[m[0]]),
    (r"(\\mathbf\{\w\}(?:\^\{\(\d\)\})?)(\\mathbf\{\w\}(?:\^\{\(\d\)\})?)", r"\2\1"),
    (r"\by = 0\b", "y = 1"),
    (r"\by = 1\b", "y = 0"),
    (r"\bp - y\b", "y - p"),
]
COUNTS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
TURNS = """larger smaller|rises falls|rise fall|raises lowers|raise lower|rose fell|above below|positive negative|
first second|second third|with without|more less|most least|higher lower|better worse|good bad|low high|
twice half|half twice|sixteen eight|all some|every no|none all|only also|before after|always never|nothing something|
adds removes|exactly about|everything much|exceeds misses|up down|unknown known|largest smallest|
nowhere everywhere|nobody everybody|anywhere somewhere|same other|outlined hatched"""
OTHER = {a: b for pair in TURNS.split("|") if " " in pair.strip() for a, b in [pair.split()]}
OTHER = {b: a for a, b in OTHER.items()} | OTHER | dict(pairwise(COUNTS)) | {"twelve": "eleven"}
TURNED = re.compile(
    rf"(?<![-“\w])(?:{'|'.join(sorted(OTHER, key=len, reverse=True))})(?![-”\w])"
    r"|(?<=\bfrom )left|\b(?:left|right)(?= (?:of|columns|rows|side|map|panel|to))"
    r"|(?:(?<=to the )|(?<=on the ))(?:left|right)",
    re.I,
)
# Where the same letters are no such word: “this one”, “at all”, “all of it”, “so that on …”.
NO_WORD = re.compile(
    r"(?:\b(?:the|this|that|which|each|every|another|no|as|traced) one|\bone (?:is|another|more|half|email)|\bat all|"
    r"\bwith (?:respect|the|a|its|their|it|this)|no more|once more|about (?:the|a|an|it|its|this|that|slopes))\b",
    re.I,
)
NOUN = re.compile(
    r"\b(?:a|an|the|each|every|of|for|which|with|and|more|most|contain|word) “?"
    r"(?!(?:which|what|that|they|them|good|most|left|right|have|exclamation|traced)\b)([a-z]{4,})\b(?! \d)"
)
NUMBER = re.compile(r"(?<![\w.,/#-])\d+(?:\.\d+)?(?![\w/]|\.\d|,\d)")


def within(find: Callable[[Files, Passage], Iterator[Edit]], *, exercises: bool = False) -> Any:
    """A finder of edits in a passage, as a finder of those in a project."""

    def found(files: Files) -> Iterator[Edit]:
        for passage in passages(files, exercises=exercises):
            yield from find(files, passage)

    found.__name__ = find.__name__
    return found


def formulas(files: Files, passage: Passage) -> Iterator[Edit]:
    """A sign, a factor, a transpose, an index, an exponent, a comparison."""
    uri, visible = passage
    for m in TOKEN.finditer(visible):
        if m.lastgroup == "formula":
            latex = re.sub(r"\[\[[^\]]*\]\]", lambda n: "[" * len(n[0]), m[0])
            for pattern, new in FORMULA:
                for slip in re.finditer(pattern, latex):
                    start, end = slip.span()
                    yield Edit(
                        uri,
                        m.start() + start,
                        m.start() + end,
                        slip.expand(new) if isinstance(new, str) else new(slip),
                    )


def words(files: Files, passage: Passage) -> Iterator[Edit]:
    """A number word, a comparative or a direction turned round."""
    uri, visible = passage
    text = NO_WORD.sub(lambda m: " " * len(m[0]), worded(visible))
    for m in TURNED.finditer(text):
        other = {"left": "right", "right": "left"}.get(m[0].lower()) or OTHER[m[0].lower()]
        yield Edit(uri, *m.span(), other.capitalize() if m[0][0].isupper() else other)


def negations(files: Files, passage: Passage) -> Iterator[Edit]:
    """A *not* dropped, or put in."""
    uri, visible = passage
    text = worded(visible)
    for m in re.finditer(r"(?<=[\w,])( \*?not\*?)(?= )", text):
        yield Edit(uri, *m.span(), "")
    for m in re.finditer(r"\b(?:is|are|was|were)\b(?= (?!not|what|why|how|it\b|we\b|the\b)[a-z])", text):
        yield Edit(uri, *m.span(), f"{m[0]} not")


def exchanged(files: Files, passage: Passage) -> Iterator[Edit]:
    """Two nouns of a caption, or of an alt text, in each other's place."""
    uri, visible = passage
    captions = [m.span() for m in re.finditer(r"^(/{3,5}) caption\n.*?^\1$", visible, re.M | re.S)]
    alts = [m.span("alt") for m in TOKEN.finditer(visible) if m.lastgroup == "picture"]
    texts = [(0, len(visible))] if uri.endswith(".py") else captions + alts
    text = worded(visible)
    for start, end in texts:
        nouns = [m.span(1) for m in NOUN.finditer(text, start, end)]
        for (a, b), (c, d) in pairwise(nouns):
            if visible[a:b] != visible[c:d] and "\n" not in visible[a:d].strip():
                yield Edit(uri, a, d, visible[c:d] + visible[b:c] + visible[a:b])


def value(files: Files, name: str) -> Any:
    """What a number by reference stands for; None where that cannot be told."""
    head, *path = name.split(".")
    try:
        if f"experiments/results/{head}.json" in files:
            return statistics.value(statistics.parsed(files[f"experiments/results/{head}.json"], head), path)
        found = json.loads(files[f"snippets/out/{head}.json"])["values"]
        for step in path:
            found = found[int(step)] if isinstance(found, list) else found[step]
    except (KeyError, IndexError, ValueError, TypeError, SiteError):
        return None
    return Fraction(found["fraction"]) if isinstance(found, dict) and "fraction" in found else found


def shown(files: Files, name: str, spec: str) -> str | None:
    """A number as a page would show it; None where it could not."""
    try:
        return format(found, spec) if (found := value(files, name)) is not None else None
    except (TypeError, ValueError):
        return None


def siblings(files: Files, passage: Passage) -> Iterator[Edit]:
    """Another variable of the same module in the place of one: its neighbours among those that the posts quote."""
    uri, visible = passage
    mark = re.compile(r"\[\[([a-z]\w*\.[\w.-]+)((?:\|[^\[\]\n]*)?)\]\]")
    texts = [files[u] for p in POSTS for u in (f"docs/series/{p}.md", f"claims/{p}.toml") if u in files]
    quoted = list(dict.fromkeys(m[1] for text in texts for m in mark.finditer(text)))
    for m in mark.finditer(visible):
        name, spec = m[1], m[2][1:]
        head = name.partition(".")[0]
        own = [q for q in dict.fromkeys([*quoted, name]) if q.startswith(f"{head}.")]
        here, now = own.index(name), shown(files, name, spec)
        for other in (own[here - 1], own[(here + 1) % len(own)]):
            if other != name and ("±" in spec or shown(files, other, spec) not in (None, now)):
                yield Edit(uri, *m.span(), f"[[{other}{m[2]}]]")


def cells(files: Files, passage: Passage) -> Iterator[Edit]:
    """A cell of a table and the one below it in each other's place."""
    uri, visible = passage
    row = re.compile(r"^\|.*\|$", re.M)
    cell = re.compile(r"(?<=\|)(?:\[\[[^\]]*\]\]|[^|\n])*(?=\|)")
    for above, below in pairwise(row.finditer(visible)):
        if below.start() == above.end() + 1 and not re.match(r"\|[-:| ]+\|$", below[0] + above[0]):
            for a, b in zip(cell.finditer(above[0]), cell.finditer(below[0]), strict=False):
                if a[0].strip() and b[0].strip() and a[0] != b[0] and "---" not in a[0] + b[0]:
                    start, end = above.start() + a.start(), below.start() + b.end()
                    between = visible[above.start() + a.end() : below.start() + b.start()]
                    yield Edit(uri, start, end, b[0] + between + a[0])


def typed(files: Files, passage: Passage) -> Iterator[Edit]:
    """A typed number with another last digit."""
    uri, visible = passage
    kept = re.sub(
        r"\[\[[^\]]*\]\]|figure:\S+|\]\([^)]*\)|^--8<--.*$", lambda m: " " * len(m[0]), visible, flags=re.M
    )
    for m in NUMBER.finditer(kept):
        yield Edit(uri, *m.span(), other_number(m[0]))


def other_number(number: str) -> str:
    """A number with another last digit: the next, and 8 for 9."""
    last = int(number[-1])
    return number[:-1] + str(last + 1 if last < 9 else 8)


def references(files: Files, passage: Passage) -> Iterator[Edit]:
    """Another figure, part, page, block, work or claim than the one that is meant."""
    uri, visible = passage
    everywhere = "\n".join(text for u, text in files.items() if re.match(r"docs/(series/|index)", u))
    own = {m[0] for m in re.finditer(r"\bS\d-\d+\b", visible)}
    for pattern, targets in (
        (r"(?<=\(figure:)[\w-]+", everywhere),
        (r"(?<=\[\[ref:)[a-z]+\.[\w-]+", everywhere),
        (r"(?<=\()[\w/-]+\.md", visible),
        (r"(?<=\[@)\w+(?=\])", everywhere),
        (r'(?<=--8<-- ")[\w/.]+:[\w-]+', visible),
        (r"\bS\d-\d+\b", " ".join(sorted(own))),
    ):
        known = list(dict.fromkeys(re.findall(pattern, targets)))
        for m in re.finditer(pattern, visible):
            kind = m[0].partition(".")[0] if "." in m[0] and not m[0].endswith(".md") else ""
            others = [k for k in known if k.startswith(kind)] or known
            other = others[(others.index(m[0]) + 1) % len(others)] if m[0] in others else m[0]
            if other != m[0]:
                yield Edit(uri, *m.span(), other)
