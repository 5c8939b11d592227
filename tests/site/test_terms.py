"""The terms: what the glossary holds, where a card is put into a post, and that no post uses a term before its home."""

import re
from functools import partial

import pytest

from sitetools import ROOT, SiteError, house, terms
from sitetools.marks import MARKS, TOKEN
from sitetools.page import Build, Builds
from tests.site import test_failures

HOUSE = house.read(ROOT)
GLOSSARY = HOUSE.terms
FIRST = partial(terms.with_first_uses, glossary=GLOSSARY)


def spoken(m):
    """What stands of a mark where it stands in the text: nothing, but the words of an alt text."""
    start, end = (at - m.start() for at in m.span("alt")) if m.lastgroup == "picture" else (0, 0)
    alt = TOKEN.sub(lambda inner: terms.blank(inner[0]), m[0][start:end])
    return terms.blank(m[0][:start]) + alt + terms.blank(m[0][end:])


def early(whole, topic):
    """What a text of a part uses before its home: where, what, and what is to be done, one message for each term."""
    text = re.sub(r"\A---\n.*?\n---\n", lambda m: terms.blank(m[0]), whole, flags=re.S)
    plain = terms.NO_WORDS.sub(lambda m: terms.blank(m[0]), TOKEN.sub(spoken, text))
    used = [(use.start(), use[0], term) for use, term in GLOSSARY.uses(plain)]
    for m in TOKEN.finditer(text):
        if m.lastgroup == "drawing":  # its words stand beside it, in figures/
            words = TOKEN.sub(" ", " ".join(HOUSE.drawings[m["drawn"]].values()))
            used += [(m.start(), use[0], term) for use, term in GLOSSARY.uses(words)]
    first = {GLOSSARY.of(m["meant"]).name: m.start() for m in [*terms.marks(text)][::-1]}
    messages = []
    for at, words, term in sorted(used, key=lambda use: use[0]):
        home = HOUSE.order[term.home]
        if home > HOUSE.order[topic] and first.get(term.name, len(text)) > at:
            first[term.name] = at
            messages.append(
                f"docs/series/{topic}.md:{text.count(chr(10), 0, at) + 1}: {' '.join(words.split())!r} is explained"
                f" in part {home}, {term.home}: say it in other words, link it here by [[term:{term.name}]],"
                " or explain it here and make this its home in docs/terms.toml"
            )
    return messages


def unexplained(topic):
    """The terms whose home is a post and which it does not mark."""
    marked = terms.marked(HOUSE.posts[topic].text, GLOSSARY)
    return [t.name for t in GLOSSARY.terms.values() if t.home == topic and t.name not in marked]


def test_no_post_uses_a_term_before_its_home():
    texts = {topic: (ROOT / f"docs/series/{topic}.md").read_text(encoding="utf-8") for topic in HOUSE.posts}
    found = [message for topic, whole in texts.items() for message in early(whole, topic)]
    assert not found, "\n".join(["terms before their homes:", *found])


def test_every_term_is_marked_in_its_home():
    found = {topic: names for topic in HOUSE.posts if (names := unexplained(topic))}
    assert not found, "mark each by [[term:…]] where it is explained"


@pytest.mark.parametrize(
    ("text", "line", "term"),
    [
        ("One.\n\nSoon its Gradient\nis known.", 3, "gradient"),
        ("## Which logits?\n", 1, "logit"),
        ("![Two\nepochs.](figure:thumb-line)", 2, "epoch"),
        ("Learning\nrates differ.", 1, "learning rate"),
        ("The gradient, and then the [[term:gradient]].", 1, "gradient"),
        ("---\ntitle: epoch\n---\n\n| a | batch |\n", 5, "batch"),
    ],
)
def test_a_term_before_its_home_is_named_with_its_line(text, line, term):
    (message,) = early(text, "what-is-an-mlp")
    assert message.startswith(f"docs/series/what-is-an-mlp.md:{line}: ")
    assert f"part {HOUSE.order[GLOSSARY.of(term).home]}, " in message
    assert f"[[term:{term}]]" in message


@pytest.mark.parametrize(
    "text",
    [
        "The [[term:gradient]] and again the gradient.",
        "By [[term:gradient|slopes in all directions]]; the gradient.",
        "A weight, a hidden layer and the loss.",  # at home
        "`gradient`, $gradient$ and [a link](../gradient.md).",
        "For example, a row of seats.",  # ordinary words
        "Gradients-like and pregradient.",
        "<!-- gradient -->",
    ],
)
def test_what_is_linked_at_home_or_no_term_may_be_said(text):
    assert early(text, "what-is-an-mlp") == []


def test_words_around_a_term_can_make_it_none():
    assert [t.name for _, t in GLOSSARY.uses("Each unit of reputation, a unit\nvector, and a unit.")] == [
        "unit"
    ]
    assert [t.name for _, t in GLOSSARY.uses("A hidden layer of an MLP.")] == [
        "hidden layer",
        "multilayer perceptron",
    ]


def test_of_two_terms_that_begin_alike_the_longer_is_meant():
    assert [t.name for _, t in GLOSSARY.uses("By gradient descent, by the gradient.")] == [
        "gradient descent",
        "gradient",
    ]


# ---- the file


def test_every_definition_is_one_sentence_of_at_most_25_words_without_numbers():
    for term in GLOSSARY.terms.values():
        assert re.fullmatch(r"[A-Z][^.!?\d]*\.", term.definition), term.name
        assert len(term.definition.split()) <= 25, term.name
        assert term.definition.isprintable(), term.name


def test_no_two_terms_have_one_anchor():
    anchors = [term.anchor for term in GLOSSARY.terms.values()]
    assert len(set(anchors)) == len(anchors) > 50


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ({"definition": "D."}, "lacks home"),
        ({"home": "one-email"}, "lacks definition"),
        ({"definition": "D.", "home": "gone"}, "has the home 'gone', which is no part"),
        ({"definition": "D.", "home": "one-email", "from": ["b"]}, "has 'from', which is none of"),
        ({"definition": "D.", "home": "one-email", "forms": ["A"]}, "is written 'a', and so is 'a'"),
    ],
)
def test_a_faulty_row_is_named_and_left_out(row, cause):
    faults = []
    good = {"definition": "D.", "home": "one-email"}
    found = terms.parsed({"a": good, "b": row}, {"one-email"}, faults)
    assert list(found.terms) == ["a"]
    assert faults == [f"docs/terms.toml: 'b' {faults[0].partition(chr(39) + ' ')[2]}"]
    assert cause in faults[0]


# ---- the marks and the cards


@pytest.fixture
def in_post(monkeypatch):
    """A function that converts a text as the page of a post."""
    monkeypatch.setattr(Builds, "at_work", Build(HOUSE))

    def convert(topic, text):
        here = type("File", (), {"src_uri": f"series/{topic}.md", "dest_uri": f"series/{topic}/index.html"})
        here.content_string = text
        monkeypatch.setattr(test_failures.Relpath, "file", here)
        return test_failures.convert(text)

    return convert


def test_a_term_is_defined_in_its_home_and_linked_with_its_card_elsewhere(in_post):
    assert '<dfn id="term-logit">logits</dfn>' in in_post("one-email", "The [[term:logits]].")
    linked = in_post("what-is-an-mlp", "Its [[term:logit|raw output]].")
    assert 'href="../../glossary/#term-logit"' in linked
    assert f'data-detail="{GLOSSARY.of("logit").definition}"' in linked
    assert ">raw output</a>" in linked


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("The [[term:logitt]].", "there is no term 'logitt' in docs/terms.toml; near are logit"),
        ("A [[term:logit]], the\n[[term:logits]].", "the term 'logit' is explained above"),
    ],
)
def test_a_faulty_mark_of_a_term_stops_the_page(in_post, text, cause):
    with pytest.raises(SiteError, match=r"^series/one-email\.md:\d: ") as caught:
        in_post("one-email", text)
    assert cause in str(caught.value)


def test_the_first_use_in_a_later_post_carries_the_definition_by_itself(in_post):
    html = in_post("backpropagation", "A logit, a logit, the softmax, a kernel.")
    assert re.findall(r'<a class="term"[^>]*>([^<]*)</a>', html) == ["logit"]
    assert "term" not in in_post("one-email", "A logit.")


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("A bias, a bias.", "A [[term:bias|bias]], a bias."),
        ("Biases.", "[[term:bias|Biases]]."),
        ("A *bias*.", "A *[[term:bias|bias]]*."),
        ("# A bias\n\n`bias` $bias$ [bias](a.md)\n| bias |\nbias", None),
        ("/// caption\nA bias.\n///\nbias", None),
        ("/// explorable | x\nA bias.\n///\nbias", None),
        ("![A bias.](x.png)\n<b bias>{: .bias } bias", None),
        ("The [[one_email.bias]], no-bias, biased: bias", None),
        ("A bias, and the [[term:bias]].", "A bias, and the [[term:bias]]."),
    ],
)
def test_a_card_is_put_where_there_is_room_for_it(text, marked):
    at = text.rindex("bias") if marked is None else 0
    assert FIRST(text, known={"bias"}) == (marked or f"{text[:at]}[[term:bias|bias]]")


def test_a_term_over_the_end_of_a_line_is_one(in_post):
    assert FIRST("A hidden\nlayer.", known={"hidden layer"}) == "A [[term:hidden layer|hidden\nlayer]]."
    assert ">hidden layer</a>" in in_post("one-email", "A hidden\nlayer.")


def test_a_term_reads_as_its_wording():
    (m,) = TOKEN.finditer("[[term:logit|raw\noutputs]]")
    assert MARKS["term"].read(m, None) == "raw outputs"
    (m,) = TOKEN.finditer("[[term:logit]]")
    assert MARKS["term"].read(m, None) == "logit"


def test_the_glossary_leads_to_the_place_where_a_term_is_explained(pages):
    page = pages["glossary/index.html"]
    names = [dt.find(string=True).strip() for dt in page.select("dl.glossary dt")]
    assert names == sorted(GLOSSARY.terms, key=str.lower)
    for dt, dd in zip(page.select("dl.glossary dt"), page.select("dl.glossary dd"), strict=True):
        term = GLOSSARY.of(dt.find(string=True).strip())
        home = dd.select_one(".home")
        assert dt["id"] == term.anchor
        assert term.definition in dd.get_text()
        assert home.get_text().endswith(f" part {HOUSE.order[term.home]}")
        marked = term.home in HOUSE.posts and term.name in terms.marked(HOUSE.posts[term.home].text, GLOSSARY)
        told = f"../series/{term.home}/" + (f"#{term.anchor}" if marked else "")
        assert home.get("href") == (told if term.home in HOUSE.posts else None)
