"""The groups of errors, and a sample of them by a seed."""

from __future__ import annotations

import ast
import json
import random
import re
import tomllib
from collections.abc import Callable, Iterator

from mutants import code, prose, records
from mutants.code import python
from mutants.places import Edit, Files, Mutant, mutant
from mutants.prose import within

Finder = Callable[[Files], Iterator[Edit]]
MACHINERY, PACKAGE = r"sitetools/[a-z]\w*\.py", r"scratchmlp/[a-z]\w*\.py"
TEXT = (prose.formulas, prose.words, prose.negations, prose.siblings, prose.typed)
TREE = (code.operators, code.constants, code.axes, code.arguments, code.checks)
GROUPS: dict[str, list[Finder]] = {
    "formula": [within(prose.formulas)],
    "word": [within(find) for find in (prose.words, prose.negations, prose.exchanged)],
    "number": [within(find) for find in (prose.siblings, prose.cells, prose.typed)],
    "reference": [within(prose.references)],
    "recorded": [records.results, records.printed, records.measured],
    "ledger": [records.verdicts, records.proofs, records.rows, records.literature],
    "exercise": [within(find, exercises=True) for find in TEXT],
    "explorable": [code.scripts, code.script_words],
    "machinery": [
        *(python(MACHINERY, f) for f in (code.operators, code.constants, code.attributes)),
        code.templates,
    ],
    "package": [python(PACKAGE, find) for find in TREE],
    "snippets": [python(code.SNIPPETS, find) for find in (*TREE, code.shapes, code.labels)],
}


def sample(files: Files, seed: int, n: int) -> list[Mutant]:
    """At least n mutants of a project: as many of each group, as far as there are, no two at one place."""
    taken: set[tuple[str, int]] = set()
    candidates = {g: drawn(g, files, random.Random(f"{seed} {g}"), taken) for g in GROUPS}
    found: list[Mutant] = []
    while candidates and len(found) < n:
        for group in list(candidates):
            edit = next(candidates[group], None)
            if edit is None:
                del candidates[group]
            else:
                found.append(mutant(group, files, edit))
    return found


def drawn(group: str, files: Files, rng: random.Random, taken: set[tuple[str, int]]) -> Iterator[Edit]:
    """The edits of a group in a random order, the kinds in turn, each place taken once."""
    kinds = [list(find(files)) for find in GROUPS[group]]
    for kind in kinds:
        rng.shuffle(kind)
    while any(kinds):
        for kind in kinds:
            while kind:
                edit = kind.pop()
                place = {(edit.uri, at) for at in range(edit.start, edit.end + 1)}
                if not place & taken and could_be_written(files[edit.uri], edit):
                    taken |= place
                    yield edit
                    break


def could_be_written(whole: str, edit: Edit) -> bool:
    """Whether an edit leaves a file that can be read, and another than before."""
    new = whole[: edit.start] + edit.new + whole[edit.end :]
    readers: dict[str, Callable[[str], object]] = {"py": ast.parse, "json": json.loads, "toml": tomllib.loads}
    try:
        readers.get(edit.uri.rpartition(".")[2], str)(new)
    except (SyntaxError, ValueError):
        return False
    return re.sub(r"\s", "", new) != re.sub(r"\s", "", whole)
