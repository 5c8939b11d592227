"""Fingerprints: of code by what it does, of data by what it holds, the same on every supported Python and system."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# What a syntax tree says beside the code: contexts follow from the place, the rest is empty or came with a later Python.
UNSAID = {"ctx", "kind", "type_comment", "type_ignores", "type_params"}
WORDS = {"QUESTION", "CONDITIONS", "DERIVED", "TOLERANCE"}  # of an experiment: what is said about its values
SHORT = 16  # hexadecimal digits of a fingerprint: 64 bits


def of(text: str) -> str:
    """The fingerprint of a text, whatever ends its lines."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()[:SHORT]


def of_files(paths: Iterable[Path], *also: str) -> str:
    """One fingerprint of several text files and of some words more, each apart from the next."""
    return of("\0".join([*(path.read_bytes().decode().replace("\r\n", "\n") for path in paths), *also]))


def of_data(held: Any) -> str:
    """The fingerprint of what JSON can hold, whatever the order of its keys."""
    return of(json.dumps(held, sort_keys=True, separators=(",", ":")))


def of_experiment(path: Path, root: Path) -> dict[str, str]:
    """Two fingerprints of an experiment: of the code that makes its values, and of what it says about them.

    The code is the module and what it imports of experiments and benchmarks, but not the package: that it still gives
    these values is for a replay to say.
    """
    code, words = _parted(path)
    others = [_parted(p)[0] for p in imported(path, root)]
    return {"code": of("\n".join([code, *others])), "words": of(words)}


def _parted(path: Path) -> tuple[str, str]:
    """The canonical text of a module without the statements that only say something, and that of these."""
    tree = ast.parse(path.read_bytes())
    said = [s for s in tree.body if isinstance(s, ast.Assign | ast.AnnAssign) and _name(s) in WORDS]
    tree.body = [s for s in tree.body if s not in said]
    return canonical(tree), "\n".join(map(canonical, said))


def _name(statement: ast.Assign | ast.AnnAssign) -> str:
    target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
    return target.id if isinstance(target, ast.Name) else ""


def imported(path: Path, root: Path) -> list[Path]:
    """The modules of experiments and benchmarks that a module imports, with all that they import there, by name."""
    found: dict[str, Path] = {}
    waiting = [path]
    while waiting:
        for name in _names(ast.parse(waiting.pop().read_bytes())):
            file = root.joinpath(*name.split(".")).with_suffix(".py")
            if name.partition(".")[0] in ("experiments", "benchmarks") and file.is_file() and file != path:
                if name not in found:
                    waiting.append(file)
                found[name] = file
    return [found[name] for name in sorted(found)]


def _names(tree: ast.Module) -> Iterable[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def canonical(node: Any) -> str:
    """A syntax tree as a text that no version of Python writes otherwise, without docstrings and comments."""
    if isinstance(node, list):
        return "[" + " ".join(map(canonical, node)) + "]"
    if isinstance(node, ast.Constant):
        return ascii(node.value)
    if not isinstance(node, ast.AST):
        return ascii(node)
    held = {name: value for name, value in ast.iter_fields(node) if name not in UNSAID}
    if isinstance(node, ast.JoinedStr):  # some versions end it with an empty text
        held["values"] = [v for v in node.values if not (isinstance(v, ast.Constant) and v.value == "")]
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and _documented(
        node
    ):
        held["body"] = node.body[1:]
    said = [f"{name}={canonical(value)}" for name, value in sorted(held.items()) if value not in (None, [])]
    return f"({type(node).__name__}{''.join(' ' + text for text in said)})"


def _documented(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    first = node.body[0] if node.body else None
    return (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
