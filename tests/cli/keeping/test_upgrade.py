"""A database that the last release wrote comes up to date, and goes back."""

import hashlib
import json

import pytest
from click.testing import CliRunner
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from tests.cli.serving import Served, get

from opencme.cli.upgrade import command

EVIDENCE = (
    "assessment_anonymousresponse",
    "core_auditentry",
    "credit_certificate",
    "credit_certificatefile",
    "credit_creditclaim",
    "learning_attempt",
    "learning_heldevaluation",
    "learning_participation",
    "learning_playback",
    "people_user",
)


def test_nothing_of_the_last_release_is_lost(release, upgraded, django_db_blocker):
    assert (upgraded.told.returncode, upgraded.told.stderr) == (0, "")
    assert "Nothing was lost on the way." in upgraded.told.stdout
    before, after = release.contents(django_db_blocker), upgraded.contents(django_db_blocker)
    assert {table: after.rows[table] for table in EVIDENCE} == {
        table: before.rows[table] for table in EVIDENCE
    }
    assert (after.chains, after.heads) == (before.chains, before.heads)
    assert set(after.migrations) > set(before.migrations)


@pytest.mark.sqlite  # the pages are the same on both, and a server takes seconds to start
def test_what_the_last_release_certified_is_verified_by_this_one(upgraded):
    with upgraded.connected() as there:
        codes = [code for (code,) in there.execute("SELECT code FROM credit_certificate").fetchall()]
        pdf, sha256 = there.execute("SELECT pdf, sha256 FROM credit_certificatefile").fetchone()
    assert hashlib.sha256(pdf).hexdigest() == sha256
    with Served(upgraded.environment) as served:
        pages = [get(f"{served.url}/verify/{code}/") for code in codes]
    assert {status for status, _ in pages} == {200}
    assert [page for _, page in pages if b"comes from a demonstration" not in page] == []


def test_upgrading_again_changes_nothing_but_puts_lost_triggers_back(installation):
    again = installation.run("upgrade")
    assert (again.returncode, again.stdout.count("Nothing was changed.")) == (0, 1)
    on = "" if installation.url.startswith("sqlite") else " ON core_auditentry"
    installation.execute(f"DROP TRIGGER core_auditentry_no_delete{on}")
    assert installation.run("upgrade").returncode == 0
    with pytest.raises(Exception, match="append-only"):
        installation.execute("DELETE FROM core_auditentry")


def test_after_one_that_was_broken_off_the_way_back_leads_before_it(release, old, django_db_blocker):
    assert old.run("upgrade").returncode == 0
    note = old.folder / "backups" / "before-upgrade.json"
    note.write_text(json.dumps(json.loads(note.read_text()) | {"finished": False}))
    old.execute(
        "DELETE FROM django_migrations WHERE name = '0003_jobs_send_the_mail'", "DROP TABLE core_worker"
    )
    again = old.run("upgrade")
    assert "An upgrade was broken off before." in again.stdout
    assert "A step failed" in again.stderr
    undone = old.run("upgrade", "--undo", "--yes")
    assert undone.returncode == 0, undone.stderr
    assert "Install the version that you had before" in undone.stdout
    assert old.contents(django_db_blocker) == release.contents(django_db_blocker)


@pytest.mark.parametrize("way", ["migrate", "restore"])
def test_what_ends_one_that_was_broken_off_ends_its_way_back(installation, way):
    assert installation.run("backup").returncode == 0
    (earlier,) = (installation.folder / "backups").glob("2*")
    note = installation.folder / "backups" / "before-upgrade.json"
    note.write_text(json.dumps({"path": str(earlier), "finished": False}))
    options = {"migrate": (), "restore": (earlier, "--replace", "--yes")}
    ended = installation.run(way, *options[way])
    assert ended.returncode == 0, ended.stderr
    again = installation.run("upgrade")
    assert (again.returncode, again.stdout.count("Nothing was changed.")) == (0, 1)
    undone = installation.run("upgrade", "--undo", "--yes")
    assert ("No upgrade was noted here." in undone.stderr) == (way == "restore")


def test_a_broken_chain_is_told_before_anything_is_changed(place, release, old, django_db_blocker):
    on = "" if place.vendor == "sqlite" else " ON core_auditentry"
    old.execute(
        f"DROP TRIGGER core_auditentry_no_update{on}",
        "UPDATE core_auditentry SET event = 'forged' WHERE number = 1 AND stream_kind = 'activity'",
    )
    refused = old.run("upgrade")
    assert refused.returncode == 1
    assert "entry 1 is not what was written." in refused.stdout
    assert "Nothing was changed." in refused.stderr
    assert old.contents(django_db_blocker) == release.contents(django_db_blocker)


@pytest.mark.django_db
def test_a_database_of_a_later_version_is_refused():
    MigrationRecorder(connection).record_applied("core", "9999_later")
    refused = CliRunner().invoke(command)
    assert refused.exit_code == 1
    assert "core.9999_later" in refused.output


@pytest.mark.django_db
def test_without_a_database_there_is_nothing_to_upgrade():
    MigrationRecorder(connection).flush()
    assert "`opencme migrate` makes it." in CliRunner().invoke(command).output
