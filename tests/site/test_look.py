"""The colours: readable in both schemes, and the same in the style sheet, in figures and in notebooks."""

import re

import pytest

from figures.style import SCHEMES
from sitetools import ROOT, labs, sheets

SHEETS = ROOT / "docs" / "stylesheets"
TOKEN_SHEET = (SHEETS / "tokens.css").read_text(encoding="utf-8")


def tokens(scheme):
    block = TOKEN_SHEET[TOKEN_SHEET.index(f'[data-md-color-scheme="{scheme}"]') :].split("}")[0]
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))


TOKENS = {"light": tokens("default"), "dark": tokens("slate")}


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_colour_stands_out_from_every_ground(scheme):
    colours = TOKENS[scheme]
    texts = ["ink", "muted", "signal", "warn", "bad", *(n for n in colours if n.startswith("code-"))]
    assert len(texts) == 11
    weak = {(t, g): contrast(colours[t], colours[g]) for t in texts for g in ("paper", "sheet")}
    weak |= {(t, "warn-soft"): contrast(colours[t], colours["warn-soft"]) for t in ("ink", "muted", "warn")}
    assert not {pair: round(ratio, 2) for pair, ratio in weak.items() if ratio < 5.2}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_and_notebooks_use_the_colours_of_the_page(scheme):
    assert SCHEMES[scheme].items() <= TOKENS[scheme].items()
    assert {labs.SCHEMES[scheme]["#000000"], labs.SCHEMES[scheme]["#1f77b4"]} == {
        TOKENS[scheme]["ink"],
        TOKENS[scheme]["signal"],
    }


def test_components_use_tokens_and_no_raw_colours():
    components = [p for p in sheets.parts(SHEETS / "site.css") if p.name not in ("tokens.css", "print.css")]
    components += (ROOT / "docs" / "widgets").rglob("*.css")
    assert len(components) > 12
    for path in components:
        rules = re.sub(r"url\([^)]*\)|#show-[a-z]+|#arrow-[a-z]+", "", path.read_text(encoding="utf-8"))
        assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)", rules), path.name


def test_the_contents_name_every_sheet_once():
    named = [path.name for path in sheets.parts(SHEETS / "site.css")]
    on_their_own = {"site.css", "maths.css"}
    assert sorted(named) == sorted({p.name for p in SHEETS.glob("*.css")} - on_their_own)
