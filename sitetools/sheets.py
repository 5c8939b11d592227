"""The style sheets: one file for each component, one with their contents; what a browser fetches is one file.

The theme's own sheets stand before them in that file, without the rules that no page of the site can need.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

IMPORT = re.compile(r'^@import "([\w-]+\.css)";\n', re.M)
COMMENT = re.compile(r"/\*.*?\*/", re.S)
NESTED = ("@media", "@supports", "@container")
FUNCTION = re.compile(r":(?:not|is|where|has|nth-child)\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")
NAME = re.compile(r"[.#]((?:\\.|[\w-])+)|(?<![\w\\:.#-])([a-z][\w-]*)")
ATTRIBUTE = re.compile(r"""\[([\w-]+)(?:[~|^$*]?=["']?([^"'\]]*)["']?)?[^\]]*\]""")
STRING = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
VARIABLE = re.compile(r"(?<=[{;])\s*(--[\w-]+):((?:" + STRING.pattern + r"|[^;{}\"'])*)(?:;|(?=}))")


def joined(contents: Path) -> str:
    """A sheet with the sheets that it names in their places, without comments."""
    text = IMPORT.sub(lambda m: joined(contents.parent / m[1]), contents.read_text(encoding="utf-8"))
    return re.sub(r"\n\s*\n|\n +", "\n", COMMENT.sub("", text)).strip() + "\n"


def parts(contents: Path) -> list[Path]:
    """The sheets that a sheet of contents names."""
    return [contents.parent / name for name in IMPORT.findall(contents.read_text(encoding="utf-8"))]


def used(css: str, words: set[str]) -> str:
    """A sheet without rules whose classes, ids, elements or attributes occur nowhere, and variables nobody reads."""
    text = _kept(css, words)
    names = words | set(re.findall(r"var\(\s*(--[\w-]+)", text))
    return VARIABLE.sub(lambda m: m[0] if m[1] in names else "", text)


def _kept(css: str, words: set[str]) -> str:
    out = []
    for head, body in rules(css):
        if head.startswith(NESTED):
            inner = _kept(body, words)
            out.append(f"{head}{{{inner}}}" if inner else "")
        elif head.startswith("@") or not body:
            out.append(f"{head}{{{body}}}" if body else f"{head};")
        elif selectors := [s for s in _split(head) if _needed(s, words)]:
            out.append(f"{','.join(selectors)}{{{body}}}")
    return "".join(out)


def rules(css: str) -> Iterator[tuple[str, str]]:
    """The rules of a sheet as what stands before the brace and what stands within; a statement has no body."""
    start = place = 0
    depth, head = 0, ""
    for m in re.finditer(STRING.pattern + r"|[{};]", css):
        if m[0] == "{":
            if not depth:
                head, place = css[start : m.start()].strip(), m.end()
            depth += 1
        elif m[0] == "}":
            depth -= 1
            if not depth:
                yield head, css[place : m.start()]
                start = m.end()
        elif m[0] == ";" and not depth:
            yield css[start : m.start()].strip(), ""
            start = m.end()


def _split(selectors: str) -> list[str]:
    """A list of selectors at its commas, but for those within brackets."""
    found, depth, start = [], 0, 0
    for m in re.finditer(STRING.pattern + r"|[()\[\],]", selectors):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(m[0], 0)
        if m[0] == "," and not depth:
            found.append(selectors[start : m.start()])
            start = m.end()
    return [s.strip() for s in [*found, selectors[start:]]]


def _needed(selector: str, words: set[str]) -> bool:
    """Whether every name in a selector occurs; what stands in `:is()` and its like is not looked at."""
    plain = FUNCTION.sub("", selector)
    for name, value in ATTRIBUTE.findall(plain):
        if name not in words or (name == "dir" and value == "rtl"):
            return False
        if name.startswith("data-md-") and not set(re.findall(r"[\w-]+", value)) <= words:
            return False
    plain = re.sub(r":+[\w-]+(?:\([^)]*\))?", "", ATTRIBUTE.sub("", plain))
    return all((cls or tag).replace("\\", "") in words for cls, tag in NAME.findall(plain))
