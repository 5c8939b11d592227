"""Numbers by reference: ``one_email.p`` is looked up where it was computed, formatted, and says where it comes from."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from sitetools import ROOT, SiteError, posts, statistics
from sitetools.record import recorded
from sitetools.snippets import modules, read

RESULTS = ROOT / "experiments" / "results"
SHORT = 5  # characters of a float that may stand as it is, such as 0.5 or 0.125
LITERATURE = ROOT / "claims" / "literature.toml"


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


def look_up(name: str, spec: str | None = None) -> Fact:
    """The fact of that name: a snippet's variable, a path into a result, a published value, or a count of the site."""
    head, *path = name.split(".")
    if head == "lit":
        value, source, detail = _published(path)
        return Fact(name, _text(name, value, spec), _full(value), source, detail, key=path[0])
    if head == "site":
        value, source, detail = _counted(path)
    elif (found := modules()).get(head):
        module = found[head]
        values = recorded(module)[1]
        if not path or path[0] not in values:
            raise SiteError(f"{module.uri} records no {'.'.join(path)!r}; run `make outputs` if it is new")
        value = _follow(name, values[path[0]], path[1:])
        s = module.binding(path[0])
        source = f"{module.uri}:{s.first if s else 1}"
        detail = module.lines[s.first - 1].strip() if s else ""
    elif (RESULTS / f"{head}.json").is_file():
        value = measured(name)
        source, detail = f"experiments/{head}.py:1", _result(head)["conditions"]
    else:
        raise SiteError(
            f"unknown number {name!r}: no snippet module, result or literature is called {head!r}"
        )
    return Fact(name, _text(name, value, spec), _full(value), source, detail)


def measured(name: str) -> Any:
    """What stands at a path into a result, as `width.sizes.64`: a number, or all that it holds."""
    head, *path = name.split(".")
    if not (RESULTS / f"{head}.json").is_file():
        raise SiteError(f"unknown number {name!r}: no result is called {head!r}")
    return statistics.value(_result(head), path)


def _result(head: str) -> Any:
    path, room = RESULTS / f"{head}.json", ROOT / "experiments"
    stamps = [p.stat().st_mtime_ns for p in sorted([path, *room.glob("*.py")])]
    return _checked(path, room / f"{head}.py", tuple(stamps))


@lru_cache(maxsize=64)
def _checked(path: Path, experiment: Path, modified: tuple[int, ...]) -> Any:
    result = statistics.read(path)
    for problem in statistics.check(result, experiment, ROOT):
        raise SiteError(problem)
    return result


def literature() -> dict[str, Any]:
    """The references, by key."""
    return _toml(LITERATURE, LITERATURE.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _toml(path: Path, modified: int) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SiteError(f"{path.relative_to(ROOT)}: {error}") from None


def reference(key: str) -> dict[str, Any]:
    """One entry of the literature; an error that names the key where there is none."""
    if key not in literature():
        raise SiteError(f"unknown reference {key!r}: claims/literature.toml has no such entry")
    entry: dict[str, Any] = literature()[key]
    return entry


def _published(path: list[str]) -> tuple[Any, str, str]:
    if len(path) != 2:
        raise SiteError(f"a published value is lit.<reference>.<value>, got {'.'.join(['lit', *path])!r}")
    entry = reference(path[0])
    value = entry.get("values", {}).get(path[1])
    if value is None:
        raise SiteError(f"claims/literature.toml: {path[0]} has no value {path[1]!r}")
    return value["value"], "claims/literature.toml", f"{entry['short']}, {value['at']}"


def _counted(path: list[str]) -> tuple[Any, str, str]:
    counts = posts.counts()
    if len(path) != 1 or path[0] not in counts:
        raise SiteError(f"the site counts {', '.join(counts)}; got {'.'.join(path)!r}")
    module = read(ROOT / "sitetools" / "posts.py")
    line = next(i for i, text in enumerate(module.lines, 1) if text.startswith("def counts"))
    return counts[path[0]], f"{module.uri}:{line}", "counted when the site was built"


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
