"""Once more, where the connection to the database was lost in the middle of an operation.

An operation is a transaction that finds what it wrote before by a natural key (an attempt, a claim's
number, a step), so the second run either does what the first did not, or returns what it did.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from opencme.core.counting import count

from .errors import CommitInDoubt, ConnectionLost, DatabaseTrouble, WritesCollided

P = ParamSpec("P")
R = TypeVar("R")


def retried(operation: Callable[P, R]) -> Callable[P, R]:
    """Run an operation a second time where the first lost its connection or gave way to another.

    Stands above `transaction.atomic`. Inside another transaction it does nothing: whoever began that
    one runs all of it again. Raises what the second run raises, `ConnectionLost` where the database
    does not come back in time, and `CommitInDoubt` where the first may have been kept and the second could
    not see to it.
    """

    @wraps(operation)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        connection = transaction.get_connection()
        if connection.in_atomic_block:
            return operation(*args, **kwargs)
        try:
            return operation(*args, **kwargs)
        except WritesCollided:
            pass
        except CommitInDoubt:
            count("commits_in_doubt")
            try:
                reconnect(connection)
                return operation(*args, **kwargs)
            except DatabaseTrouble as trouble:
                raise CommitInDoubt(trouble.__cause__) from trouble
        except ConnectionLost:
            reconnect(connection)
        return operation(*args, **kwargs)

    return run


def reconnect(connection: BaseDatabaseWrapper) -> None:
    """Make a lost connection anew. Raises `ConnectionLost` where the database does not come back in time."""
    count("lost_connections")
    connection.close()
    connection.ensure_connection()
