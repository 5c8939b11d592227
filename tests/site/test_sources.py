"""What the sources said: a list made of a post's rows, and signs in its text that lead to it."""

import re
import shutil
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from sitetools import SiteError, house, reading
from sitetools.marks import MARKS, TOKEN
from sitetools.page import Build, Builds
from tests.site.small_house import SMALL, change

POST, ROWS = "docs/series/a-sum.md", "claims/a-sum.toml"


class Relpath(Treeprocessor):
    """Stands in for the processor through which MkDocs says which page it renders."""

    def __init__(self, uri):
        super().__init__()
        self.file = SimpleNamespace(
            src_uri=uri, dest_uri=uri.replace(".md", "/index.html"), content_string=""
        )


@pytest.fixture
def small(tmp_path):
    folder = tmp_path / "house"
    shutil.copytree(SMALL, folder)
    return folder


@pytest.fixture
def set_page(small, monkeypatch):
    """What a text becomes on a page of the small house as it stands then."""

    def become(text, uri="series/a-sum.md"):
        monkeypatch.setattr(Builds, "at_work", Build(house.read(small)))
        md = Markdown(extensions=["attr_list", "md_in_html", "sitetools.extension"])
        md.treeprocessors.register(Relpath(uri), "relpath", 0)
        return BeautifulSoup(md.convert(text), "html.parser")

    return become


def entries(page):
    """The entries of the list by their claims."""
    return {entry["id"].removeprefix("source-"): entry for entry in page.select(".sources > li[id]")}


def text_of(element):
    return " ".join(element.get_text().split())


# ---- signs in the text


def test_a_sign_leads_to_its_entry_where_the_post_lists_its_sources(set_page):
    page = set_page("It is more [[S0-01]].\n\n[[sources]]")
    assert page.select_one(".claim a")["href"] == "#source-S0-01"
    assert page.find(id="source-S0-01")


def test_without_the_list_a_sign_leads_to_the_ledger(set_page, small):
    change(small, POST, "[[sources]]", "")
    assert set_page("It is more [[S0-01]].").select_one(".claim a")["href"] == "../../ledger/#S0-01"


@pytest.mark.parametrize("uri", ["index.md", "labs/add.md"])
def test_elsewhere_than_in_its_post_a_sign_leads_to_the_ledger(set_page, uri):
    assert set_page("It is more [[S0-01]].", uri).select_one(".claim a")["href"].endswith("ledger/#S0-01")


def test_a_claim_that_another_post_covers_leads_to_the_ledger(set_page, small):
    row = '[[claim]]\nid = "S0-07"\nsays = "x"\nverdict = "definition"\nproof = ["read:x"]\n'
    (small / "claims/a-product.toml").write_text(row, encoding="utf-8")
    page = set_page("It is more [[S0-07]].\n\n[[sources]]")
    assert page.select_one(".claim a")["href"] == "../../ledger/#S0-07"
    assert not page.find(id="source-S0-07")


def test_a_sign_shows_no_name_and_tells_it_to_those_who_point_or_listen(set_page):
    link = set_page("It is more [[S0-01]].").select_one(".claim a")
    assert "S0" not in link.get_text()
    assert link["title"] == link["aria-label"] == "claim S0-01 of our sources: wrong"


def test_the_head_of_a_box_shows_the_verdict_and_no_name(set_page):
    head = set_page("/// claim | S0-01 S0-02\nIt is more.\n///").select_one(".claim-head")
    assert [text_of(part) for part in head.find_all(["strong", "a"])] == [
        "What a source says",
        "wrong",
        "confirmed",
    ]
    assert [a["href"] for a in head.select("a")] == ["#source-S0-01", "#source-S0-02"]


def test_only_the_first_sign_of_a_claim_is_its_anchor(set_page):
    page = set_page("Less [[S0-01]]. More [[S0-01]].")
    assert [mark.get("id") for mark in page.select(".claim")] == ["S0-01", None]


def test_a_box_is_the_anchor_before_any_sign(set_page):
    page = set_page("Less [[S0-01]].\n\n/// claim | S0-01\nMore.\n///")
    assert [mark.get("id") for mark in page.select(".claim")] == [None, "S0-01"]


def test_a_sign_stands_close_to_the_words_before_it_and_signs_in_a_row_are_a_chain(set_page):
    page = set_page("It is more [[S0-01]] [[S0-02]], [[S0-04]] we say.")
    assert text_of(page.p) == "It is more◊◊,◊ we say."
    assert ["follows" in mark["class"] for mark in page.select(".claim")] == [False, True, False]


@pytest.mark.parametrize("bullet", ["-", "*", "1."])
def test_a_list_may_begin_with_a_sign(set_page, bullet):
    assert text_of(set_page(f"{bullet} [[S0-01]] One.\n{bullet} Two.").find_all("li")[0]) == "◊ One."


# ---- the list


def test_the_list_has_each_row_of_the_post_once_under_its_document(set_page):
    page = set_page("[[sources]]")
    assert [text_of(h) for h in page.select("h3")] == ["The book", "The letter"]
    below = {
        text_of(h): [a["id"] for a in h.find_next("ul").select("[id^=source]")] for h in page.select("h3")
    }
    assert below == {
        "The book": ["source-S0-01", "source-S0-02", "source-S0-04"],
        "The letter": ["source-S1-01"],
    }
    assert [a["href"] for a in page.select("h3 a")] == [f"../../the-five-documents/#S{i}" for i in range(2)]


def test_an_entry_says_verdict_claim_and_reason_and_leads_to_passage_and_proof(set_page):
    entry = entries(set_page("[[sources]]"))["S0-01"]
    assert text_of(entry) == "✗ wrong The sum is one. It is 0.35. where proof S0-01"
    assert "wrong" in entry.select_one(".verdict")["class"]
    assert [a["href"] for a in entry.select(".ways a")] == ["#S0-01", "../../ledger/#S0-01"]


def test_markdown_and_formulas_in_a_reason_are_set(set_page, small):
    change(small, ROWS, '"It is [[a_sum.total|.2f]]."', '"It is *more*: $x + y$."')
    entry = entries(set_page("[[sources]]"))["S0-01"]
    assert text_of(entry.em) == "more"
    assert entry.math


def test_an_entry_without_a_mark_leads_to_no_passage(set_page):
    entry = entries(set_page("[[sources]]"))["S1-01"]
    assert [a["href"] for a in entry.select("a")] == ["../../ledger/#S1-01"]


def test_what_is_only_defined_or_named_is_gathered_in_one_line(set_page):
    page = set_page("[[sources]]")
    (line,) = page.select(".named")
    assert text_of(line) == "Defined or named only: A sum is what two numbers come to."
    assert line.a["id"] == "source-S0-04"
    assert line.a["href"] == "../../ledger/#S0-04"


def test_a_definition_that_has_a_mark_is_an_entry_as_any_other(set_page, small):
    change(small, POST, "is more [[S0-01]]", "is more [[S0-01]] [[S0-04]]")
    assert "S0-04" in entries(set_page("[[sources]]"))


def test_the_ledger_leads_to_the_mark_or_to_the_entry_of_what_has_none(set_page):
    ledger = BeautifulSoup(str(set_page("[[ledger]]", "ledger.md")), "html.parser")
    leads = dict(re.findall(r'href="([^"]+)" id="(S\d-\d+)"', str(ledger)))
    assert {claim: to.partition("#")[2] for to, claim in leads.items()} == {
        "S0-01": "S0-01",
        "S0-02": "S0-02",
        "S0-04": "source-S0-04",
        "S1-01": "source-S1-01",
    }


def test_the_numbers_of_the_list_are_counted_with_those_of_the_post(small):
    found = house.read(small)
    with_list = found.numbers(found.posts["a-sum"])
    change(small, POST, "[[sources]]", "")
    found = house.read(small)
    assert with_list - found.numbers(found.posts["a-sum"]) == 1  # S0-01 holds one; S0-04 is only named


def test_claims_are_counted_by_verdict(small):
    counts = house.read(small).counts()
    assert (counts["documents"], counts["wrong"], counts["undecided"], counts["imprecise"]) == (2, 1, 1, 0)


# ---- what is wrong


@pytest.mark.parametrize(
    ("uri", "old", "new", "cause"),
    [
        (POST, "claim | S0-02", "claim | S0-01", f"{ROWS}:9: S0-02 is confirmed, and series/a-sum.md has no mark of it; "
         r"set [[S0-02]] behind the words that settle it, or let it head a box"),
        ("claims/documents.toml", 'about = "It is', 'on = "It is', "claims/documents.toml: [S0] lacks about"),
        ("claims/documents.toml", "name =", "name ", "claims/documents.toml: Expected '='"),
    ],
)  # fmt: skip
def test_a_row_without_a_mark_and_a_document_without_words_are_told(small, uri, old, new, cause):
    assert house.read(small).errors() == []
    change(small, uri, old, new)
    (said,) = house.read(small).errors()
    assert said.startswith(cause)


def test_only_a_post_that_lists_its_sources_owes_a_mark(small):
    change(small, POST, "claim | S0-02", "claim | S0-01")
    change(small, POST, "[[sources]]", "")
    assert house.read(small).errors() == []


def test_a_definition_without_a_mark_still_names_its_passage(small):
    named = 'verdict = "definition"\nat = "Two numbers are added"'
    change(small, ROWS, 'verdict = "definition"', named)
    assert house.read(small).errors() == []
    change(small, ROWS, "numbers are added", "numbers are multiplied")
    (said,) = house.read(small).errors()
    assert "S0-04 is settled at 'Two numbers are multiplied', which series/a-sum.md does not hold" in said


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (
            "It is more [[S9-99]].",
            "claim S9-99 has no row in claims/; add one, or name the claim that is meant",
        ),
        ("/// claim | S9-99\nMore.\n///", "claim S9-99 has no row in claims/; add one, or"),
    ],
)
def test_a_mark_without_a_row_is_told(set_page, text, cause):
    with pytest.raises(SiteError, match=r"^series/a-sum\.md:1: " + re.escape(cause)):
        set_page(text)


def test_the_list_of_a_page_that_is_no_post_is_told(set_page):
    with pytest.raises(
        SiteError, match=r"^index\.md:1: \[\[sources\]\] lists .* in a post, and this page is none"
    ):
        set_page("[[sources]]", "index.md")


def test_the_list_of_a_post_without_rows_is_told(set_page, small):
    (small / ROWS).unlink()
    with pytest.raises(SiteError, match=r"lists the rows of claims/a-sum\.toml, and there are none"):
        set_page("[[sources]]")


def test_a_document_that_nothing_names_is_told(set_page, small):
    file = small / "claims/documents.toml"
    file.write_text(file.read_text("utf-8").partition("[S1]")[0], encoding="utf-8")
    with pytest.raises(SiteError, match=r"claims/documents\.toml does not name S1; add its entry"):
        set_page("[[sources]]")


# ---- double entry


def test_what_the_list_shows_is_proved_by_its_rows_and_not_read_again(small):
    (mark,) = [m for m in TOKEN.finditer("[[sources]]") if m.lastgroup]
    assert MARKS["listing"].read(mark, None) == ""
    read = [line.text for line in reading.paragraphs(house.read(small), "a-sum")]
    assert "## What the sources said" in read
    assert not [line for line in read if "The sum is one" in line or "S0-" in line or "sources]]" in line]
    assert any(line.startswith("Claimed is more. ") for line in read)
