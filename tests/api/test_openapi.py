"""The API against its own description, with generated data: nothing breaks, and nothing is answered that is not described."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import httpx
import pytest

from fairs.agreements import states
from fairs.core import db as database
from fairs.events.tables import EventState
from fairs.reports.measures import MEASURES
from tests.small_fair import GATE, SLUG, Fair, small_fair

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,ignored_auth"

TEXT = "^[^\\x00-\\x1f\\x7f]+$"


async def document(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/schema/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json())


async def test_everybody_reads_the_description(client: httpx.AsyncClient) -> None:
    described = await document(client)
    assert described["openapi"] == "3.1.0"
    assert set(described["components"]["securitySchemes"]) == {"api_token", "device_token"}
    assert all(path.startswith(("/api/v1/", "/healthz", "/readyz")) for path in described["paths"])


async def test_bodies_are_described_field_by_field(client: httpx.AsyncClient) -> None:
    paths = (await document(client))["paths"]

    def body(path: str, method: str = "post") -> dict[str, Any]:
        return dict(paths[path][method]["requestBody"]["content"]["application/json"]["schema"])

    event = body("/api/v1/events")
    assert set(event["required"]) == {"slug", "kind", "title_zh", "title_en", "unit", "starts_at", "ends_at"}
    assert event["properties"]["capacity"] == {
        "type": ["integer", "null"],
        "minimum": 0,
        "maximum": 1_000_000,
        "description": "Places. How many people may be registered at once. Leave empty for no limit.",
    }
    change = body("/api/v1/events/{slug}", "patch")
    assert "required" not in change
    assert change["properties"]["state"]["enum"] == list(EventState)
    person = body("/api/v1/registrations")["properties"]["person"]
    assert person["required"] == ["email", "name_passport"]
    assert person["properties"]["email"]["format"] == "email"
    assert body("/api/v1/agreements/{number}/transitions")["required"] == ["to"]
    assert body("/api/v1/checkin/scans")["properties"]["scans"]["maxItems"] == 1000


async def test_every_call_names_its_token_and_its_refusals(client: httpx.AsyncClient) -> None:
    for path, calls in (await document(client))["paths"].items():
        for method, call in calls.items():
            if call.get("security"):
                assert {"401", "403"} <= set(call["responses"]), (method, path)
            for status, answer in call["responses"].items():
                if status >= "400":
                    assert list(answer["content"]) == ["application/problem+json"], (method, path, status)


def _narrowed(described: dict[str, Any], fair: Fair) -> dict[str, Any]:
    """The same with names and ids of this fair, so that what is generated reaches the services behind the lookups."""
    known: dict[str, list[Any]] = {
        "slug": [SLUG, "draft-fair", "nothing"],
        "event": [SLUG, "nothing"],
        "registration_id": [fair.registration, 999_999],
        "listing_id": [fair.wanting, 999_999],
        "talent_id": [fair.of.talent_id, 999_999],
        "number": [fair.signed, fair.agreement, "nothing"],
        "code": [GATE, "nothing"],
        "gate": [GATE, "nothing"],
        "measure": [*list(MEASURES)[:3], "nothing"],
    }
    for calls in described["paths"].values():
        for call in calls.values():
            for parameter in call.get("parameters", []):
                if parameter["name"] in known:
                    parameter["schema"]["enum"] = known[parameter["name"]]
    for path in ("events", "registrations"):  # their key is spent by the first call
        described["paths"][f"/api/v1/{path}"]["post"]["parameters"] = []
    for method, path in (("post", ""), ("patch", "/{slug}")):
        event = _body(described, f"events{path}", method)
        event["starts_at"]["enum"] = ["2027-10-27T09:00:00+08:00", "2027-10-28T09:00:00"]
        event["ends_at"]["enum"] = ["2027-10-28T17:00:00+08:00", "2027-10-29T01:00:00Z"]
        event["timezone"]["enum"] = ["Asia/Shanghai", "Europe/Madrid"]
        event["parent"]["enum"] = ["", SLUG, "nothing"]
    registration = _body(described, "registrations")
    registration["event"]["enum"] = known["event"]
    registration["sessions"]["items"]["enum"] = ["opening", "nothing"]
    registration["person"]["properties"]["email"]["enum"] = [f"person{n}@example.org" for n in range(30)]
    for fields in (event, registration["person"]["properties"]):
        for field in fields.values():
            if field.get("type") == "string" and not {"enum", "pattern", "format"} & set(field):
                field["pattern"] = TEXT
    _body(described, "agreements/{number}/transitions")["to"]["enum"] = [*states.known_states(), "nothing"]
    scan = _body(described, "checkin/scans")["scans"]["items"]["properties"]
    scan["gate"]["enum"] = known["gate"]
    return described


def _body(described: dict[str, Any], path: str, method: str = "post") -> dict[str, Any]:
    call = described["paths"][f"/api/v1/{path}"][method]
    return dict(call["requestBody"]["content"]["application/json"]["schema"]["properties"])


def _run(document_file: Path, base_url: str, token: str, *selection: str) -> str:
    """Schemathesis' report. Fails with it."""
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(document_file), "--url", base_url]
    command += [
        "--header",
        f"Authorization: Bearer {token}",
        "--checks",
        CHECKS,
        "--phases",
        "examples,coverage,fuzzing",
    ]
    command += ["--max-examples", "12", "--seed", "2018", "--generation-database", "none", "--no-shrink", "--no-color"]
    command += ["--suppress-health-check", "all", "--warnings", "off", "--continue-on-failure", *selection]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=document_file.parent)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("holder", "selection"),
    [
        ("api_token", ("--exclude-path-regex", "^/api/v1/(checkin|printing)/")),
        ("printer_token", ("--include-path-regex", "^/api/v1/printing/")),
        ("device_token", ("--include-path-regex", "^/api/v1/checkin/")),
    ],
)
async def test_generated_calls_find_no_fault(
    db: None, live_server: str, tmp_path: Path, holder: str, selection: tuple[str, ...]
) -> None:
    fair = await small_fair()
    with urllib.request.urlopen(f"{live_server}/schema/openapi.json") as answer:
        described = _narrowed(json.load(answer), fair)
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(described))
    _run(file, live_server, getattr(fair, holder), *selection)
    if holder == "api_token":
        assert await database.fetchval("SELECT count(*) FROM event") > 2  # generated bodies reached the service
        assert await database.fetchval("SELECT count(*) FROM registration") > 1
    elif holder == "device_token":
        assert await database.fetchval("SELECT count(*) FROM scan") > 0
    else:
        assert await database.fetchval("SELECT agent <> '' FROM desk_printer")
