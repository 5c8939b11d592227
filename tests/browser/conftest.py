"""A browser, and the built site served to it. Without a browser these tests are skipped, except where CI demands one."""

import functools
import gzip
import os
import shutil
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from tests.conftest import begin, finished

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-sync",
]


PACKED = (".html", ".css", ".js", ".json", ".svg", ".xml")


class Quiet(SimpleHTTPRequestHandler):
    """Files as a host serves them, packed where that helps, without a line for each; what each took is kept."""

    sent: ClassVar[dict[str, int]] = {}

    def log_message(self, *args):
        pass

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if (
            path.suffix not in PACKED
            or not path.is_file()
            or not self.path.split("?")[0].endswith(("/", *PACKED))
        ):
            if path.is_file():
                self.sent[self.path] = path.stat().st_size
            return super().do_GET()
        body = gzip.compress(path.read_bytes(), 6)
        self.sent[self.path] = len(body)
        self.send_response(200)
        for name, value in (
            ("Type", self.guess_type(str(path))),
            ("Encoding", "gzip"),
            ("Length", str(len(body))),
        ):
            self.send_header(f"Content-{name}", value)
        self.end_headers()
        self.wfile.write(body)
        return None


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Where the site lies that the browser sees."""
    return tmp_path_factory.mktemp("browsed") / "site"


@pytest.fixture(scope="session")
def address(folder):
    """The address of the site, built for this address so that instant navigation knows its pages."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    url = f"http://127.0.0.1:{server.server_address[1]}/"
    begin(folder, SITE_URL=url)
    finished(folder)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield url
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def browser():
    """Chromium, headless."""
    if CHROMIUM is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("REQUIRE_BROWSER is set and no Chromium is installed")
        pytest.skip("no Chromium is installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser, address):
    """A function that opens a page in a new context and keeps what went wrong: requests elsewhere, errors, failures."""
    contexts = []

    def open_it(path, *, scheme="light", width=1440, **settings):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, **settings
        )
        contexts.append(context)
        page = context.new_page()
        page.faults = []
        page.on(
            "request",
            lambda r: (
                r.url.startswith((address, "data:", "blob:")) or page.faults.append(f"asked for {r.url}")
            ),
        )
        page.on("requestfailed", lambda r: page.faults.append(f"failed: {r.url}"))
        page.on("response", lambda r: r.status < 400 or page.faults.append(f"{r.status}: {r.url}"))
        page.on(
            "console", lambda m: m.type in ("error", "warning") and page.faults.append(f"console: {m.text}")
        )
        page.on("pageerror", lambda e: page.faults.append(f"error: {e}"))
        page.goto(address + path, wait_until="load")
        page.evaluate("document.fonts.ready")
        return page

    yield open_it
    for context in contexts:
        context.close()
