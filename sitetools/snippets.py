"""Regions of the snippet modules, and the complete program of each, found from the syntax tree.

A region is what a post shows: the lines between ``# --8<-- [start:name]`` and ``# --8<-- [end:name]``. Its complete
program is the region plus just those earlier statements of the module that it needs, so that a reader can copy one
block and run it alone. Which statements those are is decided here; that the decision was right is proved by a test
that runs every program and compares what it prints with what the page shows.
"""

from __future__ import annotations

import ast
import builtins
import re
import symtable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from sitetools import ROOT, SiteError

MARKER = re.compile(r"^(?P<indent>\s*)# --8<-- \[(?P<edge>start|end):(?P<name>[^\]]*)\]\s*$")
NAME = re.compile(r"[a-z][a-z0-9-]*$")

# Calls that leave their arguments as they were. Everything else is taken to change what it is given: a statement too
# many costs a reader a line, a statement too few costs them the program.
PURE_BUILTINS = frozenset(dir(builtins)) - {"exec", "eval", "setattr", "delattr", "next"}
PURE_METHODS = frozenset(
    {
        "all",
        "any",
        "argmax",
        "argmin",
        "as_integer_ratio",
        "astype",
        "copy",
        "count",
        "cumsum",
        "format",
        "get",
    }
    | {"index", "item", "items", "join", "keys", "limit_denominator", "max", "mean", "min", "prod", "ravel"}
    | {"reshape", "round", "split", "startswith", "std", "sum", "tolist", "transpose", "values"}
)
CHANGING_NUMPY = frozenset({"copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask"})


@dataclass(frozen=True)
class Region:
    """A named span of top-level statements: lines ``first`` to ``last``, counted from 1, markers left out."""

    name: str
    first: int
    last: int


@dataclass(frozen=True)
class Statement:
    """One top-level statement with what it does to the module's names."""

    node: ast.stmt
    first: int
    last: int
    binds: frozenset[str]  # names it gives a value, a function, a class or a module to
    loads: frozenset[str]  # module-level names it reads, in nested functions too
    touches: frozenset[str]  # names whose object it may change without binding them

    @property
    def is_definition(self) -> bool:
        """True for imports, functions and classes: what they bind is not changed by being called."""
        return isinstance(self.node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef)

    @property
    def only_prints(self) -> bool:
        """True for a bare call of print."""
        call = self.node.value if isinstance(self.node, ast.Expr) else None
        return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print"

    @property
    def rebinds(self) -> bool:
        """True where every name bound holds a new object afterwards, whatever it held before."""
        if isinstance(self.node, ast.Assign):
            return all(isinstance(n, ast.Name | ast.Tuple | ast.List) for n in self.node.targets)
        return self.is_definition or isinstance(self.node, ast.AnnAssign)


@dataclass
class Module:
    """A snippet module, read but not run."""

    path: Path
    source: str = field(repr=False)
    _programs: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def key(self) -> str:
        """The short name the prose uses: ``one_email`` for ``snippets/one_email.py``."""
        return self.path.stem

    @property
    def uri(self) -> str:
        """The path below the project's root, with forward slashes."""
        return self.path.relative_to(ROOT).as_posix() if self.path.is_relative_to(ROOT) else self.path.name

    @cached_property
    def lines(self) -> list[str]:
        """The source by lines."""
        return self.source.splitlines()

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        try:
            return ast.parse(self.source, self.uri)
        except SyntaxError as error:
            raise SiteError(f"{self.uri}:{error.lineno}: {error.msg}") from None

    @cached_property
    def regions(self) -> dict[str, Region]:
        """Every region by name, in the order of the module."""
        regions: dict[str, Region] = {}
        opened: tuple[str, int] | None = None
        for number, line in enumerate(self.lines, 1):
            if not (mark := MARKER.match(line)):
                if "--8<--" in line:
                    raise SiteError(f"{self.uri}:{number}: not a region marker: {line.strip()!r}")
                continue
            here, name = f"{self.uri}:{number}", mark["name"]
            if mark["indent"]:
                raise SiteError(
                    f"{here}: a region holds top-level statements; its marker must not be indented"
                )
            if mark["edge"] == "start":
                if opened:
                    raise SiteError(
                        f"{here}: region {name!r} opens inside {opened[0]!r}, which is not closed"
                    )
                if name in regions:
                    raise SiteError(
                        f"{here}: region {name!r} is there already, at line {regions[name].first - 1}"
                    )
                if not NAME.match(name):
                    raise SiteError(
                        f"{here}: a region's name is a topic in lower case with hyphens, got {name!r}"
                    )
                opened = (name, number)
            else:
                if not opened or opened[0] != name:
                    raise SiteError(f"{here}: region {name!r} closes here but was not open")
                regions[name] = self._region(name, opened[1] + 1, number - 1)
                opened = None
        if opened:
            raise SiteError(f"{self.uri}:{opened[1]}: region {opened[0]!r} is never closed")
        return regions

    def _region(self, name: str, first: int, last: int) -> Region:
        inside = [s for s in self.statements if first <= s.first and s.last <= last]
        if not inside:
            raise SiteError(f"{self.uri}:{first - 1}: region {name!r} is empty")
        for s in self.statements:
            if s.first <= last and s.last >= first and s not in inside:
                raise SiteError(f"{self.uri}:{s.first}: region {name!r} cuts this statement in two")
        return Region(name, first, last)

    def region(self, name: str) -> Region:
        """The region of that name; an error that lists the others where there is none."""
        if name not in self.regions:
            raise SiteError(f"{self.uri} has no region {name!r}; it has {', '.join(self.regions) or 'none'}")
        return self.regions[name]

    def code(self, region: Region) -> str:
        """What the page shows: the region's lines without blank lines at either end."""
        return "\n".join(self.lines[region.first - 1 : region.last]).strip("\n")

    @cached_property
    def statements(self) -> list[Statement]:
        """The module's top-level statements, its docstring left out."""
        body = self.tree.body
        if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
            body = body[1:]
        found, pure = [], set[str]()
        for node in body:
            if isinstance(node, ast.FunctionDef) and _is_pure(node, frozenset(pure)):
                pure.add(node.name)
            found.append(_statement(node, self.lines, frozenset(pure)))
        return found

    def inside(self, region: Region) -> list[Statement]:
        """The statements of a region."""
        return [s for s in self.statements if region.first <= s.first and s.last <= region.last]

    def binding(self, name: str) -> Statement | None:
        """The last statement that binds a name: where its recorded value comes from."""
        return next((s for s in reversed(self.statements) if name in s.binds), None)

    def program(self, region: Region) -> str:
        """The complete program of a region: the earlier statements that it needs, then the region itself."""
        if region.name not in self._programs:  # once, however often the site is built while it is served
            self._programs[region.name] = self._program(region)
        return self._programs[region.name]

    def _program(self, region: Region) -> str:
        needed = self._called(frozenset[str]().union(*(s.loads for s in self.inside(region))))
        values = frozenset[str]().union(*(s.binds for s in self.statements if not s.is_definition))
        chosen: list[Statement] = []
        for s in reversed([s for s in self.statements if s.last < region.first]):
            changes = self._aliases(s.touches, s.first) & values & needed
            if s.only_prints or not (s.binds & needed or changes):
                continue
            chosen.insert(0, s)
            if s.rebinds and not changes:
                needed -= s.binds
            needed |= self._called(s.loads)
        return _join([(s, self.lines) for s in chosen], self.code(region))

    def _called(self, names: frozenset[str]) -> frozenset[str]:
        """The names together with what functions and classes among them read when they are called, however late bound."""
        found, waiting = set[str](), set(names)
        while waiting:
            name = waiting.pop()
            found.add(name)
            for s in self.statements:
                if name in s.binds and s.is_definition:
                    waiting |= s.loads - found
        return frozenset(found)

    def _aliases(self, names: frozenset[str], before: int) -> frozenset[str]:
        """The names together with those that were made to hold the same object, or a part of it."""
        group = set(names)
        for s in self.statements:
            if s.first < before and isinstance(s.node, ast.Assign):
                linked = s.binds | _shared(s.node.value)
                if linked & group and _shared(s.node.value):
                    group |= linked
        return frozenset(group)


@lru_cache(maxsize=512)
def _read(path: Path, modified: int) -> Module:
    return Module(path, path.read_text(encoding="utf-8"))


def read(path: Path) -> Module:
    """The module at a path, read again when the file has changed."""
    if not path.is_file():
        raise SiteError(f"there is no file {path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}")
    return _read(path, path.stat().st_mtime_ns)


def modules(root: Path = ROOT) -> dict[str, Module]:
    """Every snippet module by its short name."""
    found: dict[str, Module] = {}
    for path in sorted((root / "snippets").glob("[a-z]*.py")):
        module = read(path)
        if module.key in found:
            raise SiteError(f"{module.uri} and {found[module.key].uri} have the same short name {module.key}")
        found[module.key] = module
    return found


def definition(path: Path, name: str) -> tuple[str, int, int]:
    """The source of a function, class or method of a package module, with its first and last line."""
    module = read(path)
    body: list[ast.stmt] = module.tree.body
    node: ast.stmt | None = None
    for part in name.split("."):
        node = next((n for n in body if getattr(n, "name", None) == part), None)
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            raise SiteError(f"{module.uri} defines no {name!r}")
        body = node.body
    assert isinstance(node, ast.FunctionDef | ast.ClassDef)
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    last = node.end_lineno or first
    lines = module.lines[first - 1 : last]
    indent = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[indent:] for line in lines), first, last


def _statement(node: ast.stmt, lines: list[str], pure: frozenset[str]) -> Statement:
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    last = node.end_lineno or first
    table = symtable.symtable("\n".join(lines[first - 1 : last]), "statement", "exec")
    binds = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    return Statement(
        node, first, last, frozenset(binds), frozenset(_loads(table)), frozenset(_touched(node, pure))
    )


def _loads(table: symtable.SymbolTable) -> set[str]:
    """Names read from the module: at its top level, and as globals in every scope within."""
    top = table.get_type() == "module"
    names = {s.get_name() for s in table.get_symbols() if s.is_referenced() and (top or s.is_global())}
    return names.union(*(_loads(child) for child in table.get_children()))


def _shared(value: ast.expr | None) -> frozenset[str]:
    """Names whose object, or a part of it, an expression hands on: ``x``, ``x.T``, ``[x, y]``, ``Network([x])``."""
    match value:
        case ast.Name():
            return frozenset({value.id})
        case ast.Attribute() | ast.Subscript() | ast.Starred():
            return _shared(value.value)
        case ast.Tuple() | ast.List() | ast.Set():
            return frozenset[str]().union(*map(_shared, value.elts))
        case ast.Dict():
            return frozenset[str]().union(*map(_shared, value.values))
        case ast.IfExp():
            return _shared(value.body) | _shared(value.orelse)
        case ast.Call() if isinstance(value.func, ast.Name) and value.func.id[:1].isupper():
            return frozenset[str]().union(*map(_shared, _arguments(value)))
    return frozenset()


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(k.value for k in call.keywords)]


def _is_pure(node: ast.FunctionDef, pure: frozenset[str]) -> bool:
    """True for a function that changes neither what it is given nor what it finds outside."""
    return not any(_touched(inner, pure | {node.name}) - _local(node) for inner in node.body)


def _local(node: ast.FunctionDef) -> set[str]:
    """Names that a function makes for itself, its parameters left out."""
    made = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    aliases = {name for n in ast.walk(node) if isinstance(n, ast.Assign) for name in _shared(n.value)}
    given = {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
    return made - given if not aliases & given else set()


def _touched(node: ast.AST, pure: frozenset[str]) -> set[str]:
    """Names a statement passes to a call, calls on, or stores into, as it runs (not inside functions it defines)."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda | ast.Import | ast.ImportFrom):
        return set()
    touched = set[str]()
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in PURE_BUILTINS | pure:
            pass
        case ast.Call(func=ast.Attribute(value=owner, attr=attr)):
            if isinstance(owner, ast.Name) and owner.id == "np":
                out = [k.value for k in node.keywords if k.arg == "out"]
                touched |= {n for a in (node.args[:1] if attr in CHANGING_NUMPY else out) for n in _shared(a)}
            elif attr not in PURE_METHODS:
                touched |= {n for a in (owner, *_arguments(node)) for n in _shared(a)}
        case ast.Call():
            touched |= {n for a in _arguments(node) for n in _shared(a)}
        case ast.Assign(targets=targets):
            touched |= {n for t in targets if not isinstance(t, ast.Name | ast.Tuple) for n in _shared(t)}
        case ast.AugAssign(target=target):
            touched |= _shared(target)
        case ast.Delete(targets=targets):
            touched |= {n for t in targets for n in _shared(t)}
    return touched.union(*(_touched(child, pure) for child in ast.iter_child_nodes(node)))


def _join(head: list[tuple[Statement, list[str]]], block: str) -> str:
    """Statements and block as one file: a blank line after imports, two around functions and classes."""
    text, previous = "", ""
    for s, lines in head:
        kind = (
            "import"
            if isinstance(s.node, ast.Import | ast.ImportFrom)
            else "definition"
            if s.is_definition
            else "code"
        )
        gap = (
            0
            if not text
            else 2
            if "definition" in (kind, previous)
            else int("import" in (kind, previous) and kind != previous)
        )
        text += "\n" * gap + "\n".join(lines[s.first - 1 : s.last]) + "\n"
        previous = kind
    gap = 2 if previous == "definition" or (text and re.match(r"(def|class|@)", block)) else 1 if text else 0
    return text + "\n" * gap + block + "\n"
