"""The rows of an activity with several units: title, minutes, share of the credit, state."""

from __future__ import annotations

from collections.abc import Mapping

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from opencme.activities.document import ActivityDocument
from opencme.web.learner.wordings import CreditLine, phrase_of


def unit_rows(
    document: ActivityDocument,
    *,
    states: Mapping[str, tuple[str, str]] | None = None,
    links: Mapping[str, str] | None = None,
) -> SafeString:
    """The section of units as HTML; nothing for an activity with one, unless a label is set for it.

    `states` has tone and words by unit key, `links` the address that a unit's title leads to.
    """
    if len(document.units) < 2 and not document.units_label:
        return mark_safe("")
    rows = [
        {
            "unit": unit,
            "shares": [
                CreditLine(amount, phrase_of(designation.credit_type, amount))
                for designation in document.designations
                if (amount := document.share_of(unit, designation))
            ],
            "state": (states or {}).get(unit.key),
            "href": (links or {}).get(unit.key, ""),
        }
        for unit in document.units
    ]
    return mark_safe(  # noqa: S308  rendered by our own template
        render_to_string("learner/_unit_rows.html", {"document": document, "rows": rows}),
    )
