"""Every text that is shown has its Chinese."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from fairs import paths

METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2"), ("**.subject", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}
OPTIONS = {
    "**": {
        "encoding": "utf-8",
        "extensions": "jinja2.ext.do",
        "trim_blocks": "true",
        "lstrip_blocks": "true",
        "silent": "false",
    }
}


def _used() -> dict[str, str]:
    """Message → a place where it is used."""
    found: dict[str, str] = {}
    for folder in (paths.PACKAGE, paths.TEMPLATES):
        for filename, line, message, _, _ in extract_from_dir(
            folder, method_map=METHODS, options_map=OPTIONS, keywords=KEYWORDS
        ):
            for text in [message] if isinstance(message, str) else message[:1]:
                if text:
                    found.setdefault(text, f"{Path(folder).name}/{filename}:{line}")
    return found


def _translated() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted((paths.LOCALE / "zh_Hans").glob("*.po")):
        with path.open("rb") as handle:
            for message in read_po(handle, locale="zh_Hans", abort_invalid=True):
                if message.id:
                    key = message.id if isinstance(message.id, str) else message.id[0]
                    assert message.string is not None, f"{path.name}: {key!r} has no text"
                    text = message.string if isinstance(message.string, str) else message.string[0]
                    assert not message.fuzzy, f"{path.name}: fuzzy {key!r}"
                    assert found.get(key, text) == text, f"{path.name}: two translations of {key!r}"
                    found[key] = text
    return found


def test_every_message_has_its_chinese() -> None:
    translated = _translated()
    missing = {message: place for message, place in _used().items() if not translated.get(message)}
    assert missing == {}


def test_placeholders_survive_translation() -> None:
    def names(text: str) -> list[str]:
        return sorted(re.findall(r"%\((\w+)\)|\{(\w+)\}", text))

    wrong = {
        key: text
        for key, text in _translated().items()
        if {tuple(n) for n in names(text)} - {("num", "")} != {tuple(n) for n in names(key)} - {("num", "")}
    }
    assert wrong == {}


def test_chinese_has_its_own_punctuation() -> None:
    wrong = re.compile(r"[\u3400-\u9fff”》」][,;:!?(]|[,;?)][\u3400-\u9fff]")
    assert [text for text in _translated().values() if wrong.search(re.sub(r"%\(\w+\)\w", "", text))] == []


def test_no_translation_is_left_over() -> None:
    used = set(_used())
    assert sorted(key for key in _translated() if key not in used) == []


@pytest.mark.parametrize("folder", [paths.PACKAGE])
def test_no_message_of_python_is_chinese(folder: Path) -> None:
    """Interface texts have English msgids (with Chinese examples in them, at most)."""
    wrong = []
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"N_", "gettext"}:
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and re.match(r"[\u4e00-\u9fff]", str(first.value)):
                    wrong.append(f"{path.name}:{node.lineno}")
    assert wrong == []
