"""From SQLite to PostgreSQL: every row arrives, or nothing does and it is said why."""

import shutil

import pytest
from click.testing import CliRunner
from tests.cli.keeping.conftest import Installation, PlaceForDatabases, load_release

from opencme.cli.move_to_postgres import command

pytestmark = pytest.mark.postgresql


@pytest.fixture(scope="session")
def on_sqlite(tmp_path_factory, pytestconfig):
    """An installation on SQLite, up to date; to be copied, not touched."""
    folder = tmp_path_factory.mktemp("on-sqlite")
    there = load_release(PlaceForDatabases("sqlite"), folder, pytestconfig.rootpath)
    assert there.run("upgrade").returncode == 0
    return there


@pytest.fixture
def sqlite(on_sqlite, tmp_path):
    shutil.copytree(on_sqlite.folder, tmp_path / "sqlite")
    return Installation(tmp_path / "sqlite", on_sqlite.root, f"sqlite:///{tmp_path}/sqlite/opencme.sqlite3")


def test_everything_arrives(sqlite, empty, django_db_blocker):
    # The last row ever numbered is gone: its number must not be given again.
    sqlite.execute(
        "INSERT INTO core_worker (id, name, started_at, beat_at) VALUES (77, 'w', 0, 0)",
        "DELETE FROM core_worker",
    )
    moved = sqlite.run("move-to-postgres", empty.url)
    assert (moved.returncode, moved.stderr) == (0, "")
    assert "Everything arrived." in moved.stdout
    there, here = empty.contents(django_db_blocker), sqlite.contents(django_db_blocker)
    assert (there.heads, there.migrations) == (here.heads, here.migrations)
    tables = here.rows.keys() - {"django_migrations"}
    assert {table: there.rows[table] for table in tables} == {table: here.rows[table] for table in tables}
    with empty.connected() as connection:
        sql = "SELECT relpersistence FROM pg_class WHERE relname = 'opencme_cache'"
        assert connection.execute(sql).fetchone()[0] == "u"  # limits wait for no disk
        sql = "INSERT INTO core_worker (name, started_at, beat_at) VALUES ('w', now(), now()) RETURNING id"
        assert connection.execute(sql).fetchone()[0] > 77
        with pytest.raises(Exception, match="append-only"):
            connection.execute("DELETE FROM core_auditentry")


def test_what_postgresql_does_not_take_is_named_and_nothing_is_moved(sqlite, empty):
    sqlite.execute("UPDATE people_user SET name = 'Null' || char(0) || ' byte' WHERE id = 1")
    with sqlite.connected() as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("SELECT count(*) FROM people_user").fetchone()
        assert "Stop the server" in sqlite.run("move-to-postgres", empty.url).stderr
    refused = sqlite.run("move-to-postgres", empty.url)
    assert refused.returncode == 1
    assert "people_user" in refused.stderr
    assert "Nothing was moved." in refused.stderr
    with empty.connected() as connection:
        assert connection.execute("SELECT count(*) FROM core_auditentry").fetchone()[0] == 0
    sqlite.execute("UPDATE people_user SET name = 'No byte' WHERE id = 1")
    assert sqlite.run("move-to-postgres", empty.url).returncode == 0


def test_a_database_with_learners_is_not_overwritten(sqlite, installation):
    refused = sqlite.run("move-to-postgres", installation.url)
    assert refused.returncode == 1
    assert "is not empty" in refused.stderr


@pytest.mark.django_db
def test_from_postgresql_there_is_nothing_to_move():
    refused = CliRunner().invoke(command, ["postgres://nobody@127.0.0.1/nothing"])
    assert "names PostgreSQL already" in refused.output
