"""What a built page shows beside what it is of: lines of source, the card of a number, references, figures."""

import html
import re
from textwrap import dedent

from figures.style import SCHEMES
from sitetools import ROOT
from sitetools.house import CODE, read
from tests.site.test_pages import _markdown

HOUSE = read(ROOT)
CONFIG = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")


def lines(uri):
    """The lines of a file, as an editor counts them."""
    return (ROOT / uri).read_text(encoding="utf-8").removesuffix("\n").split("\n")


# ---- source pages


def test_at_the_anchor_of_a_line_stands_the_text_of_that_line(site):
    paths = (p for room in CODE for p in sorted((ROOT / room).glob("*.py")))
    files = [p.relative_to(ROOT).as_posix() for p in paths if p.name not in ("__init__.py", "conftest.py")]
    assert len(files) > 100
    for uri in files:
        page = (site / "source" / uri / "index.html").read_text(encoding="utf-8")
        found = re.findall(r'<span class="line" id="L-(\d+)">(.*?)\n</span>', page, re.S)
        shown = [(int(n), html.unescape(re.sub("<[^>]+>", "", line)).rstrip()) for n, line in found]
        held = [(n, line.rstrip()) for n, line in enumerate(lines(uri), 1)]
        assert shown == held[: len(shown)], f"source/{uri}: another line stands at an anchor"
        assert not "".join(line for _, line in held[len(shown) :]), f"source/{uri} lacks lines"


def test_the_lines_that_a_block_names_are_those_that_it_shows(posts):
    for path, page in posts.items():
        for figure in page.select("figure.snippet"):
            link = figure.select_one("figcaption a")
            first, last = (re.findall(r"\d+", link.get_text().partition(" of ")[0]) * 2)[:2]
            assert link["href"].endswith(f"source/{figure['data-source']}/#L-{first}"), f"{path}: {link}"
            shown = figure.select_one(".code code").get_text().strip("\n")
            held = lines(figure["data-source"])[int(first) - 1 : int(last)]
            assert shown == dedent("\n".join(held)).rstrip(), f"{path}: {link}"


# ---- the card of a number


def test_the_card_of_a_number_quotes_the_line_or_the_passage_that_it_names(written):
    seen = set()
    for path, page in written.items():
        for data in page.select("data.fact"):
            uri, _, line = data["data-source"].partition(":")
            room, *name = data["data-name"].split(".")
            where, detail = f"{path}: {data}", data["data-detail"]
            if uri.startswith("snippets/"):
                assert uri == f"snippets/{room}.py", where
                assert detail == lines(uri)[int(line) - 1].strip(), where
                assert re.search(rf"(?<![\w.]){name[0]}\b.*(=|\bin\b)|(as|import) .*\b{name[0]}\b", detail), (
                    where
                )
            elif uri.startswith("experiments/"):
                assert uri == f"experiments/{room}.py", where
                assert detail == HOUSE.results[room]["conditions"], where
            elif uri == "claims/literature.toml":
                entry = HOUSE.literature[name[0]]
                assert detail == f"{entry['short']}, {entry['values'][name[1]]['at']}", where
                assert data.a["href"].endswith(f"references/#{name[0]}"), where
            else:
                assert (uri, room) == ("sitetools/house.py", "site"), where
                assert "def counts" in lines(uri)[int(line) - 1], where
            if uri.endswith(".py"):
                assert data.a["href"].endswith(f"source/{uri}/#L-{line}"), where
            seen.add(uri.partition("/")[0])
    assert seen == {"snippets", "experiments", "claims", "sitetools"}


# ---- references


def numbers():
    """The number of each part by its topic, counted in mkdocs.yml: posts, and behind them what is planned to follow."""
    order = re.findall(r"series/([\w-]+)\.md", CONFIG)
    for topic, after in re.findall(r"- topic: (\S+)\n.*?after: (\S+)", CONFIG, re.S):
        order.insert(order.index(after) + 1, topic)
    return {topic: number for number, topic in enumerate(order, 1)}


def test_every_part_is_called_by_its_number(posts):
    for path, page in posts.items():
        number = numbers()[path.split("/")[1]]
        assert page.select_one(".post-facts span").get_text() == f"Part {number}", path


def test_a_link_that_names_a_part_leads_to_it(written):
    seen = 0
    for path, page in written.items():
        for link in page.select("article a[href]"):
            if named := re.fullmatch(r"[Pp]art (\d+)", link.get_text()):
                topic = re.sub(r"/?(#.*)?$", "", link["href"]).rpartition("/")[2]
                assert int(named[1]) == numbers().get(topic), f"{path}: {link}"
                seen += 1
    assert seen > 10


def test_the_number_of_a_part_in_the_text_is_that_of_its_topic(written):
    mark = re.compile(r"([^\[\]()*_`|\n$;]*)\[\[ref:([Pp]art)\.([\w-]+)\]\]")
    for path, page in written.items():
        if not (source := _markdown(path)).is_file():
            continue
        text = " ".join(page.find("article").get_text().split())
        for before, part, topic in mark.findall(source.read_text(encoding="utf-8")):
            before = re.sub(r"^(have|need): *\"?", "", before)  # in the front matter
            said = f"{' '.join(before.lstrip('-# ').split())} {part} {numbers()[topic]}".strip()
            assert re.search(rf"{re.escape(said)}(?!\d)", text), f"{path} does not say {said!r} of {topic}"


def test_a_citation_shows_the_authors_and_the_year_of_the_entry_that_it_leads_to(written):
    for path, page in written.items():
        for link in page.select("a.cite"):
            entry = HOUSE.literature[link["href"].partition("references/#")[2]]
            assert link.get_text() == entry["short"], f"{path}: {link}"


# ---- figures


def test_a_page_shows_the_figures_that_its_text_names_in_their_order(written):
    for path, page in written.items():
        if (source := _markdown(path)).suffix == ".md" and source.is_file():
            named = re.findall(r"[\[(]figure:([\w-]+)", source.read_text(encoding="utf-8"))
            pictures = [
                p for p in page.select("picture.only-light") if not p.find_parent("ol", class_="series")
            ]
            shown = [re.search(r"figures/([\w-]+)\.", p.img["src"])[1] for p in pictures]
            assert shown == named, path


def test_each_scheme_and_each_width_is_given_the_file_of_its_figure(written, site):
    seen = 0
    for path, page in written.items():
        pictures = page.select("picture.drawn")
        for pair in zip(pictures[::2], pictures[1::2], strict=True):
            (name,) = {re.search(r"figures/([\w-]+)\.", picture.img["src"])[1] for picture in pair}
            assert len({picture.img["alt"] for picture in pair}) == 1, f"{path}: {name}"
            for scheme, picture in zip(SCHEMES, pair, strict=True):
                assert picture["class"] == ["drawn", f"only-{scheme}"], f"{path}: {picture}"
                phone, desk = picture.source, picture.img
                assert phone["media"] == "(max-width: 44.9375em)", f"{path}: {picture}"
                assert phone["srcset"].endswith(f"figures/{name}.{scheme}.narrow.svg"), f"{path}: {picture}"
                assert desk["src"].endswith(f"figures/{name}.{scheme}.svg"), f"{path}: {picture}"
                small = int(phone["width"]), int(desk["width"])
                assert small == (96, 96) or small[0] < 360 < small[1], f"{path}: {picture}"
            seen += 1
    assert seen > 10


def test_each_file_of_a_figure_has_the_colours_of_its_scheme_and_the_width_of_its_kind(site):
    files = sorted((site / "figures").glob("*.svg"))
    assert len(files) > 40
    for file in files:
        scheme = file.name.split(".")[1]
        drawn = file.read_text(encoding="utf-8")
        told = {of: any(colour in drawn for colour in colours.values()) for of, colours in SCHEMES.items()}
        assert told == {of: of == scheme for of in SCHEMES}, f"{file.name} has the colours of another scheme"
        width = float(re.search(r'width="([\d.]+)pt"', drawn)[1]) * 4 / 3
        small = file.name.startswith("thumb-") or ".narrow." in file.name
        assert (width < 360) == small, f"{file.name} is {width:.0f} pixels wide"
        assert len(list((site / "figures").glob(f"{file.name.split('.')[0]}.*.svg"))) == 4, file.name
