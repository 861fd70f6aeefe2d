"""Invitations: who may invite whom, the life of a link, accepting, handing over."""

import asyncio
from datetime import timedelta
from itertools import product

import pytest

from fairs.accounts import accepting, invitations, people, queries, rights
from fairs.accounts.accepting import LinkState
from fairs.accounts.actor import SYSTEM, Actor, Grant
from fairs.accounts.attempts import Caller
from fairs.accounts.forms import JoinForm
from fairs.accounts.invitations import Offer
from fairs.core import clock
from fairs.core import db as database
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.roles import Role
from tests import factories, mails
from tests.cast import PASSWORD, make_actor

JOIN = JoinForm(name="Zhao Min", password=PASSWORD)
GRANTS = {
    "admin": Grant(Role.ADMIN),
    "organiser": Grant(Role.ORGANISER),
    "bureau": Grant(Role.BUREAU, unit_id=1),
    "other bureau": Grant(Role.BUREAU, unit_id=2),
    "employer": Grant(Role.EMPLOYER, organisation_id=1),
    "other employer": Grant(Role.EMPLOYER, organisation_id=2),
    "candidate": Grant(Role.CANDIDATE),
    "staff": Grant(Role.STAFF, event_id=1),
    "reviewer": Grant(Role.REVIEWER, event_id=1),
    "interpreter": Grant(Role.INTERPRETER, event_id=1),
}
ALL = set(GRANTS)
SAY = {  # who has a say over whom: everybody who is not here has none
    "admin": ALL,
    "organiser": ALL - {"admin"},
    "bureau": {"bureau", "staff"},  # it runs event 1
    "other bureau": {"other bureau"},
    "employer": {"employer"},
    "other employer": {"other employer"},
}


@pytest.mark.parametrize(("who", "whom"), list(product(GRANTS, GRANTS)))
def test_who_has_a_say_over_whom(who: str, whom: str) -> None:
    held = rights.governing([GRANTS[who]], owned=[1, 2], run=[(1, 1)])
    assert rights.governs(held, GRANTS[whom]) == (whom in SAY.get(who, set()))


def test_a_bureau_invites_gate_staff_only_where_it_runs_an_event() -> None:
    bureau = GRANTS["bureau"]
    assert rights.may_invite_as(rights.governing([bureau], [])) == [Role.BUREAU]
    held = rights.governing([bureau], [], run=[(1, 7), (2, 8)])
    assert rights.may_invite_as(held) == [Role.BUREAU, Role.STAFF]
    found = [rights.governs(held, Grant(Role.STAFF, event_id=event)) for event in (7, 8, 9)]
    assert found == [True, False, False]
    assert not rights.governs(held, Grant(Role.STAFF))


def test_only_the_owner_has_a_say_over_colleagues() -> None:
    assert rights.governing([GRANTS["employer"]], owned=[2]) == ()


def test_an_account_is_in_hand_only_with_all_its_roles() -> None:
    held = (GRANTS["bureau"],)
    assert rights.governs_all(held, [GRANTS["bureau"]])
    assert not rights.governs_all(held, [GRANTS["bureau"], GRANTS["candidate"]])
    assert not rights.governs_all(held, [])


def test_nobody_is_invited_as_a_candidate() -> None:
    assert rights.may_invite_as([GRANTS["admin"]]) == [role for role in Role if role != Role.CANDIDATE]
    assert rights.may_invite_as([GRANTS["bureau"]]) == [Role.BUREAU]
    assert rights.may_invite_as([GRANTS["staff"]]) == []


def token_of(link: str) -> str:
    return link.rpartition("/")[2]


async def mailed(email: str) -> str:
    """The token in the latest mail to an address."""
    return (await mails.text_of(email, kind="invitation")).split("/invitation/")[1].split()[0]


async def organiser() -> Actor:
    return await make_actor("organiser", email="org@example.org", name="Org")


async def state_of(token: str) -> LinkState:
    return (await accepting.opened(token)).state


async def test_new_person_joins_by_the_link_and_has_the_role(db: None) -> None:
    unit = await factories.unit_id("410300")
    offer = Offer("Li@Example.org", Grant(Role.BUREAU, unit), "Li Lei", "en")
    shown = token_of((await invitations.invite(offer, by=await organiser())).link)
    by_mail = await mailed("li@example.org")
    assert shown != by_mail
    account_id = await accepting.join(by_mail, JOIN, caller=Caller())
    actor = await queries.actor_by_id(account_id)
    assert actor is not None
    assert (actor.email, actor.proved, actor.unit_ids) == ("li@example.org", True, [unit])
    assert [await state_of(token) for token in (by_mail, shown)] == [LinkState.USED, LinkState.USED]
    with pytest.raises(Conflict):
        await accepting.join(shown, JOIN, caller=Caller())


async def test_no_token_is_stored(db: None) -> None:
    invited = await invitations.invite(Offer("a@example.org", Grant(Role.ORGANISER)), by=await organiser())
    stored = await database.fetchval(
        "SELECT string_agg(t::text, ' ') FROM (SELECT i::text AS t FROM invitation i UNION ALL SELECT l::text"
        " FROM invitation_link l UNION ALL SELECT body_text || body_html FROM outgoing_mail UNION ALL"
        " SELECT after::text FROM audit_entry) x"
    )
    for token in (token_of(invited.link), await mailed("a@example.org")):
        assert token not in stored


async def test_existing_account_accepts_and_no_other(db: None) -> None:
    token = token_of(
        (await invitations.invite(Offer("bob@example.org", GRANTS["organiser"]), by=await organiser())).link
    )
    bob = await make_actor("candidate", email="bob@example.org")
    mallory = await make_actor("candidate", email="mallory@example.org")
    with pytest.raises(Conflict) as refused:
        await accepting.accept(token, by=mallory)
    assert refused.value.code == "other_account"
    await accepting.accept(token, by=bob)
    again = await queries.actor_by_id(bob.account_id or 0)
    assert again is not None
    assert Role.ORGANISER in again.roles
    with pytest.raises(Conflict):
        await accepting.accept(token, by=bob)


async def test_of_two_at_once_one_uses_the_link(db: None) -> None:
    token = token_of(
        (await invitations.invite(Offer("bob@example.org", GRANTS["organiser"]), by=await organiser())).link
    )
    bob = await make_actor("candidate", email="bob@example.org")
    answers = await asyncio.gather(*(accepting.accept(token, by=bob) for _ in range(4)), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict"] * 3 + ["InvitationRow"]


async def test_what_becomes_of_a_link(db: None) -> None:
    boss = await organiser()
    invited = await invitations.invite(Offer("a@example.org", GRANTS["organiser"]), by=boss)
    first, by_mail = token_of(invited.link), await mailed("a@example.org")
    with pytest.raises(NotFound):
        await accepting.opened("x" + first[1:])
    second = token_of((await invitations.resend(invited.id, by=boss)).link)
    assert [await state_of(token) for token in (first, by_mail, second)] == ["replaced", "replaced", "open"]
    clock._shift.set(timedelta(days=7, minutes=1))
    assert await state_of(second) == LinkState.EXPIRED
    third = token_of((await invitations.resend(invited.id, by=boss)).link)
    assert await state_of(third) == LinkState.OPEN
    await invitations.withdraw(invited.id, by=boss)
    assert await state_of(third) == LinkState.WITHDRAWN
    for doing in (invitations.withdraw, invitations.resend):
        with pytest.raises(Conflict):
            await doing(invited.id, by=boss)


async def test_expired_invitation_makes_way_for_a_new_one(db: None) -> None:
    boss, offer = await organiser(), Offer("a@example.org", GRANTS["organiser"])
    await invitations.invite(offer, by=boss)
    with pytest.raises(Invalid) as refused:
        await invitations.invite(offer, by=boss)
    assert refused.value.fields["email"] == [invitations.INVITED]
    clock._shift.set(timedelta(days=8))
    assert await state_of(token_of((await invitations.invite(offer, by=boss)).link)) == LinkState.OPEN


async def test_invitation_dies_with_the_rights_of_who_sent_it(db: None) -> None:
    """An administrator who is thrown out must not come back by a link that was made before."""
    await make_actor("admin", email="root@example.org")
    evil = await make_actor("admin", email="evil@example.org")
    root = await queries.account_by_email("root@example.org")
    assert root is not None
    by = await queries.actor_by_id(root.id)
    assert by is not None
    token = token_of((await invitations.invite(Offer("back@example.org", GRANTS["admin"]), by=evil)).link)
    (role,) = await people.roles_of(evil.account_id or 0)
    await people.take_role(evil.account_id or 0, role.id, by=by)
    assert await state_of(token) == LinkState.LAPSED
    with pytest.raises(Conflict):
        await accepting.join(token, JOIN, caller=Caller())
    other = await make_actor("organiser", email="other@example.org")
    token = token_of((await invitations.invite(Offer("x@example.org", GRANTS["organiser"]), by=other)).link)
    await people.suspend(other.account_id or 0, "gone", by=by)
    assert await state_of(token) == LinkState.LAPSED


async def test_copied_link_of_an_employer_does_not_prove_the_address(db: None) -> None:
    """Its owner sees the link and could open it himself: the address stays unproved until its own mail is used."""
    firm = await factories.organisation()
    owner = await make_actor("employer", email="boss@example.org", organisation_id=firm)
    offer = Offer("victim@example.org", Grant(Role.EMPLOYER, organisation_id=firm))
    shown = token_of((await invitations.invite(offer, by=owner)).link)
    actor = await queries.actor_by_id(await accepting.join(shown, JOIN, caller=Caller()))
    assert actor is not None
    assert (actor.proved, actor.organisation_ids) == (False, [firm])


async def test_who_cannot_invite(db: None) -> None:
    luoyang, zhengzhou = await factories.unit_id("410300"), await factories.unit_id("410100")
    bureau = await make_actor("bureau", email="b@example.org", unit_id=luoyang)
    boss = await organiser()
    candidate = await make_actor("candidate", email="c@example.org")
    for by, grant in (
        (bureau, Grant(Role.BUREAU, zhengzhou)),
        (bureau, Grant(Role.ORGANISER)),
        (boss, Grant(Role.ADMIN)),
        (candidate, Grant(Role.CANDIDATE)),
        (SYSTEM, Grant(Role.CANDIDATE)),
    ):
        with pytest.raises(Invalid) as refused:
            await invitations.invite(Offer("x@example.org", grant), by=by)
        assert refused.value.fields["role"] == [invitations.NOT_YOURS]
    invited = await invitations.invite(Offer("x@example.org", Grant(Role.BUREAU, zhengzhou)), by=boss)
    for doing in (invitations.resend, invitations.withdraw):
        with pytest.raises(NotFound):
            await doing(invited.id, by=bureau)


async def test_second_colleague_of_an_employer_is_not_its_owner(db: None) -> None:
    firm = await factories.organisation()
    owner = await make_actor("employer", email="first@example.org", organisation_id=firm)
    second = await make_actor("employer", email="second@example.org", organisation_id=firm)
    offer = Offer("third@example.org", Grant(Role.EMPLOYER, organisation_id=firm))
    with pytest.raises(Invalid):
        await invitations.invite(offer, by=second)
    await invitations.invite(offer, by=owner)


async def test_all_or_none(db: None) -> None:
    boss = await organiser()
    offers = [Offer("a@example.org", GRANTS["organiser"]), Offer("no address", GRANTS["organiser"])]
    with pytest.raises(Invalid):
        await invitations.invite_all(offers, by=boss)
    assert await database.fetchval("SELECT count(*) FROM invitation") == 0
    assert await database.fetchval("SELECT count(*) FROM outgoing_mail") == 0


async def test_suspended_account_and_held_role_are_not_invited(db: None) -> None:
    boss = await organiser()
    bob = await make_actor("organiser", email="bob@example.org")
    with pytest.raises(Invalid) as refused:
        await invitations.invite(Offer("bob@example.org", GRANTS["organiser"]), by=boss)
    assert refused.value.fields["email"] == [invitations.HAS_ROLE]
    await people.suspend(bob.account_id or 0, "x", by=boss)
    with pytest.raises(Invalid) as refused:
        await invitations.invite(Offer("bob@example.org", Grant(Role.BUREAU, await factories.unit_id())), by=boss)
    assert refused.value.fields["email"] == [invitations.SUSPENDED]


async def test_hand_over_changes_hands_on_acceptance(db: None) -> None:
    firm = await factories.organisation()
    owner = await make_actor("employer", email="owner@example.org", organisation_id=firm)
    await make_actor("employer", email="second@example.org", organisation_id=firm)
    (role,) = await people.roles_of(owner.account_id or 0)
    invited = await invitations.hand_over(owner.account_id or 0, role.id, "heir@example.org", "Heir", "en", by=owner)
    assert [held.id for held in await people.roles_of(owner.account_id or 0)] == [role.id]
    heir = await queries.actor_by_id(await accepting.join(token_of(invited.link), JOIN, caller=Caller()))
    assert heir is not None
    assert await people.roles_of(owner.account_id or 0) == []
    assert await queries.owned_organisations(heir) == [firm], "the owner's place goes with the role"


async def test_hand_over_ends_when_the_role_is_taken_away(db: None) -> None:
    boss = await organiser()
    bob = await make_actor("organiser", email="bob@example.org")
    (role,) = await people.roles_of(bob.account_id or 0)
    invited = await invitations.hand_over(bob.account_id or 0, role.id, "heir@example.org", "", "en", by=boss)
    await people.take_role(bob.account_id or 0, role.id, by=boss)
    assert await state_of(token_of(invited.link)) == LinkState.WITHDRAWN


async def test_staff_are_limited_to_the_chosen_gates_that_are_left(db: None) -> None:
    event = await factories.event()
    east, west = await factories.gate(event, code="east"), await factories.gate(event, code="west")
    offer = Offer("gate@example.org", Grant(Role.STAFF, event_id=event), gates=[east, west])
    invited = await invitations.invite(offer, by=await organiser())
    await database.execute("DELETE FROM gate WHERE id = $1", west)
    account_id = await accepting.join(token_of(invited.link), JOIN, caller=Caller())
    (role,) = await people.roles_of(account_id)
    assert role.limited
    assert await people.gates_of_role(role.id) == [east]
    await database.execute("DELETE FROM gate WHERE id = $1", east)
    (role,) = await people.roles_of(account_id)
    assert role.limited, "losing the last gate does not open all others"
