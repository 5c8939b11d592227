"""The errors that are put into the project: each kind found where it can be made, each judged as it deserves."""

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest

from mutants import __main__ as command
from mutants import code, quoted
from mutants.copies import Copy
from mutants.equivalent import EQUIVALENT
from mutants.judge import Judge, Stage, apart, named
from mutants.kinds import GROUPS, could_be_written, sample
from mutants.places import Edit, Mutant, applied, mutant

POST = """---
title: One
---
The first sum is larger, not [[one_email.p|.2f]] [[S4-01]]: the left of two [@zhang2017], see [[S4-02]].

$$ z = 2x + b_1^2 \\qquad dW = x^\\top d $$

![A row of boxes with the number of cells, above [[one_email.q]].](figure:boxes)
/// caption
The boxes are full with three cells.
///

| name | value |
|---|---|
| one | 0.25 |
| two | [[one_email.q|.1f]] |

--8<-- "snippets/one_email.py:a"

--8<-- "snippets/one_email.py:b"

/// exercise
How many rows has it with 30 columns?

//// answer
It has all eight, so $n > 3$, as [[one_email.p]] says.
////
///
"""
FILES = {
    "docs/series/one-email.md": POST,
    "docs/series/other.md": "[@goodfellow2016] ![x](figure:other)",
    "snippets/out/one_email.json": '{\n "values": {"p": 0.771,\n "q": 0.25}\n}\n',
    "claims/one-email.toml": '[[claim]]\nid = "S4-01"\nsays = "It has 3 rows."\nverdict = "wrong"\n'
    'proof = ["test:t.py::test_a", "test:t.py::test_b"]\n',
    "claims/literature.toml": '[zhang2017]\nauthors = "C. Zhang, S. Bengio"\nyear = 2017\n',
}


def edits(find, files=FILES):
    """Each edit of a finder as the stretch that it changes and what comes there."""
    return {(files[e.uri][e.start : e.end], e.new) for e in find(files)}


def of(group, files=FILES):
    return set().union(*(edits(find, files) for find in GROUPS[group]))


def test_a_formula_gets_another_sign_factor_exponent_index_or_loses_its_transpose():
    slips = of("formula")
    assert {("+", "-"), ("2", ""), ("2", "3"), ("1", "2"), ("^\\top", "")} <= slips
    assert (">", "<") not in slips, "that stands in an exercise"


def test_a_word_is_turned_a_not_dropped_and_the_nouns_of_a_caption_exchanged():
    slips = of("word")
    assert {
        ("first", "second"),
        ("larger", "smaller"),
        (" not", ""),
        ("left", "right"),
        ("above", "below"),
    } <= slips
    assert ("are", "are not") in slips
    assert any(
        old.startswith("row of boxes") and new.startswith("boxes of row") for old, new in slips
    ) or any("number" in old and old != new for old, new in slips)


def test_a_number_becomes_its_sibling_two_cells_are_exchanged_and_a_typed_digit_changes():
    slips = of("number")
    assert ("[[one_email.q|.1f]]", "[[one_email.p|.1f]]") in slips
    assert ("0.25", "0.26") in slips
    assert any(old.startswith(" one ") and new.startswith(" two ") for old, new in slips)


def test_a_sibling_that_shows_the_same_digits_is_no_error():
    files = FILES | {"snippets/out/one_email.json": '{"values": {"p": 0.21, "q": 0.25}}'}
    assert ("[[one_email.q|.1f]]", "[[one_email.p|.1f]]") not in edits(GROUPS["number"][0], files)


def test_a_reference_leads_to_another_figure_block_work_or_claim():
    assert of("reference") >= {
        ("boxes", "other"),
        ("snippets/one_email.py:a", "snippets/one_email.py:b"),
        ("S4-01", "S4-02"),
        ("zhang2017", "goodfellow2016"),
    }


def test_a_recorded_digit_changes():
    assert ("0.771", "0.772") in of("recorded")


def test_in_the_ledger_a_verdict_a_proof_a_number_and_a_work_change():
    slips = of("ledger")
    assert {("wrong", "confirmed"), ("test_a", "test_b"), ("3", "4"), ("2017", "2018")} <= slips
    assert ("Zhang, S. Bengio", "Bengio, S. Zhang") in slips


def test_an_exercise_gets_another_number_word_and_variable():
    slips = of("exercise")
    assert {
        ("30", "31"),
        ("all", "some"),
        ("eight", "nine"),
        (">", "<"),
        ("[[one_email.p]]", "[[one_email.q]]"),
    } <= slips


SCRIPT = "// z + 1\nconst a = (v + 1) > low ? b : c;\nthis.write(`neuron ${j + 1}: two rows`); // a > b\n"


def test_an_explorable_gets_another_sign_comparison_branch_or_word_but_no_other_comment():
    slips = of("explorable", {"docs/widgets/one/one.js": SCRIPT})
    assert {(" + 1", ""), (">", ">="), ("b : c", "c : b"), ("two", "three")} <= slips
    assert not [
        e for e in code.scripts({"docs/widgets/one/one.js": SCRIPT}) if SCRIPT[e.start :].startswith("> b")
    ]


PYTHON = '''"""One + 1."""
def f(a: Array[1], b) -> int:
    """Two + 2."""
    if a < 2 and not b:
        raise ValueError
    check_b(b)
    x = a.first + a.last
    return g(a, b).sum(axis=0) + h.T  # (3, 2)
'''


def test_code_changes_its_operators_constants_axes_arguments_and_checks_outside_of_what_is_only_said():
    files = {"scratchmlp/f.py": PYTHON}
    slips = of("package", files)
    assert {
        ("<", "<="),
        ("and", "or"),
        ("not ", ""),
        ("2", "3"),
        ("0", "1"),
        (".T", ""),
        ("a, b", "b, a"),
    } <= slips
    assert ("    check_b(b)\n", "") in slips
    assert ("    if a < 2 and not b:\n        raise ValueError\n", "") in slips
    assert sum(new == "2" for _, new in slips) == 0, "the 1 of a docstring or of a type is no constant"


def test_machinery_asks_another_attribute_and_a_template_another_value():
    files = {"sitetools/f.py": PYTHON, "sitetools/parts/f.html.j2": "{{ a }}{% if b %}{{ c }}{% endif %}"}
    assert of("machinery", files) >= {("a.first", "a.last"), ("a", "c"), ("", "not ")}


def test_in_a_snippet_the_sizes_of_a_comment_and_the_labels_of_a_line_are_exchanged():
    files = {"snippets/one_email.py": PYTHON + 'print(f"p {p} q {q}")\n'}
    assert of("snippets", files) >= {("3, 2", "2, 3"), ("p {p} q", "q {p} p"), ("p} q {q", "q} q {p")}


def test_an_edit_is_shown_with_so_many_words_that_its_place_is_the_only_one():
    whole = "a sum of two\na product of two\n"
    found = mutant("word", {"f": whole}, Edit("f", 25, 28, "three"))
    assert (found.old, found.new, found.line) == ("of two\na", "of two\na", 1) or found.new.count(
        "three"
    ) == 1
    assert applied(whole, [found]) == whole[:25] + "three" + whole[28:]


@pytest.mark.parametrize(
    ("old", "new", "possible"), [("2", "3", True), ("2", "(", False), (" = ", "=", False)]
)
def test_what_cannot_be_read_or_says_the_same_is_no_error(old, new, possible):
    whole = "x = 2\n"
    start = whole.index(old)
    assert could_be_written(whole, Edit("f.py", start, start + len(old), new)) == possible


def test_a_seed_gives_the_same_sample_twice_another_seed_another_and_each_group_its_share():
    first = sample(FILES, 1, 30)
    assert first == sample(FILES, 1, 30) != sample(FILES, 2, 30)
    assert len({(m.uri, m.line, m.old) for m in first}) == len(first) >= 30
    shares = [sum(m.group == group for m in first) for group in ("word", "number", "ledger", "exercise")]
    assert max(shares) - min(shares) <= 2


def test_two_errors_of_one_line_are_judged_apart():
    a, b, c = (Mutant("word", "f.md", line, old, "x") for line, old in ((1, "a"), (1, "b"), (9, "c")))
    assert apart([a, b, c], 8) == [[a, c], [b]]


def test_a_message_settles_the_one_error_whose_place_it_names():
    row, word = (
        Mutant("ledger", "claims/one-email.toml", 3, "has 3 rows", "has 4 rows"),
        Mutant("word", "f.md", 7, "a", "b"),
    )
    assert named([row, word], "S4-01: its test proves another", FILES) == {row}
    assert named([row, word], "f.md:7: nobody says that\nf.md:71 neither", FILES) == {word}
    assert named([row, word], "the page does not say 'it  has 3  rows'", FILES) == {row}
    assert (
        named([row, word], "S4-01 and f.md:7", FILES) == named([row, word], "S4-011, f.md:71", FILES) == set()
    )


@pytest.fixture
def judged(tmp_path):
    """What survives in a project of one text and one test, which sees the first word and nothing else."""
    root = tmp_path / "tiny"
    root.mkdir()
    (root / "text.md").write_text("one word\n\n\n\nanother word\n\n\n\na last\n")
    (root / "test_text.py").write_text(
        "def test_text():\n    said = open('text.md').read()\n    assert said.startswith('one '), 'text.md:1'\n"
        "def test_more():\n    assert 'last' in open('text.md').read()\n"
        "def test_never():\n    assert False\n"
    )
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    lines = []
    stage = Stage(lambda copy, mutants: ["test_text.py"], 8, by_name=True)
    judge = Judge([Copy(root, tmp_path / "copy")], lines.append, {"word": [stage]}, stage)
    judge.prepare()
    made = [("one word", "two word"), ("another word", "another sword"), ("a last", "a lost")]
    mutants = [Mutant("word", "text.md", 1 + 4 * i, old, new) for i, (old, new) in enumerate(made)]
    return judge.survivors(mutants), lines, judge.copies[0]


def test_what_a_check_sees_is_noticed_and_what_none_sees_survives(judged):
    left, lines, copy = judged
    assert [m.old for m in left] == ["another word"]
    assert "left out, it fails without any error put in: test_text.py::test_never" in lines
    assert "word: 2 of 3 noticed; 0 to go" in lines
    assert (copy.root / "text.md").read_text() == copy.files["text.md"]


def test_what_tests_quote_is_noted_and_asked_again(tmp_path, monkeypatch):
    monkeypatch.setenv(quoted.NOTED, str(tmp_path))
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "mutants.quoted", "-p", "no:cacheprovider", "tests/snippets/"
         "test_one_email.py", "-k", "interaction or email_is_a_row"],
        cwd=command.ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (file,) = tmp_path.iterdir()
    noted = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert {kind for kind, *_ in noted} == {"words", "formula", "row"}
    assert ["words", "one-email", "| email, reputation 0.8 | logit | rise | probability |"] in noted
    quoted.main()
    for kind, *quotation in noted:
        quotation[-1] += " and more"
        file.write_text(json.dumps([kind, *quotation]), encoding="utf-8")
        with pytest.raises(AssertionError, match="and more"):
            quoted.main()
    monkeypatch.setattr(
        "tests.claims.read", lambda: SimpleNamespace(errors=lambda: ["f.md:7: typed by hand"])
    )
    with pytest.raises(SystemExit, match="typed by hand"):
        quoted.main()


NOTHING = EQUIVALENT[0]
THREE = [
    Mutant("word", "f.md", 1, "more", "less"),
    Mutant("word", "f.md", 5, "left", "right"),
    Mutant("explorable", NOTHING.uri, 1, NOTHING.old, NOTHING.new),
]


def test_an_error_that_changes_nothing_is_not_counted_but_one_that_survives_is():
    assert command.counted(THREE, THREE[1:]) == {"word": (1, 2), "together": (1, 2)}
    assert command.report(THREE, THREE[1:])[:2] == ["word           1 of   2", "together       1 of   2"]
    assert command.counted(THREE, []) == {"word": (2, 2), "explorable": (1, 1), "together": (3, 3)}


def test_a_whole_run_is_kept_for_the_same_errors_on_the_same_project(tmp_path, monkeypatch, capsys):
    """A page that changed is another project; what is listed as equivalent, and the record of the rate, are not."""
    files, runs = {"f.md": "more of the left"}, []

    class Judged:
        def __init__(self, copies, say):
            pass

        def prepare(self):
            runs.append("judged")

        def survivors(self, mutants):
            return mutants[1:2]

    for name, stub in {
        "ROOT": tmp_path, "CHROMIUM": True, "Judge": Judged,
        "texts": lambda root: files, "copied": lambda *of: [], "sample": lambda files, seed, n: THREE,
    }.items():  # fmt: skip
        monkeypatch.setattr(command, name, stub)
    assert command.measured(1, 3) == command.measured(1, 3) == (THREE, THREE[1:2])
    files |= {"mutants/equivalent.py": "", "experiments/caught.py": "", "experiments/results/caught.json": ""}
    assert command.measured(1, 3) == (THREE, THREE[1:2])
    assert runs == ["judged"]
    assert "kept from a run" in capsys.readouterr().out
    files["f.md"] = "more of the right"
    command.measured(1, 3)
    assert runs == ["judged", "judged"]
