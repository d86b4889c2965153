"""Verdicts: what a rule answers, and why.

A rule never answers with a bare yes or no. A learner and an auditor both ask *why not*, so a
`Verdict` carries its reasons, and each `Reason` carries a code and the source that it rests on.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Severity(enum.StrEnum):
    """How much a reason weighs."""

    BLOCKS = "blocks"
    WARNS = "warns"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence of a verdict.

    `code` names the rule (`CME011`), `source` what the rule rests on, `place` the key path in the
    document that mends it (`units[0].steps[2].pass_mark`), empty where there is none.
    """

    code: str
    message: str
    source: str = ""
    severity: Severity = Severity.BLOCKS
    place: str = ""

    @property
    def is_blocking(self) -> bool:
        """Whether this reason alone stands against."""
        return self.severity is Severity.BLOCKS


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of a rule; truthy when no blocking reason stands against."""

    reasons: tuple[Reason, ...] = ()

    def __bool__(self) -> bool:
        return not any(reason.is_blocking for reason in self.reasons)

    @property
    def blocking(self) -> tuple[Reason, ...]:
        """The reasons that stand against."""
        return tuple(reason for reason in self.reasons if reason.is_blocking)

    def __and__(self, other: Verdict) -> Verdict:
        return Verdict(self.reasons + other.reasons)


ALLOWED = Verdict()


def refused(*reasons: Reason) -> Verdict:
    """A verdict with these reasons against."""
    return Verdict(reasons)
