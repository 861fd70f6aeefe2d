"""Joins a registration to the profile of the account that made it or that has proved its address, in either order.
An address alone joins nothing: any person may sign up with it."""

from fairs.accounts.domain_events import AddressProved
from fairs.core import clock
from fairs.core.rows import execute
from fairs.talents.domain_events import ProfileOpened

# For the INSERT of registrations, for each row `n`: a known profile, the address, the account that registers itself.
PROFILE = """coalesce(n.talent, (SELECT id FROM talent WHERE account = n.registrant),
        (SELECT t.id FROM account a JOIN talent t ON t.account = a.id WHERE a.email = n.email
            AND a.email_confirmed_at IS NOT NULL),
        (SELECT t.id FROM talent t WHERE t.email = n.email AND t.email <> '' AND t.account IS NULL))"""


async def link_registrations(account_id: int) -> int:
    """Join an account's registrations without a profile to its own profile; returns how many. Without a profile: 0."""
    return await execute(
        "UPDATE registration r SET talent = t.id, updated_at = :now FROM account a JOIN talent t ON t.account = a.id"
        " WHERE a.id = :account AND r.talent IS NULL AND r.id IN (SELECT id FROM registration WHERE registrant = a.id"
        " UNION ALL SELECT id FROM registration WHERE email = a.email AND a.email_confirmed_at IS NOT NULL)",
        account=account_id,
        now=clock.now(),
    )


async def on_person_known(event: AddressProved | ProfileOpened) -> None:
    """Join the registrations of an account that now has a proved address or a profile."""
    await link_registrations(event.account_id)
