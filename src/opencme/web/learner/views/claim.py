"""The claim: one screen with the name as it will read, the amount, the attestation."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from opencme.core.phrasing import phrased
from opencme.credit.desk import ClaimDesk, ClaimOffer, claim_desk
from opencme.credit.merging import confirm_learner, standing_participation
from opencme.credit.models import CreditClaim
from opencme.credit.operations import (
    ClaimDiffers,
    ClaimNotAllowed,
    Confirmed,
    certify_participation,
    claim_credit,
)
from opencme.credit.queries import newest_certificate_of, path_of_learner
from opencme.credit.rules import claim_is_in_time, participation_counts
from opencme.credit.wording import amount_text, attestation_text, name_line
from opencme.learning.choices import PathStepKind, StepState
from opencme.learning.models import Participation
from opencme.learning.rules import CLAIM_KEY
from opencme.people.models import User
from opencme.people.operations import CodeNotAccepted
from opencme.people.queries import newest_code
from opencme.web.devices import remember_device
from opencme.web.learner.forms.claim import (
    ChosenAmount,
    ClaimForm,
    amount_choices,
    amount_field,
    seq_field,
)
from opencme.web.learner.frame import frame_context, full_title_of, learner_of, step_url
from opencme.web.learner.views.certificate import masked
from opencme.web.learner.views.errors import conflict, too_many
from opencme.web.learner.wordings import profession_name
from opencme.web.limits import is_within_limit

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.http import HttpRequest

    from opencme.learning.queries import LearnerPath

_CLAIMS_PER_MINUTE = 1200


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, participation: UUID) -> HttpResponse:
    """The claim page; what was claimed already leads to its certificate."""
    learner = learner_of(request)
    at = timezone.now()
    path = _path(learner, participation, at)
    desk = claim_desk(path.participation, learner, at=at, path=path, expects_confirmation=True)
    if request.method == "POST":
        return _post(request, learner, desk)
    if desk.claims and not desk.open_offers:
        return _to_certificate(desk.claims[-1])
    return _page(request, desk, _form(learner, desk))


def _path(user: User, uuid: UUID, at: datetime) -> LearnerPath:
    """The path of the person's participation; somebody else's is not there."""
    try:
        return path_of_learner(user, uuid, at=at)
    except Participation.DoesNotExist as missing:
        raise Http404 from missing


def _form(user: User, desk: ClaimDesk, data: Any = None) -> ClaimForm:
    letters = desk.qualification.letters if desk.qualification else ""
    return ClaimForm(
        data,
        initial={"name": user.name, "letters": letters},
        asks_code=not user.is_confirmed,
        asks_name=not desk.claims,
    )


def _post(request: HttpRequest, user: User, desk: ClaimDesk) -> HttpResponse:
    if not is_within_limit(request, "claim", limit=_CLAIMS_PER_MINUTE, seconds=60):
        return too_many(request)
    form = _form(user, desk, request.POST)
    if not form.is_valid():
        return _page(request, desk, form, status=422)
    chosen = _chosen(request, desk)
    if not desk.is_for_participation_alone and not any(one.amount for one in chosen):
        form.add_error(None, _("Choose how much you claim."))
        return _page(request, desk, form, status=422)
    if user.is_confirmed:
        return _claim(request, desk, form, chosen)
    answer = _confirm(request, user, desk, form) or _claim(request, desk, form, chosen)
    if learner_of(request).is_confirmed:
        remember_device(request, answer, learner_of(request).email)
    return answer


def _confirm(request: HttpRequest, user: User, desk: ClaimDesk, form: ClaimForm) -> HttpResponse | None:
    """Confirm the address; return a page where that is not the end of it.

    A known address signs in to its account. Where that account has gone further in this activity,
    its participation is the one that counts, and the learner sees what is there.
    """
    try:
        confirmation = confirm_learner(user=user, digits=form.cleaned_data["code"], at=timezone.now())
    except CodeNotAccepted as refusal:
        form.add_error("code", str(refusal))
        return _page(request, desk, form, status=422)
    if confirmation.merged is None:
        user.refresh_from_db()
        return None
    login(request, confirmation.account)
    row = Participation.objects.select_related("superseded_by").get(pk=desk.participation.pk)
    counts = standing_participation(row)
    if counts.pk == row.pk:
        return None
    messages.info(
        request, _("Welcome back. You had been here before: what you did then counts, and this was kept.")
    )
    return redirect("claim", counts.uuid)


def _chosen(request: HttpRequest, desk: ClaimDesk) -> list[ChosenAmount]:
    """Read the amounts: also those of offers that are claimed by now, so that a second press replays."""
    offers = _offers_on_page(desk)
    return [
        ChosenAmount(
            offer,
            _whole(request.POST.get(seq_field(offer, offers), "")) or offer.seq,
            _amount(request.POST.get(amount_field(offer, offers), "")),
        )
        for offer in offers
    ]


def _claim(
    request: HttpRequest, desk: ClaimDesk, form: ClaimForm, chosen: list[ChosenAmount]
) -> HttpResponse:
    user = learner_of(request)
    confirmed = Confirmed(
        name=form.cleaned_data.get("name", ""),
        letters=form.cleaned_data.get("letters", ""),
        zone=form.cleaned_data["zone"],
        may_report=form.cleaned_data["may_report"],
    )
    uuid, at, base_url = desk.participation.uuid, timezone.now(), settings.OPENCME_BASE_URL
    try:
        if desk.is_for_participation_alone:
            made = certify_participation(
                learner=user, participation=uuid, confirmed=confirmed, base_url=base_url, at=at
            )
        else:
            with transaction.atomic():  # one press: all of it is claimed, or nothing
                claims = [
                    claim_credit(
                        learner=user,
                        participation=uuid,
                        designation=one.offer.designation.uuid,
                        seq=one.seq,
                        amount=one.amount,
                        confirmed=confirmed,
                        base_url=base_url,
                        at=at,
                    )
                    for one in chosen
                    if one.amount
                ]
            made = claims[0]
    except ClaimDiffers:
        return conflict(request)
    except ClaimNotAllowed as refusal:
        for reason in refusal.verdict.blocking:
            form.add_error(None, phrased(reason.message))
        return _page(request, desk, form, status=422)
    return _to_certificate(made)


def _to_certificate(made: CreditClaim) -> HttpResponse:
    return redirect("certificate", newest_certificate_of(made).uuid)


def _offers_on_page(desk: ClaimDesk) -> tuple[ClaimOffer, ...]:
    return tuple(offer for offer in desk.offers if offer.may_earn)


def _page(request: HttpRequest, desk: ClaimDesk, form: ClaimForm, status: int = 200) -> HttpResponse:
    user = learner_of(request)
    form.focus_first_error()
    offers = _offers_on_page(desk)
    name, letters = _shown_name(desk, form)
    first = offers[0] if offers else None
    amount = first.amounts[0] if first and first.amounts else Decimal(0)
    context = {
        **frame_context(desk.path, CLAIM_KEY),
        "form": form,
        "desk": desk,
        "refusal": _refusal(desk),
        "way_on": _way_on(desk),
        "shown_name": name_line(name, letters),
        "edits_name": "name" in form.fields,
        "opens_name": bool(form.errors.get("name") or form.errors.get("letters")),
        "is_participation": desk.is_for_participation_alone,
        "only_for": _only_for(desk),
        "profession": profession_name(desk.qualification.profession) if desk.qualification else "",
        "offers": [_offer_context(offer, offers) for offer in offers if offer.amounts],
        "is_single": len(offers) == 1,
        "amount": amount_text(amount),
        "phrase": first.kind.phrase_for(amount) if first else "",
        "attestation": attestation_text(name, amount if len(offers) == 1 else Decimal(0)),
        "attested_name": name or "…",
        "claimed_before": sum((offer.claimed for offer in offers if offer.amounts), Decimal(0)),
        "address": masked(user.contact_address),
        "last_code": newest_code(user) if "code" in form.fields else None,
    }
    return render(request, "learner/claim.html", context, status=status)


def _shown_name(desk: ClaimDesk, form: ClaimForm) -> tuple[str, str]:
    if desk.claims:
        first = desk.claims[0]
        return first.printed_name, first.printed_letters
    return str(form["name"].value() or ""), str(form["letters"].value() or "")


def _offer_context(offer: ClaimOffer, offers: tuple[ClaimOffer, ...]) -> dict[str, Any]:
    maximum = offer.amounts[0]
    return {
        "phrase": offer.kind.phrase_for(maximum),
        "amount_name": amount_field(offer, offers),
        "seq_name": seq_field(offer, offers),
        "seq": offer.seq,
        "choices": amount_choices(offer, offers),
        "amounts": offer.amounts,
        "maximum": maximum,
        "minutes": int(maximum * offer.kind.minutes_per_credit),
    }


def _only_for(desk: ClaimDesk) -> str:
    """Whom the credit is for, where it is not for this learner."""
    if not desk.is_for_participation_alone:
        return ""
    return phrased(desk.offers[0].may_earn.blocking[0].message)


def _refusal(desk: ClaimDesk) -> list[str]:
    """Why nothing can be claimed now; empty where something can.

    What ends the claim for good stands alone: there is nothing to make up for any more.
    """
    state, window = desk.path.state, desk.path.window
    for ended in (participation_counts(state, window), claim_is_in_time(window, on=desk.path.on)):
        if not ended:
            return [phrased(reason.message) for reason in ended.blocking]
    if desk.is_for_participation_alone:
        return [phrased(reason.message) for reason in desk.offers[0].may_certify.blocking]
    if desk.open_offers:
        return []
    reasons = [reason for offer in desk.offers if offer.may_earn for reason in offer.may_claim.blocking]
    said = dict.fromkeys(phrased(reason.message) for reason in reasons)
    return list(said) or [_("There is nothing left to claim.")]


def _way_on(desk: ClaimDesk) -> dict[str, str] | None:
    """The evaluation, where the claim waits for it alone; else the next thing to do."""
    path = desk.path
    claim = path.step(CLAIM_KEY)
    opener = path.step(claim.lock.opened_by) if claim and claim.lock else None
    waits = opener and opener.kind is PathStepKind.EVALUATION and opener.state is StepState.OPEN
    step = opener if waits else path.current
    if step is None or step.key == CLAIM_KEY:
        return None
    return {"title": full_title_of(desk.document, step), "href": step_url(desk.path, step)}


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return Decimal(0)
    return amount if amount.is_finite() and 0 <= amount < 1000 else Decimal(0)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
