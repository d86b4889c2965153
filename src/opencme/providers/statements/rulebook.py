"""The rule book as data: each rule's code, sentence, weight, confidence and source.

Rules are functions elsewhere and carry only their code; what is said of a rule stands here once.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import cache

from pydantic import ConfigDict

from opencme.core.verdicts import Reason, Severity

from .reading import read_table
from .values import Mark


class Blocks(enum.StrEnum):
    """What a broken rule stands against."""

    PUBLISHING = "publishing"
    CREDIT = "credit"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEntry:
    """One rule of the book. `enforced_by` names functions outside `compliance.rules`."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    code: str
    title: str
    severity: Blocks
    marks: str
    source: str
    note: str = ""
    blocks_anyway: bool = False
    enforced_by: tuple[str, ...] = ()

    @property
    def mark(self) -> Mark:
        """The weakest of its marks: what the rule as a whole can be trusted with."""
        return max((Mark(letter) for letter in self.marks), key=list(Mark).index)

    @property
    def weight(self) -> Severity:
        """How a broken rule weighs before a provider's own settings.

        What rests on general knowledge warns only, unless we decided otherwise.
        """
        if self.severity is Blocks.WARNING:
            return Severity.WARNS
        if self.mark is Mark.GENERAL and not self.blocks_anyway:
            return Severity.WARNS
        return Severity.BLOCKS

    def reason(self, message: str, *, place: str = "", severity: Severity | None = None) -> Reason:
        """A reason of this rule, with its code and source."""
        return Reason(
            code=self.code,
            message=message,
            source=self.source,
            severity=severity or self.weight,
            place=place,
        )


@cache
def rule_book() -> tuple[RuleEntry, ...]:
    """Every rule, in the order of the book."""
    return read_table("rulebook.toml", "rule", RuleEntry)


@cache
def _by_code() -> dict[str, RuleEntry]:
    return {entry.code: entry for entry in rule_book()}


def rule_entry(code: str) -> RuleEntry:
    """The entry of that code. Raises `KeyError` for a code that the book does not know."""
    return _by_code()[code]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonEntry:
    """A reason that judges a learner's next step; it rests on rules of the book, or on a decision."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    code: str
    title: str
    rests_on: tuple[str, ...] = ()
    source: str = ""


@cache
def reasons_on_the_way() -> tuple[ReasonEntry, ...]:
    """Every such reason."""
    return read_table("reasons.toml", "reason", ReasonEntry)


@cache
def source_of(code: str) -> str:
    """What a reason rests on. Raises `KeyError` for a code that is written down nowhere."""
    entry = {one.code: one for one in reasons_on_the_way()}[code]
    return entry.source or "; ".join(rule_entry(rule).source for rule in entry.rests_on)
