"""Fields that several forms share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class AddressField(forms.EmailField):
    """An e-mail address, in small letters as addresses are compared."""

    def __init__(self, *, missing: Any = None, **options: Any) -> None:
        keys = {"autocomplete": "email", "inputmode": "email"}
        messages: dict[str, Any] = {
            "invalid": _("This does not look like an address. It needs the form name@place.")
        }
        if missing:
            messages["required"] = missing
        super().__init__(
            max_length=254, widget=forms.EmailInput(attrs=keys), error_messages=messages, **options
        )

    def clean(self, value: Any) -> str:
        """The address; raises `ValidationError`."""
        return str(super().clean(value)).lower()


class CodeField(forms.CharField):
    """Six digits from a mail, as phones offer to fill them in."""

    def __init__(self, **options: Any) -> None:
        keys = {"inputmode": "numeric", "autocomplete": "one-time-code", "pattern": "[0-9 ]*"}
        widget = forms.TextInput(attrs=keys | {"spellcheck": "false"})
        missing = {"required": _("Type the six digits from the mail.")}
        super().__init__(
            label=_("6-digit code"), max_length=12, widget=widget, error_messages=missing, **options
        )
