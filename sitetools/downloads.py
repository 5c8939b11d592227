"""All code of a post to take away: one program in cells, and the same cells as a notebook.

The program is the post's snippet module with its region markers turned into cells, so it runs as it stands, reads from
top to bottom, and opens as a notebook in editors that know ``# %%``. The notebook is made from that program alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from textwrap import wrap
from typing import Any
from urllib.parse import urljoin

import jupytext
import nbformat

from sitetools import wheel
from sitetools.house import House, Post
from sitetools.marks import TOKEN
from sitetools.modules import Module

NEEDED = "Python 3.11 or later, NumPy 2.0 or later"
LICENCE = "MIT licence. Copyright (c) 2026 the Scratch MLP authors."
MADE: dict[tuple[Any, ...], str] = {}  # programs, so that a save makes none anew that it does not touch
QUOTED = "# Values that the page quotes"

PLACE = re.compile(
    r"""
    ^(?P<level>\#\#+)\ +(?P<title>.+?)\ *(?:\{:[^}]*\})?\ *$
  | ^(?P<exercise>///\ exercise)\b
  | ^(?P<end>///)\ *$
  | ^\ *--8<--\ "(?P<path>[^":\n]+):(?P<region>[^"\n]+)"
    """,
    re.VERBOSE | re.MULTILINE,
)


def files(house: House, post: Post, site_url: str | None) -> dict[str, str]:
    """The program and the notebook of a post, by their paths in the site; none for a post without a module."""
    if post.key not in house.modules:
        return {}
    stem = post.uri.removesuffix(".md")
    module = house.modules[post.key]
    line = wheel.install(house, site_url)
    made_of = (stem, post.number, post.text, module.source, line, site_url)
    if made_of not in MADE:
        MADE[made_of] = program(post, module, urljoin(site_url or "", f"{stem}/"), line)
    text = MADE[made_of]
    return {f"{stem}.py": text, f"{stem}.ipynb": notebook(text)}


@lru_cache(maxsize=64)
def notebook(text: str) -> str:
    """A program in cells as a notebook: the same cells, no outputs, and the same bytes on every build."""
    book = jupytext.reads(text, fmt="py:percent")
    for number, cell in enumerate(book.cells, 1):
        cell["id"] = f"cell-{number}"
        cell.metadata.pop("lines_to_next_cell", None)  # how the program is spaced is its own affair
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book.metadata = nbformat.from_dict({"kernelspec": kernel, "language_info": {"name": "python"}})  # type: ignore[no-untyped-call]
    return str(nbformat.writes(book, version=4)) + "\n"  # type: ignore[no-untyped-call]


def program(post: Post, module: Module, address: str, line: str | None) -> str:
    """A snippet module as a program in cells: a head, then each region, and what stands between, in its order."""
    text = _words(_head(post, module, address, line))
    for cell in _cells(post, module):
        wide = re.match(r"(#.*\n)+(def|class|@)", cell) or text.splitlines()[-1].startswith(" ")
        text += ("\n\n\n" if wide else "\n\n") + cell  # two blank lines around functions and classes
    return text + "\n"


def _cells(post: Post, module: Module) -> Iterator[str]:
    places = _places(post, module)
    above: list[str] = []
    shown = set[str]()
    line = _opening(module)
    for region in module.regions.values():
        yield from _between(module, line, region.first - 2)
        line = region.last + 1
        if (place := places.get(region.name, above)) != above:
            kept = sum(a == b for a, b in zip(above, place, strict=False))
            new = place[kept:] or place[-1:]
            yield _words([h + " (continued)" * (h in shown) for h in new])
            above, shown = place, shown | set(place)
        yield "# %%\n" + module.code(region)
    yield from _between(module, line, len(module.lines))


def _opening(module: Module) -> int:
    """How many lines the docstring takes, which the head tells instead."""
    return (module.tree.body[0].end_lineno or 0) if ast.get_docstring(module.tree) else 0


def _between(module: Module, first: int, last: int) -> Iterator[str]:
    """What stands between two regions as a cell; before the first region, these are the imports."""
    if code := "\n".join(module.lines[first:last]).strip("\n"):
        yield "# %%\n" + (code if first == _opening(module) else f"{QUOTED}\n{code}")


def _places(post: Post, module: Module) -> dict[str, list[str]]:
    """The headings above each region in the post, outermost first; code of exercises is gathered under one of its own."""
    places: dict[str, list[str]] = {}
    above: list[str] = []
    within: list[str] = []
    exercises = 0
    for m in PLACE.finditer(
        TOKEN.sub(lambda m: "" if m.lastgroup == "code" and not m["tick"] else m[0], post.text)
    ):
        if m["level"]:
            above = [h for h in above if h.index(" ") < len(m["level"])] + [f"{m['level']} {m['title']}"]
        elif m["exercise"]:
            exercises += 1
            within = ["## Answers", f"### Exercise {exercises}"]
        elif m["end"]:
            within = []
        elif m["path"] == module.uri:
            places.setdefault(m["region"], within or above)
    return places


def _head(post: Post, module: Module, address: str, line: str | None) -> list[str]:
    """What a stranger asks of a file: what it is, where it belongs, what it needs, what may be done with it."""
    imported = {
        (node.module or "", alias.name)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    needs = [NEEDED]
    if "scratchmlp" in module.imports:
        needs.append(f"`scratchmlp`, the package of the project: `{line or 'pip install .'}`")
    if ("scratchmlp.datasets", "digits") in imported:
        needs.append("scikit-learn, which brings the handwritten digits")
    return [
        f"# {post.meta['title']}",
        ast.get_docstring(module.tree) or post.meta["description"],
        f"This is the code of part {post.number} of Scratch MLP, in the order in which it runs. The cells stand under"
        f" the headings of its page, <{address}>, and print what is shown there.",
        "You need:\n\n" + "\n".join(f"- {need}" for need in needs),
        LICENCE,
    ]


def _words(paragraphs: list[str]) -> str:
    """Paragraphs as a text cell; prose in lines that fit a screen, list items whole, so that a command can be copied."""
    lines = [line for p in "\n\n".join(paragraphs).split("\n") for line in _wrapped(p)]
    return "# %% [markdown]\n" + "\n".join(f"# {line}".rstrip() for line in lines)


def _wrapped(line: str) -> list[str]:
    whole = line.startswith("- ") or not line
    return [line] if whole else wrap(line, 80, break_long_words=False, break_on_hyphens=False)
