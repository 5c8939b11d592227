"""The references: what a work is called in the text, and whether a sentence that cites it is about it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from sitetools import SiteError
from sitetools.marks import TOKEN

NEEDED = {"authors", "year", "title", "where", "about"}
CITATION = re.compile(r"\[@[a-z]+\d{4}[a-z]?\]")
# Where a sentence ends in Markdown: behind a point or semicolon, at an empty line, an item of a list, a cell of a table.
END = re.compile(r"(?<=[.;?!])(?<!\bal\.)[)”’*_]*\s+|\n\s*\n|\n(?=\s*(?:[-*]|\d+\.)\s)|\|")


def names(authors: str) -> list[str]:
    """The family names in a list of authors; for contributors, the name of what they wrote."""
    people = re.split(r",\s+|\s+and\s+", authors)
    return [p.removesuffix(" contributors") if p.endswith(" contributors") else p.split()[-1] for p in people]


def entry(key: str, held: dict[str, Any]) -> dict[str, Any]:
    """An entry of the literature with its short form; an error where its parts do not agree."""
    if missing := NEEDED - {name for name, value in held.items() if value}:
        raise SiteError(f"claims/literature.toml: [{key}] lacks {', '.join(sorted(missing))}")
    family = names(held["authors"])
    plain = unicodedata.normalize("NFKD", family[0]).lower()
    asked = re.sub(r"[^a-z]", "", plain) + str(held["year"])
    if not re.fullmatch(rf"{asked}[a-z]?", key):
        agree = f"first author {family[0]!r}, year {held['year']}: its key is {asked!r}"
        raise SiteError(f"claims/literature.toml: [{key}] has the {agree}; correct the one that is wrong")
    called = f"{family[0]} et al." if len(family) > 3 else " & ".join([", ".join(family[:-1]), family[-1]])
    return held | {"short": f"{called.removeprefix(' & ')} {held['year']}"}


def is_about(held: dict[str, Any], text: str) -> bool:
    """Whether a text names an author of a work, or one of its topic words."""
    # Ba, Gaussian, or the key in a value's name, and not backpropagation.
    people = [rf"{re.escape(name)}(?:ian|\d+[a-z]?)?\b" for name in names(held["authors"])]
    words = [*people, *map(re.escape, held["about"])]
    return any(re.search(rf"(?<!\w){word}", text, re.I) for word in words)


def asked(key: str, held: dict[str, Any]) -> str:
    """What a text that cites a work must hold."""
    named = ", ".join([*names(held["authors"]), *held["about"]])
    return f"names none of its authors or topics ({named}): cite another work, or add a word to `about` of [{key}]"


def _plain(m: re.Match[str]) -> str:
    """What of a mark belongs to its sentence, in as many characters: a citation, and the words of a term."""
    if m.lastgroup == "citation":
        return m[0]
    words = re.split(r"[:|]", m[0][2:-2])[-1] if m.lastgroup == "term" else ""
    return words + re.sub(r"[^\n]", " ", m[0][len(words) :])


def cited(text: str) -> Iterator[tuple[str, str, str]]:
    """Each citation of a Markdown text: its line up to it, its key, and the sentence, or its part of one with several."""
    plain = TOKEN.sub(_plain, text)
    for m in CITATION.finditer(plain):
        before = CITATION.split(END.split(plain[: m.start()])[-1])
        after = CITATION.split(END.split(plain[m.end() :])[0])
        left = before[-1].partition(",")[2] if len(before) > 1 and "," in before[-1] else before[-1]
        right, comma, _ = after[0].partition(",") if len(after) > 1 else (after[0], True, "")
        right = right if comma or not left.strip() else ""  # "MNIST [@…] and CIFAR-10 [@…]"
        yield text[text.rfind("\n", 0, m.start()) + 1 : m.end()], m[0][2:-1], f"{left} {right}"
