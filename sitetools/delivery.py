"""What a page weighs: one style sheet and faces cut down to what is used, and nothing before it is needed.

While the site is served to its authors nothing is cut, so that a saved page needs no other file made anew.
"""

from __future__ import annotations

import base64
import datetime
import html
import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from sitetools import CACHE, ROOT, SiteError, dates, fonts, offline, sheets
from sitetools.cache import digest, kept
from sitetools.page import Builds

CONTENTS = "stylesheets/site.css"
MATHS = "stylesheets/maths.css"
THEME = "assets/stylesheets"
LATER = "source-serif-italic.woff2"  # few words are in italics: fetched when a page has some, after the first paint
FACE = re.compile(r'url\("\.\./fonts/([\w-]+\.woff2)"\)')
OUTLINE = re.compile(r' d="[^"]*"')
DIGITS = re.compile(r"(?<=\d\.\d\d)\d+")  # of a coordinate, below a hundredth of a point
CARDS = "assets/cards"
DRAWER = ROOT / "figures" / "card.py"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Leave out the parts of the style sheet, which are fetched as one."""
    for part in sheets.parts(Path(config.docs_dir) / CONTENTS):
        if file := files.get_file_from_path(f"stylesheets/{part.name}"):
            files.remove(file)
    return files


def on_env(config: MkDocsConfig) -> None:
    """Name one sheet in the pages; what plugins bring of their own is merged into it when the site is built."""
    config.extra["offline"] = None if Builds.now().serving else offline.NAME
    config.extra["cards"] = dict[str, tuple[str, str]]()
    config.extra["merged"] = [str(name) for name in config.extra_css if name != CONTENTS]
    config.extra_css[:] = [CONTENTS]


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig) -> str:
    """Give a post the day on which it was changed, for the feed and for the list of pages."""
    if isinstance(page.meta.get("date"), datetime.date) and page.file.abs_src_path:
        root = Path(config.config_file_path).resolve().parent
        day = dates.updated(dict(page.meta), root, Path(page.file.abs_src_path))
        page.meta["updated"], page.update_date = day, day.isoformat()
    return markdown


def on_page_context(context: dict[str, Any], page: Page, config: MkDocsConfig) -> dict[str, Any]:
    """Tell the template what this page needs beyond every page: the face for formulas, the looks of explorables."""
    content = page.content or ""
    names = [CONTENTS, *([MATHS] if "<math" in content else [])]
    names += [f"widgets/{n}/{n}.css" for n in dict.fromkeys(re.findall(r"<smlp-([\w-]+)", content))]
    context["sheets"] = names[1:]
    context["card"] = _card(page, config) if DRAWER.is_file() and not Builds.now().serving else None
    return context


def _card(page: Page, config: MkDocsConfig) -> str:
    """The picture that a link to a page shows: a post has its own, all others share one."""
    part = re.search(r'class="post-facts">\D*?(Part \d+)', page.content or "")
    name = Path(page.file.src_uri).stem if part else "index"
    title = str(page.meta["title"]) if part else str(config.site_name)
    line = part[1] if part else "The multilayer perceptron from scratch, in NumPy"
    config.extra["cards"][name] = (line, title if part else "A neural network you can check")
    return f"{config.site_url}{CARDS}/{name}.png"


@dataclass(frozen=True)
class Seen:
    """What stands on the pages of a built site: the names that a style sheet may speak of, and the characters."""

    words: set[str]
    text: set[str]
    maths: set[str]

    @classmethod
    def on(cls, site: Path) -> Seen:
        """Read every page and script of a site."""
        words, text, maths = {offline.MARK}, set[str](), set[str]()
        for path in sorted(site.rglob("*.html")):
            page = path.read_text(encoding="utf-8")
            for tag in set(re.findall(r"<([a-z][^<>]*)>", page)):
                words.update(re.findall(r"[\w-]+", tag))
            text.update(page, *map(html.unescape, set(re.findall(r"&[#\w]+;", page))))
            maths.update(*map(html.unescape, re.findall(r"<math.*?</math>", page, re.S)))
        for path in sorted(site.rglob("*.js")):
            script = path.read_text(encoding="utf-8")
            words.update(re.findall(r"[\w-]+", script))
            text.update(script)
        return cls(words, text, maths)

    def characters(self, name: str) -> set[str] | None:
        """What a face is cut down to."""
        return self.maths if name == fonts.MATHS_FACE else self.text


def on_post_build(config: MkDocsConfig) -> None:
    """Write the style sheets, with the faces in them."""
    site = Path(config.site_dir)
    seen = None if Builds.now().serving else Seen.on(site)
    _write_sheet(config, site, seen)
    for name in (CONTENTS, MATHS):
        path = site / name
        path.write_text(
            FACE.sub(lambda m: _inlined(m[1], seen), path.read_text(encoding="utf-8")), encoding="utf-8"
        )
    (site / "fonts").mkdir(exist_ok=True)
    (site / "fonts" / LATER).write_bytes(fonts.subset(LATER, seen.text if seen else None))
    for path in site.glob("assets/**/*.map"):
        path.unlink()
    for path in site.glob("feed_*.xml"):
        text = dates.feed(path.read_text(encoding="utf-8"), f"{config.site_url}{CARDS}/index.png")
        path.write_text(text, encoding="utf-8")
    if not Builds.now().serving:
        for path in site.glob("figures/*.svg"):
            drawing = path.read_text(encoding="utf-8")
            path.write_text(OUTLINE.sub(lambda m: DIGITS.sub("", m[0]), drawing), encoding="utf-8")
        _draw_cards(site, config.extra["cards"])
        offline.write(site)


def _draw_cards(site: Path, cards: dict[str, tuple[str, str]]) -> None:
    """Draw the pictures of links, or take those that were kept."""
    (site / CARDS).mkdir(parents=True, exist_ok=True)
    for name, (line, title) in sorted(cards.items()):
        key = digest(
            DRAWER.read_bytes(), version("matplotlib"), version("font-source-serif-pro"), line, title
        )
        picture = kept(CACHE / "cards", key, ".png", lambda line=line, title=title: _drawn(line, title))  # type: ignore[misc]
        (site / CARDS / f"{name}.png").write_bytes(picture)


def _drawn(line: str, title: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "card.png"
        command = [sys.executable, "-m", "figures.card"]
        cards = json.dumps([[str(path), line, title]])
        done = subprocess.run(command, cwd=ROOT, input=cards, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SiteError(f"figures/card.py cannot draw {title!r}:\n{done.stderr.strip()}")
        return path.read_bytes()


def _write_sheet(config: MkDocsConfig, site: Path, seen: Seen | None) -> None:
    """One sheet of the theme's, the plugins' and ours."""
    theme = sorted((site / THEME).glob("*.css"))
    merged = [*theme, *(site / name for name in config.extra["merged"])]
    css = "".join(re.sub(r"/\*# source.*?\*/", "", p.read_text(encoding="utf-8")) for p in merged)
    css += sheets.joined(Path(config.docs_dir) / CONTENTS)
    for path in merged:
        path.unlink()
    if seen is not None:
        words = seen.words
        key = digest(css, " ".join(sorted(words)), Path(sheets.__file__).read_bytes())
        css = kept(CACHE / "sheets", key, ".css", lambda: sheets.used(css, words).encode()).decode()
    (site / CONTENTS).write_text(css, encoding="utf-8")


def _inlined(name: str, seen: Seen | None) -> str:
    """A face within the sheet: it is there before anything is drawn, so nothing moves when it comes."""
    if name == LATER:
        return f'url("../fonts/{name}")'
    face = fonts.subset(name, seen.characters(name) if seen else None)
    return f'url("data:font/woff2;base64,{base64.b64encode(face).decode()}")'
