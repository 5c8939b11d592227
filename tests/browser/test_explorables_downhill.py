"""One step downhill: every place is that of the package's SGD, and every sentence is true of the walk."""

import re

import numpy as np
import pytest

from scratchmlp.optimizers import SGD
from snippets import slopes_and_steps as post
from tests.browser.explorables import ON_PAGE, live, parts

NAME = "one-step-downhill"
CURVATURES = {"square": np.array([2.0]), "bowl": np.array([0.2, 2.0])}
STATES = [
    ("square", 0.1, 0, 5),
    ("square", 0.5, 0, 1),
    ("square", 0.9, 0, 6),
    ("square", 1, 0, 7),
    ("square", 1.1, 0, 9),
    ("square", 0.05, 0.3, 11),
    ("square", 0.8, 0.6, 40),
    ("bowl", 0.9, 0, 12),
    ("bowl", 1.15, 0.25, 20),
    ("bowl", 1.2, 0, 3),
    ("bowl", 0.01, 0, 40),
    ("bowl", 1.05, 0.05, 0),
    ("bowl", 0.3, 0.95, 33),
]


def places(valley, rate, momentum, n):
    """The places of n steps by the package, in float64: (n + 1, 1) or (n + 1, 2)."""
    place = np.full(len(CURVATURES[valley]), 3.0)
    optimizer, found = SGD(rate, momentum=momentum), [place.copy()]
    for _ in range(n):
        optimizer.step(place, CURVATURES[valley] * place)
        found.append(place.copy())
    return np.array(found)


def written(text):
    """A number as it is shown, and half a unit of its last digit."""
    mantissa, _, exponent = text.partition("e")
    digits = len(mantissa.partition(".")[2])
    return float(text), 0.5001 * 10.0 ** (int(exponent or 0) - digits)


def happens(curvature, rate, momentum):
    """What a walk does in one direction, seen on a long walk."""
    x, v, walk = 3.0, 0.0, [3.0]
    for _ in range(600):
        v = momentum * v + curvature * x
        x -= rate * v
        walk.append(x)
    walk = np.array(walk)
    if abs(walk[-200:]).max() > 3.5:
        return "lands farther and farther away"
    if abs(walk[-20:]).max() > 2.5:
        return "goes to and fro, for ever"
    if abs(walk[1]) < 1e-12 and momentum == 0:
        return "is there after one step"
    crosses = (walk < -1e-13).any()
    return "crosses over and comes nearer" if crosses else "stays on its side and comes nearer"


def test_the_start_and_the_width_are_those_of_the_text():
    assert (post.start, post.wide) == (3, 10)


def test_the_walk_and_the_number_of_steps_are_those_of_the_package(open_page):
    page = open_page("")
    rng = np.random.default_rng(3)
    cases = [
        (list(rng.uniform(0.1, 2, 2)), float(rng.uniform(0.01, 1.2)), float(rng.uniform(0, 0.95)))
        for _ in range(60)
    ]
    computed = page.evaluate(
        """async (cases) => {
            const module = await import(new URL("widgets/one-step-downhill/descent.js", document.baseURI));
            const { walk, needed, height } = module;
            return cases.map(([c, rate, momentum]) => {
                const places = walk(c, [3, -2], rate, momentum, 30);
                return [places, needed(c, [3, -2], rate, momentum), height(c, places.at(-1))];
            });
        }""",
        cases,
    )
    for (curvatures, rate, momentum), (mine, steps, height) in zip(cases, computed, strict=True):
        place, optimizer, theirs = np.array([3.0, -2.0]), SGD(rate, momentum=momentum), [[3.0, -2.0]]
        while len(theirs) < 1500:
            optimizer.step(place, np.array(curvatures) * place)
            theirs.append(place.tolist())
        np.testing.assert_allclose(mine, theirs[:31], rtol=1e-9, atol=1e-6)
        last = np.array(theirs[30])
        assert height == pytest.approx((np.array(curvatures) * last**2).sum() / 2, rel=1e-9)
        near = np.linalg.norm(theirs, axis=1) <= np.linalg.norm([3, -2]) / 1000
        assert steps == near.argmax()
        assert near.any()


@pytest.mark.parametrize(("valley", "rate", "momentum", "n"), STATES)
def test_it_says_of_every_walk_what_the_package_computes(open_page, valley, rate, momentum, n):
    page = open_page(f"{ON_PAGE[NAME]}?{NAME}={valley}_{rate}_{momentum}_{n}")
    card, said = live(page, NAME), parts(page, NAME)
    walk, curvatures = places(valley, rate, momentum, n), CURVATURES[valley]
    assert said["curvature"] == ("2" if valley == "square" else "(0.2, 2.0)")
    assert said["after"] == f"after {n} step{'s' * (n != 1)}"
    assert (said["value-rate"], said["value-momentum"], said["value-n"]) == (
        f"{rate:.2f}",
        f"{momentum:.2f}",
        str(n),
    )
    shown = re.findall(r"([xy]) = (-?[\d.]+(?:e-?\d+)?)", said["place"])
    assert [name for name, _ in shown] == list("xy")[: len(curvatures)]
    for (_, text), value in zip(shown, walk[-1], strict=True):
        number, half = written(text)
        assert number == pytest.approx(value, abs=half)
    number, half = written(said["height"])
    assert number == pytest.approx((curvatures / 2 * walk[-1] ** 2).sum(), abs=half)
    told = [f"{name} {happens(c, rate, momentum)}" for name, c in zip("xy", curvatures, strict=False)]
    assert said["regime"] == "; ".join(told) + "."
    with np.errstate(over="ignore", invalid="ignore"):
        far = np.linalg.norm(places(valley, rate, momentum, 4000), axis=1)
    near = far <= np.linalg.norm(walk[0]) / 1000
    steps = int(near.argmax())
    assert said["needed"] == (f"{steps} step{'s' * (steps != 1)}" if near.any() else "never")
    pressed = card.locator(".choices [aria-pressed=true]").all_text_contents()
    assert pressed == [{"square": "x²", "bowl": "x²/10 + y²"}[valley]]
    labels = card.locator(".slide label").all_text_contents()
    assert labels == ["rate", "momentum", "steps"]
    more = card.get_by_role("button", name="One step")
    assert (more.get_attribute("aria-disabled") == "true") == (n == 40)
    back = card.get_by_role("button", name="Back")
    assert (back.get_attribute("aria-disabled") == "true") == (n == 0)
    if n < 40:
        more.click()
        assert parts(page, NAME)["after"] == f"after {n + 1} step{'s' * (n > 0)}"
        spoken = card.get_by_role("status").text_content().replace("−", "-")
        now = parts(page, NAME)
        assert spoken == (
            f"{now['after']}: {now['place']}, height {now['height']}. {now['regime']} "
            f"A thousand times nearer: {now['needed']}."
        )


@pytest.mark.parametrize("valley", CURVATURES)
def test_its_lines_of_code_take_the_step_that_it_shows(open_page, valley):
    page = open_page(f"{ON_PAGE[NAME]}?{NAME}={valley}_0.7_0.4_1")
    lines = live(page, NAME).locator(".lines code").all_text_contents()
    scope = {"rate": 0.7, "momentum": 0.4, "curvature": CURVATURES[valley]}
    scope |= {"place": np.full(len(CURVATURES[valley]), 3.0), "v": 0.0}
    for n in (1, 2, 3):
        exec("\n".join(lines), scope)
        np.testing.assert_allclose(scope["place"], places(valley, 0.7, 0.4, n)[-1], rtol=1e-12)
    slope = lines[0].partition("# ")[2].removesuffix(" is the slope")
    assert slope == "curvature * place"
    assert slope in lines[0].partition("#")[0]


@pytest.mark.parametrize("width", [360, 1440])
def test_the_picture_shows_every_step_where_it_is(open_page, width):
    for valley, rate, momentum, n in [("square", 0.9, 0, 4), ("bowl", 0.9, 0.3, 6)]:
        page = open_page(f"{ON_PAGE[NAME]}?{NAME}={valley}_{rate}_{momentum}_{n}", width=width)
        dots, size, ground = live(page, NAME).evaluate(
            """card => {
                const number = (e, ...names) => names.map((name) => Number(e.getAttribute(name)));
                const svg = card.querySelector("svg");
                return [[...svg.querySelectorAll("circle")].map((e) => number(e, "cx", "cy", "r")),
                    number(svg, "width", "height"),
                    [...svg.querySelectorAll(".ground")].map((e) => e.getAttribute("points"))];
            }"""
        )
        walk = places(valley, rate, momentum, n)
        assert len(dots) == n + 1
        across = size[0] / 7.2
        x = [(cx - size[0] / 2) / across for cx, _, _ in dots]
        assert x == pytest.approx(walk[:, 0], abs=0.05)
        if valley == "square":
            heights = np.array([cy for _, cy, _ in dots])
            assert np.diff(heights) / -np.diff(walk[:, 0] ** 2) == pytest.approx(
                (size[1] - 16) / 13, rel=0.05
            )
        else:
            y = [(size[1] / 2 - cy) * 7.2 / size[1] for _, cy, _ in dots]
            assert y == pytest.approx(walk[:, 1], abs=0.05)
            for points in ground:  # x²/10 + y² is the same all along
                at = np.array([point.split(",") for point in points.split()], float)
                x, y = (at[:, 0] - size[0] / 2) / across, (size[1] / 2 - at[:, 1]) * 7.2 / size[1]
                level = x**2 / 10 + y**2
                assert level == pytest.approx(np.full(len(x), level[36]), abs=0.02 * (1 + level[36]))
            assert len(ground) == 14
        assert [r for _, _, r in dots] == [5] + [3] * n


def test_keys_fingers_and_the_link_move_it(open_page):
    page = open_page(ON_PAGE[NAME], width=360, has_touch=True, is_mobile=True)
    card = live(page, NAME)
    card.get_by_role("button", name="x²", exact=True).tap()
    card.get_by_label("rate").press("ArrowRight")
    card.get_by_label("momentum").press("End")
    card.get_by_label("steps").press("ArrowLeft")
    assert page.url.endswith(f"?{NAME}=square_0.91_0.95_11")
    copied = open_page(ON_PAGE[NAME] + "?" + page.url.partition("?")[2])
    live(copied, NAME)
    assert parts(copied, NAME) == parts(page, NAME)
    card.get_by_role("button", name="Back").tap()
    assert parts(page, NAME)["after"] == "after 10 steps"
    card.get_by_role("button", name="Reset").tap()
    assert page.url.endswith(ON_PAGE[NAME])
    assert parts(page, NAME)["after"] == "after 12 steps"
    assert page.faults == []
