import importlib.util
import unicodedata

import pytest
from argon2 import PasswordHasher, Type

from fairs.accounts import passwords


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "123456789",
        "ééééé" + "\u0301" * 5,  # fewer than ten once composed
        "aaaaaaaaaaaa",
        "ａａａａａａａａａａａ",
        "abababababab",
        "123123123123",
        "abcdabcdabcd",
        "1234567890",
        "0987654321",
        "abcdefghij",
        "QWERTYUIOP",
        "poiuytrewq",
        "1qaz2wsx3edc",
        "password123",
        "Password2024!",
        "passwordpassword",
        "sunshine123456",
        "12345678910",
        "1029384756",
    ],
)
def test_easily_guessed_password_is_refused(password: str) -> None:
    assert passwords.weakness(password) is not None


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "a sentence of mine",
        "郑州的春天来得很早啊你知道吗",
        "xT9-vm2Qz!rb",
        "河南大学招才引智四海",
    ],
)
def test_sentence_is_taken(password: str) -> None:
    assert passwords.problem(password, "alice@example.org", "Alice Wanderer") is None


@pytest.mark.parametrize(
    "password",
    [
        "alice.wanderer@example.org",
        "ALICE.WANDERER",
        "alicewanderer",
        "Wanderer Alice",
        "Alice Wanderer 2024",
        "alice.wanderer99",
        "ａｌｉｃｅ ｗａｎｄｅｒｅｒ",
    ],
)
def test_name_and_address_are_no_password(password: str) -> None:
    assert passwords.problem(password, "alice.wanderer@example.org", "Alice Wanderer") is not None


async def test_password_is_the_same_from_every_keyboard() -> None:
    composed = "Zoë liebt Käse und Öl"
    apart = unicodedata.normalize("NFD", composed)
    assert apart != composed
    stored = await passwords.hash_password(apart)
    assert await passwords.verify_password(stored, composed)
    assert await passwords.verify_password(stored, apart)
    assert not await passwords.verify_password(stored, composed + " ")


def test_a_stored_password_costs_what_rfc_9106_asks_for() -> None:
    """In a module of its own: the run uses cheaper ones."""
    spec = importlib.util.find_spec("fairs.accounts.passwords")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    used = module._hasher
    assert (used.type, used.time_cost >= 3, used.memory_cost >= 64 * 1024) == (Type.ID, True, True)


async def test_password_stored_before_composing_still_opens() -> None:
    apart = unicodedata.normalize("NFD", "Zoë liebt Käse und Öl")
    assert await passwords.verify_password(PasswordHasher().hash(apart), apart)
