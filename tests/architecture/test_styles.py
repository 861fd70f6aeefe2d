"""Style sheets are whole: no syntax error, no unknown or repeated property, no variable without a value.

JavaScript is checked by oxlint, and oxfmt formats both; this is what no linter in a wheel does for CSS.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tinycss2

ROOT = Path(__file__).parents[2]
# What Chromium 156 knows, the descriptors of at-rules, and the few old names that phones still need.
PROPERTIES = frozenset((Path(__file__).parent / "css_properties.txt").read_text(encoding="utf-8").split())
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
NESTING = {"media", "supports", "container", "layer", "keyframes", "starting-style"}
DECLARING = {
    "font-face",
    "page",
    "property",
    "top-left",
    "top-center",
    "top-right",
    "bottom-left",
    "bottom-center",
    "bottom-right",
}


def rules_of(nodes: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    """(selector, declarations and errors) of every rule, nested ones too."""
    for node in nodes:
        if node.type == "qualified-rule":
            yield from _inside(node)
        elif node.type == "error":
            yield "", [node]
        elif node.type == "at-rule" and node.content is not None:
            if node.lower_at_keyword in NESTING:
                yield from rules_of(tinycss2.parse_rule_list(node.content, True, True))
            elif node.lower_at_keyword in DECLARING:
                yield from _inside(node)
            else:
                yield "", [node]


def _inside(node: Any) -> Iterator[tuple[str, list[Any]]]:
    parts = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
    selector = " ".join(tinycss2.serialize(node.prelude).split())
    yield selector, [part for part in parts if part.type in ("declaration", "error")]
    yield from rules_of([part for part in parts if part.type in ("qualified-rule", "at-rule")])


def complaints(text: str) -> list[str]:
    """What is wrong with a sheet, as sentences with a line."""
    found: list[str] = []
    for selector, content in rules_of(tinycss2.parse_stylesheet(text, True, True)):
        before: dict[str, int] = {}
        for at, part in enumerate(content):
            if part.type == "error":
                found.append(f"{part.source_line}: {part.message}")
            elif part.type == "at-rule":
                found.append(f"{part.source_line}: @{part.at_keyword} is not known here")
            elif not part.name.startswith("--") and part.lower_name not in PROPERTIES:
                found.append(
                    f"{part.source_line}: {part.name} is not known; if it is right, add it to css_properties.txt"
                )
            if part.type == "declaration":
                last = before.get(part.name)
                if last is not None and (last != at - 1 or _value(part) == _value(content[last])):
                    found.append(f"{part.source_line}: {selector} sets {part.name} again")
                before[part.name] = at
    return found


def _value(part: Any) -> str:
    """A declaration as text. An older browser's value just before the newer one is no repetition."""
    return f"{part.name}:{tinycss2.serialize(part.value).strip()}" if part.type == "declaration" else ""


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_sheet_is_whole(sheet: Path) -> None:
    assert complaints(sheet.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a { color red; }", "qualified rule"),
        ("a { color: red; } }", "qualified rule"),
        ("a { colour: red; }", "colour is not known"),
        ("a { color: red; margin: 0; color: blue; }", "a sets color again"),
        ("a { color: red; color: red; }", "a sets color again"),
        ("@medium print { a { color: red; } }", "@medium is not known"),
        ("@media print { a { color: red; colr: 1; } }", "colr is not known"),
    ],
)
def test_mistakes_are_seen(text: str, said: str) -> None:
    assert [line for line in complaints(text) if said in line]


def test_variables_have_a_value_and_are_used() -> None:
    style = "\n".join(sheet.read_text(encoding="utf-8") for sheet in SHEETS)
    others = "\n".join(
        path.read_text(encoding="utf-8")
        for folder, kind in (("static/js", "*.js"), ("templates", "*.html"), ("src/fairs", "*.py"))
        for path in (ROOT / folder).rglob(kind)
    )
    rules = [
        rule for sheet in SHEETS for rule in rules_of(tinycss2.parse_stylesheet(sheet.read_text("utf-8"), True, True))
    ]
    declared = {
        part.name for _, parts in rules for part in parts if part.type == "declaration" and part.name[:2] == "--"
    }
    given = declared | set(re.findall(r"""["'](--[\w-]+)["']""", others))
    used = set(re.findall(r"var\((--[\w-]+)", style + others))
    assert used - given == set()
    assert declared - used == set()
