"""Which variables of a snippet the pages quote, and which of them the assertions of a test file speak of."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from sitetools.marks import unrolled

MARK = re.compile(r"\[\[(\w+)\.(\w+)")
ORACLES = ("approx", "testing")  # pytest.approx, np.testing.assert_allclose


def quoted(root: Path) -> dict[str, set[str]]:
    """The variables that marks such as [[one_email.p]] quote, in pages and claims, by module."""
    found: dict[str, set[str]] = {}
    for path in [*root.glob("docs/**/*.md"), *root.glob("claims/*.toml"), *root.glob("figures/*.py")]:
        for key, name in MARK.findall(unrolled(path.read_text(encoding="utf-8"))):
            found.setdefault(key, set()).add(name)
    return found


def asserted(source: str) -> set[str]:
    """The variables of `post` that stand in an assertion, or in a name that does, of the same function."""
    tests = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    return {name for test in tests for name in _asserted_in(test)}


def _asserted_in(test: ast.FunctionDef) -> set[str]:
    holds: dict[str, set[str]] = {}
    for target, value in 2 * list(
        _bindings(test)
    ):  # twice: a loop may use a name before the line that makes it
        for node in ast.walk(target):
            if isinstance(node, ast.Name):
                holds.setdefault(node.id, set()).update(_spoken_of(value, holds))
    return {name for node in ast.walk(test) if _asserts(node) for name in _spoken_of(node, holds)}


def _bindings(test: ast.FunctionDef) -> Iterator[tuple[ast.AST, ast.AST]]:
    for node in ast.walk(test):
        if isinstance(node, ast.Assign):
            yield from ((target, node.value) for target in node.targets)
        elif isinstance(node, ast.For | ast.comprehension):
            yield node.target, node.iter


def _asserts(node: ast.AST) -> bool:
    """Whether it is an assert, pytest.approx(…) or np.testing.assert_…(…)."""
    return isinstance(node, ast.Assert) or (
        isinstance(node, ast.Call)
        and any(isinstance(part, ast.Attribute) and part.attr in ORACLES for part in ast.walk(node.func))
    )


def _spoken_of(tree: ast.AST, holds: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "post":
            found.add(node.attr)
        elif isinstance(node, ast.Name):
            found |= holds.get(node.id, set())
    return found
