"""The comments of shapes in the snippets are the shapes that their lines have."""

import pytest

from sitetools import ROOT
from sitetools.house import read
from sitetools.modules import Module
from tests.snippets.shapes import wrong_shapes

MODULES = read(ROOT).modules
ELSEWHERE = {"alone = with_column_bias(X[:1])": "the sum of the comment stands in with_column_bias"}


@pytest.mark.parametrize("key", MODULES)
def test_every_comment_of_shapes_is_what_the_line_has(key):
    wrong = [why for why in wrong_shapes(MODULES[key]) if line(why).partition("  #")[0] not in ELSEWHERE]
    assert not wrong, "\n".join(["mend the comment, or the line:", *wrong])


def line(why):
    """The line that a message names."""
    uri, number, _ = why.split(":", 2)
    return (ROOT / uri).read_text(encoding="utf-8").splitlines()[int(number) - 1]


LAYER = """
import numpy as np
def layer(x, W, b):
    y = x @ W + b  # {}
    return y, y.sum(axis=0)  # (N, M), (M,)
layer(np.ones((4, 3)), np.ones((3, 2)), np.ones(2))
layer(np.ones((5, 2)), np.ones((2, 6)), np.ones(6))
"""


@pytest.mark.parametrize(
    "comment",
    ["(N, D) @ (D, M) + (M,) -> (N, M)", "(N, D) @ (D, M) -> (N, M): a layer", "forward: (N, M)", "y (N, M)"],
)
def test_letters_have_another_size_in_each_call(comment):
    assert not wrong_shapes(Module("m.py", LAYER.format(comment)))


@pytest.mark.parametrize(
    ("comment", "part"),
    [
        ("(N, D) @ (M, D) -> (N, M)", "x (4, 3), W (3, 2), x @ W (4, 2), b (2,)"),
        ("(D, N) @ (D, M) -> (N, M)", "says (D, N) @ (D, M)"),
        ("(N, D) @ (D, M) + (N,) -> (N, M)", "says (N, D) @ (D, M) + (N,)"),
        ("(N, D) + (D, M) -> (N, M)", "says (N, D) + (D, M)"),
        ("(4, 2)", "says (4, 2), where y has (5, 6)"),
        ("(M, N)", "says (N, M), where it has (4, 2) and N = 2, M = 4"),
        ("one number", "where y has (4, 2)"),
        ("(4, 2), (2,)", "has 2 shapes, where y has 1"),
    ],
)
def test_a_wrong_comment_is_named_with_what_the_line_has(comment, part):
    wrong = wrong_shapes(Module("m.py", LAYER.format(comment)))
    assert len(wrong) == 1
    assert part in wrong[0]


def test_a_comment_at_a_line_that_never_runs_is_named():
    assert "no line that has run" in wrong_shapes(Module("m.py", "if 0:\n    x = 1  # (2, 3)\n"))[0]
