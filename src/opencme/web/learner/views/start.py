"""Start: the pre-start block, the four lines of a new learner, and in."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth import login
from django.db import transaction
from django.db.models import UUIDField
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from opencme.activities.document import ActivityDocument
from opencme.activities.models import Activity, Revision
from opencme.activities.queries import document_of
from opencme.core.compiled import Compiled, Given
from opencme.credit.queries import path_of_learner
from opencme.learning.operations import StartNotAllowed, start_participation
from opencme.learning.rules import may_start
from opencme.people.models import User
from opencme.people.operations import open_account
from opencme.web.context import is_signed_in, signed_in_user
from opencme.web.learner.activity_page import fee_words
from opencme.web.learner.forms.start import StartForm
from opencme.web.learner.frame import next_address
from opencme.web.learner.prestart import block_of
from opencme.web.learner.views.errors import too_many
from opencme.web.learner.wordings import credit_line
from opencme.web.limits import is_within_limit, is_within_limits

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

_ACTIVITY = Compiled(
    lambda: (
        Activity.objects.select_related("current_revision", "provider")
        .defer("current_revision__canonical", "current_revision__snapshot")
        .filter(uuid=Given("uuid", UUIDField()))
    )
)
# A whole hospital may press Start from behind one address.
_STARTS_PER_MINUTE = 1200


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, uuid: UUID, slug: str) -> HttpResponse:
    """The start page; its POST carries the hash of the block that was on the page."""
    activity = _ACTIVITY.one(uuid=uuid)
    revision = activity.current_revision if activity else None
    if activity is None or revision is None:
        raise Http404
    if slug != activity.slug:
        return redirect("start", activity.uuid, activity.slug, permanent=True)
    if request.method == "POST":
        return _begin(request, activity, revision)
    return _page(request, activity, revision, _form_for(request))


def _form_for(request: HttpRequest) -> StartForm | None:
    """Signed in: the block and Start only."""
    return None if is_signed_in(request) else StartForm()


def _begin(request: HttpRequest, activity: Activity, revision: Revision) -> HttpResponse:
    if not is_within_limit(request, "start", limit=_STARTS_PER_MINUTE, seconds=60):
        return too_many(request)
    form = None if is_signed_in(request) else StartForm(request.POST)
    if form is not None and not form.is_valid():
        return _page(request, activity, revision, form, status=422)
    block, digest = block_of(revision, activity.provider.record)
    if request.POST.get("block") != digest:
        messages.warning(
            request, _("What you read before you start has changed. Please look at it once more.")
        )
        return _page(request, activity, revision, form, status=409)
    # Counted before the transaction: a hospital's Starts would wait for one another's end.
    may_mail = form is not None and _may_mail(request, form)
    try:
        # A new account and its start are one; who has one only starts.
        with transaction.atomic() if form else nullcontext():
            learner = _learner(form, may_mail=may_mail) if form else signed_in_user(request)
            participation = start_participation(
                learner=learner,
                activity=activity,
                shown_block_sha256=digest,
                shown_block=block,
                at=timezone.now(),
            )
    except StartNotAllowed:
        # The activity page says in full why it is closed and what now.
        return redirect("activity", activity.uuid, activity.slug)
    if form is not None:
        login(request, learner)
        if form.cleaned_data["shared"]:
            request.session.set_expiry(0)
    # At once to the first step: a request less for each who starts.
    return redirect(next_address(path_of_learner(learner, participation.uuid, at=timezone.now())))


def _may_mail(request: HttpRequest, form: StartForm) -> bool:
    """Whoever types somebody else's address again and again mails its owner no more codes."""
    return is_within_limits(request, "mailed-code", account=form.cleaned_data["email"].lower())


def _learner(form: StartForm, *, may_mail: bool) -> User:
    return open_account(
        address=form.cleaned_data["email"],
        name=form.cleaned_data["name"],
        profession=form.cleaned_data["profession"],
        letters=form.cleaned_data["letters"],
        at=timezone.now(),
        may_mail=may_mail,
    )


def _page(
    request: HttpRequest,
    activity: Activity,
    revision: Revision,
    form: StartForm | None,
    *,
    status: int = 200,
) -> HttpResponse:
    record, document = activity.provider.record, document_of(revision)
    today = timezone.localdate(timezone=ZoneInfo(record.time_zone))
    if not may_start(document.dates, is_withdrawn=activity.is_withdrawn, on=today):
        return redirect("activity", activity.uuid, activity.slug)
    html, digest = block_of(revision, record)
    context = {
        "activity": activity,
        "document": document,
        "provider": record,
        "form": form,
        "prestart_block": html,
        "block_sha256": digest,
        "summary": _summary(document),
    }
    return render(request, "learner/start.html", context, status=status)


def _summary(document: ActivityDocument) -> str:
    """Time, fee and amount on one line, as under the button that led here."""
    parts = [_("%(minutes)s min") % {"minutes": document.minutes}, fee_words(document)]
    parts += [credit_line(designation).text for designation in document.designations]
    return ", ".join(filter(None, parts))
