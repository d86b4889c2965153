"""Who is signed in, read by a statement that is put together once (`AUTHENTICATION_BACKENDS`)."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import BigAutoField

from opencme.core.compiled import Compiled, Given

from .models import User

_BY_KEY = Compiled(lambda: User.objects.filter(pk=Given("pk", BigAutoField())))


class AccountBackend(AuthenticationBackend):  # type: ignore[misc]
    """The library's log-in; only the read of the account is ours."""

    def get_user(self, user_id: int) -> User | None:
        """The account of a session, where it may be in."""
        found = _BY_KEY.one(pk=user_id)
        return found if found and self.user_can_authenticate(found) else None
