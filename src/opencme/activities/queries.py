"""Reads of activities."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from opencme.providers.models import Person, Provider

from .catalogue import facet, search_words
from .document import ActivityDocument, Dates, read_document, stripped
from .models import Activity, CatalogueEntry, Revision, RoleAssignment
from .rules import is_open

_KEPT = 256


class _ParsedDocuments:
    """The documents that this process has parsed, by digest; the least used one goes first.

    A document never changes, so nothing here can be stale.
    """

    def __init__(self) -> None:
        self._documents: OrderedDict[str, tuple[ActivityDocument, ActivityDocument]] = OrderedDict()
        self._lock = threading.Lock()

    def both(self, revision: Revision) -> tuple[ActivityDocument, ActivityDocument]:
        """Return the document and its stripped view; `canonical` is read on the first call alone."""
        with self._lock:
            found = self._documents.get(revision.sha256)
            if found is not None:
                self._documents.move_to_end(revision.sha256)
                return found
        document = read_document(revision.canonical)
        found = (document, stripped(document))
        with self._lock:
            self._documents[revision.sha256] = found
            while len(self._documents) > _KEPT:
                self._documents.popitem(last=False)
        return found


_parsed = _ParsedDocuments()


def document_of(revision: Revision) -> ActivityDocument:
    """The document of a revision, parsed once in this process.

    `revision` may come without its `canonical` text, which is fetched only when it is needed.
    """
    return _parsed.both(revision)[0]


def stripped_document_of(revision: Revision) -> ActivityDocument:
    """The document without keys and rationales, for every page before a submit."""
    return _parsed.both(revision)[1]


# --- the catalogue --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a visitor asks of the catalogue; empty values ask nothing."""

    words: str = ""
    specialty: str = ""
    topic: str = ""
    profession: str = ""
    related: str = ""
    credit_type: str = ""
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    activity_type: str = ""
    free_only: bool = False
    released_since: date | None = None


def offered_entries(*, at: datetime) -> QuerySet[CatalogueEntry]:
    """The rows of what can be started at that instant, newest first.

    The last day counts whole, in the zone of each provider.
    """
    return _listed_entries().filter(_still_offered(at))


def past_entries(*, at: datetime) -> QuerySet[CatalogueEntry]:
    """The rows of what is no longer certified and stays readable, newest first."""
    return _listed_entries().filter(certified=True).exclude(_still_offered(at))


def _listed_entries() -> QuerySet[CatalogueEntry]:
    return (
        CatalogueEntry.objects.filter(listed=True, activity__withdrawn_at=None)
        .select_related("activity__provider")
        .only(*_ENTRY_FIELDS)
        .order_by("-released_on", "-pk")
    )


_ENTRY_FIELDS = (
    *(field.name for field in CatalogueEntry._meta.concrete_fields if field.name != "search_text"),
    "activity__uuid",
    "activity__slug",
    "activity__withdrawn_at",
    "activity__start_until",
    "activity__complete_until",
    "activity__evaluate_and_claim_until",
    "activity__provider__name",
    "activity__provider__time_zone",
    "activity__provider__record_json",
)


def _still_offered(at: datetime) -> Q:
    """Pick what is open by its dates: `is_open`, said to the database."""
    zones = Provider.objects.values_list("time_zone", flat=True).distinct()
    offered = Q(activity__start_until=None)
    for zone in zones:
        today = at.astimezone(ZoneInfo(zone)).date()
        offered |= Q(activity__provider__time_zone=zone, activity__start_until__gte=today)
    return offered


def narrowed(entries: QuerySet[CatalogueEntry], by: Narrowing) -> QuerySet[CatalogueEntry]:
    """The rows that fit everything that was asked."""
    for text in _texts_asked_for(by):
        entries = entries.filter(search_text__contains=text)
    if by.profession:
        # An activity that names no profession is for everybody.
        wanted = Q(search_text__contains=facet("profession", by.profession))
        entries = entries.filter(wanted | ~Q(search_text__contains="|profession="))
    return entries.filter(**_values_asked_for(by))


def _texts_asked_for(by: Narrowing) -> tuple[str, ...]:
    facets = {
        "specialty": by.specialty,
        "topic": by.topic,
        "related": by.related,
        "credit": by.credit_type,
    }
    marked = (facet(kind, value) for kind, value in facets.items() if value)
    return (*search_words(by.words), *marked)


def _values_asked_for(by: Narrowing) -> dict[str, object]:
    values: dict[str, object] = {}
    if by.at_least is not None:
        values["maximum_hundredths__gte"] = int(by.at_least * 100)
    if by.at_most is not None:
        values |= {"maximum_hundredths__lte": int(by.at_most * 100), "certified": True}
    if by.activity_type:
        values["activity_type"] = by.activity_type
    if by.free_only:
        values["fee_minor"] = 0
    if by.released_since is not None:
        values["released_on__gte"] = by.released_since
    return values


@dataclass(frozen=True, slots=True)
class Choices:
    """The values that the filters of the catalogue can take."""

    specialties: tuple[str, ...]
    topics: tuple[str, ...]
    professions: tuple[str, ...]
    credit_types: tuple[str, ...]
    activity_types: tuple[str, ...]
    related: tuple[tuple[str, str], ...]


def catalogue_choices(entries: QuerySet[CatalogueEntry]) -> Choices:
    """What stands in these rows, each value once, in one query."""
    rows = list(
        entries.order_by()
        .select_related(None)
        .values_list("specialties", "topics", "professions", "credits_json", "activity_type", "related_to")
    )
    return Choices(
        specialties=_each_once(value for row in rows for value in row[0]),
        topics=_each_once(value for row in rows for value in row[1]),
        professions=_each_once(value for row in rows for value in row[2]),
        credit_types=_each_once(credit["credit_type"] for row in rows for credit in row[3]),
        activity_types=_each_once(row[4] for row in rows),
        related=tuple(
            sorted({(tag["key"], tag["label"]) for row in rows for tag in row[5]}, key=itemgetter(1))
        ),
    )


def _each_once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values), key=str.casefold))


def is_offered(activity: Activity, *, at: datetime) -> bool:
    """Whether the activity can be started at that instant; its provider comes with it."""
    on = at.astimezone(ZoneInfo(activity.provider.time_zone)).date()
    return is_open(dates_in_force(activity), is_withdrawn=activity.is_withdrawn, on=on)


def dates_in_force(activity: Activity) -> Dates:
    """The last days as the activity's row has them, which its current revision has set."""
    return Dates(
        start_until=activity.start_until,
        complete_until=activity.complete_until,
        evaluate_and_claim_until=activity.evaluate_and_claim_until,
    )


def entries_with(person: Person) -> QuerySet[CatalogueEntry]:
    """The listed activities whose content this person controls, newest first."""
    assigned = RoleAssignment.objects.filter(person=person).values("activity")
    return _listed_entries().filter(activity__in=assigned)
