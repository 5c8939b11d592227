"""The built pages, each parsed once, when it is first asked for."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup


class Pages(Mapping[str, BeautifulSoup]):
    """Every page by its path in the site, as `series/one-email/index.html`."""

    def __init__(self, site: Path) -> None:
        self.paths = [p.relative_to(site).as_posix() for p in sorted(site.rglob("*.html"))]
        self.parsed = cache(
            lambda path: BeautifulSoup((site / path).read_text(encoding="utf-8"), "html.parser")
        )

    def __getitem__(self, path: str) -> BeautifulSoup:
        if path not in self.paths:
            raise KeyError(path)
        return self.parsed(path)

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)


@pytest.fixture(scope="session")
def pages(site: Path) -> Pages:
    """Every page."""
    return Pages(site)


@pytest.fixture(scope="session")
def posts(pages: Pages) -> dict[str, BeautifulSoup]:
    """The posts of the series among them."""
    found = {path: pages[path] for path in pages if path.startswith("series/")}
    assert len(found) >= 3
    return found


@pytest.fixture(scope="session")
def written(pages: Pages) -> dict[str, BeautifulSoup]:
    """The pages that somebody wrote: all but the source pages and the page for what is not found."""
    return {path: pages[path] for path in pages if not path.startswith(("source/", "404"))}
