"""Mails about agreements: to the side that must act, and to both when a step is complete."""

from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from fairs.accounts.actor import Actor
from fairs.accounts.codes import LIFE
from fairs.agreements import document, queries, states
from fairs.agreements.rows import FollowUp
from fairs.core import i18n
from fairs.core.i18n import pick
from fairs.notifications.services import Message, base_url, queue_mail
from fairs.units import catalogues

_BOTH = (states.TALENT, states.EMPLOYER)


async def _send(kind: str, agreement_id: int, number: str, parties: tuple[str, ...], key: str, **variables: Any) -> int:
    """Queue the mail to everybody of these sides; returns how many were not sent before."""
    count = 0
    link = urljoin(base_url() + "/", f"agreements/{number}")
    row = await queries.current_revision(agreement_id)
    content = document.read(row.document)
    event = await queries.event_of(agreement_id)
    for party in parties:
        for person in await queries.people_of(agreement_id, party):
            title = pick(content["title"]["zh"], content["title"]["en"], person.lang)
            employer = pick(content["employer"]["zh"], content["employer"]["en"], person.lang)
            facts = {"number": number, "link": link, "title": title, "employer": employer, "to_party": party}
            sent = await queue_mail(
                Message(
                    kind=kind,
                    event=event,
                    lang=person.lang,
                    to_email=person.email,
                    to_name=person.name,
                    account_id=person.id,
                    variables={"name": person.name, "talent": content["talent"]["passport"], **facts, **variables},
                    dedupe_key=f"{kind}:{number}:{key}:{person.email}",
                )
            )
            count += sent is not None
    return count


async def send_code(number: str, code: str, *, by: Actor) -> None:
    """Mail the code that confirms a signature to the signing account. Contains only the agreement's number."""
    await queue_mail(
        Message(
            kind="signing_code",
            lang=by.lang,
            to_email=by.email,
            account_id=by.account_id,
            variables={"number": number, "code": code, "minutes": int(LIFE.total_seconds() // 60)},
            secrets=(code,),
        )
    )


async def request_signature(agreement_id: int, number: str, revision: int, party: str, *, why: str) -> None:
    """Ask this side to sign; `why` is drawn_up, revised or signed (by the other side)."""
    await _send("agreement_to_sign", agreement_id, number, (party,), f"{revision}:{why}", why=why, revision=revision)


async def notify_signed(agreement_id: int, number: str, revision: int) -> None:
    """Notify that both have signed."""
    await _send("agreement_signed", agreement_id, number, _BOTH, str(revision))


async def notify_verified(agreement_id: int, number: str, at: datetime) -> None:
    """Notify that the bureau has verified."""
    await _send("agreement_verified", agreement_id, number, _BOTH, at.isoformat())


async def notify_lapsed(agreement_id: int, number: str, revision: int) -> None:
    """Notify both sides and the bureau that the intent lapsed, and how talks may start again."""
    await _send("agreement_lapsed", agreement_id, number, (*_BOTH, states.BUREAU), str(revision))


async def ask_progress(one: FollowUp, days: int, lapses: datetime | None) -> int:
    """Ask the employer and the bureau how it goes, `days` after the signing; returns the number of mails."""
    words = {lang: catalogues.label("agreement_states", one.state, lang) for lang in ("zh", "en")}
    shown = {lang: _day(lapses, lang) for lang in ("zh", "en")} if lapses else {}
    parties = (states.EMPLOYER, states.BUREAU)
    key = f"{one.revision}:{days}"
    return await _send("agreement_follow_up", one.id, one.number, parties, key, days=days, state=words, lapses=shown)


def _day(moment: datetime, lang: str) -> str:
    with i18n.language(lang):
        return i18n.format_day(moment)


async def notify_unverified(agreement_id: int, number: str, reason: str, at: datetime, *, by: Actor) -> None:
    """Notify that the verification of that moment was undone, and why."""
    who = _who(states.ORGANISER if by.sees_everything else states.BUREAU, by)
    await _send("agreement_unverified", agreement_id, number, _BOTH, at.isoformat(), reason=reason, who=who)


_SIDES: dict[str, dict[str, str]] = {
    states.EMPLOYER: {"zh": "用人单位", "en": "the employer"},
    states.BUREAU: {"zh": "市级人社部门", "en": "the city bureau"},
    states.ORGANISER: {"zh": "省级主办单位", "en": "the province organiser"},
    states.SYSTEM: {"zh": "系统", "en": "the platform"},
}


def _who(side: str, by: Actor) -> dict[str, str]:
    """Side and name of the person who acted, in both languages."""
    words = _SIDES[side]
    return {"zh": f"{words['zh']}（{by.name}）", "en": f"{words['en']} ({by.name})"} if by.name else words


async def notify_ended(agreement_id: int, number: str, reason: str, note: str, *, side: str, by: Actor) -> None:
    """Notify who ended the agreement, and why."""
    words = {lang: catalogues.label("agreement_reasons", reason, lang) for lang in ("zh", "en")}
    who = _who(side, by)
    await _send("agreement_ended", agreement_id, number, _BOTH, "ended", reasons=words, note=note.strip(), who=who)


async def notify_returned(agreement_id: int, number: str, revision: int, reason: str, *, by: Actor) -> None:
    """Notify that the bureau sent the text back, and what is to be corrected."""
    side = states.ORGANISER if by.sees_everything else states.BUREAU
    await _send("agreement_returned", agreement_id, number, _BOTH, str(revision), reason=reason, who=_who(side, by))
