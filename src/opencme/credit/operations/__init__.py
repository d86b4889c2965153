"""Writes of credit: claims, certificates, corrections and revocations."""

from .claiming import (
    ClaimDiffers,
    ClaimNotAllowed,
    Confirmed,
    certify_participation,
    claim_credit,
)
from .correcting import AlreadyRevoked, correct_certificate_name, revoke_certificate
from .files import certificate_pdf_of
from .issuing import resend_certificate
from .names import NameMissing, UndrawableName, printable_letters, printable_name
from .permitting import REPORT_WORDING, state_report_permission
from .retention import RetentionNotOver, require_retention_over

__all__ = [
    "REPORT_WORDING",
    "AlreadyRevoked",
    "ClaimDiffers",
    "ClaimNotAllowed",
    "Confirmed",
    "NameMissing",
    "RetentionNotOver",
    "UndrawableName",
    "certificate_pdf_of",
    "certify_participation",
    "claim_credit",
    "correct_certificate_name",
    "printable_letters",
    "printable_name",
    "require_retention_over",
    "resend_certificate",
    "revoke_certificate",
    "state_report_permission",
]
