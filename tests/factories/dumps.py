"""Everything a database holds, as text: what somebody with a copy of it could read."""

from django.contrib.sessions.models import Session
from django.db import connection


def places_of(*needles):
    """Where in the whole database any of these words stands, as "table.column", whatever the case."""
    wanted = [needle.casefold() for needle in needles]
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    if any(needle in reading for needle in wanted for reading in _readings(value)):
                        found.add(f"{table}.{column}")
    if any(
        needle in str(session.get_decoded()).casefold()
        for session in Session.objects.all()
        for needle in wanted
    ):
        found.add("django_session.session_data")
    return found


def _readings(value):
    """A value as text; bytes in the encodings in which a file could hide a name."""
    if isinstance(value, bytes | memoryview):
        held = bytes(value)
        return [
            held.decode(encoding, "ignore").casefold() for encoding in ("latin-1", "utf-16-be", "utf-16-le")
        ]
    return [str(value).casefold()]
