"""The audit chain notices any entry that was changed, lost or put elsewhere."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from opencme.core.audit import broken_entries, record
from opencme.core.models import AuditEntry
from opencme.people.models import User

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def stream():
    user = User.objects.create_user(email="someone@example.org", name="Someone")
    for event in ("opened", "changed", "closed"):
        record(user, event, at=AT, by=user.uuid, door="web", amount=5, other=user)
    return user


def test_an_untouched_chain_holds(stream):
    assert broken_entries(stream) == ()
    assert stream.audit_length == 3


def test_entries_name_the_digest_before_them(stream):
    first, second, third = AuditEntry.objects.order_by("number")
    assert [first.previous, second.previous, third.previous] == ["", first.digest, second.digest]


def test_models_are_recorded_by_uuid(stream):
    assert AuditEntry.objects.get(number=1).values == {"amount": 5, "other": str(stream.uuid)}


def test_the_database_refuses_to_change_an_entry(stream):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(number=2).update(event="forged")


def test_the_database_refuses_to_delete_an_entry(stream):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(number=2).delete()


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE core_auditentry SET event = 'forged' WHERE number = 2",
        "DELETE FROM core_auditentry WHERE number = 2",
        "DELETE FROM core_auditentry WHERE number = 3",
    ],
    ids=["changed", "lost in the middle", "lost at the end"],
)
def test_what_someone_with_the_database_forges_is_found(stream, forgery):
    with connection.cursor() as cursor:
        _drop_triggers(cursor)
        cursor.execute(forgery)
    assert broken_entries(stream) != ()


def _drop_triggers(cursor):
    on = "" if connection.vendor == "sqlite" else " ON core_auditentry"
    for act in ("update", "delete"):
        cursor.execute(f"DROP TRIGGER core_auditentry_no_{act}{on}")
