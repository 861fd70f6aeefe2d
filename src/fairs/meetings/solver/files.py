"""Halls and plans as JSON files: read with a sentence for each error, written completely or not at all."""

import os
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from fairs.meetings.solver.instance import BadProblem
from fairs.meetings.solver.problem import Meeting, Pin, Plan, Problem

_NEW_LINE = b"\n"
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class _Standing:
    """The fields read from a plan whose meetings are to be kept."""

    meetings: tuple[Meeting, ...]


def read_problem(path: Path) -> Problem:
    """A hall. Raises BadProblem that names the file and the position in it."""
    return read_json(path, Problem)


def with_standing(problem: Problem, path: Path) -> Problem:
    """The problem with every meeting of a plan pinned to its slot and table: the solver then only fills the gaps.

    Pins of the problem itself have priority. Raises BadProblem for a file that is not a plan.
    """
    pinned = {(pin.candidate, pin.employer) for pin in problem.pinned}
    standing = (
        Pin(m.candidate, m.employer, m.slot, m.table)
        for m in read_json(path, _Standing).meetings
        if (m.candidate, m.employer) not in pinned
    )
    return replace(problem, pinned=(*problem.pinned, *standing))


def read_json(path: Path, form: type[Read]) -> Read:
    """A file in the given form. Raises BadProblem that names the file and the position in it."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadProblem(f"{path}: {error.strerror or 'cannot be read'}") from None
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        try:
            return msgspec.json.decode(raw, type=form)
        except msgspec.ValidationError:  # retry with 812.0 read as 812: some programs write all numbers so
            return msgspec.convert(_whole(msgspec.json.decode(raw)), form)
    except msgspec.ValidationError as error:
        raise BadProblem(f"{path.name}: {_in_words(str(error))}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadProblem(f"{path.name}, {_place(raw, str(error))}: this is not JSON") from None


def _whole(value: Any) -> Any:
    """The same with every integral number as an integer."""
    if isinstance(value, dict):
        return {name: _whole(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _in_words(message: str) -> str:
    """'Expected `int`, got `str` - at `$.pairs[3].score`' → 'pairs[3].score: expected `int`, got `str`'."""
    what, _, place = message.partition(" - at ")
    where = place.strip("`").removeprefix("$").removeprefix(".")
    said = what[:1].lower() + what[1:]
    return f"{where}: {said}" if where else said


def _place(raw: bytes, message: str) -> str:
    found = re.search(r"byte (\d+)", message)
    at = int(found[1]) if found else len(raw)
    return f"line {raw.count(_NEW_LINE, 0, at) + 1}"


def write_plan(path: Path, plan: Plan) -> None:
    """The plan in the form of the contract. Raises BadProblem when it cannot be written."""
    told: dict[str, Any] = {
        "meetings": [asdict(meeting) for meeting in plan.meetings],
        "objective": plan.objective,
        "bound": plan.bound,
        "gap": plan.gap,
        "unmet": [entry(one) for one in plan.unmet],
        "seconds": plan.seconds,
    }
    write_json(path, told)


def write_json(path: Path, told: Any) -> None:
    """Writes beside the target and renames, so a failed run leaves no partial file. Raises BadProblem when it cannot."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_bytes(msgspec.json.encode(told) + b"\n")
        aside.replace(path)
    except OSError as error:
        raise BadProblem(f"{path}: {error.strerror or 'cannot be written'}") from None
    finally:
        aside.unlink(missing_ok=True)


def entry(one: Any) -> dict[str, Any]:
    """The fields of a dataclass, such as an unmet wish, without those that do not apply."""
    return {name: value for name, value in asdict(one).items() if value is not None}
