"""What a certificate row has frozen: its face, the name on it, and the facts that lists need.

One JSON column holds it all, so that a list of certificates is one query, and erasure blanks one
column.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Self

from .choices import CertificateKind
from .render.face import CertificateFace, empty_face, face_as_json, face_from_json
from .rules import CertificateContents, FrozenFacts
from .wording import name_line


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedCertificate:
    """Everything printed on one version of a certificate, and the facts in it as values."""

    face: CertificateFace
    name: str
    letters: str
    title: str
    provider: str
    format: str
    credit_type: str
    phrase: str
    amount: Decimal
    """What was claimed in all; zero on a certificate of participation."""
    completed_on: date
    zone: str
    """The zone of that date: the learner's, as it was at the claim."""
    issued_on: date
    """When its first version was issued."""
    changed_on: date
    """When this version was."""
    provider_zone: str
    """The zone of the provider's own dates: issue, correction, revocation."""
    wording: str
    """The dated wording that the face was made from."""
    is_removed: bool = False
    """Whether the column was blanked, so that all of this but code, provider and issue is empty."""

    @property
    def full_name(self) -> str:
        """Name with letters, as printed."""
        return name_line(self.name, self.letters)

    @property
    def plain_phrase(self) -> str:
        """The credit phrase without emphasis marks."""
        return self.phrase.replace("*", "")

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values for its column."""
        return {
            "face": face_as_json(self.face),
            "name": self.name,
            "letters": self.letters,
            "title": self.title,
            "provider": self.provider,
            "format": self.format,
            "credit_type": self.credit_type,
            "phrase": self.phrase,
            "amount": str(self.amount),
            "completed_on": self.completed_on.isoformat(),
            "zone": self.zone,
            "issued_on": self.issued_on.isoformat(),
            "changed_on": self.changed_on.isoformat(),
            "provider_zone": self.provider_zone,
            "wording": self.wording,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Rebuild it from its column. Raises `KeyError` where the column was blanked: see `removed`."""
        return cls(
            **{
                **stored,
                "face": face_from_json(stored["face"]),
                "amount": Decimal(stored["amount"]),
                "completed_on": date.fromisoformat(stored["completed_on"]),
                "issued_on": date.fromisoformat(stored["issued_on"]),
                "changed_on": date.fromisoformat(stored["changed_on"]),
            }
        )

    @classmethod
    def removed(cls, *, code: str, provider: str, zone: str, issued_on: date) -> Self:
        """What is left to say of a certificate whose personal details were removed."""
        return cls(
            face=empty_face(code),
            name="",
            letters="",
            title="",
            provider=provider,
            format="",
            credit_type="",
            phrase="",
            amount=Decimal(0),
            completed_on=issued_on,
            zone=zone,
            issued_on=issued_on,
            changed_on=issued_on,
            provider_zone=zone,
            wording="",
            is_removed=True,
        )

    @property
    def frozen(self) -> FrozenFacts:
        """What may not change in a later version, beside the little that may (R#54)."""
        return FrozenFacts(
            provider=self.provider,
            title=self.title,
            format=self.format,
            credit_type=self.credit_type,
            completed_on=self.completed_on,
            full_name=self.full_name,
            amount=self.amount,
        )

    def contents(self, kind: CertificateKind, *, claimed: Decimal) -> CertificateContents:
        """What is printed, for the rule that asks whether it is complete (R#52)."""
        texts = (value for value in face_as_json(self.face).values() if isinstance(value, str))
        return CertificateContents(
            kind=kind,
            text=" ".join((self.full_name, *texts)),
            name=self.full_name,
            provider=self.provider,
            title=self.title,
            format=self.format,
            completed_on=self.completed_on,
            amount=self.amount,
            phrase=self.phrase,
            claimed=claimed,
        )
