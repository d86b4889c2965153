"""What is backed up while somebody writes comes back whole, or it is said what does not."""

import fcntl
import json
import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.cli.keeping.conftest import AT, KEY_FILE
from tests.cli.serving import OPENCME, run

from opencme.cli.backup import command
from opencme.cli.keeping.backing_up import FolderInUse, prune_backups
from opencme.cli.keeping.manifest import NoBackup, read_manifest
from opencme.cli.keeping.restoring import CannotRestore, plan_restore
from opencme.credit.render.signing import ensure_signing_key


def backed_up(installation, *options):
    """Make a backup; its folder."""
    made = installation.run("backup", *options)
    assert (made.returncode, made.stderr) == (0, "")
    said = json.loads((installation.folder / "backups" / "last.json").read_text())
    assert said["bytes"] > 0
    return Path(said["path"])


@pytest.fixture(scope="session")
def backup(upgraded):
    """A backup without the key, for those who only read it."""
    return backed_up(upgraded)


@pytest.fixture
def spoiled(backup, tmp_path):
    """A copy of it, to be damaged."""
    shutil.copytree(backup.parent, tmp_path / "backups")
    return tmp_path / "backups" / backup.name


class Writer(threading.Thread):
    """Writes pairs of rows, each pair in one transaction, and remembers those that were acknowledged."""

    def __init__(self, installation):
        super().__init__()
        self.installation, self.written, self.stopping = installation, 0, threading.Event()

    def run(self):
        with self.installation.connected() as connection:
            while not self.stopping.is_set():
                connection.execute("BEGIN")
                for side in ("left", "right"):
                    connection.execute(
                        "INSERT INTO django_session (session_key, session_data, expire_date)"
                        f" VALUES ('{side}-{self.written}', '', '2030-01-01')"
                    )
                connection.execute("COMMIT")
                self.written += 1
                self.stopping.wait(0.001)

    def __enter__(self):
        self.start()
        while self.written < 20:
            self.stopping.wait(0.01)
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.join()


def test_a_backup_taken_amid_writing_is_one_moment(installation, empty):
    installation.execute(*(["PRAGMA journal_mode=WAL"] if installation.url.startswith("sqlite") else []))
    with Writer(installation) as writer:
        before = writer.written
        folder = backed_up(installation, "--with-key")
        after = writer.written
    restored = empty.run("restore", folder)
    assert restored.returncode == 0, restored.stdout + restored.stderr
    with empty.connected() as connection:
        keys = [key for (key,) in connection.execute("SELECT session_key FROM django_session").fetchall()]
    left, right = (
        {key.partition("-")[2] for key in keys if key.startswith(side)} for side in ("left", "right")
    )
    assert left == right
    assert {str(n) for n in range(before)} <= left < {str(n) for n in range(after + 2)}


def test_a_restored_copy_shows_the_same(upgraded, backup, empty, django_db_blocker):
    restored = empty.run("restore", backup, "--signing-key", upgraded.folder / KEY_FILE)
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert "rows in" in restored.stdout
    assert ": equal to the backup." in restored.stdout
    assert "heads equal to the backup." in restored.stdout
    assert empty.contents(django_db_blocker) == upgraded.contents(django_db_blocker)
    assert (empty.folder / KEY_FILE).read_bytes() == (upgraded.folder / KEY_FILE).read_bytes()
    assert (empty.folder / KEY_FILE).stat().st_mode & 0o077 == 0
    names = sorted(path.name for path in (empty.folder / "media").rglob("*") if path.is_file())
    assert names == sorted(path.name for path in (upgraded.folder / "media").rglob("*") if path.is_file())


def test_without_the_signing_key_nothing_is_restored(backup):
    fingerprint = json.loads((backup / "manifest.json").read_text())["signing_key"]["fingerprint"]
    with pytest.raises(CannotRestore, match=fingerprint):
        plan_restore(backup, key=None, new_key=False, at=AT)


def test_another_key_is_told_from_the_right_one(backup, tmp_path):
    other = ensure_signing_key(tmp_path / "other", at=AT)
    with pytest.raises(CannotRestore, match="holds another key"):
        plan_restore(backup, key=other, new_key=False, at=AT)


def test_a_lost_key_may_be_replaced_by_a_new_one(backup):
    assert plan_restore(backup, key=None, new_key=True, at=AT).key is None


def test_what_stands_is_set_aside_only_when_asked_and_nobody_uses_it(installation, backup, django_db_blocker):
    installation.execute(
        "INSERT INTO django_session (session_key, session_data, expire_date) VALUES ('k', '', '2030-01-01')"
    )
    before = installation.contents(django_db_blocker)
    refused = installation.run("restore", backup)
    assert refused.returncode == 1
    assert "--replace sets it aside" in refused.stderr
    assert installation.contents(django_db_blocker) == before
    with installation.connected() as connection:
        connection.execute("SELECT count(*) FROM people_user").fetchone()
        in_use = installation.run("restore", backup, "--replace", "--yes")
    assert "Stop the server" in in_use.stderr
    assert "systemctl stop 'opencme-worker@*' opencme`" in in_use.stderr
    assert installation.contents(django_db_blocker) == before
    restored = installation.run("restore", backup, "--replace", "--yes")
    assert restored.returncode == 0, restored.stderr
    assert "is kept in" in restored.stdout
    assert [path.name for path in installation.folder.glob("*-wal")] == []
    assert (
        installation.contents(django_db_blocker).rows["django_session"] == before.rows["django_session"] - 1
    )


@pytest.mark.sqlite
def test_a_command_that_came_during_a_restore_is_noticed(installation, backup, django_db_blocker):
    before = installation.contents(django_db_blocker)
    restoring = subprocess.Popen(
        [*OPENCME, "restore", str(backup), "--replace"],
        env=installation.environment | {"PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with restoring:
        said = ""
        while "Restore?" not in said:
            said += restoring.stdout.read(1) or pytest.fail(restoring.stderr.read())
        with installation.connected() as connection:
            connection.execute("SELECT count(*) FROM people_user").fetchone()
            _, refused = restoring.communicate("y\n", timeout=60)
    assert restoring.returncode == 1
    assert "opencme.sqlite3 open. Stop the server" in refused
    assert installation.contents(django_db_blocker) == before
    assert list(installation.folder.glob(".*restoring*")) == []


@pytest.mark.sqlite
@pytest.mark.parametrize("where", ["at its start", "in its middle", "all of it"])
def test_a_backup_takes_the_place_of_a_damaged_database(installation, backup, where):
    length = installation.file.stat().st_size
    begin, end = {
        "at its start": (0, 4096),
        "in its middle": (4096, length // 2),
        "all of it": (0, length),
    }[where]
    with installation.file.open("r+b") as file:
        file.seek(begin)
        file.write(b"x" * (end - begin))
    damaged = installation.file.read_bytes()
    refused = installation.run("restore", backup)
    assert refused.returncode == 1
    assert "cannot be read: nobody can count what came after the backup" in refused.stdout
    assert "--replace sets it aside" in refused.stderr
    assert installation.file.read_bytes() == damaged
    restored = installation.run("restore", backup, "--replace", "--yes")
    assert restored.returncode == 0, restored.stderr
    assert "heads equal to the backup." in restored.stdout
    (aside,) = installation.folder.glob("opencme-before_*.sqlite3")
    assert aside.read_bytes() == damaged


def test_a_damaged_copy_is_not_restored(spoiled):
    (copy,) = spoiled.glob("database.*")
    os.truncate(copy, copy.stat().st_size - 1)
    with pytest.raises(CannotRestore, match="is not the file that was backed up"):
        plan_restore(spoiled, key=None, new_key=True, at=AT)


def test_a_backup_without_its_media_is_not_restored(spoiled):
    shutil.rmtree(spoiled.parent / "media")
    with pytest.raises(CannotRestore, match="Media files are missing"):
        plan_restore(spoiled, key=None, new_key=True, at=AT)


def test_a_backup_of_a_later_version_is_not_restored(spoiled):
    manifest = json.loads((spoiled / "manifest.json").read_text())
    manifest["contents"]["migrations"].append("core.9999_later")
    (spoiled / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CannotRestore, match="9999_later"):
        plan_restore(spoiled, key=None, new_key=True, at=AT)


def test_a_damaged_file_is_named_and_the_rest_is_backed_up(installation, empty):
    damaged = next(path for path in (installation.folder / "media").rglob("*") if path.is_file())
    damaged.write_bytes(b"x" * damaged.stat().st_size)
    made = installation.run("backup", "--with-key")
    assert made.returncode == 1
    assert damaged.name in made.stdout
    folder = Path(json.loads((installation.folder / "backups" / "last.json").read_text())["path"])
    assert empty.run("restore", folder).returncode == 0


def test_older_backups_go_with_the_files_that_only_they_name(installation):
    first = backed_up(installation, "--with-key")
    stray = first.parent / "media" / "00" / ("0" * 64)
    stray.parent.mkdir()
    stray.write_bytes(b"named by nobody")
    (first.parent / ".making-2026-11-22T000000Z").mkdir()
    second = backed_up(installation, "--with-key", "--keep", "1")
    assert sorted(path.name for path in first.parent.iterdir()) == [
        ".lock",
        second.name,
        "last.json",
        "media",
    ]
    assert not stray.exists()
    assert len([path for path in (first.parent / "media").glob("??/*") if path.is_file()]) == 2


def test_while_another_backup_is_made_nothing_is_removed(spoiled):
    copied = spoiled.parent / "media" / "00" / ("0" * 64)
    copied.parent.mkdir()
    copied.write_bytes(b"to be named by the manifest of the other")
    with (spoiled.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(FolderInUse, match="Wait for its end"):
            prune_backups(spoiled.parent, keep=1)
    assert copied.exists()
    prune_backups(spoiled.parent, keep=1)
    assert not copied.exists()


def test_a_hidden_folder_is_no_backup_to_keep_or_remove(spoiled):
    hidden = shutil.copytree(spoiled, spoiled.with_name(".arriving"))
    later = shutil.copytree(spoiled, spoiled.with_name(f"{spoiled.name}-again"))
    removed = prune_backups(spoiled.parent, keep=1)
    assert spoiled in removed
    assert hidden.is_dir()
    assert later.is_dir()


def test_a_backup_that_cannot_be_noted_is_made_all_the_same(installation, tmp_path):
    (installation.folder / "backups" / "last.json").mkdir(parents=True)
    made = installation.run("backup", "--to", tmp_path / "elsewhere")
    assert made.returncode == 0
    assert "The backup is made, but not noted" in made.stderr
    (folder,) = (tmp_path / "elsewhere").glob("2*")
    assert str(folder) in made.stdout
    assert read_manifest(folder).contents.rows


def test_where_nothing_can_be_written_no_backup_is_made(tmp_path):
    (tmp_path / "file").touch()
    refused = CliRunner().invoke(command, ["--to", str(tmp_path / "file" / "folder")])
    assert refused.exit_code == 1
    assert "No backup was made." in refused.output


def test_a_folder_that_is_no_backup_is_refused(tmp_path):
    with pytest.raises(NoBackup, match="is no backup"):
        plan_restore(tmp_path, key=None, new_key=False, at=AT)


@pytest.mark.postgresql
def test_where_the_database_cannot_be_reached_no_backup_is_made(installation):
    away = installation.environment | {"OPENCME_DATABASE_URL": "postgres://opencme@127.0.0.1:1/away"}
    refused = run(away, "backup")
    assert refused.returncode == 1
    assert "No backup was made. There is no connection to the database" in refused.stderr
