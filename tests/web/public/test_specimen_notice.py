"""What a demonstration provider offers is marked wherever it stands, whatever the settings say."""

import pytest
from django.urls import reverse
from tests.factories.learning import a_learner, published, started

NOTICE = "Not for patient care. No credit."

pytestmark = pytest.mark.django_db


def test_the_activity_of_a_demonstration_provider_is_marked(client):
    activity = published()
    page = client.get(reverse("activity", args=[activity.uuid, activity.slug]))
    assert page.content.decode().count(NOTICE) == 2


def test_so_is_its_start_page(client):
    activity = published()
    page = client.get(reverse("start", args=[activity.uuid, activity.slug]))
    assert NOTICE in page.content.decode()


def test_so_is_the_path_through_it(client):
    learner = a_learner()
    participation = started(published(), learner)
    client.force_login(learner)
    page = client.get(reverse("path", args=[participation.uuid]), follow=True)
    assert NOTICE in page.content.decode()


def test_pages_that_show_nothing_of_it_are_not_marked(client):
    assert NOTICE not in client.get(reverse("verify")).content.decode()
