"""The same commit gives the same bytes, notebooks and figures executed anew, whoever builds."""

import os

from nbformat import v4, writes

from sitetools import ROOT, labs


def test_two_builds_are_byte_identical(site, built_again):
    first = {p.relative_to(site): p.read_bytes() for p in site.rglob("*") if p.is_file()}
    second = {p.relative_to(built_again): p.read_bytes() for p in built_again.rglob("*") if p.is_file()}
    assert first.keys() == second.keys()
    assert [str(name) for name in first if first[name] != second[name]] == []


def test_what_a_cell_of_a_lab_prints_is_one_text_however_many_pieces_it_came_in():
    pages = set()
    for pieces in (
        ["loss 0.5\n", "accuracy 1\n"],
        ["loss 0.5\naccur", "acy 1\n"],
        ["loss 0.5\naccuracy 1\n"],
    ):
        outputs = [v4.new_output("stream", name="stdout", text=text) for text in pieces]
        cell = v4.new_code_cell("print()", outputs=outputs, id="c")
        pages.add(repr(labs.as_markdown(writes(v4.new_notebook(cells=[cell])))))
    (page,) = pages
    assert page.count('class="output"') == 1


def test_a_damaged_notebook_in_the_cache_is_made_anew(tmp_path):
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text('{"content": "whole"}')
    labs.seal(tmp_path)
    (tmp_path / "b.json").write_text('{"content": "who')
    (tmp_path / "c.json").write_text("{}")
    labs.check(tmp_path)
    assert [p.name for p in tmp_path.glob("*.json")] == ["a.json"]


def test_nothing_of_the_person_who_builds_reaches_a_kernel(monkeypatch):
    for name in ("MPLBACKEND", "PYTHONSTARTUP", "IPYTHONDIR", "MATPLOTLIBRC", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(name, "mine")
    labs.prepare({}, ROOT)
    assert "MPLBACKEND" not in os.environ
    assert "PYTHONSTARTUP" not in os.environ
    assert "mine" not in (
        os.environ["IPYTHONDIR"],
        os.environ["MATPLOTLIBRC"],
        os.environ["JUPYTER_CONFIG_DIR"],
    )
