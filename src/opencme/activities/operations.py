"""Writes of activities: the draft, its publication as a frozen revision, withdrawal, successor, series."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify
from pydantic import TypeAdapter

from opencme.core.audit import record
from opencme.core.operations import queue_mail
from opencme.people.models import User
from opencme.providers.models import Person, Provider
from opencme.providers.record import ProviderRecord

from .catalogue import catalogue_values
from .choices import Listing
from .document import (
    ActivityDocument,
    Designation,
    PersonInRole,
    canonical_json,
    digest_of,
    read_document,
)
from .models import (
    Activity,
    CatalogueEntry,
    CreditDesignation,
    Draft,
    ProblemReport,
    Revision,
    RoleAssignment,
    Series,
    SeriesEntry,
)
from .rules import claim_until, start_until
from .series_document import SeriesDocument

RenderSnapshot = Callable[[ActivityDocument, ProviderRecord], str]
"""Renders the public page of a document as HTML, to be kept with the revision."""

LONGEST_SLUG = 80

_PRINTED = TypeAdapter(PersonInRole)


class AnotherProvidersActivity(Exception):
    """The uuid belongs to an activity or a series of another provider."""


class DesignationTaken(Exception):
    """The uuid of a designation stands in another activity already."""


class NothingToPublish(Exception):
    """The activity has no draft."""


class ActivityWithdrawn(Exception):
    """A withdrawn activity is not published again; make a new one and name it as successor."""


@dataclass(frozen=True, slots=True)
class Published:
    """What came of publishing: the current revision, and whether it was made just now."""

    revision: Revision
    is_new: bool


@transaction.atomic
def save_draft(
    *, provider: Provider, document: ActivityDocument, saved_by: User | None, at: datetime, door: str = ""
) -> Draft:
    """Keep a document as the activity's draft, making the activity if there is none.

    The same document again changes nothing. Raises ``AnotherProvidersActivity``.
    """
    activity = _locked_activity(provider, document, at)
    canonical = canonical_json(document)
    sha256 = digest_of(canonical)
    draft = Draft.objects.filter(activity=activity).first()
    if draft is not None and draft.sha256 == sha256:
        return draft
    draft = draft or Draft(activity=activity)
    draft.canonical, draft.sha256 = canonical, sha256
    draft.saved_at, draft.saved_by = at, saved_by
    draft.save()
    by = saved_by.uuid if saved_by else None
    record(activity, "draft_saved", at=at, by=by, door=door, sha256=sha256)
    return draft


@transaction.atomic
def publish_activity(
    *,
    activity: Activity,
    published_by: User,
    door: str,
    at: datetime,
    render_snapshot: RenderSnapshot,
    approved_by: User | None = None,
) -> Published:
    """Freeze the draft as the next revision and offer it.

    Whether it may be published is asked above (``compliance``). A draft equal to the current
    revision makes no new one. Raises ``NothingToPublish``, ``ActivityWithdrawn``,
    ``DesignationTaken``.
    """
    activity = Activity.objects.select_for_update().select_related("provider").get(pk=activity.pk)
    if activity.is_withdrawn:
        raise ActivityWithdrawn
    draft = Draft.objects.filter(activity=activity).first()
    if draft is None:
        raise NothingToPublish
    current = activity.current_revision
    if current is not None and current.sha256 == draft.sha256:
        return Published(current, is_new=False)
    document = read_document(draft.canonical)
    revision = Revision.objects.create(
        activity=activity,
        number=activity.revisions.count() + 1,
        canonical=draft.canonical,
        sha256=draft.sha256,
        schema=document.schema,
        snapshot=render_snapshot(document, activity.provider.record),
        published_at=at,
        published_by=published_by,
        published_door=door,
        approved_by=approved_by,
    )
    _offer(activity, revision, document)
    record(
        activity,
        "published",
        at=at,
        by=published_by.uuid,
        door=door,
        revision=revision.number,
        sha256=revision.sha256,
        approval=str(approved_by.uuid) if approved_by else "published without approval",
    )
    return Published(revision, is_new=True)


@transaction.atomic
def withdraw_activity(
    *, activity: Activity, reason: str, withdrawn_by: User | None, door: str, at: datetime
) -> Activity:
    """Stop the activity for everybody, also for those on the way; what was claimed stands.

    A second withdrawal changes nothing.
    """
    activity = Activity.objects.select_for_update().get(pk=activity.pk)
    if activity.is_withdrawn:
        return activity
    activity.withdrawn_at, activity.withdrawn_reason = at, reason
    activity.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    record(activity, "withdrawn", at=at, by=withdrawn_by.uuid if withdrawn_by else None, door=door)
    return activity


@transaction.atomic
def set_successor(
    *, activity: Activity, successor: Activity | None, set_by: User | None, door: str, at: datetime
) -> Activity:
    """Name the activity that takes this one's place, for the page of an expired or withdrawn one."""
    activity = Activity.objects.select_for_update().get(pk=activity.pk)
    if successor is not None and successor.provider_id != activity.provider_id:
        raise AnotherProvidersActivity
    activity.successor = successor
    activity.save(update_fields=["successor"])
    record(
        activity, "successor_set", at=at, by=set_by.uuid if set_by else None, door=door, successor=successor
    )
    return activity


@transaction.atomic
def save_series(*, provider: Provider, document: SeriesDocument, at: datetime) -> Series:
    """Make or change a series. It holds activities of its own provider, published or not.

    The same series again changes nothing. Raises ``AnotherProvidersActivity`` and ``Activity.DoesNotExist``.
    """
    new = {"provider": provider, "title": document.title, "updated_at": at}
    _row, is_new = Series.objects.get_or_create(uuid=document.uuid, defaults=new)
    series = Series.objects.select_for_update().get(uuid=document.uuid)
    members = [Activity.objects.get(uuid=member) for member in document.activities]
    if {series.provider_id, *(member.provider_id for member in members)} != {provider.pk}:
        raise AnotherProvidersActivity
    says = _series_values(document)
    order = list(series.entries.order_by("position").values_list("activity_id", flat=True))
    if not is_new and order == [member.pk for member in members] and _has(series, says):
        return series
    for name, value in says.items():
        setattr(series, name, value)
    series.updated_at = at
    series.save()
    SeriesEntry.objects.filter(series=series).exclude(activity__in=members).delete()
    for position, member in enumerate(members):
        SeriesEntry.objects.update_or_create(series=series, activity=member, defaults={"position": position})
    return series


def slug_of(title: str, *, longest: int = LONGEST_SLUG, allow_unicode: bool = False) -> str:
    """Return the readable part of an address or of a file's name: whole words, as many as fit."""
    slug = slugify(title, allow_unicode=allow_unicode)
    if len(slug) > longest:
        slug = slug[: longest + 1].rpartition("-")[0] or slug[:longest]
    return slug or "activity"


def _series_values(document: SeriesDocument) -> dict[str, Any]:
    return {
        "slug": slug_of(document.title),
        "title": document.title,
        "promise": document.promise,
        "text": document.text,
        "listed": document.listing is Listing.LISTED,
        "objectives_label": document.objectives_label,
        "objectives": list(document.objectives),
    }


def _has(series: Series, says: dict[str, Any]) -> bool:
    return all(getattr(series, name) == value for name, value in says.items())


def _locked_activity(provider: Provider, document: ActivityDocument, at: datetime) -> Activity:
    values = {
        "provider": provider,
        "slug": slug_of(document.title),
        "certified": document.certified,
        "created_at": at,
    }
    _row, is_new = Activity.objects.get_or_create(uuid=document.uuid, defaults=values)
    activity = Activity.objects.select_for_update().get(uuid=document.uuid)
    if activity.provider_id != provider.pk:
        raise AnotherProvidersActivity
    if is_new:
        record(activity, "activity_made", at=at)
    return activity


def _offer(activity: Activity, revision: Revision, document: ActivityDocument) -> None:
    dates = document.dates
    activity.current_revision = revision
    activity.slug = slug_of(document.title)
    activity.start_until = start_until(dates)
    activity.complete_until = dates.complete_until
    window_days = activity.provider.record.claim_window_days
    activity.evaluate_and_claim_until = claim_until(dates, window_days=window_days)
    activity.certified = document.certified
    activity.listed = document.listing is Listing.LISTED
    activity.save()
    _keep_designations(activity, document.designations)
    _assign_roles(activity, document.people, revision.published_at)
    _list_in_catalogue(activity, document)


def _keep_designations(activity: Activity, designations: Iterable[Designation]) -> None:
    """Write the rows that claims point at; one no longer designated keeps its row."""
    for designation in designations:
        row = CreditDesignation.objects.filter(uuid=designation.uuid).first()
        if row is not None and row.activity_id != activity.pk:
            raise DesignationTaken(str(designation.uuid))
        row = row or CreditDesignation(uuid=designation.uuid, activity=activity)
        row.credit_type, row.period = designation.credit_type, designation.period
        row.maximum_hundredths = int(designation.maximum * 100)
        row.save()


def _assign_roles(activity: Activity, people: Iterable[PersonInRole], at: datetime) -> None:
    RoleAssignment.objects.filter(activity=activity).delete()
    for position, printed in enumerate(people):
        values = {
            "slug": slug_of(printed.name),
            "printed_json": _PRINTED.dump_python(printed, mode="json", exclude_defaults=True),
            "updated_at": at,
        }
        person, _made = Person.objects.update_or_create(
            provider=activity.provider, key=printed.key, defaults=values
        )
        for role in printed.roles:
            RoleAssignment.objects.create(
                activity=activity, person=person, role=role.value, position=position
            )


def _list_in_catalogue(activity: Activity, document: ActivityDocument) -> CatalogueEntry:
    values = catalogue_values(document, provider_name=activity.provider.name)
    entry, _made = CatalogueEntry.objects.update_or_create(activity=activity, defaults=values)
    return entry


@transaction.atomic
def report_problem(*, activity: Activity, kind: str, text: str, reply_to: str, at: datetime) -> ProblemReport:
    """Keep what someone noticed, and tell the office by mail."""
    report = ProblemReport.objects.create(
        activity=activity,
        revision=activity.current_revision,
        kind=kind,
        text=text,
        reply_to=reply_to,
        reported_at=at,
    )
    office = activity.provider.record.content_contact or settings.OPENCME_OFFICE_EMAIL
    if office:
        queue_mail(
            key=f"problem:{report.uuid}",
            to=office,
            subject=f"Reported ({kind}): {activity.catalogue_entry.title}",
            text=f"{text}\n\nReply to: {reply_to or 'no answer wanted'}\n"
            f"Activity: {activity.uuid}\nReport: {report.uuid}\n",
            at=at,
        )
    return report
