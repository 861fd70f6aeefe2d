"""No page says that something was or will be mailed where no mail can leave."""

import re
from pathlib import Path

import pytest

from fairs import paths

PROMISE = re.compile(
    r"_\((\"[^\"]*\b(?:by (?:e-)?mail|[Ww]e mail|mailed|a mail|is on its way|come by e-mail)\b[^\"]*\")"
)
# Sentences that promise nothing: what mail is for, and the pages about mail itself.
HARMLESS = (
    "templates/notifications/",
    "templates/mailings/",
    "templates/styleguide.html",
    "accounts/account.html",
    "accounts/review.html",
    "meetings/mail_settings.html",
)

SAY_WHAT_WAS = (
    "confirming.py",
    "styleguide.py",
    "credentials.py",
    "forms.py",
)  # how somebody confirmed a signature; the pattern book


@pytest.mark.parametrize("path", sorted(paths.TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_page_promises_mail_only_where_it_leaves(path: Path) -> None:
    if any(part in str(path) for part in HARMLESS) or "/emails/" in str(path):
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        for promise in PROMISE.findall(line):
            assert "mail_leaves()" in line, promise


def test_python_promises_mail_only_where_it_leaves() -> None:
    promise = re.compile(r"(?:(\w+) = )?N_\(\s*\"[^\"]*\b(?:by mail|[Ww]e mail|mailed|a mail|on its way)\b")
    for path in paths.PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for found in promise.finditer(text):
            chosen = f"told({found[1]}," in text or "told(" in text[max(0, found.start() - 40) : found.start()]
            assert chosen or path.name in SAY_WHAT_WAS, f"{path.name}: {found[0]}"
