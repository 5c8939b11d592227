"""What explorables are given: recorded values in the page, and, where they ask for it, a result of their own to fetch.

Few values stand in the page, `// values: one_email.x one_email.W1`; a large part of a result is a file of its own,
fetched by the element, `// data: shuffle_by_degrees`.
"""

from __future__ import annotations

import json
from typing import Any

from sitetools import SiteError
from sitetools.facts import look_up, measured
from sitetools.house import House


def values(house: House, name: str) -> str:
    """The numbers of an explorable as JSON, by the last part of their names; no number is typed in a script."""
    if name not in house.widgets:
        raise SiteError(f"there is no explorable {name!r}; docs/widgets has {', '.join(house.widgets)}")
    held: dict[str, Any] = {}
    for reference in house.widgets[name].values:
        held[reference.rpartition(".")[2]] = json.loads(look_up(house, reference, ".17g").value)
    return json.dumps(held, separators=(",", ":"))


def data(house: House) -> dict[str, str]:
    """The files that explorables fetch, as JSON by their paths: `widgets/shuffle-pixels/shuffle-pixels.json`."""
    files: dict[str, str] = {}
    for _, widget in house.widgets.good():
        if widget.data:
            try:
                held = measured(house, widget.data)
            except SiteError as error:
                raise SiteError(f"{widget.uri}: {error}") from None
            path = widget.uri.removeprefix("docs/").removesuffix(".js")
            files[f"{path}.json"] = json.dumps(held, separators=(",", ":"))
    return files
