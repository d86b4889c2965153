"""The mail of the demonstration, which leaves this machine by no other way."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from opencme.core.models import OutboxMail

NEWEST = 50


@never_cache
@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    """Everyone's newest mail; there is no such page outside the demonstration."""
    if not settings.OPENCME_DEMONSTRATION:
        raise Http404
    newest = OutboxMail.objects.order_by("-created_at", "-pk")[:NEWEST]
    return render(request, "learner/mail.html", {"mails": newest})
