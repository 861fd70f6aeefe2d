"""People are found as their names are written, read and typed; a name is looked for before anything else."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import pytest

from fairs.core import db as database
from fairs.core import keying
from fairs.core.search_keys import starts_of
from fairs.registrations import finding, phones
from fairs.registrations.queries import search
from tests import factories
from tests.registrations.names import TYPED, fair


async def test_people_are_found_as_their_names_are_typed_and_read(db: None) -> None:
    event, names = await fair()
    wrong = {}
    for typed, expected in TYPED:
        gate = [names[one["number"]] for one in (await finding.people(event, typed, limit=10))[0]]
        page = await search(event=event, q=typed)
        listed = {names[row.number] for row in page.rows}
        if sorted(gate) != sorted(expected) or listed != set(expected) or page.total != len(expected):
            wrong[typed] = (gate, listed, page.total)
    assert wrong == {}


async def test_exact_names_come_first_and_organisations_last(db: None) -> None:
    event, names = await fair()
    for n in range(30):
        key = phones.search_text("王刚", f"Aa Wang{n}", "徐州大学", f"w{n}@example.org", "")
        await factories.registration(
            event,
            name_native="王刚",
            organisation_name="徐州大学",
            search_key=key,
            state="confirmed",
            number=f"TT18-8000{n:02d}",
            email=f"w{n}@example.org",
        )
    found, more = await finding.people(event, "xu", limit=10)
    assert [names.get(one["number"]) for one in found][:3] == ["xu", "xue", None]
    assert more
    assert found[0]["marks"] == {"name_native": (0, 1), "name": (0, 2)}
    assert found[2]["marks"] == {"organisation": (0, 1)}
    everybody, none = await finding.people(event, "xu", limit=40)
    assert (len(everybody), none) == (32, False)
    assert len({one["number"] for one in everybody}) == 32
    listed = await search(event=event, q="xu", window=(1, 5, 0))
    assert {names.get(row.number) for row in listed.rows[:2]} == {"xu", "xue"}
    assert listed.total == 32


async def test_only_people_with_a_place_at_this_event_are_shown_at_the_gate(db: None) -> None:
    event, other = await factories.event(), await factories.event()
    for where, state in ((event, "pending"), (event, "cancelled"), (other, "confirmed")):
        await factories.registration(where, state=state, search_key=phones.search_text("徐", "Xu", "", "", ""))
    assert await finding.people(event, "xu", limit=10) == ([], False)
    assert (await search(event=event, q="xu")).total == 2
    assert (await search(event=None, q="xu")).total == 3


async def test_a_changed_name_is_found_by_the_new_one_only(db: None) -> None:
    event = await factories.event()
    row = await factories.registration(
        event, state="confirmed", search_key=phones.search_text("徐静", "Xu Jing", "", "", "")
    )
    await database.execute(
        "UPDATE registration SET search_key = $2 WHERE id = $1", row, phones.search_text("马静", "Ma Jing", "", "", "")
    )
    assert (await finding.people(event, "xu", limit=10))[0] == []
    assert len((await finding.people(event, "ma", limit=10))[0]) == 1
    await database.execute("DELETE FROM registration")
    assert await database.fetchval("SELECT count(*) FROM registration_key") == 0


async def test_rows_of_an_earlier_version_are_keyed_once(db: None) -> None:
    event = await factories.event()
    await factories.registration(
        event, state="confirmed", name_native="单雄信", name_passport="Shan Xiongxin", search_key="单雄信 | danxiongxin"
    )
    await factories.organisation(name_zh="龍門石窟研究院", search_key="old")
    await factories.talent(name_native="曾國藩", search_key="old")
    await factories.listing(await factories.organisation(), event, title_zh="電池工程師", search_key="old")
    assert (await finding.people(event, "shan", limit=10))[0] == []
    assert await keying.rekey() == 5
    assert await keying.rekey() == 0
    assert len((await finding.people(event, "shan", limit=10))[0]) == 1
    keys = await database.fetch(
        "SELECT search_key FROM organisation UNION ALL SELECT search_key FROM talent UNION ALL SELECT search_key FROM listing"
    )
    text = "\n".join(row["search_key"] for row in keys)
    for expected in ("龙门石窟", "longmenshiku", "zengguofan", "电池工程师", "dianchi"):
        assert expected in text, expected


@pytest.mark.parametrize("typed", ["", " ", "'", "\u200b"])
async def test_nothing_typed_finds_nobody_at_the_gate(db: None, typed: str) -> None:
    event = await factories.event()
    await factories.registration(event, state="confirmed", search_key=phones.search_text("徐", "Xu", "", "", ""))
    assert await finding.people(event, typed, limit=10) == ([], False)


async def test_people_are_found_behind_however_many_who_have_lost_their_places(db: None) -> None:
    event = await factories.event()
    for n in range(70):  # more keys than a look-up reads at first
        state = "confirmed" if n >= 66 else "cancelled"
        key = phones.search_text("", "Johnny Smith", "", "", "")
        await factories.registration(
            event, state=state, search_key=key, number=f"TT18-9000{n:02d}", email=f"s{n}@example.org"
        )
    for typed in ("johnny", "smith johnny", "smith john", "johnny smi"):
        found, more = await finding.people(event, typed, limit=3)
        assert ([one["number"] for one in found], more) == ([f"TT18-9000{n}" for n in (66, 67, 68)], True), typed
    assert len((await finding.people(event, "john smith", limit=10))[0]) == 4
    assert await finding.people(event, "smith mary", limit=10) == ([], False)


async def test_who_asks_together_gets_what_each_asked_for_and_the_next_page_goes_on(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    begun = finding._begun

    async def counted(several: int, wanted: Sequence[Any]) -> Any:
        sizes.append(len(wanted))
        return await begun(several, wanted)

    monkeypatch.setattr(finding, "_begun", counted)
    event, names = await fair()
    other = await factories.event()
    await factories.registration(other, state="confirmed", search_key=phones.search_text("徐", "Xu", "", "", ""))
    alone = [await finding.people(event, typed, limit=1) for typed, _ in TYPED]
    asked = [finding.people(where, typed, limit=1) for typed, _ in TYPED for where in (event, other)]
    together = await asyncio.gather(*asked)
    assert together[::2] == alone
    assert max(sizes) > 10
    elsewhere = [found for found, _ in together[1::2] if found]
    assert elsewhere
    assert not {one["number"] for found in elsewhere for one in found} & names.keys()
    for typed in ("xu", "daxue", "smith", "john smith"):
        everybody = (await finding.people(event, typed, limit=20))[0]
        for limit in range(1, len(everybody) + 1):
            found, more = await finding.people(event, typed, limit=limit)
            assert (found, more) == (everybody[:limit], limit < len(everybody)), typed


async def test_who_looks_for_the_same_at_once_shares_a_search_that_began_after_all_asked(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = await factories.event()
    key = phones.search_text("徐", "Xu", "", "", "")
    await factories.registration(event, search_key=key)
    go, began, fetch, searches = asyncio.Event(), asyncio.Event(), database.fetch, 0

    async def held(sql: str, *args: Any) -> Any:
        nonlocal searches
        rows = await fetch(sql, *args)
        if "AS ids" in sql:
            searches += 1
            began.set()
            await go.wait()
        return rows

    monkeypatch.setattr(database, "fetch", held)
    early = asyncio.create_task(search(event=event, q="xu"))
    await began.wait()
    await factories.registration(event, search_key=key)
    late = [asyncio.create_task(search(event=event, q="xu")) for _ in range(5)]
    other = asyncio.create_task(search(event=await factories.event(), q="xu"))
    await asyncio.sleep(0.05)
    go.set()
    assert (await early).total == 1
    assert [(await one).total for one in late] == [2] * 5
    assert (await other).total == 0
    assert searches == 2


async def test_keys_of_new_people_are_checked_without_reading_all_registrations(db: None) -> None:
    """The plan of such a check is made while the table is small, and kept: it must be the one for a large table."""
    event = await factories.event()
    seen = "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'registration'"
    key = phones.search_text("徐淑芬", "Xu Shufen", "开封大学", "sf@example.org", "")
    await factories.registration(event, search_key=key, email="first@example.org")
    async with database.DB.transaction():
        await database.execute("ANALYZE registration")  # one row: reading all of it looks cheap from now on
        before = await database.fetchval(seen) or 0
        made = await factories.registration(event, search_key=key)
        await database.execute("UPDATE registration SET search_key = search_key || '|more' WHERE id = $1", made)
        assert await database.fetchval("SELECT count(*) > 10 FROM registration_key WHERE registration = $1", made)
        assert await database.fetchval(seen) - before <= 1  # the UPDATE itself; not once for each of its keys


async def _hall_of_persons(words: Sequence[str]) -> int:
    """A fair of 60 people who are all called Person, a few of them John as well, one Zoe."""
    event = await factories.event()
    for n in range(60):
        name = f"Person {words[n % len(words)]}"
        key = phones.search_text("", name, "", f"w{n}@example.org", "")
        await factories.registration(
            event,
            state="confirmed",
            name_passport=name,
            search_key=key,
            number=f"TT18-7000{n:02d}",
            email=f"w{n}@example.org",
        )
    return event


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("person john", 12),
        ("john person", 12),
        ("person jo", 24),
        ("person person", 60),
        ("person nobody", 0),
        ("per mary joh", 12),
        ("john anna", 0),
    ],
)
async def test_the_gate_and_the_list_find_the_same_people_by_several_words(db: None, typed: str, number: int) -> None:
    event = await _hall_of_persons(["Mary", "Anna", "John Mary", "Jona", "Lee"])
    everybody = [one["number"] for one in (await finding.people(event, typed, limit=70))[0]]
    listed = await search(event=event, q=typed, window=(1, 200, 0))
    assert set(everybody) == {row.number for row in listed.rows}
    assert (len(everybody), len(set(everybody)), listed.total) == (number, number, number)
    for limit in (2, 5):
        assert [one["number"] for one in (await finding.people(event, typed, limit=limit))[0]] == everybody[:limit]
    paged = [
        row.id
        for page in range(1, 8)
        for row in (await search(event=event, q=typed, window=(page, 10, 10 * page - 10))).rows
    ]
    assert paged[: len(listed.rows)] == [row.id for row in listed.rows]


WORDS = ("li", "lin", "john", "johnson", "da", "daxue", "wang", "munich", "of", "zoe", "7", "b12", "example")


@pytest.mark.parametrize("seed", range(4))
async def test_lists_find_each_person_once_who_has_keys_that_begin_so(db: None, seed: int) -> None:
    """Against the plain reading of the rule: the whole text begins a key of the person, or each word begins one."""
    chance = random.Random(seed)
    event, other = await factories.event(), await factories.event()
    names = ("李林", "林莉", "王大伟", "John Lin", "Lin Johnson", "Li Da Wang", "Zoë O'Li", "Munich Wang", "单丽")
    for n in range(50):
        native, passport = chance.choice(names), chance.choice(names)
        place = chance.choice(("河南大学", "Technical University of Munich", "Example Ltd", "7 of 12", ""))
        key = phones.search_text(native, passport, place, f"{chance.choice(WORDS)}{n}@example.org", "")
        await factories.registration(
            event if n % 10 else other,
            state="confirmed",
            search_key=key,
            number=f"B12-7{n:03d}",
            email=f"q{n}@example.org",
        )
    rows = await database.fetch("SELECT registration, part, key FROM registration_key WHERE event = $1", event)
    keys: dict[int, list[tuple[int, str]]] = {}
    for row in rows:
        keys.setdefault(row["registration"], []).append((row["part"], row["key"]))
    for _ in range(40):
        typed = " ".join(chance.choices(WORDS, k=chance.choice((1, 1, 2, 3))))
        whole, *words = finding.keys_of(typed)
        expected = {
            person: min((part for part, key in of if key.startswith(whole)), default=3)
            for person, of in keys.items()
            if any(key.startswith(whole) for _, key in of)
            or (words and all(any(key.startswith(word) for _, key in of) for word in words))
        }
        ids, total = await finding.listed(event, typed, size=100, skip=0)
        assert (len(ids), total, set(ids)) == (len(expected), len(expected), set(expected)), typed
        gate = await finding.people(event, typed, limit=100)
        assert {one["id"] for one in gate[0]} == set(expected), typed
        if not words:
            assert [expected[person] for person in ids] == sorted(expected.values()), typed
        filtered = await search(event=event, q=typed, state="confirmed", window=(1, 100, 0))
        assert {row.id for row in filtered.rows} == set(expected), typed


async def test_the_bits_of_a_word_are_the_same_in_the_database(db: None) -> None:
    words = ["x", "li", "徐", "徐淑芬", "john", "müller", "universityofleeds", "\U00020000\U0002a6df", "b12", "1380"]
    rows = await database.fetch(
        "SELECT key_starts(w) AS starts, key_longer(w) AS longer FROM unnest($1::text[]) AS w", words
    )
    assert [(row["starts"], row["longer"]) for row in rows] == [starts_of(word) for word in words]


async def test_who_lacks_a_word_is_left_out_before_their_other_keys_are_read(db: None) -> None:
    event = await _hall_of_persons(["Mary", "Anna", "John Mary", "Jona", "Lee"])
    descents = "SELECT pg_stat_get_xact_numscans('registration_key_registration'::regclass)"
    each = 12  # people a word is read for who have it at all; reading every Person would be 60 descents
    async with database.DB.transaction():
        for typed, found, most in (
            ("john mary", 12, 3 * each),
            ("john anna", 0, each),
            ("person zzz", 0, each),
            ("mary lee", 0, each),
        ):
            before = await database.fetchval(descents)
            assert len((await finding.people(event, typed, limit=50))[0]) == found
            assert await database.fetchval(descents) - before < most, typed  # some, as the planner goes
