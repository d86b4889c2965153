"""The provider as rules and packages know it: frozen values without Django.

`provider.toml` of a package is read into a `ProviderRecord`, and an installation's own rows are
shown to rules as one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import ConfigDict, StringConstraints, TypeAdapter

from .choices import Standing

_STRICT = ConfigDict(extra="forbid")
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccreditationRecord:
    """A standing with one accreditor.

    `accreditor_name` is the name to print where the accreditor is one of many (a recognized
    state society); `number` is the provider's number with it.
    """

    __pydantic_config__ = _STRICT
    accreditor: Key
    accreditor_name: Line = ""
    number: Line = ""
    since: date | None = None
    until: date | None = None

    def holds_on(self, on: date) -> bool:
        """Whether the accreditation is in force on that day, both ends inclusive."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRecord:
    """An accredited provider: its names, its zone and its accreditations.

    `known_as` lists other ways its name is printed in statements ("Specimen Institute").
    `time_zone_label` is what pages print behind a date ("ET"), `half_goes_up` the tie rule of
    rounding to an increment, `raised_to_block` the codes of warnings that this provider lets block.
    """

    __pydantic_config__ = _STRICT
    key: Key
    name: Line
    standing: Standing
    known_as: tuple[Line, ...] = ()
    time_zone: Line = "America/New_York"
    accreditations: tuple[AccreditationRecord, ...] = ()
    office_email: Line = ""
    web_address: Line = ""
    postal_address: Line = ""
    signatory: Line = ""
    signatory_title: Line = ""
    time_zone_label: Line = "ET"
    technical_contact: Line = ""
    records_contact: Line = ""
    privacy_address: Line = ""
    half_goes_up: bool = True
    claim_window_days: int = 30
    raised_to_block: tuple[Line, ...] = ()
    trade_names: tuple[Line, ...] = ()

    @property
    def is_demonstration(self) -> bool:
        """Whether everything it offers is a specimen."""
        return self.standing is Standing.DEMONSTRATION

    def accreditation_by(self, accreditor: str) -> AccreditationRecord | None:
        """Its standing with `accreditor`, if it has one."""
        for accreditation in self.accreditations:
            if accreditation.accreditor == accreditor:
                return accreditation
        return None


PROVIDER: TypeAdapter[ProviderRecord] = TypeAdapter(ProviderRecord)
