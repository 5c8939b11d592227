"""The page being made, and the build that it belongs to: what marks ask for, and where their errors go."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from markdown import Markdown
from markupsafe import Markup
from mkdocs.utils.meta import get_data

from sitetools import ROOT, SiteError, ends, facts, figures, ledger, proofs, wheel
from sitetools.house import House, Post, read
from sitetools.modules import Module
from sitetools.slicing import program
from sitetools.terms import marked, with_first_uses
from sitetools.typeset import highlight, part


@dataclass
class Build:
    """One build of the site: the house as it was read, and everything that was found wrong."""

    house: House
    site_url: str | None = None  # the address that readers will use
    repo_url: str | None = None  # where errors are reported
    serving: bool = False
    collecting: bool = False  # whether all errors are shown together in the end, or the first is raised
    errors: list[str] = field(default_factory=list)

    @cached_property
    def drawn(self) -> dict[str, Path]:
        """Every figure file by its name."""
        return figures.drawn(self.house.root)


class Builds:
    """The build at work. A page that is converted without one gets the house as it stands."""

    at_work: Build | None = None

    @classmethod
    def begin(cls, root: Path, *, site_url: str | None, repo_url: str | None, serving: bool) -> Build:
        """Read the house for a new build, and note what could not be read."""
        house = read(root)
        cls.at_work = Build(house, site_url, repo_url, serving, collecting=True, errors=house.errors())
        return cls.at_work

    @classmethod
    def now(cls) -> Build:
        """The build at work."""
        return cls.at_work or Build(read(ROOT))


class Page:
    """The page that is being converted: its path, its links, and what its marks look up."""

    def __init__(self, build: Build, uri: str, up: str, source: str, store: Callable[[str], Any]) -> None:
        self.build, self.house = build, build.house
        self.uri = uri  # below docs/
        self.up = up  # the way from the page to the root of the site
        self.source = source  # the whole file
        self.store = store  # sets HTML aside
        self.claims_seen: set[str] = set()
        self.terms_seen: set[str] = set()
        self.programs = 0

    @classmethod
    def of(cls, md: Markdown) -> Page:
        """The page that Markdown is converting."""
        # MkDocs says which file it renders only through the processor that rewrites links.
        file = getattr(md.treeprocessors["relpath"], "file", None) if "relpath" in md.treeprocessors else None
        uri, up, source = ("page.md", "", "")
        if file:
            uri, up, source = file.src_uri, "../" * file.dest_uri.count("/"), file.content_string
        return cls(Builds.now(), uri, up, source, md.htmlStash.store)

    @cached_property
    def post(self) -> Post | None:
        """The post that this page is, if it is one."""
        topic = PurePosixPath(self.uri).stem
        is_post = self.uri.startswith("series/") and topic in self.house.posts
        return self.house.posts[topic] if is_post else None

    def stash(self, html: str) -> str:
        """Set HTML aside, so that Markdown does not touch it; what stands in its place."""
        return str(self.store(str(html)))

    def line(self, mark: str) -> int:
        """The line of the page's file where a mark stands, or 1."""
        before, found, _ = self.source.partition(mark.strip())
        return before.count("\n") + 1 if found else 1

    def fail(self, mark: str, error: Exception | str) -> str:
        """Note an error with page, line and cause; it is shown in the page while serving, and stops the build."""
        message = f"{self.uri}:{self.line(mark)}: {error}"
        if not self.build.collecting:
            raise SiteError(message)
        self.build.errors.append(message)
        return self.stash(part("broken.html", message=message))

    def link(self, source: str) -> str:
        """The address of a line on the source pages, from `path:line`."""
        path, _, line = source.partition(":")
        return f"{self.up}source/{path}/" + (f"#L-{line}" if line else "")

    def numbers(self, name: str, spec: str | None) -> list[facts.Fact]:
        """The number that a mark names, written as it asks; with `±` or `±se` in front a mean and its sd or se."""
        if name.startswith("given."):
            return [facts.given(self.given, self.uri, name, spec)]
        spread = re.fullmatch(r"±(se)? *(\+?)(.*)", spec or "")
        if not spread:
            return [facts.look_up(self.house, name, spec)]
        of, sign, written = spread.groups()
        parts = {"mean": sign + written, of or "sd": written}
        return [facts.look_up(self.house, f"{name}.{part}", form) for part, form in parts.items()]

    @cached_property
    def given(self) -> dict[str, Any]:
        """The quantities that the page names in its front matter."""
        found: dict[str, Any] = get_data(self.source)[1].get("given") or {}
        return found

    def origin(self, fact: facts.Fact) -> str:
        """Where a number comes from, as an address; none for what is given on the page itself."""
        if fact.name.startswith("given."):
            return ""
        return f"{self.up}references/#{fact.key}" if fact.key else self.link(fact.source)

    def reference(self, key: str) -> dict[str, Any]:
        """An entry of the literature."""
        return facts.reference(self.house, key)

    def place(self, kind: str, target: str) -> tuple[str, str]:
        """What a reference says, “part 5” or “exercise 2”, and where it leads; nowhere for a part that is planned."""
        if kind.lower() == "exercise":
            names = re.findall(r"^/{3,} exercise(?: \| (\S+))?$", self.source, re.M)
            if target not in names:
                raise SiteError(
                    f"there is no exercise {target!r} here; this page has {', '.join(filter(None, names)) or 'none'}"
                )
            return f"{kind} {names.index(target) + 1}", f"#exercise-{target}"
        if kind.lower() != "part":
            raise SiteError(
                f"a reference is ref:part.<topic> or ref:exercise.<name>, got ref:{kind}.{target}"
            )
        if number := self.house.order.get(target):
            here = PurePosixPath(self.uri).parent
            address = os.path.relpath(f"series/{target}.md", here) if target in self.house.posts else ""
            return f"{kind} {number}", address
        raise SiteError(f"there is no part {target!r}: neither in nav of mkdocs.yml, nor planned there")

    def claim(self, claim: str, *, head: bool = False, follows: bool = False) -> Markup:
        """The mark of a claim, once as an anchor; it leads to its entry on the page, or to its row in the ledger."""
        row = ledger.row(self.house, claim)
        here = self.post and row["post"] == self.post.topic and proofs.lists_sources(self.post.text)
        anchor = head or claim not in self.claims_seen
        self.claims_seen.add(claim)
        return part(
            "claim.html",
            id=claim,
            verdict=row["verdict"],
            said=ledger.said(row["verdict"]),
            href=f"#{ledger.entry(claim)}" if here else f"{self.up}ledger/#{claim}",
            anchor=anchor,
            head=head,
            follows=follows,
        )

    def term(self, name: str, wording: str) -> Markup:
        """A term: in its home the place of its definition, once; elsewhere a link to the glossary, with a card."""
        term = self.house.terms.of(name)
        home = self.post is not None and self.post.topic == term.home
        if home and term.name in self.terms_seen:
            raise SiteError(f"the term {term.name!r} is explained above, and this is its home: mark it once")
        self.terms_seen.add(term.name)
        return part("term.html", term=term, wording=wording, home=home, up=self.up)

    def first_uses(self, text: str) -> str:
        """The text of a post with a mark at the first use of each term that an earlier part explains."""
        if self.post is None:
            return text
        terms, order, here = self.house.terms, self.house.order, self.post.number
        return with_first_uses(text, terms, {t.name for t in terms.terms.values() if order[t.home] < here})

    def glossary(self) -> Markup:
        """Every term by its name, with the part that explains it, at the very place where that has marked it."""
        rows = []
        for term in sorted(self.house.terms.terms.values(), key=lambda term: term.name.lower()):
            home = dict(self.house.posts.good()).get(term.home)
            there = marked(home.text, self.house.terms) if home else set()
            at = f"series/{term.home}/" + (f"#{term.anchor}" if term.name in there else "")
            rows.append((term, self.house.order[term.home], f"{self.up}{at}" if home else None))
        return part("glossary.html", rows=rows)

    def figure(self, name: str, alt: str) -> Markup:
        """A figure in both colour schemes and for both widths; the scheme that does not suit is not shown."""
        wide, narrow = (figures.size(self.build.drawn, f"{name}.light{of}.svg") for of in ("", ".narrow"))
        return part("figure.html", figure=name, alt=alt, wide=wide, narrow=narrow, up=self.up)

    def listing(self, kind: str) -> str:
        """A list of what stands in the rooms, or how to install or cite, as Markdown in which marks still stand."""
        if kind == "install":
            return self.stash(self.install())
        if kind == "cite":
            return self.stash(self.cite())
        if kind == "ledger":
            return "\n" + ledger.table(self.house) + "\n"
        if kind == "sources":
            if self.post is None:
                raise SiteError("[[sources]] lists what the sources said in a post, and this page is none")
            return "\n" + ledger.sources(self.house, self.post, self.up) + "\n"
        if kind == "documents":
            return part("documents.html", documents=[held for _, held in self.house.documents.good()])
        if kind == "references":
            return part("references.html", entries=self._cited())
        if kind == "glossary":
            return self.stash(self.glossary())
        posts = [post for _, post in self.house.posts.good()]
        pictures = {p.topic: self.figure(p.meta["picture"], "") for p in posts if "picture" in p.meta}
        return self.stash(part("series.html", halves=self.house.series(), pictures=pictures, up=self.up))

    def _cited(self) -> dict[str, Any]:
        """The references: on the page of a post those that it cites, elsewhere all."""
        all_of_them = dict(self.house.literature.good())
        if self.post is None:
            return all_of_them
        keys = {*re.findall(r"\[@(\w+)\]|\[\[lit\.(\w+)", self.post.text)}
        return {key: entry for key, entry in all_of_them.items() if any(key in pair for pair in keys)}

    def facts_line(self, post: Post) -> Markup:
        """The lines above a post's title: part, minutes, date, what was run and computed, its code, what that needs."""
        needs = self.install() if self.build.house.needs_package(post) else ""
        return part(
            "post-facts.html",
            post=post,
            numbers=self.house.numbers(post),
            boxed=bool(post.opening),
            has_code=post.key in self.house.modules,
            up=self.up,
            needs=needs,
        )

    def box(self, post: Post) -> str:
        """The three lines under a post's title, as Markdown in which marks still stand; none without front matter."""
        if not post.opening:
            return ""
        have, need = map(Markup, post.opening)  # Markdown, which is not escaped
        return part("box.md", have=have, need=need, minutes=post.minutes, exercises=post.meta["exercises"])

    def end(self, post: Post) -> Markup:
        """What stands behind a post's text: tested on what, how to cite it, where to report an error, the licence."""
        return part(
            "post-end.html",
            tested=ends.tested_on(self.house, post),
            measured=ends.measured_on(self.house, post),
            date=post.meta["date"],
            updated=post.meta.get("updated"),
            cite=self.cite(post),
            report=ends.report(self.build.repo_url, post.meta["title"]),
        )

    def cite(self, post: Post | None = None) -> Markup:
        """How to cite a post, or the site, as a block to copy."""
        return part("cite.html", entry=ends.bibtex(self.house, self.build.site_url, post))

    def install(self) -> Markup:
        """How to install the package, in one line."""
        return part("install.html", line=wheel.install(self.house, self.build.site_url))

    def block(self, path: str, name: str) -> dict[str, Any]:
        """What a snippet figure shows of a region of a snippet, or of a definition of the package."""
        stem = PurePosixPath(path).stem
        module_href = None
        if path.startswith("scratchmlp/"):
            code, first, last = self.house.code(path).definition(name)
            whole, output, stale = "", "", False  # a program would be one import: the module's page says more
            documented = self.house.has(f"docs/package/{stem}.md")
            module_href = f"{self.up}package/{stem}/" if documented else self.link(path)
            test = f"tests/test_{stem}.py"
        else:
            module = self._snippet(path, stem)
            region, record = module.region(name), self.house.records[stem]
            code, first, last = module.code(region), region.first, region.last
            whole, output = program(module, name), record.outputs.get(name, "")
            stale, test = record.source != module.digest, f"tests/snippets/test_{stem}.py"
        if stale and not self.build.serving:
            raise SiteError(f"{path} has changed since its outputs were recorded; run `make outputs`")
        if not self.house.has(test):
            raise SiteError(f"{path} is shown but has no test: {test} is missing")
        self.programs += 1
        return {
            "path": path,
            "file": PurePosixPath(path).name,
            "region": name,
            "code": highlight(code),
            "program": whole,
            "program_html": highlight(whole),
            "count": whole.count("\n"),
            "target": f"{'program' if whole else 'code'}-{self.programs}",
            "output": output.rstrip(),
            "stale": stale,
            "first": first,
            "last": last,
            "source_href": self.link(f"{path}:{first}"),
            "package": PurePosixPath(path).parent,
            "module": stem,
            "module_href": module_href,
            "test": test,
            "test_href": self.link(test),
        }

    def _snippet(self, path: str, key: str) -> Module:
        if key not in self.house.modules or path != f"snippets/{key}.py":
            raise SiteError(f"there is no file {path}")
        module: Module = self.house.modules[key]
        return module
