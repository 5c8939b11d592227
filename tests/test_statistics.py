"""Recorded results are read as they were written, and what is computed from them is right or says what is wrong."""

import json
import math
import statistics as oracle
from fractions import Fraction

import numpy as np
import pytest

from sitetools import SiteError, formulas, statistics

A, B = [0.94, 0.972, 0.964, 0.968], [0.97, 0.98, 0.972, 0.98]
RESULT = {
    "experiment": "width",
    "seeds": [0, 1, 2, 3],
    "settings": {"widths": [16, 128], "limit": 0.965, "text": "as it is"},
    "once": {"parameters": {"16": 1210, "64-32": 6570}},
    "runs": {
        "test": {"16": A, "128": B, "64-32": [None, 0.9, None, 0.8]},
        "curve": [[4.0, 1.0, 1.0, 4.0], [1e-5, 1e-7, 1e-5, 1e-7]],
        "story": ["+-", "", "+-", "++"],
    },
    "derived": {
        "points.gain": "100 * ([test.128] - [test.16])",
        "points.one": "100 / 500",
        "ahead": "count([test.128] > [test.16])",
        "geometric": "exp(mean(log([curve])))",
        "best": "10 ** at([widths], argmin([geometric]))",
        "high": "where([test.16], [test.16] > [limit])",
        "high_mean": "mean([high])",
        "told": "distinct(where([story], [test.16] > [limit]))",
        "silent": "count([story] == '')",
        "gone": "count(missing([test.64-32]))",
        "ratio": "[test.64-32] / [test.16]",
        "last": "-at([curve], -1)",
    },
}


def at(path, result=RESULT):
    return statistics.value(result, path.split("."))


def with_formula(formula, **more):
    return RESULT | {"derived": {"it": formula, **more}}


def test_statistics_of_seeds_are_those_of_another_library():
    assert at("test.16.mean") == pytest.approx(np.mean(A), abs=1e-15)
    assert at("test.16.sd") == pytest.approx(np.std(A, ddof=1), abs=1e-15)
    assert at("test.16.se") == pytest.approx(oracle.stdev(A) / 2, abs=1e-15)
    assert at("test.16.median") == oracle.median(A) == at("test.16.median")
    assert (at("test.16.min"), at("test.16.max"), at("test.16.n")) == (0.94, 0.972, 4)
    assert formulas.median([3, 1, 2]) == 2
    assert isinstance(formulas.total([8500, 8500]), int)
    assert formulas.total([0.1] * 10) == 1.0


def test_a_mean_is_correct_to_the_last_digit():
    values = [0.1] * 10
    assert formulas.statistic("mean", values) == float(sum(map(Fraction, values)) / 10) == 0.1
    assert sum(values) / 10 != 0.1


def test_a_path_leads_to_settings_raw_values_and_places_in_them():
    assert at("widths.1") == 128
    assert at("parameters.64-32") == 6570
    assert at("test.16") == at("test.16.values") == A
    assert at("test.16.2") == at("test.16.values.2") == 0.964
    assert at("curve.1.0") == 1e-5
    assert at("seeds") == 4


def test_a_difference_is_taken_seed_by_seed():
    differences = [100 * (b - a) for a, b in zip(A, B, strict=True)]
    assert at("points.gain") == differences
    assert at("points.gain.mean") == pytest.approx(100 * (np.mean(B) - np.mean(A)))
    assert at("points.gain.se") == pytest.approx(oracle.stdev(differences) / 2)
    assert at("points.one") == 0.2
    assert at("ahead") == 4


def test_a_statistic_of_a_curve_is_taken_at_each_of_its_points():
    assert at("curve.mean") == [2.5, pytest.approx(5.05e-6)]
    assert at("geometric") == pytest.approx([2.0, 1e-6])
    assert at("best") == 10**128
    assert at("last") == [-v for v in RESULT["runs"]["curve"][1]]


def test_seeds_can_be_chosen_and_counted_by_a_condition():
    assert at("high") == [0.972, 0.968]
    assert at("high.n") == 2
    assert at("high_mean") == pytest.approx(0.97)
    assert at("told") == 2
    assert at("silent") == 1


def test_a_number_has_a_mantissa_and_an_exponent_that_belong_together():
    assert (at("curve.1.0.mantissa"), at("curve.1.0.exponent")) == (1.0, -5)
    for value in (1.78e-5, 9.96e-6, 9.94e-6, 3, 0.5, 2.5e7):
        assert formulas.mantissa(value) * 10.0 ** formulas.exponent(value) == pytest.approx(value, rel=0.05)
        assert 1 <= formulas.mantissa(value) < 10
    assert (formulas.mantissa(9.96e-6), formulas.exponent(9.96e-6)) == (1.0, -5)


def test_a_seed_without_a_value_has_none_afterwards_and_no_mean_is_taken_over_it():
    assert at("gone") == 2
    assert at("ratio") == [None, 0.9 / 0.972, None, 0.8 / 0.968]
    for path in ("ratio.mean", "test.64-32.mean", "test.64-32.max"):
        with pytest.raises(SiteError, match="missing"):
            at(path)
    assert at("test.64-32.n") == 4
    with pytest.raises(SiteError, match="missing"):
        at("test.nan.mean", RESULT | {"runs": {"test": {"nan": [math.nan, 1.0]}}})


def test_one_seed_has_no_spread():
    with pytest.raises(SiteError, match="at least two"):
        at("test.16.sd", RESULT | {"runs": {"test": {"16": [0.5]}}, "derived": {}})


def test_the_whole_tree_holds_what_every_path_gives():
    tree = statistics.tree(RESULT)
    assert tree["test"]["16"]["mean"] == at("test.16.mean")
    assert tree["points"]["gain"]["sd"] == at("points.gain.sd")
    assert tree["points"]["gain"]["values"] == at("points.gain")
    assert tree["curve"][1]["mean"] == at("curve.1.mean")
    assert at("points") == {"gain": at("points.gain"), "one": 0.2}
    assert json.loads(json.dumps(tree)) == tree


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("test.17.mean", "unknown number 'width.test.17.mean': there is no '17' in it"),
        ("test.16.average", "there is no 'average' in it"),
        ("test.16.9", "there is no '9' in it"),
        ("test.16.-1", "there is no '-1' in it"),
        ("test.mean", "there is no 'mean' in it"),
        ("text.mean", "there is no 'mean' in it"),
        ("parameters.16.sd", "there is no 'sd' in it"),
        ("points.gain.mean.deeper", "there is no 'deeper' in it"),
    ],
)
def test_a_path_that_leads_nowhere_says_where_it_ends(path, message):
    with pytest.raises(SiteError, match="unknown number") as caught:
        at(path)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("formula", "cause"),
    [
        ("100 * [test.17]", "there is no '17' in it"),
        ("[test.16] +", "cannot be read"),
        ("average([test.16])", "there is no function 'average' of 1 arguments"),
        ("mean([test.16], [test.128])", "there is no function 'mean' of 2 arguments"),
        ("[test.16] - [widths]", "lists of 4 and 2 values do not pair"),
        ("where([test.16], [widths] > 20)", "argument"),
        ("mean([limit])", "needs a list"),
        ("1 / ([limit] - [limit])", "division by zero"),
        ("log(-[limit])", "math domain error|positive input"),
        ("[it]", "asks for itself: it → it"),
        ("[other]", "asks for itself"),
        ("__import__('os').getcwd()", "is not allowed"),
        ("(lambda: 1)()", "is not allowed"),
        ("[limit].real", "is not allowed"),
        ("open('x')", "there is no function 'open'"),
        ("limit", "'limit' is not allowed"),
        ("[x for x in [test.16]]", "is not allowed"),
        ("[limit] if [limit] else 1", "is not allowed"),
        ("mean(*[test.16])", "is not allowed"),
        ("1 < [limit] < 2", "is not allowed"),
    ],
)
def test_a_bad_formula_names_its_experiment_itself_and_the_cause(formula, cause):
    with pytest.raises(SiteError, match=cause) as caught:
        at("it", with_formula(formula, other="[it]"))
    assert "experiments/width.py" in str(caught.value)
    assert repr(formula) in str(caught.value) or "'[it]'" in str(caught.value)


def test_two_things_of_one_name_are_an_error():
    for clash in ({"test.16": "1"}, {"test.16.more": "1"}, {"test": "1"}):
        with pytest.raises(SiteError, match="two things are called 'test"):
            at("seeds", RESULT | {"derived": clash})


def test_a_result_in_another_form_or_broken_is_named(tmp_path):
    path = tmp_path / "width.json"
    path.write_text('{"result": 1}')
    with pytest.raises(SiteError, match=r"width\.json has no .*run `make record EXP=width`"):
        statistics.read(path)
    path.write_text('{"experiment": ')
    with pytest.raises(SiteError, match=r"width\.json:1: not whole JSON"):
        statistics.read(path)
