"""Everything that waits to be called is in the tables of `fairs.wiring`, `fairs.personal_data` and `fairs.sealed_columns`."""

import importlib
import pkgutil
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from types import ModuleType

import fairs
from fairs import personal_data, sealed_columns, wiring
from fairs.accounts.proof import Belongings
from fairs.core import keying, sealing
from fairs.core.keying import Keyed
from fairs.core.retention import Rule
from fairs.core.sealing import Sealed
from fairs.core.services import Services


def modules() -> Iterator[ModuleType]:
    """All modules of the product that may be imported without running anything."""
    for found in pkgutil.walk_packages(fairs.__path__, "fairs."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def own(kind: type) -> set[int]:
    """The ids of all module-level objects of a kind."""
    return {id(value) for module in modules() for value in vars(module).values() if isinstance(value, kind)}


def marked(attribute: str) -> dict[object, str]:
    """Functions that carry a mark → their names."""
    found = (value for module in modules() for value in vars(module).values() if hasattr(value, attribute))
    return {value: f"{value.__module__}.{value.__qualname__}" for value in found if callable(value)}


def test_every_job_and_generator_is_installed() -> None:
    ours = {name for handler, name in marked("job_name").items() if name.startswith("fairs.")}
    assert ours == {f"{handler.__module__}.{handler.__qualname__}" for handler in wiring.JOBS}
    made = {name for make, name in marked("generator_name").items() if name.startswith("fairs.")}
    assert made == {f"{make.__module__}.{make.__qualname__}" for make in wiring.GENERATORS}


def test_every_belonging_sealed_column_and_key_is_installed() -> None:
    sealed_columns.install()
    assert own(Belongings) == {id(kept) for kept in wiring.BELONGINGS}
    assert own(Sealed) == {id(column) for column in sealing.COLUMNS()}
    assert own(Keyed) == {id(keyed) for keyed in keying.TABLES()}


def test_every_domain_event_has_a_handler() -> None:
    events = {
        value
        for module in modules()
        if module.__name__.endswith(".domain_events")
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == module.__name__
    }
    assert events == {event for event, _ in wiring.SUBSCRIPTIONS}


def test_wiring_twice_is_wiring_once() -> None:
    with Services().entered() as services:
        wiring.wire()
        before = {service: copy(held) if isinstance(held, dict) else held for service, held in services.held.items()}
        wiring.wire()
        assert services.held == before
        assert len(before) > 10


def test_advisory_locks_are_in_one_registry() -> None:
    source = Path(fairs.__file__).parent
    found = {str(path.relative_to(source)) for path in source.rglob("*.py") if "pg_advisory" in path.read_text("utf-8")}
    assert found == {"core/locks.py", "core/migrations.py"}


def test_every_periodic_job_and_retention_rule_is_installed() -> None:
    ours = {name for work, name in marked("periodic_job").items() if name.startswith("fairs.")}
    assert ours == {f"{work.__module__}.{work.__qualname__}" for work in wiring.PERIODIC}
    assert own(Rule) <= {id(rule) for rule in personal_data.RETENTION}
    listed = {
        id(rule)
        for module in modules()
        if module.__name__.endswith(".retention")
        for rule in getattr(module, "RULES", ())
    }
    assert listed <= {id(rule) for rule in personal_data.RETENTION}
