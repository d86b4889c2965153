"""Forms of Start and of the confirmation of an address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from opencme.providers import statements
from opencme.web.learner.forms.fields import AddressField, CodeField


def profession_choices() -> list[tuple[str, Any]]:
    """The professions of the Start form, behind an empty first line."""
    offered = [row for row in statements.professions() if row.on_start_form]
    return [("", _("Choose one")), *((row.key, _named(row)) for row in offered)]


def _named(row: statements.Profession) -> str:
    return f"{row.name} ({row.hint})" if row.hint else row.name


class StartForm(forms.Form):
    """Who starts: address, name, profession, letters. Four fields to type or choose."""

    email = AddressField(
        label=_("E-mail"),
        missing=_("We need an address to send the code and the certificate to."),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        help_text=_("As on the certificate, without degrees"),
        error_messages={"required": _("The certificate needs a name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    profession = forms.ChoiceField(
        label=_("Profession"),
        choices=profession_choices,
        error_messages={"required": _("Credit depends on the profession. Choose the nearest one.")},
    )
    letters = forms.CharField(
        label=_("Degree"),
        max_length=80,
        required=False,
        help_text=_("as in MD, MPH"),
        widget=forms.TextInput(attrs={"autocomplete": "honorific-suffix"}),
    )
    shared = forms.BooleanField(
        label=_("Not your computer? Sign me out when the window closes."),
        required=False,
    )

    def clean_name(self) -> str:
        """Single spaces."""
        return " ".join(str(self.cleaned_data["name"]).split())

    def clean_letters(self) -> str:
        """Single spaces, no stray commas at the ends."""
        return " ".join(str(self.cleaned_data["letters"]).split()).strip(", ")


class CodeForm(forms.Form):
    """The six-digit code from the mail."""

    code = CodeField()


class AddressForm(forms.Form):
    """Another address for the code."""

    email = AddressField(
        label=_("Correct the address"),
        missing=_("Type the address that the code should go to."),
    )
