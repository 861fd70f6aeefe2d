"""Typed values go back into the form that they came from, and into nothing else."""

import pytest

from fairs.web.refill import refill

PAGE = """<!doctype html><p>1\u2028 &amp; <b>2</b>\x0b</p>
<form action="/other" method="post"><input name="name" value="stays"></form>
<form action="/here#x" method="POST"><input type=hidden name="_csrf_token" value="new">
<input type="hidden" name="version" value="7"><input name="name" value="old">
<input type="password" name="secret" value=""><input type="file" name="photo">
<input type="checkbox" name="yes" value="true" checked><input type="checkbox" name="list" value="a"><input type="checkbox" name="list" value="b" checked>
<input type="radio" name="one" value="x" checked><input type="radio" name="one" value="y">
<textarea name="text" rows="3">
old &lt;b&gt;</textarea>
<select name="pick"><option value="">none</option><option value="1" selected>1</option><option value="2">2</option></select>
<select name="many" multiple><option value="1" selected>1</option><option value="2">2</option></select>
<input name="twice" value=""><input name="twice" value=""><button name="name" value="b">ok</button></form>
<form action="/here" method="get"><input name="name" value="search"></form><p>end</p>"""
TYPED = {
    "name": ['new "<b>'],
    "version": ["7"],
    "secret": ["hunter2"],
    "photo": ["x"],
    "list": ["a"],
    "one": ["y"],
    "text": ["\nnew </textarea><script>"],
    "pick": ["2"],
    "twice": ["1", "2"],
    "_csrf_token": ["old"],
}


def test_everything_typed_is_filled_in() -> None:
    page, found = refill(PAGE, "/page", "/here", TYPED)
    assert found
    assert 'value="new &quot;&lt;b&gt;"' in page
    assert 'name="yes" value="true">' in page
    assert 'name="list" value="a" checked>' in page
    assert 'name="list" value="b">' in page
    assert 'name="one" value="y" checked>' in page
    assert 'name="one" value="x">' in page
    assert "\n\nnew &lt;/textarea&gt;&lt;script&gt;</textarea>" in page
    assert '<option value="2" selected>2' in page
    assert '<option value="1">1' in page
    assert '<input name="twice" value="1"><input name="twice" value="2">' in page
    for kept in ('value="stays"', 'value="search"', 'value="new">', "hunter2", 'name="photo">', "\u2028", "\x0b"):
        assert (kept in page) == (kept != "hunter2"), kept
    assert page.startswith(PAGE[:100])
    assert page.endswith("<p>end</p>")


@pytest.mark.parametrize(
    ("path", "action", "typed"),
    [
        ("/page", "/nowhere", TYPED),
        ("/page", "", TYPED),
    ],
)
def test_other_forms_are_left_alone(path: str, action: str, typed: dict[str, list[str]]) -> None:
    assert refill(PAGE, path, action, typed) == (PAGE, False)


def test_of_equal_forms_the_hidden_fields_say_which() -> None:
    one = (
        '<form action="/w" method="post"><input type="hidden" name="id" value="{0}"><input name="note" value=""></form>'
    )
    page, found = refill(one.format(1) + one.format(2), "/", "/w", {"id": ["2"], "note": ["hello"]})
    assert found
    assert page.index('value="hello"') > page.index('value="2"')


def test_form_changed_by_somebody_meanwhile_keeps_the_new_version() -> None:
    page, found = refill(PAGE, "/page", "/here", TYPED | {"version": ["6"]})
    assert found
    assert 'name="version" value="7"' in page


def test_of_equal_forms_none_is_filled_when_none_is_meant() -> None:
    one = (
        '<form action="/w" method="post"><input type="hidden" name="id" value="{0}"><input name="note" value=""></form>'
    )
    page = one.format(1) + one.format(2)
    assert refill(page, "/", "/w", {"id": ["3"], "note": ["hello"]}) == (page, False)


def test_form_without_an_action_posts_to_its_page() -> None:
    assert refill('<form method="post"><input name="a"></form>', "/p", "/p", {"a": ["1"]})[0].count('value="1"') == 1
