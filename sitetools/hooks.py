"""What only MkDocs can do: files made at build time, notebooks, and small repairs of the theme's HTML."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs_jupyter.config import settings as jupyter_settings

from sitetools import CACHE, SiteError, delivery, downloads, explorables, figures, labs, posts, sources
from sitetools.extension import Serving


def on_startup(*, command: str, dirty: bool) -> None:
    """Know whether a broken page stops the build, or is shown broken."""
    Serving.now = command == "serve"
    delivery.on_startup(command=command)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Point mkdocs-jupyter at our template, at a cache named by all that notebooks import, and at our figure style."""
    jupyter_settings.templates_dir = str(labs.TEMPLATES)
    config.plugins["mkdocs-jupyter"].config["cache_dir"] = str(CACHE / "labs" / labs.digest())
    os.environ["MATPLOTLIBRC"] = str(labs.TEMPLATES / "matplotlibrc")
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add figures, data of explorables, source pages, and what can be downloaded: notebooks, code of posts."""
    for name, path in figures.drawn().items():
        files.append(File.generated(config, f"figures/{name}", content=path.read_bytes()))
    for name, text in explorables.data().items():
        files.append(File.generated(config, f"widgets/{name}", content=text))
    for name in sources.files():
        files.append(File.generated(config, f"source/{name}.md", content=sources.stub(name)))
    files.append(File.generated(config, "source/index.md", content=sources.index()))
    for path in sorted((posts.DOCS / "labs").glob("*.py")):
        book = downloads.notebook(path.read_text(encoding="utf-8"))
        files.append(File.generated(config, f"labs/{path.stem}.ipynb", content=book))
    for post in posts.posts():  # a post without title, date or description stops the build here
        try:
            taken = downloads.files(post, config.site_url, config.repo_url)
        except SiteError:
            if not Serving.now:
                raise
            taken = {}  # the page says what is wrong with its module
        for name, content in taken.items():
            files.append(File.generated(config, name, content=content))
    return delivery.on_files(files, config)


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> Environment:
    """Name one style sheet in the pages."""
    delivery.on_env(config)
    return env


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Give a post the day on which it was changed."""
    return delivery.on_page_markdown(markdown, page, config)


def on_page_context(
    context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Navigation
) -> dict[str, Any]:
    """Tell the template what a page needs beyond what every page has."""
    return delivery.on_page_context(context, page, config)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Set a notebook's text as a page is set; put the code into a source page."""
    uri = page.file.src_uri
    if uri.startswith("labs/") and uri.endswith(".py"):
        try:
            page.markdown, cells = labs.as_markdown(html)
        except SiteError as error:
            raise SiteError(f"{uri}: {error}") from None
        page.meta = {"description": labs.description(Path(page.file.abs_src_path or "")), "lab": True}
        Page.render(page, config, files)  # mkdocs-jupyter has put its own in the place of this one
        html = page.content or ""
        for place, figure in cells.items():
            html = html.replace(place, figure)
    if page.file.generated_by and uri.startswith("source/") and uri != "source/index.md":
        html += sources.html(uri.removeprefix("source/").removesuffix(".md"))
    return html


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Repairs of the theme's HTML: a name for the search dialog, no width that a table cannot keep."""
    output = output.replace(
        'data-md-component="search" role="dialog"',
        'data-md-component="search" role="dialog" aria-label="Search"',
    )
    return re.sub(
        r"<table>(.*?)</table>",
        r'<div class="table" tabindex="0" role="group" aria-label="Table"><table>\1</table></div>',
        output,
        flags=re.S,
    )


def on_post_build(config: MkDocsConfig) -> None:
    """Leave nothing in the site that a second build would write differently: the sitemap's twin carries a time."""
    for path in Path(config.site_dir).glob("sitemap.xml.gz"):
        path.unlink()
    delivery.on_post_build(config)
