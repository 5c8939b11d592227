"""While the site is served, what is saved is shown, and what is broken says so without stopping the server."""

import os
import socket
import subprocess
import sys
import time
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from sitetools import ROOT


@pytest.fixture
def serving(project):
    """The address of a served copy of the project."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", f"127.0.0.1:{port}"],
        cwd=project,
        env={
            **os.environ,
            "PYTHONPATH": str(project),
            "NO_MKDOCS_2_WARNING": "1",
            "SITE_CACHE": str(ROOT / ".cache"),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield f"http://127.0.0.1:{port}/"
    assert server.poll() is None, "the server has stopped"
    server.terminate()
    server.wait(timeout=30)


def wait_for(address, text, *, patience=60):
    """The page once it holds the text."""
    page, end = "", time.monotonic() + patience
    while time.monotonic() < end:
        try:
            with urlopen(address, timeout=10) as answer:
                page = answer.read().decode()
            if text in page:
                return page
        except (URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(0.1)
    pytest.fail(f"{text!r} did not appear at {address}")


def test_what_is_saved_is_shown_and_what_is_broken_says_so(serving, project):
    post = project / "docs" / "series" / "one-email.md"
    snippet = project / "snippets" / "one_email.py"
    whole, code = post.read_text(encoding="utf-8"), snippet.read_text(encoding="utf-8")
    address = serving + "series/one-email/"
    wait_for(address, "Eleven parameters, three features")
    try:
        post.write_text(
            whole.replace("Eleven parameters, three features", "A saved sentence"), encoding="utf-8"
        )
        wait_for(address, "A saved sentence")

        post.write_text(whole.replace("one_email.py:hidden", "one_email.py:gone"), encoding="utf-8")
        page = wait_for(address, 'class="broken"')
        assert "series/one-email.md:" in page
        assert "has no region" in page

        post.write_text(whole, encoding="utf-8")
        snippet.write_text(
            code.replace("# ReLU keeps what is positive", "# what is positive stays"), encoding="utf-8"
        )
        page = wait_for(address, "what is positive stays")
        assert "changed since it was run" in page
        wait_for(serving + "series/one-email.py", "# what is positive stays")
        wait_for(serving + "series/one-email.ipynb", "# what is positive stays")

        snippet.write_text(code.replace("# --8<-- [end:hidden]\n", ""), encoding="utf-8")
        page = wait_for(address, "opens inside &#x27;hidden&#x27;")
        assert 'class="broken"' in page
    finally:
        post.write_text(whole, encoding="utf-8")
        snippet.write_text(code, encoding="utf-8")
