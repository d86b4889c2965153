"""No response tells a key or a rationale before the test is passed or its last attempt is used."""

from dataclasses import replace

import pytest
from django.utils import timezone
from tests.factories.documents import a_document, a_unit, an_item, items_of
from tests.factories.learning import a_learner, published, started
from tests.web.path.browsing import address, attest, send_json, submit

from opencme.activities.document import Item, PostTest
from opencme.learning.models import Attempt

pytestmark = pytest.mark.django_db

TELLTALE = "Because of the key"


def a_document_with_secrets(*, attempts=None):
    """Every rationale is marked; the options' own texts say nothing of their truth."""
    items = tuple(
        replace(item, rationale=f"{TELLTALE} of {item.key}.")
        for item in items_of("pre-1", "pre-2", "post-1", "post-2", "post-3", "post-4")
    )
    test = PostTest(
        key="post-test",
        items=("post-1", "post-2", "post-3", "post-4"),
        minutes=10,
        pass_mark=3,
        attempts=attempts,
    )
    return a_document(items=items, units=(a_unit(post_test=test),))


@pytest.fixture
def document():
    return a_document_with_secrets()


def told(response):
    """What a response says that it must not: rationales, or the marks of keys in any form."""
    return [word for word in (TELLTALE, "is_key", "is-key", "data-key", "rationale") if word in response.text]


def every_page(client, participation):
    """Every address of the path, with GET and with what the scripts send."""
    for name in ("path", "evaluation", "plan"):
        yield client.get(address(name, participation), follow=True)
    for step in ("pre-test", "recording", "reading", "post-test"):
        yield client.get(address("step", participation, step), follow=True)
        yield client.get(address("result", participation, step), follow=True)
        yield client.get(address("step", participation, step) + "?attempt=2", follow=True)
    yield send_json(client, "beat", participation, "recording", played=[[0, 1000]], position_ms=1)
    yield send_json(client, "read_segments", participation, "recording", read=[[0, 1000]])
    for attempt in Attempt.objects.filter(participation=participation):
        item = attempt.form["items"][0]
        yield send_json(
            client,
            "save_answer",
            participation,
            attempt.step_key,
            attempt=str(attempt.uuid),
            item=item,
            value=["a"],
            n=1,
            age_ms=0,
        )
        yield client.post(address("step", participation, attempt.step_key), {"attempt": attempt.uuid})


def test_nothing_is_told_on_the_way(signed_in, participation):
    def look():
        for response in every_page(signed_in, participation):
            assert told(response) == [], response.request["PATH_INFO"]

    look()
    submit(signed_in, participation, "pre-test")
    look()
    attest(signed_in, participation)
    look()
    submit(signed_in, participation, "post-test", wrong=4)
    look()
    submit(signed_in, participation, "post-test", wrong=2)
    look()
    passed = submit(signed_in, participation, "post-test")
    assert TELLTALE in signed_in.get(passed.url).text
    assert TELLTALE in signed_in.get(address("result", participation, "pre-test")).text


def test_the_last_attempt_tells_all(client):
    learner = a_learner()
    client.force_login(learner)
    activity = published(a_document_with_secrets(attempts=2))
    participation = started(activity, learner, at=timezone.now())
    submit(client, participation, "pre-test")
    first = submit(client, participation, "post-test", wrong=4)
    assert TELLTALE not in client.get(first.url).text
    last = submit(client, participation, "post-test", wrong=4)
    page = client.get(last.url).text
    assert TELLTALE in page
    assert "That was the last attempt." in page


def test_options_and_their_fields_do_not_differ_by_truth(signed_in, participation):
    """With its text and its value taken away, the markup of each option is the same."""
    page = signed_in.get(address("step", participation, "pre-test")).text
    labels = [label.split("</label>")[0] for label in page.split('<label class="option">')[1:]]
    bare = {
        label.replace(f'value="{key}"', "").split("<span>")[0].replace(f"item-{item}", "")
        for label in labels
        for key, item in [(label.split('value="')[1][0], label.split('name="item-')[1].split('"')[0])]
    }
    assert len(labels) == 6
    assert len(bare) == 1


def test_the_stripped_view_is_all_that_a_test_page_gets(signed_in, participation):
    response = signed_in.get(address("step", participation, "pre-test"))
    for context in response.context:
        for value in context.flatten().values():
            items = getattr(value, "items", ())
            if isinstance(items, tuple):
                assert not any(item.keys for item in items if isinstance(item, Item))


def test_the_marker_would_be_found():
    assert told(type("Response", (), {"text": an_item("q").rationale})) == []
    assert told(type("Response", (), {"text": f"<p>{TELLTALE} of q.</p>"})) == [TELLTALE]
