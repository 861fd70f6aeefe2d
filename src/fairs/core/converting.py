"""Converts typed or sent text to a field's value, cleaned and checked: the only way for pages, API calls and rows."""

import re
from datetime import date, datetime
from typing import Any, get_args, get_origin

import msgspec

from fairs.core import figures, mailboxes
from fairs.core.cleaning import Unstorable, clean_text
from fairs.core.errors import Invalid
from fairs.core.fields import MAX_VALUES, Field
from fairs.core.i18n import EVENT_ZONE, N_, format_number


class Refused(Exception):
    def __init__(self, message: object) -> None:
        self.message = message


UNSTORABLE = N_("Contains characters that cannot be stored")


def clean_line(text: str, field: str, *, lines: bool = False) -> str:
    """What was typed into a field that belongs to no form, cleaned as in every form. Raises Invalid."""
    try:
        return clean_text(text, lines=lines)
    except Unstorable as refused:
        raise Invalid(fields={field: [UNSTORABLE]}) from refused


def _clean(text: str, spec: Field) -> str:
    try:
        text = clean_text(text, lines=spec.widget == "textarea")
    except Unstorable as refused:
        raise Refused(UNSTORABLE) from refused
    if spec.widget == "email" and text:
        try:
            return mailboxes.read(text)
        except mailboxes.NoAddress as refused:
            raise Refused(refused.message) from refused
    return spec.store(text) if spec.store else text


def _is_list(kind: Any) -> bool:
    return get_origin(kind) in (list, tuple, set, frozenset)


def convert(raw: Any, kind: Any, spec: Field, default: Any, zone: str) -> Any:
    required = default is msgspec.NODEFAULT
    if _is_list(kind):
        return _convert_list(raw, kind, spec, default)
    if isinstance(raw, list):
        raise Refused(N_("Give one value"))
    if isinstance(raw, str) and spec.widget != "password":
        raw = _clean(raw, spec)
    if kind is bool:
        return _convert_bool(raw)
    if raw is None or raw == "":
        if required:
            raise Refused(N_("Please fill this in"))
        return default
    base = _without_none(kind)
    if base is bool:
        return _convert_bool(raw)
    value = _convert_scalar(raw, base, zone)
    _check_limits(value, spec)
    return value


def _without_none(kind: Any) -> Any:
    members = [member for member in get_args(kind) if member is not type(None)]
    return members[0] if len(members) == 1 and type(None) in get_args(kind) else kind


def _convert_bool(raw: Any) -> bool:
    if raw in (None, "", False, "false", "0", "off", "no", "否"):
        return False
    if raw in (True, "on", "true", "1", "yes", "是"):
        return True
    raise Refused(N_("Answer yes or no"))


def _convert_list(raw: Any, kind: Any, spec: Field, default: Any) -> Any:
    entries = raw if isinstance(raw, list) else [] if raw in (None, "") else [raw]
    if len(entries) > MAX_VALUES:
        raise Refused(N_("Too many values"))
    member = get_args(kind)[0]
    values = []
    for entry in entries:
        entry = _clean(entry, spec) if isinstance(entry, str) else entry
        if entry not in (None, ""):
            value = _convert_scalar(entry, member)
            _check_limits(value, spec)
            values.append(value)
    if not values and default is msgspec.NODEFAULT:
        raise Refused(N_("Please choose at least one"))
    return values


def _convert_scalar(raw: Any, kind: Any, zone: str = EVENT_ZONE) -> Any:
    if kind is str and not isinstance(raw, str):
        raise Refused(N_("Give a text"))
    try:
        if kind is datetime:
            return figures.moment(raw, zone)
        if kind is date:
            return figures.day(raw)
        if kind in (int, float):
            return figures.number(raw, kind)
        return msgspec.convert(raw, kind, strict=False)
    except figures.NotRead as error:
        raise Refused(error.message) from error
    except (msgspec.ValidationError, OverflowError, ValueError) as error:
        raise Refused(N_("Choose one from the list")) from error


def _check_limits(value: Any, spec: Field) -> None:
    if isinstance(value, str):
        if len(value) > spec.longest:
            raise Refused(
                N_("At most %(limit)s characters, this has %(length)s", limit=spec.longest, length=len(value))
            )
        if len(value) < spec.min_length:
            raise Refused(N_("At least %(limit)s characters", limit=spec.min_length))
        if spec.pattern and not re.fullmatch(spec.pattern, value):
            raise Refused(spec.pattern_message)
        if spec.choices and value not in {choice[0] for choice in spec.choices()}:
            raise Refused(N_("Choose one from the list"))
    if isinstance(value, int | float) and not isinstance(value, bool):
        if spec.ge is not None and value < spec.ge:
            raise Refused(N_("At least %(limit)s", limit=format_number(spec.ge)))
        if spec.le is not None and value > spec.le:
            raise Refused(N_("At most %(limit)s", limit=format_number(spec.le)))
    message = spec.rule(value) if spec.rule else None
    if message is not None:
        raise Refused(message)
