"""Recorded results, and what is computed from their raw values on reading: means, spreads, differences, counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sitetools import SiteError, digests, formulas

TREES = ("settings", "once", "runs")  # of a result: what was set, what no seed changes, what each seed gave
SAME = "values"  # a path may say that it means the list itself


class Sample(list[Any]):
    """A list of values, such as one for each seed, that knows its statistics: ``sample["mean"]``."""

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str):
            return super().__getitem__(key)
        return self if key == SAME else _sampled(formulas.statistic(key, self))


class Formula(str):
    """A derived quantity that has not been computed yet."""


def read(path: Path) -> dict[str, Any]:
    """A result as it was written; an error that names the file if it is none."""
    return parsed(path.read_text(encoding="utf-8"), str(path))


def parsed(text: str, where: str) -> dict[str, Any]:
    """A result from its text."""
    try:
        held: dict[str, Any] = json.loads(text)
    except json.JSONDecodeError as error:
        raise SiteError(f"{where}:{error.lineno}: not whole JSON ({error.msg}); record it again") from None
    if gone := {"experiment", "seeds", "derived", *TREES} - held.keys():
        name = where.rpartition("/")[2].removesuffix(".json")
        raise SiteError(f"{where} has no {', '.join(sorted(gone))}; run `make record EXP={name}`")
    return held


def value(result: dict[str, Any], path: list[str]) -> Any:
    """What stands at a path into a result: a setting, raw values, a statistic of them, or a derived quantity.

    A step is a key, a place in a list, or a statistic (mean, sd, se, n, min, max, median, …), and after a number its
    mantissa or exponent; `seeds` is their number. A path that ends before a value gives all that lies below it.
    """
    return _at(_tree(result), result["experiment"], path, ())


def tree(result: dict[str, Any]) -> dict[str, Any]:
    """All of a result, settings, raw values and derived quantities, in one tree."""
    found: dict[str, Any] = value(result, [])
    return found


def _tree(result: dict[str, Any]) -> dict[str, Any]:
    held: dict[str, Any] = {"seeds": len(result["seeds"])}
    for part in TREES:
        _put(held, result[part], result["experiment"], ())
    for name, formula in result["derived"].items():
        path = name.split(".")
        below: Any = Formula(formula)
        for step in reversed(path):
            below = {step: below}
        _put(held, below, result["experiment"], ())
    return held


def _put(held: dict[str, Any], new: dict[str, Any], experiment: str, above: tuple[str, ...]) -> None:
    """Put one tree into another; two things at one place are an error."""
    for key, thing in new.items():
        if not isinstance(thing, dict):
            if key in held:
                raise SiteError(
                    f"experiments/{experiment}.py: two things are called {'.'.join([*above, key])!r}"
                )
            held[key] = thing
            continue
        inner = held.setdefault(key, {})
        if not isinstance(inner, dict):
            raise SiteError(f"experiments/{experiment}.py: two things are called {'.'.join([*above, key])!r}")
        _put(inner, thing, experiment, (*above, key))


def _at(held: dict[str, Any], experiment: str, path: list[str], asked: tuple[str, ...]) -> Any:
    found: Any = held
    for n, step in enumerate(path):
        try:
            if isinstance(found, Formula):
                found = _computed(held, experiment, found, path[:n], asked)
            found = _step(found, step)
        except (LookupError, TypeError):
            name = ".".join([experiment, *path])
            raise SiteError(f"unknown number {name!r}: there is no {step!r} in it") from None
        except (ValueError, ArithmeticError) as error:
            raise SiteError(f"unknown number {'.'.join([experiment, *path])!r}: {error}") from None
    return _computed(held, experiment, found, path, asked)


def _step(found: Any, step: str) -> Any:
    if isinstance(found, dict):
        return found[step]
    if isinstance(found, list):
        if step in formulas.STATISTICS or step == SAME:
            return Sample(found)[step]
        if not step.isdecimal():
            raise KeyError(step)
        return found[int(step)]
    if isinstance(found, int | float):
        return formulas.PARTS[step](found)
    raise KeyError(step)


def _computed(
    held: dict[str, Any], experiment: str, found: Any, path: list[str], asked: tuple[str, ...]
) -> Any:
    """What was found, with the formulas in it evaluated."""
    if isinstance(found, dict):
        return {k: _computed(held, experiment, v, [*path, k], asked) for k, v in found.items()}
    if not isinstance(found, Formula):
        return _sampled(found)
    name = ".".join(path)
    where = f"experiments/{experiment}.py: the formula of {name!r}, {str(found)!r}"
    if name in asked:
        raise SiteError(f"{where}, asks for itself: {' → '.join([*asked, name])}")
    try:
        return _sampled(
            formulas.evaluate(found, lambda p: _at(held, experiment, p.split("."), (*asked, name)))
        )
    except SiteError as error:
        raise error if "asks for itself" in str(error) else SiteError(f"{where}: {error}") from None
    except (ValueError, TypeError, ArithmeticError, LookupError) as error:
        raise SiteError(f"{where}: {error}") from None


def _sampled(found: Any) -> Any:
    return Sample(map(_sampled, found)) if isinstance(found, list) else found


def seal(result: dict[str, Any]) -> str:
    """The fingerprint of all that a result says, so that a value changed by hand is found."""
    return digests.of_data({key: held for key, held in result.items() if key != "seal"})


def check(result: dict[str, Any], experiment: Path, root: Path) -> Iterator[str]:
    """What is stale or altered in a result, each with what to do; nothing if it is as its experiment wrote it."""
    name = experiment.stem
    uri = experiment.relative_to(root).as_posix()
    if not experiment.is_file():
        yield f"experiments/results/{name}.json belongs to no experiment: {uri} does not exist"
        return
    now = digests.of_experiment(experiment, root)
    if result.get("digest", {}).get("code") != now["code"]:
        yield f"{uri} has changed since it was measured; run `make record EXP={name}`"
    elif result["digest"].get("words") != now["words"]:
        yield f"{uri} says something else about its values than their file; run `python -m experiments describe {name}`"
    if result.get("seal") != seal(result):
        yield f"experiments/results/{name}.json was changed by hand; run `make record EXP={name}`"
