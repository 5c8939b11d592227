"""Claims and references stand twice: rows beside the tests that prove them, citations beside the works they cite."""

import ast
import re
import tomllib

import pytest

from sitetools import ROOT, SiteError, references
from sitetools.marks import marks_in
from sitetools.proofs import passages, place
from tests.claims import claim, holds, read, reading

HOUSE = read()
ROWS = [row for _, row in HOUSE.claims.good()]
PROVED = [pytest.param(row, id=row["id"]) for row in ROWS if row["tests"]]
LITERATURE = dict(HOUSE.literature.good())
SECOND = tomllib.loads((ROOT / "tests" / "literature.toml").read_text(encoding="utf-8"))


def quotes(uri):
    """What each test of a file quotes by `holds`: pairs of a claim and words."""
    return {
        test.name: [
            tuple(ast.literal_eval(a) for a in call.args)
            for call in ast.walk(test)
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "holds"
        ]
        for test in HOUSE.code(uri).tree.body
        if isinstance(test, ast.FunctionDef)
    }


def rest(row, quoted):
    """The words of a row that no quotation holds."""
    text = reading(row)
    for words in sorted(quoted, key=len, reverse=True):
        text = text.replace(words, " ")
    return re.findall(r"\w+", text)


@pytest.mark.parametrize("row", PROVED)
def test_each_test_of_a_claim_quotes_what_holds_and_together_they_quote_it_whole(row):
    quoted = []
    for proof in row["tests"]:
        words = [w for name, w in quotes(proof.uri)[proof.test] if name == row["id"]]
        assert words, (
            f"{proof.uri}:{proof.line}: {proof.test} proves {row['id']}, and quotes it by no holds(…)"
        )
        quoted += words
    left = " ".join(rest(row, quoted))
    assert not left, f"{place(row)} holds more than its tests quote: {left!r}; quote it beside what shows it"


@pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in ROWS])
def test_a_row_that_says_what_holds_has_a_test_that_quotes_it(row):
    assert row["tests"] or not row.get("holds"), f"{place(row)} holds something, and no test quotes it"


@pytest.mark.parametrize("row", PROVED)
def test_a_test_of_a_claim_quotes_what_the_source_says(row):
    where = f"{row['tests'][0].uri}:{row['tests'][0].line}"
    assert any(p.says for p in row["tests"]), f"{where}: @claim {row['id']} does not quote what its row says"


@pytest.mark.parametrize("uri", [f"tests/snippets/test_{post.key}.py" for _, post in HOUSE.posts.good()])
def test_a_test_quotes_only_claims_that_it_is_marked_with(uri):
    for test, quoted in quotes(uri).items():
        for name, _ in quoted:
            marked = [p.test for p in HOUSE.claims[name]["tests"] if p.uri == uri]
            assert test in marked, f'{uri}: {test} quotes {name}, and no @claim("{name}", …) stands above it'


@pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in ROWS])
def test_a_row_whose_claim_is_marked_names_the_passage_in_words_that_stand_there_once(row):
    text = HOUSE.posts[row["post"]].text
    marked = any(row["id"] == m["id"] for m in marks_in(text)) or [*passages(text, row["id"])]
    assert not marked or text.count(row.get("at", "")) == 1, f"{row['id']} needs `at`, words that stand once"


def test_a_changed_word_or_number_of_a_row_is_told_with_the_row():
    with pytest.raises(
        AssertionError, match=r"S4-37 quotes 'Exactly 1'; claims/one-email.toml:\d+ reads 'Exactly"
    ):
        holds("S4-37", "Exactly 1")


def test_marks_leave_a_test_a_test_and_are_kept_in_their_order():
    def test_something():
        return 7

    marked = claim("S4-01", "wrong")(claim("S4-02", "confirmed", "It is.")(test_something))
    assert marked is test_something
    assert marked.claims == [("S4-01", "wrong", ""), ("S4-02", "confirmed", "It is.")]


TEXT = """
Blue is one [[S0-01]] and red another [[S0-02]] [[S0-03]].

- Green is a third [[S0-04]],
- and black no colour [[S0-05]].

/// claim | S0-06 S0-07
White is all of them.

It is a mixture.
///

/// claim | S0-08
Grey is both.
///
"""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("S0-01", "Blue is one"),
        ("S0-02", "red another"),
        ("S0-03", "red another"),
        ("S0-04", "Green is a third"),
        ("S0-05", "black no colour"),
        ("S0-06", "White is all"),
        ("S0-07", "It is a mixture"),
        ("S0-08", "Grey is both"),
    ],
)
def test_words_are_settled_by_the_next_mark_or_by_the_head_of_their_box(name, words):
    settled = [f"S0-0{i}" for i in range(1, 9) if any(words in p for p in passages(TEXT, f"S0-0{i}"))]
    assert name in settled
    assert len(settled) == 2 if name in ("S0-02", "S0-03", "S0-06", "S0-07") else settled == [name]


# ---- references ---------------------------------------------------------------------------------------------------

WORK = {"authors": "A. Ada, B. Babbage", "year": 1900, "title": "T", "where": "W", "about": ["cogs"]}


@pytest.mark.parametrize(
    ("authors", "key", "short"),
    [
        ("\u00c9. Cart\u00e9s", "cartes1900", "Cart\u00e9s 1900"),
        ("A. Ada and B. Bab", "ada1900", "Ada & Bab 1900"),
        ("A. Ada, B. Bab, C. D. Cox", "ada1900b", "Ada, Bab & Cox 1900"),
        ("A. Ada, B. Bab, C. Cox, D. Doe", "ada1900", "Ada et al. 1900"),
        ("NumPy tutorials contributors", "numpytutorials1900", "NumPy tutorials 1900"),
    ],
)
def test_a_work_is_called_by_its_authors_and_its_year(authors, key, short):
    assert references.entry(key, WORK | {"authors": authors})["short"] == short


@pytest.mark.parametrize(
    ("key", "change", "cause"),
    [
        ("ada1901", {}, r"\[ada1901\] has the first author 'Ada', year 1900: its key is 'ada1900'"),
        ("bela1900", {}, r"\[bela1900\] has the first author 'Ada'"),
        ("ada1900", {"year": 1901}, r"\[ada1900\] has the first author 'Ada', year 1901"),
        ("ada1900", {"about": []}, r"\[ada1900\] lacks about"),
    ],
)
def test_a_work_whose_key_authors_and_year_disagree_is_named(key, change, cause):
    with pytest.raises(SiteError, match=r"claims/literature\.toml: " + cause):
        references.entry(key, WORK | change)


def test_the_short_form_is_not_stored():
    stored = tomllib.loads((ROOT / "claims" / "literature.toml").read_text(encoding="utf-8"))
    assert [key for key, held in stored.items() if "short" in held] == []
    assert len(stored) == len(LITERATURE)


def test_every_work_and_nothing_else_has_a_second_entry():
    assert SECOND.keys() == LITERATURE.keys(), (
        "add the work to tests/literature.toml too, or take it out there"
    )


@pytest.mark.parametrize("key", LITERATURE)
def test_a_work_is_what_its_second_entry_says(key):
    work, again = LITERATURE[key], SECOND[key]
    assert (work["title"], work["where"], work.get("url")) == (
        again["title"],
        again["found"],
        again.get("url"),
    )
    people = [person.split() for person in again.get("authors", [])]
    first = [
        ["-".join(f"{part[0]}." for part in name.split("-")) for name in person[:-1]] for person in people
    ]
    initials = [" ".join([*names, person[-1]]) for names, person in zip(first, people, strict=True)]
    if not work["authors"].endswith(" contributors"):
        assert re.split(r", | and ", work["authors"]) == initials


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Ada made cogs [@ada1900]. So did others.", ["Ada made cogs ."]),
        ("First. As Ada et al. [@ada1900] said.", ["As Ada et al. said."]),
        ("| cogs [@ada1900] | wheels |", [" cogs  "]),
        ("Cogs [@ada1900], and wheels [@bob1900], too.", ["Cogs  ", " and wheels  , too."]),
        ("[@ada1900] on cogs; [@bob1900] on wheels.", ["on cogs;", "on wheels."]),
        ("Cogs [@ada1900] and wheels [@bob1900].", ["Cogs", "and wheels ."]),
        ("- cogs\n- wheels [@ada1900]\n- bolts", ["- wheels  "]),
        ("[[term:cog|Cogs]] by Ada [@ada1900].", ["Cogs by Ada ."]),
        ("`[@ada1900]` is how one cites.", []),
    ],
)
def test_a_citation_has_its_sentence_or_its_part_of_one(text, parts):
    assert [part.split() for _, _, part in references.cited(text)] == [part.split() for part in parts]


def pages():
    return [p for p in sorted(ROOT.glob("docs/**/*.md")) if "[@" in p.read_text(encoding="utf-8")]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_another_work_cited_in_the_place_of_any_is_noticed(page):
    for _, key, part in references.cited(page.read_text(encoding="utf-8")):
        fitting = {other for other, held in LITERATURE.items() if references.is_about(held, part)}
        assert fitting == {key}, (
            f"{page.name}: [@{key}] stands in words that fit {fitting}; use more specific ones"
        )
