"""Fingerprints of code tell what it does from how it is written, on every Python alike."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sitetools import ROOT, digests

MODULE = '''"""What it is about."""

from __future__ import annotations

from experiments.other import helper

QUESTION = "Why?"
DERIVED = {"gain": "[a] - [b]"}
SEEDS = range(3)


def run(seed: int) -> dict[str, float]:
    """What comes out."""
    x = helper(seed)  # a comment
    return {"a": x * 0.5, "b": f"{x:.2f}", **{}}
'''


@pytest.fixture
def digest(tmp_path):
    """The fingerprints of a text as an experiment that imports another one."""
    room = tmp_path / "experiments"
    room.mkdir()

    def of(text, other="def helper(x):\n    return x\n"):
        (room / "other.py").write_text(other)
        path = room / "it.py"
        path.write_bytes(text.encode())
        return digests.of_experiment(path, tmp_path)

    return of


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  # a comment", ""),
        ('"""What comes out."""', '"""What comes out, said otherwise."""'),
        ('    """What comes out."""\n', ""),
        ('"""What it is about."""\n\n', ""),
        ("\n", "\r\n"),
        ("x * 0.5", "(x * 0.50)"),
        ('{"a": x * 0.5, ', '{\n        "a": x * 0.5,\n        '),
    ],
)
def test_words_layout_and_line_ends_do_not_count(digest, old, new):
    changed = MODULE.replace(old, new)
    assert changed != MODULE
    assert digest(changed) == digest(MODULE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x * 0.5", "x * 0.25"),
        ("x * 0.5", "x / 0.5"),
        ("range(3)", "range(4)"),
        ('"b"', '"c"'),
        (":.2f", ":.3f"),
        ("{}", "{'d': 1}"),
        ("helper(seed)", "helper(None)"),
        ("    x = helper(seed)", '    x = "text"\n    x = helper(seed)'),
        ("def run(", "async def run("),
    ],
)
def test_every_change_of_what_is_done_counts(digest, old, new):
    changed = MODULE.replace(old, new)
    assert changed != MODULE
    assert digest(changed)["code"] != digest(MODULE)["code"]
    assert digest(changed)["words"] == digest(MODULE)["words"]


def test_what_is_said_about_the_values_has_a_fingerprint_of_its_own(digest):
    for old, new in (('"Why?"', '"Why not?"'), ("[a] - [b]", "[b] - [a]")):
        changed = digest(MODULE.replace(old, new))
        assert changed["code"] == digest(MODULE)["code"]
        assert changed["words"] != digest(MODULE)["words"]


def test_a_change_in_an_experiment_that_is_imported_counts(digest):
    base = digest(MODULE)
    assert digest(MODULE, "def helper(x):\n    return -x\n")["code"] != base["code"]
    assert digest(MODULE, 'def helper(x):\n    """Said."""\n    return x\n') == base
    assert digest(MODULE, 'QUESTION = "Another?"\ndef helper(x):\n    return x\n') == base


def test_imports_are_followed_to_their_ends(tmp_path):
    rooms = {
        "experiments/a.py": "from experiments import b\nimport scratchmlp.layers, numpy",
        "experiments/b.py": "def f():\n    from benchmarks.c import x",
        "benchmarks/c.py": "import experiments.a",
        "scratchmlp/layers.py": "",
    }
    for uri, text in rooms.items():
        (tmp_path / uri).parent.mkdir(exist_ok=True)
        (tmp_path / uri).write_text(text)
    found = digests.imported(tmp_path / "experiments/a.py", tmp_path)
    assert [p.relative_to(tmp_path).as_posix() for p in found] == ["benchmarks/c.py", "experiments/b.py"]


def test_data_have_the_fingerprint_of_what_they_hold():
    assert digests.of_data({"a": [1, 0.1], "b": "é"}) == digests.of_data({"b": "é", "a": [1, 0.1]})
    assert digests.of_data({"a": [1, 0.1]}) != digests.of_data({"a": [1, 0.10000000000000002]})
    assert digests.of_data({"a": [1, 2]}) != digests.of_data({"a": [2, 1]})


def test_files_are_told_apart_and_their_line_ends_are_not(tmp_path):
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_bytes(b"one\ntwo\n")
    b.write_bytes(b"three\n")
    base = digests.of_files([a, b], "word")
    a.write_bytes(b"one\r\ntwo\r\n")
    assert digests.of_files([a, b], "word") == base
    a.write_bytes(b"one\n")
    b.write_bytes(b"two\nthree\n")
    assert digests.of_files([a, b], "word") != base


# Of the syntax that this project may use, whatever its nodes have carried in one version of Python or another.
SYNTAX = r"""
type = 1
def f(a, /, b: int = 1, *c, d=None, **e) -> "x": return (yield a)
async def g(): return [x async for x in y if x]
class C(B, metaclass=M):
    "docs"
    x: int
    def h(self): ...
with a as b, c: pass
try: pass
except (A, B) as e: raise X from None
else: pass
finally: pass
try: pass
except* A: pass
match p:
    case {"a": 1, **rest} | [1, *_] | P(x=None) if a: pass
    case None | True | -1.5e300 | 1j | b"\xff" | "ß\ud800": pass
f"{a!r:>{w}} {b=} {{}} {'x'}" "tail" f"{c:}"
u"text"; x[1:2, ::3]; {**a, "b": 1}; {1, *s}; lambda *a, b=1: (a := b); not a is not b; a if b else c
@d
def i[T](x: T) -> T: return x
"""
PROGRAM = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("digests", "sitetools/digests.py")
digests = importlib.util.module_from_spec(spec)
spec.loader.exec_module(digests)
import ast
from pathlib import Path
paths = sorted(p for room in ("experiments", "benchmarks", "scratchmlp", "sitetools") for p in Path(room).glob("*.py"))
texts = [digests.canonical(ast.parse(p.read_bytes())) for p in paths]
print(json.dumps([digests.of(t) for t in [*texts, digests.canonical(ast.parse(sys.stdin.read()))]]))
"""


def pythons():
    """Every supported Python that can be found here, by version."""
    found = {}
    for minor in range(11, 15):
        homes = sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python"))
        if path := next(map(str, homes), None) or shutil.which(f"python3.{minor}"):
            found[f"3.{minor}"] = path
    return found


def test_every_python_here_gives_the_same_fingerprints():
    syntax = SYNTAX.replace("def i[T](x: T) -> T", "def i(x: T) -> T")  # type parameters came with 3.12
    here = [
        digests.of(digests.canonical(ast.parse(p.read_bytes())))
        for p in (ROOT / "experiments").glob("measure.py")
    ]
    gave = {}
    for name, path in pythons().items() | {("this", sys.executable)}:
        run = subprocess.run(
            [path, "-c", PROGRAM], cwd=ROOT, input=syntax, capture_output=True, text=True, check=False
        )
        if name == "this" or run.returncode == 0:  # a version manager's stub may stand for nothing
            gave[name] = json.loads(run.stdout)
    assert all(held == gave["this"] for held in gave.values()), {k: v[-1] for k, v in gave.items()}
    assert here[0] in gave["this"]
