"""Providers as values, in one call."""

from dataclasses import replace

from opencme.providers.choices import Standing
from opencme.providers.record import AccreditationRecord, ProviderRecord

SPECIMEN_INSTITUTE = ProviderRecord(
    key="specimen-institute",
    name="Specimen Institute for Medical Learning",
    standing=Standing.DEMONSTRATION,
    accreditations=(
        AccreditationRecord(
            accreditor="specimen-board",
            credit_types=("specimen-category-1",),
            identifier="0000001",
        ),
    ),
    web="https://specimen.example",
    address="1 Example Street, Sampletown",
    content_contact="education@specimen.example",
    technical_contact="help@specimen.example",
    privacy_address="https://specimen.example/privacy",
    signatory_name="Imogen Sample, MD",
    signatory_title="Director of education",
)


def a_provider(**changes) -> ProviderRecord:
    """A demonstration provider that may designate specimen credit."""
    return replace(SPECIMEN_INSTITUTE, **changes)


def an_accredited_provider(**changes) -> ProviderRecord:
    """A provider accredited by the ACCME, for rules on real wordings."""
    accredited = replace(
        SPECIMEN_INSTITUTE,
        key="example-academy",
        name="Example Academy of Medicine",
        standing=Standing.ACCREDITED,
        accreditations=(
            AccreditationRecord(
                accreditor="accme",
                credit_types=("ama-pra-category-1",),
                identifier="0000002",
            ),
        ),
    )
    return replace(accredited, **changes)
