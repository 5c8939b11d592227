"""The claims of the sources as the site shows them: a verdict as a chip, a row in the ledger, a proof as a link."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from sitetools import SiteError
from sitetools.house import House
from sitetools.marks import typed_numbers
from sitetools.typeset import part

VERDICTS = {
    "confirmed": "✓",
    "conditions": "◐",
    "imprecise": "≈",
    "wrong": "✗",
    "definition": "=",
    "undecided": "?",
}
WORDS = {"conditions": "with conditions"}


def row(house: House, claim: str) -> dict[str, Any]:
    """The ledger's row of a claim, its verdict checked."""
    if claim not in house.claims:
        raise SiteError(f"claim {claim} has no row in claims/")
    found: dict[str, Any] = house.claims[claim]
    if found["verdict"] not in VERDICTS:
        asked = ", ".join(VERDICTS)
        raise SiteError(
            f"claims/{found['post']}.toml: {claim} has the verdict {found['verdict']!r}, not one of {asked}"
        )
    return found


def said(verdict: str) -> str:
    """A verdict in words."""
    return WORDS.get(verdict, verdict)


def table(house: House) -> str:
    """Every row, as a Markdown table inside the element that the filters act on."""
    return part("ledger.md", rows=[_row(house, claim) for claim in house.claims])


def _row(house: House, claim: str) -> dict[str, Any]:
    """What the table shows of a claim; its post and its proofs must exist, and no number may be typed in it."""
    r = row(house, claim)
    where = f"claims/{r['post']}.toml: {claim}"
    if r["post"] not in house.posts:
        raise SiteError(f"{where} names the post {r['post']!r}, which does not exist")
    if typed := typed_numbers(r.get("holds", "")):
        raise SiteError(f"{where} has {'; '.join(typed)} typed by hand; write numbers by reference")
    return {
        "id": claim,
        "href": f"../series/{r['post']}/#{claim}",
        "verdict": r["verdict"],
        "sign": VERDICTS[r["verdict"]],
        "said": said(r["verdict"]),
        "says": r["says"],
        "holds": Markup(r.get("holds", "")),  # Markdown of our own
        "proofs": [_proof(house, where, p) for p in r["proof"]],
    }


def _proof(house: House, where: str, proof: str) -> dict[str, str]:
    """A test as a link to its line, a reference as a citation, or the place to read."""
    kind, _, what = proof.partition(":")
    if kind == "test":
        path, _, name = what.partition("::")
        line = house.code(path).line_of(name)
        if line is None:
            raise SiteError(f"{where} is proved by {what}, but there is no such test")
        text = name.removeprefix("test_").replace("_", " ")
        return {"kind": kind, "href": f"../source/{path}/#L-{line}", "text": text}
    if kind in ("cite", "read"):
        return {"kind": kind, "text": what}
    raise SiteError(f"{where} has the proof {proof!r}; it must be test:…, cite:… or read:…")
