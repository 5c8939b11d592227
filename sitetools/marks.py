"""The marks that the site adds to Markdown: one small class for each, its syntax and what it becomes together.

| mark | means |
|---|---|
| ``--8<-- "snippets/one_email.py:forward"`` | a region of a snippet module, alone on its line |
| ``--8<-- "scratchmlp/layers.py:Dense"`` | a function, class or method of the package, alone on its line |
| ``[[one_email.p|.3f]]`` | a number: recorded by a snippet, measured by an experiment, or published (``lit.…``) |
| ``[[width.test.64|± .1%]]`` | a mean with its standard deviation over seeds; ``±se``: with its standard error |
| ``[[given.reputation]]`` | a quantity that is given: named in the front matter, with value and reason |
| ``[[ref:part.one-email]]``, ``[[ref:exercise.difference]]`` | “part 5”, “exercise 2”: computed, as links; or ``Part`` |
| ``[[S4-36]]`` | a claim of the sources: a sign, which leads to what the source said, or to its row in the ledger |
| ``[@key]`` | a citation of an entry in ``claims/literature.toml`` |
| ``[[term:hidden layer]]``, ``[[term:loss|losses]]`` | a term: defined in its home, elsewhere with a card |
| ``$…$``, ``$$…$$``, ``$$…$$ {: #eq-dense }`` | LaTeX; arithmetic must hold; the name is for the post's test |
| ``[[figure:name]]`` | a figure in both colour schemes, with the alt text and the caption that stand beside its drawing |
| ``![alt](figure:name)`` | a figure with other words than its own |
| ``[[rows: a = one; b = two]] | {label} | [[x.{key}]] |`` | a row of a table for each key, with its label |
| ``[[sources]]`` | what the sources said of the post's subject: its rows of the ledger, document by document |
| ``[[series]]``, ``[[ledger]]``, ``[[documents]]``, ``[[references]]``, ``[[glossary]]`` | a list that stands on a page |
| ``[[install]]`` | the line that installs the package from the site |
| ``[[cite]]`` | how to cite the site, as a block to copy |

What stands in code is left alone. All marks are found in one pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from sitetools import SiteError, arithmetic
from sitetools.typeset import mathml, part

if TYPE_CHECKING:
    from sitetools.facts import Fact
    from sitetools.page import Page

CAPTION = "/////"  # of a figure's own caption: more bars than any block around it has


class Mark:
    """What may stand in the text. `syntax` is a regular expression; its groups are named apart from all others."""

    syntax: str

    def text(self, m: re.Match[str], page: Page) -> str:
        """The Markdown that takes its place, HTML in it set aside by `page.stash`."""
        raise NotImplementedError

    def read(self, m: re.Match[str], page: Page) -> str:
        """What of it is read in a sentence, without HTML: what the tests of a post quote."""
        return ""

    def typed(self, m: re.Match[str]) -> str:
        """What of it a writer typed and a reader reads: where typed numbers are looked for."""
        return " "


class Code(Mark):
    """Code in Markdown, and comments: left alone."""

    syntax = r"""
        ^(?P<indent>\ *)(?P<bar>```+|~~~+)[^\n]*\n(?:.*?\n)??(?P=indent)(?P=bar)\ *$
      | (?<!`)(?P<tick>`+)(?!`)(?:.(?!\n\n))+?(?<!`)(?P=tick)(?!`)
      | <!--.*?-->"""

    def text(self, m: re.Match[str], page: Page) -> str:
        """Itself."""
        return m[0]

    def read(self, m: re.Match[str], page: Page) -> str:
        """Code in a line; blocks are no sentences."""
        return m[0] if m["tick"] else ""


class Include(Mark):
    """A block of tested code, with its output and its complete program."""

    syntax = r"""^(?P<pad>\ *)--8<--\ "(?P<path>[^":\n]+)(?::(?P<name>[^"\n]+))?"\ *$"""

    def text(self, m: re.Match[str], page: Page) -> str:
        """The snippet figure."""
        if not m["name"]:
            raise SiteError(f"say which region or definition of {m['path']} to show")
        return f"\n{m['pad']}{page.stash(part('snippet.html', **page.block(m['path'], m['name'])))}\n"


class Formula(Mark):
    """LaTeX, in a line or on its own; numbers by reference work inside."""

    syntax = r"""
        \$\$(?P<display>.+?)\$\$(?:\ *\n?\{:\ *\#(?P<equation>eq-[a-z0-9-]+)\ *\})?
      | (?<![\\$])\$(?=[^\s$])(?P<inline>(?:[^$\n]|\n(?!\s*\n))+?)(?<=\S)\$"""

    def text(self, m: re.Match[str], page: Page) -> str:
        """MathML, with the names of the numbers in it, and the name by which a test calls it."""
        latex = m["display"] or m["inline"]
        numbers = [
            f for f in marks_in(latex) if f.lastgroup == "number" and not f["fact"].startswith("given.")
        ]
        arithmetic.check(filled(latex, page, lambda fact: fact.value))
        html = part(
            "formula.html",
            tag="div" if m["display"] else "span",
            facts=" ".join(f["fact"] for f in numbers),
            id=m["equation"],
            math=mathml(filled(latex, page), bool(m["display"])),
        )
        return f"\n\n{page.stash(html)}\n\n" if m["display"] else page.stash(html)

    def typed(self, m: re.Match[str]) -> str:
        """The formula."""
        return m["display"] or m["inline"]

    def read(self, m: re.Match[str], page: Page) -> str:
        """Its LaTeX, numbers filled in."""
        return f"${' '.join(filled(m['display'] or m['inline'], page).split())}$"


class Picture(Mark):
    """An image, which must say what it shows; with `figure:` in front of its name, one of `figures/`."""

    syntax = r"!\[(?P<alt>(?:\[\[[^\]]*\]\]|[^\]])*)\]\((?P<src>[^)\s]*)\)"

    def text(self, m: re.Match[str], page: Page) -> str:
        """A figure in both schemes, or the image with numbers in its alt text written out."""
        alt = filled(m["alt"], page, lambda fact: fact.text).strip()
        if not alt:
            raise SiteError(f"image {m['src']} has no alt text")
        if not m["src"].startswith("figure:"):
            return f"![{alt}]({m['src']})"
        return page.stash(page.figure(m["src"].removeprefix("figure:"), alt))

    def typed(self, m: re.Match[str]) -> str:
        """The alt text."""
        return m["alt"]

    def read(self, m: re.Match[str], page: Page) -> str:
        """The alt text, as a caption."""
        return f"\n/// caption\n{filled(m['alt'], page, lambda fact: fact.text).strip()}\n///\n"


class Drawing(Mark):
    """A figure of `figures/` with its own words: alone on its line, or at the head of an explorable."""

    syntax = r"\[\[figure:(?P<drawn>[a-z0-9-]+)\]\]"

    def text(self, m: re.Match[str], page: Page) -> str:
        """The figure, and its caption."""
        words = page.house.drawing(m["drawn"])
        alt = filled(words["alt"], page, lambda fact: fact.text)
        figure = page.stash(page.figure(m["drawn"], alt))
        return f"{figure}\n{CAPTION} caption\n{expand(words['caption'], page)}\n{CAPTION}\n"

    def read(self, m: re.Match[str], page: Page) -> str:
        """The alt text and the caption."""
        words = page.house.drawing(m["drawn"])
        caption = TOKEN.sub(lambda mark: MARKS[mark.lastgroup or ""].read(mark, page), words["caption"])
        alt = filled(words["alt"], page, lambda fact: fact.text)
        return f"\n/// caption\n{alt}\n\n{caption}\n///\n"


class Claim(Mark):
    """A claim of the sources: a sign behind the words that settle it, which leads to what the source said."""

    # The space before it goes: it stands close to the words. A space behind the sign of a list stays.
    syntax = r"(?:(?<=[\w.,;:!?)”’%$\]])(?<!^\d\.)\ )?\[\[(?P<id>S\d-\d\d+)\]\]"

    def text(self, m: re.Match[str], page: Page) -> str:
        """The sign; one that follows another stands apart from it."""
        follows = re.search(r"\[\[S\d-\d\d+\]\]$", m.string[: m.start()]) is not None
        return page.stash(page.claim(m["id"], follows=follows))


class Reference(Mark):
    """What is referred to, computed from its target: a part of the series by its topic, an exercise by its name."""

    syntax = r"\[\[ref:(?P<kind>[A-Za-z]+)\.(?P<target>[a-z0-9-]+)\]\]"

    def text(self, m: re.Match[str], page: Page) -> str:
        """The words, as a link where there is something to lead to."""
        words, address = page.place(m["kind"], m["target"])
        return f"[{words}]({address})" if address else words

    def read(self, m: re.Match[str], page: Page) -> str:
        """The words."""
        return page.place(m["kind"], m["target"])[0]


class Term(Mark):
    """A term of the series: where it is explained its definition, elsewhere a link to the glossary, with a card."""

    syntax = r"\[\[term:(?P<meant>[^\[\]|\n]+)(?:\|(?P<wording>[^\[\]|]+))?\]\]"

    def text(self, m: re.Match[str], page: Page) -> str:
        """The wording, with what it means."""
        return page.stash(page.term(m["meant"], self.typed(m)))

    def typed(self, m: re.Match[str]) -> str:
        """The wording."""
        return " ".join((m["wording"] or m["meant"]).split())

    def read(self, m: re.Match[str], page: Page) -> str:
        """The wording."""
        return self.typed(m)


class Number(Mark):
    """A number by reference, which says where it comes from."""

    syntax = r"\[\[(?P<fact>[\w.-]+)(?:\|(?P<spec>[^\[\]\n]*))?\]\]"

    def text(self, m: re.Match[str], page: Page) -> str:
        """The number as written, linked with its source; a mean with its spread."""
        facts = page.numbers(m["fact"], m["spec"])
        return " ± ".join(page.stash(part("number.html", fact=f, href=page.origin(f))) for f in facts)

    def read(self, m: re.Match[str], page: Page) -> str:
        """The number as written."""
        return " ± ".join(fact.text for fact in page.numbers(m["fact"], m["spec"]))


class Citation(Mark):
    """A citation, linked with its reference."""

    syntax = r"\[@(?P<cite>[a-z]+\d{4}[a-z]?)\]"

    def text(self, m: re.Match[str], page: Page) -> str:
        """Authors and year."""
        entry = page.reference(m["cite"])
        return page.stash(
            part("citation.html", href=f"{page.up}references/#{m['cite']}", short=entry["short"])
        )

    def read(self, m: re.Match[str], page: Page) -> str:
        """Authors and year."""
        return str(page.reference(m["cite"])["short"])


class Listing(Mark):
    """A list that the site makes of what stands in its rooms."""

    syntax = r"\[\[(?P<list>series|ledger|sources|documents|references|glossary|install|cite)\]\]"

    def text(self, m: re.Match[str], page: Page) -> str:
        """The list, the marks in it expanded."""
        return expand(page.listing(m["list"]), page)


MARKS: dict[str, Mark] = {
    kind.__name__.lower(): kind()
    for kind in (Code, Include, Formula, Picture, Drawing, Claim, Reference, Listing, Term, Number, Citation)
}
TOKEN = re.compile(
    "|".join(f"(?P<{name}>{mark.syntax})" for name, mark in MARKS.items()),
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)

# A number that only the code can know: a decimal, a percentage, an integer of three digits or more. Years pass.
TYPED = re.compile(
    r"(?<![\w.#])(?!(?:19[4-9]\d|20[0-3]\d)(?![\w%]|[.,]\d))(?:\d[\d,]*\.\d+|\d{1,3}(?:,\d{3})+|\d{3,}|\d+(?=\s?(?:%|\\%|percent)))(?!\w)"
)
# Text that is no prose: links, tags, attribute lists, dates.
ASIDE = re.compile(r"\]\([^)]*\)|<[^>]+>|\{:?[^}]*\}|\b\d{4}-\d\d-\d\d\b|https?://\S+|\bS\d-\d+\b")


# A row that is written once for all keys.
ROWS = re.compile(r"^\[\[rows:(?P<keys>[^\[\]\n]+)\]\] *(?P<row>\|.*\|) *$", re.M)


def unrolled(text: str) -> str:
    """A text with each row of a table that is written once for all keys as the rows that it stands for."""

    def rows(m: re.Match[str]) -> str:
        pairs = [pair.partition("=")[::2] for pair in m["keys"].split(";")]
        return "\n".join(
            m["row"].replace("{key}", key.strip()).replace("{label}", label.strip() or key.strip())
            for key, label in pairs
        )

    return ROWS.sub(rows, text)


def expand(text: str, page: Page) -> str:
    """A text with every mark replaced by what it stands for; one that is wrong by what is wrong with it."""

    def replace(m: re.Match[str]) -> str:
        try:
            return MARKS[m.lastgroup or ""].text(m, page)
        except SiteError as error:
            return page.fail(m[0], error)

    return TOKEN.sub(replace, text)


def filled(text: str, page: Page, write: Callable[[Fact], str] = lambda fact: fact.plain) -> str:
    """A text with the numbers in it written out, each by a function of its fact; other marks stay."""

    def number(m: re.Match[str]) -> str:
        if m.lastgroup != "number":
            return m[0]
        return " ± ".join(write(fact) for fact in page.numbers(m["fact"], m["spec"]))

    return TOKEN.sub(number, text)


def marks_in(text: str) -> Iterator[re.Match[str]]:
    """Every mark of a Markdown text, in order, those in code left out."""
    return (m for m in TOKEN.finditer(text) if m.lastgroup != "code")


def prose(text: str) -> str:
    """A text without its code."""
    return TOKEN.sub(lambda m: " " if m.lastgroup == "code" else m[0], text)


def is_number(name: str) -> bool:
    """Whether what stands in double brackets is a number of the project's own: no claim, not given, not published."""
    return "." in name and not name.startswith(("lit.", "given."))


def typed_numbers(text: str) -> list[str]:
    """Numbers typed by hand in a Markdown text: those in its prose, its tables, its alt texts and its formulas."""
    kept = TOKEN.sub(lambda m: MARKS[m.lastgroup or ""].typed(m), text)
    kept = TOKEN.sub(" ", kept)  # what stood inside alt texts and formulas
    return [m[0] for m in TYPED.finditer(ASIDE.sub(" ", kept))]
