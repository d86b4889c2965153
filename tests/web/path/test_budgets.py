"""How many statements a page of the path costs, with session and user, the same at 1 and 50 rows."""

import re
from dataclasses import replace
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.factories.documents import a_document, a_recording, a_unit, an_item
from tests.factories.learning import a_learner, published, right_answers, started
from tests.web.path.browsing import address, attest, send_json, submit

from opencme.activities.document import PostTest, PreTest
from opencme.learning.models import Attempt

pytestmark = pytest.mark.django_db

COUNTED = re.compile(r"^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
PATH_PAGE, SAVING, SUBMITTING = 4, 4, 9


class Counted(CaptureQueriesContext):
    """The statements inside, without transaction control."""

    def __init__(self):
        super().__init__(connection)

    @property
    def statements(self):
        return [one["sql"] for one in self.captured_queries if COUNTED.match(one["sql"])]


def of_size(count):
    """An activity with so many items in each test, and attempts limited, which costs one more."""
    keys = [f"{kind}-{number}" for kind in ("pre", "post") for number in range(count)]
    unit = a_unit(
        pre_test=PreTest(key="pre-test", items=tuple(keys[:count]), minutes=5),
        recordings=(a_recording(demanded_percent=85),),
        post_test=PostTest(key="post-test", items=tuple(keys[count:]), minutes=10, pass_mark=1, attempts=60),
    )
    return a_document(units=(unit,), items=tuple(an_item(key) for key in keys))


def others_are_on_the_way(activity, count):
    """Rows of other learners must not cost anything."""
    for _ in range(count):
        started(activity, a_learner(), at=timezone.now())


def a_walker(count):
    """A signed-in learner, in an activity of so many items that so many others have started too."""
    document = of_size(count)
    activity, learner = published(replace(document, uuid=uuid4())), a_learner()
    others_are_on_the_way(activity, count)
    client = Client()
    client.force_login(learner)
    client.get("/")  # templates, translations and the document are read once per process
    participation = started(activity, learner, at=timezone.now())
    client.get(address("step", participation, "pre-test"))
    return client, participation


@pytest.fixture(params=[1, 50])
def walker(request):
    return a_walker(request.param)


def cost(act):
    with Counted() as found:
        response = act()
    assert response.status_code in {200, 302}, response.status_code
    return len(found.statements), found.statements


def assert_within(budget, act):
    number, statements = cost(act)
    assert number <= budget, "\n".join(statements)
    return number


def walk_costs(client, participation):
    """The cost of each page on the whole way."""
    costs = {}

    def visit(name, *args):
        url = address(name, participation, *args)
        costs[name, *args, len(costs)] = assert_within(PATH_PAGE, lambda: client.get(url))

    visit("path")
    visit("step", "pre-test")
    submit(client, participation, "pre-test")
    visit("step", "recording")
    attest(client, participation)
    visit("step", "recording")
    visit("step", "recording")
    visit("step", "post-test")
    submit(client, participation, "post-test")
    visit("result", "pre-test")
    visit("result", "post-test")
    visit("evaluation")
    visit("plan")
    client.post(address("evaluation", participation), {"q-met-o1": "4", "q-barrier": "time"})
    visit("evaluation")
    visit("plan")
    visit("path")
    return costs


def test_path_pages_cost_the_same_at_1_and_at_50_rows():
    assert walk_costs(*a_walker(1)) == walk_costs(*a_walker(50))


def test_the_first_visit_of_a_test_begins_an_attempt_within_the_budget(walker):
    client, participation = walker
    Attempt.objects.all().delete()
    assert_within(PATH_PAGE, lambda: client.get(address("step", participation, "pre-test")))


def test_saving_an_answer(walker):
    client, participation = walker
    attempt = Attempt.objects.get(participation=participation)
    number = assert_within(
        SAVING,
        lambda: send_json(
            client,
            "save_answer",
            participation,
            "pre-test",
            attempt=str(attempt.uuid),
            item="pre-0",
            value=["a"],
            n=1,
            age_ms=0,
        ),
    )
    assert number == SAVING


@pytest.mark.parametrize("step", ["pre-test", "post-test"])
def test_submitting(walker, step):
    client, participation = walker
    if step == "post-test":
        submit(client, participation, "pre-test")
        attest(client, participation)
        client.get(address("step", participation, step))
    attempt = Attempt.objects.get(participation=participation, submitted_at=None)
    document = of_size(attempt.items)
    answers = right_answers(document, step)
    data = {f"item-{key}": value for key, value in answers.items()} | {"attempt": attempt.uuid}
    assert_within(SUBMITTING, lambda: client.post(address("step", participation, step), data))


def test_many_attempts_cost_no_more(walker):
    client, participation = walker
    submit(client, participation, "pre-test")
    attest(client, participation)
    for _ in range(50):
        submit(client, participation, "post-test", wrong=50)
    url = address("result", participation, "post-test")
    assert_within(PATH_PAGE, lambda: client.get(url))


def test_a_beat(walker):
    client, participation = walker
    submit(client, participation, "pre-test")
    beat = {"played": [[0, 1000]], "position_ms": 1000}
    send_json(client, "beat", participation, "recording", **beat)
    assert_within(6, lambda: send_json(client, "beat", participation, "recording", **beat))
