"""When a post was changed: a date of its own, so that a feed announces what is new and nothing else."""

from __future__ import annotations

import datetime
import re
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Any

CHANNEL = re.compile(r"(<(?:pubDate|lastBuildDate)>).*?(</)")


def updated(meta: dict[str, Any], root: Path, post: Path) -> datetime.date:
    """`updated:` of the front matter, or the last commit that changed what the post shows; never before its date."""
    date: datetime.date = meta["date"]
    said = meta.get("updated")
    if isinstance(said, datetime.date):
        return max(said, date)
    module = root / "snippets" / f"{post.stem.replace('-', '_')}.py"
    return max(committed(root, post, module) or date, date)


@lru_cache(maxsize=256)
def committed(root: Path, *paths: Path) -> datetime.date | None:
    """The day of the last commit that changed one of some files; None where no history tells."""
    if _git(root, "rev-parse", "--is-shallow-repository") != "false":
        return None  # the one commit of a shallow clone has changed every file
    day = _git(root, "log", "-1", "--format=%cs", "--", *map(str, paths))
    return datetime.date.fromisoformat(day) if day else None


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def feed(text: str, picture: str) -> str:
    """A feed whose channel changes when an item does, without the elements that the plugin leaves empty."""
    items = [m[1] for m in re.finditer(r"<item>.*?<pubDate>(.*?)</pubDate>", text, re.S)]
    head, mark, rest = text.partition("<item>")
    if items:
        head = CHANNEL.sub(lambda m: m[1] + items[0] + m[2], head)
    head = re.sub(r"\n\s*<docs></docs>", "", head).replace("<url>None</url>", f"<url>{picture}</url>")
    return head + mark + rest
