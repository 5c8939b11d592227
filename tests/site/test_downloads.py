"""The code of each post to take away: complete, runnable as a program and as a notebook, and readable by a stranger."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel

from sitetools import ROOT, downloads
from sitetools.house import Post, read
from sitetools.modules import Module
from tests.site.alone import run

HOUSE = read(ROOT)
POSTS = HOUSE.posts
LOADED = "\nimport sys\nprint(*[m for m in ('numpy', 'scratchmlp', 'sklearn') if m in sys.modules])\n"


def module_of(stem):
    """The snippet module that bears the topic of a post."""
    return HOUSE.modules[stem.replace("-", "_")]


def printed_on_the_page(stem):
    """The recorded outputs of a module's regions, in its order."""
    outputs = HOUSE.records[stem.replace("-", "_")].outputs
    return "".join(outputs.get(name, "") for name in module_of(stem).regions)


def cells_of(program):
    """The cells of a program as (is text, lines), read without the library that makes the notebooks."""
    heads = re.findall(r"^# %%.*$", program, re.M)
    bodies = re.split(r"^# %%.*\n", program, flags=re.M)[1:]
    return [("[markdown]" in h, b.strip("\n").split("\n")) for h, b in zip(heads, bodies, strict=True)]


def execute(client, book):
    """What a notebook shows when its cells are run in an emptied kernel; anything but printed text by its kind."""
    shown = []

    def hear(message):
        kind, content = message["msg_type"], message["content"]
        if kind not in ("status", "execute_input"):
            shown.append(content["text"] if content.get("name") == "stdout" else f"[{kind}]")

    client.execute_interactive("%reset -f", silent=True, timeout=60)
    for cell in book.cells:
        if cell.cell_type == "code":
            client.execute_interactive(cell.source, output_hook=hear, timeout=60)
    return "".join(shown)


@pytest.fixture(scope="module")
def programs(site):
    """The program of each post, as the site serves it."""
    return {stem: (site / "series" / f"{stem}.py").read_text(encoding="utf-8") for stem in POSTS}


@pytest.fixture(scope="module")
def books(site):
    """The notebook of each post, as the site serves it."""
    return {stem: nbformat.read(site / "series" / f"{stem}.ipynb", as_version=4) for stem in POSTS}


@pytest.fixture(scope="module")
def shown(programs, books, tmp_path_factory):
    """What each program prints, and what each notebook shows: all in one kernel, emptied in between."""
    folder = tmp_path_factory.mktemp("downloads")
    (folder / "kernel").mkdir()
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(folder / "kernel"))
    try:
        with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
            printed = {s: pool.submit(run, programs[s] + LOADED, folder / s) for s in POSTS}
            executed = {s: execute(client, deepcopy(books[s])) for s in POSTS}
            return {s: (printed[s].result(), executed[s]) for s in POSTS}
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_every_post_offers_its_code_as_program_and_as_notebook(posts, site):
    assert {path.split("/")[1] for path in posts} == set(POSTS)
    for path, page in posts.items():
        links = page.select(".post-facts a[download]")
        stem = path.split("/")[1]
        assert [a["href"].rpartition("/")[2] for a in links] == [f"{stem}.py", f"{stem}.ipynb"]
        assert all((site / path).parent.joinpath(a["href"]).resolve().is_file() for a in links), path
        assert all(a.get_text() in a["aria-label"] for a in links), path


@pytest.mark.parametrize("stem", POSTS)
def test_a_program_runs_alone_and_prints_what_the_page_shows(shown, stem):
    printed, _, loaded = shown[stem][0].rstrip("\n").rpartition("\n")
    assert printed + "\n" == printed_on_the_page(stem), loaded


@pytest.mark.parametrize("stem", POSTS)
def test_a_notebook_runs_and_shows_what_the_page_shows(shown, stem):
    assert shown[stem][1] == printed_on_the_page(stem)


def test_a_program_says_what_it_needs(shown, programs):
    for stem, program in programs.items():
        needs = "".join(re.findall(r"^# - .*", program, re.M))
        named = [n for n in ("NumPy", "scratchmlp", "scikit-learn") if n in needs]
        loaded = shown[stem][0].rstrip("\n").rpartition("\n")[2].split()
        assert [n.lower().replace("scikit-", "sk") for n in named] == loaded, stem


def test_a_program_says_what_it_is_and_what_may_be_done_with_it(programs):
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'requires-python = ">=3.11"' in project
    assert '"numpy>=2.0"' in project
    licence, _, holder = (ROOT / "LICENSE").read_text(encoding="utf-8").split("\n")[:3]
    for stem, program in programs.items():
        head = " ".join(program.split("\n# %%\n")[0].replace("\n#", "").split())
        assert f"# {POSTS[stem].meta['title']} " in head
        assert f"/series/{stem}/>" in head
        assert "Python 3.11 or later, NumPy 2.0 or later" in head
        assert licence.lower().replace("license", "licence") in head.lower()
        assert holder in head


def test_a_program_holds_every_line_of_its_module_in_order(programs):
    for stem, program in programs.items():
        module = module_of(stem)
        docstring = module.tree.body[0].end_lineno
        lines = [line for line in module.lines[docstring:] if line and not line.startswith("# --8<--")]
        held = [line for is_text, cell in cells_of(program) if not is_text for line in cell]
        assert [line for line in held if line and line != downloads.QUOTED] == lines, stem


def test_each_region_is_a_cell_and_what_stands_between_says_why_it_is_there(programs):
    for stem, program in programs.items():
        module = module_of(stem)
        code = ["\n".join(cell) for is_text, cell in cells_of(program) if not is_text]
        regions = [module.code(r) for r in module.regions.values()]
        assert [c for c in code if c in regions] == regions, stem
        imports, *others = [c for c in code if c not in regions]
        assert re.match(r"import |from ", imports), stem
        assert all(c.startswith(downloads.QUOTED) for c in others), stem


def test_each_cell_stands_under_the_heading_under_which_its_page_shows_it(programs, posts):
    for stem, program in programs.items():
        page, module = posts[f"series/{stem}/index.html"], module_of(stem)
        expected = {}
        for figure in page.select(f'figure.snippet[data-source="{module.uri}"]'):
            exercise = figure.find_parent("section", class_="exercise")
            heading = figure.find_previous(["h1", "h2", "h3"]).get_text().removesuffix("¶")
            if exercise:
                heading = f"Exercise {page.select('section.exercise').index(exercise) + 1}"
            expected[module.code(module.region(figure["data-region"]))] = heading
        heading, seen = "", []
        for is_text, cell in cells_of(program):
            if is_text:
                heading = cell[-1 if seen else 0].lstrip("# ").removesuffix(" (continued)")  # first the title
                seen.append(cell)
            elif "\n".join(cell) in expected:
                assert heading == expected["\n".join(cell)], stem
        told = [line for cell in seen for line in cell if line != "#" and not line.endswith("(continued)")]
        assert len(told) == len(set(told)), stem
        assert ("# ## Answers" in told) == any("Exercise" in place for place in expected.values()), stem


def test_a_notebook_is_valid_holds_no_outputs_and_the_cells_of_its_program(programs, books):
    for stem, book in books.items():
        nbformat.validate(book)
        assert not [c for c in book.cells if c.get("outputs") or c.get("execution_count")], stem
        assert [c.id for c in book.cells] == [f"cell-{i}" for i in range(1, len(book.cells) + 1)]
        cells = cells_of(programs[stem])
        assert [c.cell_type == "markdown" for c in book.cells] == [is_text for is_text, _ in cells]
        for cell, (is_text, lines) in zip(book.cells, cells, strict=True):
            assert cell.source == "\n".join(re.sub(r"^# ?", "", s) if is_text else s for s in lines), stem


def test_nothing_of_the_workshop_is_left_in_a_download(programs):
    for stem, program in programs.items():
        assert not re.search(r"--8<--|noqa|fmt: |type: ignore|pragma|mypy|ruff", program), stem
        text = "\n".join(line for is_text, cell in cells_of(program) if is_text for line in cell)
        assert not re.search(r"\[\[|\[@|\{:|/// ", text), stem


def made(text, *, line=None, site_url=None):
    """The program of an invented post, whose module is given."""
    post = Post("new", 98, {"title": "T", "description": "D"}, text)
    source = """# --8<-- [start:a]
from scratchmlp import losses
# --8<-- [end:a]
# --8<-- [start:b]
def f():
    return 1
# --8<-- [end:b]
x = f()
# --8<-- [start:c]
y = 2
# --8<-- [end:c]
# --8<-- [start:d]
z = 3
# --8<-- [end:d]
"""
    module = Module("snippets/new.py", source)
    return downloads.program(post, module, f"{site_url or ''}series/new/", line)


def shows(region):
    return f'--8<-- "snippets/new.py:{region}"\n\n'


def test_a_long_word_such_as_an_address_stays_whole():
    word = "w" * 100
    assert word in made(f"# T\n\n## {word}\n\n{shows('a')}").replace("# ", "")


def test_cells_follow_the_module_and_headings_follow_the_cells():
    text = f"# T\n\n## One {{: #one }}\n\n{shows('a')}{shows('c')}### Deeper\n\n{shows('b')}## Two\n\n"
    text += "```text\n## No heading\n```\n\n" + shows("d")
    assert (
        made(text).split("authors.\n")[1]
        == """
# %% [markdown]
# ## One

# %%
from scratchmlp import losses

# %% [markdown]
# ### Deeper


# %%
def f():
    return 1


# %%
# Values that the page quotes
x = f()

# %% [markdown]
# ## One (continued)

# %%
y = 2

# %% [markdown]
# ## Two

# %%
z = 3
"""
    )


def test_code_of_exercises_stands_under_their_numbers():
    text = f"## Q\n\n{shows('a')}/// exercise\nIt?\n\n//// answer\n{shows('b')}////\n///\n\n"
    text += f"/// exercise\nOr it?\n\n{shows('c')}//// answer\nNo.\n////\n///\n\n{shows('d')}"
    texts = [cell for is_text, cell in cells_of(made(text)) if is_text][1:]
    assert texts == [
        ["# ## Q"],
        ["# ## Answers", "#", "# ### Exercise 1"],
        ["# ### Exercise 2"],
        ["# ## Q (continued)"],
    ]


def test_a_program_says_where_the_package_comes_from():
    here = made("")
    assert "<series/new/>" in here
    assert "`pip install .`" in here
    line = "pip install numpy https://mlp.example/wheels/scratchmlp-1.0-py3-none-any.whl"
    there = made("", line=line, site_url="https://mlp.example/")
    assert "<https://mlp.example/series/new/>" in there
    assert f"`scratchmlp`, the package of the project: `{line}`" in there


def test_a_lab_that_is_taken_away_leads_back_to_the_site(site):
    for lab in (site / "labs").glob("*.ipynb"):
        text = "".join(c.source for c in nbformat.read(lab, as_version=4).cells if c.cell_type == "markdown")
        links = re.findall(r"\]\(([^)]+)\)", text)
        assert links
        assert all(link.startswith("http") for link in links), lab.name
        ours = [link for link in links if link.startswith("http://127.0.0.1:8000/")]
        assert ours
        for link in ours:
            path = link.removeprefix("http://127.0.0.1:8000/").partition("#")[0]
            assert (site / path).exists(), f"{lab.name}: {link}"
        assert "[[" not in text
        assert "`pip install numpy http://127.0.0.1:8000/wheels/" in text
