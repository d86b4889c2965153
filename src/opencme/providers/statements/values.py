"""What the dated data are read into: accreditors, formats, credit types, wordings, professions."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import ConfigDict

_STRICT = ConfigDict(extra="forbid")


class Mark(enum.StrEnum):
    """How far a datum or a rule can be trusted."""

    PRIMARY = "P"
    SECONDARY = "S"
    GENERAL = "G"
    OWN = "O"

    @property
    def meaning(self) -> str:
        """The mark in words."""
        return _MEANING[self]


_MEANING = {
    Mark.PRIMARY: "read in the rule-maker's own text",
    Mark.SECONDARY: "read in another's account of the rule, or in use",
    Mark.GENERAL: "general knowledge, not confirmed",
    Mark.OWN: "our own decision or invention",
}


class Tie(enum.StrEnum):
    """Which way half an increment is rounded."""

    HALF_UP = "half-up"
    HALF_EVEN = "half-even"
    HALF_DOWN = "half-down"


class WordingKind(enum.StrEnum):
    """What a certificate certifies."""

    CREDIT = "credit"
    CREDIT_LIVE = "credit-live"
    PARTICIPATION = "participation"


class IdentityLevel(enum.StrEnum):
    """How well it is known who a learner is, weakest first; a credit type may ask for one."""

    STATED = "stated"
    ADDRESS_CONFIRMED = "address-confirmed"
    SINGLE_SIGN_ON = "single-sign-on"
    LICENSE_MATCHED = "license-matched"

    def reaches(self, other: IdentityLevel) -> bool:
        """Whether this is at least as good as `other`."""
        levels = list(IdentityLevel)
        return levels.index(self) >= levels.index(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accreditor:
    """A body that accredits providers; `names` are the ways a statement may name it."""

    __pydantic_config__ = _STRICT
    key: str
    name: str
    short_name: str
    names: tuple[str, ...]
    named_by_provider: bool = False
    demonstration_only: bool = False
    mark: Mark
    source: str
    checked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityFormat:
    """A format of certified activities and the words that a designation statement may use."""

    __pydantic_config__ = _STRICT
    key: str
    word: str
    words: tuple[str, ...]
    assessment_required: bool
    activity_types: tuple[str, ...] = ()
    mark: Mark
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditType:
    """A kind of credit: its phrase, its arithmetic and who may earn it.

    `phrase` is Markdown, since emphasis can be part of the phrase. Empty `professions` and
    `degrees` mean open to everybody.
    """

    __pydantic_config__ = _STRICT
    key: str
    name: str
    phrase: str
    phrase_plural: str
    increment: Decimal
    minimum: Decimal
    tie: Tie
    minutes_per_credit: int
    accreditors: tuple[str, ...]
    degrees: tuple[str, ...]
    professions: tuple[str, ...]
    identity_level: IdentityLevel
    retention_years: int
    designation_required: bool
    demonstration_only: bool = False
    mark: Mark
    source: str
    checked_on: date

    def phrase_for(self, amount: Decimal) -> str:
        """The phrase in the number that `amount` asks for, as Markdown."""
        return self.phrase_plural if amount > 1 else self.phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A wording that was or is in force; `text` has named places in braces."""

    __pydantic_config__ = _STRICT
    id: str
    text: str
    since: date
    until: date | None = None
    mark: Mark
    source: str

    def in_force_on(self, on: date) -> bool:
        """Whether the wording was in force that day, both ends inclusive."""
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccreditationForm(Dated):
    """A known wording of the accreditation statement."""

    __pydantic_config__ = _STRICT
    accreditor: str
    providership: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignationForm(Dated):
    """A known wording of the credit designation statement."""

    __pydantic_config__ = _STRICT
    credit_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateWording(Dated):
    """A known wording of a certificate; `credit_type` "*" stands for all that have none of their own."""

    __pydantic_config__ = _STRICT
    kind: WordingKind
    credit_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How long one kind of record is kept, counted from an event; `what` and `why` are for learners."""

    __pydantic_config__ = _STRICT
    key: str
    what: str
    why: str
    counted_from: str
    days: int = 0
    years: int = 0
    since: date
    until: date | None = None
    mark: Mark
    source: str

    def in_force_on(self, on: date) -> bool:
        """Whether the period was in force that day, both ends inclusive."""
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profession:
    """A profession with the degrees that belong to it."""

    __pydantic_config__ = _STRICT
    key: str
    name: str
    plural: str
    category: str
    degrees: tuple[str, ...]
    on_start_form: bool
    hint: str = ""
