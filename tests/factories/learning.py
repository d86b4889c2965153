"""Published activities and learners on their way, in one call."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

from tests.factories.documents import a_document

from opencme.activities.document import canonical_json, digest_of
from opencme.activities.models import Activity, CreditDesignation, Revision
from opencme.learning import operations
from opencme.learning.models import Participation
from opencme.learning.queries import participation_of, path_of
from opencme.people.operations import create_confirmed_account
from opencme.providers.choices import Standing
from opencme.providers.models import Provider
from opencme.providers.record import PROVIDER, ProviderRecord

AT = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
_number = count(1)


def minutes(value):
    """An instant so many minutes after the start of every story."""
    return AT + timedelta(minutes=value)


def a_provider_row(key="specimen-institute"):
    """The provider of the factory documents, made once."""
    record = ProviderRecord(
        key=key, name="Specimen Institute for Medical Learning", standing=Standing.DEMONSTRATION
    )
    row, _ = Provider.objects.get_or_create(
        key=key,
        defaults={
            "name": record.name,
            "standing": record.standing,
            "time_zone": record.time_zone,
            "record_json": PROVIDER.dump_python(record, mode="json"),
            "created_at": AT,
        },
    )
    return row


def published(document=None, *, at=AT, **changes):
    """An activity with this document as its current revision; a second call revises it."""
    document = document or a_document(**changes)
    provider = a_provider_row(document.provider)
    dates = document.dates
    current = {
        "start_until": dates.start_until,
        "complete_until": dates.complete_until,
        "evaluate_and_claim_until": dates.evaluate_and_claim_until,
        "certified": document.certified,
    }
    activity, _ = Activity.objects.update_or_create(
        uuid=document.uuid,
        defaults=current,
        create_defaults={**current, "provider": provider, "slug": "an-activity", "created_at": at},
    )
    text = canonical_json(document)
    activity.current_revision = Revision.objects.create(
        activity=activity,
        number=activity.revisions.count() + 1,
        canonical=text,
        sha256=digest_of(text),
        schema=document.schema,
        published_at=at,
        published_door="test",
    )
    activity.save()
    for designation in document.designations:
        CreditDesignation.objects.update_or_create(
            uuid=designation.uuid,
            defaults={
                "activity": activity,
                "credit_type": designation.credit_type,
                "period": designation.period,
                "maximum_hundredths": int(designation.maximum * 100),
            },
        )
    return activity


def another_uuid():
    """A uuid for an activity beside the usual one."""
    return uuid4()


def a_learner(name="Ann Learner", **fields):
    """A confirmed physician."""
    return create_confirmed_account(
        address=f"learner-{next(_number)}@example.org",
        name=name,
        password=None,
        at=AT,
        **{"profession": "physician", "letters": "MD", **fields},
    )


def started(activity=None, learner=None, *, at=AT, **fields):
    """A participation that has just begun."""
    row = operations.start_participation(
        learner=learner or a_learner(),
        activity=activity or published(),
        shown_block_sha256="0" * 64,
        at=at,
        **fields,
    )
    return reloaded(row)


def reloaded(participation):
    """The participation as a page reads it."""
    return participation_of(
        Participation.objects.select_related("learner").get(pk=participation.pk).learner,
        participation.uuid,
    )


def path(participation, *, at=AT, claimed=frozenset()):
    """The path as a page reads it."""
    return path_of(reloaded(participation), at=at, claimed=claimed)


def right_answers(document, step_key, *, wrong=0):
    """Answers to a test, all right but the first few."""
    keys = document.step_of[step_key].items
    return {
        key: _wrong(document.item_of[key]) if place < wrong else sorted(document.item_of[key].keys)
        for place, key in enumerate(keys)
    }


def _wrong(item):
    return [next(option.key for option in item.options if not option.is_key)]


def submitted(participation, step_key, *, wrong=0, at=AT):
    """Begin and hand in a test."""
    now = path(participation, at=at)
    attempt = operations.begin_attempt(path=now, step_key=step_key, at=at)
    return operations.submit_attempt(
        participation=participation,
        attempt=attempt.uuid,
        answers=right_answers(now.document, step_key, wrong=wrong),
        at=at,
    )


def passed(participation=None, *, at=AT):
    """A participation that has sent the pre-test and passed the post-test."""
    participation = participation or started(at=at)
    submitted(participation, "pre-test", at=at)
    submitted(participation, "post-test", at=at)
    return reloaded(participation)


def evaluated(participation=None, *, at=AT, answers=None):
    """A participation with everything but the claim."""
    participation = participation or passed(at=at)
    operations.submit_evaluation(
        path=path(participation, at=at),
        answers=answers or {"met-o1": "4", "barrier": "time", "improve": "Shorter."},
        at=at,
    )
    return reloaded(participation)
