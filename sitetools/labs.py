"""Notebooks as pages: executed by mkdocs-jupyter when the site is built, set by the same Markdown as the posts.

mkdocs-jupyter's template is replaced by one that hands over the executed notebook as JSON. Its text cells then go
through MkDocs like any page, so that formulas, claims and links in a notebook are checked as everywhere else; its code
cells become the posts' snippet figure.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import sys
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import jupytext
import nbformat
from mkdocs_jupyter.config import settings as jupyter_settings
from nbconvert.preprocessors import CoalesceStreamsPreprocessor

from sitetools import CACHE, ROOT, SiteError, wheel
from sitetools.downloads import notebook
from sitetools.house import House, text
from sitetools.typeset import highlight, part
from sitetools.whole import replace

SEALS = "digests.txt"  # of the notebooks in a cache; mkdocs-jupyter clears away what ends in .json
TEMPLATES = ROOT / "sitetools" / "templates"

# matplotlib's own colours, as a reader's notebook has them, and what stands in their place in each scheme.
SCHEMES = {
    "light": {"#000000": "#1c1f24", "#1f77b4": "#0a6f69", "#ff7f0e": "#a1490b", "#2ca02c": "#0072b2", "#d62728": "#a8201a", "#b0b0b0": "#e3dfd5"},
    "dark": {"#000000": "#dfe1e5", "#1f77b4": "#5fd1c4", "#ff7f0e": "#f0a562", "#2ca02c": "#56b4e9", "#d62728": "#ff8d86", "#b0b0b0": "#2c3038"},
}  # fmt: skip


def prepare(settings: dict[str, Any], root: Path) -> None:
    """Point mkdocs-jupyter at our template and our cache; let no setting of the person who builds reach a kernel."""
    jupyter_settings.templates_dir = str(TEMPLATES)
    house = hashlib.sha256(str(root).encode()).hexdigest()[
        :6
    ]  # mkdocs-jupyter evicts what is not of this build
    settings["cache_dir"] = str(CACHE / "labs" / f"{digest()}-{house}")
    check(Path(settings["cache_dir"]))
    empty = CACHE / "empty"  # no profile, no startup file, no style of anybody's
    empty.mkdir(parents=True, exist_ok=True)
    for name in (
        "IPYTHONDIR",
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "MPLCONFIGDIR",
    ):
        os.environ[name] = str(empty)
    os.environ["JUPYTER_PLATFORM_DIRS"] = "1"
    os.environ["MATPLOTLIBRC"] = str(TEMPLATES / "matplotlibrc")
    for name in ("MPLBACKEND", "PYTHONSTARTUP", "JUPYTER_PATH", "JUPYTER_CONFIG_PATH"):
        os.environ.pop(name, None)


def check(folder: Path) -> None:
    """Drop every executed notebook that is not, byte for byte, what the last whole build left."""
    seals = folder / SEALS
    held = json.loads(seals.read_text(encoding="utf-8")) if seals.is_file() else {}
    for path in folder.glob("*.json"):
        if held.get(path.name) != hashlib.sha256(path.read_bytes()).hexdigest():
            path.unlink()


def seal(folder: Path) -> None:
    """Note what a whole build leaves; whatever differs from it later is made anew."""
    held = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.json"))
    }
    if held:
        replace(folder / SEALS, json.dumps(held))


@lru_cache(maxsize=1)  # once a process: while serving, a saved package file does not run every notebook
def digest() -> str:
    """A fingerprint of all that a notebook rests on, so that no build shows old results of a changed package."""
    held = hashlib.sha256(f"{sys.version_info[:2]}".encode())
    for package in ("numpy", "matplotlib", "scikit-learn", "ipykernel", "mkdocs-jupyter"):
        held.update(f"{package} {version(package)}".encode())
    for room in ("scratchmlp", "experiments", "sitetools/templates"):
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in (".py", ".json", ".j2") or path.name == "matplotlibrc":
                held.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return held.hexdigest()[:16]


def files(house: House, site_url: str | None) -> dict[str, str]:
    """Each lab as a notebook to take away, by its path in the site."""
    return {
        f"labs/{p.stem}.ipynb": download(house, p.name, site_url) for p in house.root.glob("docs/labs/*.py")
    }


def download(house: House, file: str, site_url: str | None) -> str:
    """A lab as a notebook for somebody else's machine: its links lead to the site, and it says what it needs."""
    whole = text(house.root, f"docs/labs/{file}")
    line = wheel.install(house, site_url)
    if line:
        whole = whole.replace("[[install]]", f"`{line}`")

    def absolute(m: re.Match[str]) -> str:
        address = urljoin(f"{site_url or ''}labs/", m[1])
        return "](" + re.sub(r"(index)?\.(md|py)(?=$|#)", "/", address).replace("//#", "/#") + ")"

    return notebook(re.sub(r"\]\((?!https?:|#)([^)\s]+)\)", absolute, whole))


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
    outputs = [_output(o, number) for o in cell["outputs"]]
    alt = cell["metadata"].get("alt", "")
    drawn = any("images" in output for output in outputs)
    if drawn and not alt:
        raise SiteError(f'cell {number} draws a figure without alt text; begin it with # %% alt="…"')
    if alt and not drawn:
        raise SiteError(f"cell {number} has an alt text but draws no figure: {alt!r}")
    return part("cell.html", number=number, code=highlight(shown), outputs=outputs, alt=alt)


def _output(output: dict[str, Any], number: int) -> dict[str, Any]:
    """What a cell gave: images by colour scheme, or printed text; anything else is an error."""
    data = output.get("data", {})
    if "image/svg+xml" in data:
        return {"images": {scheme: _image(data["image/svg+xml"], scheme) for scheme in SCHEMES}}
    if pictures := [kind for kind in data if kind.startswith("image/")]:
        raise SiteError(f"cell {number} draws {pictures[0]} where the page needs image/svg+xml")
    text = output.get("text") or data.get("text/plain", "")
    if output.get("name") == "stderr":
        raise SiteError(f"cell {number} writes to stderr: {text.strip()}")
    return {"text": text.rstrip()}


def _image(svg: str, scheme: str) -> str:
    """A figure of matplotlib's in the colours of a scheme, as base64."""
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)  # it names the hour of the drawing
    for old, new in SCHEMES[scheme].items():
        svg = svg.replace(old, new)
    # Text that matplotlib draws in black carries no colour of its own: it takes the figure's.
    svg = svg.replace("<svg ", f'<svg fill="{SCHEMES[scheme]["#000000"]}" ', 1)
    return base64.b64encode(svg.encode()).decode()
