"""What was measured still follows from the code: fresh, sealed, and the same when a seed is run again."""

import json
import shutil
from statistics import fmean, median, stdev

import numpy as np
import pytest

from experiments import pixel_rates, replays, results, shuffled_pixels
from scratchmlp.datasets import Split
from sitetools import ROOT, formulas, statistics
from sitetools.house import read

NAMES = results.names()


@pytest.mark.parametrize("name", NAMES)
def test_a_result_is_no_older_than_its_experiment_and_as_it_was_written(name):
    assert list(statistics.check(results.read(name), results.source(name), ROOT)) == []


def test_every_result_belongs_to_an_experiment():
    assert {path.stem for path in results.RESULTS.glob("*.json")} == set(NAMES)


@pytest.mark.parametrize("name", replays.quick(1.0))
def test_one_seed_of_a_quick_experiment_gives_what_was_recorded(name):
    assert replays.replay(name) == []


def test_quick_replays_are_quick_together_and_the_others_known():
    assert sum(replays.seconds(name) for name in replays.quick(1.0)) < 15
    assert sum(replays.seconds(name) for name in replays.quick(10)) < 240
    assert len(replays.quick(1.0)) >= 3
    times = {"activation_cost", "speed"}
    assert set(NAMES) - set(replays.comparable()) == {
        "caught",
        *times,
    }  # "caught" is of the project on one day


@pytest.fixture
def house(tmp_path):
    """A house with experiments and results that may be broken."""
    for room in ("experiments", "benchmarks", "claims", "snippets", "docs/series", "tests"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    (tmp_path / "docs").mkdir(exist_ok=True)
    shutil.copy(ROOT / "docs" / "terms.toml", tmp_path / "docs")
    return tmp_path


def test_a_changed_formula_in_an_experiment_is_a_fault_of_the_house(house):
    assert read(house).errors() == []
    file = house / "experiments" / "width.py"
    file.write_text(
        file.read_text()
        .replace("scale=1 / 16", "scale=1 / 15")
        .replace("[64, *hidden, 10]", "[64, *hidden, 11]")
    )
    assert read(house).errors() == [
        "experiments/width.py has changed since it was measured; run `make record EXP=width`"
    ]


def test_a_changed_comment_is_none(house):
    file = house / "experiments" / "width.py"
    file.write_text(file.read_text() + "\n# a thought\n")
    assert read(house).errors() == []


def test_a_value_that_was_changed_by_hand_is_a_fault_of_the_house(house):
    file = house / "experiments" / "results" / "width.json"
    held = json.loads(file.read_text())
    held["runs"]["test"]["16"][0] += 0.01
    file.write_text(json.dumps(held))
    (fault,) = read(house).errors()
    assert "width" in fault
    assert "make record EXP=width" in fault


MEASURED = "has changed since it was measured"
BY_HAND = "was changed by hand"
GAIN = "100 * ([test.128]", "100 * ([test.64]"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "shuffled_pixels.py",
            '"mnist": {"linear": 0.',
            '"mnist": {"linear": 1.',
            f"shuffled_pixels.py {MEASURED}",
        ),
        ("pixel_rates.py", "BATCH = 4, 100", "BATCH = 4, 50", f"shuffled_pixels.py {MEASURED}"),
        ("line_or_mlp.py", "0.3, 1.0]", "0.3, 2.0]", f"line_or_mlp.py {MEASURED}"),
        ("measure.py", "SGD(0.05", "SGD(0.5", f"width.py {MEASURED}"),
        ("width.py", *GAIN, "width.py says something else about its values"),
        ("results/width.json", *GAIN, f"results/width.json {BY_HAND}"),
        ("results/width.json", "0.944, ", "0.945, ", f"results/width.json {BY_HAND}"),
        (
            "results/shuffled_pixels.json",
            '"batch": 100',
            '"batch": 50',
            f"results/shuffled_pixels.json {BY_HAND}",
        ),
    ],
)
def test_a_rate_a_formula_or_a_value_that_is_changed_without_measuring_stops_the_build(
    house, file, old, new, said
):
    path = house / "experiments" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    errors = read(house).errors()
    assert any(said in error for error in errors), errors


def test_a_result_that_is_gone_from_its_experiment_names_itself(house):
    (house / "experiments" / "width.py").unlink()
    (fault,) = read(house).errors()
    assert "experiments/results/width.json belongs to no experiment" in fault


@pytest.mark.parametrize(
    ("recorded", "came", "tolerance", "said"),
    [
        ({"a": [0.97, 0.5]}, {"a": [0.97, 0.5]}, {}, []),
        ({"a": [0.97, 0.5]}, {"a": [0.97, 0.6]}, {}, ["a.1: recorded 0.5, came 0.6"]),
        ({"a": [0.97, 0.5]}, {"a": [0.97, 0.6]}, {"a.*": 0.2}, []),
        ({"a": 100.0}, {"a": 104.0}, {"a": "5%"}, []),
        ({"a": 100.0}, {"a": 106.0}, {"a": "5%"}, ["a: recorded 100.0, came 106.0"]),
        ({"seconds": 1.0}, {"seconds": 9.0}, {"seconds": None}, []),
        ({"a": 1}, {"b": 1}, {}, ["", "recorded {'a': 1}, came {'b': 1}"]),
        ({"w": "1 2.5"}, {"w": "1 2.6"}, {"w": 0.01}, ["w: recorded '1 2.5', came '1 2.6'"]),
    ],
)
def test_what_differs_by_more_than_is_tolerated_is_named(recorded, came, tolerance, said):
    lines = replays.differences(recorded, came, tolerance)
    assert len(lines) == bool(said)
    assert all(part in lines[0] for part in said)


# ---- a result holds raw values, and nothing that follows from them

SAYS = {"experiment", "question", "conditions", "settings", "seeds", "derived", "tolerance"}
HOLDS = SAYS | {
    "once",
    "runs",
    "seconds",
    "digest",
    "seal",
    "versions",
    "processor",
    "system",
    "blas",
    "threads",
}
AGGREGATES = {
    "mean",
    "average",
    "avg",
    "sd",
    "std",
    "se",
    "sem",
    "min",
    "max",
    "median",
    "sum",
    "total",
    "ratio",
}
SUMMARIES = (fmean, median, stdev, formulas.se, min, max)


def leaves(tree, path=()):
    """Every value of a tree with its path, lists as they are."""
    if isinstance(tree, dict):
        for key, below in tree.items():
            yield from leaves(below, (*path, key))
    else:
        yield ".".join(path), tree


def flat(value):
    """The innermost lists of numbers of a value."""
    if isinstance(value, list) and len(value) > 1:
        if all(isinstance(v, float) for v in value):
            yield value
        for below in value:
            yield from flat(below)


def aggregates(result):
    """The paths of a result at which a summary stands: by its name, or since it is that of a list in the result."""
    held = [leaf for tree in statistics.TREES for leaf in leaves(result[tree], (tree,))]
    lists = [values for _, value in held for values in flat(value)]
    summaries = {f"{f(values):.9g}" for values in lists for f in SUMMARIES if f(values) not in values}
    for path, value in held:
        alone = value if isinstance(value, list) and path.startswith("once") else [value]
        if AGGREGATES & set(path.split(".")) or any(
            isinstance(v, float) and f"{v:.9g}" in summaries for v in alone
        ):
            yield path


@pytest.mark.parametrize("name", NAMES)
def test_a_result_stores_no_aggregate_beside_its_raw_values(name):
    held = results.read(name)
    assert set(held) <= HOLDS, "a result holds what `experiments.results` writes"
    assert list(aggregates(held)) == [], (
        "drop it, and compute it when it is read: `[[result.path.mean|.1%]]`, or DERIVED"
    )


@pytest.mark.parametrize(
    "stored",
    [
        {"once": {"test": {"mean": 0.1}}},
        {"runs": {"test": {"16": [0.9, 0.95, 0.94]}}, "once": {"level": 0.93}},
        {"runs": {"test": {"16": [0.9, 0.95, 0.94]}}, "once": {"levels": [0.5, 0.93]}},
        {"runs": {"test": [0.9, 0.95, 0.94]}, "settings": {"spread": 0.026457513110645903}},
    ],
)
def test_an_aggregate_is_found_by_its_name_and_by_its_value(stored):
    assert len(list(aggregates({"settings": {}, "once": {}, "runs": {}} | stored))) == 1


# ---- what the page on speed says of the recorded table


@pytest.fixture(scope="module")
def table():
    """The recorded table, with what is computed of it."""
    return results.values("speed")["rows"]


SGD_LARGE = ("784-512-256-10", "3072-512-256-10")


def test_with_one_thread_both_peers_take_longer_on_every_row(table):
    for name, row in table.items():
        ratios = {
            key: v
            for key, v in row["threads"]["1"].items()
            if key in ("torch_over_ours", "sklearn_over_ours")
        }
        assert len(ratios) == 1 + (name != "cnn-16-32")
        assert min(ratios.values()) > 1, name


def test_we_are_nearly_as_fast_as_the_bare_loop_on_large_networks_and_the_checks_show_on_small_ones(table):
    over = {name: row["threads"]["1"].get("ours_over_bare") for name, row in table.items()}
    assert all(over[name] < 1.1 for name in SGD_LARGE)
    assert over["64-64-32-10"] > 1.1


def test_pytorch_is_farther_with_adam_than_with_plain_sgd_and_far_on_small_networks(table):
    over = {name: row["threads"]["1"]["torch_over_ours"] for name, row in table.items()}
    assert over["784-512-256-10-adam"] > over["784-512-256-10"]
    assert over["64-64-32-10"] > over["784-100-10"] > 1.5


def test_who_makes_what_of_a_second_thread(table):
    ours = {name: row["threads"]["2"]["ms"] / row["threads"]["1"]["ms"] for name, row in table.items()}
    torch = {
        name: median(r["seconds"]["2"]["torch"]) / median(r["seconds"]["1"]["torch"])
        for name, r in table.items()
    }
    assert all(ours[name] < 0.9 for name in SGD_LARGE)
    assert 0.95 < ours["64-64-32-10"] < 1.05
    for name in ("784-512-256-10-momentum", "784-512-256-10-adam", "cnn-16-32"):
        assert torch[name] < 0.9
        assert torch[name] < ours[name]


# ---- the contenders on shuffled pixels, and the rate of each

SIZES = {"mnist": (1, 28), "cifar10": (3, 32)}
SIDES = ("plain", "shuffled")


@pytest.mark.parametrize("dataset", SIZES)
def test_each_contender_has_the_rate_that_was_best_on_the_validation_images(dataset):
    held = results.read("pixel_rates")
    for model in ("linear", "mlp", "wide", "arithmetic", "cnn"):
        by_rate = [fmean(found) for found in held["runs"][dataset][model]["validation"]]
        best = held["settings"]["rates"][by_rate.index(max(by_rate))]
        assert results.values("pixel_rates")[dataset][model]["rate"] == best
        assert shuffled_pixels.LR[dataset][model] == best
        assert results.read("shuffled_pixels")["settings"]["lr"][dataset][model] == best


def test_rates_are_chosen_on_training_images_alone_and_judged_on_others_than_those_learned_from(monkeypatch):
    n = pixel_rates.N_TRAIN + pixel_rates.N_VALIDATION + 1000
    marked = np.arange(n)
    nothing = np.full(10, -1)
    seen = []

    def train(data, dataset, model, rate, order, seed):
        seen.append((data, rate, order))
        return rate, 0.0

    monkeypatch.setattr(pixel_rates, "train", train)
    monkeypatch.setitem(pixel_rates.loaders, "mnist", lambda: Split(marked, marked, nothing, nothing))
    assert pixel_rates.tried("mnist", "mlp", 0) == [rate for _, rate, _ in seen] == list(pixel_rates.RATES)
    for data, _, order in seen:
        assert order is None
        assert (data.x_train == data.y_train).all()
        assert (data.x_test == data.y_test).all()
        assert (len(set(data.x_train)), len(set(data.x_test))) == (
            pixel_rates.N_TRAIN,
            pixel_rates.N_VALIDATION,
        )
        assert set(data.x_train).isdisjoint(data.x_test)
        assert min(data.x_train.min(), data.x_test.min()) >= 0


@pytest.mark.parametrize(("dataset", "size"), SIZES.items())
def test_one_mlp_has_the_cnns_parameters_and_another_its_arithmetic(dataset, size):
    channels, side = size
    D, K = channels * side**2, 10
    found = results.read("shuffled_pixels")
    counts, hidden = found["once"][dataset], found["settings"]["hidden"]
    places = [side**2, (side // 2) ** 2]
    macs = places[0] * 16 * channels * 9 + places[1] * 32 * 16 * 9 + 32 * (side // 4) ** 2 * K
    parameters = 16 * (channels * 9 + 1) + 32 * (16 * 9 + 1) + (32 * (side // 4) ** 2 + 1) * K
    assert counts["cnn"] == {
        "parameters": parameters,
        "units": 16 * places[0] + 32 * places[1],
        "macs": macs,
    }
    assert counts["linear"] == {"parameters": (D + 1) * K, "units": 0, "macs": D * K}
    for model in ("mlp", "wide", "arithmetic"):
        M = hidden[model][dataset]
        assert counts[model] == {"parameters": (D + 1) * M + (M + 1) * K, "units": M, "macs": D * M + M * K}
    assert abs(counts["arithmetic"]["macs"] - macs) <= (D + K) / 2
    assert abs(counts["mlp"]["parameters"] - parameters) <= (D + 1 + K) / 2
    assert hidden["wide"][dataset] >= 128
    assert list(counts) == ["linear", "mlp", "wide", "arithmetic", "cnn"]


@pytest.mark.parametrize("dataset", SIZES)
def test_a_lead_is_paired_seed_by_seed(dataset):
    raw, found = results.read("shuffled_pixels")["runs"][dataset], results.values("shuffled_pixels")[dataset]
    for other in ("linear", "mlp", "wide", "arithmetic"):
        lead = found["lead"][other]
        for side in SIDES:
            pairs = zip(raw["cnn"][side], raw[other][side], strict=True)
            assert lead[side] == pytest.approx([100 * (cnn - mlp) for cnn, mlp in pairs])
        assert lead["lost"] == pytest.approx([a - b for a, b in zip(*(lead[s] for s in SIDES), strict=True)])
    for side in SIDES:
        assert found["gap"][side] == pytest.approx(fmean(found["lead"]["mlp"][side]))
    assert found["lost"] == pytest.approx(-fmean(found["cnn"]["points"]))
