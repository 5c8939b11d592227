"""Every number that a page takes from a snippet stands in an assertion of that post's tests."""

from pathlib import Path

import pytest

from sitetools import ROOT
from tests.snippets.quoted import asserted, quoted

QUOTED = quoted(ROOT)
POSTS = sorted(key for key in QUOTED if (ROOT / f"snippets/{key}.py").exists())


@pytest.mark.parametrize("key", POSTS)
def test_every_variable_that_prose_quotes_stands_in_an_assertion(key):
    tests = Path("tests/snippets") / f"test_{key}.py"
    missing = sorted(QUOTED[key] - asserted((ROOT / tests).read_text(encoding="utf-8")))
    assert not missing, (
        f"pages quote {', '.join(f'[[{key}.{name}]]' for name in missing)}, and no assertion of {tests} speaks "
        f"of post.{missing[0]}: add one against an oracle that does not repeat the snippet's own expression"
    )


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("assert post.p == 0.5", {"p"}),
        ("assert 1 == pytest.approx(post.p)", {"p"}),
        ("np.testing.assert_allclose(post.p, post.q)", {"p", "q"}),
        ("shown = [post.p]\n    assert shown == [1]", {"p"}),
        ("for v in post.p:\n        assert v == 1", {"p"}),
        ("print(post.p)", set()),
        ("shown = post.p\n    assert True", set()),
    ],
)
def test_what_counts_as_an_assertion(body, found):
    assert asserted(f"def test_it():\n    {body}\n") == found
