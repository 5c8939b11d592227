"""The lab on digits runs as it stands, and what its words say of its numbers is so."""

import jupytext
import numpy as np
import pytest

from sitetools import ROOT

LAB = jupytext.read(ROOT / "docs" / "labs" / "digits.py")
WORDS = " ".join(" ".join(cell.source for cell in LAB.cells if cell.cell_type == "markdown").split())
CODE = [cell.source.replace("%config", "#") for cell in LAB.cells if cell.cell_type == "code"]


@pytest.fixture(scope="module")
def ran():
    """What the lab's names hold after its last cell, what it judged a network on before that, and its drawings."""
    space, judged, shown = {"fitted": []}, [], []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPLBACKEND", "Agg")
        patch.setattr("matplotlib.pyplot.show", lambda: shown.append(space["figure"]))
        for n, code in enumerate(CODE):
            exec(code, space)
            if n == 0:
                space |= {name: watched(space[name], judged, space) for name in ("fit", "evaluate")}
    return space, judged, shown


def watched(function, judged, space):
    """A function that notes which examples it is told to judge, and which to learn from, with the state of the order."""

    def call(net, x, y, **settings):
        if function.__name__ == "evaluate":
            judged.append(x)
        else:
            judged.extend([settings["validation"][0]] if "validation" in settings else [])
            space["fitted"].append((x, settings["rng"].bit_generator.state["state"]))
        return function(net, x, y, **settings)

    return call


def said(words):
    assert words in WORDS, words
    return True


def test_three_parts_have_no_digit_in_common_and_leave_none_out(ran):
    lab = ran[0]
    assert said("we set two parts aside, and the network learns from neither")
    parts = [lab[name] for name in ("x", "x_val", "x_test")]
    assert [len(part) for part in parts[1:]] == [300, 500]
    together = np.concatenate(parts)
    assert sorted(map(bytes, together)) == sorted(map(bytes, lab["flat"]))
    assert len(together) == 1797


def test_the_test_digits_are_looked_at_once_and_last(ran):
    lab, judged, _ = ran
    assert said("stay in the drawer until the end and are looked at once")
    tests = {bytes(row) for row in lab["x_test"]}
    looks = [n for n, x in enumerate(judged) if {*map(bytes, x)} & tests]
    assert looks == [1 + 3 * 10]
    assert len(judged) == looks[0] + 1
    assert not any("x_test" in code for code in CODE[1:-1])
    assert lab["score"].accuracy == np.mean(
        lab["net"].classes(lab["net"].forward(lab["x_test"] / np.float32(16))) == lab["y_test"]
    )


def test_the_two_losses_part_as_the_words_under_the_figure_say(ran):
    lab, _, shown = ran
    history = lab["history"]
    assert said(
        "the loss on the training digits falls to less than half, and the loss on the validation digits hardly changes"
    )
    assert history.loss[19] < history.loss[9] / 2
    assert abs(history.validation_loss[19] / history.validation_loss[9] - 1) < 0.2
    assert said("overfitting that costs something would show as a second curve that rises")
    late = history.validation_loss[9:]
    assert np.polyfit(range(len(late)), late, 1)[0] <= 0
    assert said("The loss of a network that knows nothing would be the logarithm of ten")
    (axes,) = shown[1].axes
    training, validation, nothing = axes.lines
    assert list(training.get_ydata()) == history.loss
    assert list(validation.get_ydata()) == history.validation_loss
    assert {*nothing.get_ydata()} == {np.log(10)}
    heights = {text.get_text(): text.get_position()[1] for text in axes.texts}
    assert heights["training"] == history.loss[-1]
    assert heights["validation"] == history.validation_loss[-1]


def test_sizes_are_compared_by_pairs_and_the_best_is_the_first_network_s(ran):
    lab, judged, _ = ran
    assert said("three sizes with ten seeds each")
    assert said("A seed gives every size the same digits in the same order")
    fitted = lab["fitted"][1:]
    for n in range(10, 30):
        assert (judged[1 + n] == judged[1 + n % 10]).all()
        assert (fitted[n][0] == fitted[n % 10][0]).all()
        assert fitted[n][1] == fitted[n % 10][1]
        assert fitted[n][1] != fitted[(n + 1) % 10][1]
    means = {M: found.mean() for M, found in lab["accuracy"].items()}
    assert {M: len(found) for M, found in lab["accuracy"].items()} == {4: 10, 16: 10, 64: 10}
    assert said("We take the size with the best mean, which is the one that we began with")
    assert max(means, key=means.get) == 64 == lab["net"].layers[0].params["W"].shape[1]
    assert said("Four neurons are clearly too few")
    short = lab["accuracy"][16] - lab["accuracy"][4]
    assert short.mean() > 4 * short.std(ddof=1) / np.sqrt(10)
    assert said("Between the other two the difference is small")
    assert 0 < means[64] - means[16] < 0.03
    assert lab["error"] == np.std(lab["accuracy"][64] - lab["accuracy"][16], ddof=1) / np.sqrt(10)
    assert said("one digit more or less is a third of a percentage point")
    assert 100 / len(lab["x_val"]) == pytest.approx(1 / 3)
    assert said("the runs differ by several digits")
    assert np.ptp(lab["accuracy"][64]) * 300 > 3


def test_the_mistakes_shown_are_the_first_network_s_surest_first(ran):
    lab, _, shown = ran
    assert said("the validation digits that the first network got wrong, the surest mistakes first")
    p, wrong, guess = lab["p"], lab["wrong"], lab["guess"]
    assert set(wrong) == {i for i in range(300) if p[i].argmax() != lab["y_val"][i]}
    sure = p[wrong, guess[wrong]]
    assert (np.diff(sure) <= 0).all()
    titles = [axes.get_title() for axes in shown[2].axes if axes.get_title()]
    assert titles == [f"{lab['y_val'][i]}, said {guess[i]}\n{p[i, guess[i]]:.0%}" for i in wrong]
