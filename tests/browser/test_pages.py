"""Every kind of page in a real browser: both schemes, phone and desktop."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.site import front_door

KINDS = {
    "front door": "",
    "post with algebra": "series/what-is-an-mlp/",
    "post with shapes": "series/shapes-and-notation/",
    "post with figures": "series/one-email/",
    "post with an explorable": "series/backpropagation/",
    "post with measurements": "series/flattening/",
    "lab": "labs/digits/",
    "ledger": "ledger/",
    "five documents": "the-five-documents/",
    "notation": "notation/",
    "glossary": "glossary/",
    "references": "references/",
    "source": "source/snippets/one_email.py/",
    "list of sources": "source/",
}
WIDTHS = {"phone": 360, "tablet": 820, "desktop": 1440}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_asks_nobody_else_reports_no_error_and_is_accessible(open_page, kind, scheme):
    page = open_page(KINDS[kind], scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = Axe().run(page).response["violations"]
    grave = [
        f"{v['id']}: {v['help']} ({v['nodes'][0]['html'][:160]})"
        for v in found
        if v["impact"] not in (None, "minor")
    ]
    assert grave == []
    assert page.faults == []


@pytest.mark.parametrize("device", WIDTHS)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_wider_than_the_window(open_page, kind, device):
    page = open_page(KINDS[kind], width=WIDTHS[device])
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[device]
    # Wider than the window only inside something that scrolls or clips by itself.
    spilled = page.evaluate(
        """() => [...document.querySelectorAll('article *')].filter(e => {
            if (e.getBoundingClientRect().right <= innerWidth + 1 || !e.getClientRects().length) return false;
            for (let p = e; p && p.tagName !== 'ARTICLE'; p = p.parentElement)
                if (getComputedStyle(p).overflowX !== 'visible') return false;
            return true;
        }).map(e => e.outerHTML.slice(0, 120))"""
    )
    assert spilled == []


@pytest.mark.parametrize("kind", ["post with algebra", "post with shapes", "post with figures"])
def test_the_copy_button_puts_the_complete_program_on_the_clipboard(open_page, kind):
    page = open_page(KINDS[kind], permissions=["clipboard-read", "clipboard-write"])
    figures = page.locator("figure.snippet:has(details.program)")
    assert figures.count() > 5
    for i in range(figures.count()):
        figure = figures.nth(i)
        if not figure.is_visible():
            continue  # inside an answer that is still hidden
        program = figure.locator("details.program code").text_content().rstrip()
        figure.locator("button.copy").first.click()
        assert page.evaluate("navigator.clipboard.readText()") == program
    figure = figures.first
    figure.locator("summary").click()
    figure.locator("details.program button.copy").click()
    assert (
        page.evaluate("navigator.clipboard.readText()")
        == figure.locator("details.program code").text_content().rstrip()
    )


def test_the_copy_button_of_a_part_of_the_package_copies_what_is_shown(open_page):
    page = open_page(KINDS["post with an explorable"], permissions=["clipboard-read", "clipboard-write"])
    figures = page.locator("figure.snippet[data-source^='scratchmlp/']:visible")
    assert figures.count() > 1
    for figure in figures.all():
        figure.locator("button.copy").click()
        shown = figure.locator(".code code").text_content().rstrip()
        assert page.evaluate("navigator.clipboard.readText()").rstrip() == shown


def test_a_copied_program_runs_in_an_empty_folder(open_page, tmp_path):
    page = open_page(KINDS["post with figures"], permissions=["clipboard-read", "clipboard-write"])
    figure = page.locator("figure.snippet:has(.output)").nth(2)
    figure.locator("button.copy").first.click()
    (tmp_path / "copied.py").write_text(page.evaluate("navigator.clipboard.readText()"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "copied.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
    assert done.stdout.rstrip() == figure.locator(".output").text_content()


@pytest.mark.parametrize("width", [360, 1440])
def test_pointing_at_a_number_shows_where_it_comes_from(open_page, width):
    page = open_page(KINDS["post with figures"], width=width)
    fact = page.locator("data.fact").first
    assert page.locator(".fact-card").count() == 0
    fact.hover()
    card = page.locator(".fact-card")
    assert card.count() == 1
    assert fact.get_attribute("value") in card.inner_text()
    assert "snippets/one_email.py" in card.inner_text()
    box = card.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    page.keyboard.press("Escape")
    assert page.locator(".fact-card").count() == 0


def test_focusing_a_number_shows_its_card_and_following_it_leads_to_the_line(open_page):
    page = open_page(KINDS["post with figures"])
    link = page.locator("data.fact a").first
    link.focus()
    assert page.locator(".fact-card").count() == 1
    line = page.locator("data.fact").first.get_attribute("data-source").split(":")[1]
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/source/snippets/one_email.py/#L-{line}")
    page.wait_for_selector(f"#L-{line}")  # the address changes before the page does


def test_a_finger_sees_the_card_first_and_then_follows(open_page):
    page = open_page(KINDS["post with figures"], width=360, has_touch=True, is_mobile=True)
    before = page.url
    page.locator("data.fact a").first.tap()
    assert page.locator(".fact-card a").is_visible()
    assert page.url == before
    page.locator(".fact-card a").tap()
    page.wait_for_url("**/source/snippets/**")


def test_a_term_shows_its_definition_to_a_pointer_and_at_the_focus_and_says_so(open_page):
    page = open_page(KINDS["post with figures"], width=360)
    term, card = page.locator("a.term").first, page.locator(".fact-card")
    for show in (term.hover, term.focus):
        show()
        assert term.get_attribute("data-detail") in card.inner_text()
        assert term.get_attribute("aria-describedby") == card.get_attribute("id")
        assert card.bounding_box()["x"] + card.bounding_box()["width"] <= 360
        page.keyboard.press("Escape")
        assert card.count() == 0
        assert term.get_attribute("aria-describedby") is None


def test_a_finger_sees_what_a_term_means_and_then_follows_to_the_glossary(open_page):
    page = open_page(KINDS["post with figures"], width=360, has_touch=True, is_mobile=True)
    before = page.url
    term = page.locator("a.term").first
    anchor = term.get_attribute("href").partition("#")[2]
    term.tap()
    assert page.url == before
    page.locator(".fact-card a").tap()
    page.wait_for_url(f"**/glossary/#{anchor}")


def test_instant_navigation_keeps_everything_working(open_page):
    page = open_page(KINDS["post with shapes"], permissions=["clipboard-read", "clipboard-write"])
    page.evaluate("window.stays = true")
    page.locator(".md-footer__link--next").click()
    page.wait_for_url("**/one-email/")
    page.wait_for_selector("h1:has-text('One email')")
    assert page.evaluate("window.stays"), "the page was loaded anew"
    page.locator("data.fact").first.hover()
    assert page.locator(".fact-card").count() == 1
    page.mouse.move(5, 5)
    figure = page.locator("figure.snippet").first
    figure.locator("button.copy").first.click()
    assert (
        page.evaluate("navigator.clipboard.readText()")
        == figure.locator("details.program code").text_content().rstrip()
    )
    page.locator(".claim a").first.click()
    page.wait_for_url(re.compile(r"(ledger/#|#source-)S\d-\d+$"))
    assert page.faults == []


@pytest.mark.parametrize("width", [360, 1440])
def test_the_signs_of_claims_are_large_enough_to_press_and_do_not_overlap(open_page, width):
    page = open_page(KINDS["post with figures"], width=width)
    boxes = page.evaluate(
        """() => [...document.querySelectorAll('.claim > a, .sources .ways > a')].map(e => {
            const {left, right, top, bottom} = e.getBoundingClientRect();
            return {left, right, top, bottom};
        })"""
    )
    assert len(boxes) > 10
    assert [b for b in boxes if min(b["right"] - b["left"], b["bottom"] - b["top"]) < 24] == []
    for i, a in enumerate(boxes):
        for b in boxes[i + 1 :]:
            beside = a["right"] <= b["left"] + 1 or b["right"] <= a["left"] + 1
            assert beside or a["bottom"] <= b["top"] + 1 or b["bottom"] <= a["top"] + 1, (a, b)


def test_the_ledger_filters_by_verdict(open_page):
    page = open_page(KINDS["ledger"])
    rows = page.locator(".ledger tbody tr:visible")
    everything = rows.count()
    page.locator("#show-wrong").uncheck()
    wrong = page.locator(".ledger tbody tr:has(.verdict.wrong)").count()
    assert wrong > 0
    assert rows.count() == everything - wrong


def test_the_scheme_can_be_switched_and_brings_its_figures(open_page):
    page = open_page(KINDS["front door"], scheme="light")
    assert page.locator(".series .drawn.only-light").first.is_visible()
    page.locator("label[title='Switch to dark']").click()
    assert page.locator(".series .drawn.only-dark").first.is_visible()
    assert not page.locator(".series .drawn.only-light").first.is_visible()


def test_the_fonts_are_the_sites_own(open_page):
    page = open_page(KINDS["post with figures"])
    loaded = page.evaluate(
        "[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family.replaceAll('\"', ''))"
    )
    assert {"Source Serif", "STIX Two Math"} <= set(loaded)


def test_search_finds_a_post(open_page):
    page = open_page(KINDS["front door"])
    page.locator(".md-search__input").press_sequentially("interaction")
    page.wait_for_selector(".md-search-result__link")
    assert page.locator(".md-search-result__link").first.get_attribute("href")
    assert page.faults == []


def test_print_shows_black_on_white_and_hides_what_needs_a_pointer(open_page):
    page = open_page(KINDS["post with figures"], scheme="dark")
    page.emulate_media(media="print")
    assert not page.locator(".snippet .copy").first.is_visible()
    assert page.locator(".drawn.only-light").first.is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.md-typeset h2')).color") == "rgb(0, 0, 0)"


def test_the_front_door_for_the_readme(open_page, folder, tmp_path):
    page = open_page(KINDS["front door"], width=1280)
    page.wait_for_selector("smlp-one-email[data-ready]")
    target = Path(os.environ.get("SCREENSHOT", tmp_path / "screenshot.png"))
    page.screenshot(path=target)
    front_door.sign(target, folder)
    assert front_door.signature(target) == front_door.said(folder)
    assert page.locator(".promises").bounding_box()["y"] < 900
