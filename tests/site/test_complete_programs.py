"""Which earlier statements belong to a block: the rule that the complete programs rest on."""

import pytest

from sitetools import slicing
from sitetools.modules import Module
from sitetools.record import same, same_output


def program(before, block):
    """The statements before the block that its program keeps."""
    source = f"{before}\n# --8<-- [start:block]\n{block}\n# --8<-- [end:block]\n"
    text = slicing.program(Module("snippets/new.py", source), "block")
    assert text.endswith(block + "\n")
    return [line for line in text.removesuffix(block + "\n").splitlines() if line]


@pytest.mark.parametrize(
    ("before", "block", "kept"),
    [
        ("import os\nimport math", "print(math.pi)", ["import math"]),
        ("a = 1\nb = 2\nc = a", "print(c)", ["a = 1", "c = a"]),
        ("a = 1\na = 2", "print(a)", ["a = 2"]),
        ("a = 1\na = a + 1", "print(a)", ["a = 1", "a = a + 1"]),
        ("W = load()\nW -= 1", "print(W)", ["W = load()", "W -= 1"]),
        ("W = [0]\nW[0] = 1", "print(W)", ["W = [0]", "W[0] = 1"]),
        ("net = N()\nfit(net)\nprint(net)", "print(net)", ["net = N()", "fit(net)"]),
        ("net = N()\nnet.backward(1)", "print(net)", ["net = N()", "net.backward(1)"]),
        (
            "net = N()\nnet.layers[0].params['W'][:] = 0",
            "net",
            ["net = N()", "net.layers[0].params['W'][:] = 0"],
        ),
        ("d = N()\nnet = N([d])\nfit(net)", "print(d)", ["d = N()", "net = N([d])", "fit(net)"]),
        ("W = [0]\nV = W\nV.append(1)", "print(W)", ["W = [0]", "V = W", "V.append(1)"]),
        (
            "def f(x):\n    return g * x\ng = 3\nh = 4",
            "print(f(1))",
            ["def f(x):", "    return g * x", "g = 3"],
        ),
        (
            "Kind = int\nElse = str\ndef f() -> Kind:\n    pass",
            "f()",
            ["Kind = int", "def f() -> Kind:", "    pass"],
        ),
        (
            "Kind = int\nElse = str\ndef f(x: Kind):\n    pass",
            "f()",
            ["Kind = int", "def f(x: Kind):", "    pass"],
        ),
        ("k = 2\nx = 5", "print([k * x for x in range(3)])", ["k = 2"]),
        ("a, b = 1, 2", "print(b)", ["a, b = 1, 2"]),
        ("for i in range(3):\n    total = i", "print(total)", ["for i in range(3):", "    total = i"]),
    ],
    ids=lambda value: value.replace("\n", "; ") if isinstance(value, str) else "",
)
def test_a_statement_that_matters_belongs_to_the_program(before, block, kept):
    assert program(before, block) == kept


def test_a_program_has_the_blank_lines_that_a_person_would_leave():
    before = "import os\nimport math\n\na = math.pi\nb = os.sep\n\n\ndef f():\n    return a, b\n"
    source = f"{before}\n\n# --8<-- [start:block]\nf()\n# --8<-- [end:block]\n"
    assert slicing.program(Module("snippets/new.py", source), "block") == f"{before}\n\nf()\n"


@pytest.mark.parametrize(
    "idle",
    [
        "b = np.maximum(a, 0)",
        "b = a.sum()",
        "b = len(a)",
        "b = max(a)",
        "b = a.reshape(2, 2).T",
        "b = a",
        "print(a)",
        "b = [v + 1 for v in a]",
    ],
)
def test_a_statement_that_only_reads_does_not_belong(idle):
    assert program(f"a = make()\n{idle}", "print(a)") == ["a = make()"]


@pytest.mark.parametrize(
    "writes", ["np.add(a, 1, out=a)", "np.copyto(a, 0)", "a.sort()", "del a[0]", "shuffle(a)"]
)
def test_a_statement_that_may_write_belongs(writes):
    assert program(f"a = make()\n{writes}", "print(a)") == ["a = make()", writes]


def test_a_pure_function_of_the_module_changes_nothing():
    pure = "def double(v):\n    w = v * 2\n    return w"
    assert program(f"a = make()\n{pure}\nb = double(a)", "print(a)") == ["a = make()"]


@pytest.mark.parametrize(
    "body",
    ["v[0] = 1", "v.append(1)", "w = v\n    w += 1", "v += 1", "helper(v)"],
)
def test_a_function_that_writes_into_what_it_is_given_is_kept(body):
    impure = f"def change(v):\n    {body}"
    assert program(f"a = make()\n{impure}\nchange(a)", "print(a)")[-1] == "change(a)"


def test_outputs_are_the_same_to_one_unit_of_the_last_printed_digit():
    assert same_output("loss 0.123\n", "loss 0.124\n")
    assert not same_output("loss 0.123\n", "loss 0.125\n")
    assert not same_output("loss 0.10\n", "loss 0.1\n")
    assert not same_output("[235 22]\n", "[235 23]\n")
    assert not same_output("loss 0.123\n", "cost 0.123\n")


def test_values_are_the_same_to_what_another_library_makes_of_the_last_digits():
    assert same({"a": [1.0, 2]}, {"a": [1.0 + 1e-12, 2]})
    assert not same({"a": [1.0]}, {"a": [1.001]})
    assert same(0.0, 0.9e-12)
    assert not same(0.0, 1.5e-12)
    assert not same([1], [1.0])
    assert not same([1], [1, 2])
