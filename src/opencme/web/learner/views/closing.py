"""Closing one's account, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from opencme.credit.closing import (
    NoSuchClosing,
    blank_from,
    close_learner,
    closing_named,
    kept_after_closing,
    reopen_learner,
)
from opencme.people.choices import CodePurpose
from opencme.people.closing import ClosingNotAllowed, confirm_closing, send_closing_code
from opencme.people.operations import CodeNotAccepted, CodeNotSent
from opencme.people.queries import newest_code
from opencme.providers.statements import keeping
from opencme.web.context import signed_in_user
from opencme.web.learner.forms.account import ClosingForm
from opencme.web.learner.views.errors import too_many
from opencme.web.limits import is_within_limit

if TYPE_CHECKING:
    from django.http import HttpRequest, QueryDict

    from opencme.people.models import User

# Each may cost a password hash.
_TRIES_IN_FIVE_MINUTES = 10
_LINKS_PER_MINUTE = 300


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest) -> HttpResponse:
    """What goes, what is kept and why; its buttons carry `action`: close (the default), or code."""
    user = signed_in_user(request)
    if request.method != "POST":
        return _close_page(request, user, _form(user))
    if not is_within_limit(request, "close", limit=_TRIES_IN_FIVE_MINUTES, seconds=300, key=str(user.uuid)):
        return too_many(request)
    if request.POST.get("action") == "code":
        return _mail_code(request, user)
    return _close(request, user)


def _mail_code(request: HttpRequest, user: User) -> HttpResponse:
    try:
        sent = send_closing_code(user=user, at=timezone.now())
    except CodeNotSent as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("A code is on its way to %s.") % sent.address)
    return redirect("close_account")


def _close(request: HttpRequest, user: User) -> HttpResponse:
    form = _form(user, request.POST)
    if not form.is_valid() or not _is_confirmed(form, user):
        return _close_page(request, user, form, status=422)
    try:
        closing = close_learner(user=user, base_url=settings.OPENCME_BASE_URL, door="web", at=timezone.now())
    except ClosingNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _close_page(request, user, form, status=422)
    logout(request)
    response = redirect("account_blanked" if closing.blanked_at else "account_closed")
    # Answers that wait in the browser to be sent are nobody's now.
    response["Clear-Site-Data"] = '"storage"'
    return response


def _form(user: User, said: QueryDict | None = None) -> ClosingForm:
    """What the page asks for: the password, if there is one, and the code, once one was mailed."""
    code = newest_code(user, CodePurpose.CLOSE)
    return ClosingForm(said, user=user, has_code=code is not None and code.may_be_used(timezone.now()))


def _is_confirmed(form: ClosingForm, user: User) -> bool:
    """Whether the form shows that it is the person; an address never confirmed has nothing to show."""
    if not user.is_confirmed or form.cleaned_data.get("password"):
        return True
    if not form.cleaned_data.get("code"):
        form.add_error(_first(form), _("This shows that it is you. Without it nothing is closed."))
        return False
    try:
        confirm_closing(user=user, digits=form.cleaned_data["code"], at=timezone.now())
    except CodeNotAccepted as refusal:
        form.add_error("code", str(refusal))
        return False
    return True


def _first(form: ClosingForm) -> str | None:
    """The first field that is there; with none the sentence stands above the form."""
    return next(iter(form.fields), None)


def _close_page(request: HttpRequest, user: User, form: ClosingForm, *, status: int = 200) -> HttpResponse:
    now = timezone.now()
    page = {
        "here": "account",
        "form": form,
        "account": user,
        "kept": kept_after_closing(user, at=now),
        "blank_on": blank_from(user, now).date(),
        "needs_code": user.is_confirmed and not form.fields,
    }
    return render(request, "learner/close_account.html", page, status=status)


@never_cache
@require_safe
def closed(request: HttpRequest) -> HttpResponse:
    """The account is closed; how it can be opened again, and for how long."""
    days = keeping("account", on=timezone.now().date()).days
    return render(request, "learner/account_closed.html", {"days": days})


@never_cache
@require_safe
def blanked(request: HttpRequest) -> HttpResponse:
    """The account was closed and nothing personal is left of it."""
    return render(request, "learner/account_closed.html", {"is_blanked": True})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def open_again(request: HttpRequest, token: str) -> HttpResponse:
    """The mailed link: a button that opens the account again. Looking at it changes nothing."""
    if not is_within_limit(request, "open-again", limit=_LINKS_PER_MINUTE, seconds=60):
        return too_many(request)
    now = timezone.now()
    try:
        if request.method == "POST":
            reopen_learner(token=token, door="web", at=now)
            messages.success(request, _("Your account is open again. Sign in as before."))
            return redirect("account_login")
        closing = closing_named(token)
    except NoSuchClosing as trouble:
        raise Http404 from trouble
    except ClosingNotAllowed as refusal:
        return render(request, "learner/open_again.html", {"refusal": str(refusal)}, status=409)
    return render(request, "learner/open_again.html", {"closing": closing})
