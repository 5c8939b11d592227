"""The complete program of a region: the region, and just those earlier statements of its module that it needs.

A reader can copy one block and run it alone. Which statements belong to it is decided here, from the syntax tree alone,
so that every Python decides alike; that the decision was right is proved by a test that runs every program and compares
what it prints with what the page shows.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from sitetools.modules import Module, Region, span

# Calls that leave their arguments as they were. Everything else is taken to change what it is given: a statement too
# many costs a reader a line, a statement too few costs them the program.
PURE_BUILTINS = frozenset(dir(builtins)) - {"exec", "eval", "setattr", "delattr", "next"}
PURE_METHODS = frozenset(
    re.findall(
        r"\w+",
        "all any argmax argmin as_integer_ratio astype copy count cumsum format get index item items join keys "
        "limit_denominator max mean min prod ravel reshape round split startswith std sum tolist transpose values",
    )
)
CHANGING_NUMPY = frozenset({"copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask"})
NONE = frozenset[str]()

SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


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

    @property
    def kind(self) -> str:
        """How much room it wants around it in a program."""
        if isinstance(self.node, ast.Import | ast.ImportFrom):
            return "import"
        return "definition" if self.is_definition else "code"


class Slicer:
    """The statements of a module, and the programs cut from it."""

    def __init__(self, module: Module) -> None:
        self.module = module

    @cached_property
    def statements(self) -> list[Statement]:
        """The module's top-level statements, its docstring left out."""
        found, pure = [], set[str]()
        for node in self.module.body:
            if isinstance(node, ast.FunctionDef) and _is_pure(node, frozenset(pure)):
                pure.add(node.name)
            names = names_of(node)
            found.append(Statement(node, *span(node), *names, frozenset(_touched(node, frozenset(pure)))))
        return found

    def binding(self, name: str) -> Statement | None:
        """The last statement that binds a name: where its recorded value comes from."""
        return next((s for s in reversed(self.statements) if name in s.binds), None)

    def program(self, region: Region) -> str:
        """The earlier statements that a region needs, then the region itself."""
        inside = [s for s in self.statements if region.first <= s.first and s.last <= region.last]
        needed = self._called(union(s.loads for s in inside))
        values = union(s.binds for s in self.statements if not s.is_definition)
        chosen: list[Statement] = []
        for s in reversed([s for s in self.statements if s.last < region.first]):
            changes = self._aliases(s.touches, s.first) & values & needed
            if s.only_prints or not (s.binds & needed or changes):
                continue
            chosen.insert(0, s)
            if s.rebinds and not changes:
                needed -= s.binds
            needed |= self._called(s.loads)
        return _join(chosen, self.module.lines, self.module.code(region))

    def _called(self, names: frozenset[str]) -> frozenset[str]:
        """The names, with what functions and classes among them read when they are called, however late bound."""
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


@lru_cache(maxsize=256)
def _slicer(uri: str, source: str) -> Slicer:
    return Slicer(Module(uri, source))


def slicer(module: Module) -> Slicer:
    """The slicer of a module, once for each text that it ever had."""
    return _slicer(module.uri, module.source)


@lru_cache(maxsize=1024)
def _program(uri: str, source: str, name: str) -> str:
    found = _slicer(uri, source)
    return found.program(found.module.region(name))


def program(module: Module, name: str) -> str:
    """The complete program of a region."""
    return _program(module.uri, module.source, name)


def union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    """All names of all sets."""
    return NONE.union(*sets)


def names_of(node: ast.stmt) -> tuple[frozenset[str], frozenset[str]]:
    """The module's names that a top-level statement binds, and those that it reads, in nested scopes too."""
    binds, loads = _names(node)
    return frozenset(binds), frozenset(loads)


def _names(node: ast.AST) -> tuple[set[str], set[str]]:
    """The names that a node binds and reads in the scope that it stands in."""
    match node:
        case ast.Name(id=name, ctx=ast.Load()):
            return set(), {name}
        case ast.Name(id=name):
            return {name}, set()
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return {(a.asname or a.name).partition(".")[0] for a in aliases}, set()
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            binds, loads = _all_names(ast.iter_child_nodes(node))
            return binds | {name}, loads
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
            return _function(node)
        case ast.ClassDef():
            outside = _all_names([*node.decorator_list, *node.bases, *node.keywords])
            binds, loads = _all_names(node.body)
            return outside[0] | {node.name}, outside[1] | (loads - binds)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return _comprehension(node)
    return _all_names(ast.iter_child_nodes(node))


def _all_names(nodes: Iterable[ast.AST]) -> tuple[set[str], set[str]]:
    binds, loads = set[str](), set[str]()
    for node in nodes:
        b, r = _names(node)
        binds |= b
        loads |= r
    return binds, loads


def _function(node: SCOPES) -> tuple[set[str], set[str]]:
    """A function binds its name; what it reads is what its body reads and does not bind, and what stands in its head."""
    given = [a for a in ast.walk(node.args) if isinstance(a, ast.arg)]
    head: list[ast.AST] = [d for d in (*node.args.defaults, *node.args.kw_defaults) if d]
    head += [a.annotation for a in given if a.annotation]
    body: list[ast.stmt] | list[ast.expr] = [node.body] if isinstance(node, ast.Lambda) else node.body
    binds = set[str]()
    if not isinstance(node, ast.Lambda):
        head += [*node.decorator_list, *([node.returns] if node.returns else [])]
        binds = {node.name}
    inner, loads = _all_names(body)
    outer = {n for part in body for d in ast.walk(part) if isinstance(d, ast.Global) for n in d.names}
    local = (inner | {a.arg for a in given}) - outer
    return binds, _all_names(head)[1] | (loads - local) | outer


def _comprehension(node: COMPREHENSIONS) -> tuple[set[str], set[str]]:
    """A comprehension keeps its loop variables; what `:=` binds within belongs outside."""
    local, _ = _all_names(g.target for g in node.generators)
    binds, loads = _all_names(ast.iter_child_nodes(node))
    return binds - local, loads - local


def _shared(value: ast.expr | None) -> frozenset[str]:
    """Names whose object, or a part of it, an expression hands on: ``x``, ``x.T``, ``[x, y]``, ``Network([x])``."""
    match value:
        case ast.Name():
            return frozenset({value.id})
        case ast.Attribute() | ast.Subscript() | ast.Starred():
            return _shared(value.value)
        case ast.Tuple() | ast.List() | ast.Set():
            return union(map(_shared, value.elts))
        case ast.Dict():
            return union(map(_shared, value.values))
        case ast.IfExp():
            return _shared(value.body) | _shared(value.orelse)
        case ast.Call() if isinstance(value.func, ast.Name) and value.func.id[:1].isupper():
            return union(map(_shared, _arguments(value)))
    return NONE


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
        case ast.Call():
            touched |= union(map(_shared, _changed(node, pure)))
        case ast.Assign(targets=targets):
            touched |= union(_shared(t) for t in targets if not isinstance(t, ast.Name | ast.Tuple))
        case ast.AugAssign(target=target):
            touched |= _shared(target)
        case ast.Delete(targets=targets):
            touched |= union(map(_shared, targets))
    return touched.union(*(_touched(child, pure) for child in ast.iter_child_nodes(node)))


def _changed(call: ast.Call, pure: frozenset[str]) -> list[ast.expr]:
    """What a call may change: nothing, if it is known to; else what it is given, and what it is called on."""
    match call.func:
        case ast.Name(id=name) if name in PURE_BUILTINS | pure:
            return []
        case ast.Attribute(value=ast.Name(id="np"), attr=attr):
            return (
                call.args[:1]
                if attr in CHANGING_NUMPY
                else [k.value for k in call.keywords if k.arg == "out"]
            )
        case ast.Attribute(value=owner, attr=attr):
            return [] if attr in PURE_METHODS else [owner, *_arguments(call)]
    return _arguments(call)


def _join(head: list[Statement], lines: list[str], block: str) -> str:
    """Statements and block as one file: a blank line after imports, two around functions and classes."""
    text, previous = "", ""
    for s in head:
        gap = 0
        if text and "definition" in (s.kind, previous):
            gap = 2
        elif text and "import" in (s.kind, previous) and s.kind != previous:
            gap = 1
        text += "\n" * gap + "\n".join(lines[s.first - 1 : s.last]) + "\n"
        previous = s.kind
    gap = 2 if previous == "definition" or (text and re.match(r"(def|class|@)", block)) else 1 if text else 0
    return text + "\n" * gap + block + "\n"
