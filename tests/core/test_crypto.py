import pytest

from fairs.core import crypto
from tests.conftest import SECRET


@pytest.fixture(autouse=True)
def key() -> None:
    crypto.configure(SECRET)


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
