"""What the tests of the path do over and over."""

from django.urls import reverse
from tests.factories.learning import right_answers

from opencme.activities.queries import document_of
from opencme.learning.models import Attempt


def address(name, participation, *args):
    """The address of a page of the path."""
    return reverse(name, args=[participation.uuid, *args])


def submit(client, participation, step, *, wrong=0, **headers):
    """Open a test and hand it in, all right but the first few."""
    url = address("step", participation, step)
    made = Attempt.objects.filter(participation=participation, step_key=step).count()
    client.get(f"{url}?attempt={made + 1}" if made else url)
    attempt = Attempt.objects.get(participation=participation, step_key=step, submitted_at=None)
    answers = right_answers(document_of(participation.revision), step, wrong=wrong)
    data = {f"item-{key}": value for key, value in answers.items()} | {"attempt": attempt.uuid}
    return client.post(url, data, headers=headers)


def attest(client, participation, step="recording"):
    """Open the post-test without playing anything."""
    return client.post(address("attest_content", participation, step), {"attested": "1"})


def send_json(client, name, participation, step, **value):
    """Post JSON as the scripts do."""
    return client.post(address(name, participation, step), value, content_type="application/json")
