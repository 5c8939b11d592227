"""The marks that the site adds to Markdown, found in one pass.

| mark | means |
|---|---|
| ``--8<-- "snippets/one_email.py:forward"`` | a region of a snippet module, alone on its line |
| ``--8<-- "scratchmlp/layers.py:Dense"`` | a function, class or method of the package, alone on its line |
| ``[[one_email.p|.3f]]`` | a number: recorded by a snippet, measured by an experiment, or published (``lit.…``) |
| ``[[S4-36]]`` | a claim of the sources, linked both ways with its row in the ledger |
| ``[@key]`` | a citation of an entry in ``claims/literature.toml`` |
| ``$…$`` and ``$$…$$`` | LaTeX |
| ``![alt](figure:name)`` | a figure drawn by an experiment, in both colour schemes |

What stands in code is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

TOKEN = re.compile(
    r"""
    (?P<fence>^(?P<indent>\ *)(?P<bar>```+|~~~+)[^\n]*\n(?:.*?\n)??(?P=indent)(?P=bar)\ *$)
  | (?P<code>(?<!`)(?P<tick>`+)(?!`)(?:.(?!\n\n))+?(?<!`)(?P=tick)(?!`))
  | (?P<comment><!--.*?-->)
  | ^(?P<pad>\ *)(?P<snippet>--8<--\ "(?P<path>[^":\n]+)(?::(?P<name>[^"\n]+))?")\ *$
  | (?P<display>\$\$(?P<block>.+?)\$\$)
  | (?P<inline>(?<![\\$])\$(?=[^\s$])(?P<formula>(?:[^$\n]|\n(?!\s*\n))+?)(?<=\S)\$)
  | !\[(?P<alt>(?:\[\[[^\]]*\]\]|[^\]])*)\]\((?P<src>[^)\s]*)\)
  | \[\[(?P<claim>S\d-\d\d+)\]\]
  | \[\[(?P<fact>[\w.-]+)(?:\|(?P<spec>[^\[\]\n]*))?\]\]
  | \[@(?P<cite>[a-z]+\d{4}[a-z]?)\]
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)

# A number that only the code can know: a decimal, a percentage, an integer of three digits or more. Years pass.
NUMBER = re.compile(
    r"(?<![\w.#])(?!(?:19[4-9]\d|20[0-3]\d)(?![\w%]|[.,]\d))(?:\d[\d,]*\.\d+|\d{1,3}(?:,\d{3})+|\d{3,}|\d+(?=\s?(?:%|\\%|percent)))(?!\w)"
)
# Text that is no prose: links, tags, attribute lists, dates.
ASIDE = re.compile(r"\]\([^)]*\)|<[^>]+>|\{:?[^}]*\}|\b\d{4}-\d\d-\d\d\b|https?://\S+|\bS\d-\d+\b")


def tokens(text: str) -> Iterator[re.Match[str]]:
    """Every mark of a Markdown text, in order, those in code left out."""
    return (m for m in TOKEN.finditer(text) if not (m["fence"] or m["code"] or m["comment"]))


def plain_numbers(text: str) -> list[str]:
    """Numbers typed by hand in a Markdown text: those in its prose, its tables, its alt texts and its formulas."""
    kept = TOKEN.sub(lambda m: m["alt"] or m["formula"] or m["block"] or " ", text)
    kept = TOKEN.sub(" ", kept)  # what stood inside alt texts and formulas
    return [m[0] for m in NUMBER.finditer(ASIDE.sub(" ", kept))]
