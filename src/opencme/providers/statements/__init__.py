"""Dated data with their sources: accreditors, credit types, wordings, formats, professions.

Nothing here decides; rules ask. Each datum stands in a TOML file beside this module with where
it was read, when, and how far it can be trusted. An amendment is a new row with its dates; old
rows stay, since published revisions were made from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from functools import cache
from typing import Protocol, TypeVar

from .reading import read_table
from .values import (
    AccreditationForm,
    Accreditor,
    ActivityFormat,
    CertificateWording,
    CreditType,
    Dated,
    DesignationForm,
    IdentityLevel,
    Keeping,
    Mark,
    Profession,
    Tie,
    WordingKind,
)

__all__ = [
    "AccreditationForm",
    "Accreditor",
    "ActivityFormat",
    "CertificateWording",
    "CreditType",
    "Dated",
    "DesignationForm",
    "IdentityLevel",
    "Keeping",
    "Mark",
    "Profession",
    "Tie",
    "UnknownWord",
    "WordingKind",
    "accreditation_forms",
    "accreditor",
    "accreditors",
    "activity_format",
    "activity_formats",
    "certificate_wording",
    "credit_type",
    "credit_types",
    "designation_forms",
    "format_of_type",
    "formats_named",
    "keeping",
    "keepings",
    "plain_letters",
    "profession",
    "professions",
    "professions_of_degree",
    "rounded_credit",
    "wording_of",
    "words_for",
]

_ROUNDING = {
    Tie.HALF_UP: ROUND_HALF_UP,
    Tie.HALF_EVEN: ROUND_HALF_EVEN,
    Tie.HALF_DOWN: ROUND_HALF_DOWN,
}


class UnknownWord(LookupError):
    """No accreditor, credit type, format or profession has this key."""


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


_Row = TypeVar("_Row", bound=_Keyed)


def _one(rows: Iterable[_Row], key: str, what: str) -> _Row:
    for row in rows:
        if row.key == key:
            return row
    raise UnknownWord(f"no {what} has the key {key!r}")


@cache
def accreditors() -> tuple[Accreditor, ...]:
    """All accreditors."""
    return read_table("accreditors.toml", "accreditor", Accreditor)


def accreditor(key: str) -> Accreditor:
    """The accreditor of that key. Raises `UnknownWord`."""
    return _one(accreditors(), key, "accreditor")


@cache
def activity_formats() -> tuple[ActivityFormat, ...]:
    """All formats of certified activities."""
    return read_table("activity_formats.toml", "format", ActivityFormat)


def activity_format(key: str) -> ActivityFormat:
    """The format of that key. Raises `UnknownWord`."""
    return _one(activity_formats(), key, "format")


def format_of_type(activity_type: str) -> ActivityFormat:
    """The format under which an activity of that type is designated. Raises `UnknownWord`."""
    for row in activity_formats():
        if activity_type in row.activity_types:
            return row
    raise UnknownWord(f"no format is designated for {activity_type!r}")


def formats_named(word: str) -> tuple[ActivityFormat, ...]:
    """The formats that a designation statement names by `word`, which may say more ("online ...")."""
    said = " ".join(word.split()).casefold()
    return tuple(
        row
        for row in activity_formats()
        if any(re.search(rf"\b{re.escape(known.casefold())}\b", said) for known in row.words)
    )


@cache
def credit_types() -> tuple[CreditType, ...]:
    """All kinds of credit."""
    return read_table("credit_types.toml", "credit_type", CreditType)


def credit_type(key: str) -> CreditType:
    """The credit type of that key. Raises `UnknownWord`."""
    return _one(credit_types(), key, "credit type")


@cache
def _all_accreditation_forms() -> tuple[AccreditationForm, ...]:
    return read_table("accreditation_statements.toml", "statement", AccreditationForm)


def accreditation_forms(accreditor_key: str, providership: str, *, on: date) -> tuple[AccreditationForm, ...]:
    """The wordings in force that day, the regular one first."""
    return tuple(
        form
        for form in _all_accreditation_forms()
        if form.accreditor == accreditor_key and form.providership == providership and form.in_force_on(on)
    )


@cache
def _all_designation_forms() -> tuple[DesignationForm, ...]:
    return read_table("designation_statements.toml", "designation", DesignationForm)


def designation_forms(credit_type_key: str, *, on: date) -> tuple[DesignationForm, ...]:
    """The wordings in force that day, the regular one first."""
    return tuple(
        form
        for form in _all_designation_forms()
        if form.credit_type == credit_type_key and form.in_force_on(on)
    )


def wording_of(wording_id: str) -> Dated | None:
    """The wording of a statement by its id, in force or not."""
    for form in (*_all_accreditation_forms(), *_all_designation_forms()):
        if form.id == wording_id:
            return form
    return None


@cache
def _all_certificate_wordings() -> tuple[CertificateWording, ...]:
    return read_table("certificate_wordings.toml", "wording", CertificateWording)


def certificate_wording(credit_type_key: str, kind: WordingKind, *, on: date) -> CertificateWording:
    """What a certificate says: the credit type's own wording, else the general one.

    Raises `UnknownWord` where none was in force that day.
    """
    in_force = [row for row in _all_certificate_wordings() if row.kind is kind and row.in_force_on(on)]
    for owner in (credit_type_key, "*"):
        for row in in_force:
            if row.credit_type == owner:
                return row
    raise UnknownWord(f"no {kind} wording of {credit_type_key!r} was in force on {on}")


@cache
def _all_keepings() -> tuple[Keeping, ...]:
    return read_table("retention.toml", "keeping", Keeping)


def keepings(*, on: date) -> tuple[Keeping, ...]:
    """The retention schedule in force that day."""
    return tuple(row for row in _all_keepings() if row.in_force_on(on))


def keeping(key: str, *, on: date) -> Keeping:
    """How long that kind of record is kept by the schedule of that day. Raises `UnknownWord`."""
    return _one(keepings(on=on), key, "kind of record")


@cache
def professions() -> tuple[Profession, ...]:
    """All professions, in the order of the Start form."""
    return read_table("professions.toml", "profession", Profession)


def profession(key: str) -> Profession:
    """The profession of that key. Raises `UnknownWord`."""
    return _one(professions(), key, "profession")


def professions_of_degree(letters: str) -> tuple[Profession, ...]:
    """The professions to which a degree belongs; dots, spaces and case do not matter."""
    wanted = plain_letters(letters)
    return tuple(row for row in professions() if wanted in {plain_letters(known) for known in row.degrees})


def plain_letters(letters: str) -> str:
    """A degree without dots, spaces and case: "M.D." and "MD" are one."""
    return "".join(character for character in letters if character not in ". ").casefold()


def rounded_credit(minutes: Decimal | int, kind: CreditType, *, half_goes_up: bool = True) -> Decimal:
    """Minutes as credit, to the nearest increment (R#8, R#9).

    A tie goes the way the credit type says, and down where the provider decided so.
    """
    tie = kind.tie if half_goes_up else Tie.HALF_DOWN
    steps = Decimal(minutes) / (kind.minutes_per_credit * kind.increment)
    return steps.quantize(Decimal(1), rounding=_ROUNDING[tie]) * kind.increment


def words_for(names: tuple[str, ...]) -> str:
    """Names as a list in words: "A", "A and B", "A, B and C"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
