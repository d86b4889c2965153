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
from opencme.people.choices import CodePurpose
from opencme.people.details import change_address, end_sessions, send_code_to_new_address, state_details
from opencme.people.operations import CodeNotAccepted, CodeNotSent
from opencme.people.queries import current_qualification, newest_code
from opencme.web.context import signed_in_user
from opencme.web.learner.forms.account import DetailsForm, NewAddressForm
from opencme.web.learner.forms.start import CodeForm
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
    """The page. Its buttons carry `action`: save (the default), sessions, address, code."""
    user = signed_in_user(request)
    if request.method != "POST":
        return _page(request, user)
    if not is_within_limit(request, "account", limit=_CHANGES_PER_HOUR, seconds=3600, key=str(user.uuid)):
        return too_many(request)
    action = request.POST.get("action", "")
    if action in ("address", "code") and not user.is_confirmed:
        return redirect("your_account")
    act = {"sessions": _end_sessions, "address": _mail_code, "code": _change_address}.get(action, _save)
    return act(request, user)


def _save(request: HttpRequest, user: User) -> HttpResponse:
    form = DetailsForm(request.POST)
    if not form.is_valid():
        return _page(request, user, form=form, status=422)
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


def _mail_code(request: HttpRequest, user: User) -> HttpResponse:
    form = NewAddressForm(request.POST)
    if not form.is_valid():
        return _page(request, user, address_form=form, status=422)
    try:
        sent = send_code_to_new_address(user=user, address=form.cleaned_data["email"], at=timezone.now())
    except CodeNotSent as refusal:
        form.add_error("email", str(refusal))
        return _page(request, user, address_form=form, status=422)
    messages.success(request, _("A code is on its way to %s.") % sent.address)
    return redirect("your_account")


def _change_address(request: HttpRequest, user: User) -> HttpResponse:
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _page(request, user, code_form=form, status=422)
    try:
        changed = change_address(user=user, digits=form.cleaned_data["code"], at=timezone.now())
    except CodeNotAccepted as refusal:
        form.add_error("code", str(refusal))
        return _page(request, user, code_form=form, status=422)
    messages.success(request, _("Your address is now %s.") % changed.email)
    return redirect("your_account")


def _details(user: User) -> dict[str, str]:
    stated = current_qualification(user)
    return {
        "name": user.name,
        "profession": stated.profession if stated else "",
        "letters": stated.letters if stated else "",
    }


def _page(
    request: HttpRequest,
    user: User,
    *,
    form: DetailsForm | None = None,
    address_form: NewAddressForm | None = None,
    code_form: CodeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    code = newest_code(user, CodePurpose.CHANGE)
    waits = code is not None and code.may_be_used(timezone.now())
    page = {
        "here": "account",
        "form": form or DetailsForm(initial=_details(user)),
        "address_form": address_form or NewAddressForm(),
        "code_form": code_form or CodeForm(),
        "new_address": code.address if code and (waits or code_form) else "",
        "account": user,
        "has_password": user.has_usable_password(),
    }
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
