"""A file is whole or not there, whatever stops the writing; and what is no file of ours is refused."""

import errno
import io
import os
import pickle
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from scratchmlp.files import OtherNetwork, WrongFile, check_header, read, read_like, write


def everything(folder):
    """The names and the contents of all files in a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_is_written_comes_back_bit_for_bit(tmp_path):
    numbers = np.array([0.1, -0.0, np.pi, np.nan, 1e-310])
    write(tmp_path / "a.npz", numbers=numbers, text="Größe")
    held = read(tmp_path / "a.npz", ["numbers", "text"])
    assert held["numbers"].tobytes() == numbers.tobytes()
    assert str(held["text"]) == "Größe"
    assert list(everything(tmp_path)) == ["a.npz"]


def test_anyone_can_read_the_file_with_numpy_alone_and_without_pickles(tmp_path):
    write(tmp_path / "a.npz", numbers=np.arange(3), text="x")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as npz:
        assert npz["numbers"].tolist() == [0, 1, 2]


def test_any_name_and_no_pickle_is_written(tmp_path):
    write(tmp_path / "a.npz", file=1, **{"layer 1 mean": 3})
    assert {name: int(held) for name, held in read(tmp_path / "a.npz", ["file", "layer 1 mean"]).items()} == {
        "file": 1,
        "layer 1 mean": 3,
    }
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        write(tmp_path / "a.npz", a=np.array([{}], dtype=object))
    assert read(tmp_path / "a.npz", ["file"])["file"] == 1
    assert list(everything(tmp_path)) == ["a.npz"]


def test_the_name_is_taken_as_it_is(tmp_path):
    write(str(tmp_path / "no ending"), a=1)
    assert list(everything(tmp_path)) == ["no ending"]


def fill(file, *array, **settings):
    """What writing an array does on a disk that is full after 100 bytes."""
    file.write(b"x" * 100)
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def interrupt(file, *array, **settings):
    """What writing an array does when Ctrl-C is pressed in the middle."""
    file.write(b"x" * 100)
    raise KeyboardInterrupt


@pytest.mark.parametrize("replaced", ["numpy.lib.format.write_array", "os.fsync", "os.replace"])
def test_a_full_disk_leaves_the_old_file_whole_and_nothing_else(tmp_path, monkeypatch, replaced):
    path = tmp_path / "a.npz"
    write(path, a=1)
    before = everything(tmp_path)
    monkeypatch.setattr(replaced, fill if "write_array" in replaced else lambda *names: fill(io.BytesIO()))
    with pytest.raises(
        OSError, match="No space left on device; what was there before is untouched"
    ) as caught:
        write(path, a=2)
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(path))
    assert everything(tmp_path) == before


def test_ctrl_c_leaves_the_old_file_whole_and_nothing_else(tmp_path, monkeypatch):
    write(tmp_path / "a.npz", a=1)
    before = everything(tmp_path)
    monkeypatch.setattr("numpy.lib.format.write_array", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "a.npz", a=2)
    assert everything(tmp_path) == before


def test_a_real_limit_of_the_system_leaves_the_old_file_whole_and_nothing_else(tmp_path):
    pytest.importorskip("resource")
    program = f"""
import resource, signal
import numpy as np
from scratchmlp.files import write
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then the system answers with an error
write({str(tmp_path / "a.npz")!r}, a=1)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    write({str(tmp_path / "a.npz")!r}, a=np.zeros(100_000))
except OSError as error:
    print(error)
"""
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True
    )
    assert "File too large; what was there before is untouched" in run.stdout
    assert run.stderr == ""
    assert list(everything(tmp_path)) == ["a.npz"]
    assert read(tmp_path / "a.npz", ["a"])["a"] == 1


def test_several_threads_can_write_to_one_path_and_every_reader_meets_a_whole_file(tmp_path):
    path, n_threads = tmp_path / "a.npz", 4
    write(path, a=np.zeros(10_000))

    def write_often(value):
        for _ in range(25):
            write(path, a=np.full(10_000, float(value)))

    with ThreadPoolExecutor(n_threads) as pool:
        writers = [pool.submit(write_often, value) for value in range(n_threads)]
        while not all(writer.done() for writer in writers):
            held = read(path, ["a"])["a"]
            assert (held == held[0]).all()
        for writer in writers:
            writer.result()
    assert list(everything(tmp_path)) == ["a.npz"]


@pytest.mark.parametrize("there", [True, False], ids=["whole", "dangling"])
def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path, there):
    (tmp_path / "disk").mkdir()
    target, link = tmp_path / "disk" / "a.npz", tmp_path / "latest.npz"
    if there:
        write(target, a=1)
    link.symlink_to(Path("disk") / "a.npz")
    write(link, a=2)
    assert link.is_symlink()
    assert read(target, ["a"])["a"] == 2
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.npz", "disk", "latest.npz"]


@pytest.mark.parametrize("path", [5, None, b"a.npz", True], ids=str)
def test_what_is_no_path_is_named(path):
    for call in (lambda: write(path, a=1), lambda: read(path, ["a"])):
        with pytest.raises(TypeError, match=f"path must be a text or a path, got {type(path).__name__}"):
            call()


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere.a\.npz"):
        write(tmp_path / "nowhere" / "a.npz", a=1)
    with pytest.raises(FileNotFoundError, match=r"nothing\.npz"):
        read(tmp_path / "nothing.npz", ["a"])


def test_a_file_cut_short_anywhere_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    write(path, a=np.arange(20.0), b="text")
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"a\.npz must be a whole \.npz file of ours, got: "):
            read(path, ["a", "b"])


def test_a_changed_byte_is_found_or_changes_nothing(tmp_path):
    path = tmp_path / "a.npz"
    write(path, a=np.arange(20.0))
    whole = path.read_bytes()
    n_found = 0
    for place in range(0, len(whole), 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            np.testing.assert_array_equal(read(path, ["a"])["a"], np.arange(20.0))
        except ValueError as error:
            assert "must be a whole .npz file of ours, got: " in str(error)  # noqa: PT017
            n_found += 1
    assert n_found > 50


def with_zip(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.txt", "x")


def with_text_in_place_of_an_array(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.npy", "x")


def with_more_announced_than_there_is(path):
    with zipfile.ZipFile(path, "w") as archive, archive.open("a.npy", "w") as file:
        header = {"descr": "<f8", "fortran_order": False, "shape": (10**13,)}
        np.lib.format.write_array_header_1_0(file, header)


def with_one_array(path):
    with open(path, "wb") as file:
        np.save(file, np.arange(3))


FOREIGN = {
    "text": lambda path: path.write_text("not a zip file"),
    "nothing": lambda path: path.write_bytes(b""),
    "one array": with_one_array,
    "another zip file": with_zip,
    "another .npz": lambda path: np.savez(path, b=1),
    "pickles": lambda path: np.savez(path, a=np.array([{}], dtype=object)),
    "a header that announces more than there is": with_more_announced_than_there_is,
}


@pytest.mark.parametrize("make", FOREIGN.values(), ids=FOREIGN.keys())
def test_a_foreign_file_is_refused(tmp_path, make):
    make(tmp_path / "a.npz")
    with pytest.raises(ValueError, match=r"a\.npz must be a whole \.npz file of ours, got: "):
        read(tmp_path / "a.npz", ["a"])


def test_an_array_of_another_shape_or_type_is_named(tmp_path):
    path, theta = tmp_path / "a.npz", np.zeros(3, np.float32)
    write(path, theta=np.zeros(4, np.float32), v=np.zeros(3))
    with pytest.raises(
        ValueError, match=r"must hold float32 of shape \(3,\) as theta, got float32 of shape \(4,\)"
    ):
        read_like(path, ["theta"], theta)
    with pytest.raises(
        ValueError, match=r"must hold float32 of shape \(3,\) as v, got float64 of shape \(3,\)"
    ):
        read_like(path, ["v"], theta)
    with_text_in_place_of_an_array(path)
    with pytest.raises(ValueError, match=r"must hold float32 of shape \(3,\) as a, got bytes"):
        read_like(path, ["a"], theta)


def test_another_header_is_named(tmp_path):
    write(tmp_path / "a.npz", format="theirs", architecture="small")
    check_header(tmp_path / "a.npz", format="theirs", architecture="small")
    with pytest.raises(
        OtherNetwork, match=r"a\.npz must have the architecture 'large', got 'small'"
    ) as caught:
        check_header(tmp_path / "a.npz", format="theirs", architecture="large")
    error = caught.value
    assert (error.path, error.what) == (tmp_path / "a.npz", "architecture")
    assert (error.expected, error.came) == ("'large'", "'small'")
    with pytest.raises(WrongFile, match=r"a\.npz must have the format 'ours', got 'theirs'") as caught:
        check_header(tmp_path / "a.npz", format="ours", architecture="large")
    assert not isinstance(caught.value, OtherNetwork)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.path) == (OtherNetwork, str(error), error.path)
