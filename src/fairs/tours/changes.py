"""What was changed of a stop, as its people read it: in one language, in both clocks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fairs.core import i18n
from fairs.core.i18n import pick
from fairs.tours.labels import FIELDS, STOP_KINDS

_MOMENTS = ("starts_at", "ends_at")


@dataclass(frozen=True)
class Line:
    """A changed value: its name, what it was and what it is."""

    label: str
    before: str
    after: str


def stored(values: Mapping[str, Any]) -> str:
    """Values of a stop as JSON."""
    plain = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
    return json.dumps(plain, ensure_ascii=False)


def lines(before: str, after: str, zone: str) -> list[Line]:
    """The changed values in the current language; of two languages only the reader's."""
    was, now = json.loads(before), json.loads(after)
    found: dict[str, Line] = {}
    for name in FIELDS:
        if name not in now and name not in was:
            continue
        key = name.removesuffix("_zh").removesuffix("_en")
        if key == name:
            found[key] = Line(str(FIELDS[name]), _value(name, was.get(name), zone), _value(name, now.get(name), zone))
        elif key not in found or name.endswith(f"_{i18n.current_lang()}"):
            texts = [pick(values.get(f"{key}_zh", ""), values.get(f"{key}_en", "")) for values in (was, now)]
            found[key] = Line(str(FIELDS[name]), *texts)
    return [line for line in found.values() if line.before != line.after]


def _value(name: str, value: Any, zone: str) -> str:
    if not value:
        return ""
    if name in _MOMENTS:
        return i18n.format_moment(datetime.fromisoformat(value), zone)
    return str(STOP_KINDS.get(value, value)) if name == "kind" else str(value)
