"""Two people, or two tabs, on one page: a change saved meanwhile is never overwritten unnoticed.

A form carries the version of the values it was filled with. A save from an older page is not executed: the page is shown
again (409) with both texts of every field that differs, and the person chooses. A version is one short digest per field,
so it also shows which fields another person has changed and which this person has.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from fairs.core.cleaning import clean_text
from fairs.core.errors import Conflict
from fairs.core.forms import Bound, BoundField, F, Form, blank, specification
from fairs.core.i18n import N_, gettext

FIELD = "_version"  # the hidden field of a page
CHOICE = "_keep_"  # + a field's name: MINE or THEIRS
MINE, THEIRS = "mine", "theirs"
DIGEST = 5  # characters per field, six bits each
OUTDATED = N_("This was saved by another person, or in another tab, after you opened the page. Your input is not lost.")


class Outdated(Conflict):
    """The stored object has changed since the page was opened or the object was read. `extra` has the current version."""

    code = "outdated"

    def __init__(self, form: type[Form], stored: Mapping[str, Any], seen: str) -> None:
        super().__init__(OUTDATED, version=version_of(form, stored))
        self.stored, self.seen = dict(stored), seen


@dataclass(frozen=True)
class Difference:
    """A field with both texts, formatted for reading. `keep`: the preselected choice."""

    name: str
    label: str
    mine: list[str]
    theirs: list[str]
    keep: str
    lang: str


def _names(form: type[Form]) -> list[str]:
    return [name for name in specification(form) if name not in form.APART]


def _canonical(value: Any) -> str:
    """The same text for the same value, whether it was read from the database or typed. Moments are compared to the minute."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return f"{Decimal(str(value)).normalize():f}"  # 2015 was typed, 2015.0 is stored
    if isinstance(value, list | tuple | set | frozenset):
        return "\x1f".join(sorted(_canonical(item) for item in value))
    return clean_text(str(value), lines=True)


def _digest(name: str, value: Any) -> str:
    found = hashlib.sha256(f"{name}={_canonical(value)}".encode()).digest()
    return urlsafe_b64encode(found).decode()[:DIGEST]


def version_of(form: type[Form], stored: Mapping[str, Any]) -> str:
    """The version of the stored values, for the fields that the form can change."""
    return "".join(_digest(name, stored.get(name)) for name in _names(form))


def opened(form: type[F], stored: Mapping[str, Any]) -> Bound[F]:
    """The form filled with the stored values, and its version."""
    bound = blank(form, in_zone=form.zone_of(stored), **stored)
    bound.version = version_of(form, stored)
    return bound


def require_current(form: Form, stored: Mapping[str, Any], seen: str) -> None:
    """Raises Outdated when another value was stored since `seen`. Without a version nothing is compared."""
    kind = type(form)
    if not seen or seen == version_of(kind, stored):
        return
    if any(_canonical(getattr(form, name)) != _canonical(stored.get(name)) for name in _names(kind)):
        raise Outdated(kind, stored, seen)


def received(form: type[Form], data: Any, stored: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The submitted values, with the stored value where that was chosen, and the version that the page carries."""
    sent: dict[str, Any] = {}
    for name in dict.fromkeys(data):
        found = data.getall(name) if hasattr(data, "getall") else [data[name]]
        sent[name] = found if len(found) > 1 else found[0]
    theirs = opened(form, stored)
    for name in _names(form):
        if sent.get(CHOICE + name) == THEIRS:
            values = theirs[name].values
            sent[name] = values if len(values) > 1 else values[0] if values else ""
    seen = sent.get(FIELD, "")
    return sent, seen if isinstance(seen, str) else ""


def show(bound: Bound[Any], late: Outdated) -> None:
    """Show the conflict on the page: every differing field, with the person's text and the stored one.

    A field changed only by another person is preselected as theirs; else the person's own.
    """
    kind: type[Form] = bound.form
    stored, typed = late.stored, bound.value
    seen = _by_field(kind, late.seen)
    theirs = opened(kind, stored)
    mine = opened(kind, {name: getattr(typed, name) for name in specification(kind)})
    differences = []
    for name in _names(kind):
        value = getattr(typed, name)
        if _canonical(value) == _canonical(stored.get(name)):
            continue
        untouched = _digest(name, value) == seen.get(name)
        lang = {"zh": "zh-Hans", "en": "en"}.get(name.rpartition("_")[2], "")
        differences.append(
            Difference(
                name, bound[name].label, words(mine[name]), words(theirs[name]), THEIRS if untouched else MINE, lang
            )
        )
    bound.version, bound.differences = theirs.version, differences


def _by_field(form: type[Form], version: str) -> dict[str, str]:
    names = _names(form)
    if len(version) != DIGEST * len(names):
        return {}
    return {name: version[at * DIGEST : (at + 1) * DIGEST] for at, name in enumerate(names)}


def words(item: BoundField) -> list[str]:
    """The values formatted for reading."""
    if item.widget == "checkbox":
        return [gettext("yes") if item.value else gettext("no")]
    labels = {value: str(label) for value, label, _ in item.choices}
    found = [labels.get(value, value) for value in item.values if value != ""]
    return [text.replace("T", " ") if item.widget == "datetime" else text for text in found]
