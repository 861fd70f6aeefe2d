"""One definition of a form: an msgspec struct is used for the HTML page, the JSON call and the spreadsheet row.

    class ListingForm(Form):
        title_zh: Annotated[str, Field(N_("Title in Chinese"), max_length=120)]
        headcount: Annotated[int, Field(N_("People wanted"), widget="number", ge=1, le=500)] = 1

`bind(ListingForm, mapping)` cleans and converts every field (`core.cleaning`), collects *all* errors, and keeps the
typed text. The checked value is the stored value: `store` converts a field whose stored form differs from the typed one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Generic, TypeVar, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import msgspec

from fairs.core.converting import Refused, convert
from fairs.core.errors import Invalid
from fairs.core.fields import MAX_LENGTH as MAX_LENGTH
from fairs.core.fields import MAX_TEXT as MAX_TEXT
from fairs.core.fields import MAX_VALUES as MAX_VALUES
from fairs.core.fields import NO as NO
from fairs.core.fields import YES as YES
from fairs.core.fields import Choice as Choice
from fairs.core.fields import Field as Field
from fairs.core.i18n import EVENT_ZONE


class Form(msgspec.Struct, kw_only=True):
    """Base of all forms. Override `check` or `check_given` for rules between fields: field name → message."""

    TITLE: ClassVar[object] = ""
    APART: ClassVar[frozenset[str]] = frozenset()  # fields that are not part of the stored object

    @classmethod
    def zone_of(cls, values: Mapping[str, Any]) -> str:
        """The zone in which the moments of these values are shown."""
        return EVENT_ZONE

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """Errors between fields that can be found although other fields may be missing from `values`."""
        return {}

    def check(self) -> dict[str, object]:
        """Errors that need more than one field; the key "" is the form itself."""
        return self.check_given({name: getattr(self, name) for name in self.__struct_fields__})


F = TypeVar("F", bound=Form)


_SHAPES = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "datetime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d"),
}


@dataclass
class BoundField:
    """A field with the typed text and its errors, ready for the template."""

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
        """HTML attributes derived from the rules."""
        found = dict(self.spec.attrs)
        if self.widget in {"text", "textarea", "email", "password", "search"}:
            found.setdefault("maxlength", str(self.spec.longest))
        if self.widget == "number":
            found.update({"inputmode": "decimal"})
            found.update({k: _plain(v) for k, v in (("min", self.spec.ge), ("max", self.spec.le)) if v is not None})
        return found

    @property
    def input_type(self) -> str:
        """The type of the HTML input. A browser's date field shows no invalid text, so such text gets a text input."""
        shape = _SHAPES.get(self.widget)
        if shape and self.value and not shape.fullmatch(self.value):
            return "text"
        return {"datetime": "datetime-local", "number": "text"}.get(self.widget, self.widget or "text")


@dataclass
class Bound(Generic[F]):
    """A form with its input. `value` exists only when `ok`; `read` has the fields that could be converted.

    `version` is the version of the stored values, as `core.versions` writes it: the page carries it.
    """

    form: type[F]
    fields: dict[str, BoundField]
    form_errors: list[object] = field(default_factory=list)
    read: dict[str, Any] = field(default_factory=dict)
    version: str = ""
    differences: list[Any] = field(default_factory=list)  # from values stored meanwhile: `core.versions`
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
        """Add an error found later, such as by a service; an unknown name goes to the form."""
        if name in self.fields:
            self.fields[name].errors.append(message)
        else:
            self.form_errors.append(message)

    def add_errors(self, error: Invalid) -> None:
        """Show a service's errors beside the fields they name."""
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
    fields: dict[str, tuple[Any, Field, Any]] = {}
    for item in msgspec.structs.fields(form):
        hint = hints[item.name]
        kind, extras = (get_args(hint)[0], get_args(hint)[1:]) if get_origin(hint) is Annotated else (hint, ())
        spec = next((extra for extra in extras if isinstance(extra, Field)), Field(item.name))
        default = item.default
        if default is msgspec.NODEFAULT and item.default_factory is not msgspec.NODEFAULT:
            default = item.default_factory()
        fields[item.name] = (kind, spec, default)
    return fields


def blank(form: type[F], *, in_zone: str = EVENT_ZONE, **values: Any) -> Bound[F]:
    """An empty form, or one filled with stored values; moments are shown in the zone."""
    fields = {}
    for name, (_, spec, default) in specification(form).items():
        given = values.get(name, None if default is msgspec.NODEFAULT else default)
        fields[name] = BoundField(name, spec, default is msgspec.NODEFAULT, _as_typed(given, spec, in_zone))
    return Bound(form, fields)


def _as_typed(value: Any, spec: Field, zone: str = EVENT_ZONE) -> list[str]:
    if value is None or value is msgspec.UNSET or _is_file(value):
        return []
    if isinstance(value, bool) and spec.choices:
        return [YES if value else NO]
    if isinstance(value, bool):
        return ["on"] if value else []
    if isinstance(value, datetime):
        return [value.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")]
    if isinstance(value, list | tuple | set | frozenset):
        return [str(item) for item in value if not _is_file(item)]
    if isinstance(value, float):
        return [_plain(value)]
    return [str(value)]


def _plain(value: float) -> str:
    """A number in program notation, never with an exponent."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _is_file(value: Any) -> bool:
    """An upload, which a multipart body may contain in any field."""
    return hasattr(value, "filename")


def bind(form: type[F], data: Mapping[str, Any], *, zone: str = EVENT_ZONE) -> Bound[F]:
    """Convert input of any source. Multi-dicts (with `getall`) keep repeated keys. `zone`: the zone of typed times."""
    bound: Bound[F] = Bound(form, {}, read={})
    values = bound.read
    for name, (kind, spec, default) in specification(form).items():
        raw = _raw(data, name)
        item = BoundField(name, spec, default is msgspec.NODEFAULT, _as_typed(raw, spec, zone))
        bound.fields[name] = item
        try:
            values[name] = convert(raw, kind, spec, default, zone)
        except Refused as refused:
            item.errors.append(refused.message)
            item.values = [text[: spec.longest + 200] for text in item.values[:MAX_VALUES]]
        else:
            _show_again(item, values[name], zone)
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


def _show_again(item: BoundField, value: Any, zone: str) -> None:
    """A day or moment is shown again in the only format that a browser's own field accepts."""
    if isinstance(value, date):
        item.values = _as_typed(value, item.spec, zone)


def parse(form: type[F], data: Mapping[str, Any]) -> F:
    """The value, or Invalid with every field's errors: for JSON."""
    return bind(form, data).value


def _raw(data: Mapping[str, Any], name: str) -> Any:
    if hasattr(data, "getall"):
        found = data.getall(name, [])
        return found if len(found) > 1 else found[0] if found else None
    return data.get(name)
