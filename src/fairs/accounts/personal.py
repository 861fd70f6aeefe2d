"""What accounts hold about a person: the account, its sign-ins and keys, invitations."""

from typing import Any

from fairs.accounts.queries import account_by_email
from fairs.accounts.tables import Account
from fairs.core import clock, personal
from fairs.core.i18n import N_
from fairs.core.mailboxes import normal
from fairs.core.personal import Fate, Kind, Outcome, Person
from fairs.core.rows import fetch_values

_CLOSED = "'closed-' || id || '@invalid'"


async def of_address(email: str) -> Person:
    """The person of an address, with or without an account."""
    account = await account_by_email(normal(email))
    return await find(Person(account=account.id if account else None, emails=(normal(email),)))


async def of_account(account_id: int) -> Person:
    """The person of an account. An address that is not proved is not the person's yet: what others entered under it stays out."""
    row = await Account.objects().where(Account.id == account_id).first()
    assert row is not None
    proved = row.email_confirmed_at is not None and row.review_since is None
    return await find(Person(account=account_id, emails=(row.email,) if proved else ()))


async def find(person: Person) -> Person:
    """Adds the account's name, its address, and the employers for which it acts."""
    if person.account is None:
        return person
    row = await Account.objects().where(Account.id == person.account).first()
    words = (row.name, row.email) if row else ()
    organisations = await fetch_values(
        int,
        "SELECT DISTINCT organisation_id FROM membership WHERE account = :account AND organisation_id IS NOT NULL ORDER BY 1",
        account=person.account,
    )
    return Person(
        person.account,
        person.emails,
        person.talents,
        person.registrations,
        tuple(organisations),
        personal.words_of((*person.words, *words)),
    )


async def _forget_account(person: Person) -> Outcome:
    """The row stays as a number, for what others signed or did with it."""
    sql = (
        "UPDATE account SET active = false, closed_at = coalesce(closed_at, :now), password_hash = NULL, review_since = NULL,"  # noqa: S608 - a constant
        f" email_confirmed_at = NULL, name = 'Closed account', email = {_CLOSED}, search_key = '', last_sign_in_at = NULL,"
        " timezone = 'UTC' WHERE id = :account"
    )
    gone = await personal.change("DELETE FROM membership WHERE account = :account", person)
    return Outcome(deleted=gone, emptied=await personal.change(sql, person, now=clock.now()))


async def _forget_tokens(person: Person) -> Outcome:
    """Tokens of integrations go with the answers stored for them; a scanner's stays for its scans, without a name."""
    gone = await personal.change("DELETE FROM access_token WHERE account = :account AND kind = 'api'", person)
    left = "UPDATE access_token SET account = NULL, name = 'Scanner', revoked_at = coalesce(revoked_at, :now) WHERE account = :account"
    pattern = personal.pattern(person)
    answers = await personal.change("DELETE FROM stored_answer WHERE body::text ~* :pattern", person, pattern=pattern)
    return Outcome(deleted=gone + answers, emptied=await personal.change(left, person, now=clock.now()))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "roles": row["roles"] or []}


_SIGN_IN = (
    "SELECT 'session' AS what, user_agent AS detail, ip, created_at AS at, last_seen_at, expires_at FROM sign_in_session"
    " WHERE account = :account UNION ALL"
    " SELECT 'link: ' || kind, target, '', created_at, used_at, expires_at FROM sign_in_link"
    " WHERE account = :account OR email = ANY(:emails::text[]) UNION ALL"
    " SELECT 'passkey', name, rp_id, created_at, last_used_at, NULL FROM passkey WHERE account = :account UNION ALL"
    " SELECT 'authenticator app', '', '', created_at, confirmed_at, NULL FROM two_factor WHERE account = :account UNION ALL"
    " SELECT 'recovery code', '', '', NULL, used_at, NULL FROM recovery_code WHERE account = :account UNION ALL"
    " SELECT 'code: ' || purpose, '', '', created_at, NULL, expires_at FROM confirmation_code WHERE account = :account UNION ALL"
    " SELECT 'sign-in begun', target, '', NULL, NULL, expires_at FROM half_sign_in WHERE account = :account UNION ALL"
    " SELECT 'request to a passkey', use, '', NULL, NULL, expires_at FROM passkey_challenge WHERE account = :account"
)
KINDS = (
    Kind(
        "account",
        N_("Your account and its roles"),
        ("account.id", "account.email", "membership.account"),
        personal.reader(
            "SELECT a.id, a.name, a.email, a.lang, a.timezone, a.created_at, a.last_sign_in_at, a.email_confirmed_at,"
            " (SELECT array_agg(m.role ORDER BY m.id) FROM membership m WHERE m.account = a.id) AS roles"
            " FROM account a WHERE a.id = :account",
            _plain,
        ),
        _forget_account,
        Fate.EMPTIED,
        N_("A number without name and address, so that what was signed or done keeps its order."),
    ),
    Kind(
        "sign_ins",
        N_("Signed-in browsers, links, passkeys and codes"),
        (
            "sign_in_session.account",
            "sign_in_link.account",
            "sign_in_link.email",
            "confirmation_code.account",
            "two_factor.account",
            "recovery_code.account",
            "passkey.account",
            "passkey_challenge.account",
            "half_sign_in.account",
        ),
        personal.reader(_SIGN_IN),
        personal.deleter(
            *(
                f"DELETE FROM {table} WHERE account = :account"  # noqa: S608 - constants
                for table in (
                    "sign_in_session",
                    "confirmation_code",
                    "two_factor",
                    "recovery_code",
                    "passkey",
                    "passkey_challenge",
                    "half_sign_in",
                )
            ),
            "DELETE FROM sign_in_link WHERE account = :account OR email = ANY(:emails::text[])",
        ),
    ),
    Kind(
        "tokens",
        N_("Access of other systems in your name"),
        ("access_token.account",),
        personal.reader(
            "SELECT kind, name, scopes, created_at, last_used_at, expires_at, revoked_at FROM access_token WHERE account = :account ORDER BY id"
        ),
        _forget_tokens,
    ),
    Kind(
        "invitations",
        N_("Invitations to you"),
        ("invitation.email",),
        personal.reader(
            "SELECT email, name, role, created_at, accepted_at, withdrawn_at FROM invitation"
            " WHERE email = ANY(:emails::text[]) OR accepted_by = :account ORDER BY id"
        ),
        personal.deleter("DELETE FROM invitation WHERE email = ANY(:emails::text[]) OR accepted_by = :account"),
    ),
)
