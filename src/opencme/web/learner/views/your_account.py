"""Your account: what one says of oneself, one's sessions, and everything that is kept, as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from opencme.credit.exporting import data_archive
from opencme.people.details import end_sessions, state_details
from opencme.people.queries import current_qualification
from opencme.web.context import signed_in_user
from opencme.web.learner.forms.account import DetailsForm
from opencme.web.learner.views.errors import too_many
from opencme.web.limits import is_within_limit

if TYPE_CHECKING:
    from django.http import HttpRequest

    from opencme.people.models import User

_BACKEND = settings.AUTHENTICATION_BACKENDS[0]
# Each may draw and sign certificates that were never asked for.
_ARCHIVES_PER_HOUR = 6
_CHANGES_PER_HOUR = 30


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def your_account(request: HttpRequest) -> HttpResponse:
    """The page. Its buttons carry `action`: save (the default), or sessions."""
    user = signed_in_user(request)
    if request.method != "POST":
        return _page(request, user, DetailsForm(initial=_details(user)))
    if not is_within_limit(request, "account", limit=_CHANGES_PER_HOUR, seconds=3600, key=str(user.uuid)):
        return too_many(request)
    if request.POST.get("action") == "sessions":
        return _end_sessions(request, user)
    return _save(request, user)


def _save(request: HttpRequest, user: User) -> HttpResponse:
    form = DetailsForm(request.POST)
    if not form.is_valid():
        return _page(request, user, form, status=422)
    said = form.cleaned_data
    state_details(
        user=user,
        name=said["name"],
        profession=said["profession"],
        letters=said["letters"],
        at=timezone.now(),
    )
    messages.success(request, _("Saved. The next certificate says it this way."))
    return redirect("your_account")


def _end_sessions(request: HttpRequest, user: User) -> HttpResponse:
    """Sign out everywhere, and in again here."""
    lasts = request.session.get_expire_at_browser_close()
    login(request, end_sessions(user=user, at=timezone.now()), backend=_BACKEND)
    if lasts:
        request.session.set_expiry(0)
    messages.success(request, _("Every other browser and device is signed out."))
    return redirect("your_account")


def _details(user: User) -> dict[str, str]:
    stated = current_qualification(user)
    return {
        "name": user.name,
        "profession": stated.profession if stated else "",
        "letters": stated.letters if stated else "",
    }


def _page(request: HttpRequest, user: User, form: DetailsForm, *, status: int = 200) -> HttpResponse:
    page = {"here": "account", "form": form, "account": user, "has_password": user.has_usable_password()}
    return render(request, "learner/your_account.html", page, status=status)


@never_cache
@login_required
@require_safe
def account_data(request: HttpRequest) -> HttpResponse:
    """Everything that is kept about whoever is signed in, as one ZIP."""
    user = signed_in_user(request)
    if not is_within_limit(request, "archive", limit=_ARCHIVES_PER_HOUR, seconds=3600, key=str(user.uuid)):
        return too_many(request)
    now = timezone.now()
    archive = data_archive(user, folder=settings.OPENCME_DATA_DIR, at=now)
    response = HttpResponse(archive, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="your-data-{now:%Y-%m-%d}.zip"'
    return response
