"""The code within sentences: run with the names of the post's snippet, its shape compared with the one it is given."""

from __future__ import annotations

import ast
import contextlib
import io
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from sitetools.marks import TOKEN
from sitetools.modules import Module
from tests.snippets.shapes import FORMULA, wrong_shapes

WORKS = ast.BinOp | ast.Compare | ast.Call | ast.Attribute | ast.Subscript
GIVEN = re.compile(r"\s*(?:\||is|are|has shape|has the shape)\s*")  # between code and its shape


def namespace(module: Module) -> dict[str, Any]:
    """The names of a snippet when it has run."""
    names: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(module.source, module.uri, "exec"), names)
    return names


def wrong_code(
    uri: str, text: str, names: dict[str, Any], scenes: Mapping[str, str], left: Mapping[str, str]
) -> list[str]:
    """What cannot run as it stands in a page, or has another shape than it is given.

    A scene says what stands for a name at a piece of code ("*": on the whole page), as "x = email". What is left out,
    with the reason, must fail: a piece of code that runs has no place there.
    """
    found, used = [], set()
    exec(scenes.get("*", ""), names)
    for number, code, shape in pieces(text):
        if not shape and not (works(code) or code in left):
            continue
        used.add(code)
        held = dict(names) if code in scenes else names
        try:
            exec(scenes.get(code, ""), held)
            whys = wrong_shapes(Module("", f"{code}{shape and f'  # {shape}'}\n"), held)
            wrong = [why.partition(": ")[2] for why in whys]
        except Exception as error:
            wrong = [f"{type(error).__name__}: {error}"]
        if code in left:
            wrong = [] if wrong else [f"it runs, and is left out because {left[code]}"]
        found += [f"{uri}:{number}: `{code}`: {why}" for why in wrong]
    unused = (scenes.keys() | left.keys()) - used - {"*"}
    return found + [f"{uri}: there is no `{code}` any more" for code in unused]


def pieces(text: str) -> list[tuple[int, str, str]]:
    """The code within the sentences of a page: its line, itself, and the shape that is given right behind it."""
    marks = [m for m in TOKEN.finditer(text) if m.lastgroup == "code" and m["tick"]]
    found = []
    for mark, after in pairwise([*marks, None]):
        code, shape = mark[0].strip("` "), after[0].strip("` ") if after else ""
        given = after and GIVEN.fullmatch(text, mark.end(), after.start()) and FORMULA.fullmatch(shape)
        given = given and (works(code) or re.search("[0-9]", shape))  # a bare name may have any letters
        if not FORMULA.fullmatch(code):
            found.append((text.count("\n", 0, mark.start()) + 1, code, shape if given else ""))
    return found


def works(code: str) -> bool:
    """Whether it is Python with an operator, a call, an attribute or an index; a part of a line is not."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return False
    return any(isinstance(node, WORKS) for node in ast.walk(tree))
