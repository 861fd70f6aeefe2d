"""A tour of the next edition: drawn up, hosts asked, people invited, released, read; on each person's own pages."""

from datetime import datetime, timedelta

from tests.e2e.first import local
from tests.walking import Walker

TOUR = "second-tour"


async def tour_is_drawn_up(organiser: Walker, begins: datetime) -> None:
    """A part of the edition among those of cities, of two days, with a stop that the bureau of Luoyang receives."""
    await organiser.go("/organise/editions")
    await organiser.follow("/organise/editions/new")
    await organiser.send(
        "/organise/editions/new",
        title_zh="海外英才中原行",
        title_en="Tour of Henan",
        kind="tour",
        slug=TOUR,
        parent="second-fair",
        family="city",
        starts_at=local(begins),
        ends_at=local(begins + timedelta(days=2)),
        place_zh="洛阳",
        place_en="Luoyang",
        capacity="20",
    )
    await organiser.send("/publish")
    await organiser.follow("/tour")
    await organiser.follow("/stops/new")
    await organiser.send(
        "/stops/new",
        title_zh="参观轴承厂",
        title_en="Bearing works",
        starts_at=local(begins + timedelta(hours=2)),
        ends_at=local(begins + timedelta(hours=4)),
        unit="410300",
    )
    await organiser.follow("/tour")
    await organiser.follow("/tour/plan")
    await organiser.send("/tour/plan", start="410100", finish="410300")
    await organiser.send("/tour/groups", name="Group A")


async def host_agrees(organiser: Walker, bureau: Walker) -> None:
    """The bureau of the city is asked and says yes, with whom to ask for."""
    await organiser.follow("/tour")
    await organiser.send("/tour/ask")
    await bureau.go("/home")
    await bureau.follow("/hosting")
    await bureau.follow("Bearing works")
    await bureau.send("/confirm")
    await bureau.send(bureau.path, host_name="Director Zhang", host_phone="+86 379 6390 0000")
    bureau.sees("Confirmed")


async def guest_comes_along(organiser: Walker, chen: Walker) -> None:
    """Chen is invited and accepts, the itinerary is released, and Chen reads it."""
    await organiser.follow("/tour")
    await organiser.follow("/tour/people")
    await organiser.follow("/people/new")
    await organiser.send("/people/new", email="chen@example.org", name_passport="Chen Wei")
    await chen.go("/me/tours")
    await chen.follow("Tour of Henan")
    await chen.press(chen.form("/answer", target="accepted"))
    await organiser.follow("/tour")
    await organiser.follow("/tour/people")
    await organiser.follow("Chen Wei")
    await organiser.press(organiser.form("/step", target="approved"))
    await organiser.follow("/tour")
    await organiser.send("/release")
    await chen.go("/me/tours")
    await chen.follow("Tour of Henan")
    chen.sees("Bearing works", "Director Zhang")
    await chen.send("/read")
    await organiser.follow("/tour/count")
    await organiser.follow("/tour/told")
    organiser.sees("Your itinerary is ready", "0 people have not read everything")


async def cost_is_noted(organiser: Walker, bureau: Walker) -> None:
    """The bureau writes what the visit cost, and the report of the tour leads to it."""
    await bureau.go("/home")
    await bureau.follow("/hosting")
    await bureau.follow("Bearing works")
    await bureau.follow("/expenses")
    await bureau.send("/expenses", amount="1280.505", refused=422)
    assert bureau.form("/expenses").values["amount"] == ["1280.505"]
    await bureau.send("/expenses", amount="1,280.50")
    bureau.sees("CNY 1,280.50")
    await organiser.follow("/tour")
    await organiser.follow("/tour/report")
    await organiser.follow("CNY 1,280.50")
    organiser.sees("Bearing works")
