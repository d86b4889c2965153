"""The claim: name, amounts, and the code where the address waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from opencme.credit.desk import ClaimOffer
from opencme.credit.operations import (
    NameMissing,
    UndrawableName,
    printable_letters,
    printable_name,
)
from opencme.credit.wording import amount_text
from opencme.web.learner.forms.fields import CodeField


class ClaimForm(forms.Form):
    """What the learner confirms. Amounts are fields of their own, one for each credit type."""

    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("A certificate needs a name.")},
    )
    letters = forms.CharField(label=_("Degrees and licenses"), max_length=80, required=False)
    zone = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput(attrs={"data-zone": ""}))
    may_report = forms.BooleanField(
        required=False,
        label=_(
            "You may report this credit to the boards and licensing bodies that I name. I can take this "
            "back at any time."
        ),
    )
    code = CodeField()

    def __init__(self, *args: Any, asks_code: bool, asks_name: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["name", "letters"])
        if not asks_code:
            del self.fields["code"]
        if not asks_name:
            del self.fields["name"], self.fields["letters"]

    def focus_first_error(self) -> None:
        """Let the page open at the first field that needs another look."""
        for name in self.errors:
            if name in self.fields:
                self.fields[name].widget.attrs["autofocus"] = True
                return

    def clean_name(self) -> str:
        """The name as it will be drawn."""
        try:
            return printable_name(self.cleaned_data["name"])
        except NameMissing as missing:
            raise forms.ValidationError(_("A certificate needs a name.")) from missing
        except UndrawableName as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean_letters(self) -> str:
        """The letters as they will be drawn."""
        try:
            return printable_letters(self.cleaned_data["letters"])
        except UndrawableName as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


@dataclass(frozen=True, slots=True)
class ChosenAmount:
    """One credit type with what the learner takes of it; where there are several, perhaps nothing."""

    offer: ClaimOffer
    seq: int
    amount: Decimal


def amount_field(offer: ClaimOffer, offers: Sequence[ClaimOffer]) -> str:
    """The name of the field with the amount of one credit type."""
    return "amount" if len(offers) == 1 else f"amount-{offer.designation.uuid}"


def seq_field(offer: ClaimOffer, offers: Sequence[ClaimOffer]) -> str:
    """The name of the field that says which claim of that credit type this is."""
    return "seq" if len(offers) == 1 else f"seq-{offer.designation.uuid}"


def amount_choices(offer: ClaimOffer, offers: Sequence[ClaimOffer]) -> list[dict[str, Any]]:
    """The amounts as rows, the most first and chosen; "none" where there are several credit types."""
    rows = [
        {
            "value": amount_text(amount),
            "note": _("all of it") if place == 0 else _("a part"),
            "chosen": place == 0,
        }
        for place, amount in enumerate(offer.amounts)
    ]
    if len(offers) > 1:
        rows.append({"value": "0", "note": _("none of it"), "chosen": False})
    return rows
