"""What tests say of claims: which one a test settles, with which verdict, and in which words of its row."""

from functools import cache

from sitetools import ROOT, house
from sitetools.marks import filled
from sitetools.page import Build, Page


def claim(name, verdict, says=""):
    """Directly above a test: it supports this verdict on a claim that says these words. The build reads it there."""

    def keep(test):
        test.claims = [(name, verdict, says), *getattr(test, "claims", [])]
        return test

    return keep


def holds(name, words):
    """Fail where the row of a claim, its numbers filled in, does not say that these words hold."""
    row = read().claims[name]
    file = f"claims/{row['post']}.toml:{row['line']}"
    assert words in reading(row), (
        f"{name} quotes {words!r}; {file} reads {reading(row)!r}: one of them is wrong"
    )


def reading(row):
    """What a row says that holds, its numbers filled in; without more, what the source says."""
    page = Page(Build(read()), "ledger.md", "", "", lambda _: "")
    return filled(row.get("holds", row["says"]), page, lambda fact: fact.text)


@cache
def read():
    """The house, read once."""
    return house.read(ROOT)
