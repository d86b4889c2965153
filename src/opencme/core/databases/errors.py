"""What can go wrong with a database that is no mistake of the program, by name.

Each is an `OperationalError`, so whoever knows only Django's names still catches it. Nothing of the
transaction was kept, save for `CommitInDoubt`, where it may have been.
"""

from __future__ import annotations

from django.db.utils import OperationalError


class DatabaseTrouble(OperationalError):
    """The database cannot do now what it could do before; trying again later may help."""

    sentence = ""

    def __init__(self, cause: object) -> None:
        super().__init__(f"{self.sentence} ({str(cause).strip()})")


class StorageFull(DatabaseTrouble):
    """No room is left for what was to be written; reading goes on."""

    sentence = (
        "The disk that holds the database is full: nothing was written. Make room there; reading goes on."
    )


class StorageFailed(DatabaseTrouble):
    """The disk refuses to read or write."""

    sentence = (
        "The disk that holds the database refuses to read or write: nothing was written."
        " Look into the system's log, then at the disk."
    )


class DatabaseDamaged(StorageFailed):
    """What is read is not what was written."""

    sentence = (
        "The database is damaged, or its file is no database: nothing was written."
        " Stop the server and restore the last backup: `opencme restore FOLDER --replace` sets this one aside"
        " as it is."
    )


class NotOnDisk(StorageFailed):
    """Committed, and the disk did not take it: a power cut may lose it."""

    sentence = (
        "The disk that holds the database did not take what was committed: it may be lost if the power"
        " goes. The same can be sent again. Look into the system's log, then at the disk."
    )


class DatabaseBusy(DatabaseTrouble):
    """Others write, or hold every connection, for longer than one waits."""

    sentence = "The database was busy for too long: nothing was written. Try again."


class KeptOff(DatabaseBusy):
    """Another process needs the database for itself alone."""

    sentence = (
        "The database is being restored or upgraded: nothing was written. Try again when that has ended."
    )


class WritesCollided(DatabaseTrouble):
    """Two transactions wanted the same rows in different order; this one gave way."""

    sentence = "Another transaction went first: nothing was written. Try again."


class ConnectionLost(DatabaseTrouble):
    """The database server went away, or cannot be reached."""

    sentence = (
        "There is no connection to the database: nothing was written. See that it runs and can be reached."
    )


class CommitInDoubt(ConnectionLost):
    """The connection was lost while the transaction ended: it may have been kept, or not."""

    sentence = (
        "The connection to the database was lost during a commit: it may have been kept, or not."
        " The same can be sent again."
    )
