"""A commit returns when the disk has it; one wait for the disk serves all who committed meanwhile."""

import os
import sqlite3
import threading
from contextlib import closing

import pytest
from django.db import connections, transaction

from opencme.core.databases.errors import NotOnDisk
from opencme.core.databases.sqlite3 import base, group_sync
from opencme.core.databases.sqlite3.group_sync import GroupSync, SyncFailed

pytestmark = pytest.mark.sqlite


class Disk:
    """Stands in for the disk: counts what it is asked, holds back or refuses."""

    def __init__(self):
        self.asked = 0
        self.refuses = False
        self.lets_go = threading.Event()
        self.lets_go.set()

    def fdatasync(self, handle):  # noqa: ARG002  as os names it
        self.asked += 1
        self.lets_go.wait(5)
        if self.refuses:
            raise OSError(5, "Input/output error")


@pytest.fixture
def disk(monkeypatch):
    found = Disk()
    monkeypatch.setattr(os, "fdatasync", found.fdatasync)
    return found


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "file-wal"
    path.touch()
    return str(path)


@pytest.fixture
def file(tmp_path, django_db_blocker):
    """A database as in production: SQLite does not wait for the disk by itself."""
    settings = connections["default"].settings_dict
    commands = settings["OPTIONS"]["init_command"].replace("synchronous=OFF", "synchronous=NORMAL")
    options = settings["OPTIONS"] | {"init_command": commands}
    connections.settings["file"] = settings | {"NAME": str(tmp_path / "file.sqlite3"), "OPTIONS": options}
    with django_db_blocker.unblock():
        with connections["file"].cursor() as cursor:
            cursor.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, value INTEGER)")
        yield
        connections["file"].close()
        del connections["file"], connections.settings["file"]


def keep(value):
    with transaction.atomic(using="file"), connections["file"].cursor() as cursor:
        cursor.execute("INSERT INTO kept (value) VALUES (%s)", [value])


def test_a_commit_waits_for_the_disk(log, disk):
    group = GroupSync(log)
    disk.lets_go.clear()
    returned = threading.Event()
    writer = threading.Thread(target=lambda: (group.wait_for(group.committed()), returned.set()))
    writer.start()
    assert not returned.wait(0.2)
    disk.lets_go.set()
    assert returned.wait(5)
    writer.join()


def test_one_wait_serves_all_who_committed_before_it(log, disk):
    group = GroupSync(log)
    disk.lets_go.clear()
    threads = [threading.Thread(target=group.wait_for, args=(group.committed(),)) for _ in range(20)]
    threads[0].start()
    while disk.asked == 0:
        pass
    for thread in threads[1:]:
        thread.start()
    disk.lets_go.set()
    for thread in threads:
        thread.join(5)
    assert disk.asked == 1  # all twenty had committed when it was asked


def test_who_commits_while_the_disk_is_at_it_waits_for_the_next_time(log, disk):
    group = GroupSync(log)
    disk.lets_go.clear()
    first = threading.Thread(target=group.wait_for, args=(group.committed(),))
    first.start()
    while disk.asked == 0:
        pass
    late = threading.Thread(target=group.wait_for, args=(group.committed(),))
    late.start()
    disk.lets_go.set()
    first.join(5)
    late.join(5)
    assert disk.asked == 2


def test_after_a_failure_nothing_is_acknowledged_until_it_is_healed(log, disk):
    group = GroupSync(log)
    disk.refuses = True
    with pytest.raises(SyncFailed):
        group.wait_for(group.committed())
    disk.refuses = False
    with pytest.raises(SyncFailed):
        group.wait_for(group.committed())
    assert group.healed()
    group.wait_for(group.committed())


def test_every_transaction_and_every_statement_outside_of_one_waits(file, disk):
    before = disk.asked
    keep(1)
    assert disk.asked == before + 1
    with connections["file"].cursor() as cursor:
        cursor.execute("INSERT INTO kept (value) VALUES (2)")
    assert disk.asked == before + 2
    with connections["file"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kept")
    assert disk.asked == before + 2


def test_a_disk_that_refuses_is_named_and_once_it_works_all_goes_on(file, disk):
    disk.refuses = True
    with pytest.raises(NotOnDisk):
        keep(1)
    with pytest.raises(NotOnDisk):
        keep(2)
    disk.refuses = False
    keep(3)
    with closing(connections["file"].cursor()) as cursor:
        assert cursor.execute("SELECT count(*) FROM kept").fetchone() == (3,)


def test_a_database_behind_a_link_is_waited_for_too(file, disk, tmp_path):
    link = tmp_path / "link.sqlite3"
    link.symlink_to(tmp_path / "file.sqlite3")
    connections.settings["link"] = connections.settings["file"] | {"NAME": str(link)}
    before = disk.asked
    with connections["link"].cursor() as cursor:
        cursor.execute("INSERT INTO kept (value) VALUES (1)")
    connections["link"].close()
    del connections["link"], connections.settings["link"]
    assert disk.asked == before + 1


def test_a_log_that_could_not_be_emptied_is_acknowledged_only_when_it_was(file, disk, monkeypatch):
    """The disk says once that it failed, to whoever asks it first: here to SQLite, not to us."""
    monkeypatch.setattr(base, "LOG_LIMIT", 0)
    opened = connections["file"].connection

    class Failing:
        """A connection whose checkpoints meet a disk that refuses, until `works`."""

        works = False

        def __getattr__(self, name):
            return getattr(opened, name)

        def execute(self, statement):
            if "wal_checkpoint" in statement and not self.works:
                raise sqlite3.OperationalError("disk I/O error")
            return opened.execute(statement)

    connections["file"].connection = Failing()
    with pytest.raises(NotOnDisk):
        keep(1)
    Failing.works = True
    keep(2)
    connections["file"].connection = opened


def test_many_threads_keep_everything(file, monkeypatch):
    asked = []
    real = group_sync.os.fdatasync
    monkeypatch.setattr(os, "fdatasync", lambda handle: (asked.append(1), real(handle)))

    def work(start):
        for value in range(start, start + 25):
            keep(value)
        connections["file"].close()

    threads = [threading.Thread(target=work, args=(1000 * place,)) for place in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with connections["file"].cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM kept").fetchone() == (400,)
    assert len(asked) < 400
