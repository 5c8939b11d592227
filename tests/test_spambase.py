"""The study of real mail: who is chosen by what, what is counted, and that no test email has a say in it."""

from statistics import fmean

import numpy as np
import pytest

from experiments import results, spambase
from scratchmlp.datafiles import find

HELD = results.values("spambase")
NAMES = tuple(spambase.VARIANTS)


def emails(n, seed=0):
    """So many invented emails of 57 features, of which ! and the last tell something."""
    rng = np.random.default_rng(seed)
    x = rng.exponential(size=(n, 57))
    return x, (1.5 * x[:, spambase.MARK] + x[:, 56] + rng.normal(size=n) > 2.5).astype(np.int64)


def invented(seed=0):
    """Emails to train, to validate and to test."""
    return [emails(n, 10 * seed + k) for k, n in enumerate((300, 100, 100))]


# ---- what is counted


def test_of_six_emails_by_hand():
    scores, y = np.array([3.0, 2.0, 1.0, -1.0, -2.0, -3.0]), np.array([1, 0, 1, 1, 0, 0])
    half = spambase.judged(scores, y, 0)
    assert half == pytest.approx(
        {"accuracy": 4 / 6, "precision": 2 / 3, "recall": 2 / 3, "false_alarms": 1 / 3}
    )
    above_two = spambase.judged(scores, y, 2)
    assert above_two == pytest.approx({"accuracy": 4 / 6, "precision": 1, "recall": 1 / 3, "false_alarms": 0})
    nothing = spambase.judged(scores, y, 3)
    assert np.isnan(nothing["precision"])
    assert (nothing["accuracy"], nothing["recall"], nothing["false_alarms"]) == (0.5, 0, 0)


def test_what_is_counted_is_what_scikit_learn_counts():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    scores, y = rng.normal(size=400), rng.integers(0, 2, size=400)
    for limit in (-1, 0, 0.7):
        found, called = spambase.judged(scores, y, limit), scores > limit
        assert found["accuracy"] == pytest.approx(metrics.accuracy_score(y, called))
        assert found["precision"] == pytest.approx(metrics.precision_score(y, called))
        assert found["recall"] == pytest.approx(metrics.recall_score(y, called))
        (good, alarms), _ = metrics.confusion_matrix(y, called)
        assert found["false_alarms"] == pytest.approx(alarms / (good + alarms))


@pytest.mark.parametrize(("n_good", "allowed"), [(199, 0), (200, 1), (364, 1), (400, 2)])
def test_a_threshold_lets_as_many_good_emails_pass_as_it_may_and_no_more(n_good, allowed):
    scores = np.random.default_rng(n_good).permutation(n_good + 50).astype(float)
    y = (np.arange(n_good + 50) >= n_good).astype(int)
    limit = spambase.threshold(scores, y)
    assert np.count_nonzero(scores[y == 0] > limit) == allowed
    assert np.count_nonzero(scores[y == 0] >= limit) == allowed + 1


def test_where_good_emails_share_the_highest_score_none_is_called_spam():
    scores, y = np.array([5.0] * 10 + [1.0] * 390 + [5.0] * 20), np.array([0] * 400 + [1] * 20)
    assert spambase.judged(scores, y, spambase.threshold(scores, y))["recall"] == 0


def test_good_emails_with_the_highest_score_are_counted():
    scores = np.array([3, 3, 3, 1, 3.0])
    assert spambase.on_top(scores, np.array([0, 1, 0, 0, 1])) == 2
    assert spambase.on_top(scores, np.array([1, 1, 1, 0, 1])) == 0


# ---- who learns from which emails


def test_the_three_parts_share_no_email_and_hold_all(monkeypatch):
    n = 4601
    monkeypatch.setattr(spambase, "spambase", lambda: (np.arange(n)[:, None], np.arange(n)))
    parts = spambase.emails(3)
    assert [len(x) for x, _ in parts] == [3001, 600, 1000]
    assert all((x[:, 0] == y).all() for x, y in parts)
    assert sorted(np.concatenate([y for _, y in parts])) == list(range(n))
    assert (parts[2][1] != spambase.emails(4)[2][1]).any()


def test_features_are_standardised_by_the_training_emails_alone():
    train, validation, test = invented()
    x = spambase.standardised([train, validation, test])[0][0]
    assert x.mean(axis=0) == pytest.approx(0, abs=1e-6)
    assert x.std(axis=0) == pytest.approx(1, abs=1e-5)
    moved = spambase.standardised([train, (validation[0] + 100, validation[1]), (test[0] * 9, test[1])])
    assert (moved[0][0] == x).all()
    assert moved[1][0][5] == pytest.approx(
        (validation[0][5] + 100 - train[0].mean(axis=0)) / train[0].std(axis=0), rel=1e-5
    )
    logged = spambase.standardised([train, test], np.log1p, [3, 1])
    by_hand = (np.log(1 + test[0][:, 1]) - np.log(1 + train[0][:, 1]).mean()) / np.log(
        1 + train[0][:, 1]
    ).std()
    assert logged[1][0][:, 1] == pytest.approx(by_hand, abs=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_the_labels_of_the_test_emails_choose_nothing(name, monkeypatch):
    monkeypatch.setattr(spambase, "EPOCHS", 2)
    monkeypatch.setattr(spambase, "RATES", (0.01, 0.1))
    train, validation, (x, y) = spambase.standardised(invented())
    right = spambase.tuned(name, 0, [train, validation, (x, y)])
    turned = spambase.tuned(name, 0, [train, validation, (x, 1 - y)])
    chosen = ("loss", "rate", "variant")
    assert [right[key] for key in chosen] == [turned[key] for key in chosen]
    assert right["half"]["accuracy"] == pytest.approx(1 - turned["half"]["accuracy"])


def test_the_setting_with_the_lowest_validation_loss_is_taken_with_its_own_logits(monkeypatch):
    """Of invented settings the second is best, and what it says of the test emails is what is judged."""
    losses = iter([0.5, 0.2, *[0.4] * 13])
    y = np.array([0, 1, 1, 0])

    def trained(name, seed, parts, rate, variant):
        loss = next(losses)
        right = np.where(y == 1, 1.0, -1.0)
        return loss, right, right if loss == 0.2 else -right

    monkeypatch.setattr(spambase, "trained", trained)
    found = spambase.tuned("relu3", 0, [(None, None), (None, y), (None, y)])
    assert (found["loss"], found["rate"], found["variant"]) == (0.2, spambase.RATES[0], 1)
    assert found["half"]["accuracy"] == 1
    assert next(losses, None) is None


@pytest.mark.parametrize(
    ("name", "variant", "sizes", "l2"),
    [
        ("linear3", 0.01, [3, 1], 0.01),
        ("relu3", 2, [3, 2, 1], 0),
        ("linear57", 0.001, [57, 1], 0.001),
        ("mlp57", 32, [57, 32, 1], 0),
    ],
)
def test_each_contender_is_what_its_name_says(name, variant, sizes, l2, monkeypatch):
    made = []
    whole, optimizer = spambase.mlp, spambase.SGD
    monkeypatch.setattr(spambase, "mlp", lambda *a, **k: made.append(a[0]) or whole(*a, **k))
    monkeypatch.setattr(spambase, "SGD", lambda *a, **k: made.append((a, k)) or optimizer(*a, **k))
    monkeypatch.setattr(spambase, "EPOCHS", 1)
    parts = spambase.standardised(invented(), columns=[51, 15, 3] if sizes[0] == 3 else ...)
    spambase.trained(name, 0, parts, 0.03, variant)
    assert made == [sizes, ((0.03,), {"momentum": 0.9, "l2": l2})]


def test_three_starts_are_three_networks(monkeypatch):
    monkeypatch.setattr(spambase, "EPOCHS", 1)
    parts = spambase.standardised(invented(), columns=[51, 15, 3])
    losses = [spambase.trained("relu3", 0, parts, 0.001, start)[0] for start in (0, 1, 2, 0)]
    assert losses[0] == losses[3]
    assert len({*losses}) == 3


def test_a_strict_threshold_is_set_by_validation_emails_and_judged_by_test_emails(monkeypatch):
    y = np.repeat([0, 1], [200, 10])
    scores = np.arange(210.0)
    monkeypatch.setattr(spambase, "trained", lambda *_: (0.1, scores, scores + 50))
    found = spambase.tuned("mlp57", 0, [(None, None), (None, y), (None, y)])["strict"]
    assert found == {
        "recall": 1,
        "false_alarms": 51 / 200,
    }  # of the 200 good emails 1 lies above 198 here, 51 there


def test_all_contenders_try_as_many_settings():
    assert {len(variants) for variants in spambase.VARIANTS.values()} == {3}
    assert 3 * len(spambase.RATES) == 15


# ---- the third feature


def test_the_third_feature_is_the_one_that_helps_most_beside_the_two():
    x, y = emails(400)
    assert spambase.third(x, y) == 56
    x[:, 20] = x[:, spambase.MARK] + 0.05 * x[:, 19]  # tells much alone, and beside ! nothing new
    alone = [spambase.logistic_loss(x[:, [i]], y) for i in (20, 56)]
    assert alone[0] < alone[1]
    assert spambase.third(x, y) == 56


def test_the_logistic_loss_is_the_lowest_that_scikit_learn_finds():
    linear_model = pytest.importorskip("sklearn.linear_model")
    x, y = emails(300)
    x = x[:, [spambase.MARK, 3, 56]]
    model = linear_model.LogisticRegression(C=1e9, tol=1e-10, max_iter=1000).fit(x, y)
    p = model.predict_proba(x)[np.arange(300), y]
    assert spambase.logistic_loss(x, y) == pytest.approx(-np.log(p).mean(), abs=1e-7)


def test_the_names_are_those_of_the_columns():
    assert len(spambase.NAMES) == 57
    assert [spambase.NAMES[i] for i in (spambase.FREE, spambase.MARK)] == ["free", "!"]
    if not (path := find("spambase/spambase.names")):
        pytest.skip("$SCRATCHMLP_DATA holds no spambase.names")
    lines = path.read_text(encoding="latin-1").splitlines()
    theirs = [
        line.partition(":")[0] if "_;" not in line else "char_freq_;"
        for line in lines
        if "continuous." in line
    ]
    assert [name.rpartition("_")[2] for name in theirs[:54]] == spambase.NAMES[:54]
    assert [name.rpartition("_")[2] for name in theirs[54:]] == ["average", "longest", "total"]


# ---- what was recorded


def test_every_seed_found_the_same_third_feature():
    assert HELD["third"] == ["$"] * HELD["seeds"]


@pytest.mark.parametrize(("a", "b"), spambase.PAIRS)
def test_differences_are_paired_seed_by_seed_and_in_points(a, b):
    raw = results.read("spambase")["runs"]
    for measure in spambase.MEASURES:
        ours, theirs = (raw[name]["log"]["half"][measure] for name in (a, b))
        assert HELD["points"][a][measure] == pytest.approx(
            [100 * (p - q) for p, q in zip(ours, theirs, strict=True)]
        )
    ours, theirs = (fmean(raw[name]["log"]["strict"]["recall"]) for name in (a, b))
    assert fmean(HELD["points"][a]["strict_recall"]) == pytest.approx(100 * (ours - theirs))


@pytest.mark.parametrize("name", NAMES)
def test_a_strict_threshold_finds_less_spam_and_alarms_less(name):
    for way in spambase.WAYS:
        found = HELD[name][way]
        for measure in ("recall", "false_alarms"):
            pairs = zip(found["strict"][measure], found["half"][measure], strict=True)
            assert all(strict < half for strict, half in pairs)


def test_logarithms_have_the_lower_validation_loss_for_all_but_once():
    assert [HELD["log_chosen"][name] for name in NAMES] == [10, 9, 10, 10]


def test_where_the_network_of_two_units_finds_nothing_many_good_emails_share_its_highest_score():
    found = HELD["relu3"]["log"]
    pairs = list(zip(found["strict"]["recall"], found["good_on_top"], strict=True))
    assert all((recall == 0) == (on_top > 1) for recall, on_top in pairs)
    assert HELD["nothing_left"]["relu3"] == HELD["many_on_top"]["relu3"] == 6
    assert all(HELD["many_on_top"][name] == 0 for name in NAMES if name != "relu3")
