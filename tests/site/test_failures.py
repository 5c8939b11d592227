"""What goes wrong stops the build, and the message names the page, the line and the cause."""

import re
from types import SimpleNamespace

import pytest
from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from sitetools import ROOT, SiteError, house, labs
from sitetools.modules import Module
from sitetools.page import Build, Builds
from tests.site.small_house import build, change, copied

GOOD = '--8<-- "snippets/one_email.py:output"\n\nThe value is [[one_email.p|.3f]], see $x^2$ and [[S4-36]].\n'


class Relpath(Treeprocessor):
    """Stands in for the processor through which MkDocs says which page it renders."""

    file = SimpleNamespace(src_uri="series/new.md", dest_uri="series/new/index.html", content_string="")

    def run(self, root):
        return None


@pytest.fixture(autouse=True)
def a_build_of_our_own(monkeypatch):
    """The house read once, and no build at work that would gather errors."""
    monkeypatch.setattr(Builds, "at_work", Build(HOUSE))


HOUSE = house.read(ROOT)


def convert(text):
    md = Markdown(extensions=["tables", "pymdownx.superfences", "sitetools.extension"])
    md.treeprocessors.register(Relpath(), "relpath", 0)
    return md.convert(text)


def test_a_page_without_a_fault_is_set():
    html = convert(GOOD)
    assert '<figure class="snippet"' in html
    assert "<data" in html
    assert "<math" in html


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('--8<-- "snippets/p77_gone.py:x"', "there is no file snippets/p77_gone.py"),
        ('--8<-- "snippets/one_email.py:gone"', "has no region 'gone'"),
        ('--8<-- "scratchmlp/layers.py:Gone"', "defines no 'Gone'"),
        ('--8<-- "snippets/one_email.py"', "say which region"),
        ("It is [[one_email.gone|.3f]].", "records no 'gone'"),
        ("It is [[one_email.z1.0.7|.3f]].", "there is no '7' in it"),
        ("It is [[nothing.p|.3f]].", "unknown number 'nothing.p'"),
        ("It is [[one_email.p|.3q]].", "cannot be written as '.3q'"),
        ("It is [[one_email.p]].", "say how to write it"),
        ("It is [[lit.nobody1900.x|.1%]].", "unknown reference 'nobody1900'"),
        ("See [@nobody1900].", "unknown reference 'nobody1900'"),
        ("As claimed in [[S9-99]].", "claim S9-99 has no row"),
        ("About 0.77 of them.", "typed by hand: 0.77"),
        ("About 97% of them.", "typed by hand: 97"),
        ("Some 1,797 digits.", "typed by hand: 1,797"),
        ("Among 512 units.", "typed by hand: 512"),
        ("| a | b |\n|---|---|\n| x | 0.125 |\n", "typed by hand: 0.125"),
        ("The size is $x = 784$.", "typed by hand: 784"),
        (r"So $\frac{1}{2$ of it.", "LaTeX that cannot be set"),
        (r"$$ \nosuchcommand{x} $$", "LaTeX that cannot be set"),
        ("![](figure:one-email-census)", "has no alt text"),
        ("![](photo.png)", "has no alt text"),
        ("See [[ref:part.gone]].", "there is no part 'gone'"),
        ("See [[ref:chapter.one-email]].", "a reference is ref:part.<topic>"),
        ("![A figure nobody draws.](figure:gone)", "nothing in figures draws a figure 'gone'"),
        ("/// explorable | gone\nA figure.\n///", "there is no explorable 'gone'"),
        ("/// explorable | network\nA module that is none.\n///", "there is no explorable 'network'"),
        ("/// explorable | one-email\n///", "explorable one-email has no static figure within"),
    ],
)
def test_a_fault_stops_the_page_and_names_it(text, cause):
    with pytest.raises(SiteError, match=r"^series/new\.md:\d+: ") as caught:
        convert(text)
    assert cause in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "In 1958 and 2026.",
        "Rows 1 to 10.",
        "`x = 0.77`",
        "```\n0.77\n```",
        "Claim S4-136 says so.",
        "On 2026-11-20.",
        "MNIST-1D",
        "A [link](https://example.org/1234).",
    ],
)
def test_years_small_integers_code_and_links_may_be_typed(text):
    assert convert(text)


def test_an_explorable_that_asks_for_a_number_nobody_records_stops_the_page(monkeypatch):
    widget = house.Widget(
        "one-email", "docs/widgets/one-email/one-email.js", ("one_email.x", "one_email.gone"), None
    )
    monkeypatch.setitem(HOUSE.widgets, "one-email", widget)
    with pytest.raises(SiteError, match=r"^series/new\.md:\d+: .* records no 'gone'"):
        convert("/// explorable | one-email\nA figure.\n///")


def test_all_faults_of_a_page_are_gathered_and_shown_in_it(monkeypatch):
    gathering = Build(HOUSE, serving=True, collecting=True)
    monkeypatch.setattr(Builds, "at_work", gathering)
    html = convert("It is [[one_email.gone|.3f]] and [[one_email.p]].\n\nThe rest stands.")
    assert html.count('class="broken"') == 2
    assert "The rest stands." in html
    assert [e.partition(": ")[2][:20] for e in gathering.errors] == [
        "snippets/one_email.p",
        "'one_email.p' is a f",
    ]


def test_a_reference_is_the_number_of_the_part():
    assert "part 5 and 4" in convert("part [[ref:part.backpropagation]] and [[ref:part.slopes-and-steps]]")


def module(source):
    return Module("snippets/new.py", source)


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("# --8<-- [start:a]\nx = 1\n", "region 'a' is never closed"),
        ("# --8<-- [start:a]\nx = 1\n# --8<-- [end:a]\n" * 2, "region 'a' is there already"),
        ("# --8<-- [start:a]\n# --8<-- [start:b]\nx = 1\n", "opens inside 'a'"),
        ("x = 1\n# --8<-- [end:a]\n", "was not open"),
        ("# --8<-- [start:a]\n# --8<-- [end:a]\n", "region 'a' is empty"),
        ("# --8<-- [start:a]\nx = [\n# --8<-- [end:a]\n1]\n", "region 'a' is empty"),
        ("# --8<-- [start:a]\ny = 1\nx = [\n# --8<-- [end:a]\n1]\n", "cuts this statement in two"),
        ("# --8<-- [start:a2:b]\nx = 1\n# --8<-- [end:a2:b]\n", "a region's name is a topic"),
        ("# --8<-- start a\nx = 1\n", "not a region marker"),
        ("# --8<-- [start:a]\nx = (\n# --8<-- [end:a]\n", "never closed"),
    ],
)
def test_a_faulty_region_names_its_line(source, cause):
    with pytest.raises(SiteError, match=r"^snippets/new\.py:\d+: ") as caught:
        _ = module(source).regions
    assert cause in str(caught.value)


def test_printing_outside_a_region_is_an_error():
    from sitetools.record import run

    with pytest.raises(SiteError, match="prints outside any region"):
        run(module("print(1)\n"))


@pytest.mark.parametrize("missing", ["title", "description", "date"])
def test_a_post_without_title_description_or_date_is_an_error(missing, tmp_path):
    front = {"title": "T", "description": "D", "date": "2026-11-20"}
    del front[missing]
    (tmp_path / "docs" / "series").mkdir(parents=True)
    head = "\n".join(f"{k}: {v}" for k, v in front.items())
    (tmp_path / "docs/series/x.md").write_text(f"---\n{head}\n---\n\n# T\n", encoding="utf-8")
    with pytest.raises(SiteError, match=rf"series/x\.md:1: a post needs a {missing}"):
        house.read_post(tmp_path, "x", 1)


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ({"verdict": "so-so"}, "has the verdict 'so-so'"),
        ({"proof": ["test:tests/snippets/test_one_email.py::test_gone"]}, "there is no such test"),
        ({"proof": ["hearsay"]}, "has the proof 'hearsay'"),
        ({"holds": "It is 0.77."}, "0.77 typed by hand"),
        ({"post": "gone"}, "which does not exist"),
    ],
)
def test_a_faulty_row_of_the_ledger_names_its_claim(row, cause, monkeypatch):
    good = {
        "id": "S4-99",
        "says": "x",
        "verdict": "wrong",
        "holds": "y",
        "proof": ["read:z"],
        "post": "one-email",
    }
    monkeypatch.setitem(HOUSE.claims, "S4-99", good | row)
    with pytest.raises(SiteError, match="S4-99") as caught:
        convert("[[ledger]]")
    assert cause in str(caught.value)


def test_an_alt_text_without_a_figure_is_an_error():
    cell = {"source": "plot()", "outputs": [], "metadata": {"alt": "Two curves that cross."}}
    with pytest.raises(SiteError, match="cell 3 has an alt text but draws no figure"):
        labs._figure(cell, 3)


# What is put in the place of what, and what the build must say; LINE is where it stood. All in one build.
BROKEN = [
    ("docs/series/a-sum.md", "a_sum.py:add", "a_sum.py:gone", "series/a-sum.md:LINE: .*has no region 'gone'"),
    (
        "docs/series/a-sum.md",
        "[[a_sum.total|.2f]],",
        "[[a_sum.gone|.2f]],",
        "series/a-sum.md:LINE: .*records no 'gone'",
    ),
    (
        "docs/series/a-sum.md",
        "[@gauss1801]",
        "[@gauss1802]",
        "series/a-sum.md:LINE: unknown reference 'gauss1802'",
    ),
    (
        "docs/series/a-sum.md",
        "Claimed is more",
        "Claimed is 1.25",
        r"series/a-sum.md:LINE: typed by hand: 1\.25",
    ),
    ("docs/index.md", "part.a-product", "part.a-quotient", "index.md:LINE: there is no part 'a-quotient'"),
    ("docs/widgets/adder/adder.js", "a_sum.y", "a_sum.z", "series/a-sum.md:[0-9]+: .*records no 'z'"),
    ("claims/a-sum.toml", 'proof = ["test', 'prof = ["test', "claims/a-sum.toml: the row S0-01 lacks proof"),
    ("claims/literature.toml", "year = 1801", "year = ", "claims/literature.toml: "),
    ("docs/labs/add.py", "../series/a-sum.md", "../series/gone.md", "labs/add.py.*series/gone.md"),
    ("docs/series/a-sum.md", "../labs/add.py", "../labs/add.py#gone", "series/a-sum.md.*#gone"),
]


def test_a_build_shows_all_that_is_wrong_with_page_line_and_cause(tmp_path):
    folder = copied(tmp_path / "house")
    lines = [change(folder, uri, old, new) for uri, old, new, _ in BROKEN]
    status, said = build(folder)
    assert status != 0
    for line, (*_, message) in zip(lines, BROKEN, strict=True):
        assert re.search(message.replace("LINE", str(line)), said), f"{message}\n{said[-4000:]}"


@pytest.mark.parametrize(
    ("uri", "old", "new", "message"),
    [
        (
            "snippets/a_sum.py",
            "x = 0.1",
            "x = 0.2",
            "has changed since its outputs were recorded; run `make outputs`",
        ),
        ("docs/labs/add.py", "print(1 + 2)", "print(one + 2)", "labs/add.py.*one"),
        (
            "docs/widgets/adder/adder.js",
            "// values",
            "// data: a_table.gone\n// values",
            "docs/widgets/adder/adder.js: unknown",
        ),
        ("snippets/out/a_sum.json", '"y": 0.25,', '"y": ', "snippets/out/a_sum.json:[0-9]+: not whole JSON"),
        ("mkdocs.yml", "after: a-sum", "after: gone", "'a-product' is planned after 'gone'"),
    ],
)
def test_each_fault_alone_stops_a_strict_build(tmp_path, uri, old, new, message):
    folder = copied(tmp_path / "house")
    change(folder, uri, old, new)
    status, said = build(folder)
    assert status != 0
    assert re.search(message, said, re.DOTALL), said[-4000:]
