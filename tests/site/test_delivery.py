"""What the site hands out: style sheets, faces, feeds, pictures of links, the copy to keep; what builds keep."""

import datetime
import io
import os
import re
import struct
import subprocess
import zipfile
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup, SoupStrainer
from mkdocs.config import load_config

from sitetools import ROOT, cache, dates, delivery, fonts, offline, sheets
from sitetools.delivery import Seen

DATE = datetime.date(2026, 3, 1)


# ---- what is kept


def test_what_was_kept_is_not_made_again(tmp_path):
    assert cache.kept(tmp_path, "key", ".bin", lambda: b"made") == b"made"
    assert cache.kept(tmp_path, "key", ".bin", lambda: b"again") == b"made"
    assert cache.kept(tmp_path, "other", ".bin", lambda: b"other") == b"other"


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-1], lambda b: b"", lambda b: b + b"x", lambda b: b[:40] + b"?" + b[41:]]
)
def test_an_entry_that_is_not_as_it_was_written_is_made_anew(tmp_path, damage):
    cache.kept(tmp_path, "key", ".bin", lambda: b"made of many bytes")
    entry = tmp_path / "key.bin"
    entry.write_bytes(damage(entry.read_bytes()))
    assert cache.kept(tmp_path, "key", ".bin", lambda: b"made of many bytes") == b"made of many bytes"
    assert cache.kept(tmp_path, "key", ".bin", lambda: b"") == b"made of many bytes"


def test_nothing_half_written_is_left_when_making_or_writing_fails(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("no room left")

    with pytest.raises(OSError, match="no room"):
        cache.kept(tmp_path, "key", ".bin", fail)
    monkeypatch.setattr(os, "replace", fail)
    assert cache.kept(tmp_path, "key", ".bin", lambda: b"made") == b"made"
    assert list(tmp_path.iterdir()) == []


def test_many_builds_at_once_read_whole_entries(tmp_path):
    made = [bytes([i]) * 200_000 for i in range(8)]

    def work(i):
        return cache.kept(tmp_path, f"key{i % 2}", ".bin", lambda: made[i % 2])

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(64))) == [made[i % 2] for i in range(64)]


def test_keys_tell_their_parts_apart():
    assert cache.digest("ab", "c") != cache.digest("a", "bc")
    assert cache.digest("a", b"b") == cache.digest(b"a", "b")


# ---- style sheets and faces


def test_a_sheet_loses_what_no_page_can_need_and_nothing_else():
    css = (
        ':root{--read:1px;--unread:"};"}a,.gone{top:var(--read)}.here:not(.gone)>.here{left:0}'
        "@media print{.gone{top:0}.here{top:0}}"
        "@media screen{.gone{top:0}}[dir=rtl] .here{top:0}[data-gone]{top:0}[data-here=x]{top:0}"
        "#here:hover{top:0}gone-element{top:0}"
        '.here:after{content:"{.gone}"}@font-face{font-family:"F"}.here\\:x{top:0}'
    )
    assert sheets.used(css, {"a", "here", "here:x", "data-here"}) == (
        ":root{--read:1px;}a{top:var(--read)}.here:not(.gone)>.here{left:0}@media print{.here{top:0}}"
        '[data-here=x]{top:0}#here:hover{top:0}.here:after{content:"{.gone}"}@font-face{font-family:"F"}.here\\:x{top:0}'
    )


def test_every_page_names_one_sheet_and_those_it_needs_beyond(pages):
    for path, page in pages.items():
        named = [link["href"].rpartition("stylesheets/")[2] for link in page.select("link[rel=stylesheet]")]
        widgets = dict.fromkeys(
            e.name.removeprefix("smlp-") for e in page.select(".explorable > [data-values]")
        )
        beyond = ["maths.css"] * bool(page.find("math")) + [f"widgets/{n}/{n}.css" for n in widgets]
        assert [name.replace("../", "") for name in named] == ["site.css", *beyond], path


def test_the_sheets_hold_the_faces_and_only_what_is_used(site):
    sheet = (site / "stylesheets" / "site.css").read_text(encoding="utf-8")
    assert sheet.count("data:font/woff2;base64,") == 2
    assert ".md-typeset .snippet" in sheet
    assert ".md-header" in sheet
    assert ".md-typeset .admonition" not in sheet, "no page has one"
    assert (site / "stylesheets" / "maths.css").read_text(encoding="utf-8").count(
        "data:font/woff2;base64,"
    ) == 1
    assert sorted(p.name for p in site.rglob("*.css") if "widgets" not in p.parts) == [
        "maths.css",
        "site.css",
    ]
    assert not list(site.rglob("*.map"))


def test_the_faces_have_every_character_that_the_pages_set_in_them(site):
    seen = Seen.on(site)
    assert set("éﬁ∂") - seen.text, "the test below would not see a missing character"
    for name in fonts.FACES:
        asked = seen.characters(name)
        face = fonts.subset(name, asked)
        assert 5_000 < len(face) < 20_000, name
        held = set(fonts.characters(face))
        whole = set(fonts.characters(fonts.subset(name)))
        assert {ord(c) for c in asked} & whole <= held
    slanted = fonts.characters(fonts.subset(fonts.MATHS_FACE, {"x", "θ"}))
    assert {0x1D465, 0x1D703} <= set(slanted)
    assert ord("√") in slanted, (
        "the sign of a root stands in no text, and Chromium leaves it out where the face lacks it"
    )


def test_a_dark_preference_without_javascript_has_the_colours_of_the_dark_scheme():
    sheet = (ROOT / "docs" / "stylesheets" / "tokens.css").read_text(encoding="utf-8")
    blocks = re.findall(
        r'(?:\.no-js \[data-md-color-scheme="default"\]|\n\[data-md-color-scheme="slate"\]) \{(.*?)\}',
        sheet,
        re.S,
    )
    chosen, preferred = (block.split() for block in blocks[:2])
    assert chosen == preferred
    assert "#14161a;" in chosen


def test_outlines_of_figures_are_no_finer_than_an_eye(site):
    outlines = [
        d
        for p in site.glob("figures/*.svg")
        for d in re.findall(r' d="([^"]*)"', p.read_text(encoding="utf-8"))
    ]
    assert len(outlines) > 100
    assert any("." in d for d in outlines)
    assert not [d for d in outlines if re.search(r"\d\.\d{3}", d)]


# ---- search


def test_the_search_splits_names_at_dots_and_underscores_and_keeps_decimals(config):
    separator = config.plugins["material/search"].config.separator
    words = re.split(
        separator, "scratchmlp.gradcheck np.maximum(0, z) binary_cross_entropy 0.771 It ends. So"
    )
    assert {"gradcheck", "maximum", "cross", "0.771"} <= set(words)


# ---- feeds and dates


def test_a_feed_has_no_element_without_content_and_dates_of_its_own(site, posts):
    for path in site.glob("feed_rss_*.xml"):
        feed = path.read_text(encoding="utf-8")
        assert "None" not in feed
        assert "<docs></docs>" not in feed
        assert re.search(r"<url>http\S+/assets/cards/index.png</url>", feed)
        items = re.findall(r"<item>.*?<pubDate>(.*?)</pubDate>", feed, re.S)
        assert len(items) == len(posts)
        assert feed.count(items[0]) >= 3, "the channel is as old as its newest item"
        assert "2026 00:00:00" in items[-1]
        assert "Jan 2026" not in feed, "that is the day of the build"


@pytest.fixture(scope="module")
def config():
    """The settings of the site."""
    return load_config(str(ROOT / "mkdocs.yml"))


@pytest.fixture
def house(tmp_path):
    """A repository with one post and its module, committed on two days, and a note on a third."""

    def git(*arguments, day):
        stamp = f"{day}T12:00:00+0000"
        who = {
            f"GIT_{w}_{k}": v
            for w in ("AUTHOR", "COMMITTER")
            for k, v in (("NAME", "N"), ("EMAIL", "n@n"), ("DATE", stamp))
        }
        subprocess.run(
            ["git", *arguments], cwd=tmp_path, check=True, env={**os.environ, **who}, capture_output=True
        )

    git("init", "-q", day="2026-03-01")
    for name, day in (
        ("docs/series/a-post.md", "2026-03-01"),
        ("snippets/a_post.py", "2026-03-05"),
        ("NOTE", "2026-03-09"),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
        git("add", "-A", day=day)
        git("commit", "-q", "-m", name, day=day)
    return tmp_path


def when(root, **meta):
    dates.committed.cache_clear()
    return dates.updated({"date": DATE, **meta}, root, root / "docs" / "series" / "a-post.md").isoformat()


def test_a_post_was_updated_when_what_it_shows_was(house):
    assert when(house) == "2026-03-05"
    assert when(house, updated=datetime.date(2026, 3, 7)) == "2026-03-07"
    assert when(house, date=datetime.date(2026, 4, 1)) == "2026-04-01", "never before its date"


def test_without_a_history_a_post_keeps_its_date(house, tmp_path_factory):
    bare, shallow = tmp_path_factory.mktemp("bare"), tmp_path_factory.mktemp("shallow") / "clone"
    assert when(bare) == "2026-03-01"
    subprocess.run(["git", "clone", "-q", "--depth", "1", house.as_uri(), str(shallow)], check=True)
    assert when(shallow) == "2026-03-01", "the one commit of a shallow clone has changed every file"


# ---- pictures of links


def test_every_page_has_a_picture_for_its_link_and_every_post_its_own(pages, posts, site):
    own = set()
    for path, page in pages.items():
        if path == "404.html":
            continue
        said = {m["property"]: m["content"] for m in page.select("meta[property^='og:']")}
        picture = urlsplit(said["og:image"]).path.lstrip("/")
        head = (site / picture).read_bytes()[:24]
        assert (head[:4], *struct.unpack(">II", head[16:])) == (b"\x89PNG", 1200, 630), path
        assert said["og:title"]
        assert said["og:description"] == page.find("meta", attrs={"name": "description"})["content"]
        if path in posts:
            own.add(picture)
            assert said["og:type"] == "article"
        else:
            assert picture == "assets/cards/index.png"
    assert len(own) == len(posts)


def test_a_picture_of_a_link_that_was_not_kept_is_drawn(tmp_path, monkeypatch):
    monkeypatch.setattr(delivery, "CACHE", tmp_path / "cache")
    delivery._draw_cards(tmp_path, {"new": ("Part 1", "Drawn anew")})
    head = (tmp_path / delivery.CARDS / "new.png").read_bytes()[:24]
    assert (head[:4], *struct.unpack(">II", head[16:])) == (b"\x89PNG", 1200, 630)


# ---- the copy to keep


@pytest.fixture(scope="module")
def copy(site):
    """The files of the offline copy by their names."""
    with zipfile.ZipFile(site / offline.NAME) as pack:
        return {name: pack.read(name) for name in pack.namelist()}


def test_every_link_of_the_offline_copy_leads_to_a_file_in_it(copy):
    links = SoupStrainer(["a", "img", "link", "script", "source"])
    texts = {n: d.decode() for n, d in copy.items() if n.endswith(".html")}
    pages = {n: BeautifulSoup(text, "html.parser", parse_only=links) for n, text in texts.items()}
    dead = []
    assert len(pages) > 20
    for name, page in pages.items():
        assert "<html data-offline " in texts[name]
        assert not page.select("script[type=module]")
        for tag in page.select("[href], [src]"):
            if tag.name == "link" and tag.get("rel") not in (["stylesheet"], ["icon"]):
                continue
            target = urlsplit(urljoin(f"http://disk/{name}", tag.get("href") or tag.get("src")))
            if target.netloc == "disk" and unquote(target.path).lstrip("/") not in copy:
                dead.append(f"{name}: {tag.get('href') or tag.get('src')}")
    assert not dead


def test_the_offline_copy_depends_on_the_files_alone(site, tmp_path):
    for name in ("index.html", "series/a/index.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(
            '<html lang="en"><a href="series/a/#x">a</a><a href="../..">up</a><a href="https://x.org/">x</a>'
        )
    offline.write(tmp_path)
    first = (tmp_path / offline.NAME).read_bytes()
    os.utime(tmp_path / "index.html", (0, 0))
    offline.write(tmp_path)
    assert (tmp_path / offline.NAME).read_bytes() == first
    page = zipfile.ZipFile(io.BytesIO(first)).read("scratch-mlp/index.html").decode()
    assert page == (
        '<html data-offline lang="en"><a href="series/a/index.html#x">a</a><a href="../../index.html">up</a><a href="https://x.org/">x</a>'
    )


def test_the_front_page_offers_the_copy(pages):
    assert pages["index.html"].select_one("footer a[download]")["href"] == offline.NAME


def test_every_link_says_where_it_leads(pages):
    vague = {"start", "here", "click here", "this", "more", "read more", "learn more", "link", "go"}
    for path, page in pages.items():
        assert not [a for a in page.select("a[href]") if a.get_text().strip().lower() in vague], path
