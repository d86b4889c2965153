"""Evidence is append-only in the database itself, whoever writes to it."""

from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from opencme.core.append_only import AppendOnly, missing_triggers, protect_tables
from opencme.media.models import MediaFile

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db

EVIDENCE = {
    "activities_problemreport",
    "activities_revision",
    "assessment_anonymousresponse",
    "core_auditentry",
    "core_releasedstream",
    "credit_certificate",
    "credit_certificatefile",
    "credit_creditclaim",
    "credit_reportpermission",
    "credit_revocation",
    "learning_attempt",
    "learning_attemptgrant",
    "learning_contentevidence",
    "learning_participationrevision",
    "learning_plan",
    "media_mediafile",
}


def test_these_tables_are_append_only():
    protected = {
        model._meta.db_table
        for model in apps.get_models()
        if isinstance(getattr(model, "append_only", None), AppendOnly)
    }
    assert protected >= EVIDENCE


def test_every_trigger_stands():
    assert missing_triggers() == ()


def test_a_lost_trigger_is_noticed_and_put_back():
    on = "" if connection.vendor == "sqlite" else " ON media_mediafile"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER media_mediafile_no_update{on}")
    assert missing_triggers() == ("media_mediafile_no_update",)
    protect_tables()
    assert missing_triggers() == ()


def test_a_row_cannot_be_changed_or_deleted():
    kept = MediaFile.objects.create(sha256="0" * 64, media_type="video/mp4", length=1, stored_at=AT)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        MediaFile.objects.update(length=2)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        kept.delete()
    kept.refresh_from_db()
    assert kept.length == 1
