"""When a rule is due: pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from fairs.mailings.rows import MailingRow
from fairs.mailings.tables import Trigger

LATEST = timedelta(days=7)  # after which a mail after the event is no longer sent


@dataclass(frozen=True)
class Span:
    """From when to when a rule is due. A rule that was switched on after the first moment sends nothing by it."""

    begins: datetime
    ends: datetime

    def holds(self, now: datetime) -> bool:
        """Whether it is due now."""
        return self.begins <= now < self.ends


def span_of(rule: MailingRow) -> Span | None:
    """When a rule is due; None for one without a day of its own: a change of state, a meeting."""
    zone = ZoneInfo(rule.timezone)
    first, last = rule.starts_at.astimezone(zone).date(), rule.ends_at.astimezone(zone).date()
    if rule.trigger == Trigger.BEFORE:
        begins = datetime.combine(first - timedelta(days=rule.days), time(rule.hour), zone)
        return Span(begins, rule.starts_at)
    if rule.trigger == Trigger.AFTER:
        begins = datetime.combine(last + timedelta(days=rule.days), time(rule.hour), zone)
        return Span(begins, begins + LATEST)
    if rule.trigger == Trigger.ABSENT:
        midnight = datetime.combine(first + timedelta(days=1), time(), zone)
        return Span(datetime.combine(first, time(rule.hour), zone), midnight)
    return None


def is_missed(rule: MailingRow, span: Span) -> bool:
    """Whether its moment had passed when it was switched on: it sends nothing then."""
    return rule.started_at is not None and rule.started_at > span.begins


def is_due(rule: MailingRow, now: datetime) -> bool:
    """Whether a rule that is on looks for people now."""
    span = span_of(rule)
    if span is not None:
        return span.holds(now) and not is_missed(rule, span)
    if rule.trigger == Trigger.MEETING:
        return now < rule.ends_at and now.astimezone(ZoneInfo(rule.timezone)).hour >= rule.hour
    return True
