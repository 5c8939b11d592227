"""Edits that change nothing a reader sees, each with the reason: shown apart, and not counted."""

from __future__ import annotations

from typing import NamedTuple

from mutants.places import Mutant


class Equivalent(NamedTuple):
    """A mutant of a file by its two texts, as `make mutants` prints them, and why nobody could notice it."""

    uri: str
    old: str
    new: str
    reason: str


EQUIVALENT = [
    Equivalent(
        "scratchmlp/gradcheck.py",
        "float(np.vdot(c, y))",
        "float(np.vdot(y, c))",
        "the inner product of two real arrays is the same both ways, to the last bit",
    ),
    Equivalent(
        "sitetools/house.py",
        "\n\n@dataclass(frozen=True)\nclass Planned:",
        "\n\n@dataclass(frozen=False)\nclass Planned:",
        "nothing assigns to what is planned; that it could be assigned to shows nowhere",
    ),
    Equivalent(
        "snippets/one_email.py",
        "extra.round(3))",
        "extra.round(4))",
        "the fourth digit of this sum is 0, and NumPy does not print it",
    ),
]


def reason(mutant: Mutant) -> str | None:
    """Why an edit changes nothing; None where it is not on the list."""
    known = {entry[:3]: entry.reason for entry in EQUIVALENT}
    return known.get((mutant.uri, mutant.old, mutant.new))
