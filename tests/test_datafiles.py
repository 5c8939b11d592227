"""Files are what they are said to be, or are refused; nothing is downloaded but from this machine."""

import gzip
import hashlib
import http.server
import io
import pickle
import sys
import tarfile
import threading
import traceback

import numpy as np
import pytest

from scratchmlp import datafiles
from scratchmlp.datafiles import (
    WrongChecksum,
    checksums,
    fetch,
    find,
    read_archive,
    read_cifar,
    read_idx,
    read_table,
    unpacked,
    verified,
)

MESSAGE = b"forty-two bytes, which are all that we need"


def idx(array):
    """An array of bytes as a gzipped IDX file."""
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return gzip.compress(bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes())


def sha256(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder for $SCRATCHMLP_DATA, with one file, whose checksum is known."""
    (tmp_path / "data" / "mnist").mkdir(parents=True)
    (tmp_path / "data" / "mnist" / "a.gz").write_bytes(MESSAGE)
    monkeypatch.setenv("SCRATCHMLP_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(
        datafiles, "checksums", lambda: {"mnist/a.gz": sha256(MESSAGE), "mnist/b.gz": sha256(b"b")}
    )
    return tmp_path / "data"


# ---- formats ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(5,), (2, 3, 4), (0, 28, 28)])
@pytest.mark.parametrize("unzip", [bytes, gzip.decompress], ids=["zipped", "unzipped"])
def test_an_idx_file_is_its_array_zipped_or_not(shape, unzip):
    array = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    read = read_idx(unzip(idx(array)), "a.gz", n_axes=len(shape))
    np.testing.assert_array_equal(read, array)
    assert read.dtype == np.uint8
    read[...] = 0  # can be written to


@pytest.mark.parametrize("length", [0, 1, 10, 30])
def test_a_truncated_idx_file_is_refused(length):
    data = idx(np.arange(24, dtype=np.uint8).reshape(2, 3, 4))
    with pytest.raises(
        ValueError, match=r"a\.gz must be a whole gzip file, got: |a\.gz must begin with 0, 0, 8, 3"
    ):
        read_idx(data[:length], "a.gz", n_axes=3)


def test_a_broken_gzip_stream_is_refused():
    data = bytearray(idx(np.arange(200, dtype=np.uint8)))
    data[20] ^= 0xFF
    with pytest.raises(ValueError, match=r"a\.gz must be a whole gzip file, got: "):
        read_idx(bytes(data), "a.gz", n_axes=1)


@pytest.mark.parametrize(
    "raw", [b"", b"\0\0\x08", b"\0\0\x08\x01" + b"\0" * 3, b"\0\0\x0d\x03" + b"\0" * 12, b"P5 28 28 255 ...."]
)
def test_a_foreign_idx_file_is_refused(raw):
    with pytest.raises(ValueError, match=r"a\.gz must begin with 0, 0, 8, 3 and 3 sizes, got \["):
        read_idx(gzip.compress(raw), "a.gz", n_axes=3)


@pytest.mark.parametrize("sizes", [(2, 3, 5), (2, 3, 3), (2**32 - 1,) * 3])
def test_a_header_that_does_not_announce_what_there_is_is_refused_without_asking_for_memory(sizes):
    header = bytes([0, 0, 8, 3]) + b"".join(size.to_bytes(4, "big") for size in sizes)
    n = sizes[0] * sizes[1] * sizes[2]
    with pytest.raises(ValueError, match=rf"a\.gz must hold {n} bytes, as its header says: .*, got 24"):
        read_idx(gzip.compress(header + bytes(24)), "a.gz", n_axes=3)


def test_a_cifar_record_is_a_label_and_three_planes():
    images = np.random.default_rng(0).integers(0, 256, (4, 3, 32, 32), dtype=np.uint8)
    data = b"".join(
        bytes([label]) + image.tobytes() for label, image in zip([3, 0, 9, 1], images, strict=True)
    )
    read, labels = read_cifar(data, "a.bin")
    np.testing.assert_array_equal(read, images)
    assert labels.tolist() == [3, 0, 9, 1]
    assert (read.dtype, labels.dtype, read.flags.writeable) == (np.uint8, np.int64, True)


@pytest.mark.parametrize("length", [0, 1, 3072, 3074])
def test_a_truncated_cifar_batch_is_refused(length):
    with pytest.raises(
        ValueError, match=rf"a\.bin must hold whole records of 3073 bytes, got {length} bytes"
    ):
        read_cifar(bytes(length), "a.bin")


def test_a_label_that_is_none_of_cifar_s_is_named():
    data = bytes(3073) + bytes([10]) + bytes(3072)
    with pytest.raises(ValueError, match=r"a\.bin must hold labels in \[0, 10\), got 10 in record 1"):
        read_cifar(data, "a.bin")


def test_a_table_is_its_numbers_whatever_ends_its_lines():
    for data in (b"1,0.5\r\n-2,1e3\r\n", b"1,0.5\n-2,1e3"):
        np.testing.assert_array_equal(read_table(data, "a.csv", n_columns=2), [[1, 0.5], [-2, 1000]])


@pytest.mark.parametrize("data", [b"a,b", b"1,2\n3,", b"\xff\xfe1,2", b"1 2,3"])
def test_what_is_no_table_is_refused(data):
    with pytest.raises(ValueError, match=r"a\.csv must be a table of numbers, got: could not convert string"):
        read_table(data, "a.csv", n_columns=2)


@pytest.mark.parametrize(("data", "n", "line"), [(b"1,2\n3", 1, 2), (b"1,2\n\n3,4", 1, 2), (b"1,2,3", 3, 1)])
def test_a_line_of_another_width_is_named(data, n, line):
    with pytest.raises(ValueError, match=rf"a\.csv must hold 2 numbers in each line, got {n} in line {line}"):
        read_table(data, "a.csv", n_columns=2)


@pytest.mark.parametrize(
    ("data", "shape"), [(b"", r"\(0, 2\)"), (b"1,2\nnan,4", r"\(2, 2\)"), (b"inf,1", r"\(1, 2\)")]
)
def test_a_table_without_numbers_or_with_gaps_is_refused(data, shape):
    with pytest.raises(
        ValueError, match=rf"must hold finite numbers, and some, got a table of shape {shape}"
    ):
        read_table(data, "a.csv", n_columns=2)


def test_an_archive_is_read_without_unpacking_it():
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as tar:
        folder = tarfile.TarInfo("folder/inner")
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
        for name, data in {"folder/a.bin": b"first", "folder/b.bin": b"second"}.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    assert read_archive(held.getvalue()) == {"a.bin": b"first", "b.bin": b"second"}


# ---- where files come from --------------------------------------------------------------------------------------------


def test_the_list_of_checksums_names_every_file_once():
    sums = checksums()
    assert len(sums) == len(set(sums.values())) == 30
    assert all(len(value) == 64 and set(value) <= set("0123456789abcdef") for value in sums.values())
    assert all(len(addresses) == len(set(addresses)) > 1 for addresses in datafiles.ADDRESSES.values())
    known = {*datafiles.ADDRESSES, "cifar-10-jpeg75"}
    assert {name.partition("/")[0] for name in sums} == known


def test_the_folder_comes_first(folder):
    assert find("mnist/a.gz") == folder / "mnist" / "a.gz"
    assert fetch("mnist/a.gz") == MESSAGE
    assert unpacked("mnist", "a.gz", name="mnist/a.gz") == MESSAGE


@pytest.mark.parametrize("value", [None, ""])
def test_without_a_folder_nothing_is_found_not_even_here(folder, monkeypatch, value):
    monkeypatch.chdir(folder)
    if value is None:
        monkeypatch.delenv("SCRATCHMLP_DATA")
    else:
        monkeypatch.setenv("SCRATCHMLP_DATA", value)
    assert find("mnist/a.gz") is None


def test_a_missing_file_of_a_set_without_download_is_named(folder):
    with pytest.raises(FileNotFoundError, match=r"\$SCRATCHMLP_DATA must hold mnist/c\.gz, got no such file"):
        unpacked("mnist", "c.gz", name="mnist/c.gz")


def test_a_wrong_checksum_is_refused_and_a_known_file_in_its_place_is_named(folder):
    path = folder / "mnist" / "a.gz"
    path.write_bytes(b"other")
    with pytest.raises(
        WrongChecksum, match=rf"a\.gz must have the sha256 {sha256(MESSAGE)}, got {sha256(b'other')}$"
    ) as caught:
        fetch("mnist/a.gz")
    error = caught.value
    assert (error.path, error.expected, error.came) == (path, sha256(MESSAGE), sha256(b"other"))
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    path.write_bytes(b"b")
    with pytest.raises(ValueError, match=rf"got {sha256(b'b')}, that of mnist/b\.gz"):
        verified(path, "mnist/a.gz")


def test_a_tilde_is_the_home_folder(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder.parent))
    monkeypatch.setenv("USERPROFILE", str(folder.parent))
    monkeypatch.setenv("SCRATCHMLP_DATA", "~/data")
    assert fetch("mnist/a.gz") == MESSAGE


@pytest.mark.parametrize("name", ["nowhere", "mnist/a.gz", "~nobody/data"])
def test_a_folder_that_is_none_is_named_with_its_variable(folder, monkeypatch, name):
    monkeypatch.chdir(folder)
    monkeypatch.setenv("SCRATCHMLP_DATA", name)
    for call in (lambda: fetch("mnist/a.gz"), lambda: unpacked("mnist", "a.gz", name="mnist/a.gz")):
        with pytest.raises(
            NotADirectoryError, match=f"^SCRATCHMLP_DATA must name a folder, got '{name}', which is"
        ):
            call()


def test_without_pooch_the_error_says_how_to_get_it_and_how_to_do_without(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(
        ImportError, match=r'pip install "scratchmlp\[data\]"; or get it .* put it at .*mnist.b\.gz$'
    ):
        fetch("mnist/b.gz")


class Server(http.server.BaseHTTPRequestHandler):
    """Answers every request with `content`, of which it may send less than it announces."""

    content, announced, missing = MESSAGE, len(MESSAGE), "/none"

    def do_GET(self):
        type(self).n_requests += 1
        self.send_response(404 if self.path.startswith(self.missing) else 200)
        self.send_header("Content-Length", str(self.announced))
        self.end_headers()
        self.wfile.write(self.content)

    def log_message(self, *args):
        pass


@pytest.fixture
def server(folder, tmp_path, monkeypatch):
    """The address of data sets is a server on this machine; what is downloaded goes to an empty folder."""
    pooch = pytest.importorskip("pooch")
    handler = type("Handler", (Server,), {"n_requests": 0})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        address = f"http://127.0.0.1:{running.server_port}/"
        monkeypatch.setitem(datafiles.ADDRESSES, "mnist", (address + "first/", address + "second/"))
        monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path / "cache" / name)
        monkeypatch.delenv("SCRATCHMLP_DATA")
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.delenv(name, raising=False)
        yield handler
        running.shutdown()
        thread.join()


def downloaded(tmp_path):
    return [path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_a_file_that_is_not_there_is_downloaded_once(server, tmp_path):
    assert fetch("mnist/a.gz") == MESSAGE
    assert fetch("mnist/a.gz") == MESSAGE
    assert server.n_requests == 1
    assert downloaded(tmp_path) == ["a.gz"]


@pytest.mark.parametrize(
    ("content", "announced"),
    [(b"another file", 12), (MESSAGE[:10], 10), (MESSAGE[:10], len(MESSAGE))],
    ids=["another", "cut short", "connection lost"],
)
def test_a_wrong_or_partial_download_is_refused_and_leaves_nothing(server, tmp_path, content, announced):
    server.content, server.announced = content, announced
    with pytest.raises(ConnectionError, match=r"^mnist/a\.gz could not be downloaded"):
        fetch("mnist/a.gz")
    assert downloaded(tmp_path) == []


def test_where_the_first_address_fails_the_second_is_asked(server, tmp_path):
    server.missing = "/first"
    assert fetch("mnist/a.gz") == MESSAGE
    assert server.n_requests == 2
    assert downloaded(tmp_path) == ["a.gz"]


@pytest.mark.parametrize("is_set", [True, False], ids=["with a folder", "without"])
def test_a_download_that_fails_is_one_error_that_says_what_to_do(server, folder, monkeypatch, is_set):
    server.missing = "/"
    (folder / "mnist" / "a.gz").unlink()
    if is_set:
        monkeypatch.setenv("SCRATCHMLP_DATA", str(folder))
    place = (
        f"put it at {folder / 'mnist' / 'a.gz'}"
        if is_set
        else "set SCRATCHMLP_DATA to a folder, and put it there as"
    )
    with pytest.raises(ConnectionError) as caught:
        fetch("mnist/a.gz")
    message = str(caught.value)
    assert place in message
    assert "first/a.gz: 404" in message
    assert "second/a.gz: 404" in message
    assert len(message) < 700
    assert len(traceback.format_exception(caught.value)) < 10  # one error, not a chain of them
    assert server.n_requests == 2


def test_a_damaged_file_in_the_cache_is_downloaded_again(server, tmp_path):
    fetch("mnist/a.gz")
    (tmp_path / "cache" / "scratchmlp" / "mnist" / "a.gz").write_bytes(b"damaged")
    assert fetch("mnist/a.gz") == MESSAGE
    assert server.n_requests == 2
