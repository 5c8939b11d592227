"""The Markdown extension that makes the page contract; it ties marks and blocks to Python-Markdown.

It needs no MkDocs but to know which page it is on.
"""

from __future__ import annotations

import re
from typing import Any

from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor

from sitetools import SiteError, proofs, references
from sitetools.blocks import Blocks
from sitetools.house import Post
from sitetools.marks import expand, typed_numbers, unrolled
from sitetools.page import Page
from sitetools.typeset import part


class Marks(Preprocessor):
    """Replaces every mark by what it stands for."""

    def run(self, lines: list[str]) -> list[str]:
        """The page's lines with the marks stashed as HTML."""
        page = self.md.site_page = Page.of(self.md)
        text = unrolled("\n".join(lines))
        post, framed = self._framed(page, text)
        said = "\n\n".join([*(post.opening if post else []), text])
        wrong = self._typed(page, said) + self._cited(page, said)
        page.claims_seen.update(proofs.boxed(text))
        return expand(wrong + self._terms(page, framed), page).split("\n")

    def _framed(self, page: Page, text: str) -> tuple[Post | None, str]:
        """The post that a page is, and its text with what the build sets around it: facts, box, end."""
        try:
            post = page.post
        except SiteError as error:  # the house has told it
            return None, page.stash(part("broken.html", message=error)) + "\n\n" + text
        if post is None:
            return None, text
        line, box = page.stash(page.facts_line(post)), page.box(post)
        text = re.sub(r"^# .*", lambda m: f"{line}\n\n{m[0]}\n\n{box}\n", text, count=1, flags=re.M)
        return post, f"{text}\n\n{page.stash(page.end(post))}"

    def _terms(self, page: Page, text: str) -> str:
        """A post's text with a mark at the first use of each term that is known from an earlier part."""
        try:
            return page.first_uses(text)
        except SiteError:
            return text  # the post could not be read, which the house has told

    def _typed(self, page: Page, text: str) -> str:
        """An error for numbers typed by hand. A page made of docstrings has numbers of the code's own."""
        if "\n::: " in page.source:
            return ""
        typed = list(dict.fromkeys(typed_numbers(text)))
        if not typed:
            return ""
        advice = "write numbers by reference; name what is given under `given:`, with value and why"
        return page.fail(typed[0], f"typed by hand: {'; '.join(typed)} ({advice})") + "\n\n"

    def _cited(self, page: Page, text: str) -> str:
        """An error for each citation whose sentence is not about the work."""
        wrong = ""
        for line, key, sentence in references.cited(text):
            work = dict(page.house.literature.good()).get(key)
            if work and not references.is_about(work, sentence):
                wrong += page.fail(line, f"[@{key}] stands in a sentence that {references.asked(key, work)}")
        return wrong and wrong + "\n\n"


class SiteExtension(Extension):
    """All of it."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """After fenced code is set aside, before raw HTML is."""
        md.preprocessors.register(Marks(md), "site_marks", 22)
        Blocks().extendMarkdown(md)


def makeExtension(**settings: Any) -> SiteExtension:  # noqa: N802
    """What Python-Markdown asks for."""
    return SiteExtension(**settings)
