"""A house of one post, copied for each test that breaks something: `small/`, with the theme and the machinery of ours.

What the machinery makes of it stands in `pages/`; `make pages` writes it anew.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bs4 import BeautifulSoup

from sitetools import ROOT

SMALL = Path(__file__).parent / "small"
PAGES = Path(__file__).parent / "pages"
OURS = ("docs/overrides", "docs/stylesheets", "docs/javascripts")
DRAWING = ("figures/__init__.py", "figures/__main__.py", "figures/style.py", "figures/circles.py")
# Left out of `pages/`: the theme, pages by a plugin, and the source of what is copied into the small house.
ELSEWHERE = re.compile(
    r"assets/(java|style)|404|package/|search/|source/(sitetools|figures/_|figures/style|figures/circles)"
)
COUNTED = re.compile(r"(sitetools/house\.py(?::|/#L-))\d+")  # the line of a function that may move
OPENING = re.compile(
    r"(?=<(?:[a-z]+ class=\"(?:line|claim|cite|formula|fact|needs)|"
    r"aside|data|details|div|fig|h\d|img|li|math|ol|p[ >]|p(?:icture|re)|samp|section|smlp|source|t[dhr][ >]|table|ul))"
)


def copied(folder: Path) -> Path:
    """A small house in a folder, ready to be built."""
    shutil.copytree(SMALL, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for ours in OURS:
        shutil.copytree(ROOT / ours, folder / ours)
    for ours in DRAWING:
        shutil.copy(ROOT / ours, folder / ours)
    (folder / "sitetools").symlink_to(ROOT / "sitetools")
    config = folder / "mkdocs.yml"
    config.write_text(f"INHERIT: {ROOT}/mkdocs.yml\n" + config.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def change(folder: Path, uri: str, old: str, new: str) -> int:
    """Put something else in the place of a text that stands in a file; the line where it stood."""
    file = folder / uri
    whole = file.read_text(encoding="utf-8")
    assert old in whole, f"{uri} does not hold {old!r}"
    file.write_text(whole.replace(old, new, 1), encoding="utf-8")
    return whole.partition(old)[0].count("\n") + 1


def surroundings(folder: Path) -> dict[str, str]:
    """The environment in which MkDocs builds a small house."""
    cache = os.environ.get("SITE_CACHE", str(ROOT / ".cache"))
    return {**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1", "SITE_CACHE": cache}


def build(folder: Path) -> tuple[int, str]:
    """Build a house strictly; the exit status, and what was said."""
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        cwd=folder,
        env={
            **surroundings(folder),
            "SITE_URL": "https://small.example/",
            "REPO_URL": "https://small.example/repo/",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, re.sub(r"\x1b\[\d+m", "", done.stdout + done.stderr)


def made(site: Path) -> dict[str, str]:
    """What our machinery makes of the small house, as text by file: pages, downloads, feed, and which files there are."""
    files = sorted(p.relative_to(site).as_posix() for p in site.rglob("*") if p.is_file())
    ours = [f for f in files if not ELSEWHERE.match(f)]
    feed = (site / "feed_rss_created.xml").read_text(encoding="utf-8")
    texts = {"files": "\n".join(ours), "feed": "\n".join(re.findall(r"\S.*", feed.partition("<item>")[2]))}
    for file in ours:
        if file.endswith((".html", ".py", ".ipynb")):
            text = (site / file).read_text(encoding="utf-8")
            texts[file.replace("/", "-")] = _article(text) if file.endswith(".html") else text
    return {f"{name}.txt": text.strip() + "\n" for name, text in texts.items()}


def _article(html: str) -> str:
    """The article of a page, an element to a line; without the colours of code, which are a library's."""
    article = BeautifulSoup(html, "html.parser").article
    for span in article.select(".highlight span:not([id])"):
        span.unwrap()
    for foreign in article.select(
        "a[href^='sitetools/'], a[href^='figures/_'], a[href^='figures/style'], a[href^='figures/circles']"
    ):
        foreign.find_parent("li").decompose()
    return OPENING.sub("\n", COUNTED.sub(r"\1N", str(article)))


def main() -> None:
    """Write anew what the machinery makes of the small house."""
    with tempfile.TemporaryDirectory() as folder:
        status, said = build(copied(Path(folder) / "house"))
        if status:
            sys.exit(said)
        shutil.rmtree(PAGES, ignore_errors=True)
        PAGES.mkdir()
        for name, text in made(Path(folder) / "house" / "site").items():
            (PAGES / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
