"""What a page weighs: one style sheet and faces cut down to what is used, and nothing before it is needed.

While the site is served to its authors nothing is cut, so that a saved page needs no other file made anew.
"""

from __future__ import annotations

import base64
import html
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from sitetools import CACHE, fonts, sheets
from sitetools.cache import digest, kept

CONTENTS = "stylesheets/site.css"
MATHS = "stylesheets/maths.css"
THEME = "assets/stylesheets"
LATER = "source-serif-italic.woff2"  # few words are in italics: fetched when a page has some, after the first paint
FACE = re.compile(r'url\("\.\./fonts/([\w-]+\.woff2)"\)')
WRITING = False  # whether the site is served to somebody who writes it


def on_startup(*, command: str) -> None:
    """Know whether the site is built to be published or served to its authors."""
    global WRITING
    WRITING = command == "serve"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Leave out the parts of the style sheet, which are fetched as one."""
    for part in sheets.parts(Path(config.docs_dir) / CONTENTS):
        if file := files.get_file_from_path(f"stylesheets/{part.name}"):
            files.remove(file)
    return files


def on_env(config: MkDocsConfig) -> None:
    """Name one sheet in the pages; what plugins bring of their own is merged into it when the site is built."""
    config.extra["merged"] = [str(name) for name in config.extra_css if name != CONTENTS]
    config.extra_css[:] = [CONTENTS]


def on_page_context(context: dict[str, Any], page: Page, config: MkDocsConfig) -> dict[str, Any]:
    """Tell the template what this page needs beyond every page: the face for formulas, the looks of explorables."""
    content = page.content or ""
    names = [CONTENTS, *([MATHS] if "<math" in content else [])]
    names += [f"widgets/{n}/{n}.css" for n in dict.fromkeys(re.findall(r"<smlp-([\w-]+)", content))]
    context["sheets"] = names[1:]
    return context


@dataclass(frozen=True)
class Seen:
    """What stands on the pages of a built site: the names that a style sheet may speak of, and the characters."""

    words: set[str]
    text: set[str]
    maths: set[str]

    @classmethod
    def on(cls, site: Path) -> Seen:
        """Read every page and script of a site."""
        words, text, maths = set[str](), set[str](), set[str]()
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
    seen = None if WRITING else Seen.on(site)
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
