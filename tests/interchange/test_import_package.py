"""Importing: whole or not at all, the same again changes nothing, a change makes a new revision."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from tests.factories.learning import path, started
from tests.factories.packages import ACTIVITY, ITEMS, PROVIDER, a_package, edited, with_file

from opencme.activities.document import read_document
from opencme.activities.models import (
    Activity,
    CatalogueEntry,
    CreditDesignation,
    Draft,
    Revision,
    RoleAssignment,
)
from opencme.activities.queries import document_of
from opencme.core.models import AuditEntry
from opencme.interchange.operations import (
    FindingsStandAgainst,
    export_activity,
    export_series,
    import_package,
)
from opencme.interchange.package.problems import PackageRefused
from opencme.interchange.package.read import read_package
from opencme.media.files import path_of
from opencme.media.models import MediaFile
from opencme.people.operations import create_confirmed_account
from opencme.providers.choices import Standing
from opencme.providers.models import Provider

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=1)

SERIES = """\
uuid = "0f4f6f0e-6a53-4bb4-9d1c-2f9d5f0c1c01"
title = "Webinars on pain"
provider = "specimen-institute"
objectives_label = "Series objectives"
objectives = ["open a conversation", "agree on a plan"]
activities = ["0f4f6f0e-6a53-4bb4-9d1c-2f9d5f0c1b01"]
"""


@pytest.fixture
def operator():
    return create_confirmed_account(
        address="office@specimen.example", name="Office", password=None, at=AT, is_operator=True
    )


def drawn(document, provider):
    """Stands in for the page of the interface: what is kept is what was drawn."""
    return f"<h1>{document.title}</h1><p>{provider.name}</p>"


def take(folder, *, at=AT, create=True, **options):
    return import_package(
        root=folder,
        at=at,
        imported_by=options.pop("by", None),
        door="cli",
        may_create_provider=create,
        **options,
    )


def publish(folder, by, *, at=AT):
    return take(folder, at=at, by=by, render_snapshot=drawn)


def codes(problems):
    return [problem.code for problem in problems]


def test_a_package_becomes_a_draft_that_is_not_offered(tmp_path):
    imported = take(a_package(tmp_path))
    assert imported.checked.blocking == ()
    assert imported.changed
    assert imported.revision is None
    activity = Activity.objects.get()
    assert activity.provider.standing == Standing.DEMONSTRATION
    assert activity.current_revision is None
    assert read_document(activity.draft.canonical) == read_package(tmp_path).made
    assert not CatalogueEntry.objects.exists()


def test_files_lie_under_their_hash(tmp_path):
    imported = take(a_package(tmp_path))
    document = imported.checked.package.made
    named = {reference.sha256: reference for reference in document.media()}
    assert set(MediaFile.objects.values_list("sha256", flat=True)) == set(named)
    assert len(named) == 3
    for sha256, reference in named.items():
        assert path_of(sha256).stat().st_size == reference.length
        assert MediaFile.objects.get(sha256=sha256).media_type == reference.media_type


def test_the_same_package_again_changes_nothing(tmp_path, operator):
    first = publish(a_package(tmp_path), operator)
    entries = AuditEntry.objects.count()
    again = publish(tmp_path, operator, at=LATER)
    assert (first.changed, again.changed) == (True, False)
    assert again.revision == first.revision
    assert Revision.objects.count() == 1
    assert Draft.objects.get().saved_at == AT
    assert AuditEntry.objects.count() == entries


def test_a_changed_package_makes_a_new_revision_beside_the_old(tmp_path, operator):
    first = publish(a_package(tmp_path), operator).revision
    changed = edited(ACTIVITY, "complete_until = 2027-11-21", "complete_until = 2027-12-31")
    second = publish(a_package(tmp_path, activity_toml=changed), operator, at=LATER).revision
    assert (first.number, second.number) == (1, 2)
    first.refresh_from_db()
    assert document_of(first).dates.complete_until.isoformat() == "2027-11-21"
    activity = Activity.objects.get()
    assert activity.current_revision == second
    assert activity.complete_until.isoformat() == "2027-12-31"
    assert activity.evaluate_and_claim_until.isoformat() == "2028-01-30"


def test_whoever_is_on_the_way_keeps_their_revision(tmp_path, operator):
    first = publish(a_package(tmp_path), operator).revision
    participation = started(Activity.objects.get())
    changed = edited(ITEMS, "What does a normal scan mean?", "What does it mean that a scan is normal?")
    second = publish(a_package(tmp_path, items_toml=changed), operator, at=LATER).revision
    assert path(participation).document.item_of["pre-1"].stem == "What does a normal scan mean?"
    assert participation.revision == first
    assert started(Activity.objects.get()).revision == second


def test_publication_writes_who_when_and_by_which_door(tmp_path, operator):
    revision = publish(a_package(tmp_path), operator).revision
    assert revision.published_by == operator
    assert revision.published_at == AT
    assert revision.published_door == "cli"
    assert revision.approved_by is None
    assert revision.snapshot.startswith("<h1>Listening first in chronic pain</h1>")
    entry = AuditEntry.objects.get(event="published")
    assert entry.by == operator.uuid
    assert entry.values["approval"] == "published without approval"
    assert entry.values["sha256"] == revision.sha256


def test_publication_writes_what_is_joined_and_listed(tmp_path, operator):
    publish(a_package(tmp_path), operator)
    designation = CreditDesignation.objects.get()
    assert (designation.credit_type, designation.maximum_hundredths) == ("specimen-category-1", 50)
    assignment = RoleAssignment.objects.get()
    assert (assignment.person.key, assignment.role) == ("imogen-sample", "faculty")
    entry = CatalogueEntry.objects.get()
    assert (entry.title, entry.minutes, entry.listed) == ("Listening first in chronic pain", 30, True)


def test_an_unlisted_activity_is_published_by_link_only(tmp_path, operator):
    text = edited(ACTIVITY, 'display_type = "Webcast"', 'display_type = "Webcast"\nlisting = "unlisted"')
    publish(a_package(tmp_path, activity_toml=text), operator)
    assert not Activity.objects.get().listed
    assert not CatalogueEntry.objects.get().listed


def test_findings_stand_against_publication_and_not_against_a_draft(tmp_path, operator):
    text = edited(ACTIVITY, "pass_mark = 2", "")
    a_package(tmp_path, activity_toml=text)
    with pytest.raises(FindingsStandAgainst) as refused:
        publish(tmp_path, operator)
    assert "CME015" in codes(refused.value.checked.blocking)
    assert not Activity.objects.exists()
    assert not MediaFile.objects.exists()
    assert take(tmp_path).draft is not None


def test_a_dry_run_writes_nothing(tmp_path):
    imported = take(a_package(tmp_path), dry_run=True)
    assert imported.draft is None
    assert imported.checked.findings == take(tmp_path, dry_run=True).checked.findings
    assert not Provider.objects.exists()
    assert not MediaFile.objects.exists()


def test_a_refused_package_leaves_nothing(tmp_path):
    with pytest.raises(PackageRefused):
        take(a_package(tmp_path, items_toml=edited(ITEMS, 'key = "post-2"', 'key = "post-1"')))
    assert not Provider.objects.exists()
    assert not MediaFile.objects.exists()


def test_a_page_that_cannot_be_drawn_takes_everything_back(tmp_path, operator):
    def broken(document, provider):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        take(a_package(tmp_path), by=operator, render_snapshot=broken)
    assert not Provider.objects.exists()
    assert not Activity.objects.exists()
    assert not Draft.objects.exists()


def test_an_unknown_provider_must_be_wanted(tmp_path):
    with pytest.raises(PackageRefused) as refused:
        take(a_package(tmp_path), create=False)
    (problem,) = refused.value.problems
    assert (problem.code, problem.file) == ("PKG060", "provider.toml")
    assert "--create-provider" in problem.sentence
    assert not Provider.objects.exists()


def test_the_record_of_the_installation_rules(tmp_path):
    take(a_package(tmp_path))
    other = edited(PROVIDER, '"Specimen Institute for Medical Learning"', '"Another Institute"')
    imported = take(a_package(tmp_path, provider_toml=other), create=False)
    (problem,) = imported.checked.problems
    assert (problem.code, problem.file, problem.line, problem.key) == ("PKG061", "provider.toml", 2, "name")
    assert not problem.stops_import
    assert Provider.objects.get().record.name == "Specimen Institute for Medical Learning"
    assert imported.checked.blocking == ()


@pytest.mark.parametrize(
    ("installed", "brought"), [("demonstration", "accredited"), ("accredited", "demonstration")]
)
def test_the_standing_demonstration_is_for_good(tmp_path, installed, brought):
    take(a_package(tmp_path, provider_toml=edited(PROVIDER, '"demonstration"', f'"{installed}"')))
    with pytest.raises(PackageRefused) as refused:
        take(a_package(tmp_path, provider_toml=edited(PROVIDER, '"demonstration"', f'"{brought}"')))
    assert codes(refused.value.problems) == ["PKG062"]
    assert Provider.objects.get().standing == installed


def test_an_activity_stays_with_its_provider(tmp_path):
    take(a_package(tmp_path / "one"))
    theirs = edited(PROVIDER, 'key = "specimen-institute"', 'key = "other-institute"')
    activity = edited(ACTIVITY, 'provider = "specimen-institute"', 'provider = "other-institute"')
    take(a_package(tmp_path / "three", provider_toml=theirs, activity_toml=_renumbered(activity)))
    with pytest.raises(PackageRefused) as refused:
        take(a_package(tmp_path / "two", provider_toml=theirs, activity_toml=activity))
    (problem,) = refused.value.problems
    assert (problem.code, problem.key, problem.line) == ("PKG063", "uuid", 2)


def test_a_designation_stays_with_its_activity(tmp_path, operator):
    publish(a_package(tmp_path / "one"), operator)
    copied = ACTIVITY.replace("2f9d5f0c1b01", "2f9d5f0c1b91")
    with pytest.raises(PackageRefused) as refused:
        take(a_package(tmp_path / "two", activity_toml=copied))
    assert [(one.code, one.key) for one in refused.value.problems] == [("PKG063", "designations[0].uuid")]


def test_an_activity_comes_out_as_it_went_in(tmp_path, operator):
    imported = publish(a_package(tmp_path / "in"), operator)
    export_activity(activity=imported.draft.activity, folder=tmp_path / "out")
    assert read_package(tmp_path / "out").made == imported.checked.package.made
    again = publish(tmp_path / "out", operator, at=LATER)
    assert not again.changed
    export_activity(activity=imported.draft.activity, folder=tmp_path / "again", number=1)
    assert _files(tmp_path / "again") == _files(tmp_path / "out")


def test_a_series_is_a_package_too(tmp_path):
    take(a_package(tmp_path / "activity"))
    folder = with_file(with_file(tmp_path / "series", "series.toml", SERIES), "provider.toml", PROVIDER)
    imported = take(folder)
    assert imported.changed
    series = imported.series
    assert series.objectives == ["open a conversation", "agree on a plan"]
    assert [str(one.uuid) for one in series.activities.all()] == ["0f4f6f0e-6a53-4bb4-9d1c-2f9d5f0c1b01"]
    assert not take(folder, at=LATER).changed
    export_series(series=series, folder=tmp_path / "out")
    assert read_package(tmp_path / "out").made == imported.checked.package.made


def test_a_series_of_unknown_activities_is_refused(tmp_path):
    folder = with_file(with_file(tmp_path / "series", "series.toml", SERIES), "provider.toml", PROVIDER)
    take(a_package(tmp_path / "other", activity_toml=_renumbered(ACTIVITY)))
    with pytest.raises(PackageRefused) as refused:
        take(folder)
    assert [(one.code, one.key) for one in refused.value.problems] == [("PKG063", "activities[0]")]


@pytest.mark.django_db(transaction=True)
def test_imports_at_once_make_one_provider_and_one_activity(tmp_path):
    a_package(tmp_path)
    failures = []

    def go():
        try:
            take(tmp_path)
        except Exception as error:  # noqa: BLE001  whatever it is, it is the failure
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert (Provider.objects.count(), Activity.objects.count(), Draft.objects.count()) == (1, 1, 1)
    assert MediaFile.objects.count() == 3


def _renumbered(activity):
    return activity.replace("2f9d5f0c1b0", "2f9d5f0c1d0")


def _files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
