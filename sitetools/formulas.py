"""Derived quantities: formulas such as ``100 * ([test.128] - [test.16])``, computed seed by seed when they are read.

What stands in brackets is a path into the same result. Operators and functions go through lists value by value;
statistics take the innermost lists. What has no value for a seed (null) has none afterwards either.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from statistics import fmean, median, stdev
from typing import Any

REFERENCE = re.compile(r"\[([\w.-]*[A-Za-z][\w.-]*)\]")


def se(values: list[float]) -> float:
    """The standard error of the mean; of a paired difference, if the values are one."""
    return stdev(values) / math.sqrt(len(values))


def mantissa(value: float) -> float:
    """The number before the power of ten, with one decimal: 1.8 of 1.78e-05."""
    return float(f"{value:.1e}".partition("e")[0])


def exponent(value: float) -> int:
    """The power of ten that goes with the mantissa: -5 of 1.78e-05."""
    return int(f"{value:.1e}".partition("e")[2])


def total(values: list[float]) -> float:
    """The sum; of whole numbers it is one."""
    return sum(values) if all(isinstance(v, int) for v in values) else math.fsum(values)


STATISTICS: dict[str, Callable[[list[Any]], Any]] = {
    "mean": fmean, "sd": stdev, "se": se, "n": len, "min": min, "max": max, "median": median, "sum": total,
    "count": lambda values: sum(map(bool, values)), "distinct": lambda values: len(set(values)),
    "argmin": lambda values: min(range(len(values)), key=values.__getitem__),
    "argmax": lambda values: max(range(len(values)), key=values.__getitem__),
}  # fmt: skip
PARTS: dict[str, Callable[[Any], Any]] = {"mantissa": mantissa, "exponent": exponent}
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "abs": abs, "log": math.log, "exp": math.exp, "sqrt": math.sqrt, "round": round, **PARTS,
}  # fmt: skip
OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.USub: operator.neg, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip


def statistic(name: str, values: Any) -> Any:
    """A statistic of a list of values, or of each list in a list of lists."""
    if not isinstance(values, list) or not values:
        raise ValueError(f"{name} needs a list of values, got {values!r}")
    if isinstance(values[0], list):
        return [statistic(name, inner) for inner in values]
    if name != "n" and any(v is None or (isinstance(v, float) and math.isnan(v)) for v in values):
        raise ValueError(f"{name} of values of which some are missing")
    return STATISTICS[name](values)


def each(function: Callable[..., Any], *values: Any) -> Any:
    """A function applied value by value; what is no list goes with every value of the others."""
    lists = [v for v in values if isinstance(v, list)]
    if not lists:
        return None if None in values else function(*values)
    if len({len(v) for v in lists}) > 1:
        raise ValueError(f"lists of {' and '.join(str(len(v)) for v in lists)} values do not pair")
    rows = zip(*(v if isinstance(v, list) else [v] * len(lists[0]) for v in values), strict=True)
    return [each(function, *row) for row in rows]


def where(values: list[Any], chosen: list[bool]) -> list[Any]:
    """Those values whose partner is true."""
    return [v for v, keep in zip(values, chosen, strict=True) if keep]


def missing(values: Any) -> Any:
    """For each value, whether there is none."""
    return list(map(missing, values)) if isinstance(values, list) else values is None


def at(values: list[Any], place: int) -> Any:
    """The value at a place, counted from 0, or from the end if negative."""
    return values[place]


def turned(values: list[list[Any]]) -> list[list[Any]]:
    """Lists by place as lists by seed: what every seed gave at each place becomes what each seed gave, place by place."""
    return [list(row) for row in zip(*values, strict=True)]


SPECIAL: dict[str, Callable[..., Any]] = {"where": where, "missing": missing, "at": at, "turned": turned}


def evaluate(formula: str, look_up: Callable[[str], Any]) -> Any:
    """The value of a formula, given what stands at a path; nothing but arithmetic and the functions here can be said."""
    paths: list[str] = []

    def placed(m: re.Match[str]) -> str:
        paths.append(m[1])
        return f"_{len(paths) - 1}"

    try:
        tree = ast.parse(REFERENCE.sub(placed, formula), mode="eval")
    except SyntaxError as error:
        raise ValueError(f"it cannot be read: {error.msg}") from None
    return _value(tree.body, [look_up(path) for path in paths])


def _value(node: ast.expr, held: list[Any]) -> Any:
    match node:
        case ast.Constant(value=int() | float() | str()):
            return node.value
        case ast.Name(id=name) if re.fullmatch(r"_\d+", name):
            return held[int(name[1:])]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return each(OPERATORS[type(op)], _value(left, held), _value(right, held))
        case ast.UnaryOp(op=op, operand=inner) if type(op) in OPERATORS:
            return each(OPERATORS[type(op)], _value(inner, held))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in OPERATORS:
            return each(OPERATORS[type(op)], _value(left, held), _value(right, held))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return _called(name, [_value(a, held) for a in args])
    raise ValueError(f"{ast.unparse(node)!r} is not allowed in it")


def _called(name: str, values: list[Any]) -> Any:
    if name in SPECIAL:
        return SPECIAL[name](*values)
    if len(values) == 1 and name in STATISTICS:
        return statistic(name, values[0])
    if len(values) == 1 and name in FUNCTIONS:
        return each(FUNCTIONS[name], values[0])
    known = ", ".join(sorted({*SPECIAL, *STATISTICS, *FUNCTIONS}))
    raise ValueError(f"there is no function {name!r} of {len(values)} arguments; there are {known}")
