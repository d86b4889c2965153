"""Report bias, an error or a problem: a row for the log and a mail for the office."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from opencme.activities.models import Activity
from opencme.activities.operations import report_problem as keep_report
from opencme.web.learner.forms.problem import ProblemForm
from opencme.web.learner.views.errors import too_many
from opencme.web.limits import is_within_limit

# A ward behind one address may report; a program that floods the office may not.
_REPORTS_PER_HOUR = 60


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_problem(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The form, and its thanks."""
    activity = get_object_or_404(
        Activity.objects.select_related("provider", "catalogue_entry", "current_revision").defer(
            "current_revision__canonical", "current_revision__snapshot"
        ),
        uuid=uuid,
        current_revision__isnull=False,
    )
    form = ProblemForm(request.POST or None)
    if request.method == "POST":
        if not is_within_limit(request, "report", limit=_REPORTS_PER_HOUR, seconds=3600):
            return too_many(request)
        if form.is_valid():
            if not form.cleaned_data["website"]:
                _keep(activity, form)
            return redirect(f"{reverse('report_problem', args=[activity.uuid])}?sent=1")
    context = {"activity": activity, "form": form, "is_sent": "sent" in request.GET}
    status = 422 if form.errors else 200
    return render(request, "learner/problem.html", context, status=status)


def _keep(activity: Activity, form: ProblemForm) -> None:
    keep_report(
        activity=activity,
        kind=form.cleaned_data["kind"],
        text=form.cleaned_data["text"],
        reply_to=form.cleaned_data["reply_to"],
        at=timezone.now(),
    )
