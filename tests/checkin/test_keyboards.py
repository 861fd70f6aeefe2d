"""Codes as hand scanners type them: on other keyboards, with prefixes, in full width."""

import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from fairs.badges import codes
from tests.checkin.hall import Hall, open_hall, scan, send, sign
from tests.keyboards import typed

KEY, NUMBER = Ed25519PrivateKey.generate(), 7
KEYS = {NUMBER: KEY.public_key().public_bytes_raw()}
FULL_WIDTH = {chr(point): chr(point + 0xFEE0) for point in range(0x21, 0x7F)}


@pytest.mark.parametrize("keyboard", ["QWERTZ", "AZERTY", "ЙЦУКЕН"])
def test_a_layout_mix_up_is_undone(keyboard: str) -> None:
    for _ in range(15):  # each code has other letters
        uid, code = sign(KEY, NUMBER, 1)
        assert codes.genuine_reading(typed(code, keyboard), KEYS) == (uid, code)


@pytest.mark.parametrize(
    "dress",
    [
        lambda code: "]Q1" + code,
        lambda code: "]C0" + code.lower(),
        lambda code: code.swapcase(),
        lambda code: "".join(FULL_WIDTH.get(letter, letter) for letter in code),
        lambda code: code + "\r",
        lambda code: "\x02" + code + "\x03",
        lambda code: "HTTPS://FAIRS.EXAMPLE/B/" + code,
        lambda code: "]Q1https://fairs.example/b/" + code.lower() + "/",
        lambda code: typed("https://fairs.example/b/" + code, "QWERTZ"),
    ],
)
def test_prefixes_control_characters_case_and_width_do_not_matter(dress: Callable[[str], str]) -> None:
    uid, code = sign(KEY, NUMBER, 1)
    assert codes.genuine_reading(dress(code), KEYS) == (uid, code)


def test_what_we_did_not_sign_has_no_reading() -> None:
    _, foreign = sign(Ed25519PrivateKey.generate(), NUMBER, 1)
    for text in (foreign, typed(foreign, "AZERTY"), "", "x" * 128, "é" * 400, unicodedata.normalize("NFD", "é" * 128)):
        assert codes.genuine_reading(text, KEYS) is None


@given(st.text(max_size=500))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert codes.genuine_reading(text, KEYS) is None


@pytest.fixture
async def hall(db: None) -> Hall:
    return await open_hall()


@pytest.mark.parametrize("keyboard", ["QWERTZ", "AZERTY", "ЙЦУКЕН"])
async def test_the_person_is_admitted_whatever_the_keyboard(
    client: httpx.AsyncClient, hall: Hall, keyboard: str
) -> None:
    code, other = await hall.badge(name_passport="Alice"), await hall.badge(name_passport="Bob")
    first, second, third = await send(
        client, hall.token, scan(typed(code, keyboard)), scan(other), scan("]Q1" + code.lower())
    )
    assert (first["outcome"], first["person"]["name"]) == ("admitted", "Alice")
    assert (second["outcome"], second["person"]["name"]) == ("admitted", "Bob")
    assert third["outcome"] == "already"


async def test_a_garbled_code_asks_for_the_keyboard_and_is_never_called_forged(
    client: httpx.AsyncClient, hall: Hall
) -> None:
    code = await hall.badge()
    while not {*"yz"} & {*code.lower()[:-1]}:  # what QWERTZ swaps
        code = await hall.badge()
    spoiled = [text[:-1] + ("a" if text[-1] != "a" else "b") for text in (typed(code, "AZERTY"), typed(code, "QWERTZ"))]
    *garbled, plain, short = await send(
        client, hall.token, *map(scan, spoiled), scan("https://example.org/"), scan("é" * 50)
    )
    for told in garbled:
        assert (told["outcome"], told["reason"], told["person"]) == ("refused", "keyboard", None)
    assert (plain["reason"], short["reason"]) == ("malformed", "malformed")


async def test_a_signature_that_does_not_hold_in_any_reading_is_forged(client: httpx.AsyncClient, hall: Hall) -> None:
    code = await hall.badge()
    changed = code[:-2] + ("AA" if code[-2:] != "AA" else "BB")
    _, foreign = sign(Ed25519PrivateKey.generate(), NUMBER, 1)  # names no badge of ours in any reading
    own = code[:26] + foreign[26:]  # names a badge of ours, and has a signature of somebody else
    for result in await send(
        client, hall.token, *map(scan, (changed, foreign, typed(foreign, "QWERTZ"), own, typed(own, "QWERTZ")))
    ):
        assert result["reason"] == "forged"


async def test_answers_tell_the_time_by_which_gates_open(
    client: httpx.AsyncClient, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fairs.core import clock

    rehearsed = datetime(2018, 10, 27, 1, 30, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: rehearsed)
    answer = await client.get("/api/v1/checkin/gates", headers={"authorization": f"Bearer {hall.token}"})
    assert datetime.fromisoformat(answer.headers["x-server-time"]) == rehearsed
