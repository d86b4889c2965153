"""Entries of the audit chain: numbered, linked, and never changed."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, transaction

from opencme.core.audit import record
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


def test_entries_name_the_digest_before_them_and_the_head_names_the_last(stream):
    first, second, third = AuditEntry.objects.order_by("number")
    assert [first.previous, second.previous, third.previous] == ["", first.digest, second.digest]
    assert (stream.audit_length, stream.audit_head) == (3, third.digest)


def test_models_are_recorded_by_uuid(stream):
    assert AuditEntry.objects.get(number=1).values == {"amount": 5, "other": str(stream.uuid)}


def test_the_database_refuses_to_change_an_entry(stream):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(number=2).update(event="forged")


def test_the_database_refuses_to_delete_an_entry(stream):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(number=2).delete()
