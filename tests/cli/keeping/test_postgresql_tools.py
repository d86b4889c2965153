"""What goes on while PostgreSQL's own tools work, and what stands when they are cut off."""

import os
import shutil
import sys

import pytest
from django.db import connection
from tests.cli.serving import Served

from opencme.core.keeping.postgresql import dump_postgresql
from opencme.core.keeping.snapshots import snapshot

pytestmark = pytest.mark.postgresql


@pytest.fixture
def tool(tmp_path):
    """Lets a script stand before a tool of PostgreSQL, which it finds as `$TOOL`; the path to search then."""

    def stand_before(name, script):
        before = tmp_path / "tools" / name
        before.parent.mkdir(exist_ok=True)
        before.write_text(f"#!/bin/sh\nTOOL={shutil.which(name)}\n{script}\n")
        before.chmod(0o755)
        return f"{before.parent}{os.pathsep}{os.environ['PATH']}"

    return stand_before


@pytest.fixture
def backup(installation):
    """A backup of it, older than what it holds."""
    assert installation.run("backup").returncode == 0
    (folder,) = (installation.folder / "backups").glob("2*")
    installation.execute(
        "INSERT INTO django_session (session_key, session_data, expire_date) VALUES ('k', '', '2030-01-01')"
    )
    return folder


def schemas(installation):
    with installation.connected() as there:
        found = there.execute("SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_)'")
        return sorted(name for (name,) in found.fetchall())


@pytest.mark.django_db(transaction=True)
def test_a_dump_may_take_longer_than_an_idle_transaction(tool, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", tool("pg_dump", 'sleep 1.5; exec "$TOOL" "$@"'))
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = '500ms'")
    with snapshot():
        dump_postgresql(tmp_path / "database.dump")
    assert (tmp_path / "database.dump").stat().st_size > 0
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("500ms",)
    connection.close()


@pytest.mark.parametrize(
    "cut_off",
    [
        'kill -TERM "$PPID"; sleep 9',
        '"$TOOL" "$@" & sleep 0.2; kill -TERM "$PPID"; wait',
        'kill -HUP "$PPID"; kill -TERM "$PPID"; sleep 9',
        "exit 1",
    ],
    ids=["at once", "on the way", "by a terminal that went away", "by an error"],
)
def test_a_restore_that_is_cut_off_leaves_what_stood(installation, backup, tool, cut_off, django_db_blocker):
    before = installation.contents(django_db_blocker)
    installation.environment["PATH"] = tool(
        "pg_restore", f'case "$*" in *" --list "*) ;; *) {cut_off} ;; esac\nexec "$TOOL" "$@"'
    )
    cut = installation.run("restore", backup, "--replace", "--yes")
    assert cut.returncode == 1
    assert "What stands there goes to the schema before_" in cut.stdout
    assert installation.contents(django_db_blocker) == before
    assert schemas(installation) == ["public"]


def test_while_a_backup_is_restored_nobody_can_open_the_database(installation, backup, tool, tmp_path):
    installation.environment["PATH"] = tool(
        "pg_restore",
        f"for command in jobs worker; do {sys.executable} -m opencme $command >>{tmp_path}/said 2>&1; done\n"
        'exec "$TOOL" "$@"',
    )
    restored = installation.run("restore", backup, "--replace", "--yes")
    assert restored.returncode == 0, restored.stderr
    said = (tmp_path / "said").read_text()
    assert said.count("The database is being restored or upgraded") == 4, said
    assert installation.run("jobs").returncode == 0


def test_whoever_serves_keeps_a_restore_away(installation, backup):
    with Served(installation.environment):
        refused = installation.run("restore", backup, "--replace", "--yes")
    assert refused.returncode == 1
    assert "Others have the database open. Stop the server" in refused.stderr
