"""The site's own machinery: what turns tested modules, recorded results and checked text into pages."""

from pathlib import Path

from mkdocs.exceptions import BuildError

ROOT = Path(__file__).resolve().parent.parent


class SiteError(BuildError):
    """Something a page needs is missing, stale or malformed; the message names it and says what to do."""
