"""Figures come from recorded values, the same in any surroundings; a cache is trusted only as far as it is checked."""

import shutil

import pytest

from sitetools import ROOT, SiteError, figures

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
