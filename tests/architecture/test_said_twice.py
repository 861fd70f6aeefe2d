"""What has to be said in two places is said alike: a constraint and the words for its values, templates and their names."""

import re

import pytest
from piccolo.constraints import Check

from fairs import paths
from fairs.accounts.tables import Membership
from fairs.agreements import states, timeline
from fairs.agreements.tables import Agreement
from fairs.core import i18n
from fairs.core.roles import Role
from fairs.events import labels
from fairs.events.tables import Gate
from fairs.matching import explain
from fairs.matching.engine import field_similarity
from fairs.matching.settings import DEFAULT
from fairs.notifications.controllers import KINDS
from tests.architecture.test_roles import ROLES


def _values(constraint: Check) -> set[str]:
    """The texts that a CHECK names."""
    return set(re.findall(r"'(\w+)'", str(constraint.condition)))


@pytest.mark.parametrize(
    ("constraint", "said"),
    [
        (Gate.ck_gate_kind, labels.GATE_KINDS),
        (Membership.ck_membership_scope, set(Role)),
        (Agreement.ck_agreement_state, states.known_states()),
    ],
    ids=["gates", "roles", "agreements"],
)
def test_database_takes_what_the_code_knows(constraint: Check, said: set[str]) -> None:
    assert _values(constraint) == set(said)


def test_every_role_is_tried_at_every_route() -> None:
    assert set(ROLES) == set(Role)


def test_every_state_of_agreements_has_its_badge() -> None:
    assert set(timeline.BADGES) == states.known_states()


def test_every_mail_has_its_name_and_all_its_texts_in_every_language() -> None:
    for lang in i18n.LANGUAGES:
        found = sorted(path.name for path in (paths.TEMPLATES / "emails" / lang).iterdir())
        assert found == sorted(f"{kind}.{part}" for kind in KINDS for part in ("subject", "txt", "html"))


def test_every_language_has_all_that_pages_need_of_it() -> None:
    for told in (i18n.NAMES, i18n.BABEL_LOCALE, i18n.HTML_LANG, i18n.MOMENT_PATTERNS):
        assert set(told) == set(i18n.LANGUAGES)


def test_every_part_of_a_score_has_its_name_and_a_weight() -> None:
    weighed = {*DEFAULT.yours, *DEFAULT.theirs}
    assert set(field_similarity.BY_VALUE) <= weighed <= set(explain.PARTS)
