"""The posts as files: front matter, reading time, and the counts that the site states of itself."""

from __future__ import annotations

import datetime
import math
import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.utils.meta import get_data
from mkdocs.utils.yaml import yaml_load

from sitetools import ROOT, SiteError
from sitetools.tokens import TOKEN, tokens

DOCS = ROOT / "docs"
WORDS_PER_MINUTE = 200
MINUTES_PER_BLOCK = 0.4


@dataclass(frozen=True)
class Post:
    """One part of the series."""

    path: Path
    meta: dict[str, Any]
    text: str

    @property
    def uri(self) -> str:
        """The path below docs/."""
        return self.path.relative_to(DOCS).as_posix()

    @property
    def number(self) -> int:
        """The part's place in the series, which parts still to come have too."""
        return 1 + order().index(self.path.stem)

    @property
    def blocks(self) -> int:
        """How many blocks of tested code the post shows."""
        return sum(bool(m["snippet"]) for m in tokens(self.text))

    @property
    def numbers(self) -> int:
        """How many numbers of the post are computed: in its prose, tables and captions, its formulas and alt texts."""
        return len(re.findall(r"\[\[(?!S\d-)(?!lit\.)[\w.-]+\.[\w.-]+(?:\|[^\[\]]*)?\]\]", _prose(self.text)))

    @property
    def minutes(self) -> int:
        """Reading time: the prose at an even pace, and a moment for each block."""
        words = len(re.findall(r"[^\W\d_]{2,}", TOKEN.sub(" ", self.text)))
        return max(1, math.ceil(words / WORDS_PER_MINUTE + self.blocks * MINUTES_PER_BLOCK))


def _prose(text: str) -> str:
    return TOKEN.sub(lambda m: " " if m["fence"] or m["code"] or m["comment"] else m[0], text)


@lru_cache(maxsize=256)
def _post(path: Path, modified: int) -> Post:
    text, meta = get_data(path.read_text(encoding="utf-8"))
    where = path.relative_to(DOCS).as_posix()
    for name in ("title", "description"):
        if not isinstance(meta.get(name), str):
            raise SiteError(f"{where}: a post needs a {name} in its front matter")
    if not isinstance(meta.get("date"), datetime.date):
        raise SiteError(
            f"{where}: a post needs a date in its front matter, as 2026-11-20; got {meta.get('date')!r}"
        )
    return Post(path, meta, text)


def posts() -> list[Post]:
    """The series in reading order."""
    paths = [DOCS / "series" / f"{topic}.md" for topic in order()]
    return [_post(path, path.stat().st_mtime_ns) for path in paths if path.is_file()]


def order() -> list[str]:
    """The topics of all parts in reading order, from mkdocs.yml: those in `nav`, and those planned."""
    config = yaml_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    series = next(entry["Series"] for entry in config["nav"] if "Series" in entry)
    topics = [PurePosixPath(uri).stem for uri in series]
    for planned in config["extra"]["planned"]:
        topics.insert(topics.index(planned["after"]) + 1, planned["topic"])
    return topics


def claims() -> dict[str, dict[str, Any]]:
    """The ledger's rows by claim ID, in the order of the sources; `claims` holds one file for each post."""
    rows: dict[str, dict[str, Any]] = {}
    for path in sorted((ROOT / "claims").glob("[a-z]*.toml")):
        if path.name == "literature.toml":
            continue
        for row in _claims(path, path.stat().st_mtime_ns):
            if row["id"] in rows:
                raise SiteError(
                    f"claims/{path.name}: {row['id']} has a row in {rows[row['id']]['post']}.toml already"
                )
            rows[row["id"]] = row | {"post": path.stem}
    return dict(sorted(rows.items(), key=lambda item: (item[0][:2], int(item[0][3:]))))


@lru_cache(maxsize=64)
def _claims(path: Path, modified: int) -> list[dict[str, Any]]:
    where = f"claims/{path.name}"
    try:
        rows: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8")).get("claim", [])
    except tomllib.TOMLDecodeError as error:
        raise SiteError(f"{where}: {error}") from None
    for row in rows:
        if missing := {"id", "says", "verdict", "proof"} - row.keys():
            raise SiteError(f"{where}: the row {row.get('id', '?')} lacks {', '.join(sorted(missing))}")
    return rows


def counts() -> dict[str, int]:
    """What the front door states: posts, blocks run, numbers computed, claims checked."""
    series = posts()
    return {
        "posts": len(series),
        "blocks": sum(p.blocks for p in series),
        "numbers": sum(p.numbers for p in series),
        "claims": len(claims()),
    }
