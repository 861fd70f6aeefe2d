"""Cases of gates written by hand: each with the answers that docs/checkin.md promises, written down before any program gave them."""

from typing import Any

from tests.checkin.vectors.worlds import badge, gate, passed, scan, session, world

OUT: dict[str, Any] = {"direction": "out"}
LATE: dict[str, Any] = {"offline": True}  # by a device without a network, of a release that says nothing of its verdict
SAW: dict[str, Any] = {"offline": True, "told": "admitted"}
TURNED: dict[str, Any] = {"offline": True, "told": "refused", "told_reason": "full"}
THREE = [badge(1), badge(2), badge(3)]
HALL = [gate("main-in", room="hall"), gate("west", room="hall", kind="zone")]
Case = tuple[dict[str, Any], list[str]]


def _badges() -> list[Case]:
    """Whose badge it is."""
    found: list[Case] = []
    for state, said in (("unknown", "unknown"), ("other_event", "wrong_event"), ("revoked", "revoked")):
        for way in ("in", "out"):
            scans = [scan(0, "09:00", direction=way)]
            found.append((world(f"{state} {way}", badges=[badge(1, state=state)], scans=scans), [said]))
    for way in ("in", "out"):
        waiting = [badge(1, state="not_confirmed")]
        scans = [scan(0, "09:00", direction=way)]
        found.append((world(f"not confirmed {way}", badges=waiting, scans=scans), ["not_confirmed"]))
    found += [
        (world("valid", scans=[scan(0, "09:00")]), ["admitted"]),
        (world("no code of ours", scans=[scan(None, "09:00")]), ["malformed"]),
        (world("no code of ours, going out", scans=[scan(None, "09:00", **OUT)]), ["malformed"]),
        (world("forged", scans=[scan(0, "09:00", genuine=False)]), ["forged"]),
        (world("forged, then the real one", scans=[scan(0, "09:00", genuine=False), scan(0, "09:01")]),
         ["forged", "admitted"]),
        (world("forged comes before revoked", badges=[badge(1, state="revoked")],
               scans=[scan(0, "09:00", genuine=False)]), ["forged"]),
        (world("revoked comes before the hours", gates=[gate(opens_at="10:00")], badges=[badge(1, state="revoked")],
               scans=[scan(0, "09:00")]), ["revoked"]),
        (world("not confirmed comes before the group", gates=[gate(categories=["expert"])],
               badges=[badge(1, state="not_confirmed")], scans=[scan(0, "09:00")]), ["not_confirmed"]),
    ]  # fmt: skip
    return found


def _gates() -> list[Case]:
    """Which gate it is, and when."""
    hours = [gate(opens_at="09:00", closes_at="17:00")]
    off = [gate(inactive_since="12:00")]
    two = [gate(), gate("west")]
    return [
        (world("no such gate", scans=[scan(0, "09:00", gate="none")]), ["wrong_gate"]),
        (world("no such gate comes before the code", scans=[scan(None, "09:00", gate="none")]), ["wrong_gate"]),
        (world("not a gate of this scanner", gates=two, only_gates=["west"], scans=[scan(0, "09:00"),
               scan(0, "09:01", gate="west")]), ["wrong_gate", "admitted"]),
        (world("limited also for going out", gates=two, only_gates=["west"], scans=[scan(0, "09:00", **OUT)]),
         ["wrong_gate"]),
        (world("before it opens", gates=hours, scans=[scan(0, "08:59")]), ["too_early"]),
        (world("as it opens", gates=hours, scans=[scan(0, "09:00")]), ["admitted"]),
        (world("just before it closes", gates=hours, scans=[scan(0, "16:59")]), ["admitted"]),
        (world("as it closes", gates=hours, scans=[scan(0, "17:00")]), ["too_late"]),
        (world("leaving before it opens", gates=hours, scans=[scan(0, "08:00", **OUT)]), ["admitted"]),
        (world("leaving after it closed", gates=hours, scans=[scan(0, "10:00"), scan(0, "18:00", **OUT)]),
         ["admitted", "admitted"]),
        (world("too late comes before already", gates=hours, scans=[scan(0, "10:00"), scan(0, "18:00")]),
         ["admitted", "too_late"]),
        (world("opens only", gates=[gate(opens_at="09:00")], scans=[scan(0, "08:00"), scan(0, "23:00")]),
         ["too_early", "admitted"]),
        (world("closes only", gates=[gate(closes_at="09:00")], scans=[scan(0, "01:00"), scan(0, "09:00")]),
         ["admitted", "too_late"]),
        (world("switched off later", gates=off, scans=[scan(0, "11:59"), scan(0, "12:00", **OUT)]),
         ["admitted", "wrong_gate"]),
        (world("scanned before it was switched off", gates=off, scans=[scan(0, "11:00", **SAW)]), ["admitted"]),
        (world("the event has ended", ended_at="2018-10-27T09:00:00Z", scans=[scan(0, "16:59"), scan(0, "17:00")]),
         ["admitted", "wrong_gate"]),
        (world("the event has ended for going out", ended_at="2018-10-27T09:00:00Z", scans=[scan(0, "17:00", **OUT)]),
         ["wrong_gate"]),
    ]  # fmt: skip


def _repeats() -> list[Case]:
    """How often somebody comes in."""
    day, once, many = [gate()], [gate(rule="once")], [gate(rule="many")]
    twice = [scan(0, "09:00"), scan(0, "09:05")]
    back = [scan(0, "09:00"), scan(0, "10:00", **OUT), scan(0, "11:00")]
    return [
        (world("twice a day", gates=day, scans=twice), ["admitted", "already 09:00"]),
        (world("twice with once", gates=once, scans=twice), ["admitted", "already 09:00"]),
        (world("twice with many", gates=many, scans=twice), ["admitted", "admitted"]),
        (world("three times a day", gates=day, scans=[*twice, scan(0, "09:06")]),
         ["admitted", "already 09:00", "already 09:00"]),
        (world("back after leaving", gates=day, scans=back), ["admitted", "admitted", "admitted"]),
        (world("back after leaving with once", gates=once, scans=back), ["admitted", "admitted", "already 09:00"]),
        (world("back after leaving with many", gates=many, scans=back), ["admitted", "admitted", "admitted"]),
        (world("back twice", gates=day, scans=[*back, scan(0, "11:05")]),
         ["admitted", "admitted", "admitted", "already 09:00"]),
        (world("the next day", gates=day, scans=[scan(0, "09:00"), scan(0, "2 09:00")]), ["admitted", "admitted"]),
        (world("the next day with once", gates=once, scans=[scan(0, "09:00"), scan(0, "2 09:00")]),
         ["admitted", "already 09:00"]),
        (world("before and after midnight", gates=day, scans=[scan(0, "23:59"), scan(0, "2 00:00")]),
         ["admitted", "admitted"]),
        (world("midnight of the event's zone, not of UTC", gates=day, scans=[scan(0, "07:59"), scan(0, "08:00")]),
         ["admitted", "already 07:59"]),
        (world("midnight of another zone", timezone="Europe/Berlin", scans=[scan(0, "05:59"), scan(0, "06:00")]),
         ["admitted", "admitted"]),
        (world("leaving without having come", gates=day, scans=[scan(0, "09:00", **OUT), scan(0, "09:05")]),
         ["admitted", "admitted"]),
        (world("leaving twice", gates=day, scans=[scan(0, "09:00"), scan(0, "10:00", **OUT), scan(0, "10:01", **OUT)]),
         ["admitted", "admitted", "admitted"]),
        (world("came yesterday, leaves today", gates=day, passed=[passed(0, "09:00")],
               scans=[scan(0, "2 00:10", **OUT), scan(0, "2 09:00")]), ["admitted", "admitted"]),
        (world("two gates without a room", gates=[gate(), gate("west")],
               scans=[scan(0, "09:00"), scan(0, "09:05", gate="west")]), ["admitted", "admitted"]),
        (world("entrance only", gates=[gate(ways="in")], scans=[scan(0, "09:00", **OUT), scan(0, "09:01")]),
         ["wrong_way", "admitted"]),
        (world("another person", badges=THREE, scans=[scan(0, "09:00"), scan(1, "09:00")]), ["admitted", "admitted"]),
        (world("passed before", passed=[passed(0, "09:00")], scans=[scan(0, "09:05")]), ["already 09:00"]),
        (world("passed and left before", passed=[passed(0, "09:00"), passed(0, "10:00", **OUT)],
               scans=[scan(0, "11:00")]), ["admitted"]),
        (world("passed yesterday with once", gates=once, passed=[passed(0, "09:00"), passed(0, "10:00", **OUT)],
               scans=[scan(0, "2 09:00")]), ["already 09:00"]),
    ]  # fmt: skip


def _who() -> list[Case]:
    """Groups and sign-ups."""
    rooms: dict[str, Any] = {"rooms": {"hall": None, "other": None}}
    expert = [gate(categories=["expert", "guest"])]
    talk = session("talk", "09:00", "11:00", room="hall")
    there = session("there", "09:00", "11:00", room="other")
    free = session("free", "09:00", "11:00", room="hall", sign_up=False)
    later = session("later", "11:00", "12:00", room="hall")
    room = [gate("main-in", room="hall", kind="session")]
    of_talk = [gate("main-in", session="talk", kind="session")]
    signed, other, nobody = badge(1, sessions=["talk"]), badge(1, sessions=["there"]), badge(1)
    usual = {**rooms, "sessions": [talk, there]}
    return [
        (world("a group of the gate", gates=expert, badges=[badge(1, category="guest")], scans=[scan(0, "09:00")]),
         ["admitted"]),
        (world("another group", gates=expert, scans=[scan(0, "09:00"), scan(0, "09:01", **OUT)]),
         ["wrong_category", "admitted"]),
        (world("too early comes before the group", gates=[gate(categories=["expert"], opens_at="10:00")],
               scans=[scan(0, "09:00")]), ["too_early"]),
        (world("signed up for the session", gates=of_talk, badges=[signed], scans=[scan(0, "09:00")], **usual),
         ["admitted"]),
        (world("not signed up for the session", gates=of_talk, badges=[nobody], scans=[scan(0, "09:00")], **usual),
         ["not_signed_up"]),
        (world("its session at any hour", gates=of_talk, badges=[nobody], scans=[scan(0, "15:00")], **usual),
         ["not_signed_up"]),
        (world("signed up for another room at this hour", gates=of_talk, badges=[other], scans=[scan(0, "09:00")],
               **usual), ["wrong_room"]),
        (world("signed up for another room, over by now", gates=of_talk, badges=[other], scans=[scan(0, "11:00")],
               **usual), ["not_signed_up"]),
        (world("what is on in the room", gates=room, badges=[signed], scans=[scan(0, "09:00")], **usual), ["admitted"]),
        (world("what is on in the room asks", gates=room, badges=[nobody], scans=[scan(0, "09:00")], **usual),
         ["not_signed_up"]),
        (world("what is on in the other room", gates=room, badges=[other], scans=[scan(0, "09:00")], **usual),
         ["wrong_room"]),
        (world("half an hour before", gates=room, badges=[nobody], scans=[scan(0, "08:29"), scan(0, "08:30")], **usual),
         ["admitted", "not_signed_up"]),
        (world("when it is over", gates=room, badges=[nobody], scans=[scan(0, "10:59"), scan(0, "11:00")], **usual),
         ["not_signed_up", "admitted"]),
        (world("what is on comes before what follows", gates=room, badges=[badge(1, sessions=["later"])],
               sessions=[later, free], scans=[scan(0, "10:45"), scan(0, "10:46", **OUT), scan(0, "11:00")], **rooms),
         ["admitted", "admitted", "admitted"]),
        (world("what follows asks when nothing is on", gates=room, badges=[nobody], sessions=[later],
               scans=[scan(0, "10:29"), scan(0, "10:30", **OUT), scan(0, "10:31")], **rooms),
         ["admitted", "admitted", "not_signed_up"]),
        (world("without a sign-up", gates=[gate("main-in", session="free", kind="session")], sessions=[free],
               scans=[scan(0, "09:00")], **rooms), ["admitted"]),
        (world("leaving a session without a sign-up of one's own", gates=of_talk, badges=[nobody],
               scans=[scan(0, "10:00", **OUT)], **usual), ["admitted"]),
    ]  # fmt: skip


def _places() -> list[Case]:
    """How many at once."""
    one, two = {"gates": [gate(capacity=1)], "badges": THREE}, {"gates": [gate(capacity=2)], "badges": THREE}
    seats = session("talk", "09:00", "18:00", sign_up=False, capacity=1)
    return [
        (world("full", **one, scans=[scan(0, "09:00"), scan(1, "09:01")]), ["admitted", "full"]),
        (world("already comes before full", **one, scans=[scan(0, "09:00"), scan(0, "09:01")]),
         ["admitted", "already 09:00"]),
        (world("a place becomes free", **one, scans=[scan(0, "09:00"), scan(0, "10:00", **OUT), scan(1, "10:01")]),
         ["admitted", "admitted", "admitted"]),
        (world("back to a full place", **one,
               scans=[scan(0, "09:00"), scan(0, "10:00", **OUT), scan(1, "10:01"), scan(0, "10:02")]),
         ["admitted", "admitted", "admitted", "full"]),
        (world("nobody at all", gates=[gate(capacity=0)], scans=[scan(0, "09:00")]), ["full"]),
        (world("leaving twice frees one place", **two, scans=[scan(0, "09:00"), scan(1, "09:00"),
               scan(0, "09:10", **OUT), scan(0, "09:11", **OUT), scan(2, "09:12"), scan(0, "09:13")]),
         ["admitted", "admitted", "admitted", "admitted", "admitted", "full"]),
        (world("leaving without having come frees none", **one, scans=[scan(0, "09:00"), scan(1, "09:01", **OUT),
               scan(2, "09:02")]), ["admitted", "admitted", "full"]),
        (world("many counts a person once", gates=[gate(capacity=2, rule="many")], badges=THREE,
               scans=[scan(0, "09:00"), scan(0, "09:01"), scan(1, "09:02"), scan(2, "09:03"), scan(0, "09:04")]),
         ["admitted", "admitted", "admitted", "full", "admitted"]),
        (world("a new day is empty", **one, scans=[scan(0, "09:00"), scan(1, "2 09:00")]), ["admitted", "admitted"]),
        (world("seats of the session", gates=[gate("main-in", session="talk", kind="session")], badges=THREE,
               sessions=[seats], scans=[scan(0, "09:00"), scan(1, "09:01")]), ["admitted", "full"]),
        (world("seats of the room", gates=[gate(room="hall")], badges=THREE, rooms={"hall": 1},
               scans=[scan(0, "09:00"), scan(1, "09:01")]), ["admitted", "full"]),
        (world("its own number comes before the seats", gates=[gate(room="hall", capacity=2)], badges=THREE,
               rooms={"hall": 1}, scans=[scan(0, "09:00"), scan(1, "09:01"), scan(2, "09:02")]),
         ["admitted", "admitted", "full"]),
        (world("passed before", **one, passed=[passed(2, "08:00")], scans=[scan(0, "09:00")]), ["full"]),
        (world("passed and left before", **one, passed=[passed(2, "08:00"), passed(2, "08:30", **OUT)],
               scans=[scan(0, "09:00")]), ["admitted"]),
        (world("a late leaving of somebody who came back frees none", **one,
               passed=[passed(0, "08:00"), passed(0, "08:10", **OUT), passed(0, "08:20")],
               scans=[scan(0, "08:05", **OUT, **LATE), scan(1, "09:00")]), ["admitted", "full"]),
        (world("a late leaving of somebody who had left already frees none", **two,
               passed=[passed(0, "08:00"), passed(1, "08:00"), passed(0, "08:30", **OUT)],
               scans=[scan(0, "08:20", **OUT, **LATE), scan(2, "09:00"), scan(0, "09:01")]),
         ["admitted", "admitted", "full"]),
    ]  # fmt: skip


def _zones() -> list[Case]:
    """Gates of one place."""
    west = {"gate": "west"}
    apart = [gate(room="hall"), gate("west", room="hall", kind="session")]
    small = [gate(room="hall", capacity=1), gate("west", room="hall", kind="zone", capacity=1)]
    once = [gate(room="hall", rule="once"), gate("west", room="hall", rule="once")]
    hall: dict[str, Any] = {"rooms": {"hall": None}, "gates": HALL}
    tight: dict[str, Any] = {"rooms": {"hall": None}, "gates": small, "badges": THREE}
    return [
        (world("inside by another gate", **hall, scans=[scan(0, "09:00"), scan(0, "09:05", **west)]),
         ["admitted", "already 09:00"]),
        (world("in by one, out by the other, back", **hall,
               scans=[scan(0, "09:00"), scan(0, "10:00", **west, **OUT), scan(0, "11:00")]),
         ["admitted", "admitted", "admitted"]),
        (world("back by the other, then again", **hall, scans=[scan(0, "09:00"), scan(0, "10:00", **west, **OUT),
               scan(0, "11:00", **west), scan(0, "11:05")]), ["admitted", "admitted", "admitted", "already 09:00"]),
        (world("another room is another place", rooms={"hall": None, "b": None},
               gates=[gate(room="hall"), gate("west", room="b")], scans=[scan(0, "09:00"), scan(0, "09:05", **west)]),
         ["admitted", "admitted"]),
        (world("a gate of the room for a session is another place", rooms={"hall": None}, gates=apart,
               scans=[scan(0, "09:00"), scan(0, "09:05", **west)]), ["admitted", "admitted"]),
        (world("places of the zone", **tight, scans=[scan(0, "09:00"), scan(1, "09:01", **west)]),
         ["admitted", "full"]),
        (world("leaving by the other gate frees a place", **tight,
               scans=[scan(0, "09:00"), scan(0, "09:30", **west, **OUT), scan(1, "09:31")]),
         ["admitted", "admitted", "admitted"]),
        (world("the number of the gate over the people of the zone", rooms={"hall": None}, badges=THREE,
               gates=[gate(room="hall", capacity=2), gate("west", room="hall", capacity=1)],
               scans=[scan(0, "09:00"), scan(1, "09:01", **west), scan(1, "09:02")]),
         ["admitted", "full", "admitted"]),
        (world("once in a zone", rooms={"hall": None}, gates=once,
               scans=[scan(0, "09:00"), scan(0, "2 09:00", **west)]), ["admitted", "already 09:00"]),
        (world("in by a gate that is off by now", rooms={"hall": None},
               gates=[gate(room="hall"), gate("west", room="hall", inactive_since="10:00")],
               passed=[passed(0, "09:00", **west)], scans=[scan(0, "11:00")]), ["already 09:00"]),
        (world("in by another gate, before", **hall, passed=[passed(0, "09:00", **west)], scans=[scan(0, "09:30")]),
         ["already 09:00"]),
        (world("in and out by another gate, before", **hall,
               passed=[passed(0, "09:00", **west), passed(0, "09:10", **OUT)], scans=[scan(0, "09:30", **west)]),
         ["admitted"]),
        (world("hours of the gate that is scanned", rooms={"hall": None},
               gates=[gate(room="hall"), gate("west", room="hall", closes_at="10:00")],
               scans=[scan(0, "11:00", **west), scan(0, "11:01"), scan(0, "11:02", **west, **OUT)]),
         ["too_late", "admitted", "admitted"]),
    ]  # fmt: skip


def _offline() -> list[Case]:
    """What devices without a network have said to people, and what the server finds when it hears of it."""
    elsewhere = {"device": 3}
    before = {"passed": [passed(0, "09:00")]}
    return [
        (world("let in, and nobody had", scans=[scan(0, "09:00", **SAW)]), ["admitted"]),
        (world("let in by two", scans=[scan(0, "09:00", **SAW), scan(0, "09:05", **SAW, **elsewhere)]),
         ["admitted", "already 09:00 conflict"]),
        (world("let in by two, the later one first", scans=[scan(0, "09:05", **SAW), scan(0, "09:00", **SAW, **elsewhere)]),
         ["admitted", "already 09:05 conflict"]),
        (world("seen twice by one", scans=[scan(0, "09:00", **SAW), scan(0, "09:05", offline=True, told="already")]),
         ["admitted", "already 09:00"]),
        (world("without its verdict, by another", **before, scans=[scan(0, "09:05", **LATE)]),
         ["already 09:00 conflict"]),
        (world("without its verdict, by the same", **before, scans=[scan(0, "09:05", **LATE, device=2)]),
         ["already 09:00"]),
        (world("known as already there", **before, scans=[scan(0, "09:05", offline=True, told="already")]),
         ["already 09:00"]),
        (world("with the network a verdict says nothing", **before,
               scans=[scan(0, "09:05", told="admitted"), scan(0, "09:06", told="refused", told_reason="full")]),
         ["already 09:00", "already 09:00"]),
        (world("let in, though revoked by then", badges=[badge(1, state="revoked")], scans=[scan(0, "09:00", **SAW)]),
         ["revoked conflict"]),
        (world("let in, though unknown", badges=[badge(1, state="unknown")], scans=[scan(0, "09:00", **SAW)]),
         ["unknown conflict"]),
        (world("let in, though full by then", gates=[gate(capacity=1)], badges=THREE, passed=[passed(1, "08:00")],
               scans=[scan(0, "09:00", **SAW)]), ["full conflict"]),
        (world("let in, though the gate was off", gates=[gate(inactive_since="08:00")], scans=[scan(0, "09:00", **SAW)]),
         ["wrong_gate conflict"]),
        (world("turned away: not let in by the server either", scans=[scan(0, "09:00", **TURNED), scan(0, "09:30")]),
         ["full", "admitted"]),
        (world("turned away for what the server knows better", badges=[badge(1, state="revoked")],
               scans=[scan(0, "09:00", **TURNED)]), ["revoked"]),
        (world("turned away while inside", **before, scans=[scan(0, "09:05", **TURNED)]), ["full"]),
        (world("a late scan from before", scans=[scan(0, "09:30"), scan(0, "09:00", **SAW, **elsewhere)]),
         ["admitted", "already 09:30 conflict"]),
        (world("left meanwhile", scans=[scan(0, "09:00"), scan(0, "09:30", **OUT), scan(0, "09:40", **SAW, **elsewhere)]),
         ["admitted", "admitted", "admitted"]),
        (world("let in before the leaving that the server knows",
               scans=[scan(0, "09:00"), scan(0, "09:30", **OUT), scan(0, "09:20", **SAW, **elsewhere)]),
         ["admitted", "admitted", "already 09:00 conflict"]),
        (world("a late leaving", scans=[scan(0, "09:00"), scan(0, "09:20", **OUT, **LATE), scan(0, "09:30")]),
         ["admitted", "admitted", "admitted"]),
        (world("let in at the other gate of the place", rooms={"hall": None}, gates=HALL,
               scans=[scan(0, "09:00"), scan(0, "09:05", gate="west", **SAW, **elsewhere)]),
         ["admitted", "already 09:00 conflict"]),
    ]  # fmt: skip


def cases() -> list[Case]:
    """All of them, with the expected answers."""
    return [*_badges(), *_gates(), *_repeats(), *_who(), *_places(), *_zones(), *_offline()]
