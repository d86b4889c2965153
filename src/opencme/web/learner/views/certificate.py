"""The certificate: as a page, as a PDF, and its link by mail once more."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from opencme.activities.operations import slug_of
from opencme.credit.choices import CertificateKind
from opencme.credit.operations import certificate_pdf_of, resend_certificate, state_report_permission
from opencme.credit.queries import (
    CertificateRecord,
    certificate_mail,
    certificate_of,
    certificates_of,
    contact_for_records,
    may_be_reported,
    standing_record,
    transcript_from,
)
from opencme.credit.render.pdf import qr_path
from opencme.credit.wording import amount_text, zone_label
from opencme.people.models import User
from opencme.web.learner.frame import learner_of
from opencme.web.learner.views.errors import too_many
from opencme.web.limits import is_within_limit

if TYPE_CHECKING:
    from django.http import HttpRequest

_RESENDS_PER_HOUR = 5


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def certificate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The certificate inline; an earlier version's address leads to the newest."""
    learner = learner_of(request)
    records = certificates_of(learner)
    record = standing_record(records, learner, uuid)
    if record is None or record.printed.is_removed:
        raise Http404
    if request.method == "POST":
        return _act(request, learner, record)
    if record.certificate.uuid != uuid:
        return redirect("certificate", record.certificate.uuid)
    return render(request, "learner/certificate.html", _page(learner, record, records))


@never_cache
@login_required
@require_safe
def certificate_pdf(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The signed PDF, drawn at its first request and kept."""
    record = certificate_of(learner_of(request), uuid)
    if record is None or record.printed.is_removed:
        raise Http404
    pdf = certificate_pdf_of(
        certificate=record.certificate, folder=settings.OPENCME_DATA_DIR, at=timezone.now()
    )
    response = HttpResponse(pdf, content_type="application/pdf")
    disposition = content_disposition_header("show" not in request.GET, file_name(record))
    response["Content-Disposition"] = disposition or "attachment"
    return response


def file_name(record: CertificateRecord) -> str:
    """A name that sorts and can be found again: date, title, amount, last name."""
    printed = record.printed
    amount = amount_text(printed.amount) if printed.amount else _("participation")
    title = slug_of(printed.title, longest=60, allow_unicode=True)
    last_name = slugify(printed.name.split()[-1], allow_unicode=True)
    return f"{printed.completed_on.isoformat()}_{title}_{amount}_{last_name}.pdf"


def masked(address: str) -> str:
    """An address that its owner recognizes and nobody else learns: "j…@hospital.example"."""
    local, _at, domain = address.partition("@")
    return f"{local[:1]}…@{domain}"


def _act(request: HttpRequest, user: User, record: CertificateRecord) -> HttpResponse:
    """Do what the pressed button says."""
    action = request.POST.get("action", "")
    if action == "permit":
        return _permit(request, user, record)
    if action == "forbid":
        return _forbid(request, user, record)
    return _resend(request, user, record)


def _resend(request: HttpRequest, user: User, record: CertificateRecord) -> HttpResponse:
    who = str(user.uuid)
    if not is_within_limit(request, "resend-certificate", limit=_RESENDS_PER_HOUR, seconds=3600, key=who):
        return too_many(request)
    resend_certificate(certificate=record.certificate, to=user.email, at=timezone.now())
    messages.success(request, _("The link is on its way to %(to)s.") % {"to": masked(user.email)})
    return redirect("certificate", record.certificate.uuid)


def _permit(request: HttpRequest, user: User, record: CertificateRecord) -> HttpResponse:
    _state_permission(user, record, granted=True)
    messages.success(request, _("This credit may now be reported to boards."))
    return redirect("certificate", record.certificate.uuid)


def _forbid(request: HttpRequest, user: User, record: CertificateRecord) -> HttpResponse:
    _state_permission(user, record, granted=False)
    messages.success(request, _("You took it back: this credit is not reported to boards from now on."))
    return redirect("certificate", record.certificate.uuid)


def _state_permission(user: User, record: CertificateRecord, *, granted: bool) -> None:
    state_report_permission(
        participation=record.certificate.participation_id,
        granted=granted,
        by=user,
        door="web",
        at=timezone.now(),
    )


def _page(user: User, record: CertificateRecord, records: tuple[CertificateRecord, ...]) -> dict[str, object]:
    row, printed = record.certificate, record.printed
    side, path = qr_path(printed.face.verify_url)
    mail = certificate_mail(row)
    zone = ZoneInfo(printed.zone)
    return {
        "record": record,
        "certificate": row,
        "printed": printed,
        "is_participation": row.kind == CertificateKind.PARTICIPATION,
        "qr": {"side": side, "path": path},
        "mail": mail,
        "mail_at": mail.created_at.astimezone(zone) if mail else None,
        "zone_label": zone_label(printed.zone, printed.completed_on),
        "masked_address": masked(mail.to) if mail else "",
        "own_address": masked(user.email),
        "pdf_url": reverse("certificate_pdf", args=[row.uuid]),
        "verify_url": reverse("verify_code", args=[row.code]),
        "learning_url": reverse("learning"),
        "records_contact": contact_for_records(row)
        or settings.OPENCME_OFFICE_EMAIL
        or _("the provider's office"),
        "may_be_reported": may_be_reported(row.participation_id),
        "year_total": _year_total(record, records),
        "others": [
            other
            for other in records
            if other.certificate.participation_id == row.participation_id
            and other is not record
            and not other.printed.is_removed
        ],
    }


def _year_total(record: CertificateRecord, records: tuple[CertificateRecord, ...]) -> object:
    """What the calendar year holds of this certificate's credit type."""
    year = record.printed.completed_on.year
    mine = [
        other
        for other in records
        if other.printed.completed_on.year == year and other.printed.credit_type == record.printed.credit_type
    ]
    totals = transcript_from(mine).totals
    return totals[0].counted if totals else 0
