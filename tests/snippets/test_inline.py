"""The code within the sentences of the posts runs, and has the shapes that it is given."""

import numpy as np
import pytest

from sitetools import ROOT
from sitetools.house import read
from tests.snippets.inline import namespace, wrong_code

HOUSE = read(ROOT)

# What stands for a name where a page speaks of another example than the one at the end of its snippet.
SCENES = {
    "backpropagation": {"*": "h, z, N = hs[1], X @ W1 + b1, len(X)"},
    "activations": {"np.log1p(t)": "t = np.array([1e-17, 1.0])"},
    "flattening": {"W[order]": "W = V", "x[:, order]": "x = pixels"},
    "slopes-and-steps": {"np.logaddexp(0, z)": "z = A @ theta"},
    "shapes-and-notation": {
        "x @ W1": "x = email",
        "X[i]": "i = 0",
        "W @ X": "W, X = W1[:2], X[:2, :2]",
        "x @ W": "x, W = X, W1",
        "x @ W + b": "x, W, b = X, W1, b1",
        "np.maximum(0, z)": "z = Z",
    },
}
# What cannot run, and why.
LEFT = {
    "backpropagation": {
        "saved()": "it is a method of a layer",
    },
    "gradient-checking": {
        "loss.backward()": "it is a line of PyTorch",
        "return output >= 0": "it is a line of the tutorial of NumPy",
    },
    "shapes-and-notation": {
        "V @ A": "the exercise asks whether it exists",
        "A @ V.T": "the exercise asks whether it exists",
    },
}


@pytest.mark.parametrize("topic", HOUSE.posts)
def test_the_code_within_the_sentences_of_a_post_runs(topic):
    post = HOUSE.posts[topic]
    text = (ROOT / "docs" / post.uri).read_text(encoding="utf-8")
    names = namespace(HOUSE.modules[post.key])
    wrong = wrong_code(f"docs/{post.uri}", text, names, SCENES.get(topic, {}), LEFT.get(topic, {}))
    assert not wrong, "\n".join(
        [
            "mend the page, or say in SCENES what a name stands for there, or in LEFT why it cannot run:",
            *wrong,
        ]
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("`x @ W` is `(1, 2)`", ""),
        ("| `y = x @ W` | `(1, 3) @ (3, 2) -> (1, 2)` |", ""),
        ("`x` has shape `(1, 3)`, and `>=` is no code", ""),
        ("first\n\n`W @ x` is\nwrong", "page.md:3: `W @ x`: ValueError: matmul"),
        ("`x @ V`", "NameError: name 'V' is not defined"),
        ("`x @ W` is `(2, 1)`", "says (2, 1), where it has (1, 2)"),
        ("| `x @ W` | `(3, 1) @ (3, 2) -> (1, 2)` |", "says (3, 1) @ (3, 2)"),
        ("`x` has shape `(3, 1)`", "says (3, 1)"),
        ("`x.sum()`", "it runs, and is left out because it is long"),
    ],
)
def test_code_that_cannot_be_is_named(text, why):
    names = {"x": np.ones((1, 3)), "W": np.ones((3, 2))}
    left = {"x.sum()": "it is long"} if "sum" in text else {}
    wrong = wrong_code("page.md", text, names, {}, left)
    assert why in "\n".join(wrong) if why else not wrong


def test_a_scene_for_code_that_is_gone_is_named():
    assert "there is no `x @ W` any more" in wrong_code("page.md", "nothing", {}, {"x @ W": "x = 1"}, {})[0]
