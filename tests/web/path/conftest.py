"""A learner in a browser, on the way through an activity that demands most of its recording."""

import pytest
from django.utils import timezone
from tests.factories.documents import a_document, a_recording, a_unit
from tests.factories.learning import a_learner, published, started


@pytest.fixture
def document():
    return a_document(units=(a_unit(recordings=(a_recording(demanded_percent=85),)),))


@pytest.fixture
def learner(db):
    return a_learner()


@pytest.fixture
def signed_in(client, learner):
    client.force_login(learner)
    return client


@pytest.fixture
def activity(db, document):
    return published(document)


@pytest.fixture
def participation(learner, activity):
    return started(activity, learner, at=timezone.now())
