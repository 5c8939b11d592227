"""The blocks that the site adds to Markdown: claims, exercises with answers, explorables.

Their HTML is made as elements, since Markdown goes on inside them.
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from markdown import Markdown
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import Block
from pymdownx.blocks.details import Details

from sitetools import SiteError, explorables
from sitetools.page import Page


class Claim(Block):
    """`/// claim | S4-36`: what a source says, set against the evidence."""

    NAME = "claim"
    ARGUMENT = True

    def on_create(self, parent: Any) -> Any:
        """The call-out, with its head line."""
        page: Page = self.md.site_page
        box = ElementTree.SubElement(parent, "aside", {"class": "claim-box"})
        head = ElementTree.SubElement(box, "p", {"class": "claim-head"})
        ElementTree.SubElement(head, "strong").text = "What a source says"
        marks = ElementTree.SubElement(head, "span", {"class": "claim-marks"})
        try:
            marks.text = page.stash(" ".join(page.claim(i, head=True) for i in self.argument.split()))
        except SiteError as error:
            marks.text = page.fail(self.argument, error)
        return box


class Exercise(Block):
    """`/// exercise | difference`: a numbered question with a name; its answer stands in an `//// answer` within."""

    NAME = "exercise"
    ARGUMENT = None  # a name is only needed where something refers to it

    def on_create(self, parent: Any) -> Any:
        """The section that the style sheet numbers."""
        held = {"id": f"exercise-{self.argument}"} if self.argument else {}
        return ElementTree.SubElement(parent, "section", {"class": "exercise", **held})


class Answer(Details):
    """`//// answer`: hidden until asked for."""

    NAME = "answer"
    ARGUMENT = False
    OPTIONS: dict[str, Any] = {}  # noqa: RUF012 (the library's own form)

    def on_validate(self, parent: Any) -> bool:
        """Nothing to check: an answer takes no argument."""
        return True

    def on_create(self, parent: Any) -> Any:
        """The disclosure."""
        box = ElementTree.SubElement(parent, "details", {"class": "answer"})
        ElementTree.SubElement(box, "summary").text = "Answer"
        return box


class Explorable(Block):
    """`/// explorable | one-email`: a custom element of `docs/widgets`; within, its static figure."""

    NAME = "explorable"
    ARGUMENT = True

    def on_create(self, parent: Any) -> Any:
        """The figure with the element, which is given the recorded values that it works with."""
        page: Page = self.md.site_page
        figure = ElementTree.SubElement(parent, "figure", {"class": "explorable"})
        try:
            held = {"data-values": explorables.values(page.house, self.argument)}
        except SiteError as error:
            held = {}
            figure.text = page.fail(self.argument, error)
        element = ElementTree.SubElement(figure, f"smlp-{self.argument}" if held else "div", held)
        self.fallback = ElementTree.SubElement(element, "div", {"class": "fallback"})
        return figure

    def on_add(self, block: Any) -> Any:
        """What is written within stands inside the element: for print, and for readers without JavaScript."""
        return self.fallback

    def on_end(self, block: Any) -> None:
        """An explorable without a static figure would be a hole in print."""
        if not len(self.fallback):
            message = f"explorable {self.argument} has no static figure within"
            self.fallback.text = self.md.site_page.fail(self.argument, message)


class Blocks(BlocksExtension):
    """Claims, exercises, answers and explorables."""

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: Any) -> None:  # noqa: N802
        """Register the blocks."""
        for block in (Claim, Exercise, Answer, Explorable):
            block_mgr.register(block, {})
