"""What the snippets print stands under its own label."""

import pytest

from sitetools import ROOT
from sitetools.house import read
from sitetools.modules import Module
from tests.snippets.labels import wrong_labels

MODULES = read(ROOT).modules

# Labels that share no word with their value, or share one with another value of their region; and words of the value.
LABELS = {
    "backpropagation": {
        "* ReLU": "maximum five",
        "* slope": "five > float",
        "* central difference": "rises",
        "mean *": "length / N",
        "sum *": "length",
        "stable *": "log_softmax",
    },
    "flattening": {
        "value *": "vector",
        "pairs, apart by *": "unique",
        "adjacent in the vector only *": "starts ends",
        "next colour *": "green",
        "products *": "size",
        "the same parameters *": "pairs",
        "loss *": "losses[0]",
        "loss -> *": "losses[-1]",
        "of *": "size",
        "shuffled *": "mixed",
    },
    "gradient_checking": {
        "ten *": "n_projections",
    },
    "one_email": {
        "and *": "constant",
        "emails, neurons fire *": "on.sum(axis=0)",
        "interaction *": "extra",
        "loss -> *": "log p_next",
        "to *": "logit_not",
    },
    "shapes_and_notation": {
        "W @ x *": "column",
        "4 emails *": "attempt with_column_bias",
        "should be *": "Z",
        "(D_out, D_in) *": "W T",
    },
    "activations": {
        "from p *": "loss_from_p",
        "from logit *": "loss",
        "dead *": "dead",
        "dead_scaled *": "dead_scaled",
        "dW *": "dW",
        "dW_centred *": "dW_centred",
        "p - 1 *": "p",
        "-q *": "q",
        "as typed *": "up",
        "NumPy *": "tanh",
    },
    "initialisation": {
        "W_lecun *": "W_lecun",
        "W_xavier *": "W_xavier",
        "W_he *": "W_he",
        "dh_rms *": "dh_rms",
        "dW_rms *": "dW_rms",
    },
    "slopes_and_steps": {
        "steepest of 1000 *": "slopes",
        "against the gradient *": "along",
        "tried *": "along_u min",
        "to *": "along_u max",
        "limit of the rate *": "round max",
        "standardised *": "bends_s",
        "before *": "bends",
        "emails *": "momentum",
    },
    "what_is_an_mlp": {
        "of which spam *": "y sum",
        "to *": "scores max",
        "columns *": "C shape",
        "lines; right at most *": "right max",
        "of *": "xor or y_new",
        "-> *": "output",
        "loss -> *": "loss[-1]",
        "parameters do what *": "n_shallow",
        "largest difference *": "deep max",
        "units: off by *": "gaps",
    },
}


@pytest.mark.parametrize("key", MODULES)
def test_no_two_printed_values_could_stand_under_each_others_label(key):
    wrong = wrong_labels(MODULES[key], LABELS.get(key, {}))
    assert not wrong, "\n".join(["mend the line, or give label and value in LABELS, in this file:", *wrong])


PRINT = """# --8<-- [start:shown]
print({})
# --8<-- [end:shown]
"""


@pytest.mark.parametrize(
    "line",
    [
        '"z1", z1.round(2), " h1", h1.round(2)',
        'f"logit {logit:.3f}  p {p:.6f}"',
        '"A @ V", (A @ V).shape, " V.T @ A.T", (V.T @ A.T).shape',
        'f"p {p:.6f} -> {p_next:.6f}"',
        'before.round(2), " with the slip:", slip',
        'z.round(2), "after", z',  # the text is no name, and what is printed is nearly the same
    ],
)
def test_values_under_their_own_labels_pass(line):
    table = {"after *": "z"} if "after" in line else {}
    wrong = wrong_labels(Module("m.py", PRINT.format(line)), table)
    assert bool(wrong) == ("after" in line)


@pytest.mark.parametrize(
    "line",
    [
        '"z1", h1.round(2), " h1", z1.round(2)',
        'f"logit {p:.3f}  p {logit:.6f}"',
        '"A @ V", (V.T @ A.T).shape, " V.T @ A.T", (A @ V).shape',
        'f"p {p_next:.6f} -> {p:.6f}"',
        'slip, " with the slip:", before.round(2)',
    ],
)
def test_values_that_have_changed_places_are_named(line):
    assert "could change places" in wrong_labels(Module("m.py", PRINT.format(line)), {})[0]
