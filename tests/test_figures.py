"""Figures come from recorded values, the same in any surroundings; a cache is trusted only as far as it is checked.

At the end, what some of the drawings show is read from them: frames, lines, cells, and the words that stand at them.
"""

import ast
import functools
import importlib
import json
import re
import shutil
import tempfile
import tomllib
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from figures import (
    backpropagation,
    flattening,
    initial_weights,
    neighbours,
    shapes_and_notation,
    shuffle_by_degrees,
    shuffled_pixels,
    signal_by_depth,
    spambase,
    width,
    width_and_depth,
)
from figures.__main__ import recorded
from figures.style import SCHEMES, WIDTHS, save
from scratchmlp.datasets import digits
from sitetools import ROOT, SiteError, figures, statistics
from sitetools.marks import filled
from sitetools.page import Build, Page
from tests.reading import HOUSE

WIDTH = ROOT / "figures" / "width.py"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache."""
    monkeypatch.setattr(figures, "DRAWN", tmp_path / "figures")
    return tmp_path / "figures"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The figures of one module, drawn once for all tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "DRAWN", tmp_path_factory.mktemp("drawn"))
        return figures.folder(WIDTH)


@pytest.fixture
def cached(cache, drawn):
    """A cache that holds these figures, and where."""
    return shutil.copytree(drawn, cache / drawn.name)


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_figure_is_drawn_for_both_schemes_and_both_widths(drawn):
    assert set(content(drawn)) == {
        *(f"width-digits.{scheme}{width}.svg" for scheme in ("light", "dark") for width in ("", ".narrow")),
        "written.json",
    }


def test_what_lies_in_the_cache_is_not_drawn_again(cached, monkeypatch):
    monkeypatch.setattr(figures, "draw", None)
    assert figures.folder(WIDTH) == cached


def truncate(folder):
    file = folder / "width-digits.light.svg"
    file.write_bytes(file.read_bytes()[:-100])


def change(folder):
    file = folder / "width-digits.dark.svg"
    file.write_bytes(file.read_bytes().replace(b"#5fd1c4", b"#5fd1c5"))


@pytest.mark.parametrize(
    "damage",
    [
        truncate,
        change,
        lambda folder: (folder / "width-digits.dark.svg").unlink(),
        lambda folder: (folder / "another.light.svg").write_text("<svg/>"),
        lambda folder: (folder / "written.json").unlink(),
        lambda folder: (folder / "written.json").write_text('{"width-digits'),
    ],
    ids=["truncated", "changed", "missing", "added", "no list", "half a list"],
)
def test_what_is_damaged_in_the_cache_is_drawn_anew(cached, drawn, damage):
    damage(cached)
    assert content(cached) != content(drawn)
    assert content(figures.folder(WIDTH)) == content(drawn)


def test_an_old_drawing_goes_and_a_half_drawn_one_never_gets_its_name(cache, drawn, monkeypatch):
    old = cache / "width-0123456789abcdef"
    old.mkdir(parents=True)

    def half(path, place):
        (place / "width-digits.light.svg").write_text("<svg")
        raise SiteError("interrupted")

    with monkeypatch.context() as patch:
        patch.setattr(figures, "draw", half)
        with pytest.raises(SiteError, match="interrupted"):
            figures.folder(WIDTH)
    assert list(cache.iterdir()) == [old]
    monkeypatch.setattr(
        figures, "draw", lambda path, place: shutil.copytree(drawn, place, dirs_exist_ok=True)
    )
    assert list(cache.iterdir()) == [old]
    assert figures.folder(WIDTH).name == drawn.name
    assert [path.name for path in cache.iterdir()] == [drawn.name]


def test_what_another_build_has_put_there_meanwhile_stays(cached, drawn, tmp_path):
    figures.put(shutil.copytree(drawn, tmp_path / "mine"), cached)
    assert content(cached) == content(drawn)


def test_what_a_user_has_set_up_for_matplotlib_changes_no_byte(cache, drawn, tmp_path, monkeypatch):
    taste = tmp_path / "taste"
    taste.mkdir()
    (taste / "matplotlibrc").write_text(
        "font.size: 30\naxes.grid: True\nlines.linewidth: 9\nfigure.facecolor: red\n"
    )
    monkeypatch.setenv("MPLCONFIGDIR", str(taste))
    monkeypatch.setenv("MATPLOTLIBRC", str(taste / "matplotlibrc"))
    monkeypatch.setenv("MPLBACKEND", "module://nothing_there")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    assert content(figures.folder(WIDTH)) == content(drawn)


@pytest.fixture
def module(tmp_path):
    """A module of figures with a given text, in a house of its own."""
    shutil.copytree(ROOT / "figures", tmp_path / "figures", ignore=shutil.ignore_patterns("__pycache__"))

    def written(text):
        path = tmp_path / "figures" / "new.py"
        path.write_text(text)
        return path

    return written


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'SOURCES = ("experiments/results/gone.json",)',
            "figures/new.py draws experiments/results/gone.json, which",
        ),
        ("FIGURES = {}", "figures/new.py must name what it draws"),
        ("SOURCES = names()", "figures/new.py must name what it draws"),
        ("x = 1\nSOURCES = (", r"figures/new.py:2: .*never closed"),
    ],
)
def test_a_module_whose_source_is_unknown_names_itself(module, text, message):
    with pytest.raises(SiteError, match=message):
        figures.sources(module(text))


def test_each_figure_names_sources_that_are_recorded():
    for name, path in figures.topics().items():
        held = [source.relative_to(ROOT).as_posix() for source in figures.sources(path)]
        assert held, name
        assert all(s.startswith(("experiments/results/", "snippets/out/", "claims/")) for s in held), name


def test_a_changed_source_changes_the_place(tmp_path, monkeypatch):
    places = []
    monkeypatch.setattr(figures, "DRAWN", tmp_path / "drawn")
    monkeypatch.setattr(figures, "draw", lambda path, place: places.append(path))
    for room in ("figures", "experiments/results", "claims", "sitetools"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "figures" / "shuffled_pixels.py"
    before = figures.folder(path).name
    for uri in ("claims/literature.toml", "experiments/results/shuffled_pixels.json", "figures/style.py"):
        kept = (tmp_path / uri).read_bytes()
        (tmp_path / uri).write_bytes(kept + b"\n")
        assert figures.folder(path).name != before, uri
        (tmp_path / uri).write_bytes(kept.replace(b"\n", b"\r\n"))
        assert figures.folder(path).name == before, uri
        (tmp_path / uri).write_bytes(kept)


@pytest.fixture(params=WIDTHS.values(), ids=["wide", "narrow"])
def c(request):
    """The colours of a scheme, and a width."""
    return SimpleNamespace(**SCHEMES["light"], width=request.param, narrow=request.param < 5)


def output(topic):
    """The recorded values of a snippet module."""
    return json.loads((ROOT / f"snippets/out/{topic}.json").read_text(encoding="utf-8"))["values"]


def result(name):
    """The recorded values of an experiment."""
    return statistics.tree(statistics.read(ROOT / f"experiments/results/{name}.json"))


def words(axes):
    """The texts of a panel by where they stand."""
    return {text.get_position(): text.get_text() for text in axes.texts}


def dashes(artist):
    """A line style in a form that can be compared, whatever the width of the line."""
    if not isinstance(style := artist.get_linestyle(), str):
        style = ",".join(f"{v:g}" for v in style[1])
    return style if style not in ("solid", "-") else "-"


def rgb(colour):
    """The three shares of a colour that is written as #rrggbb."""
    return tuple(int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))


def number(text):
    return float(text.replace("−", "-"))


@pytest.mark.parametrize("name", sorted(HOUSE().drawings))
def test_words_are_of_a_drawing_and_an_alt_text_has_at_most_250_characters(name):
    page = Page(Build(HOUSE()), "index.md", "", "", lambda _: "")
    alt = filled(HOUSE().drawings[name]["alt"], page, lambda fact: fact.text)
    assert "[[" not in alt
    assert len(alt) <= 250
    modules = [importlib.import_module(f"figures.{topic}") for topic in figures.topics()]
    assert [name in m.FIGURES for m in modules if name in getattr(m, "WORDS", {})] == [True]


@functools.cache
def pictures(topic, inches):
    """The figures of a module by their names, drawn as they are for the site."""
    module = importlib.import_module(f"figures.{topic}")
    held = {Path(source).stem: recorded(source) for source in module.SOURCES}
    data = held if len(held) > 1 else next(iter(held.values()))
    found = {name: kept(draw, data, inches) for name, draw in module.FIGURES.items()}
    for figure in found.values():
        figure.draw_without_rendering()
    return found


@pytest.mark.parametrize("inches", WIDTHS.values(), ids=["wide", "narrow"])
@pytest.mark.parametrize("topic", sorted(figures.topics()))
def test_every_word_lies_within_its_figure_on_a_desktop_and_on_a_phone(topic, inches):
    for name, figure in pictures(topic, inches).items():
        texts = [
            *figure.texts,
            *(text for ax in figure.axes for text in (*ax.texts, ax.title, ax._left_title)),
        ]
        boxes = [(text.get_text(), text.get_window_extent()) for text in texts if text.get_text()]
        axes = [axis for ax in figure.axes if ax.axison for axis in (ax.xaxis, ax.yaxis)]
        boxes += [(axis.axis_name, box) for axis in axes if (box := axis.get_tightbbox())]
        for said, box in boxes:
            over = max(-box.x0, -box.y0, box.x1 - figure.bbox.x1, box.y1 - figure.bbox.y1)
            assert over <= 0, f"{name}, {inches} inches: {said!r} is cut by {over:.1f} points"


WRITTEN = {  # in the drawings, where no test of this file or of a post reads it
    "gradient-check": (
        "step $s$", "relative error of the difference", "truncation,\n$\\propto s^2$", "rounding,\n$\\propto 1/s$",
        "tanh, float64", "tanh,\nfloat64", "tanh, float32", "ReLU, float64:\nthe step can\nreach a corner",
    ),
    "neighbour-correlation": ("distance in pixels",),
    "shapes-of-a-batch": ("x  (N, D)", "W  (D, M)", "b  (M,)", "z  (N, M)"),
    "shuffle-by-degrees": ("pixels that have moved", "test digits judged rightly"),
    "shuffled-accuracy": ("in place",),
    "silent-bug": ("epoch", "training loss, one hidden layer", "training loss, three hidden layers"),
    "silent-bug-two": ("epoch", "training loss"),
    "sigmoid": ("score",),
    "relu": ("$z$",),
    "xor-bends": ("$x_1 + x_2$", "$-2h_2$", "bend 1", "bend 2"),
    "more-bends": (
        "hour of the day", "1 unit: off by 0.196", "2 units: off by 0.086", "4 units: off by 0.079",
        "16 units: off by 0.002",
    ),
    "spam-found": ("spam that is found", "at one half", "strict"),
    "speed": (
        "784-512-256-10\nmomentum", "784-512-256-10\nAdam", "CNN 16-32", "floor", "PyTorch", "scikit-learn",
        "time of an epoch, in units of ours", "time of an epoch / ours",
    ),
    "width-digits": (
        "hidden units, doubling from mark to mark", "hidden units", "test accuracy", "the same, from 92% up",
        "each ring is one seed", "each ring\nis one seed", "2–4 times\nthe 64\ninputs",
    ),
    "relu-by-depth": (
        "values, on their way forwards", "gradients, on their way back", "layer", "He", "Xavier", "$10^{-20}$",
        "$10^{-10}$", "$10^{10}$", "$10^{20}$",
    ),
    "sigmoid-by-depth": (
        "differences between examples", "gradients, on their way back", "layer", "tanh,\nXavier", "sigmoid,\nXavier",
        "sigmoid,\n4 × Xavier", "$10^{-12}$", "$10^{-8}$", "$10^{-4}$",
    ),
    "initial-weights": (
        "validation accuracy, ReLU", "validation accuracy, sigmoid and tanh", "hidden layers", "He", "Xavier",
        "tanh, Xavier", "sigmoid,\nXavier", "sigmoid,\n4 × Xavier",
    ),
    "width-tuned": ("hidden units", "test accuracy", "the same, from 92% up", "one hidden layer", "most frequent class"),
    "batch-noise": ("images in the batch", "length of the error", "after one\nepoch"),
    "learning-rates": ("learning rate", "training images judged rightly"),
    "three-rates": ("loss of the emails", "round"),
    "xor-regions": ("first input", "second input"),
    "backpropagation-graph": ("$x_3$",),
    "backpropagation-flow": ("$x_3$",),
}  # fmt: skip


@functools.cache
def read_by_tests():
    """What stands in the tests of the drawings and of the posts, as one pattern; a gap for what is filled in."""
    found = set()
    for path in (Path(__file__), *(ROOT / "tests" / "snippets").glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            texts = [str(part.value) if isinstance(part, ast.Constant) else None for part in parts]
            if re.search("[A-Za-z]{2}|[$]", "".join(filter(None, texts))):
                found.add("".join(r"\S+" if text is None else re.escape(text) for text in texts))
    return re.compile("|".join(sorted(found)))


@pytest.mark.parametrize("inches", WIDTHS.values(), ids=["wide", "narrow"])
@pytest.mark.parametrize("topic", sorted(figures.topics()))
def test_every_word_of_a_drawing_stands_in_a_test_too(topic, inches):
    for name, figure in pictures(topic, inches).items():
        said = {text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "set_text"))}
        words = {text for text in said if re.search("[A-Za-z]{2}|[$]", text) and "mathdefault" not in text}
        new = {text for text in words - {*WRITTEN.get(name, ())} if not read_by_tests().fullmatch(text)}
        assert not new, (
            f"figures/{topic}.py, {name}: no test says {sorted(new)}; see WRITTEN in tests/test_figures.py"
        )


def test_what_is_listed_as_written_is_drawn():
    for topic in figures.topics():
        said = {}
        for inches in WIDTHS.values():
            for name, figure in pictures(topic, inches).items():
                texts = figure.findobj(lambda artist: hasattr(artist, "set_text"))
                said[name] = said.get(name, set()) | {text.get_text() for text in texts}
        for name, words in said.items():
            assert not {*WRITTEN.get(name, ())} - words, name


def kept(draw, data, inches):
    """A figure, drawn as it is for the site."""
    drawn = []
    with tempfile.TemporaryDirectory() as folder:
        save(
            lambda *given: drawn.append(draw(*given)) or drawn[0],
            data,
            "light",
            inches,
            Path(folder, "figure.svg"),
        )
    return drawn[0]


def inside(patch, texts):
    """The numbers within a frame, from top to bottom and from left to right."""
    (x, y), w, h = patch.get_xy(), patch.get_width(), patch.get_height()
    found = [(-b, a, number(t)) for (a, b), t in texts.items() if x < a < x + w and y < b < y + h]
    return [value for *_, value in sorted(found)]


READ = {"x is a row: x W": ([[1, 3], [2, 4]], [1, 2]), "x is a column: W x": ([[1, 2], [3, 4]], [1, 3])}


def test_each_reading_frames_what_makes_each_number_and_draws_it_as_lines(c):
    axes = shapes_and_notation.draw_readings(output("shapes_and_notation"), c).axes
    assert len(axes) == 2 * len(READ)
    for product, net, (title, (framed, results)) in zip(axes[::2], axes[1::2], READ.items(), strict=True):
        texts = words(product)
        assert title in texts.values()
        digits_at = {at: text for at, text in texts.items() if text.isdigit()}
        cells = [p for p in product.patches if len(inside(p, digits_at)) == 1 and p.get_linewidth() < 1]
        assert len(cells) == 2 + 4 + 2
        frames = [p for p in product.patches if p.get_linewidth() > 1]
        assert [inside(p, digits_at) for p in frames] == [*framed, *([v] for v in results)]
        assert [dashes(p) for p in frames[:2]] == [dashes(p) for p in frames[2:]]
        assert dashes(frames[0]) == "-" != dashes(frames[1])
        assert [np.dot([1, 0], weights) for weights in framed] == results
        assert {name for name in texts.values() if name.isalpha()} == {"x", "W", "result"}

        texts, circles = words(net), [patch.center for patch in net.patches]
        assert [number(texts[at]) for at in circles] == [1, 0, *results]
        for patch, frame in zip(net.patches[2:], frames[2:], strict=True):
            assert (patch.get_edgecolor(), dashes(patch)) == (frame.get_edgecolor(), dashes(frame))
        found = {}
        for line in net.lines:
            start, end = line.get_xydata()
            i, j = circles.index(tuple(start)), circles.index(tuple(end)) - 2
            for at, text in texts.items():
                t = (np.array(at) - start) @ (end - start) / ((end - start) @ (end - start))
                if 0.2 < t < 0.8 and start + t * (end - start) == pytest.approx(np.array(at)):
                    found[i, j] = number(text)
            assert rgb(line.get_color()) == frames[j].get_edgecolor()[:3]
            assert line.is_dashed() == (dashes(frames[j]) != "-")
        assert found == {(i, j): framed[j][i] for i in range(2) for j in range(2)}
        sums = [f"= 1 · {a} + 0 · {b}" for a, b in framed]
        heights = [next(y for (_, y), text in texts.items() if text == said) for said in sums]
        assert heights == [y for _, y in circles[2:]]


def test_the_marked_row_column_and_bias_make_the_marked_number(c):
    figure = shapes_and_notation.draw_shapes(output("shapes_and_notation"), c)
    marked = [number(text.get_text()) for text in figure.axes[0].texts if text.get_weight() == "bold"]
    x, W, b, z = marked[:3], marked[3:6], marked[6], marked[7:]
    assert z == [pytest.approx(np.dot(x, W) + b)]
    said = {text.get_text() for text in figure.axes[0].texts}
    assert {"N = 4", "D = 3", "M = 2"} <= said
    styles = {"N": [], "D": [], "M": []}
    for line in figure.axes[0].lines:
        middle = line.get_xydata().mean(axis=0)
        texts = [
            (np.hypot(*(middle - at)), text) for at, text in words(figure.axes[0]).items() if " = " in text
        ]
        styles[min(texts)[1][0]].append(line._dash_pattern)
    assert {axis: len(found) for axis, found in styles.items()} == {"N": 2, "D": 2, "M": 3}
    assert len({str(found[0]) for found in styles.values()}) == 3
    assert all(pattern == found[0] for found in styles.values() for pattern in found)


def boxes(axes):
    """The boxes of a drawn graph: the middle of each, with its values from top to bottom; and the texts of all others."""
    texts, found = {at: text for at, text in words(axes).items() if text}, {}
    weights = {text.get_position(): text.get_weight() for text in axes.texts}
    for patch in axes.patches:
        (x, y), w, h = (patch.get_x(), patch.get_y()), patch.get_width(), patch.get_height()
        held = [at for at in texts if x < at[0] < x + w and y < at[1] < y + h - 1e-6]
        held.sort(key=lambda at: -at[1])
        (name,) = [texts.pop(at) for at in [*texts] if at == pytest.approx((x + w / 2, y + h))]
        values = [number(texts.pop(at)) for at in held]
        bold = [weights[at] == "bold" for at in held]
        found[x + w / 2, y + h / 2] = SimpleNamespace(name=name, values=values, bold=bold, patch=patch)
    return found, texts


def apart(at, line):
    """How far a place is from a drawn line."""
    start, end = line.get_xydata()
    share = np.clip((at - start) @ (end - start) / ((end - start) @ (end - start)), 0.05, 0.95)
    return np.hypot(*(start + share * (end - start) - at))


def spot(found, place):
    """The box whose middle is there."""
    return next((box for middle, box in found.items() if middle == pytest.approx(tuple(place))), None)


def test_each_box_of_the_graph_is_computed_from_those_before_it_and_one_path_moves(c):
    (axes,) = backpropagation.draw_graph(output("backpropagation"), c).axes
    found, texts = boxes(axes)
    labels = {line: [] for line in axes.lines}
    notes = {}
    for at, text in texts.items():
        nearest = min(axes.lines, key=lambda line, at=at: apart(np.array(at), line))
        if text.startswith("bias") or text in backpropagation.FEATURES:
            beside = min(found.values(), key=lambda box: np.hypot(*(np.array(at) - middle(box.patch))))
            notes[beside.name] = text
        else:
            assert apart(np.array(at), nearest) < 0.1, text
            labels[nearest].append(text)
    assert all(len(held) == 1 for held in labels.values())
    ends = {line: [spot(found, at) for at in line.get_xydata()] for line in axes.lines}
    assert all(start and end for start, end in ends.values())
    assert (
        len(set(map(str, [[a.name, b.name] for a, b in ends.values()])))
        == len(axes.lines)
        == 3 * 2 + 2 + 2 + 2
    )
    assert [notes[f"$x_{i}$"] for i in (1, 2, 3)] == ["marks !", "“free”", "reputation"]

    def computed(nudge=0.0):
        """Every value from those before it; the first weight is moved."""
        values = {box.name: box.values[0] for box in found.values() if box.name.startswith("$x")}
        for name in ("$z_1$", "$z_2$", "$h_1$", "$h_2$", "logit", "p", "loss"):
            into = [(start.name, labels[line][0]) for line, (start, end) in ends.items() if end.name == name]
            if len(into) > 1:
                values[name] = number(notes[name].removeprefix("bias "))
                for start, weight in into:
                    values[name] += values[start] * (
                        number(weight) + nudge * ((start, name) == ("$x_1$", "$z_1$"))
                    )
            else:
                ((start, function),) = into
                values[name] = {
                    "ReLU": lambda v: max(0, v),
                    "σ": lambda v: 1 / (1 + np.exp(-v)),
                    "−log": lambda v: -np.log(v),
                }[function](values[start])
        return values

    values, moved = computed(), computed(nudge=1e-3)
    for box in found.values():
        assert box.values == [pytest.approx(values[box.name], abs=5.1e-5)], box.name
        assert (box.patch.get_edgecolor()[:3] == rgb(c.signal)) == (moved[box.name] != values[box.name])
    for line, (start, end) in ends.items():
        first = (start.name, end.name) == ("$x_1$", "$z_1$")
        travels = first or (moved[start.name], moved[end.name]) != (values[start.name], values[end.name])
        carries = first or moved[start.name] != values[start.name]
        assert (line.get_color() == c.signal) == (travels and carries)
        across, up = line.get_xydata()[1] - line.get_xydata()[0]
        assert (up < 0) if c.narrow else (across > 0 or end.name == "loss")
    coloured = {text.get_text() for text in axes.texts if text.get_color() == c.signal}
    assert coloured == {"0.5"}


def middle(patch):
    """The middle of a box."""
    return np.array([patch.get_x() + patch.get_width() / 2, patch.get_y() + patch.get_height() / 2])


def test_each_operation_hands_back_its_slope_times_what_arrives(c):
    (axes,) = backpropagation.draw_gates(output("backpropagation"), c).axes
    found, texts = boxes(axes)
    operations = {"a + b": lambda a, b: a + b, "a · b": lambda a, b: a * b, "max(a, b)": max}
    titles = {text: np.array(at) for at, text in texts.items() if not text.startswith("×")}
    assert list(titles) == ["add", "multiply", "max"]
    factors = {at: number(text.removeprefix("× ")) for at, text in texts.items() if text.startswith("×")}
    seen = []
    for place, box in found.items():
        assert box.bold == [False, True]  # the value above, and the slope below it
        if box.name not in operations:
            continue
        into = [line for line in axes.lines if tuple(line.get_xydata()[1]) == pytest.approx(place)]
        a, b = (spot(found, line.get_xydata()[0]) for line in into)
        assert (a.name, b.name) == ("a", "b")
        (x, _), (y, _) = a.values, b.values
        value, arrives = box.values
        do, s = operations[box.name], 1e-6
        assert value == do(x, y)
        slopes = (do(x + s, y) - do(x - s, y)) / (2 * s), (do(x, y + s) - do(x, y - s)) / (2 * s)
        for line, start, moves in zip(into, (a, b), slopes, strict=True):
            (stands,) = [factor for at, factor in factors.items() if apart(np.array(at), line) < 0.1]
            assert stands == pytest.approx(moves)
            assert start.values[1] == pytest.approx(moves * arrives)
            assert line.is_dashed() == (start.values[1] == 0)
        seen.append(min(titles, key=lambda title: np.hypot(*(titles[title] - middle(a.patch)))))
        assert {"add": "a + b", "multiply": "a · b", "max": "max(a, b)"}[seen[-1]] == box.name
    assert sorted(seen) == sorted(titles)


def test_every_slope_of_the_graph_is_handed_on_from_the_loss_to_the_weights(c):
    (axes,) = backpropagation.draw_flow(output("backpropagation"), c).axes
    found, texts = boxes(axes)
    x_key = {text: at[0] for at, text in texts.items() if "ward" in text}
    assert x_key["value, forward"] < x_key["gradient, backward"]
    colours = {
        text.get_text(): (text.get_color(), text.get_weight())
        for text in axes.texts
        if "ward" in text.get_text()
    }
    assert [colours[key] for key in x_key] == [(c.ink, "normal"), (c.signal, "bold")]
    by_name = {box.name: box for box in found.values()}
    for box in found.values():
        assert box.bold == [False, True][: len(box.values)]
        assert len(box.values) == 1 + (not box.name.startswith("$x"))
    slope = {name: box.values[1] for name, box in by_name.items() if len(box.values) > 1}
    value = {name: box.values[0] for name, box in by_name.items()}
    held = {line: [] for line in axes.lines}
    for at, text in texts.items():
        if text not in x_key:
            nearest = min(axes.lines, key=lambda line, at=at: apart(np.array(at), line))
            assert apart(np.array(at), nearest) < 0.12, text
            held[nearest].append(text)
    biases, back, dashed = [], dict.fromkeys(slope, 0.0), []
    for line, said in held.items():
        start, end = (spot(found, at) for at in line.get_xydata())
        if start is None:
            weight, gets = map(number, said)
            assert gets == pytest.approx(slope[end.name], abs=1e-12)
            biases.append((end.name, weight))
        elif said[0] in ("ReLU", "σ", "−log"):
            if end.name != "loss":
                factor = number(said[1].removeprefix("× "))
                back[start.name] += factor * slope[end.name]
                moves = {"ReLU": float(value[start.name] > 0), "σ": value["p"] * (1 - value["p"])}[said[0]]
                assert factor == pytest.approx(moves, abs=1e-4)
        else:
            weight, gets = map(number, said)
            assert gets == pytest.approx(value[start.name] * slope[end.name], abs=2e-4)
            if start.name in slope:
                back[start.name] += weight * slope[end.name]
        if start is None or said[0] not in ("ReLU", "σ", "−log"):
            assert line.is_dashed() == (gets == 0)
            assert (line.get_color() == c.signal) == (gets != 0)
            dashed.append(gets == 0)
    assert biases == [("$z_1$", 0.1), ("$z_2$", -0.5), ("logit", -0.3)]
    assert slope["loss"] == 1
    assert slope["p"] == pytest.approx(-1 / value["p"], abs=1e-4)
    for name in slope.keys() - {"p", "loss"}:
        assert slope[name] == pytest.approx(back[name], abs=2e-4), name
    assert (sum(dashed), len(dashed)) == (3 + 1 + 1, 11)


def test_the_rings_are_the_seeds_and_the_line_their_mean(c):
    test = result("width")["test"]
    widths = [2**k for k in range(11)]
    for axes in width.draw_width(result("width"), c).axes:
        mean, rings = axes.lines
        assert mean.get_xdata() == pytest.approx(widths)
        assert mean.get_ydata() == pytest.approx([np.mean(test[str(w)]["values"]) for w in widths])
        assert rings.get_ydata() == pytest.approx(np.ravel([test[str(w)]["values"] for w in widths]))
        band = axes.patches[0]
        covered = [w for w in widths if band.get_x() < w < band.get_x() + band.get_width()]
        assert covered == [2 * 64, 4 * 64]


def shades(patches):
    """How far each cell stands out from the ground, between 0 and 1."""
    colours = np.array([patch.get_facecolor()[:3] for patch in patches]).mean(axis=1)
    return (colours - colours.max()) / (colours.min() - colours.max())


def test_strip_a_is_a_zero_row_by_row_and_strip_b_its_cells_in_another_order(c):
    images, labels = digits()
    zero = images[0].ravel()
    assert labels[0] == 0
    assert output("flattening")["digit"] == images[0, 0].tolist()
    order = output("flattening")["order"]
    assert sorted(order) == list(range(64))
    (strips,) = flattening.draw_strips(output("flattening"), c).axes
    (views,) = flattening.draw_views(output("flattening"), c).axes
    heights = {text: y for (_, y), text in words(strips).items()}
    assert set(heights) == {"A", "B"}
    assert heights["A"] > heights["B"]
    assert list(words(views).values()) == [
        "A, as you see it",
        "B, its pixels shuffled",
        "A, as a network gets it",
        "B, as a network gets it",
    ]
    for axes in (strips, views):
        blocks = [axes.patches[k : k + 64] for k in range(0, len(axes.patches), 65)]
        for n, cells in enumerate(blocks):
            spots = [(-round(p.get_y(), 6), p.get_x()) for p in cells]
            assert spots == sorted(spots)
            assert len({y for y, _ in spots}) == (8 if axes is views and n < 2 else 1)
            expected = zero if n % 2 == 0 else zero[order]
            assert shades(cells) == pytest.approx(expected / expected.max(), abs=0.01)


def test_two_demands_thin_out_a_layer_and_the_counts_are_of_its_lines(c):
    panels = flattening.draw_thinned({}, c).axes
    every, near, same = panels
    for axes, count in ((every, "7 · 5 = 35 weights"), (near, "3 · 5 = 15 weights"), (same, "3 weights")):
        *lines, inputs, outputs = axes.lines
        assert (len(inputs.get_xdata()), len(outputs.get_xdata())) == (7, 5)
        ends = [tuple(map(tuple, line.get_xydata())) for line in lines]
        assert len(set(ends)) == len(lines)
        lettered = {}
        for (start, end), line in zip(ends, lines, strict=True):
            assert start in [tuple(at) for at in outputs.get_xydata()]
            assert end in [tuple(at) for at in inputs.get_xydata()]
            if axes is not every:
                assert abs(start[0] - end[0]) <= 1
                at = tuple((2 * np.array(start) + end) / 3)
                (letter,) = [t for spot, t in words(axes).items() if spot == pytest.approx(at, abs=1e-6)]
                lettered.setdefault(letter, []).append(
                    (end[0] - start[0], str(line._dash_pattern), line.get_color())
                )
        assert count in words(axes).values()
        if axes is every:
            assert len(lines) == 7 * 5 == number(count.split(" = ")[1].split()[0])
            continue
        assert len(lines) == 3 * 5
        assert len(lettered) == number(count.replace("3 · 5 = ", "").split()[0])
        assert all(len(set(found)) == 1 for found in lettered.values())
    assert {letter: {step for step, *_ in found} for letter, found in lettered.items()} == {
        "a": {-1},
        "b": {0},
        "c": {1},
    }
    assert len({found[0][1] for found in lettered.values()}) == 3
    assert [list(words(axes).values())[-2] for axes in panels] == [
        "every input",
        "only near",
        "the same everywhere",
    ]


KINDS = {"two photographs": "photographs", "CIFAR-10": "cifar10", "MNIST": "mnist", "8×8 digits": "digits"}
IMAGES = {
    "photographs": ["china", "flower"],
    "cifar10": ["cifar10"],
    "mnist": ["mnist"],
    "digits": ["digits"],
}
WAYS = {">": "across", "v": "down"}


def test_the_correlations_are_drawn_across_and_down_and_each_word_stands_at_its_line(c):
    held = result("neighbours")
    figure = neighbours.draw_correlation(held, c)
    figure.draw_without_rendering()
    assert [axes.get_title(loc="left") for axes in figure.axes] == list(KINDS)
    for axes, kind in zip(figure.axes, KINDS.values(), strict=True):
        curves = {}
        lines = axes.lines[1:]
        for image, four in zip(IMAGES[kind], (lines[:4], lines[4:]), strict=False):
            for line in four:
                way, shuffled = WAYS[line.get_marker()], line.get_color() == c.muted
                values = held["correlation"][image + "_shuffled" * shuffled][way]
                assert line.get_ydata() == pytest.approx(values)
                assert line.get_xdata() == pytest.approx(held["distances"][kind])
                assert line.is_dashed() == (shuffled or way == "down")
                curves[image, "shuffled" if shuffled else way] = line
        assert len(lines) == 4 * len(IMAGES[kind])
        for text in axes.texts:
            near = {}
            box = text.get_window_extent()
            for key, line in curves.items():
                at = axes.transData.transform(line.get_xydata())
                path = np.concatenate([np.linspace(a, b, 50) for a, b in pairwise(at)])
                gap = np.maximum(np.maximum(box.min - path, path - box.max), 0)
                near[key] = np.hypot(*gap.T).min()
            nearest = min(near, key=near.get)
            assert 0 < near[nearest] < 25, text  # a quarter of an inch
            if text.get_text() in ("temple", "flower"):
                assert nearest[0] == {"temple": "china", "flower": "flower"}[text.get_text()]
            elif kind != "photographs" or text.get_text() == "shuffled":  # there, across and down coincide
                assert nearest[1] == text.get_text()
            if text.get_text() in ("across", "down"):
                assert text.get_color() == curves[IMAGES[kind][0], text.get_text()].get_color()


def test_put_back_in_their_places_the_same_weights_are_smooth(c):
    figure = neighbours.draw_tiles(result("neighbours"), c)
    rows = {part.get_suptitle(): [ax.images[0].get_array() for ax in part.axes] for part in figure.subfigs}
    start, trained, shuffled, restored = rows
    assert (start, trained, shuffled) == ("at the start", "trained", "trained on shuffled pixels")
    assert restored == "the same weights, each put back in its place"

    def alike(w):
        w = np.asarray(w, float)
        return np.corrcoef([*w[:, :-1].ravel(), *w[:-1].ravel()], [*w[:, 1:].ravel(), *w[1:].ravel()])[0, 1]

    for a, b in zip(rows[shuffled], rows[restored], strict=True):
        assert (a != b).any()
        assert sorted(a.ravel()) == sorted(b.ravel())
    assert max(map(alike, rows[start] + rows[shuffled])) < 0.1
    assert min(map(alike, rows[trained])) > 0.4
    noisy = [alike(w) for w in rows[restored]]
    assert np.argmin(noisy) == 1  # "here the second of the last row"
    assert min(noisy[:1] + noisy[2:]) > 0.4


def test_two_fall_while_the_pixels_move_and_the_one_whose_rows_move_along_stays(c):
    held = result("shuffle_by_degrees")
    (axes,) = shuffle_by_degrees.draw_degrees(held, c).axes
    colours = {text.get_text(): text.get_color() for text in axes.texts}
    models = {"MLP": "mlp", "CNN": "cnn", "MLP, rows of W₁ moved along": "rows"}
    for word, model in models.items():
        (line,) = [line for line in axes.lines[1:] if line.get_color() == colours[word]]
        assert line.get_ydata() == pytest.approx(100 * np.array(held["mean"][model]))
        assert line.get_xdata() == pytest.approx(np.linspace(0, 100, 17))
        if model != "rows":
            assert (
                abs(line.get_ydata()[-1] - 10) < 100 * held["sd"][model][-1]
            )  # "Both networks end at guessing"
    bands = [np.array([band.get_paths()[0].get_extents().get_points()[:, 1]]) for band in axes.collections]
    for band, model in zip(bands, models.values(), strict=True):
        mean, sd = (100 * np.array(held[part][model]) for part in ("mean", "sd"))
        assert np.ravel(band) == pytest.approx([(mean - sd).min(), (mean + sd).max()])
    assert len(axes.lines) == 1 + len(models)
    (guessing,) = {*axes.lines[0].get_ydata()}
    assert (guessing, colours["guessing"]) == (10, axes.lines[0].get_color())


PLACES = {"MNIST": "mnist", "CIFAR-10 (JPEG copy)": "cifar10", "MNIST-1D (published)": None}
CONTENDERS = {"CNN": "cnn", "MLP": "arithmetic", "linear": "linear"}


def test_every_seed_is_a_mark_and_each_line_has_its_contender_s_name(c):
    raw = json.loads((ROOT / "experiments/results/shuffled_pixels.json").read_text(encoding="utf-8"))["runs"]
    literature = tomllib.loads((ROOT / "claims/literature.toml").read_text(encoding="utf-8"))
    cited = {key: held["value"] for key, held in literature["greydanus2024"]["values"].items()}
    data = {"shuffled_pixels": result("shuffled_pixels"), "literature": literature}
    figure = shuffled_pixels.draw_accuracy(data, c)
    figure.draw_without_rendering()
    assert [axes.get_title(loc="left") for axes in figure.axes] == list(PLACES)
    for axes, name in zip(figure.axes, PLACES.values(), strict=True):
        labels = {text.get_text(): text for text in axes.texts}
        assert set(labels) == set(CONTENDERS) - (set() if name else {"linear"})
        seen = set()
        for mean, *marks in zip(axes.lines[::3], axes.lines[1::3], axes.lines[2::3], strict=True):
            (label,) = [text for text, drawn in labels.items() if drawn.get_color() == mean.get_color()]
            seen.add((label, mean.get_color(), str(mean._dash_pattern), marks[0].get_marker()))
            sides = [
                raw[name][CONTENDERS[label]][side] if name else [cited[label.lower() + ending]]
                for side, ending in (("plain", ""), ("shuffled", "_shuffled"))
            ]
            for x, drawn, values in zip((0, 1), marks, sides, strict=True):
                assert {*drawn.get_xdata()} == {x}
                assert list(drawn.get_ydata()) == values
                assert drawn.get_color() == mean.get_color()
            assert list(mean.get_xdata()) == [0, 1]
            assert mean.get_ydata() == pytest.approx([np.mean(values) for values in sides])
        assert all(len({look[k] for look in seen}) == len(labels) for k in range(4))
        heights = {text: np.mean(drawn.get_window_extent().intervaly) for text, drawn in labels.items()}
        ends = {
            label: axes.transData.transform((0, mean.get_ydata()[0]))[1]
            for label, *_ in seen
            for mean in axes.lines[::3]
            if mean.get_color() == labels[label].get_color()
        }
        assert sorted(heights, key=heights.get) == sorted(ends, key=ends.get)
        assert all(abs(heights[label] - ends[label]) < 12 for label in labels)  # a line of text is 15
        boxes = sorted((drawn.get_window_extent() for drawn in labels.values()), key=lambda box: box.y0)
        assert all(below.y1 < above.y0 for below, above in pairwise(boxes))
        marks = axes.transData.transform((0, 0))[0]
        assert all(axes.bbox.x0 < box.x0 and box.x1 < marks - 5 for box in boxes)


def test_two_lines_are_level_where_one_falls():
    assert (
        "The lines of both are level, and the CNN's fall."
        in shuffled_pixels.WORDS["shuffled-accuracy"]["caption"]
    )
    for name in ("mnist", "cifar10"):
        points = {m: result("shuffled_pixels")[name][m]["points"]["mean"] for m in CONTENDERS.values()}
        assert points["cnn"] < -2
        assert max(abs(points["linear"]), abs(points["arithmetic"])) < 1


def named(axes):
    """The texts of a panel by their colour, which is that of a curve."""
    return {text.get_color(): text.get_text().replace("\n", " ") for text in axes.texts}


@pytest.mark.parametrize(
    ("draw", "name", "curves"),
    [
        (
            signal_by_depth.draw_relu,
            "h",
            {
                "1": ("relu", "one"),
                "He": ("relu", "he"),
                "Xavier": ("relu", "xavier"),
                "0.01": ("relu", "small"),
            },
        ),
        (
            signal_by_depth.draw_bounded,
            "apart",
            {
                "tanh, Xavier": ("tanh", "xavier"),
                "sigmoid, 4 × Xavier": ("sigmoid", "xavier4"),
                "sigmoid, Xavier": ("sigmoid", "xavier"),
            },
        ),
    ],
    ids=["relu", "bounded"],
)
def test_each_name_stands_at_its_curve_of_the_twenty_layers_and_within_its_spread(draw, name, curves, c):
    data = result("signal_by_depth")
    ahead, back = draw(data, c).axes
    for ax, key in ((ahead, name), (back, "dh")):
        drawn = {named(ax)[line.get_color()]: line.get_xydata() for line in ax.lines}
        assert set(drawn) == set(curves)
        assert len({str(line._dash_pattern) for line in ax.lines}) == len(curves)
        for (said, (activation, initial)), band in zip(curves.items(), ax.collections, strict=True):
            values = np.array(data[activation][initial][key])
            values = values if ax is ahead else values - values[-1]
            assert drawn[said] == pytest.approx(np.column_stack([np.arange(1, 21), values.mean(axis=1)]))
            heights = band.get_paths()[0].vertices[:, 1]
            assert (heights.min(), heights.max()) == pytest.approx((values.min(), values.max()))


def test_the_accuracies_by_depth_are_those_at_the_best_rate_and_each_curve_has_its_name(c):
    data = result("initial_weights")
    panels = initial_weights.draw_depths(data, c).axes
    curves = {
        "He": ("relu", "he"), "Xavier": ("relu", "xavier"), "0.01": ("relu", "small"), "tanh, Xavier": ("tanh", "xavier"),
        "sigmoid, Xavier": ("sigmoid", "xavier"), "sigmoid, 4 × Xavier": ("sigmoid", "xavier4"),
    }  # fmt: skip
    seen = set()
    for ax in panels:
        for bars in ax.containers:
            said = named(ax)[bars.lines[0].get_color()]
            activation, initial = curves[said]
            best = data["best"][activation][initial]
            values = [100 * np.array(best[str(depth)]["validation"]) for depth in data["depths"]]
            assert bars.lines[0].get_ydata() == pytest.approx([v.mean() for v in values])
            assert np.abs(bars.lines[0].get_xdata() - data["depths"]).max() < 0.1
            reach = [high - low for (_, low), (_, high) in bars.lines[2][0].get_segments()]
            assert reach == pytest.approx([2 * v.std(ddof=1) for v in values])
            seen.add(said)
        assert [line.get_ydata()[0] for line in ax.lines if len(set(line.get_ydata())) == 1] == [10]  # chance
    assert seen == set(curves)


FOUND = {
    "three features, linear": "linear3",
    "three features, 3-2-1": "relu3",
    "all features, linear": "linear57",
    "all features, one hidden layer": "mlp57",
}


def test_below_each_contender_stand_what_it_finds_at_one_half_and_when_strict(c):
    raw = json.loads((ROOT / "experiments/results/spambase.json").read_text(encoding="utf-8"))["runs"]
    (axes,) = spambase.draw_found(result("spambase"), c).axes
    texts = {text.get_text(): text for text in axes.texts}
    said = {"half": texts.pop("at one half").get_color(), "strict": texts.pop("strict").get_color()}
    assert said["half"] != said["strict"]
    heights = {label: text.get_position()[1] for label, text in texts.items()}
    assert sorted(heights, key=heights.get, reverse=True) == list(FOUND)
    drawn = {}
    for marks, bar in zip(axes.lines[::2], axes.lines[1::2], strict=True):
        y = np.mean(marks.get_ydata())
        label = min((name for name in heights if heights[name] > y), key=lambda name: heights[name] - y)
        (side,) = [side for side, colour in said.items() if colour == marks.get_color() == bar.get_color()]
        drawn[label, side] = list(marks.get_xdata())
        assert np.mean(bar.get_ydata()) == pytest.approx(y)
        assert {*bar.get_xdata()} == {np.mean(marks.get_xdata())}
        assert marks.get_marker() == {"half": "o", "strict": "s"}[side]  # "Rings: … Squares: …"
    assert drawn == {
        (label, side): raw[name]["log"][side]["recall"] for label, name in FOUND.items() for side in said
    }
    assert min(min(values) for values in drawn.values()) >= axes.get_xlim()[0]


def test_widths_and_both_baselines_lie_at_their_means_in_both_panels(c):
    held = result("width_and_depth")
    whole, close = width_and_depth.draw_width(held, c).axes
    colours = {text.get_text(): text.get_color() for text in whole.texts}
    baselines = {"linear": held["linear"]["test"], "most frequent class": held["majority"]["test"]}
    for axes in (whole, close):
        (widths,) = [line for line in axes.lines if line.get_marker() == "o"]
        assert widths.get_color() == colours["one hidden layer"]
        assert widths.get_ydata() == pytest.approx(
            [np.mean(held["width"][str(M)]["test"]) for M in held["widths"]]
        )
        assert list(widths.get_xdata()) == held["widths"]
        (bars,) = axes.collections
        ends = np.array([segment[:, 1] for segment in bars.get_segments()])
        sd = [np.std(held["width"][str(M)]["test"], ddof=1) for M in held["widths"]]
        assert np.ptp(ends, axis=1) / 2 == pytest.approx(sd)
        level = {line.get_color(): line.get_ydata()[0] for line in axes.lines if line.is_dashed()}
        shown = ["linear"] if axes is close else list(baselines)
        assert level == pytest.approx({colours[label]: np.mean(baselines[label]) for label in shown})
        (band,) = axes.patches
        mean, spread = np.mean(baselines["linear"]), np.std(baselines["linear"], ddof=1)
        assert (band.get_y(), band.get_height()) == pytest.approx((mean - spread, 2 * spread))
        assert band.get_facecolor()[:3] == rgb(colours["linear"])
    labels = [text.get_text() for text in close.get_xticklabels()]
    assert all(label in ("", str(M)) for label, M in zip(labels, held["widths"], strict=True))
    assert (close.get_ylim()[0], close.get_title(loc="left")) == (0.92, "the same, from 92% up")
