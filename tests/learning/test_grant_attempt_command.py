"""`opencme grant-attempt`, as the office types it."""

import pytest
from click.testing import CliRunner
from tests.factories.documents import a_document_of_three_units
from tests.factories.learning import AT, published, started

from opencme.cli.grant_attempt import command
from opencme.core.models import AuditEntry
from opencme.learning.models import AttemptGrant
from opencme.people.operations import create_confirmed_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator():
    return create_confirmed_account(
        address="office@example.org", name="Office", password=None, at=AT, is_operator=True
    )


def typed(*words):
    return CliRunner().invoke(command, [str(word) for word in words])


def test_an_attempt_is_granted_with_its_reason(operator):
    participation = started()
    said = typed(participation.uuid, "--reason", "power cut", "--by", "office@example.org")
    assert (said.exit_code, "Granted." in said.output) == (0, True)
    grant = AttemptGrant.objects.get()
    assert (grant.step_key, grant.extra, grant.reason, grant.granted_by) == (
        "post-test",
        1,
        "power cut",
        operator,
    )
    assert AuditEntry.objects.filter(event="attempt_granted", door="cli", by=operator.uuid).exists()


@pytest.mark.parametrize(
    "words",
    [
        ("00000000-0000-0000-0000-000000000000", "--reason", "x", "--by", "office@example.org"),
        ("PARTICIPATION", "--reason", "x", "--by", "nobody@example.org"),
        ("PARTICIPATION", "--reason", "x", "--by", "office@example.org", "--step", "pre-test"),
        ("PARTICIPATION", "--by", "office@example.org"),
    ],
)
def test_what_is_refused_in_words(operator, words):
    uuid = str(started().uuid)
    said = typed(*(uuid if word == "PARTICIPATION" else word for word in words))
    assert said.exit_code != 0
    assert "Error" in said.output
    assert not AttemptGrant.objects.exists()


def test_of_several_post_tests_one_is_named(operator):
    participation = started(published(a_document_of_three_units()))
    reason = ("--reason", "x", "--by", "office@example.org")
    assert "post-test-1, post-test-2" in typed(participation.uuid, *reason).output
    assert typed(participation.uuid, "--step", "post-test-2", *reason).exit_code == 0
