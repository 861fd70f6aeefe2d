"""What statements about own texts return."""

from datetime import datetime

from fairs.core.rows import Row


class WordingRow(Row, frozen=True):
    """A version of an own text; all four texts empty: the built-in one."""

    id: int
    kind: str
    event: int | None
    version: int
    subject_zh: str
    subject_en: str
    text_zh: str
    text_en: str
    made_by: str | None
    created_at: datetime

    @property
    def is_own(self) -> bool:
        return bool(self.subject_zh)


class InForce(Row, frozen=True):
    """The own text that is in force for a kind, an event and a language."""

    kind: str
    event: int | None
    subject_zh: str
    subject_en: str
    text_zh: str
    text_en: str
