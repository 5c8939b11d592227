"""What readers do with an explorable beyond its walk: read what to try, mistype, go far out, start again."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from tests.browser.explorables import GROUPS, HOUSE, NETS, ON_PAGE, P03, contest, live, package, parts

BACKPROPAGATION = HOUSE.records["backpropagation"].values
X = P03["x"][0]


def weights(card):
    """What stands in every field, and what is held against it."""
    read = """all => all.map((e) => [e.dataset.path, e.value, e.getAttribute("aria-invalid"),
        document.getElementById(e.getAttribute("aria-describedby")).textContent])"""
    return {path: rest for path, *rest in card.locator("[data-path]").evaluate_all(read)}


@pytest.fixture
def walk(open_page):
    """The page with the walk through both passes, at its end, and its card."""
    page = open_page(f"{ON_PAGE['forward-backward']}?forward-backward=11_1", width=360)
    return page, live(page, "forward-backward")


# ---- what to try, and what each control does


@pytest.mark.parametrize("name", HOUSE.widgets)
def test_one_sentence_says_what_to_try_and_every_control_is_named(open_page, name):
    card = live(open_page(ON_PAGE[name]), name)
    tries, controls = card.locator(".tries").evaluate(
        "e => [e.firstChild.textContent.trim(), e.lastElementChild.textContent.replace(/\\s+/g, ' ').trim()]"
    )
    assert len(re.findall(r"[.?!]( |$)", tries)) <= 1
    kinds = {
        "input[type=range]": "slider",
        "input[type=checkbox]": "tick",
        "input[type=radio]": "circle",
        "input[type=number]": "field",
        ".choices button": "button",
        "[data-part=back]": "Back",
        "[data-part=next]": "Next step",
        "[data-part=learn]": "One step",
        "[data-part=more]": "One step",
        "[data-part=again]": "Draw again",
        "[data-do=reset]": "Reset",
    }
    held = {kind for kind in kinds if card.locator(kind).count()}
    assert sum(card.locator(kind).count() for kind in held) == card.locator("button, input").count()
    assert [word for word in (kinds[kind] for kind in held) if word not in controls] == []
    called = " ".join(card.get_by_role("button").all_text_contents())
    assert [word for word in card.locator(".tries i").all_text_contents() if word not in called] == []


def test_the_range_and_the_rate_that_are_told_are_those_of_the_fields_and_the_step(walk):
    _, card = walk
    told = card.locator(".tries").inner_text()
    low, high = re.search(r"from −(\d+) to (\d+);", told).groups()
    limits = {(e.get_attribute("min"), e.get_attribute("max")) for e in card.locator("[data-path]").all()}
    assert limits == {(f"-{low}", high)}
    assert f"by −{P03['lr']} times" in told


# ---- the lines of NumPy at the foot


def run(card, **held):
    """What the lines at the foot of a card compute, run as they stand."""
    for line in card.locator("p.lines code").all_text_contents():
        exec(line, held | {"np": np}, held)  # of the project's own page
    return SimpleNamespace(**held)


@pytest.mark.parametrize("x", [P03["x"][0], P03["pair"][2], P03["reputation"][1]])
def test_the_lines_of_one_email_give_what_it_shows(open_page, x):
    state = "_".join(f"{v:g}" for v in x)
    page = open_page(f"{ON_PAGE['one-email']}?one-email={state}")
    card = live(page, "one-email")
    ran = run(card, x=np.array([x]), **{g: np.array(P03[g]) for g in GROUPS})
    shown = parts(page, "one-email")
    assert shown["p"] == f"{ran.p.item():.1%}"
    assert float(shown["term-logit"]) == pytest.approx(ran.logit.item(), abs=5.01e-4)


@pytest.mark.parametrize(("digit", "n"), [(3, 32), (7, 64), (5, 48)])
def test_the_lines_of_shuffle_pixels_give_what_it_shows(open_page, digit, n):
    page = open_page(f"{ON_PAGE['shuffle-pixels']}?shuffle-pixels={digit}_{n}")
    card = live(page, "shuffle-pixels")
    pixels, theirs = contest(digit, 0).pixels, contest(digit, n)
    arrays = [layer.params[key] for layer in NETS["mlp"].layers if layer.params for key in "Wb"]
    held = dict(zip(GROUPS, arrays, strict=True)) | {"net": NETS["cnn"], "source": np.array(theirs.source)}
    ran = run(card, digit=np.array(pixels) / 16, **held)
    shown = parts(page, "shuffle-pixels")
    for name in ("mlp", "cnn", "rows"):
        logits = np.ravel(getattr(ran, name))
        np.testing.assert_allclose(logits, theirs.logits[name], atol=1e-9)
        assert shown[f"answer-{name}"] == str(logits.argmax())


# ---- the walk of the post


def test_the_walk_by_hand_of_the_post_appears_number_by_number(open_page):
    page = open_page(ON_PAGE["forward-backward"])
    steps = page.locator("#by-hand ~ ol").first.locator("li")
    assert steps.count() == 6
    card = live(page, "forward-backward")
    next_step = card.get_by_role("button", name="Next step")
    for name in GROUPS:
        assert BACKPROPAGATION[name] == P03[name], "the card starts with the numbers of another post"
    shown = []
    for _ in range(12):
        shown.append(" ".join(card.locator("[data-part=lines] span, .weights").all_inner_texts()))
        next_step.press("Enter")
    for k in range(6):
        told = re.findall(r"\d+\.\d+", steps.nth(k).text_content())
        there = re.findall(r"\d+\.\d+", shown[6 + k] + " ".join(shown[:6]))
        assert told
        assert [number for number in told if number not in there] == [], k
    assert "−1.2976" in shown[6]
    assert "−0.2752" in shown[9]


# ---- numbers that a field does not take


@pytest.mark.parametrize("typed", ["99", "-5.01", "1e9"])
def test_a_number_out_of_range_stays_is_named_and_is_not_computed_with(walk, typed):
    page, card = walk
    before = parts(page, "forward-backward")
    field = card.locator("[data-path='W1.1.0']")
    field.fill(typed)
    field.press("Tab")
    shown = typed.replace("-", "−")
    message = f"{shown} is out of range; a number from −5 to 5 can stand here. The network still has 0.8."
    assert weights(card)["W1.1.0"] == [typed, "true", message]
    assert {path for path, (_, wrong, said) in weights(card).items() if wrong == "true" or said} == {"W1.1.0"}
    line = card.locator("[id='refused-W1.1.0']")
    assert line.get_attribute("aria-live") == "polite"
    beside, below = field.bounding_box(), line.bounding_box()
    assert 0 < below["y"] - beside["y"] < 60
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    after = parts(page, "forward-backward")
    assert after | {"refused-W1.1.0": ""} == before
    assert page.url.endswith("?forward-backward=11_1")
    field.fill("-4.5")
    assert weights(card)["W1.1.0"] == ["-4.5", "false", ""]
    net = {g: P03[g] for g in GROUPS} | {"W1": [P03["W1"][0], [-4.5, 0.6], P03["W1"][2]]}
    assert float(parts(page, "forward-backward")["loss"]) == pytest.approx(
        package(X, 1, **net).loss, abs=5e-5
    )
    assert page.faults == []


def test_an_empty_field_stays_empty_and_says_so_only_once_it_is_left(walk):
    page, card = walk
    before = parts(page, "forward-backward")
    field = card.locator("[data-path='b2.0']")
    field.press("Control+a")
    field.press("Delete")
    field.press("-")
    assert weights(card)["b2.0"][1:] == ["false", ""], "a minus sign may become a number"
    field.press("Tab")
    message = "This is no number; a number from −5 to 5 can stand here. The network still has −0.3."
    assert weights(card)["b2.0"] == ["", "true", message]
    assert parts(page, "forward-backward") | {"refused-b2.0": ""} == before
    field.fill("0.25")
    assert weights(card)["b2.0"] == ["0.25", "false", ""]


def test_what_is_refused_outlasts_a_step_and_names_what_the_network_has_then(walk):
    page, card = walk
    field = card.locator("[data-path='W2.0.0']")
    field.fill("7")
    card.get_by_role("button", name="One step").click()
    after = package(X, 1, **{g: P03[g] for g in GROUPS})
    value, wrong, said = weights(card)["W2.0.0"]
    assert (value, wrong) == ("7", "true")
    assert said.endswith(f"The network still has {after.W2_next[0, 0]:.4f}.")
    assert float(parts(page, "forward-backward")["loss"].split("→")[1]) == pytest.approx(
        after.loss_next, abs=5e-5
    )


def test_a_step_out_of_the_range_is_not_made_and_says_so_until_the_next_change(open_page):
    net = {"W1": [[5, 0], [0, 0], [0, 0]], "b1": [0, 0], "W2": [[0.05], [0]], "b2": [0]}
    assert package(X, 1, **net).W1_next[0, 0] > 5
    state = "_".join(f"{v:g}" for g in GROUPS for v in np.ravel(net[g]))
    page = open_page(f"{ON_PAGE['forward-backward']}?forward-backward=11_1_{state}")
    card = live(page, "forward-backward")
    before = parts(page, "forward-backward"), weights(card), page.url
    card.get_by_role("button", name="One step").click()
    said = "This step would take a weight out of its range, from -5 to 5, so it is not made."
    after = parts(page, "forward-backward")
    assert after["refused-step"] == said
    assert (after | {"refused-step": ""}, weights(card), page.url) == before
    card.locator("[data-path='W1.0.0']").fill("4.5")
    card.get_by_role("button", name="One step").click()
    assert parts(page, "forward-backward")["refused-step"] == ""
    assert float(card.locator("[data-path='W1.0.0']").input_value()) > 4.5


def test_a_typed_weight_keeps_all_its_digits(walk):
    _, card = walk
    field = card.locator("[data-path='W1.0.1']")
    field.fill("0.1234567")
    field.press("Tab")
    assert field.input_value() == "0.1234567"


# ---- far out


def test_a_small_loss_is_never_written_as_nothing(open_page):
    page = open_page(ON_PAGE["forward-backward"], width=360)
    card = live(page, "forward-backward")
    for y in (1, 0):
        card.get_by_label(["not spam", "spam, y = 1"][y]).check()
        for bias in (-5, -2.5, 0, 2.5, 5):
            for weight in (0.7, 2, 3.5, 5):
                for path, value in (("W1.0.0", 5), ("b2.0", bias), ("W2.0.0", weight if y else -weight)):
                    card.locator(f"[data-path='{path}']").fill(str(value))
                W1, W2 = [[5, -0.2], *P03["W1"][1:]], [[weight if y else -weight], P03["W2"][1]]
                logit = package(X, y, W1=W1, b1=P03["b1"], W2=W2, b2=[bias]).logit
                loss = np.log1p(np.exp(-logit if y else logit))
                shown = parts(page, "forward-backward")["loss"]
                unit = 5.01e-3 * loss if loss < 0.001 else 5.01e-5
                assert float(shown) == pytest.approx(loss, rel=0, abs=unit), (y, bias, weight)
    card.get_by_role("slider", name="Step").fill("11")
    texts = " ".join(card.locator("svg text").all_text_contents()).replace("−", "-")
    assert "0.0000" not in texts
    assert f"{loss:.0e}" in texts


FAR = [(1, 5, 5, 0.3), (1, 5, -5, 0.3), (0, 5, -5, -0.3), (0, 5, 5, 0.3), (1, 3, 0.9, 1)]


@pytest.mark.parametrize(("y", "first", "last", "bias"), FAR)
def test_far_out_every_step_is_finite_true_and_within_its_room(open_page, y, first, last, bias):
    page = open_page(ON_PAGE["forward-backward"], width=360)
    card = live(page, "forward-backward")
    card.get_by_label(["not spam", "spam, y = 1"][y]).check()
    for path, value in (("W1.0.0", first), ("W2.0.0", last), ("b2.0", bias)):
        card.locator(f"[data-path='{path}']").fill(str(value))
    h = max(0, 3 * first + 0.8 - 0.24 + 0.1)
    logit = h * last + bias
    own = 1 / (1 + np.exp(-logit if y else logit))  # of what the email is
    rest = 1 / (1 + np.exp(logit if y else -logit))
    wanted = {"loss": -np.log(own), "dp": (-1 if y else 1) / own, "dlogit": (-1 if y else 1) * rest}
    if own == 1:
        wanted["loss"] = rest  # log(1 + e) is e
    for name in ["z", "h", "logit", "p", "loss", "dp", "dlogit", "dW2", "dh", "dz", "dW1"]:
        card.get_by_role("button", name="Next step").click()
        lines = card.locator("[data-part=lines] span").all_text_contents()
        assert not re.search("NaN|Infinity", " ".join(lines))
        if name in wanted:
            result = float(lines[0].rpartition(" = ")[2].replace("−", "-"))
            assert result == pytest.approx(wanted[name], rel=5.01e-3), name
        inside = card.evaluate(
            """card => [...card.querySelectorAll("svg rect, svg circle")].flatMap((shape) => {
                const words = shape.nextElementSibling.matches(".inside") ? shape.nextElementSibling
                    : [...card.querySelectorAll(".inside")].at(-1);
                const [a, b] = [shape, words].map((e) => e.getBoundingClientRect());
                return b.width === 0 || (b.left >= a.left - 1 && b.right <= a.right + 1) ? [] : [words.textContent];
            })"""
        )
        assert inside == [], name
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.faults == []


# ---- again from the start


@pytest.mark.parametrize("name", HOUSE.widgets)
def test_reset_brings_back_everything_as_it_was(open_page, name):
    page = open_page(ON_PAGE[name], width=360)
    card = live(page, name)
    read = """card => [[...card.querySelectorAll(":scope > :not(.spoken)")].map((e) => e.innerText),
        [...card.querySelectorAll("input, button")].map((e) =>
        [e.value, e.checked, ...["aria-pressed", "aria-invalid", "aria-disabled"].map((key) => e.getAttribute(key))]),
        card.querySelector("svg")?.innerHTML, location.href]"""
    start = card.evaluate(read)
    card.locator("input").evaluate_all(
        """all => all.forEach((e) => {
            if (e.type === "checkbox" || e.type === "radio") e.checked = !e.checked;
            else e.value = e.type === "number" ? 99 : e.max;
            for (const kind of ["input", "change"]) e.dispatchEvent(new Event(kind, { bubbles: true }));
        })"""
    )
    for button in card.locator("button:not([data-do])").all():
        button.click()
    changed = card.evaluate(read)
    assert [a != b for a, b in zip(start, changed, strict=True)].count(True) >= 3
    card.get_by_role("button", name="Reset").press("Enter")
    assert card.evaluate(read) == start
    assert page.faults == []
