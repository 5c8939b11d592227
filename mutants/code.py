"""Errors in code: Python by its syntax tree, templates and explorables by patterns."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from mutants.places import POSTS, Edit, Files, Tree, blank
from mutants.prose import OTHER, other_number

SWAPPED = {"+": "-", "-": "+", "*": "/", "/": "*", "@": "*", "<": "<=", "<=": "<", ">": ">=", ">=": ">"}
SWAPPED |= {"==": "!=", "!=": "==", "in": "not in", "not in": "in", "is": "is not", "is not": "is"}
SWAPPED |= {"and": "or", "or": "and"}
OPERATOR = re.compile(r"not in\b|is not\b|in\b|is\b|and\b|or\b|[<>=!]=|[-+*/@<>]")
NAMES = (ast.Name, ast.Attribute, ast.Subscript)
PATH = re.compile(r"[\w./*-]*[./][\w./*-]+")


def python(uris: str, find: Callable[[Tree], Iterator[tuple[int, int, str]]]) -> Any:
    """A finder of edits in a syntax tree, as a finder of those in every file of a project with such a path."""

    def found(files: Files) -> Iterator[Edit]:
        for uri in sorted(files):
            if re.fullmatch(uris, uri):
                for start, end, new in find(Tree(files[uri])):
                    yield Edit(uri, start, end, new)

    found.__name__ = find.__name__
    return found


Found = Iterator[tuple[int, int, str]]


def operators(tree: Tree) -> Found:
    """+ for −, * for /, < for <=, and for or; a *not* dropped."""
    for node in tree.nodes():
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield tree.span(node)[0], tree.span(node.operand)[0], ""
        for left, right in _operands(node):
            start, end = tree.span(left)[1], tree.span(right)[0]
            m = OPERATOR.search(tree.source, start, end)
            if m and m[0] in SWAPPED:
                yield *m.span(), SWAPPED[m[0]]


def _operands(node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    if isinstance(node, ast.BoolOp):
        yield from pairwise(node.values)
    elif isinstance(node, ast.Compare):
        yield from pairwise([node.left, *node.comparators])
    elif isinstance(node, ast.BinOp) and not _is_path(node):
        yield node.left, node.right


def _is_path(node: ast.BinOp) -> bool:
    """Whether an operator puts texts together, or a folder and a name."""
    if any(_is_text(side) for side in (node.left, node.right)):
        return True
    names = set(re.findall(r"\w+", ast.unparse(node)))
    return isinstance(node.op, ast.Div) and bool(
        names & {"root", "ROOT", "folder", "site", "CACHE", "path", "docs"}
    )


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def constants(tree: Tree) -> Found:
    """A number with another last digit, 1 for 0, True for False."""
    for node in tree.nodes():
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            text = tree.text(node)
            if isinstance(node.value, bool):
                yield *tree.span(node), str(not node.value)
            elif m := re.match(r"[\d._]*\d", text):
                yield *tree.span(node), other_number(m[0]) + text[m.end() :]


def axes(tree: Tree) -> Found:
    """Another axis, and a transpose dropped."""
    for node in tree.nodes():
        if isinstance(node, ast.keyword) and node.arg == "axis" and isinstance(node.value, ast.Constant):
            yield *tree.span(node.value), "1" if node.value.value == 0 else "0"
        elif isinstance(node, ast.Attribute) and node.attr == "T":
            yield tree.span(node.value)[1], tree.span(node)[1], ""


def arguments(tree: Tree) -> Found:
    """Two arguments of a call in each other's place."""
    for node in tree.nodes():
        if isinstance(node, ast.Call) and not any(isinstance(a, ast.Starred) for a in node.args):
            for a, b in pairwise(node.args):
                if (
                    type(a) is type(b)
                    and tree.text(a) != tree.text(b)
                    and isinstance(a, NAMES)
                    and tree.text(node.func) != "isinstance"
                ):
                    (start, middle), (then, end) = tree.span(a), tree.span(b)
                    yield start, end, tree.text(b) + tree.source[middle:then] + tree.text(a)


def checks(tree: Tree) -> Found:
    """A check dropped: an `if` that only raises, or a call of what checks."""
    for node in tree.nodes():
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) and len(body) > 1 else []:
            if isinstance(statement, ast.If):
                drops = not statement.orelse and all(isinstance(s, ast.Raise) for s in statement.body)
            else:
                drops = isinstance(statement, ast.Expr) and bool(
                    re.match(r"[\w.]*\b_?(?:check|require)\w*\(", tree.text(statement))
                )
            if drops:
                yield tree.at(statement.lineno, 0), tree.starts[statement.end_lineno or 0], ""


def attributes(tree: Tree) -> Found:
    """Another attribute of the same thing, and another path of the same function."""
    modules = {
        alias.asname or alias.name
        for node in ast.walk(tree.root)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    for function in tree.nodes():
        if not isinstance(function, ast.FunctionDef):
            continue
        inside = list(tree.nodes(function))
        called = {node.func for node in inside if isinstance(node, ast.Call)}
        plain = [
            n
            for n in inside
            if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n not in called
        ]
        plain = [n for n in plain if ast.unparse(n.value) not in modules]
        paths = [
            n for n in inside if isinstance(n, ast.Constant) and PATH.fullmatch(str(n.value)) and _is_text(n)
        ]
        for group in (paths, *_by_name(plain)):
            for a, b in pairwise([*group, *group[:1]]):
                if tree.text(a) != tree.text(b):
                    yield *tree.span(a), tree.text(b)


def _by_name(nodes: list[ast.Attribute]) -> list[list[ast.Attribute]]:
    named: dict[str, list[ast.Attribute]] = {}
    for node in nodes:
        named.setdefault(ast.unparse(node.value), []).append(node)
    return list(named.values())


def shapes(tree: Tree) -> Found:
    """The two sizes of a shape in a comment in each other's place."""
    for m in re.finditer(r"(?<=\()(\w+), (\w+)(?=\))", _comments(tree)):
        if m[1] != m[2]:
            yield *m.span(), f"{m[2]}, {m[1]}"


def _comments(tree: Tree) -> str:
    return "".join(
        blank(line) if "--8<--" in line else blank(code) + mark + comment
        for line in tree.lines
        for code, mark, comment in [line.partition("# ")]
    )


def labels(tree: Tree) -> Found:
    """Two labels, or two values, of a printed line in each other's place."""
    for node in tree.nodes():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            start, end = tree.span(node)
            for pattern in (r"\b[a-z]\w*(?= \{)", r"(?<=\{)[^{}:]+(?=[:}])", r"(?<=[\"' ])[a-z]\w*(?=\", )"):
                for a, b in pairwise(re.compile(pattern).finditer(tree.source, start, end)):
                    if a[0] != b[0]:
                        yield a.start(), b.end(), b[0] + tree.source[a.end() : b.start()] + a[0]


def templates(files: Files) -> Iterator[Edit]:
    """Another value of the same template, a condition turned round."""
    for uri, whole in sorted(files.items()):
        if re.fullmatch(r"sitetools/parts/.*\.j2", uri):
            values = list(re.finditer(r"(?<=\{\{ )[\w.]+(?= \}\})", whole))
            for a, b in pairwise([*values, *values[:1]]):
                if a[0] != b[0]:
                    yield Edit(uri, *a.span(), b[0])
            for m in re.finditer(r"(?<=\{% if )(not )?", whole):
                yield Edit(uri, *m.span(), "" if m[1] else "not ")


SCRIPT = [
    (r"(?<=[\w)\]] )\+(?= [\w(])", "-"),
    (r"(?<=[\w)\]] )-(?= [\w(])", "+"),
    (r"(?<=[\w)\]] )\*(?= [\w(])", "/"),
    (r"(?<=[\w)\]] )/(?= [\w(])", "*"),
    (r" \+ 1\b", ""),
    (r"(?<= )>(?= )", ">="),
    (r"(?<= )<(?= )", "<="),
    (r"(?<= )===(?= )", "!=="),
    (r"(?<= )&&(?= )", "||"),
    (r"(?<=\bs\.)z\b|(?<=[\"`])z(?= )", "h"),
    (r"(?<=\bs\.)h\b|(?<=[\"`])h(?= )", "z"),
    (r"\bmin\b(?=\()", "max"),
    (r"\bmax\b(?=\()", "min"),
    (r"\.T\b|ᵀ", ""),
    (r"\[(i)\]\[(j)\]", r"[\2][\1]"),
    (r"\[(j)\]\[(i)\]", r"[\2][\1]"),
    (r"(?<=, )([1-4])(?=\))", lambda m: other_number(m[0])),
    (r"(?<= \? )([\w.\"`${} ]+?) : ([\w.\"`${} ]+?)(?=[;),}])", r"\2 : \1"),
    (r'"\+"', '"-"'),
    (r"(?<=\w )−(?= \w)", "+"),
]
TEXT = re.compile(r"\"[^\"\n]*\"|`[^`]*`")


def scripts(files: Files) -> Iterator[Edit]:
    """A sign, ±1, a comparison, h for z, two indices exchanged, a transpose dropped, two branches exchanged."""
    for uri, code in _scripts(files):
        for pattern, new in SCRIPT:
            for m in re.finditer(pattern, code):
                yield Edit(uri, *m.span(), m.expand(new) if isinstance(new, str) else new(m))


def script_words(files: Files) -> Iterator[Edit]:
    """Another word in a label of an explorable."""
    turned = {**OTHER, "fires": "silent", "silent": "fires", "forward": "backward", "backward": "forward"}
    turned |= {"row": "column", "column": "row", "spam": "ham", "input": "output", "probability": "logit"}
    word = re.compile(rf"(?<![-\w=.$/“<])(?:{'|'.join(turned)})(?![-\w=]|\.\w)")
    for uri, code in _scripts(files):
        code = re.sub(r"\$\{[^{}`]*\}", lambda m: "$" * len(m[0]), code)
        for text in TEXT.finditer(code):
            if " " in text[0]:
                for m in word.finditer(code, *text.span()):
                    yield Edit(uri, *m.span(), turned[m[0]])


def _scripts(files: Files) -> Iterator[tuple[str, str]]:
    """The explorables without their comments and imports."""
    for uri in sorted(files):
        if re.fullmatch(r"docs/widgets/.*\.js", uri):
            aside = r"(?m)^\s*//.*$|^import .*$|(?<=; )//.*$"
            yield uri, re.sub(aside, lambda m: blank(m[0]), files[uri])


SNIPPETS = "|".join(rf"snippets/{post.replace('-', '_')}\.py" for post in POSTS)
