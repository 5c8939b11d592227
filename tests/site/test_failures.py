"""What goes wrong stops the build, and the message names the page, the line and the cause."""

import re
import shutil
from types import SimpleNamespace

import pytest
from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from sitetools import ROOT, SiteError, house, labs
from sitetools.modules import Module
from sitetools.page import Build, Builds
from tests.site.small_house import SMALL, build, change, copied

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


def test_a_post_whose_heading_is_not_its_title_is_an_error(tmp_path):
    (tmp_path / "docs" / "series").mkdir(parents=True)
    front = "---\ntitle: T\ndescription: D\ndate: 2026-11-20\n---\n\n"
    (tmp_path / "docs/series/x.md").write_text(front + "# Another\n", encoding="utf-8")
    with pytest.raises(SiteError, match=r"series/x\.md:1: the title is 'T', and the heading 'Another'"):
        house.read_post(tmp_path, "x", 1)


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
        (
            "Cats purr [@bishop2006].",
            "[@bishop2006] stands in a sentence that names none of its authors or topics",
        ),
        ("Bishop says so. Cats purr [@bishop2006].", "[@bishop2006] stands in a sentence that names none"),
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
        ("See [[ref:exercise.gone]].", "there is no exercise 'gone' here; this page has none"),
        (
            "A sender of [[given.gone]].",
            "'given.gone' needs `value` and `why` under given: in the front matter",
        ),
        ("So $1 + 1 = 3$.", "$1 + 1 = 3$ does not hold: 2 and 3"),
        ("[[figure:gone]]", "no module of figures/ has 'gone' in its WORDS"),
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
    html = convert(
        "See [[ref:part.backpropagation]] and then [[ref:part.overfitting]]. [[ref:Part.one-email]]."
    )
    assert 'See <a href="backpropagation.md">part 5</a> and then part 10. ' in html
    assert '<a href="one-email.md">Part 3</a>.' in html


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
    ("old", "new", "lacks"),
    [
        ("have: ", "has: ", "have"),
        ("need: ", "needs: ", "need"),
        ("exercises: 1\n", "", "exercises"),
        ("exercises: 1", "exercises: an hour", "exercises"),
        ("exercises: 1", "exercises: 0", "exercises"),
        ("have: A sum", "had: A sum", "have"),
    ],
)
def test_a_box_that_is_not_whole_names_what_it_lacks(tmp_path, old, new, lacks):
    folder = tmp_path / "house"
    shutil.copytree(SMALL, folder)
    change(folder, "docs/series/a-sum.md", old, new)
    (said,) = [s for s in house.read(folder).errors() if "series/a-sum.md:1" in s]
    assert f"the box under the title lacks {lacks}: " in said


def test_a_post_without_any_line_of_a_box_has_none(tmp_path):
    folder = tmp_path / "house"
    shutil.copytree(SMALL, folder)
    for key in ("have", "need", "exercises"):
        change(folder, "docs/series/a-sum.md", f"{key}: ", f"{key}_not: ")
    assert house.read(folder).posts["a-sum"].opening == []


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ({"verdict": "so-so"}, "has the verdict 'so-so'"),
        ({"proof": ["test:tests/snippets/test_one_email.py::test_gone"]}, "or @claim above a test"),
        ({"proof": ["cite:bishop2006"]}, "cites bishop2006, and names none of its authors or topics (Bishop"),
        ({"proof": ["read:The output; The input"]}, "is to be read at 'The input'"),
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
        "line": 1,
        "tests": [],
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
    (
        "docs/series/a-sum.md",
        "part.a-product]] gives",
        "part.a-gift]] gives",
        "series/a-sum.md:LINE: there is no",
    ),
    ("docs/index.md", "Part.a-product", "Part.a-quotient", "index.md:LINE: there is no part 'a-quotient'"),
    ("docs/widgets/adder/adder.js", "a_sum.y", "a_sum.z", "series/a-sum.md:[0-9]+: .*records no 'z'"),
    ("claims/a-sum.toml", "says = ", "say = ", "claims/a-sum.toml:2: the row S0-01 lacks says"),
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
    assert said.count("claims/literature.toml: ") == 1


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
        ("docs/series/a-sum.md", "To count", "To count to 1.5", r"series/a-sum\.md:7: typed by hand: 1\.5"),
        (
            "mkdocs.yml",
            "from: a-sum",
            "from: a-gift",
            "the half 'Sums' begins with 'a-gift', which is no part",
        ),
        ("mkdocs.yml", "after: a-sum", "after: gone", "'a-product' is planned after 'gone'"),
    ],
)
def test_each_fault_alone_stops_a_strict_build(tmp_path, uri, old, new, message):
    folder = copied(tmp_path / "house")
    change(folder, uri, old, new)
    status, said = build(folder)
    assert status != 0
    assert re.search(message, said, re.DOTALL), said[-4000:]


TESTS, ROWS, POST = "tests/snippets/test_a_sum.py", "claims/a-sum.toml", "docs/series/a-sum.md"
MARKED = '@claim("S0-01", "wrong", "The sum is one.")\n'
WORKS = "claims/literature.toml"


@pytest.mark.parametrize(
    ("uri", "old", "new", "message"),
    [
        (TESTS, "S0-01", "S0-09", f"{TESTS}:4: @claim S0-09 has no row; add one"),
        (TESTS, '"wrong"', '"confirmed"', f"{TESTS}:4: @claim S0-01 says 'confirmed', {ROWS}:2 says 'wrong'"),
        (ROWS, '"wrong"', '"confirmed"', f"{TESTS}:4: @claim S0-01 says 'wrong', {ROWS}:2 says 'confirmed'"),
        (ROWS, "sum is one", "sum is two", f"{TESTS}:4: @claim S0-01 says 'The sum is one.', {ROWS}:2 says"),
        (TESTS, MARKED, "", f"{ROWS}:2: S0-01 is wrong, and no test and no citation proves it; put @claim"),
        (TESTS, '"wrong"', "WRONG", f"{TESTS}:4: claim('S0-01', WRONG, 'The sum is one.') above"),
        (TESTS, "def test_", "def ", f"{TESTS}:4: claim('S0-01', 'wrong', 'The sum is one.') above"),
        (TESTS, "assert", "assert =", f"{TESTS}:6: "),
        (POST, "is more", "is less", f"{ROWS}:2: S0-01 is settled at 'Claimed is more', which series/a-sum"),
        (
            POST,
            "more [[",
            "more.\n\nLess [[",
            f"{ROWS}:2: S0-01 is settled at 'Claimed is more' in series/a-sum",
        ),
        (POST, "more [[", "more [[S0-03]], less [[", f"{ROWS}:2: S0-01 is settled at 'Claimed is more' in"),
        (WORKS, "about", "on", f"{WORKS}: [gauss1801] lacks about"),
        (
            WORKS,
            "year = 1801",
            "year = 1802",
            f"{WORKS}: [gauss1801] has the first author 'Gauss', year 1802",
        ),
        (WORKS, "Gauss", "Euler", f"{WORKS}: [gauss1801] has the first author 'Euler', year 1801"),
    ],
)
def test_rows_tests_marks_and_references_that_disagree_are_told(tmp_path, uri, old, new, message):
    folder = tmp_path / "house"
    shutil.copytree(SMALL, folder)
    assert house.read(folder).errors() == []
    change(folder, uri, old, new)
    assert house.read(folder).errors()[0].startswith(message)


@pytest.mark.parametrize(
    ("uri", "text"),
    [
        ("snippets/broken.py", "x = (\n"),
        ("experiments/results/broken.json", "{"),
        ("claims/broken.toml", "[[claim]\n"),
    ],
)
def test_what_cannot_be_read_is_told_once_though_no_page_shows_it(tmp_path, uri, text):
    folder = tmp_path / "house"
    shutil.copytree(SMALL, folder)
    (folder / uri).write_text(text)
    said = house.read(folder).errors()
    assert said[0].startswith(f"{uri}:1") or said[0].startswith(f"{uri}: Expected")
    assert len({*said}) == len(said)


@pytest.mark.parametrize(
    ("verdict", "proof", "enough"),
    [
        ("wrong", "read:x", False),
        ("wrong", "cite:gauss1801", True),
        ("definition", "read:x", True),
    ],
)
def test_a_passage_to_read_proves_a_definition_and_no_other_verdict(tmp_path, verdict, proof, enough):
    folder = tmp_path / "house"
    shutil.copytree(SMALL, folder)
    change(folder, TESTS, MARKED, "")
    change(folder, ROWS, 'verdict = "wrong"', f'verdict = "{verdict}"\nproof = ["{proof}"]')
    said = house.read(folder).errors()
    assert [f"{ROWS}:2: S0-01 is wrong, and no test and no citation" in line for line in said] == [True] * (
        not enough
    )


def test_a_claim_that_only_the_tests_of_another_post_prove_is_told(tmp_path):
    folder = tmp_path / "house"
    shutil.copytree(SMALL, folder)
    (folder / ROWS).rename(folder / "claims" / "a-product.toml")
    (folder / ROWS).write_text(
        '[[claim]]\nid = "S0-03"\nsays = "x"\nverdict = "definition"\nproof = ["read:x"]\n'
    )
    cause = (
        f"claims/a-product.toml:2: S0-01 is proved in the tests of another post alone ({TESTS}:4); put @claim"
    )
    (said,) = house.read(folder).errors()
    assert said.startswith(cause)
    assert "above the test in tests/snippets/test_a_product.py" in said
