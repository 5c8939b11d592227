"""What stands at the end of every post: what it was tested on, how to cite it, and where to report an error.

All of it comes from the project's own files, and nothing from the machine that builds, so that two builds are alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain
from urllib.parse import quote, urljoin

from sitetools.house import House, Post
from sitetools.marks import marks_in

# What a reader knows a package by, from its name in a lock, in a record, and in an import.
NAMES = {"python": "Python", "numpy": "NumPy", "scikit-learn": "scikit-learn", "torch": "PyTorch"}
IMPORTED = {"numpy": "numpy", "sklearn": "scikit-learn", "torch": "torch"}
NOBODY = "Scratch MLP contributors"
SPECIAL = re.compile(r"[&%$#_{}]")  # what LaTeX takes for its own


def tested_on(house: House, post: Post) -> str:
    """The Pythons of the project, and the locked versions of the libraries that the post's code imports."""
    said = re.findall(r"Python :: (\d\.\d+)", " ".join(house.project.get("classifiers", [])))
    pythons = [f"Python {' to '.join(dict.fromkeys([said[0], said[-1]]))}"] if said else []
    newest, lowest = (house.locks.get(lock, {}) for lock in ("dev", "lowest"))
    libraries = [
        f"{NAMES[package]} {newest[package]}" + (f" (also {lowest[package]})" if package in lowest else "")
        for package in sorted({IMPORTED[name] for name in imports(house, post) & IMPORTED.keys()} | {"numpy"})
        if package in newest
    ]
    return ", ".join(pythons + libraries)


def imports(house: House, post: Post) -> set[str]:
    """What the code that a post shows imports, and the modules of the package that it imports do."""
    shown = {m["path"] for m in marks_in(post.text) if m.lastgroup == "include"}
    shown |= {f"{name.replace('.', '/')}.py" for name in _imported(house, shown)}
    return _imported(house, shown)


def _imported(house: House, uris: Iterable[str]) -> set[str]:
    return set(chain.from_iterable(house.code(uri).imports for uri in uris if house.has(uri)))


def measured_on(house: House, post: Post) -> str:
    """The versions that the records of the post's measurements name; nothing for a post that measures nothing."""
    results = dict(house.results.good())
    used = {name.partition(".")[0] for name in house.names(post)} & results.keys()
    records = [results[name].get("versions", {}) for name in sorted(used)]
    return ", ".join(
        f"{name} {' and '.join(versions)}"
        for package, name in NAMES.items()
        if (versions := sorted({record[package] for record in records if package in record}))
    )


def bibtex(house: House, site_url: str | None, post: Post | None = None) -> str:
    """An entry for BibTeX: of a post, or of the whole site."""
    dates = [p.meta["date"] for p in ([post] if post else dict(house.posts.good()).values())]
    authors = " and ".join(a["name"] for a in house.project.get("authors", [])) or f"{{{NOBODY}}}"
    lines = {
        "author": authors,
        "title": f"{{{latex(post.meta['title'] if post else house.name)}}}",
        "year": max(dates).year if dates else None,
        "howpublished": latex(house.name) if post else None,
        "url": urljoin(site_url, post.uri.removesuffix(".md") + "/" if post else "") if site_url else None,
    }
    held = "".join(f"  {name} = {{{value}}},\n" for name, value in lines.items() if value)
    key = re.sub(r"[^a-z0-9]+", "-", house.name.lower()).strip("-") + (f"-{post.topic}" if post else "")
    return f"@misc{{{key},\n{held}}}"


def latex(words: str) -> str:
    """Words as LaTeX sets them."""
    return SPECIAL.sub(r"\\\g<0>", words)


def report(repo_url: str | None, title: str) -> str | None:
    """The page on which a reader reports an error, with the post's title filled in; None without a repository."""
    return f"{repo_url.rstrip('/')}/issues/new?title={quote(title + ': ')}" if repo_url else None
