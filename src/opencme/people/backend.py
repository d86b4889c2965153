"""Who signs in and who is signed in, read by statements put together once (`AUTHENTICATION_BACKENDS`)."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.models import EmailAddress
from django.db.models import BigAutoField, CharField

from opencme.core.compiled import Compiled, Given

from .models import User

_BY_KEY = Compiled(lambda: User.objects.filter(pk=Given("pk", BigAutoField())))

_BY_ADDRESS = Compiled(
    lambda: EmailAddress.objects.filter(email=Given("email", CharField()), verified=True).select_related(
        "user"
    )
)


class AccountBackend(AuthenticationBackend):  # type: ignore[misc]
    """The library's log-in; only the reads of the account are ours."""

    def get_user(self, user_id: int) -> User | None:
        """The account of a session, where it may be in."""
        found = _BY_KEY.one(pk=user_id)
        return found if found and self.user_can_authenticate(found) else None

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        """The account that has shown that the address is theirs; the library looks for any other."""
        found = _BY_ADDRESS.one(email=email.lower())
        if found is None:
            other: User | None = super()._authenticate_by_email(email, password)
            return other
        # What the library asks for twice before it lets in.
        EmailAddress.objects.fill_cache_for_user(found.user, [found])
        account: User | None = self._check_password(found.user, password)
        return account
