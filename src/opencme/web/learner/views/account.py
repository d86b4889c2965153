"""The code that confirms an address, the token of the session, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.views import LogoutView
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from opencme.credit.merging import confirm_learner, standing_participation
from opencme.learning.models import Participation
from opencme.people.models import User
from opencme.people.operations import (
    CodeNotAccepted,
    CodeNotSent,
    correct_address,
    send_address_code,
)
from opencme.people.queries import belongs_to, merged_accounts, newest_code
from opencme.web.context import signed_in_user
from opencme.web.devices import remember_device
from opencme.web.learner.forms.start import AddressForm, CodeForm
from opencme.web.learner.views.errors import too_many
from opencme.web.limits import is_within_limit, is_within_limits

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest


@never_cache
@require_GET
def csrf(request: HttpRequest) -> JsonResponse:
    """A fresh token and who is signed in: what the offline queue asks before it sends again."""
    account, merged = None, []
    if isinstance(request.user, User):
        account = str(request.user.uuid)
        merged = [str(one.uuid) for one in merged_accounts(request.user)]
    return JsonResponse({"token": get_token(request), "account": account, "merged": merged})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest, participation: UUID) -> HttpResponse:
    """Confirm the address, have the code sent again, or correct the address.

    The three buttons carry `action`: confirm (the default), resend, correct.
    """
    user = signed_in_user(request)
    found = get_object_or_404(
        Participation.objects.select_related("learner", "provider"), belongs_to(user), uuid=participation
    )
    if user.is_confirmed:
        return redirect("claim", found.uuid)
    if request.method != "POST":
        return _code_page(request, found)
    if not is_within_limit(request, "code", limit=1200, seconds=60):
        return too_many(request)
    act = {"resend": _resend, "correct": _correct}.get(request.POST.get("action", ""), _confirm)
    return act(request, user, found)


def _confirm(request: HttpRequest, user: User, participation: Participation) -> HttpResponse:
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _code_page(request, participation, code_form=form, status=422)
    try:
        confirmation = confirm_learner(user=user, digits=form.cleaned_data["code"], at=timezone.now())
    except CodeNotAccepted as refusal:
        form.add_error("code", str(refusal))
        return _code_page(request, participation, code_form=form, status=422)
    if confirmation.merged:
        login(request, confirmation.account)
        messages.success(request, _("Welcome back. Your earlier work and this are now in one place."))
    participation.refresh_from_db()
    onward = redirect("claim", standing_participation(participation).uuid)
    remember_device(request, onward, confirmation.account.email)
    return onward


def _resend(request: HttpRequest, user: User, participation: Participation) -> HttpResponse:
    if not is_within_limits(request, "mailed-code", account=user.unconfirmed_address.lower()):
        return too_many(request)
    try:
        sent = send_address_code(user=user, at=timezone.now())
    except (CodeNotSent, CodeNotAccepted) as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("A new code is on its way to %s.") % sent.address)
    return redirect("code", participation.uuid)


def _correct(request: HttpRequest, user: User, participation: Participation) -> HttpResponse:
    form = AddressForm(request.POST)
    if not form.is_valid():
        return _code_page(request, participation, address_form=form, status=422)
    address = form.cleaned_data["email"]
    if not is_within_limits(request, "mailed-code", account=address.lower()):
        return too_many(request)
    try:
        sent = correct_address(user=user, address=address, at=timezone.now())
    except (CodeNotSent, CodeNotAccepted) as refusal:
        form.add_error("email", str(refusal))
        return _code_page(request, participation, address_form=form, status=422)
    messages.success(request, _("A code is on its way to %s.") % sent.address)
    return redirect("code", participation.uuid)


def _code_page(
    request: HttpRequest,
    participation: Participation,
    *,
    code_form: CodeForm | None = None,
    address_form: AddressForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user = signed_in_user(request)
    context = {
        "participation": participation,
        "code_form": code_form or CodeForm(),
        "address_form": address_form or AddressForm(initial={"email": user.unconfirmed_address}),
        "address": user.unconfirmed_address,
        "last_code": newest_code(user),
        "provider": participation.provider.record,
    }
    return render(request, "learner/code.html", context, status=status)


class SignOut(LogoutView):  # type: ignore[misc]
    """Signs out and tells the browser to forget what it kept for this site."""

    def post(self, *args: object, **kwargs: object) -> HttpResponse:
        """Sign out. The header wipes kept answers even where scripts are switched off."""
        response: HttpResponse = super().post(*args, **kwargs)
        response["Clear-Site-Data"] = '"storage"'
        return response
