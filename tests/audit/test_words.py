"""Every act and every kind of object that the source records has a name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from fairs import paths
from fairs.audit import words
from fairs.audit.field_words import FIELDS
from fairs.core import i18n

WRITERS = {"record", "record_all", "record_for"}
ACT = re.compile(r"[a-z_]+\.[a-z_]+")


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(Path(paths.PACKAGE).rglob("*.py")):
        name = str(path.relative_to(paths.PACKAGE))
        tree = ast.parse(path.read_text("utf-8"))
        if any(
            isinstance(node, ast.ImportFrom)
            and node.module == "fairs.audit.services"
            and WRITERS & {alias.name for alias in node.names}
            for node in ast.walk(tree)
        ):
            yield name, tree


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WRITERS:
            yield node


def pattern(text: ast.JoinedStr) -> re.Pattern[str]:
    """A formatted text as the pattern of what it can become."""
    fixed = [part.value if isinstance(part, ast.Constant) else None for part in text.values]
    return re.compile("".join(re.escape(part) if isinstance(part, str) else "[a-z_]+" for part in fixed))


def test_every_act_of_the_source_has_words() -> None:
    seen = 0
    missing = []
    for name, tree in modules():
        given = {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        for call in calls(tree):
            seen += 1
            act = call.args[0]
            if isinstance(act, ast.Constant):
                known = act.value in words.ACTIONS
            elif isinstance(act, ast.JoinedStr):
                known = any(pattern(act).fullmatch(action) for action in words.ACTIONS)
            else:  # handed in: every text of the module that looks like an act
                known = {text for text in given if ACT.fullmatch(text)} <= words.ACTIONS.keys()
            if not known:
                missing.append(f"{name}:{call.lineno} {ast.unparse(act)}")
    assert missing == [], "name it in fairs.audit.words.ACTIONS"
    assert seen > 50


def test_every_kind_of_object_has_words() -> None:
    missing = []
    for name, tree in modules():
        for call in calls(tree):
            kind = call.args[1]
            if isinstance(kind, ast.Constant) and kind.value not in words.KINDS:
                missing.append(f"{name}:{call.lineno} {ast.unparse(kind)}")
    assert missing == [], "name it in fairs.audit.words.KINDS"
    assert {"session", "room", "gate"} <= words.KINDS.keys()  # their name comes from the class of the part


def test_names_are_in_both_languages() -> None:
    for table in (words.ACTIONS, words.KINDS, FIELDS):
        with i18n.language("en"):
            english = {key: str(word) for key, word in table.items()}
        with i18n.language("zh"):
            assert all(re.search(r"[\u4e00-\u9fff]", str(word)) for word in table.values())
        assert all(word[0].isupper() for word in english.values())


def test_unknown_act_is_shown_as_it_is_stored() -> None:
    assert (words.action_word("gate.explode"), words.kind_word("moon_base")) == ("gate.explode", "moon base")


def _recorded(function: ast.AST) -> Iterator[str]:
    """The names of values that a function records: keys of dictionaries in its calls, and in what these calls are given."""
    made = list(calls(function))
    given = {name.id for call in made for name in ast.walk(call) if isinstance(name, ast.Name)}
    values: list[ast.AST] = list(made)
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if given & {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}:
                values.append(node.value)
    for value in values:
        for found in ast.walk(value):
            if isinstance(found, ast.Dict):
                yield from (
                    key.value for key in found.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
                )


def test_every_recorded_value_has_words() -> None:
    seen, missing = set(), set()
    for name, tree in modules():
        for function in ast.walk(tree):
            if isinstance(function, ast.AsyncFunctionDef | ast.FunctionDef):
                for key in _recorded(function):
                    seen.add(key)
                    if key not in FIELDS:
                        missing.add(f"{name}: {key}")
    assert sorted(missing) == [], "name it in fairs.audit.field_words.FIELDS"
    assert {"state", "evidence", "reason"} <= seen
