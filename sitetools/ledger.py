"""The claims of the sources as the site shows them: a verdict as a chip, a row in the ledger, a proof as a link."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from sitetools import SiteError, facts, references
from sitetools.house import House, Post
from sitetools.marks import typed_numbers
from sitetools.proofs import VERDICTS, Proof, marked, named_only, place
from sitetools.typeset import part

WORDS = {"conditions": "with conditions"}


def row(house: House, claim: str) -> dict[str, Any]:
    """The ledger's row of a claim, its verdict checked."""
    if claim not in house.claims:
        raise SiteError(f"claim {claim} has no row in claims/; add one, or name the claim that is meant")
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


def entry(claim: str) -> str:
    """The anchor of a claim among what the sources said."""
    return f"source-{claim}"


def sources(house: House, post: Post, up: str) -> str:
    """What the sources said of a post's subject, document by document, as Markdown in which marks still stand."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in house.rows(post):
        found.setdefault(row["id"][:2], []).append(_row(house, row["id"]) | {"entry": entry(row["id"])})
    if unknown := found.keys() - house.documents.keys():
        raise SiteError(f"claims/documents.toml does not name {', '.join(sorted(unknown))}; add its entry")
    if not found:
        raise SiteError(f"[[sources]] lists the rows of claims/{post.topic}.toml, and there are none")
    return part(
        "sources.md", documents=[(house.documents[name], rows) for name, rows in found.items()], up=up
    )


def _row(house: House, claim: str) -> dict[str, Any]:
    """What the table shows of a claim; its post and its proofs must exist, and no number may be typed in it."""
    r = row(house, claim)
    where = place(r)
    if r["post"] not in house.posts:
        raise SiteError(f"{where} names the post {r['post']!r}, which does not exist")
    if typed := typed_numbers(r.get("holds", "")):
        raise SiteError(f"{where} has {'; '.join(typed)} typed by hand; write numbers by reference")
    text = house.posts[r["post"]].text
    is_marked = claim in marked(text)
    return {
        "id": claim,
        "href": f"../series/{r['post']}/#{claim if is_marked else entry(claim)}",
        "marked": is_marked,
        "named_only": named_only(r, text),
        "verdict": r["verdict"],
        "sign": VERDICTS[r["verdict"]],
        "said": said(r["verdict"]),
        "says": r["says"],
        "holds": Markup(r.get("holds", "")),  # Markdown of our own
        "proofs": [_test(house, p) for p in r["tests"]] + [_proof(house, where, r, p) for p in r["proof"]],
    }


def _test(house: House, proof: Proof) -> dict[str, str]:
    """A test as a link to its line."""
    line = house.code(proof.uri).line_of(proof.test)
    text = proof.test.removeprefix("test_").replace("_", " ")
    return {"kind": "test", "href": f"../source/{proof.uri}/#L-{line}", "text": text}


def _proof(house: House, where: str, row: dict[str, Any], proof: str) -> dict[str, str]:
    """A reference as a citation, if the row is about it; or the place to read, a heading if it has a capital."""
    kind, _, what = proof.partition(":")
    if kind not in ("cite", "read"):
        raise SiteError(
            f"{where} has the proof {proof!r}; it must be cite:… or read:…, or @claim above a test"
        )
    gone = [h for h in what.split("; ") if h[:1].isupper() and h not in house.posts[row["post"]].text]
    if kind == "read" and gone:
        raise SiteError(f"{where} is to be read at {gone[0]!r}, and its post has no such words")
    if kind == "cite":
        work = facts.reference(house, what)
        if not references.is_about(work, f"{row['says']} {row.get('holds', '')}"):
            raise SiteError(f"{where} cites {what}, and {references.asked(what, work)}")
    return {"kind": kind, "text": what}
