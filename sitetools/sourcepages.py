"""The site's own source as pages with an anchor for each line, so that provenance works offline and on any host."""

from __future__ import annotations

from sitetools.house import House
from sitetools.typeset import numbered, part

PREFIX = "source/"


def stubs(house: House) -> dict[str, str]:
    """The Markdown of every source page, by its path below docs/: the code is put in after Markdown has run."""
    uris = house.code_uris()
    rooms: dict[str, list[str]] = {}
    for uri in uris:
        rooms.setdefault(uri.rpartition("/")[0], []).append(uri.rpartition("/")[2])
    pages = {f"{PREFIX}{uri}.md": str(part("source.md", uri=uri)) for uri in uris}
    return {f"{PREFIX}index.md": str(part("source-index.md", rooms=rooms)), **pages}


def code(house: House, page_uri: str) -> str | None:
    """The code of a source page with numbered, linkable lines; None for another page."""
    uri = page_uri.removeprefix(PREFIX).removesuffix(".md")
    if not page_uri.startswith(PREFIX) or uri == "index":
        return None
    return str(part("source.html", uri=uri, lines=numbered(house.code(uri).source)))
