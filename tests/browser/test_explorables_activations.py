"""Activations: each value is that of the package in the same float type, and each sentence is true of it."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from scratchmlp import activations
from scratchmlp.layers import LeakyReLU, ReLU, Sigmoid, Tanh
from scratchmlp.losses import binary_cross_entropy
from tests.browser.explorables import ON_PAGE, P03, live, parts
from tests.browser.test_explorables import SPILLED

NAME = "activations"
LAYERS = {"sigmoid": Sigmoid, "tanh": Tanh, "relu": ReLU, "leaky": LeakyReLU}
CALLED = {"sigmoid": "sigmoid", "tanh": "tanh", "relu": "ReLU", "leaky": "leaky ReLU"}
# On both sides of every limit: flat, few digits, rounded to 1, overflown, the corner; half a hundredth away from it.
PLACES = {
    ("sigmoid", "float64"): "1.212 0 -2.3 4.59 4.6 -4.59 -4.6 5 20 36 36.73 36.742 37 100 710 1000 "
    "-15 -36 -37 -709.775 -709.79 -1000",
    ("sigmoid", "float32"): "0.3 5 9 16.2 16.63 16.641 17 100 -5 -17 -88.715 -88.73 -1000",
    (
        "tanh",
        "float64",
    ): "0 0.4 -0.4 2.99 3 -3 9 18.9 19.1 -19.1 20 709.775 709.79 -709.775 -709.79 1000 -1000",
    ("tanh", "float32"): "0 0.6 -3.1 9.9 10.01 -10.01 88.715 88.73 -88.715 -88.73 -1000",
    ("relu", "float64"): "2.5 0 -2.5 8 8.1 710 -710",
    ("relu", "float32"): "36.8 0 -0.1",
    ("leaky", "float64"): "2.5 0 -2.5 17 -17",
    ("leaky", "float32"): "0.7 0 -5 -1000",
}
PLACES = {of: places.split() for of, places in PLACES.items()}
# tanh comes so near to 1 that its rounding shows in 1 - f * f; so much of a slope depends on who rounds it.
LAST_PLACES = {"float64": 4.5e-16, "float32": 2.4e-7}


def by_package(name, z, type_):
    """f, slope, naive and stable at every z, (N,), by the package and NumPy in that float type."""
    z = np.asarray(z, type_)
    layer = LAYERS[name]()
    f = layer.forward(z[:, None], training=True)[:, 0]
    held = {"z": z, "f": f, "slope": layer.backward(np.ones_like(z)[:, None])[:, 0]}
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        if name == "sigmoid":
            held["naive"] = -np.log(1 - f)
            held["stable"] = np.array([binary_cross_entropy(v[None], np.array([0]))[0] for v in z], type_)
        if name == "tanh":
            held["naive"] = (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))
            held["stable"] = activations.tanh(z)
    return SimpleNamespace(**held)


def at(name, z, type_):
    """The same at one z."""
    held = vars(by_package(name, [float(z)], type_))
    return SimpleNamespace(**{key: value[0] for key, value in held.items()})


def kind(v):
    """Whether a number is nan, inf, exactly 0 or exactly 1, of either sign, or none of them."""
    v = np.asarray(v, float)
    return np.select([np.isnan(v), np.isinf(v), v == 0, abs(v) == 1], ["nan", "inf", "0", "1"], "")


def agrees(text, v, spare=0.0):
    """Whether a text is this number, with all the digits that it must have."""
    if kind(v):
        words = {"nan": "nan", "inf": "inf"}.get(str(kind(v)), f"exactly {v:g}".replace("-0", "0"))
        return text == words
    near = re.fullmatch(r"(1 -|-1 \+) (\d\.\de-\d+)", text)
    if near:
        assert (near[1] == "1 -") == (v > 0)
        text, v = near[2], 1 - abs(v)
    assert near or not 0.9995 < abs(v) < 1
    digits, _, power = text.lstrip("-").partition("e")
    assert bool(power) == (abs(v) < 0.001 - spare)
    unit = 10.0 ** (int(power or 0) - len(digits.partition(".")[2]))
    n = len(digits.replace(".", "").lstrip("0"))
    if n != (2 if near else 3 if power else 5):
        return not power and type(v)(float(text)) == v
    return abs(float(text) - v) <= 0.5001 * unit + spare


def sentence(name, z, type_, slope_text):
    """What is to be said at z, found from the package's numbers and from what they should be."""
    here = at(name, z, type_)
    z = here.z
    one, sign = ("-1", "-") if z < 0 else ("1", "")
    if name in ("relu", "leaky"):
        left = "0" if name == "relu" else "0.01"
        if z == 0:
            assert here.slope == type(z)(left)
            return f"The corner has no slope. We take {left}, that of the left side."
        if z > 0:
            assert here.slope == 1
            return "The slope is 1: all that arrives here is passed back."
        assert here.slope == type(z)(left)
        if name == "relu":
            assert at(name, z + 0.01, type_).f == here.f == 0
            return "The slope is 0: nothing is passed back, and a small step leaves f where it is."
        return "The slope is 0.01: a hundredth of what arrives is passed back."
    with np.errstate(over="ignore"):
        overflows = np.isinf(np.exp(abs(z)))
    too_large = f"exp({sign}z) is too large for {type_} and becomes inf"
    if name == "tanh" and overflows:
        assert (kind(here.naive), here.f) == ("nan", float(one))
        with np.errstate(over="ignore"):
            assert abs(np.exp(z) - np.exp(-z)) == np.exp(z) + np.exp(-z) == np.inf
        return f"{too_large}: the formula divides inf by inf, which is nan."
    if name == "sigmoid" and overflows and z < 0:
        assert (here.f, here.slope) == (0, 0)
        return f"exp(-z) is too large for {type_} and becomes inf: f is 0, and so is its slope."
    if here.f == float(one):
        assert here.slope == 0
        if name == "tanh":
            return (
                f"f rounds to {one} in {type_}: the slope computed from it is 0, and nothing is passed back."
            )
        assert kind(here.naive) == "inf"
        return (
            f"f rounds to 1 in {type_}, so 1 - f is 0: the naive loss is infinite, "
            "and the slope computed from f is 0."
        )
    function = getattr(activations, name)
    quotient = (function(z + np.float64(1e-5)) - function(z - np.float64(1e-5))) / 2e-5
    assert here.slope == pytest.approx(quotient, rel=1e-4, abs=1e-6)
    far = "as far" if slope_text == "exactly 1" else f"{slope_text} times as far"
    if z == 0:
        return f"Nowhere is it steeper: if z moves a little, f moves {far}."
    if here.slope >= 0.01:
        return f"If z moves a little, f moves {far}."
    right = np.logaddexp(0, np.float64(z)) if name == "sigmoid" else np.tanh(np.float64(z))
    if abs(here.naive - right) > 1e-4 * abs(right):
        assert name == "sigmoid"
        return "Flat, and 1 - f loses the digits that matter: the naive loss is off."
    return f"Flat: a step of the weights moves f by almost nothing, {far} as z."


def card_at(open_page, name, z, type_, **settings):
    page = open_page(f"{ON_PAGE[NAME]}?{NAME}={name}_{z}_{type_}", **settings)
    return page, live(page, NAME)


@pytest.mark.parametrize("type_", LAST_PLACES)
@pytest.mark.parametrize("name", LAYERS)
def test_its_values_are_those_of_the_package_in_both_float_types(open_page, name, type_):
    page = open_page("")
    z = np.unique(
        [*np.arange(-400, 401) / 10, *range(-1000, 1001), 709.775, 709.79, 88.71, 88.73, 36.73, 36.742]
    )
    # From 18.99 on NumPy's tanh is 1 in float64, although the nearest float is that below 1 up to 19.06.
    z = z[(abs(z) < 18.99) | (abs(z) > 19.07)]
    computed = page.evaluate(
        """async ([name, all, type]) => {
            const { computed } = await import(new URL("widgets/activations/functions.js", document.baseURI));
            return all.map((z) => computed(name, z, type));
        }""",
        [name, z.tolist(), type_],
    )
    theirs = by_package(name, z, type_)
    assert {key for held in computed for key in held} - {"off"} >= vars(theirs).keys()
    for key, value in vars(theirs).items():
        mine = np.array([held[key] for held in computed], float)
        cut = LAST_PLACES[type_] if (name, key) == ("tanh", "slope") else 0
        finite = np.isfinite(value)
        same = kind(mine) == kind(value)
        same[finite] |= abs(mine[finite] - value[finite]) < cut
        assert same.all(), (key, z[~same])
        np.testing.assert_allclose(mine[finite], value[finite], rtol=1e-6, atol=cut, err_msg=key)
    if name == "sigmoid":
        kinds = {key: set(kind(getattr(theirs, key))) for key in ("f", "slope", "naive", "stable")}
        assert kinds["f"] == {"", "0", "1"}
        assert kinds["naive"] == {"", "0", "inf"}
        assert kinds["stable"] == {"", "0"}


@pytest.mark.parametrize(("name", "type_"), PLACES)
def test_it_says_of_every_z_what_the_package_computes(open_page, name, type_):
    page, card = card_at(open_page, name, "1.5", type_)
    for z in PLACES[name, type_]:
        card.get_by_label("z as a number").fill(z)
        said, theirs = parts(page, NAME), at(name, z, type_)
        assert agrees(said["f"], theirs.f), z
        assert agrees(said["slope"], theirs.slope, LAST_PLACES[type_] if name == "tanh" else 0), z
        wrong = card.locator(".wrong:not(:empty)").evaluate_all("all => all.map((e) => e.dataset.part)")
        if name in ("sigmoid", "tanh"):
            assert agrees(said["naive"], theirs.naive), z
            assert agrees(said["stable"], theirs.stable), z
            assert wrong == ["naive"] * (
                not abs(theirs.naive - theirs.stable) <= 1e-4 * abs(theirs.stable)
            ), z
        else:
            assert said["naive"] == said["stable"] == ""
            assert wrong == []
        assert said["seen"] == sentence(name, z, type_, said["slope"])
        assert said["compared"] == {
            "sigmoid": "The loss of an email that is not spam, if its logit is z:",
            "tanh": "tanh by its formula, and by the function that NumPy has for it:",
        }.get(name, "No exponential is taken, so nothing can overflow.")
        pressed = card.locator(".choices [aria-pressed=true]").all_text_contents()
        place = [z] if z in ("0", "2", "5", "17", "37", "89", "710") else []
        assert pressed == [CALLED[name], type_, *place]
        slider = card.get_by_role("slider")
        assert float(slider.input_value()) == pytest.approx(np.clip(float(z), -40, 40), abs=0.051)
        assert slider.get_attribute("aria-valuetext") == z.replace("-", "−")
    assert page.faults == []


@pytest.mark.parametrize(("name", "type_"), PLACES)
def test_its_lines_of_code_give_what_stands_beside_them(open_page, name, type_):
    page, card = card_at(open_page, name, "1.5", type_)
    names = ["f", "slope", "naive", "stable"][: 4 if name in ("sigmoid", "tanh") else 2]
    for z in PLACES[name, type_]:
        card.get_by_label("z as a number").fill(z)
        said = parts(page, NAME)
        lines = [line for line in card.locator("code").all_text_contents() if line]
        assert lines == [said[f"line-{key}"] for key in ("z", *names)]
        assert [line.split(" = ")[0] for line in lines] == ["z", *names]
        held = {"np": np}
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            exec("\n".join(lines), held)  # of the project's own page
        assert held["z"].dtype == held["f"].dtype == type_
        for key in names:
            spare = LAST_PLACES[type_] if (name, key) == ("tanh", "slope") else 0
            assert agrees(said[key], np.dtype(type_).type(held[key]), spare), (key, z)


DRAWN = """card => {
    const numbers = (e, ...names) => names.map((name) => Number(e.getAttribute(name)));
    const svg = card.querySelector("svg");
    const lines = (kind) => [...svg.querySelectorAll(kind)].map((e) => numbers(e, "x1", "y1", "x2", "y2"));
    return {
        size: numbers(svg, "width", "height"), axes: lines(".axis"), levels: lines(".level"), tangents: lines(".tangent"),
        curves: [...svg.querySelectorAll("polyline")].map((e) =>
            [e.getAttribute("class"), e.getAttribute("points").split(" ").map((at) => at.split(",").map(Number))]),
        dots: [...svg.querySelectorAll("circle")].map((e) => numbers(e, "cx", "cy")),
        arrows: [...svg.querySelectorAll(".beyond")].map((e) =>
            e.getAttribute("transform").match(/-?[\\d.]+/g).map(Number)),
        outside: [...svg.querySelectorAll("text")].filter((e) => {
            const [a, b] = [e, svg].map((e) => e.getBoundingClientRect());
            return a.left < b.left || a.right > b.right || a.top < b.top || a.bottom > b.bottom;
        }).map((e) => e.textContent),
        texts: [...svg.querySelectorAll("text")].map((e) => [e.textContent.replaceAll("−", "-"), ...numbers(e, "x", "y"),
            e.getAttribute("class")]),
    };
}"""


PICTURES = {
    "sigmoid": (1.2, -3, 37, -36.5),
    "tanh": (0, 0.5, -2, 8.5, -710),
    "relu": (0, 4.5, 8, 17),
    "leaky": (-5, -8, -1000),
}


def picture(card):
    """What is drawn, and `place`, from x and y to where they are drawn: from the axes, and the line at y = 1."""
    drawn = SimpleNamespace(**card.evaluate(DRAWN))
    (left, zero, right, level), (middle, bottom, _, top) = drawn.axes
    assert (zero, [left, right], [top, bottom]) == (level, [0, drawn.size[0]], [0, drawn.size[1]])
    unit = zero - drawn.levels[-1][1]
    drawn.place = lambda x, y: [middle + x * drawn.size[0] / 16, zero - unit * y]
    return drawn


@pytest.mark.parametrize("width", [320, 1440])
@pytest.mark.parametrize("name", PICTURES)
def test_the_picture_shows_the_function_its_slope_and_the_tangent(open_page, name, width):
    _, card = card_at(open_page, name, "1.5", "float64", width=width)
    x = np.arange(-160, 161) / 20
    theirs = by_package(name, x, "float64")
    for z in PICTURES[name]:
        card.get_by_label("z as a number").fill(str(z))
        drawn, here = picture(card), at(name, z, "float64")
        assert [kind for kind, _ in drawn.curves] == ["slope", "f"]
        for key, points in drawn.curves:
            y = getattr(theirs, key)
            np.testing.assert_allclose(
                points, np.transpose(drawn.place(x, y)), atol=0.11 * max(1, abs(y).max())
            )
            assert all(0 <= down <= drawn.size[1] for _, down in points)
        if abs(z) <= 8:
            ((x1, y1, x2, y2),) = drawn.tangents
            ((across, down),) = drawn.dots
            assert [across, down] == pytest.approx(drawn.place(z, here.f), abs=0.5)
            assert y1 + (y2 - y1) * (across - x1) / (x2 - x1) == pytest.approx(down, abs=0.3)
            (zero_x, zero_y), (one_x, one_y) = drawn.place(0, 0), drawn.place(1, 1)
            slope = (y2 - y1) / (one_y - zero_y) / ((x2 - x1) / (one_x - zero_x))
            assert slope == pytest.approx(here.slope, abs=0.02)
            assert x1 == 0 or np.hypot(across - x1, down - y1) > 20
            assert x2 == drawn.size[0] or np.hypot(across - x2, down - y2) > 20
            assert 0 <= min(y1, y2) <= max(y1, y2) <= drawn.size[1]
            assert drawn.arrows == []
        else:
            assert drawn.tangents == drawn.dots == []
            edge = drawn.place(np.copysign(8, z), theirs.f[-1 if z > 0 else 0])
            assert drawn.arrows == [pytest.approx([*edge, np.sign(z), 1], abs=0.5)]
        words = {text: [kind, x, y] for text, x, y, kind in drawn.texts}
        labels = {"1", "-4", "4", CALLED[name], "slope"} | ({"-1"} if name == "tanh" else set())
        assert words.keys() == labels | ({f"z = {z}"} if abs(z) > 8 else set())
        assert drawn.outside == []
        if abs(z) > 8:  # beside the arrow
            assert np.hypot(words[f"z = {z}"][1] - edge[0], words[f"z = {z}"][2] - edge[1]) < 25
        for text in ("1", "-1")[: len(drawn.levels)]:
            assert words[text][2] == pytest.approx(drawn.place(0, float(text))[1], abs=0.11)
            assert words[text][2] in [y for _, y, *_ in drawn.levels]
        for text in ("-4", "4"):
            assert words[text] == [
                "middle",
                *(pytest.approx(v, abs=0.11) for v in drawn.place(float(text), 0)),
            ]
        assert [words[text][0] for text in (CALLED[name], "slope")] == ["f", "slope"]


def test_the_start_is_the_logit_of_the_email(open_page):
    page = open_page(ON_PAGE[NAME])
    card = live(page, NAME)
    assert card.get_by_label("z as a number").input_value() == f"{P03['logit']:.3f}" == "1.212"
    assert parts(page, NAME)["f"] == f"{P03['p']:.5f}"
    labels = card.locator("[role=group]").evaluate_all("all => all.map((e) => e.getAttribute('aria-label'))")
    assert labels == ["Function", "Type of float", "Places of z"]


def test_what_to_try_is_true(open_page):
    page = open_page(ON_PAGE[NAME])
    card = live(page, NAME)
    card.get_by_role("button", name="5", exact=True).click()
    assert parts(page, NAME)["slope"] == "0.0066481"
    card.get_by_role("button", name="37", exact=True).click()
    said = parts(page, NAME)
    assert [said[key] for key in ("f", "slope", "naive", "stable")] == ["exactly 1", "exactly 0", "inf", "37"]


@pytest.mark.parametrize(("name", "z", "type_"), [("sigmoid", "17", "float32"), ("leaky", "-3", "float64")])
def test_what_is_spoken_is_what_is_shown(open_page, name, z, type_):
    page, card = card_at(open_page, name, "2.5", type_)
    field = card.get_by_label("z as a number")
    field.fill(z)
    spoken = card.get_by_role("status")
    assert spoken.text_content() == "", "the spoken line waits until the field rests"
    field.press("Enter")
    said = parts(page, NAME)
    both = f" naive {said['naive']}, stable {said['stable']}." if said["naive"] else ""
    assert spoken.text_content().replace("−", "-") == (
        f"{CALLED[name]} in {type_}, z = {z}: f {said['f']}, slope {said['slope']}. "
        f"{said['seen']} {said['compared']}{both}"
    )


def test_keys_fingers_and_the_link_move_it(open_page):
    page = open_page(ON_PAGE[NAME], width=360, has_touch=True, is_mobile=True)
    card = live(page, NAME)
    slider, field = card.get_by_role("slider", name="z", exact=True), card.get_by_label("z as a number")
    for name in ("tanh", "float32", "89", "−z"):
        card.get_by_role("button", name=name, exact=True).tap()
    assert page.url.endswith(f"?{NAME}=tanh_-89_float32")
    copied = open_page(ON_PAGE[NAME] + "?" + page.url.partition("?")[2])
    live(copied, NAME)
    assert parts(copied, NAME) == parts(page, NAME)
    slider.press("ArrowRight")
    assert field.input_value() == "-39.9", "the slider goes on from its end"
    slider.press("PageUp")
    assert float(field.input_value()) > -36, "a large step"
    card.get_by_role("button", name="0", exact=True).tap()
    card.get_by_role("button", name="−z").tap()
    assert page.url.endswith(f"?{NAME}=tanh_0_float32")
    field.fill("-745.2")
    assert parts(page, NAME)["line-z"] == "z = np.float32(-745.2)"
    card.get_by_role("button", name="Reset").tap()
    assert page.url.endswith(ON_PAGE[NAME])
    assert page.faults == []


def test_a_number_out_of_range_stays_is_named_and_is_not_computed_with(open_page):
    page, card = card_at(open_page, "tanh", "-2.5", "float64", width=360)
    before, field = parts(page, NAME), card.get_by_label("z as a number")
    said = "a number from -1000 to 1000 can stand here. z is still -2.5."
    for typed, words in (("-1000.1", f"-1000.1 is out of range; {said}"), ("", f"This is no number; {said}")):
        field.fill(typed)
        field.press("Tab")
        assert parts(page, NAME) == before | {"refused-z": words}
        assert (field.input_value(), field.get_attribute("aria-invalid")) == (typed, "true")
        assert card.evaluate(SPILLED) == []
    field.fill("1000")
    assert parts(page, NAME)["refused-z"] == ""
    field.fill("")
    assert parts(page, NAME)["refused-z"] == "", "a minus sign may become a number"
    field.fill("3000")
    card.get_by_role("button", name="5", exact=True).click()
    assert (parts(page, NAME)["refused-z"], field.input_value()) == ("", "5")


@pytest.mark.parametrize("width", [320, 360, 700, 1440])
def test_nothing_shifts_and_nothing_is_clipped_from_state_to_state(open_page, width):
    page = open_page(ON_PAGE[NAME], width=width)
    card = live(page, NAME)
    heights = []
    for (name, type_), places in PLACES.items():
        for called in (CALLED[name], type_):
            card.get_by_role("button", name=called, exact=True).click()
        for z in places:
            card.get_by_label("z as a number").fill(z)
            assert card.evaluate(SPILLED) == [], (name, type_, z)
            heights.append(card.bounding_box()["height"])
    assert max(heights) - min(heights) <= 8
    assert page.evaluate("document.documentElement.scrollWidth") <= width
