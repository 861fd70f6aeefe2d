"""A form field's properties beyond its type."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

from fairs.core.i18n import N_

Choice = tuple[str, str, str]  # value, label, text to search in
YES, NO = "yes", "no"  # values of the choices of an optional answer, a select of `bool | None`
MAX_LENGTH = 200  # characters, unless a field says otherwise
MAX_TEXT = 5000  # characters of a textarea
MAX_VALUES = 200  # values of a multiple choice


@dataclass(frozen=True)
class Field:
    """A form field's properties beyond its type. Lengths in characters; ge and le inclusive."""

    label: object
    help: object = ""
    widget: str = "text"
    choices: Callable[[], Sequence[Choice]] | None = None
    max_length: int | None = None
    min_length: int = 0
    ge: float | None = None
    le: float | None = None
    pattern: str | None = None
    pattern_message: object = N_("This is not in the expected form")
    attrs: Mapping[str, str] = dataclass_field(default_factory=dict)
    rule: Callable[[Any], object | None] | None = None  # returns a message when the converted value is refused
    store: Callable[[str], str] | None = None  # typed text → checked and stored form: a code, a phone number

    @property
    def longest(self) -> int:
        return self.max_length or (MAX_TEXT if self.widget == "textarea" else MAX_LENGTH)
