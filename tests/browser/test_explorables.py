"""The explorables in a real browser: their numbers are those of the package, and every reader can reach them."""

import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from experiments import shuffle_by_degrees, shuffled_digits
from scratchmlp.activations import softmax
from tests.browser.explorables import (
    DEGREES,
    GROUPS,
    HOUSE,
    ON_PAGE,
    P03,
    PAGES,
    POST,
    RESULT,
    contest,
    fixed,
    live,
    package,
    parts,
)

TOLERANCE = 1e-6


def test_every_explorable_stands_on_a_page():
    assert set(ON_PAGE) == set(HOUSE.widgets)


def test_values_contributions_gradients_and_step_are_those_of_the_package(open_page):
    page = open_page("")
    rng = np.random.default_rng(5)
    cases = [{"x": P03["x"][0], "y": y, "lr": P03["lr"], "net": {g: P03[g] for g in GROUPS}} for y in (0, 1)]
    for _ in range(200):
        net = {"W1": (3, 2), "b1": 2, "W2": (2, 1), "b2": 1}
        drawn = {name: rng.normal(0, 2, shape).tolist() for name, shape in net.items()}
        cases.append(
            {
                "x": rng.normal(0, 3, 3).tolist(),
                "y": int(rng.integers(2)),
                "lr": float(rng.uniform(0.01, 1)),
                "net": drawn,
            }
        )
    computed = page.evaluate(
        """async (cases) => {
            const module = await import(new URL("widgets/network.js", document.baseURI));
            const { forward, backward, contributions, loss, step } = module;
            return cases.map(({ x, y, lr, net }) => {
                const values = forward(net, x), grads = backward(net, x, y, values), after = step(net, grads, lr);
                const next = Object.fromEntries(Object.entries(after).map(([k, v]) => [`${k}_next`, v]));
                return { ...values, ...grads, ...contributions(net, x), ...next,
                         loss: loss(values.logit, y), loss_next: loss(forward(after, x).logit, y) };
            });
        }""",
        cases,
    )
    silent = 0
    for case, mine in zip(cases, computed, strict=True):
        theirs = package(case["x"], case["y"], **case["net"], lr=case["lr"])
        assert mine.keys() == vars(theirs).keys()
        for name, value in mine.items():
            np.testing.assert_allclose(value, getattr(theirs, name), rtol=1e-12, atol=TOLERANCE, err_msg=name)
        silent += int((np.array(mine["z"]) <= 0).any())
    assert 50 < silent < 200, "the cases must hold both networks with a silent neuron and networks without"


def check_one_email(page, x):
    said, theirs = parts(page, "one-email"), package(x, 1, *(P03[g] for g in GROUPS))
    for i in range(3):
        assert said[f"term-{i}"] == f"{theirs.terms[i]:+.3f}".replace("-0.000", "+0.000")
        assert float(said[f"slope-{i}"].removeprefix("× ")) == pytest.approx(theirs.slopes[i], abs=0.005001)
    assert float(said["term-constant"]) == pytest.approx(theirs.constant, abs=5.01e-4)
    assert float(said["term-logit"]) == pytest.approx(theirs.logit, abs=5.01e-4)
    assert said["p"] == f"{theirs.p:.1%}"
    assert said["verdict"].startswith("spam" if theirs.p > 0.5 else "let through")
    for j in range(2):
        assert float(said[f"z-{j}"].removeprefix("z = ")) == pytest.approx(theirs.z[j], abs=5.01e-3)
        assert said[f"fires-{j}"] == ("fires" if theirs.z[j] > 0 else "silent")
    bars = page.locator("smlp-one-email .track").evaluate_all(
        """(tracks) => tracks.map((track) => {
            const [ground, bar] = [track, track.firstChild].map((e) => e.getBoundingClientRect());
            const zero = ground.left + parseFloat(getComputedStyle(track, "::after").left);
            return [bar.left - zero, bar.right - zero, bar.left > ground.left - 1 && bar.right < ground.right + 1];
        })"""
    )
    sizes = [*theirs.terms, theirs.constant, theirs.logit]
    scale = max(abs(right) + abs(left) for left, right, _ in bars) / max(map(abs, sizes))
    for (left, right, inside), size in zip(bars, sizes, strict=True):
        assert inside
        # Right of zero if positive, left of it if negative, all to one scale.
        assert left == pytest.approx(min(0, size) * scale, abs=1)
        assert right == pytest.approx(max(0, size) * scale, abs=1)


def test_one_email_shows_the_emails_of_the_text(open_page):
    page = open_page(POST)
    presets = live(page, "one-email").locator(".choices button")
    emails = [
        P03["x"][0],
        P03["pair"][1],
        P03["pair"][2],
        P03["pair"][0],
        P03["doubtful"][0],
        P03["reputation"][1],
    ]
    check_one_email(page, emails[0])
    assert presets.count() == len(emails)
    for i, x in enumerate(emails):
        presets.nth(i).click()
        check_one_email(page, x)
        pressed = presets.evaluate_all("all => all.map(b => b.getAttribute('aria-pressed'))")
        assert pressed == [str(i == k).lower() for k in range(len(emails))]
    assert page.faults == []


def test_one_email_follows_its_inputs_for_any_email(open_page):
    page = open_page("")
    inputs = live(page, "one-email").locator("input")
    rng = np.random.default_rng(7)
    for marks, free, tenths in rng.integers(0, [11, 2, 11], (12, 3)).tolist():
        inputs.nth(0).fill(str(marks))
        inputs.nth(1).set_checked(bool(free))
        inputs.nth(2).fill(str(tenths / 10))
        check_one_email(page, [marks, free, tenths / 10])


def check_both_passes(page, x, y, net):
    """The step that is shown and all gradients that are known, against the package."""
    said, theirs = parts(page, "forward-backward"), package(x, y, **net)
    assert float(said["loss"].rpartition(" ")[2]) == pytest.approx(theirs.loss, abs=5.1e-5)
    for group in GROUPS:
        for at, value in np.ndenumerate(np.array(getattr(theirs, f"d{group}"))):
            shown = said[".".join([f"d{group}", *map(str, at)])].strip()
            if shown:
                assert float(shown.removeprefix("∂ ")) == pytest.approx(value, abs=5.1e-5)
    return said, theirs


def test_forward_backward_walks_through_both_passes(open_page):
    page = open_page(ON_PAGE["forward-backward"])
    card = live(page, "forward-backward")
    net, x = {g: P03[g] for g in GROUPS}, P03["x"][0]
    names = ["x", "z", "h", "logit", "p", "loss", "dp", "dlogit", "dW2", "dh", "dz", "dW1"]
    for step, name in enumerate(names):
        said, theirs = check_both_passes(page, x, 1, net)
        assert said["name"].startswith(f"{step}. ")
        assert re.match(rf"{name}\b.*= " if step else "x", said["code"])
        lines = card.locator("[data-part=lines] span").all_text_contents()
        results = [
            float(n) for line in lines for n in re.findall(r"-?[\d.]+", line.replace("−", "-"))[-3:] if step
        ]
        if step:
            wanted = np.ravel(np.array(getattr(theirs, name)).T if name == "dW1" else getattr(theirs, name))
            for value in wanted:
                assert min(abs(value - r) for r in results) < 5.1e-5, (name, lines)
        known = [f"d{kind}{layer}" for layer in "21" if step >= names.index(f"dW{layer}") for kind in "Wb"]
        shown = {k.split(".")[0] for k, v in said.items() if k[:2] in ("dW", "db") and v.strip()}
        assert shown == set(known)
        card.get_by_role("button", name="Next step").press("Enter")
    assert parts(page, "forward-backward")["name"].startswith("11. "), "there is no step after the last"
    card.get_by_role("button", name="Back").click()
    assert parts(page, "forward-backward")["name"].startswith("10. ")
    assert page.faults == []


def test_forward_backward_takes_a_step_and_says_the_loss_before_and_after(open_page):
    page = open_page(ON_PAGE["forward-backward"])
    card = live(page, "forward-backward")
    net, x = {g: P03[g] for g in GROUPS}, P03["x"][0]
    for _ in range(3):
        theirs = package(x, 1, **net, lr=P03["lr"])
        card.get_by_role("button", name="One step with rate 0.1").click()
        before, after = map(float, parts(page, "forward-backward")["loss"].split(" → "))
        assert (before, after) == pytest.approx((theirs.loss, theirs.loss_next), abs=5.1e-5)
        net = {g: getattr(theirs, f"{g}_next") for g in GROUPS}
    card.get_by_role("button", name="Reset").click()
    card.get_by_role("button", name="One step").click()
    assert parts(page, "forward-backward")["loss"] == f"{P03['loss']:.4f} → {P03['loss_next']:.4f}"


def test_forward_backward_follows_an_edited_weight_and_the_label(open_page):
    page = open_page(ON_PAGE["forward-backward"] + "?forward-backward=11_1")
    card = live(page, "forward-backward")
    net, x = {g: np.array(P03[g]) for g in GROUPS}, P03["x"][0]
    rng = np.random.default_rng(11)
    for i in range(11):
        field = card.locator("[data-path]").nth(i)
        group, *at = field.get_attribute("data-path").split(".")
        value = round(float(rng.normal()), 2)
        net[group][tuple(map(int, at))] = value
        field.fill(str(value))
        check_both_passes(page, x, 1, net)
    card.get_by_label("not spam").check()
    check_both_passes(page, x, 0, net)


def test_typing_a_weight_is_not_disturbed(open_page):
    page = open_page(ON_PAGE["forward-backward"])
    field = live(page, "forward-backward").locator("[data-path='W1.0.0']")
    field.click()
    field.press("Control+a")
    page.keyboard.type("-0.75")
    assert field.input_value() == "-0.75"
    check_both_passes(
        page, P03["x"][0], 1, {g: P03[g] for g in GROUPS} | {"W1": [[-0.75, -0.2], *P03["W1"][1:]]}
    )


def test_the_answers_to_shuffled_digits_are_those_of_the_package(open_page):
    page = open_page(ON_PAGE["shuffle-pixels"])
    live(page, "shuffle-pixels")
    cases = [[digit, n] for digit in range(10) for n in DEGREES]
    computed = page.evaluate(
        """async (cases) => {
            const { judged } = await import(new URL("../../widgets/shuffle-pixels/shuffle-pixels.js", document.baseURI));
            return cases.map(([digit, n]) => judged(digit, n));
        }""",
        cases,
    )
    for (digit, n), mine in zip(cases, computed, strict=True):
        theirs = contest(digit, n)
        assert mine["pixels"] == theirs.pixels
        assert mine["source"] == theirs.source
        for name, logits in theirs.logits.items():
            np.testing.assert_allclose(mine["logits"][name], logits, rtol=0, atol=TOLERANCE)
            np.testing.assert_allclose(mine["p"][name], softmax(logits[None])[0], rtol=0, atol=TOLERANCE)


def test_any_network_of_that_shape_computes_what_the_package_does(open_page):
    page = open_page("")
    rng = np.random.default_rng(13)
    for model, names in (("mlp", "W1 b1 W2 b2"), ("cnn", "W1 b1 W2 b2 W3 b3")):
        net = shuffle_by_degrees.in_float64(shuffled_digits.build(model, rng))
        net.parameters()[:] = rng.normal(0, 0.3, net.parameters().size)
        x = rng.normal(0, 1, (20, 64))
        arrays = [layer.params[key] for layer in net.layers if layer.params for key in "Wb"]
        rows = [a.reshape(len(a), -1).tolist() if a.ndim > 1 else a.tolist() for a in arrays]
        computed = page.evaluate(
            """async ([model, net, x]) => {
                const module = await import(new URL("widgets/shuffle-pixels/convolution.js", document.baseURI));
                return x.map((row) => module[model](net, row));
            }""",
            [model, dict(zip(names.split(), rows, strict=True)), x.tolist()],
        )
        logits = net.forward(x if model == "mlp" else x.reshape(-1, 1, 8, 8))
        np.testing.assert_allclose(computed, logits, rtol=0, atol=TOLERANCE)


def check_shuffle_pixels(page, digit, n):
    said, theirs = parts(page, "shuffle-pixels"), contest(digit, n)
    assert said["amount"] == f"{n} of 64, {fixed(100 * n / 64, 0)}%"
    for name, logits in theirs.logits.items():
        p = softmax(logits[None])[0]
        answer = int(p.argmax())
        assert said[f"answer-{name}"] == str(answer)
        assert said[f"verdict-{name}"] == ("right" if answer == digit else "wrong")
        assert said[f"p-{name}"] == ("p > 99.9%" if p.max() > 0.9995 else f"p = {p.max():.1%}")
        mean, sd = (fixed(100 * RESULT[part][name][DEGREES.index(n)], 1) for part in ("mean", "sd"))
        assert said[f"record-{name}"] == f"of 500: {mean}% ± {sd}%"
        bars = page.locator(f"smlp-shuffle-pixels [data-part=bars-{name}]")
        heights = bars.locator("i").evaluate_all("all => all.map((e) => parseFloat(e.style.height) / 100)")
        np.testing.assert_allclose(heights, p, rtol=0, atol=TOLERANCE)
        marked = bars.locator("span").evaluate_all(
            "all => ['said', 'true'].map((kind) => all.findIndex((e) => e.classList.contains(kind)))"
        )
        assert marked == [answer, digit]
        assert f"{answer}: {p.max():.1%}" in bars.get_attribute("aria-label")
    drawn = page.locator("smlp-shuffle-pixels svg rect").evaluate_all(
        "all => all.map((e) => e.getAttribute('fill-opacity'))"
    )
    assert [16 * float(v) for v in drawn] == theirs.pixels
    cells, dots = (
        page.locator(f"smlp-shuffle-pixels svg {kind}").evaluate_all(
            f"all => all.map((e) => [{names}].map((name) => Number(e.getAttribute(name))))"
        )
        for kind, names in (("rect", "'x', 'y'"), ("circle", "'cx', 'cy'"))
    )
    assert cells == [[k % 8, k // 8] for k in range(64)]
    assert len(dots) == n  # on pixels that have moved, in the middle
    assert [[x - 0.5, y - 0.5] for x, y in dots] == [
        cells[k] for k, came in enumerate(theirs.source) if came != k
    ]
    pressed = page.locator("smlp-shuffle-pixels .choices button").evaluate_all(
        "all => all.map(b => b.getAttribute('aria-pressed'))"
    )
    assert pressed == [str(k == digit).lower() for k in range(10)]
    return said


def test_shuffle_pixels_shows_every_digit_and_one_answer_never_changes(open_page):
    page = open_page(ON_PAGE["shuffle-pixels"])
    card = live(page, "shuffle-pixels")
    slider = card.get_by_label("pixels moved")
    wrong = 0
    for digit in range(10):
        slider.fill("0")
        card.get_by_role("button", name=f"a handwritten {digit}").click()
        start = check_shuffle_pixels(page, digit, 0)
        assert start["answer-rows"] == start["answer-mlp"]
        assert start["p-rows"] == start["p-mlp"]
        for n in DEGREES[1:] if digit == 3 else DEGREES[digit % 3 + 1 :: 5]:
            slider.fill(str(n))
            said = check_shuffle_pixels(page, digit, n)
            assert [said[f"{part}-rows"] for part in ("answer", "p", "verdict", "record")] == [
                start[f"{part}-rows"] for part in ("answer", "p", "verdict", "record")
            ]
            wrong += (said["verdict-mlp"] == "wrong") + (said["verdict-cnn"] == "wrong")
    assert wrong > 10, "the other two must lose their way"
    assert page.faults == []


def test_shuffle_pixels_is_not_defined_without_its_data_and_the_figure_stays(open_page, address):
    for broken in (lambda route: route.abort(), lambda route: route.fulfill(status=404, body="gone")):
        page = open_page("notation/", width=360)
        page.route("**/widgets/shuffle-pixels/shuffle-pixels.json", broken)
        page.goto(address + ON_PAGE["shuffle-pixels"] + "?shuffle-pixels=3_32", wait_until="networkidle")
        element = page.locator("smlp-shuffle-pixels")
        element.scroll_into_view_if_needed()
        page.wait_for_function("document.querySelector('smlp-shuffle-pixels').style.minHeight")
        assert element.locator(".fallback img:visible").bounding_box()["height"] > 50
        assert element.locator(".live").count() == 0
        spare = element.bounding_box()["height"] - element.locator(".fallback").bounding_box()["height"]
        assert spare < 1, "no room is kept for a card that does not come"
        assert page.faults
        assert not [fault for fault in page.faults if fault.startswith("error")], (
            "a failure that nobody caught"
        )


@pytest.mark.parametrize("name", HOUSE.widgets)
def test_everything_can_be_reached_and_worked_with_the_keyboard(open_page, name):
    page = open_page(ON_PAGE[name])
    card = live(page, name)
    controls = card.locator("button, input")
    controls.first.focus()
    seen = set()
    for _ in range(controls.count() + 2):
        where, ring = page.evaluate(
            """() => {
                const here = document.activeElement, { outlineStyle, outlineWidth } = getComputedStyle(here);
                const controls = here.closest(".live")?.querySelectorAll("button, input") ?? [];
                return [[...controls].indexOf(here), outlineStyle + outlineWidth];
            }"""
        )
        if where < 0:
            break
        seen.add(where)
        assert ring == "solid2px", f"control {where} shows no focus"
        page.keyboard.press("Tab")
    radios = card.locator("input[type=radio]").count()  # a group of radios is one stop
    assert len(seen) == controls.count() - max(0, radios - 1)


def test_keys_move_the_sliders_and_the_walk(open_page):
    page = open_page(POST)
    inputs = live(page, "one-email").locator("input")
    inputs.nth(0).focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    inputs.nth(1).press("Space")
    inputs.nth(2).press("Home")
    check_one_email(page, [5, 0, 0])
    page = open_page(ON_PAGE["forward-backward"])
    walk = live(page, "forward-backward").get_by_role("slider", name="Step")
    walk.press("ArrowRight")
    walk.press("ArrowRight")
    assert parts(page, "forward-backward")["name"].startswith("2. ")
    step = page.get_by_role("button", name="Next step")
    step.focus()
    for _ in range(12):
        page.keyboard.press("Enter")
    assert parts(page, "forward-backward")["name"].startswith("11. ")
    assert step.evaluate("e => e === document.activeElement"), "the focus must not be lost at the end"
    page = open_page(ON_PAGE["shuffle-pixels"])
    card = live(page, "shuffle-pixels")
    card.get_by_role("button", name="a handwritten 8").press("Enter")
    slider = card.get_by_role("slider", name="pixels moved")
    for _ in range(3):
        slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "12 of 64 pixels, 19%"
    check_shuffle_pixels(page, 8, 12)
    slider.press("End")
    check_shuffle_pixels(page, 8, 64)
    assert page.url.endswith("?shuffle-pixels=8_64")
    said = card.get_by_role("status").text_content()
    assert said.startswith("A 8, 64 of 64 pixels, 100% moved. ")
    shown = parts(page, "shuffle-pixels")
    for name, title in (("mlp", "MLP"), ("cnn", "CNN"), ("rows", "MLP, rows moved")):
        told = ", ".join(shown[f"{part}-{name}"] for part in ("answer", "verdict", "p"))
        assert f"{title}: {told}" in said


def test_a_finger_works_everything(open_page):
    page = open_page(POST, width=360, has_touch=True, is_mobile=True)
    card = live(page, "one-email")
    card.get_by_role("button", name="“free” alone").tap()
    check_one_email(page, P03["pair"][2])
    card.get_by_label("contains “free”").tap()
    slider = card.get_by_label("exclamation marks")
    box = slider.bounding_box()
    slider.tap(position={"x": box["width"] - 4, "y": box["height"] / 2})
    check_one_email(page, [10, 0, 0.8])
    page = open_page(ON_PAGE["shuffle-pixels"], width=360, has_touch=True, is_mobile=True)
    card = live(page, "shuffle-pixels")
    card.get_by_role("button", name="a handwritten 6").tap()
    slider = card.get_by_label("pixels moved")
    slider.tap(position={"x": slider.bounding_box()["width"] / 2, "y": 8})
    check_shuffle_pixels(page, 6, 32)
    for name, width in [(name, width) for name in HOUSE.widgets for width in (320, 360)]:
        page = open_page(ON_PAGE[name], width=width, has_touch=True, is_mobile=True)
        targets = live(page, name).locator(
            "button, input:not([type=checkbox], [type=radio]), label:has(input)"
        )
        boxes = [target.bounding_box() for target in targets.all()]
        small = [box for box in boxes if min(box["width"], box["height"]) < 24]
        assert small == [], "targets of less than 24 pixels"


def test_the_state_is_in_the_link_beside_an_anchor(open_page):
    page = open_page(POST + "#census")
    card = live(page, "one-email")
    card.get_by_label("exclamation marks").fill("7")
    card.get_by_role("checkbox").uncheck()
    assert page.url.endswith("?one-email=7_0_0.8#census")
    copied = open_page(page.url[page.url.index(POST) :])
    live(copied, "one-email")
    check_one_email(copied, [7, 0, 0.8])
    card.get_by_role("button", name="Reset").click()
    check_one_email(page, P03["x"][0])
    assert page.url.endswith(POST + "#census")
    address = ON_PAGE["forward-backward"]
    page = open_page(address)
    card = live(page, "forward-backward")
    card.get_by_role("button", name="Next step").click()
    assert page.url.endswith("?forward-backward=1_1")
    card.get_by_label("not spam").check()
    card.locator("[data-path='W2.1.0']").fill("-0.35")
    card.get_by_role("button", name="One step").click()
    copied = open_page(address + "?" + page.url.partition("?")[2])
    live(copied, "forward-backward")
    mine, theirs = parts(page, "forward-backward"), parts(copied, "forward-backward")
    assert mine.pop("loss").endswith(theirs.pop("loss")), "the loss before the step is not part of the state"
    assert mine == theirs
    address = ON_PAGE["shuffle-pixels"]
    page = open_page(address)
    card = live(page, "shuffle-pixels")
    card.get_by_role("button", name="a handwritten 3").click()
    card.get_by_label("pixels moved").fill("32")
    assert page.url.endswith("?shuffle-pixels=3_32")
    copied = open_page(address + "?" + page.url.partition("?")[2])
    live(copied, "shuffle-pixels")
    check_shuffle_pixels(copied, 3, 32)
    card.get_by_role("button", name="Reset").click()
    check_shuffle_pixels(page, 0, 0)
    assert page.url.endswith(address)


UNREAD = "The link asks for something that cannot be shown here. This is the start."


def test_a_state_that_makes_no_sense_is_not_taken_and_the_card_says_so(open_page):
    nonsense = [
        "",
        "x",
        "3",
        "3_1_2",
        "-1_0_0.5",
        "2.5_1_0.5",
        "3_1_0.8_9",
        "99_1",
        "1_2",
        "1_1" + "_99" * 11,
        "03_32",
        "3_30",
        "10_32",
        "3_68",
        "3_-4",
        "square_0.355_0_7",
        "square_1.21_0_7",
        "bowl_0.5_1_7",
        "bowl_0.5_0.5_41",
        "bowl_0.5_0.5_1.5",
        "bowl_0.5_0.5",
        "cup_0.5_0.5_7",
        "sigmoid_1000.1_float64",
        "sigmoid_-1000.1_float64",
        "tanh_05_float32",
        "tanh_1_float16",
        "cosh_1_float64",
        "relu__float64",
        "relu_1",
        "relu_1_float64_2",
        "relu_he_1_1",
        "relu_he_21_1",
        "relu_he_20_0",
        "relu_he_20_100",
        "relu_he_2.5_1",
        "relu_he_020_1",
        "relu_he_20",
        "relu_0.02_20_1",
        "step_he_20_1",
    ]
    parse = "(element, states) => states.map((state) => element.parse(state))"
    states = {
        "one-email": "9_0_0.1",
        "forward-backward": "11_0" + "_-0.5" * 11,
        "one-step-downhill": "square_0.35_0.55_7",
        "activations": "leaky_-1000_float32",
        "shuffle-pixels": "9_60",
        "twenty-layers": "sigmoid_4xavier_7_13",
    }
    assert states.keys() == HOUSE.widgets.keys()
    for name, good in states.items():
        page = open_page(f"{ON_PAGE[name]}?{name}=%3Cb%3E_1_0")
        card = live(page, name)
        assert parts(page, name)["unread"] == UNREAD
        start = card.inner_text().replace(UNREAD, "").split()
        parsed = page.locator(f"smlp-{name}").evaluate(parse, [*nonsense, good])
        assert parsed[:-1] == [None] * len(nonsense)
        assert parsed[-1]
        card.get_by_role("button", name="Reset").click()
        assert parts(page, name)["unread"] == "", "the next press takes it away"
        page = open_page(ON_PAGE[name])
        assert live(page, name).inner_text().split() == start
        assert page.faults == []


def test_instant_navigation_brings_it_back_and_keeps_its_state(open_page):
    page = open_page("notation/")
    asked = []
    page.on("request", lambda r: asked.append(r.url))
    page.evaluate("window.stays = true")
    page.locator(".md-nav--primary .md-nav__link", has_text="Front page").click()
    live(page, "one-email").get_by_label("exclamation marks").fill("9")
    check_one_email(page, [9, 1, 0.8])
    page.locator("article a[href$='series/one-email/']").first.click()
    page.wait_for_selector("h1:has-text('One email, traced')")
    live(page, "one-email")
    check_one_email(page, P03["x"][0])
    page.go_back()
    page.wait_for_selector("h1:has-text('you can check')")
    live(page, "one-email")
    check_one_email(page, [9, 1, 0.8])
    assert page.locator("smlp-one-email .live").count() == 1
    page.go_forward()
    page.wait_for_selector("h1:has-text('One email, traced')")
    live(page, "one-email").get_by_role("button", name="neither").click()
    check_one_email(page, P03["pair"][0])
    page.locator("a.headerlink[href$='#census']").click()
    assert page.url.endswith("?one-email=0_0_0.8#census")
    check_one_email(page, P03["pair"][0])
    assert page.evaluate("window.stays"), "the page was loaded anew"
    assert sum(url.endswith("/widgets/one-email/one-email.js") for url in asked) == 1
    assert page.faults == []


def test_a_page_without_explorables_asks_for_none(open_page):
    page = open_page("notation/")
    page.wait_for_timeout(300)
    fetched = page.evaluate("performance.getEntriesByType('resource').map(r => r.name)")
    assert not [url for url in fetched if "/widgets/" in url]


def test_what_an_explorable_fetches_is_fetched_once_and_only_for_it(open_page):
    page = open_page(POST)
    live(page, "one-email")
    asked = []
    page.on("request", lambda r: asked.append(r.url))
    page.wait_for_timeout(300)
    assert not [url for url in asked if "shuffle" in url]
    page.evaluate("window.stays = true")
    page.locator(".md-nav--primary .md-nav__link", has_text="Flattening").first.click()
    live(page, "shuffle-pixels").get_by_label("pixels moved").fill("24")
    check_shuffle_pixels(page, 0, 24)
    page.go_back()
    live(page, "one-email")
    page.go_forward()
    page.wait_for_selector("h1:has-text('Flattening')")
    live(page, "shuffle-pixels")
    check_shuffle_pixels(page, 0, 24)
    assert page.locator("smlp-shuffle-pixels .live").count() == 1
    assert page.evaluate("window.stays"), "the page was loaded anew"
    assert sum(url.endswith("/widgets/shuffle-pixels/shuffle-pixels.json") for url in asked) == 1
    assert page.faults == []


def test_the_spoken_line_waits_until_a_slider_rests(open_page):
    page = open_page(POST)
    card = live(page, "one-email")
    spoken = card.get_by_role("status")
    assert spoken.text_content() == ""
    slider = card.get_by_label("exclamation marks")
    slider.evaluate("e => { e.value = 6; e.dispatchEvent(new Event('input', { bubbles: true })); }")
    check_one_email(page, [6, 1, 0.8])
    assert spoken.text_content() == ""
    assert "one-email=" not in page.url
    slider.evaluate("e => e.dispatchEvent(new Event('change', { bubbles: true }))")
    assert parts(page, "one-email")["p"] in spoken.text_content()
    assert card.locator("[aria-live]:not(.refused), output").count() == 0, "one live line is enough"


@pytest.mark.parametrize(("path", "name"), PAGES)
def test_without_javascript_the_static_figure_stands(open_page, path, name):
    page = open_page(path, java_script_enabled=False)
    element = page.locator(f"smlp-{name}")
    assert element.locator(".fallback").is_visible()
    assert element.locator(".fallback :is(img, table)").first.bounding_box()["height"] > 50
    assert element.locator(".live").count() == 0
    assert element.bounding_box()["height"] - element.locator(".fallback").bounding_box()["height"] < 40


@pytest.mark.parametrize(("path", "name"), PAGES)
def test_print_shows_the_static_figure(open_page, path, name):
    page = open_page(path, scheme="dark")
    live(page, name)
    page.wait_for_load_state("networkidle")
    fallback = page.locator(f"smlp-{name} > .fallback")
    assert not fallback.is_visible()
    page.emulate_media(media="print")
    assert fallback.is_visible()
    assert not page.locator(f"smlp-{name} > .live").is_visible()
    assert not page.locator(f"smlp-{name} .spoken").is_visible()
    for image in fallback.locator("img:visible").all():
        assert image.evaluate("e => e.naturalWidth") > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", HOUSE.widgets)
def test_an_explorable_is_accessible_in_both_schemes(open_page, name, scheme):
    states = {
        "one-email": ["0_1_0.8", "0_0_1"],
        "forward-backward": ["0_1", "3_1", "10_0"],
        "shuffle-pixels": ["0_0", "3_32", "8_64"],
        "one-step-downhill": ["square_1.1_0_5", "bowl_0.9_0.5_40"],
        "activations": ["sigmoid_37_float64", "tanh_-0.5_float32", "leaky_-5_float64"],
        "twenty-layers": ["relu_he_20_1", "tanh_1.0_20_1", "sigmoid_0.01_20_1"],
    }
    for state in states[name]:
        page = open_page(f"{ON_PAGE[name]}?{name}={state}", scheme=scheme)
        live(page, name)
        found = Axe().run(page, context=f"smlp-{name}").response["violations"]
        grave = [
            f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found if v["impact"] not in (None, "minor")
        ]
        assert grave == []
        assert page.faults == []


SPILLED = """(card) => {
    const edge = card.getBoundingClientRect();
    const boxes = [...card.querySelectorAll("*")].filter((e) => !e.closest(".spoken, defs") && e.getClientRects().length)
        .map((e) => [e, e.getBoundingClientRect()]);
    const within = (b) => b.left >= edge.left && b.right <= edge.right && b.top >= edge.top && b.bottom <= edge.bottom;
    const out = boxes.filter(([, b]) => !within(b));
    // Words, and what one works with: none may lie on another.
    const solid = boxes.filter(([e]) => e.matches("input, .track") || (e.textContent.trim() && !e.firstElementChild));
    const shared = (a, b, from, to) => Math.min(a[to], b[to]) - Math.max(a[from], b[from]);
    const meet = (a, b) => shared(a, b, "left", "right") > 1 && shared(a, b, "top", "bottom") > 4;
    const over = solid.filter(([e, a]) => solid.some(([f, b]) => e !== f && meet(a, b)));
    return [...out, ...over].map(([e]) => e.outerHTML.slice(0, 120));
}"""


@pytest.mark.parametrize("width", [320, 360, 700, 1440])
@pytest.mark.parametrize("name", HOUSE.widgets)
def test_nothing_is_clipped_and_nothing_overlaps(open_page, name, width):
    page = open_page(ON_PAGE[name])
    card = live(page, name)
    page.set_viewport_size({"width": width, "height": 900})  # the graph must be drawn anew
    presses = card.locator(".choices button").all() or [card.get_by_role("button", name="Next step")] * 11
    for button in presses:
        button.click()
        assert card.evaluate(SPILLED) == [], page.url
        for n in (32, 64) if name == "shuffle-pixels" else ():
            card.get_by_label("pixels moved").fill(str(n))
            assert card.evaluate(SPILLED) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [360, 1440])
def test_the_longest_numbers_have_room(open_page, width):
    weights = "_".join(["-4.87"] * 3 + ["4.87"] * 7 + ["-4.87"])
    page = open_page(f"{ON_PAGE['forward-backward']}?forward-backward=0_0_{weights}", width=width)
    card = live(page, "forward-backward")
    assert card.locator("[data-path='W1.0.1']").input_value() == "-4.87"
    for _ in range(11):
        card.get_by_role("button", name="Next step").click()
        assert card.evaluate(SPILLED) == [], page.url


@pytest.mark.parametrize("width", [360, 1440])
def test_the_big_number_stays_on_one_line_and_nothing_shifts_from_email_to_email(open_page, width):
    page = open_page(POST, width=width)
    card = live(page, "one-email")
    lines = (
        "e => { const r = document.createRange(); r.selectNodeContents(e); return r.getClientRects().length }"
    )
    heights = set()
    for preset in card.locator(".choices button").all():
        preset.click()
        assert card.locator("[data-part=p]").evaluate(lines) == 1
        heights.add(round(card.bounding_box()["height"]))
        for kind in ("input[type=range]", ".track"):
            boxes = [item.bounding_box() for item in card.locator(kind).all()]
            assert len({(round(b["x"]), round(b["width"])) for b in boxes}) == 1
    assert len(heights) == 1


def test_nothing_moves_by_itself(open_page):
    for name in HOUSE.widgets:
        page = open_page(ON_PAGE[name])
        live(page, name)
        assert page.locator(f"smlp-{name}").evaluate("e => e.getAnimations({ subtree: true }).length") == 0


@pytest.mark.parametrize("width", [320, 360, 700, 1440])
def test_nothing_shifts_from_digit_to_digit_and_degree_to_degree(open_page, width):
    page = open_page(ON_PAGE["shuffle-pixels"], width=width)
    card = live(page, "shuffle-pixels")
    where = """card => [card, ...card.querySelectorAll('svg, input, strong, .bars span, .record')].map((e) => {
        const { x, y, height } = e.getBoundingClientRect(), top = card.getBoundingClientRect().top;
        return [x, y - top, height].map(Math.round);
    })"""
    start = card.evaluate(where)
    for digit in range(10):
        card.get_by_role("button", name=f"a handwritten {digit}").click()
        for n in DEGREES[::4]:
            card.get_by_label("pixels moved").fill(str(n))
            assert card.evaluate(where) == start


def test_the_page_does_not_jump_when_the_card_comes(open_page):
    for name, address in ON_PAGE.items():
        for width in (360, 700, 1440):
            page = open_page(address, width=width)
            card = live(page, name).bounding_box()["height"]
            kept = page.locator(f"smlp-{name}").evaluate("e => parseFloat(getComputedStyle(e).minHeight)")
            assert kept == pytest.approx(card, abs=8), (name, width)
