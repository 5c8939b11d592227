"""A post as it is read, without HTML: what the tests of a post quote, and what they have to quote.

Each paragraph is one line, with its numbers, references, captions and alt texts written out. Blocks of code are left out,
since they are run; formulas stand as LaTeX between dollar signs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sitetools.house import House, text
from sitetools.marks import MARKS, TOKEN
from sitetools.page import Build, Page

BLOCK = re.compile(r"^\s*/{3,}(?: (\w+)| *$)")
MARKUP = re.compile(r"\*+|<[^>\n]+>|\{:[^}\n]*\}")
LINK = re.compile(r"\[([^\[\]]*)\]\([^)\s]*\)")
SPACE = re.compile(r" +(?=[.,;:)])")  # left by a mark of a claim, which is not read
RULE = re.compile(r"^\|[\s:|-]+\|$")


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, a line of a table or a heading; `whole` where every word of it shows something, as in a caption."""

    text: str
    whole: bool


def paragraphs(house: House, topic: str, end: int | None = None) -> list[Paragraph]:
    """The paragraphs of a post, or of what stands before a place in its text; title, description and box first."""
    post = house.posts[topic]
    page = Page(Build(house), post.uri, "", text(house.root, f"docs/{post.uri}"), lambda _: "")
    read = LINK.sub(r"\1", as_read(post.text[:end], page))
    found = [Paragraph(post.meta[key], whole=True) for key in ("title", "description")]
    found += [Paragraph(SPACE.sub("", LINK.sub(r"\1", as_read(t, page))), whole=False) for t in post.opening]
    lines: list[str] = []
    caption = False
    for line in [*read.splitlines(), ""]:
        block = BLOCK.match(line)
        if block or not line.strip() or line.startswith("|"):
            found += [Paragraph(SPACE.sub("", " ".join(" ".join(lines).split())), caption)] if lines else []
            found += (
                [Paragraph(line.strip(), whole=False)]
                if line.startswith("|") and not RULE.match(line)
                else []
            )
            lines = []
            caption = block[1] == "caption" if block else caption
        else:
            lines.append(line)
    return found


def as_read(markdown: str, page: Page) -> str:
    """A text with every mark replaced by what is read of it, and its markup taken away."""
    read, at = [], 0
    for m in TOKEN.finditer(markdown):
        read += [MARKUP.sub("", markdown[at : m.start()]), MARKS[m.lastgroup or ""].read(m, page)]
        at = m.end()
    return "".join([*read, MARKUP.sub("", markdown[at:])])
