"""How many small errors, put into the project on purpose, its checks notice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

QUESTION = "Of small errors such as a contributor makes on a tired evening, how many do the checks notice?"
CONDITIONS = (
    "two seeds that nobody had looked at while the checks were written, for each at least 200 errors, as many of each "
    "group; all checks but, of those in Chromium, two files for the explorables; counted as they came, before any "
    "survivor was mended; an error that changes nothing for a reader is listed with the reason and left out of the count"
)
SEEDS = (13, 14)
SETTINGS = {"n": 200}
TOLERANCE = {"*": None}  # of the project as it was on that day: a replay would say nothing
DERIVED = {
    **{
        f"total.{group}.{kind}": f"sum([by_group.{group}.{kind}])"
        for group in (
            "formula",
            "word",
            "number",
            "reference",
            "exercise",
            "ledger",
            "recorded",
            "explorable",
            "machinery",
            "package",
            "snippets",
            "together",
        )
        for kind in ("noticed", "put")
    },
    "share": "sum([by_group.together.noticed]) / sum([by_group.together.put])",
}


def once() -> dict[str, Any]:
    """The day."""
    return {"date": datetime.now(UTC).date().isoformat()}


def run(seed: int) -> dict[str, Any]:
    """For each group and together, how many errors of a seed change anything, and how many of these were noticed."""
    from mutants.__main__ import counted, measured

    found = counted(*measured(seed, SETTINGS["n"]))
    return {"by_group": {group: {"noticed": noticed, "put": put} for group, (noticed, put) in found.items()}}
