"""Records go when their time is over, through one door; what hangs on them stays frozen until then."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from tests.factories.audit import broken_places

from opencme.core.audit import record
from opencme.core.keeping.audit import Fault, verify_audit
from opencme.core.models import AuditEntry, ReleasedStream
from opencme.core.releasing import release_stream
from opencme.people.models import User

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = AT + timedelta(days=400)

pytestmark = pytest.mark.django_db


def a_stream(name="Someone"):
    user = User.objects.create_user(email=f"{name}@example.org", name=name)
    for event in ("opened", "changed", "closed"):
        record(user, event, at=AT, by=user.uuid)
    return user


def entries(stream):
    return list(AuditEntry.objects.filter(stream_uuid=stream.uuid).values_list("number", flat=True))


def test_a_released_stream_loses_its_entries_and_keeps_its_head():
    stream = a_stream()
    other = a_stream("Other")
    length, head = stream.audit_length, stream.audit_head
    released = release_stream(stream, kept_until=AT, at=LATER)

    stream.refresh_from_db()
    assert (stream.audit_length, stream.audit_head) == (length, head) == (3, released.head)
    assert (entries(stream), entries(other)) == ([], [1, 2, 3])
    assert broken_places(stream) == broken_places(other) == ()
    assert ReleasedStream.objects.get() == released


def test_the_chain_goes_on_from_the_head_and_is_frozen_again():
    stream = a_stream()
    release_stream(stream, kept_until=AT, at=LATER)
    entry = record(stream, "told", at=LATER)

    assert (entry.number, broken_places(stream)) == (4, ())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).delete()
    release_stream(stream, kept_until=AT, at=LATER)
    assert entries(stream) == [4]


def test_nothing_is_released_before_its_time():
    stream = a_stream()
    with pytest.raises(IntegrityError, match="stream_kept_its_time"), transaction.atomic():
        release_stream(stream, kept_until=LATER, at=AT)
    assert entries(stream) == [1, 2, 3]


@pytest.mark.parametrize("change", [{"entries": 9}, {"kept_until": AT - timedelta(days=1)}, {"head": ""}])
def test_a_release_is_never_rewritten(change):
    release_stream(a_stream(), kept_until=AT, at=LATER)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ReleasedStream.objects.update(**change)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ReleasedStream.objects.all().delete()


def test_the_walk_over_all_chains_knows_what_was_released():
    stream, gone = a_stream(), a_stream("Gone")
    release_stream(stream, kept_until=AT, at=LATER)
    release_stream(gone, kept_until=AT, at=LATER)
    record(stream, "told", at=LATER)
    assert (verify_audit().streams, verify_audit().entries, verify_audit().broken) == (2, 1, ())

    on = "" if connection.vendor == "sqlite" else " ON core_auditentry"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER core_auditentry_no_delete{on}")
    AuditEntry.objects.all().delete()
    broken = verify_audit().broken
    assert [(place.uuid, place.first, place.last, place.fault) for place in broken] == [
        (stream.uuid, 4, 4, Fault.MISSING)
    ]
