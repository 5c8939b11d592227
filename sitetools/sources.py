"""The site's own source as pages with an anchor for each line, so that provenance works offline and on any host."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from pathlib import Path

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from sitetools import ROOT

SHOWN = (
    "snippets/*.py",
    "scratchmlp/*.py",
    "experiments/*.py",
    "figures/*.py",
    "sitetools/*.py",
    "tests/*.py",
    "tests/snippets/*.py",
)


def files() -> dict[str, Path]:
    """Every file that is shown, by its path below the project's root."""
    found = (
        p
        for pattern in SHOWN
        for p in sorted(ROOT.glob(pattern))
        if p.name not in ("__init__.py", "conftest.py")
    )
    return {p.relative_to(ROOT).as_posix(): p for p in found}


def stub(name: str) -> str:
    """The Markdown of a source page: its title; the code is put in after Markdown has run, which would read it otherwise."""
    return f"---\ntitle: {name}\ndescription: The source of {name}, with an anchor for each line.\nsearch:\n  exclude: true\n---\n\n# `{name}`\n"


def index() -> str:
    """The Markdown of the list of source pages."""
    rooms: dict[str, list[str]] = {}
    for name in files():
        rooms.setdefault(name.rpartition("/")[0], []).append(name)
    lists = "\n".join(
        f"\n## {room}\n\n" + "\n".join(f"- [`{n.rpartition('/')[2]}`]({n}.md)" for n in names)
        for room, names in rooms.items()
    )
    about = "The code behind every page, as it was when the site was built."
    return f"---\ntitle: Source\ndescription: {about}\nsearch:\n  exclude: true\n---\n\n# Source\n\n{about}\n{lists}\n"


def html(name: str) -> str:
    """The code of a file with numbered, linkable lines."""
    path = files()[name]
    return _html(name, path, path.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _html(name: str, path: Path, modified: int) -> str:
    code = highlight(path.read_text(encoding="utf-8"), PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))
    lines = "".join(
        f'<span class="line" id="L-{i}">{line}\n</span>' for i, line in enumerate(code.splitlines(), 1)
    )
    return f'<div class="highlight source" data-source="{escape(name)}"><pre tabindex="0"><code>{lines}</code></pre></div>'
