"""Arithmetic in the text: a formula of plain numbers, such as $3 \\cdot 0.5 + 0.1 = 1.6$, must hold.

Numbers by reference come in full, so that no rounding is in the way; what holds letters is left to the tests of a post.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from itertools import pairwise

from sitetools import SiteError

PLAIN = re.compile(r"[\d.+\-*/() e]*\d[\d.+\-*/() e]*")
APART = re.compile(r"\\q?quad|\\\\|&|,(?!\d)|\\(?:begin|end)\{[^}]*\}")
RELATION = re.compile(r"(=|\\approx|\\neq?|\\leq?|\\geq?|<|>)")
SPACE = re.compile(r"\\[,;:! ]|\\(?:left|right|[bB]igg?[lr]?)(?![a-z])|~")
INNER = r"\{([^{}]*)\}"
REWRITTEN = (
    (re.compile(rf"\\[dt]?frac\s*{INNER}\s*{INNER}"), r"((\1)/(\2))"),
    (re.compile(rf"\\sqrt\s*{INNER}"), r"((\1)**0.5)"),
    (re.compile(rf"\^\s*{INNER}"), r"**(\1)"),
    (re.compile(r"\^(\d)"), r"**\1"),
    (re.compile(r"\\(?:cdot|times)(?![a-z])"), "*"),
)
HOLDS: dict[str, Callable[[float, float], bool]] = {
    "=": lambda a, b: math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9),
    "\\ne": lambda a, b: not math.isclose(a, b, rel_tol=1e-9),
    "\\le": lambda a, b: a <= b + 1e-9,
    "\\ge": lambda a, b: a >= b - 1e-9,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
}


def check(latex: str) -> None:
    """SiteError for a relation of plain numbers that does not hold."""
    for statement in APART.split(latex):
        sides = RELATION.split(statement)
        for (left, relation), (right, _) in pairwise(zip(sides[::2], [*sides[1::2], ""], strict=True)):
            a, b = value(left), value(right)
            if a is None or b is None or holds(relation, a, b, right):
                continue
            raise SiteError(f"${left.strip()} {relation} {right.strip()}$ does not hold: {a:.9g} and {b:.9g}")


def holds(relation: str, a: float, b: float, right: str) -> bool:
    """Whether two numbers are so related; ≈ means as close as the decimals that are written."""
    if relation == "\\approx":
        decimals = len(right.strip().partition(".")[2])
        return abs(a - b) <= 0.5000001 * 10.0**-decimals
    return HOLDS[relation.replace("neq", "ne").replace("leq", "le").replace("geq", "ge")](a, b)


def value(side: str) -> float | None:
    """The value of a side that is arithmetic of plain numbers; None for any other."""
    text, before = SPACE.sub(" ", side.replace("−", "-")), ""
    while text != before:
        before = text
        for pattern, python in REWRITTEN:
            text = pattern.sub(python, text)
    text = text.strip()
    if not PLAIN.fullmatch(text):
        return None
    try:
        return float(eval(re.sub(r"(?<![\d.])e(?!\d)", repr(math.e), text), {"__builtins__": {}}))
    except (SyntaxError, ArithmeticError, TypeError):
        return None
