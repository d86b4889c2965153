"""Sessions in the database, read by a statement that is put together once (`SESSION_ENGINE`).

Every request of someone signed in reads its session and its account: what is revoked or closed
is out with the next request, on every process.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from django.contrib.sessions.backends.base import VALID_KEY_CHARS, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.core import signing
from django.db.models import CharField, DateTimeField
from django.utils import timezone
from django.utils.crypto import get_random_string

from opencme.core.compiled import Compiled, Given
from opencme.core.databases.errors import DatabaseTrouble

_LIVING = Compiled(
    lambda: Session.objects.filter(
        session_key=Given("key", CharField()), expire_date__gt=Given("now", DateTimeField())
    )
)


@lru_cache(maxsize=8192)
def _verified(stored: str, salt: str) -> str:
    """The JSON of a session as stored, once its signature has been verified. Raises `BadSignature`."""
    return json.dumps(signing.loads(stored, salt=salt))


class SessionStore(DatabaseSessions):
    """Django's sessions; ours is the read, and that a new one is written once, when the answer is ready."""

    _is_new = False

    def create(self) -> None:
        """Begin a session under a new key; `save` writes its row, with all that was put in meanwhile."""
        self._session_key = self._get_new_session_key()
        self._get_session(no_load=True)  # type: ignore[attr-defined]
        self._is_new = self.modified = True

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002  as Django calls it
        """Write the session; a new one as a new row."""
        if self.session_key is None:
            self.create()
        try:
            super().save(must_create=must_create or self._is_new)
        except UpdateError as lost:
            # Django takes any trouble of the database for a session that is gone, and says so to its owner.
            if isinstance(lost.__context__, DatabaseTrouble):
                raise lost.__context__ from None
            raise
        self._is_new = False

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """What was put into the session; what is stored the same was signed the same."""
        try:
            found: dict[str, Any] = json.loads(_verified(str(session_data), self.key_salt))
        except (signing.BadSignature, ValueError):
            found = super().decode(session_data)  # logs it, and begins an empty session
        return found

    def _get_new_session_key(self) -> str:
        """32 random characters; that nobody has them is not asked of the database, the row is unique."""
        return get_random_string(32, VALID_KEY_CHARS)

    def _get_session_from_db(self) -> Session | None:
        found = _LIVING.one(key=self.session_key, now=timezone.now())
        if found is None:
            self._session_key = None
        return found
