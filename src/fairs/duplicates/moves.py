"""Every column of the database that leads to a person, and what becomes of it in a merge.

`tests/duplicates/test_moves.py` finds the columns in the database's own catalogue: a new table cannot be forgotten.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from fairs.privacy.exempt import EXEMPT

ANSWERS = ("registration_answers.registration", "registration_file.registration", "registration_option.registration")
"""Answers of a registration go together, and only to one that has none."""


@dataclass(frozen=True)
class Move:
    """A column whose rows go to the record that stays. `unique`: the other columns by which the row is there once.

    `once`: by its record alone. A row that is there already stays where it is; `drop`: it goes, because its record does.
    """

    column: str
    unique: tuple[str, ...] = ()
    once: bool = False
    drop: bool = False

    @property
    def table(self) -> str:
        return self.column.partition(".")[0]

    @property
    def name(self) -> str:
        return self.column.partition(".")[2]


PROFILE = (
    Move("registration.talent"),
    Move("agreement.talent"),
    Move("meeting.talent"),
    Move("tour_member.talent"),
    Move("exhibit.talent"),
    Move("service_expert.talent", ("request",), drop=True),
    Move("preference.talent", ("side", "listing"), drop=True),
)
"""What leads to a profile: the profile that goes is deleted, so nothing is left behind."""
ACCOUNT = (
    Move("registration.registrant"),
    Move("registration_draft.account", ("event",)),
    Move("consent.account"),
    Move("contact_look.account", ("viewer", "place", "day")),
    Move("contact_look.viewer", ("account", "place", "day")),
    Move("agreement_signature.account"),
    Move("wish_mail_off.account", once=True),
    Move("exhibit_request.account", ("exhibit",)),
    Move("file.uploaded_by"),
    Move("outgoing_mail.account_id"),
)
"""What leads to an account of a person; the account that goes is closed."""
REGISTRATION = (
    Move("registration_session.registration", ("session",)),
    Move("registration_tag.registration", ("tag",)),
    Move("registration_note.registration"),
    Move("registration_photo.registration", once=True),
    Move("desk_entry.registration"),
    Move("registration.companion_of"),
    Move("registration_group_member.registration", once=True),
    Move("tour_member.registration", once=True),
    Move("lead.registration", ("organisation",)),
    Move("lead_consent.registration", ("organisation",)),
    Move("admission.registration", ("gate", "day")),
    Move("scan.registration"),
    *(Move(column) for column in ANSWERS),
)
"""What goes from one registration to another of the same event; the one that goes is cancelled."""
OWN_SIGN_IN = "is a way to sign in to the account, which is closed"
OF_STAFF = "belongs to the work of an account with a role; such accounts are not merged"
STAY: dict[str, str] = {
    "account.email": "is the account itself",
    "talent.account": "is decided with the profile",
    "talent.email": "is decided with the profile",
    "registration.email": "is what was entered; the mail of that registration goes there",
    "tour_member.email": "is what was entered; the invitation went there",
    "badge.registration": "the badge of the registration that goes is stopped, and stays its own",
    "registration_key.registration": "is made from the registration by the database",
    "mailing_recipient.registration": "says to which number a mailing went",
    "place_offer.registration": "the offer ends with the registration to which it was made",
    "access_code_use.registration": "says which registration used the code, and whether it took the place that the code kept",
    "access_code.email": "was given to the address",
    "access_token.account": OWN_SIGN_IN,
    "confirmation_code.account": OWN_SIGN_IN,
    "half_sign_in.account": OWN_SIGN_IN,
    "passkey.account": OWN_SIGN_IN,
    "passkey_challenge.account": OWN_SIGN_IN,
    "recovery_code.account": OWN_SIGN_IN,
    "sign_in_link.account": OWN_SIGN_IN,
    "sign_in_link.email": OWN_SIGN_IN,
    "sign_in_session.account": OWN_SIGN_IN,
    "two_factor.account": OWN_SIGN_IN,
    "calendar_feed.account": "an address of a calendar is a secret of the account, which is closed",
    "membership.account": OF_STAFF,
    "work_mail_off.account": OF_STAFF,
    "invitation.email": "was sent to the address",
    "outgoing_mail.to_email": "was sent to the address; found by it (duplicates.personal)",
    "audit_entry.actor_account_id": "the log says who did it, by the account of then",
    "data_export.account": "a file of the account's own data expires within a week",
    "person_merge.gone_account": "is what this module remembers",
    "text_vector.owner_id": "is computed from the profile",
    **EXEMPT,
}
"""`table.column` → why its rows stay where they are."""
SEEN = ("badge.registration", "place_offer.registration", "access_code_use.registration")
"""Columns whose rows change although they stay."""


def all_moves() -> Iterator[Move]:
    """Every move."""
    yield from (*PROFILE, *ACCOUNT, *REGISTRATION)
