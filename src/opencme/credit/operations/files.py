"""The signed PDF of a certificate."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from django.db import IntegrityError, transaction
from django.db.models import BigAutoField
from django.utils.translation import gettext as _

from opencme.core.compiled import Compiled, Given, insert
from opencme.core.databases.retrying import retried
from opencme.credit.models import Certificate, CertificateFile
from opencme.credit.printed import PrintedCertificate
from opencme.credit.render.pdf import certificate_pdf
from opencme.credit.render.signing import signed

from .signing_key import signing_key_file

_KEPT = Compiled(lambda: CertificateFile.objects.filter(certificate=Given("certificate", BigAutoField())))


@retried
def certificate_pdf_of(*, certificate: Certificate, folder: Path, at: datetime) -> bytes:
    """The signed PDF of one version: drawn and signed at its first request, kept from then on.

    Two first requests at the same moment may both draw it; one row is kept and both return that.
    `folder` holds the signing key. Raises `SigningKeyMissing`.
    """
    kept = _KEPT.one(certificate=certificate.pk)
    if kept is None:
        kept = _keep(certificate, _drawn_and_signed(certificate, folder, at), at)
    return bytes(kept.pdf)


def _drawn_and_signed(certificate: Certificate, folder: Path, at: datetime) -> bytes:
    printed = PrintedCertificate.from_json(certificate.printed)
    pdf = certificate_pdf(printed.face, name=printed.full_name, at=certificate.issued_at)
    reason = _("Issued by %(provider)s") % {"provider": printed.provider}
    return signed(pdf, key_file=signing_key_file(folder, at=at), reason=reason, at=at)


def _keep(certificate: Certificate, pdf: bytes, at: datetime) -> CertificateFile:
    digest = hashlib.sha256(pdf).hexdigest()
    try:
        with transaction.atomic():
            return insert(CertificateFile(certificate=certificate, pdf=pdf, sha256=digest, rendered_at=at))
    except IntegrityError:
        return CertificateFile.objects.get(certificate=certificate)
