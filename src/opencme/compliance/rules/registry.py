"""What a rule is: a check over the document, with the entry that the rule book has for it."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from opencme.activities.document import ActivityDocument
from opencme.core.verdicts import Reason, Severity
from opencme.providers.record import ProviderRecord
from opencme.providers.statements.rulebook import RuleEntry, rule_entry


class Reach(enum.StrEnum):
    """Which documents a rule speaks of."""

    EVERY = "every document"
    CERTIFIED = "certified activities"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that a check found: a plain sentence, and where it is mended.

    Without `severity` it weighs as much as its rule.
    """

    message: str
    place: str = ""
    severity: Severity | None = None


Findings = Iterator[Found]


class Check(Protocol):
    """A pure function from document, provider and date to what it found."""

    def __call__(self, document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings: ...


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the book that checks documents. Call it with a document, a provider and a date."""

    entry: RuleEntry
    reach: Reach
    check: Check
    name: str

    @property
    def code(self) -> str:
        """The code by which people look the rule up."""
        return self.entry.code

    def applies_to(self, document: ActivityDocument) -> bool:
        """Whether the rule speaks of this document at all."""
        return self.reach is Reach.EVERY or document.certified

    def __call__(
        self, document: ActivityDocument, provider: ProviderRecord, *, on: date
    ) -> tuple[Reason, ...]:
        """The reasons that stand against the document; empty where the rule is met."""
        if not self.applies_to(document):
            return ()
        found = self.check(document, provider, on=on)
        return tuple(self._reason(one, provider) for one in found)

    def _reason(self, found: Found, provider: ProviderRecord) -> Reason:
        severity = found.severity or self.entry.weight
        if severity is Severity.WARNS and self.code in provider.raised_to_block:
            severity = Severity.BLOCKS
        return self.entry.reason(found.message, place=found.place, severity=severity)


def rule(code: str, *, reach: Reach = Reach.CERTIFIED) -> Callable[[Check], Rule]:
    """Make a check the rule of that code. What is said of the rule stands in the rule book."""

    def register(check: Check) -> Rule:
        return Rule(rule_entry(code), reach, check, f"{check.__module__}.{check.__qualname__}")  # type: ignore[attr-defined]

    return register
