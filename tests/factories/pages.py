"""Activities offered through the real operations, with catalogue rows, people and snapshots."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid5

from tests.factories.documents import ACTIVITY, a_designation, a_document
from tests.factories.providers import a_provider

from opencme.activities.operations import publish_activity, save_draft
from opencme.people.models import User
from opencme.people.operations import create_confirmed_account
from opencme.providers.models import Provider
from opencme.providers.record import PROVIDER
from opencme.web.learner.snapshot import render_public_page

AT = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)


def a_provider_row(**changes):
    """The demonstration provider of the factory documents, with all of its record."""
    record = a_provider(**changes)
    row, _made = Provider.objects.get_or_create(
        key=record.key,
        defaults={
            "name": record.name,
            "standing": record.standing,
            "time_zone": record.time_zone,
            "record_json": PROVIDER.dump_python(record, mode="json"),
            "created_at": AT,
        },
    )
    return row


def an_operator():
    """Someone who sees drafts and publishes; made once."""
    return User.objects.filter(is_staff=True).first() or create_confirmed_account(
        address="operator@example.org", name="Olga Operator", password=None, at=AT, is_operator=True
    )


def a_draft(document=None, *, at=AT):
    """A draft that nobody has published."""
    return save_draft(provider=a_provider_row(), document=document or a_document(), saved_by=None, at=at)


def offered(document=None, *, at=AT):
    """A published activity as the catalogue has it. The rules are not asked."""
    draft = a_draft(document, at=at)
    published = publish_activity(
        activity=draft.activity,
        published_by=an_operator(),
        door="test",
        at=at,
        render_snapshot=render_public_page,
    )
    return published.revision.activity


def another(number, **changes):
    """A document of its own, by number."""
    uuid = uuid5(ACTIVITY, str(number))
    designation = a_designation(uuid=uuid5(UUID(int=number), "designation"))
    values = {"uuid": uuid, "title": f"Activity {number}", "designations": (designation,)}
    return a_document(**(values | changes))
