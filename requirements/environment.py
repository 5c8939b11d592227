"""Make an environment from locks, or finish or mend one: ``python requirements/environment.py .venv dev browser``.

Whatever the folder holds (nothing, half an environment, one of another Python, one that was moved), it is complete when
this returns; otherwise a message says what is wrong. Nothing is resolved: a lock is complete, and ``pip check`` proves
it. Written so that every Python can read it, because an old one must be able to say that it is too old.
"""

import argparse
import fcntl
import hashlib
import json
import os
import subprocess
import sys

NEEDED = (3, 11)  # as `requires-python` in pyproject.toml says
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
STATE = "made.json"  # written last: where it is missing, the environment was never finished


class SetUpError(Exception):
    """What is wrong, in words for whoever runs make."""


def digest(*paths):
    """The digest of files' texts, whatever their line ends."""
    held = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            held.update(file.read().replace(b"\r\n", b"\n"))
    return held.hexdigest()


def dotted(version):
    """A version with its dots."""
    return ".".join(str(part) for part in version)


def check_python(version):
    """Refuse a Python that is too old, before anything is made."""
    if version < NEEDED:
        raise SetUpError(
            "needs Python {} or later, got {} ({}); name a newer one, as in: make PYTHON=python3.12".format(
                dotted(NEEDED), dotted(version), sys.executable
            )
        )


def run(command, quiet=False):
    """Run a command, with no setting of the user that leads pip elsewhere."""
    away = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PYTHONPATH", "PYTHONHOME", "__PYVENV_LAUNCHER__")
    environment = {name: value for name, value in os.environ.items() if name not in away}
    environment["PIP_USER"] = "0"
    output = subprocess.PIPE if quiet else None
    done = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    said = b"".join(filter(None, done.communicate())).decode("utf-8", "replace")
    if done.returncode:
        raise SetUpError("this failed: {}\n{}".format(" ".join(command), said).rstrip())
    return said


def python_of(folder):
    """The path of an environment's Python."""
    return os.path.join(folder, "bin", "python")


def version_of(folder):
    """The version of an environment's Python, or None if it does not run or has no pip."""
    try:
        said = run([python_of(folder), "-c", "import pip, sys; print(*sys.version_info[:3])"], quiet=True)
    except (SetUpError, OSError):
        return None
    return tuple(int(part) for part in said.split())


def read_state(folder):
    """What was noted when the environment was last complete, or None."""
    try:
        with open(os.path.join(folder, STATE), encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def write_state(folder, state):
    """Note that the environment is complete; None: that it is not."""
    path = os.path.join(folder, STATE)
    if os.path.exists(path):
        os.remove(path)
    if state is not None:
        with open(path + ".part", "w", encoding="utf-8") as file:
            json.dump(state, file)
        os.rename(path + ".part", path)


def wanted(folder, locks, pip):
    """What the state says of a complete environment: where it lies, and what it was made from."""
    return {
        "folder": os.path.realpath(folder),
        "pip": pip,
        "project": digest(os.path.join(ROOT, "pyproject.toml")) if "dev" in locks else None,
        "locks": [[name, digest(os.path.join(HERE, name + ".txt"))] for name in locks],
    }


def why_anew(state, found, asked, pip):
    """Why an environment must be made from nothing, or None if it can stay; `asked` is a version, or None."""
    if found is None:
        return "its Python does not run, or has no pip"
    if state is None:
        return "its set-up was interrupted"
    if asked is not None and found != asked:
        return "it has Python {}, and {} was asked for".format(dotted(found), dotted(asked))
    if found < NEEDED:
        return "it has Python {}".format(dotted(found))
    if pip == "newest" and state.get("pip") != pip:
        return "it has the pip that came with Python, and the newest was asked for"
    return None


def make_anew(folder, pip):
    """Make an empty environment, with this Python and the pip that it brings."""
    check_python(sys.version_info[:3])
    base = getattr(sys, "_base_executable", sys.executable)  # of an environment, the Python that made it
    run([base, "-m", "venv", "--clear", folder])
    if pip == "newest":
        install = [python_of(folder), "-m", "pip", "install", "--quiet"]
        run(install + ["--disable-pip-version-check", "--upgrade", "pip"])


def moved(folder):
    """Write the scripts of an environment anew for the folder in which it lies now."""
    run([python_of(folder), "-m", "venv", "--without-pip", folder])
    scripts = os.path.join(os.path.realpath(folder), "bin")
    start = "#!/bin/sh\n'''exec' \"{}/python\" \"$0\" \"$@\"\n' '''\n".format(
        scripts
    )  # holds with spaces too
    for path in (os.path.join(scripts, name) for name in os.listdir(scripts)):
        if os.path.islink(path) or not os.path.isfile(path):
            continue
        with open(path, "rb") as file:
            lines = file.read().split(b"\n")
        head = 3 if lines[:1] == [b"#!/bin/sh"] else 1
        if lines[0].startswith(b"#!") and b"python" in b"".join(lines[:head]):
            with open(path, "wb") as file:
                file.write(os.fsencode(start) + b"\n".join(lines[head:]))


def install(folder, locks, project):
    """Install locks, and the project if it changed; then prove that nothing is missing."""
    pip = [python_of(folder), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    for name in locks:
        path = os.path.join("requirements", name + ".txt")
        run(pip + ["install", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:", "-r", path])
    if project:
        run(pip + ["install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", "."])
    run(pip + ["check"], quiet=True)


def complete(folder, locks, pip, asked):
    """Bring an environment into the state that is wanted, by as little as is enough."""
    state, found = read_state(folder), version_of(folder)
    reason = why_anew(state, found, asked, pip)
    if reason:
        check_python(sys.version_info[:3])
        if found or os.path.lexists(python_of(folder)):
            print("{} is made anew: {}".format(folder, reason))
        print("Setting up {} with Python {}: about a minute".format(folder, dotted(sys.version_info[:3])))
        sys.stdout.flush()
        write_state(folder, None)
        make_anew(folder, pip)
        state = {"locks": [], "pip": pip}
    want = wanted(folder, locks, state["pip"])
    same = [a == b for a, b in zip(want["locks"], state["locks"])] + [False]
    missing = want["locks"][same.index(False) :]
    project = want["project"] != state.get("project") or want["folder"] != state.get("folder")
    if not missing and not project:
        return
    renew(folder, state, want, missing, project and want["project"])


def renew(folder, state, want, missing, project):
    """Install what is missing; where pip refuses, it has changed nothing, and what was noted stays."""
    write_state(folder, None)
    try:
        if state.get("folder", want["folder"]) != want["folder"]:
            moved(folder)
        install(folder, [name for name, _ in missing], project)
    except SetUpError:
        if state.get("folder"):
            write_state(folder, state)
        raise
    kept = want["locks"] if missing else state["locks"]
    write_state(folder, dict(want, locks=kept))


def wait_for(handle, folder):
    """Wait until no other make sets this folder up."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        print("{} is being set up by another make; waiting for it".format(folder))
        sys.stdout.flush()
        fcntl.flock(handle, fcntl.LOCK_EX)


def main(arguments=None):
    """Do as the command line says."""
    parser = argparse.ArgumentParser(prog="environment", description="Make or mend an environment.")
    parser.add_argument("folder")
    parser.add_argument("locks", nargs="+", help="names of files in requirements/, installed in this order")
    parser.add_argument("--pip", choices=["bundled", "newest"], default="bundled")
    parser.add_argument("--asked", action="store_true", help="this Python was asked for: no other will do")
    options = parser.parse_args(arguments)
    os.chdir(ROOT)
    version = tuple(sys.version_info[:3])
    if options.asked or read_state(options.folder) is None:
        check_python(version)
    if not os.path.isdir(options.folder):
        os.makedirs(options.folder)
    handle = os.open(options.folder, os.O_RDONLY)
    try:
        wait_for(handle, options.folder)
        complete(options.folder, options.locks, options.pip, version if options.asked else None)
    finally:
        os.close(handle)


if __name__ == "__main__":
    try:
        main()
    except SetUpError as trouble:
        sys.exit("set-up: {}".format(trouble))
