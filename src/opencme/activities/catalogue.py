"""What lists and searches read of a document: one row of the catalogue, as plain values.

The text that is searched knows spelling variants: "non-opioid", "non opioid" and "nonopioid" are
one, so are "behaviour" and "behavior", "Muñoz" and "Munoz". Filters are words of the same text
with marks that no search can type (`|topic=chronic pain|`), so that one column answers both on
every database.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from .choices import FeeKind
from .document import ActivityDocument, Fee

_APOSTROPHES = re.compile(r"['’‘ʼ]")  # noqa: RUF001  typographic apostrophes on purpose
_DASHES = re.compile(r"(?<=\w)[-‐‑‒–](?=\w)")  # noqa: RUF001  typographic dashes on purpose
_NO_WORD = re.compile(r"[^\w]+")
_PREFIX = re.compile(r"\b(non|anti|pre|post|multi|inter|co|self|bio|tele|re) (?=\w)")
_BRITISH = (
    (re.compile(r"(?<=\w)aem(?=[aio])"), "em"),
    (re.compile(r"paed"), "ped"),
    (re.compile(r"anaes"), "anes"),
    (re.compile(r"haem"), "hem"),
    (re.compile(r"gynaec"), "gynec"),
    (re.compile(r"orthopaed"), "orthoped"),
    (re.compile(r"oed(?=em)"), "ed"),
    (re.compile(r"oesoph"), "esoph"),
    (re.compile(r"diarrhoea"), "diarrhea"),
    (re.compile(r"(?<=\w)our(?=s?\b|ing|ed|al)"), "or"),
    (re.compile(r"(?<=\w)is(?=e[sd]?\b|ing\b|ation)"), "iz"),
    (re.compile(r"(?<=t)re\b"), "er"),
    (re.compile(r"programme"), "program"),
)


def normalized(text: str) -> str:
    """The text as it is searched: lower case, no diacritics, dashes closed, American spelling."""
    plain = "".join(
        sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign)
    )
    plain = _DASHES.sub("", _APOSTROPHES.sub("", plain)).replace("_", " ")
    plain = _PREFIX.sub(r"\1", _NO_WORD.sub(" ", plain).strip())
    for british, american in _BRITISH:
        plain = british.sub(american, plain)
    return plain


def search_words(query: str) -> tuple[str, ...]:
    """The words of a search, each to be found somewhere; a plural finds the singular too."""
    words = (_singular(word) for word in normalized(query).split())
    return tuple(dict.fromkeys(words))[:12]


def _singular(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def facet(kind: str, value: str) -> str:
    """A filter value as it stands in the searched text."""
    return f"|{kind}={normalized(value)}|"


def search_text_of(document: ActivityDocument, *, provider_name: str) -> str:
    """Everything of a document that a search may find, and its filters."""
    texts = [
        document.title,
        document.promise,
        document.abstract,
        document.announcement,
        document.display_type,
        document.audience.sentence,
        provider_name,
        *document.joint_providers,
        *document.co_providers,
        *document.produced_by,
        *document.specialties,
        *document.topics,
        *(tag.label for tag in document.related_to),
        *(objective.text for objective in document.objectives),
        *(unit.title for unit in document.units),
        *(person.full_name for person in document.people),
    ]
    facets = [
        *(facet("specialty", value) for value in document.specialties),
        *(facet("topic", value) for value in document.topics),
        *(facet("profession", value) for value in document.audience.professions),
        *(facet("credit", one.credit_type) for one in document.designations),
        *(facet("related", tag.key) for tag in document.related_to),
    ]
    return " ".join(normalized(text) for text in texts if text) + " " + "".join(facets)


def catalogue_values(document: ActivityDocument, *, provider_name: str) -> dict[str, Any]:
    """The values of the catalogue row of a document, by field name."""
    maximum = max((one.maximum for one in document.designations), default=0)
    thumbnail = document.picture or next((unit.thumbnail for unit in document.units if unit.thumbnail), None)
    return {
        "title": document.title,
        "promise": document.promise,
        "activity_type": document.activity_type.value,
        "display_type": document.display_type,
        "minutes": document.minutes,
        "credits_json": [
            {
                "credit_type": one.credit_type,
                "maximum": str(one.maximum),
                "eligible": list(one.eligible),
            }
            for one in document.designations
        ],
        "maximum_hundredths": int(maximum * 100),
        "fee_minor": _fee_minor(document.fee),
        "fee_currency": document.fee.currency,
        "faculty_line": "; ".join(person.full_name for person in document.faculty),
        "specialties": list(document.specialties),
        "topics": list(document.topics),
        "professions": list(document.audience.professions),
        "related_to": [{"key": tag.key, "label": tag.label} for tag in document.related_to],
        "thumbnail_json": None
        if thumbnail is None
        else {
            "sha256": thumbnail.file.sha256,
            "name": thumbnail.file.name,
            "alternative_text": thumbnail.alternative_text,
        },
        "released_on": document.dates.original_release,
        "start_until": document.dates.start_until or document.dates.complete_until,
        "certified": document.certified,
        "listed": document.listing.value == "listed",
        "search_text": search_text_of(document, provider_name=provider_name),
    }


def _fee_minor(fee: Fee) -> int | None:
    if fee.kind is FeeKind.NOT_STATED:
        return None
    return 0 if fee.kind is FeeKind.FREE else fee.amount_minor
