"""The site as one file to keep: a zip whose links lead to files, so that it can be read from a disk."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

NAME = "scratch-mlp.zip"
MARK = "data-offline"  # on the root of every page of the copy, for the style sheet
LEFT_OUT = ("sitemap.xml", "404.html", NAME, "objects.inv")
LINK = re.compile(r'( (?:href|src)=")(?![a-z]+:|//|#)([^"#?]*)([^"]*")')
# From a disk a browser runs no module and no worker: the static figures stay, and the search is not shown.
MODULES = re.compile(r'<script[^>]* type="module"[^>]*></script>')
ITSELF = re.compile(r'<a class="offline".*?</a>', re.S)


def page(html: str) -> str:
    """A page whose links to folders lead to the page within."""
    html = ITSELF.sub("", MODULES.sub("", html)).replace("<html ", f"<html {MARK} ", 1)
    return LINK.sub(lambda m: m[1] + _file(m[2]) + m[3], html)


def _file(target: str) -> str:
    if target in (".", "..") or target.endswith(("/.", "/..")):
        target += "/"
    return f"{target}index.html" if target.endswith("/") else target


def write(site: Path) -> None:
    """Pack a built site; the bytes depend on its files alone."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as pack:
        for path in sorted(p for p in site.rglob("*") if p.is_file()):
            name = path.relative_to(site).as_posix()
            if name in LEFT_OUT or name.startswith(("feed_", "search/", "rss.")):
                continue
            data = path.read_bytes()
            if path.suffix == ".html":
                data = page(data.decode()).encode()
            entry = zipfile.ZipInfo(f"scratch-mlp/{name}", (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            pack.writestr(entry, data)
    (site / NAME).write_bytes(out.getvalue())
