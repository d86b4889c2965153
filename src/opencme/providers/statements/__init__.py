"""Dated data with their sources: accreditors, credit types, wordings, formats, professions.

Nothing here decides; rules ask. Each datum stands in a TOML file beside this module with where
it was read, when, and how far it can be trusted. An amendment is a new row with its dates; old
rows stay, since published revisions were made from them.
"""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from functools import cache
from importlib import resources
from typing import Any

from pydantic import TypeAdapter

from .values import (
    AccreditationForm,
    Accreditor,
    ActivityFormat,
    AmountBasis,
    CertificateWording,
    CreditType,
    Dated,
    DesignationForm,
    Mark,
    Profession,
    Tie,
    WordingKind,
)

__all__ = [
    "AccreditationForm",
    "Accreditor",
    "ActivityFormat",
    "AmountBasis",
    "CertificateWording",
    "CreditType",
    "Dated",
    "DesignationForm",
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
    "formats_named",
    "known_degrees",
    "profession",
    "professions",
    "professions_of_degree",
    "rounded_credit",
    "words_for",
]

_ROUNDING = {
    Tie.HALF_UP: ROUND_HALF_UP,
    Tie.HALF_EVEN: ROUND_HALF_EVEN,
    Tie.HALF_DOWN: ROUND_HALF_DOWN,
}


class UnknownWord(LookupError):
    """No accreditor, credit type, format or profession has this key."""


def _read(file: str, table: str, kind: type[Any]) -> tuple[Any, ...]:
    text = resources.files(__package__).joinpath(file).read_text(encoding="utf-8")
    return TypeAdapter(tuple[kind, ...]).validate_python(tomllib.loads(text)[table])


def _one(rows: tuple[Any, ...], key: str, what: str) -> Any:
    for row in rows:
        if row.key == key:
            return row
    message = f"no {what} has the key {key!r}"
    raise UnknownWord(message)


@cache
def accreditors() -> tuple[Accreditor, ...]:
    """All accreditors."""
    return _read("accreditors.toml", "accreditor", Accreditor)


def accreditor(key: str) -> Accreditor:
    """The accreditor of that key. Raises `UnknownWord`."""
    found: Accreditor = _one(accreditors(), key, "accreditor")
    return found


@cache
def activity_formats() -> tuple[ActivityFormat, ...]:
    """All formats of certified activities."""
    return _read("activity_formats.toml", "format", ActivityFormat)


def activity_format(key: str) -> ActivityFormat:
    """The format of that key. Raises `UnknownWord`."""
    found: ActivityFormat = _one(activity_formats(), key, "format")
    return found


def formats_named(word: str) -> tuple[ActivityFormat, ...]:
    """The formats that a designation statement may call `word`."""
    wanted = " ".join(word.split()).casefold()
    return tuple(row for row in activity_formats() if wanted in {known.casefold() for known in row.words})


@cache
def credit_types() -> tuple[CreditType, ...]:
    """All kinds of credit."""
    return _read("credit_types.toml", "credit_type", CreditType)


def credit_type(key: str) -> CreditType:
    """The credit type of that key. Raises `UnknownWord`."""
    found: CreditType = _one(credit_types(), key, "credit type")
    return found


@cache
def _all_accreditation_forms() -> tuple[AccreditationForm, ...]:
    return _read("accreditation_statements.toml", "statement", AccreditationForm)


def accreditation_forms(accreditor_key: str, providership: str, *, on: date) -> tuple[AccreditationForm, ...]:
    """The wordings in force that day, the regular one first."""
    return tuple(
        form
        for form in _all_accreditation_forms()
        if form.accreditor == accreditor_key and form.providership == providership and form.in_force_on(on)
    )


@cache
def _all_designation_forms() -> tuple[DesignationForm, ...]:
    return _read("designation_statements.toml", "designation", DesignationForm)


def designation_forms(credit_type_key: str, *, on: date) -> tuple[DesignationForm, ...]:
    """The wordings in force that day, the regular one first."""
    return tuple(
        form
        for form in _all_designation_forms()
        if form.credit_type == credit_type_key and form.in_force_on(on)
    )


@cache
def _all_certificate_wordings() -> tuple[CertificateWording, ...]:
    return _read("certificate_wordings.toml", "wording", CertificateWording)


def certificate_wording(credit_type_key: str, kind: WordingKind, *, on: date) -> CertificateWording:
    """What a certificate says: the credit type's own wording, else the general one.

    Raises `UnknownWord` where none was in force that day.
    """
    in_force = [row for row in _all_certificate_wordings() if row.kind is kind and row.in_force_on(on)]
    for owner in (credit_type_key, "*"):
        for row in in_force:
            if row.credit_type == owner:
                return row
    message = f"no {kind} wording of {credit_type_key!r} was in force on {on}"
    raise UnknownWord(message)


@cache
def professions() -> tuple[Profession, ...]:
    """All professions, in the order of the Start form."""
    return _read("professions.toml", "profession", Profession)


def profession(key: str) -> Profession:
    """The profession of that key. Raises `UnknownWord`."""
    found: Profession = _one(professions(), key, "profession")
    return found


@cache
def known_degrees() -> tuple[str, ...]:
    """Every degree that some profession knows, for suggestions in forms."""
    return tuple(dict.fromkeys(degree for row in professions() for degree in row.degrees))


def professions_of_degree(letters: str) -> tuple[Profession, ...]:
    """The professions to which a degree belongs; dots, spaces and case do not matter."""
    wanted = plain_letters(letters)
    return tuple(row for row in professions() if wanted in {plain_letters(known) for known in row.degrees})


def plain_letters(letters: str) -> str:
    """A degree without dots, spaces and case: "M.D." and "MD" are one."""
    return "".join(character for character in letters if character not in ". ").casefold()


def rounded_credit(minutes: Decimal | int, kind: CreditType) -> Decimal:
    """Minutes as credit, to the nearest increment; ties as the credit type says (R#8, R#9)."""
    steps = Decimal(minutes) / (kind.minutes_per_credit * kind.increment)
    return steps.quantize(Decimal(1), rounding=_ROUNDING[kind.tie]) * kind.increment


def words_for(names: tuple[str, ...]) -> str:
    """Names as a list in words: "A", "A and B", "A, B and C"."""
    if len(names) < 2:  # noqa: PLR2004 - a list needs two
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
