"""The work beside the pages: how it stands, what failed, and what to do about it."""

from __future__ import annotations

import logging
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from opencme.core.jobs import standing
from opencme.core.jobs.living import living_workers
from opencme.core.jobs.transitions import discard, try_now
from opencme.web.context import signed_in_user
from opencme.web.operation.access import operators_only

logger = logging.getLogger(__name__)


@operators_only
@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """Everything on one page; what needs a hand comes first."""
    at = timezone.now()
    waiting = standing.waiting_jobs()
    shown = {
        "state": standing.queue_state(at=at),
        "workers": living_workers(at=at),
        "failed": standing.failed_jobs(),
        "troubled": standing.troubled_jobs(),
        "running": standing.running_jobs(),
        "waiting": waiting,
        "waiting_count": sum(one.count for one in waiting),
        "recurring": standing.recurring_rows(),
        "at": at,
    }
    return render(request, "operation/jobs.html", shown)


@operators_only
@require_POST
def retry_job(request: HttpRequest, job: UUID) -> HttpResponse:
    """Try a job that failed again at once."""
    if try_now(job, at=timezone.now()):
        logger.info("Job %s is tried again by %s", job, signed_in_user(request).uuid)
        messages.success(request, _("The job is tried again now."))
    else:
        _say_gone(request)
    return redirect("jobs")


@operators_only
@require_POST
def discard_job(request: HttpRequest, job: UUID) -> HttpResponse:
    """Give up a job that failed for good."""
    if discard(job):
        logger.warning("Job %s was given up by %s", job, signed_in_user(request).uuid)
        messages.success(request, _("The job was given up. What it should have done stays undone."))
    else:
        _say_gone(request)
    return redirect("jobs")


def _say_gone(request: HttpRequest) -> None:
    messages.warning(request, _("That job has not failed, or is gone: it was tried again meanwhile."))
