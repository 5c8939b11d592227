"""Numbers by reference: ``one_email.p`` is looked up where it was computed, formatted, and says where it comes from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sitetools import SiteError, statistics
from sitetools.house import House
from sitetools.slicing import slicer

SHORT = 5  # characters of a float that may stand as it is, such as 0.5 or 0.125


@dataclass(frozen=True)
class Fact:
    """A number as the page shows it, with where it comes from."""

    name: str  # one_email.p
    text: str  # 0.771
    value: str  # 0.7706526…, in full
    source: str  # snippets/one_email.py:41
    detail: str  # the line of code, the conditions, or the reference
    key: str = ""  # of the reference, where the number is cited

    @property
    def plain(self) -> str:
        """The text for a formula or an attribute, where a minus sign is a hyphen."""
        return self.text.replace("−", "-")


def look_up(house: House, name: str, spec: str | None = None) -> Fact:
    """The fact of that name: a snippet's variable, a path into a result, a published value, or a count of the site."""
    head, *path = name.split(".")
    key = ""
    if head == "lit":
        (value, source, detail), key = _published(house, path), path[0]
    elif head == "site":
        value, source, detail = _counted(house, path)
    elif head in house.modules:
        value, source, detail = _recorded(house, name, head, path)
    elif head in house.results:
        value, source = measured(house, name), f"experiments/{head}.py:1"
        detail = house.results[head]["conditions"]
    else:
        raise SiteError(
            f"unknown number {name!r}: no snippet module, result or literature is called {head!r}"
        )
    return Fact(name, _text(name, value, spec), _full(value), source, detail, key)


def given(named: dict[str, Any], uri: str, name: str, spec: str | None) -> Fact:
    """A quantity that a page names under `given:` in its front matter, with its value and the reason for it."""
    entry = named.get(name.removeprefix("given."))
    if not isinstance(entry, dict) or {"value", "why"} != entry.keys():
        known = ", ".join(map(str, named)) or "nothing"
        raise SiteError(
            f"{name!r} needs `value` and `why` under given: in the front matter, which has {known}"
        )
    return Fact(name, _text(name, entry["value"], spec), _full(entry["value"]), uri, str(entry["why"]))


def measured(house: House, name: str) -> Any:
    """What stands at a path into a result, as `width.sizes.64`: a number, or all that it holds."""
    head, *path = name.split(".")
    if head not in house.results:
        raise SiteError(f"unknown number {name!r}: no result is called {head!r}")
    return statistics.value(house.results[head], path)


def reference(house: House, key: str) -> dict[str, Any]:
    """One entry of the literature; an error that names the key where there is none."""
    if key not in house.literature:
        raise SiteError(f"unknown reference {key!r}: claims/literature.toml has no such entry")
    entry: dict[str, Any] = house.literature[key]
    return entry


def _recorded(house: House, name: str, key: str, path: list[str]) -> tuple[Any, str, str]:
    module, values = house.modules[key], house.records[key].values
    if not path or path[0] not in values:
        raise SiteError(f"{module.uri} records no {'.'.join(path)!r}; run `make outputs` if it is new")
    value = _follow(name, values[path[0]], path[1:])
    bound = slicer(module).binding(path[0])
    if bound is None:
        return value, f"{module.uri}:1", ""
    return value, f"{module.uri}:{bound.first}", module.lines[bound.first - 1].strip()


def _published(house: House, path: list[str]) -> tuple[Any, str, str]:
    if len(path) != 2:
        raise SiteError(f"a published value is lit.<reference>.<value>, got {'.'.join(['lit', *path])!r}")
    entry = reference(house, path[0])
    value = entry.get("values", {}).get(path[1])
    if value is None:
        raise SiteError(f"claims/literature.toml: {path[0]} has no value {path[1]!r}")
    return value["value"], "claims/literature.toml", f"{entry['short']}, {value['at']}"


def _counted(house: House, path: list[str]) -> tuple[Any, str, str]:
    counts = house.counts()
    if len(path) != 1 or path[0] not in counts:
        raise SiteError(f"the site counts {', '.join(counts)}; got {'.'.join(path)!r}")
    here = "sitetools/house.py"
    line = 1
    if house.has(here):
        line = next(i for i, code in enumerate(house.code(here).lines, 1) if "def counts" in code)
    return counts[path[0]], f"{here}:{line}", "counted when the site was built"


def _follow(name: str, value: Any, path: list[str]) -> Any:
    for step in path:
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]
        except (KeyError, IndexError, ValueError, TypeError):
            raise SiteError(f"unknown number {name!r}: there is no {step!r} in it") from None
    return Fraction(value["fraction"]) if isinstance(value, dict) and set(value) == {"fraction"} else value


def _text(name: str, value: Any, spec: str | None) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_text(name, _follow(name, v, []), spec) for v in value) + "]"
    if isinstance(value, dict):
        raise SiteError(f"{name!r} is not one number but has the parts {', '.join(value)}")
    if isinstance(value, float) and not spec and len(repr(value).lstrip("-")) > SHORT:
        raise SiteError(f"{name!r} is a float; say how to write it, as in [[{name}|.3f]]")
    try:
        text = format(value, spec or "")
    except (ValueError, TypeError) as error:
        raise SiteError(f"{name!r} cannot be written as {spec!r}: {error}") from None
    return text.replace("-", "−") if not isinstance(value, str) else text


def _full(value: Any) -> str:
    return json.dumps(value) if isinstance(value, list | dict) else str(value)
