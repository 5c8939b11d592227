"""What a snippet prints, read by its labels: no two values of a region can stand under each other's label unnoticed.

A label names a value if they share a word, as `"h1", h1.round(2)`. One with an operator must stand in the value, as
`"A @ V", (A @ V).shape`; after an arrow comes what is called next. Other pairs stand in a table, label and words of
the value, with a star in the place of the value: `{"with the slip *": "slip"}`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from itertools import combinations

from sitetools.modules import Module

Pair = tuple[str, ast.expr]  # a label, with a star in the place of the value, and the value


def wrong_labels(module: Module, table: Mapping[str, str]) -> list[str]:
    """Values that could change places, and labels of the table that stand beside another value, or none."""
    found: list[str] = []
    used: set[str] = set()
    for region in module.regions.values():
        body = [node for node in module.body if region.first <= node.lineno <= region.last]
        calls = [node for statement in body for node in ast.walk(statement) if is_print(node)]
        pairs = [pair for call in calls for pair in labelled(call)]
        used |= {label for label, _ in pairs}
        for label, value in pairs:
            if label in table and not names(label, value, table):
                found.append(f"{module.uri}:{value.lineno}: {label!r} stands beside {ast.unparse(value)}")
        for (one, v), (other, w) in combinations(pairs, 2):
            now = names(one, v, table) + names(other, w, table)
            if one != other and now <= names(one, w, table) + names(other, v, table):
                at = f"{ast.unparse(v)} at {one!r} and {ast.unparse(w)} at {other!r}"
                found.append(f"{module.uri}:{v.lineno}: {at} could change places")
    return found + [f"{module.uri}: nothing is printed at {label!r}" for label in table.keys() - used]


def is_print(node: ast.AST) -> bool:
    """Whether it is a call of print."""
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "print"


def labelled(call: ast.Call) -> Iterator[Pair]:
    """Every value that is printed, with its label: the text before it, or behind the last of all; or none."""
    parts, label = list(pieces(call)), ""
    for i, part in enumerate(parts):
        if isinstance(part, str):
            text = part.strip(" ,;:\n")
            label = f"{label} ->".strip() if text == "->" else text or label
        elif label:
            yield f"{label} *", part
        else:
            behind = parts[i + 1] if len(parts) == i + 2 else ""
            yield f"* {behind.strip(' ,;:')}".strip() if isinstance(behind, str) else "*", part


def pieces(call: ast.Call) -> Iterator[str | ast.expr]:
    """What a call of print writes, in order: texts, and the expressions of values."""
    for argument in call.args:
        for part in argument.values if isinstance(argument, ast.JoinedStr) else [argument]:
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value
            else:
                yield part.value if isinstance(part, ast.FormattedValue) else part


def names(label: str, value: ast.expr, table: Mapping[str, str]) -> bool:
    """Whether a label names a value."""
    text, held = label.strip("* "), words(ast.unparse(value))
    if label in table:
        return any(words(one) <= held for one in table[label].split(" or "))
    if text.endswith("->"):
        return "next" in held and bool(words(text) & held)
    if "@" in text:
        return text in ast.unparse(value)
    return bool(words(text) & held)


def words(text: str) -> set[str]:
    """The words of a text or of code, in small letters, and those of a name; signs, an index such as [-1], an axis."""
    found = {word.lower() for word in re.findall(r"[A-Za-z]\w*", text)}
    return found.union(*(word.split("_") for word in found), re.findall(r"\[-?[0-9]\]|=\d|[-/>]", text))
