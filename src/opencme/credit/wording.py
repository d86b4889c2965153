"""What certificates and attestations say: dated wordings with the facts filled in.

Called once, at the claim. What comes out is frozen, so nothing here may be asked again later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import formats
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

from opencme.core.ids import spaced_code
from opencme.providers.statements import CertificateWording, CreditType

from .render.face import CertificateFace

_LARGE_PLACES: Final = ("provider", "name", "title", "amount")
"""Places that the design sets large, in the order in which every known wording has them."""

_MARKDOWN: Final = MarkdownIt("commonmark")

_NORTH_AMERICA: Final = {
    "America/New_York": "ET",
    "America/Chicago": "CT",
    "America/Denver": "MT",
    "America/Los_Angeles": "PT",
}


class WordingUnusable(Exception):
    """A certificate wording does not have its places in the order that the design needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """What one certificate is about, before it is put in words."""

    provider: str
    title: str
    format: str
    place: str = ""
    completed_on: date
    zone: str
    amount: Decimal
    credit_type: CreditType
    is_participation: bool
    is_specimen: bool
    signer_name: str
    signer_title: str
    issued_on: date
    number: str
    revision: int
    statements: tuple[str, ...]
    code: str
    base_url: str
    language: str = "en"


def face_of(facts: CertificateFacts, wording: CertificateWording) -> CertificateFace:
    """Put `facts` into `wording` (R#52). Raises `WordingUnusable`."""
    certifies, took_part, completed, rest = _between_large_places(wording.text, facts)
    phrase = facts.credit_type.phrase_for(facts.amount)
    award = ""
    if facts.is_participation:
        completed, _semicolon, clause = completed.partition("; ")
        award = _sentence(f"{clause} {amount_text(facts.amount)} {phrase}")
    return CertificateFace(
        language=facts.language,
        heading=_("Certificate of participation") if facts.is_participation else _("Certificate of credit"),
        specimen_tag=_("SPECIMEN - NO CREDIT") if facts.is_specimen else "",
        provider=facts.provider,
        certifies=certifies,
        took_part=took_part,
        title=facts.title,
        completed=completed.strip(" ,") if facts.is_participation else completed,
        amount="" if facts.is_participation else amount_text(facts.amount),
        credit_type="" if facts.is_participation else (phrase + rest.rstrip(".")).strip(),
        award=award,
        signer_name=facts.signer_name,
        signer_title=facts.signer_title,
        issued=_("Issued %(date)s") % {"date": day_text(facts.issued_on)},
        reference=_("Number %(number)s, revision %(revision)s")
        % {"number": facts.number, "revision": facts.revision},
        statements=facts.statements,
        code=spaced_code(facts.code),
        verify_url=verification_address(facts.base_url, facts.code),
        verify_label=facts.base_url.split("://", 1)[-1] + "/verify",
        verify_invitation=_("Check this certificate at"),
        qr_description=_("QR code that opens the verification page of this certificate"),
    )


def verification_address(base_url: str, code: str) -> str:
    """The address behind the QR code. Printed, hence final."""
    return f"{base_url}/verify/{code}/"


def attestation_text(name: str, amount: Decimal) -> str:
    """The sentence that the learner confirms by claiming."""
    if not amount:
        return _("I, %(name)s, personally took part in this activity.") % {"name": name}
    return _(
        "I, %(name)s, personally took part in this activity, and %(amount)s matches the part I took."
    ) % {"name": name, "amount": amount_text(amount)}


def printed_text(markdown: str) -> str:
    """A provider's Markdown on one line: italics stay marked, links and the rest become text."""
    lines = [
        "".join(_printed_token(token) for token in block.children)
        for block in _MARKDOWN.parse(markdown)
        if block.type == "inline" and block.children
    ]
    return " ".join(" ".join(lines).split())


def _printed_token(token: Token) -> str:
    if token.type in ("em_open", "em_close"):
        return "*"
    if token.type in ("softbreak", "hardbreak"):
        return " "
    return token.content


def name_line(name: str, letters: str) -> str:
    """Name and letters as printed: "Jordan Example, MD, MPH"."""
    return f"{name}, {letters}" if letters else name


def amount_text(amount: Decimal) -> str:
    """An amount without idle zeros: "0.5", "1"."""
    text = f"{amount:.2f}".rstrip("0").rstrip(".")
    return text or "0"


def day_text(day: date) -> str:
    """A date as "22 Nov 2026"."""
    return formats.date_format(day, "j M Y")


def zone_label(zone: str, on: date) -> str:
    """A time zone as printed behind a date: "ET", "CET"; the place where it has no letters of its own."""
    if zone in _NORTH_AMERICA:
        return _NORTH_AMERICA[zone]
    letters = datetime(on.year, on.month, on.day, 12, tzinfo=ZoneInfo(zone)).tzname() or ""
    return letters if letters.isalpha() else zone.rsplit("/", 1)[-1].replace("_", " ")


def _between_large_places(text: str, facts: CertificateFacts) -> tuple[str, str, str, str]:
    """Return what stands between provider, name, title and amount, and what follows the phrase."""
    pattern = ".*?".join(re.escape(f"{{{place}}}") for place in _LARGE_PLACES)
    if not re.search(pattern, text):
        raise WordingUnusable(text)
    pieces = re.split(r"\{(?:provider|name|title|amount)\}", text)
    date_line = f"{day_text(facts.completed_on)} ({zone_label(facts.zone, facts.completed_on)})"
    small = {"{format}": facts.format, "{place}": facts.place, "{date}": date_line}
    filled = []
    for piece in pieces[1:]:
        said = piece.replace("{phrase}", "")
        for place, value in small.items():
            said = said.replace(place, value)
        filled.append(said.strip(" ,"))
    certifies, took_part, completed, rest = filled
    return certifies, took_part, completed, rest


def _sentence(text: str) -> str:
    text = text.strip().rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."


def known_zone(zone: str) -> str:
    """The zone as given where it is one; nothing where a browser sent something else."""
    try:
        return ZoneInfo(zone).key if zone else ""
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""
