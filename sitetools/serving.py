"""While the site is served, every request gets an answer: if a build fails, the answer is why."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from mkdocs.livereload import LiveReloadServer

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
