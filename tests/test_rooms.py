"""Which room knows which: no circle of imports, no name used twice, nothing opened from where it should not be."""

import re
from graphlib import TopologicalSorter

import pytest

from tests.test_imports import ROOT, imported, importers_of, outside, sources, top


def graph(package):
    """Which modules of a package each module imports when it runs."""
    found = {}
    for path in sources(package):
        if path.parent == ROOT / package:
            names = imported(path.read_text(encoding="utf-8"), package)
            found[path.stem] = {n.split(".")[1] for n in names if n.startswith(f"{package}.")} - {path.stem}
    return {name: {n for n in others if n in found} for name, others in found.items()}


@pytest.mark.parametrize("package", ["scratchmlp", "sitetools"])
def test_no_module_imports_itself_by_a_detour(package):
    order = list(TopologicalSorter(graph(package)).static_order())
    assert len(order) > 10


def test_no_module_of_the_package_has_the_name_of_one_of_the_machinery():
    assert graph("scratchmlp").keys() & graph("sitetools").keys() == {"__init__"}


def test_the_machinery_imports_no_room():
    rooms = {"scratchmlp", "snippets", "experiments", "figures", "benchmarks", "mutants", "tests"}
    for path in sources("sitetools"):
        assert not top(imported(path.read_text(encoding="utf-8"))) & rooms, path.name


# In the order in which text meets them: each may import those before it, and no others.
WAY = ["typeset", "marks", "modules", "slicing", "references", "proofs", "terms", "house", "facts"]
WAY += ["page", "blocks", "extension", "hooks"]


def test_text_meets_the_machinery_in_one_order():
    imports = graph("sitetools")
    for i, name in enumerate(WAY):
        assert not imports[name] & set(WAY[i:]), f"{name} imports what comes after it"


def test_only_the_house_opens_the_rooms_for_a_page():
    """What makes HTML of text reads no file: it asks the house."""
    for name in (
        "marks",
        "modules",
        "slicing",
        "references",
        "proofs",
        "terms",
        "facts",
        "page",
        "blocks",
        "extension",
        "ledger",
        "explorables",
    ):
        source = (ROOT / "sitetools" / f"{name}.py").read_text(encoding="utf-8")
        assert "read_text" not in source, name
        assert "read_bytes" not in source, name
        assert ".glob(" not in source, name


def test_html_is_written_in_templates():
    """Python fills in values. What blocks need is made as elements, by name."""
    for name in (
        "marks",
        "page",
        "ledger",
        "facts",
        "labs",
        "sourcepages",
        "typeset",
        "extension",
        "blocks",
        "hooks",
    ):
        source = (ROOT / "sitetools" / f"{name}.py").read_text(encoding="utf-8")
        assert not re.findall(r"<(?:span|div|a|td|tr|p|li|figure|img)\b(?! data-cell)[ >]", source), name


def test_the_recorder_and_the_tests_alone_run_snippets():
    assert outside(importers_of("snippets"), "tests/", "sitetools/record.py") == []
