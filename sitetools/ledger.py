"""The claims of the sources as the site shows them: a mark in a post, a row in the ledger, linked both ways."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from sitetools import ROOT, SiteError, facts, posts
from sitetools.snippets import read
from sitetools.tokens import plain_numbers

if TYPE_CHECKING:
    from sitetools.extension import Page

VERDICTS = {
    "confirmed": "✓",
    "conditions": "◐",
    "imprecise": "≈",
    "wrong": "✗",
    "definition": "=",
    "undecided": "?",
}
WORDS = {"conditions": "with conditions"}


def row(claim: str) -> dict[str, Any]:
    """The ledger's row of a claim, checked: its verdict, its post and its proofs exist."""
    rows = posts.claims()
    if claim not in rows:
        raise SiteError(f"claim {claim} has no row in claims")
    found = rows[claim]
    if found["verdict"] not in VERDICTS:
        raise SiteError(
            f"claims: {claim} has the verdict {found['verdict']!r}, not one of {', '.join(VERDICTS)}"
        )
    return found


def chip(verdict: str) -> str:
    """A verdict as a shape and a word, so that it does not rest on colour."""
    return f'<span class="verdict {verdict}"><span aria-hidden="true">{VERDICTS[verdict]}</span> {WORDS.get(verdict, verdict)}</span>'


def mark(claim: str, page: Page, *, head: bool = False) -> str:
    """A claim in a post: its ID, once as an anchor, linked with its row; at the head of a call-out with its verdict."""
    verdict = row(claim)["verdict"]
    said = WORDS.get(verdict, verdict)
    anchor = f' id="{claim}"' if head or claim not in page.claims_seen else ""
    page.claims_seen.add(claim)
    text = f"{claim} · {said}" if head else claim
    return f'<span class="claim {verdict}"{anchor}><a href="{page.up}ledger/#{claim}" title="{claim}: {said}">{text}</a></span>'


def table() -> str:
    """Every row, as a Markdown table inside the element that the filters act on."""
    head = "| claim | verdict | what the source says | what holds | proof |\n|---|---|---|---|---|\n"
    return "\n" + head + "".join(_row(claim) for claim in posts.claims()) + "\n"


def _row(claim: str) -> str:
    r = row(claim)
    post = next((p for p in posts.posts() if p.path.stem == r["post"]), None)
    if post is None:
        raise SiteError(f"claims: {claim} names the post {r['post']!r}, which does not exist")
    if typed := plain_numbers(r.get("holds", "")):
        raise SiteError(
            f"claims/{r['post']}.toml: {claim} has {'; '.join(typed)} typed by hand; write numbers by reference"
        )
    where = f'<a id="{claim}" href="../{post.uri.removesuffix(".md")}/#{claim}">{claim}</a>'
    proofs = " ".join(_proof(claim, p) for p in r["proof"])
    return f"| {where} | {chip(r['verdict'])} | {escape(r['says'])} | {r.get('holds', '')} | {proofs} |\n"


def _proof(claim: str, proof: str) -> str:
    """A test, a reference, or a number, as a link."""
    kind, _, what = proof.partition(":")
    if kind == "test":
        path, _, name = what.partition("::")
        module = read(ROOT / path)
        node = next((n for n in module.tree.body if getattr(n, "name", None) == name), None)
        if node is None:
            raise SiteError(f"claims: {claim} is proved by {what}, but there is no such test")
        return f'<a class="proof" href="../source/{path}/#L-{node.lineno}">{name.removeprefix("test_").replace("_", " ")}</a>'
    if kind == "cite":
        return f"[@{what}]"
    if kind == "read":
        return escape(what)
    raise SiteError(f"claims: {claim} has the proof {proof!r}; it must be test:…, cite:… or read:…")


def references() -> str:
    """Every entry of the literature, as Markdown."""
    lines = []
    for key, e in facts.literature().items():
        lines.append(
            f'<li id="{key}">{escape(e["authors"])} ({e["year"]}). {_link(e)}. {escape(e["where"])}.{_values(e)}</li>'
        )
    return '<ul class="references">' + "\n".join(lines) + "</ul>"


def _link(entry: dict[str, Any]) -> str:
    title = f"<cite>{escape(entry['title'])}</cite>"
    return f'<a href="{escape(entry["url"])}">{title}</a>' if "url" in entry else title


def _values(entry: dict[str, Any]) -> str:
    used = [f"{name}: {v['value']} ({v['at']})" for name, v in entry.get("values", {}).items()]
    return f' <span class="cited-values">Cited here: {escape("; ".join(used))}.</span>' if used else ""
