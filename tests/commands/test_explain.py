"""`fairs match explain` as a program: it reads what pages show, also of meetings."""

import subprocess
import sys
from pathlib import Path

from tests.commands.running import environment, fairs


def test_a_pair_is_explained_by_a_program_of_its_own(data: Path) -> None:
    command = [sys.executable, "-m", "tests.commands.pair", str(data)]
    made = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    talent, listing = made.stdout.split()
    told = fairs("match", "explain", talent, listing, "--data", data)
    assert (told.status, told.err) == (0, "")
    assert f"Listing {listing}: Near post" in told.out
    assert "Place 1 of 1 in the person's list" in told.out
