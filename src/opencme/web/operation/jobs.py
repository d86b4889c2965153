"""The work beside the pages: how it stands, what failed, and what to do about it."""

from __future__ import annotations

import logging
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from opencme.core.jobs import standing
from opencme.core.jobs.living import living_workers
from opencme.core.jobs.transitions import discard, try_all_now, try_now
from opencme.web.context import signed_in_user
from opencme.web.operation.access import operators_only

logger = logging.getLogger(__name__)


@operators_only
@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """Everything on one page; what needs a hand comes first."""
    at = timezone.now()
    state, waiting = standing.queue_state(at=at), standing.waiting_jobs()
    failed, troubled = standing.failed_jobs(), standing.troubled_jobs()
    shown = {
        "state": state,
        "workers": living_workers(at=at),
        "failed": failed,
        "failed_before": state.failed_for_good - len(failed),
        "troubled": troubled,
        "can_retry_all": len(failed) + len(troubled) > 1,
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
def retry_all_jobs(request: HttpRequest) -> HttpResponse:
    """Try everything that failed again at once: its common cause was mended."""
    count = try_all_now(at=timezone.now())
    logger.info("%d jobs are tried again by %s", count, signed_in_user(request).uuid)
    told = ngettext("%(count)d job is tried again now.", "%(count)d jobs are tried again now.", count)
    messages.success(request, told % {"count": count})
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
