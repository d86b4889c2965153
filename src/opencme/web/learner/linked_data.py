"""Pages as schema.org data, for search engines and aggregators."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from opencme.activities.choices import FeeKind
from opencme.activities.document import ActivityDocument, Fee, PersonInRole
from opencme.providers.record import ProviderRecord
from opencme.web.learner import wordings
from opencme.web.templatetags.wording import plain


def script_of(data: dict[str, Any]) -> SafeString:
    """Linked data as it stands in a page: data, and nothing that could end the element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return mark_safe(safe)  # noqa: S308  escaped above


def list_data(name: str, address: str, pages: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """A list of pages (title and address) as a schema.org ItemList."""
    return {
        "@context": "https://schema.org",
        "@type": "ItemList",
        "name": name,
        "url": address,
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": title, "url": page}
            for place, (title, page) in enumerate(pages, start=1)
        ],
    }


def person_data(person: PersonInRole, address: str) -> dict[str, Any]:
    """A person of the faculty as a schema.org Person."""
    return {"@context": "https://schema.org", "@id": address, "url": address, **_person(person)}


def activity_data(document: ActivityDocument, provider: ProviderRecord, address: str) -> dict[str, Any]:
    """An activity as a schema.org Course."""
    dates = document.dates
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Course",
        "@id": address,
        "url": address,
        "identifier": str(document.uuid),
        "name": document.title,
        "description": plain(document.promise or document.abstract) or document.title,
        "inLanguage": document.language,
        "provider": _organization(provider),
        **_price(document.fee),
        "hasCourseInstance": {
            "@type": "CourseInstance",
            "courseMode": "online",
            "courseWorkload": f"PT{document.minutes}M",
        },
        "timeRequired": f"PT{document.minutes}M",
        "learningResourceType": document.display_type or str(wordings.TYPE_NAMES[document.activity_type]),
        "teaches": [plain(objective.text) for objective in document.objectives],
        "about": [*document.topics, *document.specialties],
        "author": [_person(person) for person in document.faculty],
        "datePublished": _iso(dates.original_release),
        "dateModified": _iso(dates.last_review),
        "expires": _iso(dates.start_until or dates.complete_until),
        "citation": [reference.text for reference in document.references],
    }
    if document.audience.professions:
        data["audience"] = {
            "@type": "MedicalAudience",
            "audienceType": ", ".join(wordings.profession_name(key) for key in document.audience.professions),
        }
    if document.certified and document.designations:
        data["educationalCredentialAwarded"] = [
            wordings.credit_line(one).text for one in document.designations
        ]
    return {name: value for name, value in data.items() if value not in (None, "", [])}


def _organization(provider: ProviderRecord) -> dict[str, str]:
    data = {"@type": "Organization", "name": provider.name}
    if provider.web:
        data["url"] = provider.web
    return data


def _person(person: PersonInRole) -> dict[str, Any]:
    data: dict[str, Any] = {"@type": "Person", "name": person.name}
    if person.letters:
        data["honorificSuffix"] = person.letters
    institutions = [position.institution for position in person.positions if position.institution]
    if institutions:
        data["affiliation"] = [{"@type": "Organization", "name": name} for name in institutions]
    return data


def _price(fee: Fee) -> dict[str, Any]:
    """Whether it is free, and the offer; nothing is claimed of a fee that is not stated."""
    if fee.kind is FeeKind.NOT_STATED:
        return {}
    return {"isAccessibleForFree": fee.kind is FeeKind.FREE, "offers": _offer(fee)}


def _offer(fee: Fee) -> dict[str, str]:
    price = "0" if fee.kind is FeeKind.FREE else f"{fee.amount_minor / 100:.2f}"
    category = "Free" if fee.kind is FeeKind.FREE else "Paid"
    return {"@type": "Offer", "price": price, "priceCurrency": fee.currency, "category": category}


def _iso(value: Any) -> str | None:
    return value.isoformat() if value else None
