"""Certificates: the first version, the next ones, and the mail with the link."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from opencme.core.compiled import insert
from opencme.core.ids import new_code
from opencme.core.operations import queue_mail
from opencme.core.verdicts import Verdict
from opencme.credit.choices import CertificateKind, ReissueReason
from opencme.credit.desk import ClaimDesk, ClaimOffer
from opencme.credit.models import Certificate, CreditClaim
from opencme.credit.printed import PrintedCertificate
from opencme.credit.queries import mail_key
from opencme.credit.rules import certificate_is_complete, may_issue_again
from opencme.learning.queries import day_in
from opencme.people.models import User

from .printing import Issue, printed_certificate


class CertificateNotAllowed(Exception):
    """The certificate would lack something it must say, or change something frozen (R#52, R#54)."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(" ".join(reason.message for reason in verdict.blocking))
        self.verdict = verdict


def issue_certificate(
    desk: ClaimDesk, offer: ClaimOffer, claim: CreditClaim, *, base_url: str, at: datetime
) -> Certificate:
    """Issue the certificate of a first claim, or the next version with the new total."""
    if claim.supplements_id is None:
        return _issue_first(desk, offer, claim, base_url=base_url, at=at)
    before = Certificate.objects.filter(claims=claim.supplements_id).latest("version")
    was = PrintedCertificate.from_json(before.printed)
    issue = Issue(was.issued_on, before.number, before.code, before.base_url)
    total = was.amount + claim.amount
    became = printed_certificate(desk, offer, claim, total=total, issue=issue)
    # A name corrected meanwhile stays corrected.
    became = replace(became, name=was.name, letters=was.letters)
    claims = [*before.claims.all(), claim]
    return issue_version(before, became, ReissueReason.NEW_TOTAL, claims=claims, at=at)


def _issue_first(
    desk: ClaimDesk, offer: ClaimOffer, claim: CreditClaim, *, base_url: str, at: datetime
) -> Certificate:
    row, code = desk.participation, new_code()
    on = day_in(row.provider.time_zone, at)
    # The whole code: with eight of its characters two of a million numbers of a year would likely meet.
    issue = Issue(on, f"{on:%Y}-{code}", code, base_url)
    printed = printed_certificate(desk, offer, claim, total=claim.amount, issue=issue)
    kind = CertificateKind.CREDIT if claim.designation_id else CertificateKind.PARTICIPATION
    verdict = certificate_is_complete(printed.contents(kind, claimed=claim.amount))
    if not verdict:
        raise CertificateNotAllowed(verdict)
    certificate = Certificate(
        learner_id=row.learner_id,
        participation=row,
        provider_id=row.provider_id,
        kind=kind.value,
        number=issue.number,
        code=code,
        printed=printed.as_json(),
        base_url=base_url,
        issued_at=at,
        is_specimen=claim.is_specimen,
    )
    insert(certificate)
    insert(Certificate.claims.through(certificate=certificate, creditclaim=claim))
    return certificate


def issue_version(
    newest: Certificate,
    printed: PrintedCertificate,
    reason: ReissueReason,
    *,
    claims: Iterable[CreditClaim],
    at: datetime,
) -> Certificate:
    """Issue `newest` again as `printed`: same code and number, the next version; the old one stays.

    Raises `CertificateNotAllowed` where more would change than `reason` allows (R#54).
    """
    was = PrintedCertificate.from_json(newest.printed)
    verdict = may_issue_again(was.frozen, printed.frozen, reason)
    if not verdict:
        raise CertificateNotAllowed(verdict)
    certificate = Certificate.objects.create(
        learner_id=newest.learner_id,
        participation_id=newest.participation_id,
        provider_id=newest.provider_id,
        kind=newest.kind,
        number=newest.number,
        code=newest.code,
        version=newest.version + 1,
        reason=reason.value,
        printed=replace(printed, changed_on=day_in(printed.provider_zone, at)).as_json(),
        base_url=newest.base_url,
        issued_at=at,
        is_specimen=newest.is_specimen,
    )
    certificate.claims.add(*claims)
    return certificate


def resend_certificate(*, certificate: Certificate, to: str, at: datetime) -> None:
    """Mail the link to the certificate once more; at most one such mail a minute leaves."""
    mail_link(certificate, key=f"{mail_key(certificate)}:{at:%Y%m%d%H%M}", to=to, at=at)


def mail_link(certificate: Certificate, *, key: str, to: str, at: datetime) -> None:
    """Put the mail that carries the link into the outbox, once for each `key`; to nobody, none."""
    if not to:
        return
    printed = PrintedCertificate.from_json(certificate.printed)
    link = certificate.base_url + reverse("certificate", args=[certificate.uuid])
    queue_mail(
        key=key,
        to=to,
        subject=_("Your certificate: %(title)s") % {"title": printed.title},
        text=_(
            "Here is your certificate for “%(title)s”:\n%(link)s\n\n"
            "You may be asked to sign in. Anyone who has the code %(code)s can check it here:\n%(check)s\n"
        )
        % {
            "title": printed.title,
            "link": link,
            "code": printed.face.code,
            "check": printed.face.verify_url,
        },
        at=at,
    )


def address_of(learner: User) -> str:
    """Where mail to the learner goes: the account that theirs was merged into, if it was.

    Empty where the account was closed.
    """
    return (learner.merged_into or learner).email
