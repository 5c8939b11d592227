"""The explorables: custom elements, one file each in `docs/widgets`, given the recorded values that their file names."""

from __future__ import annotations

import json
import re
from typing import Any

from sitetools import ROOT, SiteError
from sitetools.facts import look_up

WIDGETS = ROOT / "docs" / "widgets"
VALUES = re.compile(r"^// values: (.+)$", re.M)


def named() -> dict[str, list[str]]:
    """Every explorable with the numbers it works with, from the line `// values: p03.x p03.W1` of its file."""
    found = {p.stem: VALUES.search(p.read_text(encoding="utf-8")) for p in sorted(WIDGETS.glob("*.js"))}
    return {name: m[1].split() for name, m in found.items() if m}


def values(name: str) -> str:
    """The numbers of an explorable as JSON, by the last part of their names; no number is typed in a script."""
    if name not in named():
        raise SiteError(f"there is no explorable {name!r}; docs/widgets has {', '.join(named())}")
    held: dict[str, Any] = {}
    for reference in named()[name]:
        held[reference.rpartition(".")[2]] = json.loads(look_up(reference, ".17g").value)
    return json.dumps(held, separators=(",", ":"))
