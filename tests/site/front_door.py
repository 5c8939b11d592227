"""What the front door says above its list of posts: a screenshot carries its digest, so that an old one is known."""

import hashlib
from pathlib import Path

from bs4 import BeautifulSoup
from PIL import Image
from PIL.PngImagePlugin import PngInfo

KEY = "Shows"


def said(site: Path) -> str:
    """A digest of the words, the numbers and the names of the pictures above the series."""
    page = BeautifulSoup((site / "index.html").read_text(encoding="utf-8"), "html.parser")
    above = [page.h1, *page.h1.find_next_siblings()]
    above = above[: above.index(page.find(id="the-series"))]
    words = [" ".join(part.get_text(" ").split()) for part in above]
    pictures = [image["src"] for part in above for image in part.find_all("img")]
    return hashlib.sha256("\n".join([*words, *pictures]).encode()).hexdigest()


def sign(picture: Path, site: Path) -> None:
    """Write the digest of what is shown into a picture of the front door."""
    about = PngInfo()
    about.add_text(KEY, said(site))
    with Image.open(picture) as image:
        image.load()
    image.save(picture, pnginfo=about, optimize=True)


def signature(picture: Path) -> str | None:
    """The digest that a picture carries."""
    with Image.open(picture) as image:
        return image.info.get(KEY)
