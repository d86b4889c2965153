"""Gather what a certificate prints, once, from the participation's own revision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import override

from opencme.activities.choices import ActivityType, StatementKind
from opencme.activities.document import ActivityDocument
from opencme.credit.desk import ClaimDesk, ClaimOffer
from opencme.credit.models import CreditClaim
from opencme.credit.printed import PrintedCertificate
from opencme.credit.wording import CertificateFacts, face_of, printed_text
from opencme.providers.statements import WordingKind, activity_format, certificate_wording

_FORMATS: Final = {
    ActivityType.ENDURING: "enduring",
    ActivityType.LIVE: "live",
    ActivityType.RSS: "live",
    ActivityType.OTHER: "other",
}
"""The format's key among the dated formats."""


@dataclass(frozen=True, slots=True)
class Issue:
    """What names a certificate over all its versions."""

    issued_on: date
    number: str
    code: str
    base_url: str


def printed_certificate(
    desk: ClaimDesk, offer: ClaimOffer, claim: CreditClaim, *, total: Decimal, issue: Issue
) -> PrintedCertificate:
    """Everything that the certificate of `claim` prints, in the language of the activity."""
    with override(desk.document.language):
        return _printed(desk, offer, claim, total, issue)


def _printed(
    desk: ClaimDesk, offer: ClaimOffer, claim: CreditClaim, total: Decimal, issue: Issue
) -> PrintedCertificate:
    document, row = desk.document, desk.participation
    provider = row.provider.record
    participates = claim.designation_id is None
    word = activity_format(_FORMATS[document.activity_type]).word
    facts = CertificateFacts(
        provider=provider.name,
        title=document.title,
        format=word,
        completed_on=claim.completed_on,
        zone=claim.time_zone,
        amount=offer.designation.maximum if participates else total,
        credit_type=offer.kind,
        is_participation=participates,
        is_specimen=claim.is_specimen,
        signer_name=provider.signatory_name,
        signer_title=provider.signatory_title,
        issued_on=issue.issued_on,
        number=issue.number,
        revision=row.revision.number,
        statements=_statements(document, offer, is_specimen=claim.is_specimen),
        code=issue.code,
        base_url=issue.base_url,
        language=document.language,
    )
    kind = WordingKind.PARTICIPATION if participates else WordingKind.CREDIT
    wording = certificate_wording(offer.kind.key, kind, on=issue.issued_on)
    return PrintedCertificate(
        face=face_of(facts, wording),
        name=claim.printed_name,
        letters=claim.printed_letters,
        title=document.title,
        provider=provider.name,
        format=word,
        credit_type=offer.kind.key,
        phrase=offer.kind.phrase_for(facts.amount),
        amount=total,
        completed_on=claim.completed_on,
        zone=claim.time_zone,
        issued_on=issue.issued_on,
        changed_on=issue.issued_on,
        provider_zone=row.provider.time_zone,
        wording=wording.id,
    )


def _statements(document: ActivityDocument, offer: ClaimOffer, *, is_specimen: bool) -> tuple[str, ...]:
    """Accreditation and this credit's designation as printed in the activity; a specimen says what it is."""
    said = [
        printed_text(statement.text)
        for statement in document.statements
        if statement.kind is StatementKind.ACCREDITATION
        or (statement.kind is StatementKind.DESIGNATION and statement.credit_type == offer.kind.key)
    ]
    if is_specimen:
        said.append(
            _(
                "Demonstration. Written by software developers from public sources, narrated by a synthetic "
                "voice, not reviewed by a clinician. Not for patient care. No credit. Provider, board and "
                "credit are invented."
            )
        )
    return tuple(said)
