"""The validator of plans: reads only the problem and the plan, shares no code with the solver, and returns every violation."""

from collections import Counter
from collections.abc import Iterable

from fairs.meetings.solver.problem import Kind, Meeting, Plan, Problem

CANDIDATE, EMPLOYER = "candidate", "employer"  # whose meetings are counted


def faults(problem: Problem, plan: Plan) -> list[str]:
    """Every error in a plan, as sentences; empty for a legal plan with correct numbers."""
    errors = list(_illegal(problem, plan.meetings))
    errors += _broken_pins(problem, plan)
    errors += _untold(problem, plan)
    scores = {(pair.candidate, pair.employer): pair.score for pair in problem.pairs}
    objective = sum(scores.get((m.candidate, m.employer), 0) for m in plan.meetings)
    if objective != plan.objective:
        errors.append(f"the objective is told as {plan.objective}, it is {objective}")
    if plan.bound < plan.objective:
        errors.append(f"the bound {plan.bound} is below the objective {plan.objective}")
    if plan.gap * max(1, abs(plan.bound)) + 1e-6 < plan.bound - plan.objective:
        errors.append(f"the gap {plan.gap} is told too small")
    return errors


def _illegal(problem: Problem, meetings: Iterable[Meeting]) -> Iterable[str]:
    """Meetings of unlisted pairs, people in two places, exceeded limits, absent people, wrong tables."""
    people = {c.id: c for c in problem.candidates}
    employers = {e.id: e for e in problem.employers}
    listed = {(p.candidate, p.employer) for p in problem.pairs} | {(p.candidate, p.employer) for p in problem.pinned}
    pairs: Counter[tuple[str, str]] = Counter()
    in_slot: Counter[tuple[str, str, int]] = Counter()
    at_table: Counter[tuple[str, int, int]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    for m in meetings:
        if (m.candidate, m.employer) not in listed or m.candidate not in people or m.employer not in employers:
            yield f"{m.candidate} and {m.employer} are not listed"
            continue
        person, employer = people[m.candidate], employers[m.employer]
        if not 0 <= m.slot < problem.slots:
            yield f"slot {m.slot} of {m.candidate} and {m.employer} is outside the day"
        if person.available is not None and m.slot not in person.available:
            yield f"{m.candidate} is not free in slot {m.slot}"
        if employer.available is not None and m.slot not in employer.available:
            yield f"{m.employer} is not there in slot {m.slot}"
        if not 0 <= m.table < employer.tables:
            yield f"{m.employer} has no table {m.table}"
        pairs[m.candidate, m.employer] += 1
        in_slot[CANDIDATE, m.candidate, m.slot] += 1
        in_slot[EMPLOYER, m.employer, m.slot] += 1
        at_table[m.employer, m.slot, m.table] += 1
        total[CANDIDATE, m.candidate] += 1
        total[EMPLOYER, m.employer] += 1
    yield from (f"{a} and {b} meet {n} times" for (a, b), n in pairs.items() if n > 1)
    yield from (f"table {t} of {e} is used {n} times in slot {s}" for (e, s, t), n in at_table.items() if n > 1)
    for (side, name, slot), count in in_slot.items():
        if count > (1 if side == CANDIDATE else employers[name].tables):
            yield f"{name} has {count} meetings in slot {slot}"
    for (side, name), count in total.items():
        most = people[name].max if side == CANDIDATE else employers[name].max
        if most is not None and count > most:
            yield f"{name} has {count} meetings, at most {most} are allowed"


def _broken_pins(problem: Problem, plan: Plan) -> Iterable[str]:
    """Pins that are neither kept nor reported as unmet."""
    held = {(m.candidate, m.employer): m for m in plan.meetings}
    told = Counter((u.candidate, u.employer, u.slot) for u in plan.unmet if u.kind is Kind.PINNED)
    seen: set[tuple[str, str]] = set()
    for pin in problem.pinned:
        meeting, key = held.get((pin.candidate, pin.employer)), (pin.candidate, pin.employer)
        kept = meeting is not None and meeting.slot == pin.slot and pin.table in (None, meeting.table)
        if kept and key not in seen:
            seen.add(key)
        elif told[(*key, pin.slot)]:
            told[(*key, pin.slot)] -= 1
        else:
            yield f"the pin of {pin.candidate} and {pin.employer} in slot {pin.slot} is lost without a word"


def _untold(problem: Problem, plan: Plan) -> Iterable[str]:
    """Musts and minimums that are unserved and unreported, or reported although served."""
    held = {(m.candidate, m.employer) for m in plan.meetings}
    musts = {(u.candidate, u.employer) for u in plan.unmet if u.kind is Kind.MUST}
    wanted = {(p.candidate, p.employer) for p in problem.pairs if p.must}
    yield from (f"the must {a} and {b} is lost without a word" for a, b in sorted(wanted - held - musts))
    yield from (f"the must {a} and {b} is told as unmet, and held" for a, b in sorted(held & wanted) if (a, b) in musts)
    people = Counter(m.candidate for m in plan.meetings)
    employers = Counter(m.employer for m in plan.meetings)
    lacking = {(Kind.MIN_CANDIDATE, c.id): c.min - people[c.id] for c in problem.candidates if people[c.id] < c.min}
    lacking |= {
        (Kind.MIN_EMPLOYER, e.id): e.min - employers[e.id] for e in problem.employers if employers[e.id] < e.min
    }
    told = {
        (u.kind, (u.candidate if u.kind is Kind.MIN_CANDIDATE else u.employer) or ""): u.missing
        for u in plan.unmet
        if u.kind in (Kind.MIN_CANDIDATE, Kind.MIN_EMPLOYER)
    }
    if told != lacking:
        yield f"minimums are told as {told}, lacking are {lacking}"
    yield from (f"an unmet wish has no reason: {u}" for u in plan.unmet if not u.why)
