"""Writes of interchange: a package becomes a draft or a series, and an activity becomes a package again.

Nothing is taken in by half: the folder is read and judged whole, then files are kept under their
hash, then one transaction writes the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from opencme.activities.choices import Listing
from opencme.activities.document import read_document
from opencme.activities.models import Activity, Draft, Revision, Series
from opencme.activities.operations import RenderSnapshot, save_draft, save_series
from opencme.activities.series_document import SeriesDocument
from opencme.compliance.operations import publish
from opencme.media.files import path_of
from opencme.media.operations import store_media
from opencme.people.models import User
from opencme.providers.models import Provider
from opencme.providers.operations import ProviderExists, create_provider
from opencme.providers.record import ProviderRecord

from .package.problems import PackageRefused
from .package.read import Package, read_package
from .package.write import write_package
from .queries import Checked, check_against_installation


class FindingsStandAgainst(Exception):
    """The package should be published, and findings stand against that; nothing was written."""

    def __init__(self, checked: Checked) -> None:
        super().__init__(f"{len(checked.blocking)} blocking findings")
        self.checked = checked


class PackageChanged(Exception):
    """A file of the package was changed while it was being imported; nothing was written."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import. Without a row nothing was written: it was a dry run."""

    checked: Checked
    draft: Draft | None = None
    series: Series | None = None
    revision: Revision | None = None
    changed: bool = False


def import_package(
    *,
    root: Path,
    at: datetime,
    imported_by: User | None,
    door: str,
    may_create_provider: bool = False,
    render_snapshot: RenderSnapshot | None = None,
    dry_run: bool = False,
) -> Imported:
    """Take a package in as a draft or a series; with ``render_snapshot`` publish it as well.

    The same package again changes nothing. Raises ``PackageRefused`` for anything wrong with the package, and
    ``FindingsStandAgainst`` when it should be published and is not ready; either way nothing of it
    was written.
    """
    return import_read_package(
        package=read_package(root),
        at=at,
        imported_by=imported_by,
        door=door,
        may_create_provider=may_create_provider,
        render_snapshot=render_snapshot,
        dry_run=dry_run,
    )


def import_read_package(
    *,
    package: Package,
    at: datetime,
    imported_by: User | None,
    door: str,
    may_create_provider: bool = False,
    render_snapshot: RenderSnapshot | None = None,
    dry_run: bool = False,
) -> Imported:
    """Take in a package that was read already. As ``import_package`` from there on."""
    checked = check_against_installation(package, at=at, may_create_provider=may_create_provider)
    if any(problem.stops_import for problem in checked.problems):
        raise PackageRefused(checked.problems)
    if render_snapshot is not None and checked.blocking:
        raise FindingsStandAgainst(checked)
    if dry_run:
        return Imported(checked)
    for sha256, content in package.contents.items():
        with content.open() as source:
            kept = store_media(source=source, media_type=content.media_type, at=at)
        if kept.sha256 != sha256:
            raise PackageChanged
    return _write(checked, at=at, by=imported_by, door=door, render_snapshot=render_snapshot)


@transaction.atomic
def _write(
    checked: Checked, *, at: datetime, by: User | None, door: str, render_snapshot: RenderSnapshot | None
) -> Imported:
    package = checked.package
    provider = _provider(package.provider, at=at, door=door)
    if isinstance(package.made, SeriesDocument):
        series = save_series(provider=provider, document=package.made, at=at)
        return Imported(checked, series=series, changed=series.updated_at == at)
    draft = save_draft(provider=provider, document=package.made, saved_by=by, at=at, door=door)
    changed = draft.saved_at == at
    if render_snapshot is None or by is None:
        return Imported(checked, draft=draft, changed=changed)
    published = publish(
        activity=draft.activity, published_by=by, door=door, at=at, render_snapshot=render_snapshot
    )
    return Imported(checked, draft=draft, revision=published.revision, changed=changed or published.is_new)


def _provider(brought: ProviderRecord, *, at: datetime, door: str) -> Provider:
    installed = Provider.objects.filter(key=brought.key).first()
    if installed is not None:
        return installed
    try:
        return create_provider(record=brought, at=at, door=door)
    except ProviderExists:  # by another import in this very moment
        return Provider.objects.get(key=brought.key)


def export_activity(*, activity: Activity, folder: Path, number: int | None = None) -> None:
    """Write the draft, or the revision of that number, as a package.

    Raises ``Revision.DoesNotExist``, ``FolderNotEmpty`` and ``NameTakenTwice``.
    """
    if number is None:
        canonical = Draft.objects.get(activity=activity).canonical
    else:
        canonical = Revision.objects.get(activity=activity, number=number).canonical
    write_package(
        made=read_document(canonical),
        provider=activity.provider.record,
        folder=folder,
        open_media=lambda reference: path_of(reference.sha256).open("rb"),
    )


def export_series(*, series: Series, folder: Path) -> None:
    """Write a series as a package."""
    members = series.entries.order_by("position").values_list("activity__uuid", flat=True)
    made = SeriesDocument(
        uuid=series.uuid,
        title=series.title,
        provider=series.provider.key,
        listing=Listing.LISTED if series.listed else Listing.UNLISTED,
        promise=series.promise,
        text=series.text,
        objectives_label=series.objectives_label,
        objectives=tuple(series.objectives),
        activities=tuple(members),
    )
    write_package(
        made=made,
        provider=series.provider.record,
        folder=folder,
        open_media=lambda reference: path_of(reference.sha256).open("rb"),
    )
