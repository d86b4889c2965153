"""What stands against publishing, and how far an activity is ready."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from opencme.activities.document import ActivityDocument
from opencme.core.verdicts import Reason, Severity, Verdict
from opencme.providers.record import ProviderRecord

from .registry import Rule

_ORDER = {Severity.BLOCKS: 0, Severity.WARNS: 1, Severity.NOTE: 2}

Finding = Reason
"""A finding is a reason with the place that mends it."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """How many of the rules that apply are met, and what is found against the others.

    A rule is met when it has neither a blocking finding nor a warning; a note counts nothing.
    """

    ready: int
    of: int
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """May it be published? Falsy while a blocking finding stands."""
        return Verdict(self.findings)


def readiness(
    rules: tuple[Rule, ...], document: ActivityDocument, provider: ProviderRecord, *, on: date
) -> Readiness:
    """Those of `rules` that apply, those that are met, and the findings of the others.

    What blocks comes first, then by code and place.
    """
    applying = [rule for rule in rules if rule.applies_to(document)]
    results = [rule(document, provider, on=on) for rule in applying]
    ready = sum(all(one.severity is Severity.NOTE for one in found) for found in results)
    findings = sorted(
        (finding for found in results for finding in found),
        key=lambda finding: (_ORDER[finding.severity], finding.code, finding.place),
    )
    return Readiness(ready, len(applying), tuple(findings))
