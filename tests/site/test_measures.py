"""The texts of the posts keep their limits; and what measures them finds sentences, figures, formulas and numbers."""

import re

import pytest

from sitetools import ROOT
from sitetools.house import Post, read
from sitetools.reading import Paragraph
from tests.site import measures
from tests.site.measures import Measures, body, measured, sentences, words

HOUSE = read(ROOT)
LONGEST = 40  # words of a sentence


def beyond(m):
    """What of a post is beyond the limits."""
    found = [f"{len(words(s))} words, at most {LONGEST}: {s}" for s in m.sentences if len(words(s)) > LONGEST]
    if m.formula is not None and (m.figure is None or m.figure > m.formula):
        when = "none" if m.figure is None else f"the first behind {m.figure} words"
        found.append(
            f"a formula is displayed behind {m.formula} words, before any figure or explorable ({when})"
        )
    return [f"docs/series/{m.topic}.md: {cause}" for cause in found]


def test_sentences_are_short_enough_and_a_figure_comes_before_the_first_displayed_formula():
    found = [cause for topic in HOUSE.posts for cause in beyond(measured(HOUSE, topic))]
    assert not found, "\n".join(["beyond the limits:", *found])


@pytest.mark.parametrize(
    ("long", "figure", "formula", "n"),
    [(40, 3, 4, 0), (41, 3, 4, 1), (40, 5, 4, 1), (40, None, 4, 1), (40, None, None, 0), (40, 4, 4, 0)],
)
def test_what_is_beyond_the_limits_is_named(long, figure, formula, n):
    found = beyond(Measures("one-email", 0, (" ".join(["word"] * long) + ".",), figure, formula, None))
    assert len(found) == n
    assert all(cause.startswith("docs/series/one-email.md: ") for cause in found)


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("One. Two? Three! Four…", 4),
        ("It is 0.5. Then 1.5 of it.", 2),
        ("Small, i.e. Tiny. And e.g. Ten of them.", 2),
        ("Papert et al. 1969 say so. See Fig. 2 of it.", 2),
        ("By M. Minsky. It ends.", 2),
        ("“Why?” asks nobody. (It is so.) “Yes.” Good.", 4),
        ("They end here.” Then goes on.", 2),
        ("The value of np.max is one.", 1),
    ],
)
def test_sentences_end_where_they_end(text, n):
    assert len(sentences(text)) == n


@pytest.mark.parametrize(
    ("texts", "read"),
    [
        (["The loss is", r"$\ell = 1. B$", "where all is small."], ["The loss is where all is small."]),
        (["A step gives", "so it rises.", "Then on."], ["A step gives so it rises.", "Then on."]),
        (["Here it is:", "and this is new."], ["Here it is:", "and this is new."]),
        (["## A heading", "| a | b |", "- an item", "2. another", "A text."], ["A text."]),
        (["With $a. B$ and `x. Y` it is."], ["With Formula and Code it is."]),
    ],
)
def test_the_body_is_what_is_read_in_sentences(texts, read):
    assert body([Paragraph(text, whole=False) for text in texts]) == read


def test_captions_and_titles_are_no_sentences_of_the_body():
    assert body([Paragraph("A caption.", whole=True), Paragraph("A text.", whole=False)]) == ["A text."]


def test_places_are_counted_in_the_words_before_them(monkeypatch):
    text = (
        "# One two\n\nIn [[ref:part.one-email]] we see it.\n\n![An alt 1 text.](figure:thumb-line)\n\n"
        "Now $x^2$ and\n\n$$ a = b $$ {: #eq-a }\n\nare 7 words.\n"
    )
    front = {key: HOUSE.posts["one-email"].meta[key] for key in ("title", "description")}
    post = Post("one-email", 3, front, text)
    monkeypatch.setitem(HOUSE.posts, "one-email", post)
    found = measured(HOUSE, "one-email")
    assert found.sentences == ("In part 3 we see it.", "Now Formula and are 7 words.")
    assert (found.figure, found.formula, found.number, found.words) == (6, 9, 9, 11)


def test_the_table_has_a_row_for_each_post_and_columns_of_one_width(capsys):
    measures.main()
    head, *rows = capsys.readouterr().out.partition("\n\n")[0].splitlines()
    assert head.split() == measures.HEAD
    assert [row.split()[0] for row in rows] == list(HOUSE.posts)
    assert len({len(row.rstrip()) for row in [head, *rows]}) == 1
    assert all(re.fullmatch(r"[a-z-]+( +(\d+|–|[\d.]+|\d+%)){8}", row) for row in rows)
