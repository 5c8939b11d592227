"""Posts under double entry: what they say in numbers, words and formulas is quoted in their tests, with a ground."""

import ast
import re

import pytest

from sitetools import ROOT, SiteError, arithmetic
from sitetools.house import read
from tests import reading

POSTS = tuple(read(ROOT).posts)
every_post = pytest.mark.parametrize("topic", POSTS)


@every_post
def test_everything_that_a_post_states_is_quoted_by_its_tests(topic):
    assert reading.unquoted(topic) == []


@every_post
def test_no_test_quotes_a_post_without_a_ground(topic):
    assert reading.groundless(topic) == []


@every_post
def test_every_displayed_formula_has_a_name_or_is_arithmetic(topic):
    nameless = [latex for name, latex in reading.equations(topic).items() if not name.startswith("eq-")]
    assert [latex for latex in nameless if arithmetic.value(latex.partition("=")[0]) is None] == []


def test_a_mean_and_its_spread_are_one_mark():
    pages = [
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "claims").glob("*.toml"),
        *(ROOT / "figures").glob("*.py"),
    ]
    parted = {
        p.name: re.findall(r"\[\[[^\]]*\.mean[^\]]*\]\] ± \[\[[^\]]*\]\]", p.read_text("utf-8"))
        for p in pages
    }
    assert {name: found for name, found in parted.items() if found} == {}


def test_a_quotation_that_the_post_does_not_hold_is_shown_beside_what_is_nearest():
    says = reading.Reader("one-email")
    says("an example is a row")
    with pytest.raises(AssertionError, match=r"does not say\n  .*more than one half.*\n.*\n.*above one half"):
        says("Almost every cell is more than one half;")
    with pytest.raises(AssertionError, match=r"one-email\.md has no formula .*eq-gone.*; it has eq-network"):
        says.formula("eq-gone", "a = b")
    with pytest.raises(AssertionError, match="the formula eq-network is"):
        says.formula("eq-network", "a = b")


@pytest.mark.parametrize(
    ("line", "whole", "bare"),
    [
        ("Eight times as many parameters.", False, ["Eight", "times", "many"]),
        ("The line lies left of the valley.", False, ["left"]),
        ("With $h_1 - 2h_2$ it is so.", False, ["$h_1 - 2h_2$"]),
        ("Circles and crosses.", True, ["Circles", "and", "crosses"]),
        ("A plain sentence about nets.", False, []),
    ],
)
def test_what_states_a_result_is_found(monkeypatch, line, whole, bare):
    monkeypatch.setattr(reading, "of", lambda topic: [reading.Paragraph(line, whole)])
    monkeypatch.setattr(reading, "quotations", lambda topic: [])
    assert reading.unquoted("one-email") == ([f"{', '.join(bare)}: {line}"] if bare else [])


def test_values_filled_into_a_quotation_leave_a_gap_and_no_more(monkeypatch):
    argument = ast.parse('f"fires for {n} of {m:.1f} emails"', mode="eval").body
    found = reading.pattern(argument)
    assert found.fullmatch("fires for 235 of 242.5 emails")
    assert not found.fullmatch("fires for 235 of 242 mails")


@pytest.mark.parametrize(
    "latex",
    [
        r"3 \cdot 0.5 + 1 \cdot 0.8 + 0.8 \cdot (-0.3) + 0.1 = 2.16",
        r"e^{-1.212} = 0.2976014",
        r"\frac{303}{250} = 1.212",
        r"\sqrt{2^2 + 3 \cdot 4} = 4",
        r"a + b = 3",
        r"1/3 \approx 0.33",
        r"2 < 3, \quad 5 \neq 6",
        r"h = \sigma(z)",
    ],
)
def test_arithmetic_that_holds_and_what_is_none_passes(latex):
    arithmetic.check(latex.replace("0.2976014", repr(2.718281828459045**-1.212)))


@pytest.mark.parametrize(
    "latex",
    [
        r"3 \cdot 0.5 + 1 \cdot 0.8 + 0.8 \cdot (-0.3) + 0.1 = 2.06",
        r"2^3 = 6",
        r"\frac{303}{250} = 1.221",
        r"1/3 \approx 0.34",
        r"3 < 2",
        r"1 + 1 = 2 = 3",
    ],
)
def test_arithmetic_that_does_not_hold_is_named(latex):
    with pytest.raises(SiteError, match="does not hold"):
        arithmetic.check(latex)
