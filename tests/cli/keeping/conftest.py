"""Installations as releases left them, each with a database of its own."""

import os
import shutil
import sqlite3
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.db import connection
from environ import Env
from tests.cli.serving import environment_for, run

from opencme.core.keeping.contents import contents_of
from opencme.core.keeping.databases import database_beside
from opencme.credit.render.signing import FILE_NAME as KEY_FILE
from opencme.credit.render.signing import ensure_signing_key

SERVER = os.environ.get("OPENCME_TEST_DATABASE_URL", "")
RELEASES = Path(__file__).parents[2] / "releases"
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Installation:
    """A folder, a database and the settings that name them."""

    def __init__(self, folder, root, url):
        folder.mkdir(exist_ok=True)
        self.folder, self.root, self.url = folder, root, url
        self.environment = environment_for(folder, root) | {"OPENCME_DATABASE_URL": url}

    def run(self, *arguments):
        return run(self.environment, *map(str, arguments))

    @property
    def file(self):
        return self.folder / "opencme.sqlite3"

    @contextmanager
    def connected(self):
        """A connection past the program, as somebody with the database has."""
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(self.file, isolation_level=None, timeout=20)) as connection:
                yield connection
        else:
            with psycopg.connect(self.url, autocommit=True) as connection:
                yield connection

    def execute(self, *statements):
        with self.connected() as connection:
            for statement in statements:
                connection.execute(statement)

    def contents(self, blocker):
        with blocker.unblock(), database_beside(dict(Env.db_url_config(self.url))) as alias:
            return contents_of(alias)


class PlaceForDatabases:
    """Makes databases of the kind that the tests run on, and removes them."""

    def __init__(self, vendor):
        self.vendor, self.made = vendor, []

    def url(self, folder, *, like=None):
        """A new database; a copy of another one where `like` names it."""
        if self.vendor == "sqlite":
            if like:
                shutil.copyfile(like.file, folder / "opencme.sqlite3")
            return f"sqlite:///{folder}/opencme.sqlite3"
        name = f"keeping_{uuid4().hex[:12]}"
        template = f" TEMPLATE {like.url.rpartition('/')[2]}" if like else ""
        self._administer(f"CREATE DATABASE {name}{template}")
        self.made.append(name)
        return f"{SERVER.rpartition('/')[0]}/{name}"

    def remove(self):
        for name in self.made:
            self._administer(f"DROP DATABASE {name} WITH (FORCE)")

    def _administer(self, statement):
        with psycopg.connect(SERVER, autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture(scope="session")
def place():
    there = PlaceForDatabases(connection.vendor)
    yield there
    there.remove()


@pytest.fixture(scope="session")
def release(place, pytestconfig, tmp_path_factory):
    """Release 0.1.0 as it left its data; to be copied, not touched."""
    return load_release(place, tmp_path_factory.mktemp("release"), pytestconfig.rootpath)


@pytest.fixture(scope="session")
def upgraded(place, release, tmp_path_factory):
    """The same, brought up to date by the command; to be copied, not touched."""
    there = copy_of(release, place, tmp_path_factory.mktemp("upgraded"))
    there.told = there.run("upgrade")
    return there


@pytest.fixture
def old(place, release, tmp_path):
    """One of release 0.1.0 to work with."""
    return copy_of(release, place, tmp_path / "old")


@pytest.fixture
def installation(place, upgraded, tmp_path):
    """One to work with."""
    return copy_of(upgraded, place, tmp_path / "installation")


@pytest.fixture
def empty(place, tmp_path, pytestconfig):
    """A place where nothing is installed yet."""
    folder = tmp_path / "empty"
    folder.mkdir()
    return Installation(folder, pytestconfig.rootpath, place.url(folder))


def load_release(place, folder, root):
    """What release 0.1.0 wrote, in a new database and folder."""
    there = Installation(folder, root, place.url(folder))
    written = RELEASES / "0.1.0"
    dump = (written / f"{place.vendor}.sql").read_text()
    with there.connected() as connected:
        (connected.executescript if place.vendor == "sqlite" else connected.execute)(dump)
    shutil.copytree(written / "media", folder / "media")
    ensure_signing_key(folder, at=AT)
    return there


def copy_of(original, place, folder):
    folder.mkdir(exist_ok=True)
    shutil.copytree(original.folder / "media", folder / "media")
    shutil.copy2(original.folder / KEY_FILE, folder)
    return Installation(folder, original.root, place.url(folder, like=original))
