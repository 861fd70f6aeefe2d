from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st

from fairs.badges import tokens
from fairs.core import qr
from tests.badges.pictures import read_picture

KEY = Ed25519PrivateKey.generate()
KEYS = {7: KEY.public_key().public_bytes_raw()}
TOKEN = tokens.Token(event=12, uid=b"8 bytes!", expires_at=datetime(2018, 10, 29, 10, tzinfo=UTC), key=7)
CODE = tokens.encode(TOKEN, KEY)


def test_token_comes_back_as_it_was_signed() -> None:
    assert len(tokens.body(TOKEN)) <= 20
    assert tokens.verify(CODE, KEYS) == tokens.decode(CODE) == TOKEN
    assert (len(CODE), CODE) == (tokens.LENGTH, CODE.upper())


@pytest.mark.parametrize("form", ["{}", "https://fairs.example/b/{}", "HTTPS://FAIRS.EXAMPLE:8443/B/{}", " {}\n"])
def test_code_is_understood_bare_and_as_an_address_in_either_case(form: str) -> None:
    assert tokens.verify(form.format(CODE), KEYS) == TOKEN
    assert tokens.verify(form.format(CODE.lower()), KEYS) == TOKEN


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def _version_of(code: str) -> int:
    """The first eight bits: a letter and three bits of the next."""
    return LETTERS.index(code[0]) << 3 | LETTERS.index(code[1]) >> 2


@example(position=1, other=LETTERS[LETTERS.index(CODE[1]) ^ 1])
@example(position=1, other=LETTERS[LETTERS.index(CODE[1]) ^ 4])
@given(position=st.integers(0, tokens.LENGTH - 1), other=st.sampled_from(LETTERS))
def test_every_changed_character_is_noticed(position: int, other: str) -> None:
    changed = CODE[:position] + other + CODE[position + 1 :]
    if changed == CODE:
        return
    with pytest.raises(tokens.Forged if _version_of(changed) == _version_of(CODE) else tokens.Malformed):
        tokens.verify(changed, KEYS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A",
        CODE[:-1],
        CODE + "A",
        CODE[:-1] + "1",
        "é" * 128,
        "\x00" * 128,
        "https://evil.example/" + CODE,
        "x" * 5000,
        "𠮷" * 128,
        "=" * 128,
        CODE[:-6] + "======",
    ],
)
def test_what_is_no_token_is_malformed(text: str) -> None:
    with pytest.raises(tokens.Malformed):
        tokens.verify(text, KEYS)


def test_signature_of_another_key_is_forged_and_an_unknown_key_too() -> None:
    with pytest.raises(tokens.Forged):
        tokens.verify(tokens.encode(TOKEN, Ed25519PrivateKey.generate()), KEYS)
    with pytest.raises(tokens.Forged):
        tokens.verify(CODE, {})


def test_token_expires_at_its_hour() -> None:
    assert tokens.verify(CODE, KEYS, at=TOKEN.expires_at - timedelta(seconds=1)) == TOKEN
    with pytest.raises(tokens.Expired):
        tokens.verify(CODE, KEYS, at=TOKEN.expires_at)


@given(st.text(max_size=200))
def test_any_text_is_refused_by_name(text: str) -> None:
    with pytest.raises(tokens.BadToken):
        tokens.verify(text, KEYS)


def test_bare_token_fits_version_6_and_an_address_version_8() -> None:
    assert qr.version(CODE) == 6
    assert qr.version(tokens.qr_text(CODE, "https://rencai.henan.gov.cn")) <= 8


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("https://fairs.example/", f"HTTPS://FAIRS.EXAMPLE/B/{CODE}"),
        ("http://127.0.0.1:8000", CODE),
        ("https://under_score.example", CODE),
        ("https://" + "long." * 12 + "example", CODE),
    ],
)
def test_address_is_printed_where_a_phone_could_open_it(base_url: str, expected: str) -> None:
    assert tokens.qr_text(CODE, base_url) == expected


@pytest.mark.parametrize("scale", [3, 12])
def test_png_is_read_by_a_scanner(scale: int) -> None:
    assert read_picture(qr.png(CODE, scale)) == [CODE]


def test_svg_has_one_path_and_no_script() -> None:
    text = qr.svg(CODE, "Badge")
    assert text.count("<path") == 2
    assert len(text) < 20_000
    assert "<title>Badge</title>" in text


@given(st.binary(min_size=80, max_size=80))
def test_the_uid_alone_is_read_as_the_whole_token_is(raw: bytes) -> None:
    import base64

    text = base64.b32encode(raw).decode()
    if raw[0] == tokens.VERSION:
        assert tokens.uid_of(text) == tokens.decode(text).uid == raw[5:13]
        return
    for read in (tokens.uid_of, tokens.decode):
        with pytest.raises(tokens.Malformed):
            read(text)


@given(st.binary(min_size=79, max_size=79))
def test_a_token_of_our_version_gives_its_uid(rest: bytes) -> None:
    import base64

    raw = bytes([tokens.VERSION]) + rest
    text = base64.b32encode(raw).decode()
    assert tokens.uid_of(text) == tokens.decode(text).uid == raw[5:13]


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", min_size=1, max_size=170))
def test_code_of_capitals_is_the_library_s_own(text: str) -> None:
    from qrcode import QRCode
    from qrcode.constants import ERROR_CORRECT_M

    slow = QRCode(error_correction=ERROR_CORRECT_M, border=qr.QUIET, mask_pattern=qr.MASK)
    slow.add_data(text, optimize=0)
    try:
        slow.make(fit=True)
    except ValueError:  # the library fails on a block of zeros
        return
    if text.isdigit() or slow.version > 9:
        return
    assert qr.matrix(text) == [[bool(cell) for cell in row] for row in slow.get_matrix()]
