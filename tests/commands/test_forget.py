"""`fairs forget`: says what goes, does it with --yes, and refuses in one line."""

from pathlib import Path

from tests.commands.conftest import ADMIN, PASSWORD
from tests.commands.running import Server, fairs, sign_in


def test_the_last_administrator_is_not_forgotten(data: Path) -> None:
    refused = fairs("forget", ADMIN, "--data", data, "--yes")
    assert refused.status == 1
    assert "last administrator" in refused.err


def test_forget(running: Server) -> None:
    with running.browser() as browser:
        sign_in(browser, ADMIN, PASSWORD)
    unknown = fairs("forget", "nobody@example.org", "--data", running.data, "--yes")
    assert (unknown.status, unknown.sentence) == (1, "fairs: nothing is held about nobody@example.org")
    said = fairs("forget", ADMIN, "--data", running.data)
    assert said.status == 0
    assert "Your account and its roles" in said.out
    assert "Nothing was deleted. --yes does it." in said.out
    email = "leaving@example.org"
    second = ("--email", email, "--name", "Lea Leaving", "--password", PASSWORD)
    assert fairs("create-admin", "--data", running.data, *second).status == 0
    done = fairs("forget", email, "--data", running.data, "--yes")
    assert done.status == 0, done.err
    assert "forgotten, receipt F-" in done.out
    again = fairs("forget", email, "--data", running.data, "--yes")
    assert again.status == 1
