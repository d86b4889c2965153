"""Forms of one's own account: what one says of oneself, and the confirmation of its closing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from opencme.web.learner.forms.fields import CodeField
from opencme.web.learner.forms.start import AddressForm, StartForm

if TYPE_CHECKING:
    from opencme.people.models import User


class DetailsForm(StartForm):
    """Name, profession and degree, as at Start."""

    email = None  # type: ignore[assignment]
    shared = None  # type: ignore[assignment]


class NewAddressForm(AddressForm):
    """Another address for the account."""

    prefix = "new"

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["email"].label = _("New address")


class ClosingForm(forms.Form):
    """The password, or the code that was mailed: either will do."""

    password = forms.CharField(
        label=_("Your password"),
        required=False,
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = CodeField(required=False)

    def __init__(self, *args: object, user: User, has_code: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.user = user
        if not user.has_usable_password():
            del self.fields["password"]
        if not has_code:
            del self.fields["code"]

    def clean_password(self) -> str:
        """The password, where one was typed, is the account's."""
        password = str(self.cleaned_data["password"])
        if password and not self.user.check_password(password):
            raise forms.ValidationError(_now("This is not the password of your account."))
        return password
