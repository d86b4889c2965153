"""The public page of an activity, in each of its states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery, UUIDField
from django.db.models.functions import JSONObject
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from opencme.activities.document import ActivityDocument
from opencme.activities.models import Activity, Revision, SeriesEntry
from opencme.activities.queries import dates_in_force, document_of
from opencme.core.compiled import Compiled, Given
from opencme.learning.queries import day_in
from opencme.learning.rules import Window, may_start
from opencme.web.addresses import address
from opencme.web.context import is_signed_in
from opencme.web.learner import activity_page
from opencme.web.learner.faculty_links import faculty_links
from opencme.web.learner.linked_data import activity_data, script_of
from opencme.web.learner.public import public_page
from opencme.web.learner.standing import Standing, standing_of
from opencme.web.learner.units import unit_rows
from opencme.web.learner.validators import unless_known
from opencme.web.templatetags.wording import minutes

if TYPE_CHECKING:
    from opencme.people.models import User

PROFESSION_COOKIE = "opencme_profession"
_YEAR = 365 * 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Offer:
    """Whether the activity is offered on a day, as its own row says (R#13)."""

    is_withdrawn: bool
    may_start: bool
    may_complete: bool
    may_claim: bool


def offer_of(activity: Activity, on: date) -> Offer:
    """The windows of an activity on a day, as the rules of learning read them."""
    dates = dates_in_force(activity)
    withdrawn = activity.is_withdrawn
    window = Window(dates.complete_until, dates.evaluate_and_claim_until, withdrawn)
    return Offer(
        is_withdrawn=withdrawn,
        may_start=bool(may_start(dates, is_withdrawn=withdrawn, on=on)),
        may_complete=window.allows_completion(on),
        may_claim=window.allows_claim(on),
    )


@public_page
def activity(request: HttpRequest, uuid: UUID, slug: str) -> HttpResponse:
    """The page; drafts without a revision have none."""
    row = _ACTIVITY.one(uuid=uuid)
    if row is None or row.current_revision is None:
        raise Http404
    if slug != row.slug:
        return redirect("activity", row.uuid, row.slug, permanent=True)
    at = timezone.now()
    standing = None
    if is_signed_in(request):
        standing = standing_of(cast("User", request.user), row, at=at)
    offer = offer_of(row, day_in(row.provider.time_zone, at))
    chosen = request.GET.get("profession", "")
    profession = chosen or request.COOKIES.get(_profession_cookie(), "")
    make = partial(_page, request, row, offer, profession, standing)
    # A choice is kept in a cookie, and whoever is told that nothing has changed is given none.
    return make() if chosen else unless_known(request, (offer, profession, row), make)


def _page(
    request: HttpRequest, row: Activity, offer: Offer, profession: str, standing: Standing | None
) -> HttpResponse:
    chosen = request.GET.get("profession", "")
    revision = cast("Revision", row.current_revision)
    context = page_context(row, revision, offer, profession, standing)
    response = render(request, "learner/activity.html", context)
    if chosen and chosen == context["credit"].profession:
        response.set_cookie(
            _profession_cookie(),
            chosen,
            max_age=_YEAR,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
        )
    return response


def _profession_cookie() -> str:
    return f"{settings.OPENCME_COOKIE_PREFIX}{PROFESSION_COOKIE}"


def page_context(
    row: Activity, revision: Revision, offer: Offer, profession: str, standing: Standing | None
) -> dict[str, Any]:
    """What the page shows; the sections come rendered."""
    document = document_of(revision)
    provider = row.provider.record
    path = address("activity", row.uuid, row.slug)
    units = unit_rows(
        document,
        states=standing.unit_states if standing else None,
        links=standing.unit_links if standing else None,
    )
    sections = activity_page.rendered_sections(
        document,
        provider,
        digest=revision.sha256,
        units=units,
        faculty_links=faculty_links(row),
        is_over=document.certified and not offer.may_start,
    )
    page = settings.OPENCME_BASE_URL + path
    return activity_page.head_context(document, provider) | {
        "digest": revision.sha256,
        "activity": row,
        "offer": offer,
        "standing": standing,
        "credit": activity_page.credit_for(document, profession),
        "chooser_path": path,
        "sections": sections,
        "series": _series_of(row),
        "action": _action(row, document, offer, standing),
        "address": page,
        # Both are asked for once in the life of a revision.
        "description": partial(activity_page.description_of, document),
        "linked_data": lambda: script_of(activity_data(document, provider, page)),
        "is_listed": row.listed,
    }


def _action(
    row: Activity, document: ActivityDocument, offer: Offer, standing: Standing | None
) -> dict[str, str] | None:
    """The one button: its words change by where the visitor stands."""
    if standing is not None:
        return {"label": standing.label, "href": standing.href, "note": standing.note}
    if not offer.may_start:
        return None
    parts = [_("Start"), minutes(document.minutes), activity_page.fee_words(document)]
    return {
        "label": " · ".join(part for part in parts if part),
        "href": address("start", row.uuid, row.slug),
        "note": "",
    }


def _activities() -> QuerySet[Activity]:
    entries = SeriesEntry.objects.filter(activity=OuterRef("pk"), series__listed=True).order_by("series__pk")
    found = JSONObject(uuid="series__uuid", slug="series__slug", title="series__title")
    return (
        Activity.objects.select_related("current_revision", "provider", "successor__catalogue_entry")
        .defer(
            "current_revision__canonical",
            "current_revision__snapshot",
            "successor__catalogue_entry__search_text",
        )
        .annotate(in_series=Subquery(entries.annotate(found=found).values("found")[:1]))
        .filter(uuid=Given("uuid", UUIDField()))
    )


_ACTIVITY = Compiled(_activities)
"""The one query of the page."""


def _series_of(row: Any) -> dict[str, str] | None:
    """The series that the page names, with its address."""
    if row.in_series is None:
        return None
    uuid = UUID(row.in_series["uuid"])
    return {
        "title": row.in_series["title"],
        "href": address("series", uuid, row.in_series["slug"]),
    }
