"""What a page weighs and whether it keeps still; what search, clipboard, print, and pages without JavaScript give."""

import re
import zipfile

import pytest
from axe_playwright_python.sync_playwright import Axe

from sitetools import ROOT, offline
from tests.browser.conftest import Quiet

POSTS = sorted(f"series/{p.stem}/" for p in (ROOT / "docs" / "series").glob("*.md"))
PAGES = [
    "",
    *POSTS,
    "labs/digits/",
    "ledger/",
    "package/layers/",
    "notation/",
    "glossary/",
    "references/",
    "source/snippets/one_email.py/",
]
SOURCE = "source/snippets/one_email.py/"
FIRST_VISIT = 170 * 1024  # bytes over the wire with an empty cache
STILL = 0.02  # the layout shift of a whole visit
OBSERVE = """
    window.shift = 0;
    new PerformanceObserver((list) => { for (const entry of list.getEntries()) shift += entry.value; })
        .observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize("path", PAGES)
def test_a_first_visit_weighs_little_and_fetches_no_search(open_page, path):
    Quiet.sent.clear()
    page = open_page(path)
    page.wait_for_load_state("networkidle")
    assert not [name for name in Quiet.sent if "search" in name]
    assert 50_000 < sum(Quiet.sent.values()) <= FIRST_VISIT, Quiet.sent


@pytest.mark.parametrize("path", PAGES)
def test_nothing_moves_while_a_phone_loads_a_page_slowly(browser, address, path):
    context = browser.new_context(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    page = context.new_page()
    page.add_init_script(OBSERVE)
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    slow = {"offline": False, "latency": 100, "downloadThroughput": 250_000, "uploadThroughput": 90_000}
    line.send("Network.emulateNetworkConditions", slow)
    page.goto(address + path, wait_until="networkidle")
    page.evaluate(
        """async () => {
            for (let y = 0; y < document.documentElement.scrollHeight; y += 600) {
                scrollTo({ top: y, behavior: "instant" });
                await new Promise((resolve) => setTimeout(resolve, 30));
            }
        }"""
    )
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(400)  # an explorable that came into sight sets itself up
    moved = page.evaluate("shift")
    context.close()
    assert moved <= STILL


@pytest.mark.parametrize("path", ["", "series/backpropagation/", "ledger/", "labs/digits/"])
@pytest.mark.parametrize("width", [360, 1440])
def test_what_is_pressed_is_large_enough(open_page, path, width):
    page = open_page(path, width=width)
    found = Axe().run(page, options={"runOnly": ["target-size"], "rules": {"target-size": {"enabled": True}}})
    assert [node["html"] for violation in found.response["violations"] for node in violation["nodes"]] == []


@pytest.mark.parametrize(
    ("query", "page_of_it"),
    [
        ("gradcheck", "package/gradcheck/"),
        ("losses", "package/losses/"),
        ("maximum", "series/"),
        ("cross entropy", "package/losses/"),
    ],
)
def test_a_name_is_found_by_a_part_of_it(open_page, query, page_of_it):
    page = open_page("")
    page.locator(".md-search__input").press_sequentially(query)
    page.wait_for_selector(".md-search-result__link")
    found = [link.get_attribute("href") for link in page.locator(".md-search-result__link").all()]
    assert [address for address in found if page_of_it in address], found
    assert page.faults == []


def test_the_search_comes_with_a_link_to_a_query(open_page):
    page = open_page("?q=interaction")
    page.wait_for_selector(".md-search-result__link")
    assert page.faults == []


def test_a_page_reached_without_loading_brings_the_sheets_that_it_needs(open_page):
    page = open_page("")
    page.evaluate("window.stays = true")
    assert page.locator("link[href$='maths.css']").count() == 0
    page.locator("article a[href$='series/backpropagation/']").first.click()
    page.wait_for_selector("h1:has-text('Backpropagation')")
    page.wait_for_function(
        "[...document.fonts].some(f => f.family.includes('STIX') && f.status === 'loaded')"
    )
    assert page.evaluate("window.stays"), "the page was loaded anew"
    assert page.locator("link[href$='forward-backward.css']").count() == 1


@pytest.mark.parametrize("way", ["button", "selection"])
def test_a_source_page_is_copied_line_by_line(open_page, way):
    page = open_page(SOURCE, permissions=["clipboard-read", "clipboard-write"])
    if way == "button":
        page.locator(".source button").first.click()
    else:
        page.evaluate("getSelection().selectAllChildren(document.querySelector('.source code'))")
        page.keyboard.press("Control+C")
    page.wait_for_function("navigator.clipboard.readText()")
    text = (ROOT / "snippets" / "one_email.py").read_text(encoding="utf-8")
    assert page.evaluate("navigator.clipboard.readText()").rstrip() == text.rstrip()


def test_a_line_of_a_source_page_is_marked_over_the_whole_width(open_page):
    page = open_page(SOURCE + "#L-12")
    mark = page.evaluate("getComputedStyle(document.querySelector('#L-12'), '::before').boxShadow")
    assert mark != "none"
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440


def colours(page, selector):
    """The colours of all texts below a selector."""
    return set(
        page.locator(f"{selector} *").evaluate_all(
            "all => all.filter(e => e.getClientRects().length).map(e => getComputedStyle(e).color)"
        )
    )


def test_code_is_printed_dark_on_white_from_either_scheme(open_page):
    for scheme in ("light", "dark"):
        page = open_page("series/one-email/", scheme=scheme)
        page.emulate_media(media="print")
        moving = "all => all.filter(e => getComputedStyle(e).transitionDuration !== '0s').map(e => e.tagName)"
        assert page.locator(".snippet .highlight *").evaluate_all(moving) == []
        for colour in colours(page, ".snippet .highlight"):
            assert max(map(int, re.findall(r"\d+", colour)[:3])) <= 0x55, f"{scheme}: {colour}"


def test_answers_are_printed_and_complete_programs_are_not(open_page):
    page = open_page("series/one-email/")
    page.emulate_media(media="print")
    answers = page.locator("details.answer")
    assert answers.count() > 2
    for i in range(answers.count()):
        assert answers.nth(i).evaluate(
            "e => e.lastElementChild.checkVisibility({ contentVisibilityAuto: true })"
        )
        assert answers.nth(i).bounding_box()["height"] > 60
    assert not page.locator(".snippet .program").first.is_visible()


@pytest.mark.parametrize("path", [SOURCE, "ledger/", "series/backpropagation/", "package/misuse/"])
def test_nothing_is_cut_off_on_paper(open_page, path):
    page = open_page(path, width=700)  # what A4 leaves between its margins
    page.emulate_media(media="print")
    cut = page.evaluate(
        """() => [...document.querySelectorAll("article *")].filter((e) => e.getClientRects().length
            && !e.closest("math, svg") && e.getBoundingClientRect().right > 701).map((e) => e.outerHTML.slice(0, 100))"""
    )
    assert cut == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_without_javascript_a_page_follows_the_preference_and_shows_nothing_that_does_nothing(
    open_page, scheme
):
    page = open_page("series/one-email/", scheme=scheme, java_script_enabled=False)
    paper = {"light": "rgb(253, 252, 249)", "dark": "rgb(20, 22, 26)"}[scheme]
    assert page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor") == paper
    assert page.locator(f".drawn.only-{scheme}:visible").count() > 0
    assert page.locator(f".drawn.only-{'dark' if scheme == 'light' else 'light'}:visible").count() == 0
    for dead in (".copy", ".md-search", "[data-md-component=palette]", "[for=__search]", ".md-clipboard"):
        assert page.locator(f"{dead}:visible").count() == 0, dead
    assert page.locator(".explorable .fallback img:visible").count() > 0


def test_the_offline_copy_is_read_from_a_disk(browser, address, folder, tmp_path):
    with zipfile.ZipFile(folder / offline.NAME) as pack:
        pack.extractall(tmp_path)
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda e: faults.append(str(e)))
    page.on("requestfailed", lambda r: faults.append(r.url))
    page.goto((tmp_path / "scratch-mlp" / "index.html").as_uri(), wait_until="load")
    element = page.locator("smlp-one-email")
    spare = element.bounding_box()["height"] - element.locator(".fallback").bounding_box()["height"]
    assert spare < 1, "no room is kept for a card that does not come"
    page.locator("article a", has_text="One email").first.click()
    page.wait_for_url("**/series/one-email/index.html")
    assert page.locator("h1").inner_text().startswith("One email")
    assert page.locator(".md-search:visible, [for=__search]:visible").count() == 0
    page.locator("data.fact a").first.click()
    page.wait_for_url("**/source/snippets/one_email.py/index.html#L-*")
    context.close()
    assert faults == []
