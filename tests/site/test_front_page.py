"""The words of the front page: each sentence stands here once more, beside what makes it true."""

import ast
import re
import sys
import tomllib

import pytest

from sitetools import ROOT
from sitetools.house import read

HOUSE = read(ROOT)


@pytest.fixture(scope="module")
def said(pages):
    """Whether the front page says so, in its paragraphs and lists."""
    article = pages["index.html"].find("article")
    text = " ".join(" ".join(part.get_text("").split()) for part in article.find_all(["h1", "p", "li"]))

    def says(*sentences):
        for sentence in sentences:
            assert sentence in text, f"docs/index.md does not say {sentence!r}"

    return says


def test_the_package_needs_nothing_but_numpy_and_is_small(said):
    lines, imported = 0, set()
    for path in (ROOT / "scratchmlp").glob("*.py"):
        lines += len(path.read_text(encoding="utf-8").splitlines())
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.partition(".")[0])
    outside = imported - set(sys.stdlib_module_names) - {"scratchmlp"}
    assert "numpy" in outside
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert [re.match(r"[\w-]+", name)[0] for name in needed] == [
        "numpy"
    ]  # whatever else it imports is asked for where it is
    assert lines < 4000
    said(
        "A neural network you can check",
        "Here you build a neural network yourself, in Python with nothing but NumPy, and find out why images asked for "
        "another kind.",
        "The package behind it is small enough to be read whole, and needs nothing but NumPy.",
    )


def test_what_is_promised_is_what_the_tests_and_the_build_do(said):
    """Each promise names the test that keeps it; the counts are those that the built pages are held to elsewhere."""
    for kept in (
        "tests/site/test_complete_programs.py",
        "tests/test_claims.py",
        "tests/site/test_failures.py",
    ):
        assert (ROOT / kept).is_file()
    said(
        "You need not take our word for any of it: the code has been run, the numbers were computed, and the claims were "
        "checked.",
        "blocks run. Copy one: you get a complete program, which a test has run alone in an empty folder, and it prints "
        "what the page shows. Code of the package leads to its module instead.",
        "numbers computed. Point at a number with a dotted line, and it tells you which variable of which program it is, "
        "with a link to the line.",
        "claims checked. Our five source documents contain good ideas and many errors. Each claim has a verdict in the "
        "ledger, with the test, the citation or the passage that it rests on.",
        "Nobody typed these three counts: the program that makes the site works them out. When a block no longer runs, a "
        "number no longer holds, or the test behind a verdict is gone, that program stops. No new version of the site "
        "appears until somebody has mended it.",
    )


def test_the_parts_are_counted_and_their_minutes_added_up(said):
    posts = list(HOUSE.posts.values())
    hours = sum(post.minutes for post in posts) / 60
    told = next(h / 2 for h in range(100) if abs(h / 2 - hours) <= 0.25)
    said(
        "The series is for you if you can program a little in Python, remember that a derivative is a slope, and want to "
        "know what happens inside a network.",
        f"The {len(posts)} parts that are written take about {told:g} hours to read, and their exercises come on top.",
    )


def test_where_to_start_leads_where_it_says(said, pages):
    article = pages["index.html"].find("article")
    begin = article.find(id="where-to-start").find_next("ul")
    leads = [item.a["href"].rstrip("/").rpartition("/")[2] for item in begin.find_all("li")]
    assert leads == ["what-is-an-mlp", "one-email", "digits", "ledger"]
    said(
        "You have met neural networks, but not by hand: begin with part 1 and read on.",
        "You want to see one number explained to the last digit: part 3.",
        "You would rather do something: train on real digits and look at the mistakes.",
        "You came with a half-remembered claim: look it up in the ledger.",
        "The code of every page is part of the site: source.",
    )


def test_teaching_is_allowed_by_the_licence(said, pages):
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")
    foot = pages["index.html"].find(class_="md-copyright")
    assert foot.a["href"] == "https://creativecommons.org/licenses/by/4.0/"
    said(
        "You may teach from this site. Its texts and figures are under CC BY and the code is under the MIT licence, so "
        "you can copy, change and teach from both if you name the source. Every part ends with an entry for its own "
        "citation. This one is for the whole:",
    )
