"""Pages about the site, and what crawlers ask for: robots and sitemap."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from opencme.activities.models import Activity, Series
from opencme.activities.queries import offered_entries, past_entries
from opencme.providers.statements import keepings
from opencme.web.learner.public import public_page
from opencme.web.learner.validators import unless_known
from opencme.web.learner.wordings import period_of


@public_page
def accessibility(request: HttpRequest) -> HttpResponse:
    """What works for whom, and what to do where it does not."""
    return unless_known(request, (), lambda: render(request, "learner/about_accessibility.html"))


@public_page
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept, why, and for how long."""
    schedule = [
        {"what": rule.what, "period": period_of(rule), "why": rule.why}
        for rule in keepings(on=timezone.now().date())
    ]
    page = {"schedule": schedule}
    return unless_known(request, schedule, lambda: render(request, "learner/about_privacy.html", page))


@public_page
def help_page(request: HttpRequest) -> HttpResponse:
    """How it goes, and whom to ask."""
    return unless_known(request, (), lambda: render(request, "learner/about_help.html"))


@require_safe
def robots(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """What crawlers may read: public pages alone."""
    lines = [
        "User-agent: *",
        "Disallow: /path/",
        "Disallow: /learning/",
        "Disallow: /certificates/",
        "Disallow: /verify/",
        "Disallow: /account/",
        "Disallow: /accounts/",
        "Disallow: /preview/",
        "Disallow: /*/start/",
        "Disallow: /*/report/",
        f"Sitemap: {settings.OPENCME_BASE_URL}{reverse('sitemap')}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@public_page
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every listed page of the catalogue with the day of its last change."""
    now = timezone.now()
    listed = offered_entries(at=now) | past_entries(at=now)
    rows = (
        Activity.objects.filter(catalogue_entry__in=listed.order_by().values("pk"))
        .order_by("pk")
        .values_list("uuid", "slug", "current_revision__published_at")
    )
    base = settings.OPENCME_BASE_URL
    pages: list[tuple[str, date | None]] = [(base + reverse("catalogue"), None)]
    pages += [(base + reverse("activity", args=[uuid, slug]), at.date()) for uuid, slug, at in rows]
    series = Series.objects.filter(listed=True).order_by("pk").values_list("uuid", "slug", "updated_at")
    pages += [(base + reverse("series", args=[uuid, slug]), at.date()) for uuid, slug, at in series]
    kind = "application/xml; charset=utf-8"
    return unless_known(
        request, pages, lambda: render(request, "learner/sitemap.xml", {"pages": pages}, content_type=kind)
    )
