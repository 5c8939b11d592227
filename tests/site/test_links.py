"""Every link of the built site leads somewhere, to the anchor, notebooks included."""

from urllib.parse import unquote, urljoin, urlsplit

BASE = "http://site/"


def test_every_link_and_anchor_exists(site, pages):
    ids = {
        path: {t.get("id") or t.get("name") for t in page.find_all(lambda t: t.get("id") or t.get("name"))}
        for path, page in pages.items()
    }
    dead = []
    for path, page in pages.items():
        if path == "404.html":
            continue  # its links are absolute: the page can appear at any address
        for tag in page.find_all(["a", "img", "link", "script", "source"]):
            href = tag.get("href") or tag.get("src") or tag.get("srcset")
            if not href or tag.get("rel") in (["canonical"], ["alternate"]) or href.startswith("data:"):
                continue
            target = urlsplit(urljoin(BASE + path.removesuffix("index.html"), href))
            if target.netloc != "site":
                continue
            name = unquote(target.path).lstrip("/")
            name = name + "index.html" if not name or name.endswith("/") else name
            if not (site / name).is_file():
                dead.append(f"{path}: {href}")
            elif target.fragment and name in ids and unquote(target.fragment) not in ids[name]:
                dead.append(f"{path}: {href} (no such anchor)")
    assert not dead
