"""Commands that do one thing and end: administrators, migrations, backups, purging, the doctor, help."""

import json
import re
import stat
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from fairs.cli import main
from fairs.commands import database_marker
from fairs.commands.backup import FILLING
from fairs.core.embedded import EmbeddedPostgres
from tests.commands.conftest import ADMIN, PASSWORD
from tests.commands.running import Server, fairs, free_port, serving, sign_in

COMMANDS = [
    "serve", "worker", "migrate", "create-admin", "invite", "doctor", "backup", "restore", "purge", "forget", "demo", "match", "match rank", "match index", "badges",
    "badges export",
]  # fmt: skip

PURGED = [
    "sessions that have expired",
    "sign-in links that have expired",
    "invitations that are over",
    "sign-ins without the second step",
    "requests to passkeys",
    "forms kept over a sign-in",
    "counts of attempts",
    "answers kept for repeated calls",
    "links and codes of sent mails",
    "links and codes of mails not sent",
    "attachments of mails",
    "contents of mails",
    "files that belong to nothing",
    "jobs that have failed for good",
    "the log of finished jobs",
    "reports of purges",
    "runs of scheduled jobs",
    "scans at gates",
    "profiles that shall not be kept after the fair",
    "profiles that led to no agreement",
    "agreements to hand to the archive; none is deleted",
    "answers about travel, food and hotel",
    "numbers of documents in registrations",
    "files of registrations that are kept until the fair",
    "options chosen in registrations",
    "answers of registrations",
    "files of registrations",
    "photos that a desk has taken",
    "registrations that were typed and never sent",
    "names and addresses of registrations",
    "notes of the staff on registrations",
    "requests to exhibitors",
    "experts of visits to counties",
    "visitors of booths that were deleted",
    "visitors of booths",
    "answers of visitors to employers",
    "meetings",
    "passports of tours",
    "texts of invitation letters",
    "journeys of tours",
    "needs of people on tours",
    "rooms given on tours",
    "drivers of tours",
    "interpreters of tours",
    "links to sheets of tours",
    "people of tours",
    "listings",
    "deliveries to webhooks",
    "files of printed badges",
    "the log of printed badges",
    "badges sent to printers",
    "exports of people's own data",
    "looks at contact data",
    "entries of the audit log",
    "what merges of people changed",
]
"""What the command says that it lets go, in its order."""


def test_every_command_explains_itself() -> None:
    listed = fairs("--help").out
    for command in COMMANDS:
        assert command.split()[0] in listed
        done = CliRunner().invoke(main, [*command.split(), "--help"], prog_name="fairs")
        assert (done.exit_code, done.output.startswith(f"Usage: fairs {command} ")) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["serve", "--port", "x"], "Invalid value for '--port': 'x' is not a valid integer range."),
        (["serve", "--xyz9"], "No such option '--xyz9'."),
        (["nope"], "No such command 'nope'."),
        (["backup"], "Missing argument 'FILE'."),
        (["demo", "--shift", "--today", "2020-01-01"], "--today and --shift exclude each other"),
        (["demo", "--dates-of-2018", "--today", "2020-01-01"], "--today and --dates-of-2018 exclude each other"),
    ],
)
def test_wrong_use_is_one_line_that_leads_to_the_help(arguments: list[str], sentence: str) -> None:
    done = fairs(*arguments)
    assert done.status == 2
    said = re.sub(r"No such option: (\S+)", r"No such option '\1'.", done.sentence)  # click up to 8.3
    assert said.startswith(f"fairs: {sentence}  See fairs")


def test_new_administrator_signs_in_and_is_asked_for_once(running: Server) -> None:
    arguments = ("--email", "bo@example.org", "--name", "Bo", "--password", "another long password")
    done = fairs("create-admin", "--data", running.data, *arguments)
    assert (done.status, done.out) == (0, "administrator bo@example.org created\n")
    with running.browser() as browser:
        answer = sign_in(browser, "bo@example.org", "another long password")
        assert answer.status_code == 303
        assert browser.get("/organise/editions").status_code == 200
    again = fairs("create-admin", "--data", running.data, *arguments)
    assert (again.status, again.sentence) == (
        1,
        "fairs: There is already an account with this address. Sign in, or ask for a sign-in link.",
    )


def test_shell_invites_as_the_page_does(running: Server) -> None:
    arguments = ("--data", running.data, "--role", "bureau", "--name", "Li Lei")
    done = fairs("invite", *arguments, "--unit", "410300", "li@example.org")
    assert done.status == 0
    (path,) = re.findall(r"^http://\S+?(/invitation/[\w-]+)$", done.out, re.M)
    with running.browser() as browser:
        page = browser.get(path)
        assert (page.status_code, "li@example.org" in page.text) == (200, True)
    for wrong, sentence in (
        (("--unit", "999999", "li@example.org"), "fairs: There is no unit with this code."),
        (("li@example.org",), "fairs: unit: Choose where this role holds."),
        (("--unit", "410300", "li@example.org"), "fairs: email: This address is already invited to the role."),
        (("--unit", "410300", "nobody"), "fairs: email: This is not an e-mail address"),
    ):
        done = fairs("invite", *arguments, *wrong)
        assert (done.status, done.sentence.startswith(sentence)) == (1, True), done.sentence


def test_administrator_needs_an_address_and_a_long_password(empty: Path) -> None:
    done = fairs("create-admin", "--data", empty, "--email", "nobody", "--name", "", "--password", "short")
    assert done.status == 1
    assert [part.split(":")[0] for part in done.sentence.removeprefix("fairs: ").split("; ")] == [
        "name",
        "email",
        "password",
    ]
    assert not empty.exists()


def test_migrating_twice_changes_nothing(data: Path) -> None:
    done = fairs("migrate", "--data", data)
    assert (done.status, done.out) == (0, "the database is up to date\n")


@pytest.fixture
def archive(running: Server, tmp_path: Path) -> Path:
    """A backup taken while the server serves, with two files."""
    folder = running.data / "files" / "照片"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.bin").write_bytes(b"\0" * 100_000)
    (folder / "空.txt").write_bytes(b"")
    target = tmp_path / "fairs.backup"
    done = fairs("backup", target, "--data", running.data)
    assert (done.status, done.out.endswith(" MB, the database and 2 files\n")) == (0, True)
    return target


def test_backup_comes_back_in_a_new_folder_with_accounts_files_and_sessions(
    running: Server, archive: Path, empty: Path
) -> None:
    with running.browser() as browser:
        sign_in(browser, ADMIN, PASSWORD)
        assert stat.S_IMODE(archive.stat().st_mode) == 0o600
        assert sorted(path.name for path in archive.parent.iterdir()) == [archive.name]
        again = fairs("backup", archive, "--data", running.data)  # replaces the older one
        assert again.status == 0
        done = fairs("restore", archive, "--data", empty)
        assert (done.status, done.out.startswith("restored what was backed up at ")) == (0, True)
        for name in ("secret.key", "files/照片/a.bin", "files/照片/空.txt"):
            assert (empty / name).read_bytes() == (running.data / name).read_bytes()
        with serving(empty) as other, other.browser() as second:
            for cookie in browser.cookies.jar:
                second.cookies.set(cookie.name, cookie.value or "", domain="127.0.0.1")
            assert second.get("/organise/editions").status_code == 200
        assert not (empty / "restore.unfinished").exists()


def test_restore_wants_an_empty_folder(running: Server, archive: Path) -> None:
    done = fairs("restore", archive, "--data", running.data)
    assert (done.status, done.sentence) == (
        1,
        f"fairs: {running.data} is in use (it holds postgres, files, secret.key); a restore needs an empty folder: "
        "choose a new one with --data",
    )


def test_archive_that_is_damaged_is_refused_before_anything_is_made(archive: Path, empty: Path) -> None:
    content = archive.read_bytes()
    cases = {
        "short": (content[: len(content) // 2], "is not a whole backup: "),
        "cut": (content[:-11_000], "is not a whole backup: "),
        "bent": (content[:2000] + b"?" + content[2001:], "is damaged: database.dump is not as it was written."),
        "other": (b"PK\3\4" + b"\0" * 2000, "is not a whole backup: "),
        "empty": (b"", "is not a whole backup: "),
    }
    for name, (changed, says) in cases.items():
        path = archive.with_name(name)
        path.write_bytes(changed)
        done = fairs("restore", path, "--data", empty)
        assert done.status == 1, name
        assert done.err.splitlines()[-1].startswith(f"fairs: {path} {says}"), done.err
    assert not empty.exists()


def test_archive_with_a_path_out_of_the_folder_is_refused(tmp_path: Path, empty: Path) -> None:
    path = tmp_path / "evil"
    with tarfile.open(path, "w") as made:
        made.addfile(tarfile.TarInfo("files/../../evil"))
    done = fairs("restore", path, "--data", empty)
    assert done.err.splitlines()[-1] == f"fairs: {path} is not a backup of fairs: it holds 'files/../../evil'."


async def test_interrupted_restore_is_not_served_and_is_finished_by_the_same_command(archive: Path, data: Path) -> None:
    (data / "restore.unfinished").write_text(FILLING)  # of another archive, or of an earlier version
    for command in (("serve", "--port", str(free_port())), ("migrate",)):
        done = fairs(*command, "--data", data)
        assert (done.status, done.sentence) == (
            1,
            f"fairs: a restore into {data} was interrupted: run the same `fairs restore` again",
        )
    foreign = fairs("restore", archive, "--data", data)  # the file says so, the database does not
    assert foreign.err.splitlines()[-1] == "fairs: the database is not empty; a restore needs an empty one"
    with EmbeddedPostgres(data) as server:
        await database_marker.mark(server.dsn(), database_marker.RESTORING)
    assert fairs("restore", archive, "--data", data).status == 0
    assert fairs("migrate", "--data", data).out == "the database is up to date\n"
    with EmbeddedPostgres(data) as server:
        assert await database_marker.mark_of(server.dsn()) is None


def test_purge_says_what_would_go_and_then_lets_it_go(running: Server) -> None:
    with running.browser() as browser:
        sign_in(browser, ADMIN, PASSWORD)
    later = {"FAIRS_NOW": "2100-01-01T00:00Z"}
    would = fairs("purge", "--data", running.data, "--dry-run", env=later).out.splitlines()
    gone = fairs("purge", "--data", running.data, env=later).out.splitlines()
    named = [line.split(maxsplit=1)[1].split("  ")[0] for line in would[:-1]]
    assert named == PURGED
    again = fairs("purge", "--data", running.data, env=later).out.splitlines()
    busy = ("the log of finished jobs", "runs of scheduled jobs")  # the running server's worker writes them meanwhile
    would, gone, again = (
        [line for line in lines if not any(name in line for name in busy)] for lines in (would, gone, again)
    )
    assert gone[:-1] == would[:-1]
    assert " rows were purged" in gone[-1]
    assert any(not line.lstrip().startswith("0 ") for line in gone[:-1])
    assert [line for line in again[:-1] if not line.lstrip().startswith("0 ")] == []


def test_doctor_lists_settings_without_secrets_and_finds_nothing_wrong(running: Server) -> None:
    secret = (running.data / "secret.key").read_text().strip()  # other tests may have had the server seal something
    done = fairs("doctor", "--data", running.data, env={"FAIRS_SECRET_KEY": secret})
    assert done.status == 0, done.out
    assert secret not in done.out
    assert "FAIRS_SECRET_KEY     = (set)   [default empty]" in done.out
    assert "  ok     schema     is this version's\n" in done.out
    assert "wrong" not in done.out


def test_doctor_makes_nothing(empty: Path) -> None:
    done = fairs("doctor", "--data", empty)
    assert (done.status, "made at the first start" in done.out, empty.exists()) == (0, True, False)


def test_doctor_says_what_is_wrong_and_what_to_do(empty: Path) -> None:
    settings = {
        "FAIRS_SMTP_URL": "smtp://127.0.0.1:9",
        "FAIRS_DATABASE_URL": "postgresql://a:b@127.0.0.1:9/x",
        "FAIRS_POOL_SIZE": "1",
    }
    done = fairs("doctor", "--data", empty, env=settings)
    wrong = [line.split(maxsplit=2)[1:] for line in done.out.splitlines() if line.strip().startswith("wrong")]
    assert (done.status, done.sentence) == (1, "fairs: 4 things are wrong")
    assert [subject for subject, _ in wrong] == ["settings", "database", "mail", "address"]
    assert wrong[0][1] == "FAIRS_POOL_SIZE must be from 2 to 1000, not 1"
    assert "a:b" not in done.out


def test_manifest_of_a_backup_names_what_is_inside(archive: Path) -> None:
    with tarfile.open(archive) as opened:
        names = opened.getnames()
        member = opened.extractfile("manifest.json")
        assert member is not None
        manifest = json.loads(member.read())
    assert names == ["database.dump", "files/照片/a.bin", "files/照片/空.txt", "secret.key", "manifest.json"]
    assert list(manifest["members"]) == names[:-1]
