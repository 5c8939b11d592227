"""Runs the snippet modules and records what each region prints and the value of every variable the prose may use.

``python -m sitetools.record`` writes ``snippets/out``: ``module.region.txt`` for each region that prints, and
``module.json`` with the values. Both are committed and read as a diff; a test runs the modules again and compares.
"""

from __future__ import annotations

import ast
import contextlib
import io
import math
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

from sitetools import ROOT, SiteError
from sitetools.house import Record, read
from sitetools.modules import Module, Region, span
from sitetools.whole import as_json, replace

OUT = ROOT / "snippets" / "out"
LARGEST = 300  # numbers in one recorded value; larger arrays are data, not results
NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?")


def run(module: Module) -> tuple[dict[str, str], dict[str, Any]]:
    """Run a module from top to bottom; what each region printed, and the plain values its names hold at the end."""
    regions = list(module.regions.values())
    outputs: dict[str, str] = {}
    namespace: dict[str, Any] = {"__name__": "__main__", "__file__": module.uri}
    for node in module.body:
        printed, first = io.StringIO(), span(node)[0]
        code = compile(ast.Module([node], []), module.uri, "exec")
        with contextlib.redirect_stdout(printed):
            exec(code, namespace)  # a snippet module is the project's own code
        if text := printed.getvalue():
            region = _holding(regions, first)
            if region is None:
                raise SiteError(f"{module.uri}:{first}: prints outside any region; no page would show it")
            outputs[region.name] = outputs.get(region.name, "") + text
    values = {}
    for name, value in namespace.items():
        if not name.startswith("_"):
            with contextlib.suppress(TypeError):
                values[name] = plain(value)
    return outputs, values


def _holding(regions: list[Region], line: int) -> Region | None:
    return next((r for r in regions if r.first <= line <= r.last), None)


def plain(value: Any) -> Any:
    """A value as JSON can hold it; TypeError for what is no number, text, or small nest of them."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Fraction):
        return {"fraction": str(value)}
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        if len(value) > LARGEST:
            raise TypeError("too many entries")
        return [plain(v) for v in value]
    if hasattr(value, "dtype") and hasattr(value, "tolist") and value.size <= LARGEST:
        return plain(value.tolist())
    raise TypeError(f"{type(value).__name__} is not a plain value")


def same(old: Any, new: Any) -> bool:
    """Equal, where floats may differ by what another linear-algebra library makes of the last digits."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(same(old[k], new[k]) for k in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(same, old, new))
    if isinstance(old, float) and isinstance(new, float):
        return math.isclose(old, new, rel_tol=1e-9, abs_tol=1e-12) or (math.isnan(old) and math.isnan(new))
    return type(old) is type(new) and bool(old == new)


def same_output(old: str, new: str) -> bool:
    """The same text, and each printed number within one unit of its last printed digit."""
    if NUMBER.sub("#", old) != NUMBER.sub("#", new):
        return False
    pairs = zip(NUMBER.findall(old), NUMBER.findall(new), strict=True)
    return all(
        a == b or ("." in a and _unit(a) == _unit(b) and abs(float(a) - float(b)) <= 1.01 * _unit(a))
        for a, b in pairs
    )


def _unit(number: str) -> float:
    mantissa, _, exponent = number.lower().partition("e")
    return float(10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2])))


def write(module: Module, old: Record | None, out: Path = OUT) -> None:
    """Record one module; values that only moved in their last digits keep the digits recorded before."""
    outputs, values = run(module)
    old = old or Record({}, {}, "")
    out.mkdir(parents=True, exist_ok=True)
    for name in old.outputs.keys() - outputs.keys():
        (out / f"{module.key}.{name}.txt").unlink()
    for name, text in outputs.items():
        if name not in old.outputs or not same_output(old.outputs[name], text):
            replace(out / f"{module.key}.{name}.txt", text)
    kept = {k: old.values[k] if k in old.values and same(old.values[k], v) else v for k, v in values.items()}
    replace(out / f"{module.key}.json", as_json({"source": module.digest, "values": kept}))


def main() -> None:
    """Record every module, and drop what no module gives any more."""
    house = read(ROOT)
    old = dict(house.records.good())
    for key in house.modules:
        write(house.modules[key], old.get(key))
        print(f"{house.modules[key].uri}: {len(house.modules[key].regions)} regions")
    for path in OUT.glob("[a-z]*.*"):
        if path.name.split(".")[0] not in house.modules:
            path.unlink()


if __name__ == "__main__":
    main()
