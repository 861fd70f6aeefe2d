"""What the eye cannot check on every page: contrast, weight, strictness, and that the two languages are complete."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from markupsafe import Markup

from fairs import paths
from fairs.core import i18n
from fairs.web import styleguide, templating, ui

TEXT, LARGE = 4.5, 3.0
PAIRS = [
    *[
        (ink, ground, TEXT)
        for ink in ("ink", "ink-soft", "accent", "bronze")
        for ground in ("paper", "surface", "sunken")
    ],
    *[(kind, f"{kind}-soft", TEXT) for kind in ("ok", "warn", "bad", "info", "bronze")],
    *[(kind, ground, TEXT) for kind in ("ok", "warn", "bad", "info") for ground in ("paper", "surface")],
    *[("ink", f"{kind}-soft", TEXT) for kind in ("ok", "warn", "bad", "info", "bronze")],
    *[("on-accent", ground, TEXT) for ground in ("accent-fill", "accent-fill-hover")],
    *[(f"on-level-{level}", f"level-{level}", TEXT) for level in (2, 3, 4)],
    *[(line, ground, LARGE) for line in ("line-strong", "focus", "bronze-fill") for ground in ("paper", "surface")],
]
ANSWERS = {
    "ok": ("#fff", "#0a4f27"),
    "already": ("#1c1400", "#ffc233"),
    "refused": ("#fff", "#8c0a2c"),
    "wait": ("#fff", "#22303f"),
}
PUBLIC_SHEETS = ("tokens", "base", "layout", "forms", "tables", "components", "print")


def _tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6});", block))


def _themes() -> dict[str, dict[str, str]]:
    sheet = (paths.STATIC / "css/tokens.css").read_text(encoding="utf-8")
    light = _tokens(sheet[: sheet.index(":lang(zh)")])
    by_device = _tokens(sheet[sheet.index("@media (prefers-color-scheme") : sheet.index(':root[data-theme="dark"]')])
    by_choice = _tokens(sheet[sheet.index(':root[data-theme="dark"]') :])
    return {"light": light, "dark": by_device, "dark by choice": by_choice}


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(first: str, second: str) -> float:
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_tokens_keep_contrast(theme: str) -> None:
    tokens = _themes()[theme]
    low = {
        f"{ink} on {ground}": round(_contrast(tokens[ink], tokens[ground]), 2)
        for ink, ground, least in PAIRS
        if _contrast(tokens[ink], tokens[ground]) < least
    }
    assert low == {}


def test_dark_is_the_same_by_device_and_by_choice() -> None:
    themes = _themes()
    assert themes["dark"] == themes["dark by choice"]
    assert set(themes["dark"]) == set(themes["light"])


@pytest.mark.parametrize("kind", ANSWERS)
def test_scanner_answer_is_legible_in_the_sun(kind: str) -> None:
    ink, ground = ANSWERS[kind]
    sheet = " ".join((paths.STATIC / "css/scanner.css").read_text(encoding="utf-8").split())
    assert f".answer--{kind} {{ background: {ground}; color: {ink}; }}" in sheet
    assert _contrast(ink, ground) >= 7


def test_public_pages_stay_light() -> None:
    assert sum((paths.STATIC / f"css/{name}.css").stat().st_size for name in PUBLIC_SHEETS) <= 60_000
    assert (paths.STATIC / "js/fairs.js").stat().st_size <= 16_000


def test_no_template_needs_a_looser_policy() -> None:
    loose = re.compile(
        r"""<style|<script(?![^>]*\bsrc=)|\sstyle="|\son[a-z]+="|hx-on|javascript:|https?://(?!www\.w3\.org)"""
    )
    found = {
        f"{path.relative_to(paths.TEMPLATES)}: {match.group(0)}"
        for path in paths.TEMPLATES.rglob("*.html")
        if "emails" not in path.parts
        for match in loose.finditer(path.read_text(encoding="utf-8"))
    }
    assert found == set()


def test_every_icon_named_is_drawn() -> None:
    sprite = (paths.STATIC / "icons/icons.svg").read_text(encoding="utf-8")
    drawn = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    sources = [path.read_text(encoding="utf-8") for path in paths.TEMPLATES.rglob("*.html")]
    named = {name for text in sources for name in re.findall(r'\bicon(?:_name=|\()"([a-z-]+)"[,)]', text)}
    assert named - drawn == set()


def test_every_word_of_the_parts_has_chinese() -> None:
    places = [paths.TEMPLATES / "base.html", paths.TEMPLATES / "styleguide.html"]
    places += [*(paths.TEMPLATES / "components").glob("*.html"), *(paths.TEMPLATES / "errors").glob("*.html")]
    environment: Any = templating.environment()
    found = [
        message
        for path in places
        for _, _, message in environment.extract_translations(path.read_text(encoding="utf-8"))
    ]
    words = {message if isinstance(message, str) else message[0] for message in found}
    known = i18n.catalogue("zh")
    assert {word for word in words if known.ugettext(word) == word} == set()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("template", ["styleguide.html", "errors/page.html", "errors/_fragment.html"])
def test_page_renders_in_both_languages(template: str, lang: str) -> None:
    with i18n.language(lang):
        page = (
            templating.environment()
            .get_template(template)
            .render({**page_context(lang), "samples": styleguide.samples()})
        )
    assert "None" not in re.sub(r"<[^>]+>", "", page)
    assert not re.search(r'="(None|True|False)"', page)
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))


def page_context(lang: str) -> Mapping[str, Any]:
    """What every page may use, without an app around it."""
    return {
        "lang": lang,
        "theme": None,
        "actor": None,
        "url": lambda name, **parameters: f"/{name}",
        "csrf_field": lambda: Markup('<input type="hidden" name="_csrf_token" value="t">'),
        "flash": [ui.Flash("success", "ok")],
        "path": "/styleguide",
        "query": {},
        "nav": [],
        "request_id": "0123456789abcdef",
        "title": "title",
        "message": "message",
        "code": 500,
        "next_step": None,
    }
