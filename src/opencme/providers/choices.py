"""The fixed vocabularies of providers."""

from __future__ import annotations

import enum


class Standing(enum.StrEnum):
    """The standing of a provider in this installation.

    `DEMONSTRATION` marks everything as specimen, counts its credit as zero and cannot be lifted.
    """

    ACCREDITED = "accredited"
    PROBATION = "probation"
    NOT_ACCREDITED = "not_accredited"
    DEMONSTRATION = "demonstration"
