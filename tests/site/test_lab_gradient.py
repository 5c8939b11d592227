"""The lab on gradients runs as it stands, and what its words say of its numbers is so."""

import inspect

import jupytext
import numpy as np
import pytest
import yaml

from scratchmlp.layers import Dense
from scratchmlp.losses import cross_entropy
from scratchmlp.network import mlp
from scratchmlp.optimizers import SGD, Adam
from scratchmlp.training import fit
from sitetools import ROOT

LAB = jupytext.read(ROOT / "docs" / "labs" / "gradient.py")
WORDS = " ".join(" ".join(cell.source for cell in LAB.cells if cell.cell_type == "markdown").split())
CODE = [cell.source.replace("%config", "#") for cell in LAB.cells if cell.cell_type == "code"]
ALTS = [cell.metadata["alt"] for cell in LAB.cells if "alt" in cell.metadata]


@pytest.fixture(scope="module")
def ran():
    """What the lab's names hold after its last cell, the states that orders were drawn from, and its drawings."""
    space, orders, shown = {}, [], []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPLBACKEND", "Agg")
        patch.setattr("matplotlib.pyplot.show", lambda: shown.append(space["figure"]))
        for n, code in enumerate(CODE):
            exec(code, space)
            if n == 0:
                space["fit"] = noting(orders)
    return space, orders, shown


def noting(orders):
    """The training of the package, which notes the examples and the state of the order that it is given."""

    def call(net, x, y, **settings):
        orders.append((len(x), settings["rng"].bit_generator.state["state"]["state"]))
        return fit(net, x, y, **settings)

    return call


def said(words):
    assert words in WORDS, words
    return True


def rms(v):
    return np.sqrt(np.mean(np.square(v)))


def by_hand(net, x, y):
    """The chain rule through sigmoids in float64: RMS of each dW, each layer's slopes, what each W passes back."""
    dense = [layer.params for layer in net.layers if isinstance(layer, Dense)]
    h = [x.astype(float)]
    for params in dense:
        z = h[-1] @ params["W"].astype(float) + params["b"]
        h.append(1 / (1 + np.exp(-z)))
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    dz = (p - np.eye(10)[y]) / len(x)
    slopes = [v * (1 - v) for v in h[1:-1]]
    found, passed = [], []
    for n in reversed(range(len(dense))):
        found.append(rms(h[n].T @ dz))
        dh = dz @ dense[n]["W"].T.astype(float)
        passed.append(rms(dh) / rms(dz))
        dz = dh * slopes[n - 1]
    return np.array(found[::-1]), slopes, passed[::-1]


def typical(history):
    return np.median(history.validation_accuracy[-5:])


def test_the_digits_are_split_as_in_the_first_lab_and_the_test_digits_stay_out(ran):
    lab = ran[0]
    assert said("The digits, and how they are split, are those of the [first lab](digits.py)")
    first = jupytext.read(ROOT / "docs" / "labs" / "digits.py").cells[1].source
    space = {}
    exec(first.replace("%config", "#"), space)
    for name in ("x", "y", "x_val", "y_val"):
        assert (lab[name] == space[name]).all()
    assert said("the test digits stay in the drawer")
    tests = {*map(bytes, space["x_test"])}
    assert len(tests) == 500
    held = [
        v for v in lab.values() if isinstance(v, np.ndarray) and v.dtype == lab["x"].dtype and v.ndim == 2
    ]
    assert [len(v) for v in held if {*map(bytes, v)} & tests] == [len(lab["flat"])]
    assert not any("flat" in code or "x_test" in code for code in CODE[1:])


def test_the_networks_are_those_of_the_words(ran):
    lab = ran[0]
    assert said("six hidden layers of sixty-four units each")
    net = lab["build"](lab["Sigmoid"], lab["lecun"])
    dense = [layer.params["W"] for layer in net.layers if layer.params]
    assert [W.shape for W in dense] == [(64, 64)] * 6 + [(64, 10)]
    assert [type(layer).__name__ for layer in net.layers[1::2]] == ["Sigmoid"] * 6
    assert said("standard deviation is one over the root of the number of inputs")
    assert all(W.std() == pytest.approx(1 / np.sqrt(64), rel=0.1) for W in dense)
    assert said("a weighted sum is about as large as the values in it")
    sums = [net.layers[0].forward(lab["batch"])]
    for h, layer in zip(lab["hidden"](net, lab["batch"]), net.layers[2::2], strict=True):
        sums.append(layer.forward(h))
        assert 0.7 < rms(sums[-1]) / rms(h) < 1.4


def test_the_gradient_is_that_of_the_chain_rule_and_falls_by_a_quarter_per_layer(ran):
    lab, _, shown = ran
    start = lab["start"]
    found, slopes, passed = by_hand(lab["build"](lab["Sigmoid"], lab["lecun"]), lab["batch"], lab["targets"])
    assert start == pytest.approx(found, rel=1e-3)
    assert said("We square them, take the mean, and then the root")
    assert said("More than ten thousand times smaller")
    assert start[-1] / start[0] > 1e4
    assert said(
        "From the sixth layer down to the first, each gradient is about a quarter of the one above it"
    )
    falls = start[1:] / start[:-1]
    assert ((falls[:-1] > 3.5) & (falls[:-1] < 4.6)).all()
    assert said("This slope is a quarter where the sum is 0, and smaller everywhere else")
    assert all(slope.max() <= 0.25 for slope in slopes)
    assert slopes[0].max() == pytest.approx(0.25, abs=1e-3)
    assert said("most slopes are close to a quarter")
    assert all(np.median(slope) > 0.23 for slope in slopes)
    assert said("The weights pass on about as much as they get")
    assert all(0.8 < share < 1.2 for share in passed[1:-1])
    assert said("Only the step below the last layer is larger: there a unit collects from ten logits")
    assert falls[-1] > 2 * falls[:-1].max()
    assert passed[-1] == pytest.approx(np.sqrt(10 / 64), rel=0.1)
    (axes,) = shown[0].axes
    measured, quarter = axes.lines
    assert list(measured.get_ydata()) == list(start)
    assert np.diff(np.log(quarter.get_ydata())) == pytest.approx(np.log(4))
    assert quarter.get_ydata()[-1] == start[-2]
    assert "climbs in a straight line from the first layer to the sixth" in ALTS[0]
    assert "a dashed line of a quarter per layer, and jumps a little further at the last" in ALTS[0]
    assert quarter.get_linestyle() == "--"
    assert [text.get_text() for text in axes.texts] == ["measured", "a quarter per layer"]


def test_at_no_rate_does_the_gradient_come_back(ran):
    lab, orders, shown = ran
    assert said("We try three rates, each ten times the one before, for twenty epochs")
    assert list(lab["plain"]) == [0.1, 1, 10]
    assert said("The networks start from the same weights and see the same digits in the same order")
    assert len({*orders}) == 1
    assert said("None of the three gets below the logarithm of ten")
    assert said("each gives one answer to all validation digits")
    assert said("At none of these rates does the gradient of the first layer come back")
    for net, history, seen in lab["plain"].values():
        assert len(history.loss) == 20 == len(seen) - 1
        assert (seen[0] == lab["start"]).all()
        assert min(history.loss) > np.log(10)
        assert len({*net.predict(lab["x_val"] / 16)}) == 1
        assert seen[:, 0].max() < 5 * lab["start"][0]
    (axes,) = shown[1].axes
    assert [list(line.get_ydata()) for line in axes.lines] == [
        list(lab["plain"][0.1][2][:, n]) for n in (1, 2, 3, 4, 5, 6, 0)
    ]
    assert (np.diff(lab["plain"][0.1][2], axis=1) > 0).all()
    assert "at the smallest rate. Seven lines run one below the other and never meet" in ALTS[1]
    assert "the first layer stays lowest, far below the last" in ALTS[1]
    assert (lab["plain"][0.1][2][:, 0] < lab["plain"][0.1][2][:, -1] / 1000).all()
    heights = {text.get_text(): text.get_position()[1] for text in axes.texts}
    assert heights == {"last": axes.lines[5].get_ydata()[-1], "first": axes.lines[6].get_ydata()[-1]}


def test_the_largest_rate_is_far_too_much_for_the_last_layer(ran):
    lab = ran[0]
    assert said("what the first could use is far too much for the last, so the loss goes up")
    guess, _ = cross_entropy(lab["build"](lab["Sigmoid"], lab["lecun"]).forward(lab["batch"]), lab["targets"])
    assert lab["plain"][10][1].loss[0] > guess + 0.3
    alone = last_alone(lab, *lab["versions"]["as they come"], SGD(10.0))
    assert min(alone.loss) > 2 * guess


def last_alone(lab, h, h_val, optimizer):
    last = mlp([64, 10], rng=np.random.default_rng(5))
    return fit(last, h, lab["y"], loss=cross_entropy, optimizer=optimizer, n_epochs=20, batch_size=32,
               rng=np.random.default_rng(6), validation=(h_val, lab["y_val"]))  # fmt: skip


def test_the_signal_fades_on_its_way_forward_but_is_still_there(ran):
    lab = ran[0]
    net = lab["net"]
    fresh = lab["build"](lab["Sigmoid"], lab["lecun"])
    assert (net.parameters() == fresh.parameters()).all()
    assert said("The six layers stay as they were drawn; only the last is trained, on both versions")
    assert said("On the way forward the same quarter is lost")
    values = [lab["batch"], *lab["hidden"](net, lab["batch"])]
    assert (net.layers[-1].forward(values[-1]) == net.forward(lab["batch"])).all()
    spread = np.array([h.std(axis=0).mean() for h in values])
    assert ((spread[:-1] / spread[1:] > 3.4) & (spread[:-1] / spread[1:] < 4.6)).all()
    assert said("the standard deviation over the images is below one in ten thousand")
    assert spread[-1] < 1e-4
    assert said("All that it can learn from that is how often each digit occurs")
    p = lab["plain"][0.1][0].predict_proba(lab["x_val"] / 16)
    assert np.ptp(p, axis=0).max() < 0.01
    assert lab["alone"]["as they come"].validation_accuracy[-1] < 0.15
    assert min(lab["alone"]["as they come"].loss) > np.log(10) - 0.01
    assert said("enlarged, they let the last layer alone get about nine digits in ten right")
    assert lab["alone"]["enlarged"].validation_accuracy[-1] == pytest.approx(0.9, abs=0.03)
    assert last_alone(lab, *lab["versions"]["enlarged"], SGD(0.1)).validation_accuracy[-1] > 0.86
    assert said("by about the same factor per layer")
    backward = (lab["start"][5] / lab["start"][0]) ** (1 / 5)
    forward = (spread[0] / spread[-1]) ** (1 / 6)
    assert forward / backward == pytest.approx(1, abs=0.1)


def test_each_knob_is_what_the_words_say(ran):
    lab = ran[0]
    rng = np.random.default_rng
    ours = lab["lecun"]((64, 64), rng=rng(1))
    assert said("Weights four times as large")
    assert (lab["large"]((64, 64), rng=rng(1)) == 4 * ours).all()
    assert said("where its sum is 0, its slope is 1")
    step = np.array([[-1e-3, 1e-3]])
    rise = {name: float(np.diff(lab[name]().forward(step))[0, 0]) / 2e-3 for name in ("Tanh", "Sigmoid")}
    assert rise == pytest.approx({"Tanh": 1, "Sigmoid": 0.25}, abs=1e-4)
    assert said("It stops about half of its sums")
    for h in lab["hidden"](lab["build"](lab["ReLU"], lab["he"]), lab["batch"]):
        assert 0.35 < (h == 0).mean() < 0.65
    assert said("their variance is twice that of ours")
    assert lab["he"]((64, 64), rng=rng(1)) == pytest.approx(np.sqrt(2) * ours)
    plain = [optimizer.lr for *_, optimizer in lab["knobs"].values() if isinstance(optimizer, SGD)]
    assert said("Plain gradient descent has the smallest of the rates above, and Adam a tenth of that")
    assert plain == [min(lab["plain"])] * 4
    assert not any(
        optimizer.momentum for *_, optimizer in lab["knobs"].values() if isinstance(optimizer, SGD)
    )
    assert lab["knobs"]["Adam"][2].lr == pytest.approx(min(plain) / 10)
    assert said("Here are four ways out, each tried alone")
    base = lab["knobs"]["as it was"][:2]
    turned = {
        name: sum(a is not b for a, b in zip(knob, base, strict=False)) for name, knob in lab["knobs"].items()
    }
    assert turned == {"as it was": 0, "weights × 4": 1, "tanh": 1, "ReLU, He": 2, "Adam": 0}


def test_which_knobs_help_and_how_much(ran):
    lab, _, shown = ran
    found = {name: (typical(history), history, seen) for name, (history, seen) in lab["found"].items()}
    right = {name: value for name, (value, *_) in found.items()}
    gap = {name: seen[0, -1] / seen[0, 0] for name, (*_, seen) in found.items()}
    assert said("each accuracy is the median of the last five")
    assert right["as it was"] < 0.15
    assert said("With tanh and with ReLU the gap is small from the start, and the network learns at once")
    assert max(gap["tanh"], gap["ReLU, He"]) < 4 < gap["weights × 4"] < gap["as it was"]
    assert min(right["tanh"], right["ReLU, He"]) > 0.9
    assert max(found[name][1].loss[5] for name in ("tanh", "ReLU, He")) < 1
    assert said("The larger weights leave about half of the gradient at each layer instead of a quarter")
    wide = found["weights × 4"][2][0]
    assert ((wide[:5] / wide[1:6] > 0.45) & (wide[:5] / wide[1:6] < 0.7)).all()
    assert said("larger sums lie further from 0, where the slope of a sigmoid is small")
    slopes = {name: np.mean(by_hand(lab["build"](*lab["knobs"][name][:2]), lab["batch"], lab["targets"])[1])
              for name in ("weights × 4", "as it was")}  # fmt: skip
    assert slopes["weights × 4"] < 0.16 < 0.23 < slopes["as it was"]
    assert said("That network learns too, but more slowly")
    assert 0.5 < right["weights × 4"] < right["tanh"]
    assert found["weights × 4"][1].loss[5] > 1.5
    panels = [axes.get_title() for axes in shown[2].axes]
    assert panels == ["weights × 4", "tanh", "ReLU, He", "Adam"]
    for axes, name in zip(shown[2].axes, panels, strict=True):
        assert list(axes.lines[5].get_ydata()) == list(found[name][2][:, -1])
        assert list(axes.lines[6].get_ydata()) == list(found[name][2][:, 0])
        assert (axes.lines[5].get_linestyle(), axes.lines[5].get_color()) == ("--", "C1")
    words = {text.get_text()[-5:].strip(): text.get_color() for text in shown[2].axes[0].texts}
    assert words == {"last": "C1", "first": "C0"}
    assert "With larger weights the first layer begins below the last and draws near" in ALTS[2]
    assert (wide[-1] / wide[0]) > 4 * np.median(np.divide(*found["weights × 4"][2][-5:, [-1, 0]].T))
    assert "With tanh and with ReLU both go together" in ALTS[2]
    for name in ("tanh", "ReLU, He"):
        first, last = found[name][2][:, [0, -1]].T
        assert np.median(np.abs(np.log(last / first))) < np.log(4)
    assert "With Adam the first begins far below and rises within a few epochs" in ALTS[2]


def test_adam_revives_what_had_died_if_its_rate_is_large(ran):
    lab = ran[0]
    history, seen = lab["found"]["Adam"]
    assert said("Adam starts from the very gradients that had died")
    assert (seen[0] == lab["start"]).all()
    assert said("those of its first layer rise more than a thousandfold, and it learns")
    assert seen[1:11, 0].max() > 1000 * seen[0, 0]
    assert 0.5 < typical(history) < 0.94
    assert said(
        "with a tenth of it, which is Adam's usual one, twenty epochs get less than half of the digits right"
    )
    usual = inspect.signature(Adam).parameters["lr"].default
    assert usual == pytest.approx(lab["knobs"]["Adam"][2].lr / 10)
    _, usual_history, _ = lab["train"](lab["Sigmoid"], lab["lecun"], Adam(usual))
    assert typical(usual_history) < 0.5


def test_where_little_is_left_to_learn_both_gradients_fall(ran):
    lab = ran[0]
    history, seen = lab["found"]["ReLU, He"]
    assert said("There both gradients fall, because little is left to learn")
    for layer in (0, -1):
        assert np.median(seen[-5:, layer]) < seen[:5, layer].max() / 10
    assert np.median(history.loss[-5:]) < 0.1
    assert said("All of this was one seed for each network, and no rate was tuned")


def test_deeper_the_gap_grows_as_foretold_and_two_networks_still_learn(ran):
    lab = ran[0]
    assert said("Set `DEPTH = 9`. Multiply the gap of the network as it was by four for each new layer")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(lab, "DEPTH", 9)
        start = lab["gradients"](lab["build"](lab["Sigmoid"], lab["lecun"]))
        assert len(start) == 10
        assert said("you should measure about seven hundred thousand")
        assert round(start[-1] / start[0] / 1e5) == 7
        assert start[-1] / start[0] == pytest.approx(4**3 * lab["start"][-1] / lab["start"][0], rel=0.2)
        right = {}
        for name, (activation, initializer, used) in lab["knobs"].items():
            optimizer = type(used)(used.lr)
            right[name] = typical(lab["train"](activation, initializer, optimizer)[1])
    assert said("Which two networks still learn?")
    assert {name for name, value in right.items() if value > 0.6} == {"tanh", "ReLU, He"}
    assert sum(value < 0.4 for value in right.values()) == 3


def test_the_parts_behind_the_lab_are_named_and_linked_once_they_are_written():
    house = yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    planned = {part["topic"]: part["title"] for part in house["extra"]["planned"]}
    for topic in ("activations", "initialisation"):
        assert f"*{planned[topic]}*" in WORDS if topic in planned else f"](../series/{topic}.md)" in WORDS
