"""While the site is served: every request gets an answer, and what a save does not touch is not made again.

If a build fails, the answer is why. From one build to the next are kept: what a page's Markdown became, what the search
index took from it, and source pages as they were written. A build that is not served keeps nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from sitetools.page import Build
from sitetools.typeset import part

log = logging.getLogger("mkdocs.sitetools")


def guard(server: LiveReloadServer) -> LiveReloadServer:
    """Let a server answer with the error of the last build, instead of keeping every page waiting until one succeeds."""
    build, answer = server.builder, server._serve_request
    broken: list[str] = []

    def builder() -> None:
        broken.clear()
        try:
            build()
        except Exception as error:  # whatever it is, the reader is told
            log.error("The site could not be built: %s", error)
            broken.append(cause(error))

    def respond(environ: Any, start_response: Any) -> Iterable[bytes] | None:
        is_page = environ["PATH_INFO"].endswith(("/", ".html"))
        if not (is_page and waited(server) and broken):
            return answer(environ, start_response)
        page = part("broken-site.html", error=broken[0]).encode()
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [server._inject_js_into_html(page, server._visible_epoch)]  # type: ignore[no-untyped-call]

    server.builder, server._serve_request = builder, respond  # type: ignore[method-assign]
    server.set_app(server.serve_request)
    return server


def waited(server: LiveReloadServer) -> bool:
    """Wait for the build at work; then True."""
    with server._epoch_cond:
        server._epoch_cond.wait_for(lambda: server._visible_epoch == server._wanted_epoch)
    return True


def cause(error: BaseException) -> str:
    """What an error says, and what those behind it say."""
    said = [f"{type(error).__name__}: {error}"]
    behind = error.__cause__ or error.__context__
    while behind is not None:
        said.append(f"{type(behind).__name__}: {behind}")
        behind = behind.__cause__ or behind.__context__
    return "\n".join(dict.fromkeys(said))


class Compiled(BytecodeCache):
    """The theme's templates as compiled by the first build: each build has an environment of its own."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what is there for a template."""
        if bucket.key in self.held:
            bucket.bytecode_from_string(self.held[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self.held[bucket.key] = bucket.bytecode_to_string()


class Kept:
    """What one build leaves for the next, each under all that it was made of."""

    RENDERED = ("content", "toc", "_title_from_render", "present_anchor_ids", "links_to_anchors")
    LISTS = (
        "[[series]]",
        "[[ledger]]",
        "[[cite]]",
        "[[site.",
        "[[glossary]]",
    )  # they rest on the text of every post

    def __init__(self) -> None:
        self.pages: dict[str, tuple[Any, dict[str, Any]]] = {}
        self.entries: dict[str, tuple[Any, list[dict[str, Any]]]] = {}
        self.written: dict[str, tuple[Any, str]] = {}
        self.templates = Compiled()

    def render(self, page: Page, build: Build) -> None:
        """Let a page take what its Markdown became, if nothing that it rests on has changed; else remember it."""
        text, uri = page.markdown or "", page.file.src_uri
        key = (text, repr(page.meta), build.house.stamp)
        if uri.startswith("labs/") or any(mark in text for mark in self.LISTS):
            return
        known, found = self.pages.get(uri, (None, {}))
        if known == key:
            page.render = lambda config, files: self._take(page, found, files)  # type: ignore[method-assign]
            return
        make = page.render

        def render(config: MkDocsConfig, files: Files) -> None:
            n_errors = len(build.errors)
            make(config, files)
            if len(build.errors) == n_errors:
                self.pages[uri] = key, {name: getattr(page, name) for name in self.RENDERED}

        page.render = render  # type: ignore[method-assign]

    def _take(self, page: Page, found: dict[str, Any], files: Files) -> None:
        vars(page).update(found)
        links = found["links_to_anchors"] or {}
        now = {files.get_file_from_path(file.src_uri): anchors for file, anchors in links.items()}
        page.links_to_anchors = {file: anchors for file, anchors in now.items() if file is not None}

    def index(self, search: Any) -> None:
        """Let the search index take the entries of pages that have not changed."""
        make: Callable[[Page], None] = search.add_entry_from_context

        def add(page: Page) -> None:
            key = (page.content, page.title, repr(page.meta))
            known, entries = self.entries.get(page.url, (None, []))
            if known != key:
                start = len(search.entries)
                make(page)
                self.entries[page.url] = key, search.entries[start:]
            else:
                search.entries += entries

        search.add_entry_from_context = add

    def whole(self, uri: str, key: Any) -> str | None:
        """A page as it was written, if it was made of the same."""
        known, output = self.written.get(uri, (None, ""))
        return output if known == key else None
