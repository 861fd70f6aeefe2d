"""Confirms the signer's identity again: by the account's password, or by a mailed code."""

from fairs.accounts import codes, passwords, rate_limits
from fairs.accounts import queries as accounts
from fairs.accounts.actor import Actor
from fairs.accounts.rate_limits import Counter
from fairs.agreements import emails, queries
from fairs.agreements.forms import SignForm
from fairs.agreements.tables import ConfirmedBy
from fairs.core import db
from fairs.core.errors import Conflict, Invalid
from fairs.core.i18n import N_

PASSWORD, CODE = ConfirmedBy.PASSWORD, ConfirmedBy.CODE
WORDS: dict[str, object] = {PASSWORD: N_("confirmed by password"), CODE: N_("confirmed by a code sent by mail")}
PRINTED: dict[str, str] = {
    PASSWORD: "签署时以账户密码确认本人 Confirmed by password",
    CODE: "签署时以邮件验证码确认本人 Confirmed by mailed code",
}
"""The methods as printed on paper, in both languages."""
WRONG_PASSWORD = N_("This is not the password of your account")
WRONG_CODE = N_("This code is wrong or no longer valid. Ask for a new one.")
USED_CODE = N_("This code has already been used. Ask for a new one.")


def purpose_of(agreement_id: int, document_hash: str) -> str:
    """What a code is valid for: this exact text of this agreement."""
    return f"sign:{agreement_id}:{document_hash[:32]}"


async def confirm(form: SignForm, agreement_id: int, *, by: Actor) -> str:
    """How the signer was confirmed. Raises Invalid by field, TooMany after ten wrong passwords.

    Runs outside the signature's transaction: every try counts, and hashing takes time.
    """
    assert by.account_id is not None
    if form.password:
        tries = [Counter("sign-password", str(by.account_id), 10, 900)]
        await rate_limits.cap(tries)
        account = await accounts.account_by_email(by.email)
        stored = account.password_hash if account and account.id == by.account_id else None
        if not await passwords.verify_password(stored, form.password):
            raise Invalid(fields={"password": [WRONG_PASSWORD]})
        await rate_limits.give_back(tries)
        return PASSWORD
    if not await codes.check_code(by.account_id, purpose_of(agreement_id, form.document_hash), form.otp):
        raise Invalid(fields={"otp": [WRONG_CODE]})
    return CODE


async def spend(how: str, agreement_id: int, document_hash: str, *, by: Actor) -> None:
    """Use up the code, in the signature's transaction. Raises Conflict when another signature used it first."""
    assert by.account_id is not None
    if how == CODE and not await codes.spend_code(by.account_id, purpose_of(agreement_id, document_hash)):
        raise Conflict(USED_CODE)


async def send_code(number: str, *, by: Actor) -> None:
    """Mail a code for the current text to the account. Raises NotFound for strangers, TooMany."""
    assert by.account_id is not None
    agreement = await queries.agreement_for(by, number)
    current = await queries.current_revision(agreement.id)
    purpose = purpose_of(agreement.id, current.document_hash.hex())
    await rate_limits.cap([Counter("sign-code", str(by.account_id), 5, 3600)])
    async with db.transaction_or_join():
        code = await codes.new_code(by.account_id, purpose)
        await emails.send_code(number, code, by=by)
