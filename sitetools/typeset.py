"""What becomes HTML: the parts in `parts/` with values filled in, code with its colours, formulas as MathML."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import pygments
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from math_core import LatexError, LatexToMathML
from pygments import highlight as pygments_highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from sitetools import CACHE, SiteError
from sitetools.cache import digest, kept

PARTS = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "parts"),
    undefined=StrictUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
MACROS = {"R": r"\mathbb{R}", "T": r"\mathsf{T}"}
LATEX = LatexToMathML(macros=MACROS, fancy_error=False)


def part(name: str, **values: Any) -> Markup:
    """A part of a page: a template of `parts/`, filled in."""
    return Markup(PARTS.get_template(f"{name}.j2").render(**values).strip("\n"))


@lru_cache(maxsize=4096)
def highlight(code: str) -> Markup:
    """Python as Pygments marks it up."""
    formatter = HtmlFormatter(cssclass="highlight", wrapcode=True)
    return Markup(pygments_highlight(code, PythonLexer(stripnl=False), formatter).strip())


@lru_cache(maxsize=256)
def numbered(code: str) -> Markup:
    """Python line by line, each with an anchor; the colours, which take a third of a build, are kept between builds."""

    def coloured() -> bytes:
        html: str = pygments_highlight(code, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))
        return html.encode()

    html = kept(CACHE / "colours", digest(pygments.__version__, code), ".html", coloured).decode()
    return part("source-lines.html", lines=[Markup(line) for line in html.splitlines()])


@lru_cache(maxsize=4096)
def mathml(latex: str, display: bool) -> Markup:
    """LaTeX as MathML, kept out of the search index."""
    try:
        html: str = LATEX.convert_with_local_state(latex.strip(), displaystyle=display)
    except LatexError as error:
        raise SiteError(f"LaTeX that cannot be set: {error} in {latex.strip()}") from None
    return Markup(html.replace("<math", "<math data-search-exclude", 1))
