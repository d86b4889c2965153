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


class ReissueReason(enum.StrEnum):
    """Why a certificate has a newer version."""

    NAME_CORRECTED = "name_corrected"
    NEW_TOTAL = "new_total"


class TranscriptRange(enum.StrEnum):
    """The stretches of time that a transcript totals."""

    THIS_YEAR = "year"
    TWO_YEARS = "two-years"
    LICENSE_CYCLE = "cycle"


class RecordKind(enum.StrEnum):
    """The records that an accreditor may ask for, by how long they are kept."""

    PARTICIPATION = "participation"
    ACTIVITY_FILE = "activity_file"
