"""The site's two faces, cut down to what its pages use and served by the site itself.

Source Serif (Adobe, SIL Open Font License 1.1) for text, from the wheel `font-source-serif-pro`; STIX Two Math (the STIX
Fonts project, SIL Open Font License 1.1) for formulas, from the wheel `ziamath`.
"""

from __future__ import annotations

from importlib.metadata import version
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from sitetools import CACHE, SiteError
from sitetools.cache import digest, kept

FONTS = CACHE / "fonts"
TEXT = "U+0020-007E U+00A0-017F U+2010-2015 U+2018-201E U+2022 U+2026 U+2030 U+2032 U+2033 U+2039 U+203A U+20AC U+2122 U+2190-2193 U+2212 U+2215 U+2248 U+2260 U+2264 U+2265 U+00D7 U+2713 U+2717"
MATHS = (
    "U+0020-007E U+00A0 U+00AC U+00B1 U+00B7 U+00D7 U+00F7 U+0302-0304 U+0307 U+0308 U+0391-03A9 U+03B1-03C9 U+03D5 U+03F5 "
    "U+2026 U+2032 U+2061-2064 U+20D7 U+2102 U+210E U+2112 U+2115 U+211D U+2124 U+2190-2194 U+21A6 U+21D2 U+21D4 U+2200 U+2202 U+2203 "
    "U+2205-2209 U+220F U+2211 U+2212 U+2215 U+2217-221A U+221D U+221E U+2225 U+2227-222B U+2248 U+2260 U+2261 U+2264 U+2265 "
    "U+226A U+226B U+2282 U+2286 U+2295 U+2297 U+2299 U+22A4 U+22C5 U+22EE-22F1 U+2308-230B U+23DE-23DF U+25E6 U+27E8-27E9 "
    "U+2A7D-2A7E U+1D400-1D433 U+1D434-1D467 U+1D538-1D550 U+1D5B3 U+1D6FC-1D71B"
)
# Where letters stand, and how far from them their slanted forms: A–Z, a–z, Α–Ω, α–ω.
SLANTED = ((0x41, 0x5A, 0x1D3F3), (0x61, 0x7A, 0x1D3ED), (0x391, 0x3A9, 0x1D351), (0x3B1, 0x3C9, 0x1D34B))
ALWAYS = range(0x20, 0x7F)
MATHS_FACE = "stix-two-math.woff2"
FACES = {
    "source-serif.woff2": ("font_source_serif_pro", "files/SourceSerifPro-Regular.ttf", TEXT),
    "source-serif-italic.woff2": ("font_source_serif_pro", "files/SourceSerifPro-It.ttf", TEXT),
    "source-serif-semibold.woff2": ("font_source_serif_pro", "files/SourceSerifPro-Semibold.ttf", TEXT),
    MATHS_FACE: ("ziamath", "fonts/STIXTwoMath-Regular.ttf", MATHS),
}


def subset(name: str, characters: set[str] | None = None) -> bytes:
    """A face as woff2, with those of its characters that are asked for; the bytes are the same on every machine."""
    package, path, ranges = FACES[name]
    codes = {code for part in ranges.split() for code in _codes(part)}
    if characters is not None:
        codes &= _asked(characters) if name == MATHS_FACE else {*map(ord, characters), *ALWAYS}
    key = digest(
        name, version("fonttools"), version(package), Path(__file__).read_bytes(), repr(sorted(codes))
    )
    return kept(FONTS, key, ".woff2", lambda: _made(package, path, codes))


def _asked(characters: set[str]) -> set[int]:
    """The characters of formulas, with the slanted letters that a browser sets for single ones."""
    codes = set(map(ord, characters))
    slanted = {code + shift for code in codes for first, last, shift in SLANTED if first <= code <= last}
    return (
        codes | slanted | {0x210E, 0x221A}
    )  # the slanted h has a place of its own; a root's sign stands in no text


def _made(package: str, path: str, codes: set[int]) -> bytes:
    spec = find_spec(package)
    file = Path(spec.origin or "").parent / path if spec else Path(path)
    if not file.is_file():
        raise SiteError(f"the font {path} of the package {package} is not installed")
    return _cut(file, codes, maths=package == "ziamath")


def _cut(file: Path, codes: set[int], *, maths: bool) -> bytes:
    options = Options(
        flavor="woff2", hinting=False, desubroutinize=True, notdef_outline=True, recalc_timestamp=False
    )
    # Lining and tabular figures, kerning and ligatures for text. For formulas only dotless letters under accents: the
    # optical sizes of scripts ("ssty") would double the file.
    options.layout_features = ["dtls"] if maths else ["kern", "liga", "mark", "lnum", "tnum", "locl"]
    font = TTFont(file, recalcTimestamp=False)
    cutter = Subsetter(options)
    cutter.populate(unicodes=sorted(codes))
    cutter.subset(font)
    font.flavor = "woff2"
    out = BytesIO()
    font.save(out, reorderTables=False)
    return out.getvalue()


def _codes(part: str) -> range:
    first, _, last = part.removeprefix("U+").partition("-")
    return range(int(first, 16), int(last or first, 16) + 1)


def characters(face: bytes) -> list[int]:
    """The characters that a face has."""
    return sorted(TTFont(BytesIO(face)).getBestCmap())
