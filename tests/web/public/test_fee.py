"""A fee that is not stated is said to be that; nothing is taken to be free."""

import pytest
from django.urls import reverse
from tests.factories.documents import a_document
from tests.factories.learning import published

from opencme.activities.document import Fee

pytestmark = pytest.mark.django_db


def page_of(client, document):
    activity = published(document)
    return client.get(reverse("activity", args=[activity.uuid, activity.slug])).content.decode()


def test_an_unstated_fee_is_not_called_free(client):
    page = page_of(client, a_document(fee=Fee()))
    assert "not stated" in page
    assert "isAccessibleForFree" not in page
    assert "free" not in page.partition('class="activity__action"')[2].partition("</div>")[0]


def test_a_free_activity_says_so(client):
    assert '"isAccessibleForFree":true' in page_of(client, a_document())
