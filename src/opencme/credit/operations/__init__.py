"""Writes of credit: claims, certificates, corrections and revocations."""

from .claiming import (
    ClaimDiffers,
    ClaimNotAllowed,
    Confirmed,
    certify_participation,
    claim_credit,
)
from .correcting import AlreadyRevoked, DetailsRemoved, correct_certificate_name, revoke_certificate
from .files import certificate_pdf_of
from .issuing import resend_certificate
from .names import NameMissing, UndrawableName, printable_letters, printable_name
from .permitting import REPORT_WORDING, state_report_permission
from .retention import RetentionNotOver, kept_until, release_records, require_retention_over

__all__ = [
    "REPORT_WORDING",
    "AlreadyRevoked",
    "ClaimDiffers",
    "ClaimNotAllowed",
    "Confirmed",
    "DetailsRemoved",
    "NameMissing",
    "RetentionNotOver",
    "UndrawableName",
    "certificate_pdf_of",
    "certify_participation",
    "claim_credit",
    "correct_certificate_name",
    "kept_until",
    "printable_letters",
    "printable_name",
    "release_records",
    "require_retention_over",
    "resend_certificate",
    "revoke_certificate",
    "state_report_permission",
]
