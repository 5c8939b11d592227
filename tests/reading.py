"""What a post says, quoted in its tests beside the reason why it is so: `says("for eight times the parameters")`.

Whoever changes the words must look at the test, and the other way round. `unquoted` finds what no test quotes: numbers,
words that state a result, formulas, and every word of a caption.
"""

import ast
import difflib
import re
from functools import cache

from sitetools import ROOT
from sitetools.house import read
from sitetools.marks import MARKS, TOKEN
from sitetools.page import Build, Page
from sitetools.reading import Paragraph, paragraphs

HOUSE = cache(lambda: read(ROOT))
# Words that state a result; "one" is left out, which is an article as often as a number.
STATING = re.compile(
    r"""\$[^$]*\$ | [−+-]?\d[\d.,]*\d%? | \d%? | \b(?:
    no|not|never|none|nothing|nobody|neither|nor|without|cannot|hardly|zero|two|three|four|five|six|seven|eight|nine|ten|
    eleven|twelve|sixteen|hundred|thousand|twice|double|half|thirds?|quarters?|fifth|tenths?|times|every|everything|all|
    only|both|each|always|more|less|fewer|most|least|many|few|better|worse|best|worst|same|different|exactly|first|second|
    last|negative|positive|above|below|left|right|up|down|rises?|falls?|raises?|lowers?|adds?|silent|dead|wrong|equal|
    (?:great|larg|small|high|low|long|short|fast|slow|wid|narrow|clos|few|earli|lat|deep|simpl|strong|weak)er
    )\b""",
    re.VERBOSE | re.IGNORECASE,
)


class Reader:
    """The words of a post; called with a quotation, it says whether the post says so."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.page = f"docs/series/{topic}.md"

    @property
    def lines(self) -> list[Paragraph]:
        return of(self.topic)

    def __call__(self, *quotations: str) -> None:
        """Each of them stands in the post as it is read."""
        for quotation in quotations:
            self._must_stand(quotation)

    def only(self, *quotations: str, because: str) -> None:
        """They stand in the post, and no result follows from them: what we do, ask, or define."""
        assert because
        self(*quotations)

    def formula(self, name: str, latex: str) -> None:
        """The displayed formula of that name is this one; the test checks both its sides."""
        shown = equations(self.topic)
        assert name in shown, (
            f"{self.page} has no formula {{: #{name} }}; it has {', '.join(shown) or 'none'}"
        )
        assert shown[name] == " ".join(latex.split()), (
            f"{self.page}: the formula {name} is\n  {shown[name]}\nand its test has\n  {' '.join(latex.split())}\n"
            "Find out which is right, and check both sides of it in the test."
        )

    def _must_stand(self, quotation: str) -> None:
        wanted = " ".join(quotation.split())
        if any(wanted in line.text for line in self.lines):
            return
        sentences = [s for line in self.lines for s in re.split(r"(?<=[.?!:;]) ", line.text)]
        near = difflib.get_close_matches(wanted, sentences, 1, 0.3) or ["nothing like it"]
        raise AssertionError(
            f"{self.page} does not say\n  {wanted}\nnearest is\n  {near[0]}\n"
            "Find out which is right: then mend the words, or this quotation and what is asserted beside it."
        )


@cache
def of(topic: str) -> list[Paragraph]:
    """The paragraphs of a post."""
    return paragraphs(HOUSE(), topic)


@cache
def equations(topic: str) -> dict[str, str]:
    """The displayed formulas of a post by their names; those without one, arithmetic, under their LaTeX."""
    house = HOUSE()
    post = house.posts[topic]
    page = Page(
        Build(house), post.uri, "", (ROOT / "docs" / post.uri).read_text(encoding="utf-8"), lambda _: ""
    )
    shown = [m for m in TOKEN.finditer(post.text) if m.lastgroup == "formula" and m["display"]]
    read_as = [MARKS["formula"].read(m, page).strip("$").strip() for m in shown]
    return {m["equation"] or latex: latex for m, latex in zip(shown, read_as, strict=True)}


def quotations(topic: str) -> list[tuple[str, re.Pattern[str]]]:
    """What the test module of a post quotes: where, and a pattern of it, with a gap for what is filled in."""
    path = ROOT / "tests" / "snippets" / f"test_{topic.replace('-', '_')}.py"
    found = []
    for function in ast.parse(path.read_text(encoding="utf-8")).body:
        for call in calls(function):
            if ast.unparse(call.func) != "says.formula":
                found += [(getattr(function, "name", "?"), pattern(argument)) for argument in call.args]
            else:
                latex = " ".join(ast.literal_eval(call.args[1]).split())
                found.append((getattr(function, "name", "?"), re.compile(re.escape(f"${latex}$"))))
    return found


def calls(function: ast.AST) -> list[ast.Call]:
    """Every call of `says` within a test."""
    named = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    return [call for call in named if ast.unparse(call.func) in ("says", "says.only", "says.formula")]


def pattern(argument: ast.expr) -> re.Pattern[str]:
    """A quotation as a pattern; what an f-string fills in may be any number or any few words."""
    if isinstance(argument, ast.Constant):
        return re.compile(re.escape(" ".join(str(argument.value).split())))
    assert isinstance(argument, ast.JoinedStr), (
        f"says({ast.unparse(argument)}): quote the words, or fill them in"
    )
    parts = [
        re.escape(v.value) if isinstance(v, ast.Constant) else r"[^|.\n]+?(?:\.\d[^|.\n]*?)?"
        for v in argument.values
    ]
    return re.compile(" ".join("".join(parts).split()).replace("\\ \\ ", "\\ "))


def unquoted(topic: str) -> list[str]:
    """What a post states and no test of it quotes: the words, and where they stand."""
    patterns = [quotation for _, quotation in quotations(topic)]
    missing = []
    for line in of(topic):
        spans = [m.span() for p in patterns for m in p.finditer(line.text)]
        stating = re.finditer(r"[\w$%−+’]+", line.text) if line.whole else STATING.finditer(line.text)
        bare = [m[0] for m in stating if not any(a <= m.start() and m.end() <= b for a, b in spans)]
        if bare:
            missing.append(f"{', '.join(bare)}: {line.text}")
    return missing


def groundless(topic: str) -> list[str]:
    """Tests that quote a post and assert nothing: neither a check beside the words, nor a value filled into them."""
    path = ROOT / "tests" / "snippets" / f"test_{topic.replace('-', '_')}.py"
    return [
        function.name
        for function in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(function, ast.FunctionDef)
        and (said := calls(function))
        and not grounded(function, said)
    ]


def grounded(function: ast.FunctionDef, said: list[ast.Call]) -> bool:
    """Whether a test that quotes has a ground: an assertion, an expected error, or values filled into what it quotes."""
    checks = any(
        isinstance(node, ast.Assert)
        or (isinstance(node, ast.Attribute) and node.attr in ("raises", "testing"))
        for node in ast.walk(function)
    )
    return checks or all(
        ast.unparse(call.func) == "says.only" or all(isinstance(a, ast.JoinedStr) for a in call.args)
        for call in said
    )
