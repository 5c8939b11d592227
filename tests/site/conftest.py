"""The built pages, parsed once."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[str, BeautifulSoup]:
    """Every page by its path in the site, as `series/one-email/index.html`."""
    found = sorted(site.rglob("*.html"))
    return {
        p.relative_to(site).as_posix(): BeautifulSoup(p.read_text(encoding="utf-8"), "html.parser")
        for p in found
    }


@pytest.fixture(scope="session")
def posts(pages: dict[str, BeautifulSoup]) -> dict[str, BeautifulSoup]:
    """The posts of the series among them."""
    found = {path: page for path, page in pages.items() if path.startswith("series/")}
    assert len(found) >= 3
    return found


@pytest.fixture(scope="session")
def written(pages: dict[str, BeautifulSoup]) -> dict[str, BeautifulSoup]:
    """The pages that somebody wrote: all but the source pages and the page for what is not found."""
    return {path: page for path, page in pages.items() if not path.startswith(("source/", "404"))}
