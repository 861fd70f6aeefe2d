"""A state, a kind, a level is one enumeration: no module writes its values a second time as bare text."""

import ast
import importlib
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from piccolo.columns import Varchar

from fairs import paths
from fairs.agreements.tables import AgreementState
from fairs.core.forms import specification
from fairs.core.roles import Role
from fairs.core.wishes import Level, Side
from fairs.events import rules
from fairs.events.forms import EventForm, SessionForm
from fairs.events.tables import EventKind, Session
from fairs.matching.engine.records import DEGREE_RANK
from fairs.matching.services import State
from fairs.organisations.forms import OrganisationForm
from fairs.organisations.tables import Organisation
from fairs.registrations.forms import RegistrationForm
from fairs.registrations.rules import categories, own_categories
from fairs.registrations.tables import Category, Registration
from fairs.units import catalogues
from fairs.units.kinds import UnitKind

SOURCE = Path(__file__).parents[2] / "src" / "fairs"
HOLDS = re.compile(
    r"(?:\w+_)?(?:state|kind|category|level|outcome|role|side|direction|visibility|party|credential|degree|decision"
    r"|work_permit)",
    re.IGNORECASE,
)
"""What holds a value of an enumeration, by the last word of its name."""
GIVEN = {"state", "category", "level", "outcome", "role", "side", "direction", "visibility", "party"}
"""Arguments and keys of which the same is true; `kind` is also that of a message on a page."""
OTHER_WORDS = {
    "core/search_keys.py": "categories of Unicode, as unicodedata names them",
    "notifications/letters.py": "the type of an attachment, as MIME names it",
    "tours/planner/patterns.py": "sides of a sorted array, as NumPy names them",
    "web/csrf.py": "a letter within a token",
    "web/refill.py": "types of fields, as HTML names them",
}
"""Module → whose words it compares with: an enumeration of ours would only repeat them."""
COMPARED = re.compile(
    r"\b(state|to_state|kind|level|side|outcome|direction|visibility|party|role|category|owner_kind)\b\)? (?:=|<>|IN|NOT IN)"
    r" \(?((?:'\w*'(?:, )?)+)"
)
"""Literals of a statement. They stay literals: the planner takes a partial index only for a value that it can see."""


TEMPLATE = re.compile(
    r"(\w*(?:state|level|side|outcome|direction|visibility|party|kind|category|role))\b (?:==|!=|in|not in)"
    r" [(\[]?((?:[\"']\w*[\"'](?:, ?)?)+)"
)
"""The same in a page, which has no enumerations. `current` is where a step of the navigation stands."""


def name_of(node: ast.expr) -> str:
    """The last word of what is compared: of a name, an attribute, `row["state"]` or `query.get("state")`."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(name)), *_]):
            return name
    return ""


def texts(node: ast.AST | None) -> list[str]:
    """The constants of an expression that are neither empty nor put together."""
    match node:
        case ast.Constant(value=str(text)) if text:
            return [text]
        case ast.Tuple(elts=parts) | ast.Set(elts=parts) | ast.List(elts=parts):
            return [text for part in parts for text in texts(part)]
        case ast.IfExp(body=body, orelse=other):
            return texts(body) + texts(other)
    return []


def bare(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, text) of each bare value that is compared with, matched, or given as an argument or an attribute."""
    for node in ast.walk(tree):
        found: list[str] = []
        match node:
            case ast.Compare(left=left, comparators=others):
                if any(HOLDS.fullmatch(name_of(side)) for side in (left, *others)):
                    found = [text for side in (left, *others) for text in texts(side)]
            case ast.Match(subject=subject, cases=cases) if HOLDS.fullmatch(name_of(subject)):
                patterns = [case.pattern for case in cases if isinstance(case.pattern, ast.MatchValue)]
                found = [text for pattern in patterns for text in texts(pattern.value)]
            case ast.keyword(arg=str(name), value=value) if name in GIVEN:
                found = texts(value)
            case ast.AnnAssign(target=target, value=value) if name_of(target) in GIVEN:
                found = texts(value)
            case ast.Assign(targets=[ast.Attribute(attr=name)], value=value) if name in GIVEN:
                found = texts(value)
        for text in found:
            yield getattr(node, "lineno", 0), text


def enumerations() -> list[type[StrEnum]]:
    """Those of the tables, and the shared ones."""
    found: list[type[StrEnum]] = [Role, Side, Level, UnitKind]
    for path in sorted(SOURCE.rglob("tables.py")):
        module = importlib.import_module(".".join(("fairs", *path.relative_to(SOURCE).with_suffix("").parts)))
        own = (value for value in vars(module).values() if isinstance(value, type) and issubclass(value, StrEnum))
        homes = (module.__name__, module.__name__.replace("tables", "states"))
        found += [kind for kind in own if kind.__module__ in homes]
    return found


def repeated(tree: ast.AST, kinds: list[frozenset[str]]) -> Iterator[int]:
    """Lines of dictionaries with three keys or more that are all bare values of one enumeration."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            keys = {text for key in node.keys for text in texts(key)}
            if len(keys) > 2 and len(keys) == len(node.keys) and any(keys <= kind for kind in kinds):
                yield node.lineno


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield str(path.relative_to(SOURCE)), ast.parse(path.read_text("utf-8"))


def test_no_bare_value_is_compared_or_given() -> None:
    found = [(name, *one) for name, tree in modules() if name not in OTHER_WORDS for one in bare(tree)]
    assert found == []


def test_the_other_words_are_still_there() -> None:
    trees = dict(modules())
    assert [name for name in OTHER_WORDS if not list(bare(trees[name]))] == []


def test_no_dictionary_repeats_an_enumeration() -> None:
    kinds = [frozenset(str(value) for value in kind) for kind in enumerations()]
    kinds += [frozenset(catalogues.keys(name)) for name in ("session_kinds", "organisation_kinds", "agreement_states")]
    kinds.append(frozenset(categories()))
    assert [(name, line) for name, tree in modules() for line in repeated(tree, kinds)] == []


def test_statements_compare_with_values_that_exist() -> None:
    mails = {path.stem for path in (paths.TEMPLATES / "emails" / "en").glob("*.subject")}
    known = {str(value) for kind in enumerations() for value in kind} | mails | {*categories(), ""}
    wrong = []
    for name, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for column, literals in COMPARED.findall(node.value):
                    wrong += [(name, column, one) for one in re.findall(r"'(\w*)'", literals) if one not in known]
    assert wrong == []


def test_templates_compare_with_values_that_exist() -> None:
    kinds: list[type[StrEnum]] = [*enumerations(), State]
    known = {str(value) for kind in kinds for value in kind} | {"", "current"}
    wrong = []
    for path in sorted(paths.TEMPLATES.rglob("*.*")):
        for name, literals in TEMPLATE.findall(path.read_text("utf-8")):
            wrong += [(path.name, name, one) for one in re.findall(r"[\"'](\w*)[\"']", literals) if one not in known]
    assert wrong == []
    assert TEMPLATE.findall("""{% if row.state in ("held", "gone") %}""") == [("state", '"held", "gone"')]


def test_forms_offer_what_the_catalogues_have() -> None:
    offered = {
        "session_kinds": specification(SessionForm)["kind"][1],
        "organisation_kinds": specification(OrganisationForm)["kind"][1],
        "registration_categories": specification(RegistrationForm)["category"][1],
        "event_kinds": specification(EventForm)["kind"][1],
        "event_families": specification(EventForm)["family"][1],
    }
    for catalogue, field in offered.items():
        assert field.choices is not None
        assert tuple(value for value, _, _ in field.choices()) == catalogues.keys(catalogue)


def test_the_search_sees_bare_values() -> None:
    seen = (
        'row.state == "approved"',
        'if event_state not in ("draft", "closed"): pass',
        'row["kind"] == "people"',
        'query.get("level") != "must"',
        'register(category="guest")',
        'Form(state="held" if held else "no_show")',
        'match plan.kind:\n    case "park": pass',
        'direction: Direction = "in"',
        'self.state = "none"',
    )
    assert [text for text in seen if not list(bare(ast.parse(text)))] == []
    fine = ("row.state == State.APPROVED", 'row.name == "approved"', 'level == ""', 'redirect(kind="info")')
    assert [text for text in fine if list(bare(ast.parse(text)))] == []
    assert list(repeated(ast.parse('X = {"admin": 1, "staff": 2, "bureau": 3}'), [frozenset(Role)])) == [1]
    assert COMPARED.findall("WHERE a.state IN ('held', 'gone')") == [("state", "'held', 'gone'")]


def test_what_code_knows_of_a_catalogue_is_in_it() -> None:
    assert set(EventKind) == set(catalogues.keys("event_kinds"))
    assert set(AgreementState) == set(catalogues.keys("agreement_states"))
    assert set(Category) <= set(categories())
    assert {item.key: item.rank for item in catalogues.degrees()} == DEGREE_RANK
    assert rules.USUAL_SESSION in catalogues.keys("session_kinds")
    assert catalogues.NO_DEGREE in catalogues.keys("degrees")


def test_keys_of_catalogues_fit_their_columns() -> None:
    columns: dict[str, Varchar] = {
        "session_kinds": Session.kind,
        "organisation_kinds": Organisation.kind,
        "registration_categories": Registration.category,
    }
    assert [
        key for name, column in columns.items() for key in catalogues.keys(name) if len(key) > (column.length or 0)
    ] == []


def test_people_choose_among_the_categories_in_their_order() -> None:
    assert own_categories() == ("candidate", "expert", "visitor", "guest", "media")
