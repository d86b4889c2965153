"""The fixed vocabularies of credit."""

from __future__ import annotations

import enum


class CertificateKind(enum.StrEnum):
    """What a certificate certifies."""

    CREDIT = "credit"
    PARTICIPATION = "participation"


class CertificateState(enum.StrEnum):
    """What verification answers."""

    VALID = "valid"
    CORRECTED = "corrected"
    REVOKED = "revoked"
    SPECIMEN = "specimen"
    NOT_FOUND = "not_found"
