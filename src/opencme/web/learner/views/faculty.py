"""The page of a person of the faculty: biography, positions, activities."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from pydantic import TypeAdapter

from opencme.activities.choices import Role
from opencme.activities.document import PersonInRole
from opencme.activities.queries import entries_with, is_offered
from opencme.providers.models import Person
from opencme.web.learner.linked_data import person_data, script_of
from opencme.web.learner.public import public_page
from opencme.web.learner.validators import unless_known
from opencme.web.learner.views.catalogue import row_of
from opencme.web.templatetags.wording import plain

_PRINTED = TypeAdapter(PersonInRole)
_PRESENTED = {Role.FACULTY, Role.MODERATOR, Role.AUTHOR}


@public_page
def faculty(request: HttpRequest, uuid: UUID, slug: str) -> HttpResponse:
    """One person as last printed. Planners and reviewers have no page of their own."""
    row = get_object_or_404(Person.objects.select_related("provider"), uuid=uuid)
    if slug != row.slug:
        return redirect("faculty", row.uuid, row.slug, permanent=True)
    person = _PRINTED.validate_python(row.printed_json, strict=False)
    if not _PRESENTED & set(person.roles):
        raise Http404
    at = timezone.now()
    rows = [
        row_of(entry, is_over=entry.certified and not is_offered(entry.activity, at=at))
        for entry in entries_with(row)
    ]
    address = settings.OPENCME_BASE_URL + reverse("faculty", args=[row.uuid, row.slug])
    context = {
        "person": person,
        "provider": row.provider.record,
        "rows": rows,
        "description": plain(person.biography)[:200] or person.full_name,
        "address": address,
        "linked_data": script_of(person_data(person, address)),
    }
    facts = (row, *((one.entry, one.is_over) for one in rows))
    return unless_known(request, facts, lambda: render(request, "learner/faculty.html", context))
