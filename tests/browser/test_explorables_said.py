"""Every label, line of code, value and sentence of an explorable, read from the page in every state and computed here."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from scratchmlp.activations import softmax
from sitetools import ROOT
from tests.browser.explorables import (
    DEGREES,
    GROUPS,
    ON_PAGE,
    P03,
    POST,
    RESULT,
    contest,
    fixed,
    live,
    package,
)

X = np.array(P03["x"])  # (1, 3)
FEATURES = ["marks", "“free”", "reputation"]
# What each step of the walk is called, and the name that its line of code gives to what it computes.
STEPS = {
    "x": "The email goes in",
    "z": "Forward: the hidden sums",
    "h": "Forward: the ReLU",
    "logit": "Forward: the logit",
    "p": "Forward: the probability",
    "loss": "Forward: the loss",
    "dp": "Backward: through the loss",
    "dlogit": "Backward: through the sigmoid",
    "dW2": "Backward: to the output weights",
    "dh": "Backward: to the hidden values",
    "dz": "Backward: through the ReLU",
    "dW1": "Backward: to the first weights",
}
NAMES = list(STEPS)
# What stands left of the sign of equality, of neuron j: the numbers in their order.
OPERANDS = {
    "z": lambda q, j: [*np.ravel([X[0], q["W1"][:, j]], "F"), q["b1"][j]],
    "h": lambda q, j: [0, q["z"][0, j]],
    "logit": lambda q, j: [*np.ravel([q["h"][0], q["W2"][:, 0]], "F"), *q["b2"]],
    "p": lambda q, j: [1, 1, -q["logit"].item()],
    "loss": lambda q, j: [truth(q)],
    "dp": lambda q, j: [-1 if q["y"] else 1, truth(q)],
    "dlogit": lambda q, j: [np.squeeze(q["dp"]), (q["p"] * (1 - q["p"])).item()],
    "dW2": lambda q, j: [q["h"][0, j], q["dlogit"].item()],
    "dh": lambda q, j: [q["dlogit"].item(), q["W2"][j, 0]],
    "dz": lambda q, j: [q["dh"][0, j], q["z"][0, j] > 0],
    "dW1": lambda q, j: [*X[0], q["dz"][0, j]],
}


TOLD = {  # what to try, and what the controls do, which other tests see them do
    "one-email": "Press “free” alone and raise the reputation: does the spam probability fall? The two sliders and the "
    "tick make the email, the buttons bring those of the text, and Reset brings back the first.",
    "forward-backward": "Walk to the end, then change a weight: which slopes follow? Next step, Back and the slider "
    "walk. A field holds a weight from −5 to 5; after ∂ stands the slope of the loss in it. The circles say what the "
    f"email is. One step moves all weights by −{P03['lr']} times their slopes. Reset brings back the numbers of the "
    "text.",
    "one-step-downhill": "Find the rate at which x² starts to climb, then cross the long valley in fewer steps with "
    "momentum. The first two buttons choose the valley, the sliders the rate, the momentum, and how many steps are "
    "drawn; "
    "One step draws one more, Back one less. Reset brings back the start.",
    "activations": "Move z to 5, and see what is left of the sigmoid’s slope; then go on to 37. The upper buttons choose "
    "the function and the type of float; slider, field and the lower buttons move z, and −z changes its sign. Reset "
    "brings back the start, the logit of our email.",
    "shuffle-pixels": "Drag the slider to the right: where does each of the three stop seeing the digit? The buttons "
    "choose a digit, the slider says how many of its pixels change places, and Reset brings back the 0 in order. In "
    "the code, source says from where each pixel comes.",
    "twenty-layers": "Which weights bring signal and gradient through twenty layers of ReLU, which through tanh, and do "
    "any through the sigmoid? A batch of 32 random examples goes through layers of 64 units, and a random gradient comes "
    "back. Drawn is the root mean square (RMS) of each, for the sigmoid also of what differs between the examples. The "
    "buttons choose activation and weights, the slider the number of layers; Draw again takes other random numbers, "
    "Reset brings back the start.",
}


@pytest.mark.parametrize("name", TOLD)
def test_it_tells_in_these_words_what_to_try_and_what_the_controls_do(open_page, name):
    told = live(open_page(ON_PAGE[name]), name).locator(".tries").text_content()
    assert " ".join(told.split()) == TOLD[name]


def truth(q):
    """The probability that the network gives to what the email is."""
    return q["p"].item() if q["y"] else 1 - q["p"].item()


# No two values alike, W1 (3, 2) and W2 (2, 1) not square; neuron 1, 2, none, both silent; spam and not.
NETS = [
    (1, [0.51, -0.23, 0.82, 0.64, -0.31, 0.43, 0.12, -0.57, 0.71, 1.23, -0.34]),
    (0, [-0.62, 0.37, 0.25, -0.48, 0.91, 0.16, -0.29, 0.83, 0.54, -0.77, 0.45]),
    (1, [0.22, 0.35, -0.18, 0.47, 0.66, -0.59, 0.94, 0.13, -0.86, 0.32, 0.27]),
    (0, [-0.36, -0.52, -0.14, 0.21, 0.43, -0.68, -0.75, 0.17, 0.58, 0.96, -0.49]),
]
READ = """card => {
    const text = (e) => e.textContent.replaceAll("−", "-");
    const number = (e, name) => Number(e.getAttribute(name));
    const svg = card.querySelector("svg");
    return {
        name: text(card.querySelector("[data-part=name]")), code: text(card.querySelector("code")),
        lines: [...card.querySelectorAll("[data-part=lines] span")].map(text),
        loss: text(card.querySelector("[data-part=loss]")), spoken: text(card.querySelector(".spoken")),
        slider: [number(card.querySelector("[data-part=at]"), "max"), card.querySelector("[data-part=at]").valueAsNumber,
                 card.querySelector("[data-part=at]").getAttribute("aria-valuetext")],
        tables: [...card.querySelectorAll(".weights > div")].map((table) => [...table.children]
            .filter((e) => !e.matches(".refused")).map((e) => e.matches(".cell") ? {
                says: e.firstElementChild.getAttribute("aria-label"),
                path: e.firstElementChild.dataset.path, value: e.firstElementChild.valueAsNumber,
                gradient: text(e.querySelector("span")).trim() }
            : text(e))),
        label: [...card.querySelectorAll("label:has(:checked)")].map(text).join().trim(),
        learn: text(card.querySelector("[data-part=learn]")),
        circles: [...svg.querySelectorAll("circle")].map((e) =>
            ({ x: number(e, "cx"), y: number(e, "cy"), r: number(e, "r"), kind: e.getAttribute("class") })),
        strokes: [...svg.querySelectorAll("line")].map((e) => [...["x1", "y1", "x2", "y2"].map((at) => number(e, at)),
            e.getAttribute("class").trim()]),
        size: [number(svg, "width"), number(svg, "height")],
        box: ["x", "y", "width", "height"].map((side) => number(svg.querySelector("rect"), side)),
        texts: [...svg.querySelectorAll("text")].map((e) =>
            ({ x: number(e, "x"), y: number(e, "y"), kind: e.getAttribute("class"), words: text(e) })),
    };
}"""


# What each is called, to those who see it and to those who do not; and what stands there whatever its state.
FIXED = {
    "one-email": ["one email", "Try it: one email", "state is in the link", "Reset", "Emails of the text"],
    "shuffle-pixels": [
        "shuffle the pixels",
        "Try it: shuffle the pixels",
        "state is in the link",
        "Reset",
        "The digit",
    ],
    "forward-backward": [
        "forward, backward",
        "Try it: forward, backward",
        "state is in the link",
        "Reset",
        "The network as a graph: three features, two hidden neurons, one output, the loss. Its numbers stand below.",
        "‹ Back",
        "Next step ›",
    ],
    "one-step-downhill": [
        "one step downhill",
        "Try it: one step downhill",
        "state is in the link",
        "Reset",
        "Valley",
        "The walk in the valley. Its numbers stand beside it.",
        "‹ Back",
        "One step ›",
    ],
    "activations": [
        "activations",
        "Try it: activations",
        "state is in the link",
        "Reset",
        "Function",
        "sigmoid",
        "tanh",
        "ReLU",
        "leaky ReLU",
        "Type of float",
        "float64",
        "float32",
        "Places of z",
        "0",
        "2",
        "5",
        "17",
        "37",
        "89",
        "710",
        "−z",
        "The function and its slope from −8 to 8, with the tangent at z. The numbers stand beside it.",
    ],
    "twenty-layers": [
        "twenty layers",
        "Try it: twenty layers",
        "state is in the link",
        "Reset",
        "Sizes by layer. Where they end stands beside the picture.",
        "Activation",
        "Weights",
        "Draw again ›",
    ],
}
GRAPH = {3: "three features", 2: "two hidden neurons", 1: "one output"}


@pytest.mark.parametrize("name", FIXED)
def test_each_explorable_is_called_what_it_is(open_page, name):
    said = live(open_page(ON_PAGE[name]), name).evaluate("""card => [card,
        ...card.querySelectorAll(".head b, .head span, button, [role=group], svg[role=img]")].map((e) =>
            (e.getAttribute("aria-label") ?? e.textContent).trim().replace(/\\s+/g, " "))""")
    assert [text for text in said if text in FIXED[name]] == FIXED[name], said


def test_the_graph_says_how_many_circles_it_has(walks):
    for _, net, seen, _ in walks:
        shapes = [net["W1"].shape[0], *net["W1"].shape[1:], *net["W2"].shape[1:]]
        assert sum(shapes) == len(seen[0].circles)
        assert all(GRAPH[size] in FIXED["forward-backward"][4] for size in shapes)


@pytest.fixture(scope="module")
def walks(browser, address):
    """Every network of NETS: what its card shows at each step, and every value of both passes by the package."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    walks = []
    for y, weights in NETS:
        state = "_".join(map(str, [0, y, *weights]))
        page.goto(f"{address}{ON_PAGE['forward-backward']}?forward-backward={state}")
        card = live(page, "forward-backward")
        seen = [SimpleNamespace(**card.evaluate(READ))]
        for _ in NAMES[1:]:
            card.get_by_role("button", name="Next step").click()
            seen.append(SimpleNamespace(**card.evaluate(READ)))
        W1, b1, W2, b2 = np.split(np.array(weights), [6, 8, 10])
        net = {"W1": W1.reshape(3, 2), "b1": b1, "W2": W2.reshape(2, 1), "b2": b2}
        walks.append((y, net, seen, package(X[0], y, **net)))
    page.close()
    return walks


def is_written(text, value):
    """Whether a text is this number, rounded to the digits that it has; with less than two of them, this very number."""
    digits, _, power = text.partition("e")
    unit, places = 10 ** int(power or 0), len(digits.partition(".")[2])
    return abs(float(text) - value) <= unit * (1e-9 + (0.5 * 10**-places if power or places > 1 else 0))


def tight(value, digits):
    """A number as the graph writes it: with so many digits, or its power of ten where they could not show it."""
    if value and (abs(value) < 0.5 * 10**-digits or abs(value) >= 1000):
        mantissa, _, power = f"{value:.0e}".partition("e")
        return f"{mantissa}e{int(power)}"
    return fixed(value, digits)


def is_short(text, value):
    """Whether a text is this number, rounded to four digits, the zeros at its end left out; or to its power of ten."""
    return is_written(text, value) if "e" in text else abs(float(text) - value) <= 5.001e-5


def numbers(text):
    """Every number of a text."""
    return [float(n) for n in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e-?\d+)?", text)]


def computed(text):
    """What an expression comes to, written as on a page: `3 · (-0.5)`, `max(0, 1.2)`, `-log 0.77`, `(1, 2) · 3`."""
    text = re.sub(r"log ([\d.]+)", r"log(\1)", re.sub(r"\((it fires|silent)\)|[01] \(\)", "", text))
    text = re.sub(r"(?<![a-z])\(([^()]*,[^()]*)\)", r"array([\1])", text.replace("·", "*"))
    return eval(
        text, {"max": max, "exp": np.exp, "log": np.log, "array": np.array}
    )  # of the project's own page


def quantities(y, net, seen):
    """The values that the shown lines of code give, each run as it stands after those before it."""
    held = {"np": np, "x": X, "y": y, **net}
    for step in seen[1:]:
        exec(step.code, held)  # of the project's own page
    return held


def test_the_lines_of_the_way_back_are_those_of_the_post(walks):
    program = (ROOT / "snippets/backpropagation.py").read_text(encoding="utf-8")
    for _, _, seen, _ in walks:
        for step in seen[NAMES.index("dW2") :]:
            assert f"\n{step.code}  # " in program


def test_every_line_of_code_gives_what_the_package_computes(walks):
    for y, net, seen, theirs in walks:
        assert seen[0].code == "x, y"
        held = quantities(y, net, seen)
        for name in NAMES[1:]:
            wanted = np.array(getattr(theirs, name))
            assert np.size(held[name]) == wanted.size, (
                f"{seen[NAMES.index(name)].code}: {np.shape(held[name])}"
            )
            np.testing.assert_allclose(np.ravel(held[name]), np.ravel(wanted), atol=1e-12, err_msg=name)
        assert held["dW1"].shape == net["W1"].shape
        assert held["dW2"].shape == net["W2"].shape


def test_every_step_has_its_name_and_its_line_of_code(walks):
    for _, _, seen, _ in walks:
        for n, (step, (name, title)) in enumerate(zip(seen, STEPS.items(), strict=True)):
            assert step.name == f"{n}. {title}"
            assert step.slider == [len(STEPS) - 1, n, title]
            assert n == 0 or re.match(rf"{name}(, db\d)? = ", step.code)


def neurons(step, q, name):
    """The lines of a step with the place of the neuron that each names, or that it is of; without those of biases."""
    many = np.size(q[name]) > 1
    lines = [line for line in step.lines if "what arrives" not in line]
    assert len(lines) == (2 if many else 1)
    assert len(step.lines) - len(lines) == (name in ("dW1", "dW2"))
    for j, line in enumerate(lines):
        label, _, rest = line.rpartition(": ")
        if many:
            assert label == f"neuron {j + 1}", line
        yield j, rest


def test_every_line_of_numbers_is_its_line_of_code_in_numbers(walks):
    for y, net, seen, _ in walks:
        q = quantities(y, net, seen)
        for name, step in zip(NAMES[1:], seen[1:], strict=True):
            value = np.atleast_2d(q[name]) if name != "dW2" else q[name].T
            for j, line in neurons(step, q, name):
                left, _, right = line.rpartition(" = ")
                result = re.sub(r", (it fires|silent)$", "", right)
                near = {"atol": 5.001e-5, "rtol": 5e-3 if "e-" in line else 0}
                np.testing.assert_allclose(computed(result), np.squeeze(value[:, j]), err_msg=line, **near)
                np.testing.assert_allclose(numbers(left), OPERANDS[name](q, j), err_msg=line, **near)
                product = re.sub(r" \((it fires|silent)\)", "", left)
                np.testing.assert_allclose(
                    computed(product), computed(result), atol=1e-3, rtol=1e-3, err_msg=line
                )
                if name in ("h", "dz"):
                    assert re.findall("it fires|silent", line) == [
                        "it fires" if q["z"][0, j] > 0 else "silent"
                    ]


def test_what_arrives_at_biases_is_said_beside_the_weights(walks):
    for y, net, seen, _ in walks:
        q = quantities(y, net, seen)
        for layer, words in (("2", "bias"), ("1", "biases")):
            said, _, values = seen[NAMES.index(f"dW{layer}")].lines[-1].partition(", ")
            assert said == f"{words}: what arrives"
            np.testing.assert_allclose(numbers(values), q[f"db{layer}"], atol=5.001e-5)


def test_the_first_step_says_what_goes_in(walks):
    for y, _, seen, _ in walks:
        (line,) = seen[0].lines
        inputs = ", ".join(f"{v:g}" for v in X[0])
        assert line == f"x = ({inputs}), y = {y}"


def test_the_loss_the_label_and_the_rate_are_those_of_the_state(walks):
    for y, _, seen, theirs in walks:
        for step in seen:
            assert is_short(step.loss, theirs.loss)
            assert step.label == ("spam, y = 1" if y else "not spam, y = 0")
            assert step.learn == f"One step with rate {P03['lr']}"


def test_what_is_spoken_of_a_step_is_what_is_shown(walks):
    for _, _, seen, _ in walks:
        for step in seen[1:]:
            name = step.name.replace(". ", ": ", 1)
            assert step.spoken == f"Step {name}. {'; '.join(step.lines)}. Loss {step.loss}."


def rows(table):
    """A table of weights: for each cell, the name of its row, that of its column, and what it holds."""
    width = next(i for i, e in enumerate(table) if not isinstance(e, str)) - 1
    head, *below = (table[i : i + width] for i in range(0, len(table), width))
    for name, *cells in below:
        yield from zip([name] * len(cells), head[1:], cells, strict=True)


def test_every_weight_stands_under_its_name_with_its_gradient_once_that_is_known(walks):
    for _, net, seen, theirs in walks:
        for n, step in enumerate(seen):
            first, last = step.tables
            assert [first[0], last[0]] == ["W1, b1", "W2, b2"]
            cells = [*rows(first), *rows(last)]
            assert [name for name, _, _ in cells[::2][:4]] == [*FEATURES, "bias"]
            assert len(cells) == 11
            for row, column, cell in cells:
                assert cell["says"] == (
                    f"{row} to {column}" if column != "output" else f"{row} to the output"
                )
                if column == "output":
                    group, at = (
                        ("b2", (0,)) if row == "bias" else ("W2", (int(row.removeprefix("neuron ")) - 1, 0))
                    )
                else:
                    j = int(column.removeprefix("neuron ")) - 1
                    group, at = ("b1", (j,)) if row == "bias" else ("W1", (FEATURES.index(row), j))
                assert cell["path"] == ".".join(map(str, (group, *at)))
                assert cell["value"] == net[group][at]
                gradient = re.fullmatch(r"∂ (.+)", cell["gradient"])
                assert bool(gradient) == (n >= NAMES.index(f"dW{group[1]}")), cell
                assert not gradient or is_short(gradient[1], getattr(theirs, f"d{group}")[at]), cell


def near(step, place):
    """The words at a place of the graph from top to bottom: as (label, number or None); inside a circle, (in, …)."""
    r = step.circles[0]["r"]
    found = [t for t in step.texts if "weight" not in t["kind"] and abs(t["x"] - place[0]) < 1]
    centres = [c["y"] for c in step.circles if abs(c["x"] - place[0]) < 1] or [place[1]]
    own = [t for t in found if min(centres, key=lambda y: abs(y - t["y"] + r / 5)) == place[1]]
    for text in sorted(own, key=lambda t: t["y"]):
        label, _, value = text["words"].rpartition(" ")
        if text["words"]:
            yield ("inside" if text["kind"] == "inside" else label), value


def matches(found, wanted):
    """Whether labels and values are those that are wanted, in this order; a value may be words."""
    found = list(found)
    assert [label for label, _ in found] == [label for label, _ in wanted], (found, wanted)
    for (_, text), (_, value) in zip(found, wanted, strict=True):
        assert text == value if isinstance(value, str) else is_written(text, value), (found, wanted)


def test_every_value_of_the_graph_stands_under_its_own_name(walks):
    assert any(np.any(theirs.z != theirs.h) for *_, theirs in walks)
    for y, _, seen, theirs in walks:
        for n, step in enumerate(seen):
            known = {name for name in NAMES[1:] if NAMES.index(name) <= n}

            def held(label, name, value, known=known):
                return [(label, value)] if name in known else []

            assert len(step.circles) == 6
            for i, circle in enumerate(step.circles[:3]):
                matches(near(step, (circle["x"], circle["y"])), [("inside", X[0, i]), ("", FEATURES[i])])
            for j, circle in enumerate(step.circles[3:5]):
                z = held("z", "z", theirs.z[j])
                dz = held("dz", "dz", theirs.dz[j]) or held("dh", "dh", theirs.dh[j])
                h = held("inside", "h", theirs.h[j])
                order = [*dz, *z, *h] if j == 0 else [*h, *z, *dz]
                matches(near(step, (circle["x"], circle["y"])), order)
                assert ("silent" in circle["kind"]) == ("h" in known and theirs.z[j] <= 0)
            circle = step.circles[5]
            wanted = [("", "logit"), *held("", "logit", theirs.logit), *held("inside", "p", theirs.p)]
            name = next((name for name in ("dlogit", "dp") if name in known), None)
            slope = [("", name), ("", getattr(theirs, name))] if name else []
            matches(near(step, (circle["x"], circle["y"])), wanted + slope)
            (loss,) = [t for t in step.texts if t["words"] == "loss"]
            wanted = [("", "loss"), *held("inside", "loss", theirs.loss), ("y =", str(y))]
            matches(near(step, (loss["x"], circle["y"])), wanted)


@pytest.mark.parametrize("letters", ["10px", "20px"])
def test_the_graph_grows_with_its_letters_and_the_loss_stands_in_its_box(open_page, letters):
    page = open_page(ON_PAGE["forward-backward"])
    usual = one_step_on(page)
    page.add_style_tag(content=f"smlp-forward-backward .live {{ font-size: {letters} !important }}")
    step = one_step_on(page)
    (left, top, width, height), r = step.box, step.circles[0]["r"]
    (loss,) = [t for t in step.texts if t["words"] == "loss"]
    assert [left + width / 2, top + height / 2] == pytest.approx([loss["x"], step.circles[5]["y"]])
    assert r < height < 2 * r < width
    lowest = max(t["y"] for t in step.texts)
    assert lowest < step.size[1] < lowest + r
    assert all(r <= c["x"] <= step.size[0] - r for c in step.circles)
    assert left + width < step.size[0]
    assert r != usual.circles[0]["r"]
    assert step.size[1] / r == pytest.approx(usual.size[1] / usual.circles[0]["r"])


def one_step_on(page):
    """What the card of the graph shows after one more step."""
    card = live(page, "forward-backward")
    card.get_by_role("button", name="Next step").click()
    return SimpleNamespace(**card.evaluate(READ))


def test_every_weight_of_the_graph_stands_on_its_edge(walks):
    for _, net, seen, theirs in walks:
        for step in seen:
            places = [(c["x"], c["y"]) for c in step.circles]
            edges = [("W1", (i, j), places[i], places[3 + j]) for i in range(3) for j in range(2)]
            edges += [("W2", (j, 0), places[3 + j], places[5]) for j in range(2)]
            weights = [t for t in step.texts if "weight" in t["kind"]]
            assert len(weights) == len(edges)
            for group, at, (x0, y0), (x1, y1) in edges:
                way = [(t, y0 + (t["x"] - x0) / (x1 - x0) * (y1 - y0)) for t in weights if x0 < t["x"] < x1]
                (text,) = [t for t, y in way if abs(t["y"] - y - step.circles[0]["r"] / 5) < 0.5]
                shown = f"d{group}" if step.code.startswith(f"d{group}, ") else group
                assert text["words"].startswith("∂ ") == (shown != group)
                value = (getattr(theirs, shown) if shown != group else net[group])[at]
                assert text["words"].removeprefix("∂ ") == tight(value, 2), (group, at, text)


# What lights up at a step: the edges of a group of weights (L: the last one, to the loss), and the circles of a layer.
EDGES = {"z": "W1", "logit": "W2", "loss": "L", "dp": "L", "dh": "W2"}
LAYERS = {"x": 0, "z": 1, "h": 1, "dh": 1, "dz": 1, "logit": 2, "p": 2, "dp": 2, "dlogit": 2}


def test_every_edge_leads_from_rim_to_rim_the_way_the_values_go_and_what_is_computed_lights_up(walks):
    for _, _, seen, _ in walks:
        for name, step in zip(NAMES, seen, strict=True):
            way, r = ("backward" if name.startswith("d") else "forward"), step.circles[0]["r"]
            places = [np.array([c["x"], c["y"]]) for c in step.circles]
            edges = [("W1", places[i], places[3 + j]) for i in range(3) for j in range(2)]
            edges += [("W2", places[3 + j], places[5]) for j in range(2)]
            for (*ends, kind), (group, start, end) in zip(step.strokes, edges, strict=False):
                tail, head = np.reshape(ends, (2, 2))
                first, last = (tail, head) if way == "forward" else (head, tail)
                rim = (r + 3) * (end - start) / np.linalg.norm(end - start)
                np.testing.assert_allclose([first, last], [start + rim, end - rim], atol=1e-6)
                assert kind == (way if EDGES.get(name) == group else ""), name
            (*ends, kind) = step.strokes[8]
            assert len(step.strokes) == 9
            first, last = sorted(np.reshape(ends, (2, 2)).tolist(), reverse=way == "backward")
            assert np.ravel([first, last]).tolist() == ends
            assert [y for _, y in (first, last)] == pytest.approx([places[5][1]] * 2)
            assert min(first, last)[0] == pytest.approx(places[5][0] + r + 3)
            assert 0 <= step.box[0] - max(first, last)[0] < r
            assert kind == (way if EDGES.get(name) == "L" else "")
            for n, circle in enumerate(step.circles):
                lit = LAYERS.get(name) == (0 if n < 3 else 1 if n < 5 else 2)
                assert circle["kind"].replace("silent", "").strip() == (way if lit else ""), (name, n)


# ---- one email

EMAIL = """card => {
    const text = (e) => e.textContent.replaceAll("−", "-").trim();
    const all = (rule) => [...card.querySelectorAll(rule)];
    return {
        features: all(".feature").map((p) => [text(p.querySelector("label")), text(p.querySelector(".value"))]),
        terms: all(".term").map((p) => [text(p.firstElementChild), text(p.querySelector(".value"))]),
        neurons: all(".neuron").map((p) => [...p.children].map(text)),
        over: all(".over").map(text), result: text(card.querySelector(".result")),
        presets: all(".choices button").map(text), spoken: text(card.querySelector(".spoken")),
    };
}"""


def test_one_email_says_of_every_email_what_the_package_computes(open_page):
    page = open_page(POST)
    card = live(page, "one-email")
    silent = set()
    for marks, free, tenths in [
        (3, 1, 8),
        (0, 0, 10),
        (0, 1, 10),
        (7, 0, 3),
        (0, 0, 0),
        (10, 1, 0),
        (1, 1, 5),
    ]:
        x = [marks, free, tenths / 10]
        card.get_by_label("exclamation marks").fill("5")  # so that there is a change to speak of
        card.get_by_label("contains “free”").set_checked(bool(free))
        card.get_by_label("sender’s reputation").fill(str(x[2]))
        card.get_by_label("exclamation marks").fill(str(marks))
        theirs, said = package(x, 1, *(P03[g] for g in GROUPS)), SimpleNamespace(**card.evaluate(EMAIL))
        assert said.features == [
            ["exclamation marks", str(marks)],
            ["contains “free”", "yes" if free else "no"],
            ["sender’s reputation", f"{x[2]:.1f}"],
        ]
        fires = ["fires" if z > 0 else "silent" for z in theirs.z]
        silent.add(tuple(fires))
        for j, (name, z, word) in enumerate(said.neurons):
            assert name == f"neuron {j + 1}"
            assert z.startswith("z = ")
            assert is_written(z.removeprefix("z = "), theirs.z[j])
            assert word == fires[j]
        *slopes, (biases, constant), (total, logit) = said.terms
        assert said.over == ["the email", "adds to the logit"]
        assert (biases, total) == ("biases", "logit")
        assert is_written(constant, theirs.constant)
        assert is_written(logit, theirs.logit)
        for i, (slope, term) in enumerate(slopes):
            assert slope.startswith("× ")
            assert is_written(slope.removeprefix("× "), theirs.slopes[i])
            assert is_written(term, theirs.terms[i])
        percent = f"{fixed(100 * theirs.p, 1)}%"
        verdict = "spam: above 50%" if theirs.p > 0.5 else "let through: up to 50%"
        assert said.result == f"{percent}spam probability{verdict}"
        told = ", ".join(
            f"neuron {j + 1} {'fires' if word == 'fires' else 'is silent'}" for j, word in enumerate(fires)
        )
        spoken = rf"Spam probability {re.escape(percent)}, {verdict}\. Logit (-?\d\.\d+); {told}\."
        assert is_written(re.fullmatch(spoken, said.spoken)[1], theirs.logit)
    assert len(silent) == 3, "all that this network can do: neuron 2 never fires alone"


def test_the_buttons_of_one_email_are_called_after_their_emails(open_page):
    page = open_page(POST)
    card = live(page, "one-email")
    names = {
        "the email": lambda x: x == P03["x"][0],
        "“!!!” alone": lambda x: x[0] == 3 and not x[1],
        "“free” alone": lambda x: x[1] and not x[0],
        "neither": lambda x: not x[0] and not x[1],
        "reputation 0.2": lambda x: x == [*P03["x"][0][:2], 0.2],
        "“free”, trusted": lambda x: x[1] and x[2] == 1,
    }
    shown = SimpleNamespace(**card.evaluate(EMAIL)).presets
    for button, name in zip(card.locator(".choices button").all(), shown, strict=True):
        button.click()
        marks, free, reputation = (value for _, value in card.evaluate(EMAIL)["features"])
        assert names[name]([int(marks), int(free == "yes"), float(reputation)]), name
    assert shown == list(names)


# ---- shuffle the pixels

CONTEST = """card => {
    const text = (e) => e.textContent.trim();
    return {
        contestants: [...card.querySelectorAll(".contestant")].map((e) => ({
            title: text(e.firstElementChild), answer: text(e.querySelector("strong")),
            verdict: text(e.querySelector("span > b")), p: text(e.querySelector("span > span")),
            record: text(e.querySelector(".record")), bars: e.querySelector(".bars").getAttribute("aria-label"),
            classes: [...e.querySelectorAll("small")].map(text) })),
        image: card.querySelector("svg").getAttribute("aria-label"),
        moved: card.querySelectorAll("svg circle").length,
        amount: text(card.querySelector(".amount .value")), spoken: text(card.querySelector(".spoken")),
        slider: card.querySelector("input").getAttribute("aria-valuetext"),
        digits: [...card.querySelectorAll(".choices button")].map((e) => [text(e), e.getAttribute("aria-label")]),
    };
}"""


def test_shuffle_pixels_says_of_every_contest_what_the_package_computes(open_page):
    page = open_page(ON_PAGE["shuffle-pixels"])
    card = live(page, "shuffle-pixels")
    verdicts = set()
    for digit, n in [(3, 32), (8, 64), (5, 4), (1, 40), (0, 0), (9, 60), (2, 20)]:
        card.get_by_label("pixels moved").fill(str(n))
        card.get_by_role("button", name=f"a handwritten {digit}").click()
        theirs, said = contest(digit, n), SimpleNamespace(**card.evaluate(CONTEST))
        share = f"{fixed(100 * n / 64, 0)}%"
        assert said.amount == f"{n} of 64, {share}"
        assert said.slider == f"{n} of 64 pixels, {share}"
        assert said.image == f"A handwritten {digit}; {n} of its 64 pixels have moved."
        assert said.moved == n == sum(i != k for i, k in enumerate(theirs.source))
        assert said.digits == [[str(k), f"a handwritten {k}"] for k in range(10)]
        told = []
        for (name, logits), shown in zip(theirs.logits.items(), said.contestants, strict=True):
            p = softmax(logits[None])[0]
            answer = int(p.argmax())
            verdict = "right" if answer == digit else "wrong"
            verdicts.add((name, verdict))
            title = {"mlp": "MLP", "cnn": "CNN", "rows": "MLP, rows moved"}[name]
            sure = "p > 99.9%" if p.max() > 0.9995 else f"p = {fixed(100 * p.max(), 1)}%"
            of = RESULT["right"][name][DEGREES.index(n)]  # the raw values, seed by seed
            spread = [fixed(100 * v, 1) for v in (np.mean(of), np.std(of, ddof=1))]
            assert shown == {
                "title": title,
                "answer": str(answer),
                "verdict": verdict,
                "p": sure,
                "record": f"of {RESULT['n_test']}: {spread[0]}% ± {spread[1]}%",
                "bars": "Probabilities: " + ", ".join(f"{k}: {fixed(100 * v, 1)}%" for k, v in enumerate(p)),
                "classes": [str(k) for k in range(10)],
            }
            told.append(f"{title}: {answer}, {verdict}, {sure}")
        assert said.spoken == f"A {digit}, {n} of 64 pixels, {share} moved. {'; '.join(told)}."
    assert {("mlp", "wrong"), ("mlp", "right"), ("cnn", "wrong"), ("cnn", "right")} <= verdicts
