"""While the site is served, what is saved is shown, and whatever is broken says so while the server goes on answering."""

import socket
import subprocess
import sys
import time
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.site.small_house import change, copied, surroundings


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small house that is being served."""
    return copied(tmp_path_factory.mktemp("served") / "house")


@pytest.fixture(scope="module")
def address(folder):
    """Where it is served."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", f"127.0.0.1:{port}"],
        cwd=folder,
        env=surroundings(folder),
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
    pytest.fail(f"{text!r} did not appear at {address}: {page[-3000:]}")


POST = "series/a-sum/"


def test_what_is_saved_is_shown(address, folder):
    wait_for(address + POST, "Two numbers are added")
    change(folder, "docs/series/a-sum.md", "Two numbers are added", "A saved sentence")
    wait_for(address + POST, "A saved sentence")
    change(folder, "docs/series/a-sum.md", "A saved sentence", "Two numbers are added")
    change(folder, "snippets/a_sum.py", "Two numbers, and", "A pair of numbers, and")
    page = wait_for(address + POST, "changed since it was run")
    assert "Two numbers are added" in page
    wait_for(address + "series/a-sum.py", "A pair of numbers, and")
    wait_for(address + "series/a-sum.ipynb", "A pair of numbers, and")
    change(folder, "snippets/a_sum.py", "A pair of numbers, and", "Two numbers, and")
    wait_for(address + POST, 'class="ran"')


# What an author does, where it shows, and what the page there says.
MISHAPS = {
    "a region that is not there": (
        "docs/series/a-sum.md",
        "a_sum.py:add",
        "a_sum.py:gone",
        POST,
        "has no region",
    ),
    "front matter without a date": (
        "docs/series/a-sum.md",
        "date: 2026-11-20\n",
        "",
        POST,
        "a post needs a date",
    ),
    "front matter that is no YAML": (
        "docs/series/a-sum.md",
        "date: 2026-11-20",
        "date: [",
        POST,
        "the front matter is no YAML",
    ),
    "a region that is not closed": ("snippets/a_sum.py", "# --8<-- [end:gap]\n", "", POST, "is never closed"),
    "a syntax error in a snippet": ("snippets/a_sum.py", "x = 0.1", "x = = 0.1", POST, "snippets/a_sum.py:3"),
    "a record that is half written": (
        "snippets/out/a_sum.json",
        '"y": 0.25,',
        '"y": ',
        POST,
        "not whole JSON",
    ),
    "a syntax error in the package": ("scratchmlp/adding.py", "return x", "return return", POST, "adding.py"),
    "a syntax error in a row": (
        "claims/a-sum.toml",
        'verdict = "wrong"',
        "verdict = ",
        POST,
        "claims/a-sum.toml",
    ),
    "a lab that raises": ("docs/labs/add.py", "print(1 + 2)", "print(one)", "labs/add/", "&#39;one&#39;"),
    "a broken mkdocs.yml": ("mkdocs.yml", "nav:", "nav: [", POST, "mkdocs.yml"),
}


@pytest.mark.parametrize("mishap", MISHAPS)
def test_a_mishap_is_told_in_the_page_and_mended_by_the_next_save(address, folder, mishap):
    uri, old, new, where, cause = MISHAPS[mishap]
    whole = (folder / uri).read_bytes()
    wait_for(address + where, "md-content")
    change(folder, uri, old, new)
    try:
        wait_for(address + where, cause)
    finally:
        (folder / uri).write_bytes(whole)
    wait_for(address + POST, 'class="ran"')


def test_bytes_that_are_no_utf_8_are_told_and_an_empty_new_post_stops_nothing(address, folder):
    snippet = folder / "snippets" / "a_sum.py"
    whole = snippet.read_bytes()
    snippet.write_bytes(whole.replace(b"0.25", b"0.25  # \xff"))
    wait_for(address + POST, "snippets/a_sum.py:4: the byte 0xff is no UTF-8")
    snippet.write_bytes(whole)
    wait_for(address + POST, 'class="ran"')
    (folder / "docs" / "series" / "new.md").touch()
    change(folder, "docs/series/a-sum.md", "Two numbers are added", "Still they are added")
    wait_for(address + POST, "Still they are added")
