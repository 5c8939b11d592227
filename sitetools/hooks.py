"""What only MkDocs can do: files made at build time, notebooks, a server that answers whatever is broken."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from markupsafe import Markup
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from sitetools import SiteError, delivery, downloads, explorables, labs, sourcepages, wheel
from sitetools.page import Build, Builds
from sitetools.serving import Kept, guard
from sitetools.typeset import part

log = logging.getLogger("mkdocs.sitetools")
serving = False
kept = Kept()


def on_startup(*, command: str, dirty: bool) -> None:
    """Know whether a broken page stops the build, or is shown broken."""
    global serving
    serving = command == "serve"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Read the rooms, once for this build; keep notebooks to their own surroundings and their own cache."""
    root, repo_url = Path(config.config_file_path).parent, config.repo_url
    build = Builds.begin(root, site_url=config.site_url, repo_url=repo_url, serving=serving)
    labs.prepare(config.plugins["mkdocs-jupyter"].config, build.house.root)
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the fonts, figures, data of explorables, source pages, and what can be downloaded."""
    build = Builds.now()

    def add(make: Callable[[], Mapping[str, str | bytes]]) -> None:
        try:
            for uri, content in make().items():
                files.append(File.generated(config, uri, content=content))
        except SiteError as error:
            build.errors.append(str(error))

    house = build.house
    add(lambda: {f"figures/{name}": path.read_bytes() for name, path in build.drawn.items()})
    add(partial(explorables.data, house))
    add(partial(_source_pages, build, config))
    add(partial(wheel.files, house))
    add(partial(labs.files, house, config.site_url))
    for _, post in house.posts.good():
        add(partial(downloads.files, house, post, config.site_url))
    return delivery.on_files(files, config)


def _source_pages(build: Build, config: MkDocsConfig) -> dict[str, str]:
    """Source pages to be made; while serving, those that have not changed as they were written."""
    pages = sourcepages.stubs(build.house)
    if serving:
        for uri in list(pages)[1:]:  # all but the index, to which pages link
            if output := kept.whole(uri, _source_key(build, uri, config)):
                pages[f"{uri.removesuffix('.md')}/index.html"] = output
                del pages[uri]
    return pages


def _source_key(build: Build, uri: str, config: MkDocsConfig) -> Any:
    """What a source page rests on: its code, and what the theme shows around it."""
    return sourcepages.code(build.house, uri), build.house.parts, repr(config.nav), build.house.errors()


def on_env(env: Any, config: MkDocsConfig, files: Files) -> None:
    """Name one style sheet in the pages; while serving, take search entries of unchanged pages from the build before."""
    delivery.on_env(config)
    if serving:
        search: Any = config.plugins["material/search"]
        kept.index(search.search_index)
        env.bytecode_cache = kept.templates


def on_page_context(
    context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Navigation
) -> dict[str, Any]:
    """Tell the template what a page needs beyond what every page has."""
    return delivery.on_page_context(context, page, config)


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Give a post the day on which it was changed; while serving, take what unchanged Markdown became before."""
    markdown = delivery.on_page_markdown(markdown, page, config)
    if serving:
        page.markdown = markdown
        kept.render(page, Builds.now())
    return markdown


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Set a notebook's text as a page is set; put the code into a source page; say what is wrong with the house."""
    uri, build = page.file.src_uri, Builds.now()
    if uri.startswith("labs/") and uri.endswith(".py"):
        html = _lab(html, page, config, files)
    if page.file.generated_by and (code := sourcepages.code(build.house, uri)):
        html += code
    if serving and build.house.errors():
        html = part("broken-house.html", errors=build.house.errors()) + html
    return html


def _lab(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    try:
        page.markdown, cells = labs.as_markdown(html)
    except SiteError as error:
        Builds.now().errors.append(f"{page.file.src_uri}: {error}")
        return part("broken.html", message=f"{page.file.src_uri}: {error}")
    page.meta = {"description": labs.description(Path(page.file.abs_src_path or "")), "lab": True}
    Page.render(page, config, files)  # mkdocs-jupyter has put its own in the place of this one
    html = page.content or ""
    for place, figure in cells.items():
        html = html.replace(place, figure)
    return html


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Repairs of the theme's HTML: a name for the search dialog, no width that a table cannot keep."""
    output = output.replace(
        'data-md-component="search" role="dialog"',
        'data-md-component="search" role="dialog" aria-label="Search"',
        1,  # the theme's own, which comes first: the source of these lines is a page too
    )
    output = re.sub(
        r"<table>.*?</table>", lambda m: part("table.html", table=Markup(m[0])), output, flags=re.S
    )
    uri = page.file.src_uri
    if serving and page.file.generated_by and uri.startswith(sourcepages.PREFIX):
        kept.written[uri] = _source_key(Builds.now(), uri, config), output
    return output


def on_post_build(config: MkDocsConfig) -> None:
    """Show all errors together; leave out what no second build would write alike: the sitemap's twin carries a time."""
    for path in Path(config.site_dir).glob("sitemap.xml.gz"):
        path.unlink()
    delivery.on_post_build(config)
    labs.seal(Path(config.plugins["mkdocs-jupyter"].config["cache_dir"]))
    report(Builds.now().errors)


def report(errors: list[str]) -> None:
    """Stop the build with all that is wrong; while serving, only say it."""
    if not errors:
        return
    found = list(dict.fromkeys(errors))
    message = f"{len(found)} error{'s' * (len(found) > 1)}:\n  " + "\n  ".join(found)
    if not serving:
        raise SiteError(message)
    log.error(message)


def on_build_error(error: Exception) -> None:
    """Whatever else stops a build, what was found wrong before it is told too."""
    build = Builds.now()
    if build.collecting and build.errors and not isinstance(error, SiteError):
        log.error("Before that:\n  " + "\n  ".join(dict.fromkeys(build.errors)))


def on_serve(server: LiveReloadServer, config: MkDocsConfig, builder: Callable[..., Any]) -> LiveReloadServer:
    """A build that fails must not leave the reader waiting."""
    return guard(server)
