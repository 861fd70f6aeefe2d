import re
from pathlib import Path

import pytest

from fairs.core import crypto
from tests.conftest import SECRET


def test_sealed_value_opens_only_for_its_purpose() -> None:
    sealed = crypto.encrypt(b"E12345678", "passport")
    assert crypto.decrypt(sealed, "passport") == b"E12345678"
    with pytest.raises(ValueError):
        crypto.decrypt(sealed, "badge")


def test_sealed_value_changed_is_refused() -> None:
    sealed = bytearray(crypto.encrypt(b"x", "passport"))
    sealed[-1] ^= 1
    with pytest.raises(ValueError):
        crypto.decrypt(bytes(sealed), "passport")


@pytest.mark.parametrize("signed", ["", ".", "abc", "abc.def", "é.x"])
def test_foreign_signature_is_nobodys(signed: str) -> None:
    assert crypto.unsign(signed, "flash") is None


def test_signature_roundtrip_in_both_scripts() -> None:
    assert crypto.unsign(crypto.sign("报名成功 ok", "flash"), "flash") == "报名成功 ok"


def test_short_secret_is_refused() -> None:
    with pytest.raises(ValueError):
        crypto.configure("short")


OTHER = "another secret for tests, long enough as well"


def test_text_sealed_with_an_earlier_key_opens_and_is_named_by_it() -> None:
    old = crypto.seal_text("+34 600 000 000", "phone")
    assert "600" not in old
    assert old.startswith(f"sealed:{crypto.current_id()}:")
    crypto.configure(OTHER, SECRET)
    assert crypto.open_text(old, "phone") == "+34 600 000 000"
    assert crypto.seal_text("x", "phone").startswith(f"sealed:{crypto.id_of(OTHER)}:")
    assert crypto.key_ids() == [crypto.id_of(OTHER), crypto.id_of(SECRET)]
    crypto.configure(OTHER)
    with pytest.raises(ValueError, match="not known"):
        crypto.open_text(old, "phone")


def test_text_is_bound_to_its_purpose_and_refused_when_changed() -> None:
    sealed = crypto.seal_text("E1234", "phone")
    for wrong, purpose in (
        (sealed, "mail"),
        (sealed[:-2], "phone"),
        (sealed[:16] + ":AAAA", "phone"),
        ("sealed:x", "phone"),
    ):
        with pytest.raises(ValueError):
            crypto.open_text(wrong, purpose)
    assert crypto.open_text("plain as before", "phone") == "plain as before"
    assert crypto.seal_text("", "phone") == ""


def test_bytes_sealed_before_keys_had_names_still_open() -> None:
    old = crypto._seal(b"E12345678", "badge-key", SECRET.encode())
    crypto.configure(OTHER, SECRET)
    assert crypto.decrypt(old, "badge-key") == b"E12345678"
    assert crypto.decrypt(b"\x01" + crypto.encrypt(b"y", "p")[1:], "p") == b"y"
    for short in (b"", b"\x01", b"\x01abcd", b"x" * 13):
        with pytest.raises(ValueError):
            crypto.decrypt(short, "badge-key")


def test_marks_are_found_under_every_key_and_tell_nothing() -> None:
    old = crypto.mark("5678", "phone")
    assert re.fullmatch(r"[A-P]{12}", old)
    crypto.configure(OTHER, SECRET)
    assert crypto.mark("5678", "phone") != old
    assert old in crypto.marks("5678", "phone")
    assert old not in crypto.marks("5678", "other")


def test_signature_of_an_earlier_key_still_counts() -> None:
    old = crypto.sign("invitation", "flash")
    crypto.configure(OTHER, SECRET)
    assert crypto.unsign(old, "flash") == "invitation"
    crypto.configure(OTHER)
    assert crypto.unsign(old, "flash") is None


def test_running_process_takes_a_new_key_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    file.write_text(SECRET)
    crypto.configure(SECRET, file=file)
    assert crypto.current_id() == crypto.id_of(SECRET)
    file.write_text(f"{OTHER}\n{SECRET}\n")
    crypto.configure(OTHER, SECRET)
    foreign = crypto.seal_text("written by another process", "phone")
    crypto.configure(SECRET, file=file)
    crypto._ring().refresh()
    file.write_text(f"{OTHER}\n{SECRET}\n\n")
    assert crypto.open_text(foreign, "phone") == "written by another process"  # at once, not after a second
    assert crypto.current_id() == crypto.id_of(OTHER)
    file.write_text("short\n")
    crypto._ring().looked = 0.0
    assert crypto.current_id() == crypto.id_of(OTHER), "a half-written file changes nothing"
