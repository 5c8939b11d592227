"""Files that are whole or not there: written beside the old one, and put in its place in one step."""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any


def replace(path: Path, held: str | bytes) -> None:
    """Write a file whole or not at all, whoever else writes it; text as UTF-8, its line ends as they are."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with open(handle, "wb") as file:
            file.write(held.encode() if isinstance(held, str) else held)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise


def as_json(held: Any) -> str:
    """JSON to be read as a diff: indented, the innermost lists on one line each, so that a matrix reads as rows."""
    text = json.dumps(held, indent=1, ensure_ascii=False)
    return (
        re.sub(r"\[\s+([^\[\]{}]*?)\s+\]", lambda m: "[" + re.sub(r"\s*\n\s*", " ", m[1]) + "]", text) + "\n"
    )
