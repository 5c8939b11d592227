"""What the machinery makes of the small house is what was committed: a change of it is read as a diff, or is an error."""

import difflib
import re

import pytest

from sitetools import blocks
from sitetools.marks import MARKS, TOKEN
from tests.site.small_house import PAGES, SMALL, build, copied, made

DOCS = [path.read_text(encoding="utf-8") for path in sorted((SMALL / "docs").rglob("*.md"))]
BLOCKS = [
    held.NAME
    for held in vars(blocks).values()
    if getattr(held, "__module__", "") == blocks.__name__ and hasattr(held, "NAME")
]
LISTS = re.search(r"\((?:\?P<\w+>)?([a-z|]+)\)", MARKS["listing"].syntax)[1].split("|")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """The small house, built."""
    folder = copied(tmp_path_factory.mktemp("small") / "house")
    status, said = build(folder)
    assert status == 0, said
    return folder


def test_the_small_house_is_in_order(house):
    assert (house / "site" / "index.html").is_file()


def test_what_is_made_of_the_small_house_is_what_was_committed(house):
    kept = {path.name: path.read_text(encoding="utf-8") for path in PAGES.iterdir()}
    now = made(house / "site")
    differences = [
        line
        for name in sorted(kept.keys() | now.keys())
        for line in difflib.unified_diff(
            kept.get(name, "").splitlines(),
            now.get(name, "").splitlines(),
            f"tests/site/pages/{name}",
            "now",
            n=1,
            lineterm="",
        )
    ]
    told = "\n".join(differences[:60])
    assert not differences, f"{told}\nIf that is what is meant, run `make pages`, and read the diff."


@pytest.mark.parametrize("mark", MARKS)
def test_every_mark_stands_in_the_small_house(mark):
    found = {m.lastgroup for text in DOCS for m in TOKEN.finditer(text)}
    assert mark in found, f"put one into tests/site/small, and run `make pages`: {MARKS[mark].__doc__}"


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_stands_in_the_small_house(block):
    assert any(re.search(rf"^////?/? {block}\b", text, re.M) for text in DOCS)


@pytest.mark.parametrize("name", LISTS)
def test_every_list_stands_in_the_small_house(name):
    assert any(f"[[{name}]]" in text for text in DOCS)


@pytest.mark.parametrize(
    "kind",
    [
        r"a_sum\.",
        r"sums\..*\|±",
        r"lit\.",
        r"site\.",
        r"given\.",
        r"ref:part\.",
        r"ref:exercise\.",
        "rows:",
        "figure:",
    ],
)
def test_every_source_of_numbers_is_asked_in_the_small_house(kind):
    assert any(re.search(rf"\[\[{kind}", text) for text in DOCS)
