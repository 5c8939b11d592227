"""The Markdown extension that makes the page contract: snippets as figures, numbers by reference, claims, formulas.

It needs no MkDocs but to know which page it is on. What is wrong on a page raises `SiteError`, which names the page,
the line and the cause; while the site is served it is shown in the page instead, so that the server lives on.
"""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from html import escape
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree

from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor
from math_core import LatexError, LatexToMathML
from mkdocs.utils.meta import get_data
from pygments import highlight as pygments_highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import Block
from pymdownx.blocks.details import Details

from sitetools import ROOT, SiteError, downloads, explorables, facts, figures, ledger, posts
from sitetools.record import digest, recorded
from sitetools.snippets import definition, read
from sitetools.tokens import TOKEN, plain_numbers

log = logging.getLogger("mkdocs.sitetools")
MACROS = {"R": r"\mathbb{R}", "T": r"\mathsf{T}"}
LATEX = LatexToMathML(macros=MACROS, fancy_error=False)


class Serving:
    """Whether the site is being served: set once by the hook."""

    now = False


class Page:
    """The page that is being converted: its path, its links, its recorded facts."""

    def __init__(self, md: Markdown) -> None:
        # MkDocs says which file it renders only through the processor that rewrites links.
        file = getattr(md.treeprocessors["relpath"], "file", None) if "relpath" in md.treeprocessors else None
        self.uri: str = file.src_uri if file else "page.md"
        self.up: str = "../" * file.dest_uri.count("/") if file else ""
        self.source: str = file.content_string if file else ""
        self.claims_seen: set[str] = set()
        self.programs = 0

    @property
    def post(self) -> posts.Post | None:
        """The post that this page is, if it is one."""
        return next((p for p in posts.posts() if p.uri == self.uri), None)

    def line(self, mark: str) -> int:
        """The line of the page's file where a mark stands, or 1."""
        before, found, _ = self.source.partition(mark.strip())
        return before.count("\n") + 1 if found else 1

    def fail(self, mark: str, error: Exception | str) -> str:
        """Stop the build with an error that names page, line and cause; while serving, say so in the page instead."""
        message = f"{self.uri}:{self.line(mark)}: {error}"
        if not Serving.now:
            raise SiteError(message)
        log.error(message)
        return f'<strong class="broken">{escape(message)}</strong>'

    def link(self, source: str) -> str:
        """The address of a line on the source pages, from `path:line`."""
        path, _, line = source.partition(":")
        return f"{self.up}source/{path}/" + (f"#L-{line}" if line else "")


@lru_cache(maxsize=2048)
def highlight(code: str) -> str:
    """Python as Pygments marks it up."""
    formatter = HtmlFormatter(cssclass="highlight", wrapcode=True)
    return str(pygments_highlight(code, PythonLexer(stripnl=False), formatter)).strip()


@lru_cache(maxsize=4096)
def mathml(latex: str, display: bool) -> str:
    """LaTeX as MathML, kept out of the search index."""
    html: str = LATEX.convert_with_local_state(latex.strip(), displaystyle=display)
    return html.replace("<math", "<math data-search-exclude", 1)


class Marks(Preprocessor):
    """Replaces every mark of `sitetools.tokens` by what it stands for."""

    def run(self, lines: list[str]) -> list[str]:
        """The page's lines with the marks stashed as HTML."""
        self.page = page = self.md.site_page = Page(self.md)
        text = "\n".join(lines)
        self._check_numbers(text)
        page.claims_seen.update(*(m[1].split() for m in re.finditer(r"^/{3,} claim \| (.+)$", text, re.M)))
        text = self._expand(text)
        if post := page.post:
            text = re.sub(
                r"^# ", lambda m: f"{self._stash(facts_line(post, page))}\n\n# ", text, count=1, flags=re.M
            )
        return TOKEN.sub(self._replace, text).split("\n")

    def _expand(self, text: str) -> str:
        """The lists that stand on one page each: the series, the ledger, the references."""
        makers = {"[[series]]": lambda: self._stash(series_list(self.page)), "[[ledger]]": ledger.table}
        for mark, make in {**makers, "[[references]]": ledger.references}.items():
            if mark in text:
                try:
                    text = text.replace(mark, make())
                except SiteError as error:
                    text = text.replace(mark, self._fail(mark, error))
        return text

    def _stash(self, html: str) -> str:
        return str(self.md.htmlStash.store(html))

    def _fail(self, mark: str, error: Exception | str) -> str:
        return self._stash(self.page.fail(mark, error))

    def _replace(self, m: re.Match[str]) -> str:
        try:
            return self._html(m)
        except SiteError as error:
            return self._fail(m[0], error)
        except LatexError as error:
            return self._fail(m[0], f"LaTeX that cannot be set: {error} in {m[0]}")

    def _html(self, m: re.Match[str]) -> str:
        if m["snippet"]:
            return f"\n{m['pad']}{self._stash(self._snippet(m['path'], m['name']))}\n"
        if m["display"] or m["inline"]:
            return self._formula(m["block"] or m["formula"], display=bool(m["display"]))
        if m["claim"]:
            return self._stash(ledger.mark(m["claim"], self.page))
        if m["fact"]:
            return self._stash(fact_html(facts.look_up(m["fact"], m["spec"]), self.page))
        if m["cite"]:
            entry = facts.reference(m["cite"])
            return self._stash(
                f'<a class="cite" href="{self.page.up}references/#{m["cite"]}">{escape(entry["short"])}</a>'
            )
        if m["src"] is not None:
            return self._image(m)
        return m[0]

    def _formula(self, latex: str, *, display: bool) -> str:
        names = [n[1] for n in re.finditer(r"\[\[([\w.-]+)", latex)]
        latex = TOKEN.sub(lambda f: facts.look_up(f["fact"], f["spec"]).plain if f["fact"] else f[0], latex)
        source = f' data-facts="{" ".join(names)}"' if names else ""
        tag = "div" if display else "span"
        html = f'<{tag} class="formula"{source}>{mathml(latex, display)}</{tag}>'
        return f"\n\n{self._stash(html)}\n\n" if display else self._stash(html)

    def _image(self, m: re.Match[str]) -> str:
        alt = TOKEN.sub(
            lambda f: facts.look_up(f["fact"], f["spec"]).text if f["fact"] else f[0], m["alt"]
        ).strip()
        if not alt:
            raise SiteError(f"image {m['src']} has no alt text")
        if not m["src"].startswith("figure:"):
            return f"![{alt}]({m['src']})"
        return self._stash(figure_html(m["src"].removeprefix("figure:"), alt, self.page))

    def _snippet(self, path: str, name: str | None) -> str:
        if not name:
            raise SiteError(f"say which region or definition of {path} to show")
        if path.startswith("scratchmlp/"):
            return self._figure(*_package_code(path, name), region=name)
        module = read(ROOT / path)
        region = module.region(name)
        outputs, _, source = recorded(module)
        stale = source != digest(module)
        if stale and not Serving.now:
            raise SiteError(f"{path} has changed since its outputs were recorded; run `make outputs`")
        return self._figure(
            path,
            module.code(region),
            region.first,
            region.last,
            module.program(region),
            outputs.get(name, ""),
            region=name,
            stale=stale,
        )

    def _figure(
        self,
        path: str,
        code: str,
        first: int,
        last: int,
        program: str,
        output: str = "",
        *,
        region: str,
        stale: bool = False,
    ) -> str:
        page, stem = self.page, PurePosixPath(path).stem
        test = f"tests/snippets/test_{stem}.py" if path.startswith("snippets/") else f"tests/test_{stem}.py"
        if not (ROOT / test).is_file():
            raise SiteError(f"{path} is shown but has no test: {test} is missing")
        page.programs += 1
        target = f"program-{page.programs}"
        count = program.count("\n")
        lines = f"line {first}" if first == last else f"lines {first}–{last}"
        state = (
            '<span class="stale">! changed since it was run</span>'
            if stale
            else '<span class="ran">run</span>'
        )
        printed = (
            f'<pre class="output" tabindex="0" aria-label="Output"><samp>{escape(output.rstrip())}</samp></pre>'
            if output
            else ""
        )
        # data-copy: what the theme's clipboard takes, since text in a closed disclosure counts as not shown.
        return (
            f'<figure class="snippet" data-source="{path}" data-region="{region}">'
            f'<div class="code">{highlight(code)}{_copy_button(target, "Copy the complete program")}</div>{printed}'
            f'<details class="program" data-copy="{escape(program)}"><summary><span class="wide">Complete program · {count} line{"s" * (count != 1)}</span>'
            f'<span class="narrow">Program</span></summary><div class="code" id="{target}">{highlight(program)}'
            f"{_copy_button(target, 'Copy the complete program')}</div></details>"
            f'<figcaption>{state}<a href="{page.link(f"{path}:{first}")}">{lines}<span class="wide"> of {PurePosixPath(path).name}</span></a>'
            f'<a href="{page.link(test)}" title="{test}">test</a>'
            f"</figcaption></figure>"
        )

    def _check_numbers(self, text: str) -> None:
        if "\n::: " in self.page.source:
            return  # a page made of docstrings, whose numbers are the code's own
        front = get_data(self.page.source)[1]
        given = {str(k) for k in (front.get("given") or {})}
        if typed := [n for n in dict.fromkeys(plain_numbers(text)) if n not in given]:
            advice = "write numbers by reference, or give a reason under `given:`"
            self._fail(typed[0], f"typed by hand: {'; '.join(typed)} ({advice})")


def _package_code(path: str, name: str) -> tuple[str, str, int, int, str]:
    code, first, last = definition(ROOT / path, name)
    module = ".".join(PurePosixPath(path).with_suffix("").parts)
    return path, code, first, last, f"from {module} import {name.split('.')[0]}\n"


def _copy_button(target: str, label: str) -> str:
    return f'<button class="copy" type="button" title="{label}" aria-label="{label}" data-clipboard-target="#{target} code"></button>'


def fact_html(fact: facts.Fact, page: Page) -> str:
    """A number that says where it comes from; following it leads there."""
    cited = " cited" if fact.key else ""
    href = f"{page.up}references/#{fact.key}" if fact.key else page.link(fact.source)
    return (
        f'<data class="fact{cited}" value="{escape(fact.value)}" data-source="{escape(fact.source)}" data-name="{escape(fact.name)}"'
        f' data-detail="{escape(fact.detail)}"><a href="{href}">{escape(fact.text)}</a></data>'
    )


def figure_html(name: str, alt: str, page: Page) -> str:
    """A figure in both colour schemes and for both widths; the scheme that does not suit is not shown, and so not read aloud."""
    width, height = figures.size(f"{name}.light.svg")
    narrow_width, narrow_height = figures.size(f"{name}.light.narrow.svg")
    return "".join(
        f'<picture class="drawn only-{scheme}"><source media="(max-width: 44.9375em)" srcset="{page.up}figures/{name}.{scheme}.narrow.svg"'
        f' width="{narrow_width}" height="{narrow_height}"><img src="{page.up}figures/{name}.{scheme}.svg" alt="{escape(alt)}"'
        f' width="{width}" height="{height}" loading="lazy"></picture>'
        for scheme in ("light", "dark")
    )


def facts_line(post: posts.Post, page: Page) -> str:
    """The line above a post's title: part, minutes, date, blocks run, numbers computed, and its code to take away."""
    date = post.meta["date"].isoformat()
    items = [
        f"Part {post.number}",
        f"{post.minutes} min",
        f'<time datetime="{date}">{date}</time>',
        f"{post.blocks} blocks run",
        f"{post.numbers} numbers computed",
    ]
    if downloads.module_of(post):
        here = page.up + post.uri.removesuffix(".md")
        links = [
            f'<a href="{here}{suffix}" download aria-label="All code as a {kind}, {suffix}">{suffix}</a>'
            for suffix, kind in ((".py", "program"), (".ipynb", "notebook"))
        ]
        items.append(f"code: {', '.join(links)}")
    return '<p class="post-facts">' + " · ".join(f"<span>{item}</span>" for item in items) + "</p>"


def series_list(page: Page) -> str:
    """The series at a glance: number, title, one line, minutes, and a small picture."""
    rows = []
    for post in posts.posts():
        href = f"{page.up}{post.uri.removesuffix('.md')}/"
        picture = figure_html(post.meta["picture"], "", page) if "picture" in post.meta else ""
        rows.append(
            f'<li><a href="{href}"><span class="number">{post.number}</span><span class="title">{escape(post.meta["title"])}</span></a>'
            f'<span class="line">{escape(post.meta["description"])}</span><span class="minutes">{post.minutes} min</span>{picture}</li>'
        )
    return f'<ol class="series">{"".join(rows)}</ol>'


class Claim(Block):
    """`/// claim | S4-36`: what a source says, set against the evidence."""

    NAME = "claim"
    ARGUMENT = True

    def on_create(self, parent: Any) -> Any:
        """The call-out, with its head line."""
        page: Page = self.md.site_page
        ids = self.argument.split()
        box = ElementTree.SubElement(parent, "aside", {"class": "claim-box"})
        head = ElementTree.SubElement(box, "p", {"class": "claim-head"})
        ElementTree.SubElement(head, "strong").text = "What the source says"
        marks = ElementTree.SubElement(head, "span", {"class": "claim-marks"})
        try:
            html = " ".join(ledger.mark(i, page, head=True) for i in ids)
        except SiteError as error:
            html = page.fail(self.argument, error)
        marks.text = self.md.htmlStash.store(html)
        return box


class Exercise(Block):
    """`/// exercise`: a numbered question; its answer stands in an `//// answer` within."""

    NAME = "exercise"
    ARGUMENT = False

    def on_create(self, parent: Any) -> Any:
        """The section that the style sheet numbers."""
        return ElementTree.SubElement(parent, "section", {"class": "exercise"})


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
        figure = ElementTree.SubElement(parent, "figure", {"class": "explorable"})
        try:
            held = {"data-values": explorables.values(self.argument)}
        except SiteError as error:
            held = {}
            figure.text = self.md.htmlStash.store(self.md.site_page.fail(self.argument, error))
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
            self.fallback.text = self.md.htmlStash.store(self.md.site_page.fail(self.argument, message))


class Blocks(BlocksExtension):
    """Claims, exercises, answers and explorables."""

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: Any) -> None:  # noqa: N802
        """Register the blocks."""
        for block in (Claim, Exercise, Answer, Explorable):
            block_mgr.register(block, {})


class SiteExtension(Extension):
    """All of it."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """After fenced code is set aside, before raw HTML is."""
        md.preprocessors.register(Marks(md), "site_marks", 22)
        Blocks().extendMarkdown(md)


def makeExtension(**settings: Any) -> SiteExtension:  # noqa: N802
    """What Python-Markdown asks for."""
    return SiteExtension(**settings)
