"""`fairs purge`: deletes expired data. Periods are in the retention catalogue, others are defined below."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import click

from fairs.commands.runtime.database import existing_database, run_in_pool
from fairs.commands.runtime.settings_check import data_option
from fairs.core.services import SETTINGS


@dataclass(frozen=True)
class Rule:
    """`what` expires `after` its time: rows of `table` for which `when` is true; $1 is the cut-off moment."""

    what: str
    after: timedelta
    table: str
    when: str
    change: str = ""
    """The SET of an UPDATE instead of a DELETE: the row stays, its content is deleted."""

    @property
    def count(self) -> str:
        return f"SELECT count(*) FROM {self.table} WHERE {self.when}"  # noqa: S608 - the rules below, which are constants

    @property
    def apply(self) -> str:
        verb = f"UPDATE {self.table} SET {self.change}" if self.change else f"DELETE FROM {self.table}"  # noqa: S608 - the rules below, which are constants
        return f"{verb} WHERE {self.when}"


def rules() -> list[Rule]:
    """The rules in order of application."""
    from fairs.notifications import masking
    from fairs.units import catalogues

    kept = {rule.key: timedelta(days=rule.days) for rule in catalogues.retention()}
    day = timedelta(days=1)
    ended = "state IN ('sent', 'kept', 'failed') AND created_at < $1"
    return [
        Rule("sessions that have expired", timedelta(0), "sign_in_session", "expires_at < $1"),
        Rule("sign-in links that have expired", day, "sign_in_link", "expires_at < $1"),
        Rule("forms kept over a sign-in", timedelta(0), "kept_form", "expires_at < $1"),
        Rule("counts of attempts", day, "rate_limit", "ends_at < $1"),
        Rule("answers kept for repeated calls", 2 * day, "stored_answer", "created_at < $1"),
        Rule(
            "links and codes of sent mails",
            masking.KEPT_AFTER_SENDING,
            "outgoing_mail",
            masking.SENT_BEFORE.format("$1"),
            change="sealed = ''",
        ),
        Rule(
            "links and codes of mails not sent",
            masking.KEPT_UNSENT,
            "outgoing_mail",
            masking.WAITED_SINCE.format("$1"),
            change="sealed = ''",
        ),
        Rule("jobs that have failed for good", 30 * day, "pgqueuer", "status = 'failed' AND updated < $1"),
        Rule("the log of finished jobs", 30 * day, "pgqueuer_log", "created < $1"),
        Rule(
            "attachments of mails",
            kept["mails"],
            "mail_attachment",
            f"mail IN (SELECT id FROM outgoing_mail WHERE {ended})",  # noqa: S608 - a constant above
        ),
        Rule(
            "contents of mails",
            kept["mails"],
            "outgoing_mail",
            f"{ended} AND (body_text <> '' OR body_html <> '')",
            change="body_text = '', body_html = ''",
        ),
    ]


async def apply_rules(now: datetime, *, dry_run: bool) -> list[tuple[Rule, int]]:
    """The number of rows per rule; they are deleted unless it is a dry run."""
    from fairs.core import db

    met = []
    async with db.DB.transaction():
        for rule in rules():
            before = now - rule.after
            number = await db.fetchval(rule.count, before) if dry_run else await db.execute(rule.apply, before)
            met.append((rule, int(number)))
    return met


async def purge_files(now: datetime, *, dry_run: bool) -> int:
    """Number of files that belong to nothing; they and objects without a file are deleted unless it is a dry run."""
    from fairs.files import services as files

    return await (files.unowned(now) if dry_run else files.sweep(now))


@click.command()
@data_option
@click.option("--dry-run", is_flag=True, help="Only say how many rows would go.")
def purge(data: Path | None, dry_run: bool) -> None:
    """Delete what the retention rules no longer allow to keep. Run it once a day."""
    from fairs.core import clock

    async def work() -> tuple[list[tuple[Rule, int]], int]:
        return await apply_rules(clock.now(), dry_run=dry_run), await purge_files(clock.now(), dry_run=dry_run)

    with existing_database(data) as found:
        SETTINGS.set(found)
        met, files = run_in_pool(found, work())
    for rule, number in met:
        age = f"older than {rule.after.days} d" if rule.after else ""
        click.echo(f"{number:>9,}  {rule.what:<34} {age}".rstrip())
    click.echo(f"{files:>9,}  files that belong to nothing")
    total = sum(number for _, number in met)
    click.echo(f"{total:,} rows {'would be' if dry_run else 'were'} purged")
