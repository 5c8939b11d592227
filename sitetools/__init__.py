"""The site's own machinery: what turns tested modules, recorded results and checked text into pages.

In the order in which text meets it: `house` reads the rooms; `page` is the page being made and the build it belongs to;
`facts` finds numbers by reference; `marks` and `blocks` are what may stand in the text; `modules` and `slicing` find a
block's complete program; `typeset` makes HTML, from `parts/`; `extension` ties them to Markdown, and `hooks` to MkDocs.
"""

import os
from pathlib import Path

from mkdocs.exceptions import BuildError

ROOT = Path(__file__).resolve().parent.parent
# Fonts, figures and executed notebooks, each by its digest.
CACHE = Path(os.environ.get("SITE_CACHE", ROOT / ".cache"))


class SiteError(BuildError):
    """Something a page needs is missing, stale or malformed; the message names it and says what to do."""
