"""`fairs serve --relay`: what is refused before anything is started."""

from dataclasses import replace
from pathlib import Path

import pytest

from fairs.commands import relaying
from fairs.commands.runtime.errors import Problem
from fairs.settings import Settings

TOKEN = "fapi_" + "x" * 40
SERVER = "https://fairs.example.org"


@pytest.mark.parametrize(
    ("relay", "token", "workers", "says"),
    [
        ("fairs.example.org", TOKEN, 1, "must be the address"),
        ("ftp://fairs.example.org", TOKEN, 1, "must be the address"),
        (SERVER, "", 1, "needs the token"),
        (SERVER, "fdev_" + "x" * 40, 1, "needs the token"),
        (SERVER, TOKEN, 2, "one server process"),
    ],
)
def test_mistake_is_said_before_anything_is_made(relay: str, token: str, workers: int, says: str) -> None:
    with pytest.raises(Problem, match=says):
        relaying.check(relay, token, workers)


def test_folder_is_a_relay_s_or_an_installation_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAIRS_DATA", raising=False)
    assert relaying.folder(None, SERVER) == relaying.FOLDER
    assert relaying.folder(None, "") is None
    assert relaying.folder(tmp_path, SERVER) == tmp_path
    relaying.check(SERVER, TOKEN, 1)
    found = Settings(data_dir=tmp_path)
    assert relaying.with_relay(found, SERVER, TOKEN) == replace(found, relay_url=SERVER, relay_token=TOKEN)
    (tmp_path / relaying.MARK).write_text("{}")
    with pytest.raises(Problem, match="the folder of a venue relay"):
        relaying.with_relay(found, "", "")


def test_end_is_the_exit_status(tmp_path: Path) -> None:
    found = Settings(data_dir=tmp_path, relay_url=SERVER)
    relaying.say_end(found)
    (tmp_path / relaying.ENDED).write_text("its token has ended\n")
    with pytest.raises(Problem, match="its token has ended"):
        relaying.say_end(found)
