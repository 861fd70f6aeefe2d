"""Printers of the desks: the pages, the calls of the agent, and the agent itself beside a printer that speaks IPP."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest

from fairs.accounts.actor import SYSTEM
from fairs.badges import queries as badges
from fairs.badges.agent import encoding as ipp
from fairs.badges.agent.bridge import Agent
from fairs.badges.agent.journal import Entry, InUse, Journal
from fairs.badges.agent.printer import Printer
from fairs.badges.agent.server import Away, Denied, Server, Taken
from fairs.badges.printers import services
from fairs.core import clock
from fairs.core import db as database
from fairs.registrations import services as registrations
from tests import factories
from tests.badges.ipp_printer import COMPLETED, STOPPED, small_printer
from tests.badges.pictures import read_squares
from tests.cast import make_actor, post, sign_in
from tests.conftest import free_port
from tests.fair import person

ROOT = "/organise/editions/fair"


class Line:
    """The way to the application without a socket. `cut`: the next calls fail."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client, self.cut = client, 0


class Called(Server):
    """The agent's calls, given to the application on such a line."""

    line: Line

    async def exchange(self, method: str, url: str, headers: Any, content: bytes | None) -> tuple[int, bytes]:
        if self.line.cut:
            self.line.cut -= 1
            raise httpcore.ConnectError("cut")
        answer = await self.line.client.request(method, url, headers=headers, content=content)
        return answer.status_code, answer.content


class Killed(Exception):
    """Stands for the death of the agent's process."""


class Desk:
    """A desk with one person, a printer of the event and its token."""

    def __init__(self, client: httpx.AsyncClient, folder: Path, number: str, token: str, printer: int) -> None:
        self.client, self.folder, self.number, self.token, self.printer = client, folder, number, token, printer
        self.line = Line(httpx.AsyncClient(transport=client._transport, base_url=client.base_url))

    async def print(self) -> str:
        answer = await post(self.client, f"{ROOT}/desk/{self.number}/print")
        assert answer.headers["location"] == f"{ROOT}/desk?number={self.number}", answer.headers["location"]
        return await self.page()

    async def page(self) -> str:
        return (await self.client.get(f"{ROOT}/desk?number={self.number}")).text

    def agent(self, address: str, pause: Callable[[float], object] = lambda _: None) -> Agent:
        """The agent as it starts on this desk's laptop."""
        journal = Journal(self.folder)
        journal.close()  # its process may die in a test: the lock would go with it
        server = Called(str(self.client.base_url), self.token, agent=journal.agent, version="1", address=address)
        server.line = self.line
        return Agent(server, Printer(address), journal, prefix="fairs-x", say=lambda _: None, pause=pause)

    async def states(self) -> list[tuple[str, str]]:
        rows = await database.fetch("SELECT state, reason FROM print_job ORDER BY id")
        return [(row["state"], row["reason"]) for row in rows]


@pytest.fixture
async def desk(client: httpx.AsyncClient, tmp_path: Path) -> Desk:
    now = clock.now()
    event = await factories.event(slug="fair", starts_at=now, ends_at=now + timedelta(days=2))
    made = await registrations.register(event, person(1, name_native="欧阳娜"), by=SYSTEM)
    organiser = await make_actor("organiser", email="organiser@example.org")
    token = await services.add_printer("fair", "Desk 1", by=organiser)
    printer = await database.fetchval("SELECT id FROM desk_printer")
    await sign_in(client, await make_actor("staff", email="staff@example.org", event_id=event))
    await post(client, f"{ROOT}/desk/printer", {"printer": str(printer)})
    return Desk(client, tmp_path / "agent", made.number, token, printer)


async def test_badge_is_printed_at_the_chosen_printer_and_logged(desk: Desk) -> None:
    assert "Waits for the printer" in await desk.print()
    assert "Agent never started" in await desk.page()
    async with small_printer() as printer:
        agent = desk.agent(printer.address)
        assert await agent.turn() == 0
        [job] = printer.jobs
        assert await agent.turn() == 1
    registration = await database.fetchval("SELECT id FROM registration")
    assert read_squares(job.document) == [await badges.badge_code_of(registration)]
    assert job.name.startswith("fairs-x-")
    assert job.asked["print-scaling"] == ["none"]
    assert await desk.states() == [("printed", "")]
    page = await desk.page()
    assert "Printed" in page
    assert "Ready" in page
    assert "Print the same badge again" in page
    log = await database.fetchrow("SELECT way, printer FROM badge_print")
    assert log is not None
    assert (log["way"], log["printer"]) == ("printer", desk.printer)
    assert await database.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'badge.print'") == 1


async def test_choice_stays_in_the_browser_and_can_be_taken_back(desk: Desk) -> None:
    answer = await post(desk.client, f"{ROOT}/desk/{desk.number}/print", {"here": "1"})
    assert answer.headers["location"].endswith("/paper")
    await post(desk.client, f"{ROOT}/desk/printer", {"printer": "999", "number": desk.number})
    assert "selected>Desk 1" in await desk.page()
    await post(desk.client, f"{ROOT}/desk/printer", {"printer": ""})
    assert "selected>Desk 1" not in await desk.page()
    answer = await post(desk.client, f"{ROOT}/desk/{desk.number}/print")
    assert answer.headers["location"].endswith("/paper")
    assert await desk.states() == []


async def test_badge_is_not_sent_twice_at_once(desk: Desk) -> None:
    await desk.print()
    await post(desk.client, f"{ROOT}/desk/{desk.number}/print")
    assert await desk.states() == [("waiting", "")]
    assert "already being printed" in await desk.page()


async def test_desk_sees_what_the_printer_lacks_and_it_goes_on(desk: Desk) -> None:
    await desk.print()
    seen = []
    async with small_printer() as printer:
        printer.new, printer.reason = STOPPED, "media-empty-error"

        async def look(_: float) -> None:
            seen.append(await desk.page())
            printer.jobs[0].state, printer.reason = COMPLETED, "none"

        await desk.agent(printer.address, look).turn()
        assert len(printer.jobs) == 1
    assert "No paper" in seen[0]
    assert "Give up" in seen[0]
    assert await desk.states() == [("printed", "")]


async def test_printer_that_is_off_or_busy_is_tried_again(desk: Desk) -> None:
    await desk.print()
    port = free_port()
    seen: list[str] = []

    async def look(_: float) -> None:
        seen.append(await desk.page())
        raise Killed

    with pytest.raises(Killed):
        await desk.agent(f"ipp://127.0.0.1:{port}/ipp/print", look).turn()
    assert "does not reach the printer" in seen[0]
    async with small_printer(port) as printer:
        printer.refuse = 0x0507  # busy

        def ready(_: float) -> None:
            printer.refuse = 0

        await desk.agent(printer.address, ready).turn()
        assert len(printer.jobs) == 1
    assert await desk.states() == [("printed", "")]


@pytest.mark.parametrize("known", [True, False])
async def test_agent_killed_while_sending_prints_no_second_badge(desk: Desk, known: bool) -> None:
    """The printer knows the print by its name, or a person has to look."""
    await desk.print()
    async with small_printer() as printer:
        first = desk.agent(printer.address)
        job, _ = await first.server.next("")
        assert job is not None
        first.journal.put(job.id, Entry())
        if known:
            await first.printer.print(first.name(job.id), job.page, await first.server.document(job.id))
        await desk.agent(printer.address).turn()
        assert len(printer.jobs) == int(known)
    assert await desk.states() == [("printed", "") if known else ("failed", "perhaps-printed")]
    assert ("look whether the badge came out" in await desk.page()) is not known


async def test_agent_killed_while_the_printer_works_follows_it(desk: Desk) -> None:
    await desk.print()

    def die(_: float) -> None:
        raise Killed

    async with small_printer() as printer:
        printer.new = STOPPED
        with pytest.raises(Killed):
            await desk.agent(printer.address, die).turn()
        printer.jobs[0].state = COMPLETED
        await desk.agent(printer.address).turn()
        assert len(printer.jobs) == 1
    assert await desk.states() == [("printed", "")]


async def test_agent_that_never_began_prints_but_another_one_asks(desk: Desk) -> None:
    """Given out, then killed before anything: its own journal says so; a laptop without that journal cannot know."""
    await desk.print()
    async with small_printer() as printer:
        await desk.agent(printer.address).server.next("")
        await desk.agent(printer.address).turn()
        assert len(printer.jobs) == 1
        await desk.print()
        await desk.agent(printer.address).server.next("")
        desk.folder = desk.folder / "another"
        with pytest.raises(Taken):
            await desk.agent(printer.address).turn()
        await database.execute("UPDATE desk_printer SET seen_at = now() - interval '1 minute'")
        await desk.agent(printer.address).turn()
        assert len(printer.jobs) == 1
    assert await desk.states() == [("printed", ""), ("failed", "perhaps-printed")]


@pytest.mark.parametrize(("taken", "state"), [(True, "printed"), (False, "failed")])
async def test_line_to_the_printer_is_lost_after_sending(desk: Desk, taken: bool, state: str) -> None:
    await desk.print()
    async with small_printer() as printer:
        printer.lose, printer.drop = taken, not taken
        await desk.agent(printer.address).turn()
        assert len(printer.jobs) == int(taken)
    assert [row[0] for row in await desk.states()] == [state]


async def test_server_that_is_away_hears_of_the_print_later(desk: Desk) -> None:
    await desk.print()
    async with small_printer() as printer:
        agent = desk.agent(printer.address)
        job, _ = await agent.server.next("")
        assert job is not None
        document = await agent.server.document(job.id)
        desk.line.cut = 1
        number = await agent.printer.print(agent.name(job.id), job.page, document)
        agent.journal.put(job.id, Entry(number))
        with pytest.raises(Away):
            await agent.follow(job, number)
        assert await desk.states() == [("printing", "")]
        await desk.agent(printer.address).turn()
        assert len(printer.jobs) == 1
    assert await desk.states() == [("printed", "")]


async def test_print_that_the_desk_gives_up_is_stopped_at_the_printer(desk: Desk) -> None:
    await desk.print()
    async with small_printer() as printer:
        printer.new = STOPPED

        async def give_up(_: float) -> None:
            await post(desk.client, f"{ROOT}/desk/{desk.number}/give-up")
            printer.reason = "media-jam"

        await desk.agent(printer.address, give_up).turn()
        assert printer.jobs[0].state == 7
    assert [row[0] for row in await desk.states()] == ["cancelled"]
    assert "Given up" in await desk.page()
    assert await database.fetchval("SELECT count(*) FROM badge_print") == 0


@pytest.mark.parametrize(("status", "formats"), [(0x040A, ["application/pdf"]), (0, ["image/pwg-raster"])])
async def test_printer_that_cannot_read_the_page_says_so(desk: Desk, status: int, formats: list[str]) -> None:
    await desk.print()
    async with small_printer() as printer:
        printer.refuse, printer.formats = status, formats
        await desk.agent(printer.address).turn()
    [(state, reason)] = await desk.states()
    if status:
        assert (state, reason) == ("failed", "ipp-status-040a")
    assert ("reads no PDF" in await desk.page()) is not bool(status)


async def test_printer_of_another_paper_prints_on_what_it_has(desk: Desk) -> None:
    await desk.print()
    async with small_printer() as printer:
        printer.refuse = 0x040B
        await desk.agent(printer.address).turn()
        assert [job.asked for job in printer.jobs] == [{}]
    assert await desk.states() == [("printed", "")]


async def test_token_of_a_printer_opens_its_own_jobs_only(desk: Desk) -> None:
    await desk.print()
    organiser = await make_actor("organiser", email="other@example.org")
    other = await services.add_printer("fair", "Desk 2", by=organiser)
    job = await database.fetchval("SELECT id FROM print_job")
    head = {"authorization": f"Bearer {desk.token}"}
    assert (await desk.line.client.post("/api/v1/checkin/scans", json={"scans": []}, headers=head)).status_code == 403
    document = f"/api/v1/printing/jobs/{job}/document"
    assert (await desk.line.client.get(document, headers=head)).status_code == 404  # not taken yet
    call = {"agent": "a"}
    assert (await desk.line.client.post("/api/v1/printing/next", json=call, headers=head)).json()["job"]["id"] == job
    assert (await desk.line.client.get(document, headers=head)).headers["content-type"] == "application/pdf"
    theirs = {"authorization": f"Bearer {other}"}
    assert (await desk.line.client.get(document, headers=theirs)).status_code == 404
    told = {"state": "printed"}
    assert (await desk.line.client.post(f"/api/v1/printing/jobs/{job}", json=told, headers=theirs)).status_code == 404
    wrong = await desk.line.client.post(f"/api/v1/printing/jobs/{job}", json={"state": "waiting"}, headers=head)
    assert wrong.status_code == 422
    for _ in range(2):
        answer = await desk.line.client.post(f"/api/v1/printing/jobs/{job}", json=told, headers=head)
        assert answer.json() == {"state": "printed"}
    assert await database.fetchval("SELECT count(*) FROM badge_print") == 1


async def test_organiser_adds_and_switches_off_printers(desk: Desk) -> None:
    await desk.print()
    assert (await desk.client.get(f"{ROOT}/printers")).status_code in (403, 404)
    await sign_in(desk.client, await make_actor("organiser", email="third@example.org"))
    page = (await desk.client.get(f"{ROOT}/printers")).text
    assert "Desk 1" in page
    assert "Waits for the printer" in page
    assert (await post(desk.client, f"{ROOT}/printers", {"name": ""})).status_code == 422
    twice = await post(desk.client, f"{ROOT}/printers", {"name": "desk 1"})
    assert twice.status_code == 409
    assert "has this name already" in twice.text
    made = await post(desk.client, f"{ROOT}/printers", {"name": "Desk 2"})
    assert made.status_code == 201
    assert "fdev_" in made.text
    assert (await desk.client.get(f"{ROOT}/devices")).text.count("Desk 1") == 0  # it is no scanner
    assert (await post(desk.client, f"{ROOT}/printers/{desk.printer}/remove")).status_code == 303
    assert (await post(desk.client, f"{ROOT}/printers/{desk.printer}/remove")).status_code == 404
    assert [row[0] for row in await desk.states()] == ["cancelled"]
    async with small_printer() as printer:
        with pytest.raises(Denied):
            await desk.agent(printer.address).turn()


def test_journal_belongs_to_one_agent_and_survives_damage(tmp_path: Path) -> None:
    one = Journal(tmp_path)
    with pytest.raises(InUse):
        Journal(tmp_path)
    one.put(7, Entry(3))
    one.close()
    two = Journal(tmp_path)
    assert (two.agent, two.get(7)) == (one.agent, Entry(3))
    two.close()
    (tmp_path / "journal.json").write_text('{"agent": "x", "jobs"')
    three = Journal(tmp_path)
    assert three.agent != one.agent
    assert three.get(7) is None


@pytest.mark.parametrize("cut", range(0, 60, 3))
def test_cut_or_foreign_answers_are_malformed(cut: int) -> None:
    whole = ipp.request(
        0, 1, [(ipp.JOB, {"job-id": (ipp.INTEGER, 1), "media-col": (ipp.COLLECTION, {"x": (ipp.INTEGER, 2)})})]
    )
    assert ipp.answer(whole).of(ipp.JOB)[0]["job-id"] == [1]
    with pytest.raises(ipp.Malformed):
        ipp.answer(whole[: min(cut, len(whole) - 1)])
