"""Reading a SQLite database that lies on a failing disk."""

from pathlib import Path

import pytest
from django.db import connection

from opencme.core.databases.errors import StorageFailed
from opencme.core.keeping.snapshots import snapshot
from opencme.core.keeping.sqlite import is_in_use

pytestmark = pytest.mark.sqlite


def fail_to_read():
    """What SQLite does where the disk fails to read."""
    connection.connection.execute("ROLLBACK")
    raise StorageFailed("the trouble")


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_that_sqlite_ended_by_itself_hides_no_trouble():
    with pytest.raises(StorageFailed, match="the trouble"), snapshot():
        fail_to_read()


def test_a_file_that_the_disk_does_not_read_is_not_taken_for_one_in_use():
    assert not is_in_use(Path("/proc/self/mem"))  # its first bytes are EIO to whoever reads them
