"""The site's own machinery: what turns tested modules, recorded results and checked text into pages."""

import os
from pathlib import Path

from mkdocs.exceptions import BuildError

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(
    os.environ.get("SITE_CACHE", ROOT / ".cache")
)  # fonts, figures and executed notebooks, each by its digest


class SiteError(BuildError):
    """Something a page needs is missing, stale or malformed; the message names it and says what to do."""
