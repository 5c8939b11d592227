"""Who imports whom: read from the syntax trees, so that nothing has to be run."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = (
    "scratchmlp",
    "snippets",
    "experiments",
    "figures",
    "sitetools",
    "docs",
    "tests",
    "benchmarks",
    "mutants",
)

# What each module may import of the package when it runs; imports for types alone do not count.
PACKAGE = {
    "arrays": set(),
    "checks": {"arrays"},
    "initializers": {"arrays", "checks"},
    "activations": {"arrays", "checks"},
    "layers": {"activations", "arrays", "checks", "initializers"},
    "windows": {"arrays", "checks"},
    "pooling": {"arrays", "checks", "layers", "windows"},
    "conv": {"arrays", "checks", "initializers", "layers", "pooling", "windows"},
    "losses": {"activations", "arrays", "checks"},
    "files": {"arrays", "checks"},
    "network": {"activations", "arrays", "borders", "checks", "files", "initializers", "layers", "vectors"},
    "optimizers": {"arrays", "checks"},
    "borders": {"arrays", "checks", "layers", "optimizers"},
    "vectors": {"arrays", "borders", "layers"},
    "training": {"arrays", "borders", "checks", "losses", "network", "optimizers"},
    "checkpoints": {"arrays", "checks", "files", "layers", "network", "optimizers", "training"},
    "counting": {"arrays", "checks", "layers", "network"},
    "gradcheck": {"arrays", "checks", "layers", "losses", "network"},
    "symptoms": {"arrays", "borders", "gradcheck", "layers", "losses", "network", "optimizers", "training"},
    "checkup": {"arrays", "borders", "checks", "losses", "network", "optimizers", "symptoms", "training"},
    "datafiles": {"arrays", "files"},
    "datasets": {"arrays", "checks", "datafiles"},
    "__init__": set(),
}
LAZY = {
    "training": {"tqdm"},
    "datasets": {"sklearn"},
    "datafiles": {"pooch"},
}  # imported inside a function, on request


def is_type_checking(node):
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def statements(tree, *, inside_functions=True):
    """All nodes of a tree but those only a type checker sees, and on request but the bodies of functions."""
    for node in ast.iter_child_nodes(tree):
        if is_type_checking(node) or (isinstance(node, ast.FunctionDef) and not inside_functions):
            continue
        yield node
        yield from statements(node, inside_functions=inside_functions)


def imported(source, package="", **options):
    """The full names of all modules a source imports; relative ones are resolved in the package."""
    names = set()
    for node in statements(ast.parse(source), **options):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(filter(None, [package if node.level else "", node.module]))
            names |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return names


def top(names):
    return {name.partition(".")[0] for name in names}


def sources(room):
    return sorted(path for path in (ROOT / room).rglob("*.py") if "__pycache__" not in path.parts)


def importers_of(module):
    """The files of all rooms that import a module, as paths from the root."""
    return {
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in sources(room)
        if module in top(imported(path.read_text(encoding="utf-8")))
    }


def outside(paths, *allowed):
    return sorted(path for path in paths if not path.startswith(allowed))


@pytest.mark.parametrize("path", sources("scratchmlp"), ids=lambda path: path.stem)
def test_a_module_imports_only_numpy_and_the_standard_library(path):
    source = path.read_text(encoding="utf-8")
    allowed = {"numpy", "scratchmlp", *sys.stdlib_module_names}
    assert top(imported(source, "scratchmlp", inside_functions=False)) <= allowed
    assert top(imported(source, "scratchmlp")) <= allowed | LAZY.get(path.stem, set())


@pytest.mark.parametrize("path", sources("scratchmlp"), ids=lambda path: path.stem)
def test_imports_inside_the_package_keep_their_direction(path):
    names = imported(path.read_text(encoding="utf-8"), "scratchmlp")
    ours = {name.split(".")[1] for name in names if name.startswith("scratchmlp.")}
    assert ours <= PACKAGE[path.stem]


def test_importing_the_package_loads_nothing_but_numpy_and_the_standard_library():
    modules = [f"scratchmlp.{path.stem}" for path in sources("scratchmlp") if path.stem != "__init__"]
    program = f"import sys, {', '.join(modules)}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {"sklearn", "scipy", "tqdm", "pooch", "matplotlib", "pytest", "torch"} & set(
        run.stdout.split()
    )


def test_no_two_modules_import_each_other():
    def reached(module, seen=frozenset()):
        return seen if module in seen else frozenset().union(seen | {module}, *(
            reached(other, seen | {module}) for other in PACKAGE[module]))  # fmt: skip

    for module, others in PACKAGE.items():
        assert not any(module in reached(other) for other in others), module


def test_sitetools_never_imports_the_package():
    assert not [path for path in importers_of("scratchmlp") if path.startswith("sitetools/")]


def test_only_tests_and_the_recorder_import_snippets():
    assert outside(importers_of("snippets"), "tests/", "sitetools/record.py") == []


def test_matplotlib_stays_where_figures_are_drawn():
    assert outside(importers_of("matplotlib"), "figures/", "docs/labs/", "tests/site/small/figures/") == []


def test_pytest_stays_in_the_tests():
    assert outside(importers_of("pytest"), "tests/") == []


def test_no_star_imports():
    for room in ROOMS:
        for path in sources(room):
            assert not {name for name in imported(path.read_text(encoding="utf-8")) if name.endswith(".*")}, (
                path
            )


def test_the_reader_of_imports_sees_them_everywhere_but_under_type_checking():
    source = """
import a.b, c
from d import e
from .f import g
from . import h
if TYPE_CHECKING:
    from i import j
def k():
    import l
"""
    assert imported(source, "p") == {"a.b", "c", "d", "d.e", "p.f", "p.f.g", "p", "p.h", "l"}
    assert "l" not in imported(source, "p", inside_functions=False)
