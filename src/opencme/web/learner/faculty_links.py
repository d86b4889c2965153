"""Addresses of faculty pages by person key, read once for each revision and process."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.cache import caches
from django.urls import reverse

from opencme.activities.models import Activity
from opencme.providers.models import Person


def faculty_links(activity: Activity) -> Mapping[str, str]:
    """The faculty page of each person in control of the activity's content.

    A person's row is made at publication and keeps its uuid, so the answer holds for a revision;
    an old slug in an address is redirected.
    """
    if activity.current_revision is None:
        return {}
    cache = caches["immutable"]
    key = f"faculty-links:{activity.pk}:{activity.current_revision.sha256}"
    links: dict[str, str] | None = cache.get(key)
    if links is None:
        people = Person.objects.filter(role_assignments__activity=activity).distinct()
        links = {
            person.key: reverse("faculty", args=[person.uuid, person.slug])
            for person in people.only("key", "uuid", "slug")
        }
        cache.set(key, links)
    return links
