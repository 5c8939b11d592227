"""What stands in the rooms: read once for each build, and then not changed. What is set on a page comes from here.

A file that cannot be read does not stop the reading: its error stands in its place, and is raised where somebody asks
for it, so that a page can say what is wrong and every error of a build can be shown together.
"""

from __future__ import annotations

import ast
import datetime
import hashlib
import json
import math
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.utils.meta import get_data
from mkdocs.utils.yaml import yaml_load

from sitetools import SiteError, proofs, references, statistics, terms
from sitetools.marks import TOKEN, is_number, marks_in, prose, unrolled
from sitetools.modules import Module

WORDS_PER_MINUTE = 200
MINUTES_PER_BLOCK = 0.4
BOX = {
    "have": str,
    "need": str,
    "exercises": int,
}  # of a post's front matter: the three lines under its title
LITERATURE = "claims/literature.toml"
DOCUMENTS = "claims/documents.toml"
TERMS = "docs/terms.toml"
# The code that pages show, or lead to.
CODE = (
    "snippets",
    "scratchmlp",
    "experiments",
    "figures",
    "benchmarks",
    "mutants",
    "sitetools",
    "tests",
    "tests/snippets",
)

RESTED_ON = [
    "claims/*.toml",
    "docs/terms.toml",
    "docs/widgets/**/*.js",
    "experiments/results/*.json",
    "figures/*.py",
    "pyproject.toml",
    "requirements/*.txt",
    "scratchmlp/*.py",
    "sitetools/parts/*",
    "snippets/*.py",
    "snippets/out/*",
    "tests/**/*.py",
]


class Room(dict[str, Any]):
    """Things by name. One that could not be read is held as its error, which is raised when it is asked for."""

    def __getitem__(self, name: str) -> Any:
        found = super().__getitem__(name)
        if isinstance(found, SiteError):
            raise found
        return found

    def good(self) -> Iterator[tuple[str, Any]]:
        """Those that could be read."""
        return ((name, found) for name, found in self.items() if not isinstance(found, SiteError))

    def errors(self) -> list[str]:
        """What is wrong with the others."""
        return [str(found) for found in self.values() if isinstance(found, SiteError)]


@dataclass(frozen=True)
class Planned:
    """A part of the series that is still to come."""

    topic: str
    title: str
    line: str
    number: int


@dataclass(frozen=True)
class Post:
    """A part of the series."""

    topic: str
    number: int
    meta: dict[str, Any]
    text: str

    @property
    def uri(self) -> str:
        """The path below docs/."""
        return f"series/{self.topic}.md"

    @property
    def key(self) -> str:
        """The name of its snippet module."""
        return self.topic.replace("-", "_")

    @property
    def opening(self) -> list[str]:
        """What the box under the title says in sentences: what a reader will have, and needs; nothing without a box."""
        return [" ".join(self.meta[key].split()) for key in ("have", "need") if key in self.meta]

    @cached_property
    def blocks(self) -> int:
        """How many blocks of tested code the post shows."""
        return sum(m.lastgroup == "include" for m in marks_in(self.text))

    @cached_property
    def minutes(self) -> int:
        """Reading time: the prose at an even pace, and a moment for each block."""
        words = len(re.findall(r"[^\W\d_]{2,}", TOKEN.sub(" ", self.text)))
        return max(1, math.ceil(words / WORDS_PER_MINUTE + self.blocks * MINUTES_PER_BLOCK))


@dataclass(frozen=True)
class Record:
    """What a snippet module gave when it was run: outputs by region, values by name, and the digest of its source."""

    outputs: dict[str, str]
    values: dict[str, Any]
    source: str


@dataclass(frozen=True)
class Widget:
    """An explorable: the numbers it is given in the page, and the result that it fetches."""

    name: str
    uri: str
    values: tuple[str, ...]
    data: str | None


@dataclass(frozen=True)
class House:
    """The rooms of a project."""

    root: Path
    parts: tuple[Planned | str, ...]  # in reading order: the topics of posts, and what is still to come
    halves: dict[
        str, str
    ]  # the title of each half of the series, by the topic of the part that it begins with
    posts: Room  # Post, by topic
    modules: Room  # Module, by key
    records: Room  # Record, by key
    results: Room  # what an experiment recorded, by its name
    claims: Room  # rows of the ledger, by claim ID
    literature: Room  # references, by key
    documents: Room  # the sources whose claims the rows are, by letter and digit
    widgets: Room  # Widget, by name
    terms: terms.Glossary
    drawings: Room  # the words of figures, alt text and caption, by the figure's name
    name: str  # of the site
    project: dict[str, Any]  # what pyproject.toml says of it
    locks: dict[str, dict[str, str]]  # the versions that each lock pins, by package
    faults: tuple[str, ...]  # what concerns no single thing in a room
    _code: dict[str, Module] = field(default_factory=dict, repr=False)

    def code(self, uri: str) -> Module:
        """A file of Python, by its path below the root."""
        if uri not in self._code:
            if not (self.root / uri).is_file():
                raise SiteError(f"there is no file {uri}")
            self._code[uri] = module(uri, text(self.root, uri))
        return self._code[uri]

    def drawing(self, name: str) -> dict[str, str]:
        """The words of a figure: its alt text and its caption."""
        if name not in self.drawings:
            raise SiteError(f"no module of figures/ has {name!r} in its WORDS, with alt text and caption")
        words: dict[str, str] = self.drawings[name]
        return words

    def series(self) -> list[tuple[str, list[Post | Planned]]]:
        """The halves of the series in reading order: the title of each, and its parts, written or still to come."""
        halves: list[tuple[str, list[Post | Planned]]] = []
        posts = dict(self.posts.good())
        for part in self.parts:
            topic = part.topic if isinstance(part, Planned) else part
            if topic in self.halves or not halves:
                halves.append((self.halves.get(topic, ""), []))
            halves[-1][1].extend(
                [part] if isinstance(part, Planned) else [posts[topic]] if topic in posts else []
            )
        return halves

    def names(self, post: Post) -> list[str]:
        """The numbers of a post by name: in its prose, tables, formulas, and the words of its figures, a spread too."""
        figures = re.findall(r"\[\[figure:([\w-]+)\]\]", post.text)
        words = [word for name in figures for word in self.drawings.get(name, {}).values()]
        words += self.audited(post) if proofs.lists_sources(post.text) else []
        said = "\n".join([*post.opening, prose(post.text), *words])
        marks = re.findall(r"\[\[([\w.-]+)(?:\|([^\[\]]*))?\]\]", said)
        return [name for name, spec in marks if is_number(name) for _ in range(1 + spec.startswith("±"))]

    def numbers(self, post: Post) -> int:
        """How many numbers of a post are computed."""
        return len(self.names(post))

    def rows(self, post: Post) -> list[dict[str, Any]]:
        """The rows of the ledger that a post covers."""
        return [row for _, row in self.claims.good() if row["post"] == post.topic]

    def audited(self, post: Post) -> list[str]:
        """The words of its rows that `[[sources]]` shows in a post."""
        shown = [
            ("says",) if proofs.named_only(row, post.text) else ("says", "holds") for row in self.rows(post)
        ]
        return [row.get(key, "") for row, keys in zip(self.rows(post), shown, strict=True) for key in keys]

    def needs_package(self, post: Post) -> bool:
        """Whether programs that a post shows import the package."""
        shown = (m["path"] for m in marks_in(post.text) if m.lastgroup == "include")
        return any(
            uri.startswith("scratchmlp/") or "scratchmlp" in self.code(uri).imports
            for uri in {*shown}
            if self.has(uri)
        )

    def has(self, uri: str) -> bool:
        """Whether there is a file of that path below the root."""
        return (self.root / uri).is_file()

    def code_uris(self) -> list[str]:
        """Every file of Python that the site carries, room by room."""
        found = (p for room in CODE for p in sorted((self.root / room).glob("*.py")))
        return [
            p.relative_to(self.root).as_posix() for p in found if p.name not in ("__init__.py", "conftest.py")
        ]

    @cached_property
    def order(self) -> dict[str, int]:
        """The number of each part of the series, by its topic; those planned are counted."""
        return {p.topic if isinstance(p, Planned) else p: i for i, p in enumerate(self.parts, 1)}

    @cached_property
    def stamp(self) -> str:
        """A digest of all that a page may rest on, the posts' own texts left out."""
        held = hashlib.sha256(repr(self.parts).encode())
        for pattern in RESTED_ON:
            for path in sorted(self.root.glob(pattern)):
                held.update(path.relative_to(self.root).as_posix().encode() + path.read_bytes())
        return held.hexdigest()

    def errors(self) -> list[str]:
        """Everything in the rooms that could not be read."""
        rooms = (
            self.posts,
            self.modules,
            self.records,
            self.results,
            self.claims,
            self.literature,
            self.documents,
            self.widgets,
        )
        return [*self.faults, *(error for room in rooms for error in room.errors())]

    def counts(self) -> dict[str, float]:
        """What the front door states: posts, blocks run, numbers computed, claims, time to read."""
        posts = [post for _, post in self.posts.good()]
        verdicts = [row["verdict"] for _, row in self.claims.good()]
        return {
            "posts": len(posts),
            "blocks": sum(p.blocks for p in posts),
            "numbers": sum(map(self.numbers, posts)),
            "claims": len(self.claims),
            "documents": len(self.documents),
            **{verdict: verdicts.count(verdict) for verdict in proofs.VERDICTS},
            "minutes": sum(p.minutes for p in posts),
            "hours": round(sum(p.minutes for p in posts) / 30) / 2,
        }


def read(root: Path) -> House:
    """Read the rooms of the project in a folder."""
    faults: list[str] = []
    config = yaml_load(text(root, "mkdocs.yml"))
    parts = read_order(config, faults)
    modules = room(root, "snippets/*.py", lambda uri: checked(module(uri, text(root, uri))))
    results = room(root, "experiments/results/*.json", lambda uri: read_result(root, uri, faults))
    faults += [
        f"snippets/{n}.py and experiments/results/{n}.json have one name" for n in modules.keys() & results
    ]
    widgets = room(root, "docs/widgets/**/*.js", lambda uri: read_widget(root, uri))
    posts = Room({t: attempt(read_post, root, t, i) for i, t in enumerate(parts, 1) if isinstance(t, str)})
    claims = read_claims(root, faults)
    covered = [
        (row, posts[row["post"]].text) for _, row in claims.good() if row["post"] in dict(posts.good())
    ]
    faults += (wrong for row, held in covered for wrong in proofs.unsettled(row, held))
    return House(
        root=root,
        parts=tuple(parts),
        halves=read_halves(config, parts, faults),
        posts=posts,
        modules=modules,
        records=Room({key: attempt(read_record, root, key) for key in modules}),
        results=results,
        claims=claims,
        literature=read_named(root, LITERATURE, references.entry, faults),
        documents=read_named(root, DOCUMENTS, document, faults),
        terms=read_terms(root, parts, faults),
        widgets=Room({name: found for name, found in widgets.items() if found is not None}),
        drawings=read_drawings(root, faults),
        name=config["site_name"],
        project=read_toml(root, "pyproject.toml")["project"] if (root / "pyproject.toml").is_file() else {},
        locks={p.stem: read_lock(root, f"requirements/{p.name}") for p in root.glob("requirements/*.txt")},
        faults=tuple(faults),
    )


def attempt(make: Callable[..., Any], *arguments: Any) -> Any:
    """What a reader gives, or its error."""
    try:
        return make(*arguments)
    except SiteError as error:
        return error


def room(root: Path, pattern: str, make: Callable[[str], Any]) -> Room:
    """The files of a pattern, each by its name and as a reader gives it."""
    uris = [p.relative_to(root).as_posix() for p in sorted(root.glob(pattern)) if p.stem != "__init__"]
    return Room({PurePosixPath(uri).stem: attempt(make, uri) for uri in uris})


def text(root: Path, uri: str) -> str:
    """A file's text, with \n at the end of each line; a SiteError for what is no UTF-8."""
    held = (root / uri).read_bytes()
    try:
        return held.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = held[: error.start].count(b"\n") + 1
        raise SiteError(
            f"{uri}:{line}: the byte {held[error.start]:#x} is no UTF-8; save the file as UTF-8"
        ) from None


def read_json(root: Path, uri: str) -> Any:
    """A file of JSON."""
    try:
        return json.loads(text(root, uri))
    except json.JSONDecodeError as error:
        raise SiteError(f"{uri}:{error.lineno}: not whole JSON ({error.msg}); record it again") from None


def read_result(root: Path, uri: str, faults: list[str]) -> dict[str, Any]:
    """What an experiment recorded; that it has changed since, or that its record has, is a fault."""
    found = statistics.parsed(text(root, uri), uri)
    faults += statistics.check(found, root / "experiments" / f"{PurePosixPath(uri).stem}.py", root)
    return found


def read_toml(root: Path, uri: str) -> dict[str, Any]:
    """A file of TOML."""
    try:
        return tomllib.loads(text(root, uri))
    except tomllib.TOMLDecodeError as error:
        raise SiteError(f"{uri}: {error}") from None


@lru_cache(maxsize=512)
def module(uri: str, source: str) -> Module:
    """A module, taken apart once for each text that it ever had."""
    return Module(uri, source)


def checked(found: Module) -> Module:
    """A module whose syntax and regions are in order."""
    _ = found.regions, found.body
    return found


def read_order(config: dict[str, Any], faults: list[str]) -> list[Planned | str]:
    """The parts of the series in reading order, from mkdocs.yml: topics in `nav`, and those planned."""
    series: list[str] = next((entry["Series"] for entry in config["nav"] if "Series" in entry), [])
    order: list[str] = [PurePosixPath(uri).stem for uri in series]
    planned = {p["topic"]: p for p in (config.get("extra") or {}).get("planned", [])}
    for topic, part in planned.items():
        if topic in order:
            faults.append(
                f"mkdocs.yml: the part {topic!r} is planned, and stands in nav: take it out of `planned`"
            )
        elif part["after"] not in order:
            faults.append(
                f"mkdocs.yml: {topic!r} is planned after {part['after']!r}, which is no part before it"
            )
        else:
            order.insert(order.index(part["after"]) + 1, topic)
    return [
        Planned(t, planned[t]["title"], planned[t]["line"], i) if t in planned else t
        for i, t in enumerate(order, 1)
    ]


def read_halves(config: dict[str, Any], parts: list[Planned | str], faults: list[str]) -> dict[str, str]:
    """The halves of the series, from mkdocs.yml."""
    halves = {half["from"]: half["title"] for half in (config.get("extra") or {}).get("halves", [])}
    topics = {part.topic if isinstance(part, Planned) else part for part in parts}
    faults += [
        f"mkdocs.yml: the half {title!r} begins with {topic!r}, which is no part of the series"
        for topic, title in halves.items()
        if topic not in topics
    ]
    return halves


def read_post(root: Path, topic: str, number: int) -> Post:
    """A post with its front matter."""
    uri = f"docs/series/{topic}.md"
    if not (root / uri).is_file():
        raise SiteError(f"mkdocs.yml: there is no file {uri}")
    return post(topic, number, text(root, uri))


@lru_cache(maxsize=128)
def post(topic: str, number: int, whole: str) -> Post:
    """A post of that text."""
    body, meta = get_data(whole)
    if whole.startswith("---") and not meta:
        raise SiteError(
            f"series/{topic}.md:1: the front matter is no YAML: put quotes around what holds a colon"
        )
    for name in ("title", "description"):
        if not isinstance(meta.get(name), str):
            raise SiteError(f"series/{topic}.md:1: a post needs a {name} in its front matter")
    if not isinstance(meta.get("date"), datetime.date):
        came = meta.get("date")
        raise SiteError(
            f"series/{topic}.md:1: a post needs a date in its front matter, as 2026-11-20; got {came!r}"
        )
    heading = re.search(r"^# (.+)$", body, re.M)
    if heading and heading[1] != meta["title"]:
        raise SiteError(
            f"series/{topic}.md:1: the title is {meta['title']!r}, and the heading {heading[1]!r}: make them one"
        )
    missing = [name for name, kind in BOX.items() if not (isinstance(meta.get(name), kind) and meta[name])]
    if missing and BOX.keys() & meta.keys():
        raise SiteError(
            f"series/{topic}.md:1: the box under the title lacks {', '.join(missing)}: `have` and `need` are"
            " sentences, `exercises` a number of minutes; a post has all three, or none"
        )
    return Post(topic, number, meta, unrolled(body))


def read_record(root: Path, key: str) -> Record:
    """What was recorded of a snippet module."""
    uri = f"snippets/out/{key}.json"
    if not (root / uri).is_file():
        raise SiteError(f"snippets/{key}.py has no recorded values; run `make outputs`")
    held = read_json(root, uri)
    outputs = {
        f.name.split(".")[1]: text(root, f"snippets/out/{f.name}")
        for f in root.glob(f"snippets/out/{key}.*.txt")
    }
    if not isinstance(held, dict) or {"values", "source"} - held.keys():
        raise SiteError(f"{uri}:1: not a record of ours; run `make outputs`")
    return Record(outputs, held["values"], held["source"])


def read_claims(root: Path, faults: list[str]) -> Room:
    """The rows of the ledger, in the order of the sources; each knows its post, its line and the tests that prove it."""
    rows: dict[str, Any] = {}
    broken: list[str] = []
    for path in sorted({*root.glob("claims/*.toml")} - {root / LITERATURE, root / DOCUMENTS}):
        uri = f"claims/{path.name}"
        try:
            found, source = read_toml(root, uri).get("claim", []), text(root, uri)
        except SiteError as error:
            broken.append(str(error))
            continue
        for row in found:
            name = row.get("id", "?")
            line = source.partition(f'"{name}"')[0].count("\n") + 1
            missing = {"id", "says", "verdict"} - row.keys()
            if name in rows:
                faults.append(f"{uri}: {name} has a row in claims/{rows[name]['post']}.toml already")
            elif missing:
                rows[name] = SiteError(f"{uri}:{line}: the row {name} lacks {', '.join(sorted(missing))}")
            else:
                rows[name] = {"proof": []} | row | {"post": path.stem, "line": line, "tests": []}
    read_proofs(root, rows, broken)
    faults += broken
    return Room(
        sorted(rows.items(), key=lambda item: (item[0][:2], int(re.sub(r"\D", "", item[0][3:]) or 0)))
    )


def read_proofs(root: Path, rows: dict[str, Any], faults: list[str]) -> None:
    """Give each row the tests that `@claim` marks; what is missing is told only where everything could be read."""
    whole = not faults
    for path in sorted([*root.glob("tests/snippets/*.py"), *root.glob("tests/*.py")]):
        uri = path.relative_to(root).as_posix()
        try:
            source = text(root, uri)
            for proof in proofs.proofs(module(uri, source), faults) if "@claim" in source else ():
                row = rows.get(proof.claim)
                if isinstance(row, dict):
                    row["tests"].append(proof)
                if isinstance(row, dict) or (whole and row is None):
                    faults += proofs.differing(proof, row)
        except SiteError as error:
            whole = False
            faults.append(str(error))
    good = [row for row in rows.values() if isinstance(row, dict) and whole]
    faults += (wrong for row in good for wrong in proofs.unproved(row, {r["post"] for r in good}))


def read_named(root: Path, uri: str, make: Callable[..., Any], faults: list[str]) -> Room:
    """What a file of TOML holds by name, each made into what a page shows: references, documents."""
    try:
        found = read_toml(root, uri)
    except SiteError as error:
        faults.append(str(error))
        return Room()
    return Room({key: attempt(make, key, held) for key, held in found.items()})


def document(key: str, held: dict[str, Any]) -> dict[str, Any]:
    """One of the sources: its name, its title, and what it is."""
    if missing := {"name", "title", "about"} - held.keys():
        raise SiteError(f"{DOCUMENTS}: [{key}] lacks {', '.join(sorted(missing))}")
    return {"id": key} | held


def read_terms(root: Path, parts: list[Planned | str], faults: list[str]) -> terms.Glossary:
    """The terms of the series, from a file that is a table for each."""
    try:
        held = read_toml(root, TERMS)
    except SiteError as error:
        faults.append(str(error))
        return terms.Glossary()
    return terms.parsed(held, {p.topic if isinstance(p, Planned) else p for p in parts}, faults)


def read_drawings(root: Path, faults: list[str]) -> Room:
    """The words of the figures, from the lines `WORDS = {"name": {"alt": …, "caption": …}}` beside their drawings."""
    found = Room()
    for path in sorted((root / "figures").glob("*.py")):
        uri = path.relative_to(root).as_posix()
        try:
            body = module(uri, text(root, uri)).body
            for node in body:
                if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "WORDS":
                    found.update(ast.literal_eval(node.value))
        except (SiteError, ValueError) as error:
            faults.append(f"{uri}: WORDS must be texts, as they stand: {error}")
    return found


def read_lock(root: Path, uri: str) -> dict[str, str]:
    """The version of each package that a lock pins."""
    return dict(re.findall(r"^([\w.-]+)==([\w.+-]+)", text(root, uri), re.M))


def read_widget(root: Path, uri: str) -> Widget | None:
    """An explorable: a script with the line `// values: one_email.x one_email.W1`; None for a module that is none."""
    script = text(root, uri)
    values, data = (re.search(rf"^// {kind}: (.+)$", script, re.M) for kind in ("values", "data"))
    if not values:
        return None
    return Widget(PurePosixPath(uri).stem, uri, tuple(values[1].split()), data[1] if data else None)
