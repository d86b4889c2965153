"""The private preview of a draft: every fact it has, what it lacks, and no Start."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from opencme.activities.document import read_document
from opencme.activities.models import Draft
from opencme.compliance.rules import readiness_of
from opencme.people.models import User
from opencme.web.learner import activity_page
from opencme.web.learner.units import unit_rows


@never_cache
@login_required
@require_safe
def preview(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A draft as its page would look, for operators; `uuid` is the draft's."""
    if not (isinstance(request.user, User) and request.user.is_operator):
        raise PermissionDenied
    draft = get_object_or_404(Draft.objects.select_related("activity__provider"), uuid=uuid)
    document = read_document(draft.canonical)
    provider = draft.activity.provider.record
    profession = request.GET.get("profession", "")
    today = timezone.localdate(timezone=ZoneInfo(provider.time_zone))
    readiness = readiness_of(document, provider, on=today)
    context = activity_page.sections_context(document, provider) | {
        "draft": draft,
        "units": unit_rows(document),
        "credit": activity_page.credit_for(document, profession),
        "chooser_path": request.path,
        "readiness": readiness,
        "blocking": readiness.verdict.blocking,
    }
    return render(request, "learner/preview.html", context)
