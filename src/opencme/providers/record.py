"""The provider as a value: what `provider.toml` says of it, and what rules are given."""

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
    """One accreditation: by whom (key of `providers.statements`), and from when to when.

    `accreditor_name` is the name to print where the accreditor is one of many (a recognized
    state society); `identifier` is the provider's number with it.
    """

    __pydantic_config__ = _STRICT
    accreditor: Key
    accreditor_name: Line = ""
    credit_types: tuple[Key, ...] = ()
    identifier: Line = ""
    since: date | None = None
    until: date | None = None

    def holds_on(self, on: date) -> bool:
        """Whether the accreditation is in force on that day, both ends inclusive."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRecord:
    """A provider, as `provider.toml` says it and as the installation's own record has it.

    `time_zone` is an IANA name, `time_zone_label` what pages print behind a date ("ET").
    `known_as` lists other ways its name is printed in statements. `half_goes_up` is the tie rule
    of rounding to a credit type's increment; `raised_to_block` names rules whose warnings block
    for this provider.
    """

    __pydantic_config__ = _STRICT
    key: Key
    name: Line
    standing: Standing = Standing.NOT_ACCREDITED
    known_as: tuple[Line, ...] = ()
    time_zone: Line = "America/New_York"
    time_zone_label: Line = "ET"
    accreditations: tuple[AccreditationRecord, ...] = ()
    web: Line = ""
    address: Line = ""
    content_contact: Line = ""
    technical_contact: Line = ""
    records_contact: Line = ""
    privacy_address: Line = ""
    signatory_name: Line = ""
    signatory_title: Line = ""
    half_goes_up: bool = True
    raised_to_block: tuple[str, ...] = ()
    claim_window_days: int = 30
    trade_names: tuple[Line, ...] = ()

    @property
    def is_demonstration(self) -> bool:
        """Whether everything of this provider is a specimen."""
        return self.standing is Standing.DEMONSTRATION


PROVIDER: TypeAdapter[ProviderRecord] = TypeAdapter(ProviderRecord)
