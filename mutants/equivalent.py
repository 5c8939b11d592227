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
        "scratchmlp/pooling.py",
        "np.min_scalar_type(self.k**2))",
        "np.min_scalar_type(self.k**3))",
        "a wider integer holds the same places",
    ),
    Equivalent(
        "sitetools/arithmetic.py",
        "strict=True)):",
        "strict=False)):",
        "a split gives one side more than there are relations, so the two lists are always of one length",
    ),
    Equivalent(
        "sitetools/house.py",
        "\n\n@dataclass(frozen=True)\nclass Planned:",
        "\n\n@dataclass(frozen=False)\nclass Planned:",
        "nothing assigns to what is planned; that it could be assigned to shows nowhere",
    ),
    Equivalent(
        "sitetools/slicing.py",
        "@lru_cache(maxsize=1024)",
        "@lru_cache(maxsize=1025)",
        "how many results are kept is seen in no result",
    ),
    Equivalent(
        "snippets/one_email.py",
        "np.random.default_rng(0)",
        "np.random.default_rng(1)",
        "the weights that it draws are overwritten by those of the example two lines below",
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
