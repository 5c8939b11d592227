"""Comments of shapes, as ``# (4, 3) @ (3, 2) -> (4, 2)``, against the shapes that their lines have when they run.

The module runs once, each expression of such a line wrapped, so that its shape is seen. A number is meant exactly. A
letter has one size in a call of a function and in a turn of a loop; one that names a local integer has that size.
"""

from __future__ import annotations

import ast
import contextlib
import io
import re
import sys
import tokenize
from collections import defaultdict
from typing import Any

from sitetools.modules import Module

SHAPE = r"(?:(?<!\w)\((?:\w+,|\w+(?:, \w+)+)\)|one number)"
FORMULA = re.compile(rf"(?:(\w+) )?({SHAPE}(?:\s*(?:@|\+|->|,|;|=)\s*{SHAPE})*)")
BETWEEN = re.compile(rf"(?<=[)r])\s*[,;]\s*(?={SHAPE})")
SIGNS = {"@": ast.MatMult, "+": ast.Add}
COMMENTED = ast.Assign | ast.AugAssign | ast.Return | ast.Expr
UNSEEN = ast.Starred | ast.Slice | ast.FormattedValue | ast.JoinedStr


def wrong_shapes(module: Module, names: dict[str, Any] | None = None) -> list[str]:
    """What is wrong with the comments of shapes in a module: file and line, the comment, and what is so.

    It runs with these names, and leaves its own among them.
    """
    watch = _Watch(module.source)
    tree = ast.fix_missing_locations(watch.visit(ast.parse(module.source)))
    names = {} if names is None else names
    names.update({"__name__": "__main__", "_see": watch.see, "_turn": watch.turn})
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(tree, module.uri, "exec"), names)
    wrong = (
        dict.fromkeys(watch.comments.keys() - watch.judged, "stands at no line that has run") | watch.wrong
    )
    return [
        f"{module.uri}:{at}: the comment # {watch.comments[at]} {why}" for at, why in sorted(wrong.items())
    ]


class _Watch(ast.NodeTransformer):
    """Wraps the lines that have a comment of shapes, and judges each whenever it has run."""

    def __init__(self, source: str) -> None:
        read = tokenize.generate_tokens(io.StringIO(source).readline)
        texts = {t.start[0]: t.string.lstrip("# ") for t in read if t.type == tokenize.COMMENT}
        self.comments = {at: text for at, text in texts.items() if FORMULA.search(text)}
        self.lines: dict[int, _Line] = {}
        self.letters: dict[Any, dict[str, int]] = defaultdict(dict)  # by frame
        self.judged: set[int] = set()
        self.wrong: dict[int, str] = {}

    def visit(self, node: ast.AST) -> Any:
        """A commented statement, wrapped; a loop, which forgets its letters at each turn."""
        if isinstance(node, COMMENTED) and node.end_lineno in self.comments and node.value:
            line = self.lines[node.end_lineno] = _Line(node, self.comments[node.end_lineno])
            call = node.value
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith(".append"):
                call.args[0] = line.visit(call.args[0])
            else:
                node.value = line.visit(call)
            return node
        self.generic_visit(node)
        if isinstance(node, ast.For | ast.While):
            node.body.insert(0, ast.parse("_turn()").body[0])
        return node

    def turn(self) -> None:
        """Forget the letters of a function, or of the module."""
        self.letters[sys._getframe(1)].clear()

    def see(self, at: int, index: int, value: Any) -> Any:
        """Note the shape of an expression; with the last of a line, judge it."""
        line, frame = self.lines[at], sys._getframe(1)
        line.shapes[index] = shape_of(value)
        if index == len(line.nodes) - 1:
            letters = {} if frame.f_code.co_name == "<module>" else self.letters[frame]
            local = {s: frame.f_locals.get(s) for s in re.findall(r"[A-Za-z]\w*", line.formula)}
            letters.update({s: n for s, n in local.items() if isinstance(n, int)})
            self.judged.add(at)
            if why := line.wrong(value, letters):
                self.wrong.setdefault(at, why)
        return value


class _Line(ast.NodeTransformer):
    """A statement with a comment of shapes: its expressions, innermost first, and the shapes that they had last."""

    def __init__(self, statement: ast.stmt, text: str) -> None:
        targets = getattr(statement, "targets", [])
        self.targets = ast.unparse(targets[0]).strip("()").split(", ") if targets else ["it"]
        self.at = statement.end_lineno
        self.name, self.formula = FORMULA.search(text).groups()
        self.nodes: list[Any] = []
        self.names: list[str] = []
        self.shapes: dict[int, Any] = {}

    def visit(self, node: ast.AST) -> Any:
        """An expression, wrapped so that its shape is noted."""
        name = ast.unparse(node)
        if isinstance(node, ast.Subscript):
            node.value = self.visit(node.value)
        else:
            self.generic_visit(node)
        stored = isinstance(getattr(node, "ctx", None), ast.Store)
        if stored or not isinstance(node, ast.expr) or isinstance(node, UNSEEN):
            return node
        self.nodes.append(node)
        self.names.append(name)
        place = [ast.Constant(self.at), ast.Constant(len(self.nodes) - 1)]
        return ast.Call(ast.Name("_see", ast.Load()), [*place, node], [])

    def wrong(self, value: Any, letters: dict[str, int]) -> str:
        """What the comment says that is not so; nothing, where all is."""
        *before, after = self.formula.split("->")
        if not before and any(sign in after for sign in SIGNS):
            before, after = [after], ""
        held = list(value) if isinstance(value, list | tuple) else [value]
        if self.name in self.targets:
            held = held[self.targets.index(self.name) :]
        said = BETWEEN.split(after.strip()) if after else []
        if len(said) > len(held):
            return f"has {len(said)} shapes, where {', '.join(self.targets)} has {len(held)}"
        for shapes, one in zip(said, map(shape_of, held[: len(said)]), strict=True):
            for shape in re.findall(SHAPE, shapes):
                if not fits(shape, one, letters):
                    where = f"{', '.join(self.targets)} has {one}{sizes_of(shape, letters)}"
                    return f"says {shape}, where {where}"
        return next((why for stage in before if (why := self.wrong_operands(stage, letters))), "")

    def wrong_operands(self, stage: str, letters: dict[str, int]) -> str:
        """What is wrong with the operands that a comment has, as (4, 3) @ (3, 2)."""
        tokens = re.findall(rf"{SHAPE}|[@+]", stage)
        for index in range(len(self.nodes)):
            trial = letters.copy()
            if self.matches(index, tokens, trial):
                letters.update(trial)
                return ""
        seen = [f"{name} {shape}" for i, name in enumerate(self.names[:-1]) if (shape := self.shapes.get(i))]
        return f"says {stage.strip()}, where the line has {', '.join(seen)}"

    def matches(self, index: int, tokens: list[str], letters: dict[str, int]) -> bool:
        """Whether an expression has operands of these shapes: those of an operator, or the arguments of a call."""
        node = self.nodes[index]
        if len(tokens) == 1:
            return index < len(self.nodes) - 1 and fits(tokens[0], self.shapes.get(index), letters)
        if isinstance(node, ast.BinOp) and isinstance(node.op, SIGNS.get(tokens[-2], ())):
            left, right = node.left.args[1].value, node.right.args[1].value
            return self.matches(right, tokens[-1:], letters) and self.matches(left, tokens[:-2], letters)
        if isinstance(node, ast.Call) and "+" not in tokens:
            shapes = [self.shapes.get(a.args[1].value) for a in node.args if isinstance(a, ast.Call)]
            said = [token for token in tokens if token != "@"]
            return len(said) == len(shapes) and all(map(fits, said, shapes, [letters] * len(said)))
        return False


def fits(said: str, shape: Any, letters: dict[str, int]) -> bool:
    """Whether a shape is the one that is said; a letter that has no size takes its own."""
    sizes = [] if said == "one number" else said.strip("(),").split(", ")
    if not isinstance(shape, tuple) or len(sizes) != len(shape):
        return False
    return all(
        n == (int(s) if s.isdigit() else letters.setdefault(s, n)) for s, n in zip(sizes, shape, strict=True)
    )


def sizes_of(shape: str, letters: dict[str, int]) -> str:
    """The sizes that the letters of a shape have already."""
    known = [f"{s} = {letters[s]}" for s in re.findall(r"[A-Za-z]\w*", shape) if s in letters]
    return f" and {', '.join(known)}" if known else ""


def shape_of(value: Any) -> Any:
    """The shape of an array, () for a number, None for what has none."""
    return getattr(value, "shape", () if isinstance(value, int | float) else None)
