"""The terms of the series: what each means, which part explains it, and where a text uses it.

A term has one home, the part that explains it. In later parts its first use carries the definition by itself; in earlier
ones it must not be used, or must be linked to the glossary (`tests/site/test_terms.py`).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sitetools import SiteError
from sitetools.marks import TOKEN

NEEDED = {"definition", "home"}
KNOWN = {*NEEDED, "also", "forms", "not_in", "ordinary"}
# Where nothing is put into a text: captions and the figures within explorables, the lines of blocks, tables, headings,
# links, tags, attributes.
NO_ROOM = re.compile(
    r"^/{3,} (?:caption|explorable)\b.*?^/{3,}[ ]*$|^/{3,}.*?$|^[ ]*\|.*?$|^\#.*?$"
    r"|\[[^\[\]]*\]\([^)]*\)|<[^>]+>|\{:?[^}]*\}|https?://\S+",
    re.M | re.S,
)
NO_WORDS = re.compile(
    r"^/{3,}.*?$|(?<=\])\([^)]*\)|<[^>]+>|\{:?[^}]*\}|https?://\S+", re.M
)  # nor are they read
AROUND = 80  # characters before and behind a use, in which `not_in` is looked for


@dataclass(frozen=True)
class Term:
    """A term, its other names, its plurals and the like; one of `ordinary` words is only found by its mark."""

    name: str
    definition: str
    home: str  # the topic of the part that explains it
    also: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    not_in: re.Pattern[str] | None = None  # words around it with which it is no term
    ordinary: bool = False

    @property
    def anchor(self) -> str:
        """Its anchor, in the glossary and in its home."""
        return "term-" + re.sub(r"[^a-z0-9]+", "-", self.name.lower())

    @property
    def wordings(self) -> tuple[str, ...]:
        """All that it is written as."""
        return self.name, *self.also, *self.forms

    def used(self, m: re.Match[str]) -> bool:
        """Whether words that are found in a text are meant as the term."""
        around = (
            self.not_in.finditer(m.string, max(0, m.start() - AROUND), m.end() + AROUND)
            if self.not_in
            else ()
        )
        return not any(no.start() <= m.start() and m.end() <= no.end() for no in around)


@dataclass(frozen=True)
class Glossary:
    """All terms, by name and by what they are written as."""

    terms: dict[str, Term] = field(default_factory=dict)

    @cached_property
    def written(self) -> dict[str, Term]:
        """The terms by each of their wordings."""
        return {lowered(w): term for term in self.terms.values() for w in term.wordings}

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What finds them, the longest first: whole words, the first letter small or capital, over the end of a line."""
        found = sorted((w for w, t in self.written.items() if not t.ordinary), key=len, reverse=True)
        either = (
            f"[{w[0].upper()}{re.escape(w[0])}]" + re.escape(w[1:]).replace(r"\ ", r"\s+") for w in found
        )
        return re.compile(rf"(?<![\w-])(?:{'|'.join(either) or '(?!)'})(?![\w-])")

    def of(self, wording: str) -> Term:
        """The term of that name, or written so."""
        if found := self.written.get(lowered(wording)):
            return found
        near = ", ".join(difflib.get_close_matches(lowered(wording), self.written, 3, 0.5))
        raise SiteError(f"there is no term {wording!r} in docs/terms.toml{near and f'; near are {near}'}")

    def uses(self, text: str) -> Iterator[tuple[re.Match[str], Term]]:
        """Where a text uses a term, in order."""
        for m in self.pattern.finditer(text):
            term = self.of(m[0])
            if term.used(m):
                yield m, term


def lowered(wording: str) -> str:
    """A wording with a small first letter, and one space between words."""
    joined = " ".join(wording.split())
    return joined[:1].lower() + joined[1:]


def parsed(held: dict[str, dict[str, Any]], homes: set[str], faults: list[str]) -> Glossary:
    """The terms of a file; what is wrong with one is a fault, and it is left out."""
    terms: dict[str, Term] = {}
    by: dict[str, str] = {}
    for name, row in held.items():
        lists = {key: tuple(row.get(key, ())) for key in ("also", "forms")}
        wrong = [f"lacks {key}" for key in sorted(NEEDED - row.keys())]
        wrong += [
            f"has {key!r}, which is none of {', '.join(sorted(KNOWN))}" for key in sorted(row.keys() - KNOWN)
        ]
        if row.get("home", "") not in homes and "home" in row:
            wrong.append(
                f"has the home {row['home']!r}, which is no part: neither in nav of mkdocs.yml, nor planned"
            )
        for wording in map(lowered, (name, *lists["also"], *lists["forms"])):
            if by.setdefault(wording, name) != name:
                wrong.append(f"is written {wording!r}, and so is {by[wording]!r}")
        faults += (f"docs/terms.toml: {name!r} {cause}" for cause in wrong)
        if not wrong:
            not_in = re.compile(row["not_in"].replace(" ", r"\s+"), re.I) if "not_in" in row else None
            terms[name] = Term(name, **(row | lists | {"not_in": not_in}))
    return Glossary(terms)


def blank(text: str) -> str:
    """As many spaces, on as many lines."""
    return re.sub(r"[^\n]", " ", text)


def marks(text: str) -> Iterator[re.Match[str]]:
    """Every mark of a term in a text."""
    return (m for m in TOKEN.finditer(text) if m.lastgroup == "term")


def marked(text: str, glossary: Glossary) -> set[str]:
    """The names of the terms that a text marks."""
    found = (glossary.written.get(lowered(m["meant"])) for m in marks(text))
    return {term.name for term in found if term}


def with_first_uses(text: str, glossary: Glossary, known: set[str]) -> str:
    """A text in which the first use of each known term has its mark, but for those that have one in the text."""
    room = NO_ROOM.sub(lambda m: blank(m[0]), TOKEN.sub(lambda m: blank(m[0]), text))
    left = known - marked(text, glossary)
    out, at = [], 0
    for m, term in glossary.uses(room):
        if term.name in left:
            left.remove(term.name)
            out += [text[at : m.start()], f"[[term:{term.name}|{m[0]}]]"]
            at = m.end()
    return "".join([*out, text[at:]])
