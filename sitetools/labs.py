"""Notebooks as pages: executed by mkdocs-jupyter when the site is built, set by the same Markdown as the posts.

mkdocs-jupyter's template is replaced by one that hands over the executed notebook as JSON. Its text cells then go
through MkDocs like any page, so that formulas, claims and links in a notebook are checked as everywhere else; its code
cells become the posts' snippet figure.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbconvert.preprocessors import CoalesceStreamsPreprocessor

from sitetools import ROOT, SiteError
from sitetools.extension import highlight

TEMPLATES = ROOT / "sitetools" / "templates"

# matplotlib's own colours, as a reader's notebook has them, and what stands in their place in each scheme.
SCHEMES = {
    "light": {"#000000": "#1c1f24", "#1f77b4": "#0a6f69", "#ff7f0e": "#a1490b", "#2ca02c": "#0072b2", "#d62728": "#a8201a", "#b0b0b0": "#e3dfd5"},
    "dark": {"#000000": "#dfe1e5", "#1f77b4": "#5fd1c4", "#ff7f0e": "#f0a562", "#2ca02c": "#56b4e9", "#d62728": "#ff8d86", "#b0b0b0": "#2c3038"},
}  # fmt: skip


@lru_cache(
    maxsize=1
)  # once a process: while the site is served, a saved package file does not run every notebook
def digest() -> str:
    """A fingerprint of all that a notebook may import, so that no build shows old results of a changed package."""
    held = hashlib.sha256()
    for room in ("scratchmlp", "experiments", "sitetools/templates"):
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in (".py", ".json", ".j2") or path.name == "matplotlibrc":
                held.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return held.hexdigest()[:16]


def description(path: Path) -> str:
    """The first paragraph of a notebook, for search engines."""
    text = next(c.source for c in jupytext.read(path).cells if c.cell_type == "markdown")
    return " ".join(next(p for p in text.split("\n\n") if not p.startswith("#")).split())


def as_markdown(executed: str) -> tuple[str, dict[str, str]]:
    """An executed notebook as Markdown with a place for each code cell, and what belongs in each place."""
    # What a cell prints comes in pieces, as many as chance has it.
    book = nbformat.reads(executed, as_version=4)  # type: ignore[no-untyped-call]
    book, _ = CoalesceStreamsPreprocessor().preprocess(book, {})  # type: ignore[no-untyped-call]
    parts, cells = [], {}
    for number, cell in enumerate(book.cells, 1):
        if cell["cell_type"] == "code":
            place = f'<div data-cell="{number}"></div>'
            cells[place] = _figure(cell, number)
            parts.append(place)
        else:
            parts.append(cell["source"])
    return "\n\n".join(parts), cells


def _figure(cell: dict[str, Any], number: int) -> str:
    shown = "\n".join(line for line in cell["source"].splitlines() if not line.startswith("%config"))
    target = f"cell-{number}"
    copy = f'<button class="copy" type="button" title="Copy the cell" aria-label="Copy the cell" data-clipboard-target="#{target} code"></button>'
    outputs = "".join(_output(o, cell["metadata"].get("alt", ""), number) for o in cell["outputs"])
    return f'<figure class="snippet lab"><div class="code" id="{target}">{highlight(shown)}{copy}</div>{outputs}</figure>'


def _output(output: dict[str, Any], alt: str, number: int) -> str:
    data = output.get("data", {})
    if "image/svg+xml" in data:
        if not alt:
            raise SiteError(f'cell {number} draws a figure without alt text; begin it with # %% alt="…"')
        images = "".join(_image(data["image/svg+xml"], scheme, alt) for scheme in SCHEMES)
        return f'<div class="drawn-scroll" tabindex="0" role="group" aria-label="Figure">{images}</div>'
    text = output.get("text") or data.get("text/plain", "")
    if output.get("name") == "stderr":
        raise SiteError(f"cell {number} writes to stderr: {text.strip()}")
    return f'<pre class="output" tabindex="0" aria-label="Output"><samp>{escape(text.rstrip())}</samp></pre>'


def _image(svg: str, scheme: str, alt: str) -> str:
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)  # it names the hour of the drawing
    for old, new in SCHEMES[scheme].items():
        svg = svg.replace(old, new)
    # Text that matplotlib draws in black carries no colour of its own: it takes the figure's.
    svg = svg.replace("<svg ", f'<svg fill="{SCHEMES[scheme]["#000000"]}" ', 1)
    held = base64.b64encode(svg.encode()).decode()
    return f'<img class="drawn only-{scheme}" alt="{escape(alt)}" src="data:image/svg+xml;base64,{held}">'
