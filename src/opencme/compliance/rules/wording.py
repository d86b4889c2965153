"""Comparing a printed statement with the wordings that are known.

No rule stands here: these are the readings that the rules on statements share. Spacing,
typographic quotes, emphasis, a leading "The" and the number of "Credit(s)" do not count as
differences.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import SequenceMatcher

from opencme.providers.statements import Dated

_TYPOGRAPHY = str.maketrans("\u2019\u2018\u201c\u201d\u2013\u2014\u00a0", "''\"\"-- ")
_TRADEMARK = re.compile(r"\s*(™|\(TM\)|&trade;)", re.IGNORECASE)
_NUMBER_OF = re.compile(r"\b(credit|point|hour)(™?)(\(s\)|s\b)", re.IGNORECASE)
_PLACE = re.compile(r"\\?\{(\w+)\\?\}")
_CAPTURED = {"format": r"(?P<format>.+?)", "amount": r"(?P<amount>\d[\d.,]*)", "date": r".+?"}


@dataclass(frozen=True, slots=True)
class Reading:
    """A statement that matches a known wording, with what stood in the open places."""

    form: Dated
    format_word: str = ""
    amount: Decimal | None = None


def plain(text: str) -> str:
    """The text with everything taken away that makes no difference."""
    text = text.translate(_TYPOGRAPHY).replace("*", "").replace("_", "")
    text = _TRADEMARK.sub("™", text)
    text = _NUMBER_OF.sub(r"\1\2", text)
    return " ".join(text.split()).removesuffix(".")


def names(text: str, name: str) -> bool:
    """Whether the text names that organization or person, in any case and spacing."""
    return bool(name.strip()) and plain(name).casefold() in plain(text).casefold()


def read_as(text: str, forms: Iterable[Dated], fixed: Mapping[str, str]) -> Reading | None:
    """The first known wording that the text follows, places filled from `fixed`, or nothing."""
    said = plain(text)
    for form in forms:
        match = re.fullmatch(_pattern(form.text, fixed), said, re.IGNORECASE)
        if match:
            parts = match.groupdict()
            return Reading(form, parts.get("format", ""), number_of(parts.get("amount", "")))
    return None


def _pattern(template: str, fixed: Mapping[str, str]) -> str:
    """A wording as a regular expression; an article before a filled name may be left out."""
    parts: list[str] = []
    seen: set[str] = set()
    end = 0
    template = plain(template)
    for place in re.finditer(r"(?:\bthe )?\{(\w+)\}", template, re.IGNORECASE):
        parts.append(re.escape(template[end : place.start()]))
        parts.append(_place(place, fixed, seen))
        end = place.end()
    parts.append(re.escape(template[end:]))
    return "".join(parts)


def _place(place: re.Match[str], fixed: Mapping[str, str], seen: set[str]) -> str:
    name = place[1]
    if name in fixed:
        value = re.sub(r"^the ", "", plain(fixed[name]), flags=re.IGNORECASE)
        return rf"(?:the )?{re.escape(value)}"
    before = re.escape(place[0][: place[0].index("{")])
    captured = _CAPTURED.get(name, r".+?") if name not in seen else ".+?"
    seen.add(name)
    return before + captured


def number_of(text: str) -> Decimal | None:
    """A number as printed, or nothing."""
    try:
        return Decimal(text.rstrip(".,").replace(",", "")) if text else None
    except InvalidOperation:
        return None


def amounts_in(text: str, phrase: str) -> tuple[Decimal, ...]:
    """The numbers that stand right before a credit's phrase."""
    wanted = re.escape(plain(phrase).removesuffix("™"))
    found = re.findall(rf"(\d[\d.,]*)\s+(?:the )?{wanted}", plain(text), re.IGNORECASE)
    return tuple(value for one in found if (value := number_of(one)) is not None)


def format_words_in(text: str) -> tuple[str, ...]:
    """What the statement calls the activity: "designates this ... for"."""
    found: list[str] = re.findall(r"designates?d? (?:this|the) (.+?) for\b", plain(text), re.IGNORECASE)
    return tuple(found)


def difference(text: str, forms: Iterable[Dated], fixed: Mapping[str, str]) -> str:
    """How the text differs from the closest known wording, in a few words."""
    said = plain(text).split()
    known = [plain(_filled(form.text, fixed)).split() for form in forms]
    if not known:
        return ""
    closest = max(known, key=lambda words: SequenceMatcher(None, words, said, autojunk=False).ratio())
    return "; ".join(_changes(closest, said))


def _filled(template: str, fixed: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: fixed.get(place[1], f"[{place[1]}]"), template)


def _changes(known: list[str], said: list[str]) -> Iterator[str]:
    matcher = SequenceMatcher(None, known, said, autojunk=False)
    for kind, a1, a2, b1, b2 in matcher.get_opcodes():
        expected, printed = " ".join(known[a1:a2]), " ".join(said[b1:b2])
        if kind == "replace":
            yield f"“{printed}” instead of “{expected}”"
        elif kind == "delete":
            yield f"“{expected}” is missing"
        elif kind == "insert":
            yield f"“{printed}” is added"
