"""The catalogue: what can be started today, found and narrowed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from opencme.activities.models import CatalogueEntry, Series
from opencme.activities.queries import catalogue_choices, narrowed, offered_entries, past_entries
from opencme.web.learner.forms.catalogue import NarrowForm
from opencme.web.learner.linked_data import list_data, script_of
from opencme.web.learner.public import public_page
from opencme.web.learner.validators import unless_known
from opencme.web.learner.wordings import CreditLine, phrase_of

PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class Row:
    """An activity in a list."""

    entry: CatalogueEntry
    credits: tuple[CreditLine, ...]
    zone: str
    is_over: bool = False


def row_of(entry: CatalogueEntry, *, is_over: bool = False) -> Row:
    """The row of an entry, with its credit in words."""
    credits_ = tuple(
        CreditLine(Decimal(one["maximum"]), phrase_of(one["credit_type"], Decimal(one["maximum"])))
        for one in entry.credits_json
    )
    zone = entry.activity.provider.record_json.get("time_zone_label", "ET")
    return Row(entry, credits_, zone, is_over)


def pages_of(rows: list[Row]) -> list[tuple[str, str]]:
    """Titles and full addresses of rows, for linked data."""
    return [
        (
            row.entry.title,
            settings.OPENCME_BASE_URL
            + reverse("activity", args=[row.entry.activity.uuid, row.entry.activity.slug]),
        )
        for row in rows
    ]


@public_page
def catalogue(request: HttpRequest) -> HttpResponse:
    """What is offered today; with `?show=past` what is no longer certified."""
    now = timezone.now()
    shows_past = request.GET.get("show") == "past"
    entries = past_entries(at=now) if shows_past else offered_entries(at=now)
    choices = catalogue_choices(entries)
    form = NarrowForm(request.GET, choices=choices)
    found = narrowed(entries, form.narrowing(now.date()))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [row_of(entry, is_over=shows_past) for entry in page]
    address = settings.OPENCME_BASE_URL + reverse("catalogue")
    context: dict[str, Any] = {
        "here": "catalogue",
        "form": form,
        "page": page,
        "rows": rows,
        "linked_data": script_of(list_data(_("Catalogue"), address, pages_of(rows))),
        "count": page.paginator.count,
        "shows_past": shows_past,
        "is_narrowed": bool(form.words_in_force or form.cleaned_data.get("q")),
        "words_in_force": form.words_in_force,
        "series": list(Series.objects.filter(listed=True).order_by("title")[:12]),
    }
    facts = (now.date(), shows_past, page.paginator.count, choices, *page, *context["series"])
    return unless_known(request, facts, lambda: render(request, "learner/catalogue.html", context))
