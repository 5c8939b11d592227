"""What goes wrong stops the build, and the message names the page and the cause."""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from sitetools import ROOT, SiteError, explorables, ledger, posts, snippets
from sitetools.extension import Serving

GOOD = '--8<-- "snippets/one_email.py:output"\n\nThe value is [[one_email.p|.3f]], see $x^2$ and [[S4-36]].\n'


class Relpath(Treeprocessor):
    """Stands in for the processor through which MkDocs says which page it renders."""

    file = SimpleNamespace(src_uri="series/99-new.md", dest_uri="series/99-new/index.html", content_string="")

    def run(self, root):
        return None


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
        ("![A figure nobody draws.](figure:gone)", "no experiment draws a figure 'gone'"),
        ("/// explorable | gone\nA figure.\n///", "there is no explorable 'gone'"),
        ("/// explorable | network\nA module that is none.\n///", "there is no explorable 'network'"),
        ("/// explorable | one-email\n///", "explorable one-email has no static figure within"),
    ],
)
def test_a_fault_stops_the_page_and_names_it(text, cause):
    with pytest.raises(SiteError, match=r"^series/99-new\.md:\d+: ") as caught:
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
    monkeypatch.setattr(explorables, "named", lambda: {"one-email": ["one_email.x", "one_email.gone"]})
    with pytest.raises(SiteError, match=r"^series/99-new\.md:\d+: .* records no 'gone'"):
        convert("/// explorable | one-email\nA figure.\n///")


def test_while_serving_a_fault_is_shown_in_the_page(monkeypatch, caplog):
    monkeypatch.setattr(Serving, "now", True)
    html = convert("It is [[one_email.gone|.3f]].\n\nThe rest stands.")
    assert 'class="broken"' in html
    assert "records no" in html
    assert "The rest stands." in html
    assert "series/99-new.md" in caplog.text


def module(source):
    return snippets.Module(ROOT / "snippets" / "p99_new.py", source)


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
    with pytest.raises(SiteError, match=r"^snippets/p99_new\.py:\d+: ") as caught:
        _ = module(source).regions
    assert cause in str(caught.value)


def test_printing_outside_a_region_is_an_error():
    from sitetools.record import run

    with pytest.raises(SiteError, match="prints outside any region"):
        run(module("print(1)\n"))


@pytest.mark.parametrize("missing", ["title", "description", "date"])
def test_a_post_without_title_description_or_date_is_an_error(missing, tmp_path, monkeypatch):
    front = {"title": "T", "description": "D", "date": "2026-11-20"}
    del front[missing]
    series = tmp_path / "series"
    series.mkdir()
    head = "\n".join(f"{k}: {v}" for k, v in front.items())
    (series / "01-x.md").write_text(f"---\n{head}\n---\n\n# T\n", encoding="utf-8")
    monkeypatch.setattr(posts, "DOCS", tmp_path)
    with pytest.raises(SiteError, match=rf"series/01-x\.md: a post needs a {missing}"):
        posts.posts()


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ({"verdict": "so-so"}, "has the verdict 'so-so'"),
        ({"proof": ["test:tests/snippets/test_one_email.py::test_gone"]}, "there is no such test"),
        ({"proof": ["hearsay"]}, "has the proof 'hearsay'"),
        ({"holds": "It is 0.77."}, "0.77 typed by hand"),
        ({"post": "98-gone"}, "which does not exist"),
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
    monkeypatch.setattr(posts, "claims", lambda: {"S4-99": good | row})
    with pytest.raises(SiteError, match="S4-99") as caught:
        ledger.table()
    assert cause in str(caught.value)


# For each build: file, what stands there, what takes its place, what the build must say, with its line. What is only a
# warning to MkDocs stops a strict build at its end, so those faults share one.
BROKEN = {
    "a missing region": [
        (
            "docs/series/one-email.md",
            "one_email.py:hidden",
            "one_email.py:gone",
            "series/one-email.md:LINE: [^\\n]*has no region 'gone'",
        )
    ],
    "dead links": [
        (
            "docs/series/one-email.md",
            "(../labs/digits.py)",
            "(../labs/gone.py)",
            "series/one-email.md[^\n]*labs/gone.py",
        ),
        (
            "docs/series/one-email.md",
            "(shapes-and-notation.md)",
            "(shapes-and-notation.md#gone)",
            "series/one-email.md[^\n]*#gone",
        ),
        (
            "docs/labs/digits.py",
            "(../series/one-email.md)",
            "(../series/gone.md)",
            "labs/digits.py[^\n]*series/gone.md",
        ),
    ],
    "a notebook that raises": [
        (
            "docs/labs/digits.py",
            "images, labels = digits()",
            "images, labels = nothing()",
            "labs/digits.py.*nothing",
        )
    ],
    "an explorable that fetches what nobody measured": [
        (
            "docs/widgets/shuffle-pixels/shuffle-pixels.js",
            "// data: shuffle_by_degrees",
            "// data: shuffle_by_degrees.gone",
            "docs/widgets/shuffle-pixels/shuffle-pixels.js: unknown number 'shuffle_by_degrees.gone': there is no 'gone'",
        )
    ],
    "a stale output": [
        (
            "snippets/one_email.py",
            "lr = 0.1",
            "lr = 0.2",
            "has changed since its outputs were recorded; run `make outputs`",
        )
    ],
}


def build_broken(case, project, folder):
    """Break files of a copy of the project, build it strictly, and return the exit status and what was said."""
    shutil.copytree(project, folder)
    for path, old, new, _ in BROKEN[case]:
        file = folder / path
        whole = file.read_text(encoding="utf-8")
        assert old in whole
        file.write_text(whole.replace(old, new, 1), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(folder),
            "NO_MKDOCS_2_WARNING": "1",
            "SITE_CACHE": str(ROOT / ".cache"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, re.sub(r"\x1b\[\d+m", "", done.stderr)


@pytest.fixture(scope="module")
def broken(project, tmp_path_factory):
    """What each broken build came to, two at a time."""
    folder = tmp_path_factory.mktemp("broken")
    with ThreadPoolExecutor(2) as pool:
        running = {c: pool.submit(build_broken, c, project, folder / str(i)) for i, c in enumerate(BROKEN)}
        return {case: run.result() for case, run in running.items()}


@pytest.mark.parametrize("case", BROKEN)
def test_the_build_stops_at_a_broken_page(broken, case):
    status, said = broken[case]
    assert status != 0
    for path, old, _, message in BROKEN[case]:
        line = (ROOT / path).read_text(encoding="utf-8").partition(old)[0].count("\n") + 1
        assert re.search(message.replace("LINE", str(line)), said, re.DOTALL), said[-3000:]
