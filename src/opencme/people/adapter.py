"""How accounts behave where the account library asks us."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.adapter import DefaultAccountAdapter
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """One opens an account by starting an activity, in no other way."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "enter_current_password": _("This is not the password of today."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  the library passes it
        """Never: Start asks less than a sign-up form, and lets in at once."""
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        """Where one came from."""
        return reverse("your_account")
