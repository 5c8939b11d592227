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


EQUIVALENT: list[Equivalent] = []


def reason(mutant: Mutant) -> str | None:
    """Why an edit changes nothing; None where it is not on the list."""
    known = {entry[:3]: entry.reason for entry in EQUIVALENT}
    return known.get((mutant.uri, mutant.old, mutant.new))
