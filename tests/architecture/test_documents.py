"""Documents link to what exists, and decisions are numbered without a hole."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DECISIONS = ROOT / "docs" / "decisions"
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:)([^)\s#]*)(?:#([^)\s]+))?\)")
NAMED = re.compile(r"docs/[\w/-]+\.md")


def documents() -> list[Path]:
    """The project's own texts."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def anchors(document: Path) -> set[str]:
    """What a link may name behind the `#`: headings as a host of repositories spells them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken() -> Iterator[str]:
    """Links of documents that lead nowhere."""
    for document in documents():
        for target, anchor in LINK.findall(document.read_text(encoding="utf-8")):
            aim = document.parent / target if target else document
            if not aim.exists() or (anchor and aim.suffix == ".md" and anchor not in anchors(aim)):
                yield f"{document.relative_to(ROOT)}: {target}#{anchor}"


def test_links_lead_somewhere() -> None:
    assert list(broken()) == []


def test_documents_named_in_code_exist() -> None:
    named = {
        (name, str(path.relative_to(ROOT)))
        for folder in ("src/fairs", "tests", "benchmarks")
        for path in (ROOT / folder).rglob("*.py")
        for name in NAMED.findall(path.read_text(encoding="utf-8"))
    }
    assert named
    assert [pair for pair in sorted(named) if not (ROOT / pair[0]).is_file()] == []


def test_decisions_are_numbered_without_a_hole() -> None:
    files = sorted(DECISIONS.glob("[0-9]*.md"))
    assert [int(path.name[:4]) for path in files] == list(range(1, len(files) + 1))
    titles = [path.read_text(encoding="utf-8").splitlines()[0] for path in files]
    assert [title.split(" ")[1] for title in titles] == [f"{number}." for number in range(1, len(files) + 1)]
