"""The rules a document is checked against, one module per subject.

Adding a rule is a function in the module of its subject; a new subject is a line here.
"""

from datetime import date

from opencme.activities.document import ActivityDocument
from opencme.providers.record import ProviderRecord

from . import (
    assessment,
    dates,
    designation,
    media,
    page,
    people,
    standing,
    statements,
    support,
    words,
)
from .readiness import Finding, Readiness, readiness
from .registry import Found, Reach, Rule

__all__ = ["RULES", "Finding", "Found", "Reach", "Readiness", "Rule", "findings", "readiness_of"]

_SUBJECTS = (
    statements,
    standing,
    designation,
    dates,
    assessment,
    page,
    people,
    support,
    media,
    words,
)

RULES: tuple[Rule, ...] = tuple(
    sorted(
        {
            value.code: value
            for subject in _SUBJECTS
            for value in vars(subject).values()
            if isinstance(value, Rule)
        }.values(),
        key=lambda rule: rule.code,
    )
)
"""Every rule, by code."""


def readiness_of(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Readiness:
    """How many of the rules that apply are met, and what is found against the others."""
    return readiness(RULES, document, provider, on=on)


def findings(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> tuple[Finding, ...]:
    """Everything that the rules find, what blocks first, then by code and place."""
    return readiness_of(document, provider, on=on).findings
