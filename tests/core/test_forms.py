from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

import pytest

from fairs.core.errors import Invalid
from fairs.core.forms import Choice, Field, Form, bind, blank, parse
from fairs.core.i18n import language


def colours() -> Sequence[Choice]:
    return [("red", "Red", "red hong"), ("blue", "Blue", "blue lan")]


def answers() -> Sequence[Choice]:
    return [("", "Not said", ""), ("yes", "Yes", ""), ("no", "No", "")]


class Sample(Form):
    title: Annotated[str, Field("Title", max_length=10)]
    count: Annotated[int, Field("Count", widget="number", ge=1, le=9)]
    email: Annotated[str, Field("E-mail", widget="email")] = ""
    colour: Annotated[str, Field("Colour", widget="select", choices=colours)] = ""
    many: Annotated[list[str], Field("Many", widget="multiselect", choices=colours)] = []
    day: Annotated[date | None, Field("Day", widget="date")] = None
    moment: Annotated[datetime | None, Field("Moment", widget="datetime")] = None
    agree: Annotated[bool, Field("Agree", widget="checkbox")] = False
    sure: Annotated[bool | None, Field("Sure", widget="select", choices=answers)] = None
    notes: Annotated[str, Field("Notes", widget="textarea")] = ""

    def check(self) -> dict[str, object]:
        return {"count": "Three is taken"} if self.count == 3 else {}


def errors(data: dict[str, Any]) -> dict[str, list[str]]:
    with language("en"):
        return {name: [str(message) for message in found] for name, found in bind(Sample, data).errors.items()}


def test_valid_input_of_every_type_is_converted() -> None:
    form = bind(
        Sample,
        {
            "title": "  two   words ",
            "count": "7",
            "email": "a@example.org",
            "colour": "red",
            "many": ["red", "blue"],
            "day": "2018-10-27",
            "moment": "2018-10-27T09:00",
            "agree": "on",
            "notes": "line one\r\nline two",
        },
    )
    value = form.value
    assert (value.title, value.count, value.many, value.agree) == ("two words", 7, ["red", "blue"], True)
    assert (value.day, value.moment and value.moment.isoformat()) == (date(2018, 10, 27), "2018-10-27T09:00:00+08:00")
    assert value.notes == "line one\nline two"


def test_all_errors_come_at_once_and_typed_values_are_kept() -> None:
    data = {
        "title": "x" * 11,
        "count": "many",
        "email": "nowhere",
        "colour": "green",
        "day": "27.10.",
        "moment": "soon",
    }
    assert errors(data) == {
        "title": ["At most 10 characters, this has 11"],
        "count": ["Give a whole number"],
        "email": ["This is not an e-mail address"],
        "colour": ["Choose one from the list"],
        "day": ["Give a date like 2018-10-27"],
        "moment": ["Give date and time like 2018-10-27 09:00"],
    }
    assert bind(Sample, data)["day"].value == "27.10."


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("title", "", "Please fill this in"),
        ("title", None, "Please fill this in"),
        ("title", "nul\x00byte", "Contains characters that cannot be stored"),
        ("title", "half \ud800", "Contains characters that cannot be stored"),
        ("title", ["two", "values"], "Give one value"),
        ("title", 7, "Give a text"),
        ("count", "0", "At least 1"),
        ("count", 10, "At most 9"),
        ("count", 10**30, "This number is too large"),
        ("count", "1e400", "Give a whole number"),
        ("count", {"a": 1}, "Give a whole number"),
        ("many", ["red", "green"], "Choose one from the list"),
        ("many", ["red"] * 201, "Too many values"),
        ("agree", "perhaps", "Answer yes or no"),
        ("sure", "perhaps", "Answer yes or no"),
        ("moment", "9999-99-99T00:00", "Give date and time like 2018-10-27 09:00"),
        ("notes", "x" * 5001, "At most 5000 characters, this has 5001"),
    ],
)
def test_bad_value_is_refused_beside_its_field(field: str, value: Any, message: str) -> None:
    assert errors({"title": "fine", "count": 2} | {field: value}) == {field: [message]}


@pytest.mark.parametrize("text", ["🙂🙃", "مرحبا", "<script>", "𠮷野家", "O'Brien\"--"])
def test_unusual_text_is_accepted_as_it_is(text: str) -> None:
    assert parse(Sample, {"title": text, "count": 1}).title == text


def test_rule_between_fields_is_shown_beside_the_field() -> None:
    assert errors({"title": "fine", "count": 3}) == {"count": ["Three is taken"]}


def test_parse_raises_with_every_field() -> None:
    with pytest.raises(Invalid) as refused:
        parse(Sample, {})
    assert sorted(refused.value.fields) == ["count", "title"]


def test_blank_shows_stored_values() -> None:
    form = blank(Sample, title="stored", many=["red"], agree=True, day=date(2018, 10, 27))
    assert [form[name].values for name in ("title", "many", "agree", "day")] == [
        ["stored"],
        ["red"],
        ["on"],
        ["2018-10-27"],
    ]


@pytest.mark.parametrize(
    ("typed", "stored"), [("yes", True), ("no", False), ("", None), (True, True), (False, False), (None, None)]
)
def test_answer_that_may_stay_open_is_kept_apart_from_no(typed: object, stored: bool | None) -> None:
    assert parse(Sample, {"title": "one", "count": 2, "sure": typed}).sure is stored
    assert blank(Sample, sure=stored)["sure"].value == {True: "yes", False: "no", None: ""}[stored]


def test_fields_missing_from_a_browser_form_take_their_defaults() -> None:
    from litestar.datastructures import FormMultiDict

    form = bind(Sample, FormMultiDict([("title", "one"), ("count", "2")]))
    assert (form.ok, form.value.agree, form.value.many, form.value.notes) == (True, False, [], "")
