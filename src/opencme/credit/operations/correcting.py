"""What an office does to a certificate afterwards: the right name, or its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from opencme.core.audit import record
from opencme.core.operations import queue_mail
from opencme.credit.choices import ReissueReason
from opencme.credit.models import Certificate, Revocation
from opencme.credit.printed import PrintedCertificate
from opencme.credit.queries import mail_key
from opencme.learning.models import Participation
from opencme.learning.operations.stepping import locked_participation
from opencme.people.models import User

from .issuing import address_of, issue_version, mail_link
from .names import printable_letters, printable_name


class AlreadyRevoked(Exception):
    """The certificate was revoked before; the first revocation counts."""


class DetailsRemoved(Exception):
    """The personal details on the certificate were removed; there is no name left to correct."""


@transaction.atomic
def correct_certificate_name(
    *, code: str, name: str, letters: str, by: User | None, door: str, at: datetime
) -> Certificate:
    """Issue the certificate again with the right name: same code and number, the next version.

    The earlier version stays, and verification shows both names. Raises `Certificate.DoesNotExist`,
    `NameMissing`, `UndrawableName`, `AlreadyRevoked`, since a revoked one is not issued again, and
    `DetailsRemoved`, since a name would come back that nobody may keep.
    """
    newest = _locked_newest(code)
    if Revocation.objects.filter(code=code).exists():
        raise AlreadyRevoked
    if not newest.printed:
        raise DetailsRemoved
    was = PrintedCertificate.from_json(newest.printed)
    became = replace(was, name=printable_name(name), letters=printable_letters(letters))
    if became == was:
        return newest
    certificate = issue_version(
        newest, became, ReissueReason.NAME_CORRECTED, claims=newest.claims.all(), at=at
    )
    _record(certificate, newest.participation, "certificate_corrected", by=by, door=door, at=at)
    mail_link(certificate, key=mail_key(certificate), to=address_of(newest.learner), at=at)
    return certificate


@transaction.atomic
def revoke_certificate(*, code: str, reason: str, by: User | None, door: str, at: datetime) -> Revocation:
    """Withdraw a certificate for the reason that verification shows; the learner is told by mail.

    Where the account was closed or the personal details were removed, nobody is left to be told.
    Raises `Certificate.DoesNotExist`, and `AlreadyRevoked`.
    """
    newest = _locked_newest(code)
    if Revocation.objects.filter(code=code).exists():
        raise AlreadyRevoked
    revocation = Revocation.objects.create(
        code=code, certificate=newest, reason=reason, revoked_at=at, revoked_by=by
    )
    _record(newest, newest.participation, "certificate_revoked", by=by, door=door, at=at)
    if newest.printed and address_of(newest.learner):
        _tell_of_revocation(newest, reason, at)
    return revocation


def _tell_of_revocation(certificate: Certificate, reason: str, at: datetime) -> None:
    printed = PrintedCertificate.from_json(certificate.printed)
    queue_mail(
        key=f"revoked:{certificate.code}",
        to=address_of(certificate.learner),
        subject=_("Your certificate was revoked: %(title)s") % {"title": printed.title},
        text=_(
            "%(provider)s has revoked your certificate %(code)s for “%(title)s”.\n\n"
            "Reason given: %(reason)s\n\nWhat anyone sees who checks it:\n%(link)s\n"
        )
        % {
            "provider": printed.provider,
            "code": printed.face.code,
            "title": printed.title,
            "reason": reason,
            "link": printed.face.verify_url,
        },
        at=at,
    )


def _locked_newest(code: str) -> Certificate:
    """The newest version of the certificate with this code, read after its participation is locked."""
    first = Certificate.objects.filter(code=code).select_related("participation").earliest("version")
    participation = locked_participation(first.participation.uuid)
    newest = Certificate.objects.filter(code=code).select_related("learner__merged_into").latest("version")
    newest.participation = participation
    return newest


def _record(
    certificate: Certificate,
    participation: Participation,
    event: str,
    *,
    by: User | None,
    door: str,
    at: datetime,
) -> None:
    record(
        participation,
        event,
        at=at,
        by=by.uuid if by else None,
        door=door,
        certificate=certificate.uuid,
        version=certificate.version,
    )
