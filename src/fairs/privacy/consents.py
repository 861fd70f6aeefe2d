"""Consents: each kind apart, with the version of its text, when and where; withdrawn as easily as given."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db
from fairs.core.i18n import current_lang, pick
from fairs.core.rows import execute, fetch_as
from fairs.core.services import Service
from fairs.privacy.rows import Answer
from fairs.privacy.tables import ConsentKind, ConsentPlace

Effect = Callable[[Actor, bool], Awaitable[None]]
EFFECTS: Service[Mapping[ConsentKind, Effect]] = Service(dict)
"""What an answer changes in higher modules; `wiring` sets it."""
ON_REGISTRATION = (ConsentKind.CROSS_BORDER, ConsentKind.KEEP_AFTER)
"""Asked when somebody registers, none of them needed; registering itself is the answer to PRIVACY."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return pick(self.zh, self.en)


@dataclass(frozen=True, slots=True)
class Consent:
    """What is asked. `off`: what happens when it is withdrawn."""

    key: ConsentKind
    version: str
    source: Words
    title: Words
    text: Words
    off: Words

    @property
    def field(self) -> str:
        """Its name in a form."""
        return f"consent_{self.key}"


@cache
def texts() -> dict[ConsentKind, Consent]:
    """All kinds in the order of the page."""
    content = msgspec.json.decode((files("fairs.privacy") / "data" / "consents.json").read_bytes())
    return {item.key: item for item in msgspec.convert(content["kinds"], tuple[Consent, ...])}


async def answers(account_id: int) -> dict[ConsentKind, Answer]:
    """The answer in force of each kind that was ever answered."""
    rows = await fetch_as(
        Answer,
        "SELECT DISTINCT ON (kind) kind, given, version, lang, place, at FROM consent WHERE account = :account"
        " ORDER BY kind, id DESC",
        account=account_id,
    )
    return {row.kind: row for row in rows}


async def history(account_id: int) -> list[Answer]:
    """Every answer, newest first."""
    return await fetch_as(
        Answer,
        "SELECT kind, given, version, lang, place, at FROM consent WHERE account = :account ORDER BY id DESC",
        account=account_id,
    )


async def note(
    account_id: int, kind: ConsentKind, given: bool, place: ConsentPlace, *, version: str = "", only_first: bool = False
) -> bool:
    """Append an answer, unless it is the one in force; `only_first`: unless the kind was ever answered. Returns whether it was."""
    version = version or texts()[kind].version
    return bool(
        await execute(
            "INSERT INTO consent (account, kind, given, version, lang, place, at)"
            " SELECT a.id, :kind::varchar, :given::boolean, :version::varchar, :lang::varchar, :place::varchar, :now::timestamptz"
            " FROM account a WHERE a.id = :account AND NOT EXISTS (SELECT 1 FROM (SELECT c.given, c.version FROM consent c"
            " WHERE c.account = a.id AND c.kind = :kind ORDER BY c.id DESC LIMIT 1) l"
            " WHERE :first OR (l.given = :given AND (l.version = :version OR NOT l.given)))"
            " AND (:given OR :shown OR EXISTS (SELECT 1 FROM consent c WHERE c.account = a.id AND c.kind = :kind))",
            account=account_id,
            kind=kind,
            given=given,
            version=version,
            lang=current_lang(),
            place=place,
            now=clock.now(),
            first=only_first,
            shown=place == ConsentPlace.CONSENTS,
        )
    )


async def answer(kind: ConsentKind, given: bool, place: ConsentPlace, *, by: Actor) -> None:
    """The person gives or withdraws a consent; what it says is done in the same transaction."""
    assert by.account_id is not None
    async with db.transaction_or_join():
        if not await note(by.account_id, kind, given, place):
            return
        effect = EFFECTS().get(kind)
        if effect is not None:
            await effect(by, given)
        after = {"kind": kind, "given": given, "version": texts()[kind].version, "place": place}
        await record("consent.answer", "account", by.account_id, by=by, after=after)


async def to_ask(actor: Actor | None) -> list[Consent]:
    """What the form of a registration still asks this person."""
    known = await answers(actor.account_id) if actor and actor.account_id else {}
    return [texts()[kind] for kind in ON_REGISTRATION if kind not in known or not known[kind].given]


async def take(data: Mapping[str, Any], *, by: Actor) -> None:
    """What a registration says: sending it is the consent to use its data, the ticked boxes are those apart."""
    await answer(ConsentKind.PRIVACY, True, ConsentPlace.REGISTRATION, by=by)
    for kind in ON_REGISTRATION:
        if data.get(texts()[kind].field):
            await answer(kind, True, ConsentPlace.REGISTRATION, by=by)
