"""Twenty layers: every size is that of the package with the same weights, and every sentence is true of them."""

import math
import re
from types import SimpleNamespace

import numpy as np
import pytest

from scratchmlp import initializers
from scratchmlp.layers import Dense, ReLU, Sigmoid, Tanh
from tests.browser.explorables import ON_PAGE, live, parts
from tests.browser.test_explorables import SPILLED

NAME = "twenty-layers"
N, D, MOST = 32, 64, 20
ACTIVATIONS = {"relu": ("ReLU", ReLU), "tanh": ("tanh", Tanh), "sigmoid": ("sigmoid", Sigmoid)}
# Each choice of weights: its name, its standard deviation.
WEIGHTS = {
    "0.01": ("0.01", 0.01),
    "xavier": ("Xavier", 0.125),
    "he": ("He", math.sqrt(2) / 8),
    "4xavier": ("4 × Xavier", 0.5),
    "1.0": ("1.0", 1),
}
COMBINATIONS = [(activation, weights) for activation in ACTIVATIONS for weights in WEIGHTS]
LOST = 1e-14  # differences of outputs near 1/2 that are no more than rounding
STATES = [
    *((activation, weights, 20, 1) for activation, weights in COMBINATIONS),
    ("relu", "0.01", 2, 7),
    ("relu", "he", 3, 40),
    ("relu", "xavier", 9, 99),
    ("tanh", "1.0", 5, 12),
    ("tanh", "4xavier", 4, 3),
    ("sigmoid", "0.01", 7, 2),
    ("sigmoid", "0.01", 11, 30),
    ("sigmoid", "1.0", 2, 5),
    ("sigmoid", "xavier", 13, 77),
]


def normals(seed, n):
    """n normal numbers from a seed, by mulberry32 and Box and Muller, in integers of Python."""
    even, state = [], seed
    while len(even) < n + n % 2:
        state = (state + 0x6D2B79F5) % 2**32
        t = (state ^ state >> 15) * (state | 1) % 2**32
        t ^= (t + (t ^ t >> 7) * (t | 61)) % 2**32
        even.append((t ^ t >> 14) / 2**32)
    first, second = np.reshape(even, (-1, 2)).T
    radius, angle = np.sqrt(-2 * np.log(1 - first)), 2 * np.pi * second
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).ravel()[:n]


def drawn(seed):
    """The batch and the gradient (N, D), and the weights of all layers (MOST, D, D) with a standard deviation of 1."""
    x, dh, W = np.split(normals(seed, 2 * N * D + MOST * D * D), [N * D, 2 * N * D])
    return x.reshape(N, D), dh.reshape(N, D), W.reshape(MOST, D, D)


DRAWS = {seed: drawn(seed) for seed in sorted({1, 2, *(seed for *_, seed in STATES)})}


def rms(v):
    return float(np.sqrt((v**2).mean()))


def package(activation, weights, depth, seed):
    """What goes through the layers of the package and what comes back: the sizes of both, and the outputs."""
    x, dh, W = DRAWS[seed] if seed in DRAWS else drawn(seed)
    layers = []
    for i in range(depth):
        dense = Dense(D, D, rng=np.random.default_rng(0), dtype="float64")
        dense.params["W"][:] = WEIGHTS[weights][1] * W[i]
        layers.append((dense, ACTIVATIONS[activation][1]()))
    outputs, gradients = [x], [dh]
    for dense, bend in layers:
        outputs.append(bend.forward(dense.forward(outputs[-1], training=True), training=True))
    for dense, bend in layers[:0:-1]:
        gradients.insert(0, dense.backward(bend.backward(gradients[0])))
    return SimpleNamespace(
        outputs=outputs,
        dh=gradients,
        sizes=[rms(h) for h in outputs],
        spreads=[rms(h - h.mean(axis=0)) for h in outputs],
        gradients=[rms(g) for g in gradients],
    )


def passes(page, cases):
    """What the explorable computes of many cases."""
    return page.evaluate(
        """async (cases) => {
            const module = await import(new URL("widgets/twenty-layers/signal.js", document.baseURI));
            return cases.map(([activation, std, depth, seed]) =>
                module.pass(module.stack(seed, 20, 32, 64), activation, std, depth));
        }""",
        cases,
    )


def test_width_and_batch_are_those_of_the_digits_and_of_the_rates(open_page):
    page = open_page(ON_PAGE[NAME])
    live(page, NAME)
    assert page.locator(f"smlp-{NAME}").evaluate("e => e.values") == {"features": D, "batch": N}


def test_its_random_numbers_can_be_repeated_and_are_normal(open_page):
    page = open_page("")
    cases = [(1, 7), (99, 1000), (50, 86016)]
    found = page.evaluate(
        """async (cases) => {
            const { normals } = await import(new URL("widgets/twenty-layers/signal.js", document.baseURI));
            return cases.map(([seed, n]) => [...normals(seed, n)]);
        }""",
        cases,
    )
    for (seed, n), mine in zip(cases, found, strict=True):
        np.testing.assert_allclose(mine, normals(seed, n), rtol=1e-9, atol=1e-12)
    many = np.array(found[-1])
    assert many.mean() == pytest.approx(0, abs=4 / math.sqrt(len(many)))
    for power, moment in ((2, 1), (4, 3), (6, 15)):
        assert (many**power).mean() == pytest.approx(moment, rel=0.08)
    assert np.corrcoef(many[:-1], many[1:])[0, 1] == pytest.approx(0, abs=4 / math.sqrt(len(many)))
    assert np.corrcoef(many[0::2], many[1::2])[0, 1] == pytest.approx(0, abs=6 / math.sqrt(len(many)))


def test_its_weights_have_the_deviation_of_the_package():
    rng = np.random.default_rng(4)
    for name, of in {"xavier": initializers.xavier, "he": initializers.he}.items():
        assert of((D, D), rng=rng).std() == pytest.approx(WEIGHTS[name][1], rel=0.05)
    assert WEIGHTS["4xavier"][1] == 4 * WEIGHTS["xavier"][1]
    assert WEIGHTS["xavier"][1] == math.sqrt(2 / (D + D))
    assert WEIGHTS["he"][1] == pytest.approx(math.sqrt(2 / D))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_size_is_that_of_the_package_with_the_same_weights(open_page, activation):
    cases = [
        (activation, weights, depth, seed) for weights in WEIGHTS for depth in (2, 13, 20) for seed in (1, 2)
    ]
    found = passes(open_page(""), [(a, WEIGHTS[w][1], depth, seed) for a, w, depth, seed in cases])
    for case, mine in zip(cases, found, strict=True):
        theirs = package(*case)
        assert len(mine["sizes"]) == len(mine["spreads"]) == len(mine["gradients"]) + 1 == case[2] + 1
        np.testing.assert_allclose(mine["sizes"], theirs.sizes, rtol=1e-6, err_msg=case)
        np.testing.assert_allclose(mine["gradients"], theirs.gradients, rtol=1e-6, err_msg=case)
        # Outputs near 1/2 are rounded to 1e-16, whatever differs between them.
        rounding = 5e-16 if activation == "sigmoid" else 0
        np.testing.assert_allclose(mine["spreads"], theirs.spreads, rtol=1e-6, atol=rounding, err_msg=case)


def test_deep_stacks_do_what_the_text_says_of_them_in_every_draw(open_page):
    page = open_page("")

    def ends(activation, weights):
        """How the sizes end beside how they begin, over draws: outputs, what differs of them, gradients."""
        found = passes(page, [(activation, WEIGHTS[weights][1], 20, seed) for seed in range(1, 100, 7)])
        ratios = [
            (
                m["sizes"][-1] / m["sizes"][0],
                m["spreads"][-1] / m["spreads"][0],
                m["gradients"][0] / m["gradients"][-1],
            )
            for m in found
        ]
        return np.transpose(ratios)

    sizes, _, gradients = ends("relu", "he")
    assert (sizes > 0.2).all()
    assert (sizes < 5).all()
    assert (gradients > 0.2).all()
    assert (gradients < 5).all()
    sizes, _, gradients = ends("relu", "0.01")
    factor = math.sqrt(64 * 1e-4 / 2)
    assert factor == pytest.approx(0.0566, abs=5e-5)
    assert sizes ** (1 / 20) == pytest.approx(np.full(len(sizes), factor), rel=0.06)
    assert gradients ** (1 / 19) == pytest.approx(np.full(len(sizes), factor), rel=0.06)
    sizes, _, gradients = ends("relu", "xavier")  # 2^-10, but for chance
    assert (abs(np.log10(sizes) + 3) < 0.6).all()
    assert (abs(np.log10(gradients) + 3) < 0.6).all()
    sizes, _, gradients = ends("tanh", "xavier")
    assert (sizes > 0.1).all()
    assert (gradients > 0.1).all()
    stays, xavier, back = ends("sigmoid", "xavier")
    assert (abs(stays - 0.5) < 0.1).all()
    assert (xavier < 1e-11).all()
    assert (back < 1e-11).all()
    _, wide, wide_back = ends("sigmoid", "4xavier")
    assert (wide > 1e6 * xavier).all()
    assert (wide_back > 1e6 * back).all()
    assert (wide < 1e-3).all()
    _, widest, _ = ends("sigmoid", "1.0")
    assert (widest < 0.1).all(), "no weights bring the signal through twenty sigmoids"


def written(text):
    """A number as it is shown, and half a unit of its last digit."""
    mantissa, _, exponent = text.partition("e")
    digits = len(mantissa.partition(".")[2])
    return float(text), 0.5001 * 10.0 ** (int(exponent or 0) - digits)


def is_shown(text, value):
    """Whether a number is shown, rounded, with two digits at least."""
    number, half = written(text)
    return abs(number - value) <= half and half < 0.06 * value


def fate(start, end):
    if end < start / 10:
        return "fades"
    return "grows" if end > 10 * start else "keeps its size within a factor of ten"


@pytest.mark.parametrize(("activation", "weights", "depth", "seed"), STATES)
def test_it_says_of_every_stack_what_the_package_computes(open_page, activation, weights, depth, seed):
    page = open_page(f"{ON_PAGE[NAME]}?{NAME}={activation}_{weights}_{depth}_{seed}")
    card, said = live(page, NAME), parts(page, NAME)
    theirs = package(activation, weights, depth, seed)
    differs = activation == "sigmoid"
    seen = [v for v in theirs.spreads if v > LOST] if differs else theirs.sizes
    lost = depth + 1 - len(seen)
    assert (lost > 0) == (differs and weights == "0.01" and depth > 8)
    pressed = card.locator(".choices [aria-pressed=true]").all_text_contents()
    assert pressed == [ACTIVATIONS[activation][0], WEIGHTS[weights][0]]
    assert (said["value-depth"], said["seed"]) == (str(depth), str(seed))
    assert card.get_by_label("layers").input_value() == str(depth)
    assert is_shown(said["std"], WEIGHTS[weights][1])
    assert said["name-forward"] == f"{'what differs' if differs else 'signal'}, after layer {depth}"
    assert said["name-backward"] == "gradient, back at layer 1"
    if lost:
        assert said["size-forward"] == "below 1e-14"
        assert theirs.spreads[-1] < 1e-14
    else:
        assert is_shown(said["size-forward"], seen[-1])
    assert is_shown(said["size-backward"], theirs.gradients[0])
    for way, line in (("forward", seen), ("backward", theirs.gradients)):
        factor = re.fullmatch(r"× (\d+\.\d{3}) a layer", said[f"factor-{way}"])[1]
        ends = sorted([line[0], line[-1]], key=lambda v: (v == line[-1]) == (way == "forward"))
        mean = math.exp((math.log(ends[1]) - math.log(ends[0])) / (len(line) - 1))
        assert float(factor) == pytest.approx(mean, abs=5.01e-4)
    forwards, backwards = fate(seen[0], seen[-1]), fate(theirs.gradients[-1], theirs.gradients[0])
    back = "and so does the gradient" if forwards == backwards else f"the gradient {backwards}"
    if differs:
        half = re.match(rf"The RMS after layer {depth} is (0\.\d\d)\. ", said["fate"])[1]
        assert is_shown(half, theirs.sizes[-1])
        told = f"The RMS after layer {depth} is {half}. What differs between the examples {forwards}, {back}."
        told += f" From layer {len(seen)} on all that differs is rounding." if lost else ""
    else:
        told = f"The signal {forwards}, {back}."
    assert said["fate"] == told
    card.get_by_role("button", name="Draw again").click()
    now, following = parts(page, NAME), seed % 99 + 1
    assert now["seed"] == str(following)
    assert is_shown(now["size-backward"], package(activation, weights, depth, following).gradients[0])
    spoken = card.get_by_role("status").text_content().replace("−", "-")
    assert spoken == (
        f"{now['fate']} {now['name-forward']}: {now['size-forward']}, {now['factor-forward']}; "
        f"{now['name-backward']}: {now['size-backward']}, {now['factor-backward']}."
    )
    assert page.faults == []


@pytest.mark.parametrize(("activation", "weights"), COMBINATIONS)
def test_its_lines_of_code_compute_the_sizes_that_it_shows(open_page, activation, weights):
    page = open_page(f"{ON_PAGE[NAME]}?{NAME}={activation}_{weights}_4_3")
    lines = live(page, NAME).locator(".lines code").all_text_contents()
    start, forward, measure, backward = lines
    x, dh, normal = DRAWS[3]
    scope = {"np": np, "D": D, "M": D, "h": x, "dh": dh}
    theirs, kept = package(activation, weights, 4, 3), []
    for layer in range(4):
        scope["normal"] = normal[layer]
        exec(start, scope)  # of the project's own page
        assert scope["W"].shape == (D, D)
        exec(forward, scope)
        kept.append((scope["W"], scope["h"]))
    np.testing.assert_allclose(scope["h"], theirs.outputs[-1], rtol=1e-9)
    exec(measure, scope)
    name, sizes = ("sd", theirs.spreads) if activation == "sigmoid" else ("rms", theirs.sizes)
    assert scope[name] == pytest.approx(sizes[-1], rel=1e-9)
    assert is_shown(parts(page, NAME)["size-forward"], scope[name])
    for W, h in kept[:0:-1]:
        scope |= {"W": W, "h": h}
        exec(backward, scope)
    np.testing.assert_allclose(scope["dh"], theirs.dh[0], rtol=1e-9)


READ = """card => {
    const number = (e, ...names) => names.map((name) => Number(e.getAttribute(name)));
    const svg = card.querySelector("svg");
    const line = (way) => [...svg.querySelectorAll(`g.${way} circle`)].map((e) => number(e, "cx", "cy"));
    return {
        size: number(svg, "width", "height"), forward: line("forward"), backward: line("backward"), rms: line("rms"),
        paths: Object.fromEntries([...svg.querySelectorAll("g")].map((g) => [g.getAttribute("class"),
            g.firstChild.getAttribute("points").split(" ").map((at) => at.split(",").map(Number))])),
        dashed: [...svg.querySelectorAll("g")].filter((g) => getComputedStyle(g.firstChild).strokeDasharray !== "none")
            .map((g) => g.getAttribute("class")),
        ticks: [...svg.querySelectorAll("line")].map((e) => [...number(e, "y1", "y2"),
            e.nextElementSibling.textContent.replace("−", "-")]),
        labels: [...svg.querySelectorAll("text:not(.axis)")].map((e) => [e.getAttribute("class"), e.textContent,
            ...number(e, "x", "y"), e.getAttribute("text-anchor")]),
        axis: [...svg.querySelectorAll("text.axis")].map((e) => e.textContent),
    };
}"""


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize(("activation", "weights", "depth", "seed"), [*STATES[:15], *STATES[-4:]])
def test_the_picture_shows_every_size_where_it_is(open_page, width, activation, weights, depth, seed):
    page = open_page(f"{ON_PAGE[NAME]}?{NAME}={activation}_{weights}_{depth}_{seed}", width=width)
    drawing = SimpleNamespace(**live(page, NAME).evaluate(READ))
    theirs, differs = package(activation, weights, depth, seed), activation == "sigmoid"
    powers = {y: math.log10(float(text)) for y, _, text in drawing.ticks}
    assert all(y == other for y, other, _ in drawing.ticks)
    assert 3 <= len(powers) <= 6
    assert 0 in powers.values()
    scale, zero = np.polyfit(list(powers.values()), list(powers), 1)  # pixels a power of ten
    assert [scale * power + zero for power in powers.values()] == pytest.approx(list(powers), abs=0.06)
    lines = {"forward": [v for v in theirs.spreads if v > LOST] if differs else theirs.sizes}
    lines |= {"backward": theirs.gradients, "rms": theirs.sizes if differs else []}
    for way, sizes in lines.items():
        at = np.reshape(getattr(drawing, way), (-1, 2))
        assert len(at) == len(sizes)
        assert at[:, 1] == pytest.approx(scale * np.log10(sizes) + zero, abs=0.2)
        assert ((at > 0) & (at < drawing.size)).all()
        if len(at):
            assert drawing.paths[way] == at.tolist()
    first, last = drawing.forward[0][0], drawing.backward[-1][0]
    layer = (last - first) / depth
    for way, start in (("forward", 0), ("backward", 1), ("rms", 0)):
        x = [x for x, _ in getattr(drawing, way)]
        assert x == pytest.approx([first + layer * (start + i) for i in range(len(x))], abs=0.11)
    assert drawing.dashed == ["backward"], "told apart without colour"
    words = ["RMS"] * differs + ["input", f"layer {depth}"]
    assert drawing.axis[len(powers) :] == words
    labels = {kind: rest for kind, *rest in drawing.labels}
    assert list(labels) == ["forward", "backward"]
    for way, words, (x, y), anchor in (
        ("forward", f"{'what differs' if differs else 'signal'} →", drawing.forward[0], "start"),
        ("backward", "← gradient", drawing.backward[-1], "end"),
    ):
        assert labels[way][0] == words
        assert labels[way][1] == pytest.approx(x, abs=4)
        ends = (lines[way][0], lines[way][-1]) if way == "forward" else (lines[way][-1], lines[way][0])
        above = fate(*ends) != "grows"
        assert 5 < (y - labels[way][2] if above else labels[way][2] - y) < 20, "on the free side of its line"
        assert labels[way][3] == anchor


@pytest.mark.parametrize("width", [320, 360, 700, 1440])
def test_nothing_shifts_and_nothing_spills_from_stack_to_stack(open_page, width):
    page = open_page(ON_PAGE[NAME], width=width)
    card = live(page, NAME)
    where = """card => [card, ...card.querySelectorAll("svg, button, input, .reading, .reading + p, .lines")].map((e) => {
        const { x, y, height } = e.getBoundingClientRect(), top = card.getBoundingClientRect().top;
        return [x, y - top, height].map(Math.round);
    })"""
    start = card.evaluate(where)
    for activation, weights in COMBINATIONS:
        card.get_by_role("button", name=ACTIVATIONS[activation][0], exact=True).click()
        card.get_by_role("button", name=WEIGHTS[weights][0], exact=True).click()
        for depth in (20, 2):
            card.get_by_label("layers").fill(str(depth))
            assert card.evaluate(where) == start, (activation, weights, depth)
            assert card.evaluate(SPILLED) == [], (activation, weights, depth)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_keys_fingers_and_the_link_move_it(open_page):
    page = open_page(ON_PAGE[NAME], width=360, has_touch=True, is_mobile=True)
    card = live(page, NAME)
    card.get_by_role("button", name="tanh").tap()
    card.get_by_role("button", name="4 × Xavier").press("Enter")
    card.get_by_label("layers").press("ArrowLeft")
    card.get_by_role("button", name="Draw again").tap()
    assert page.url.endswith(f"?{NAME}=tanh_4xavier_19_2")
    copied = open_page(ON_PAGE[NAME] + "?" + page.url.partition("?")[2])
    live(copied, NAME)
    assert parts(copied, NAME) == parts(page, NAME)
    card.get_by_label("layers").press("Home")
    assert parts(page, NAME)["value-depth"] == "2"
    card.get_by_role("button", name="Reset").tap()
    assert page.url.endswith(ON_PAGE[NAME])
    assert parts(page, NAME)["seed"] == "1"
    last = open_page(f"{ON_PAGE[NAME]}?{NAME}=relu_he_20_99")
    live(last, NAME).get_by_role("button", name="Draw again").click()
    assert parts(last, NAME)["seed"] == "1", "behind the last draw comes the first"
    assert page.faults == []
