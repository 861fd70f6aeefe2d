"""The mail that asks an expert to go to a county."""

from fairs.core import i18n
from fairs.core.i18n import pick
from fairs.core.rows import Row, fetch_one_as
from fairs.notifications.services import Message, base_url, queue_mail
from fairs.outreach.rows import RequestRow


class _Expert(Row, frozen=True):
    account: int
    email: str
    name: str
    lang: str


async def ask_expert(row: RequestRow, expert_id: int, why: str) -> None:
    """Ask in the expert's language; somebody without an account finds it on the own page after signing up."""
    found = await fetch_one_as(
        _Expert,
        "SELECT a.id AS account, a.email, a.name, a.lang FROM service_expert x JOIN talent t ON t.id = x.talent"
        " JOIN account a ON a.id = t.account AND a.active WHERE x.id = :id",
        id=expert_id,
    )
    if found is None:
        return
    with i18n.language(found.lang):
        place = pick(row.place_zh, row.place_en) or pick(row.unit_zh, row.unit_en)
        when = f"{i18n.format_day(row.from_day)} – {i18n.format_day(row.to_day)}"
        variables = {
            "name": found.name,
            "title": pick(row.topic_zh, row.topic_en),
            "place": place,
            "when": when,
            "reason": why,
            "link": f"{base_url()}/me/service",
        }
    await queue_mail(
        Message(
            kind="service_asked",
            lang=found.lang,
            to_email=found.email,
            to_name=found.name,
            account_id=found.account,
            variables=variables,
            dedupe_key=f"service:{expert_id}",
            event=row.event,
        )
    )
