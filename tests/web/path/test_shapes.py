"""Activities of other shapes: several units, no certification, no evaluation, cases, all item kinds."""

from dataclasses import replace

import pytest
from django.utils import timezone
from tests.factories.documents import (
    a_document,
    a_document_of_three_units,
    a_recording_without_certification,
    a_unit,
    an_item,
)
from tests.factories.learning import published, started
from tests.web.path.browsing import address, submit

from opencme.activities.choices import ItemKind
from opencme.activities.document import Option, PreTest, Reading, Vignette
from opencme.learning.models import Attempt

pytestmark = pytest.mark.django_db


@pytest.fixture
def walk(signed_in, learner):
    """Start an activity of this shape; the browser and the participation."""

    def begin(document):
        return signed_in, started(published(document), learner, at=timezone.now())

    return begin


def test_units_in_any_order_and_one_evaluation(walk):
    client, participation = walk(a_document_of_three_units())
    assert client.get(address("path", participation)).url == address("step", participation, "recording-1")
    page = client.get(address("step", participation, "recording-2")).text
    assert "<h1>Webcast 2</h1>" in page
    assert "Step 3 of 8" in page
    passed = submit(client, participation, "post-test-2")
    result = client.get(passed.url).text
    assert "2 of 2. Passed." in result
    assert "Submit evaluation" not in result
    assert "Go on: Webcast 1" in result
    assert f'href="{address("evaluation", participation)}"' in result  # one may claim early
    assert client.get(address("path", participation)).url == address("step", participation, "recording-1")
    submit(client, participation, "post-test-1")
    last = submit(client, participation, "post-test-3")
    assert "Submit evaluation" in client.get(last.url).text
    assert client.get(address("path", participation)).url == address("evaluation", participation)


def test_a_recording_without_certification_says_so_and_ends_there(walk):
    client, participation = walk(a_recording_without_certification())
    content = submit(client, participation, "pre-test").url
    page = client.get(content).text
    assert "This recording is not certified: there is no post-test, no claim and no certificate." in page
    assert "Step 2 of 2" in page
    for key in ("post-test", "evaluation"):
        assert client.get(f"/path/{participation.uuid}/{key}/").status_code == 404
    assert "Your answers are kept." in client.get(address("result", participation, "pre-test")).text


def test_without_an_evaluation_the_result_leads_to_the_claim(walk):
    client, participation = walk(a_document(evaluation=None))
    submit(client, participation, "pre-test")
    result = client.get(submit(client, participation, "post-test").url).text
    assert "Claim your credit" in result
    assert "Submit evaluation" not in result
    assert client.get(address("evaluation", participation)).status_code == 404


def test_a_unit_that_is_only_read(walk):
    unit = a_unit(
        pre_test=None, recordings=(), readings=(Reading(key="text", minutes=6, text="Read **this**."),)
    )
    client, participation = walk(a_document(units=(unit,)))
    where = client.get(address("path", participation)).url
    assert where == address("step", participation, "text")
    page = client.get(where).text
    assert "<strong>this</strong>" in page
    assert "<video" not in page
    assert "Submit post-test" in page


CASE = Vignette(key="case", title="The patient", text="A woman of 52.")


def test_items_of_a_case_stand_beside_it_once(walk):
    keys = ("q1", "q2", "q3")
    items = tuple(an_item(key, vignette="case" if key != "q1" else None) for key in keys)
    unit = a_unit(pre_test=PreTest(key="pre-test", items=keys, minutes=5))
    document = a_document()
    client, participation = walk(
        replace(document, units=(unit,), items=(*document.items, *items), vignettes=(CASE,))
    )
    page = client.get(address("step", participation, "pre-test")).text
    assert page.count("A woman of 52.") == 1
    before, beside = page.split('class="with-case"')
    assert 'id="item-q1"' in before
    assert 'id="item-q2"' in beside
    assert 'id="item-q3"' in beside


def test_every_kind_of_item_is_asked_and_scored(walk):
    truth = (Option(key="true", text="True", is_key=True), Option(key="false", text="False"))
    several = (
        Option(key="a", text="A", is_key=True),
        Option(key="b", text="B", is_key=True),
        Option(key="c", text="C"),
    )
    items = (
        an_item("one"),
        an_item("truth", kind=ItemKind.TRUE_FALSE, options=truth),
        an_item("several", kind=ItemKind.MULTIPLE, options=several),
    )
    unit = a_unit(pre_test=PreTest(key="pre-test", items=("one", "truth", "several"), minutes=5))
    document = a_document()
    client, participation = walk(replace(document, units=(unit,), items=(*document.items, *items)))
    page = client.get(address("step", participation, "pre-test")).text
    assert page.count('type="radio"') == 3 + 2
    assert page.count('type="checkbox"') == 3
    assert page.count("Choose all that fit") == 1
    submit(client, participation, "pre-test")
    assert Attempt.objects.get().score == 3


def test_markup_of_authors_is_cleaned(walk):
    item = an_item(
        "q",
        stem="Is <script>x</script> *this* safe?",
        options=(
            Option(key="a", text="<img src=x onerror=y>", is_key=True),
            Option(key="b", text="B & C"),
        ),
    )
    unit = a_unit(pre_test=PreTest(key="pre-test", items=("q",), minutes=5))
    document = a_document()
    client, participation = walk(replace(document, units=(unit,), items=(*document.items, item)))
    page = client.get(address("step", participation, "pre-test")).text
    assert "<script>x" not in page
    assert "<img src=x" not in page
    assert "<em>this</em>" in page
    assert "B &amp; C" in page
