"""The page contract, on the pages as they were built."""

import json
import re

from bs4 import Tag

from sitetools import ROOT, facts, marks, statistics
from sitetools.house import read
from sitetools.proofs import VERDICTS
from tests.site import front_door

HOUSE = read(ROOT)
ORDER = [getattr(part, "topic", part) for part in HOUSE.parts]


def prose(page):
    """The text of a page's article without its code."""
    return " ".join(words(page.find("article")))


def words(element):
    """Every piece of text within an element that is no code."""
    for child in element.children:
        if not isinstance(child, Tag):
            yield child
        elif child.name not in ("pre", "code", "script", "style"):
            yield from words(child)


def test_no_mark_is_left_standing(written):
    for path, page in written.items():
        assert "--8<--" not in prose(page), path
        assert "[[" not in prose(page), path
        assert not re.search(r"(?<!\\)\$\S|///|\[@\w|wzxhzdk", prose(page)), path


def test_no_raw_latex_is_left_standing(written):
    for path, page in written.items():
        assert not re.search(r"\\(times|mathbf|frac|cdot|begin|sigma)", prose(page)), path


def test_no_code_block_is_empty(pages):
    for path, page in pages.items():
        for pre in page.find_all("pre"):
            assert pre.get_text().strip(), path


def test_every_shown_block_names_its_source_region_and_test(posts):
    for path, page in posts.items():
        figures = page.select("figure.snippet")
        assert figures, path
        for figure in figures:
            source, region = figure["data-source"], figure["data-region"]
            if source.startswith("snippets/"):
                module = HOUSE.code(source)
                shown = module.code(module.region(region))
                printed = HOUSE.records[module.key].outputs.get(region, "")
                assert printed.rstrip() == "".join(o.get_text() for o in figure.select(".output"))
            else:
                shown, _, _ = HOUSE.code(source).definition(region)
            assert figure.select_one(".code code").get_text().strip("\n") == shown, f"{path} {region}"
            links = [a["href"] for a in figure.select("figcaption a")]
            assert any(source in href for href in links), f"{path} {region}"
            assert any("/tests/" in href for href in links), f"{path} {region}"
            if source.startswith("snippets/"):
                assert figure.select_one("details.program button.copy"), f"{path} {region}"
                continue
            copied = page.select(figure.button["data-clipboard-target"])
            assert copied == figure.select(".code code"), f"{path} {region}: another code is copied"
            assert not figure.select_one("details.program"), f"{path} {region}: its program is one import"
            (module,) = figure.select("figcaption a.module")
            assert f"{module.get_text().replace('.', '/')}.py" == source
            assert module["href"] == f"../../package/{source.split('/')[1].removesuffix('.py')}/"


def test_every_shown_line_fits_the_column(posts):
    for path, page in posts.items():
        for figure in page.select("figure.snippet"):
            shown = figure.select_one(".code code").get_text().split("\n")
            long = [line for line in shown if len(line) > 82]
            assert not long, f"{path} {figure['data-region']}: {long}"


def test_every_region_is_shown_on_a_page(posts):
    shown = {
        (f["data-source"], f["data-region"]) for page in posts.values() for f in page.select("figure.snippet")
    }
    held = {(m.uri, name) for m in HOUSE.modules.values() for name in m.regions}
    assert held - shown == set(), "regions that no page shows"


def test_every_computed_number_is_its_value_written_out(written):
    seen = 0
    for path, page in written.items():
        for data in page.select("data.fact"):
            fact = facts.look_up(HOUSE, data["data-name"], _spec(path, data))
            assert data.get_text() == fact.text, f"{path}: {data}"
            assert data["value"] == fact.value
            assert data["data-source"] == fact.source
            assert data.a["href"]
            seen += 1
    assert seen > 100


def _spec(path, data):
    """The format that a page's source asks for, found by trying those that it uses with this name."""
    name = data["data-name"]
    sources = (
        [_markdown(path), *ROOT.glob("claims/*.toml")]
        if path.startswith(("ledger", "series"))
        else [_markdown(path)]
    )
    text = marks.unrolled("\n".join(s.read_text(encoding="utf-8") for s in sources))
    text += repr(dict(HOUSE.drawings))
    specs = {m[1] for m in re.finditer(rf"\[\[{re.escape(name)}(?:\|([^\[\]]*))?\]\]", text)}
    base, _, part = name.rpartition(".")
    for m in re.finditer(rf"\[\[{re.escape(base)}\|±(?:se)? *([^\[\]]*)\]\]", text):
        specs.add(m[1] if part == "mean" else m[1].removeprefix("+"))
    fitting = [s for s in specs if facts.look_up(HOUSE, name, s).text == data.get_text()]
    assert fitting, f"{path} shows {data.get_text()} for {name}, which no reference in its source gives"
    return fitting[0]


def _markdown(path):
    """The Markdown file that a built page comes from."""
    stem = path.removesuffix("index.html").strip("/") or "index"
    return ROOT / "docs" / f"{stem}.md" if not stem.startswith("labs/") else ROOT / "docs" / f"{stem}.py"


def test_a_number_of_a_snippet_stands_on_the_line_that_it_names(posts):
    for path, page in posts.items():
        for data in page.select("data.fact"):
            source, _, line = data["data-source"].partition(":")
            if source.startswith("snippets/"):
                text = (ROOT / source).read_text(encoding="utf-8").splitlines()[int(line) - 1]
                variable = data["data-name"].split(".")[1]
                assert re.search(rf"\b{variable}\b", text), f"{path}: {data}"


def test_claims_and_ledger_rows_are_linked_both_ways(pages, posts):
    ledger = pages["ledger/index.html"]
    rows = {a["id"]: a["href"] for a in ledger.select("td a[id]")}
    assert len(rows) == len(HOUSE.claims) >= 63
    for claim, href in rows.items():
        post, _, anchor = href.partition("#")
        page = posts[post.removeprefix("../") + "index.html"]
        assert anchor in (claim, f"source-{claim}")
        assert page.find(id=anchor), f"{claim} is not treated on {post}"
    for path, page in posts.items():
        for mark in page.select(".claim a"):
            to, _, anchor = mark["href"].partition("#")
            assert anchor.removeprefix("source-") in rows, path
            assert page.find(id=anchor) if not to else to == "../../ledger/", f"{path}: {mark}"


def test_what_the_sources_said_is_what_the_ledger_says(pages, posts):
    ledger = {
        row.a["id"]: row.find_all("td") for row in pages["ledger/index.html"].select("tr:has(td a[id])")
    }
    for path, page in posts.items():
        entries = page.select(".sources > li[id]")
        for entry in entries:
            _, verdict, says, holds, _ = ledger[entry["id"].removeprefix("source-")]
            told = " ".join([verdict.get_text(), says.get_text(), holds.get_text()])
            assert " ".join(entry.get_text().split()).startswith(" ".join(told.split())), f"{path}: {entry}"
        listed = {e["id"].removeprefix("source-") for e in page.select(".sources [id^=source-]")}
        covered = {row["id"] for row in HOUSE.rows(HOUSE.posts[path.split("/")[1]])}
        assert listed == (covered if page.select(".sources") else set()), path


def test_the_page_on_the_documents_names_them_and_counts_the_claims_of_each_verdict(pages):
    page = pages["the-five-documents/index.html"]
    assert [dt["id"] for dt in page.select("dl.documents dt")] == [f"S{i}" for i in range(5)]
    shown = [int(data.get_text()) for data in page.select("td data")]
    ledger = [v["class"][1] for v in pages["ledger/index.html"].select("td .verdict")]
    assert shown == [ledger.count(verdict) for verdict in VERDICTS]
    assert len(shown) == 6  # "one of six verdicts"
    assert shown[0] == max(shown)  # "More of their claims are confirmed than carry any other verdict"
    assert shown.count(shown[0]) == 1


def test_every_reference_is_cited_somewhere(written):
    cited = {
        a["href"].partition("#")[2] for page in written.values() for a in page.select("a.cite, .fact.cited a")
    }
    assert cited == set(HOUSE.literature)


def test_no_id_stands_twice_on_a_page(pages):
    for path, page in pages.items():
        ids = [tag["id"] for tag in page.find_all(id=True)]
        assert len(ids) == len(set(ids)), f"{path}: {sorted({i for i in ids if ids.count(i) > 1})}"


def test_every_image_says_what_it_shows(pages):
    for path, page in pages.items():
        for image in page.find_all("img"):
            assert image.has_attr("alt"), path
            decorative = image.find_parent("ol", class_="series")
            assert decorative or len(image["alt"]) > 20, f"{path}: {image['alt']!r}"


def held(reference):
    """What was recorded under a name: a variable of a snippet, or a path into a result."""
    stem, *path = reference.split(".")
    if stem not in HOUSE.records:
        return statistics.value(HOUSE.results[stem], path)
    value = HOUSE.records[stem].values
    for step in path:
        value = value[step]
    return value


def test_an_explorable_is_given_the_recorded_values_and_holds_its_static_figure(written, site):
    seen = set()
    for path, page in written.items():
        for element in page.select("figure.explorable > *:not(figcaption)"):
            name = element.name.removeprefix("smlp-")
            asked = HOUSE.widgets[name].values
            values = json.loads(element["data-values"])
            assert values.keys() == {reference.rpartition(".")[2] for reference in asked}, path
            for reference in asked:
                assert values[reference.rpartition(".")[2]] == held(reference), f"{path}: {reference}"
            assert element.select(".fallback :is(img, table)"), f"{path}: {name}"
            assert (site / "widgets" / name / f"{name}.js").is_file()
            seen.add(name)
    assert seen == set(HOUSE.widgets)


def test_what_an_explorable_fetches_is_the_recorded_result_and_small(site):
    asked = {}
    for script in (ROOT / "docs" / "widgets").glob("*/*.js"):
        if m := re.search(r"^// data: (\S+)$", script.read_text(encoding="utf-8"), re.M):
            asked[f"{script.stem}.json"] = m[1]
    assert {p.name for p in (site / "widgets").glob("*/*.json")} == set(asked) == {"shuffle-pixels.json"}
    for name, reference in asked.items():
        file = site / "widgets" / name.removesuffix(".json") / name
        assert json.loads(file.read_text(encoding="utf-8")) == held(reference)
        assert file.stat().st_size < 150 * 1024


def test_every_page_has_a_title_a_description_and_one_heading(pages):
    descriptions = {}
    for path, page in pages.items():
        assert page.title.get_text().strip(), path
        said = page.find("meta", attrs={"name": "description"})["content"].strip()
        assert said, path
        if path != "404.html":
            assert said not in descriptions, f"{path} and {descriptions.get(said)} say the same of themselves"
        descriptions[said] = path
        assert len(page.find_all("h1")) == 1, path


def test_every_post_opens_with_its_facts(posts):
    for path, page in posts.items():
        line = page.select_one("p.post-facts").get_text()
        assert re.fullmatch(
            r"Part \d+ · (\d+ min · )?\d{4}-\d\d-\d\d · \d+ blocks run · \d+ numbers computed · code: \.py, \.ipynb"
            r"(the programs need NumPy and scratchmlp: pip install numpy \S+\.whl)?",
            line,
        ), path
        assert (" min · " in line) != bool(page.select_one("h1 + dl.box")), (
            f"{path}: minutes stand twice, or nowhere"
        )
        assert int(re.search(r"(\d+) blocks", line)[1]) == len(page.select("figure.snippet")), path
        shown = len(page.select("article data.fact:not(.cited)"))
        in_formulas = sum(len(f["data-facts"].split()) for f in page.select("[data-facts]"))
        written = _markdown(path).read_text()
        alts = re.findall(r"!\[((?:\[\[.*?\]\]|[^\]])*)\]\(", written)
        alts += [HOUSE.drawings[name]["alt"] for name in re.findall(r"\[\[figure:([\w-]+)\]\]", written)]
        images = sum(
            1 + m.startswith("|±")
            for alt in alts
            for m in re.findall(r"\[\[(?!given|lit\.)[\w.-]+([^\]]*)", alt)
        )
        assert int(re.search(r"(\d+) numbers", line)[1]) == shown + in_formulas + images, path


def test_the_front_door_counts_what_the_built_pages_hold(pages, posts):
    stated = [int(d.get_text()) for d in pages["index.html"].select(".promises data")]
    blocks = sum(len(p.select("figure.snippet")) for p in posts.values())
    numbers = sum(
        int(re.search(r"(\d+) numbers", p.select_one(".post-facts").get_text())[1]) for p in posts.values()
    )
    claims = len(pages["ledger/index.html"].select("td a[id]"))
    assert stated == [blocks, numbers, claims]


def test_the_front_door_lists_every_post_in_order(pages, posts):
    listed = [a["href"] + "index.html" for a in pages["index.html"].select("ol.series a")]
    assert listed == [f"series/{topic}/index.html" for topic in HOUSE.posts]
    assert set(listed) == set(posts)


def test_the_front_door_shows_the_whole_series_by_halves_and_links_what_is_written(pages):
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    headed, shown = {}, []
    for h3 in pages["index.html"].select(".halves h3"):
        items = h3.find_next_sibling("ol").find_all("li")
        headed[h3.get_text()] = items[0].select_one(".number").get_text()
        shown += items
    for title, first in re.findall(r"- title: (.*)\n +from: (\S+)", config):
        assert headed.pop(title) == str(1 + ORDER.index(first)), title
    assert not headed
    assert [item.select_one(".number").get_text() for item in shown] == [
        str(n + 1) for n in range(len(ORDER))
    ]
    for topic, item in zip(ORDER, shown, strict=True):
        if topic in HOUSE.posts:
            assert item.a["href"] == f"series/{topic}/"
            assert item.select_one(".title").get_text() == HOUSE.posts[topic].meta["title"]
        else:
            words = [item.select_one(f".{of}").get_text() for of in ("title", "line", "minutes")]
            planned = re.search(rf"topic: {topic}\n +title: (.*)\n +line: (.*)\n", config)
            assert words == [planned[1].strip('"'), planned[2], "to come"]
            assert not item.a


def test_the_front_door_says_how_long_the_written_parts_take_together(pages):
    minutes = [int(s.get_text().split()[0]) for s in pages["index.html"].select("li:not(.planned) .minutes")]
    (hours,) = pages["index.html"].select("data[data-name='site.hours']")
    assert len(minutes) == len(HOUSE.posts)
    assert abs(float(hours.get_text()) - sum(minutes) / 60) <= 0.25
    assert facts.look_up(HOUSE, "site.minutes").text == str(sum(minutes))


def test_the_front_door_leads_each_reader_where_its_words_say(pages):
    (heading,) = [h for h in pages["index.html"].find_all("h2") if "Where to start" in h.get_text()]
    ways = heading.find_next("ul").find_all("li")
    assert [way.select("a")[-1]["href"] for way in ways] == [
        f"series/{next(iter(HOUSE.posts))}/",  # "begin with … and read on"
        "series/one-email/",  # "one number explained to the last digit"
        "labs/digits/",  # "train on real digits"
        "ledger/",  # "look it up in the ledger"
    ]
    words = ["read on", "one number explained", "train on real digits", "half-remembered claim"]
    assert [word in way.get_text() for word, way in zip(words, ways, strict=True)] == [True] * 4


def test_formulas_are_mathml_and_stay_out_of_the_search_index(written, site):
    assert sum(len(p.find_all("math")) for p in written.values()) > 50
    for path, page in written.items():
        assert all(m.has_attr("data-search-exclude") for m in page.find_all("math")), path
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    assert not [d["location"] for d in index["docs"] if d["location"].startswith("source/")]


def test_the_feed_lists_the_posts(site, posts):
    feed = (site / "feed_rss_created.xml").read_text(encoding="utf-8")
    assert feed.count("<item>") == len(posts)


def test_a_notebook_can_be_taken_away_and_has_run(site, pages):
    lab = pages["labs/digits/index.html"]
    assert "test accuracy" in lab.get_text()
    book = json.loads((site / "labs" / "digits.ipynb").read_text(encoding="utf-8"))
    assert [c for c in book["cells"] if c["cell_type"] == "code"]
    assert lab.find("a", href=re.compile(r"digits\.ipynb$"))


def test_a_notebook_brings_no_style_sheet_of_its_own(site):
    assert (site / "labs" / "digits" / "index.html").stat().st_size < 300_000
    assert "<style" not in str(
        (site / "labs" / "digits" / "index.html").read_text(encoding="utf-8").split("<article")[1]
    )


def test_what_the_site_needs_is_served_by_the_site(pages, site):
    """Nothing that a browser fetches by itself comes from elsewhere."""
    for path, page in pages.items():
        fetched = [
            t.get("src")
            for t in page.find_all(["script", "img", "iframe", "source", "video"])
            if t.get("src")
        ]
        fetched += [
            t["href"]
            for t in page.find_all("link")
            if t.get("rel") not in (["canonical"], ["prev"], ["next"], ["alternate"])
        ]
        assert not [f for f in fetched if re.match(r"(https?:)?//", f)], path
    for sheet in site.rglob("*.css"):
        assert not re.search(r"url\(\s*['\"]?(https?:)?//", sheet.read_text(encoding="utf-8")), sheet.name


def test_the_screenshot_of_the_readme_shows_the_front_door_as_it_is(site):
    carried = front_door.signature(ROOT / "docs" / "assets" / "screenshot.png")
    assert carried == front_door.said(site), (
        "the front door has changed since: take it anew by `make screenshot`"
    )
