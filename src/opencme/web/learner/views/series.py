"""The page of a series: rows of activities, no button, no total of credit."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from opencme.activities.models import CatalogueEntry, Series
from opencme.activities.queries import is_offered
from opencme.web.learner.linked_data import list_data, script_of
from opencme.web.learner.public import public_page
from opencme.web.learner.validators import unless_known
from opencme.web.learner.views.catalogue import pages_of, row_of


@public_page
def series(request: HttpRequest, uuid: UUID, slug: str) -> HttpResponse:
    """One series with its published activities, in its own order."""
    row = get_object_or_404(Series.objects.select_related("provider"), uuid=uuid)
    if slug != row.slug:
        return redirect("series", row.uuid, row.slug, permanent=True)
    at = timezone.now()
    entries = (
        CatalogueEntry.objects.filter(activity__series_entries__series=row, activity__withdrawn_at=None)
        .select_related("activity__provider")
        .defer("search_text")
        .order_by("activity__series_entries__position")
    )
    rows = [
        row_of(entry, is_over=entry.certified and not is_offered(entry.activity, at=at)) for entry in entries
    ]
    address = settings.OPENCME_BASE_URL + reverse("series", args=[row.uuid, row.slug])
    context = {
        "series": row,
        "provider": row.provider.record,
        "rows": rows,
        "address": address,
        "linked_data": script_of(list_data(row.title, address, pages_of(rows))),
    }
    facts = (row, *((one.entry, one.is_over) for one in rows))
    return unless_known(request, facts, lambda: render(request, "learner/series.html", context))
