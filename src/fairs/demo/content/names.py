"""Names of invented people, in passport spelling and in their own script."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from fairs.demo.content.fragments import pair, read
from fairs.demo.content.phrasing import weighted

_TRIES = 60


@dataclass(frozen=True, slots=True)
class Person:
    culture: str
    country: str
    given: str
    family: str
    passport: str
    native: str


@cache
def cultures() -> Mapping[str, Mapping[str, Any]]:
    return read("names")


def slug(name: str) -> str:
    """The local part of a mail address: lower-case letters, digits, dots."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", ".", plain.replace("'", "")).strip(".")


class NameBook:
    """Returns unused names: no two people of an edition share a passport spelling."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._given: set[str] = set()
        self._addresses: set[str] = set()

    def anyone(self) -> Person:
        """A person of any culture, by weight; when a culture's names are used up, another is chosen."""
        weights = {culture: float(part["weight"]) for culture, part in cultures().items()}
        while True:
            culture = weighted(self._rng, weights)
            country = weighted(self._rng, cultures()[culture]["countries"])
            found = self._new(culture, country)
            if found:
                return found

    def person(self, culture: str, country: str) -> Person:
        """A person of this culture; a name may repeat once the culture's names are used up."""
        return self._new(culture, country) or self._draw(culture, country)

    def address(self, person: Person) -> str:
        """A unique mail address, at a domain that is reserved for examples."""
        base, domain = slug(person.passport), self._rng.choice(("example.org", "example.net"))
        address, number = f"{base}@{domain}", 2
        while address in self._addresses:
            address, number = f"{base}{number}@{domain}", number + 1
        self._addresses.add(address)
        return address

    def _new(self, culture: str, country: str) -> Person | None:
        for _ in range(_TRIES):
            person = self._draw(culture, country)
            if person.passport not in self._given:
                self._given.add(person.passport)
                return person
        return None

    def _draw(self, culture: str, country: str) -> Person:
        part = cultures()[culture]
        family, family_native = pair(self._rng.choice(part["family"]))
        if "given" in part:
            given, given_native = pair(self._rng.choice(part["given"]))
        else:
            first, second = (pair(self._rng.choice(part[key])) for key in ("given_first", "given_second"))
            given, given_native = first[0] + second[0], first[1] + second[1]
        names = [given_native, family_native] if part["order"] == "gf" else [family_native, given_native]
        return Person(culture, country, given, family, f"{given} {family}", part["join"].join(names))
