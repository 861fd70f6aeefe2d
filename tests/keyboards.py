"""What the keys of an American hand scanner come out as under another keyboard layout."""

AMERICAN = "qwertyuiopasdfghjklzxcvbnm234567/:.-"
KEYBOARDS = {  # what each key of an American keyboard gives, pressed as an American scanner presses it
    "QWERTZ": "qwertzuiopasdfghjklyxcvbnm234567-Ö.ß",
    "ЙЦУКЕН": "йцукенгшщзфывапролдячсмить234567.Жю-",
}
AZERTY_LETTERS = dict(zip("qwertyuiopasdfghjklzxcvbnm", "azertyuiopqsdfghjklwxcvbn,", strict=True))


def typed(code: str, keyboard: str) -> str:
    """What an American scanner's keys come out as."""
    if keyboard == "AZERTY":
        table = {**AZERTY_LETTERS, **dict(zip("234567", "é\"'(-è", strict=True)), "m": ","}
    else:
        table = dict(zip(AMERICAN, KEYBOARDS[keyboard], strict=True))
    return "".join(table.get(letter, letter) for letter in code.lower())
