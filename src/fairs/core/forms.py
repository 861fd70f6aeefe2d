"""One definition of a form: an msgspec struct serves the HTML page, the JSON call and the spreadsheet row.

    class ListingForm(Form):
        title_zh: Annotated[str, Field(N_("Title in Chinese"), max_length=120)]
        headcount: Annotated[int, Field(N_("People wanted"), widget="number", ge=1, le=500)] = 1

`bind(ListingForm, mapping)` converts every field, collects *all* errors, and keeps what was typed.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import field as dataclass_field
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Generic, TypeVar, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import msgspec
from email_validator import EmailNotValidError, validate_email

from fairs.core.errors import Invalid
from fairs.core.i18n import EVENT_ZONE, N_

Choice = tuple[str, str, str]  # value, label, text to search in
YES, NO = "yes", "no"  # values of the choices of an answer that may stay open, a select of `bool | None`
MAX_LENGTH = 200  # characters, unless a field says otherwise
MAX_TEXT = 5000  # characters of a textarea
MAX_VALUES = 200  # values of a multiple choice


@dataclass(frozen=True)
class Field:
    """What a form knows of a field beyond its type. Lengths in characters; ge and le inclusive."""

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
    rule: Callable[[Any], object | None] | None = None  # a message when the converted value is refused

    @property
    def longest(self) -> int:
        return self.max_length or (MAX_TEXT if self.widget == "textarea" else MAX_LENGTH)


class Form(msgspec.Struct, kw_only=True):
    """Base of all forms. Override `check` or `check_given` for rules between fields: field name → message."""

    TITLE: ClassVar[object] = ""

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """Errors between fields that can be told although other fields may be missing from `values`."""
        return {}

    def check(self) -> dict[str, object]:
        """Errors that need more than one field; the key "" is the form itself."""
        return self.check_given({name: getattr(self, name) for name in self.__struct_fields__})


F = TypeVar("F", bound=Form)


@dataclass
class BoundField:
    """A field with what was typed and what is wrong with it, ready for the template."""

    name: str
    spec: Field
    required: bool
    values: list[str]
    errors: list[object] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"f-{self.name}"

    @property
    def label(self) -> str:
        return str(self.spec.label)

    @property
    def help(self) -> str:
        return str(self.spec.help)

    @property
    def widget(self) -> str:
        return self.spec.widget

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def choices(self) -> Sequence[Choice]:
        return self.spec.choices() if self.spec.choices else []

    @property
    def attrs(self) -> dict[str, str]:
        """HTML attributes that follow from the rules."""
        found = dict(self.spec.attrs)
        if self.widget in {"text", "textarea", "email", "password", "search"}:
            found.setdefault("maxlength", str(self.spec.longest))
        if self.widget == "number":
            found.update({"inputmode": "decimal"})
            found.update({k: f"{v:g}" for k, v in (("min", self.spec.ge), ("max", self.spec.le)) if v is not None})
        return found


@dataclass
class Bound(Generic[F]):
    """A form with its input. `value` exists only when `ok`."""

    form: type[F]
    fields: dict[str, BoundField]
    form_errors: list[object] = field(default_factory=list)
    _value: F | None = None

    @property
    def ok(self) -> bool:
        return self._value is not None and not self.errors and not self.form_errors

    @property
    def value(self) -> F:
        if self._value is None or not self.ok:
            raise Invalid(fields=self.errors)
        return self._value

    @property
    def errors(self) -> dict[str, list[object]]:
        return {name: item.errors for name, item in self.fields.items() if item.errors}

    @property
    def has_errors(self) -> bool:
        return bool(self.errors or self.form_errors)

    @property
    def form_error(self) -> str:
        return " ".join(str(message) for message in self.form_errors)

    def add_error(self, name: str, message: object) -> None:
        """Attach an error found later, by a service say; an unknown name goes to the form."""
        if name in self.fields:
            self.fields[name].errors.append(message)
        else:
            self.form_errors.append(message)

    def add_errors(self, error: Invalid) -> None:
        """Show a service's refusal beside the fields it names."""
        for name, messages in error.fields.items():
            for message in messages:
                self.add_error(name, message)
        if not error.fields:
            self.form_errors.append(error.message)

    def __iter__(self) -> Iterator[BoundField]:
        return iter(self.fields.values())

    def __getitem__(self, name: str) -> BoundField:
        return self.fields[name]


@lru_cache(maxsize=256)
def specification(form: type[Form]) -> dict[str, tuple[Any, Field, Any]]:
    """name → (type without annotations, Field, default or NODEFAULT)."""
    hints = get_type_hints(form, include_extras=True)
    found: dict[str, tuple[Any, Field, Any]] = {}
    for item in msgspec.structs.fields(form):
        hint = hints[item.name]
        kind, extras = (get_args(hint)[0], get_args(hint)[1:]) if get_origin(hint) is Annotated else (hint, ())
        spec = next((extra for extra in extras if isinstance(extra, Field)), Field(item.name))
        default = item.default
        if default is msgspec.NODEFAULT and item.default_factory is not msgspec.NODEFAULT:
            default = item.default_factory()
        found[item.name] = (kind, spec, default)
    return found


def blank(form: type[F], **values: Any) -> Bound[F]:
    """An empty form, or one filled with what is stored."""
    fields = {}
    for name, (_, spec, default) in specification(form).items():
        given = values.get(name, None if default is msgspec.NODEFAULT else default)
        fields[name] = BoundField(name, spec, default is msgspec.NODEFAULT, _as_typed(given, spec))
    return Bound(form, fields)


def _as_typed(value: Any, spec: Field) -> list[str]:
    if value is None or value is msgspec.UNSET or _is_file(value):
        return []
    if isinstance(value, bool) and spec.choices:
        return [YES if value else NO]
    if isinstance(value, bool):
        return ["on"] if value else []
    if isinstance(value, datetime):
        return [value.astimezone(ZoneInfo(EVENT_ZONE)).strftime("%Y-%m-%dT%H:%M")]
    if isinstance(value, list | tuple | set | frozenset):
        return [str(item) for item in value if not _is_file(item)]
    if isinstance(value, float):
        return [f"{value:g}"]
    return [str(value)]


def _is_file(value: Any) -> bool:
    """An upload, which a multipart body may hold in any field."""
    return hasattr(value, "filename")


def bind(form: type[F], data: Mapping[str, Any]) -> Bound[F]:
    """Convert input of any source. Multi-dicts (with `getall`) keep repeated keys."""
    values: dict[str, Any] = {}
    bound: Bound[F] = Bound(form, {})
    for name, (kind, spec, default) in specification(form).items():
        raw = _raw(data, name)
        item = BoundField(name, spec, default is msgspec.NODEFAULT, _as_typed(raw, spec))
        bound.fields[name] = item
        try:
            values[name] = _convert(raw, kind, spec, default)
        except _Refused as refused:
            item.errors.append(refused.message)
            item.values = [text[: spec.longest + 200] for text in item.values[:MAX_VALUES]]
    if not bound.errors:
        made = form(**{name: value for name, value in values.items() if value is not msgspec.UNSET})
        for name, message in made.check().items():
            bound.add_error(name, message)
        bound._value = made
    else:
        for name, message in form.check_given(values).items():
            if name not in bound.errors:
                bound.add_error(name, message)
    return bound


def parse(form: type[F], data: Mapping[str, Any]) -> F:
    """The value, or Invalid with every field's errors: for JSON."""
    return bind(form, data).value


class _Refused(Exception):
    def __init__(self, message: object) -> None:
        self.message = message


def _raw(data: Mapping[str, Any], name: str) -> Any:
    if hasattr(data, "getall"):
        found = data.getall(name, [])
        return found if len(found) > 1 else found[0] if found else None
    return data.get(name)


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def _clean(text: str, spec: Field) -> str:
    if _CONTROL.search(text) or any("\ud800" <= character <= "\udfff" for character in text):
        raise _Refused(N_("Contains characters that cannot be stored"))
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    return text if spec.widget == "textarea" else " ".join(text.split())


def _is_list(kind: Any) -> bool:
    return get_origin(kind) in (list, tuple, set, frozenset)


def _convert(raw: Any, kind: Any, spec: Field, default: Any) -> Any:
    required = default is msgspec.NODEFAULT
    if _is_list(kind):
        return _convert_list(raw, kind, spec, default)
    if isinstance(raw, list):
        raise _Refused(N_("Give one value"))
    if isinstance(raw, str) and spec.widget != "password":
        raw = _clean(raw, spec)
    if kind is bool:
        return _convert_bool(raw)
    if raw is None or raw == "":
        if required:
            raise _Refused(N_("Please fill this in"))
        return default
    base = _without_none(kind)
    if base is bool:
        return _convert_bool(raw)
    value = _convert_scalar(raw, base)
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
    raise _Refused(N_("Answer yes or no"))


def _convert_list(raw: Any, kind: Any, spec: Field, default: Any) -> Any:
    entries = raw if isinstance(raw, list) else [] if raw in (None, "") else [raw]
    if len(entries) > MAX_VALUES:
        raise _Refused(N_("Too many values"))
    member = get_args(kind)[0]
    values = []
    for entry in entries:
        entry = _clean(entry, spec) if isinstance(entry, str) else entry
        if entry not in (None, ""):
            value = _convert_scalar(entry, member)
            _check_limits(value, spec)
            values.append(value)
    if not values and default is msgspec.NODEFAULT:
        raise _Refused(N_("Please choose at least one"))
    return values


_NUMBER = {int: N_("Give a whole number"), float: N_("Give a number")}


def _convert_scalar(raw: Any, kind: Any) -> Any:
    if kind is datetime:
        return _convert_moment(raw)
    if kind is str and not isinstance(raw, str):
        raise _Refused(N_("Give a text"))
    if kind in (int, float) and isinstance(raw, str):
        raw = raw.replace(",", "").replace("，", "")
    try:
        value = msgspec.convert(raw, kind, strict=False)
    except (msgspec.ValidationError, OverflowError, ValueError) as error:
        message = _NUMBER.get(kind) or (
            N_("Give a date like 2018-10-27") if kind is date else N_("Choose one of the list")
        )
        raise _Refused(message) from error
    if (kind is int and abs(value) > 2**53) or (kind is float and not abs(value) < 1e15):
        raise _Refused(N_("This number is too large"))
    return value


def _convert_moment(raw: Any) -> datetime:
    """An ISO moment; one without a zone is meant in the event's zone, as people type it."""
    try:
        value = raw if isinstance(raw, datetime) else datetime.fromisoformat(str(raw))
        if value.tzinfo is None:
            value = value.replace(tzinfo=ZoneInfo(EVENT_ZONE))
        value.astimezone(ZoneInfo("UTC"))
    except (ValueError, OverflowError) as error:
        raise _Refused(N_("Give date and time like 2018-10-27 09:00")) from error
    return value


def _check_limits(value: Any, spec: Field) -> None:
    if isinstance(value, str):
        if len(value) > spec.longest:
            raise _Refused(
                N_("At most %(limit)s characters, this has %(length)s", limit=spec.longest, length=len(value))
            )
        if len(value) < spec.min_length:
            raise _Refused(N_("At least %(limit)s characters", limit=spec.min_length))
        if spec.widget == "email":
            _check_email(value)
        if spec.pattern and not re.fullmatch(spec.pattern, value):
            raise _Refused(spec.pattern_message)
        if spec.choices and value not in {choice[0] for choice in spec.choices()}:
            raise _Refused(N_("Choose one of the list"))
    if isinstance(value, int | float) and not isinstance(value, bool):
        if spec.ge is not None and value < spec.ge:
            raise _Refused(N_("At least %(limit)s", limit=f"{spec.ge:g}"))
        if spec.le is not None and value > spec.le:
            raise _Refused(N_("At most %(limit)s", limit=f"{spec.le:g}"))
    message = spec.rule(value) if spec.rule else None
    if message is not None:
        raise _Refused(message)


def _check_email(value: str) -> None:
    try:
        validate_email(value, check_deliverability=False, allow_quoted_local=False)
    except EmailNotValidError as error:
        raise _Refused(N_("This is not an e-mail address")) from error
