"""Walking all audit chains finds whatever someone with the database did to them."""

import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import connection

from opencme.core.audit import digest_of_entry, record
from opencme.core.keeping import audit
from opencme.core.keeping.audit import BrokenPlace, Fault, verify_audit
from opencme.core.models import AuditEntry
from opencme.people.models import User

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def streams():
    users = [User.objects.create_user(email=f"{n}@example.org", name="Someone") for n in range(7)]
    for user in users:
        for event in ("opened", "changed", "corrected", "closed"):
            record(user, event, at=AT, by=user.uuid, door="web", amount=5, word="Ärztin")
    return users


@pytest.fixture(params=[3, 20_000], ids=["in portions", "at once"])
def portion(request, monkeypatch):
    """Portions that end between streams, and one that holds all."""
    monkeypatch.setattr(audit, "PORTION", request.param)


def forge(*statements):
    on = "" if connection.vendor == "sqlite" else " ON core_auditentry"
    with connection.cursor() as cursor:
        for act in ("update", "delete"):
            cursor.execute(f"DROP TRIGGER IF EXISTS core_auditentry_no_{act}{on}")
        for statement in statements:
            cursor.execute(statement)


def first_of(user):
    return AuditEntry.objects.get(stream_uuid=user.uuid, number=1)


@pytest.mark.usefixtures("portion")
def test_untouched_chains_hold(streams):
    report = verify_audit()
    assert (report.streams, report.entries, report.broken) == (7, 28, ())


@pytest.mark.usefixtures("portion")
@pytest.mark.parametrize(
    ("forgery", "first", "last", "fault"),
    [
        ("UPDATE core_auditentry SET event = 'forged' WHERE number = 2", 2, 2, Fault.CHANGED),
        ("UPDATE core_auditentry SET door = 'cli' WHERE number = 1", 1, 1, Fault.CHANGED),
        ('UPDATE core_auditentry SET "by" = NULL WHERE number = 4', 4, 4, Fault.CHANGED),
        ("DELETE FROM core_auditentry WHERE number = 1", 1, 1, Fault.MISSING),
        ("DELETE FROM core_auditentry WHERE number IN (2, 3)", 2, 3, Fault.MISSING),
        ("DELETE FROM core_auditentry WHERE number = 4", 4, 4, Fault.MISSING),
        ("DELETE FROM core_auditentry", 1, 4, Fault.MISSING),
        ("UPDATE people_user SET audit_length = 3", 4, 4, Fault.NOT_COUNTED),
        ("UPDATE people_user SET audit_length = 0, audit_head = ''", 1, 4, Fault.NOT_COUNTED),
        ("UPDATE people_user SET audit_head = ''", 4, 4, Fault.HEAD_DIFFERS),
    ],
)
def test_each_forgery_is_named_in_every_stream(streams, forgery, first, last, fault):
    forge(forgery)
    expected = {BrokenPlace("account", user.uuid, first, last, fault) for user in streams}
    assert set(verify_audit().broken) == expected


def test_entries_put_in_each_others_place_are_found(streams):
    forge(
        "UPDATE core_auditentry SET number = 9 WHERE number = 2",
        "UPDATE core_auditentry SET number = 2 WHERE number = 3",
        "UPDATE core_auditentry SET number = 3 WHERE number = 9",
    )
    assert {(place.first, place.fault) for place in verify_audit().broken} == {
        (2, Fault.CHANGED),
        (3, Fault.CHANGED),
        (4, Fault.OUT_OF_PLACE),
    }


def test_an_entry_rewritten_with_a_digest_that_fits_does_not_fit_the_next(streams):
    entry = first_of(streams[0])
    entry.event = "forged"
    digest = digest_of_entry(entry)
    forge(f"UPDATE core_auditentry SET event = 'forged', digest = '{digest}' WHERE id = {entry.pk}")
    assert verify_audit().broken == (BrokenPlace("account", streams[0].uuid, 2, 2, Fault.OUT_OF_PLACE),)


def test_a_stream_that_nobody_heads_is_found(streams):
    stray = uuid.uuid4()
    value = stray.hex if connection.vendor == "sqlite" else str(stray)
    forge(f"UPDATE core_auditentry SET stream_uuid = '{value}' WHERE id = {first_of(streams[0]).pk}")
    assert set(verify_audit().broken) == {
        BrokenPlace("account", streams[0].uuid, 1, 1, Fault.MISSING),
        BrokenPlace("account", stray, 1, 1, Fault.CHANGED),
        BrokenPlace("account", stray, 1, 1, Fault.NOT_COUNTED),
    }


def test_the_zone_of_the_caller_does_not_matter(streams):
    record(streams[0], "moved", at=AT.astimezone(timezone(timedelta(hours=-5))))
    assert verify_audit().broken == ()
