"""What the tests quote, noted while they run once, and asked again of a copy with an error in it, which takes seconds.

As a plugin of pytest (``-p mutants.quoted``) it notes every quotation. ``python -m mutants.quoted`` ends well where the
house is in order, which a strict build asks for, and every quotation still stands.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

NOTED = "QUOTATIONS"  # of the environment: the folder in which each process notes what its tests quote


def asked() -> dict[str, Callable[..., None]]:
    """How each kind of quotation is asked for: of a post's words, of a formula, of a claim's row."""
    from tests.claims import holds
    from tests.reading import Reader

    return {
        "words": lambda topic, words: Reader(topic)(words),
        "formula": lambda topic, name, latex: Reader(topic).formula(name, latex),
        "row": holds,
    }


def pytest_configure() -> None:
    """Let the tests note what they quote."""
    from tests import claims
    from tests.reading import Reader

    file = Path(os.environ[NOTED], f"{os.getpid()}.jsonl")
    file.parent.mkdir(exist_ok=True)

    def noting(kind: str, ask: Callable[..., None], topic: Callable[[Any], str]) -> Callable[..., None]:
        def ask_and_note(of: Any, *words: str) -> None:
            ask(of, *words)
            with file.open("a", encoding="utf-8") as out:
                out.write(json.dumps([kind, topic(of), *words]) + "\n")

        return ask_and_note

    said, formula, holds = Reader._must_stand, Reader.formula, claims.holds
    Reader._must_stand = noting("words", said, lambda reader: str(reader.topic))
    Reader.formula = noting("formula", formula, lambda reader: str(reader.topic))
    claims.holds = noting("row", holds, str)


def main() -> None:
    """Say what is wrong with the house, or the first quotation that no longer stands; the exit status is then 1."""
    from tests.claims import read

    if errors := read().errors():
        sys.exit("\n".join(map(str, errors)))
    ask = asked()
    for file in sorted(Path(os.environ[NOTED]).glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            kind, *quotation = json.loads(line)
            ask[kind](*quotation)


if __name__ == "__main__":
    main()
