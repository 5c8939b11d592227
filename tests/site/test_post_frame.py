"""What the build sets around a post's own text: the box of three lines under its title, and the end behind it."""

import dataclasses
import json
import re

import pytest

from sitetools import ROOT, ends, house, reading
from tests.site.small_house import SMALL

OURS = house.read(ROOT)
HOUSE = house.read(SMALL)
POST = HOUSE.posts["a-sum"]


def test_the_box_is_read_as_sentences_between_the_description_and_the_text():
    lines = reading.paragraphs(HOUSE, "a-sum")
    assert [(line.text, line.whole) for line in lines[1:4]] == [
        (POST.meta["description"], True),
        ("A sum of 0.35, which no hand has typed.", False),
        ("To count, and `+`; part 2 gives what is missing.", False),
    ]


def test_a_number_in_the_box_is_counted_with_those_of_the_post():
    bare = house.Post(POST.topic, 1, {**POST.meta, "have": "A sum."}, POST.text)
    assert HOUSE.numbers(POST) == HOUSE.numbers(bare) + 1


# ---- the end


def locked(name):
    """The versions in a lock, line by line."""
    lines = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return {line.split("==")[0]: line.split("==")[1].split()[0] for line in lines if "==" in line}


def test_the_pythons_of_the_project_are_those_of_the_workflow():
    (matrix,) = re.findall(r"python: (\[.*\])", (ROOT / ".github/workflows/site.yml").read_text("utf-8"))
    named = [c.removeprefix("Programming Language :: Python :: ") for c in OURS.project["classifiers"]]
    assert named == json.loads(matrix)


def test_the_end_of_a_post_names_the_locked_versions_of_what_its_code_imports(posts):
    newest, lowest = locked("dev"), locked("lowest")
    learns = set()
    for path, page in posts.items():
        said = page.select_one("article > .post-end:last-child p").get_text()
        assert said.startswith("Tested on Python 3.11 to 3.14, NumPy "), path
        assert f", NumPy {newest['numpy']} (also {lowest['numpy']})" in said, path
        shown = {OURS.code(f["data-source"]).source for f in page.select("figure.snippet")}
        asked = any(re.search(r"from (sklearn|scratchmlp\.datasets) import", source) for source in shown)
        learn = f", scikit-learn {newest['scikit-learn']} (also {lowest['scikit-learn']})"
        assert (learn in said) == asked, path
        learns.add(asked)
    assert learns == {True, False}


def test_the_end_of_a_post_names_the_versions_that_its_measurements_record(posts):
    for path, page in posts.items():
        read = {f["data-source"] for f in page.select("data.fact")}
        results = [OURS.results[s.split("/")[1].split(".")[0]] for s in read if s.startswith("experiments/")]
        said = page.select_one(".post-end p").get_text()
        assert ("Measured with Python " in said) == bool(results), path
        for record in results:
            for package in ("numpy", "scikit-learn"):
                assert f" {record['versions'][package]}" in said.partition("Measured")[2], path


def test_the_end_of_a_post_stays_out_of_the_search_index_and_of_double_entry(site, posts):
    index = (site / "search" / "search_index.json").read_text(encoding="utf-8")
    assert "Tested on" not in index
    assert "howpublished" not in index
    assert not [line for line in reading.paragraphs(OURS, "one-email") if "Tested on" in line.text]


def entry(found, site_url="https://small.example/"):
    """The lines of an entry for BibTeX by name, its key among them; braces must close."""
    depth = 0
    for sign in re.findall(r"(?<!\\)[{}]", found):
        depth += 1 if sign == "{" else -1
        assert depth >= 0
    assert depth == 0
    return {
        "key": re.match(r"@misc\{(.*),", found)[1],
        **dict(re.findall(r"^  (\w+) = \{(.*)\},$", found, re.M)),
    }


def test_a_post_is_cited_by_its_authors_title_year_and_address(posts):
    for path, page in posts.items():
        post = OURS.posts[path.split("/")[1]]
        held = entry(page.select_one(".post-end details pre.bibtex code").get_text())
        assert held["author"] == "{Scratch MLP contributors}", path
        assert held["title"] == f"{{{page.h1.find(string=True)}}}", path
        assert held["year"] == str(post.meta["date"])[:4], path
        assert held["url"] == page.find("link", rel="canonical")["href"], path
        assert held["key"] == f"scratch-mlp-{post.topic}", path


def test_the_authors_are_those_of_the_project_where_it_names_some():
    people = {
        **OURS.project,
        "authors": [{"name": "Ada Byron"}, {"name": "Carl Gauss", "email": "x@y.example"}],
    }
    named = entry(ends.bibtex(dataclasses.replace(OURS, project=people), "https://small.example/"))
    assert named["author"] == "Ada Byron and Carl Gauss"
    assert named["title"] == "{Scratch MLP}"
    assert named["url"] == "https://small.example/"


def test_what_latex_takes_for_its_own_is_written_out_in_a_title():
    post = house.Post("odds", 1, {**POST.meta, "title": "50% & #1_a"}, "")
    held = entry(ends.bibtex(HOUSE, None, post))
    assert held["title"] == r"{50\% \& \#1\_a}"
    assert "url" not in held


@pytest.mark.parametrize("address", ["https://small.example/repo", "https://small.example/repo/"])
def test_an_error_is_reported_with_the_title_filled_in_where_there_is_a_repository(address):
    assert ends.report(address, "Odds & ends?") == (
        "https://small.example/repo/issues/new?title=Odds%20%26%20ends%3F%3A%20"
    )
    assert ends.report("", "Odds") is None


def test_a_page_without_a_repository_says_how_to_report_an_error(posts):
    for path, page in posts.items():
        said = page.select_one(".post-end").get_text()
        linked = page.select(".post-end a[href*='/issues/new']")
        assert linked or "Tell whoever publishes it the title of the page" in said, path
