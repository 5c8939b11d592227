"""The explorables: custom elements, one folder each in `docs/widgets`, given the recorded values that their files name.

Few values stand in the page, `// values: one_email.x one_email.W1`; a large part of a result is a file of its own,
fetched by the element, `// data: shuffle_by_degrees`.
"""

from __future__ import annotations

import json
import re
from typing import Any

from sitetools import ROOT, SiteError
from sitetools.facts import look_up, measured

WIDGETS = ROOT / "docs" / "widgets"
VALUES, DATA = (re.compile(rf"^// {kind}: (.+)$", re.M) for kind in ("values", "data"))


def named() -> dict[str, list[str]]:
    """Every explorable with the numbers it works with, from the line `// values: one_email.x` of its file."""
    found = {p.stem: VALUES.search(p.read_text(encoding="utf-8")) for p in sorted(WIDGETS.glob("*/*.js"))}
    return {name: m[1].split() for name, m in found.items() if m}


def values(name: str) -> str:
    """The numbers of an explorable as JSON, by the last part of their names; no number is typed in a script."""
    if name not in named():
        raise SiteError(f"there is no explorable {name!r}; docs/widgets has {', '.join(named())}")
    held: dict[str, Any] = {}
    for reference in named()[name]:
        held[reference.rpartition(".")[2]] = json.loads(look_up(reference, ".17g").value)
    return json.dumps(held, separators=(",", ":"))


def data() -> dict[str, str]:
    """The files that explorables fetch, as JSON by their names: `shuffle-pixels/shuffle-pixels.json` beside it."""
    files: dict[str, str] = {}
    for path in sorted(WIDGETS.glob("*/*.js")):
        if m := DATA.search(path.read_text(encoding="utf-8")):
            try:
                files[f"{path.parent.name}/{path.stem}.json"] = json.dumps(
                    measured(m[1]), separators=(",", ":")
                )
            except SiteError as error:
                raise SiteError(f"docs/widgets/{path.parent.name}/{path.name}: {error}") from None
    return files
