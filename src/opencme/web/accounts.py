"""How the account library meets our limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.forms import RequestLoginCodeForm, ResetPasswordForm
from allauth.core import context
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from opencme.core.counting import count
from opencme.people import adapter
from opencme.web.devices import remember_device
from opencme.web.limits import is_within_limits, may_still

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class AccountAdapter(adapter.AccountAdapter):
    """Counts tries so that nobody guesses a password, and nobody keeps its owner out by trying."""

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse before the password is hashed."""
        account = _account(credentials)
        allowed = is_within_limits(request, "log-in", account=account)
        if not allowed or not may_still(request, "wrong-password", account=account):
            count("throttled")
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Count a wrong password; a right one counts for nothing."""
        is_within_limits(request, "wrong-password", account=_account(credentials))

    def post_login(self, request: HttpRequest, user: Any, **details: Any) -> HttpResponse:
        """Signed in: this browser is no stranger to the account from now on."""
        response: HttpResponse = super().post_login(request, user, **details)
        remember_device(request, response, user.email)
        return response

    def _rollback_login_failed_rl_usage(self) -> None:
        """Only failures are counted, so a log-in takes nothing back."""

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """A new password was mailed for: that browser is let in by it, and is no stranger then."""


class CodeRequestForm(RequestLoginCodeForm):  # type: ignore[misc]
    """Asking for a code that signs in."""

    def clean_email(self) -> str:
        """Take the address, as long as codes may be mailed to it."""
        address: str = super().clean_email()
        refuse_more_codes(context.request, address)
        return address


class NewPasswordForm(ResetPasswordForm):  # type: ignore[misc]
    """Asking for a code that sets a new password."""

    def clean_email(self) -> str:
        """Take the address, as long as codes may be mailed to it."""
        address: str = super().clean_email()
        refuse_more_codes(context.request, address)
        return address


def refuse_more_codes(request: HttpRequest, address: str) -> None:
    """Count a code that is about to be mailed; raises `ValidationError` where it may not be."""
    if not is_within_limits(request, "mailed-code", account=address.lower()):
        count("throttled")
        raise ValidationError(_("Several codes were sent to this address. Wait an hour, then ask again."))


def _account(credentials: dict[str, Any]) -> str:
    return str(credentials.get("email") or credentials.get("username") or "").lower()
