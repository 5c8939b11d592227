"""The two commands work on any machine: locks that are complete and current, and environments that mend themselves."""

import json
import os
import re
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from requirements import environment, locks
from sitetools import port

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads(locks.PROJECT.read_text(encoding="utf-8"))
NAMES = sorted(locks.requirements(PROJECT))
NOW = tuple(sys.version_info[:3])


def lock(name):
    return (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")


def pins(name):
    """The versions of a lock by package, as pairs, so that a package with two versions is seen twice."""
    return re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", lock(name), re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_a_lock_is_not_older_than_what_it_was_compiled_from(name):
    stands = lock(name).splitlines()[0].removeprefix(locks.HEAD)
    assert stands == locks.digest(name, PROJECT), (
        f"requirements/{name}.txt is older than pyproject.toml: run `make lock`"
    )


def test_the_digest_of_a_lock_changes_with_what_it_is_compiled_from():
    before = {name: locks.digest(name, PROJECT) for name in NAMES}
    groups = PROJECT["dependency-groups"]
    changed = {**PROJECT, "dependency-groups": {**groups, "site": [*groups["site"], "new>=1"]}}
    after = {name: locks.digest(name, changed) for name in NAMES}
    assert {name for name in NAMES if before[name] != after[name]} == {"dev", "browser"}


@pytest.mark.parametrize("name", NAMES)
def test_a_lock_pins_each_package_once_with_hashes_and_no_address(name):
    found = pins(name)
    assert found
    assert len({package for package, _ in found}) == len(found)
    blocks = re.split(r"\n(?=\S)", lock(name).strip())[1:]  # a package, and its hashes below it
    assert len(blocks) == len(found)
    assert all("--hash=sha256:" in block for block in blocks)
    assert not re.search(r"://|--index|--find-links|--extra|@ ", lock(name))
    assert "torch" not in dict(found)


def test_locks_that_share_an_environment_agree():
    dev = dict(pins("dev"))
    assert {p: v for p, v in pins("browser") if p in dev} == {
        p: dev[p] for p, _ in pins("browser") if p in dev
    }


def test_the_lowest_lock_holds_what_the_package_promises():
    promised = [
        r.split(">=") for r in (*PROJECT["project"]["dependencies"], "scikit-learn>=1.5", "tqdm>=4.66")
    ]
    assert dict(pins("lowest")).items() >= {(name, f"{version}.0") for name, version in promised}


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A complete environment of which only the notes are real, and the commands that mending it would run."""
    folder, commands = tmp_path / "env", []

    def run(command, quiet=False):
        commands.append(" ".join(command[1:4]))
        if "venv" in command and "--clear" in command:
            (folder / "bin").mkdir(parents=True, exist_ok=True)
        return ""

    monkeypatch.setattr(environment, "run", run)
    monkeypatch.setattr(environment, "version_of", lambda folder: NOW)
    monkeypatch.chdir(tmp_path)
    environment.complete(str(folder), ["dev"], "bundled", None)
    commands.clear()
    return folder, commands


def mend(folder, *names, **options):
    environment.complete(
        str(folder), list(names or ["dev"]), options.get("pip", "bundled"), options.get("asked")
    )


def test_a_complete_environment_is_left_alone(made):
    folder, commands = made
    mend(folder)
    mend(folder, asked=NOW)
    assert commands == []


def test_nothing_is_ever_resolved(tmp_path, monkeypatch):
    commands = []
    monkeypatch.setattr(environment, "run", lambda command, quiet=False: commands.append(command))
    environment.install(str(tmp_path), ["dev", "browser"], True)
    installs = [command for command in commands if "install" in command]
    assert len(installs) == 3
    assert all("--no-deps" in command for command in installs)
    assert all("--require-hashes" in command for command in installs if "-r" in command)
    assert commands[-1][-1] == "check"


def test_an_interrupted_set_up_is_made_anew(made, monkeypatch):
    folder, commands = made
    (folder / environment.STATE).unlink()
    mend(folder)
    assert commands[0] == "-m venv --clear"
    assert (folder / environment.STATE).exists()


def test_a_set_up_that_is_killed_leaves_no_note_that_it_is_complete(made, monkeypatch):
    folder, _ = made
    monkeypatch.setattr(environment, "digest", lambda *paths: "another")

    def killed(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(environment, "install", killed)
    with pytest.raises(KeyboardInterrupt):
        mend(folder)
    assert environment.read_state(str(folder)) is None


def test_where_pip_refuses_what_was_complete_stays_so(made, monkeypatch):
    folder, _ = made
    before = environment.read_state(str(folder))
    monkeypatch.setattr(environment, "digest", lambda *paths: "another")

    def refused(*arguments):
        raise environment.SetUpError("no network")

    monkeypatch.setattr(environment, "install", refused)
    with pytest.raises(environment.SetUpError, match="no network"):
        mend(folder)
    assert environment.read_state(str(folder)) == before


def test_another_lock_is_laid_over_and_kept(made):
    folder, commands = made
    mend(folder, "dev", "browser")
    assert commands == ["-m pip --disable-pip-version-check"] * 2  # the lock browser, and the check
    commands.clear()
    mend(folder, "dev")
    mend(folder, "dev", "browser")
    assert commands == []


def test_what_was_laid_over_stays_when_only_the_project_changes(made, monkeypatch):
    folder, commands = made
    mend(folder, "dev", "browser")
    state = json.loads((folder / environment.STATE).read_text())
    (folder / environment.STATE).write_text(json.dumps({**state, "project": "older"}))
    mend(folder, "dev")
    commands.clear()
    mend(folder, "dev", "browser")
    assert commands == []


def test_a_folder_that_was_moved_gets_its_scripts_and_the_project_anew(made):
    folder, commands = made
    script = folder / "bin" / "tool"
    script.write_bytes(b"#!/old place/bin/python3\n# -*- coding: utf-8 -*-\nimport sys\n")
    state = json.loads((folder / environment.STATE).read_text())
    (folder / environment.STATE).write_text(json.dumps({**state, "folder": "/old place"}))
    mend(folder)
    assert commands[0] == "-m venv --without-pip"
    assert len(commands) == 3  # then the project, and the check
    lines = script.read_bytes().split(b"\n")
    assert lines[0] == b"#!/bin/sh"
    assert os.fsencode(f'"{folder.resolve()}/bin/python"') in lines[1]
    assert lines[3:] == [b"# -*- coding: utf-8 -*-", b"import sys", b""]


@pytest.mark.parametrize(
    ("state", "found", "asked", "said"),
    [
        ({}, None, None, "does not run"),
        (None, NOW, None, "was interrupted"),
        ({}, (3, 12, 1), (3, 13, 0), "it has Python 3.12.1, and 3.13.0 was asked for"),
        ({}, (3, 10, 13), None, "it has Python 3.10.13"),
        ({}, (3, 12, 1), None, None),
    ],
)
def test_an_environment_is_made_anew_for_a_reason(state, found, asked, said):
    reason = environment.why_anew(state, found, asked, "bundled")
    assert reason is None if said is None else said in reason


def test_a_python_that_is_too_old_is_named_before_anything_is_made(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "NEEDED", (9, 0))
    folder = tmp_path / "env"
    with pytest.raises(
        environment.SetUpError, match=r"needs Python 9\.0 or later, got 3\.\d+\.\d+.*make PYTHON="
    ):
        environment.main([str(folder), "dev"])
    assert not folder.exists()


def test_what_is_needed_is_what_the_project_says():
    assert PROJECT["project"]["requires-python"] == f">={environment.dotted(environment.NEEDED)}"


def test_digests_do_not_depend_on_line_ends(tmp_path):
    (tmp_path / "unix").write_bytes(b"a\nb\n")
    (tmp_path / "dos").write_bytes(b"a\r\nb\r\n")
    assert environment.digest(tmp_path / "unix") == environment.digest(tmp_path / "dos")


def test_the_makefile_calls_no_script_of_an_environment():
    called = re.findall(r"\.venv[a-z-]*/bin/\w+", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert called
    assert {Path(path).name for path in called} == {"python"}


def test_every_step_of_the_workflows_is_a_target():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {*re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)}
    steps = [*(ROOT / ".github" / "workflows").glob("*.yml"), ROOT / ".ci" / "run"]
    asked = {t for path in steps for t in re.findall(r"\bmake ([a-z-]+)", path.read_text(encoding="utf-8"))}
    assert asked
    assert asked <= targets


def test_a_port_that_is_taken_is_named():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        taken = server.getsockname()[1]
        said = subprocess.run(
            [sys.executable, "-m", "sitetools.port", "127.0.0.1", str(taken)],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
    assert said.returncode == 1
    assert f"cannot serve on 127.0.0.1:{taken}" in said.stderr
    assert port.trouble("127.0.0.1", str(taken)) is None  # free again
    for none in ("http", "-1", "0", "65536"):
        assert "PORT must be a number" in port.trouble("127.0.0.1", none)
