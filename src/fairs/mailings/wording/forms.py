"""The form of a text in two languages."""

from collections.abc import Mapping
from typing import Annotated, Any

from fairs.core.fields import MAX_TEXT
from fairs.core.forms import Bound, Field, Form
from fairs.core.i18n import N_
from fairs.notifications import placeholders, wording
from fairs.notifications.wording import Wording

_HELP = N_("Leave a blank line between paragraphs. **bold**, - for a list, [words]({link}) for a link.")
TEXTS = ("subject_zh", "text_zh", "subject_en", "text_en")


class WordingForm(Form):
    """Subject and text in both languages."""

    subject_zh: Annotated[str, Field(N_("Subject in Chinese"), max_length=200)]
    text_zh: Annotated[
        str, Field(N_("Text in Chinese"), help=_HELP, widget="textarea", max_length=MAX_TEXT, attrs={"rows": "14"})
    ]
    subject_en: Annotated[str, Field(N_("Subject in English"), max_length=200)]
    text_en: Annotated[
        str, Field(N_("Text in English"), help=_HELP, widget="textarea", max_length=MAX_TEXT, attrs={"rows": "14"})
    ]


def wording_in(values: Mapping[str, Any], lang: str) -> Wording:
    """The text of a form or of a row in one language."""
    return Wording(values[f"subject_{lang}"], values[f"text_{lang}"])


def check_placeholders(form: Bound[Any], kind: str) -> None:
    """Add an error for each placeholder that the kind does not know, and for each that it must have and lacks."""
    known = placeholders.kind_of(kind)
    for name in TEXTS:
        if name not in form.read:
            continue
        text = str(form.read[name])
        for message in wording.problems(text, known.names):
            form.add_error(name, message)
        lacking = wording.missing(text, known.required) if name.startswith("text") else []
        if lacking:
            shown = " ".join("{" + one + "}" for one in lacking)
            form.add_error(name, N_("This must be in the text: %(names)s", names=shown))
