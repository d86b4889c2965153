"""The commands: what they print, where they stop, and with which status."""

import json

import pytest
from click.testing import CliRunner
from tests.factories.learning import AT
from tests.factories.packages import ACTIVITY, PROVIDER, a_package, edited, with_file

from opencme.activities.models import Activity, Revision, Series
from opencme.cli.check import command as check
from opencme.cli.export_package import command as export
from opencme.cli.import_package import command as take_in
from opencme.cli.set_successor import command as name_successor
from opencme.cli.withdraw import command as withdraw
from opencme.interchange.package.read import read_package
from opencme.people.operations import create_confirmed_account

UUID = "0f4f6f0e-6a53-4bb4-9d1c-2f9d5f0c1b01"


@pytest.fixture
def operator(db):
    return create_confirmed_account(
        address="office@specimen.example", name="Office", password=None, at=AT, is_operator=True
    )


@pytest.fixture
def learner(db):
    return create_confirmed_account(address="me@specimen.example", name="Me", password=None, at=AT)


def run(command, *arguments):
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_check_of_a_clean_package(tmp_path):
    result = run(check, a_package(tmp_path))
    assert result.exit_code == 0
    assert result.output.startswith("Listening first in chronic pain\n")
    assert result.output.endswith("Nothing stands against publication. No blocking, no warnings, no notes.\n")


def test_check_needs_no_database(tmp_path):
    """Without the `db` fixture any query fails."""
    assert run(check, a_package(tmp_path)).exit_code == 0


def test_check_tells_a_finding_with_file_and_line(tmp_path):
    text = edited(ACTIVITY, "complete_until = 2027-11-21", "complete_until = 2030-11-21")
    result = run(check, a_package(tmp_path, activity_toml=text))
    assert result.exit_code == 1
    line = 1 + text.splitlines().index("complete_until = 2030-11-21")
    assert f"  CME012  activity.toml:{line}  dates.complete_until\n" in result.output
    assert result.output.endswith("Not ready for publication. 1 blocking, no warnings, no notes.\n")


def test_check_tells_what_cannot_be_read(tmp_path):
    result = run(check, a_package(tmp_path, activity_toml="title = \n"))
    assert result.exit_code == 2
    assert "  PKG003  activity.toml:1\n" in result.output
    assert result.output.endswith("Not a package that can be imported. 1 blocking, no warnings, no notes.\n")


def test_a_file_name_steers_no_terminal(tmp_path):
    result = run(check, with_file(a_package(tmp_path), "media/\x1b[31mred\u202e.txt", b"x"))
    assert "\x1b[31m" not in result.output
    assert "\u202e" not in result.output
    assert "media/\\x1b[31mred" in result.output


def test_check_for_machines(tmp_path):
    text = edited(ACTIVITY, "complete_until = 2027-11-21", "complete_until = 2030-11-21")
    result = run(check, a_package(tmp_path, activity_toml=text), "--json")
    assert result.exit_code == 1
    said = json.loads(result.output)
    assert (said["verdict"], said["title"]) == ("blocked", "Listening first in chronic pain")
    (finding,) = said["findings"]
    assert finding["code"] == "CME012"
    assert finding["severity"] == "blocks"
    assert (finding["file"], finding["key"]) == ("activity.toml", "dates.complete_until")
    assert finding["line"] == 1 + text.splitlines().index("complete_until = 2030-11-21")
    assert finding["source"]


def test_check_for_machines_of_no_package(tmp_path):
    result = run(check, tmp_path / "nowhere", "--json")
    assert result.exit_code == 2
    assert json.loads(result.output)["verdict"] == "unreadable"


def test_import_prints_findings_and_the_preview(tmp_path, db):
    text = edited(ACTIVITY, "pass_mark = 2", "")
    result = run(take_in, a_package(tmp_path, activity_toml=text), "--create-provider")
    assert result.exit_code == 0
    assert "CME015" in result.output
    draft = Activity.objects.get().draft
    assert f"Preview: http://testserver/preview/{draft.uuid}/\n" in result.output
    again = run(take_in, tmp_path)
    assert "Nothing has changed since the last import.\n" in again.output


def test_import_says_where_the_address_of_the_site_is_a_guess(tmp_path, db, monkeypatch):
    known = run(take_in, a_package(tmp_path), "--create-provider")
    monkeypatch.delenv("OPENCME_BASE_URL")
    guessed = run(take_in, tmp_path)
    assert "OPENCME_BASE_URL" not in known.output
    assert "OPENCME_BASE_URL is not set: http://testserver is taken" in guessed.output


def test_import_publishes_in_somebodys_name(tmp_path, operator):
    result = run(
        take_in, a_package(tmp_path), "--create-provider", "--publish", "--by", "office@specimen.example"
    )
    assert result.exit_code == 0, result.output
    revision = Revision.objects.get()
    assert revision.published_by == operator
    assert "Revision 1, published without approval by office@specimen.example.\n" in result.output
    assert f"Page: http://testserver/activities/{UUID}/listening-first-in-chronic-pain/\n" in result.output
    assert "Listening first in chronic pain" in revision.snapshot
    create_confirmed_account(
        address="second@specimen.example", name="Second", password=None, at=AT, is_operator=True
    )
    again = run(take_in, tmp_path, "--publish", "--by", "second@specimen.example")
    assert "Nothing has changed since the last import.\n" in again.output
    assert "Revision 1, published without approval by office@specimen.example.\n" in again.output


def test_import_publishes_nothing_that_is_not_ready(tmp_path, operator):
    text = edited(ACTIVITY, "pass_mark = 2", "")
    a_package(tmp_path, activity_toml=text)
    result = run(take_in, tmp_path, "--create-provider", "--publish", "--by", "office@specimen.example")
    assert result.exit_code == 1
    assert "Nothing was imported: the findings above stand against publication.\n" in result.output
    assert not Activity.objects.exists()


def test_import_publishes_in_nobodys_name_never(tmp_path, learner):
    a_package(tmp_path)
    nameless = run(take_in, tmp_path, "--create-provider", "--publish")
    assert nameless.exit_code == 2
    assert "--publish needs --by EMAIL" in nameless.output
    for address in ("me@specimen.example", "nobody@specimen.example"):
        result = run(take_in, tmp_path, "--create-provider", "--publish", "--by", address)
        assert result.exit_code == 1
        assert "is no address of an operator" in result.output
    assert not Activity.objects.exists()


def test_import_of_what_cannot_be_read(tmp_path, db):
    result = run(take_in, a_package(tmp_path, without=("provider.toml",)), "--create-provider")
    assert result.exit_code == 2
    assert "PKG002" in result.output
    assert "Nothing was imported." in result.output


def test_a_dry_run_says_so(tmp_path, db):
    result = run(take_in, a_package(tmp_path), "--create-provider", "--dry-run")
    assert result.exit_code == 0
    assert "Dry run: nothing was written." in result.output
    assert not Activity.objects.exists()


def test_export_writes_the_package(tmp_path, db):
    run(take_in, a_package(tmp_path / "in"), "--create-provider")
    result = run(export, UUID, tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert read_package(tmp_path / "out").made == read_package(tmp_path / "in").made
    assert "is there already and not empty" in run(export, UUID, tmp_path / "out").output
    assert "has no such revision" in run(export, UUID, tmp_path / "old", "--revision", "1").output
    assert run(export, "0f4f6f0e-6a53-4bb4-9d1c-2f9d5f0cffff", tmp_path / "x").exit_code == 1
    assert run(export, "7", tmp_path / "x").exit_code == 2


def test_withdraw_stops_an_activity_once(tmp_path, operator):
    run(take_in, a_package(tmp_path), "--create-provider", "--publish", "--by", "office@specimen.example")
    result = run(withdraw, UUID, "--reason", "Outdated.", "--by", "office@specimen.example")
    assert (result.exit_code, result.output) == (0, "Withdrawn.\n")
    assert Activity.objects.get().withdrawn_reason == "Outdated."
    again = run(withdraw, UUID, "--reason", "Again.", "--by", "office@specimen.example")
    assert again.output == "It was withdrawn before; nothing has changed.\n"
    assert Activity.objects.get().withdrawn_reason == "Outdated."
    result = run(take_in, tmp_path, "--publish", "--by", "office@specimen.example")
    assert result.exit_code == 1
    assert "withdrawn" in result.output


def test_a_series_is_made_in_somebodys_name(tmp_path, operator):
    run(take_in, a_package(tmp_path / "activity"), "--create-provider")
    text = f'uuid = "{UUID[:-4]}1f01"\ntitle = "On pain"\nprovider = "specimen-institute"\n'
    folder = with_file(tmp_path / "series", "series.toml", f'{text}activities = ["{UUID}"]\n')
    with_file(folder, "provider.toml", PROVIDER)
    waiting = run(take_in, folder)
    assert waiting.exit_code == 0
    assert "A series has no draft." in waiting.output
    assert not Series.objects.exists()
    result = run(take_in, folder, "--publish", "--by", "office@specimen.example")
    assert result.exit_code == 0
    assert f"Series: http://testserver/series/{UUID[:-4]}1f01/on-pain/\n" in result.output
    exported = run(export, f"{UUID[:-4]}1f01", tmp_path / "out")
    assert exported.exit_code == 0
    assert read_package(tmp_path / "out").made == read_package(folder).made


def test_a_successor_is_named(tmp_path, operator):
    run(take_in, a_package(tmp_path / "old"), "--create-provider")
    renumbered = ACTIVITY.replace("2f9d5f0c1b0", "2f9d5f0c1e0")
    run(take_in, a_package(tmp_path / "new", activity_toml=renumbered))
    successor = UUID.replace("1b01", "1e01")
    result = run(name_successor, UUID, successor, "--by", "office@specimen.example")
    assert (result.exit_code, result.output) == (0, "The successor is set.\n")
    assert str(Activity.objects.get(uuid=UUID).successor.uuid) == successor
    stranger = run(name_successor, UUID, UUID.replace("1b01", "ffff"), "--by", "office@specimen.example")
    assert stranger.exit_code == 1
