"""The texts of the posts, measured: the length of their sentences, and when the first figure, formula and number come.

`make measures` prints the table; `test_measures.py` holds the limits.
"""

import re
from dataclasses import dataclass
from statistics import median

from sitetools import ROOT
from sitetools.house import House, read
from sitetools.marks import TOKEN
from sitetools.reading import Paragraph, paragraphs

SHORT = 10  # words
FORMULA = re.compile(r"\$[^$]+\$")
CODE = re.compile(r"(`+).+?\1")
APART = re.compile(r"^(?:#|\||[-+] |\d+[.)] )")  # headings, rows of tables, items of lists
FIGURE = re.compile(r"!\[(?:\[\[[^\]]*\]\]|[^\]])*\]\(figure:|\[\[figure:|^/{3,} explorable\b", re.M)
REFERENCE = re.compile(r"\b(?:[Pp]art|[Ee]xercise) \d+")
CLOSING = r"[\"”’)\]]*"
END = re.compile(rf"(?<=[.?!…]){CLOSING}\s+(?=[\"“‘(\[]*[A-Z0-9])")
NO_END = re.compile(rf"(?:\b(?:i\.e|e\.g|cf|vs|al|approx|resp|Fig|Eq|Sec|No)|\b[A-Z])\.{CLOSING}$")


@dataclass(frozen=True)
class Measures:
    """What is measured of a post. Places are words of prose before the first of a kind; None where there is none."""

    topic: str
    words: int
    sentences: tuple[str, ...]
    figure: int | None  # or explorable
    formula: int | None  # displayed
    number: int | None

    @property
    def lengths(self) -> list[int]:
        """The words of each sentence."""
        return [len(words(s)) for s in self.sentences]

    @property
    def row(self) -> list[str]:
        """Its row of the table."""
        short = sum(n <= SHORT for n in self.lengths) / len(self.lengths)
        places = ["–" if n is None else str(n) for n in (self.figure, self.formula, self.number)]
        spread = [f"{median(self.lengths):g}", str(max(self.lengths)), f"{short:.0%}"]
        return [self.topic, str(self.words), str(len(self.lengths)), *spread, *places]


HEAD = ["post", "words", "sentences", "median", "longest", "short", "figure", "formula", "number"]


def words(text: str) -> list[str]:
    """The words of a text: what stands between spaces and holds a letter or a digit."""
    return [word for word in text.split() if re.search(r"\w", word)]


def plain(text: str) -> str:
    """A text in which each formula and each piece of code is one word."""
    return CODE.sub("Code", FORMULA.sub("Formula", text))


def body(read: list[Paragraph]) -> list[str]:
    """The paragraphs of the body; those that a displayed formula or a block of code cuts in two are one again."""
    found: list[str] = []
    for text in (p.text for p in read if not p.whole):
        if APART.match(text) or not words(FORMULA.sub("", text)):
            continue
        goes_on = found and not re.search(rf"[.?!:…]{CLOSING}$", found[-1]) and text[:1].islower()
        if goes_on:
            found[-1] += f" {plain(text)}"
        else:
            found.append(plain(text))
    return found


def sentences(paragraph: str) -> list[str]:
    """The sentences of a paragraph."""
    found: list[str] = []
    for piece in END.split(paragraph):
        if found and NO_END.search(found[-1]):
            found[-1] += f" {piece}"
        else:
            found.append(piece)
    return found


def measured(house: House, topic: str) -> Measures:
    """A post, measured."""
    text = house.posts[topic].text
    formulas = (m.start() for m in TOKEN.finditer(text) if m.lastgroup == "formula" and m["display"])
    figures = (m.start() for m in FIGURE.finditer(text))
    prose = body(paragraphs(house, topic))

    def before(end: int | None) -> int | None:
        return None if end is None else len(words(" ".join(body(paragraphs(house, topic, end)))))

    whole = words(REFERENCE.sub("Reference", " ".join(prose)))
    return Measures(
        topic,
        len(whole),
        tuple(s for paragraph in prose for s in sentences(paragraph)),
        before(next(figures, None)),
        before(next(formulas, None)),
        next((i for i, word in enumerate(whole) if re.search(r"\d", word)), None),
    )


def table(rows: list[list[str]]) -> str:
    """Rows under the head, in columns."""
    widths = [max(map(len, column)) for column in zip(HEAD, *rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(w) if i else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in [HEAD, *rows]
    )


def main() -> None:
    """Print the table, and the sentences that are too long."""
    house = read(ROOT)
    found = [measured(house, topic) for topic, _ in house.posts.good()]
    print(table([m.row for m in found]))
    for m in found:
        for sentence in m.sentences:
            if len(words(sentence)) > 40:
                print(f"\n{m.topic}, {len(words(sentence))} words: {sentence}")


if __name__ == "__main__":
    main()
