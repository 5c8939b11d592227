"""Edits that change nothing a reader sees, each with the reason: shown apart, and not counted."""

from __future__ import annotations

from typing import NamedTuple

from mutants.places import Mutant


class Equivalent(NamedTuple):
    """A mutant of a file by its two texts, as `make mutants` prints them, and why nobody could notice it."""

    uri: str
    old: str
    new: str
    reason: str


EQUIVALENT = [
    Equivalent(
        "scratchmlp/borders.py",
        "network.forward(np.multiply(x[:1], 1 if",
        "network.forward(np.multiply(x[:1], 2 if",
        "of this forward pass only the shape of the outputs is used",
    ),
    Equivalent(
        "snippets/flattening.py",
        "zip(matched, end_twin,",
        "zip(end_twin, matched,",
        "whether two arrays are equal does not depend on which is named first",
    ),
    Equivalent(
        "snippets/gradient_checking.py",
        "max(x, 0)",
        "max(0, x)",
        "the larger of two numbers is the same both ways, and it stands in a comment",
    ),
    Equivalent(
        "snippets/what_is_an_mlp.py",
        "C) > 1e15)",
        "C) >= 1e15)",
        "the condition number that is compared is not exactly 1e15, so both print the same",
    ),
    Equivalent(
        "docs/widgets/network.js",
        "b1).map((z) => (z > 0 ? 1",
        "b1).map((z) => (z >= 0 ? 1",
        "no email that can be set makes a sum exactly 0, which a test of the census holds",
    ),
    Equivalent(
        "docs/widgets/one-email/one-email.js",
        "${z > 0",
        "${z >= 0",
        "no email that can be set makes a sum exactly 0, which a test of the census holds",
    ),
    Equivalent(
        "docs/widgets/one-email/one-email.js",
        "this.write(`fires-${j}`, z > 0 ?",
        "this.write(`fires-${j}`, z >= 0 ?",
        "no email that can be set makes a sum exactly 0, which a test of the census holds",
    ),
    Equivalent(
        "scratchmlp/gradcheck.py",
        "float(np.vdot(c, y))",
        "float(np.vdot(y, c))",
        "the inner product of two real arrays is the same both ways, to the last bit",
    ),
    Equivalent(
        "scratchmlp/optimizers.py",
        "= 100,",
        "= 101,",
        "what has faded is swept away a step later, long before it is too small",
    ),
    Equivalent(
        "scratchmlp/pooling.py",
        "np.min_scalar_type(self.k**2))",
        "np.min_scalar_type(self.k**3))",
        "a wider integer holds the same places",
    ),
    Equivalent(
        "sitetools/arithmetic.py",
        "strict=True)):",
        "strict=False)):",
        "a split gives one side more than there are relations, so the two lists are always of one length",
    ),
    Equivalent(
        "sitetools/house.py",
        "or 0)))",
        "or 1)))",
        "an ID without a digit is no claim, and its place among the rows is nobody's",
    ),
    Equivalent(
        "sitetools/house.py",
        "\n\n@dataclass(frozen=True)\nclass Planned:",
        "\n\n@dataclass(frozen=False)\nclass Planned:",
        "nothing assigns to what is planned; that it could be assigned to shows nowhere",
    ),
    Equivalent(
        "sitetools/reading.py",
        "Page(Build(house), post.uri,",
        "Page(Build(house), post.text,",
        "what is read of a page does not say where the page lies",
    ),
    Equivalent(
        "sitetools/record.py",
        "strict=True)",
        "strict=False)",
        "the line above asks for two texts with equally many numbers",
    ),
    Equivalent(
        "sitetools/slicing.py",
        "@lru_cache(maxsize=1024)",
        "@lru_cache(maxsize=1025)",
        "how many results are kept is seen in no result",
    ),
    Equivalent(
        "snippets/one_email.py",
        "np.random.default_rng(0)",
        "np.random.default_rng(1)",
        "the weights that it draws are overwritten by those of the example two lines below",
    ),
    Equivalent(
        "snippets/one_email.py",
        "0.6 * 1",
        "0.6 / 1",
        "a feature of 1 multiplies and divides alike",
    ),
    Equivalent(
        "snippets/one_email.py",
        "extra.round(3))",
        "extra.round(4))",
        "the fourth digit of this sum is 0, and NumPy does not print it",
    ),
    Equivalent(
        "docs/widgets/forward-backward/graph.js",
        "s.rest < 0.0005",
        "s.rest <= 0.0005",
        "no state that can be set makes this probability exactly 0.0005",
    ),
    Equivalent(
        "scratchmlp/training.py",
        "np.multiply(x, scale,",
        "np.multiply(scale, x,",
        "a product does not depend on which factor is named first",
    ),
    Equivalent(
        "scratchmlp/windows.py",
        "min(H, W)",
        "min(W, H)",
        "the smaller of two numbers does not depend on which is named first",
    ),
    Equivalent(
        "sitetools/arithmetic.py",
        "a >= b",
        "a > b",
        "the two differ only where a number is less than another by exactly a billionth",
    ),
]


def reason(mutant: Mutant) -> str | None:
    """Why an edit changes nothing; None where it is not on the list."""
    known = {entry[:3]: entry.reason for entry in EQUIVALENT}
    return known.get((mutant.uri, mutant.old, mutant.new))
