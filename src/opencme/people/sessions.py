"""Sessions in the database, read by a statement that is put together once (`SESSION_ENGINE`).

Every request of someone signed in reads its session and its account: what is revoked or closed
is out with the next request, on every process.
"""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from opencme.core.compiled import Compiled, Given

_LIVING = Compiled(
    lambda: Session.objects.filter(
        session_key=Given("key", CharField()), expire_date__gt=Given("now", DateTimeField())
    )
)


class SessionStore(DatabaseSessions):
    """Django's sessions; only the read is ours."""

    def _get_session_from_db(self) -> Session | None:
        found = _LIVING.one(key=self.session_key, now=timezone.now())
        if found is None:
            self._session_key = None
        return found
