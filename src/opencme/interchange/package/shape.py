"""From TOML tables to the frozen values of the document, every problem told at its own key.

The walk follows the dataclasses themselves: a field added to the document is at once a key of the format.
"""

from __future__ import annotations

import dataclasses
import difflib
import types
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import TypeAdapter, ValidationError

from opencme.activities import document as d

from .bounds import refused_value
from .lines import KeyPath
from .problems import ProblemKind
from .source import Table

BROKEN = object()
"""Stands for a value that has a problem; nothing is built from it."""

Report = Callable[[ProblemKind, KeyPath, str], None]
Special = Callable[[Any, KeyPath], Any]

# Read from the named files themselves, so a package does not say them.
DERIVED = frozenset(
    {
        (d.Picture, "width"),
        (d.Picture, "height"),
        (d.Recording, "cues"),
        (d.PreTest, "kind"),
        (d.Recording, "kind"),
        (d.Reading, "kind"),
        (d.PostTest, "kind"),
        (d.Evaluation, "kind"),
    }
)


@dataclasses.dataclass(frozen=True)
class Field:
    """One key of a table: what it takes, and whether it must be there."""

    name: str
    takes: Any
    required: bool
    default: Any


@cache
def fields_of(kind: type) -> tuple[Field, ...]:
    """Return the keys of a table that is read into this dataclass, in their order."""
    hints = get_type_hints(kind, include_extras=True)
    return tuple(
        Field(
            field.name,
            hints[field.name],
            field.default is dataclasses.MISSING,
            None if field.default is dataclasses.MISSING else field.default,
        )
        for field in dataclasses.fields(kind)
        if (kind, field.name) not in DERIVED
    )


class Shaper:
    """Builds values, and reports what stands against them.

    ``special`` handles kinds that need the folder (Markdown, media, pictures), by annotation.
    """

    def __init__(self, report: Report, special: dict[Any, Special]) -> None:
        self.report = report
        self.special = special
        self.fields_seen: list[KeyPath] = []

    def build(self, takes: Any, value: Any, path: KeyPath) -> Any:
        """Return the value for this annotation, or ``BROKEN`` after reporting why."""
        takes = without_none(takes)
        for kind, special in self.special.items():
            if takes == kind:
                return special(value, path)
        if dataclasses.is_dataclass(takes) and isinstance(takes, type):
            return self.table(takes, value, path)
        if get_origin(takes) is tuple:
            return self._many(get_args(takes)[0], value, path)
        return self._scalar(takes, value, path)

    def table(self, kind: type, value: Any, path: KeyPath) -> Any:
        """Return a dataclass built from a table."""
        if not isinstance(value, dict):
            return self._wrong(path, _("a table"), value)
        parts = self.parts(kind, value, path)
        return BROKEN if BROKEN in parts.values() else kind(**parts)

    def parts(self, kind: type, value: Table, path: KeyPath) -> dict[str, Any]:
        """Return the fields of a dataclass by name, broken ones marked."""
        self._refuse_unknown(kind, value, path)
        parts: dict[str, Any] = {}
        for field in fields_of(kind):
            if field.name in value:
                parts[field.name] = self.build(field.takes, value[field.name], (*path, field.name))
            elif field.required:
                parts[field.name] = BROKEN
                self.report(ProblemKind.MISSING_KEY, path, _missing(field.name))
        return parts

    def _many(self, takes: Any, value: Any, path: KeyPath) -> Any:
        if not isinstance(value, list):
            return self._wrong(path, _("a list"), value)
        built = [self.build(takes, part, (*path, index)) for index, part in enumerate(value)]
        return BROKEN if BROKEN in built else tuple(built)

    def _scalar(self, takes: Any, value: Any, path: KeyPath) -> Any:
        base = _base(takes)
        value = _as_written(base, value)
        if not _has_kind(base, value):
            return self._wrong(path, _word_for(base), value)
        if issubclass(base, StrEnum) and value not in set(base):
            choices = [member.value for member in base]
            sentence = _("“%(value)s” is not one of: %(choices)s.%(hint)s") % {
                "value": value,
                "choices": ", ".join(choices),
                "hint": did_you_mean(value, choices),
            }
            self.report(ProblemKind.NOT_A_CHOICE, path, sentence)
            return BROKEN
        try:
            built = _adapter(takes).validate_python(value)
        except ValidationError as error:
            self.report(ProblemKind.NOT_ALLOWED_VALUE, path, _phrase(takes, str(path[-1]), value, error))
            return BROKEN
        if refusal := refused_value(takes, built, str(path[-1])):
            kind, sentence = refusal
            self.report(kind, path, sentence)
            return BROKEN
        return built

    def _refuse_unknown(self, kind: type, value: Table, path: KeyPath) -> None:
        known = [field.name for field in fields_of(kind)]
        for key in value:
            if (kind, key) in DERIVED:
                sentence = _("“%(key)s” is not written here: it follows from the rest.")
                self.report(ProblemKind.UNKNOWN_KEY, (*path, key), sentence % {"key": key})
            elif key not in known:
                sentence = _("The format has no key “%(key)s” here.%(hint)s")
                words = {"key": key, "hint": did_you_mean(key, known)}
                self.report(ProblemKind.UNKNOWN_KEY, (*path, key), sentence % words)

    def _wrong(self, path: KeyPath, wanted: str, value: Any) -> Any:
        sentence = _("Here stands %(found)s; it must be %(wanted)s.")
        words = {"found": _word_for(type(value)), "wanted": wanted}
        self.report(ProblemKind.WRONG_TYPE, path, sentence % words)
        return BROKEN


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint to the nearest known word, with a space before it, or nothing."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return " " + _("Did you mean “%(word)s”?") % {"word": close[0]} if close else ""


def without_none(takes: Any) -> Any:
    """Return what a field takes besides nothing."""
    if get_origin(takes) in (Union, types.UnionType):
        (one,) = (part for part in get_args(takes) if part is not type(None))
        return one
    return takes


def _base(takes: Any) -> type:
    base: type = get_args(takes)[0] if get_origin(takes) is Annotated else takes
    return base


@cache
def _adapter(takes: Any) -> TypeAdapter[Any]:
    return TypeAdapter(takes)


def _as_written(base: type, value: Any) -> Any:
    """Let an amount be a whole number, a decimal or a string of one, and stay exact."""
    if base is Decimal and isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return value


def _has_kind(base: type, value: Any) -> bool:
    if base is Decimal:
        return isinstance(value, (Decimal, str))
    if base is date:
        return isinstance(value, date) and not isinstance(value, datetime)
    if base is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if base is float:
        return isinstance(value, (int, Decimal)) and not isinstance(value, bool)
    if issubclass(base, (str, UUID)):
        return isinstance(value, str)
    return isinstance(value, base)


def _word_for(kind: type) -> str:
    if issubclass(kind, bool):
        return _("true or false")
    if issubclass(kind, datetime):
        return _("a date with a time")
    words: dict[type, str] = {
        str: _("a text in quotes"),
        UUID: _("a UUID in quotes"),
        int: _("a whole number"),
        Decimal: _("a number"),
        float: _("a number"),
        date: _("a date such as 2026-11-22, without quotes"),
        list: _("a list"),
        dict: _("a table"),
    }
    return next((word for known, word in words.items() if issubclass(kind, known)), kind.__name__)


def _missing(name: str) -> str:
    if name == "uuid":
        sentence = _("The key “uuid” is missing. A new one is made by: %(command)s")
        return sentence % {"command": "python3 -c 'import uuid; print(uuid.uuid4())'"}
    return _("The key “%(key)s” is missing.") % {"key": name}


def _phrase(takes: Any, name: str, value: Any, error: ValidationError) -> str:
    detail = error.errors(include_url=False)[0]
    if detail["type"] == "string_too_long":
        sentence = _("This text has %(length)s characters; at most %(limit)s are taken.")
        return sentence % {"length": len(value), "limit": detail["ctx"]["max_length"]}
    shown = value if len(str(value)) <= 60 else f"{str(value)[:60]}…"
    return _sentence_for(takes, name) % {"value": shown}


def _sentence_for(takes: Any, name: str) -> str:
    if takes == d.Key:
        return _(
            "“%(value)s” is no key. A key begins with a lower-case letter or digit and has only these, "
            "hyphens and underscores, at most 63 of them."
        )
    if takes == d.Address:
        return _("“%(value)s” is no address. It begins with https://, http:// or mailto:")
    by_kind = {UUID: _("“%(value)s” is no UUID."), Decimal: _("“%(value)s” is no amount.")}
    by_name = {
        "language": _("“%(value)s” is no language code such as en or en-US."),
        "currency": _("“%(value)s” is no currency code such as USD."),
    }
    return by_kind.get(takes) or by_name.get(name) or _("“%(value)s” cannot stand here.")
