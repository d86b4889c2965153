"""The search and the filters of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from opencme.activities.choices import ActivityType
from opencme.activities.queries import Choices, Narrowing
from opencme.providers import statements
from opencme.web.learner.wordings import TYPE_NAMES, profession_name

_ANY = ("", _("Any"))

_AMOUNTS = {
    "to-0.5": (None, Decimal("0.5")),
    "to-1": (Decimal("0.51"), Decimal(1)),
    "more": (Decimal("1.01"), None),
}

_SINCE = {"90": 90, "365": 365, "730": 730}


class NarrowForm(forms.Form):
    """What a visitor asks of the catalogue; a value that no longer exists asks nothing."""

    q = forms.CharField(required=False, max_length=200, label=_("Search the catalogue"))
    profession = forms.ChoiceField(required=False, label=_("Profession"))
    specialty = forms.ChoiceField(required=False, label=_("Specialty"))
    topic = forms.ChoiceField(required=False, label=_("Topic"))
    credit = forms.ChoiceField(required=False, label=_("Credit"))
    amount = forms.ChoiceField(
        required=False,
        label=_("Amount of credit"),
        choices=[
            ("", _("Any amount")),
            ("to-0.5", _("Up to 0.5")),
            ("to-1", _("0.75 to 1")),
            ("more", _("More than 1")),
        ],
    )
    type = forms.ChoiceField(required=False, label=_("Type"))
    fee = forms.ChoiceField(required=False, label=_("Fee"), choices=[_ANY, ("free", _("Free"))])
    released = forms.ChoiceField(
        required=False,
        label=_("Released"),
        choices=[
            ("", _("At any time")),
            ("90", _("In the last 3 months")),
            ("365", _("In the last year")),
            ("730", _("In the last 2 years")),
        ],
    )
    related = forms.ChoiceField(required=False, label=_("Related to"))

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [row.key for row in statements.professions() if row.on_start_form]
        named = dict.fromkeys((*known, *choices.professions))
        self._offer("profession", ((key, profession_name(key)) for key in named))
        self._offer("specialty", ((value, value) for value in choices.specialties))
        self._offer("topic", ((value, value) for value in choices.topics))
        self._offer("credit", ((key, _credit_name(key)) for key in choices.credit_types))
        self._offer("type", ((key, str(TYPE_NAMES[ActivityType(key)])) for key in choices.activity_types))
        self._offer("related", choices.related)

    def _offer(self, name: str, values: Iterable[tuple[str, str]]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = [_ANY, *values]

    @property
    def filters(self) -> list[forms.BoundField]:
        """The filters that have something to choose."""
        fixed = ("amount", "fee", "released")
        shown = []
        for bound in self:
            if bound.name == "q":
                continue
            # A single tag already tells its activities from the others; a single specialty does not.
            least = 1 if bound.name == "related" else 2
            if bound.name in fixed or len(_choices(bound)) > least:
                shown.append(bound)
        return shown

    @property
    def words_in_force(self) -> list[str]:
        """What narrows the list at present, in words."""
        self.full_clean()
        return [
            str(dict(_choices(bound))[self.cleaned_data[bound.name]])
            for bound in self.filters
            if self.cleaned_data.get(bound.name)
        ]

    def narrowing(self, today: date) -> Narrowing:
        """The form as a question; fields with unknown values are left out."""
        self.full_clean()
        asked = self.cleaned_data
        at_least, at_most = _AMOUNTS.get(asked.get("amount", ""), (None, None))
        days = _SINCE.get(asked.get("released", ""))
        return Narrowing(
            words=asked.get("q", ""),
            specialty=asked.get("specialty", ""),
            topic=asked.get("topic", ""),
            profession=asked.get("profession", ""),
            related=asked.get("related", ""),
            credit_type=asked.get("credit", ""),
            at_least=at_least,
            at_most=at_most,
            activity_type=asked.get("type", ""),
            free_only=asked.get("fee") == "free",
            released_since=today - timedelta(days=days) if days else None,
        )


def _choices(bound: forms.BoundField) -> list[tuple[Any, Any]]:
    field = cast("forms.ChoiceField", bound.field)
    return list(cast("Iterable[tuple[Any, Any]]", field.choices))


def _credit_name(key: str) -> str:
    try:
        return statements.credit_type(key).name
    except statements.UnknownWord:
        return key
